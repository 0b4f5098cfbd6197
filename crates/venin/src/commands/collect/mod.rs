//! `venin collect`: what others say of releases, and the samples of what they accuse.
//!
//! The stages are those of the study (paper, section III-A): claims are taken in, the accused releases are got from
//! where they are still served, sealed in the vault, and scanned by ourselves.  Each step is written down with what
//! it found in one transaction, so that a run that was killed goes on where it was.

mod download;
mod job;
mod list;
mod places;
mod report;
mod samples;
mod sink;
mod verify;

use std::path::{Path, PathBuf};

use venin_intel::claim::Moment;
use venin_intel::http::PoliteClient;
use venin_intel::source::{
    Connector, Request, SourceError, find_connector, find_connector_for_trial, find_sample_source,
};
use venin_intel::store::{Outcome, RunCounts, Store, StoreSink};

use self::job::{Job, choose_jobs, parse_since};
use self::report::{CollectReport, RunReport};
use self::samples::{SampleCounts, Sampling};
pub(super) use self::sink::one_line;
use self::sink::{Tap, Tapped, Trial};
use super::output::Output;
use super::servers::{connect, find_politeness, index_options};
use crate::cli::{CollectArgs, RulesFormat};
use crate::config::{FileConfig, Found, read_config};
use crate::diagnostics::{Talk, hinted};
use crate::exit::Exit;
use crate::index::IndexOptions;
use crate::intel::{locate_store, now, open_store, read_store};
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Collects.
///
/// # Errors
/// Nothing can be collected at all: a wrong option, a store that cannot be used.
pub(crate) fn run(args: &CollectArgs, talk: Talk) -> anyhow::Result<Exit> {
    if args.list {
        return list::run(args.format);
    }
    let Found { config, .. } = read_config(&args.config, &[])?;
    let jobs = choose_jobs(args, &config)?;
    if jobs.is_empty() && !args.samples.download {
        let hint = "venin collect SOURCE INPUT, or [[source]] in venin.toml; `venin collect --list` names the sources";
        return Err(hinted("nothing to collect is named", hint));
    }
    let since = args.since.as_deref().map(parse_since).transpose()?;
    let index = index_options(args.samples.index_url.as_deref(), &config);
    let http = connect(find_politeness(&args.http, &config, &index))?;
    let progress = if talk.is_quiet() { Progress::none() } else { Progress::of_collection() };
    let kept = locate_store(&args.store)?.with_extension("kept");
    let mut session =
        Session { args, talk, progress, interrupt: Interrupt::listen(), http, kept, since, runs: Vec::new() };
    let samples = if args.dry_run {
        session.try_all(&jobs)?;
        None
    } else {
        let mut store = open_store(&args.store)?;
        session.collect_all(&jobs, &mut store)?;
        session.get_samples(&jobs, &config, &index, &mut store)?
    };
    session.finish(samples)
}

/// One run of the command.
struct Session<'a> {
    args: &'a CollectArgs,
    talk: Talk,
    progress: Progress,
    interrupt: Interrupt,
    http: PoliteClient,
    /// Where connectors remember what they saw.
    kept: PathBuf,
    since: Option<Moment>,
    runs: Vec<RunReport>,
}

