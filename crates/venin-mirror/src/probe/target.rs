//! A mirror as it is asked: its addresses and the hosts that are its own.

use venin_intel::index::HttpUrl;
use venin_package::parse_file_name;

use super::file::{Address, AddressOrigin};
use crate::known::KnownFile;

/// A mirror to audit.
#[derive(Debug, Clone)]
pub struct MirrorTarget {
    /// The operator's identifier, as in the list of mirrors: the name of the surface.
    pub id: String,
    /// The address below which projects have their pages; from the user's configuration.
    pub index: HttpUrl,
    /// Further hosts (`host` or `host:port`) that belong to the mirror, such as one for its files.
    pub own_hosts: Vec<String>,
}

/// How a mirror answers for what is not there, learned from the controls: some say 403 or 451 instead of 404.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AbsentAnswers {
    /// For a project that does not exist.
    pub page: Option<u16>,
    /// For a file that does not exist.
    pub file: Option<u16>,
}

/// `host` or `host:port` of an address.
pub(super) fn host_of(url: &HttpUrl) -> String {
    let url = url.request_url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

impl MirrorTarget {
    /// The page of a project; the name is normalized.
    #[must_use]
    pub fn page(&self, name: &str) -> HttpUrl {
        self.index.directory(name)
    }

    /// Whether an address is on a host of the mirror.
    #[must_use]
    pub fn is_own(&self, url: &HttpUrl) -> bool {
        let host = host_of(url);
        host == host_of(&self.index) || self.own_hosts.iter().any(|own| own.eq_ignore_ascii_case(&host))
    }

    /// The host that answers, for whoever must not ask one host twice at a time.
    #[must_use]
    pub fn host(&self) -> String {
        host_of(&self.index)
    }

    /// An address below the folder that holds `simple` and `packages`.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<HttpUrl> {
        self.index.directory("x").join(&format!("../../{path}"))
    }

    /// Where a file that is not listed may lie: at the address made of its digest, or at the one that older tools guess.
    #[must_use]
    pub fn unlisted(&self, known: &KnownFile) -> Option<Address> {
        let file_name = known.subject.file_name()?;
        if let Some(blake2) = known.blake2 {
            let url = self.file(&encoded(&blake2.path(file_name)))?;
            return Some(Address { url, origin: AddressOrigin::Digest });
        }
        let parsed = parse_file_name(file_name)?;
        let letter = parsed.name.chars().next()?;
        let path = format!("packages/source/{letter}/{}/{file_name}", parsed.name);
        Some(Address { url: self.file(&encoded(&path))?, origin: AddressOrigin::Guessed })
    }
}

/// Percent-encodes what may not stand in the path of an address.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+!".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
