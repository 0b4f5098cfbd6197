//! Source bytes to text, by the rules of PEP 263 and a little beyond them.
//!
//! A byte order mark wins, then the cookie of the first two lines, then UTF-8.  UTF-16 and UTF-32 sources,
//! which no interpreter takes, are read all the same: a dropped file may be run by other means.  Decoding
//! never fails: what does not fit is replaced and told as a [`Problem`].

use encoding_rs::Encoding;
use venin_model::GapKind;

use super::Problem;
use super::codecs;

/// A decoded source.
#[derive(Debug)]
pub(super) struct Decoded {
    /// The text, without a byte order mark.
    pub(super) text: String,
    /// The encoding's name: `utf-8`, or the cookie as it is spelled in lower case.
    pub(super) encoding: String,
    /// Whether a byte order mark was there.
    pub(super) has_bom: bool,
    /// What did not fit.
    pub(super) problem: Option<Problem>,
}

/// How bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Ascii,
    Latin1,
    Utf7,
    Utf16(ByteOrder),
    Utf32(ByteOrder),
    UnicodeEscape,
    RawUnicodeEscape,
    Rot13,
    Legacy(&'static Encoding),
    Unknown,
}

/// The order of the bytes of a code unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

/// How the resource forks begin that macOS puts beside files, with the files' endings.
const APPLE_DOUBLE: &[u8] = b"\0\x05\x16\x07";

/// The encoding of a text that is its own decoding: UTF-8 or ASCII without a mark; `None` for every other.
///
/// Such a text need not be copied.
pub(super) fn encoding_as_is(text: &str) -> Option<String> {
    let (codec, name, mark) = detect(text.as_bytes());
    let is_same = match codec {
        Codec::Utf8 => true,
        Codec::Ascii => text.is_ascii(),
        _ => false,
    };
    (is_same && mark == 0 && !text.as_bytes().starts_with(APPLE_DOUBLE)).then_some(name)
}

/// Decodes a source file.
pub(super) fn decode_source(bytes: &[u8]) -> Decoded {
    if bytes.starts_with(APPLE_DOUBLE) {
        let problem = Problem::new(GapKind::Unsupported, 1, "an AppleDouble resource fork and no source");
        return Decoded {
            text: String::new(),
            encoding: "binary".to_owned(),
            has_bom: false,
            problem: Some(problem),
        };
    }
    let (codec, name, mark) = detect(bytes);
    let body = bytes.get(mark..).unwrap_or_default();
    let (text, fault) = decode(codec, body);
    let problem = fault.map(|fault| {
        let line = 1 + body.iter().take(fault.offset).filter(|b| **b == b'\n').count();
        Problem::new(GapKind::Encoding, line as u32, format!("{} as {name}", fault.what))
    });
    Decoded { text, encoding: name, has_bom: mark > 0, problem }
}

/// The encoding that a source's cookie names, if no interpreter has it by itself.
#[must_use]
pub fn foreign_encoding(bytes: &[u8]) -> Option<String> {
    match detect(bytes) {
        (Codec::Unknown, name, _) => Some(name),
        _ => None,
    }
}

/// Why bytes do not fit, and from which offset on.
struct Fault {
    what: &'static str,
    offset: usize,
}

