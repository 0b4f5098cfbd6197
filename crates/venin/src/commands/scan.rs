//! `venin scan`: targets in, a report and an exit code out.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use venin_model::Persona;
use venin_report::{ArtifactReport, Color, Detail, Problem, SuppressionState, TextOptions};

use super::output::Output;
use super::report_writer::{Frame, ReportWriter};
use super::rule_files::{compile_rules, compile_yara, is_rule, read_rule_dirs, read_yara_files};
use crate::cli::{FailOn, ScanArgs, TalkArgs};
use crate::clock::{render_date, seconds_now};
use crate::config::{FileConfig, Found, Judge, read_config};
use crate::demo;
use crate::diagnostics::{Talk, wants_color};
use crate::exit::Exit;
use crate::index::IndexOptions;
use crate::progress::Progress;
use crate::targets::{FileChoice, TargetArgs, resolve_targets};
use crate::worker::{Confinement, Outcome, Pool, RuleText, ScanSetup, WorkerOptions};

/// Scans what the user named.
///
/// # Errors
/// Nothing could be scanned at all: rules that are wrong, an output that cannot be written, no worker.
pub(crate) fn run(args: &ScanArgs, talk_args: TalkArgs, talk: Talk) -> anyhow::Result<Exit> {
    let targets = if args.demo { &[] } else { args.targets.as_slice() };
    let found = read_config(&args.config, targets)?;
    if let Some(note) = &found.note {
        talk.note(note);
    }
    let Found { config, is_found_here, .. } = found;
    let persona = args.judge.persona(&config);
    let fail_on = args.judge.fail_on(&config);
    let setup = read_setup(args, persona)?.with_internal_names(&config.internal_names);
    check_rule_names(&config, &setup.pages, talk);
    let output = args.output.output.as_deref().map_or_else(|| Ok(Output::stdout()), Output::file)?;
    let frame = Frame {
        format: args.output.format,
        text: choose_text(args, talk_args),
        is_quiet: talk.is_quiet(),
        persona,
        pages: setup.pages.clone(),
    };
    let progress = if talk.is_quiet() { Progress::none() } else { Progress::on_terminal() };
    let session = Session {
        talk,
        progress,
        writer: ReportWriter::new(frame, output),
        is_isolation_expected: !args.run.no_isolation && !args.demo,
        persona,
        judge: Judge::new(config.clone(), render_date(seconds_now())),
        failure: None,
    };
    let session = if args.demo {
        session.scan_demo()?
    } else {
        session.scan(args, setup, choose_targets(args, &config, is_found_here))?
    };
    session.finish(fail_on)
}

/// A rule that a configuration names and nobody knows is a slip that would silently change nothing.
fn check_rule_names(config: &FileConfig, pages: &[RuleText], talk: Talk) {
    let suppressed = config.suppressions.iter().filter_map(|s| Some((s.rule.as_ref()?, s.source.clone())));
    let at_table = || format!("{}:{}", config.path.display(), config.rules_line);
    let switched = config.rules_on.iter().chain(&config.rules_off).map(|rule| (rule, at_table()));
    for (rule, source) in suppressed.chain(switched).filter(|(rule, _)| !is_rule(rule, pages)) {
        talk.warning(&format!("{source}: there is no rule `{rule}`"));
    }
}

/// The rules, checked here because the workers could only say that they are wrong.
fn read_setup(args: &ScanArgs, persona: Persona) -> anyhow::Result<ScanSetup> {
    let mut setup = ScanSetup::new(persona);
    setup.pages = read_rule_dirs(args.rules.dirs.iter().map(AsRef::<Path>::as_ref))?;
    setup.yara = read_yara_files(args.rules.yara.iter().map(AsRef::<Path>::as_ref))?;
    if !setup.pages.is_empty() {
        compile_rules(&setup.pages)?;
    }
    if !setup.yara.is_empty() {
        compile_yara(&setup.yara)?;
    }
    Ok(setup)
}

/// A file is no terminal: it has color only when that was asked for, and the usual width.
fn choose_text(args: &ScanArgs, talk_args: TalkArgs) -> TextOptions {
    let is_file = args.output.output.is_some();
    let is_colored = match (is_file, talk_args.color) {
        (true, choice) => choice == crate::cli::ColorChoice::Always,
        (false, choice) => wants_color(choice, &io::stdout()),
    };
    let terminal = if is_file { None } else { terminal_size::terminal_size_of(io::stdout()) };
    let usual = TextOptions::default();
    TextOptions {
        color: if is_colored { Color::Ansi } else { Color::Plain },
        width: terminal.map_or(usual.width, |(width, _)| usize::from(width.0)),
        detail: if args.output.verbose { Detail::Full } else { Detail::Normal },
        explain: args.output.explain,
    }
}

