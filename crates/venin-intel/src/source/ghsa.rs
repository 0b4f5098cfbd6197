//! Advisories of type malware from the advisory database of a code host.
//!
//! Three forms: the database's files, which are OSV records with the weakness under `database_specific`; an export of
//! its REST interface (objects with `ghsa_id`, alone or in a list); an export of its GraphQL interface (objects with
//! `ghsaId`, alone, in a list or as `nodes`).  Advisories of other types are passed over and counted.
//!
//! This feed repeats reports of others.  The aliases, and the digests of the reports that its text names, stay in the
//! detail (`aliases`, `merged_from`), so that an echo is not taken for a second witness.

use serde_json::{Value, json};

use super::documents::has_extension;
use super::osv::{
    Affected, Credit, Form, Package, Parsed, Provenance, Range, Record, Reference, collect_records, failed,
    judge_record, parse_record,
};
use super::{Connector, Description, Request, Sink, SourceError};
use crate::claim::Digest;
use crate::source::detail::render_value;

/// The connector for advisories of type malware.
pub struct Ghsa;

impl Connector for Ghsa {
    fn describe(&self) -> Description {
        Description {
            id: "ghsa",
            title: "Advisories of type malware from a code host's advisory database",
            input: "a directory or git repository of advisories, a REST or GraphQL export (.json, .jsonl), a dump (.zip)",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let is_record = |path: &str| has_extension(path, &["json"]);
        let form = Form { connector: "ghsa", is_record: &is_record, parse: &parse_advisories };
        collect_records(request, sink, &form)
    }
}

/// Most advisories in one export.
const MAX_ADVISORIES: usize = 1_000_000;

/// Makes claims of one advisory in any of the three forms, or of an export of many.
#[must_use]
pub fn parse_advisories(bytes: &[u8], what: &str, from: &Provenance<'_>) -> Vec<Parsed> {
    let value = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => value,
        Err(error) => return vec![failed(what, error.to_string())],
    };
    if value.get("affected").is_some() {
        return parse_record(bytes, what, from);
    }
    let advisories = find_advisories(&value);
    if advisories.is_empty() {
        return vec![failed(what, "neither an advisory nor a list of advisories".to_owned())];
    }
    let parse = |(at, advisory): (usize, &Value)| match to_record(advisory) {
        Some(Ok(record)) => {
            let evidence = Digest::of(render_value(advisory).as_bytes());
            judge_record(&record, what, Some(evidence), from)
        }
        Some(Err(skipped)) => Parsed { skipped: Some(skipped), ..Parsed::default() },
        None => failed(what, format!("advisory {at} has no `ghsa_id` or `ghsaId`")),
    };
    advisories.into_iter().take(MAX_ADVISORIES).enumerate().map(parse).collect()
}

/// The advisories of an export: itself, its elements, or the `nodes` of its answer.
fn find_advisories(value: &Value) -> Vec<&Value> {
    if let Some(list) = value.as_array() {
        return list.iter().collect();
    }
    if value.get("ghsa_id").is_some() || value.get("ghsaId").is_some() {
        return vec![value];
    }
    let places = ["/data/securityAdvisories/nodes", "/securityAdvisories/nodes", "/nodes"];
    let nodes = places.iter().find_map(|place| value.pointer(place)?.as_array());
    nodes.map(|nodes| nodes.iter().collect()).unwrap_or_default()
}

