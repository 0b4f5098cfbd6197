//! The `base64` module: base 64, 32 and 16, with the leniency of CPython.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::args::{Args, ascii_or_bytes, bytes_like, given};
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] = &[
    ("base64.b64decode", Flow::Decode, b64decode),
    ("base64.standard_b64decode", Flow::Decode, b64decode),
    ("base64.urlsafe_b64decode", Flow::Decode, urlsafe_b64decode),
    ("base64.decodebytes", Flow::Decode, b64decode),
    ("base64.decodestring", Flow::Decode, b64decode),
    ("base64.b32decode", Flow::Decode, b32decode),
    ("base64.b32hexdecode", Flow::Decode, b32hexdecode),
    ("base64.b16decode", Flow::Decode, b16decode),
    ("base64.b64encode", Flow::Shallow, b64encode),
    ("base64.standard_b64encode", Flow::Shallow, b64encode),
    ("base64.urlsafe_b64encode", Flow::Shallow, urlsafe_b64encode),
    ("base64.encodebytes", Flow::Shallow, encodebytes),
    ("base64.encodestring", Flow::Shallow, encodebytes),
    ("base64.b32encode", Flow::Shallow, b32encode),
    ("base64.b16encode", Flow::Shallow, b16encode),
];

/// Decodes as `binascii.a2b_base64` does: characters outside the alphabet are skipped, padding ends the data.
/// `None` if digits are missing at the end.
pub(super) fn lenient_base64(data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len() / 4 * 3 + 3);
    let (mut bits, mut quad, mut pads) = (0u32, 0u8, 0u8);
    for byte in data {
        if *byte == b'=' {
            if quad >= 2 {
                pads += 1;
                if quad + pads >= 4 {
                    return Some(out);
                }
            }
            continue;
        }
        let Some(value) = digit64(*byte) else { continue };
        pads = 0;
        bits = (bits << 6) | u32::from(value);
        quad = (quad + 1) % 4;
        if quad != 1 {
            let shift = match quad {
                2 => 4,
                3 => 2,
                _ => 0,
            };
            out.push((bits >> shift) as u8);
        }
        bits &= 0xFFFF;
    }
    (quad == 0).then_some(out)
}

const fn digit64(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Encodes in lines of 76 characters, each with a line end.
pub(super) fn base64_lines(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 3 * 4 + data.len() / 57 + 8);
    for chunk in data.chunks(57) {
        out.extend(STANDARD.encode(chunk).bytes());
        out.push(b'\n');
    }
    out
}

fn b64decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, altchars, validate] = args.bind(cx, ["s", "altchars", "validate"])?;
    let mut data = ascii_or_bytes(cx, data?)?.into_owned();
    if let Some(altchars) = given(altchars) {
        let [plus, slash] = <[u8; 2]>::try_from(&*ascii_or_bytes(cx, altchars)?).ok()?;
        for byte in &mut data {
            if *byte == plus {
                *byte = b'+';
            } else if *byte == slash {
                *byte = b'/';
            }
        }
    }
    if let Some(true) = validate.map(|v| super::fold_truth(cx, v)).unwrap_or(Some(false)) {
        let body = data.strip_suffix(b"==").or_else(|| data.strip_suffix(b"=")).unwrap_or(&data);
        body.iter().all(|b| digit64(*b).is_some()).then_some(())?;
    }
    cx.work(data.len() * 8)?;
    cx.make_bytes(lenient_base64(&data)?)
}

fn urlsafe_b64decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["s"])?;
    let mut data = ascii_or_bytes(cx, data?)?.into_owned();
    for byte in &mut data {
        match byte {
            b'-' => *byte = b'+',
            b'_' => *byte = b'/',
            _ => {}
        }
    }
    cx.work(data.len() * 8)?;
    cx.make_bytes(lenient_base64(&data)?)
}

/// The bytes to encode.  A string, which Python 3 refuses, is taken as Python 2 would take it.
fn input(cx: &FoldContext<'_>, value: &Value) -> Option<Vec<u8>> {
    match value.as_str() {
        Some(text) => text.is_ascii().then(|| text.as_bytes().to_vec()),
        None => bytes_like(cx, value).map(std::borrow::Cow::into_owned),
    }
}

