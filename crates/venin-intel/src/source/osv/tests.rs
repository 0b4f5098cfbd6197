//! Records in the true form of the feeds, made by hand.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::claim::{ClaimKind, Class};
use crate::http::FetchError;
use crate::index::HttpUrl;
use crate::source::Input;
use crate::source::collected::{Collected, NOW, OnePage, collect, collect_with};

fn parse(text: &str) -> Parsed {
    parse_record(text.as_bytes(), "demo.json", &Provenance { source: "osv", now: NOW, place: Place::Plain })
        .remove(0)
}

/// A merged record as the feed writes it: two reports, one of which states a category.
fn merged() -> String {
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    format!(
        r####"{{
  "modified": "2026-01-11T09:27:52Z", "published": "2025-07-26T16:53:30Z", "schema_version": "1.7.4",
  "id": "MAL-2026-6428", "summary": "Malicious code in demo (PyPI)",
  "details": "\n---\n_-= Per source details. =-_\n\n## Source: one-feed ({a})\nText.\n\nCategory: PROBABLY_PENTEST - looks like a test.\n\n## Source: two ({b})\nText.\n",
  "affected": [{{"package": {{"ecosystem": "PyPI", "name": "Demo", "purl": "pkg:pypi/demo"}}, "versions": ["5.20.4", "1.0"],
    "database_specific": {{"cwes": [{{"cweId": "CWE-506", "name": "Embedded Malicious Code"}}],
      "indicators": {{"package_integrity": [{{"filename": "demo-1.0.tar.gz", "hashes": {{"md5": "x", "sha256": "{a}"}}}}]}}}}}}],
  "references": [{{"type": "WEB", "url": "https://feed.example/demo"}}],
  "credits": [{{"name": "One", "type": "ANALYST", "contact": ["https://feed.example/"]}}, {{"name": "Two", "type": "FINDER"}}],
  "database_specific": {{"iocs": {{"domains": ["bad.invalid"], "urls": [], "ip_addresses": ["192.0.2.1"]}},
    "malicious-packages-origins": [
      {{"source": "two", "sha256": "{b}", "import_time": "2025-08-01T10:07:08.732035398Z", "id": "TWO-2025-03512", "modified_time": "2025-07-31T19:13:52Z", "versions": ["5.20.4"]}},
      {{"source": "one-feed", "sha256": "{a}", "import_time": "2025-12-02T22:30:55.807254671Z", "id": "demo/campaign/demo", "modified_time": "2024-07-26T16:53:30Z", "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}]}}]}},
      {{"source": "two", "sha256": "{b}", "import_time": "2025-10-24T00:58:43Z", "id": "TWO-U", "modified_time": "2025-10-16T13:48:54Z"}}]}}
}}"####
    )
}

