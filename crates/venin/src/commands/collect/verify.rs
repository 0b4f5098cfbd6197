//! The third stage: our own scan of what was got, in confined workers, and whether it agrees with the claims.

use std::collections::BTreeSet;

use venin_intel::claim::{Claim, ClaimKind, Digest, Subject};
use venin_intel::store::{Selection, Stage, Task};
use venin_model::{Persona, Verdict};
use venin_report::ArtifactReport;

use super::samples::{Sampling, is_of_one_sample, next_try};
use crate::intel::{now, sample_target, scanned_claims};
use crate::worker::{Outcome, Pool, ScanSetup, WorkerOptions};

/// Releases that are scanned by one set of workers.
const BATCH: usize = 512;

/// A release whose samples are being scanned.
struct Scanning {
    task: Task,
    /// Samples that no result has come of yet.
    waiting: usize,
    claims: Vec<Claim>,
    verdicts: Vec<Verdict>,
    error: Option<String>,
}

impl Sampling<'_> {
    /// Scans the samples of every release that was got.
    pub(super) fn verify(&mut self) -> anyhow::Result<()> {
        while !self.interrupt.is_raised() {
            let tasks = self.store.next_tasks(Stage::Verify, now(), BATCH)?;
            if tasks.is_empty() {
                break;
            }
            self.verify_batch(tasks)?;
        }
        Ok(())
    }

    fn verify_batch(&mut self, tasks: Vec<Task>) -> anyhow::Result<()> {
        let mut releases = Vec::new();
        let mut samples: Vec<(usize, Digest)> = Vec::new();
        for task in tasks {
            let digests = self.samples_of(&task.subject)?;
            if digests.is_empty() {
                // What was archived is gone, or was never written down: it is got again.
                self.store.move_task(&task.subject, Stage::Download, &[])?;
                continue;
            }
            samples.extend(digests.iter().map(|digest| (releases.len(), *digest)));
            let waiting = digests.len();
            releases.push(Scanning { task, waiting, claims: Vec::new(), verdicts: Vec::new(), error: None });
        }
        if samples.is_empty() {
            return Ok(());
        }
        let mut options = WorkerOptions::new(ScanSetup::new(Persona::Team));
        options.jobs = self.jobs;
        let pool = Pool::start(&options)?;
        let (vault, interrupt) = (self.vault.clone(), self.interrupt);
        let targets = samples.iter().map(|(_, digest)| sample_target(&vault, *digest));
        let mut failure = None;
        pool.run(targets.take_while(|_| !interrupt.is_raised()), &mut |order, outcome| {
            let place = usize::try_from(order).ok().and_then(|order| samples.get(order));
            let Some((release, digest)) = place else { return };
            let Some(release) = releases.get_mut(*release) else { return };
            if failure.is_none() {
                failure = self.take_scan(release, *digest, outcome).err();
            }
        });
        failure.map_or(Ok(()), Err)
    }

    /// The samples of a release that the vault has.
    fn samples_of(&self, subject: &Subject) -> anyhow::Result<BTreeSet<Digest>> {
        let selection = Selection {
            version: subject.version().map(ToOwned::to_owned),
            kind: Some(ClaimKind::Archived),
            ..Selection::of_project(subject.name())
        };
        let claims = self.store.claims(&selection)?;
        let digests = claims.iter().filter_map(|claim| claim.subject.sha256());
        Ok(digests.filter(|digest| self.vault.holds(*digest)).collect())
    }

    fn take_scan(&mut self, release: &mut Scanning, digest: Digest, outcome: Outcome) -> anyhow::Result<()> {
        match outcome {
            Outcome::Report(report) => {
                if self.interrupt.is_raised() && report.sha256.is_none() {
                    // Its worker was interrupted with us: no result, and the release stays on the list.
                    return Ok(());
                }
                release.verdicts.push(report.verdict);
                match self.claims_of(digest, &report) {
                    Ok(claims) => release.claims.extend(claims),
                    Err(error) if is_of_one_sample(&error) => release.error = Some(error.to_string()),
                    Err(error) => return Err(error),
                }
            }
            Outcome::Problem(problem) => release.error = Some(problem.error),
            Outcome::Note(_) => {}
        }
        release.waiting = release.waiting.saturating_sub(1);
        if release.waiting == 0 { self.close_release(release) } else { Ok(()) }
    }

    fn claims_of(&self, digest: Digest, report: &ArtifactReport) -> anyhow::Result<Vec<Claim>> {
        let origins = self.vault.provenance(digest)?.origins;
        let subjects: Vec<Subject> = origins.into_iter().map(|origin| origin.subject).collect();
        Ok(scanned_claims(self.store, &subjects, digest, report, now())?)
    }

    fn close_release(&mut self, release: &mut Scanning) -> anyhow::Result<()> {
        let subject = &release.task.subject;
        self.progress.tell(|| format!("scanned {subject}"));
        if let Some(error) = release.error.take() {
            self.store.append(&release.claims)?;
            self.store.delay_task(subject, &error, next_try(release.task.attempts))?;
            self.fail(&subject.to_string(), &error);
            return Ok(());
        }
        self.store.move_task(subject, Stage::Done, &release.claims)?;
        let has = |verdict| release.verdicts.contains(&verdict);
        if has(Verdict::Malicious) || has(Verdict::Suspicious) {
            self.counts.agree += 1;
        } else if has(Verdict::Incomplete) {
            self.counts.unsure += 1;
        } else {
            self.counts.differ += 1;
        }
        Ok(())
    }
}
