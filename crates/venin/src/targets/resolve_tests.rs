//! Arguments to targets; requirements against a server on the loopback interface.

use std::fs;

use super::*;
use crate::index::{Answer, IndexOptions, TestServer};
use crate::targets::FileChoice;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// Short texts for what comes out: `file LABEL`, `release LABEL FILE`, `problem TARGET: ERROR`, `note TARGET: TEXT`.
fn resolve(args: TargetArgs, variables: &[(&str, &str)]) -> Vec<String> {
    let around = Surroundings {
        variables: variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        root: "/nonexistent".into(),
        ..Surroundings::default()
    };
    let describe = |resolved| match resolved {
        Resolved::Target(Target::File(file)) => format!("file {}", file.label),
        Resolved::Target(Target::Tree(tree)) => format!("tree {}", tree.label),
        Resolved::Target(Target::Release(release)) => {
            format!("release {} {}", release.label, release.file.name)
        }
        Resolved::Target(Target::Sample(sample)) => format!("sample {}", sample.label),
        Resolved::Problem(problem) => format!("problem {}: {}", problem.target, problem.error),
        Resolved::Note(note) => format!("note {}: {}", note.target, note.text),
    };
    Targets::new(args, around).map(describe).collect()
}

fn arguments(targets: &[&str]) -> TargetArgs {
    TargetArgs { targets: targets.iter().map(Into::into).collect(), ..TargetArgs::default() }
}

fn with_index(mut args: TargetArgs, server: &TestServer) -> TargetArgs {
    args.index =
        IndexOptions { index_url: Some(format!("{}/simple", server.base)), ..IndexOptions::default() };
    args
}

fn page(files: &str) -> Answer {
    Answer::ok(JSON, format!("{{\"files\":[{files}]}}"))
}

fn six() -> TestServer {
    let digest = "a".repeat(64);
    let file = |name: &str| {
        format!("{{\"filename\":\"{name}\",\"url\":\"/f/{name}\",\"hashes\":{{\"sha256\":\"{digest}\"}}}}")
    };
    let files = ["six-1.0.tar.gz", "six-1.0-py3-none-any.whl", "six-2.0.tar.gz"].map(file).join(",");
    TestServer::start([("/simple/six/", page(&files))])
}

#[test]
fn what_exists_is_a_path_and_what_looks_like_one_must_exist() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("x.bin");
    fs::write(&file, "x").unwrap();
    let label = file.display().to_string();
    assert_eq!(resolve(arguments(&[&label]), &[]), [format!("file {label}")]);
    for missing in ["./six", "a/b", "six-1.0.whl", "setup.py", "~/x"] {
        assert_eq!(
            resolve(arguments(&[missing]), &[]),
            [format!("problem {missing}: no such file or directory")]
        );
    }
}

#[test]
fn what_is_neither_path_nor_requirement_is_told_and_the_rest_goes_on() {
    let outcome =
        resolve(arguments(&["===", "x @ https://h.example/x.whl", "https://h.example/x.whl", "six"]), &[]);
    assert_eq!(outcome.len(), 4, "{outcome:?}");
    assert!(outcome.iter().all(|o| o.starts_with("problem")), "{outcome:?}");
    assert!(outcome[3].contains("no package index is configured"), "{outcome:?}");
}

#[test]
fn a_requirement_becomes_the_files_of_its_release_once() {
    let server = six();
    let outcome = resolve(with_index(arguments(&["Six[x]<2", "six==2.0", "six==2"]), &server), &[]);
    let expected = [
        "release Six[x]<2 six-1.0.tar.gz",
        "release Six[x]<2 six-1.0-py3-none-any.whl",
        "release six==2.0 six-2.0.tar.gz",
    ];
    assert_eq!(outcome, expected);
}

#[test]
fn a_quarantined_project_is_a_problem_and_an_archived_one_a_note() {
    let status = |status: &str, files: &str| {
        Answer::ok(JSON, format!("{{\"project-status\":{{\"status\":\"{status}\"}},\"files\":[{files}]}}"))
    };
    let file = "{\"filename\":\"old-1.tar.gz\",\"url\":\"/f\"}";
    let server = TestServer::start([
        ("/simple/bad/", status("quarantined", "")),
        ("/simple/old/", status("archived", file)),
    ]);
    let outcome = resolve(with_index(arguments(&["bad", "old"]), &server), &[]);
    assert_eq!(
        outcome,
        [
            "problem bad: the index has quarantined bad and gives no files",
            "note old: the index calls old archived",
            "note old: the index gives no SHA-256 of old-1.tar.gz",
            "release old old-1.tar.gz"
        ]
    );
}

#[test]
fn requirements_files_include_constrain_and_tell_what_they_do_not_follow() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    let path = root.path().join("r.txt");
    write("r.txt", "-r more/m.txt\n-c c.txt\n--extra-index-url https://e.example/s\n./local.whl\n-r r.txt\n");
    fs::create_dir(root.path().join("more")).unwrap();
    write("more/m.txt", "six  # why\n");
    write("c.txt", "SIX<2\nother==1\n");
    write("local.whl", "");
    let server = six();
    let args = TargetArgs {
        requirement_files: vec![path.clone()],
        choice: FileChoice::All,
        ..TargetArgs::default()
    };
    let file = format!("file {}", root.path().join("./local.whl").display());
    let releases = ["release six six-1.0.tar.gz", "release six six-1.0-py3-none-any.whl"];
    let outcome = resolve(with_index(args.clone(), &server), &[]);
    let told = format!("{}:3: `--extra-index-url https://e.example/s` is not followed", path.display());
    assert_eq!(outcome, [&format!("note {told}"), releases[0], releases[1], &file]);
    let index = format!("{}/simple", server.base);
    assert_eq!(resolve(args, &[("PIP_INDEX_URL", &index)])[0], format!("problem {told}"));
}

#[test]
fn a_missing_requirements_file_is_told() {
    let args = TargetArgs { requirement_files: vec!["gone.txt".into()], ..TargetArgs::default() };
    assert!(resolve(args, &[])[0].starts_with("problem gone.txt: cannot be read"));
}

#[test]
fn the_user_hears_of_an_index_that_the_current_directory_chose_and_of_those_not_asked() {
    let root = tempfile::tempdir().unwrap();
    let server = six();
    let config = format!("index-url = '{}/simple'\nextra-index-url = ['https://e.example/s']\n", server.base);
    let path = root.path().join("uv.toml");
    fs::write(&path, config).unwrap();
    let around = Surroundings {
        current: Some(root.path().into()),
        root: root.path().into(),
        ..Surroundings::default()
    };
    let notes = Targets::new(arguments(&["six"]), around).filter_map(|resolved| match resolved {
        Resolved::Note(note) => Some(note.text),
        _ => None,
    });
    let expected = [
        format!("{}/simple because {} says so", server.base, path.display()),
        "also configured, but not asked: https://e.example/s".to_owned(),
    ];
    assert_eq!(notes.collect::<Vec<_>>(), expected);
}
