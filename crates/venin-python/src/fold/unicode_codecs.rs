//! UTF-16, UTF-32, UTF-7, Punycode (RFC 3492) and the ASCII form of host names.

use super::codecs::{Order, push_bad_bytes};

/// Decodes UTF-16; without a byte order mark the native order is little.
pub(super) fn decode_utf16(bytes: &[u8], order: Order, errors: &str) -> Option<String> {
    let (bytes, big) = match (order, bytes) {
        (Order::Native, [0xFF, 0xFE, rest @ ..]) => (rest, false),
        (Order::Native, [0xFE, 0xFF, rest @ ..]) => (rest, true),
        (order, bytes) => (bytes, order == Order::Big),
    };
    let mut pairs = bytes.chunks_exact(2);
    let units = pairs.by_ref().filter_map(|p| <[u8; 2]>::try_from(p).ok());
    let units: Vec<u16> =
        units.map(|p| if big { u16::from_be_bytes(p) } else { u16::from_le_bytes(p) }).collect();
    // Half a pair before half a unit is one error to CPython.
    let cut_pair =
        units.last().is_some_and(|u| (0xD800..0xDC00).contains(u)) && !pairs.remainder().is_empty();
    (!cut_pair).then_some(())?;
    let mut out = String::with_capacity(units.len());
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(c) => out.push(c),
            // Several bytes may be one error to CPython, which only the simple handlers do not show.
            Err(_) if errors == "backslashreplace" => return None,
            Err(_) => push_bad_bytes(&[], errors, &mut out)?,
        }
    }
    if !pairs.remainder().is_empty() {
        push_bad_bytes(pairs.remainder(), errors, &mut out)?;
    }
    Some(out)
}

/// Decodes UTF-32; without a byte order mark the native order is little.
pub(super) fn decode_utf32(bytes: &[u8], order: Order, errors: &str) -> Option<String> {
    let (bytes, big) = match (order, bytes) {
        (Order::Native, [0xFF, 0xFE, 0, 0, rest @ ..]) => (rest, false),
        (Order::Native, [0, 0, 0xFE, 0xFF, rest @ ..]) => (rest, true),
        (order, bytes) => (bytes, order == Order::Big),
    };
    let mut out = String::with_capacity(bytes.len() / 4);
    let mut units = bytes.chunks_exact(4);
    for unit in units.by_ref() {
        let unit = <[u8; 4]>::try_from(unit).ok()?;
        let code = if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        match char::from_u32(code) {
            Some(c) => out.push(c),
            None => push_bad_bytes(&unit, errors, &mut out)?,
        }
    }
    if !units.remainder().is_empty() {
        push_bad_bytes(units.remainder(), errors, &mut out)?;
    }
    Some(out)
}

/// Encodes UTF-16, with a byte order mark in native order.
pub(super) fn encode_utf16(text: &str, order: Order) -> Vec<u8> {
    let mark = (order == Order::Native).then_some(0xFEFF);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(|u| if order == Order::Big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

/// Encodes UTF-32, with a byte order mark in native order.
pub(super) fn encode_utf32(text: &str, order: Order) -> Vec<u8> {
    let mark = (order == Order::Native).then_some(0xFEFF);
    let units = mark.into_iter().chain(text.chars().map(u32::from));
    units.flat_map(|u| if order == Order::Big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

/// Encodes as `raw_unicode_escape`: Latin-1, and escapes beyond it.
pub(super) fn encode_raw_escape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => out.push(byte),
            Err(_) => {
                let mut escape = String::new();
                super::render::push_escape(c, &mut escape);
                out.extend(escape.bytes());
            }
        }
    }
    out
}

/// Decodes UTF-7 (RFC 2152); `None` where CPython raises.
pub(super) fn decode_utf7(bytes: &[u8]) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => {
                if let Some(after) = rest.strip_prefix(b"-") {
                    units.push(u16::from(b'+'));
                    rest = after;
                    continue;
                }
                let end = rest.iter().position(|b| base64_value(*b).is_none()).unwrap_or(rest.len());
                decode_shifted(rest.get(..end)?, &mut units)?;
                rest = rest.get(end..)?;
                rest = rest.strip_prefix(b"-").unwrap_or(rest);
            }
            _ if byte.is_ascii() => units.push(u16::from(*byte)),
            _ => return None,
        }
    }
    String::from_utf16(&units).ok()
}

