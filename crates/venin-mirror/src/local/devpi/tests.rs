//! Folders of devpi servers, made by hand.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, params};
use venin_intel::claim::{Class, Digest, Moment, Subject};

use crate::clean::{PlanOptions, Trust, make_plan};
use crate::known::{KnownFile, KnownSet};
use crate::local::{Depth, Layout, LocalAudit, Tree, audit_tree};
use crate::verdict::Verdict;

/// `bad` 1.0 and 2.0 with their digests.
fn known() -> KnownSet {
    KnownSet::new(["1.0", "2.0"].map(|version| {
        let subject = Subject::project("bad").unwrap().with_version(version).unwrap();
        let subject = subject.with_file(&format!("bad-{version}.zip")).unwrap();
        KnownFile::new(subject.with_sha256(Digest::of(version.as_bytes())), Class::Malware)
    }))
}

fn text(value: &str) -> Vec<u8> {
    [&b"N"[..], &u32::try_from(value.len()).unwrap().to_be_bytes(), value.as_bytes()].concat()
}

/// One file that a page lists: its key and its address, in a tuple.
fn link(key: &str, address: &str) -> Vec<u8> {
    [text(key), text(address), b"@\0\0\0\x02".to_vec()].concat()
}

/// A change that sets the links of one key: `({key: (name, -1, {"links": [...]})}, [])`.
fn change(key: &str, links: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"J".to_vec();
    bytes.extend(text(key));
    bytes.extend(text("PROJSIMPLELINKS"));
    bytes.extend(b"F\xff\xff\xff\xff");
    bytes.extend(b"J");
    bytes.extend(text("links"));
    bytes.extend(b"K");
    bytes.extend(u32::try_from(links.len()).unwrap().to_be_bytes());
    for (at, link) in links.iter().enumerate() {
        bytes.extend(b"F");
        bytes.extend(u32::try_from(at).unwrap().to_be_bytes());
        bytes.extend(link);
        bytes.extend(b"P");
    }
    bytes.extend(b"P@\0\0\0\x03PK\0\0\0\0@\0\0\0\x02Q");
    bytes
}

/// A database with these tables and files; the page of `bad` lists the first file.
fn database(path: &Path, files: &[(&str, &str)]) {
    let database = Connection::open(path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE kv (key TEXT NOT NULL PRIMARY KEY, keyname TEXT, serial INTEGER);
             CREATE TABLE changelog (serial INTEGER PRIMARY KEY, data BLOB NOT NULL);
             CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, data BLOB NOT NULL);",
        )
        .unwrap();
    for (path, bytes) in files {
        let row = params![format!("+files/{path}"), 7, bytes.as_bytes()];
        database.execute("INSERT INTO files VALUES (?1, ?2, ?3)", row).unwrap();
    }
    let key = "root/dev/bad/.simple";
    let links: Vec<Vec<u8>> = files.first().map(|(path, _)| link(path, path)).into_iter().collect();
    database.execute("INSERT INTO kv VALUES (?1, 'PROJSIMPLELINKS', 0)", params![key]).unwrap();
    database.execute("INSERT INTO changelog VALUES (0, ?1)", params![change(key, &links)]).unwrap();
}

const FIRST: &str = "root/dev/+f/abc/0123456789abc/bad-1.0.zip";
const SECOND: &str = "root/dev/+f/def/0123456789abc/bad-2.0.zip";

fn audit(root: &Path, depth: Depth) -> LocalAudit {
    audit_tree(root, &known(), depth).unwrap()
}

fn verdicts(audit: &LocalAudit) -> Vec<Verdict> {
    audit.findings.iter().map(|finding| finding.verdict).collect()
}

#[test]
fn files_that_a_server_keeps_in_its_database_are_hashed_there_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".serverversion"), "4").unwrap();
    let path = folder.path().join(".sqlite_db");
    let renamed = "root/dev/+f/fed/0123456789abc/good-1.zip";
    database(&path, &[(FIRST, "1.0"), (SECOND, "2.0"), (renamed, "1.0")]);
    let before = fs::read(&path).unwrap();
    let found = audit(folder.path(), Depth::Names);
    assert_eq!((found.layout, verdicts(&found)), (Layout::Devpi, vec![Verdict::Live, Verdict::OrphanFile]));
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
    assert_eq!((found.files_seen, found.findings[0].files[0].in_database), (3, true));
    assert_eq!(found.findings[0].files[0].path, format!("+files/{FIRST}"));
    let all = audit(folder.path(), Depth::Everything);
    assert_eq!(all.findings[0].files.len(), 2, "known bytes under another name");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    let options = PlanOptions { trust: Trust::Release, now: Moment::from_seconds(0) };
    let plan = make_plan(&Tree::open(folder.path()).unwrap(), &all, &options);
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    assert!(
        plan.left.iter().any(|left| left.path.ends_with("bad-1.0.zip") && left.reason.contains("database"))
    );
    assert!(
        plan.commands.iter().any(|line| line.contains("devpi remove -y 'bad==1.0'")),
        "{:?}",
        plan.commands
    );
}

#[test]
fn a_server_whose_database_has_none_of_them_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    database(&folder.path().join(".sqlite_db"), &[("root/dev/+f/abc/0/good-1.zip", "good")]);
    let found = audit(folder.path(), Depth::Names);
    assert_eq!(verdicts(&found), [Verdict::Clean, Verdict::Clean]);
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
}

#[test]
fn files_that_could_not_be_looked_at_are_said_and_never_clean() {
    let unreadable: [(&str, &[u8]); 2] = [(".sqlite_db", b"no database"), (".serverversion", b"4")];
    for (name, bytes) in unreadable {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".serverversion"), "4").unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
        let found = audit(folder.path(), Depth::Names);
        assert_eq!(verdicts(&found), [Verdict::Unknown, Verdict::Unknown], "{name}");
        let said: Vec<&str> = found.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert!(said.iter().any(|reason| reason.contains("not looked at")), "{said:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".sqlite_db");
    database(&path, &[]);
    let hostile = Connection::open(&path).unwrap();
    hostile.execute("INSERT INTO files VALUES ('../../etc/passwd', 1, x'00')", []).unwrap();
    hostile.execute("INSERT INTO files VALUES (x'ff', 1, x'00')", []).unwrap();
    hostile.execute("INSERT INTO files VALUES ('+files/a/bad-1.0.zip', -7, 'text')", []).unwrap();
    drop(hostile);
    let found = audit(folder.path(), Depth::Everything);
    assert!(found.gaps.iter().any(|gap| gap.reason.starts_with("2 rows")), "{:?}", found.gaps);
    assert_eq!(verdicts(&found), [Verdict::Tampered, Verdict::Unknown]);
}
