//! Encoding and decoding by codec name: `bytes.decode`, `str.encode`, the `codecs` module.

use super::args::{Args, bytes_like, str_or};
use super::context::{latin1_bytes, latin1_text};
use super::escapes::Context;
use super::{Flow, FoldContext, Row, binascii, codepages, compression, escapes, unicode_codecs};
use crate::value::{Kind, OriginSet, Value};

pub(super) const TABLE: &[Row] = &[
    ("bytes.decode", Flow::Shallow, decode_method),
    ("str.encode", Flow::Shallow, encode_method),
    ("str.decode", Flow::Shallow, decode_method_2),
    ("codecs.decode", Flow::Shallow, codecs_decode),
    ("codecs.encode", Flow::Shallow, codecs_encode),
    ("codecs.escape_decode", Flow::Decode, escape_decode),
    ("codecs.escape_encode", Flow::Shallow, escape_encode),
    ("codecs.utf_8_decode", Flow::Shallow, utf_8_decode),
    ("codecs.unicode_escape_decode", Flow::Decode, unicode_escape_decode),
    ("codecs.latin_1_decode", Flow::Shallow, latin_1_decode),
];

/// A codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Utf8Sig,
    Ascii,
    Latin1,
    Utf16(Order),
    Utf32(Order),
    Utf7,
    UnicodeEscape,
    RawUnicodeEscape,
    Punycode,
    Idna,
    Page(&'static str),
    Web(&'static encoding_rs::Encoding),
    /// Bytes to bytes.
    Transform(Transform),
    /// String to string.
    Rot13,
}

/// Byte order of UTF-16 and UTF-32; `Native` reads and writes a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Native,
    Little,
    Big,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transform {
    Hex,
    Base64,
    Zlib,
    Bz2,
    Quopri,
    Uu,
}

impl Codec {
    /// Whether the codec is one that ordinary text is stored in, so that decoding it reveals nothing.
    fn is_plain(self) -> bool {
        matches!(self, Self::Utf8 | Self::Utf8Sig | Self::Ascii | Self::Latin1)
    }

    /// The codec of a name, in any of the spellings CPython takes.
    fn find(name: &str) -> Option<Self> {
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '_' })
            .collect();
        Some(match name.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" | "utf8_ucs2" | "utf8_ucs4" => Self::Utf8,
            "utf_8_sig" => Self::Utf8Sig,
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" => Self::Ascii,
            "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "iso8859" | "8859"
            | "cp819" => Self::Latin1,
            "utf_16" | "utf16" | "u16" => Self::Utf16(Order::Native),
            "utf_16_le" | "utf_16le" | "utf16le" | "unicodelittleunmarked" => Self::Utf16(Order::Little),
            "utf_16_be" | "utf_16be" | "utf16be" | "unicodebigunmarked" => Self::Utf16(Order::Big),
            "utf_32" | "utf32" | "u32" => Self::Utf32(Order::Native),
            "utf_32_le" | "utf_32le" => Self::Utf32(Order::Little),
            "utf_32_be" | "utf_32be" => Self::Utf32(Order::Big),
            "utf_7" | "utf7" | "u7" | "unicode_1_1_utf_7" => Self::Utf7,
            "unicode_escape" | "unicodeescape" | "string_escape" => Self::UnicodeEscape,
            "raw_unicode_escape" | "rawunicodeescape" => Self::RawUnicodeEscape,
            "punycode" => Self::Punycode,
            "idna" => Self::Idna,
            "rot13" | "rot_13" => Self::Rot13,
            "hex" | "hex_codec" => Self::Transform(Transform::Hex),
            "base64" | "base_64" | "base64_codec" => Self::Transform(Transform::Base64),
            "zlib" | "zip" | "zlib_codec" => Self::Transform(Transform::Zlib),
            "bz2" | "bz2_codec" => Self::Transform(Transform::Bz2),
            "quopri" | "quopri_codec" | "quoted_printable" | "quotedprintable" => {
                Self::Transform(Transform::Quopri)
            }
            "uu" | "uu_codec" => Self::Transform(Transform::Uu),
            _ => return Self::find_legacy(&name),
        })
    }

    fn find_legacy(name: &str) -> Option<Self> {
        let page = match name {
            "ibm037" | "ebcdic_cp_us" | "037" => "cp037",
            "ibm500" | "500" => "cp500",
            "ibm437" | "437" => "cp437",
            "850" | "ibm850" => "cp850",
            "ibm1140" | "1140" => "cp1140",
            "273" | "ibm273" => "cp273",
            other => other,
        };
        if let Some(text) = codepages::find(page) {
            return Some(Self::Page(text));
        }
        let label = match name.strip_prefix("cp125") {
            Some(number) => format!("windows-125{number}"),
            None => match name.strip_prefix("iso8859_") {
                Some(number) => format!("iso-8859-{number}"),
                None => name.replace('_', "-"),
            },
        };
        // Labels of the web that mean something else there are left out.
        let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
        let is_other = encoding == encoding_rs::UTF_8 || encoding == encoding_rs::X_USER_DEFINED;
        (!is_other).then_some(Self::Web(encoding))
    }
}

