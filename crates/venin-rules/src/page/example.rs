//! The examples of a page: inert programs that say themselves where the rule must speak and where not.

use base64::Engine as _;
use venin_model::spelled_enum;

use super::archive::{ArchiveLanguage, build_archive};
use super::fences::{Block, Content, Piece};
use crate::error::{Defect, Problem};

spelled_enum! {
    /// What an example shows.
    pub enum ExampleKind {
        /// The rule finds it.
        Positive = "example",
        /// Harmless code that looks like it: the rule must stay silent.
        LookAlike = "benign look-alike",
        /// A disguise that the rule sees through.
        Evasion = "evasion covered",
        /// A disguise that the rule does not see through, which is asserted too.
        KnownMiss = "known miss",
    }
}

impl ExampleKind {
    /// The heading of the section that holds such examples.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Positive => "Examples",
            Self::LookAlike => "Benign look-alikes",
            Self::Evasion => "Evasions covered",
            Self::KnownMiss => "Known misses",
        }
    }

    fn of_section(title: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.section().eq_ignore_ascii_case(title))
    }
}

/// One case: a small artifact and what must be found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub kind: ExampleKind,
    /// The sub-heading, or else the section's name and a number.
    pub title: String,
    /// The files of the artifact; at least one.
    pub files: Vec<ExampleFile>,
    /// The findings that must be given, in the order of the page.  No other place may have a finding of the page's rule.
    pub expected: Vec<Expectation>,
    /// The findings that would be right and are known not to be given.
    pub missed: Vec<Expectation>,
    /// Line of the page where the first block begins.
    pub line: u32,
}

/// A file of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFile {
    /// `/`-separated path inside the artifact.
    pub path: String,
    /// The text without the markers, or the archive that the block describes.
    pub bytes: Vec<u8>,
    /// Whether the block describes an archive.
    pub is_archive: bool,
}

/// A place where a rule speaks, or should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    /// The path of the file; empty for a finding anywhere in the artifact.
    pub file: String,
    /// The line, from 1; 0 for anywhere in the artifact.
    pub line: u32,
    /// The rule's id.
    pub rule: String,
}

/// The path of a block that names none.
pub const DEFAULT_FILE: &str = "pkg/__init__.py";

const LANGUAGES: &[&str] = &[
    "python",
    "text",
    "toml",
    "ini",
    "sh",
    "json",
    "powershell",
    "bat",
    "javascript",
    "zip",
    "tar",
    "base64",
];

/// Reads all examples of a page.
pub(super) fn parse_examples(id: &str, pieces: &[Piece<'_>], page: &str) -> Result<Vec<Example>, Defect> {
    let mut examples: Vec<Example> = Vec::new();
    let mut kind = None;
    let mut title: Option<&str> = None;
    // Whether the next block with a file name still belongs to the last example.
    let mut is_open = false;
    let mut counts = [0_usize; 4];
    let mut offsets = Vec::new();
    for piece in pieces {
        match &piece.content {
            Content::Heading(level, text) if *level <= 2 => {
                (kind, title, is_open) = (ExampleKind::of_section(text), None, false);
            }
            Content::Heading(_, text) => (title, is_open) = (Some(*text), false),
            Content::Prose => {}
            Content::Block(block) => {
                let Some(kind) = kind else { continue };
                let at = |d: Defect| Defect { offset: d.offset.max(piece.offset), ..d };
                let info = parse_info(block.info).map_err(at)?;
                let belongs = title.is_some() || info.file.is_some();
                if !(is_open && belongs) {
                    let count = counts.get_mut(kind as usize).map_or(0, |c| {
                        *c += 1;
                        *c
                    });
                    let title = title.map_or_else(|| format!("{} {count}", kind.as_str()), str::to_owned);
                    offsets.push(piece.offset);
                    let line = crate::error::line_and_column(page, piece.offset).0;
                    examples.push(Example {
                        kind,
                        title,
                        files: Vec::new(),
                        expected: Vec::new(),
                        missed: Vec::new(),
                        line,
                    });
                }
                is_open = belongs;
                if let Some(example) = examples.last_mut() {
                    add_file(example, block, &info).map_err(at)?;
                }
            }
        }
    }
    check(id, &examples, &offsets)?;
    Ok(examples)
}

struct Info<'a> {
    archive: Option<ArchiveLanguage>,
    is_base64: bool,
    file: Option<&'a str>,
    finding: Option<&'a str>,
    miss: Option<&'a str>,
}