/// One run of the command.
struct Session {
    talk: Talk,
    progress: Progress,
    writer: ReportWriter,
    /// Whether a lack of isolation would be news to the user.
    is_isolation_expected: bool,
    /// The operating point.
    persona: Persona,
    /// What the user has judged already.
    judge: Judge,
    /// The first failure to write; the run ends soon after it.
    failure: Option<anyhow::Error>,
}

impl Session {
    fn scan(mut self, args: &ScanArgs, setup: ScanSetup, targets: TargetArgs) -> anyhow::Result<Self> {
        let mut options = WorkerOptions::new(setup);
        options.jobs = args.run.jobs.unwrap_or(options.jobs);
        options.confinement = if args.run.no_isolation { Confinement::None } else { Confinement::Process };
        let pool = Pool::start(&options)?;
        let is_over = AtomicBool::new(false);
        let targets = resolve_targets(targets).take_while(|_| !is_over.load(Ordering::Relaxed));
        pool.run(targets, &mut |order, outcome| {
            self.take(order, outcome);
            if self.failure.is_some() || self.writer.is_closed() {
                is_over.store(true, Ordering::Relaxed);
            }
        });
        Ok(self)
    }

    fn scan_demo(mut self) -> anyhow::Result<Self> {
        for (order, report) in (0..).zip(demo::scan_examples(self.persona)?) {
            self.take(order, Outcome::Report(Box::new(report)));
        }
        Ok(self)
    }

    fn take(&mut self, order: u64, outcome: Outcome) {
        if self.failure.is_some() {
            return;
        }
        let written = match outcome {
            Outcome::Report(report) => self.take_report(order, *report),
            Outcome::Problem(problem) => {
                self.tell_problem(&problem);
                self.writer.accept_problem(order, problem)
            }
            Outcome::Note(note) => {
                self.progress.aside(|| self.talk.note(&format!("{}: {}", note.target, note.text)));
                self.writer.pass(order)
            }
        };
        self.failure = written.err();
    }

    fn take_report(&mut self, order: u64, mut report: ArtifactReport) -> anyhow::Result<()> {
        self.judge.apply(&mut report, self.persona);
        self.warn_of_isolation(&report);
        self.progress.advance(&report, self.writer.summary());
        let (progress, writer) = (&self.progress, &mut self.writer);
        let written = progress.aside(|| writer.accept(order, report));
        for note in writer.take_notes() {
            progress.aside(|| self.talk.note(&note));
        }
        written
    }

    fn warn_of_isolation(&mut self, report: &ArtifactReport) {
        if let (true, false, Some(reason)) =
            (self.is_isolation_expected, report.isolated.isolated, &report.isolated.reason)
        {
            self.is_isolation_expected = false;
            self.progress.aside(|| self.talk.warning(&format!("the scan is not fully isolated: {reason}")));
        }
    }

    fn tell_problem(&self, problem: &Problem) {
        let message = format!("{}: {}", problem.target, problem.error);
        self.progress.aside(|| self.talk.error(&message, problem.hint.as_deref()));
    }

    /// A suppression that does nothing is a risk kept for nothing: the user should take it out.
    fn tell_suppressions(&mut self) {
        let account = self.judge.account();
        for suppression in &account {
            match (suppression.state, &suppression.expires) {
                (SuppressionState::Expired, Some(day)) => self.talk.warning(&format!(
                    "{}: the suppression expired after {day} and suppresses nothing",
                    suppression.source
                )),
                (SuppressionState::Unmatched, _) => {
                    self.talk.warning(&format!("{}: the suppression fits no finding", suppression.source));
                }
                _ => {}
            }
        }
        self.writer.accept_suppressions(account);
    }

    fn finish(mut self, fail_on: FailOn) -> anyhow::Result<Exit> {
        self.progress.finish();
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.tell_suppressions();
        let is_cut_short = self.writer.is_closed();
        let summary = self.writer.finish()?;
        if summary.artifacts == 0 && summary.problems == 0 && !is_cut_short {
            self.talk.error(
                "there is nothing to scan",
                Some("name a file, a directory that holds some, or a requirement"),
            );
            return Ok(Exit::Failed);
        }
        Ok(Exit::of_scan(&summary, fail_on))
    }
}

fn choose_targets(args: &ScanArgs, config: &FileConfig, is_configured_here: bool) -> TargetArgs {
    TargetArgs {
        targets: args.targets.clone(),
        requirement_files: args.requirements.clone(),
        choice: if args.run.all_files { FileChoice::All } else { FileChoice::Usual },
        index: choose_index(args.run.index_url.as_deref(), config),
        internal_names: config.internal_names.clone(),
        is_configured_here,
    }
}

/// The index by option and by configuration.
pub(super) fn choose_index(option: Option<&str>, config: &FileConfig) -> IndexOptions {
    let source = || config.path.display().to_string();
    IndexOptions {
        index_url: option.map(ToOwned::to_owned),
        configured: config.index_url.clone().map(|url| (url, source())),
    }
}
