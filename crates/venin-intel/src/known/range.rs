//! Ranges of versions as advisories state them (OSV schema, `affected[].ranges`), and whether a version lies in one.

use std::fmt;
use std::str::FromStr;

use pep440_rs::Version;
use serde_json::Value;

/// Most ranges, and most events of one, that are read.
const MOST: usize = 256;

/// A stretch of versions: from one on, up to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionRange {
    /// The first version; `None` from the beginning.
    pub introduced: Option<Version>,
    /// Where it ends.
    pub end: RangeEnd,
}

/// Where a range ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RangeEnd {
    /// Before this version.
    Before(Version),
    /// With this version.
    With(Version),
    /// Nowhere: every later version is meant.
    Open,
}

impl VersionRange {
    /// Whether a version lies in the range.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        let is_after = self.introduced.as_ref().is_none_or(|first| version >= first);
        is_after
            && match &self.end {
                RangeEnd::Before(end) => version < end,
                RangeEnd::With(end) => version <= end,
                RangeEnd::Open => true,
            }
    }
}

impl fmt::Display for VersionRange {
    /// A version specifier (PEP 440): `>=1.2,<1.4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.introduced.as_ref().map(|version| format!(">={version}"));
        let end = match &self.end {
            RangeEnd::Before(version) => Some(format!("<{version}")),
            RangeEnd::With(version) => Some(format!("<={version}")),
            RangeEnd::Open => None,
        };
        let parts: Vec<String> = first.into_iter().chain(end).collect();
        f.pad(&if parts.is_empty() { ">=0".to_owned() } else { parts.join(",") })
    }
}

impl FromStr for VersionRange {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) writes; other version specifiers are no ranges of advisories.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{:.80}` is no range of versions", text.escape_debug());
        let version = |text: &str| Version::from_str(text).map_err(|_| wrong());
        if text == ">=0" {
            return Ok(Self { introduced: None, end: RangeEnd::Open });
        }
        let (mut introduced, mut end) = (None, None);
        for part in text.split(',') {
            let is_doubled = if let Some(first) = part.strip_prefix(">=") {
                introduced.replace(version(first)?).is_some()
            } else if let Some(last) = part.strip_prefix("<=") {
                end.replace(RangeEnd::With(version(last)?)).is_some()
            } else if let Some(before) = part.strip_prefix('<') {
                end.replace(RangeEnd::Before(version(before)?)).is_some()
            } else {
                true
            };
            if is_doubled {
                return Err(wrong());
            }
        }
        Ok(Self { introduced, end: end.unwrap_or(RangeEnd::Open) })
    }
}

/// Reads the ranges of a claim's detail.  What is no range of versions (commits, nonsense) is left out: it accuses
/// nothing that could be compared.
#[must_use]
pub(super) fn parse_ranges(ranges: &Value) -> Vec<VersionRange> {
    let of_versions = |range: &&Value| range.get("type").and_then(Value::as_str) != Some("GIT");
    let all = ranges.as_array().into_iter().flatten().take(MOST).filter(of_versions);
    all.flat_map(|range| parse_events(range.get("events"))).collect()
}

fn parse_events(events: Option<&Value>) -> Vec<VersionRange> {
    let mut ranges = Vec::new();
    let mut open: Option<Option<Version>> = None;
    for event in events.and_then(Value::as_array).into_iter().flatten().take(MOST) {
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        if let Some(first) = text("introduced") {
            let introduced = if first == "0" { Some(None) } else { Version::from_str(first).ok().map(Some) };
            open = introduced.or(open);
            continue;
        }
        let fixed =
            text("fixed").or(text("limit")).and_then(|v| Version::from_str(v).ok()).map(RangeEnd::Before);
        let last = text("last_affected").and_then(|v| Version::from_str(v).ok()).map(RangeEnd::With);
        if let (Some(end), Some(introduced)) = (fixed.or(last), open.take()) {
            ranges.push(VersionRange { introduced, end });
        }
    }
    ranges.extend(open.map(|introduced| VersionRange { introduced, end: RangeEnd::Open }));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(events: &Value, version: &str) -> bool {
        let ranges = parse_ranges(&serde_json::json!([{ "type": "ECOSYSTEM", "events": events }]));
        let version = Version::from_str(version).unwrap();
        ranges.iter().any(|range| range.contains(&version))
    }

    #[test]
    fn a_range_ends_before_what_fixed_it_and_with_what_was_last_affected() {
        let fixed = serde_json::json!([{"introduced": "1.2"}, {"fixed": "1.4"}]);
        assert!(holds(&fixed, "1.3") && !holds(&fixed, "1.4") && !holds(&fixed, "1.1"));
        let last = serde_json::json!([{"introduced": "0"}, {"last_affected": "2"}]);
        assert!(holds(&last, "2.0") && !holds(&last, "2.1"));
        assert!(holds(&serde_json::json!([{"introduced": "3"}]), "99"));
    }

    #[test]
    fn a_range_that_was_written_is_read_back_and_nothing_else_is() {
        for text in [">=0", ">=1.2", "<1.4", "<=2.0", ">=1.2,<1.4", ">=1!1.2rc1,<=2"] {
            assert_eq!(text.parse::<VersionRange>().unwrap().to_string(), text);
        }
        for text in ["", ",", "1.2", "==1.2", "~=1.2", ">=x", ">=1,>=2", "<1,<=2", ">=1,", "!=1"] {
            assert!(text.parse::<VersionRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn nonsense_accuses_nothing() {
        for events in [
            serde_json::json!([]),
            serde_json::json!([{"introduced": "x y"}]),
            serde_json::json!([{"fixed": "1"}]),
            serde_json::json!(7),
        ] {
            assert!(!holds(&events, "1"));
        }
        assert!(
            parse_ranges(&serde_json::json!([{"type": "GIT", "events": [{"introduced": "0"}]}])).is_empty()
        );
    }
}
