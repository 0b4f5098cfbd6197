//! `os.path`, by the rules of POSIX; `ntpath` by those of Windows.  What depends on the host is a hole.

use std::rc::Rc;

use venin_model::OriginKind;

use super::args::Args;
use super::partial::{Builder, is_open};
use super::{Flow, FoldContext, Row};
use crate::value::{Kind, OriginSet, Part, PartialText, Value};

pub(super) const TABLE: &[Row] = &[
    ("os.path.join", Flow::Join, join),
    ("posixpath.join", Flow::Join, join),
    ("ntpath.join", Flow::Join, nt_join),
    ("os.path.basename", Flow::Shallow, basename),
    ("posixpath.basename", Flow::Shallow, basename),
    ("ntpath.basename", Flow::Shallow, nt_basename),
    ("os.path.dirname", Flow::Shallow, dirname),
    ("posixpath.dirname", Flow::Shallow, dirname),
    ("ntpath.dirname", Flow::Shallow, nt_dirname),
    ("os.path.split", Flow::Shallow, split),
    ("os.path.splitext", Flow::Shallow, splitext),
    ("posixpath.splitext", Flow::Shallow, splitext),
    ("os.path.normpath", Flow::Shallow, normpath),
    ("posixpath.normpath", Flow::Shallow, normpath),
    ("os.path.normcase", Flow::Shallow, itself),
    ("os.path.isabs", Flow::Shallow, isabs),
    ("os.path.expanduser", Flow::Shallow, expanduser),
    ("os.path.expandvars", Flow::Shallow, expandvars),
    ("os.fspath", Flow::Shallow, itself),
    ("os.fsencode", Flow::Shallow, fsencode),
    ("os.fsdecode", Flow::Shallow, fsdecode),
];

/// The pieces of a path argument, and whether it is bytes.
fn parts_of(cx: &FoldContext<'_>, value: &Value) -> Option<(Vec<Part>, bool)> {
    Some(match &value.kind {
        Kind::Str(text) => (vec![Part::Known(text.shared())], false),
        Kind::Bytes(bytes) => (vec![Part::Known(Rc::from(super::context::latin1_text(bytes)))], true),
        Kind::Partial(text) => (text.parts.clone(), text.is_bytes),
        _ if is_open(value) => (vec![Part::Hole(cx.hole_name(value))], false),
        _ => return None,
    })
}

fn finish(cx: &mut FoldContext<'_>, parts: &[Part], is_bytes: bool) -> Option<Value> {
    let mut builder = Builder::default();
    parts.iter().for_each(|p| builder.part(p));
    builder.finish(cx, is_bytes)
}

