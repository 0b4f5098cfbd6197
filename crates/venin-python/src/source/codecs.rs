//! The codecs that no library has but a source cookie can name: tricks to hide code from readers.

/// Every byte is the character of its number.
pub(super) fn decode_latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// ROT-13 over Latin-1: a cookie of Python 2.
pub(super) fn decode_rot13(bytes: &[u8]) -> String {
    let rotate = |b: u8, base: u8| (b - base + 13) % 26 + base;
    let turned = bytes.iter().map(|b| match b {
        b'a'..=b'z' => rotate(*b, b'a'),
        b'A'..=b'Z' => rotate(*b, b'A'),
        _ => *b,
    });
    turned.map(char::from).collect()
}

/// UTF-16 without a mark, the byte order given by how a unit is made; the error holds the text with replacements.
pub(super) fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    from_units(units, bytes.len().is_multiple_of(2))
}

fn from_units(units: impl Iterator<Item = u16>, mut is_clean: bool) -> Result<String, String> {
    let mut text = String::new();
    for unit in char::decode_utf16(units) {
        is_clean &= unit.is_ok();
        text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if is_clean { Ok(text) } else { Err(text) }
}

/// UTF-32 without a mark; the error holds the text with replacements.
pub(super) fn decode_utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, String> {
    let mut text = String::new();
    let mut is_clean = bytes.len().is_multiple_of(4);
    for four in bytes.chunks_exact(4) {
        let char = char::from_u32(unit([four[0], four[1], four[2], four[3]]));
        is_clean &= char.is_some();
        text.push(char.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if is_clean { Ok(text) } else { Err(text) }
}

/// UTF-7 (RFC 2152); the error holds the text with replacements.
pub(super) fn decode_utf7(bytes: &[u8]) -> Result<String, String> {
    let mut text = String::with_capacity(bytes.len());
    let mut is_clean = true;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte != b'+' {
            text.push(char::from(*byte));
            is_clean &= byte.is_ascii();
            continue;
        }
        if bytes.get(at) == Some(&b'-') {
            at += 1;
            text.push('+');
            continue;
        }
        let run = bytes.get(at..).unwrap_or_default();
        let len = run.iter().take_while(|b| base64_digit(**b).is_some()).count();
        let (Ok(decoded) | Err(decoded)) = decode_shifted(run.get(..len).unwrap_or_default());
        is_clean &= len > 0 && !decoded.contains(char::REPLACEMENT_CHARACTER);
        text.push_str(&decoded);
        at += len + usize::from(run.get(len) == Some(&b'-'));
    }
    if is_clean { Ok(text) } else { Err(text) }
}

/// The shifted part of UTF-7: UTF-16 in base64 without padding.
fn decode_shifted(digits: &[u8]) -> Result<String, String> {
    let mut units = Vec::with_capacity(digits.len() * 6 / 16);
    let (mut bits, mut width) = (0u32, 0u32);
    for digit in digits.iter().filter_map(|b| base64_digit(*b)) {
        bits = (bits << 6) | u32::from(digit);
        width += 6;
        if width >= 16 {
            width -= 16;
            units.push((bits >> width) as u16);
            bits &= (1 << width) - 1;
        }
    }
    from_units(units.into_iter(), true)
}

fn base64_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Python's `unicode_escape`: every escape of a string literal works, anywhere in the file.
pub(super) fn decode_unicode_escape(bytes: &[u8]) -> String {
    decode_escapes(bytes, |kind, rest| match kind {
        b'\n' => Some((None, 0)),
        b'n' => Some((Some('\n'), 0)),
        b'r' => Some((Some('\r'), 0)),
        b't' => Some((Some('\t'), 0)),
        b'a' => Some((Some('\u{7}'), 0)),
        b'b' => Some((Some('\u{8}'), 0)),
        b'f' => Some((Some('\u{c}'), 0)),
        b'v' => Some((Some('\u{b}'), 0)),
        b'\\' | b'\'' | b'"' => Some((Some(char::from(kind)), 0)),
        b'x' => numbered(rest, 2),
        b'u' => numbered(rest, 4),
        b'U' => numbered(rest, 8),
        b'0'..=b'7' => {
            let digits = rest.iter().take(2).take_while(|b| (b'0'..=b'7').contains(*b));
            let (number, len) = digits
                .fold((u32::from(kind - b'0'), 0), |(n, len), b| (n * 8 + u32::from(b - b'0'), len + 1));
            Some((char::from_u32(number), len))
        }
        _ => None,
    })
}

/// Python's `raw_unicode_escape`: only `\uXXXX` and `\UXXXXXXXX`.
pub(super) fn decode_raw_unicode_escape(bytes: &[u8]) -> String {
    decode_escapes(bytes, |kind, rest| match kind {
        b'u' => numbered(rest, 4),
        b'U' => numbered(rest, 8),
        _ => None,
    })
}

/// Latin-1 with escapes; `escape` gets the byte after the backslash and what follows, and says which
/// character it stands for and how many further bytes it takes.
fn decode_escapes(bytes: &[u8], escape: impl Fn(u8, &[u8]) -> Option<(Option<char>, usize)>) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at + 2..).unwrap_or_default();
        let found = bytes.get(at + 1).filter(|_| *byte == b'\\').map(|kind| (*kind, escape(*kind, rest)));
        match found {
            Some((_, Some((char, taken)))) => {
                text.extend(char);
                at += 2 + taken;
            }
            Some((kind, None)) => {
                text.push('\\');
                text.push(char::from(kind));
                at += 2;
            }
            None => {
                text.push(char::from(*byte));
                at += 1;
            }
        }
    }
    text
}

fn numbered(rest: &[u8], digits: usize) -> Option<(Option<char>, usize)> {
    let text = std::str::from_utf8(rest.get(..digits)?).ok()?;
    let number = u32::from_str_radix(text, 16).ok().filter(|_| !text.starts_with('+'))?;
    Some((Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)), digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf7_shifts_in_and_out() {
        assert_eq!(decode_utf7(b"a+-b"), Ok("a+b".to_owned()));
        assert_eq!(decode_utf7(b"+AGEAYg-c"), Ok("abc".to_owned()));
        assert_eq!(decode_utf7(b"+2D3eAA-"), Ok("\u{1f600}".to_owned()));
        assert_eq!(decode_utf7(b"+AGE."), Ok("a.".to_owned()));
        assert!(decode_utf7(b"+2D0-").is_err());
        assert!(decode_utf7(b"+").is_err());
    }

    #[test]
    fn escapes_of_every_length_are_taken_and_broken_ones_stay() {
        let cases: &[(&[u8], &str)] = &[
            (br"\x41\u0042\U00000043\104\n", "ABCD\n"),
            (br"\7z\400", "\u{7}z\u{100}"),
            (br"\xZZ\q\", r"\xZZ\q\"),
            (br"\ud800", "\u{fffd}"),
            (b"a\\\nb", "ab"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decode_unicode_escape(bytes), *text);
        }
    }
}
