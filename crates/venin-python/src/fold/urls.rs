//! `urllib.parse`: percent encoding, and putting URLs together.

use super::args::{Args, ascii_or_bytes, given, str_or};
use super::partial::{Builder, is_open};
use super::{Flow, FoldContext, Row, codecs, iterate, open_repr, render_constant};
use crate::value::{Kind, Part, Value};

pub(super) const TABLE: &[Row] = &[
    ("urllib.parse.quote", Flow::Shallow, quote),
    ("urllib.quote", Flow::Shallow, quote),
    ("urllib.parse.quote_plus", Flow::Shallow, quote_plus),
    ("urllib.quote_plus", Flow::Shallow, quote_plus),
    ("urllib.parse.unquote", Flow::Decode, unquote),
    ("urllib.unquote", Flow::Decode, unquote),
    ("urllib.parse.unquote_plus", Flow::Decode, unquote_plus),
    ("urllib.unquote_plus", Flow::Decode, unquote_plus),
    ("urllib.parse.unquote_to_bytes", Flow::Decode, unquote_to_bytes),
    ("urllib.parse.urlencode", Flow::Join, urlencode),
    ("urllib.urlencode", Flow::Join, urlencode),
    ("urllib.parse.urljoin", Flow::Shallow, urljoin),
    ("requests.compat.urljoin", Flow::Shallow, urljoin),
    ("urllib.parse.urlunsplit", Flow::Shallow, urlunsplit),
    ("urllib.parse.urlunparse", Flow::Shallow, urlunsplit),
    ("yarl.URL", Flow::Shallow, url_of),
    ("httpx.URL", Flow::Shallow, url_of),
    ("furl.furl", Flow::Shallow, url_of),
    ("yarl.URL.build", Flow::Shallow, url_of_parts),
];

fn quoted(bytes: &[u8], safe: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(byte) || (byte.is_ascii() && safe.contains(byte))
        {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The bytes to quote: a string by its encoding.
fn text_bytes(
    cx: &mut FoldContext<'_>,
    value: &Value,
    encoding: Option<&Value>,
    errors: Option<&Value>,
) -> Option<Vec<u8>> {
    match value.as_str() {
        Some(text) => {
            let encoding = given(encoding).map_or(Some("utf-8"), Value::as_str)?;
            codecs::encode_text(cx, text, encoding, str_or(given(errors), "strict")?)
        }
        None => super::args::bytes_like(cx, value).map(std::borrow::Cow::into_owned),
    }
}

fn quote(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, safe, encoding, errors] = args.bind(cx, ["string", "safe", "encoding", "errors"])?;
    if let Some(open) = quoted_open(cx, text?, b"/") {
        return Some(open);
    }
    let bytes = text_bytes(cx, text?, encoding, errors)?;
    let safe =
        safe.map_or(Some(b"/".to_vec()), |s| ascii_or_bytes(cx, s).map(std::borrow::Cow::into_owned))?;
    cx.work(bytes.len() * 16)?;
    cx.make_str(quoted(&bytes, &safe))
}

/// A text with holes, with what is known of it quoted.
fn quoted_open(cx: &mut FoldContext<'_>, text: &Value, safe: &[u8]) -> Option<Value> {
    let Kind::Partial(_) = text.kind else { return None };
    let mut builder = Builder::default();
    push_quoted(cx, text, safe, &mut builder)?;
    builder.finish(cx, false)
}

/// Writes a value in its quoted spelling; what is not known stays a hole.
fn push_quoted(cx: &mut FoldContext<'_>, value: &Value, safe: &[u8], out: &mut Builder) -> Option<()> {
    match &value.kind {
        Kind::Partial(text) => {
            for part in &text.parts {
                match part {
                    Part::Known(known) => {
                        cx.work(known.len() * 16)?;
                        out.known(&quoted(known.as_bytes(), safe));
                    }
                    Part::Hole(_) => out.part(part),
                }
            }
        }
        _ if is_open(value) => out.hole(cx.hole_name(value)),
        Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) => match encoded(cx, value) {
            Some(text) => out.known(&text),
            None => {
                let open = open_repr::render_open(cx, value)?;
                matches!(open.kind, Kind::Partial(_)).then_some(())?;
                push_quoted(cx, &open, safe, out)?;
            }
        },
        _ => out.known(&encoded(cx, value)?),
    }
    Some(())
}

