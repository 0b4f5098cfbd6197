//! Records of the packaging authority's advisory database that are about poisoned releases of real projects.
//!
//! The database holds YAML files whose content is an OSV record, `vulns/NAME/PYSEC-YEAR-NUMBER.yaml`; dumps hold the
//! same as JSON.  Nearly all of them are ordinary vulnerabilities: passed over and counted.

use serde_json::Value;

use super::documents::has_extension;
use super::osv::{Form, Parsed, Provenance, Record, collect_records, failed, judge_record, parse_record};
use super::{Connector, Description, Request, Sink, SourceError};
use crate::claim::Digest;

/// The connector for the packaging authority's database.
pub struct Pypa;

impl Connector for Pypa {
    fn describe(&self) -> Description {
        Description {
            id: "pypa",
            title: "Poisoned releases in the packaging authority's advisory database",
            input: "a directory or git repository of YAML records, one record, or a dump as JSON (.json, .jsonl, .zip)",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let form = Form { connector: "pypa", is_record: &is_record, parse: &parse_pysec };
        collect_records(request, sink, &form)
    }
}

/// Whether a file of a tree is a record: workflows and lists of the database are YAML too.
fn is_record(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("PYSEC-") && has_extension(name, &["yaml", "yml", "json"])
}

/// Longest YAML record, in bytes; the longest real one has a few thousand.
const MAX_YAML: usize = 16 << 20;

/// Makes claims of one record, YAML or JSON.  Records that do not come from this database are passed over.
#[must_use]
pub fn parse_pysec(bytes: &[u8], what: &str, from: &Provenance<'_>) -> Vec<Parsed> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return parse_record(bytes, what, from);
    }
    match read_yaml(bytes) {
        Ok(record) => vec![judge_record(&record, what, Some(Digest::of(bytes)), from)],
        Err(error) => vec![failed(what, error)],
    }
}

fn read_yaml(bytes: &[u8]) -> Result<Record, String> {
    if bytes.len() > MAX_YAML {
        return Err(format!("more than {MAX_YAML} bytes of YAML"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    // The reader has budgets of its own for aliases, nodes and depth.
    let value: Value = serde_saphyr::from_str(text).map_err(|error| first_line(&error.to_string()))?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{ClaimKind, Class, Moment};
    use crate::source::osv::Place;

    fn parse(text: &[u8]) -> Parsed {
        let from =
            Provenance { source: "pypa", now: Moment::from_seconds(1_800_000_000), place: Place::Plain };
        parse_pysec(text, "vulns/demo/PYSEC-2026-1.yaml", &from).remove(0)
    }

    const TAKEN_OVER: &str = "id: PYSEC-2026-1
details: 'The demo project was taken over via user account
  compromise and replaced with a malicious project.'
affected:
- package:
    name: demo
    ecosystem: PyPI
    purl: pkg:pypi/demo
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: '1.2-1'
  versions:
    - '0.1.2-1'
    - '0.2'

references:
- type: ARTICLE
  url: https://feed.example/demo
modified: '2026-05-24T17:55:00.000000Z'
published: '2026-05-24T17:55:00.000000Z'
";

    #[test]
    fn a_project_that_was_taken_over_gives_a_claim_for_each_version() {
        let parsed = parse(TAKEN_OVER.as_bytes());
        assert_eq!(parsed.problems, []);
        let versions: Vec<_> = parsed.claims.iter().map(|c| (c.kind, c.subject.to_string())).collect();
        assert_eq!(
            versions,
            [
                (ClaimKind::AdvisoryPublished, "demo==0.1.2-1".to_owned()),
                (ClaimKind::AdvisoryPublished, "demo==0.2".to_owned()),
                (ClaimKind::AdvisoryModified, "demo==0.1.2-1".to_owned()),
                (ClaimKind::AdvisoryModified, "demo==0.2".to_owned()),
            ]
        );
        assert!(parsed.claims.iter().all(|claim| claim.class == Class::Compromised));
    }

    #[test]
    fn an_ordinary_record_is_passed_over() {
        let text = TAKEN_OVER.replace("was taken over", "is slow").replace("account\n  compromise", "input");
        let text = text.replace("replaced with a malicious project", "nothing else");
        assert_eq!(parse(text.as_bytes()).skipped, Some("ordinary vulnerabilities"));
    }

    #[test]
    fn broken_and_hostile_yaml_is_a_problem() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n".to_owned()
            + "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
            + "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f]\n";
        let deep = "[".repeat(100_000);
        let texts: [&[u8]; 7] =
            [b"", b"id: [", b"\xff\xfe", b"- 1", b"id: 7", bomb.as_bytes(), deep.as_bytes()];
        for text in texts {
            let parsed = parse(text);
            let shown = String::from_utf8_lossy(text.get(..20).unwrap_or(text)).into_owned();
            assert!(parsed.claims.is_empty() && parsed.problems.len() == 1, "{shown}: {parsed:?}");
            assert!(parsed.problems[0].error.len() < 400);
        }
    }
}
