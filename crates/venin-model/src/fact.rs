//! Facts: observations that are no call.

use std::sync::Arc;

use crate::Site;

/// An observation that is no call: metadata, a name, an archive anomaly, a native import table, a YARA match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// Dotted kind, lower case with dashes: `archive.duplicate-name`, `metadata.no-description`, `yara.match`.
    pub kind: Arc<str>,
    /// What was observed, one sentence without a full stop.
    pub message: Arc<str>,
    /// Where; a fact about the whole artifact has none.
    pub site: Option<Site>,
    /// Named details that rules can test, in ascending order of name: `("rule", "beacon")`, `("ratio", "812")`.
    pub details: Vec<(Arc<str>, Arc<str>)>,
}

impl Fact {
    /// A fact about the whole artifact.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<Arc<str>>) -> Self {
        Self { kind: Arc::from(kind), message: message.into(), site: None, details: Vec::new() }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, site: Site) -> Self {
        self.site = Some(site);
        self
    }

    /// The same, with one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Arc<str>>) -> Self {
        self.details.push((Arc::from(name), value.into()));
        self.details.sort();
        self
    }

    /// A detail by name.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|(n, _)| &**n == name).map(|(_, v)| &**v)
    }
}
