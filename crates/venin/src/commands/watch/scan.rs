//! Scanning what was uploaded, and writing down what the scan says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use venin_intel::claim::{Claim, Digest, Moment, Subject, Surface};
use venin_intel::store::Upload;
use venin_model::Verdict;
use venin_package::parse_file_name;
use venin_report::{ArtifactReport, Problem};

use super::line::ScanLine;
use super::{Round, Session};
use crate::clock::{render_date, seconds_now};
use crate::config::Judge;
use crate::index::IndexClient;
use crate::intel::{now, scanned_claims};
use crate::interrupt::Interrupt;
use crate::targets::{FileChoice, Resolved, problem, resolve_upload};
use crate::worker::{Outcome, Pool, ScanSetup, WorkerOptions};

/// First pause before an upload is tried again, in seconds; it doubles.
const FIRST_PAUSE: i64 = 60;
/// How often the pause doubles: up to eight hours.
const MOST_DOUBLINGS: u32 = 9;
/// After so many attempts a release is gone: removed before anybody could look, or never there.
const MOST_ATTEMPTS: u32 = 12;

/// Looks releases up one after the other, as workers ask for more.
struct LookUp<'a> {
    uploads: std::iter::Enumerate<std::slice::Iter<'a, Upload>>,
    ready: VecDeque<Resolved>,
    plan: &'a Mutex<Plan>,
    client: &'a Arc<IndexClient>,
    choice: FileChoice,
    interrupt: &'a Interrupt,
}

/// Which item belongs to which upload.
#[derive(Default)]
struct Plan {
    /// The upload of each item, by the order of items.
    owners: Vec<usize>,
    /// How many items each upload has.
    expected: Vec<usize>,
}

impl Iterator for LookUp<'_> {
    type Item = Resolved;

    fn next(&mut self) -> Option<Resolved> {
        loop {
            if let Some(resolved) = self.ready.pop_front() {
                return Some(resolved);
            }
            if self.interrupt.is_raised() {
                return None;
            }
            let (place, upload) = self.uploads.next()?;
            let subject = &upload.subject;
            let mut resolved = resolve_upload(subject.name(), subject.version(), self.choice, self.client);
            if resolved.is_empty() {
                let label = subject.to_string();
                resolved.push(Resolved::Problem(problem(&label, "the index has no file of it", "")));
            }
            let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
            plan.owners.extend(std::iter::repeat_n(place, resolved.len()));
            plan.expected.push(resolved.len());
            self.ready.extend(resolved);
        }
    }
}

/// What came of an upload so far.
#[derive(Default)]
struct Gathered {
    items: usize,
    reports: Vec<ArtifactReport>,
    error: Option<String>,
}

