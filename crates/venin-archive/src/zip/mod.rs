//! Zip, read twice: by its central directories and by a forward walk over its local headers.
//!
//! Installers differ: pip trusts the directory, uv streams local headers.  The union of what both would
//! unpack is handed over, and each disagreement is an anomaly.

mod compare;
mod decode;
mod directory;
mod extract;
mod records;
mod structure;
mod walk;

pub(crate) use directory::has_directory_at_the_end;

use std::collections::{BTreeMap, BTreeSet};

use venin_model::GapKind;

use crate::anomaly::AnomalyKind;
use crate::names::NameIndex;
use crate::session::{Place, Session};
use compare::{compare_headers, views_of};
use directory::{Directories, find_last_end};
use extract::{Extraction, View};
use walk::{Layout, Walked, walk};

/// Reads a zip: structure first, then the members that any reader could see.
pub(crate) fn read_zip(session: &mut Session<'_>, place: &Place, bytes: &[u8]) {
    let left = session.ledger.budget().members.saturating_sub(session.ledger.members());
    let room = usize::try_from(left).unwrap_or(usize::MAX);
    let mut directories = Directories::default();
    let last = find_last_end(bytes);
    if let Some(end) = &last {
        directories.read_end(bytes, end, room);
    }
    let layout = walk(bytes, &directories.listed, room, &mut session.ledger);
    for end in layout.ends.iter().filter(|end| last.is_none_or(|last| last.at != end.at)) {
        directories.read_end(bytes, end, room);
    }
    structure::read_strays(&mut directories, bytes, &layout, room);
    structure::note_structure(session, place, bytes, &layout, last.as_ref(), &directories);
    read_members(session, place, bytes, &directories, &layout);
    structure::read_neighbors(session, place, bytes, &layout);
}

fn read_members(
    session: &mut Session<'_>,
    place: &Place,
    bytes: &[u8],
    directories: &Directories<'_>,
    layout: &Layout<'_>,
) {
    let walked: BTreeMap<usize, &Walked<'_>> = layout.members.iter().map(|w| (w.local.at, w)).collect();
    let mut extraction = Extraction { place, bytes, names: NameIndex::default(), produced: 0 };
    let mut claimed = BTreeSet::new();
    for listed in &directories.listed {
        if !extraction.may_go_on(session) {
            return;
        }
        let Some((local_at, local)) =
            listed.local_at.and_then(|at| Some((at, records::parse_local(bytes, at)?)))
        else {
            note_central_only(session, place, listed.central.claim.name);
            continue;
        };
        let is_first = claimed.insert(local_at);
        let walked = walked.get(&local_at).copied();
        let differences = compare_headers(&listed.central.claim, &local, walked);
        let views = views_of(&listed.central, &local, walked, &differences, bytes.len());
        // What a header says is read once, however many records point to it.
        for view in views.iter().take(if is_first { views.len() } else { 1 }) {
            extraction.read_view(session, view, &differences);
        }
    }
    let has_end = !layout.ends.is_empty();
    for walked in layout.members.iter().filter(|w| !claimed.contains(&w.local.at)) {
        if !extraction.may_go_on(session) {
            return;
        }
        let kind = has_end.then_some((AnomalyKind::LocalOnly, "no directory lists this member".to_owned()));
        let differences: Vec<_> = kind.into_iter().collect();
        let view = View::of_local(walked);
        extraction.read_view(session, &view, &differences);
        if let Some(name) = walked.local.claim.other_name {
            extraction.read_view(session, &View { name, ..view }, &differences);
        }
    }
}

fn note_central_only(session: &mut Session<'_>, place: &Place, name: &[u8]) {
    if let Some(path) = session.admit(place, name) {
        session.note(place, AnomalyKind::CentralOnly, Some(&path), || {
            "the directory lists it, but no local header is there".to_owned()
        });
        session.gap(&path, GapKind::Unreadable, "the member has no local header");
    }
}