/// Reads `python file=setup.py`.
fn parse_info(info: &str) -> Result<Info<'_>, Defect> {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    if !LANGUAGES.contains(&language) {
        let problem = Problem::Example(format!("a block in `{language}`"));
        return Err(
            Defect::new(0, problem).hint(format!("the languages of examples are: {}", LANGUAGES.join(", ")))
        );
    }
    let archive = ArchiveLanguage::parse(language);
    let is_base64 = language == "base64";
    let mut parsed = Info { archive, is_base64, file: None, finding: None, miss: None };
    for word in words {
        match word.split_once('=') {
            Some(("file", path)) if is_inside(path) => parsed.file = Some(path),
            Some(("file", path)) => {
                return Err(Defect::new(0, Problem::Example(format!("`{path}` leaves the artifact"))));
            }
            Some(("finding", rules)) => parsed.finding = Some(rules),
            Some(("miss", rules)) => parsed.miss = Some(rules),
            _ => {
                let problem = Problem::Example(format!("`{word}` means nothing here"));
                return Err(Defect::new(0, problem).hint("there are `file=`, `finding=` and `miss=`"));
            }
        }
    }
    if language != "python" && parsed.file.is_none() {
        return Err(Defect::new(0, Problem::Example(format!("a block in `{language}` needs `file=`"))));
    }
    Ok(parsed)
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Reads a block's fence and adds its file.
pub(super) fn add_block(example: &mut Example, block: &Block<'_>) -> Result<(), Defect> {
    add_file(example, block, &parse_info(block.info)?)
}

fn add_file(example: &mut Example, block: &Block<'_>, info: &Info<'_>) -> Result<(), Defect> {
    let path = info.file.unwrap_or(DEFAULT_FILE);
    if example.files.iter().any(|f| f.path == path) {
        let problem = Problem::Example(format!("two blocks of one case are `{path}`"));
        return Err(Defect::new(0, problem).hint("set `file=`, or give each its own `###` heading"));
    }
    if let Some(language) = info.archive {
        let bytes = build_archive(language, block.text)
            .map_err(|d| Defect { offset: d.offset + block.text_offset, ..d })?;
        // What lies in the archive has paths of its own, and no lines here.
        expect(&mut example.expected, "", 0, info.finding.unwrap_or_default());
        expect(&mut example.missed, "", 0, info.miss.unwrap_or_default());
        example.files.push(ExampleFile { path: path.to_owned(), bytes, is_archive: true });
        return Ok(());
    }
    expect(&mut example.expected, path, 0, info.finding.unwrap_or_default());
    expect(&mut example.missed, path, 0, info.miss.unwrap_or_default());
    if info.is_base64 {
        let bytes = decode_base64(block)?;
        example.files.push(ExampleFile { path: path.to_owned(), bytes, is_archive: false });
        return Ok(());
    }
    let text = take_markers(example, path, block.text);
    example.files.push(ExampleFile { path: path.to_owned(), bytes: text.into_bytes(), is_archive: false });
    Ok(())
}

/// The bytes that a block in base64 stands for.
fn decode_base64(block: &Block<'_>) -> Result<Vec<u8>, Defect> {
    let packed: String = block.text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(packed)
        .map_err(|error| Defect::new(0, Problem::Example(format!("the block is no base64: {error}"))))
}

/// The text without its markers, which become expectations.
fn take_markers(example: &mut Example, path: &str, source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for (number, line) in (1_u32..).zip(source.lines()) {
        let (kept, finding, miss) = take_marker(line);
        expect(&mut example.expected, path, number, finding);
        expect(&mut example.missed, path, number, miss);
        text.push_str(kept);
        text.push('\n');
    }
    text
}

/// The line without its marker, and the rules that `# finding:` and `# miss:` name.
fn take_marker(line: &str) -> (&str, &str, &str) {
    let split = |marker: &str| {
        line.rfind(marker).and_then(|at| Some((line.get(..at)?, line.get(at + marker.len()..)?)))
    };
    if let Some((before, rules)) = split("# finding:") {
        return (before.trim_end(), rules, "");
    }
    match split("# miss:") {
        Some((before, rules)) => (before.trim_end(), "", rules),
        None => (line, "", ""),
    }
}

fn expect(list: &mut Vec<Expectation>, file: &str, line: u32, rules: &str) {
    for rule in rules.split(',').map(str::trim).filter(|r| !r.is_empty()) {
        list.push(Expectation { file: file.to_owned(), line, rule: rule.to_owned() });
    }
}

/// The rules of examples: something found, two look-alikes silent, every disguise marked.
fn check(id: &str, examples: &[Example], offsets: &[usize]) -> Result<(), Defect> {
    for (example, offset) in examples.iter().zip(offsets) {
        let expects = example.expected.iter().any(|e| e.rule == id);
        let misses = example.missed.iter().any(|e| e.rule == id);
        let wrong = match example.kind {
            ExampleKind::Positive | ExampleKind::Evasion if !expects => {
                format!("no line is marked `# finding: {id}`")
            }
            ExampleKind::LookAlike if expects => format!("a benign look-alike expects a finding of `{id}`"),
            ExampleKind::KnownMiss if !misses => format!("no line is marked `# miss: {id}`"),
            _ => continue,
        };
        return Err(Defect::new(*offset, Problem::Example(wrong)));
    }
    let count = |kind| examples.iter().filter(|e| e.kind == kind).count();
    if count(ExampleKind::Positive) == 0 {
        return Err(Defect::new(0, Problem::NoSection("Examples")).hint("with at least one block"));
    }
    if count(ExampleKind::LookAlike) < 2 {
        return Err(Defect::new(
            0,
            Problem::Example("a page has at least two benign look-alikes".to_owned()),
        ));
    }
    Ok(())
}
