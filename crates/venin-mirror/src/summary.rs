//! What an audit found, and what is left on mirrors, as versioned documents.
//!
//! Values only; rendering as text belongs to the program.

use std::collections::BTreeMap;

use serde::Serialize;
use venin_intel::claim::{Claim, ClaimKind, Moment, Subject, Surface};

use crate::audit::{Batch, Finding};
use crate::known::{KnownSet, Reach};
use crate::local::LocalAudit;
use crate::report::PackRow;
use crate::residual::{ResidualRow, Unit, found_anywhere, residual_table};
use crate::survival::{Persistence, Span, What, kaplan_meier, median, persistence_of, turnbull};
use crate::verdict::{ControlSeen, Verdict};

/// The schema of [`AuditReport`].
pub const AUDIT_SCHEMA: &str = "venin.mirror-audit/1";
/// The schema of [`ResidualReport`].
pub const RESIDUAL_SCHEMA: &str = "venin.mirror-residual/1";

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditReport {
    /// [`AUDIT_SCHEMA`].
    pub schema: &'static str,
    /// When it was made (RFC 3339).
    pub made: String,
    /// What was looked for.
    pub looked_for: LookedFor,
    /// One for each mirror, in the order in which they were named.
    pub mirrors: Vec<MirrorReport>,
}

/// How much is known to be malicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LookedFor {
    /// Project names.
    pub projects: u64,
    /// Single files.
    pub files: u64,
    /// Releases as a whole.
    pub releases: u64,
    /// Projects as a whole.
    pub whole_projects: u64,
    /// Projects of which ranges of versions are known: which versions there are, a page tells.
    pub ranges: u64,
}

/// One mirror.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MirrorReport {
    /// The name of its surface: `mirror:ID`.
    pub id: String,
    /// Its address without credentials, or its folder.
    pub place: String,
    /// How its tree is laid out, if that was audited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<&'static str>,
    /// Whether its answers count: `well` or `failed`; always `well` for a tree.
    pub control: &'static str,
    /// Why they do not.
    pub reasons: Vec<String>,
    /// Findings by verdict; every verdict stands here.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Projects not asked for: the mirror failed, or the run was limited.  The next run asks for them.
    pub not_asked: u64,
    /// When the sweep began, if an earlier run began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_from: Option<String>,
    /// Everything that is not clean, in the order of the names.
    pub rows: Vec<PackRow>,
    /// What was not looked at, and why.
    pub not_looked_at: Vec<String>,
}

impl LookedFor {
    /// Counts what is known.
    #[must_use]
    pub fn of(known: &KnownSet) -> Self {
        let count = |reach| known.files().iter().filter(|file| file.reach() == reach).count() as u64;
        Self {
            projects: known.names().count() as u64,
            files: count(Reach::File),
            releases: count(Reach::Release),
            ranges: count(Reach::Range),
            whole_projects: count(Reach::Project),
        }
    }
}

impl AuditReport {
    /// A report on these mirrors.
    #[must_use]
    pub fn new(known: &KnownSet, mirrors: Vec<MirrorReport>, now: Moment) -> Self {
        Self { schema: AUDIT_SCHEMA, made: now.to_string(), looked_for: LookedFor::of(known), mirrors }
    }

    /// Whether any mirror still has anything.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.mirrors.iter().any(|mirror| mirror.count_stale() > 0)
    }

    /// Whether anything could not be judged or was not looked at.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.mirrors.iter().any(MirrorReport::is_incomplete)
    }
}

impl MirrorReport {
    /// A mirror of which nothing was found yet.
    #[must_use]
    pub fn new(id: &str, place: &str) -> Self {
        Self {
            id: id.to_owned(),
            place: place.to_owned(),
            layout: None,
            control: ControlSeen::Well.as_str(),
            reasons: Vec::new(),
            verdicts: Verdict::ALL.iter().map(|verdict| (verdict.as_str(), 0)).collect(),
            not_asked: 0,
            continued_from: None,
            rows: Vec::new(),
            not_looked_at: Vec::new(),
        }
    }

    /// The audit of a tree.
    #[must_use]
    pub fn of_tree(id: &str, place: &str, audit: &LocalAudit) -> Self {
        let mut report = Self { layout: Some(audit.layout.as_str()), ..Self::new(id, place) };
        for finding in &audit.findings {
            report.take_row(finding.verdict, || PackRow::of_local(finding));
        }
        report.not_looked_at = audit.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect();
        report
    }

    /// Takes in a batch of this mirror.
    pub fn take_batch(&mut self, batch: &Batch) {
        batch.findings.iter().for_each(|finding| self.take_finding(finding));
        self.not_asked += batch.not_asked;
        if batch.control.seen == ControlSeen::Failed {
            self.control = ControlSeen::Failed.as_str();
            self.reasons.extend(batch.control.reasons.iter().cloned());
        }
    }

    /// Takes in what an earlier run of the same sweep kept: one look at one subject.
    pub fn take_look(&mut self, look: &Look) {
        self.take_row(look.verdict, || PackRow::of_look(look));
    }

