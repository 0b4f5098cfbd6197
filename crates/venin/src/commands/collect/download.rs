//! The second stage: the files of accused releases, from the index, from each mirror and from hosts of files.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use venin_intel::claim::{Claim, ClaimKind, Class, Interval, Surface};
use venin_intel::collect::{AddressedFile, Download, addressed_files, download_release};
use venin_intel::store::{Selection, Stage, Task};

use super::places::Places;
use super::samples::{Sampling, is_of_one_sample, next_try};
use crate::intel::now;

/// Releases taken off the work list at once, for each job.
const BATCH: usize = 16;
/// After so many attempts, what was got of a release is scanned although files are missing.
const PATIENCE: u32 = 3;
/// The source of what is seen while getting samples.
const COLLECTOR: &str = "collect";

impl Sampling<'_> {
    /// Looks for every release on the work list.
    pub(super) fn download(&mut self, places: &Places) -> anyhow::Result<()> {
        self.welcome_places(places)?;
        self.store.retry_learned()?;
        loop {
            let tasks = self.store.next_tasks(Stage::Download, now(), self.jobs.get() * BATCH)?;
            if tasks.is_empty() || self.interrupt.is_raised() {
                return Ok(());
            }
            self.download_batch(places, tasks)?;
        }
    }

    /// A place that was not asked before may have what nobody had.
    fn welcome_places(&mut self, places: &Places) -> anyhow::Result<()> {
        let names = places.names();
        let asked = self.store.cursor(COLLECTOR, "places")?.map(|(asked, _)| asked).unwrap_or_default();
        let is_new = names.iter().any(|name| !asked.lines().any(|line| line == name));
        if is_new {
            self.store.retry_missing()?;
            let mut all: Vec<&str> = asked.lines().chain(names.iter().map(String::as_str)).collect();
            all.sort_unstable();
            all.dedup();
            self.store.set_cursor(COLLECTOR, "places", &all.join("\n"), now())?;
        }
        Ok(())
    }

    /// Several releases at once; what is found is written down here, one release after the other.
    fn download_batch(&mut self, places: &Places, tasks: Vec<Task>) -> anyhow::Result<()> {
        let (http, interrupt) = (self.http, self.interrupt);
        let sought: anyhow::Result<Vec<_>> =
            tasks.into_iter().map(|task| Ok((self.addresses_of(places, &task)?, task))).collect();
        let queue = Mutex::new(sought?.into_iter());
        let is_over = AtomicBool::new(false);
        // Each holds the bytes of a release: no more wait than are taken in.
        let (sender, found) = sync_channel(0);
        let mut failure = None;
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.get() {
                let (sender, queue, is_over) = (sender.clone(), &queue, &is_over);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) && !interrupt.is_raised() {
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((addressed, task)) = next else { return };
                        let download =
                            download_release(http, &places.pages, &addressed, &task.subject, now());
                        if sender.send((task, download)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (task, download) in found {
                if failure.is_none() {
                    failure = self.take_download(places, &task, download).err();
                    is_over.store(failure.is_some(), Ordering::Relaxed);
                }
            }
        });
        failure.map_or(Ok(()), Err)
    }

    /// The files of a release that can be asked for without a page.
    fn addresses_of(&self, places: &Places, task: &Task) -> anyhow::Result<Vec<AddressedFile>> {
        if places.hosts.is_empty() {
            return Ok(Vec::new());
        }
        let claims = self.store.claims(&Selection::of_project(task.subject.name()))?;
        Ok(addressed_files(&places.hosts, &task.subject, &claims))
    }

    fn take_download(&mut self, places: &Places, task: &Task, download: Download) -> anyhow::Result<()> {
        self.progress.tell(|| format!("{} releases got, last {}", self.counts.got, task.subject));
        if download.is_absent {
            self.counts.nowhere += 1;
            self.store.move_task(&task.subject, Stage::Missing, &[not_found(places, &download, task)])?;
            return Ok(());
        }
        let (mut claims, mut failures) = (download.claims, download.failures);
        let mut sealed = 0;
        for (origin, bytes) in &download.files {
            match self.seal(bytes, origin) {
                Ok(claim) => {
                    sealed += 1;
                    claims.extend(claim);
                }
                Err(error) if is_of_one_sample(&error) => failures.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        let is_whole = download.is_whole && sealed == download.files.len();
        if is_whole || (sealed > 0 && task.attempts >= PATIENCE) {
            self.counts.got += 1;
            self.store.move_task(&task.subject, Stage::Verify, &claims)?;
            return Ok(());
        }
        let error = failures.join("; ");
        self.store.append(&claims)?;
        self.store.delay_task(&task.subject, &error, next_try(task.attempts))?;
        self.fail(&task.subject.to_string(), &error);
        Ok(())
    }
}

/// Nobody has it: that was seen too.
fn not_found(places: &Places, download: &Download, task: &Task) -> Claim {
    let pages = places.pages.iter().map(|place| place.surface.clone());
    let asked: Vec<Surface> = pages.chain(download.has_asked_hosts.then_some(Surface::FileHost)).collect();
    let names: Vec<String> = asked.iter().map(ToString::to_string).collect();
    let at = now();
    Claim {
        subject: task.subject.clone(),
        surface: asked.into_iter().next().unwrap_or(Surface::Index),
        kind: ClaimKind::NotFound,
        happened: Interval::at(at),
        observed: at,
        source: COLLECTOR.to_owned(),
        source_ref: String::new(),
        evidence: None,
        class: Class::Unknown,
        confidence: None,
        detail: serde_json::json!({ "places": names }).to_string(),
    }
}
