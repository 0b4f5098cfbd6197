//! The index speaks as a large index does, keeps its states apart and fails on demand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use serde_json::Value;
use venin_testkit::{Fault, Fetched, Index, On, Upload, fetch, get};

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn page(index: &Index, path: &str) -> Value {
    let answer = fetch("GET", &format!("{}{path}", index.base()), &[("accept", JSON)], b"").unwrap();
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("content-type").filter(|t| t.contains("json")), answer.header("content-type"));
    serde_json::from_slice(&answer.body).unwrap()
}

fn html(index: &Index, path: &str) -> String {
    get(&format!("{}{path}", index.base())).unwrap().text()
}

fn status(index: &Index, path: &str) -> u16 {
    get(&format!("{}{path}", index.base())).unwrap().status
}

fn call(index: &Index, method: &str, parameter: &str) -> String {
    let body = format!(
        "<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>{parameter}</params></methodCall>"
    );
    fetch("POST", &index.xmlrpc_url(), &[("content-type", "text/xml")], body.as_bytes()).unwrap().text()
}

fn names(list: &Value) -> Vec<&str> {
    list["projects"].as_array().unwrap().iter().map(|project| project["name"].as_str().unwrap()).collect()
}

#[test]
fn the_json_pages_carry_what_their_standards_ask_for() {
    let index = Index::start_with_file_host();
    let old = index.upload(Upload::sdist("Some.Thing", "1.9"));
    index.advance(Duration::from_secs(90));
    let new = index.upload(Upload::wheel("Some.Thing", "1.10").with_provenance("somebody/thing"));
    index.yank_release("some-thing", "1.9", "a \"bad\" one");
    let list = page(&index, "/simple/");
    assert_eq!(names(&list), ["Some.Thing"]);
    assert_eq!(list["meta"]["_last-serial"], index.last_serial());
    assert_eq!(list["projects"][0]["_last-serial"], index.last_serial());
    let project = page(&index, "/simple/some-thing/");
    assert_eq!((&project["name"], &project["meta"]["api-version"]), (&"some-thing".into(), &"1.4".into()));
    assert_eq!(project["project-status"]["status"], "active");
    assert_eq!(project["versions"], serde_json::json!(["1.9", "1.10"]));
    let files = project["files"].as_array().unwrap();
    assert_eq!(
        (&files[0]["hashes"]["sha256"], &files[0]["yanked"]),
        (&old.sha256.into(), &"a \"bad\" one".into())
    );
    assert_eq!((&files[1]["size"], &files[1]["yanked"]), (&new.size.into(), &false.into()));
    assert_eq!(files[1]["upload-time"], "2026-01-01T00:01:30.000000Z");
    assert_eq!(files[1]["url"], new.url);
    assert!(new.url.starts_with(&index.file_host()) && index.file_host() != index.base());
    let metadata = get(&format!("{}.metadata", new.url)).unwrap();
    assert!(metadata.text().contains("Name: Some.Thing"));
    assert_eq!(files[1]["core-metadata"]["sha256"].as_str().unwrap().len(), 64);
    let provenance = get(files[1]["provenance"].as_str().unwrap()).unwrap();
    assert!(provenance.text().contains("somebody/thing"));
}