fn decode(codec: Codec, body: &[u8]) -> (String, Option<Fault>) {
    let unfit = |offset| Fault { what: "bytes that cannot be read", offset };
    match codec {
        Codec::Utf8 => match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), None),
            Err(error) => (String::from_utf8_lossy(body).into_owned(), Some(unfit(error.valid_up_to()))),
        },
        Codec::Unknown => {
            let fault = Fault { what: "an encoding nobody knows", offset: 0 };
            (String::from_utf8_lossy(body).into_owned(), Some(fault))
        }
        // Whoever declares ASCII and writes UTF-8 meant UTF-8; the interpreter would refuse it.
        Codec::Ascii if body.is_ascii() => (String::from_utf8_lossy(body).into_owned(), None),
        Codec::Ascii => {
            let offset = body.iter().position(|b| !b.is_ascii()).unwrap_or(0);
            (String::from_utf8_lossy(body).into_owned(), Some(unfit(offset)))
        }
        Codec::Latin1 => (codecs::decode_latin1(body), None),
        Codec::Utf7 => decoded_units(codecs::decode_utf7(body)),
        Codec::Utf16(ByteOrder::Little) => decoded_units(codecs::decode_utf16(body, u16::from_le_bytes)),
        Codec::Utf16(ByteOrder::Big) => decoded_units(codecs::decode_utf16(body, u16::from_be_bytes)),
        Codec::Utf32(ByteOrder::Little) => decoded_units(codecs::decode_utf32(body, u32::from_le_bytes)),
        Codec::Utf32(ByteOrder::Big) => decoded_units(codecs::decode_utf32(body, u32::from_be_bytes)),
        Codec::UnicodeEscape => (codecs::decode_unicode_escape(body), None),
        Codec::RawUnicodeEscape => (codecs::decode_raw_unicode_escape(body), None),
        Codec::Rot13 => (codecs::decode_rot13(body), None),
        Codec::Legacy(encoding) => {
            let (text, unfit_bytes) = encoding.decode_without_bom_handling(body);
            (text.into_owned(), unfit_bytes.then(|| unfit(0)))
        }
    }
}

fn decoded_units(decoded: Result<String, String>) -> (String, Option<Fault>) {
    match decoded {
        Ok(text) => (text, None),
        Err(text) => (text, Some(Fault { what: "bytes that cannot be read", offset: 0 })),
    }
}

/// The codec, its name, and the length of the byte order mark.
fn detect(bytes: &[u8]) -> (Codec, String, usize) {
    let marks: [(&[u8], Codec, &str); 5] = [
        (b"\xEF\xBB\xBF", Codec::Utf8, "utf-8"),
        (b"\xFF\xFE\0\0", Codec::Utf32(ByteOrder::Little), "utf-32-le"),
        (b"\0\0\xFE\xFF", Codec::Utf32(ByteOrder::Big), "utf-32-be"),
        (b"\xFF\xFE", Codec::Utf16(ByteOrder::Little), "utf-16-le"),
        (b"\xFE\xFF", Codec::Utf16(ByteOrder::Big), "utf-16-be"),
    ];
    for (mark, codec, name) in marks {
        if bytes.starts_with(mark) {
            return (codec, name.to_owned(), mark.len());
        }
    }
    match guess_utf16(bytes) {
        Some(ByteOrder::Little) => return (Codec::Utf16(ByteOrder::Little), "utf-16-le".to_owned(), 0),
        Some(ByteOrder::Big) => return (Codec::Utf16(ByteOrder::Big), "utf-16-be".to_owned(), 0),
        None => {}
    }
    match find_cookie(bytes) {
        Some(name) => (codec_named(&name), name, 0),
        None => (Codec::Utf8, "utf-8".to_owned(), 0),
    }
}

/// UTF-16 without a mark: every other byte of the beginning is NUL.
fn guess_utf16(bytes: &[u8]) -> Option<ByteOrder> {
    let head = bytes.get(..bytes.len().min(64) & !1)?;
    if head.len() < 8 {
        return None;
    }
    let pairs = head.len() / 2;
    let low_nul = head.chunks_exact(2).filter(|p| p[0] == 0 && p[1] != 0).count();
    let high_nul = head.chunks_exact(2).filter(|p| p[0] != 0 && p[1] == 0).count();
    if high_nul * 10 >= pairs * 9 {
        Some(ByteOrder::Little)
    } else if low_nul * 10 >= pairs * 9 {
        Some(ByteOrder::Big)
    } else {
        None
    }
}

