//! Pages in the form in which an index gives them, and broken ones.

use super::*;

const SIMPLE: &str = r#"{"meta":{"api-version":"1.4","_last-serial":31},"name":"demo-tool","project-status":{"status":"active"},
"versions":["1.0","1.1"],"alternate-locations":[],"files":[
{"filename":"Demo_Tool-1.0.tar.gz","url":"https://files.example/a/Demo_Tool-1.0.tar.gz",
 "hashes":{"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"requires-python":null,"size":12,
 "upload-time":"2026-05-12T08:00:00.123456Z","yanked":false,"core-metadata":false,"data-dist-info-metadata":false,"provenance":null},
{"filename":"demo_tool-1.1-py3-none-any.whl","url":"https://files.example/b/x.whl","hashes":{},"size":13,
 "upload-time":"2026-05-13T08:00:00Z","yanked":"broken","provenance":"https://index.example/integrity/demo-tool/1.1/x/provenance"}]}"#;

const PROJECT: &str = r#"{"info":{"name":"Demo_Tool","version":"1.1"},"last_serial":31,"releases":{"1.0":[],"1.1":[
{"filename":"demo_tool-1.1.tar.gz","digests":{"md5":"x","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
"size":5,"upload_time":"2026-05-12T08:00:00","upload_time_iso_8601":"2026-05-12T08:00:00.5Z","yanked":true,"yanked_reason":null}]},
"urls":[{"filename":"demo_tool-1.1.tar.gz","digests":{"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
"upload_time_iso_8601":"2026-05-12T08:00:00.5Z","yanked":true}],"vulnerabilities":[]}"#;

fn said(json: &str) -> (Vec<String>, usize) {
    let page = parse_project(json.as_bytes(), "https://index.example/simple/demo-tool/").unwrap();
    let now = Moment::parse("2026-11-21T00:00:00Z").unwrap();
    let (claims, problems) = page.claims("u", "index", now);
    (
        claims.iter().map(|c| format!("{} {} {} {}", c.kind, c.subject, c.happened, c.detail)).collect(),
        problems.len(),
    )
}

#[test]
fn the_simple_page_tells_uploads_and_yanks_with_their_times() {
    let (said, problems) = said(SIMPLE);
    let expected = [
        "uploaded demo-tool==1.0 (Demo_Tool-1.0.tar.gz) 2026-05-12T08:00:00.123456Z {\"size\":12}",
        "uploaded demo-tool==1.1 (demo_tool-1.1-py3-none-any.whl) 2026-05-13T08:00:00Z \
         {\"provenance\":\"https://index.example/integrity/demo-tool/1.1/x/provenance\",\"size\":13}",
        "yanked demo-tool==1.1 (demo_tool-1.1-py3-none-any.whl) after 2026-05-13T08:00:00Z {\"reason\":\"broken\"}",
    ];
    assert_eq!((said.as_slice(), problems), (&expected.map(str::to_owned)[..], 0));
}

#[test]
fn the_project_json_tells_the_same_each_file_once() {
    let (said, problems) = said(PROJECT);
    let expected = [
        "uploaded demo-tool==1.1 (demo_tool-1.1.tar.gz) 2026-05-12T08:00:00.5Z {\"size\":5}",
        "yanked demo-tool==1.1 (demo_tool-1.1.tar.gz) after 2026-05-12T08:00:00.5Z ",
    ];
    assert_eq!((said.as_slice(), problems), (&expected.map(str::to_owned)[..], 0));
}

#[test]
fn a_quarantined_project_has_a_page_that_says_so() {
    let json =
        r#"{"name":"demo-tool","files":[],"project-status":{"status":"quarantined","reason":"a\u001b[2J"}}"#;
    let (said, _) = said(json);
    assert_eq!(said, ["quarantined demo-tool unknown {\"reason\":\"a\\\\u{1b}[2J\"}"]);
    assert_eq!(parse_project(json.as_bytes(), "").unwrap().state(), ProjectState::Quarantined);
}

#[test]
fn what_is_wrong_with_a_file_does_not_touch_the_others() {
    let file = |name: &str, more: &str| format!("{{\"filename\":\"{name}\",\"url\":\"x\"{more}}}");
    let files = [
        file("../../etc/passwd", ""),
        file("demo_tool-1.0.tar.gz", ",\"upload-time\":\"2026-02-30T00:00:00Z\""),
        file("demo_tool-1.1.tar.gz", ",\"upload-time\":\"2999-01-01T00:00:00Z\""),
        file("demo_tool-1.2.tar.gz", ",\"hashes\":{\"sha256\":\"short\"}"),
        file("demo_tool-1.3.tar.gz", ",\"size\":-1"),
        file(&"x".repeat(1 << 20), ""),
        "7".into(),
        "{\"filename\":1}".into(),
        "{\"filename\":\"a\",\"filename\":\"b\"}".into(),
        file("demo_tool-2.0.tar.gz", ",\"upload-time\":\"2026-05-12T08:00:00Z\""),
    ];
    let json = format!("{{\"name\":\"demo-tool\",\"files\":[{}]}}", files.join(","));
    let (said, problems) = said(&json);
    assert_eq!((said.len(), problems), (1, 8));
}

#[test]
fn what_is_no_page_is_refused_in_one_line() {
    let deep = format!("{{\"files\":{}", "[".repeat(100_000));
    for json in ["", "{}", "[]", "{\"files\":[", "<html>", "\u{0}", &SIMPLE[..200], deep.as_str()] {
        let error = parse_project(json.as_bytes(), "u").unwrap_err();
        assert!(!error.contains('\n') && error.len() < 300, "{error}");
    }
}

#[test]
fn the_version_is_found_in_old_file_names_too() {
    assert_eq!(version_of("demo-tool-2", "demo-tool-2-1.0-1.tar.gz").as_deref(), Some("1.0-1"));
    assert_eq!(version_of("demo-tool", "Demo.Tool-1.0.zip").as_deref(), Some("1.0"));
    assert_eq!(version_of("demo-tool", "demo_tool-1.0-1-py3-none-any.whl").as_deref(), Some("1.0"));
    assert_eq!(version_of("démo", "d"), None);
}
