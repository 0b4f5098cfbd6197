//! Texts to [`Parsed`]: measuring, editing, the parser itself, and what is done when it complains.

use std::borrow::Cow;
use std::ops::Range;
use std::panic::catch_unwind;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseError, ParseErrorType, ParseOptions, parse_unchecked};
use venin_model::GapKind;

use super::edit::{Edit, SpanMap, apply};
use super::encoding::{Decoded, decode_source};
use super::lower::{Builder, Dialect};
use super::scan::{Kind, Scanner};
use super::shape::{Excess, MAX_LINKS, MAX_NESTED, measure};
use super::traits::line_starts;
use super::{Parsed, Problem, SourceTraits, python2};
use crate::value::Symbols;

/// Longest text that is read; the rest is cut off and told.
const MAX_TEXT: usize = 256 << 20;
/// Most problems that are told of one text.
const MAX_PROBLEMS: usize = 20;

/// Reads a module from its bytes.
///
/// The encoding is that of the byte order mark, of the PEP 263 cookie, or UTF-8.  Needs a large stack: see
/// the module's documentation.
#[must_use]
pub fn parse_source(bytes: &[u8], symbols: &mut Symbols) -> Parsed {
    parse_decoded(decode_source(bytes), symbols)
}

/// Reads a module from text, such as a layer that was decoded.
///
/// Needs a large stack: see the module's documentation.
#[must_use]
pub fn parse_text(text: &str, symbols: &mut Symbols) -> Parsed {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let encoding = "utf-8".to_owned();
    parse_decoded(Decoded { text: text.to_owned(), encoding, has_bom: false, problem: None }, symbols)
}

fn parse_decoded(decoded: Decoded, symbols: &mut Symbols) -> Parsed {
    let mut reader = Reader::new(decoded, symbols);
    reader.read(0..reader.text().len(), Mode::Module);
    reader.finish()
}

/// Reads the pieces of one text into one lowered form.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    text: Rc<str>,
    lines: Vec<u32>,
    excesses: Vec<Excess>,
    pub(super) builder: Builder<'s>,
    problems: Vec<Problem>,
    traits: SourceTraits,
}

impl<'s> Reader<'s> {
    /// Measures a decoded text.
    pub(super) fn new(decoded: Decoded, symbols: &'s mut Symbols) -> Self {
        let Decoded { mut text, encoding, has_bom, problem } = decoded;
        let mut problems: Vec<Problem> = problem.into_iter().collect();
        if text.len() > MAX_TEXT {
            let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
            problems.push(Problem::new(GapKind::AnalysisBudget, 1, "the text is longer than 256 MiB"));
        }
        let lines = line_starts(&text);
        let shape = measure(&text);
        let traits = SourceTraits { encoding, has_bom, ..SourceTraits::of_text(&text, &lines, &shape) };
        let builder = Builder::new(symbols, text.len());
        let mut reader =
            Self { text: text.into(), lines, excesses: shape.excesses, builder, problems, traits };
        for at in 0..reader.excesses.len().min(MAX_PROBLEMS) {
            let Some(excess) = reader.excesses.get(at) else { break };
            let line = reader.line_of(excess.start);
            let detail = format!("a line nests deeper than {MAX_NESTED} levels or {MAX_LINKS} links");
            reader.problems.push(Problem::new(GapKind::Nesting, line, detail));
        }
        reader
    }