/// The cookie of the first two lines, in lower case (PEP 263).
fn find_cookie(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    for _ in 0..2 {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = rest.get(..end)?.trim_ascii_start();
        if let Some(comment) = line.strip_prefix(b"#") {
            if let Some(name) = cookie_in(comment) {
                return Some(name);
            }
        } else if !line.is_empty() {
            return None;
        }
        let skip = if rest.get(end..)?.starts_with(b"\r\n") { 2 } else { 1 };
        rest = rest.get(end + skip..)?;
    }
    None
}

fn cookie_in(comment: &[u8]) -> Option<String> {
    memchr::memmem::find_iter(comment, b"coding").find_map(|at| {
        let tail = comment.get(at + 6..)?;
        let tail = tail.strip_prefix(b":").or_else(|| tail.strip_prefix(b"="))?.trim_ascii_start();
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
        let name: String = tail.iter().take_while(|b| is_name(b)).take(64).map(|b| char::from(*b)).collect();
        (!name.is_empty()).then(|| name.to_ascii_lowercase())
    })
}

fn codec_named(cookie: &str) -> Codec {
    let name = cookie.replace(['-', ' '], "_");
    match name.as_str() {
        "utf8" | "utf_8" | "u8" | "utf" | "cp65001" | "utf8_sig" => Codec::Utf8,
        "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "8859" | "cp819"
        | "iso_latin_1" => Codec::Latin1,
        "ascii" | "us_ascii" | "646" => Codec::Ascii,
        "utf_7" | "utf7" | "u7" => Codec::Utf7,
        "utf_16" | "utf16" | "u16" | "utf_16_le" | "utf_16le" => Codec::Utf16(ByteOrder::Little),
        "utf_16_be" | "utf_16be" => Codec::Utf16(ByteOrder::Big),
        "utf_32" | "utf32" | "u32" | "utf_32_le" | "utf_32le" => Codec::Utf32(ByteOrder::Little),
        "utf_32_be" | "utf_32be" => Codec::Utf32(ByteOrder::Big),
        "unicode_escape" | "unicodeescape" => Codec::UnicodeEscape,
        "raw_unicode_escape" | "rawunicodeescape" => Codec::RawUnicodeEscape,
        "rot13" | "rot_13" => Codec::Rot13,
        _ if name.starts_with("utf_8_") => Codec::Utf8,
        _ if name.starts_with("latin_1_") || name.starts_with("iso_8859_1_") => Codec::Latin1,
        _ => legacy_codec(&name),
    }
}

/// Codecs whose Python name is not a WHATWG label; the ones on Latin-1 share ASCII with it, which is all
/// that code is made of.
const LEGACY: &[(&str, Option<&Encoding>)] = &[
    ("cp932", Some(encoding_rs::SHIFT_JIS)),
    ("ms932", Some(encoding_rs::SHIFT_JIS)),
    ("cp936", Some(encoding_rs::GBK)),
    ("cp949", Some(encoding_rs::EUC_KR)),
    ("uhc", Some(encoding_rs::EUC_KR)),
    ("cp950", Some(encoding_rs::BIG5)),
    ("big5hkscs", Some(encoding_rs::BIG5)),
    ("cp866", Some(encoding_rs::IBM866)),
    ("mac_roman", Some(encoding_rs::MACINTOSH)),
    ("mac_cyrillic", Some(encoding_rs::X_MAC_CYRILLIC)),
    ("tis_620", Some(encoding_rs::WINDOWS_874)),
    ("mbcs", Some(encoding_rs::WINDOWS_1252)),
    ("cp437", None),
    ("cp720", None),
    ("cp737", None),
    ("cp775", None),
    ("cp850", None),
    ("cp852", None),
    ("cp855", None),
    ("cp857", None),
    ("cp858", None),
    ("cp860", None),
    ("cp861", None),
    ("cp862", None),
    ("cp863", None),
    ("cp865", None),
    ("cp869", None),
    ("mac_latin2", None),
    ("mac_greek", None),
    ("mac_turkish", None),
];