fn known_end(parts: &[Part]) -> Option<&str> {
    match parts.last()? {
        Part::Known(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn is_empty(parts: &[Part]) -> bool {
    parts.iter().all(|p| matches!(p, Part::Known(text) if text.is_empty()))
}

/// Joins components; one that is known to be absolute starts again.
fn join_with(
    cx: &mut FoldContext<'_>,
    args: &Args<'_>,
    separator: &str,
    is_absolute: fn(&str) -> bool,
) -> Option<Value> {
    let mut path: Vec<Part> = Vec::new();
    let mut is_bytes = false;
    let values = args.plain()?;
    // Two unknown values may be anything; at least one must say that this is a path.
    values.iter().any(|v| !is_open(v)).then_some(())?;
    for (at, value) in values.iter().enumerate() {
        let (parts, bytes) = parts_of(cx, value)?;
        is_bytes |= bytes;
        let restarts = matches!(parts.first(), Some(Part::Known(text)) if is_absolute(text));
        if at == 0 || restarts {
            path = parts;
            continue;
        }
        let ends = is_empty(&path)
            || known_end(&path)
                .is_some_and(|t| t.ends_with(['/', '\\']) && (separator == "\\" || t.ends_with('/')));
        if !ends {
            path.push(Part::Known(Rc::from(separator)));
        }
        path.extend(parts);
    }
    finish(cx, &path, is_bytes)
}

fn join(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    join_with(cx, &args, "/", |text| text.starts_with('/'))
}

fn nt_join(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    join_with(cx, &args, "\\", |text| text.starts_with(['/', '\\']) || text.get(1..2) == Some(":"))
}

/// The pieces before and after the last separator, the separator with the first.
fn cut(parts: &[Part], separators: &[char]) -> Option<(Vec<Part>, Vec<Part>)> {
    let place = parts.iter().enumerate().rev().find_map(|(i, p)| match p {
        Part::Known(text) => text.rfind(separators).map(|at| Some((i, at))),
        // A hole may have a separator in it; what comes after it is then not the whole name.
        Part::Hole(_) => Some(None),
    });
    let (i, at) = match place {
        None => return Some((Vec::new(), parts.to_vec())),
        Some(None) => return None,
        Some(Some(place)) => place,
    };
    let Part::Known(text) = parts.get(i)? else { return None };
    let (head, tail) = text.split_at_checked(at + 1)?;
    let mut before = parts.get(..i)?.to_vec();
    before.push(Part::Known(Rc::from(head)));
    let mut after = vec![Part::Known(Rc::from(tail))];
    after.extend_from_slice(parts.get(i + 1..)?);
    Some((before, after))
}

/// A head without the separators at its end, unless it is nothing else.
fn trimmed(mut head: Vec<Part>, separators: &[char]) -> Vec<Part> {
    let is_root = head.len() == 1
        && matches!(head.first(), Some(Part::Known(t)) if t.chars().all(|c| separators.contains(&c)));
    if let (Some(Part::Known(text)), false) = (head.last_mut(), is_root) {
        *text = Rc::from(text.trim_end_matches(separators));
    }
    head
}

fn base_of(cx: &mut FoldContext<'_>, args: &Args<'_>, separators: &[char]) -> Option<Value> {
    let [path] = args.exactly()?;
    let (parts, is_bytes) = parts_of(cx, path)?;
    let (_, tail) = cut(&parts, separators)?;
    finish(cx, &tail, is_bytes)
}

fn dir_of(cx: &mut FoldContext<'_>, args: &Args<'_>, separators: &[char]) -> Option<Value> {
    let [path] = args.exactly()?;
    let (parts, is_bytes) = parts_of(cx, path)?;
    let (head, _) = cut(&parts, separators)?;
    finish(cx, &trimmed(head, separators), is_bytes)
}

fn basename(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    base_of(cx, &args, &['/'])
}

fn nt_basename(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    base_of(cx, &args, &['/', '\\'])
}

fn dirname(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    dir_of(cx, &args, &['/'])
}

fn nt_dirname(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    // A drive has rules of its own at the root.
    path.as_str()
        .is_none_or(|p| p.get(1..2) != Some(":") || p.matches(['/', '\\']).count() > 1)
        .then_some(())?;
    dir_of(cx, &args, &['/', '\\'])
}

fn split(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let pair = vec![dir_of(cx, &args, &['/'])?, base_of(cx, &args, &['/'])?];
    cx.make_tuple(pair)
}

fn splitext(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    let (mut parts, is_bytes) = parts_of(cx, path)?;
    let whole_is_known = parts.len() == 1;
    let Some(Part::Known(last)) = parts.last_mut() else { return None };
    let name = last.rfind('/').map_or(0, |at| at + 1);
    // The hole before a name without a slash may hold the characters that make a leading dot an extension.
    (whole_is_known || name > 0 || last.contains('.')).then_some(())?;
    let stem = last.get(name..)?;
    let dots = stem.len() - stem.trim_start_matches('.').len();
    let dot = stem.rfind('.').filter(|at| *at >= dots || (!whole_is_known && name == 0));
    let at = dot.map_or(last.len(), |at| name + at);
    let extension = last.get(at..)?.to_owned();
    *last = Rc::from(last.get(..at)?);
    let root = finish(cx, &parts, is_bytes)?;
    let extension = finish(cx, &[Part::Known(Rc::from(extension))], is_bytes)?;
    cx.make_tuple(vec![root, extension])
}

/// `normpath` of a known path.
fn normalized(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let slashes = path.len() - path.trim_start_matches('/').len();
    let root = match slashes {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|n| *n != "..") => {
                names.pop();
            }
            ".." if !root.is_empty() && names.is_empty() => {}
            _ => names.push(name),
        }
    }
    let out = format!("{root}{}", names.join("/"));
    if out.is_empty() { ".".to_owned() } else { out }
}

fn normpath(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    match &path.kind {
        Kind::Str(text) => cx.make_str(normalized(text.as_str())),
        Kind::Partial(_) => Some(path.clone()),
        _ => None,
    }
}

fn itself(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    matches!(path.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_)).then(|| path.clone())
}