    fn take_finding(&mut self, finding: &Finding) {
        self.take_row(finding.verdict, || PackRow::of_remote(finding));
    }

    fn take_row(&mut self, verdict: Verdict, row: impl FnOnce() -> PackRow) {
        *self.verdicts.entry(verdict.as_str()).or_default() += 1;
        if verdict != Verdict::Clean {
            self.rows.push(row());
        }
    }

    /// How many of a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(verdict.as_str()).copied().unwrap_or(0)
    }

    /// Findings of which the mirror still has bytes or an entry.
    #[must_use]
    pub fn count_stale(&self) -> u64 {
        Verdict::ALL.iter().filter(|verdict| verdict.is_stale()).map(|verdict| self.count(*verdict)).sum()
    }

    /// Whether anything could not be judged or was not looked at.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.count(Verdict::Unknown) > 0
            || self.not_asked > 0
            || self.control == ControlSeen::Failed.as_str()
            || !self.not_looked_at.is_empty()
    }
}

/// What an audit saw of one subject on one mirror, read back from claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The mirror.
    pub mirror: String,
    /// What was looked for.
    pub subject: Subject,
    /// What came of it.
    pub verdict: Verdict,
    /// When.
    pub observed: Moment,
    /// Where the page or the file lies: addresses, or paths in the tree.
    pub places: Vec<(ClaimKind, String)>,
}

/// Reads looks back from claims: several claims of one audit on one subject are one look.
#[derive(Debug, Default)]
pub struct Looks(BTreeMap<(String, Subject, Moment), Look>);

impl Looks {
    /// Takes in a claim; one that is not about a mirror is left out.
    pub fn take(&mut self, claim: &Claim) {
        let Surface::Mirror(mirror) = &claim.surface else { return };
        let verdict = verdict_of(claim);
        let key = (mirror.clone(), claim.subject.clone(), claim.looked());
        let look = self.0.entry(key).or_insert_with(|| Look {
            mirror: mirror.clone(),
            subject: claim.subject.clone(),
            verdict,
            observed: claim.looked(),
            places: Vec::new(),
        });
        look.places.push((claim.kind, claim.source_ref.clone()));
    }

    /// All looks, in the order of mirror, subject and time.
    pub fn all(&self) -> impl Iterator<Item = &Look> {
        self.0.values()
    }

    /// Of each project on each mirror, the looks of the last audit of it.
    #[must_use]
    pub fn last(&self) -> Vec<&Look> {
        let mut last: BTreeMap<(&str, &str), Moment> = BTreeMap::new();
        for look in self.0.values() {
            let moment = last.entry((&look.mirror, look.subject.name())).or_insert(look.observed);
            *moment = look.observed.max(*moment);
        }
        let is_last = |look: &&Look| {
            last.get(&(look.mirror.as_str(), look.subject.name())).is_some_and(|at| *at == look.observed)
        };
        self.0.values().filter(is_last).collect()
    }
}

fn verdict_of(claim: &Claim) -> Verdict {
    let detail: serde_json::Value = serde_json::from_str(&claim.detail).unwrap_or_default();
    let said = detail.get("verdict").and_then(serde_json::Value::as_str);
    said.and_then(Verdict::parse).unwrap_or(Verdict::Unknown)
}

/// What is left on mirrors, and for how long they keep what the index removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResidualReport {
    /// [`RESIDUAL_SCHEMA`].
    pub schema: &'static str,
    /// What is counted once: `project`, `release` or `file`.
    pub unit: &'static str,
    /// Units that at least one mirror still serves.
    pub found_anywhere: u64,
    /// Units looked for on any mirror.
    pub looked_for: u64,
    /// One a mirror, by rate, highest first.
    pub mirrors: Vec<ResidualLine>,
    /// How long entries and files stay after the index removed them: all mirrors together, then each.
    pub survival: Vec<SurvivalReport>,
}

/// One mirror's row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResidualLine {
    /// The counts.
    #[serde(flatten)]
    pub row: ResidualRow,
    /// Found over looked for, 0 to 1: the study's rate.
    pub rate: f64,
    /// Found over judged, 0 to 1.
    pub judged_rate: f64,
    /// The 95 % interval of the judged rate.
    pub interval: Option<(f64, f64)>,
}

/// How long something stays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurvivalReport {
    /// The mirror; `None` for all together.
    pub mirror: Option<String>,
    /// `index` for entries on pages, `file` for files.
    pub what: &'static str,
    /// Subjects that were removed from the index and seen on the mirror at least once.
    pub subjects: u64,
    /// Those that were seen to be gone.
    pub gone: u64,
    /// Days until half are gone, at the latest (Kaplan-Meier on the first look without it); `None` when more than half
    /// were there at the last look.
    pub median_days: Option<f64>,
    /// The same as the span that the looks leave open (Turnbull): after and by, `null` for no end.
    pub median_span: Option<(f64, Option<f64>)>,
    /// The curve: days, and the share left from then on.
    pub curve: Vec<(f64, f64)>,
}

