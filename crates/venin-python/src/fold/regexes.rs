//! `re` on constants, where a pattern means the same to both engines.

use std::cell::RefCell;
use std::rc::Rc;

use regex::{Captures, Regex, RegexBuilder};
use rustc_hash::FxHashMap;

use super::args::{Args, int_or};
use super::{Flow, FoldContext, Row};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] = &[
    ("re.sub", Flow::Decode, sub),
    ("re.findall", Flow::Shallow, findall),
    ("re.split", Flow::Shallow, split),
    ("re.escape", Flow::Shallow, escape),
];

/// Translates a pattern; `None` for what the two engines take differently.
fn translate(pattern: &str, subject: &str, flags: i64) -> Option<Rc<Regex>> {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match (c, in_class) {
            ('\\', _) => match chars.next()? {
                'Z' if !in_class => out.push_str("\\z"),
                // Back references, and escapes that only one of the two knows.
                c if c.is_ascii_digit() && c != '0' => return None,
                'z' | 'p' | 'P' | '<' | '>' | 'N' | '0' => return None,
                'b' if in_class => return None,
                c @ ('"' | '\'' | '/' | '=' | '!' | ':' | ',' | ';' | '@' | '`' | '%' | '_' | ' ') => {
                    out.push(c);
                }
                c => {
                    out.push('\\');
                    out.push(c);
                }
            },
            ('[', false) => {
                in_class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    out.push('^');
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            // Nested classes and set operations do not exist in Python.
            ('[' | '&' | '~', true) => {
                out.push('\\');
                out.push(c);
            }
            (']', true) => {
                in_class = false;
                out.push(']');
            }
            ('$', false) if subject.ends_with('\n') && flags & 8 == 0 => return None,
            _ => out.push(c),
        }
    }
    if out.contains("(?(") || out.contains("(?i") || pattern.len() > 1000 {
        return None;
    }
    compile(out, flags)
}

/// Most expressions that are kept compiled.
const MAX_COMPILED: usize = 24;

/// Expressions by source and flags.
type Compiled = FxHashMap<(String, i64), Option<Rc<Regex>>>;

thread_local! {
    /// Expressions by source and flags, those that do not compile included.  A loop uses one at every round, and one
    /// thief is copied from another; to find out that an expression is too big takes the longest.  They are shared: a
    /// copy would have to find the states of its automaton anew.
    static COMPILED: RefCell<Compiled> = RefCell::default();
}

fn compile(source: String, flags: i64) -> Option<Rc<Regex>> {
    let key = (source, flags);
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(known) = compiled.get(&key) {
            return known.clone();
        }
        if compiled.len() >= MAX_COMPILED {
            compiled.clear();
        }
        let regex = build(&key.0, flags).map(Rc::new);
        compiled.insert(key, regex.clone());
        regex
    })
}

fn build(source: &str, flags: i64) -> Option<Regex> {
    RegexBuilder::new(source)
        .case_insensitive(flags & 2 != 0)
        .multi_line(flags & 8 != 0)
        .dot_matches_new_line(flags & 16 != 0)
        .ignore_whitespace(flags & 64 != 0)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .build()
        .ok()
}

/// Where a match must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Anywhere.
    None,
    /// At the start of the text.
    Start,
    /// It is the whole text.
    Whole,
}

/// A match: where it lies, in bytes, its groups with the whole of it first, and the names of groups.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) groups: Vec<Option<String>>,
    pub(crate) names: Vec<(usize, String)>,
}

/// Most matches of one text.
const MAX_MATCHES: usize = 1 << 16;

/// The matches of a constant pattern in a constant text; the first alone of those that must begin somewhere.
pub(crate) fn find_matches(
    cx: &mut FoldContext<'_>,
    pattern: &Value,
    subject: &Value,
    flags: Option<&Value>,
    anchor: Anchor,
) -> Option<Vec<Found>> {
    let whole = (anchor == Anchor::Whole).then(|| pattern.as_str()).flatten();
    let whole = whole.map(|pattern| Value::str(format!("(?:{pattern})\\Z")));
    let (regex, subject) = match anchor {
        Anchor::None => prepare(cx, Some(pattern), Some(subject), flags)?,
        _ => prepare_any(cx, Some(whole.as_ref().unwrap_or(pattern)), Some(subject), flags)?,
    };
    let mut found = Vec::new();
    for captures in regex.captures_iter(subject).take(MAX_MATCHES) {
        let all = captures.get(0)?;
        if anchor != Anchor::None && (all.start() > 0 || !found.is_empty()) {
            break;
        }
        let groups: Vec<Option<String>> =
            captures.iter().map(|group| group.map(|m| m.as_str().to_owned())).collect();
        cx.afford(groups.iter().flatten().map(String::len).sum::<usize>() + 64)?;
        let named = regex.capture_names().enumerate();
        let names = named.filter_map(|(at, name)| Some((at, name?.to_owned()))).collect();
        found.push(Found { start: all.start(), end: all.end(), groups, names });
    }
    Some(found)
}

