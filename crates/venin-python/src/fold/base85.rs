//! Base 85 and Ascii85 of the `base64` module.

use super::args::{Args, ascii_or_bytes, bytes_like, given};
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("base64.b85decode", Flow::Decode, b85decode),
    ("base64.a85decode", Flow::Decode, a85decode),
    ("base64.z85decode", Flow::Decode, z85decode),
    ("base64.b85encode", Flow::Shallow, b85encode),
    ("base64.a85encode", Flow::Shallow, a85encode),
];

const BASE85: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const Z85: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// The four bytes of five digits; `None` if they are too large.
fn word(digits: &[u8]) -> Option<[u8; 4]> {
    let value = digits.iter().try_fold(0u32, |n, d| n.checked_mul(85)?.checked_add(u32::from(*d)))?;
    Some(value.to_be_bytes())
}

/// Decodes digits, the last group filled up with the highest digit and cut again.
fn from_digits(digits: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() / 5 * 4 + 4);
    for group in digits.chunks(5) {
        let mut full = group.to_vec();
        full.resize(5, 84);
        let bytes = word(&full)?;
        out.extend_from_slice(bytes.get(..group.len() - 1)?);
    }
    Some(out)
}

fn decode_with(data: &[u8], alphabet: &[u8; 85]) -> Option<Vec<u8>> {
    let digit = |b: &u8| alphabet.iter().position(|d| d == b).and_then(|at| u8::try_from(at).ok());
    let digits: Option<Vec<u8>> = data.iter().map(digit).collect();
    let digits = digits?;
    if digits.len() % 5 == 1 {
        // One digit alone is no byte; CPython gives none for it if it does not overflow.
        let last = digits.last().copied()?;
        word(&[last, 84, 84, 84, 84])?;
        return from_digits(digits.get(..digits.len() - 1)?);
    }
    from_digits(&digits)
}

fn b85decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["b"])?;
    let data = ascii_or_bytes(cx, data?)?.into_owned();
    cx.work(data.len() * 32)?;
    cx.make_bytes(decode_with(&data, BASE85)?)
}

fn z85decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["s"])?;
    let data = ascii_or_bytes(cx, data?)?.into_owned();
    cx.work(data.len() * 32)?;
    cx.make_bytes(decode_with(&data, Z85)?)
}

fn a85decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, foldspaces, adobe, ignored] = args.bind(cx, ["b", "foldspaces", "adobe", "ignorechars"])?;
    let mut data = ascii_or_bytes(cx, data?)?.into_owned();
    let foldspaces = foldspaces.map_or(Some(false), |v| super::fold_truth(cx, v))?;
    if adobe.map_or(Some(false), |v| super::fold_truth(cx, v))? {
        let body = data.strip_suffix(b"~>")?;
        data = body.strip_prefix(b"<~").unwrap_or(body).to_vec();
    }
    let ignored = match given(ignored) {
        Some(chars) => bytes_like(cx, chars)?.into_owned(),
        None => b" \t\n\r\x0b".to_vec(),
    };
    cx.work(data.len() * 16)?;
    let mut out = Vec::with_capacity(data.len() / 5 * 4 + 4);
    let mut group = Vec::with_capacity(5);
    for byte in &data {
        match byte {
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 {
                    out.extend(word(&group)?);
                    group.clear();
                }
            }
            b'z' => {
                group.is_empty().then_some(())?;
                out.extend([0; 4]);
            }
            b'y' if foldspaces => {
                group.is_empty().then_some(())?;
                out.extend([b' '; 4]);
            }
            _ if ignored.contains(byte) => {}
            _ => return None,
        }
    }
    if group.len() > 1 {
        out.extend(from_digits(&group)?);
    }
    cx.make_bytes(out)
}

/// The digits of bytes, the last group of four cut to one digit more than it has bytes.
fn digits_of(chunk: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 4];
    for (slot, byte) in block.iter_mut().zip(chunk) {
        *slot = *byte;
    }
    let value = u32::from_be_bytes(block);
    let digits = (0..5u32).rev().map(|power| (value / 85u32.pow(power) % 85) as u8);
    digits.take(chunk.len() + 1).collect()
}

fn b85encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, pad] = args.bind(cx, ["b", "pad"])?;
    (pad.is_none()).then_some(())?;
    let data = bytes_like(cx, data?)?.into_owned();
    let digits = data.chunks(4).flat_map(digits_of);
    let out = digits.filter_map(|d| BASE85.get(usize::from(d)).copied()).collect();
    cx.make_bytes(out)
}

fn a85encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = bytes_like(cx, data)?.into_owned();
    let mut out = Vec::with_capacity(data.len() / 4 * 5 + 5);
    for chunk in data.chunks(4) {
        if chunk == [0; 4] {
            out.push(b'z');
        } else {
            out.extend(digits_of(chunk).into_iter().map(|d| d + b'!'));
        }
    }
    cx.make_bytes(out)
}
