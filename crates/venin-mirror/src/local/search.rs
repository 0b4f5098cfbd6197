//! The search itself: pages first, then the files they list, then the folders of files.

use std::collections::{BTreeMap, BTreeSet};

use venin_intel::claim::{Class, Subject};
use venin_package::parse_file_name;

use super::finding::{LocalAudit, LocalFinding, StaleEntry, StaleFile};
use super::pages::{Listed, PageForm, parse_listing};
use super::shape::{Folders, PageAt, SKIPPED, Shape, Stored};
use super::tree::{Hashed, Kind, NotLookedAt, Tree, join};
use super::{Depth, Layout};
use crate::known::{Candidate, KnownFile, KnownSet, Match, MatchedBy, Reach};
use crate::verdict::{ControlSeen, FileSeen, IndexSeen, Observations, match_verdict};

/// What belongs to a file and lies beside it.
const COMPANIONS: &[&str] = &[".metadata", ".asc", ".provenance"];

/// The project's name and the file's, or the digest of a file that has none.
type Key = (String, String);

#[derive(Default)]
struct Target {
    subject: Option<Subject>,
    class: Option<Class>,
    files: Vec<StaleFile>,
    entries: Vec<StaleEntry>,
    /// A file that is there but could not be hashed.
    is_unreadable: bool,
    /// An address at which it was looked for.
    has_address: bool,
}

struct Search<'a> {
    tree: &'a Tree,
    shape: &'a Shape,
    known: &'a KnownSet,
    depth: Depth,
    targets: BTreeMap<Key, Target>,
    hashed: BTreeSet<String>,
    gaps: Vec<NotLookedAt>,
    files_seen: u64,
    /// Whether some folder of files could not be walked: what is not found elsewhere may lie there.
    is_walk_incomplete: bool,
    /// Names with a page that could not be read.
    unread: BTreeSet<String>,
    status: BTreeMap<String, String>,
    pages: Vec<(String, String)>,
    /// The folders of these pages.
    page_folders: BTreeSet<String>,
}

pub(super) fn audit_shape(
    tree: &Tree,
    shape: &Shape,
    known: &KnownSet,
    depth: Depth,
    gaps: Vec<NotLookedAt>,
) -> LocalAudit {
    let mut search = Search {
        tree,
        shape,
        known,
        depth,
        targets: BTreeMap::new(),
        hashed: BTreeSet::new(),
        gaps,
        files_seen: 0,
        is_walk_incomplete: shape.has_unseen_files(),
        unread: BTreeSet::new(),
        status: BTreeMap::new(),
        pages: Vec::new(),
        page_folders: BTreeSet::new(),
    };
    search.read_pages();
    search.read_listings();
    search.visit_addresses();
    if depth != Depth::Addresses {
        search.walk_files();
    }
    search.finish()
}