#[test]
fn a_merged_record_says_what_is_accused_since_when_and_by_whom() {
    let parsed = parse(&merged());
    assert_eq!(parsed.problems, []);
    let collected = Collected { claims: parsed.claims, ..Collected::default() };
    assert_eq!(
        collected.lines(),
        [
            "advisory-published demo==1.0 2025-07-26T16:53:30Z pentest",
            "advisory-published demo==1.0 (demo-1.0.tar.gz) 2025-07-26T16:53:30Z pentest",
            "advisory-published demo==5.20.4 2025-07-26T16:53:30Z pentest",
            "advisory-modified demo==1.0 2026-01-11T09:27:52Z pentest",
            "advisory-modified demo==1.0 (demo-1.0.tar.gz) 2026-01-11T09:27:52Z pentest",
            "advisory-modified demo==5.20.4 2026-01-11T09:27:52Z pentest",
            "reported demo==5.20.4 by 2025-07-31T19:13:52Z malware",
            "reported demo by 2024-07-26T16:53:30Z pentest",
            "reported demo==1.0 by 2025-10-16T13:48:54Z malware",
            "reported demo==5.20.4 by 2025-10-16T13:48:54Z malware",
        ]
    );
    let claims = &collected.claims;
    assert_eq!(claims[1].subject.sha256(), "a".repeat(64).parse().ok());
    assert_eq!(claims[6].source, "two");
    assert_eq!(claims[6].source_ref, "TWO-2025-03512");
    assert_eq!(claims[6].evidence, "b".repeat(64).parse().ok());
    assert!(claims[7].detail.contains(r#""scope":"project""#));
    for said in [
        r#""finders":["Two"]"#,
        r#""credits":[{"name":"One","role":"ANALYST"}]"#,
        r#""iocs":{"domains":["bad.invalid"],"ip_addresses":["192.0.2.1"],"urls":[]}"#,
        r#""cwe":["CWE-506"]"#,
    ] {
        assert!(claims[3].detail.contains(said), "{said}: {}", claims[3].detail);
    }
    assert_eq!(claims[4].detail, "");
}

#[test]
fn a_record_that_is_taken_back_leaves_a_tombstone_and_no_accusation_of_today() {
    let text = merged().replacen(
        r#""schema_version""#,
        r#""withdrawn": "2026-01-12T00:00:00Z", "schema_version""#,
        1,
    );
    let parsed = parse(&text);
    assert!(!parsed.claims.iter().any(|claim| claim.kind == ClaimKind::AdvisoryModified));
    let withdrawn: Vec<_> =
        parsed.claims.iter().filter(|claim| claim.kind == ClaimKind::AdvisoryWithdrawn).collect();
    let of_the_record = withdrawn.iter().filter(|claim| claim.source == "osv");
    assert_eq!(of_the_record.count(), 3);
    let report = |kind| {
        let claims = parsed.claims.iter().filter(move |claim| claim.kind == kind && claim.source != "osv");
        claims.map(|claim| (&claim.source, &claim.source_ref, &claim.subject)).collect::<Vec<_>>()
    };
    assert_eq!(report(ClaimKind::Reported).len(), 4);
    assert_eq!(report(ClaimKind::Reported), report(ClaimKind::AdvisoryWithdrawn));
    assert!(withdrawn.iter().all(|claim| claim.happened.to_string() == "2026-01-12T00:00:00Z"));
    assert!(withdrawn[0].detail.contains(r#""withdrawn":"MAL-2026-6428""#));
}

#[test]
fn a_report_that_was_merged_again_says_what_it_says_now_since_it_was_first_made() {
    let again = r#"{"source": "one-feed", "sha256": "cc", "import_time": "2025-12-10T00:00:00Z",
        "id": "demo/campaign/demo", "modified_time": "2025-12-09T00:00:00Z", "versions": ["1.0"]}, {"source": "two""#;
    let parsed = parse(&merged().replacen(r#"{"source": "two""#, again, 1));
    let claims: Vec<_> = parsed.claims.iter().filter(|claim| claim.source == "one-feed").collect();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].subject.to_string(), "demo==1.0");
    assert_eq!(claims[0].happened.to_string(), "by 2024-07-26T16:53:30Z");
    assert_eq!(parsed.problems.len(), 1, "the digest of two letters");
}

#[test]
fn a_change_of_the_record_leaves_the_claim_of_its_publication_as_it_was() {
    let before = parse(&merged());
    let after =
        parse(&merged().replace("2026-01-11T09:27:52Z", "2026-01-12T00:00:00Z").replace("Text.", "More."));
    let ids = |parsed: &Parsed, kind| -> Vec<_> {
        parsed.claims.iter().filter(|claim| claim.kind == kind).map(crate::claim::Claim::id).collect()
    };
    assert_eq!(ids(&before, ClaimKind::AdvisoryPublished), ids(&after, ClaimKind::AdvisoryPublished));
    assert_ne!(ids(&before, ClaimKind::AdvisoryModified), ids(&after, ClaimKind::AdvisoryModified));
}

fn small(name: &str, rest: &str) -> String {
    format!(
        r#"{{"id":"MAL-2026-1","modified":"2026-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"PyPI","name":{}}}{rest}}}]}}"#,
        serde_json::Value::from(name)
    )
}

#[test]
fn a_range_from_the_first_version_on_is_the_whole_project_and_another_one_is_not() {
    let whole = parse(&small("a", r#","ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]"#));
    assert_eq!(whole.claims[0].detail, r#"{"scope":"project"}"#);
    let part =
        parse(&small("a", r#","ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]"#));
    assert!(part.claims[0].detail.contains(r#""scope":"ranges""#));
}

#[test]
fn ordinary_vulnerabilities_and_other_ecosystems_are_passed_over() {
    let ordinary = small("a", r#","versions":["1"]"#).replace("MAL-2026-1", "GHSA-aaaa-bbbb-cccc");
    assert_eq!(parse(&ordinary).skipped, Some("ordinary vulnerabilities"));
    let elsewhere = small("a", r#","versions":["1"]"#).replace("PyPI", "npm");
    assert_eq!(parse(&elsewhere).skipped, Some("records of other ecosystems"));
}

#[test]
fn hostile_records_are_problems_and_what_fits_is_kept() {
    for name in ["../../etc/passwd", "a\u{1b}[2J", "", "..", &"a".repeat(10_000_000)] {
        let parsed = parse(&small(name, r#","versions":["1"]"#));
        assert!(parsed.claims.is_empty() && parsed.problems.len() == 1, "{name:.20}");
        assert!(parsed.problems[0].error.len() < 400 && !parsed.problems[0].error.contains('\u{1b}'));
    }
    let versions = parse(&small("a", r#","versions":["1","2 3","../4","5\u0000"]"#));
    assert_eq!((versions.claims.len(), versions.problems.len()), (2, 3));
    let dates = small("a", r#","versions":["1"]"#).replace("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z");
    assert_eq!(parse(&dates).problems.len(), 1);
    let ahead = small("a", r#","versions":["1"]"#).replace("2026-01-01", "2999-01-01");
    let ahead = parse(&ahead);
    assert_eq!((ahead.modified, ahead.problems.len()), (None, 1));
    let broken: [&[u8]; 8] = [
        b"",
        b"{",
        b"\xff\xfe{\0}",
        b"[]",
        br#"{"id":"MAL-2026-1"#,
        br#"{"id":"MAL-1","id":"MAL-2","affected":[]}"#,
        br#"{"id":7}"#,
        br#"{"affected":[{"package":7}]}"#,
    ];
    let from = Provenance { source: "osv", now: NOW, place: Place::Plain };
    for bytes in broken {
        let parsed = parse_record(bytes, "x.json", &from).remove(0);
        assert!(parsed.claims.is_empty() && parsed.problems.len() == 1, "{}", String::from_utf8_lossy(bytes));
    }
    let deep = format!(r#"{{"id":"MAL-1","x":{}"#, "[".repeat(1_000_000));
    assert_eq!(parse(&deep).problems.len(), 1);
    let deep = format!(r#"{{"id":"MAL-1","database_specific":{}"#, "[".repeat(1_000_000));
    assert_eq!(parse(&deep).problems.len(), 1);
}

#[test]
fn a_field_of_ten_million_bytes_does_not_make_a_claim_of_that_size() {
    let text = small("a", r#","versions":["1"]"#);
    let text = text.replacen('{', &format!(r#"{{"summary":"{}","#, "x".repeat(10_000_000)), 1);
    assert!(parse(&text).claims.iter().all(|claim| claim.detail.len() < 2_000));
}

fn write_tree(root: &std::path::Path) {
    for (path, name, date) in [
        ("osv/malicious/pypi/b/MAL-2026-2.json", "b", "2026-03-01"),
        ("osv/malicious/pypi/a/MAL-2026-1.json", "a", "2026-02-01"),
        ("osv/withdrawn/pypi/c/MAL-2026-3.json", "c", "2026-01-05"),
        ("osv/malicious/npm/d/MAL-2026-4.json", "d", "2026-01-01"),
        (".git/MAL-2026-5.json", "e", "2026-01-01"),
    ] {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        let text = small(name, r#","versions":["1"]"#).replace("2026-01-01", date);
        fs::write(root.join(path), text.replace("MAL-2026-1", &path[path.len() - 15..path.len() - 5]))
            .unwrap();
    }
    fs::write(root.join("osv/malicious/pypi/a/broken.json"), "{").unwrap();
    fs::write(root.join("osv/README.md"), "{").unwrap();
}

#[test]
fn a_tree_is_read_in_the_order_of_paths_and_its_place_says_what_was_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    write_tree(folder.path());
    let collected = collect(&Osv, folder.path()).unwrap();
    let kinds: Vec<String> =
        collected.claims.iter().map(|claim| format!("{} {}", claim.kind, claim.subject)).collect();
    assert_eq!(
        kinds,
        [
            "advisory-published a==1",
            "advisory-modified a==1",
            "advisory-published b==1",
            "advisory-modified b==1",
            "advisory-published c==1",
            "advisory-withdrawn c==1",
        ]
    );
    assert_eq!(collected.problems.len(), 1);
    assert!(collected.problems[0].what.ends_with("broken.json"));
    assert_eq!(collected.cursor.as_deref(), Some("2026-03-01T00:00:00Z"));
}

#[test]
fn a_later_run_reads_what_changed_and_looks_back_two_weeks() {
    let folder = tempfile::tempdir().unwrap();
    write_tree(folder.path());
    let input = Input::Path(folder.path().to_owned());
    let later = collect_with(&Osv, &input, Some("2026-03-02T00:00:00Z"), &OnePage(404, Vec::new())).unwrap();
    assert_eq!(later.claims.len(), 2);
    assert_eq!(later.skipped.get(OLDER), Some(&2));
    assert_eq!(later.cursor.as_deref(), Some("2026-03-02T00:00:00Z"));
}

#[test]
fn a_dump_a_stream_and_an_address_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let records = ["b", "a", "c"]
        .map(|name| small(name, r#","versions":["1"]"#).replace("MAL-2026-1", &format!("MAL-2026-{name}")));
    let stream = folder.path().join("all.jsonl");
    fs::write(&stream, format!("\u{feff}{}\n\n{}\r\n{{\n{}", records[1], records[0], records[2])).unwrap();
    let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, record) in ["z-b", "a-a", "z-c"].iter().zip(&records) {
        zipped.start_file(format!("{name}.json"), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zipped, record.as_bytes()).unwrap();
    }
    let zipped = zipped.finish().unwrap().into_inner();
    let dump = folder.path().join("all.zip");
    fs::write(&dump, &zipped).unwrap();
    let url = Input::Url(HttpUrl::parse("https://feed.example/all.zip").unwrap());
    let [stream, dump] = [stream, dump].map(|path| collect(&Osv, &path).unwrap());
    let fetched = collect_with(&Osv, &url, None, &OnePage(200, zipped)).unwrap();
    assert_eq!(stream.lines(), dump.lines());
    assert_eq!(fetched.lines(), dump.lines());
    assert_eq!(dump.claims.len(), 6);
    assert_eq!((stream.problems.len(), dump.problems.len()), (1, 0));
    assert!(stream.problems[0].what.ends_with("all.jsonl:4"));
}

#[test]
fn inputs_that_are_nothing_are_errors_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.zip");
    fs::write(&broken, "no zip").unwrap();
    assert!(collect(&Osv, &broken).unwrap_err().to_string().contains("cannot be read by `osv`"));
    assert!(collect(&Osv, &folder.path().join("absent.json")).is_err());
    let url = Input::Url(HttpUrl::parse("https://feed.example/all.zip").unwrap());
    let error = collect_with(&Osv, &url, None, &OnePage(503, Vec::new())).unwrap_err();
    assert!(error.to_string().contains("503"), "{error}");
    struct Nowhere;
    impl crate::http::Fetch for Nowhere {
        fn fetch(&self, _: &crate::http::FetchRequest) -> Result<crate::http::Fetched, FetchError> {
            Err(FetchError::Unreachable { url: "https://feed.example/".into(), detail: "no".into() })
        }
    }
    assert!(matches!(collect_with(&Osv, &url, None, &Nowhere), Err(SourceError::Fetch(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let from = Provenance { source: "osv", now: NOW, place: Place::Plain };
        let parsed = parse_record(&bytes, "x", &from);
        prop_assert!(parsed.iter().all(|parsed| parsed.claims.is_empty()));
    }

    #[test]
    fn a_record_cut_anywhere_is_a_problem(at in 0_usize..1000) {
        let text = merged();
        let at = text.floor_char_boundary(at.min(text.len() - 3));
        prop_assert_eq!(parse(&text[..at]).problems.len(), 1);
    }

    #[test]
    fn the_order_of_versions_does_not_matter(mut versions in proptest::collection::vec("[0-9]{1,3}", 1..12)) {
        let say = |versions: &[String]| {
            parse(&small("a", &format!(r#","versions":{}"#, serde_json::to_string(versions).unwrap()))).claims
        };
        let before: Vec<_> = say(&versions).iter().map(|claim| (claim.kind, claim.subject.clone())).collect();
        versions.reverse();
        let after: Vec<_> = say(&versions).iter().map(|claim| (claim.kind, claim.subject.clone())).collect();
        prop_assert_eq!(before, after);
    }
}

#[test]
fn a_project_of_the_name_of_a_folder_is_read_all_the_same() {
    assert!(!is_other_ecosystem("osv/malicious/pypi/malicious/MAL-2026-1.json"));
    assert!(is_other_ecosystem("osv/malicious/npm"));
    assert_eq!(judge_place("pypi/withdrawn/MAL-2026-1.json"), Place::Plain);
    assert_eq!(judge_place("osv/withdrawn/pypi/a/MAL-2026-1.json"), Place::Withdrawn);
    assert_eq!(Class::Malware, classify_record(&Record::default()));
}