/// Decodes bytes to text by the name of a text codec.
pub(super) fn decode_text(
    cx: &mut FoldContext<'_>,
    bytes: &[u8],
    codec: &str,
    errors: &str,
) -> Option<String> {
    decode(cx, bytes, Codec::find(codec)?, errors)
}

/// Encodes text by the name of a text codec.
pub(super) fn encode_text(
    cx: &mut FoldContext<'_>,
    text: &str,
    codec: &str,
    errors: &str,
) -> Option<Vec<u8>> {
    encode(cx, text, Codec::find(codec)?, errors)
}

fn decode(cx: &mut FoldContext<'_>, bytes: &[u8], codec: Codec, errors: &str) -> Option<String> {
    cx.work(bytes.len() * 8)?;
    match codec {
        Codec::Utf8 => decode_utf8(bytes, errors),
        Codec::Utf8Sig => decode_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes), errors),
        Codec::Ascii => {
            let mut out = String::with_capacity(bytes.len());
            for byte in bytes {
                if byte.is_ascii() {
                    out.push(char::from(*byte));
                } else {
                    push_bad_bytes(&[*byte], errors, &mut out)?;
                }
            }
            Some(out)
        }
        Codec::Latin1 => Some(latin1_text(bytes)),
        Codec::Utf16(order) => unicode_codecs::decode_utf16(bytes, order, errors),
        Codec::Utf32(order) => unicode_codecs::decode_utf32(bytes, order, errors),
        Codec::Utf7 => unicode_codecs::decode_utf7(bytes),
        Codec::UnicodeEscape => escapes::unescape(&latin1_text(bytes), Context::Text),
        Codec::RawUnicodeEscape => escapes::unescape_raw(&latin1_text(bytes)),
        Codec::Punycode => unicode_codecs::decode_punycode(std::str::from_utf8(bytes).ok()?),
        Codec::Idna => unicode_codecs::decode_idna(std::str::from_utf8(bytes).ok()?),
        Codec::Page(page) => {
            let chars: Vec<char> = page.chars().collect();
            bytes.iter().map(|b| chars.get(usize::from(*b)).copied()).collect()
        }
        Codec::Web(encoding) => {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
            // The web maps undefined bytes to control characters where CPython raises.
            let strict = !text.chars().any(|c| matches!(c, '\u{80}'..='\u{9f}'));
            strict.then(|| text.into_owned())
        }
        Codec::Transform(_) | Codec::Rot13 => None,
    }
}

fn decode_utf8(bytes: &[u8], errors: &str) -> Option<String> {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            // A surrogate written in UTF-8 is three errors to CPython as well, one for each byte.
            push_bad_bytes(chunk.invalid(), errors, &mut out)?;
        }
    }
    Some(out)
}

/// What an error handler makes of bytes that cannot be decoded.
pub(super) fn push_bad_bytes(bytes: &[u8], errors: &str, out: &mut String) -> Option<()> {
    match errors {
        "ignore" => {}
        "replace" => out.push('\u{FFFD}'),
        "backslashreplace" => bytes.iter().for_each(|b| out.push_str(&format!("\\x{b:02x}"))),
        _ => return None,
    }
    Some(())
}

