//! OSV records of malicious packages: a file, a directory or work tree, a dump, JSON lines, a bare repository.
//!
//! Format: the Open Source Vulnerability schema 1.x, with the additions of the feeds of malicious packages
//! (`malicious-packages-origins`, `iocs`, `indicators`).  Ordinary vulnerabilities are passed over and counted.

mod claims;
mod classify;
mod record;
mod reports;

use super::documents::{Found, Wanted, has_extension, read_documents};
use super::dump::{Reached, conclude};
use super::{Connector, Description, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Digest, Moment};

pub(crate) use claims::is_ahead;
pub use claims::{Parsed, Place, Provenance, make_claims};
pub use classify::{SourceSection, classify_origin, classify_record, is_about_malice, source_sections};
pub use record::{Affected, Credit, NamedFile, Origin, Package, Range, Record, Reference};

/// How far a later run looks back before the newest record that it knows.  Records appear in dumps hours or days
/// after the date that they carry; to read one again changes nothing.
const LOOK_BACK_SECONDS: i64 = 14 * 86_400;

/// Why a record gives no claims.
const ORDINARY: &str = "ordinary vulnerabilities";
/// Why a record gives no claims.
const ELSEWHERE: &str = "records of other ecosystems";
/// Why a record gives no claims.
pub(crate) const OLDER: &str = "records that did not change since";

/// The connector for OSV records.
pub struct Osv;

impl Connector for Osv {
    fn describe(&self) -> Description {
        Description {
            id: "osv",
            title: "Records of malicious packages in the OSV schema",
            input: "a record, a directory or git repository of records, a dump (.zip), JSON lines, or an address",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let is_record = |path: &str| has_extension(path, &["json"]);
        collect_records(
            request,
            sink,
            &Form { connector: "osv", is_record: &is_record, parse: &parse_record },
        )
    }
}

/// Makes claims of one record's text.
pub(crate) type ParseRecord<'a> = dyn Fn(&[u8], &str, &Provenance<'_>) -> Vec<Parsed> + 'a;

/// What distinguishes the connectors of records from each other.
pub(crate) struct Form<'a> {
    pub(crate) connector: &'static str,
    /// Whether a file of a tree or a dump is a record, by its path.
    pub(crate) is_record: &'a dyn Fn(&str) -> bool,
    pub(crate) parse: &'a ParseRecord<'a>,
}

/// Makes claims of one record.  `what` is its place, for problems.
#[must_use]
pub fn parse_record(bytes: &[u8], what: &str, from: &Provenance<'_>) -> Vec<Parsed> {
    match serde_json::from_slice::<Record>(bytes) {
        Ok(record) => vec![judge_record(&record, what, Some(Digest::of(bytes)), from)],
        Err(error) => vec![failed(what, error.to_string())],
    }
}

/// A record that cannot be read.
pub(crate) fn failed(what: &str, error: String) -> Parsed {
    Parsed { problems: vec![SourceProblem { what: what.to_owned(), error }], ..Parsed::default() }
}

/// Makes claims of a record, unless it is ordinary or about other ecosystems.
pub(crate) fn judge_record(
    record: &Record,
    what: &str,
    evidence: Option<Digest>,
    from: &Provenance<'_>,
) -> Parsed {
    if record.id.is_empty() {
        return failed(what, "a record without `id`".to_owned());
    }
    if !record.affected.iter().any(claims::is_ours) {
        return Parsed { skipped: Some(ELSEWHERE), ..Parsed::default() };
    }
    if !is_about_malice(record) {
        return Parsed { skipped: Some(ORDINARY), ..Parsed::default() };
    }
    make_claims(record, evidence, from)
}

/// Reads every record of the input that changed since, and gives its claims to the sink.
pub(crate) fn collect_records(
    request: &Request<'_>,
    sink: &mut dyn Sink,
    form: &Form<'_>,
) -> Result<(), SourceError> {
    let since = starting_point(request);
    let mut newest = Reached::parse(request.cursor).newest();
    let is_folder = |path: &str| !is_other_ecosystem(path);
    let is_wanted = |path: &str| (form.is_record)(path) && is_folder(path);
    let wanted = Wanted { connector: form.connector, file: &is_wanted, folder: &is_folder };
    let mut counts = Counts::default();
    let read = read_documents(request, &wanted, &mut |found| {
        let (what, bytes) = match found {
            Found::Document(what, bytes) => (what, bytes),
            Found::Problem(problem) => {
                sink.problem(problem);
                return Ok(());
            }
        };
        let from = Provenance { source: request.source, now: request.now, place: judge_place(what) };
        for parsed in (form.parse)(bytes, what, &from) {
            let is_old = parsed.modified.zip(since).is_some_and(|(modified, since)| modified < since);
            newest = newest.max(parsed.modified);
            counts.count(if is_old { Some(OLDER) } else { parsed.skipped });
            if !is_old {
                parsed.problems.into_iter().for_each(|problem| sink.problem(problem));
                parsed.claims.into_iter().try_for_each(|claim| sink.claim(claim))?;
            }
        }
        Ok(())
    });
    counts.0.into_iter().for_each(|(why, count)| sink.skipped(why, count));
    conclude(request, read?, newest, sink)
}

/// Where reading begins: at the user's date, or some days before the newest record of the last run.
fn starting_point(request: &Request<'_>) -> Option<Moment> {
    let cursor = Reached::parse(request.cursor).newest();
    let cursor = cursor.map(|moment| {
        Moment::from_micros(moment.micros().saturating_sub(LOOK_BACK_SECONDS.saturating_mul(1_000_000)))
    });
    request.since.max(cursor)
}

/// Folders of other ecosystems in trees of records.
const OTHER_ECOSYSTEMS: &[&str] = &[
    "crates-io",
    "crates.io",
    "go",
    "hex",
    "maven",
    "npm",
    "nuget",
    "packagist",
    "pub",
    "rubygems",
    "vscode",
];

/// Whether a path of a tree of records is about another ecosystem: `osv/malicious/npm/...`.
fn is_other_ecosystem(path: &str) -> bool {
    let is_kind = |part: &str| matches!(part, "malicious" | "withdrawn");
    let mut parts = path.split('/');
    parts.any(is_kind)
        && parts.next().is_some_and(|name| OTHER_ECOSYSTEMS.contains(&name.to_ascii_lowercase().as_str()))
}

/// What the place of a record says: `.../withdrawn/ECOSYSTEM/NAME/RECORD`.
fn judge_place(path: &str) -> Place {
    if path.rsplit('/').nth(3) == Some("withdrawn") { Place::Withdrawn } else { Place::Plain }
}

/// How many records gave no claims, by reason.
#[derive(Default)]
struct Counts(std::collections::BTreeMap<&'static str, u64>);

impl Counts {
    fn count(&mut self, why: Option<&'static str>) {
        if let Some(why) = why {
            *self.0.entry(why).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests;
