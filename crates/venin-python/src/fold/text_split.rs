//! Splitting and stripping strings and bytes.

use memchr::memmem;

use super::args::{Args, given, int_or};
use super::text::Text;
use super::{Flow, FoldContext, Row, unicode};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("str.split", Flow::Shallow, split),
    ("bytes.split", Flow::Shallow, split),
    ("string.split", Flow::Shallow, split),
    ("str.rsplit", Flow::Shallow, rsplit),
    ("bytes.rsplit", Flow::Shallow, rsplit),
    ("str.splitlines", Flow::Shallow, splitlines),
    ("bytes.splitlines", Flow::Shallow, splitlines),
    ("str.partition", Flow::Shallow, partition),
    ("bytes.partition", Flow::Shallow, partition),
    ("str.rpartition", Flow::Shallow, rpartition),
    ("bytes.rpartition", Flow::Shallow, rpartition),
    ("str.strip", Flow::Shallow, strip),
    ("bytes.strip", Flow::Shallow, strip),
    ("str.lstrip", Flow::Shallow, lstrip),
    ("bytes.lstrip", Flow::Shallow, lstrip),
    ("str.rstrip", Flow::Shallow, rstrip),
    ("bytes.rstrip", Flow::Shallow, rstrip),
    ("textwrap.dedent", Flow::Shallow, dedent),
    ("inspect.cleandoc", Flow::Shallow, cleandoc),
];

/// Byte ranges of the pieces.
type Ranges = Vec<(usize, usize)>;

fn make_pieces(cx: &mut FoldContext<'_>, text: &Text<'_>, ranges: &[(usize, usize)]) -> Option<Vec<Value>> {
    cx.afford_items(ranges.len())?;
    ranges.iter().map(|(from, to)| text.slice(cx, *from, *to)).collect()
}

fn split(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, separator, limit] = args.bind(cx, ["", "sep", "maxsplit"])?;
    let text = Text::of(cx, text?)?;
    let limit = usize::try_from(int_or(limit, -1)?).unwrap_or(usize::MAX);
    let ranges = match given(separator) {
        Some(separator) => {
            let separator = text.partner(cx, separator)?;
            let places = memmem::find_iter(&text.data, &*separator.data).take(limit).collect();
            (!separator.data.is_empty()).then(|| between(text.data.len(), places, separator.data.len()))?
        }
        None => split_space(&text, limit),
    };
    let pieces = make_pieces(cx, &text, &ranges)?;
    cx.make_list(pieces)
}

fn rsplit(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, separator, limit] = args.bind(cx, ["", "sep", "maxsplit"])?;
    let text = Text::of(cx, text?)?;
    let limit = usize::try_from(int_or(limit, -1)?).unwrap_or(usize::MAX);
    let ranges = match given(separator) {
        Some(separator) => {
            let separator = text.partner(cx, separator)?;
            if separator.data.is_empty() {
                return None;
            }
            let mut places: Vec<usize> =
                memmem::rfind_iter(&text.data, &*separator.data).take(limit).collect();
            places.reverse();
            between(text.data.len(), places, separator.data.len())
        }
        None => rsplit_space(&text, limit),
    };
    let pieces = make_pieces(cx, &text, &ranges)?;
    cx.make_list(pieces)
}

/// The ranges between separators of a width at ascending places.
fn between(len: usize, places: Vec<usize>, width: usize) -> Ranges {
    let mut ranges = Vec::with_capacity(places.len() + 1);
    let mut from = 0;
    for at in places {
        ranges.push((from, at));
        from = at + width;
    }
    ranges.push((from, len));
    ranges
}

/// The characters with their byte ranges and whether they are white space.
fn marked(text: &Text<'_>) -> Vec<(usize, usize, bool)> {
    match text.as_str() {
        Some(s) => s.char_indices().map(|(at, c)| (at, at + c.len_utf8(), unicode::is_space(c))).collect(),
        None => text.data.iter().enumerate().map(|(at, b)| (at, at + 1, is_space_byte(*b))).collect(),
    }
}

const fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn split_space(text: &Text<'_>, limit: usize) -> Ranges {
    let mut ranges: Ranges = Vec::new();
    let mut start = None;
    let mut last_end = 0;
    for (from, to, is_space) in marked(text) {
        match (start, is_space) {
            (None, false) => start = Some(from),
            (Some(s), true) if ranges.len() < limit => {
                ranges.push((s, from));
                start = None;
            }
            _ => {}
        }
        if !is_space {
            last_end = to;
        }
    }
    if let Some(s) = start {
        // What the limit leaves over keeps its inner and trailing space.
        let end = if ranges.len() >= limit { text.data.len() } else { last_end };
        ranges.push((s, end));
    }
    ranges
}

fn rsplit_space(text: &Text<'_>, limit: usize) -> Ranges {
    let mut ranges: Ranges = Vec::new();
    let mut end = None;
    let mut first_start = 0;
    for (from, to, is_space) in marked(text).into_iter().rev() {
        match (end, is_space) {
            (None, false) => end = Some(to),
            (Some(e), true) if ranges.len() < limit => {
                ranges.push((to, e));
                end = None;
            }
            _ => {}
        }
        if !is_space {
            first_start = from;
        }
    }
    if let Some(e) = end {
        ranges.push((if ranges.len() >= limit { 0 } else { first_start }, e));
    }
    ranges.reverse();
    ranges
}

