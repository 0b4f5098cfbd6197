//! Regular expressions that are compiled when they are first needed.
//!
//! Most rules never get as far as their expressions, because no call of their classes occurs; compiling them all
//! would cost more than a scan.  `\w`, `\d`, `\s`, `\b` and the case of letters know ASCII only: paths, URLs and commands
//! need no more, and the Unicode classes take most of the time to compile and to match.
//!
//! Most of those that are needed are asked about a few short texts, so an expression is first compiled for a matcher that
//! is cheap to make; the one that is fast to run takes its place when much text was looked at.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::{Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition,
};

/// A regular expression, compiled at first use.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    source: String,
    cheap: OnceLock<Option<Compiled>>,
    fast: OnceLock<Option<Compiled>>,
    /// Bytes that the cheap matcher has looked at.
    looked_at: AtomicUsize,
}

/// What a compiled expression is good at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// One automaton, walked with backtracking: a third of the time to compile.
    Cheap,
    /// An automaton in each direction, made deterministic as texts are read.
    Fast,
}

/// Bytes of text from which the fast matcher is worth its compilation.
const WORTH_FAST: usize = 4 << 10;

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// Whether a text can match with `/` for every run of backslashes that does not match as it is.
    tells_slashes: bool,
}

/// Upper bound of a compiled expression in bytes.
const SIZE_LIMIT: usize = 4 << 20;

impl LazyRegex {
    pub(crate) fn new(source: String) -> Self {
        Self { source, cheap: OnceLock::new(), fast: OnceLock::new(), looked_at: AtomicUsize::new(0) }
    }

    /// Compiles the expression now.
    ///
    /// # Errors
    /// The last line of the compiler's message, which names the cause.
    pub(crate) fn check(&self) -> Result<(), String> {
        match build(&self.source, Tier::Cheap) {
            Ok(_) => Ok(()),
            Err(text) => {
                let last = text.lines().last().unwrap_or("it does not compile");
                Err(last.trim_start_matches("error: ").to_owned())
            }
        }
    }

    /// Whether the expression is found in the text, or in the text with `/` for every backslash.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let Some(Compiled { regex, tells_slashes }) = self.compiled_for(text.len()) else { return false };
        regex.is_match(text)
            || *tells_slashes && matches!(with_slashes(text), Cow::Owned(slashed) if regex.is_match(&slashed))
    }

    /// The matcher for one more text of a length in bytes.
    fn compiled_for(&self, length: usize) -> Option<&Compiled> {
        // The count decides nothing but the time it takes, so threads need not agree on it.
        let before = self.looked_at.fetch_add(length, Ordering::Relaxed);
        let (slot, tier) = match before.saturating_add(length) {
            ..WORTH_FAST => (&self.cheap, Tier::Cheap),
            _ => (&self.fast, Tier::Fast),
        };
        slot.get_or_init(|| build(&self.source, tier).ok()).as_ref()
    }
}

/// Only whether there is a match is ever asked, so nothing is built that tells where one is.
fn build(source: &str, tier: Tier) -> Result<Compiled, String> {
    let hir = regex_syntax::parse(&with_ascii_classes(source)).map_err(|e| e.to_string())?;
    let config = Config::new()
        .which_captures(WhichCaptures::None)
        .onepass(false)
        .hybrid(tier == Tier::Fast)
        .nfa_size_limit(Some(SIZE_LIMIT));
    let tells_slashes = tells_slashes(&hir);
    let regex = Regex::builder().configure(config).build_from_hir(&with_short_classes(hir));
    Ok(Compiled { regex: regex.map_err(|e| e.to_string())?, tells_slashes })
}

/// Whether a match can rest on a `/` in the place of a run of backslashes.
///
/// It cannot where no part of the expression takes a `/`, nor where a part that does takes any number of backslashes
/// as well.  To anchors and to the ends of words both are the same.
fn tells_slashes(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Class(class) => takes(class, '/'),
        HirKind::Repetition(Repetition { max: None, sub, .. }) => match sub.kind() {
            HirKind::Class(class) => takes(class, '/') && !takes(class, '\\'),
            _ => tells_slashes(sub),
        },
        HirKind::Repetition(repetition) => tells_slashes(&repetition.sub),
        HirKind::Capture(capture) => tells_slashes(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(tells_slashes),
    }
}

