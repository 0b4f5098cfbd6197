//! What is looked for: the event store, a block list, or both.

use std::path::Path;

use venin_intel::known::BlockList;
use venin_mirror::gather::{known_of_list, known_of_store};
use venin_mirror::known::KnownSet;

use crate::cli::SoughtArgs;
use crate::diagnostics::{hinted, plain_cause};
use crate::intel::{has_store, read_store};

/// Gathers what is known.
///
/// # Errors
/// A source cannot be read, or knows nothing.
pub(super) fn read_known(args: &SoughtArgs) -> anyhow::Result<KnownSet> {
    let mut files = match &args.block_list {
        Some(path) => known_of_list(&read_block_list(path)?),
        None => Vec::new(),
    };
    // A block list alone is enough; without one, a missing store is an error that says so.
    if args.block_list.is_none() || has_store(&args.store) {
        files.extend(known_of_store(&read_store(&args.store)?)?);
    }
    if files.is_empty() {
        return Err(hinted(
            "nothing is known that could be looked for",
            "`venin collect` fills the event store; --block-list names a list",
        ));
    }
    Ok(KnownSet::new(files))
}

fn read_block_list(path: &Path) -> anyhow::Result<BlockList> {
    let fail = |why: String| {
        let hint = "--block-list takes what `venin store export block-list` wrote";
        hinted(format!("cannot read the block list `{}`: {why}", path.display()), hint)
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(plain_cause(&error)))?;
    BlockList::parse(&text).map_err(|error| fail(error.to_string()))
}
