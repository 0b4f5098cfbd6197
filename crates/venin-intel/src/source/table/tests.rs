//! Tables in and out.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::source::collected::{Collected, NOW, collect};

fn read(extension: &str, text: &[u8]) -> Result<Collected, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("claims.{extension}"));
    fs::write(&path, text).unwrap();
    collect(&Table, &path)
}

#[test]
fn a_short_table_has_the_columns_it_needs_and_no_more() {
    let text = "name,version,date,source_ref,class\nDemo_A,1.0,2026-05,note 7,malware\ndemo-b,,,,\n";
    let collected = read("csv", text.as_bytes()).unwrap();
    assert_eq!(
        collected.lines(),
        ["reported demo-a==1.0 2026-05 malware", "reported demo-b unknown unknown"]
    );
    assert_eq!(collected.claims[0].source, "table");
    assert_eq!(collected.claims[0].source_ref, "note 7");
}

#[test]
fn each_bad_line_is_a_problem_with_its_number() {
    let text: &[u8] =
        b"name,version,confidence,detail\na,1,50,\n../b,1,,\nc,1 2,,\nd,1,101,\ne,1,x,\nf,1,,[]\ng,1\n\
        \"h\",\"1\",,\"{\"\"k\"\":\n1}\"\ni\xff,1,,\nj,2,,\n";
    let collected = read("csv", text).unwrap();
    let names: Vec<&str> = collected.claims.iter().map(|claim| claim.subject.name()).collect();
    assert_eq!(names, ["a", "h", "j"]);
    let lines: Vec<&str> = collected.problems.iter().filter_map(|p| p.what.rsplit(':').next()).collect();
    assert_eq!(lines, ["3", "4", "5", "6", "7", "8", "11"]);
}

#[test]
fn a_header_with_an_unknown_or_double_column_is_refused_as_a_whole() {
    for header in ["name,verison", "name,name", "version", "", "na\u{1b}me"] {
        let error = read("csv", format!("{header}\na,1\n").as_bytes()).unwrap_err().to_string();
        assert!(error.contains("cannot be read by `table`") && !error.contains('\u{1b}'), "{error}");
    }
}

#[test]
fn json_lines_are_strict_about_types() {
    let lines = [
        r#"{"name":"a","version":"1","confidence":90,"detail":{"b":1,"a":2}}"#,
        r#"{"name":"a","version":1}"#,
        r#"{"name":"a","confidence":"90"}"#,
        r#"{"name":"a","detail":"{}"}"#,
        r#"{"name":"a","colour":"red"}"#,
        r#"{"name":"a","kind":"stolen"}"#,
        r#"{"name":"a","date":"2026-02-30"}"#,
        r#"{"name":"a","date":"2999"}"#,
        r#"{"name":"a","surface":"nowhere"}"#,
        r#"{"name":"a","sha256":"12"}"#,
        r#"{"name":"a""#,
        r"[1]",
    ];
    let collected = read("jsonl", lines.join("\n").as_bytes()).unwrap();
    assert_eq!(collected.claims.len(), 1);
    assert_eq!(collected.claims[0].detail, r#"{"a":2,"b":1}"#);
    assert_eq!(collected.problems.len(), lines.len() - 1);
    assert!(collected.problems[0].what.ends_with(":2"));
}

#[test]
fn dates_are_read_as_they_are_written() {
    for text in ["by 2026-01-01T00:00:00Z", "after 2026-01-01T00:00:00Z", "2026", "2026-01-02", "unknown"] {
        assert_eq!(parse_happened(text).unwrap().to_string(), text);
    }
    assert!(parse_happened("2026-01-02 to 2026-01-01").is_err());
    assert!(parse_happened("by").is_err());
}

fn moments() -> impl Strategy<Value = Moment> {
    (0_i64..1_800_000_000, 0_i64..1_000_000).prop_map(|(s, us)| Moment::from_micros(s * 1_000_000 + us))
}

fn intervals() -> impl Strategy<Value = Interval> {
    prop_oneof![
        Just(Interval::UNKNOWN),
        moments().prop_map(Interval::at),
        moments().prop_map(Interval::by),
        moments().prop_map(|start| Interval { not_before: Some(start), not_after: None }),
        (moments(), moments()).prop_map(|(a, b)| Interval::between(a, b)),
        (1970_u32..2026, 1_u32..13, 1_u32..29)
            .prop_map(|(y, m, d)| Interval::parse(&format!("{y}-{m:02}-{d:02}")).unwrap()),
        (1970_u32..2026, 1_u32..13).prop_map(|(y, m)| Interval::parse(&format!("{y}-{m:02}")).unwrap()),
    ]
}

fn claims() -> impl Strategy<Value = Claim> {
    let digest = || proptest::option::of(any::<[u8; 32]>().prop_map(Digest));
    let subject = (
        "[a-z][a-z0-9]{0,8}",
        proptest::option::of("[0-9][0-9.a-z+!=\",]{0,8}"),
        proptest::option::of("[a-zA-Z0-9 =+,\"';.ä-]{0,12}x"),
        digest(),
    );
    let subject = subject.prop_map(|(name, version, file, digest)| {
        let mut subject = Subject::project(&name).unwrap();
        if let Some(version) = version {
            subject = subject.with_version(&version).unwrap();
        }
        if let Some(file) = file {
            subject = subject.with_file(&file).unwrap();
        }
        digest.into_iter().fold(subject, Subject::with_sha256)
    });
    let words = (
        proptest::sample::select(ClaimKind::ALL),
        proptest::sample::select(Class::ALL),
        proptest::sample::select(vec!["official-index", "vault", "mirror:a", "advisory:b", "downloads"]),
    );
    let texts =
        ("[a-z]{1,8}", "[ -~äß]{0,20}", prop_oneof![Just(""), Just(r#"{"a":[1,"x, \"y\""],"b":{}}"#)]);
    let rest = (intervals(), moments(), digest(), proptest::option::of(0_u8..=100));
    (subject, words, texts, rest).prop_map(
        |(subject, (kind, class, surface), (source, place, detail), rest)| Claim {
            subject,
            surface: surface.parse().unwrap(),
            kind,
            happened: rest.0,
            observed: rest.1,
            source,
            source_ref: place,
            evidence: rest.2,
            class,
            confidence: rest.3,
            detail: detail.to_owned(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_the_same(claims in proptest::collection::vec(claims(), 0..4)) {
        let (mut csv, mut lines) = (Vec::new(), Vec::new());
        render_csv(&mut csv, &claims).unwrap();
        render_json_lines(&mut lines, &claims).unwrap();
        for (extension, text) in [("csv", csv), ("jsonl", lines)] {
            let read = read(extension, &text).unwrap();
            prop_assert_eq!(&read.problems, &vec![]);
            prop_assert_eq!(&read.claims, &claims);
        }
    }

    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = read("csv", &bytes);
        let text = [b"name,version\n".as_slice(), &bytes].concat();
        prop_assert!(read("csv", &text).is_ok());
        prop_assert!(read("jsonl", &bytes).is_ok());
    }
}

#[test]
fn the_moment_of_collection_is_now_where_the_table_does_not_say() {
    let collected = read("csv", b"name\na\n").unwrap();
    assert_eq!(collected.claims[0].observed, NOW);
}
