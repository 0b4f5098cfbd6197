//! Control probes: whether a mirror is up, and whether it tells what is there from what is not.
//!
//! A project that everybody has must be there with a file; a name and a file that nobody has must not be.  Without both
//! no answer of the mirror says anything.

use venin_intel::claim::{Digest, Moment};
use venin_intel::http::Fetch;

use super::file::{Address, AddressOrigin, Checking, FileProbe, Proof, probe_file};
use super::page::{PageSeen, probe_page};
use super::target::{FileScheme, Habits, MirrorTarget};
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
    /// How the mirror behaves.
    pub habits: Habits,
}

/// Asks for the controls; `now` makes the absent name another one every time, so that no cache has it.
#[must_use]
pub fn probe_controls(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    controls: &Controls,
    now: Moment,
) -> ControlReading {
    let nonce = Digest::of(format!("{} {}", mirror.id, now.micros()).as_bytes());
    let (mut habits, mut reasons) = (Habits::default(), Vec::new());
    match find_present(http, mirror, controls) {
        Ok(scheme) => habits.scheme = scheme,
        Err(failures) => reasons = failures,
    }
    if reasons.is_empty() {
        let absent = probe_absent_page(http, mirror, nonce);
        habits.absent_page = absent.unwrap_or_else(|reason| {
            reasons.push(reason);
            None
        });
        let absent = probe_absent_file(http, mirror, nonce, &habits.scheme);
        habits.absent_file = absent.unwrap_or_else(|reason| {
            reasons.push(reason);
            None
        });
    }
    let seen = if reasons.is_empty() { ControlSeen::Well } else { ControlSeen::Failed };
    ControlReading { seen, reasons, habits }
}

fn control_name(nonce: Digest) -> String {
    format!("venin-control-{}", nonce.to_string().get(..16).unwrap_or_default())
}

/// The scheme of the first control project that is there; or why none is.
fn find_present(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    controls: &Controls,
) -> Result<FileScheme, Vec<String>> {
    let mut failures = Vec::new();
    for name in &controls.present {
        match probe_present(http, mirror, name) {
            Ok(scheme) => return Ok(scheme),
            Err(reason) => failures.push(format!("{name}: {reason}")),
        }
    }
    if failures.is_empty() {
        failures.push("no control project is given".to_owned());
    }
    Err(failures)
}

/// The status for a project that nobody has; none where the mirror leads elsewhere.
fn probe_absent_page(http: &dyn Fetch, mirror: &MirrorTarget, nonce: Digest) -> Result<Option<u16>, String> {
    let page = probe_page(http, mirror, &control_name(nonce), &Habits::default());
    match page.seen {
        PageSeen::Absent => Ok(Some(page.status)),
        PageSeen::Unknown(_) if is_refusal(page.status) => Ok(Some(page.status)),
        PageSeen::Elsewhere(_) => Ok(None),
        PageSeen::Files(_) => Err("it has a page for a project that does not exist".to_owned()),
        PageSeen::Unknown(reason) => {
            Err(format!("no plain answer for a project that does not exist: {reason}"))
        }
    }
}

/// The status for a file that nobody has; none where the mirror leads elsewhere.
fn probe_absent_file(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    nonce: Digest,
    scheme: &FileScheme,
) -> Result<Option<u16>, String> {
    let (name, blake2) = (control_name(nonce), Blake2(nonce.0));
    let file_name = "venin-control-1.0.tar.gz";
    let at_scheme = mirror.at_scheme(scheme, &name, file_name, Some(nonce), Some(blake2));
    let url = at_scheme.or_else(|| mirror.file(&blake2.path(file_name)));
    let url = url.ok_or("no address for a file that does not exist")?;
    let address = Address { url, origin: AddressOrigin::Scheme };
    let probe = ask_presence(http, mirror, &address);
    match probe.seen {
        FileSeen::Absent => Ok(Some(probe.status)),
        FileSeen::Unknown if is_refusal(probe.status) => Ok(Some(probe.status)),
        FileSeen::Elsewhere => Ok(None),
        FileSeen::Unknown => Err(format!(
            "no plain answer for a file that does not exist: {}",
            probe.reason.unwrap_or_default()
        )),
        _ => Err("it serves a file that does not exist".to_owned()),
    }
}

/// Whether a status says that there is nothing, and not that one asks too much.
const fn is_refusal(status: u16) -> bool {
    matches!(status, 400..=499) && status != 429
}

/// Whether a project that everybody has is there with a file, and where the mirror keeps such files.
fn probe_present(http: &dyn Fetch, mirror: &MirrorTarget, name: &str) -> Result<FileScheme, String> {
    let files = match probe_page(http, mirror, name, &Habits::default()).seen {
        PageSeen::Files(files) => files,
        PageSeen::Elsewhere(_) => return Ok(FileScheme::Unknown),
        PageSeen::Absent => return Err("a project that everybody has is missing".to_owned()),
        PageSeen::Unknown(reason) => return Err(reason),
    };
    let Some(file) = files.last() else { return Err("its page lists no file".to_owned()) };
    let address = Address { url: file.url.clone(), origin: AddressOrigin::Page };
    let probe = ask_presence(http, mirror, &address);
    match probe.seen {
        FileSeen::Served | FileSeen::Same => Ok(FileScheme::of_file(&mirror.page(name), &file.url)),
        FileSeen::Elsewhere => Ok(FileScheme::Unknown),
        FileSeen::Absent => Err("a file of a project that everybody has is missing".to_owned()),
        _ => Err(probe.reason.unwrap_or_default()),
    }
}

fn ask_presence(http: &dyn Fetch, mirror: &MirrorTarget, address: &Address) -> FileProbe {
    probe_file(http, mirror, address, None, Proof::Name, Checking::Presence, &Habits::default())
}
