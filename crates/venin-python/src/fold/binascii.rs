//! The `binascii` and `quopri` modules.

use super::args::{Args, ascii_or_bytes, bytes_like, given, int_or};
use super::{Flow, FoldContext, Row, radix};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("binascii.unhexlify", Flow::Decode, unhexlify),
    ("binascii.a2b_hex", Flow::Decode, unhexlify),
    ("binascii.a2b_base64", Flow::Decode, a2b_base64),
    ("binascii.a2b_qp", Flow::Decode, a2b_qp),
    ("binascii.a2b_uu", Flow::Decode, a2b_uu),
    ("quopri.decodestring", Flow::Decode, a2b_qp),
    ("binascii.hexlify", Flow::Shallow, hexlify),
    ("binascii.b2a_hex", Flow::Shallow, hexlify),
    ("binascii.b2a_base64", Flow::Shallow, b2a_base64),
    ("binascii.crc32", Flow::Shallow, crc32),
    ("zlib.crc32", Flow::Shallow, crc32),
    ("zlib.adler32", Flow::Shallow, adler32),
];

const fn hex_digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    })
}

/// Bytes of pairs of hexadecimal digits, without anything between them.
pub(super) fn from_hex(data: &[u8]) -> Option<Vec<u8>> {
    if !data.len().is_multiple_of(2) {
        return None;
    }
    data.chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
            _ => None,
        })
        .collect()
}

/// Lower-case hexadecimal digits.
pub(super) fn to_hex(data: &[u8]) -> String {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
    data.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

fn unhexlify(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = ascii_or_bytes(cx, data)?.into_owned();
    cx.work(data.len() * 4)?;
    cx.make_bytes(from_hex(&data)?)
}

/// Hexadecimal digits with a separator after every so many bytes, counted from the right if positive.
pub(super) fn hex_with(
    cx: &mut FoldContext<'_>,
    data: &[u8],
    separator: Option<&Value>,
    every: Option<&Value>,
) -> Option<String> {
    cx.afford(data.len() * 2)?;
    let Some(separator) = given(separator) else { return Some(to_hex(data)) };
    let separator = ascii_or_bytes(cx, separator)?;
    let [separator] = <[u8; 1]>::try_from(&*separator).ok()?;
    let every = int_or(every, 1)?;
    let size = usize::try_from(every.unsigned_abs()).ok()?;
    if size == 0 {
        return Some(to_hex(data));
    }
    let first = if every > 0 { data.len() % size } else { 0 };
    let (head, tail) = data.split_at_checked(first)?;
    let groups = [head].into_iter().filter(|h| !h.is_empty()).chain(tail.chunks(size));
    Some(groups.map(to_hex).collect::<Vec<_>>().join(char::from(separator).encode_utf8(&mut [0; 4])))
}

fn hexlify(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, separator, every] = args.bind(cx, ["data", "sep", "bytes_per_sep"])?;
    let data = bytes_like(cx, data?)?.into_owned();
    let out = hex_with(cx, &data, separator, every)?;
    cx.make_bytes(out.into_bytes())
}

fn a2b_base64(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = ascii_or_bytes(cx, data)?.into_owned();
    cx.work(data.len() * 8)?;
    cx.make_bytes(radix::lenient_base64(&data)?)
}

fn b2a_base64(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, newline] = args.bind(cx, ["", "newline"])?;
    let data = bytes_like(cx, data?)?.into_owned();
    let mut out = radix::base64_lines(&data);
    out.retain(|b| *b != b'\n');
    if newline.map_or(Some(true), |n| super::fold_truth(cx, n))? {
        out.push(b'\n');
    }
    cx.make_bytes(out)
}

/// Decodes quoted-printable text (RFC 2045, section 6.7); an underscore stands for the byte
/// given, which is a space in a header.
pub(super) fn from_quoted_printable(data: &[u8], underscore: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            // A soft line break; without a line end the rest is dropped.
            (b'=', []) => break,
            (b'=', [b'\n', ..] | [b'\r', ..] | [b' ' | b'\t', ..]) => {
                rest = match after.iter().position(|b| *b == b'\n') {
                    Some(at) => after.get(at + 1..).unwrap_or(&[]),
                    None => &[],
                };
            }
            (b'=', [b'=', tail @ ..]) => {
                out.push(b'=');
                rest = tail;
            }
            (b'=', [high, low, tail @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = tail;
                }
                _ => out.push(b'='),
            },
            (b'_', _) => out.push(underscore),
            _ => out.push(*byte),
        }
    }
    out
}

fn a2b_qp(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, header] = args.bind(cx, ["data", "header"])?;
    let data = ascii_or_bytes(cx, data?)?.into_owned();
    let header = header.map_or(Some(false), |h| super::fold_truth(cx, h))?;
    cx.work(data.len() * 4)?;
    let out = from_quoted_printable(&data, if header { b' ' } else { b'_' });
    cx.make_bytes(out)
}

/// Decodes one line of uuencoded data.
fn from_uu_line(line: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = line.split_first()?;
    let length = usize::from(length.wrapping_sub(b' ') & 63);
    let mut out = Vec::with_capacity(length);
    let (mut bits, mut held) = (0u32, 0u32);
    let padded = rest.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r')).chain(std::iter::repeat(b' '));
    for byte in padded {
        if out.len() == length {
            break;
        }
        (b' '..=b'`').contains(&byte).then_some(())?;
        bits = (bits << 6) | u32::from((byte - b' ') & 63);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

fn a2b_uu(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = ascii_or_bytes(cx, data)?.into_owned();
    cx.make_bytes(from_uu_line(&data)?)
}

/// Decodes a uuencoded file, from its `begin` line to `end`.
pub(super) fn from_uu_file(data: &[u8]) -> Option<Vec<u8>> {
    let mut lines = data.split(|b| *b == b'\n').skip_while(|l| !l.starts_with(b"begin"));
    lines.next()?;
    let mut out = Vec::with_capacity(data.len());
    for line in lines {
        if line.starts_with(b"end") {
            return Some(out);
        }
        if !line.is_empty() {
            out.extend(from_uu_line(line)?);
        }
    }
    None
}

fn crc32(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, start] = args.bind(cx, [""; 2])?;
    let data = bytes_like(cx, data?)?.into_owned();
    cx.work(data.len() * 16)?;
    let mut crc = !(int_or(start, 0)? as u32);
    for byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    Some(Value::int(i64::from(!crc)))
}

fn adler32(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, start] = args.bind(cx, [""; 2])?;
    let data = bytes_like(cx, data?)?.into_owned();
    let start = int_or(start, 1)? as u32;
    let (mut a, mut b) = (start & 0xFFFF, start >> 16);
    for byte in data {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    Some(Value::int(i64::from(b << 16 | a)))
}