fn takes(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&c)),
        Class::Bytes(class) => {
            class.ranges().iter().any(|r| (u32::from(r.start())..=u32::from(r.end())).contains(&u32::from(c)))
        }
    }
}

/// The expression with `[^/]` and the like spelled as "one of these ASCII characters, or a character of several bytes".
///
/// In valid UTF-8 that is the same class, in three states of the automaton in place of some twenty: most of the time
/// to compile an expression went into these.
fn with_short_classes(hir: Hir) -> Hir {
    let all = |parts: Vec<Hir>| parts.into_iter().map(with_short_classes).collect();
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Class(Class::Unicode(class)) if holds_all_beyond_ascii(&class) => short_class(&class),
        HirKind::Class(Class::Unicode(class)) if holds_other_case_of_ascii(&class) => ascii_class(&class),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(with_short_classes(*repetition.sub));
            Hir::repetition(Repetition { sub, ..repetition })
        }
        HirKind::Capture(capture) => {
            let sub = Box::new(with_short_classes(*capture.sub));
            Hir::capture(Capture { sub, ..capture })
        }
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)),
    }
}

fn holds_all_beyond_ascii(class: &ClassUnicode) -> bool {
    class.ranges().last().is_some_and(|last| last.start() <= '\u{80}' && last.end() == char::MAX)
}

/// Whether a class holds, beyond ASCII, only the two characters that Unicode takes for a `k` and an `s` of another case.  No
/// file system, shell or protocol does, and the two cost a part of the automaton at each such letter.
fn holds_other_case_of_ascii(class: &ClassUnicode) -> bool {
    let beyond: Vec<_> = class.ranges().iter().filter(|range| !range.end().is_ascii()).collect();
    let is_case = |range: &&&ClassUnicodeRange| {
        range.start() == range.end() && matches!(range.start(), '\u{17F}' | '\u{212A}')
    };
    beyond.len() < class.ranges().len() && beyond.iter().filter(is_case).count() == beyond.len()
}

fn ascii_class(class: &ClassUnicode) -> Hir {
    let ascii = class.ranges().iter().filter_map(|range| {
        let start = u8::try_from(range.start()).ok().filter(u8::is_ascii)?;
        Some(ClassBytesRange::new(start, u8::try_from(range.end()).map_or(0x7F, |end| end.min(0x7F))))
    });
    Hir::class(Class::Bytes(ClassBytes::new(ascii)))
}

fn short_class(class: &ClassUnicode) -> Hir {
    let ascii = ascii_class(class);
    let bytes = |from, to| Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(from, to)])));
    let rest = Repetition { min: 1, max: None, greedy: true, sub: Box::new(bytes(0x80, 0xBF)) };
    Hir::alternation(vec![ascii, Hir::concat(vec![bytes(0xC2, 0xF4), Hir::repetition(rest)])])
}