fn decode_shifted(digits: &[u8], units: &mut Vec<u16>) -> Option<()> {
    let (mut bits, mut held) = (0u32, 0u32);
    for digit in digits {
        bits = (bits << 6) | u32::from(base64_value(*digit)?);
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from((bits >> held) & 0xFFFF).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    // What is left over must be less than a digit, and zero.
    (!digits.is_empty() && held < 6 && bits == 0).then_some(())
}

fn base64_value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// What the first delta of a label is divided by; later ones are halved.
const FIRST_DAMPING: u32 = 700;

/// Adapts the bias of Punycode (RFC 3492, section 6.1).
fn adapt(delta: u32, count: u32, damping: u32) -> u32 {
    let mut delta = delta / damping;
    delta += delta / count.max(1);
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

const fn threshold(k: u32, bias: u32) -> u32 {
    if k <= bias {
        1
    } else if k >= bias + 26 {
        26
    } else {
        k - bias
    }
}

/// Most characters of a label: the insertions make decoding quadratic.
const MAX_PUNYCODE: usize = 4096;

/// Decodes Punycode.
pub(super) fn decode_punycode(text: &str) -> Option<String> {
    if text.len() > MAX_PUNYCODE {
        return None;
    }
    let (basic, extended) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    basic.is_ascii().then_some(())?;
    let (mut code, mut index, mut bias) = (128u32, 0u32, 72u32);
    let mut digits = extended.bytes().peekable();
    while digits.peek().is_some() {
        let (start, mut weight, mut k) = (index, 1u32, 36u32);
        loop {
            let digit = match digits.next()? {
                b @ b'a'..=b'z' => b - b'a',
                b @ b'A'..=b'Z' => b - b'A',
                b @ b'0'..=b'9' => b - b'0' + 26,
                _ => return None,
            };
            index = index.checked_add(u32::from(digit).checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if u32::from(digit) < t {
                break;
            }
            weight = weight.checked_mul(36 - t)?;
            k += 36;
        }
        let count = u32::try_from(out.len()).ok()? + 1;
        bias = adapt(index - start, count, if start == 0 { FIRST_DAMPING } else { 2 });
        code = code.checked_add(index / count)?;
        index %= count;
        out.insert(usize::try_from(index).ok()?, char::from_u32(code)?);
        index += 1;
    }
    Some(out.into_iter().collect())
}

/// Encodes Punycode.
pub(super) fn encode_punycode(text: &str) -> Option<String> {
    if text.len() > MAX_PUNYCODE {
        return None;
    }
    let chars: Vec<u32> = text.chars().map(u32::from).collect();
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut code, mut delta, mut bias) = (128u32, 0u32, 72u32);
    while (handled as usize) < chars.len() {
        let next = chars.iter().copied().filter(|c| *c >= code).min()?;
        delta = delta.checked_add((next - code).checked_mul(handled + 1)?)?;
        code = next;
        for c in &chars {
            if *c < code {
                delta += 1;
            }
            if *c == code {
                push_delta(delta, bias, &mut out)?;
                bias = adapt(delta, handled + 1, if handled == basic { FIRST_DAMPING } else { 2 });
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        code += 1;
    }
    Some(out)
}

fn push_delta(delta: u32, bias: u32, out: &mut String) -> Option<()> {
    let (mut q, mut k) = (delta, 36);
    loop {
        let t = threshold(k, bias);
        let digit = if q < t { q } else { t + (q - t) % (36 - t) };
        out.push(
            char::from_digit(digit, 36)
                .map(|_| if digit < 26 { b'a' } else { b'0' - 26 } + digit as u8)?
                .into(),
        );
        if q < t {
            return Some(());
        }
        q = (q - t) / (36 - t);
        k += 36;
    }
}

/// Decodes a host name label by label.
pub(super) fn decode_idna(text: &str) -> Option<String> {
    let labels = text.split('.').map(|label| match label.to_ascii_lowercase().strip_prefix("xn--") {
        Some(label) => decode_punycode(label),
        None => label.is_ascii().then(|| label.to_owned()),
    });
    labels.collect::<Option<Vec<_>>>().map(|l| l.join("."))
}

/// Encodes a host name label by label; only lower-casing is done of what the standard prescribes.
pub(super) fn encode_idna(text: &str) -> Option<String> {
    let labels = text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).map(|label| {
        if label.is_ascii() {
            return (label.len() < 64).then(|| label.to_owned());
        }
        encode_punycode(&label.to_lowercase()).map(|l| format!("xn--{l}")).filter(|l| l.len() < 64)
    });
    labels.collect::<Option<Vec<_>>>().map(|l| l.join("."))
}
