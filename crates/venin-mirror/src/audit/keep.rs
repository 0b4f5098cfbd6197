//! Keeping what a sweep finds in the event store, so that a sweep that was killed goes on where it was.
//!
//! The claims of a batch and the name behind which the sweep goes on are written in one transaction.  Names are asked
//! for in order, so that one name says how far a mirror is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use venin_intel::claim::{Digest, Moment, Subject};
use venin_intel::source::{Sink, SourceError};
use venin_intel::store::{Store, StoreError, StoreSink};

use super::claims::{SOURCE, unknown_claim};
use super::sweep::{Batch, Progress};
use crate::known::KnownSet;
use crate::verdict::Verdict;

/// The source under which the store keeps how far sweeps are.
const CURSOR: &str = "mirror-audit";

/// How far a sweep of one mirror is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// The digest of what is looked for and how.
    sweep: String,
    /// When it began, in microseconds since 1970.
    began: i64,
    /// The last name that is done; `None` when all are.
    after: Option<String>,
}

/// Where a sweep of one mirror begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When the sweep began; an earlier run may have begun it.
    pub began: Moment,
    /// The last name that an earlier run has finished.
    pub after: Option<String>,
    /// The last name that this run asks for; `None` for all.
    pub until: Option<String>,
    /// Names that this run leaves for the next.
    pub left: u64,
}

/// The digest of what is looked for and how: a sweep for something else begins anew.
///
/// Only names count: what mirrors show adds files to what is known while the sweep goes on.
#[must_use]
pub fn sweep_id(known: &KnownSet, how: &str) -> String {
    let names: Vec<&str> = known.names().collect();
    Digest::of(format!("{how}\n{}", names.join("\n")).as_bytes()).to_string()
}

/// Where this run begins on a mirror and where it ends, at most `most` names further.
///
/// # Errors
/// The store cannot be read.
pub fn stretch_of(
    store: &Store,
    mirror: &str,
    sweep: &str,
    known: &KnownSet,
    most: Option<usize>,
    now: Moment,
) -> Result<Stretch, StoreError> {
    let mark: Option<Mark> =
        store.cursor(CURSOR, mirror)?.and_then(|(text, _)| serde_json::from_str(&text).ok());
    let open = mark.filter(|mark| mark.sweep == sweep && mark.after.is_some());
    let (began, after) = match open {
        Some(mark) => (Moment::from_micros(mark.began), mark.after),
        None => (now, None),
    };
    Ok(limited(known, began, after, most))
}

/// The whole sweep of a mirror, whatever earlier runs did.
#[must_use]
pub fn whole_stretch(known: &KnownSet, most: Option<usize>, now: Moment) -> Stretch {
    limited(known, now, None, most)
}

fn limited(known: &KnownSet, began: Moment, after: Option<String>, most: Option<usize>) -> Stretch {
    let open: Vec<&str> =
        known.names().filter(|name| after.as_deref().is_none_or(|done| *name > done)).collect();
    let taken = most.unwrap_or(open.len()).min(open.len());
    let left = (open.len() - taken) as u64;
    let until = open.get(..taken).and_then(<[&str]>::last).map(|name| (*name).to_owned());
    let until = if left == 0 { None } else { until.or_else(|| Some(String::new())) };
    Stretch { began, after, until, left }
}

impl Stretch {
    /// Whether this run asks for a name.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.after.as_deref().is_none_or(|after| name > after)
            && self.until.as_deref().is_none_or(|until| name <= until)
    }
}

/// Hears of every batch when it is kept.
pub type Tell<'a> = &'a (dyn Fn(&Batch) + Sync);

/// Writes batches to the store, and keeps them for the report.
pub struct Keeper<'a> {
    store: Mutex<&'a mut Store>,
    stretches: BTreeMap<String, Stretch>,
    sweep: String,
    /// The last name of all.
    last: String,
    batches: Mutex<Vec<Batch>>,
    tell: Tell<'a>,
}

impl<'a> Keeper<'a> {
    /// A keeper of one sweep, with the stretch of each mirror.
    pub fn new(
        store: &'a mut Store,
        known: &KnownSet,
        sweep: String,
        stretches: BTreeMap<String, Stretch>,
        tell: Tell<'a>,
    ) -> Self {
        let last = known.names().last().unwrap_or_default().to_owned();
        Self { store: Mutex::new(store), stretches, sweep, last, batches: Mutex::default(), tell }
    }

    /// The batches of this run.
    pub fn into_batches(self) -> Vec<Batch> {
        self.batches.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, batch: &Batch) -> Result<(), SourceError> {
        let began = self.stretches.get(&batch.mirror).map_or_else(|| Moment::from_micros(0), |s| s.began);
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tell = |_: &_| {};
        let mut sink = StoreSink::new(&mut store, CURSOR, &batch.mirror, began, &mut tell);
        for claim in &batch.claims {
            sink.claim(claim.clone())?;
        }
        if let Some(done) = batch.finished.last() {
            let after = (done.name() != self.last).then(|| done.name().to_owned());
            let mark = Mark { sweep: self.sweep.clone(), began: began.micros(), after };
            let text = serde_json::to_string(&mark).map_err(|error| SourceError::Store(error.to_string()))?;
            sink.advance(&text)?;
        }
        sink.finish().map(drop)
    }
}

impl Progress for Keeper<'_> {
    fn is_done(&self, mirror: &str, subject: &Subject) -> bool {
        self.stretches.get(mirror).is_some_and(|stretch| !stretch.holds(subject.name()))
    }

    fn take(&self, mut batch: Batch) -> Result<(), String> {
        add_silent(&mut batch);
        self.write(&batch).map_err(|error| error.to_string())?;
        (self.tell)(&batch);
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
        Ok(())
    }
}

/// A finding that makes no claim makes one that it could not be judged: else nobody would know that it was looked for.
fn add_silent(batch: &mut Batch) {
    let silent: Vec<_> = batch
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Unknown)
        .filter(|finding| !batch.claims.iter().any(|claim| claim.subject == finding.subject))
        .map(|finding| unknown_claim(finding, finding.reason.as_slice()))
        .collect();
    batch.claims.extend(silent);
}

/// The source of the claims that audits make.
#[must_use]
pub const fn claim_source() -> &'static str {
    SOURCE
}