fn legacy_codec(name: &str) -> Codec {
    if let Some((_, encoding)) = LEGACY.iter().find(|(known, _)| *known == name) {
        return encoding.map_or(Codec::Latin1, Codec::Legacy);
    }
    let mut labels = vec![name.replace('_', "-"), name.replace('_', ""), name.to_owned()];
    if let Some(page) = name.strip_prefix("cp") {
        labels.push(format!("windows-{page}"));
    }
    if let Some(part) = name.strip_prefix("iso8859_") {
        labels.push(format!("iso-8859-{part}"));
    }
    let found = labels.iter().find_map(|label| Encoding::for_label_no_replacement(label.as_bytes()));
    found.map_or(Codec::Unknown, Codec::Legacy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_counts_only_in_the_first_two_lines_and_only_in_comments() {
        let cases: &[(&[u8], &str)] = &[
            (b"x = 1\n", "utf-8"),
            (b"# -*- coding: latin-1 -*-\n", "latin-1"),
            (b"#!/usr/bin/python\n# vim: set fileencoding=GBK :\n", "gbk"),
            (b"\n# coding=cp1251\n", "cp1251"),
            (b"x = 1\n# coding: gbk\n", "utf-8"),
            (b"\n\n# coding: gbk\n", "utf-8"),
            (b"'# coding: gbk'\n", "utf-8"),
            (b"# encoding without a colon\n", "utf-8"),
        ];
        for (bytes, name) in cases {
            assert_eq!(decode_source(bytes).encoding, *name, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn text_is_read_by_its_cookie_mark_or_pattern() {
        let cases: &[(&[u8], &str)] = &[
            (b"# coding: latin-1\n\xe9", "# coding: latin-1\n\u{e9}"),
            (b"# coding: cp1251\n\xe9", "# coding: cp1251\n\u{439}"),
            (b"# coding: koi8-r\n\xc1", "# coding: koi8-r\n\u{430}"),
            (b"# coding: utf-8-unix\n\xc3\xa9", "# coding: utf-8-unix\n\u{e9}"),
            (b"\xef\xbb\xbfprint()", "print()"),
            (b"\xff\xfep\0r\0i\0", "pri"),
            (b"i\0m\0p\0o\0r\0t\0 \0x\0", "import x"),
            (b"\0i\0m\0p\0o\0r\0t\0 \0x", "import x"),
            (b"# coding: utf-7\n+AGkAbQ-port", "# coding: utf-7\nimport"),
            (b"# coding: rot13\nvzcbeg", "# pbqvat: ebg13\nimport"),
            (b"# coding: unicode_escape\n#\\nimport x", "# coding: unicode_escape\n#\nimport x"),
            (b"# coding: raw_unicode_escape\n\\u0069\\n", "# coding: raw_unicode_escape\ni\\n"),
        ];
        for (bytes, text) in cases {
            let decoded = decode_source(bytes);
            assert_eq!(decoded.text, *text);
            assert_eq!(decoded.problem, None, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_replaced_and_told() {
        let decoded = decode_source(b"a = 1\nb = '\xff'\n");
        assert_eq!(decoded.text, "a = 1\nb = '\u{fffd}'\n");
        assert_eq!(decoded.problem.map(|p| (p.kind, p.line)), Some((GapKind::Encoding, 2)));
        assert!(decode_source(b"# coding: klingon\n").problem.is_some());
        assert!(decode_source(b"# coding: ascii\n\xe9").problem.is_some());
        assert_eq!(decode_source(b"").text, "");
        let fork = decode_source(b"\0\x05\x16\x07\0\x02\0\0Mac OS X");
        assert_eq!((fork.text.as_str(), fork.problem.map(|p| p.kind)), ("", Some(GapKind::Unsupported)));
    }
}