impl Search<'_> {
    fn read_pages(&mut self) {
        let shape = self.shape;
        for (name, pages) in &shape.pages {
            for page in pages {
                self.read_page(name, page);
            }
        }
    }

    fn read_page(&mut self, name: &str, page: &PageAt) {
        let web_path = page.path.strip_prefix(&self.shape.web).unwrap_or(&page.path).trim_start_matches('/');
        let content = self
            .tree
            .read_page(&page.path)
            .and_then(|bytes| parse_listing(page.form, web_path, name, &bytes));
        let content = match content {
            Ok(content) => content,
            Err(reason) => {
                self.unread.insert(name.to_owned());
                self.gaps.push(NotLookedAt { path: page.path.clone(), reason });
                return;
            }
        };
        self.pages.push((name.to_owned(), page.path.clone()));
        self.page_folders.insert(folder_of(&page.path).to_owned());
        if let Some(status) = content.status {
            self.status.insert(name.to_owned(), status);
        }
        self.take_listed(name, page, content.listed);
    }

    /// What a database says that pages list.
    fn read_listings(&mut self) {
        let shape = self.shape;
        for listing in &shape.listings {
            let page = PageAt { path: listing.path.clone(), form: PageForm::Database, link: None };
            match &listing.listed {
                Some(listed) => {
                    self.pages.push((listing.project.clone(), listing.path.clone()));
                    self.take_listed(&listing.project, &page, listed.clone());
                }
                None => drop(self.unread.insert(listing.project.clone())),
            }
        }
    }

    /// Keeps the entries that are known, and looks at the files that they lead to.
    fn take_listed(&mut self, name: &str, page: &PageAt, listed: Vec<Listed>) {
        for listed in listed {
            let candidate = Candidate {
                project: Some(name),
                file_name: &listed.file_name,
                sha256: listed.sha256,
                blake2: listed.blake2,
            };
            let Some(found) = self.known.match_file(&candidate) else { continue };
            let by = found.by;
            let path = listed.path.as_ref().map(|path| join(&self.shape.web, path));
            let target = self.target(found, &listed.file_name);
            target.entries.push(StaleEntry {
                page: page.path.clone(),
                form: page.form,
                link: page.link.clone(),
                file_name: listed.file_name.clone(),
                sha256: listed.sha256,
                target: path.clone(),
                by,
            });
            if let Some(path) = path {
                self.visit_file(&path, Some(name));
            }
        }
    }

    /// Looks where the known digests say that files lie.
    fn visit_addresses(&mut self) {
        let known = self.known;
        for file in known.files() {
            if let (Some(blake2), Some(name)) = (file.blake2, file.subject.file_name()) {
                self.visit_file(&join(&self.shape.web, &blake2.path(name)), Some(file.subject.name()));
            }
            // A devpi server that shares files by digest has each of them here under a second name.
            if let (Layout::Devpi, Some(sha256)) = (self.shape.layout, file.subject.sha256()) {
                let digits = sha256.to_string();
                let (first, rest) = digits.split_at(3);
                self.visit_file(&format!("+h/{first}/{rest}"), Some(file.subject.name()));
            }
        }
    }

    fn walk_files(&mut self) {
        let (tree, known, depth) = (self.tree, self.known, self.depth);
        let mut gaps = Vec::new();
        for root in &self.shape.file_roots {
            tree.walk(root, SKIPPED, &mut gaps, &mut |path, size, _| {
                self.files_seen += 1;
                let name = path.rsplit('/').next().unwrap_or_default();
                if depth == Depth::Everything || known.may_be_known(name, size) {
                    self.visit_file(path, None);
                }
            });
        }
        if let Stored::Files(stored) = &self.shape.stored {
            for (path, size) in stored.files() {
                self.files_seen += 1;
                let name = path.rsplit('/').next().unwrap_or_default();
                if depth == Depth::Everything || known.may_be_known(name, size) {
                    self.visit_file(path, None);
                }
            }
        }
        self.is_walk_incomplete |= !gaps.is_empty();
        self.gaps.append(&mut gaps);
    }

    /// What lies at a path: in the tree, or else in the database.
    fn kind(&self, path: &str) -> (Kind, bool) {
        match (self.tree.kind(path), &self.shape.stored) {
            (Kind::Missing, Stored::Files(stored)) => match stored.size(path) {
                Some(size) => (Kind::File { size, link: None }, true),
                None => (Kind::Missing, false),
            },
            (kind, _) => (kind, false),
        }
    }

    fn hash(&self, path: &str, in_database: bool) -> Result<Hashed, String> {
        match &self.shape.stored {
            Stored::Files(stored) if in_database => stored.hash(path),
            _ => self.tree.hash(path),
        }
    }

    /// Hashes a file that may be a known one, once.
    fn visit_file(&mut self, path: &str, project: Option<&str>) {
        let (kind, in_database) = self.kind(path);
        if kind == Kind::Missing || kind == Kind::Folder || !self.hashed.insert(path.to_owned()) {
            return;
        }
        let file_name = path.rsplit('/').next().unwrap_or_default();
        let hashed = match self.hash(path, in_database) {
            Ok(hashed) => hashed,
            Err(reason) => {
                self.gaps.push(NotLookedAt { path: path.to_owned(), reason });
                let candidate = Candidate { project, file_name, sha256: None, blake2: None };
                if let Some(found) = self.known.match_file(&candidate) {
                    self.target(found, file_name).is_unreadable = true;
                }
                return;
            }
        };
        let (sha256, blake2) = (Some(hashed.sha256), Some(hashed.blake2));
        let Some(found) = self.known.match_file(&Candidate { project, file_name, sha256, blake2 }) else {
            return;
        };
        let link = match kind {
            Kind::File { link, .. } => link,
            _ => None,
        };
        let companions = COMPANIONS
            .iter()
            .map(|suffix| format!("{path}{suffix}"))
            .filter(|path| matches!(self.kind(path), (Kind::File { link: None, .. }, false)))
            .collect();
        let file = StaleFile {
            path: path.to_owned(),
            sha256: hashed.sha256,
            blake2: hashed.blake2,
            size: hashed.size,
            by: found.by,
            in_database,
            link,
            companions,
        };
        let target = self.target(found, file_name);
        // The bytes of a release that is known as a whole are known from here on.
        target.subject = target.subject.take().map(|subject| match (subject.sha256(), file.by) {
            (None, MatchedBy::Release | MatchedBy::Range | MatchedBy::Project | MatchedBy::FileName) => {
                subject.with_sha256(file.sha256)
            }
            _ => subject,
        });
        target.files.push(file);
    }

    /// The target that a match belongs to.
    fn target(&mut self, found: Match<'_>, file_name: &str) -> &mut Target {
        let known = found.known;
        let key = key_of(known, file_name);
        let target = self.targets.entry(key).or_default();
        if target.subject.is_none() {
            target.subject = Some(known.subject_of_file(file_name));
            target.class = Some(known.class);
        }
        target
    }

    fn finish(mut self) -> LocalAudit {
        let mut findings = Vec::new();
        let known = self.known;
        for file in known.files() {
            let is_found = match file.reach() {
                Reach::File => self.targets.contains_key(&key_of(file, "")),
                // Which versions lie in a range the pages tell: one that could not be read leaves it open.
                Reach::Range => {
                    !self.unread.contains(file.subject.name()) && self.shape.folders != Folders::NotRead
                }
                Reach::Release | Reach::Project => {
                    let version = file.subject.version();
                    let first = (file.subject.name().to_owned(), String::new());
                    self.targets
                        .range(first..)
                        .take_while(|((name, _), _)| name == file.subject.name())
                        .any(|((_, file_name), _)| is_of_version(file_name, version))
                        || is_known_by_files(known, file)
                }
            };
            if !is_found {
                let target = Target {
                    subject: Some(file.subject.clone()),
                    class: Some(file.class),
                    has_address: file.blake2.is_some() && file.subject.file_name().is_some(),
                    ..Target::default()
                };
                findings.extend(self.finding(target));
            }
        }
        for target in std::mem::take(&mut self.targets).into_values() {
            findings.extend(self.finding(target));
        }
        findings.sort_by(|a: &LocalFinding, b| a.subject.cmp(&b.subject));
        self.gaps.sort();
        self.gaps.dedup();
        LocalAudit {
            layout: self.shape.layout,
            web: self.shape.web.clone(),
            findings,
            gaps: self.gaps,
            files_seen: self.files_seen,
            files_hashed: self.hashed.len() as u64,
            pages: self.pages,
        }
    }

    fn finding(&self, mut target: Target) -> Option<LocalFinding> {
        let subject = target.subject.take()?;
        let index = self.index_seen(&subject, &target);
        let file = self.file_seen(&target);
        let verdict = match_verdict(Observations { control: ControlSeen::Well, index, file });
        let status = self.status.get(subject.name()).cloned();
        target.files.sort_by(|a, b| a.path.cmp(&b.path));
        Some(LocalFinding {
            subject,
            class: target.class.unwrap_or(Class::Unknown),
            verdict,
            index,
            file,
            files: target.files,
            entries: target.entries,
            status,
        })
    }

    fn index_seen(&self, subject: &Subject, target: &Target) -> IndexSeen {
        if target.entries.iter().any(|entry| entry.by != MatchedBy::OtherBytes) {
            return IndexSeen::Listed;
        }
        if !target.entries.is_empty() {
            return IndexSeen::ListedOther;
        }
        match self.shape.folders {
            Folders::Listed if target.files.iter().any(|file| !self.has_page_beside(&file.path)) => {
                IndexSeen::Listed
            }
            Folders::NotRead => IndexSeen::Unknown,
            _ if self.unread.contains(subject.name()) => IndexSeen::Unknown,
            Folders::Listed | Folders::Silent => IndexSeen::Absent,
        }
    }

    fn has_page_beside(&self, path: &str) -> bool {
        self.page_folders.contains(folder_of(path))
    }

    fn file_seen(&self, target: &Target) -> FileSeen {
        let has = |by: &[MatchedBy]| target.files.iter().any(|file| by.contains(&file.by));
        let has_address = target.has_address || target.entries.iter().any(|entry| entry.target.is_some());
        if has(&[MatchedBy::Sha256, MatchedBy::Blake2]) {
            FileSeen::Same
        } else if has(&[MatchedBy::OtherBytes]) {
            FileSeen::Other
        } else if !target.files.is_empty() {
            FileSeen::Served
        } else if target.is_unreadable {
            FileSeen::Unknown
        } else if has_address && self.shape.layout == Layout::Bandersnatch {
            FileSeen::Absent
        } else if self.depth == Depth::Addresses {
            FileSeen::NoAddress
        } else if self.is_walk_incomplete {
            FileSeen::Unknown
        } else {
            FileSeen::Absent
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A known file under its own name, or each file of a release or project that is known as a whole.
fn key_of(known: &KnownFile, file_name: &str) -> Key {
    let own = match known.reach() {
        Reach::File => known.subject.file_name().map(str::to_owned).or_else(|| {
            known.subject.sha256().map(|d| d.to_string()).or_else(|| known.blake2.map(|d| d.to_string()))
        }),
        Reach::Release | Reach::Range | Reach::Project => None,
    };
    (known.subject.name().to_owned(), own.unwrap_or_else(|| file_name.to_owned()))
}

/// Whether a release or project is known by its files, each of which is a finding of its own.
fn is_known_by_files(known: &KnownSet, whole: &KnownFile) -> bool {
    let version = whole.subject.version();
    known.of_name(whole.subject.name()).filter(|file| file.reach() == Reach::File).any(|file| {
        let is_same = |(one, other)| crate::known::is_same_version(one, other);
        version.is_none() || file.subject.version().zip(version).is_some_and(is_same)
    })
}

fn is_of_version(file_name: &str, version: Option<&str>) -> bool {
    let Some(version) = version else { return true };
    parse_file_name(file_name).is_some_and(|parsed| crate::known::is_same_version(&parsed.version, version))
}
