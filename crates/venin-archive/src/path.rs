//! Member paths: from the archive's bytes to one normal form, with the ways a name can deceive.

use crate::anomaly::AnomalyKind;

/// A name after normalisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NormalName {
    /// `/`-separated, relative, control characters escaped; `.` for the root itself.
    pub(crate) path: String,
    /// What is odd about the name as written.
    pub(crate) oddities: Vec<(AnomalyKind, &'static str)>,
}

/// Normalises a name as CPython and pip would unpack it: cut at a NUL, backslashes as separators.
pub(crate) fn normalize_name(raw: &[u8]) -> NormalName {
    let mut oddities = Vec::new();
    let cut = raw.split(|b| *b == 0).next().unwrap_or_default();
    if cut.len() < raw.len() {
        oddities.push((AnomalyKind::NulInName, "the name goes on after a NUL"));
    }
    let text = decode_name(cut, &mut oddities);
    if text.is_empty() {
        oddities.push((AnomalyKind::EmptyName, "the member has no name"));
    }
    if text.chars().any(is_deceptive) {
        oddities.push((AnomalyKind::ControlInName, "the name holds control or direction characters"));
    }
    if text.contains('\\') {
        oddities.push((AnomalyKind::BackslashPath, "the path is written with backslashes"));
    }
    let text = text.replace('\\', "/");
    if has_drive(&text) {
        oddities.push((AnomalyKind::DrivePath, "the path starts with a drive or network share"));
    } else if text.starts_with('/') {
        oddities.push((AnomalyKind::AbsolutePath, "the path starts at the root"));
    }
    if text.split('/').any(|s| s == "..") {
        let what = if escapes_root(&text) {
            "the path leaves the root by `..`"
        } else {
            "the path has `..` segments"
        };
        oddities.push((AnomalyKind::ParentPath, what));
    }
    NormalName { path: escape(&resolve_segments(&text)), oddities }
}

/// The path of a link's target, seen from the root of the archive.  Symbolic targets are relative to the
/// folder of the link, hard targets to the root.  `None` when the target leaves the root.
pub(crate) fn resolve_target(link: &str, target: &[u8], is_relative_to_link: Relative) -> Option<String> {
    let text = String::from_utf8_lossy(target).replace('\\', "/");
    if text.starts_with('/') || has_drive(&text) {
        return None;
    }
    let joined = match (is_relative_to_link, link.rsplit_once('/')) {
        (Relative::ToLink, Some((folder, _))) => format!("{folder}/{text}"),
        _ => text,
    };
    (!escapes_root(&joined)).then(|| escape(&resolve_segments(&joined)))
}

/// What a link's target is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relative {
    /// The folder that holds the link.
    ToLink,
    /// The root of the archive.
    ToRoot,
}

/// Writes control and direction characters as `\u{..}` so that a name cannot forge output.
pub(crate) fn escape(text: &str) -> String {
    if !text.chars().any(is_deceptive) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 8), |mut out, c| {
        if is_deceptive(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

/// The same for bytes of unknown encoding, cut to a length that fits a message.
pub(crate) fn escape_bytes(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes));
    let mut shown = escape(&text);
    if bytes.len() > SHOWN {
        shown.push('…');
    }
    shown
}

/// Cuts a path to `limit` bytes at a character boundary.
pub(crate) fn cut_path(path: &mut String, limit: usize) -> bool {
    if path.len() <= limit {
        return false;
    }
    let end = (0..=limit).rev().find(|i| path.is_char_boundary(*i)).unwrap_or(0);
    path.truncate(end);
    true
}

/// UTF-8 where it is, otherwise one character for each byte.
fn decode_name(bytes: &[u8], oddities: &mut Vec<(AnomalyKind, &'static str)>) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            oddities.push((AnomalyKind::NameEncoding, "the name is not UTF-8"));
            bytes.iter().map(|b| char::from(*b)).collect()
        }
    }
}

/// Control characters, and characters that change the direction or are not seen.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) || text.starts_with("//")
}

/// Whether following the segments goes above the root at any point.
fn escapes_root(text: &str) -> bool {
    let mut depth = 0_i64;
    text.split('/').any(|segment| {
        match segment {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

/// Drops empty and `.` segments and resolves `..` where there is something to resolve.
fn resolve_segments(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in text.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|s| *s != "..") => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    if kept.is_empty() { ".".to_owned() } else { kept.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oddities(raw: &[u8]) -> Vec<AnomalyKind> {
        normalize_name(raw).oddities.iter().map(|o| o.0).collect()
    }

    #[test]
    fn ordinary_names_stay_and_have_no_oddity() {
        for name in ["a.py", "pkg-1.0/src/a b.py", "пример/é.py", "a..b/..c"] {
            assert_eq!(
                normalize_name(name.as_bytes()),
                NormalName { path: name.to_owned(), oddities: vec![] }
            );
        }
        assert_eq!(normalize_name(b"./pkg//a.py").path, "pkg/a.py");
        assert_eq!(normalize_name(b"./").path, ".");
    }

    #[test]
    fn each_oddity_is_named() {
        assert_eq!(oddities(b"/etc/x"), [AnomalyKind::AbsolutePath]);
        assert_eq!(oddities(b"../x"), [AnomalyKind::ParentPath]);
        assert_eq!(oddities(b"C:\\w.py"), [AnomalyKind::BackslashPath, AnomalyKind::DrivePath]);
        assert_eq!(oddities(b"\\\\host\\x"), [AnomalyKind::BackslashPath, AnomalyKind::DrivePath]);
        assert_eq!(oddities(b"a.py\0.txt"), [AnomalyKind::NulInName]);
        assert_eq!(oddities(b"a\nb"), [AnomalyKind::ControlInName]);
        assert_eq!(oddities("gp\u{202e}yp.exe".as_bytes()), [AnomalyKind::ControlInName]);
        assert_eq!(oddities(b"\xff.py"), [AnomalyKind::NameEncoding]);
        assert_eq!(oddities(b""), [AnomalyKind::EmptyName]);
    }

    #[test]
    fn a_name_is_cut_at_nul_as_cpython_does() {
        assert_eq!(normalize_name(b"a.py\0.txt").path, "a.py");
    }

    #[test]
    fn parent_segments_resolve_unless_they_escape() {
        assert_eq!(normalize_name(b"a/../b.py").path, "b.py");
        assert_eq!(normalize_name(b"../../b.py").path, "../../b.py");
    }

    #[test]
    fn link_targets_resolve_from_the_link_or_the_root() {
        assert_eq!(resolve_target("a/b/link", b"../c.py", Relative::ToLink).as_deref(), Some("a/c.py"));
        assert_eq!(resolve_target("a/b/link", b"a/c.py", Relative::ToRoot).as_deref(), Some("a/c.py"));
        assert_eq!(resolve_target("link", b"../c.py", Relative::ToLink), None);
        assert_eq!(resolve_target("link", b"/etc/passwd", Relative::ToLink), None);
    }

    #[test]
    fn a_cut_path_ends_at_a_character() {
        let mut path = "aéb".to_owned();
        assert!(cut_path(&mut path, 2));
        assert_eq!(path, "a");
    }
}
