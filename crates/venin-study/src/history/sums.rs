//! Sums of downloads, read from the details that the statistics import writes.

use std::mem::size_of;

use serde_json::{Map, Value};
use venin_intel::claim::{Claim, Interval};

use super::names::{NameId, Names};

venin_model::spelled_enum! {
    /// By what downloads are told apart.
    pub enum Dimension {
        /// The distribution type.
        FileType = "file_types",
        /// The operating system.
        System = "systems",
        /// The client.
        Installer = "installers",
        /// The country as two letters.
        Country = "countries",
    }
}

/// Downloads of a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// From the first download to the last; unknown where only mirrors came.
    pub period: Interval,
    /// Downloads, those of mirrors and of side files not.
    pub count: u64,
    /// Downloads by clients that mirror.
    pub mirrors: u64,
    /// Downloads of files beside a distribution.
    pub side_files: u64,
    /// Of `count`, those from when the statistics took side files for distributions.
    pub while_side_files_counted: u64,
    /// Of `count`, how many each word of a dimension has; the word `(unknown)` is none.
    pub words: Box<[(Dimension, NameId, u64)]>,
}

impl Sum {
    /// Reads a claim's detail; `None` for what no import writes.
    pub(super) fn parse(claim: &Claim, names: &mut Names) -> Option<Self> {
        let detail: Map<String, Value> = serde_json::from_str(&claim.detail).ok()?;
        let number = |key: &str| detail.get(key).and_then(Value::as_u64);
        let mut words = Vec::new();
        for dimension in Dimension::ALL {
            let tally = detail.get(dimension.as_str()).and_then(Value::as_object);
            for (word, count) in tally.into_iter().flatten() {
                if let Some(count) = count.as_u64().filter(|_| word != "(unknown)") {
                    words.push((*dimension, names.id(word), count));
                }
            }
        }
        Some(Self {
            period: claim.happened,
            count: number("count")?,
            mirrors: number("mirrors").unwrap_or(0),
            side_files: number("side_files").unwrap_or(0),
            while_side_files_counted: number("while_side_files_counted").unwrap_or(0),
            words: words.into_boxed_slice(),
        })
    }

    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.words.len() * size_of::<(Dimension, NameId, u64)>()
    }

    /// What a sum weighs when one of two has to go.
    fn weight(&self) -> (u64, u64, u64) {
        (self.count, self.mirrors, self.side_files)
    }
}

/// Of sums whose times overlap the largest is kept: a later export holds what an earlier one did.  Gives the sums in
/// order of time, those without one last, and how many were left out.
pub(super) fn keep_apart(mut sums: Vec<Sum>) -> (Vec<Sum>, u64) {
    sums.sort_by_key(|sum| {
        (sum.period == Interval::UNKNOWN, sum.period.not_before, sum.period.not_after, sum.weight())
    });
    let mut kept: Vec<Sum> = Vec::new();
    let mut left_out = 0;
    // The end of all that overlaps the last one kept, also of what was left out.
    let mut end = None;
    for sum in sums {
        let is_undated = sum.period == Interval::UNKNOWN;
        let overlaps = |last: &Sum| {
            if is_undated { last.period == Interval::UNKNOWN } else { sum.period.not_before <= end }
        };
        let Some(last) = kept.last_mut().filter(|last| overlaps(last)) else {
            end = sum.period.not_after;
            kept.push(sum);
            continue;
        };
        left_out += 1;
        end = end.max(sum.period.not_after);
        if sum.weight() > last.weight() {
            *last = sum;
        }
    }
    (kept, left_out)
}
