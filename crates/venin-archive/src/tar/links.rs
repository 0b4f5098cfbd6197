//! Links whose target is a file of the same archive: the link is handed over with that file's content.
//!
//! A `setup.py` that is a link to `data.txt` runs as Python.  The archive is read a second time for it, which
//! is paid from the same budget and happens only where such a link exists.

use std::collections::BTreeMap;

use crate::entry::EntryKind;
use crate::names::NameIndex;
use crate::session::{Member, Place, Session};
use crate::stream::Unpacked;
use crate::tar::walk::Walk;

/// Links that are kept to be followed; those beyond are handed over empty at once.
pub(super) const FOLLOWED: usize = 4096;

/// A link that waits for the content of its target.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) member: Member,
    /// Full path of the target; `None` when it leaves the archive.
    pub(super) target: Option<String>,
}

/// Links by the full path of their target.
pub(super) type Wanted = BTreeMap<String, Vec<Member>>;

/// Hands all links over, with content where the target is a file of the archive.
pub(super) fn read_links<'a>(
    session: &mut Session<'_>,
    place: &Place,
    names: &NameIndex,
    links: Vec<Link>,
    fresh: &dyn Fn() -> Unpacked<'a>,
) {
    let targets: BTreeMap<String, String> =
        links.iter().filter_map(|l| Some((l.member.path.clone(), l.target.clone()?))).collect();
    let mut wanted = Wanted::new();
    let mut unresolved = Vec::new();
    for link in links {
        match follow(&targets, link.target.as_deref()).filter(|t| names.has_file(t)) {
            Some(target) => wanted.entry(target.to_owned()).or_default().push(link.member),
            None => unresolved.push(link.member),
        }
    }
    if !wanted.is_empty() && session.is_open() {
        session.muted(|session| {
            let mut source = fresh();
            let mut walk = Walk::for_links(place, &mut source, wanted);
            walk.run(session);
            unresolved.extend(walk.into_unfound());
        });
    } else {
        unresolved.extend(wanted.into_values().flatten());
    }
    session.muted(|session| {
        for member in &unresolved {
            let member = Member { is_whole: true, ..member.clone() };
            session.deliver(place, &mut NameIndex::default(), &member, b"");
        }
    });
}

/// Goes from link to link to a path that is none; gives up on circles.
fn follow<'t>(targets: &'t BTreeMap<String, String>, first: Option<&'t str>) -> Option<&'t str> {
    const HOPS: usize = 8;

    let mut path = first?;
    for _ in 0..HOPS {
        match targets.get(path) {
            Some(next) => path = next,
            None => return Some(path),
        }
    }
    None
}

/// Whether a member is a link.
pub(super) const fn is_link(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::Symlink { .. } | EntryKind::Hardlink { .. })
}
