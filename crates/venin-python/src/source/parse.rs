//! Texts to [`Parsed`]: measuring, editing, the parser itself, and what is done when it complains.

use std::borrow::Cow;
use std::ops::Range;
use std::panic::catch_unwind;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseError, ParseErrorType, ParseOptions, parse_unchecked};
use venin_model::GapKind;

use super::density::is_too_deep;
use super::edit::{Edit, SpanMap, apply};
use super::encoding::{Decoded, decode_source, encoding_as_is};
use super::lower::{Builder, Dialect};
use super::scan::{Kind, Scanner};
use super::shape::{Excess, MAX_LINKS, MAX_NESTED, MAX_TOKENS, measure};
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

/// Reads a module from a file's text, which is shared and not copied if the file needs no decoding.
///
/// Gives what [`parse_source`] gives for the same bytes, and needs as large a stack.
#[must_use]
pub fn parse_shared(text: &Rc<str>, symbols: &mut Symbols) -> Parsed {
    match encoding_as_is(text) {
        Some(encoding) if text.len() <= MAX_TEXT => parse_all(Reader::over(
            Rc::clone(text),
            SourceTraits { encoding, ..SourceTraits::default() },
            symbols,
        )),
        _ => parse_source(text.as_bytes(), symbols),
    }
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
    parse_all(Reader::new(decoded, symbols))
}

fn parse_all(mut reader: Reader<'_>) -> Parsed {
    reader.read(0..reader.text().len(), Mode::Module);
    reader.finish()
}

/// Reads the pieces of one text into one lowered form.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    text: Rc<str>,
    lines: Vec<u32>,
    /// The lines of the whole text that nest too deep.
    excesses: Vec<Excess>,
    pub(super) builder: Builder<'s>,
    problems: Vec<Problem>,
    traits: SourceTraits,
    /// Whether the rest of the text was left out.
    is_cut: bool,
}