fn quote_plus(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, safe, encoding, errors] = args.bind(cx, ["string", "safe", "encoding", "errors"])?;
    if let Some(open) = quoted_open(cx, text?, b"") {
        return Some(open);
    }
    let bytes = text_bytes(cx, text?, encoding, errors)?;
    let safe = safe.map_or(Some(Vec::new()), |s| ascii_or_bytes(cx, s).map(std::borrow::Cow::into_owned))?;
    cx.work(bytes.len() * 16)?;
    let spaced = [safe.as_slice(), b" "].concat();
    cx.make_str(quoted(&bytes, &spaced).replace(' ', "+"))
}

/// Resolves `%XX`; what is no pair of digits stays.
fn unquoted(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let pair = (*byte == b'%').then(|| after.get(..2)).flatten().and_then(super::binascii::from_hex);
        rest = match pair.as_deref() {
            Some([value]) => {
                out.push(*value);
                after.get(2..).unwrap_or(&[])
            }
            _ => {
                out.push(*byte);
                after
            }
        };
    }
    out
}

/// Decodes percent escapes; a plus sign becomes the text given.
fn unquote_text(cx: &mut FoldContext<'_>, args: Args<'_>, plus: &str) -> Option<Value> {
    let [text, encoding, errors] = args.bind(cx, ["string", "encoding", "errors"])?;
    let encoding = given(encoding).map_or(Some("utf-8"), Value::as_str)?;
    let errors = str_or(given(errors), "replace")?;
    let text = match text?.as_str() {
        Some(text) => text.to_owned(),
        None => String::from_utf8(super::args::bytes_like(cx, text?)?.into_owned()).ok()?,
    };
    let text = text.replace('+', plus);
    cx.work(text.len() * 8)?;
    // Only runs of ASCII are decoded; other characters are no bytes of the encoding.
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        let (ascii, after) = rest.split_at_checked(end)?;
        out.push_str(&codecs::decode_text(cx, &unquoted(ascii.as_bytes()), encoding, errors)?);
        let wide = after.find(|c: char| c.is_ascii()).unwrap_or(after.len());
        out.push_str(after.get(..wide)?);
        rest = after.get(wide..)?;
    }
    cx.make_str(out)
}

fn unquote(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    unquote_text(cx, args, "+")
}

fn unquote_plus(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    unquote_text(cx, args, " ")
}

fn unquote_to_bytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text] = args.bind(cx, ["string"])?;
    let bytes = text_bytes(cx, text?, None, None)?;
    cx.make_bytes(unquoted(&bytes))
}

fn urlencode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [query] = args.bind(cx, ["query"])?;
    let query = query?;
    let pairs: Vec<(Value, Value)> = match query.kind {
        Kind::Dict(id) => cx.heap.dict_entries(id).cloned().collect(),
        _ => {
            let mut pairs = Vec::new();
            for pair in iterate(cx, query, FoldContext::MAX_ITEMS)? {
                let [key, value] = <[Value; 2]>::try_from(iterate(cx, &pair, 2)?).ok()?;
                pairs.push((key, value));
            }
            pairs
        }
    };
    let mut out = Builder::default();
    for (at, (key, value)) in pairs.iter().enumerate() {
        out.known(if at > 0 { "&" } else { "" });
        push_quoted(cx, key, b"", &mut out)?;
        out.known("=");
        push_quoted(cx, value, b"", &mut out)?;
    }
    out.finish(cx, false)
}

fn encoded(cx: &mut FoldContext<'_>, value: &Value) -> Option<String> {
    let bytes = match &value.kind {
        Kind::Bytes(bytes) => bytes.to_vec(),
        _ => render_constant(cx, value)?.into_bytes(),
    };
    cx.work(bytes.len() * 16)?;
    Some(quoted(&bytes, b" ").replace(' ', "+"))
}

