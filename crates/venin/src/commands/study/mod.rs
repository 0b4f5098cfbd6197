//! `venin study`: a vault or folders of artifacts in, the study of all of them out.

mod gather;
mod scans;
mod write;

use venin_intel::claim::Moment;
use venin_model::Persona;
use venin_report::{escape_text, render_shape};
use venin_study::chapters::{StudyInput, make_study};
use venin_study::history::History;
use venin_study::report::StudyReport;

use self::gather::{Gathered, gather};
use self::scans::{Scans, scan_all};
use self::write::Folder;
use super::output::Output;
use super::rule_files::{compile_rules, compile_yara, read_rule_dirs, read_yara_files};
use crate::cli::{RulesFormat, StudyArgs};
use crate::diagnostics::{Talk, hinted};
use crate::exit::Exit;
use crate::intel::{has_store, now, read_store};
use crate::worker::{Confinement, ScanSetup, WorkerOptions};

/// Makes a study.
///
/// # Errors
/// Nothing can be read or written at all: no artifacts, rules that are wrong, a folder that cannot be used.
pub(crate) fn run(args: &StudyArgs, talk: Talk) -> anyhow::Result<Exit> {
    let setup = read_setup(args)?;
    let folder = Folder::open(&args.to)?;
    let history = read_history(args)?;
    let gathered = gather(args, talk)?;
    let options = worker_options(args, setup);
    let mut data = scan_all(Scans { options, cache: folder.cache(), talk }, gathered)?;
    data.date_by(&history);
    let input = StudyInput { data: &data, history: &history, version: env!("CARGO_PKG_VERSION") };
    let study = make_study(&input);
    let written = folder.write(&study)?;
    tell(&study, &written, args.format)?;
    Ok(if study.unreadable.is_empty() { Exit::Nothing } else { Exit::Incomplete })
}

fn read_setup(args: &StudyArgs) -> anyhow::Result<ScanSetup> {
    let persona = args.persona.map_or(Persona::Team, Into::into);
    let mut setup = ScanSetup::new(persona).with_attributes();
    setup.pages = read_rule_dirs(args.rules.dirs.iter().map(AsRef::as_ref))?;
    setup.yara = read_yara_files(args.rules.yara.iter().map(AsRef::as_ref))?;
    if !setup.pages.is_empty() {
        compile_rules(&setup.pages)?;
    }
    if !setup.yara.is_empty() {
        compile_yara(&setup.yara)?;
    }
    Ok(setup)
}

fn worker_options(args: &StudyArgs, setup: ScanSetup) -> WorkerOptions {
    let mut options = WorkerOptions::new(setup);
    options.jobs = args.jobs.unwrap_or(options.jobs);
    options.confinement = if args.no_isolation { Confinement::None } else { Confinement::Process };
    options
}

/// The claims, if there are any: a store that was named must be there, the usual one may be missing.
fn read_history(args: &StudyArgs) -> anyhow::Result<History> {
    if args.no_store || (args.store.store.is_none() && !has_store(&args.store)) {
        return Ok(History::default());
    }
    let at: Moment = now();
    History::read(&read_store(&args.store)?, at).map_err(|error| {
        hinted(
            format!("the event store cannot be read: {error}"),
            "`venin store verify` checks it; --no-store does without",
        )
    })
}

/// What was made and where, on standard output.
fn tell(study: &StudyReport, written: &[std::path::PathBuf], format: RulesFormat) -> anyhow::Result<()> {
    let mut output = Output::stdout();
    match format {
        RulesFormat::Json => output.write(&render_shape(study))?,
        RulesFormat::Text => {
            for chapter in &study.chapters {
                output.write(&format!("{}\n", chapter.title))?;
                for sentence in &chapter.text {
                    output.write(&format!("  {}\n", escape_text(sentence)))?;
                }
            }
            for note in &study.notes {
                output.write(&format!("note: {}\n", escape_text(note)))?;
            }
            if let Some(first) = written.first() {
                let first = first.display().to_string();
                output.write(&format!(
                    "{} files, to be read from {}\n",
                    written.len(),
                    escape_text(&first)
                ))?;
            }
        }
    }
    output.finish()
}

/// How many things there are to scan, and what could not even be listed.
impl Gathered {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.unreadable.is_empty()
    }
}
