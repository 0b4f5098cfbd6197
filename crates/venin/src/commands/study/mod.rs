//! `venin study`: a vault or folders of artifacts in, the study of all of them out.

mod command;
mod gather;
mod place;
mod scans;
mod tools;
mod write;

use std::path::Path;

use venin_intel::claim::Moment;
use venin_model::Persona;
use venin_report::render_shape;
use venin_study::chapters::{Made, StudyInput, make_study};
use venin_study::compare::{Baseline, compare};
use venin_study::history::History;
use venin_study::render::render_study_text;
use venin_study::report::{STUDY_SCHEMA, StudyReport};

use self::gather::gather;
use self::scans::{Scans, scan_all};
use self::write::Folder;
use super::output::Output;
use super::rule_files::{compile_rules, compile_yara, read_rule_dirs, read_yara_files};
use crate::cli::{MakeArgs, RulesFormat, StudyArgs, StudyCommand, StudyScanArgs};
use crate::diagnostics::{Talk, hinted, plain_cause};
use crate::exit::Exit;
use crate::intel::{has_store, now, read_store};
use crate::worker::{Confinement, ScanSetup, WorkerOptions};

/// Makes a study, or does what else is asked about one.
///
/// # Errors
/// Nothing can be read or written at all: no artifacts, rules that are wrong, a folder that cannot be used.
pub(crate) fn run(args: &StudyArgs, talk: Talk) -> anyhow::Result<Exit> {
    match &args.command {
        None => make(&args.make, talk),
        Some(StudyCommand::Place(args)) => place::run(args, talk),
        Some(StudyCommand::Tools(args)) => tools::run(args, talk),
    }
}

fn make(args: &MakeArgs, talk: Talk) -> anyhow::Result<Exit> {
    let options = worker_options(&args.scan)?;
    let baseline = args.compare.as_deref().map(read_baseline).transpose()?;
    let folder = Folder::open(&args.to)?;
    let history = read_history(args)?;
    let gathered = gather(args, talk)?;
    let mut data = scan_all(Scans { options, cache: Some(folder.cache()), talk }, gathered)?;
    data.date_by(&history);
    let input = StudyInput {
        groups: args.groups.get(),
        ..StudyInput::new(&data, &history, env!("CARGO_PKG_VERSION"))
    };
    let Made { mut study, campaigns } = make_study(&input);
    if let Some(baseline) = &baseline {
        study.chapters.push(compare(&study, baseline.as_baseline()));
    }
    // What a study was made of is larger than what is written of it.
    drop((data, history));
    folder.write_campaigns(&campaigns)?;
    let first = folder.write(&study)?;
    tell(&study, &first, args.format)?;
    Ok(Exit::Nothing)
}

/// What a study is compared with.
enum Compared {
    Paper,
    Study { name: String, study: Box<StudyReport> },
}

impl Compared {
    fn as_baseline(&self) -> Baseline<'_> {
        match self {
            Self::Paper => Baseline::Paper,
            Self::Study { name, study } => Baseline::Study { name, study },
        }
    }
}

fn read_baseline(path: &Path) -> anyhow::Result<Compared> {
    if path == Path::new("paper") {
        return Ok(Compared::Paper);
    }
    let hint = "--compare takes `paper`, or the study.json of an earlier study";
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| hinted(format!("cannot read `{name}`: {}", plain_cause(&error)), hint))?;
    let study: StudyReport = serde_json::from_slice(&bytes)
        .map_err(|error| hinted(format!("`{name}` is no study: {error}"), hint))?;
    if study.schema != STUDY_SCHEMA {
        let form: String = study.schema.chars().take(40).collect();
        let message = format!("`{name}` is of the form `{}`, not `{STUDY_SCHEMA}`", form.escape_debug());
        return Err(hinted(message, hint));
    }
    Ok(Compared::Study { name, study: Box::new(study) })
}

/// How the workers run; rules are checked here because the workers could only say that they are wrong.
fn worker_options(args: &StudyScanArgs) -> anyhow::Result<WorkerOptions> {
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
    let mut options = WorkerOptions::new(setup);
    options.jobs = args.jobs.unwrap_or(options.jobs);
    options.confinement = if args.no_isolation { Confinement::None } else { Confinement::Process };
    Ok(options)
}

/// The claims, if there are any: a store that was named must be there, the usual one may be missing.
fn read_history(args: &MakeArgs) -> anyhow::Result<History> {
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
fn tell(study: &StudyReport, first: &Path, format: RulesFormat) -> anyhow::Result<()> {
    let mut output = Output::stdout();
    match format {
        RulesFormat::Json => output.write(&render_shape(study))?,
        RulesFormat::Text => {
            output.write(&render_study_text(study))?;
            output.write(&format!(
                "\nread it: {}\n",
                venin_report::escape_text(&first.display().to_string())
            ))?;
        }
    }
    output.finish()
}