fn splitlines(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, keep] = args.bind(cx, ["", "keepends"])?;
    let text = Text::of(cx, text?)?;
    let keep = keep.map_or(Some(false), |k| super::fold_truth(cx, k))?;
    let ranges = line_ranges(&text, keep);
    let pieces = make_pieces(cx, &text, &ranges)?;
    cx.make_list(pieces)
}

fn line_ranges(text: &Text<'_>, keep: bool) -> Ranges {
    let ends: Vec<(usize, usize)> = match text.as_str() {
        Some(s) => s
            .char_indices()
            .filter(|(_, c)| unicode::is_line_end(*c))
            .map(|(at, c)| (at, at + c.len_utf8()))
            .collect(),
        None => {
            let ends = text.data.iter().enumerate().filter(|(_, b)| matches!(b, b'\n' | b'\r'));
            ends.map(|(at, _)| (at, at + 1)).collect()
        }
    };
    let mut ranges = Vec::new();
    let mut from = 0;
    for (at, next) in ends {
        if at < from {
            continue;
        }
        let is_pair = text.data.get(at..at + 2) == Some(b"\r\n");
        let next = if is_pair { at + 2 } else { next };
        ranges.push((from, if keep { next } else { at }));
        from = next;
    }
    if from < text.data.len() {
        ranges.push((from, text.data.len()));
    }
    ranges
}

fn partition(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, separator] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let separator = text.partner(cx, separator)?;
    let at = (!separator.data.is_empty()).then(|| memmem::find(&text.data, &separator.data))?;
    let len = text.data.len();
    let (a, b) = at.map_or((len, len), |at| (at, at + separator.data.len()));
    let pieces = make_pieces(cx, &text, &[(0, a), (a, b), (b, len)])?;
    cx.make_tuple(pieces)
}

fn rpartition(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, separator] = args.exactly()?;
    let text = Text::of(cx, text)?;
    let separator = text.partner(cx, separator)?;
    let at = (!separator.data.is_empty()).then(|| memmem::rfind(&text.data, &separator.data))?;
    let (a, b) = at.map_or((0, 0), |at| (at, at + separator.data.len()));
    let pieces = make_pieces(cx, &text, &[(0, a), (a, b), (b, text.data.len())])?;
    cx.make_tuple(pieces)
}

fn strip(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    stripped(cx, args, Ends::Both)
}

fn lstrip(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    stripped(cx, args, Ends::Left)
}

fn rstrip(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    stripped(cx, args, Ends::Right)
}

/// Which ends to strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Left,
    Right,
    Both,
}

fn stripped(cx: &mut FoldContext<'_>, args: Args<'_>, ends: Ends) -> Option<Value> {
    let (left, right) = (ends != Ends::Right, ends != Ends::Left);
    let [text, chars] = args.bind(cx, ["", ""])?;
    let text = Text::of(cx, text?)?;
    let chars = given(chars).map(|c| text.partner(cx, c)).map_or(Some(None), |c| c.map(Some))?;
    let (from, to) = match text.as_str() {
        Some(s) => {
            let set: Option<Vec<char>> = chars.as_ref().and_then(Text::as_str).map(|c| c.chars().collect());
            let drop = |c: char| set.as_ref().map_or_else(|| unicode::is_space(c), |set| set.contains(&c));
            let after = if left { s.trim_start_matches(drop) } else { s };
            let from = s.len() - after.len();
            let rest = if right { after.trim_end_matches(drop) } else { after };
            (from, from + rest.len())
        }
        None => {
            let drop = |b: &u8| chars.as_ref().map_or_else(|| is_space_byte(*b), |set| set.data.contains(b));
            let from = if left { text.data.iter().take_while(|b| drop(b)).count() } else { 0 };
            let rest = text.data.get(from..)?;
            let cut = if right { rest.iter().rev().take_while(|b| drop(b)).count() } else { 0 };
            (from, text.data.len() - cut)
        }
    };
    text.slice(cx, from, to)
}

fn dedent(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let lines: Vec<&str> = text.as_str()?.split('\n').collect();
    let blank = |line: &str| line.chars().all(|c| matches!(c, ' ' | '\t'));
    let margins =
        lines.iter().filter(|l| !blank(l)).map(|l| &l[..l.len() - l.trim_start_matches([' ', '\t']).len()]);
    let margin = margins.reduce(common_prefix).unwrap_or("").len();
    let cut = lines.iter().map(|l| if blank(l) { "" } else { l.get(margin..).unwrap_or(l) });
    let out = cut.collect::<Vec<_>>().join("\n");
    cx.make_str(out)
}

fn common_prefix<'a>(a: &'a str, b: &'a str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    a.get(..same).unwrap_or("")
}

fn cleandoc(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.exactly()?;
    let text = text.as_str()?;
    if !text.is_ascii() || text.contains(['\t', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e']) {
        return None;
    }
    let indent = |l: &str| l.len() - l.trim_start().len();
    let lines: Vec<&str> = text.split('\n').collect();
    let margin = lines.iter().skip(1).filter(|l| !l.trim().is_empty()).map(|l| indent(l)).min().unwrap_or(0);
    let mut out: Vec<&str> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        out.push(if at == 0 { line.trim_start() } else { line.get(margin..).unwrap_or("") });
    }
    while out.last().is_some_and(|l| l.is_empty()) {
        out.pop();
    }
    let start = out.iter().take_while(|l| l.is_empty()).count();
    let kept = out.get(start..).unwrap_or(&[]).join("\n");
    cx.make_str(kept)
}
