//! Data behind the end of a picture or sound, and text files that are one long encoded constant.
//!
//! A decoder stops at the end that the format names; whoever knows of more reads on.  Only the lengths of the formats
//! are read (PNG chunks, JPEG segments, GIF blocks, sizes of BMP and RIFF), nothing is decoded but the first bytes of an
//! encoded text, and the facts say what kind of data lies there.

use venin_model::{Fact, Site};

use crate::path::extension;
use crate::script::decode::{decode_base64, decode_hex};

/// Less is padding.
const MIN_APPENDED: usize = 16;
/// Shorter constants are keys and digests.
const MIN_ENCODED: usize = 256;
/// Longest text that is looked at, in bytes.
const MAX_ENCODED: usize = 16 << 20;
/// Most chunks, segments or blocks of a picture.
const MAX_PARTS: usize = 500_000;

/// `member.appended-data` and `member.encoded-text`.
#[must_use]
pub fn payload_facts(path: &str, bytes: &[u8]) -> Vec<Fact> {
    appended_fact(path, bytes).or_else(|| encoded_fact(path, bytes)).into_iter().collect()
}

fn appended_fact(path: &str, bytes: &[u8]) -> Option<Fact> {
    let (format, end) = find_end(bytes)?;
    let tail = bytes.get(end..)?;
    let used = tail.iter().rposition(|b| *b != 0 && !b.is_ascii_whitespace()).map_or(0, |at| at + 1);
    let tail = tail.get(..used)?;
    if tail.len() < MIN_APPENDED {
        return None;
    }
    let content = content_of(tail);
    let message = format!("{} bytes of {content} lie behind the end of a {format} file", tail.len());
    Some(
        Fact::new("member.appended-data", message)
            .with("format", format)
            .with("size", tail.len().to_string())
            .with("content", content)
            .at(Site::whole(path.into())),
    )
}

/// The format of a picture or sound, and where it ends.
fn find_end(bytes: &[u8]) -> Option<(&'static str, usize)> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(("png", png_end(bytes)?)),
        [0xff, 0xd8, 0xff, ..] => Some(("jpeg", jpeg_end(bytes)?)),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(("gif", gif_end(bytes)?)),
        [b'B', b'M', a, b, c, d, 0, 0, 0, 0, ..] => {
            let size = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            (size >= 26).then_some(("bmp", size))
        }
        [b'R', b'I', b'F', b'F', a, b, c, d, b'W', ..] => {
            let size = (u32::from_le_bytes([*a, *b, *c, *d]) as usize).checked_add(8)?;
            Some(("riff", size + size % 2))
        }
        _ => None,
    }
}

/// Behind `IEND` (PNG specification, section 11).
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8_usize;
    for _ in 0..MAX_PARTS {
        let header: [u8; 8] = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        let [a, b, c, d, kind @ ..] = header;
        at = at.checked_add(12)?.checked_add(u32::from_be_bytes([a, b, c, d]) as usize)?;
        if &kind == b"IEND" {
            return Some(at);
        }
    }
    None
}

/// Behind `EOI` (ITU-T T.81, annex B).
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2_usize;
    for _ in 0..MAX_PARTS {
        at += memchr::memchr(0xff, bytes.get(at..)?)?;
        match *bytes.get(at + 1)? {
            0xd9 => return Some(at + 2),
            0xff => at += 1,
            // Stuffing, restart marks and marks without a length.
            0 | 1 | 0xd0..=0xd8 => at += 2,
            _ => {
                let length: [u8; 2] = bytes.get(at + 2..at + 4)?.try_into().ok()?;
                at = at + 2 + usize::from(u16::from_be_bytes(length));
            }
        }
    }
    None
}

/// Behind the trailer (GIF89a specification, section 27).
fn gif_end(bytes: &[u8]) -> Option<usize> {
    let table = |flags: u8| if flags & 0x80 != 0 { 3_usize << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + table(*bytes.get(10)?);
    for _ in 0..MAX_PARTS {
        match *bytes.get(at)? {
            0x3b => return Some(at + 1),
            0x21 => at = sub_blocks_end(bytes, at + 2)?,
            0x2c => at = sub_blocks_end(bytes, at + 11 + table(*bytes.get(at + 9)?))?,
            _ => return None,
        }
    }
    None
}

fn sub_blocks_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for _ in 0..MAX_PARTS {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(length),
        }
    }
    None
}

/// What kind of data it is, by its first bytes.
fn content_of(bytes: &[u8]) -> &'static str {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x7fELF", "program"),
        (b"PK\x03\x04", "archive"),
        (b"Rar!", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"\xfd7zXZ\0", "compressed"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"BZh", "compressed"),
        (b"x\x9c", "compressed"),
        (b"x\xda", "compressed"),
        (b"#!", "script"),
        (b"\xff\xd8\xff", "picture"),
        (b"\x89PNG", "picture"),
        (b"RIFF", "picture"),
        (b"<?xpacket", "metadata"),
        (b"<x:xmpmeta", "metadata"),
    ];
    let lead = bytes.trim_ascii_start();
    if let Some((_, content)) = MAGIC.iter().find(|(magic, _)| lead.starts_with(magic)) {
        return content;
    }
    if is_pe(lead) {
        return "program";
    }
    let head = lead.get(..lead.len().min(4096)).unwrap_or(lead);
    match std::str::from_utf8(head) {
        Ok(text) => content_of_text(text),
        Err(e) if e.valid_up_to() > 2048 => "text",
        Err(_) if entropy(head) > 7.2 => "dense data",
        Err(_) => "data",
    }
}

