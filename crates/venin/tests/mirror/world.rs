//! An index with five projects, what is said of four of them, and mirrors of it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use venin_intel::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use venin_intel::source::parse_project;
use venin_intel::store::Store;
use venin_testkit::{Index, Upload, Uploaded, fetch};

/// `good` stays; `gone` is removed; `jailed` is quarantined; of `mixed` the release 1 is removed; of `emptied` the only
/// release is quarantined.
pub(crate) struct World {
    pub(crate) index: Index,
    pub(crate) files: Vec<Uploaded>,
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let index = Index::start_with_file_host();
        let upload = |name, version| index.upload(Upload::wheel(name, version));
        let mut files = vec![upload("gone", "1"), upload("jailed", "1"), upload("mixed", "1")];
        files.push(upload("emptied", "1"));
        files.push(upload("mixed", "2"));
        files.push(upload("good", "1"));
        let world = Self { index, files, folder: tempfile::tempdir().unwrap() };
        world.report();
        world
    }

    /// Where the program runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a mirror is kept.
    pub(crate) fn mirror_folder(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    pub(crate) fn strike(&self) {
        self.index.remove_project("gone");
        self.index.quarantine_project("jailed");
        self.index.remove_release("mixed", "1");
        self.index.quarantine_release("emptied", "1");
    }

    /// Fills the store: an advisory names four releases, and the index said which files they have.
    fn report(&self) {
        let mut store = Store::open(&self.folder().join("claims.sqlite3")).unwrap();
        let now = Moment::from_seconds(1_700_000_000);
        for name in ["gone", "jailed", "mixed", "emptied"] {
            store.append(&[accusation(name, now)]).unwrap();
            let url = format!("{}{name}/", self.index.simple_url());
            let accept = [("accept", "application/vnd.pypi.simple.v1+json")];
            let page = fetch("GET", &url, &accept, b"").unwrap();
            let page = parse_project(&page.body, &url).unwrap();
            let (claims, problems) = page.claims(&url, "index", Moment::from_seconds(4_000_000_000));
            assert!(problems.is_empty() && !claims.is_empty(), "{problems:?}");
            store.append(&claims).unwrap();
        }
    }

    /// A tree as bandersnatch makes it, as far as pages and files go.
    pub(crate) fn plain_tree(&self) -> PathBuf {
        let root = self.mirror_folder();
        let write = |path: &str, bytes: &[u8]| {
            let path = root.join("web").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in &names {
            let mut page = "<!DOCTYPE html>\n<html>\n  <body>\n".to_owned();
            for file in self.files.iter().filter(|file| file.name == *name) {
                let bytes = fetch("GET", &file.url, &[], b"").unwrap().body;
                assert_eq!(Digest::of(&bytes).to_string(), file.sha256);
                write(file.path.trim_start_matches('/'), &bytes);
                page.push_str(&format!(
                    "    <a href=\"../..{}#sha256={}\">{}</a><br/>\n",
                    file.path, file.sha256, file.file_name
                ));
            }
            page.push_str("  </body>\n</html>\n");
            write(&format!("simple/{name}/index.html"), page.as_bytes());
        }
        let links: Vec<String> =
            names.iter().map(|name| format!("    <a href=\"{name}/\">{name}</a><br/>\n")).collect();
        let page = format!("<!DOCTYPE html>\n<html>\n  <body>\n{}  </body>\n</html>\n", links.concat());
        write("simple/index.html", page.as_bytes());
        root
    }
}

fn accusation(name: &str, now: Moment) -> Claim {
    Claim {
        subject: Subject::project(name).unwrap().with_version("1").unwrap(),
        surface: Surface::Advisory("feed".to_owned()),
        kind: ClaimKind::Reported,
        happened: Interval::at(now),
        observed: now,
        source: "feed".to_owned(),
        source_ref: format!("R-{name}"),
        evidence: None,
        class: Class::Malware,
        confidence: None,
        detail: String::new(),
    }
}