fn encode(cx: &mut FoldContext<'_>, text: &str, codec: Codec, errors: &str) -> Option<Vec<u8>> {
    cx.work(text.len() * 8)?;
    match codec {
        Codec::Utf8 => Some(text.as_bytes().to_vec()),
        Codec::Utf8Sig => Some([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        Codec::Ascii => encode_chars(text, errors, |c| u8::try_from(c).ok().filter(u8::is_ascii)),
        Codec::Latin1 => encode_chars(text, errors, |c| u8::try_from(u32::from(c)).ok()),
        Codec::Utf16(order) => Some(unicode_codecs::encode_utf16(text, order)),
        Codec::Utf32(order) => Some(unicode_codecs::encode_utf32(text, order)),
        Codec::UnicodeEscape => Some(escapes::escape(text).into_bytes()),
        Codec::RawUnicodeEscape => Some(unicode_codecs::encode_raw_escape(text)),
        Codec::Punycode => unicode_codecs::encode_punycode(text).map(String::into_bytes),
        Codec::Idna => unicode_codecs::encode_idna(text).map(String::into_bytes),
        Codec::Page(page) => encode_chars(text, errors, |c| {
            page.chars().position(|p| p == c).and_then(|at| u8::try_from(at).ok())
        }),
        Codec::Web(encoding) => {
            let (bytes, used, failed) = encoding.encode(text);
            if !failed && used == encoding {
                return Some(bytes.into_owned());
            }
            encoding.is_single_byte().then_some(())?;
            encode_chars(text, errors, |c| match encoding.encode(c.encode_utf8(&mut [0; 4])) {
                (bytes, _, false) => bytes.first().copied(),
                _ => None,
            })
        }
        Codec::Utf7 | Codec::Transform(_) | Codec::Rot13 => None,
    }
}

fn encode_chars(text: &str, errors: &str, one: impl Fn(char) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match (one(c), errors) {
            (Some(byte), _) => out.push(byte),
            (None, "ignore") => {}
            (None, "replace") => out.push(one('?')?),
            (None, "xmlcharrefreplace") => out.extend(format!("&#{};", u32::from(c)).bytes()),
            (None, "backslashreplace") => {
                let mut escape = String::new();
                super::render::push_escape(c, &mut escape);
                out.extend(escape.bytes());
            }
            (None, _) => return None,
        }
    }
    Some(out)
}

/// Decodes a value to a string; the result bears the mark of a decoding if the codec hides text.
pub(super) fn decode_value(
    cx: &mut FoldContext<'_>,
    value: &Value,
    codec: &str,
    errors: &str,
) -> Option<Value> {
    let codec = Codec::find(codec)?;
    let bytes = bytes_like(cx, value)?;
    let text = decode(cx, &bytes, codec, errors)?;
    let value = cx.make_str(text)?;
    Some(marked(cx, value, codec))
}

fn marked(cx: &mut FoldContext<'_>, value: Value, codec: Codec) -> Value {
    if codec.is_plain() {
        return value;
    }
    let origins = cx.decoded(OriginSet::EMPTY);
    value.with_origins(origins)
}

fn decode_method(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [bytes, encoding, errors] = args.bind(cx, ["", "encoding", "errors"])?;
    decode_value(cx, bytes?, str_or(encoding, "utf-8")?, str_or(errors, "strict")?)
}

fn encode_method(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, encoding, errors] = args.bind(cx, ["", "encoding", "errors"])?;
    let codec = Codec::find(str_or(encoding, "utf-8")?)?;
    let text = text?.as_str()?;
    // Python 2 encoded with any codec; Python 3 raises, so that folding it harms nobody.
    if let Codec::Transform(_) | Codec::Rot13 = codec {
        return transform(cx, &Value::bytes(latin1_bytes(text)?), codec, Direction::Encode)
            .and_then(|v| as_str_2(cx, &v));
    }
    let bytes = encode(cx, text, codec, str_or(errors, "strict")?)?;
    cx.make_bytes(bytes)
}

/// `str.decode` of Python 2, where a plain string holds bytes.
fn decode_method_2(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [text, encoding, _] = args.bind(cx, ["", "encoding", "errors"])?;
    let text = text?;
    let codec = Codec::find(str_or(encoding, "ascii")?)?;
    if codec.is_plain() {
        return Some(text.clone());
    }
    if codec == Codec::Rot13 {
        return transform(cx, text, codec, Direction::Decode);
    }
    let bytes = Value::bytes(latin1_bytes(text.as_str()?)?);
    if let Codec::Transform(_) = codec {
        let value = transform(cx, &bytes, codec, Direction::Decode)?;
        return as_str_2(cx, &value);
    }
    let decoded = decode(cx, bytes.as_bytes()?, codec, "strict")?;
    let value = cx.make_str(decoded)?;
    Some(marked(cx, value, codec))
}

/// Bytes as the plain string of Python 2.
fn as_str_2(cx: &mut FoldContext<'_>, value: &Value) -> Option<Value> {
    let origins = value.origins;
    let text = match value.as_bytes() {
        Some(bytes) => latin1_text(bytes),
        None => value.as_str()?.to_owned(),
    };
    cx.make_str(text).map(|v| v.with_origins(origins))
}

/// Whether a charset of this name keeps a text as it is: UTF-8, ASCII, Latin-1.
pub fn is_plain_charset(name: &str) -> bool {
    Codec::find(name).is_some_and(Codec::is_plain)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Encode,
    Decode,
}