/// The expression with classes of ASCII characters in place of the Unicode ones.
fn with_ascii_classes(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 32);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            // A class inside of a class is taken in, so these stand in both places.
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('s') => out.push_str("[\\t\\n\\v\\f\\r ]"),
            Some('S') => out.push_str("[^\\t\\n\\v\\f\\r ]"),
            Some('b') if !chars.as_str().starts_with('{') => out.push_str("(?-u:\\b)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The text with `/` for every run of backslashes.
pub(crate) fn with_slashes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        out.push('/');
        rest = after.trim_start_matches('\\');
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_rule_matches_both_separators() {
        let regex = LazyRegex::new("(?i)/startup/".to_owned());
        assert!(regex.is_match("C:\\Users\\x\\Startup\\a.bat"));
        assert!(regex.is_match("C:\\\\Users\\\\x\\\\Startup\\\\a.bat"));
        assert!(regex.is_match("/x/startup/a"));
        assert!(!regex.is_match("startup"));
    }

    #[test]
    fn a_second_look_is_left_out_only_where_it_finds_nothing() {
        let tells = |source: &str| build(source, Tier::Cheap).unwrap().tells_slashes;
        for source in [
            "abc",
            r"^a.*b$",
            r"a[^\s]+b",
            r"(?i)\bpip\b\s+install",
            r"a(?:b|[^']*)c",
            r"a{2,}",
            r"x\\y",
            "(?s)a.+b",
        ] {
            assert!(!tells(source), "{source}");
        }
        for source in ["a/b", "a.b", r"a[^b]{2}", r"[/x]*", r"(?:/a)*", r"a.?b", r"a[^\\]*b", r"[+-9]"] {
            assert!(tells(source), "{source}");
        }
        let texts = [r"a\b", r"a\\b", r"\a\\b\", r"a/\b", "a/b", r"pip\ install", r"C:\x\y", r"\\", ""];
        let sources = [
            "^a.*b$",
            r"a\S+b",
            r"\bb\b",
            r"^\W*a",
            r"[^x]{2,}b",
            r"a.{0,1}b",
            r"^[^/]+$",
            r"\\{2}",
            r"(.+)b",
        ];
        for (source, text) in sources.iter().flat_map(|s| texts.map(|t| (*s, t))) {
            let plain = build(source, Tier::Fast).unwrap().regex;
            let wanted = plain.is_match(text) || plain.is_match(&*with_slashes(text));
            assert_eq!(LazyRegex::new(source.to_owned()).is_match(text), wanted, "{source} {text}");
        }
    }

    #[test]
    fn classes_are_those_of_ascii_wherever_they_stand() {
        let finds = |source: &str, text: &str| LazyRegex::new(source.to_owned()).is_match(text);
        assert!(finds(r"^[\w.-]+\s\d\b", "a_b-c 1"));
        assert!(finds(r"^[^\s/]+$", "ab") && !finds(r"^[^\s/]+$", "a b"));
        assert!(finds(r"\\w", "C:\\w") && !finds(r"\d", "٣"));
        assert!(finds(r"(?-u:\b)ab\b", "⟨x⟩ab⟨y⟩"));
        assert!(finds(r"[\S]\D\W", "ab "));
    }

    #[test]
    fn a_class_without_some_characters_takes_a_character_of_several_bytes_for_one() {
        let finds = |source: &str, text: &str| LazyRegex::new(source.to_owned()).is_match(text);
        for one in ["é", "€", "⟨", "😀"] {
            assert!(finds("^[^/]$", one) && finds("^.$", one) && finds("^[^a]{1}[^a]{1}$", &one.repeat(2)));
            assert!(!finds("^[^/]{2}$", one) && !finds("^..$", one) && !finds("^[^a]{2}$", &one.repeat(3)));
            assert!(finds("^a.b$", &format!("a{one}b")) && !finds("^a..b$", &format!("a{one}b")));
        }
        assert!(!finds("^.$", "\n") && finds("(?s)^.$", "\n") && !finds("[^\\x00-\\x7f]", "ascii"));
        assert!(finds("[^\\x00-\\x7f]{2}z", "aé€z") && !finds("[^⟨⟩]", "⟨⟩") && finds("[^⟨⟩]", "⟨é⟩"));
    }

    #[test]
    fn letters_of_another_case_are_those_of_ascii() {
        let finds = |source: &str, text: &str| LazyRegex::new(source.to_owned()).is_match(text);
        assert!(finds("(?i)^sk$", "SK") && finds("(?i)^[ks]+$", "Ks"));
        assert!(!finds("(?i)^s$", "\u{17F}") && !finds("(?i)^k$", "\u{212A}"));
        assert!(finds("^\u{17F}$", "\u{17F}") && finds("(?i)^é$", "É") && finds("^[^s]$", "\u{17F}"));
    }

    #[test]
    fn an_expression_says_the_same_before_and_after_much_text() {
        let regex = LazyRegex::new(r"(?i)\bpip3?\s+install\b[^\n]*(?:--index|-i)\b".to_owned());
        let texts = ["pip install -i x", "PIP3  INSTALL a b --index", "pip install é-i", "pipinstall -i", ""];
        let first: Vec<bool> = texts.iter().map(|text| regex.is_match(text)).collect();
        assert!(regex.fast.get().is_none() && first.iter().any(|found| *found));
        assert!(!regex.is_match(&"pip installs ".repeat(WORTH_FAST)));
        assert!(regex.fast.get().is_some());
        assert_eq!(texts.map(|text| regex.is_match(text)).to_vec(), first);
    }

    #[test]
    fn a_broken_expression_matches_nothing_and_says_why() {
        let regex = LazyRegex::new("a(".to_owned());
        assert!(!regex.is_match("a("));
        assert_eq!(regex.check(), Err("unclosed group".to_owned()));
    }
}
