//! Getting samples: what all steps share, and their counts.

use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::Serialize;
use venin_intel::claim::{Claim, ClaimKind, Moment};
use venin_intel::http::PoliteClient;
use venin_intel::source::{Input, Sample, SampleSource, SourceError};
use venin_intel::store::{Selection, Stage, Store};
use venin_intel::vault::{MOST_BYTES, Origin, Stored, Vault, VaultError};

use super::Session;
use super::job::Job;
use super::sink::one_line;
use crate::diagnostics::{Talk, hinted};
use crate::intel::{archived_claim, is_archived, locate_vault, now};
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// First pause before a release is tried again, in seconds; it doubles.
const FIRST_PAUSE: i64 = 15 * 60;
/// How often the pause doubles: up to ten days.
const MOST_DOUBLINGS: u32 = 10;

/// What came of getting samples.  Releases but where it says files or samples.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct SampleCounts {
    /// Accused releases that came onto the work list.
    pub(super) planned: u64,
    /// Got whole.
    pub(super) got: u64,
    /// Files got.
    pub(super) files: u64,
    /// Samples that the vault did not have.
    pub(super) new_samples: u64,
    /// Looked for everywhere, and nowhere.
    pub(super) nowhere: u64,
    /// Not got, or not wholly, or not scanned; tried again later.
    pub(super) failed: u64,
    /// Scanned, and found suspicious or malicious.
    pub(super) agree: u64,
    /// Scanned, and found clean: our scan and the claim differ.
    pub(super) differ: u64,
    /// Not wholly scanned.
    pub(super) unsure: u64,
    /// On the work list at the end, by stage.
    pub(super) left: LeftCounts,
}

/// The work list.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct LeftCounts {
    /// To be got.
    download: u64,
    /// To be scanned.
    verify: u64,
    /// Done.
    done: u64,
    /// Not served by anybody.
    missing: u64,
}

impl SampleCounts {
    pub(super) fn has_failures(&self) -> bool {
        self.failed > 0
    }

    pub(super) fn render(&self) -> String {
        let left = &self.left;
        format!(
            "samples: {} releases planned, {} got ({} files, {} new), {} nowhere, {} to be tried again\n\
             scanned: {} as claimed, {} clean although accused, {} not wholly\n\
             work list: {} to get, {} to scan, {} done, {} nowhere\n",
            self.planned,
            self.got,
            self.files,
            self.new_samples,
            self.nowhere,
            self.failed,
            self.agree,
            self.differ,
            self.unsure,
            left.download,
            left.verify,
            left.done,
            left.missing
        )
    }
}

/// Getting samples, once.
pub(super) struct Sampling<'a> {
    pub(super) store: &'a mut Store,
    pub(super) vault: Vault,
    pub(super) http: &'a PoliteClient,
    pub(super) jobs: NonZeroUsize,
    pub(super) interrupt: &'a Interrupt,
    pub(super) progress: &'a Progress,
    pub(super) counts: SampleCounts,
    talk: Talk,
}

impl<'a> Sampling<'a> {
    /// Opens the vault, and puts every accused release on the work list.
    pub(super) fn open(session: &'a Session<'_>, store: &'a mut Store) -> anyhow::Result<Self> {
        let folder = locate_vault(&session.args.vault)?;
        let vault = Vault::open(&folder)
            .map_err(|error| hinted(error.to_string(), "--vault names another folder"))?;
        let usual = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let planned = store.plan_tasks()?;
        Ok(Self {
            store,
            vault,
            http: &session.http,
            jobs: session.args.samples.jobs.unwrap_or(usual),
            interrupt: &session.interrupt,
            progress: &session.progress,
            counts: SampleCounts { planned, ..SampleCounts::default() },
            talk: session.talk,
        })
    }

