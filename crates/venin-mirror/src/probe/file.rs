//! One file on a mirror: its headers, its first byte, and all of it only where that was asked for.

use venin_intel::claim::Digest;
use venin_intel::http::{Fetch, Fetched, Method};
use venin_intel::index::HttpUrl;

use super::ask::{Asked, Question, ask, is_web_page};
use super::target::{Habits, MirrorTarget};
use crate::verdict::FileSeen;

/// How much of a file is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checking {
    /// Headers and one byte.
    Presence,
    /// All of it, up to this many bytes, to be hashed and dropped.
    Bytes(u64),
}

/// Where an address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressOrigin {
    /// The project's page.
    Page,
    /// The mirror's own scheme, learned from the controls.
    Scheme,
    /// Guessed as older tools do: that nothing is there says nothing.
    Guessed,
}

/// Where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub url: HttpUrl,
    /// Where it comes from.
    pub origin: AddressOrigin,
}

venin_model::spelled_enum! {
    /// What ties a served file to the known one; the first is the strongest.
    pub enum Proof {
        /// Its bytes were hashed.
        Bytes = "bytes",
        /// Its address is made of its digest.
        Address = "address",
        /// The page announces the known digest.
        Announced = "announced",
        /// Its name.
        Name = "name",
    }
}

/// What was seen of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProbe {
    /// What it comes to.
    pub seen: FileSeen,
    /// The address asked, without credentials; empty when none was.
    pub url: String,
    /// The HTTP status of the last answer; 0 without one.
    pub status: u16,
    /// The host that the mirror sends its users to.
    pub redirect: Option<String>,
    /// The digest of the bytes, where all of them were fetched.
    pub sha256: Option<Digest>,
    /// What ties it to the known file, where it is served.
    pub proof: Option<Proof>,
    /// Why nothing can be said.
    pub reason: Option<String>,
}

impl FileProbe {
    /// No address is known.
    #[must_use]
    pub const fn without_address() -> Self {
        Self {
            seen: FileSeen::NoAddress,
            url: String::new(),
            status: 0,
            redirect: None,
            sha256: None,
            proof: None,
            reason: None,
        }
    }

    fn unknown(mut self, reason: impl Into<String>) -> Self {
        self.seen = FileSeen::Unknown;
        self.reason = Some(reason.into());
        self
    }
}

/// Asks for a file: headers, then one byte, then all of it where `checking` says so.
///
/// `wanted` is the known digest, and `weakest` what ties the file to it if its bytes are not fetched.
pub fn probe_file(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    address: &Address,
    wanted: Option<Digest>,
    weakest: Proof,
    checking: Checking,
    habits: &Habits,
) -> FileProbe {
    let mut probe = FileProbe { url: address.url.to_string(), ..FileProbe::without_address() };
    for (method, range) in [(Method::Head, None), (Method::Get, Some("bytes=0-0"))] {
        let headers = range.map(|range| ("range", range.to_owned())).into_iter().collect();
        let question = Question { method, headers, most_bytes: 1 };
        let fetched = match ask(http, mirror, &address.url, &question) {
            Asked::Failed(reason) => return probe.unknown(reason),
            Asked::Elsewhere(host) => {
                return FileProbe { seen: FileSeen::Elsewhere, redirect: Some(host), ..probe };
            }
            Asked::Answer(fetched, _) => fetched,
        };
        probe.status = fetched.status;
        match fetched.status {
            // A range of an empty file cannot be satisfied; the file is there all the same.
            200 | 206 | 416 => {}
            // Some servers have no HEAD: the next question decides.
            400 | 403 | 405 | 501 if method == Method::Head => continue,
            404 | 410 | 451 => return FileProbe { seen: FileSeen::Absent, ..probe },
            status if habits.absent_file == Some(status) => {
                return FileProbe { seen: FileSeen::Absent, ..probe };
            }
            status => return probe.unknown(format!("HTTP {status}")),
        }
        if is_web_page(&fetched) || fetched.body.first() == Some(&b'<') {
            return probe.unknown("a web page instead of the file");
        }
    }
    match checking {
        Checking::Presence => FileProbe { seen: FileSeen::Served, proof: Some(weakest), ..probe },
        Checking::Bytes(most) => compare_bytes(http, mirror, address, wanted, weakest, most, probe),
    }
}

/// Fetches all of a file, hashes it and drops it.
fn compare_bytes(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    address: &Address,
    wanted: Option<Digest>,
    weakest: Proof,
    most_bytes: u64,
    probe: FileProbe,
) -> FileProbe {
    // An encoding for the transport would change the bytes of some servers' archives.
    let headers = vec![("accept-encoding", "identity".to_owned())];
    let question = Question { method: Method::Get, headers, most_bytes };
    let fetched = match ask(http, mirror, &address.url, &question) {
        Asked::Failed(reason) => return probe.unknown(reason),
        Asked::Elsewhere(host) => {
            return FileProbe { seen: FileSeen::Elsewhere, redirect: Some(host), ..probe };
        }
        Asked::Answer(fetched, _) => fetched,
    };
    if fetched.status != 200 {
        let status = fetched.status;
        return FileProbe { status, ..probe }
            .unknown(format!("HTTP {status} where headers said it is there"));
    }
    if fetched.is_cut {
        let reason = Some(format!("larger than {most_bytes} bytes; not compared"));
        return FileProbe { seen: FileSeen::Served, proof: Some(weakest), reason, ..probe };
    }
    judge_bytes(&fetched, wanted, probe)
}

fn judge_bytes(fetched: &Fetched, wanted: Option<Digest>, probe: FileProbe) -> FileProbe {
    let sha256 = Digest::of(&fetched.body);
    let (seen, proof) = match wanted {
        Some(wanted) if wanted == sha256 => (FileSeen::Same, Some(Proof::Bytes)),
        Some(_) => (FileSeen::Other, None),
        None => (FileSeen::Served, Some(Proof::Name)),
    };
    FileProbe { seen, proof, sha256: Some(sha256), ..probe }
}
