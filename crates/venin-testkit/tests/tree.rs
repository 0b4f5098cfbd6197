//! A folder is served as a mirror's operator would serve it.

use std::fs;

use venin_testkit::{Fault, On, TreeServer, fetch, get};

#[test]
fn pages_come_in_the_form_that_is_liked_and_files_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("simple/thing");
    fs::create_dir_all(&page).unwrap();
    fs::write(page.join("index.html"), "<a href=x>x</a>").unwrap();
    fs::write(page.join("index.v1_json"), "{}").unwrap();
    fs::write(folder.path().join("thing-1.zip"), "0123456789").unwrap();
    let site = TreeServer::start(folder.path());
    let url = format!("{}thing/", site.simple_url());
    assert_eq!(get(&url).unwrap().text(), "<a href=x>x</a>");
    let json = "application/vnd.pypi.simple.v1+json";
    let answer = fetch("GET", &url, &[("accept", json)], b"").unwrap();
    assert_eq!((answer.text().as_str(), answer.header("content-type")), ("{}", Some(json)));
    assert_eq!(get(url.trim_end_matches('/')).unwrap().status, 301);
    let file = format!("{}/thing-1.zip", site.base());
    assert_eq!(fetch("GET", &file, &[("range", "bytes=-2")], b"").unwrap().text(), "89");
    fs::remove_file(folder.path().join("thing-1.zip")).unwrap();
    assert_eq!(get(&file).unwrap().status, 404);
    assert_eq!(get(&format!("{}/../../etc/passwd", site.base())).unwrap().status, 404);
    assert_eq!(site.requests().len(), 6);
}

#[test]
fn a_folder_fails_on_demand_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "x").unwrap();
    let site = TreeServer::start(folder.path());
    site.fault_times(On::All, Fault::Status(500), 1);
    assert_eq!(get(&site.base()).unwrap().status, 500);
    assert_eq!(get(&site.base()).unwrap().status, 200);
    site.fault(On::Path("/".into()), Fault::SoftNotFound);
    assert!(get(&site.base()).unwrap().text().contains("Nothing here"));
    site.clear_faults();
    site.forget_requests();
    assert!(site.requests().is_empty() && get(&site.base()).unwrap().text() == "x");
}