impl Session<'_> {
    /// Takes every input in; one that fails does not end the others.
    fn collect_all(&mut self, jobs: &[Job], store: &mut Store) -> anyhow::Result<()> {
        for job in jobs {
            if self.interrupt.is_raised() {
                break;
            }
            let connector = self.find(job, find_connector)?;
            let began = now();
            let run = store.begin_run(&job.source, &job.place, began)?;
            let mut ignore = |_: &_| {};
            let cursor = self.cursor_of(job, store)?;
            let mut tapped = Tapped::default();
            let mut sink = StoreSink::new(store, &job.source, &job.place, began, &mut ignore);
            let result = {
                let mut tap = Tap::new(&mut sink, &mut tapped, self.talk, &self.progress, &self.interrupt);
                self.collect_one(&*connector, job, cursor.as_deref(), &mut tap)
            };
            let (counts, result) = match (sink.finish(), result) {
                (Ok(counts), result) => (counts, result),
                (Err(error), _) => (RunCounts::default(), Err(error)),
            };
            let outcome = match &result {
                Ok(()) => Outcome::Complete,
                Err(SourceError::Interrupted) => Outcome::Interrupted,
                Err(SourceError::Store(error)) => {
                    return Err(hinted(error.clone(), "`venin store verify` checks the store"));
                }
                Err(_) => Outcome::Failed,
            };
            store.end_run(run, now(), counts, outcome)?;
            self.close(RunReport::new(job, tapped, Some(counts), outcome, result.err()));
        }
        Ok(())
    }

    /// Reads every input as a collection would, and writes nothing.
    fn try_all(&mut self, jobs: &[Job]) -> anyhow::Result<()> {
        let store = read_store(&self.args.store).ok();
        for job in jobs {
            if self.interrupt.is_raised() {
                break;
            }
            let connector = self.find(job, find_connector_for_trial)?;
            let cursor = match &store {
                Some(store) => self.cursor_of(job, store)?,
                None => job.from.clone(),
            };
            let mut tapped = Tapped { keeps_examples: true, ..Tapped::default() };
            let result = {
                let mut trial = Trial;
                let mut tap = Tap::new(&mut trial, &mut tapped, self.talk, &self.progress, &self.interrupt);
                self.collect_one(&*connector, job, cursor.as_deref(), &mut tap)
            };
            let outcome = match &result {
                Ok(()) => Outcome::Complete,
                Err(SourceError::Interrupted) => Outcome::Interrupted,
                Err(_) => Outcome::Failed,
            };
            self.close(RunReport::new(job, tapped, None, outcome, result.err()));
        }
        Ok(())
    }

    fn collect_one(
        &self,
        connector: &dyn Connector,
        job: &Job,
        cursor: Option<&str>,
        tap: &mut Tap<'_>,
    ) -> Result<(), SourceError> {
        let (input, source) = (&job.input, job.source.as_str());
        let request = Request { input, source, since: self.since, cursor, now: now(), http: &self.http };
        connector.collect(&request, tap)
    }

    fn find(
        &self,
        job: &Job,
        find: fn(&str, &Path) -> Option<Box<dyn Connector>>,
    ) -> anyhow::Result<Box<dyn Connector>> {
        find(&job.id, &self.kept).ok_or_else(|| {
            hinted(format!("there is no source `{}`", job.id), "`venin collect --list` names them")
        })
    }

    /// Where the last run over this input ended, unless the user wants another beginning.
    fn cursor_of(&self, job: &Job, store: &Store) -> anyhow::Result<Option<String>> {
        if self.args.again || job.from.is_some() {
            return Ok(job.from.clone());
        }
        Ok(store.cursor(&job.source, &job.place)?.map(|(cursor, _)| cursor))
    }

    /// Tells of a failure, and keeps the account of the run.
    fn close(&mut self, run: RunReport) {
        let further = run.problems.saturating_sub(sink::MOST_SHOWN);
        if further > 0 {
            let message = format!("{}: {further} further problems", run.source);
            self.progress.aside(|| self.talk.warning(&message));
        }
        if let Some(error) = &run.error {
            self.progress.aside(|| self.talk.error(error, None));
        }
        self.runs.push(run);
    }

    /// The other three stages: getting, sealing, scanning.
    fn get_samples(
        &mut self,
        jobs: &[Job],
        config: &FileConfig,
        index: &IndexOptions,
        store: &mut Store,
    ) -> anyhow::Result<Option<SampleCounts>> {
        if !self.args.samples.download || self.interrupt.is_raised() {
            return Ok(None);
        }
        let mut sampling = Sampling::open(self, store)?;
        let mut others = jobs.is_empty();
        for job in jobs {
            match find_sample_source(&job.id) {
                Some(source) => sampling.take_from(job, &*source)?,
                None => others = true,
            }
        }
        if others {
            let places = places::choose_places(self.args, config, index, self.talk)?;
            sampling.download(&places)?;
        }
        sampling.verify()?;
        Ok(Some(sampling.finish()?))
    }

    /// Writes the account, and says how it all ended.
    fn finish(self, samples: Option<SampleCounts>) -> anyhow::Result<Exit> {
        self.progress.finish();
        let is_interrupted = self.interrupt.is_raised();
        let report =
            CollectReport::new(self.args.dry_run, self.runs, samples, &self.http.counts(), is_interrupted);
        let mut output = Output::stdout();
        output.write(&match self.args.format {
            RulesFormat::Json => venin_report::render_shape(&report),
            RulesFormat::Text => report.render_text(),
        })?;
        output.finish()?;
        if is_interrupted {
            self.talk.error("interrupted", Some("the same command goes on from here"));
            return Ok(Exit::Failed);
        }
        Ok(report.exit())
    }
}
