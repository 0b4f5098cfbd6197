//! A labelled list, and what tools said of its files.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::artifact::Artifact;
use venin_model::Verdict;

/// Most lines of a list.
const MAX_LINES: usize = 1_000_000;

/// What a file is, as the list's maker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// It does harm.
    Malicious,
    /// It does none.
    Benign,
}

impl Label {
    /// The spelling in lists and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Benign => "benign",
        }
    }
}

/// A file of a labelled list: a line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// Where it lies; relative paths are relative to the list.
    pub path: String,
    /// What it is.
    pub label: Label,
    /// Which campaign it belongs to, if that is known.
    #[serde(default)]
    pub campaign: Option<String>,
}

/// A line of a list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct WrongLine {
    /// From 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What a tool said of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It calls the file malicious.
    Detected,
    /// It does not.
    Silent,
    /// It did not end in time.
    TimedOut,
    /// It said nothing that can be read.
    Failed {
        /// Why.
        reason: String,
    },
}

/// A tool over a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The tool's name.
    pub tool: String,
    /// What it said.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How long it took, in milliseconds; `None` when nobody measured.
    pub millis: Option<u64>,
}

/// A file with what our own scan shows and what each tool said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The file.
    pub item: Labelled,
    /// Behaviors that our own scan shows, by their spelling.
    pub behaviors: Vec<String>,
    /// Techniques that our own scan shows, by their spelling.
    pub techniques: Vec<String>,
    /// What the tools said.
    pub runs: Vec<Run>,
}

impl Trial {
    /// A file of a list with the scan of its bytes, if there is one.
    #[must_use]
    pub fn of(item: Labelled, scan: Option<&Artifact>) -> Self {
        let (behaviors, techniques) =
            scan.map(|scan| (scan.behaviors.clone(), scan.techniques.clone())).unwrap_or_default();
        Self { item, behaviors, techniques, runs: Vec::new() }
    }
}

impl Outcome {
    /// What a scan of ours says: detected at the verdict `malicious`, which is where a scan fails unless it is told
    /// otherwise; what was not wholly looked at is no answer.
    #[must_use]
    pub fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Malicious => Self::Detected,
            Verdict::Suspicious | Verdict::Clean => Self::Silent,
            Verdict::Incomplete => Self::Failed { reason: "the scan did not look at everything".to_owned() },
        }
    }
}

/// Reads a list of JSON lines.  Empty lines are skipped; every wrong line is told.
#[must_use]
pub fn parse_list(text: &str) -> (Vec<Labelled>, Vec<WrongLine>) {
    let (mut items, mut wrong) = (Vec::new(), Vec::new());
    for (line, text) in (1u64..).zip(text.lines().take(MAX_LINES)) {
        if text.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Labelled>(text) {
            Ok(item) if item.path.is_empty() => {
                wrong.push(WrongLine { line, reason: "the path is empty".to_owned() });
            }
            Ok(item) => items.push(item),
            Err(error) => wrong.push(WrongLine { line, reason: error.to_string() }),
        }
    }
    if text.lines().nth(MAX_LINES).is_some() {
        let reason = format!("a list has at most {MAX_LINES} lines");
        wrong.push(WrongLine { line: MAX_LINES as u64 + 1, reason });
    }
    (items, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_line_by_line_and_wrong_lines_are_told() {
        let text = "{\"path\": \"a.whl\", \"label\": \"malicious\", \"campaign\": \"one\"}\n\n\
                    {\"path\": \"b.whl\", \"label\": \"benign\"}\n{\"path\": \"c\", \"label\": \"odd\"}\nnothing\n\
                    {\"path\": \"\", \"label\": \"benign\"}";
        let (items, wrong) = parse_list(text);
        assert_eq!(items.len(), 2);
        assert_eq!(items[0].campaign.as_deref(), Some("one"));
        assert_eq!((items[1].label, &items[1].campaign), (Label::Benign, &None));
        assert_eq!(wrong.iter().map(|line| line.line).collect::<Vec<_>>(), [4, 5, 6]);
    }

    #[test]
    fn what_was_not_looked_at_wholly_is_neither_hit_nor_miss() {
        assert_eq!(Outcome::of_verdict(Verdict::Malicious), Outcome::Detected);
        assert_eq!(Outcome::of_verdict(Verdict::Suspicious), Outcome::Silent);
        assert_eq!(Outcome::of_verdict(Verdict::Clean), Outcome::Silent);
        assert!(matches!(Outcome::of_verdict(Verdict::Incomplete), Outcome::Failed { .. }));
    }
}
