//! A version and the one after it, and what differs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use pep440_rs::Version;

use crate::chapters::evasion::day_of;
use crate::chapters::prevalence::Census;
use crate::sample::Sample;

/// A score counts as changed when it moves by more than this many log-odds.
pub(super) const SCORE_STEP: f64 = 0.1;
/// Kinds of artifacts in the order in which they are compared.
const KINDS: &[&str] = &["sdist", "wheel", "egg"];

venin_model::spelled_enum! {
    /// What changed.
    pub(super) enum Kind {
        /// The same Python sources.
        UnchangedCopy = "unchanged copy",
        /// Other sources, the same behaviors and techniques.
        CodeOnly = "only code changed",
        /// Other techniques, the same behaviors.
        Technique = "technique changed",
        /// Other behaviors, the same techniques.
        Behavior = "behavior changed",
        /// Both.
        Both = "behavior and technique changed",
        /// The same behaviors and techniques, and no Python sources in one of the two.
        NoSources = "nothing to compare",
    }
}

venin_model::spelled_enum! {
    /// Where the score went.
    pub(super) enum Direction {
        /// It rose.
        Towards = "towards detection",
        /// It fell.
        Away = "away from detection",
        /// Neither.
        Same = "neither",
    }
}

/// A version, the one after it, and what differs.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) project: String,
    pub(super) behind: [u32; 2],
    pub(super) from: &'a Sample,
    pub(super) to: &'a Sample,
    pub(super) kind: Kind,
    pub(super) behaviors: Difference<'a>,
    pub(super) techniques: Difference<'a>,
}

/// What the later has and the earlier has not, and the other way round.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    pub(super) gained: Vec<&'a str>,
    pub(super) lost: Vec<&'a str>,
}

impl<'a> Difference<'a> {
    fn of(from: &'a [String], to: &'a [String]) -> Self {
        let without = |all: &'a [String], other: &[String]| {
            all.iter().filter(|one| !other.contains(one)).map(String::as_str).collect()
        };
        Self { gained: without(to, from), lost: without(from, to) }
    }

    const fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

impl Change<'_> {
    pub(super) const fn is_of_behavior(&self) -> bool {
        matches!(self.kind, Kind::Behavior | Kind::Both)
    }

    pub(super) fn score(&self) -> f64 {
        self.to.artifact.score - self.from.artifact.score
    }

    pub(super) fn direction(&self) -> Direction {
        match self.score() {
            step if step > SCORE_STEP => Direction::Towards,
            step if step < -SCORE_STEP => Direction::Away,
            _ => Direction::Same,
        }
    }

    /// Lines of Python that came, less those that went.
    pub(super) fn lines(&self) -> f64 {
        let lines = |sample: &Sample| sample.artifact.attributes.python_lines as f64;
        lines(self.to) - lines(self.from)
    }

    /// The day of the later version.
    pub(super) fn day(&self) -> Option<&str> {
        day_of(self.to)
    }
}

/// Versions of one project in order: PEP 440, those that it does not know before all others, by their text.
pub(super) fn compare_versions(a: &str, b: &str) -> Ordering {
    let parse = |text: &str| text.parse::<Version>().ok();
    match (parse(a), parse(b)) {
        (Some(x), Some(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
        (x, y) => x.is_some().cmp(&y.is_some()).then_with(|| a.cmp(b)),
    }
}

/// The artifacts by project and version, versions in order; what has no version or no project is left out.
pub(super) fn group_releases<'a>(census: &Census<'a>) -> BTreeMap<String, Vec<(&'a str, Vec<u32>)>> {
    let mut projects: BTreeMap<String, BTreeMap<&str, Vec<u32>>> = BTreeMap::new();
    for (at, sample) in (0u32..).zip(census.samples()) {
        let project = census.project(at as usize);
        if !project.is_empty() && !sample.version().is_empty() {
            projects.entry(project.to_owned()).or_default().entry(sample.version()).or_default().push(at);
        }
    }
    let ordered = |versions: BTreeMap<&'a str, Vec<u32>>| {
        let mut versions: Vec<(&str, Vec<u32>)> = versions.into_iter().collect();
        versions.sort_by_cached_key(|(version, _)| OrderedVersion(version));
        versions
    };
    projects.into_iter().map(|(project, versions)| (project, ordered(versions))).collect()
}