fn is_pe(bytes: &[u8]) -> bool {
    let offset = bytes.get(0x3c..0x40).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    bytes.starts_with(b"MZ")
        && offset.and_then(|at| bytes.get(at as usize..)).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

fn content_of_text(text: &str) -> &'static str {
    const SHELL: &[&str] = &["powershell", "cmd /c", "/bin/sh", "curl ", "wget ", "WScript."];
    let begins = |line: &str| {
        let line = line.trim_start();
        ["import ", "from ", "exec(", "eval(", "def "].iter().any(|w| line.starts_with(w))
    };
    let acts = ["import ", "exec(", "eval(", "compile("].iter().any(|w| text.contains(w));
    if acts && text.lines().take(40).any(begins) {
        "Python source"
    } else if SHELL.iter().any(|w| text.contains(w)) {
        "script"
    } else if is_encoded(text.as_bytes()) {
        "encoded text"
    } else {
        "text"
    }
}

fn is_encoded(bytes: &[u8]) -> bool {
    bytes.len() >= 64
        && bytes.iter().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
                || b.is_ascii_whitespace()
        })
        && bytes.iter().filter(|b| b.is_ascii_whitespace()).count() * 40 < bytes.len()
}

/// Shannon entropy in bits a byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = bytes.len().max(1) as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

/// A text file that holds one base64 or hexadecimal constant and nothing else; quotes around it are allowed.
fn encoded_fact(path: &str, bytes: &[u8]) -> Option<Fact> {
    const EXTENSIONS: &str =
        "txt json dat data cfg ini log md csv yml yaml toml conf tmp cache lock bin key db xml html";
    let suffix = extension(path).to_ascii_lowercase();
    let is_text = suffix.is_empty() || EXTENSIONS.split(' ').any(|e| e == suffix);
    if !is_text || bytes.len() > MAX_ENCODED || bytes.len() < MIN_ENCODED {
        return None;
    }
    let quoted = bytes.trim_ascii();
    let body = quoted.strip_prefix(b"\"").and_then(|b| b.strip_suffix(b"\"")).unwrap_or(quoted);
    let head = body.get(..body.len().min(2048))?;
    if body.len() < MIN_ENCODED || !is_encoded(head) || !is_encoded(body) {
        return None;
    }
    let text = std::str::from_utf8(head.get(..head.len() / 4 * 4)?).ok()?;
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit() || b.is_ascii_whitespace());
    let (encoding, decoded) =
        if is_hex { ("hex", decode_hex(text)?) } else { ("base64", decode_base64(text)?) };
    let content = content_of(&decoded);
    let fact = Fact::new("member.encoded-text", format!("the whole file is {content} in {encoding}"));
    Some(
        fact.with("encoding", encoding)
            .with("content", content)
            .with("size", body.len().to_string())
            .at(Site::whole(path.into())),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\0IENDcrc!";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x02data\xff\0\xff\xd0more\xff\xd9";
    const GIF: &[u8] = b"GIF89aAAAA AA!\xfe\x02hi\0;";

    fn content(bytes: &[u8], tail: &[u8]) -> Option<String> {
        let whole: Vec<u8> = bytes.iter().chain(tail).copied().collect();
        payload_facts("a.png", &whole).first().map(|f| f.detail("content").unwrap_or("").to_owned())
    }

    #[test]
    fn what_lies_behind_the_end_of_a_picture_is_named() {
        let wav = b"RIFF\x04\0\0\0WAVE";
        let bmp = [&b"BM\x1a\0\0\0\0\0\0\0"[..], &[0; 16]].concat();
        for picture in [PNG, JPEG, GIF, wav, &bmp] {
            assert_eq!(content(picture, b""), None, "{picture:?}");
            assert_eq!(content(picture, &[0; 100]), None, "padding");
            assert_eq!(
                content(picture, b"import os\nprint('hello')\n").as_deref(),
                Some("Python source"),
                "{picture:?}"
            );
            assert_eq!(content(picture, b"PK\x03\x04 and more of it").as_deref(), Some("archive"));
        }
    }

    #[test]
    fn a_picture_that_is_cut_has_no_end() {
        assert!(payload_facts("a.png", PNG.get(..14).unwrap()).is_empty());
        assert!(payload_facts("a.jpg", b"\xff\xd8\xff\xe0\xff\xffabc").is_empty());
    }

    #[test]
    fn a_file_that_is_one_constant_is_told_by_what_it_holds() {
        // "import os\n" many times over.
        let text = "aW1wb3J0IG9zCmltcG9ydCBvcwppbXBvcnQgb3MK".repeat(10);
        let fact = payload_facts("words.txt", text.as_bytes()).remove(0);
        assert_eq!(fact.detail("encoding"), Some("base64"));
        assert_eq!(fact.detail("content"), Some("Python source"));
        assert!(payload_facts("words.txt", b"These are words. ".repeat(40).as_slice()).is_empty());
        assert!(payload_facts("words.py", text.as_bytes()).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(front in 0..5_usize, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let fronts: [&[u8]; 5] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF"];
            let whole: Vec<u8> = fronts[front].iter().chain(&bytes).copied().collect();
            let _ = payload_facts("a.txt", &whole);
        }
    }
}
