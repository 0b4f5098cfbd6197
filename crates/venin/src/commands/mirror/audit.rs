//! `venin mirror audit`.

use std::num::NonZeroUsize;
use std::path::Path;

use venin_mirror::known::KnownSet;
use venin_mirror::summary::{AuditReport, MirrorReport};
use venin_report::render_shape;

use super::remote::{Extent, Remote, Start, progress};
use super::sought::read_known;
use super::text::{render_audit, render_plan_shape, render_sweep_plan};
use super::{observed_now, tree};
use crate::cli::{MirrorAuditArgs, RulesFormat, TalkArgs};
use crate::commands::output::Output;
use crate::diagnostics::Talk;
use crate::exit::Exit;
use crate::intel::{has_store, open_store, read_store};

/// Looks for what is known, over HTTP or in a folder.
///
/// # Errors
/// Nothing is known, a mirror is named wrongly, or the store cannot be used.
pub(super) fn run(args: &MirrorAuditArgs, words: TalkArgs, talk: Talk) -> anyhow::Result<Exit> {
    let known = read_known(&args.sought)?;
    let report = match &args.local {
        Some(folder) => audit_folder(args, folder, &known)?,
        None => {
            let remote = Remote::new(&args.mirrors, args.id.as_deref(), &args.ask, &args.config, &known)?;
            if args.plan_only {
                return show_plan(args, &remote, &known);
            }
            let mut store = open_store(&args.sought.store)?;
            remote.run(&mut store, &known, extent_of(args), &progress(words.quiet), talk)?.report
        }
    };
    let written = match args.format {
        RulesFormat::Json => render_shape(&report),
        RulesFormat::Text => render_audit(&report),
    };
    write(args, &written)?;
    Ok(exit_of(&report))
}

/// What is left outweighs what could not be judged.
fn exit_of(report: &AuditReport) -> Exit {
    if report.is_stale() {
        Exit::Found
    } else if report.is_incomplete() {
        Exit::Incomplete
    } else {
        Exit::Nothing
    }
}

fn extent_of(args: &MirrorAuditArgs) -> Extent {
    let start = if args.restart { Start::Anew } else { Start::GoOn };
    Extent { most: args.most.map(NonZeroUsize::get), start }
}

fn audit_folder(args: &MirrorAuditArgs, folder: &Path, known: &KnownSet) -> anyhow::Result<AuditReport> {
    let audit = tree::audit_folder(folder, known, args.depth.depth)?;
    let id = tree::folder_id(folder, args.id.as_deref())?;
    tree::keep(&mut open_store(&args.sought.store)?, &id, &audit)?;
    let mirror = MirrorReport::of_tree(&id, &folder.display().to_string(), &audit);
    Ok(AuditReport::new(known, vec![mirror], observed_now()))
}

fn show_plan(args: &MirrorAuditArgs, remote: &Remote, known: &KnownSet) -> anyhow::Result<Exit> {
    let store = has_store(&args.sought.store).then(|| read_store(&args.sought.store)).transpose()?;
    let plan = remote.plan(store.as_ref(), known, extent_of(args))?;
    let written = match args.format {
        RulesFormat::Json => render_plan_shape(&plan),
        RulesFormat::Text => render_sweep_plan(&plan),
    };
    write(args, &written)?;
    Ok(Exit::Nothing)
}

fn write(args: &MirrorAuditArgs, text: &str) -> anyhow::Result<()> {
    let mut output = args.output.as_deref().map_or_else(|| Ok(Output::stdout()), Output::file)?;
    output.write(text)?;
    output.finish()
}