impl Unit {
    /// Its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Release => "release",
            Self::File => "file",
        }
    }
}

impl ResidualReport {
    /// What the claims say.
    #[must_use]
    pub fn of(claims: &[Claim], unit: Unit) -> Self {
        let mut looks = Looks::default();
        claims.iter().for_each(|claim| looks.take(claim));
        let last = looks.last();
        let verdicts = || last.iter().map(|look| (look.mirror.as_str(), &look.subject, look.verdict));
        let (found_anywhere, looked_for) = found_anywhere(verdicts(), unit);
        let mirrors = residual_table(verdicts(), unit).into_iter().map(line_of).collect();
        let mut survival = Vec::new();
        for (what, name) in [(What::Index, "index"), (What::File, "file")] {
            survival.extend(survival_of(&persistence_of(claims, what), name));
        }
        Self { schema: RESIDUAL_SCHEMA, unit: unit.as_str(), found_anywhere, looked_for, mirrors, survival }
    }
}

fn line_of(row: ResidualRow) -> ResidualLine {
    ResidualLine { rate: row.rate(), judged_rate: row.judged_rate(), interval: row.interval(), row }
}

fn survival_of(all: &[Persistence], what: &'static str) -> Vec<SurvivalReport> {
    let mut by_mirror: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for one in all {
        by_mirror.entry(&one.mirror).or_default().push(one.span);
    }
    let together: Vec<Span> = all.iter().map(|one| one.span).collect();
    let mut reports = Vec::new();
    if !together.is_empty() {
        reports.push(survival_report(None, what, &together));
    }
    let of_mirror = |(mirror, spans): (&str, Vec<Span>)| survival_report(Some(mirror), what, &spans);
    reports.extend(by_mirror.into_iter().map(of_mirror));
    reports
}

fn survival_report(mirror: Option<&str>, what: &'static str, spans: &[Span]) -> SurvivalReport {
    let times: Vec<_> = spans.iter().map(Span::latest).collect();
    let steps = kaplan_meier(&times);
    let finite = |time: f64| time.is_finite().then_some(time);
    SurvivalReport {
        mirror: mirror.map(str::to_owned),
        what,
        subjects: spans.len() as u64,
        gone: spans.iter().filter(|span| span.by.is_some()).count() as u64,
        median_days: median(&steps),
        median_span: turnbull(spans).median().map(|(after, by)| (after, finite(by))),
        curve: steps.iter().map(|step| (step.time, step.survival)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use venin_intel::claim::{Class, Interval};

    use super::*;

    fn claim(version: &str, kind: ClaimKind, day: i64, verdict: &str) -> Claim {
        let moment = Moment::from_seconds(day * 86_400);
        let surface =
            if kind == ClaimKind::ReleaseRemoved { Surface::Index } else { Surface::Mirror("m".to_owned()) };
        Claim {
            subject: Subject::project("bad").unwrap().with_version(version).unwrap(),
            surface,
            kind,
            happened: Interval::at(moment),
            observed: moment,
            source: "mirror-probe".to_owned(),
            source_ref: "simple/bad".to_owned(),
            evidence: None,
            class: Class::Unknown,
            confidence: None,
            detail: format!("{{\"verdict\":\"{verdict}\"}}"),
        }
    }

    #[test]
    fn the_last_look_counts_and_persistence_is_measured() {
        let claims = [
            claim("1", ClaimKind::ReleaseRemoved, 10, ""),
            claim("1", ClaimKind::IndexSeen, 12, "live"),
            claim("1", ClaimKind::FileSeen, 12, "live"),
            claim("2", ClaimKind::FileSeen, 12, "live"),
            claim("1", ClaimKind::IndexAbsent, 20, "orphan-file"),
            claim("1", ClaimKind::FileSeen, 20, "orphan-file"),
            claim("2", ClaimKind::FileAbsent, 20, "clean"),
        ];
        let report = ResidualReport::of(&claims, Unit::Release);
        assert_eq!((report.found_anywhere, report.looked_for), (1, 2));
        assert_eq!((report.mirrors[0].row.found, report.mirrors[0].row.clean), (1, 1));
        let of_index = report.survival.iter().find(|s| s.what == "index" && s.mirror.is_some()).unwrap();
        assert_eq!((of_index.subjects, of_index.gone, of_index.median_days), (1, 1, Some(10.0)));
        assert_eq!(of_index.median_span, Some((2.0, Some(10.0))));
        let of_file = report.survival.iter().find(|s| s.what == "file" && s.mirror.is_none()).unwrap();
        assert_eq!((of_file.subjects, of_file.gone, of_file.median_days), (1, 0, None));
    }

    #[test]
    fn a_mirror_that_failed_is_incomplete_and_not_stale() {
        let mut mirror = MirrorReport::new("m", "https://m.example/simple/");
        assert!(!mirror.is_incomplete());
        mirror.not_asked = 3;
        assert!(mirror.is_incomplete() && mirror.count_stale() == 0);
    }
}