/// A compiled pattern and its subject, both constants, where empty matches do not differ.
fn prepare<'a>(
    cx: &mut FoldContext<'_>,
    pattern: Option<&Value>,
    subject: Option<&'a Value>,
    flags: Option<&Value>,
) -> Option<(Rc<Regex>, &'a str)> {
    let (regex, subject) = prepare_any(cx, pattern, subject, flags)?;
    // The engines differ on where an empty match may follow another.
    (!regex.is_match("") && !regex.find_iter(subject).any(|m| m.is_empty())).then_some((regex, subject))
}

/// A compiled pattern and its subject, both constants.
fn prepare_any<'a>(
    cx: &mut FoldContext<'_>,
    pattern: Option<&Value>,
    subject: Option<&'a Value>,
    flags: Option<&Value>,
) -> Option<(Rc<Regex>, &'a str)> {
    let (pattern, subject) = (pattern?.as_str()?, subject?.as_str()?);
    let flags = int_or(flags, 0)?;
    (flags & !(2 | 8 | 16 | 32 | 64) == 0).then_some(())?;
    cx.work(subject.len().saturating_mul(pattern.len() + 16))?;
    Some((translate(pattern, subject, flags)?, subject))
}

/// A replacement of a match.
enum Replacement {
    Text(String),
    Group(usize),
}

fn parse_replacement(text: &str) -> Option<Vec<Replacement>> {
    let mut out = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            literal.push(c);
            continue;
        }
        match chars.next()? {
            'n' => literal.push('\n'),
            't' => literal.push('\t'),
            'r' => literal.push('\r'),
            '\\' => literal.push('\\'),
            digit @ '1'..='9' => {
                // Two digits are one number.
                chars.as_str().chars().next().is_none_or(|c| !c.is_ascii_digit()).then_some(())?;
                out.push(Replacement::Text(std::mem::take(&mut literal)));
                out.push(Replacement::Group(digit.to_digit(10)? as usize));
            }
            'g' => {
                let (number, rest) = chars.as_str().strip_prefix('<')?.split_once('>')?;
                out.push(Replacement::Text(std::mem::take(&mut literal)));
                out.push(Replacement::Group(number.parse().ok()?));
                chars = rest.chars();
            }
            c if c.is_ascii_alphanumeric() => return None,
            c => {
                literal.push('\\');
                literal.push(c);
            }
        }
    }
    out.push(Replacement::Text(literal));
    Some(out)
}

fn sub(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [pattern, replacement, subject, count, flags] =
        args.bind(cx, ["pattern", "repl", "string", "count", "flags"])?;
    let (regex, subject) = prepare(cx, pattern, subject, flags)?;
    let replacement = parse_replacement(replacement?.as_str()?)?;
    let limit = match int_or(count, 0)? {
        0 => usize::MAX,
        n => usize::try_from(n).ok()?,
    };
    let mut out = String::with_capacity(subject.len());
    let mut from = 0;
    for captures in regex.captures_iter(subject).take(limit) {
        let whole = captures.get(0)?;
        out.push_str(subject.get(from..whole.start())?);
        expand(&captures, &replacement, &mut out)?;
        from = whole.end();
        (out.len() <= FoldContext::MAX_BYTES).then_some(())?;
    }
    out.push_str(subject.get(from..)?);
    cx.make_str(out)
}

fn expand(captures: &Captures<'_>, replacement: &[Replacement], out: &mut String) -> Option<()> {
    for piece in replacement {
        match piece {
            Replacement::Text(text) => out.push_str(text),
            Replacement::Group(group) => {
                (*group < captures.len()).then_some(())?;
                out.push_str(captures.get(*group).map_or("", |m| m.as_str()));
            }
        }
    }
    Some(())
}

fn findall(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [pattern, subject, flags] = args.bind(cx, ["pattern", "string", "flags"])?;
    let (regex, subject) = prepare(cx, pattern, subject, flags)?;
    let mut out = Vec::new();
    for captures in regex.captures_iter(subject) {
        let group = |n: usize| captures.get(n).map_or("", |m| m.as_str());
        out.push(match captures.len() {
            1 => cx.make_str(group(0))?,
            2 => cx.make_str(group(1))?,
            n => {
                let groups: Option<Vec<Value>> = (1..n).map(|g| cx.make_str(group(g))).collect();
                cx.make_tuple(groups?)?
            }
        });
    }
    cx.make_list(out)
}

fn split(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [pattern, subject, limit, flags] = args.bind(cx, ["pattern", "string", "maxsplit", "flags"])?;
    let (regex, subject) = prepare(cx, pattern, subject, flags)?;
    let limit = match int_or(limit, 0)? {
        0 => usize::MAX,
        n => usize::try_from(n).ok()?,
    };
    let mut out = Vec::new();
    let mut from = 0;
    for captures in regex.captures_iter(subject).take(limit) {
        let whole = captures.get(0)?;
        out.push(cx.make_str(subject.get(from..whole.start())?)?);
        for group in captures.iter().skip(1) {
            out.push(match group {
                Some(m) => cx.make_str(m.as_str())?,
                None => Value::none(),
            });
        }
        from = whole.end();
    }
    out.push(cx.make_str(subject.get(from..)?)?);
    cx.make_list(out)
}

fn escape(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let Kind::Str(text) = &text.kind else { return None };
    let mut out = String::with_capacity(text.as_str().len());
    for c in text.as_str().chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    cx.make_str(out)
}
