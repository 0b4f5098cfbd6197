//! Backslash escapes: of the `unicode_escape` codec, and of string and bytes literals.

/// Where escapes stand, which decides what some of them mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// A string literal, or the `unicode_escape` codec.
    Text,
    /// A bytes literal, or `codecs.escape_decode`: no `\u`, `\U` or `\N`.
    Bytes,
}

/// Resolves the escapes of a text; `None` where CPython raises, and for characters that no Rust text can hold.
/// Unknown escapes stay as they are.
pub(super) fn unescape(text: &str, context: Context) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        let c = rest.chars().next()?;
        rest = rest.get(c.len_utf8()..)?;
        let simple = match c {
            '\n' => continue,
            '\\' | '\'' | '"' => c,
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => hex(&mut rest, 2)?,
            'u' if context == Context::Text => hex(&mut rest, 4)?,
            'U' if context == Context::Text => hex(&mut rest, 8)?,
            'N' if context == Context::Text => return None,
            '0'..='7' => octal(c, &mut rest, context)?,
            _ => {
                out.push('\\');
                c
            }
        };
        out.push(simple);
    }
    out.push_str(rest);
    Some(out)
}

fn hex(rest: &mut &str, digits: usize) -> Option<char> {
    let (number, after) = rest.split_at_checked(digits)?;
    if !number.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    *rest = after;
    char::from_u32(u32::from_str_radix(number, 16).ok()?)
}

fn octal(first: char, rest: &mut &str, context: Context) -> Option<char> {
    let mut value = first.to_digit(8)?;
    for _ in 0..2 {
        let Some(digit) = rest.chars().next().and_then(|c| c.to_digit(8)) else { break };
        value = value * 8 + digit;
        *rest = rest.get(1..)?;
    }
    char::from_u32(if context == Context::Bytes { value & 0xFF } else { value })
}

/// Resolves `\u` and `\U` only, as `raw_unicode_escape` does: a backslash counts if an even number goes before it.
pub(super) fn unescape_raw(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at)?);
        rest = rest.get(at..)?;
        let run = rest.len() - rest.trim_start_matches('\\').len();
        let (slashes, after) = rest.split_at_checked(run)?;
        rest = after;
        let digits = match rest.chars().next() {
            Some('u') if run % 2 == 1 => 4,
            Some('U') if run % 2 == 1 => 8,
            _ => {
                out.push_str(slashes);
                continue;
            }
        };
        out.push_str(slashes.get(1..)?);
        rest = rest.get(1..)?;
        out.push(hex(&mut rest, digits)?);
    }
    out.push_str(rest);
    Some(out)
}

/// Encodes as `unicode_escape` does.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ => super::render::push_escape(c, &mut out),
        }
    }
    out
}
