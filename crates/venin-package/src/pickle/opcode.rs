//! Arguments of opcodes: lines, counted bytes, numbers and Python's escapes.

/// Reads through the bytes of a pickle; every method gives `None` at the end.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// A line without its end.
    pub(super) fn line(&mut self) -> Option<&'a [u8]> {
        let length = memchr::memchr(b'\n', self.rest())?;
        let line = self.take(length)?;
        self.at += 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// An unsigned little-endian number of up to eight bytes.
    pub(super) fn number(&mut self, width: usize) -> Option<usize> {
        let bytes = self.take(width)?;
        let value = bytes.iter().rev().fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
        usize::try_from(value).ok()
    }

    /// Bytes behind their length.
    pub(super) fn counted(&mut self, width: usize) -> Option<&'a [u8]> {
        let count = self.number(width)?;
        self.take(count)
    }
}

/// A little-endian signed number as a Python literal; long ones are given up as `None`.
pub(super) fn parse_long(bytes: &[u8]) -> Option<String> {
    if bytes.len() > 16 {
        return None;
    }
    let fill = if bytes.last().is_some_and(|b| b & 0x80 != 0) { 0xff } else { 0 };
    let mut whole = [fill; 16];
    for (to, from) in whole.iter_mut().zip(bytes) {
        *to = *from;
    }
    Some(i128::from_le_bytes(whole).to_string())
}

/// A number as text: the decimal forms of protocol 0.
pub(super) fn parse_decimal(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?.trim().trim_end_matches(['L', 'l']);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.len() <= 40 && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse::<i128>().ok().map(|n| n.to_string())).flatten()
}

/// A quoted string of protocol 0, or the raw-unicode-escape text of `UNICODE`.  Unknown escapes stay as they are.
pub(super) fn parse_escaped(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some((front, tail)) = rest.split_once('\\') {
        out.push_str(front);
        let used = push_escape(tail, &mut out);
        rest = tail.get(used..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// Adds what the text behind a backslash stands for; gives how many bytes of it were used.
fn push_escape(tail: &str, out: &mut String) -> usize {
    let Some(first) = tail.chars().next() else {
        out.push('\\');
        return 0;
    };
    let width = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let code = tail.get(1..1 + width).filter(|_| width > 0).and_then(|d| u32::from_str_radix(d, 16).ok());
    if let Some(c) = code.and_then(char::from_u32) {
        out.push(c);
        return 1 + width;
    }
    let plain = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        '\\' | '\'' | '"' => first,
        _ => {
            out.push('\\');
            return 0;
        }
    };
    out.push(plain);
    1
}

/// `'text'` or `"text"` without its quotes.
pub(super) fn without_quotes(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let quote = *line.first().filter(|q| matches!(q, b'\'' | b'"'))?;
    (line.len() >= 2 && line.last() == Some(&quote)).then(|| line.get(1..line.len() - 1)).flatten()
}