    /// Takes the samples that a source holds itself; those that were taken before are not opened again.
    pub(super) fn take_from(&mut self, job: &Job, source: &dyn SampleSource) -> anyhow::Result<()> {
        let Input::Path(path) = &job.input else { return Ok(()) };
        let held = self.places_taken(&job.source)?;
        let mut failure = None;
        let problems = source.read_samples(path, &|_, place| !held.contains(place), &mut |sample| {
            if self.interrupt.is_raised() {
                return Err(SourceError::Interrupted);
            }
            self.take_sample(&job.source, sample).map_err(|error| {
                failure = Some(error);
                SourceError::Interrupted
            })
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        match problems {
            Ok(problems) => {
                for problem in problems {
                    self.fail(&problem.what, &problem.error);
                }
                Ok(())
            }
            Err(SourceError::Interrupted) => Ok(()),
            Err(error) => {
                self.fail(&Path::new(path).display().to_string(), &error.to_string());
                Ok(())
            }
        }
    }

    /// Places inside a source whose samples the vault has.
    fn places_taken(&self, source: &str) -> anyhow::Result<BTreeSet<String>> {
        let selection = Selection {
            source: Some(source.to_owned()),
            kind: Some(ClaimKind::Archived),
            ..Selection::default()
        };
        let mut places = BTreeSet::new();
        let vault = &self.vault;
        self.store.visit_claims(&selection, |_, claim| {
            if claim.evidence.is_some_and(|digest| vault.holds(digest)) {
                places.insert(claim.source_ref);
            }
        })?;
        Ok(places)
    }

    fn take_sample(&mut self, source: &str, sample: Sample<'_>) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        if let Err(error) = sample.bytes.take(MOST_BYTES + 1).read_to_end(&mut bytes) {
            self.fail(&sample.place, &error.to_string());
            return Ok(());
        }
        if bytes.len() as u64 > MOST_BYTES {
            self.fail(&sample.place, "it is too large for the vault");
            return Ok(());
        }
        self.progress.tell(|| format!("{} samples, last {}", self.counts.files, sample.place));
        let origin = Origin {
            subject: sample.subject,
            source: source.to_owned(),
            place: sample.place.chars().take(512).collect(),
            at: now(),
        };
        let claims: Vec<Claim> = match self.seal(&bytes, &origin) {
            Ok(claim) => claim.into_iter().collect(),
            Err(error) if is_of_one_sample(&error) => {
                self.fail(&origin.place, &error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // A release that has no task is one that nobody accuses; its sample is kept all the same.
        self.store.move_task(&origin.subject, Stage::Verify, &claims)?;
        Ok(())
    }

    /// Puts a sample into the vault, and gives the claim that it is there unless that was said before.
    pub(super) fn seal(&mut self, bytes: &[u8], origin: &Origin) -> anyhow::Result<Option<Claim>> {
        let (digest, stored) = self.vault.store(bytes, origin)?;
        self.counts.files += 1;
        self.counts.new_samples += u64::from(stored == Stored::New);
        let claim = archived_claim(origin, digest);
        Ok((!is_archived(self.store, &claim)?).then_some(claim))
    }

    /// Counts and tells a failure.
    pub(super) fn fail(&mut self, what: &str, error: &str) {
        self.counts.failed += 1;
        if self.counts.failed <= super::sink::MOST_SHOWN {
            let line = format!("{}: {}", one_line(what), one_line(error));
            self.progress.aside(|| self.talk.warning(&line));
        }
    }

    /// The counts, with what is left to do.
    pub(super) fn finish(mut self) -> anyhow::Result<SampleCounts> {
        let further = self.counts.failed.saturating_sub(super::sink::MOST_SHOWN);
        if further > 0 {
            let line = format!("{further} further samples were not got");
            self.progress.aside(|| self.talk.warning(&line));
        }
        let left = self.store.task_counts()?;
        self.counts.left = LeftCounts {
            download: left.download,
            verify: left.verify,
            done: left.done,
            missing: left.missing,
        };
        Ok(self.counts)
    }
}

/// Whether the failure is that of one sample, so that the others can go on; a full disk is everybody's.
pub(super) fn is_of_one_sample(error: &anyhow::Error) -> bool {
    error.downcast_ref::<VaultError>().is_some_and(|error| !matches!(error, VaultError::Io { .. }))
}

/// When something that failed so often is tried again.
pub(super) fn next_try(attempts: u32) -> Moment {
    let pause = FIRST_PAUSE << attempts.min(MOST_DOUBLINGS);
    Moment::from_micros(now().micros().saturating_add(pause.saturating_mul(1_000_000)))
}