/// Joins a relative reference to a base of the schemes `http`, `https` and `ftp`.
fn urljoin(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [base, url] = args.bind(cx, ["base", "url"])?;
    let (base, url) = (base?.as_str()?, url?);
    if let Kind::Partial(_) = url.kind {
        return urljoin_open(cx, base, url);
    }
    let url = url.as_str()?;
    let is_absolute = url
        .split_once(':')
        .is_some_and(|(s, _)| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric()));
    if base.is_empty() || is_absolute {
        return cx.make_str(url);
    }
    if url.is_empty() {
        return cx.make_str(base);
    }
    let (scheme, rest) = base.split_once("://")?;
    matches!(scheme, "http" | "https" | "ftp").then_some(())?;
    // Dots, queries and fragments have rules of their own that are not worth repeating here.
    if url.contains("./")
        || url.ends_with('.')
        || url.starts_with(['?', '#', ';'])
        || rest.contains(['?', '#', ';'])
    {
        return None;
    }
    let host = rest.split('/').next()?;
    let joined = if url.starts_with("//") {
        format!("{scheme}:{url}")
    } else if url.starts_with('/') {
        format!("{scheme}://{host}{url}")
    } else {
        let directory = rest.rfind('/').and_then(|at| rest.get(..at)).unwrap_or(rest);
        (!directory.contains("/.")).then_some(())?;
        format!("{scheme}://{directory}/{url}")
    };
    cx.make_str(joined)
}

/// Joins a reference of which only parts are known, and that begins with a known path.
fn urljoin_open(cx: &mut FoldContext<'_>, base: &str, url: &Value) -> Option<Value> {
    let first = url.known_start()?;
    if first.contains(':') || first.starts_with("//") || first.contains("./") {
        return None;
    }
    let (scheme, rest) = base.split_once("://")?;
    let end = if first.starts_with('/') { rest.find('/') } else { rest.rfind('/').map(|at| at + 1) };
    let kept = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    let mut out = Builder::default();
    out.known(&format!("{scheme}://{kept}"));
    out.known(if kept.ends_with('/') || first.starts_with('/') { "" } else { "/" });
    out.value(cx, url).then_some(())?;
    out.finish(cx, false)
}

/// Puts a URL together of its five or six parts.
fn urlunsplit(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [parts] = args.bind(cx, ["components"])?;
    let parts = iterate(cx, parts?, 6)?;
    let [scheme, host, path, rest @ ..] = parts.as_slice() else { return None };
    let query = rest.get(rest.len().checked_sub(2)?)?;
    put_together(cx, [scheme, host, path, query].map(Some))
}

/// An object that is a URL and no more: its text.
fn url_of(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    match (args.values, args.keywords) {
        ([url], _) if url.as_str().is_some() || matches!(url.kind, Kind::Partial(_)) => Some(url.clone()),
        ([], _) => url_of_parts(cx, args),
        _ => None,
    }
}

/// The same of the parts that keywords name.
fn url_of_parts(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let named =
        |name: &str| args.keywords.iter().find(|(key, _)| cx.symbols.as_str(*key) == name).map(|(_, v)| v);
    let parts =
        [named("scheme"), named("host").or_else(|| named("netloc")), named("path"), named("query_string")];
    put_together(cx, parts)
}

/// `scheme://host/path?query`, without the parts that are left out or empty.
fn put_together(cx: &mut FoldContext<'_>, parts: [Option<&Value>; 4]) -> Option<Value> {
    let given = parts.map(|part| part.filter(|p| p.as_str() != Some("") && !matches!(p.kind, Kind::None)));
    let [scheme, host, path, query] = given;
    let mut out = Builder::default();
    match scheme {
        Some(scheme) => out.value(cx, scheme).then_some(())?,
        None => out.known("https"),
    }
    out.known("://");
    out.value(cx, host?).then_some(())?;
    if let Some(path) = path {
        let is_absolute = path.known_start().is_some_and(|start| start.starts_with('/'));
        out.known(if is_absolute { "" } else { "/" });
        out.value(cx, path).then_some(())?;
    }
    if let Some(query) = query {
        out.known("?");
        out.value(cx, query).then_some(())?;
    }
    out.finish(cx, false)
}