fn b64encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, altchars] = args.bind(cx, ["s", "altchars"])?;
    let mut out = STANDARD.encode(input(cx, data?)?).into_bytes();
    if let Some(altchars) = given(altchars) {
        let [plus, slash] = <[u8; 2]>::try_from(&*bytes_like(cx, altchars)?).ok()?;
        replace_digits(&mut out, plus, slash);
    }
    cx.make_bytes(out)
}

fn replace_digits(out: &mut [u8], plus: u8, slash: u8) {
    for byte in out {
        match byte {
            b'+' => *byte = plus,
            b'/' => *byte = slash,
            _ => {}
        }
    }
}

fn urlsafe_b64encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["s"])?;
    let mut out = STANDARD.encode(input(cx, data?)?).into_bytes();
    replace_digits(&mut out, b'-', b'_');
    cx.make_bytes(out)
}

fn encodebytes(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.bind(cx, ["s"])?;
    let out = base64_lines(&input(cx, data?)?);
    cx.make_bytes(out)
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_HEX: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";

/// Decodes base 32; the length must be a multiple of eight with the padding.
fn from_base32(data: &[u8], alphabet: &[u8; 32]) -> Option<Vec<u8>> {
    if !data.len().is_multiple_of(8) {
        return None;
    }
    let end = data.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    if !matches!(data.len() - end, 0 | 1 | 3 | 4 | 6) {
        return None;
    }
    let mut out = Vec::with_capacity(data.len() / 8 * 5);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in data.get(..end)? {
        let value = alphabet.iter().position(|d| d == byte)?;
        bits = (bits << 5) | value as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

fn b32decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, casefold, map01] = args.bind(cx, ["s", "casefold", "map01"])?;
    let mut data = ascii_or_bytes(cx, data?)?.into_owned();
    if let Some(map) = given(map01) {
        let [one] = <[u8; 1]>::try_from(&*ascii_or_bytes(cx, map)?).ok()?;
        for byte in &mut data {
            match byte {
                b'0' => *byte = b'O',
                b'1' => *byte = one,
                _ => {}
            }
        }
    }
    if casefold.map_or(Some(false), |c| super::fold_truth(cx, c))? {
        data.make_ascii_uppercase();
    }
    cx.work(data.len() * 16)?;
    cx.make_bytes(from_base32(&data, BASE32)?)
}

fn b32hexdecode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, casefold] = args.bind(cx, ["s", "casefold"])?;
    let mut data = ascii_or_bytes(cx, data?)?.into_owned();
    if casefold.map_or(Some(false), |c| super::fold_truth(cx, c))? {
        data.make_ascii_uppercase();
    }
    cx.work(data.len() * 16)?;
    cx.make_bytes(from_base32(&data, BASE32_HEX)?)
}

fn b32encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let data = input(cx, data)?;
    let mut out = Vec::with_capacity(data.len() / 5 * 8 + 8);
    for chunk in data.chunks(5) {
        let mut block = [0u8; 8];
        for (slot, byte) in block.iter_mut().skip(3).zip(chunk) {
            *slot = *byte;
        }
        let bits = u64::from_be_bytes(block);
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let value = (bits >> (35 - 5 * at)) & 31;
            let digit = BASE32.get(value as usize).copied().unwrap_or(b'=');
            out.push(if at < digits { digit } else { b'=' });
        }
    }
    cx.make_bytes(out)
}

fn b16decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data, casefold] = args.bind(cx, ["s", "casefold"])?;
    let data = ascii_or_bytes(cx, data?)?.into_owned();
    let any_case = casefold.map_or(Some(false), |c| super::fold_truth(cx, c))?;
    (any_case || !data.iter().any(u8::is_ascii_lowercase)).then_some(())?;
    cx.work(data.len() * 4)?;
    cx.make_bytes(super::binascii::from_hex(&data)?)
}

fn b16encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [data] = args.exactly()?;
    let out = super::binascii::to_hex(&input(cx, data)?).to_ascii_uppercase();
    cx.make_bytes(out.into_bytes())
}
