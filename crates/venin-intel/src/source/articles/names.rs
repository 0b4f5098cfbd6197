//! Names and versions of packages as they are written in prose, lists and commands.

use venin_package::is_popular;

use super::indicators::{is_common_top, is_file_suffix};
use crate::claim::Subject;

/// Most versions of one mention.
const MOST_VERSIONS: usize = 64;

/// Words that are no package where they stand.
const STOP: &[&str] = &[
    "package",
    "packages",
    "name",
    "names",
    "version",
    "versions",
    "python",
    "pypi",
    "pip",
    "pip3",
    "npm",
    "malicious",
    "malware",
    "the",
    "and",
    "or",
    "a",
    "an",
    "of",
    "in",
    "on",
    "all",
    "none",
    "any",
    "n/a",
    "na",
    "unknown",
    "yes",
    "no",
    "import",
    "install",
    "exec",
    "eval",
    "setup",
    "init",
    "main",
    "linux",
    "windows",
    "macos",
    "this",
    "these",
    "that",
    "it",
    "note",
    "see",
    "url",
    "domain",
    "sha256",
    "md5",
    "sha1",
    "hash",
    "ip",
    "file",
    "total",
    "downloads",
    "date",
    "project",
    "library",
    "indicator",
    "indicators",
    "type",
    "value",
    "description",
    "base64",
    "requests.get",
    "latest",
];

/// A mention of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// The normalized name.
    pub(super) name: String,
    pub(super) versions: Vec<String>,
}

/// Whether many use a package of this name: accusing it as a whole is almost surely a misreading.
pub(super) fn is_well_known(name: &str) -> bool {
    is_popular(name)
}

/// A name that could be a package's, normalized.
pub(super) fn parse_name(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(|c| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’'));
    let is_measured = (2..=80).contains(&text.len()) && text.chars().any(|c| c.is_ascii_alphabetic());
    let is_framed = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !is_measured || !is_framed || STOP.contains(&text.to_lowercase().as_str()) {
        return None;
    }
    let is_digest = matches!(text.len(), 32 | 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_other = text.rsplit_once('.').is_some_and(|(_, end)| is_file_suffix(end) || is_common_top(end));
    let is_version = parse_version(text).is_some() && text.starts_with(['v', 'V']);
    if is_digest || is_other || is_version {
        return None;
    }
    Subject::project(text).ok().map(|subject| subject.name().to_owned())
}

/// A version: a number, perhaps after a `v`, with what belongs to it (PEP 440).
pub(super) fn parse_version(text: &str) -> Option<&str> {
    let text =
        text.trim().trim_matches(|c| matches!(c, '"' | '\'' | '`' | '“' | '”' | ',' | ';' | '(' | ')'));
    let text = text.trim_end_matches('.');
    let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let is_body = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'!' | b'-');
    let is_version = number.len() <= 40
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(is_body)
        && (number.contains('.') || number.len() <= 3);
    is_version.then_some(number)
}

/// All versions in a text that holds nothing else but words between them.
pub(super) fn parse_versions(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '(' | ')'));
    let mut versions: Vec<String> = parts
        .map(|part| part.trim_start_matches('='))
        .filter_map(parse_version)
        .map(ToOwned::to_owned)
        .collect();
    versions.dedup();
    versions.truncate(MOST_VERSIONS);
    versions
}

/// What is set off as code or bold: a name alone, or with its versions (`name==1.0`, `name 1.0`, `name@1.0`).
pub(super) fn parse_mention(text: &str) -> Option<Mention> {
    let text =
        text.trim().trim_matches(|c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | ':' | ',' | ';'));
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, '=' | '@' | '(' | ',')).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if rest.starts_with('(') {
        // A call, not a package.
        return None;
    }
    let name = parse_name(name)?;
    let is_filler = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.is_empty()
            || parse_version(word).is_some()
            || matches!(
                word.to_ascii_lowercase().as_str(),
                "version" | "versions" | "and" | "to" | "v" | "through"
            )
    };
    let words = rest.split(|c: char| c.is_whitespace() || matches!(c, '=' | '@' | ',' | '(' | ')' | '/'));
    if !words.into_iter().all(is_filler) {
        return None;
    }
    Some(Mention { name, versions: parse_versions(&rest.replace(['=', '@'], " ")) })
}

