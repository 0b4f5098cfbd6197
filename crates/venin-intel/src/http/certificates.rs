//! Whom TLS trusts.

use std::path::Path;

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use super::FetchError;

/// The certificates of a file, or those of the system.  A directory of certificates is left to the system.
pub(super) fn read_certificates(file: Option<&Path>) -> Result<RootCerts, FetchError> {
    let Some(path) = file.filter(|path| !path.is_dir()) else { return Ok(RootCerts::PlatformVerifier) };
    let failed = |detail: String| FetchError::Tls { url: path.display().to_string(), detail };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let of_item = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem).filter_map(of_item).collect();
    if certificates.is_empty() {
        return Err(failed("the file holds no certificate".to_owned()));
    }
    Ok(RootCerts::from(certificates))
}
