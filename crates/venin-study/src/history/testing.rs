//! Hand-made claims.

use venin_intel::claim::{Claim, ClaimKind, Class, Interval, Moment, Subject, Surface};

use super::History;

/// The reader's clock in tests.
pub(crate) fn now() -> Moment {
    Moment::parse("2026-11-01T00:00:00Z").unwrap()
}

/// A history of claims.
pub(crate) fn history(claims: Vec<Claim>) -> History {
    History::of(claims, now())
}

/// A date: empty for unknown, `by ...` for one that has no beginning.
fn interval(text: &str) -> Interval {
    match text.strip_prefix("by ") {
        _ if text.is_empty() => Interval::UNKNOWN,
        Some(end) => Interval::by(Moment::parse(end).unwrap()),
        None => Interval::parse(text).unwrap(),
    }
}

/// The first second of a day.
pub(crate) fn day(text: &str) -> String {
    format!("{text}T00:00:00Z")
}

/// A claim on `name` or `name==version`.
pub(crate) fn claim(release: &str, kind: ClaimKind, happened: &str) -> Claim {
    let (name, version) = release.split_once("==").unwrap_or((release, ""));
    let mut subject = Subject::project(name).unwrap();
    if !version.is_empty() {
        subject = subject.with_version(version).unwrap();
    }
    Claim {
        subject,
        surface: Surface::Index,
        kind,
        happened: interval(happened),
        observed: Moment::parse("2026-10-01T00:00:00Z").unwrap(),
        source: "index".to_owned(),
        source_ref: "r".to_owned(),
        evidence: None,
        class: Class::Unknown,
        confidence: None,
        detail: String::new(),
    }
}

/// A report by a source, one record for each release.
pub(crate) fn report(release: &str, source: &str, happened: &str) -> Claim {
    Claim {
        surface: Surface::Advisory(source.to_owned()),
        source: source.to_owned(),
        source_ref: format!("{source}-{release}"),
        class: Class::Malware,
        ..claim(release, ClaimKind::Reported, happened)
    }
}

/// What an audit saw on a day.
pub(crate) fn look(release: &str, mirror: &str, kind: ClaimKind, on: &str, verdict: &str) -> Claim {
    let observed = Moment::parse(&day(on)).unwrap();
    Claim {
        surface: Surface::Mirror(mirror.to_owned()),
        happened: Interval::by(observed),
        observed,
        source: "mirror-probe".to_owned(),
        detail: format!("{{\"verdict\":\"{verdict}\"}}"),
        ..claim(release, kind, "")
    }
}

/// A sum of downloads from one day to another.
pub(crate) fn downloads(release: &str, from: &str, to: &str, detail: &str) -> Claim {
    let moment = |text: &str| Moment::parse(&day(text)).unwrap();
    Claim {
        surface: Surface::Downloads,
        happened: Interval::between(moment(from), moment(to)),
        source: "downloads".to_owned(),
        source_ref: format!("{from}.csv"),
        detail: detail.to_owned(),
        ..claim(release, ClaimKind::Downloads, "")
    }
}
