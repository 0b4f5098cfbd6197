//! The decodings that command lines use to hide their text.

/// Longest result, in bytes.
const MAX_OUTPUT: usize = 1 << 20;

/// Base64, standard or URL-safe, with or without padding; white space is skipped.  `None` for any other character.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace() && *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
        if bytes.len() >= MAX_OUTPUT {
            break;
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// UTF-16, little endian; what is no text becomes replacement characters.
pub(crate) fn decode_utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Text that may be UTF-16 (as PowerShell's encoded commands are) or UTF-8.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    let odd_zeros = bytes.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    if odd_zeros * 4 > bytes.len() {
        decode_utf16(bytes)
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// Pairs of hexadecimal digits, white space skipped.
pub(crate) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(2 * MAX_OUTPUT)
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect();
    let digits = digits?;
    let bytes = digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.last()?));
    Some(bytes.collect()).filter(|b: &Vec<u8>| !b.is_empty())
}

/// Backslash escapes as `echo -e`, `printf` and `$'...'` know them.
pub(crate) fn decode_escapes(text: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (front, back) = rest.split_at_checked(at).unwrap_or((rest, ""));
        decoded.extend_from_slice(front.as_bytes());
        let escape = back.get(1..).unwrap_or("");
        let used = push_escape(escape, &mut decoded);
        rest = escape.get(used..).unwrap_or("");
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Adds what the text behind a backslash stands for; answers how many bytes of it were used.
fn push_escape(escape: &str, decoded: &mut Vec<u8>) -> usize {
    let Some(first) = escape.chars().next() else {
        decoded.push(b'\\');
        return 0;
    };
    let digits = |from: usize, most: usize, radix: u32| {
        let tail = escape.get(from..).unwrap_or("");
        let count = tail.chars().take(most).take_while(|c| c.is_digit(radix)).count();
        (from + count, u32::from_str_radix(tail.get(..count).unwrap_or(""), radix).ok())
    };
    let (used, value) = match first {
        'x' => digits(1, 2, 16),
        'u' => digits(1, 4, 16),
        '0'..='7' => digits(0, 4, 8),
        'n' => (1, Some(10)),
        't' => (1, Some(9)),
        'r' => (1, Some(13)),
        '\\' | '\'' | '"' => (1, Some(u32::from(first))),
        _ => (0, None),
    };
    match value {
        Some(value) if first == 'x' || value < 128 => decoded.push((value & 0xff) as u8),
        Some(value) => {
            let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
            decoded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        None => {
            decoded.push(b'\\');
            return 0;
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        assert_eq!(decode_base64("aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode_base64("aGVs\nbG8").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode_base64("not base64!"), None);
        assert_eq!(decode_base64(""), None);
    }

    #[test]
    fn utf16_is_told_from_utf8() {
        assert_eq!(decode_text(b"h\0i\0"), "hi");
        assert_eq!(decode_text("hé".as_bytes()), "hé");
    }

    #[test]
    fn escapes_and_hexadecimal_digits_are_read() {
        assert_eq!(decode_escapes(r"\x68\151\n\q\"), "hi\n\\q\\");
        assert_eq!(decode_hex("68 69").as_deref(), Some(&b"hi"[..]));
        assert_eq!(decode_hex("xx"), None);
    }
}