impl Session<'_> {
    /// Scans the next uploads.
    pub(super) fn scan_uploads(&mut self, round: &mut Round) -> anyhow::Result<()> {
        let uploads = self.store.next_uploads(now(), self.args.most)?;
        if uploads.is_empty() {
            return Ok(());
        }
        let setup = ScanSetup::new(self.persona).with_internal_names(&self.config.internal_names);
        let mut options = WorkerOptions::new(setup);
        options.jobs = self.args.jobs.unwrap_or(options.jobs);
        let pool = Pool::start(&options)?;
        let plan = Mutex::new(Plan::default());
        let (client, interrupt) = (Arc::clone(&self.client), self.interrupt.clone());
        let targets = LookUp {
            uploads: uploads.iter().enumerate(),
            ready: VecDeque::new(),
            plan: &plan,
            client: &client,
            choice: if self.args.all_files { FileChoice::All } else { FileChoice::Usual },
            interrupt: &interrupt,
        };
        let mut gathered: Vec<Gathered> = uploads.iter().map(|_| Gathered::default()).collect();
        let mut judge = Judge::new(self.config.clone(), render_date(seconds_now()));
        let mut failure = None;
        pool.run(targets, &mut |order, outcome| {
            let (place, expected) = {
                let plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(place) = usize::try_from(order).ok().and_then(|order| plan.owners.get(order)) else {
                    return;
                };
                (*place, plan.expected.get(*place).copied().unwrap_or_default())
            };
            let (Some(upload), Some(gathered)) = (uploads.get(place), gathered.get_mut(place)) else {
                return;
            };
            self.gather(gathered, outcome, &mut judge);
            if gathered.items == expected && failure.is_none() {
                failure = self.close_upload(upload, std::mem::take(gathered), round).err();
            }
        });
        failure.map_or(Ok(()), Err)
    }

    fn gather(&self, gathered: &mut Gathered, outcome: Outcome, judge: &mut Judge) {
        gathered.items += 1;
        match outcome {
            Outcome::Report(report) if report.sha256.is_none() => {
                gathered.error = Some(format!("the scan of {} came to nothing", report.file));
            }
            Outcome::Report(mut report) => {
                judge.apply(&mut report, self.persona);
                gathered.reports.push(*report);
            }
            Outcome::Problem(Problem { error, .. }) => gathered.error = Some(error),
            // Which files of a release are left out would be said of every release.
            Outcome::Note(_) => {}
        }
    }

    /// Writes a line for each file, and the claims and notices with the end of the task.
    fn close_upload(&mut self, upload: &Upload, found: Gathered, round: &mut Round) -> anyhow::Result<()> {
        if self.interrupt.is_raised() && found.error.is_some() {
            // Its worker was interrupted with us; the upload stays on the list.
            return Ok(());
        }
        let (mut claims, mut notices) = (Vec::new(), Vec::new());
        for report in &found.reports {
            let line = ScanLine::new(&upload.subject, upload.uploaded, now(), report);
            self.output.write(&line.render(self.args.format))?;
            round.malicious += u64::from(report.verdict == Verdict::Malicious);
            round.suspicious += u64::from(report.verdict == Verdict::Suspicious);
            if self.webhook.is_some() && self.is_worth_a_notice(report.verdict) {
                notices.push(line.to_json());
            }
            claims.extend(self.claims_of(&upload.subject, report)?);
        }
        let Some(error) = found.error else {
            round.scanned += 1;
            self.store.finish_upload(upload, &claims, &notices)?;
            return Ok(());
        };
        self.talk.warning(&format!("{}: {error}", upload.subject));
        if upload.attempts + 1 >= MOST_ATTEMPTS {
            round.given_up += 1;
            self.store.finish_upload(upload, &claims, &notices)?;
        } else {
            round.failed += 1;
            self.store.append(&claims)?;
            self.store.delay_upload(upload, &error, next_try(upload.attempts))?;
        }
        Ok(())
    }

    fn claims_of(&self, subject: &Subject, report: &ArtifactReport) -> anyhow::Result<Vec<Claim>> {
        let Some(digest) = report.sha256.as_ref().and_then(|text| text.parse::<Digest>().ok()) else {
            return Ok(Vec::new());
        };
        let version = subject
            .version()
            .map(ToOwned::to_owned)
            .or_else(|| parse_file_name(&report.file).map(|parsed| parsed.version));
        // Names that an index made up must not end the watch: what cannot be said is left out.
        let mut subject = Subject::project(subject.name())?;
        if let Some(release) = version.and_then(|version| subject.clone().with_version(&version).ok()) {
            subject = release;
        }
        let subject = subject.clone().with_file(&report.file).unwrap_or(subject);
        let claims = scanned_claims(&self.store, &[subject], digest, report, now())?;
        Ok(claims.into_iter().map(|claim| Claim { surface: Surface::Index, ..claim }).collect())
    }
}

/// When an upload that failed so often is tried again.
fn next_try(attempts: u32) -> Moment {
    let pause = FIRST_PAUSE << attempts.min(MOST_DOUBLINGS);
    Moment::from_micros(now().micros().saturating_add(pause.saturating_mul(1_000_000)))
}