/// Codecs that are no text encodings.
fn transform(cx: &mut FoldContext<'_>, value: &Value, codec: Codec, direction: Direction) -> Option<Value> {
    let decoding = direction == Direction::Decode;
    let bytes = match (codec, &value.kind) {
        (Codec::Rot13, Kind::Str(text)) => {
            let rotated: String = text.as_str().chars().map(rot13).collect();
            let value = cx.make_str(rotated)?;
            return Some(marked(cx, value, codec));
        }
        (Codec::Transform(Transform::Hex), Kind::Str(text)) if decoding => text.as_str().as_bytes().to_vec(),
        (Codec::Transform(_), _) => bytes_like(cx, value)?.into_owned(),
        _ => return None,
    };
    cx.work(bytes.len() * 8)?;
    let Codec::Transform(kind) = codec else { return None };
    let out = match (kind, decoding) {
        (Transform::Hex, true) => binascii::from_hex(&bytes)?,
        (Transform::Hex, false) => binascii::to_hex(&bytes).into_bytes(),
        (Transform::Base64, true) => super::radix::lenient_base64(&bytes)?,
        (Transform::Base64, false) => super::radix::base64_lines(&bytes),
        (Transform::Zlib, true) => compression::inflate(cx, &bytes, 15)?,
        (Transform::Bz2, true) => compression::bunzip(cx, &bytes)?,
        (Transform::Quopri, true) => binascii::from_quoted_printable(&bytes, b'_'),
        (Transform::Uu, true) => binascii::from_uu_file(&bytes)?,
        _ => return None,
    };
    let value = cx.make_bytes(out)?;
    Some(if decoding { marked(cx, value, codec) } else { value })
}

fn rot13(c: char) -> char {
    match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        _ => c,
    }
}

fn codecs_decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, encoding, errors] = args.bind(cx, ["obj", "encoding", "errors"])?;
    let (value, codec) = (value?, Codec::find(str_or(encoding, "utf-8")?)?);
    match codec {
        Codec::Transform(_) | Codec::Rot13 => transform(cx, value, codec, Direction::Decode),
        Codec::UnicodeEscape | Codec::RawUnicodeEscape if value.as_str().is_some() => {
            // These two take a string too, by its UTF-8 bytes.
            let text = decode(cx, value.as_str()?.as_bytes(), codec, "strict")?;
            let value = cx.make_str(text)?;
            Some(marked(cx, value, codec))
        }
        _ => decode_value(cx, value, str_or(encoding, "utf-8")?, str_or(errors, "strict")?),
    }
}

fn codecs_encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, encoding, errors] = args.bind(cx, ["obj", "encoding", "errors"])?;
    let (value, codec) = (value?, Codec::find(str_or(encoding, "utf-8")?)?);
    match codec {
        Codec::Transform(_) | Codec::Rot13 => transform(cx, value, codec, Direction::Encode),
        _ => {
            let bytes = encode(cx, value.as_str()?, codec, str_or(errors, "strict")?)?;
            cx.make_bytes(bytes)
        }
    }
}

/// `(decoded, consumed)`, as the low-level functions of `codecs` give it.
fn with_length(cx: &mut FoldContext<'_>, value: Value, consumed: usize) -> Option<Value> {
    let consumed = Value::int(i64::try_from(consumed).ok()?);
    cx.make_tuple(vec![value, consumed])
}

fn escape_decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value, _] = args.bind(cx, [""; 2])?;
    let bytes = match value?.as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => bytes_like(cx, value?)?.into_owned(),
    };
    let out = latin1_bytes(&escapes::unescape(&latin1_text(&bytes), Context::Bytes)?)?;
    let out = cx.make_bytes(out)?;
    with_length(cx, out, bytes.len())
}

fn escape_encode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [value] = args.exactly()?;
    let bytes = value.as_bytes()?;
    let out = escapes::escape(&latin1_text(bytes)).replace('\'', "\\'");
    let len = bytes.len();
    let out = cx.make_bytes(out.into_bytes())?;
    with_length(cx, out, len)
}

fn decode_pair(cx: &mut FoldContext<'_>, args: Args<'_>, codec: Codec) -> Option<Value> {
    let [value, errors] = args.bind(cx, [""; 2])?;
    let bytes = match (value?.as_str(), codec) {
        (Some(text), Codec::UnicodeEscape) => text.as_bytes().to_vec(),
        _ => bytes_like(cx, value?)?.into_owned(),
    };
    let text = decode(cx, &bytes, codec, str_or(errors, "strict")?)?;
    let text = cx.make_str(text)?;
    with_length(cx, text, bytes.len())
}

fn utf_8_decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    decode_pair(cx, args, Codec::Utf8)
}

fn unicode_escape_decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    decode_pair(cx, args, Codec::UnicodeEscape)
}

fn latin_1_decode(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    decode_pair(cx, args, Codec::Latin1)
}
