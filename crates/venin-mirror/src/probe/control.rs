//! Control probes: whether a mirror is up, and whether it tells what is there from what is not.
//!
//! A project that everybody has must be there with a file; a name and a file that nobody has must not be.  Without both
//! no answer of the mirror says anything.

use venin_intel::claim::{Digest, Moment};
use venin_intel::http::Fetch;

use super::file::{Address, AddressOrigin, Checking, FileProbe, Proof, probe_file};
use super::page::{PageSeen, probe_page};
use super::target::{AbsentAnswers, MirrorTarget};
use crate::known::Blake2;
use crate::verdict::{ControlSeen, FileSeen};

/// The projects that every mirror has, in the order of trial; one of them must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controls {
    /// Normalized names.
    pub present: Vec<String>,
}

/// What the controls said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlReading {
    /// Whether the mirror's answers count.
    pub seen: ControlSeen,
    /// What failed.
    pub reasons: Vec<String>,
    /// How the mirror answers for what is not there.
    pub absent: AbsentAnswers,
}

/// Asks for the controls; `now` makes the absent name another one every time, so that no cache has it.
pub fn probe_controls(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    controls: &Controls,
    now: Moment,
) -> ControlReading {
    let mut reasons = Vec::new();
    let nonce = Digest::of(format!("{} {}", mirror.id, now.micros()).as_bytes());
    let absent = AbsentAnswers {
        page: probe_absent_page(http, mirror, nonce, &mut reasons),
        file: probe_absent_file(http, mirror, nonce, &mut reasons),
    };
    let mut failures = Vec::new();
    let is_present = reasons.is_empty()
        && controls.present.iter().any(|name| match probe_present(http, mirror, name, absent) {
            Ok(()) => true,
            Err(reason) => {
                failures.push(format!("{name}: {reason}"));
                false
            }
        });
    if reasons.is_empty() && !is_present {
        reasons.append(&mut failures);
        if reasons.is_empty() {
            reasons.push("no control project is given".to_owned());
        }
    }
    let seen = if reasons.is_empty() { ControlSeen::Well } else { ControlSeen::Failed };
    ControlReading { seen, reasons, absent }
}

/// The status for a project that nobody has.
fn probe_absent_page(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    nonce: Digest,
    reasons: &mut Vec<String>,
) -> Option<u16> {
    let name = format!("venin-control-{}", nonce.to_string().get(..16).unwrap_or_default());
    let page = probe_page(http, mirror, &name, AbsentAnswers::default());
    match page.seen {
        PageSeen::Absent => return Some(page.status),
        PageSeen::Unknown(_) if matches!(page.status, 400..=499) && page.status != 429 => {
            return Some(page.status);
        }
        PageSeen::Elsewhere(_) => {}
        PageSeen::Files(_) => reasons.push("it has a page for a project that does not exist".to_owned()),
        PageSeen::Unknown(reason) => {
            reasons.push(format!("no plain answer for a project that does not exist: {reason}"));
        }
    }
    None
}

/// The status for a file that nobody has.
fn probe_absent_file(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    nonce: Digest,
    reasons: &mut Vec<String>,
) -> Option<u16> {
    let path = Blake2(nonce.0).path("venin-control-1.0.tar.gz");
    let url = mirror.file(&path)?;
    let address = Address { url, origin: AddressOrigin::Digest };
    let probe = ask_presence(http, mirror, &address, AbsentAnswers::default());
    match probe.seen {
        FileSeen::Absent => return Some(probe.status),
        FileSeen::Unknown if matches!(probe.status, 400..=499) && probe.status != 429 => {
            return Some(probe.status);
        }
        FileSeen::Elsewhere => {}
        FileSeen::Unknown => reasons.push(format!(
            "no plain answer for a file that does not exist: {}",
            probe.reason.unwrap_or_default()
        )),
        _ => reasons.push("it serves a file that does not exist".to_owned()),
    }
    None
}

/// Whether a project that everybody has is there, with a file.
fn probe_present(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    name: &str,
    absent: AbsentAnswers,
) -> Result<(), String> {
    let files = match probe_page(http, mirror, name, absent).seen {
        PageSeen::Files(files) => files,
        PageSeen::Elsewhere(_) => return Ok(()),
        PageSeen::Absent => return Err("a project that everybody has is missing".to_owned()),
        PageSeen::Unknown(reason) => return Err(reason),
    };
    let Some(file) = files.last() else { return Err("its page lists no file".to_owned()) };
    let address = Address { url: file.url.clone(), origin: AddressOrigin::Page };
    let probe = ask_presence(http, mirror, &address, absent);
    match probe.seen {
        FileSeen::Served | FileSeen::Same | FileSeen::Elsewhere => Ok(()),
        FileSeen::Absent => Err("a file of a project that everybody has is missing".to_owned()),
        _ => Err(probe.reason.unwrap_or_default()),
    }
}

fn ask_presence(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    address: &Address,
    absent: AbsentAnswers,
) -> FileProbe {
    probe_file(http, mirror, address, None, Proof::Name, Checking::Presence, absent)
}
