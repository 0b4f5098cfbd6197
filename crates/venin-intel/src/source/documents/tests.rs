//! Directories, archives and repositories that lie.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::*;

fn names(path: &Path) -> (Vec<String>, Vec<String>) {
    let (mut names, mut problems) = (Vec::new(), Vec::new());
    let everything = |_: &str| true;
    let wanted = Wanted { connector: "osv", file: &everything, folder: &everything };
    read_path(path, &wanted, &mut |found| {
        match found {
            Found::Document(name, _) => names.push(name.to_owned()),
            Found::Problem(problem) => problems.push(problem.what),
        }
        Ok(())
    })
    .unwrap();
    (names, problems)
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/samples.git")
}

#[test]
fn a_bare_repository_with_deltas_is_read_without_a_work_tree() {
    let (names, problems) = names(&fixture());
    assert_eq!(
        names,
        [
            "README.md",
            "demo/1.0/demo-1.0.tar.gz",
            "demo/1.1/demo-1.1.tar.gz",
            "other/2.0/other-2.0-py3-none-any.whl"
        ]
    );
    assert!(problems.is_empty());
}

#[test]
fn links_are_not_followed_and_hidden_folders_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    for place in ["root/b", "root/.git", "outside"] {
        fs::create_dir_all(folder.path().join(place)).unwrap();
        fs::write(folder.path().join(place).join("x.json"), "{}").unwrap();
    }
    fs::write(root.join("a.json"), "{}").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("outside"), root.join("link")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("outside/x.json"), root.join("file.json")).unwrap();
        std::os::unix::fs::symlink(&root, root.join("loop")).unwrap();
    }
    assert_eq!(names(&root).0, ["a.json", "b/x.json"]);
}

#[test]
fn names_in_an_archive_are_labels_and_never_paths() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for name in ["../../../outside.json", "/abs.json", "a/b.json"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"{}").unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(names(&path).0.len(), 3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_cut_archive_is_an_error_and_a_damaged_member_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.zip");
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in ["a.json", "b.json"] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(b"{\"some\":\"content\"}").unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    let at = bytes.windows(7).position(|window| window == b"content").unwrap();
    bytes[at] = b'X';
    fs::write(&path, &bytes).unwrap();
    assert_eq!(names(&path), (vec!["b.json".to_owned()], vec!["a.json".to_owned()]));
    let everything = |_: &str| true;
    let wanted = Wanted { connector: "osv", file: &everything, folder: &everything };
    for end in [0, 10, bytes.len() / 2] {
        fs::write(&path, &bytes[..end]).unwrap();
        assert!(read_path(&path, &wanted, &mut |_| Ok(())).is_err());
    }
}

/// A copy of the fixture that is changed before it is read.
fn damaged(change: impl Fn(&Path)) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("objects/pack")).unwrap();
    for file in ["HEAD", "packed-refs", "objects/pack/pack-1.pack", "objects/pack/pack-1.idx"] {
        fs::write(folder.path().join(file), fs::read(fixture().join(file)).unwrap()).unwrap();
    }
    change(folder.path());
    let repository = Repository::open(folder.path()).ok_or("no repository")??;
    let (files, problems) = repository.list_files(&|_| true)?;
    repository.date_paths();
    let mut buffer = Vec::new();
    for file in &files {
        repository.read_blob(file.id, &mut buffer)?;
    }
    if problems.is_empty() { Ok(()) } else { Err(problems[0].error.clone()) }
}

#[test]
fn a_repository_that_lies_is_an_error_or_a_problem_and_never_a_panic() {
    assert_eq!(damaged(|_| {}), Ok(()));
    let heads = [
        "ref: ../../etc/passwd",
        "ref: refs/../../x",
        "ref: refs/heads/absent",
        "zz",
        "",
        "ref: refs/heads/main\0",
    ];
    for head in heads {
        assert!(damaged(|root| fs::write(root.join("HEAD"), head).unwrap()).is_err(), "{head}");
    }
    assert!(damaged(|root| fs::write(root.join("HEAD"), "1".repeat(40)).unwrap()).is_err());
    let pack = fs::read(fixture().join("objects/pack/pack-1.pack")).unwrap();
    for at in (12..pack.len()).step_by(37) {
        let mut bytes = pack.clone();
        bytes[at] ^= 0x55;
        // Some damage is in the history's text only; whatever comes, it comes as a value.
        let _ = damaged(|root| fs::write(root.join("objects/pack/pack-1.pack"), &bytes).unwrap());
        let _ = damaged(|root| fs::write(root.join("objects/pack/pack-1.pack"), &bytes[..at]).unwrap());
    }
    let index = fs::read(fixture().join("objects/pack/pack-1.idx")).unwrap();
    for at in (0..index.len()).step_by(61) {
        let mut bytes = index.clone();
        bytes[at] ^= 0xff;
        let _ = damaged(|root| fs::write(root.join("objects/pack/pack-1.idx"), &bytes).unwrap());
        let _ = damaged(|root| fs::write(root.join("objects/pack/pack-1.idx"), &bytes[..at]).unwrap());
    }
}

#[test]
fn lines_are_numbered_and_one_without_end_does_not_fill_the_memory() {
    let mut seen = Vec::new();
    let endless = io::repeat(b'x').take(70 << 20).chain(&b"\n{}\n"[..]);
    read_lines((&b"a\n\n b \r\n"[..]).chain(endless), &mut |number, line| {
        seen.push((number, line.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).is_ok()));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, [(1, true), (3, true), (4, false), (5, true)]);
}
