//! The format of the corpora below `tests/corpus`: whole releases of our own, all inert, with what a scan must give.
//!
//! A file is Markdown. Every heading of the second level is a case; the first list item below it holds its attributes as
//! `- key: value; key: value`, and all blocks below the heading are the files of the release, written as in the examples of
//! rule pages (`docs/rules.md`).  Keys of attributes are free; each corpus says which ones it reads.
#![allow(dead_code, reason = "every corpus reads what it needs")]
#![expect(clippy::expect_used, reason = "a corpus that cannot be read is a failed test")]

use std::path::PathBuf;

use venin_rules::{ExampleFile, RuleSet, parse_cases};
use venin_scan::{Options, Scan, Scanner, scan_files};

/// A case of a corpus.
pub(crate) struct CorpusCase {
    /// The stem of the file: a mechanism, or a kind of harmless release.
    pub(crate) group: String,
    /// The heading.
    pub(crate) title: String,
    /// Keys and values of the line of attributes, in its order.
    pub(crate) attributes: Vec<(String, String)>,
    /// The files of the release.
    pub(crate) files: Vec<ExampleFile>,
    /// Line of the heading.
    pub(crate) line: u32,
}

impl CorpusCase {
    /// The value of an attribute, if the case states it.
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// `group.md:line title`, for messages of tests.
    pub(crate) fn place(&self) -> String {
        format!("{}.md:{} \"{}\"", self.group, self.line, self.title)
    }
}

/// Reads all files of `tests/corpus/<name>`, sorted by name; `README.md` is prose.
pub(crate) fn read_corpus(name: &str) -> Vec<CorpusCase> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the corpus has a folder")
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"))
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| read_file(path)).collect()
}

fn read_file(path: &std::path::Path) -> Vec<CorpusCase> {
    let group = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).expect("a corpus file is UTF-8");
    let cases = match parse_cases(&path.to_string_lossy(), &text) {
        Ok(cases) => cases,
        Err(error) => panic!("{error}"),
    };
    let read = |case: venin_rules::Case| CorpusCase {
        group: group.clone(),
        attributes: case
            .prose
            .iter()
            .find_map(|l| l.strip_prefix("- "))
            .map(parse_attributes)
            .unwrap_or_default(),
        title: case.title,
        files: case.files,
        line: case.line,
    };
    cases.into_iter().map(read).collect()
}

fn parse_attributes(line: &str) -> Vec<(String, String)> {
    line.split(';')
        .filter_map(|part| part.split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// Scans every case with the built-in rules at the default persona, on a stack that deep code needs.
pub(crate) fn scan_corpus(cases: Vec<CorpusCase>) -> Vec<(CorpusCase, Scan)> {
    let run = move || {
        let scanner = Scanner::new(RuleSet::builtin(), Options::default());
        cases
            .into_iter()
            .map(|case| {
                let scan = scan_files(&case.files, &scanner);
                (case, scan)
            })
            .collect()
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the scan does not panic")
}
