//! Rule pages as tests: their examples are scanned, and every line that says so must be found, no other.

use venin_rules::{Example, ExampleFile, Page};

use crate::{Input, Scan, Scanner, TreeMember};

/// A page whose examples do not come out as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFailure {
    /// The rule.
    pub rule: String,
    /// The example's title.
    pub example: String,
    /// The line of the page where the example begins.
    pub line: u32,
    /// What is wrong, one sentence.
    pub message: String,
}

impl std::fmt::Display for PageFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} line {}, \"{}\": {}", self.rule, self.line, self.example, self.message)
    }
}

/// Scans all examples of a page with a scanner that holds its rule; gives what does not come out.
#[must_use]
pub fn check_page(page: &Page, scanner: &Scanner) -> Vec<PageFailure> {
    let examples = match page.parse_examples() {
        Ok(examples) => examples,
        Err(error) => {
            return vec![PageFailure {
                rule: page.rule.id.to_string(),
                example: String::new(),
                line: 1,
                message: error.to_string(),
            }];
        }
    };
    examples.iter().flat_map(|example| check_example(page, example, scanner)).collect()
}

fn check_example(page: &Page, example: &Example, scanner: &Scanner) -> Vec<PageFailure> {
    let failure = |message: String| PageFailure {
        rule: page.rule.id.to_string(),
        example: example.title.clone(),
        line: example.line,
        message,
    };
    let mut found = found_places(page, example, scanner);
    let mut failures = Vec::new();
    for expected in example.expected.iter().filter(|e| e.rule == *page.rule.id) {
        let matches = |place: &(String, u32)| {
            // A finding about the whole artifact stands nowhere; line 0 expects it anywhere.
            let is_anywhere = expected.line == 0 && (expected.file.is_empty() || place.0.is_empty());
            is_anywhere || place.0 == expected.file && (expected.line == 0 || place.1 == expected.line)
        };
        match found.iter().position(matches) {
            Some(at) => {
                found.swap_remove(at);
            }
            None => failures.push(failure(format!("nothing found at {}:{}", expected.file, expected.line))),
        }
    }
    for missed in example.missed.iter().filter(|e| e.rule == *page.rule.id) {
        let is_missed = |p: &(String, u32)| {
            missed.file.is_empty() || p.0 == missed.file && (missed.line == 0 || p.1 == missed.line)
        };
        if found.iter().any(is_missed) {
            let place = format!("{}:{}", missed.file, missed.line);
            failures.push(failure(format!("{place} is a known miss and yet found: move it to the evasions")));
        }
    }
    for (file, line) in found {
        failures.push(failure(format!("found at {file}:{line}, where the page expects nothing")));
    }
    failures
}

/// Where the page's rule speaks in an example.
fn found_places(page: &Page, example: &Example, scanner: &Scanner) -> Vec<(String, u32)> {
    scan_files(&example.files, scanner)
        .findings
        .iter()
        .filter(|f| f.rule == page.rule.id)
        .map(|f| f.site.as_ref().map_or((String::new(), 0), |s| (s.member.to_string(), s.line)))
        .collect()
}

/// Scans the files of an example or a case: an archive alone is the artifact; any other files are a tree, and archives among
/// them are members.
#[must_use]
pub fn scan_files(files: &[ExampleFile], scanner: &Scanner) -> Scan {
    if let [file] = files
        && file.is_archive
    {
        return scanner.scan(&Input::File { name: &file.path, bytes: &file.bytes });
    }
    let members: Vec<TreeMember> =
        files.iter().map(|f| TreeMember { path: f.path.clone(), bytes: f.bytes.clone() }).collect();
    scanner.scan(&Input::Tree { name: "example", members: &members })
}
