//! `[[source]]`: what is collected.

use serde::Deserialize;

/// Something that `venin collect` takes in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConfiguredSource {
    /// The form of the input: a connector's name.
    pub(crate) id: String,
    /// A path, below the folder of the configuration unless it is absolute, or an address.
    pub(crate) input: String,
    /// The name of the source in the claims.
    #[serde(rename = "as")]
    pub(crate) named: Option<String>,
}
