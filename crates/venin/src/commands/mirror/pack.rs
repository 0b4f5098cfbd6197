//! `venin mirror report`: the private pack for one operator.

use std::path::Path;

use venin_mirror::report::Pack;

use super::remote::{Extent, Remote, Start, progress};
use super::sought::read_known;
use super::text::count_of;
use super::{observed_now, tree};
use crate::cli::{MirrorReportArgs, TalkArgs};
use crate::commands::output::Output;
use crate::diagnostics::{Talk, hinted, plain_cause};
use crate::exit::Exit;
use crate::intel::open_store;

/// Audits one mirror and writes the pack.
///
/// # Errors
/// Nothing is known, the mirror cannot be audited, or the folder cannot be written.
pub(super) fn run(args: &MirrorReportArgs, words: TalkArgs, talk: Talk) -> anyhow::Result<Exit> {
    let known = read_known(&args.sought)?;
    let mut store = open_store(&args.sought.store)?;
    let folder = Path::new(&args.mirror);
    let (pack, is_incomplete) = if folder.is_dir() {
        let id = tree::folder_id(folder, args.id.as_deref())?;
        let audit = tree::audit_folder(folder, &known, args.depth.depth)?;
        tree::keep(&mut store, &id, &audit)?;
        let plan = tree::plan_folder(folder, &audit, args.trust)?;
        (Pack::of_local(&id, &audit, plan, observed_now()), !audit.gaps.is_empty())
    } else {
        let mirrors = std::slice::from_ref(&args.mirror);
        let remote = Remote::new(mirrors, args.id.as_deref(), &args.ask, &args.config, &known)?;
        let extent = Extent { most: None, start: Start::Anew };
        let audited = remote.run(&mut store, &known, extent, &progress(words.quiet), talk)?;
        for mirror in &audited.report.mirrors {
            mirror.reasons.iter().for_each(|reason| talk.warning(reason));
        }
        let pack = Pack::of_remote(remote.first_id(), &audited.findings, observed_now());
        (pack, audited.report.is_incomplete())
    };
    pack.write_folder(&args.output).map_err(|error| {
        let message = format!("cannot write `{}`: {}", args.output.display(), plain_cause(&error));
        hinted(message, "name a folder that can be written with --output")
    })?;
    let mut output = Output::stdout();
    let rows = count_of(pack.rows.len() as u64, "known file", "known files");
    output.write(&format!(
        "{rows} still there, {} not judged; the pack is in {}, for the operator alone\n",
        pack.unknown,
        args.output.display()
    ))?;
    output.finish()?;
    Ok(match (pack.rows.is_empty(), is_incomplete || pack.unknown > 0) {
        (false, _) => Exit::Found,
        (true, true) => Exit::Incomplete,
        (true, false) => Exit::Nothing,
    })
}
