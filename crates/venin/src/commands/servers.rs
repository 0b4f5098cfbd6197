//! How servers are reached, the same for every command that asks some: contact, pace, certificates, proxy.
//!
//! Nothing is sent here.

use std::time::Duration;

use venin_intel::http::{PoliteClient, Politeness};

use crate::cli::HttpArgs;
use crate::config::FileConfig;
use crate::diagnostics::hinted;
use crate::index::{IndexOptions, Surroundings, find_way};

/// The index as the command line and the configuration name it.
pub(super) fn index_options(index_url: Option<&str>, config: &FileConfig) -> IndexOptions {
    let configured = config.index_url.clone().map(|url| (url, config.path.display().to_string()));
    IndexOptions { index_url: index_url.map(str::to_owned), configured }
}

/// What the command line, the configuration and the installers' settings say of asking.
pub(super) fn find_politeness(args: &HttpArgs, config: &FileConfig, index: &IndexOptions) -> Politeness {
    let way = find_way(index, &Surroundings::of_process());
    Politeness {
        contact: args.contact.clone().or_else(|| config.contact.clone()),
        pace: Duration::from_secs_f64(args.pace),
        certificates: way.certificates,
        proxy: way.proxy,
        ..Politeness::default()
    }
}

/// The client for every server that is asked.
///
/// # Errors
/// The certificates or the proxy cannot be used.
pub(super) fn connect(politeness: Politeness) -> anyhow::Result<PoliteClient> {
    PoliteClient::new(politeness)
        .map_err(|error| hinted(error.to_string(), "check the proxy (HTTPS_PROXY) and SSL_CERT_FILE"))
}