/// Turns an advisory into a record; `Err` says why it is passed over, `None` that it is no advisory.
fn to_record(advisory: &Value) -> Option<Result<Record, &'static str>> {
    let text = |keys: [&str; 2]| keys.iter().find_map(|key| advisory.get(*key)?.as_str()).unwrap_or_default();
    let id = text(["ghsa_id", "ghsaId"]);
    if id.is_empty() {
        return None;
    }
    if !text(["type", "classification"]).eq_ignore_ascii_case("malware") {
        return Some(Err("advisories of other types"));
    }
    let identifiers = advisory.get("identifiers").and_then(Value::as_array).into_iter().flatten();
    let aliases = identifiers.filter_map(|alias| alias.get("value")?.as_str()).filter(|alias| *alias != id);
    let mut weaknesses: Vec<String> = list_of(advisory, "cwes")
        .filter_map(|cwe| cwe.get("cwe_id").or_else(|| cwe.get("cweId"))?.as_str().map(str::to_owned))
        .collect();
    // The type says it; the weakness is what OSV records say it with.
    weaknesses.push("CWE-506".to_owned());
    let references = advisory.get("references").and_then(Value::as_array).into_iter().flatten();
    let references = references.filter_map(|r| r.as_str().or_else(|| r.get("url")?.as_str()));
    let credits = advisory.get("credits").and_then(Value::as_array).into_iter().flatten();
    Some(Ok(Record {
        id: id.to_owned(),
        modified: text(["updated_at", "updatedAt"]).to_owned(),
        published: text(["published_at", "publishedAt"]).to_owned(),
        withdrawn: text(["withdrawn_at", "withdrawnAt"]).to_owned(),
        aliases: aliases.map(str::to_owned).collect(),
        summary: text(["summary", "summary"]).to_owned(),
        details: text(["description", "description"]).to_owned(),
        affected: list_of(advisory, "vulnerabilities").filter_map(to_affected).collect(),
        references: references.map(|url| Reference { url: url.to_owned() }).collect(),
        credits: credits.filter_map(to_credit).collect(),
        database_specific: json!({"cwe_ids": weaknesses}),
    }))
}

/// A list that is given as such or as an object with `nodes`.
fn list_of<'a>(advisory: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let value = advisory.get(key);
    let list = value.and_then(|value| value.as_array().or_else(|| value.get("nodes")?.as_array()));
    list.into_iter().flatten()
}

fn to_credit(credit: &Value) -> Option<Credit> {
    let name = credit.pointer("/user/login").or_else(|| credit.get("login"))?.as_str()?.to_owned();
    let role = credit.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Credit { name, role })
}

/// A vulnerability of an advisory; the ecosystem is `pip` or `PIP` there.
fn to_affected(vulnerability: &Value) -> Option<Affected> {
    let package = vulnerability.get("package")?;
    let ecosystem = package.get("ecosystem")?.as_str()?;
    let ecosystem = if ecosystem.eq_ignore_ascii_case("pip") { "PyPI" } else { ecosystem };
    let name = package.get("name")?.as_str()?.to_owned();
    let range = ["vulnerable_version_range", "vulnerableVersionRange"];
    let range = range.iter().find_map(|key| vulnerability.get(*key)?.as_str()).unwrap_or_default();
    let (versions, ranges) = parse_range(range);
    let package = Package { ecosystem: ecosystem.to_owned(), name };
    Some(Affected { package, versions, ranges, database_specific: Value::Null })
}

/// Reads `= 1.0`, `>= 0`, `< 2.0`, `>= 1.0, < 2.0`: one version, or the events of one range.
fn parse_range(text: &str) -> (Vec<String>, Vec<Range>) {
    let parts: Vec<(&str, &str)> = text.split(',').take(16).filter_map(split_operator).collect();
    if let [("=", version)] = parts.as_slice() {
        return (vec![(*version).to_owned()], Vec::new());
    }
    let mut events = Vec::new();
    if !parts.iter().any(|(operator, _)| operator.starts_with('>')) {
        events.push(json!({"introduced": "0"}));
    }
    for (operator, version) in parts {
        events.push(match operator {
            ">=" => json!({"introduced": version}),
            ">" => json!({"introduced_after": version}),
            "<" => json!({"fixed": version}),
            _ => json!({"last_affected": version}),
        });
    }
    (Vec::new(), vec![Range { kind: "ECOSYSTEM".to_owned(), events }])
}