fn isabs(_: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    path.as_str().map(|p| Value::bool(p.starts_with('/')))
}

/// Marks a value as coming from the host.
fn from_host(cx: &mut FoldContext<'_>, value: Value, kind: OriginKind) -> Value {
    let origins = cx.origins.with_kind(OriginSet::EMPTY, kind);
    value.with_origins(origins)
}

fn expanduser(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    let (mut parts, is_bytes) = parts_of(cx, path)?;
    let Some(Part::Known(first)) = parts.first_mut() else { return Some(path.clone()) };
    let Some(rest) = first.strip_prefix('~') else { return Some(path.clone()) };
    let end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let user = rest.get(..end)?;
    let name = if user.is_empty() { "home".to_owned() } else { format!("home of {user}") };
    let after = Rc::from(rest.get(end..)?);
    *first = after;
    parts.insert(0, Part::Hole(Rc::from(name)));
    let value = finish(cx, &parts, is_bytes)?;
    Some(from_host(cx, value, OriginKind::Host))
}

fn expandvars(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    let (parts, is_bytes) = parts_of(cx, path)?;
    let mut builder = Builder::default();
    let mut found = false;
    for part in &parts {
        match part {
            Part::Hole(_) => builder.part(part),
            Part::Known(text) => found |= expand(text, &mut builder)?,
        }
    }
    let value = builder.finish(cx, is_bytes)?;
    Some(if found { from_host(cx, value, OriginKind::Env) } else { value })
}

/// Replaces `$NAME`, `${NAME}` and `%NAME%` by holes; tells whether there was one.
fn expand(text: &str, builder: &mut Builder) -> Option<bool> {
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find(['$', '%']) {
        builder.known(rest.get(..at)?);
        let sign = rest.get(at..=at)?;
        let after = rest.get(at + 1..)?;
        let name_end = |t: &str| t.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(t.len());
        let named = match (sign, after.strip_prefix('{')) {
            ("$", Some(inner)) => {
                inner.find('}').and_then(|end| Some((inner.get(..end)?, inner.get(end + 1..)?)))
            }
            ("$", None) => after.split_at_checked(name_end(after)),
            _ => after
                .split_at_checked(name_end(after))
                .and_then(|(n, tail)| Some((n, tail.strip_prefix('%')?))),
        };
        match named.filter(|(name, _)| !name.is_empty()) {
            Some((name, tail)) => {
                builder.hole(Rc::from(format!("os.environ[{name}]")));
                found = true;
                rest = tail;
            }
            None => {
                builder.known(sign);
                rest = after;
            }
        }
    }
    builder.known(rest);
    Some(found)
}

fn fsencode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    match &path.kind {
        Kind::Str(text) => cx.make_bytes(text.as_str().as_bytes().to_vec()),
        Kind::Bytes(_) => Some(path.clone()),
        Kind::Partial(text) if text.is_bytes => Some(path.clone()),
        _ => None,
    }
}

fn fsdecode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [path] = args.exactly()?;
    match &path.kind {
        Kind::Bytes(bytes) => cx.make_str(String::from_utf8(bytes.to_vec()).ok()?),
        Kind::Str(_) => Some(path.clone()),
        Kind::Partial(text) => partial_text(text).then(|| path.clone()),
        _ => None,
    }
}

const fn partial_text(text: &PartialText) -> bool {
    !text.is_bytes
}