    /// The text, to cut pieces from.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn line_of(&self, offset: u32) -> u32 {
        self.lines.partition_point(|start| *start <= offset).max(1) as u32
    }

    /// Reads a piece of the text and appends it to the module body.
    pub(super) fn read(&mut self, range: Range<usize>, mode: Mode) {
        let text = Rc::clone(&self.text);
        let Some(piece) = text.get(range.clone()) else { return };
        let base = range.start as u32;
        let attempt = Attempt::new(piece, base, self.cuts(base, piece.len() as u32));
        match attempt.parse(mode) {
            Some(tree) => self.take(piece, base, &attempt, tree, mode),
            None => self.read_chunks(piece, base, mode),
        }
    }

    /// The edits that take lines out that nest too deep.
    fn cuts(&self, base: u32, len: u32) -> Vec<Edit> {
        let inside = self.excesses.iter().filter(|e| e.start >= base && e.end <= base + len);
        inside.map(|e| Excess { start: e.start - base, end: e.end - base, ..*e }.edit()).collect()
    }

    /// Lowers a tree, or that of the text as Python 2 if it is the better one.
    fn take(&mut self, piece: &str, base: u32, attempt: &Attempt<'_>, tree: Tree, mode: Mode) {
        if tree.errors.is_empty() {
            return self.builder.lower(&tree.suite, &attempt.map, Dialect::Python3);
        }
        let reading = python2::edits(piece);
        let mut edits = self.cuts(base, piece.len() as u32);
        let cuts = edits.len();
        let fits = |edit: &Edit| !edits.iter().any(|cut| cut.touches(edit));
        let python2: Vec<Edit> = reading.edits.into_iter().filter(fits).collect();
        edits.extend(python2);
        if edits.len() > cuts {
            let second = Attempt::new(piece, base, edits);
            if let Some(better) = second.parse(mode).filter(|t| t.errors.len() < tree.errors.len()) {
                let dialect = if reading.marks > 0 { Dialect::Python2 } else { Dialect::Python3 };
                self.traits.is_python2 |= reading.marks > 0;
                self.tell(&better.errors, &second.map);
                return self.builder.lower(&better.suite, &second.map, dialect);
            }
        }
        self.tell(&tree.errors, &attempt.map);
        self.builder.lower(&tree.suite, &attempt.map, Dialect::Python3);
    }

    /// Notes syntax errors: one problem for all that lose text.
    fn tell(&mut self, errors: &[ParseError], map: &SpanMap) {
        self.traits.syntax_errors += errors.len() as u32;
        let mut lost = errors.iter().filter(|error| loses_text(&error.error));
        let Some(first) = lost.next() else { return };
        let line = self.line_of(map.original(first.location.start().to_u32()));
        let others = lost.count();
        let detail = match others {
            0 => first.error.to_string(),
            _ => format!("{}, and {others} more syntax errors", first.error),
        };
        self.problem(Problem::new(GapKind::Syntax, line, detail));
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Reads a piece that makes the parser panic one top-level statement at a time.
    fn read_chunks(&mut self, piece: &str, base: u32, mode: Mode) {
        for chunk in chunks(piece) {
            let Some(text) = piece.get(chunk.clone()) else { continue };
            let start = base + chunk.start as u32;
            let attempt = Attempt::new(text, start, self.cuts(start, text.len() as u32));
            match attempt.parse(mode) {
                Some(tree) => self.take(text, start, &attempt, tree, mode),
                None => {
                    let line = self.line_of(start);
                    self.problem(Problem::new(GapKind::Crash, line, "the parser failed on a statement"));
                }
            }
        }
    }

    /// The finished form.
    pub(super) fn finish(self) -> Parsed {
        let Self { text, lines, builder, mut problems, traits, .. } = self;
        let (code, too_deep) = builder.finish(text, lines);
        problems.extend(too_deep);
        Parsed { code: Rc::new(code), problems, traits }
    }
}

/// A text as it is given to the parser.
struct Attempt<'t> {
    text: Cow<'t, str>,
    map: SpanMap,
}

/// What the parser makes of a text.
struct Tree {
    suite: Vec<ast::Stmt>,
    errors: Vec<ParseError>,
}

impl<'t> Attempt<'t> {
    fn new(piece: &'t str, base: u32, edits: Vec<Edit>) -> Self {
        let (mut text, map) = if edits.is_empty() {
            (Cow::Borrowed(piece), SpanMap::shifted(base))
        } else {
            let (text, map) = apply(piece, base, edits);
            (Cow::Owned(text), map)
        };
        // The parser reports NULs as errors, and interpreters differ; blanks keep the code around them.
        if memchr::memchr(0, text.as_bytes()).is_some() {
            text = Cow::Owned(text.replace('\0', " "));
        }
        Self { text, map }
    }

    /// Parses; `None` if the parser panics.
    fn parse(&self, mode: Mode) -> Option<Tree> {
        let text: &str = &self.text;
        let parsed = catch_unwind(|| parse_unchecked(text, ParseOptions::from(mode))).ok()?;
        let errors = parsed.errors().to_vec();
        let module = parsed.into_syntax().module()?;
        Some(Tree { suite: module.body.into_iter().collect(), errors })
    }
}

/// Whether the parser drops or guesses at text after an error; after the others its tree is whole.
const fn loses_text(error: &ParseErrorType) -> bool {
    matches!(
        error,
        ParseErrorType::Lexical(_)
            | ParseErrorType::ExpectedToken { .. }
            | ParseErrorType::ExpectedExpression
            | ParseErrorType::OtherError(_)
            | ParseErrorType::UnexpectedIndentation
            | ParseErrorType::SimpleStatementsOnSameLine
            | ParseErrorType::FStringError(_)
            | ParseErrorType::TStringError(_)
            | ParseErrorType::UnexpectedExpressionToken
            | ParseErrorType::UnexpectedIpythonEscapeCommand
    )
}

/// Top-level statements, as far as logical lines at the first column tell them.
fn chunks(piece: &str) -> Vec<Range<usize>> {
    let bytes = piece.as_bytes();
    let mut starts = vec![0];
    let mut is_first = true;
    for token in Scanner::new(piece) {
        let start = token.start as usize;
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        let word = bytes.get(start..token.end as usize).unwrap_or_default();
        let goes_on = matches!(word, b"else" | b"elif" | b"except" | b"finally");
        if is_first && matches!(before, Some(b'\n' | b'\r')) && !goes_on {
            starts.push(start);
        }
        is_first = token.kind == Kind::Newline;
    }
    let ends = starts.iter().skip(1).copied().chain([piece.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}