/// A part of the text that is parsed by itself.
struct Piece<'t> {
    text: &'t str,
    base: u32,
    mode: Mode,
    /// The edits that take lines out that nest too deep, in order.
    cuts: Vec<Edit>,
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
        let traits = SourceTraits { encoding, has_bom, ..SourceTraits::default() };
        let mut reader = Self::over(text.into(), traits, symbols);
        problems.append(&mut reader.problems);
        Self { problems, ..reader }
    }

    /// Measures a text; the encoding and the mark are those of the given traits.
    fn over(text: Rc<str>, traits: SourceTraits, symbols: &'s mut Symbols) -> Self {
        let SourceTraits { encoding, has_bom, .. } = traits;
        let lines = line_starts(&text);
        let shape = measure(&text);
        let traits = SourceTraits { encoding, has_bom, ..SourceTraits::of_text(&text, &lines, &shape) };
        let builder = Builder::new(symbols, text.len());
        let mut reader = Self {
            text,
            lines,
            excesses: shape.excesses,
            builder,
            problems: Vec::new(),
            traits,
            is_cut: false,
        };
        if let Some(cut) = shape.cut {
            reader.cut_at(cut);
        }
        reader
    }

    /// Leaves the rest of the text out.
    fn cut_at(&mut self, offset: u32) {
        let detail = format!("the text has more than {MAX_TOKENS} tokens; the rest was not parsed");
        self.problem(Problem::new(GapKind::AnalysisBudget, self.line_of(offset), detail));
        if let Some(head) = self.text.get(..offset as usize) {
            self.text = Rc::from(head);
            self.is_cut = true;
        }
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
        let whole = Rc::clone(&self.text);
        let Some(text) = whole.get(range.clone()) else { return };
        // Brackets left open before a piece do not count for it.
        let excesses = match range.len() == whole.len() {
            true => std::mem::take(&mut self.excesses),
            false => measure(text).excesses,
        };
        let base = range.start as u32;
        for excess in &excesses {
            let detail = format!("a line nests deeper than {MAX_NESTED} levels or {MAX_LINKS} links");
            self.problem(Problem::new(GapKind::Nesting, self.line_of(base + excess.start), detail));
        }
        let cuts = excesses.iter().map(Excess::edit).collect();
        let piece = Piece { text, base, mode, cuts };
        if self.read_piece(&piece) == Outcome::Panicked {
            self.read_chunks(&piece);
        }
    }

    fn read_piece(&mut self, piece: &Piece<'_>) -> Outcome {
        let attempt = Attempt::new(piece.text, piece.base, piece.cuts.clone());
        if is_too_deep(&attempt.text) {
            let detail = "the text nests deeper than the parser may go";
            self.problem(Problem::new(GapKind::Nesting, self.line_of(piece.base), detail));
            return Outcome::Done;
        }
        let Some(tree) = attempt.parse(piece.mode) else { return Outcome::Panicked };
        if tree.errors.is_empty() || !self.read_as_python2(piece, &tree) {
            self.tell(&tree.errors, &attempt.map);
            self.builder.lower(&tree.suite, &attempt.map, Dialect::Python3);
        }
        Outcome::Done
    }

    /// Reads a piece as Python 2 if that makes more sense of it than `tree` does.
    fn read_as_python2(&mut self, piece: &Piece<'_>, tree: &Tree) -> bool {
        let reading = python2::edits(piece.text);
        let fits = |edit: &Edit| !edit.touches_any(&piece.cuts);
        let mut edits: Vec<Edit> = reading.edits.into_iter().filter(fits).collect();
        if edits.is_empty() {
            return false;
        }
        edits.extend(piece.cuts.iter().cloned());
        let attempt = Attempt::new(piece.text, piece.base, edits);
        if is_too_deep(&attempt.text) {
            return false;
        }
        let Some(mut better) = attempt.parse(piece.mode) else { return false };
        // `print >>file, x` becomes a call with its keyword first.
        better.errors.retain(|e| e.error != ParseErrorType::PositionalAfterKeywordArgument);
        if better.loss() >= tree.loss() {
            return false;
        }
        let dialect = if reading.marks > 0 { Dialect::Python2 } else { Dialect::Python3 };
        self.traits.is_python2 |= reading.marks > 0;
        self.tell(&better.errors, &attempt.map);
        self.builder.lower(&better.suite, &attempt.map, dialect);
        true
    }

    /// Notes syntax errors: one problem for all that lose text.
    fn tell(&mut self, errors: &[ParseError], map: &SpanMap) {
        // A block that is missing because the text was cut before it is no error of the text.
        let end = if self.is_cut { self.text.trim_end().len() } else { usize::MAX };
        let is_real = |error: &&ParseError| (map.original(error.location.end().to_u32()) as usize) < end;
        let errors: Vec<&ParseError> = errors.iter().filter(is_real).collect();
        self.traits.syntax_errors += errors.len() as u32;
        let mut lost = errors.into_iter().filter(|error| loses_text(&error.error));
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
    fn read_chunks(&mut self, piece: &Piece<'_>) {
        for chunk in chunks(piece.text) {
            let Some(text) = piece.text.get(chunk.clone()) else { continue };
            let base = piece.base + chunk.start as u32;
            let cuts = measure(text).excesses.iter().map(Excess::edit).collect();
            if self.read_piece(&Piece { text, base, mode: piece.mode, cuts }) == Outcome::Panicked {
                let line = self.line_of(base);
                self.problem(Problem::new(GapKind::Crash, line, "the parser failed on a statement"));
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

/// How the reading of a piece ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was lowered or refused.
    Done,
    /// The parser panicked.
    Panicked,
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

impl Tree {
    /// Errors that lose text, and all errors.
    fn loss(&self) -> (usize, usize) {
        (self.errors.iter().filter(|error| loses_text(&error.error)).count(), self.errors.len())
    }
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
        let is_real = |error: &&ParseError| !is_of_bare_raise(text, error);
        let errors = parsed.errors().iter().filter(is_real).cloned().collect();
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

/// Whether the parser complains of `raise; …`, which Python allows: it goes on behind the semicolon with nothing lost.
fn is_of_bare_raise(text: &str, error: &ParseError) -> bool {
    let at = error.location.start().to_usize();
    let is_at_semicolon = text.get(at..).is_some_and(|rest| rest.starts_with(';'));
    let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']);
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    error.error == ParseErrorType::ExpectedExpression
        && is_at_semicolon
        && before.strip_suffix("raise").is_some_and(|before| !before.ends_with(is_word))
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