/// A version that sorts by [`compare_versions`].
#[derive(PartialEq, Eq)]
struct OrderedVersion<'a>(&'a str);

impl Ord for OrderedVersion<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_versions(self.0, other.0)
    }
}

impl PartialOrd for OrderedVersion<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Each version with the one after it, project by project.
pub(super) fn list_changes<'a>(census: &Census<'a>) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for (project, versions) in group_releases(census) {
        for pair in versions.windows(2) {
            let [(_, earlier), (_, later)] = pair else { continue };
            changes.extend(compare(census.samples(), &project, earlier, later));
        }
    }
    changes
}

fn compare<'a>(samples: &'a [Sample], project: &str, earlier: &[u32], later: &[u32]) -> Option<Change<'a>> {
    let [first, second] = choose_pair(samples, earlier, later)?;
    let (from, to) = (samples.get(first as usize)?, samples.get(second as usize)?);
    let behaviors = Difference::of(&from.artifact.behaviors, &to.artifact.behaviors);
    let techniques = Difference::of(&from.artifact.techniques, &to.artifact.techniques);
    let form = |sample: &'a Sample| sample.artifact.attributes.normal_sha256.as_deref();
    let kind = match (behaviors.is_empty(), techniques.is_empty()) {
        (false, false) => Kind::Both,
        (false, true) => Kind::Behavior,
        (true, false) => Kind::Technique,
        (true, true) => match (form(from), form(to)) {
            (Some(a), Some(b)) if a == b => Kind::UnchangedCopy,
            (Some(_), Some(_)) => Kind::CodeOnly,
            _ => Kind::NoSources,
        },
    };
    let project = project.to_owned();
    let mut behind = [first, second];
    behind.sort_unstable();
    Some(Change { project, behind, from, to, kind, behaviors, techniques })
}

/// Like is compared with like: the first artifact of the first kind that both versions have, else the first of each.
fn choose_pair(samples: &[Sample], earlier: &[u32], later: &[u32]) -> Option<[u32; 2]> {
    let of_kind = |versions: &[u32], kind: &str| {
        let is_kind = |at: &&u32| samples.get(**at as usize).is_some_and(|s| s.artifact.kind == kind);
        versions.iter().find(is_kind).copied()
    };
    let both = KINDS.iter().find_map(|kind| Some([of_kind(earlier, kind)?, of_kind(later, kind)?]));
    both.or_else(|| Some([*earlier.first()?, *later.first()?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, data_of};

    #[test]
    fn versions_are_ordered_as_installers_order_them() {
        let mut versions = vec!["1.10", "1.9", "1.0rc1", "1.0", "next", "1.0.post1", "2.0.dev1"];
        versions.sort_by(|a, b| compare_versions(a, b));
        assert_eq!(versions, ["next", "1.0rc1", "1.0", "1.0.post1", "1.9", "1.10", "2.0.dev1"]);
    }

    #[test]
    fn like_is_compared_with_like() {
        let wheel = |version: &str| {
            let mut made = acting("a", version, &[], "import");
            made.kind = "wheel".to_owned();
            made.file = format!("a-{version}-py3-none-any.whl");
            made.sha256 = format!("{version:f>64}");
            (made, "")
        };
        let data = data_of([
            (acting("a", "1", &[], "install"), ""),
            wheel("1"),
            wheel("2"),
            (acting("a", "3", &[], "install"), ""),
        ]);
        let census = Census::of(data.samples());
        let changes = list_changes(&census);
        let kinds: Vec<_> =
            changes.iter().map(|c| (c.from.artifact.kind.as_str(), c.to.artifact.kind.as_str())).collect();
        assert_eq!(kinds, [("wheel", "wheel"), ("wheel", "sdist")]);
    }
}
