//! Tar, as a stream of 512-byte blocks.
//!
//! The walk follows CPython where readers differ, and goes on where CPython stops: behind the end mark and
//! behind a damaged header.  Whatever another reader could take differently is an anomaly.

mod extension;
mod header;
mod links;
mod walk;

pub(crate) use header::{BLOCK, is_header};

use crate::anomaly::AnomalyKind;
use crate::names::NameIndex;
use crate::session::{Place, Session};
use crate::stream::Unpacked;
use walk::Walk;

/// Reads a tar that is not compressed.
pub(crate) fn read_plain(session: &mut Session<'_>, place: &Place, bytes: &[u8]) {
    let mut source = Unpacked::plain(bytes);
    let foreign = read_tar(session, place, &mut source, &|| Unpacked::plain(bytes));
    if let Some(tail) = foreign.and_then(|at| bytes.get(usize::try_from(at).ok()?..)) {
        session.read_neighbor(place, tail, "what follows the end of the tar");
    }
}

/// Reads a tar from its start.  `fresh` gives the same source again, for links to files of the archive.
/// Returns where bytes that are no tar start behind the end mark.
pub(crate) fn read_tar<'a>(
    session: &mut Session<'_>,
    place: &Place,
    source: &mut Unpacked<'a>,
    fresh: &dyn Fn() -> Unpacked<'a>,
) -> Option<u64> {
    let mut walk = Walk::new(place, source, NameIndex::default());
    walk.run(session);
    let (names, links, foreign) = walk.finish();
    links::read_links(session, place, &names, links, fresh);
    if foreign.is_some() {
        session.note(place, AnomalyKind::DataAfterEnd, None, || {
            "bytes that are no tar follow the end mark".to_owned()
        });
    }
    foreign
}
