//! `venin store`: what the event store holds, whether it is sound, and what is known written out.

use std::io;

use serde::Serialize;
use venin_intel::claim::{Claim, Subject};
use venin_intel::export::{ClaimRows, render_osv_record};
use venin_intel::known::{AccusedFiles, BlockList, Known};
use venin_intel::lifecycle::Life;
use venin_intel::source::table::{render_csv, render_json_lines};
use venin_intel::store::{LastRun, Selection, Store, StoreError};
use venin_intel::vault::Vault;
use venin_report::{escape_text, render_shape};

use super::output::{Bytes, Output};
use crate::cli::{ExportArgs, ExportForm, RulesFormat, StoreCommand};
use crate::diagnostics::{hinted, plain_cause};
use crate::exit::Exit;
use crate::intel::{locate_vault, now, read_store};

/// The schema of [`StoreReport`].
const STORE_SCHEMA: &str = "venin.store/1";

/// Answers a question about the store.
///
/// # Errors
/// There is no store, or it cannot be read.
pub(crate) fn run(command: StoreCommand) -> anyhow::Result<Exit> {
    match command {
        StoreCommand::Info { store, format } => show_info(&read_store(&store)?, format),
        StoreCommand::Verify { store } => verify(&read_store(&store)?),
        StoreCommand::Export(args) => export(&args),
    }
}

/// What a store holds.
#[derive(Serialize)]
struct StoreReport {
    schema: &'static str,
    claims: u64,
    projects: u64,
    by_source: Vec<SourceCount>,
    runs: Vec<RunReport>,
}

#[derive(Serialize)]
struct SourceCount {
    source: String,
    kind: String,
    claims: u64,
}

#[derive(Serialize)]
struct RunReport {
    source: String,
    input: String,
    started: String,
    outcome: String,
    found: u64,
    added: u64,
    problems: u64,
}

fn show_info(store: &Store, format: RulesFormat) -> anyhow::Result<Exit> {
    let counts = store.counts()?;
    let by_source = counts.by_source.into_iter();
    let report = StoreReport {
        schema: STORE_SCHEMA,
        claims: counts.claims,
        projects: counts.projects,
        by_source: by_source.map(|((source, kind), claims)| SourceCount { source, kind, claims }).collect(),
        runs: store.last_runs()?.into_iter().map(run_report).collect(),
    };
    let mut output = Output::stdout();
    output.write(&match format {
        RulesFormat::Json => render_shape(&report),
        RulesFormat::Text => render_info(&report),
    })?;
    output.finish()?;
    Ok(Exit::Nothing)
}

fn run_report(run: LastRun) -> RunReport {
    RunReport {
        source: run.source,
        input: run.input,
        started: run.started.to_string(),
        outcome: run.outcome,
        found: run.counts.found,
        added: run.counts.added,
        problems: run.counts.problems,
    }
}

fn render_info(report: &StoreReport) -> String {
    let mut text = format!("{} claims about {} projects\n", report.claims, report.projects);
    for count in &report.by_source {
        let (source, kind) = (escape_text(&count.source), escape_text(&count.kind));
        text.push_str(&format!("  {:>9}  {source} {kind}\n", count.claims));
    }
    for run in &report.runs {
        let (source, input) = (escape_text(&run.source), escape_text(&run.input));
        text.push_str(&format!(
            "  last run of {source} over {input}: {}, {}, {} claims, {} new, {} problems\n",
            run.started, run.outcome, run.found, run.added, run.problems
        ));
    }
    text
}

fn verify(store: &Store) -> anyhow::Result<Exit> {
    let wrong = store.verify()?;
    let mut output = Output::stdout();
    for line in &wrong {
        output.write(&format!("{}\n", escape_text(line)))?;
    }
    if wrong.is_empty() {
        output.write("the store is sound\n")?;
    }
    output.finish()?;
    Ok(if wrong.is_empty() { Exit::Nothing } else { Exit::Found })
}

fn export(args: &ExportArgs) -> anyhow::Result<Exit> {
    if args.since.is_some() && args.what != ExportForm::BlockList {
        return Err(hinted(
            "--since goes with the block list only",
            "venin store export block-list --since OLD",
        ));
    }
    let store = read_store(&args.store)?;
    let written = match args.what {
        ExportForm::BlockList => export_block_list(args, &store)?,
        ExportForm::Osv => export_osv(&store)?,
        ExportForm::Csv => export_claims(&store, |out, claims| render_csv(out, claims))?,
        ExportForm::Jsonl => export_claims(&store, |out, claims| render_json_lines(out, claims))?,
        ExportForm::Parquet => return export_parquet(args, &store),
    };
    let mut output = open_output(args)?;
    output.write(&written)?;
    output.finish()?;
    Ok(Exit::Nothing)
}

/// Every claim, in the order in which it was taken in.
fn export_claims(
    store: &Store,
    render: impl Fn(&mut Vec<u8>, &[Claim]) -> io::Result<()>,
) -> anyhow::Result<String> {
    let mut written = Vec::new();
    render(&mut written, &store.claims(&Selection::default())?)?;
    Ok(String::from_utf8(written)?)
}

/// Every claim, a group of rows after the other.
fn export_parquet(args: &ExportArgs, store: &Store) -> anyhow::Result<Exit> {
    let mut output = open_output(args)?;
    let mut bytes = Bytes::new(&mut output);
    let written = write_parquet(store, &mut bytes)?;
    bytes.check(written)?;
    output.finish()?;
    Ok(Exit::Nothing)
}

/// The outer error is the store's, the inner one the writer's.
fn write_parquet(store: &Store, bytes: &mut Bytes<'_>) -> Result<io::Result<()>, StoreError> {
    let mut rows = match ClaimRows::begin(bytes) {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error)),
    };
    let mut written = Ok(());
    store.visit_claims(&Selection::default(), |_, claim| {
        if written.is_ok() {
            written = rows.push(&claim);
        }
    })?;
    Ok(written.and_then(|()| rows.finish()))
}

fn open_output(args: &ExportArgs) -> anyhow::Result<Output> {
    args.output.as_deref().map_or_else(|| Ok(Output::stdout()), Output::file)
}

/// One record a line, by the names of the projects.
fn export_osv(store: &Store) -> anyhow::Result<String> {
    let known = Known::derive(store)?;
    let mut written = String::new();
    for project in known.projects() {
        let claims = store.claims(&Selection::of_project(&project.name))?;
        let life = Life::fold(Subject::project(&project.name)?, claims);
        if let Some(record) = render_osv_record(project, &life) {
            written.push_str(&format!("{record}\n"));
        }
    }
    Ok(written)
}

fn export_block_list(args: &ExportArgs, store: &Store) -> anyhow::Result<String> {
    let known = Known::derive(store)?;
    let mut files = AccusedFiles::derive(&known, store)?;
    // A vault is not needed for a list; where there is one, its notes know the addresses of what it holds.
    if let Some(folder) = locate_vault(&args.vault).ok().filter(|folder| folder.is_dir()) {
        let vault = Vault::open(&folder)?;
        files.complete(|digest| vault.provenance(digest).ok().and_then(|note| note.blake2));
    }
    let list = BlockList::of(&known, Some(now())).with_files(&files.into_files());
    let Some(path) = &args.since else { return Ok(list.render()) };
    let fail = |why: String| {
        let hint = "--since takes what `venin store export block-list` wrote before";
        hinted(format!("cannot read `{}`: {why}", path.display()), hint)
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(plain_cause(&error)))?;
    let earlier = BlockList::parse(&text).map_err(|error| fail(error.to_string()))?;
    Ok(list.since(&earlier).render())
}