#[test]
fn the_html_pages_say_the_same() {
    let index = Index::start();
    let file = index.upload(Upload::wheel("thing", "1").with_requires_python(">=3.8"));
    index.yank_release("thing", "1", "<why>");
    assert!(html(&index, "/simple/").contains("<a href=\"/simple/thing/\">thing</a>"));
    let page = html(&index, "/simple/thing/");
    for part in [
        &format!("href=\"{}#sha256={}\"", file.url, file.sha256),
        "data-yanked=\"&lt;why&gt;\"",
        "data-requires-python=\"&gt;=3.8\"",
        "data-core-metadata=\"sha256=",
        "<meta name=\"pypi:project-status\" content=\"active\">",
        &format!("<!--SERIAL {}-->", index.last_serial()),
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

/// In the list, the page's status, its files, the status of the project JSON and of the file.
fn state_of(index: &Index, url: &str) -> (bool, Option<String>, usize, u16, u16) {
    let listed = names(&page(index, "/simple/")).contains(&"thing");
    let answer = fetch("GET", &format!("{}/simple/thing/", index.base()), &[("accept", JSON)], b"").unwrap();
    let page: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let marker = page["project-status"]["status"].as_str().map(str::to_owned);
    let files = page["files"].as_array().map_or(0, Vec::len);
    (listed, marker, files, status(index, "/pypi/thing/json"), get(url).unwrap().status)
}

#[test]
fn each_state_of_a_project_shows_on_each_surface_as_it_should() {
    let index = Index::start();
    let url = index.upload(Upload::wheel("thing", "1")).url;
    index.upload(Upload::wheel("thing", "2"));
    let (active, quarantined) = (Some("active".to_owned()), Some("quarantined".to_owned()));
    assert_eq!(state_of(&index, &url), (true, active.clone(), 2, 200, 200));
    let serial = index.last_serial();
    index.quarantine_release("thing", "1");
    assert_eq!(state_of(&index, &url), (true, active.clone(), 1, 200, 200));
    assert_eq!(status(&index, "/pypi/thing/1/json"), 404);
    assert_eq!(page(&index, "/simple/")["projects"][0]["_last-serial"], serial + 1);
    index.clear_release_quarantine("thing", "1");
    index.quarantine_project("thing");
    assert_eq!(state_of(&index, &url), (false, quarantined, 0, 404, 200));
    assert!(html(&index, "/simple/thing/").contains("content=\"quarantined\""));
    index.clear_project_quarantine("thing");
    assert_eq!(state_of(&index, &url), (true, active.clone(), 2, 200, 200));
    index.remove_release("thing", "1");
    assert_eq!(state_of(&index, &url), (true, active.clone(), 1, 200, 200));
    index.remove_project("thing");
    assert_eq!(state_of(&index, &url), (false, None, 0, 404, 200));
    index.upload(Upload::sdist("thing", "9"));
    assert_eq!(state_of(&index, &url), (true, active, 1, 200, 200));
}

#[test]
fn the_changelog_tells_every_act_in_the_words_of_the_index() {
    let index = Index::start();
    index.upload(Upload::wheel("Thing", "1"));
    index.upload(Upload::sdist("Thing", "1"));
    index.yank_release("thing", "1", "");
    index.unyank_release("thing", "1");
    index.quarantine_release("thing", "1");
    index.clear_release_quarantine("thing", "1");
    index.quarantine_project("thing");
    index.clear_project_quarantine("thing");
    index.remove_file("thing", "thing-1.tar.gz");
    index.remove_release("thing", "1");
    index.advance(Duration::from_secs(7));
    index.remove_project("thing");
    let told: Vec<String> = index.journal().iter().map(|row| row.action.clone()).collect();
    let expected = [
        "create",
        "add Owner somebody",
        "new release",
        "add py3 file thing-1-py3-none-any.whl",
        "add source file thing-1.tar.gz",
        "yank release",
        "unyank release",
        "release quarantined",
        "release quarantine cleared",
        "project quarantined",
        "project quarantine cleared",
        "remove file thing-1.tar.gz",
        "remove release",
        "remove project",
    ];
    assert_eq!(told, expected);
    let last = call(&index, "changelog_last_serial", "");
    assert!(last.contains("<int>14</int>"), "{last}");
    let rows = call(&index, "changelog_since_serial", "<param><value><int>13</int></value></param>");
    assert!(rows.contains("<string>Thing</string>") && rows.contains("<nil/>"), "{rows}");
    assert!(
        rows.contains("<string>remove project</string>") && rows.contains("<int>1767225607</int>"),
        "{rows}"
    );
    assert!(!rows.contains("remove release"));
    assert!(call(&index, "package_releases", "").contains("faultCode"));
    assert!(!call(&index, "list_packages_with_serial", "").contains("Thing"));
}

#[test]
fn a_page_that_is_known_is_not_sent_again() {
    let index = Index::start();
    index.upload(Upload::wheel("thing", "1"));
    for path in ["/simple/", "/simple/thing/", "/pypi/thing/json", "/rss/updates.xml"] {
        let url = format!("{}{path}", index.base());
        let tag = get(&url).unwrap().header("etag").unwrap().to_owned();
        let again = |index: &Index| -> Fetched {
            let _ = index;
            fetch("GET", &url, &[("if-none-match", &tag)], b"").unwrap()
        };
        assert_eq!((again(&index).status, again(&index).body.len()), (304, 0), "{path}");
    }
    let old = get(&index.simple_url()).unwrap();
    index.upload(Upload::wheel("other", "1"));
    assert_ne!(get(&index.simple_url()).unwrap().header("etag"), old.header("etag"));
}

#[test]
fn files_come_whole_in_part_or_as_a_head() {
    let index = Index::start();
    let file = index.upload(Upload::file("thing", "1", "thing-1.zip", b"0123456789".as_slice()));
    assert_eq!(get(&file.url).unwrap().body, b"0123456789");
    let head = fetch("HEAD", &file.url, &[], b"").unwrap();
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("10"), 0));
    let part = fetch("GET", &file.url, &[("range", "bytes=0-0")], b"").unwrap();
    assert_eq!((part.status, part.body.as_slice()), (206, b"0".as_slice()));
    assert_eq!(part.header("content-range"), Some("bytes 0-0/10"));
    assert_eq!(fetch("GET", &file.url, &[("range", "bytes=10-")], b"").unwrap().status, 416);
    index.replace_stored_file(&file, b"tampered".as_slice());
    assert_eq!(get(&file.url).unwrap().body, b"tampered");
    index.purge_file(&file);
    assert_eq!(get(&file.url).unwrap().status, 404);
}

