//! Installers take the index for theirs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

use venin_testkit::tools::Tools;
use venin_testkit::{Fault, Index, On, Upload};

fn tools() -> Option<Tools> {
    Tools::get(env!("CARGO_TARGET_TMPDIR"))
}

fn run(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.success(), said)
}

fn index() -> Index {
    let index = Index::start_with_file_host();
    index.upload(Upload::wheel("Some.Thing", "1.0"));
    index.upload(Upload::wheel("Some.Thing", "1.1").with_requirements(&["other>=2"]));
    index.upload(Upload::sdist("other", "2.0"));
    index.upload(Upload::wheel("other", "2.1"));
    index
}

#[test]
fn pip_downloads_and_resolves() {
    let Some(tools) = tools() else { return };
    let (index, folder) = (index(), tempfile::tempdir().unwrap());
    let mut pip = tools.pip_from("download", &index.simple_url());
    let (done, said) = run(pip.arg("--dest").arg(folder.path()).arg("some-thing"));
    assert!(done, "{said}");
    let mut names: Vec<String> =
        folder.path().read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["other-2.1-py3-none-any.whl", "some_thing-1.1-py3-none-any.whl"]);
    let requests = index.requests();
    assert!(requests.iter().any(|r| r.path.ends_with("some_thing-1.1-py3-none-any.whl.metadata")));
    assert!(requests.iter().all(|r| r.header("user-agent").unwrap().starts_with("pip/")));
    let mut pip = tools.pip_from("install", &index.simple_url());
    let (done, said) = run(pip.args(["--dry-run", "some-thing"]));
    assert!(done && said.contains("Would install Some.Thing-1.1 other-2.1"), "{said}");
}

#[test]
fn pip_builds_the_source_distribution_without_another_index() {
    let Some(tools) = tools() else { return };
    let (index, folder) = (index(), tempfile::tempdir().unwrap());
    let mut pip = tools.pip_from("install", &index.simple_url());
    let (done, said) = run(pip.arg("--target").arg(folder.path()).arg("other==2.0"));
    assert!(done, "{said}");
    assert!(
        folder.path().join("other/__init__.py").exists()
            && folder.path().join("other-2.0.dist-info").exists()
    );
}

#[test]
fn pip_sees_yanks_removals_quarantine_and_wrong_bytes() {
    let Some(tools) = tools() else { return };
    let index = index();
    let install = |what: &str| {
        run(tools.pip_from("install", &index.simple_url()).args(["--dry-run", "--no-deps", what]))
    };
    index.yank_release("some-thing", "1.1", "broken");
    assert!(install("some-thing").1.contains("Would install Some.Thing-1.0"));
    index.quarantine_release("some-thing", "1.0");
    let (done, said) = install("some-thing==1.0");
    assert!(!done && said.contains("No matching distribution found"), "{said}");
    index.clear_release_quarantine("some-thing", "1.0");
    index.quarantine_project("some-thing");
    assert!(!install("some-thing").0);
    index.clear_project_quarantine("some-thing");
    assert!(install("some-thing").0);
    index.fault(On::Under("/packages/".into()), Fault::WrongBytes);
    assert!(!install("some-thing").0);
    index.clear_faults();
    index.remove_project("some-thing");
    assert!(!install("some-thing").0);
}

#[test]
fn a_removed_file_is_still_installed_by_its_address() {
    let Some(tools) = tools() else { return };
    let index = index();
    let file = index.upload(Upload::wheel("gone", "1"));
    index.remove_project("gone");
    let address = format!("{}#sha256={}", file.url, file.sha256);
    let (done, said) = run(tools.pip_from("install", &index.simple_url()).args(["--dry-run", &address]));
    assert!(done && said.contains("Would install gone-1"), "{said}");
}

#[test]
fn uv_installs_and_does_not_see_what_is_in_quarantine() {
    let Some(tools) = tools() else { return };
    let (index, folder) = (index(), tempfile::tempdir().unwrap());
    let (done, said) = run(tools.uv_install_from(&index.simple_url(), folder.path()).arg("some-thing"));
    assert!(done && folder.path().join("some_thing/__init__.py").exists(), "{said}");
    assert!(index.requests().iter().any(|r| r.header("user-agent").is_some_and(|ua| ua.starts_with("uv/"))));
    index.quarantine_project("some-thing");
    let other = tempfile::tempdir().unwrap();
    let (done, said) = run(tools.uv_install_from(&index.simple_url(), other.path()).arg("some-thing"));
    assert!(!done, "{said}");
}

#[test]
fn uv_takes_the_time_of_upload_into_account() {
    let Some(tools) = tools() else { return };
    let (index, folder) = (Index::start(), tempfile::tempdir().unwrap());
    index.upload(Upload::wheel("thing", "1"));
    index.set_time("2026-02-01T00:00:00Z");
    index.upload(Upload::wheel("thing", "2"));
    let mut uv = tools.uv_install_from(&index.simple_url(), folder.path());
    let (done, said) = run(uv.args(["--exclude-newer", "2026-01-15T00:00:00Z", "thing"]));
    assert!(done && folder.path().join("thing-1.dist-info").exists(), "{said}");
}
