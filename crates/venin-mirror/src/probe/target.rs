//! A mirror as it is asked: its addresses and the hosts that are its own.

use venin_intel::claim::Digest;
use venin_intel::index::{HttpUrl, encode_path};
use venin_package::parse_file_name;

use super::file::{Address, AddressOrigin};
use crate::known::{Blake2, KnownFile};

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

/// How a mirror behaves, learned from the controls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Habits {
    /// The status for a project that does not exist: some say 403 or 451 instead of 404.
    pub absent_page: Option<u16>,
    /// The status for a file that does not exist.
    pub absent_file: Option<u16>,
    /// Where it keeps files.
    pub scheme: FileScheme,
}

/// Where a mirror keeps files, so that one that is not listed can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FileScheme {
    /// Below this address at `ab/cd/REST/FILE`, the digits of BLAKE2b-256: bandersnatch and the file host itself.
    Blake2(HttpUrl),
    /// Below this address at `abc/DIGITS/FILE`, the first 3 and the next 13 digits of SHA-256: devpi.
    Sha256(HttpUrl),
    /// Below the project's page: proxpi and plain trees.
    BesidePage,
    /// Not known: that a guessed address has nothing says nothing.
    #[default]
    Unknown,
}

impl FileScheme {
    /// Reads the scheme off the address of a file and that of the page that lists it.
    #[must_use]
    pub fn of_file(page: &HttpUrl, file: &HttpUrl) -> Self {
        let path = file.request_url();
        let path = path.split('?').next().unwrap_or_default();
        let folders: Vec<&str> = path.rsplit('/').skip(1).take(3).collect();
        let is_hex =
            |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
        if Blake2::of_path(path).is_some() {
            return file.join("../../../").map_or(Self::Unknown, Self::Blake2);
        }
        if let [rest, first, "+f"] = folders.as_slice()
            && is_hex(rest, 13)
            && is_hex(first, 3)
        {
            return file.join("../../").map_or(Self::Unknown, Self::Sha256);
        }
        let is_beside = page.join("x").zip(file.join("x")).is_some_and(|(page, file)| page == file);
        if is_beside { Self::BesidePage } else { Self::Unknown }
    }
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

    /// Where a file that is not listed lies by the mirror's scheme, or may lie by what is customary.
    #[must_use]
    pub fn unlisted(&self, known: &KnownFile, scheme: &FileScheme) -> Option<Address> {
        let (name, file_name) = (known.subject.name(), known.subject.file_name()?);
        if let Some(url) = self.at_scheme(scheme, name, file_name, known.subject.sha256(), known.blake2) {
            return Some(Address { url, origin: AddressOrigin::Scheme });
        }
        let path = match known.blake2 {
            Some(blake2) => blake2.path(file_name),
            None => {
                let parsed = parse_file_name(file_name)?;
                let letter = parsed.name.chars().next()?;
                format!("packages/source/{letter}/{}/{file_name}", parsed.name)
            }
        };
        Some(Address { url: self.file(&encode_path(&path))?, origin: AddressOrigin::Guessed })
    }

    /// Where the scheme puts a file; `None` when it needs a digest that is not known.
    pub(super) fn at_scheme(
        &self,
        scheme: &FileScheme,
        name: &str,
        file_name: &str,
        sha256: Option<Digest>,
        blake2: Option<Blake2>,
    ) -> Option<HttpUrl> {
        match scheme {
            FileScheme::Blake2(base) => {
                let path = blake2?.path(file_name);
                base.join(&encode_path(path.strip_prefix("packages/").unwrap_or(&path)))
            }
            FileScheme::Sha256(base) => {
                let digits = sha256?.to_string();
                base.join(&encode_path(&format!("{}/{}/{file_name}", digits.get(..3)?, digits.get(3..16)?)))
            }
            FileScheme::BesidePage => self.page(name).join(&encode_path(file_name)),
            FileScheme::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_off_the_files_that_a_page_lists() {
        let page = HttpUrl::parse("https://m.example/simple/a/").unwrap();
        let at = |reference: &str| FileScheme::of_file(&page, &page.join(reference).unwrap());
        let base = |url: &str| HttpUrl::parse(url).unwrap();
        let digest = format!("../../packages/ab/cd/{}/a-1.zip", "e".repeat(60));
        assert_eq!(at(&digest), FileScheme::Blake2(base("https://m.example/packages/")));
        let devpi = "/root/mirror/+f/abc/0123456789abc/a-1.zip";
        assert_eq!(at(devpi), FileScheme::Sha256(base("https://m.example/root/mirror/+f/")));
        assert_eq!(at("a-1.zip"), FileScheme::BesidePage);
        assert_eq!(at("../../files/a-1.zip"), FileScheme::Unknown);
    }
}