#[test]
fn the_feeds_name_new_projects_and_releases() {
    let index = Index::start();
    index.upload(Upload::wheel("first", "1"));
    index.advance(Duration::from_secs(60));
    index.upload(Upload::wheel("second", "2").with_summary("a < b"));
    let updates = html(&index, "/rss/updates.xml");
    assert!(updates.find("<title>second 2</title>") < updates.find("<title>first 1</title>"));
    assert!(
        updates.contains("a &lt; b") && updates.contains("<pubDate>Thu, 01 Jan 2026 00:01:00 GMT</pubDate>")
    );
    assert!(html(&index, "/rss/packages.xml").contains("/project/second/</guid>"));
    assert!(html(&index, "/rss/project/first/releases.xml").contains("<title>1</title>"));
}

#[test]
fn faults_come_where_and_as_often_as_asked() {
    let index = Index::start();
    let file = index.upload(Upload::file("thing", "1", "thing-1.zip", vec![b'x'; 1000]));
    index.fault_times(On::Path("/simple/thing/".into()), Fault::RetryAfter(429, 3), 1);
    let busy = get(&format!("{}thing/", index.simple_url())).unwrap();
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("3")));
    assert_eq!(status(&index, "/simple/thing/"), 200);
    let with = |fault: Fault| {
        index.clear_faults();
        index.fault(On::Under("/packages/".into()), fault);
        get(&file.url)
    };
    assert_eq!(with(Fault::Status(503)).unwrap().status, 503);
    assert!(with(Fault::Truncated(10)).is_err());
    assert!(with(Fault::Announced(2000)).is_err());
    assert!(with(Fault::Reset).is_err());
    assert_eq!(with(Fault::RedirectTo("http://127.0.0.1:9".into())).unwrap().status, 302);
    assert!(with(Fault::RedirectLoop).unwrap().header("location").unwrap().ends_with(&file.path));
    assert_ne!(with(Fault::WrongBytes).unwrap().body, vec![b'x'; 1000]);
    assert!(String::from_utf8(with(Fault::Garbage).unwrap().body).is_err());
    assert_eq!(with(Fault::Huge(300_000)).unwrap().body.len(), 300_000);
    assert!(with(Fault::SoftNotFound).unwrap().text().contains("<html>"));
    assert_eq!(with(Fault::FalseGzip).unwrap().header("content-encoding"), Some("gzip"));
    let begin = Instant::now();
    assert_eq!(with(Fault::Drip(100, Duration::from_millis(10))).unwrap().body.len(), 1000);
    assert_eq!(with(Fault::Delay(Duration::from_millis(100))).unwrap().status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(200));
    assert_eq!(status(&index, "/simple/"), 200);
}

#[test]
fn every_request_is_kept_with_its_headers_in_order() {
    let index = Index::start();
    status(&index, "/simple/absent/");
    fetch("GET", &index.simple_url(), &[("user-agent", "thing/1")], b"").unwrap();
    let requests = index.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].path.as_str(), requests[0].status), ("/simple/absent/", 404));
    assert_eq!(requests[1].header("user-agent"), Some("thing/1"));
    assert!(requests[0].at <= requests[1].at);
    index.forget_requests();
    assert!(index.requests().is_empty());
}

#[test]
fn a_dropped_index_is_gone_for_connections_that_stand() {
    use std::io::Read;
    let index = Index::start();
    let address = index.base().replace("http://", "");
    let mut connection = std::net::TcpStream::connect(&address).unwrap();
    status(&index, "/simple/");
    drop(index);
    connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert!(
        !matches!(connection.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    );
    assert!(get(&format!("http://{address}/simple/")).is_err());
}