fn split_operator(part: &str) -> Option<(&str, &str)> {
    let part = part.trim();
    let end = part.find(|c: char| !matches!(c, '<' | '>' | '=')).filter(|end| *end > 0)?;
    let (operator, version) = part.split_at(end);
    Some((operator, version.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{ClaimKind, Moment};
    use crate::source::osv::Place;

    fn parse(text: &str) -> Vec<Parsed> {
        let from =
            Provenance { source: "ghsa", now: Moment::from_seconds(1_800_000_000), place: Place::Plain };
        parse_advisories(text.as_bytes(), "export.json", &from)
    }

    const REST: &str = r#"[{"ghsa_id":"GHSA-aaaa-bbbb-cccc","cve_id":null,"type":"malware",
        "summary":"Malware in demo","description":"Text","severity":"critical",
        "identifiers":[{"value":"GHSA-aaaa-bbbb-cccc","type":"GHSA"},{"value":"MAL-2026-1","type":"MAL"}],
        "references":["https://feed.example/1"],"published_at":"2026-01-01T00:00:00Z",
        "updated_at":"2026-01-02T00:00:00Z","withdrawn_at":null,"cwes":[{"cwe_id":"CWE-506","name":"x"}],
        "credits":[{"user":{"login":"finder"},"type":"finder"}],
        "vulnerabilities":[{"package":{"ecosystem":"pip","name":"Demo_Pkg"},
            "vulnerable_version_range":">= 0","first_patched_version":null,"vulnerable_functions":[]},
            {"package":{"ecosystem":"npm","name":"demo"},"vulnerable_version_range":">= 0"}]},
        {"ghsa_id":"GHSA-xxxx-yyyy-zzzz","type":"reviewed","vulnerabilities":[]}]"#;

    #[test]
    fn a_rest_export_gives_the_python_packages_of_type_malware() {
        let parsed = parse(REST);
        let claims = &parsed[0].claims;
        assert_eq!(claims.len(), 2);
        assert!(claims.iter().all(|claim| claim.subject.to_string() == "demo-pkg"));
        assert_eq!(claims[1].kind, ClaimKind::AdvisoryModified);
        assert!(claims[1].detail.contains(r#""aliases":["MAL-2026-1"]"#), "{}", claims[1].detail);
        assert!(claims[1].detail.contains(r#""finders":["finder"]"#));
        assert!(claims[1].detail.contains(r#""scope":"project""#));
        assert_eq!(parsed[1].skipped, Some("advisories of other types"));
    }

    #[test]
    fn a_graphql_export_says_the_same() {
        let text = r#"{"data":{"securityAdvisories":{"nodes":[{"ghsaId":"GHSA-aaaa-bbbb-cccc",
            "classification":"MALWARE","summary":"Malware in demo","publishedAt":"2026-01-01T00:00:00Z",
            "updatedAt":"2026-01-01T00:00:00Z","withdrawnAt":"2026-01-03T00:00:00Z",
            "cwes":{"nodes":[{"cweId":"CWE-506"}]},"references":[{"url":"https://feed.example/1"}],
            "vulnerabilities":{"nodes":[{"package":{"ecosystem":"PIP","name":"demo"},
                "vulnerableVersionRange":"= 1.0.1"}]}}]}}}"#;
        let claims = &parse(text)[0].claims;
        assert_eq!(claims[0].subject.to_string(), "demo==1.0.1");
        assert_eq!(claims[1].kind, ClaimKind::AdvisoryWithdrawn);
        assert_eq!(claims[1].happened.to_string(), "2026-01-03T00:00:00Z");
    }

    #[test]
    fn a_file_of_the_database_is_an_osv_record() {
        let text = r#"{"schema_version":"1.4.0","id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z",
            "published":"2026-01-01T00:00:00Z","aliases":[],"summary":"Malware in demo","details":"",
            "severity":[],"affected":[{"package":{"ecosystem":"PyPI","name":"demo"},
            "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0"},{"fixed":"1.2"}]}]}],
            "references":[],"database_specific":{"cwe_ids":["CWE-506"],"severity":"CRITICAL",
            "github_reviewed":true,"github_reviewed_at":"2026-01-01T00:00:00Z","nvd_published_at":null}}"#;
        let claims = &parse(text)[0].claims;
        assert_eq!(
            claims[0].detail,
            r#"{"ranges":[{"events":[{"introduced":"1.0"},{"fixed":"1.2"}],"type":"ECOSYSTEM"}],"scope":"ranges"}"#
        );
    }

    #[test]
    fn what_is_no_advisory_is_one_problem_each() {
        for text in ["", "{", "[]", "{}", "7", r#"{"nodes":7}"#, r#"[{"ghsa_id":7}]"#, &"[".repeat(100_000)] {
            let parsed = parse(text);
            assert!(parsed.len() == 1 && parsed[0].claims.is_empty(), "{text:.20}");
            assert_eq!(parsed[0].problems.len(), 1, "{text:.20}");
        }
    }
}