/// An item of a list of packages: the name leads, alone or followed by its versions or, after a dash or a colon, by
/// a description that is not looked at.
pub(super) fn parse_item(text: &str) -> Option<Mention> {
    let text = text.trim();
    let cut = [" - ", " – ", " — ", ": ", " | ", " ("].iter().filter_map(|mark| text.find(mark)).min();
    let Some(cut) = cut else { return parse_mention(text) };
    let (head, rest) = text.split_at_checked(cut)?;
    let mut mention = parse_mention(head)?;
    if mention.versions.is_empty() {
        // Versions count only where nothing but versions follows, or where brackets hold nothing else.
        let rest = rest.trim_start_matches([' ', '-', '–', '—', ':', '|']);
        let inner =
            rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(inner, _)| inner);
        let probe = format!("{} {inner}", mention.name);
        mention.versions = parse_mention(&probe).map(|probe| probe.versions).unwrap_or_default();
    }
    Some(mention)
}

/// The packages that a command line with `pip install` names.
pub(super) fn parse_install(line: &str) -> Vec<Mention> {
    let Some((before, after)) = line.split_once("pip install ").or_else(|| line.split_once("pip3 install "))
    else {
        return Vec::new();
    };
    let lead = before.trim_end_matches("python -m ").trim_end_matches("python3 -m ").trim();
    let is_command =
        lead.trim_start_matches(['$', '>', '%', '#', '!', ' ']).is_empty() || lead.ends_with("sudo");
    if !is_command {
        return Vec::new();
    }
    let end = after.find(['&', '|', ';', '#', '\n', '>', '<', '`']).unwrap_or(after.len());
    let words = after.get(..end).unwrap_or_default().split_whitespace();
    words
        .take_while(|word| !matches!(*word, "-r" | "-c" | "-e"))
        .filter(|word| !word.starts_with('-'))
        .take(50)
        .filter_map(parse_mention)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Option<(String, String)> {
        parse_item(text).map(|mention| (mention.name, mention.versions.join(" ")))
    }

    #[test]
    fn items_of_lists_are_read_in_their_usual_forms() {
        let cases = [
            ("Demo_Tool", "demo-tool", ""),
            ("demo-tool (1.0.2)", "demo-tool", "1.0.2"),
            ("demo-tool==1.0", "demo-tool", "1.0"),
            ("demo-tool@2.1.0", "demo-tool", "2.1.0"),
            ("demo-tool – 1.0, 1.1 and 1.2", "demo-tool", "1.0 1.1 1.2"),
            ("demo-tool versions v1.0 and 1.1rc1", "demo-tool", "1.0 1.1rc1"),
            ("demo-tool: steals 2 cookies in 3.5 seconds", "demo-tool", ""),
            ("“demo-tool” (versions 0.1, 0.2)", "demo-tool", "0.1 0.2"),
        ];
        for (text, name, versions) in cases {
            assert_eq!(item(text), Some((name.to_owned(), versions.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_taken() {
        let long = "a".repeat(5_000_000);
        let texts = [
            "bad.com",
            "setup.py",
            "The package downloads",
            "v1.2.3",
            "1.2.3",
            "",
            "a",
            "python",
            "../etc",
            "x y z",
            "payload.exe",
            "d41d8cd98f00b204e9800998ecf8427e",
            "192.0.2.1",
            "os.system(",
            long.as_str(),
        ];
        for text in texts {
            assert_eq!(item(text), None, "{}", text.chars().take(40).collect::<String>());
        }
    }

    #[test]
    fn an_install_command_names_its_packages() {
        let names = |line: &str| parse_install(line).into_iter().map(|m| m.name).collect::<Vec<_>>();
        assert_eq!(names("$ pip install demo-tool==1.0 other && run x"), ["demo-tool", "other"]);
        assert_eq!(names("python3 -m pip install --upgrade demo-tool"), ["demo-tool"]);
        assert!(names("os.system('pip install demo-tool')").is_empty());
        assert!(names("pip install -r requirements.txt").is_empty());
    }
}
