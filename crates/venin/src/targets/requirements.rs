//! Requirements files: the lines of the format that pip documents.
//!
//! Nothing is followed silently: an option that names another index, or further places to find files, is a problem
//! unless it names the index in use; options that only matter for installing are passed over.

use std::path::{Path, PathBuf};

use crate::index::mask_credentials;
use crate::index::parse_sha256;

/// Most logical lines read of one file.
const MAX_LINES: usize = 100_000;

/// A logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The first physical line, from 1.
    pub(super) number: usize,
    /// What it says.
    pub(super) entry: Entry,
}

/// What a logical line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A requirement, or a path; which of the two is decided as on the command line.
    Requirement {
        /// The line without options.
        text: String,
        /// SHA-256 digests of its `--hash` options.
        hashes: Vec<String>,
        /// Whether it has `--hash` options that are not SHA-256 alone.
        has_other_hashes: bool,
    },
    /// `-e PATH`.
    Editable(String),
    /// `-r FILE`.
    Include(PathBuf),
    /// `-c FILE`.
    Constraint(PathBuf),
    /// An option that decides where packages come from.
    Source {
        /// The option's name.
        option: String,
        /// Its value, without credentials.
        value: String,
    },
    /// An option that nobody knows.
    Unknown(String),
}

/// Options that matter for installing only; those that take a value, and those that do not.
const PASSED_OVER: &[&str] =
    &["--no-binary", "--only-binary", "--trusted-host", "--use-feature", "--config-settings"];
const PASSED_OVER_FLAGS: &[&str] = &["--pre", "--prefer-binary", "--require-hashes", "--no-build-isolation"];

/// Reads the lines of a requirements file.
pub(super) fn parse_requirements(text: &str) -> Vec<Line> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = join_lines(text).into_iter().take(MAX_LINES);
    lines.filter_map(|(number, line)| Some(Line { number, entry: parse_line(&line)? })).collect()
}

/// Logical lines without comments, each with the number of its first physical line.
fn join_lines(text: &str) -> Vec<(usize, String)> {
    let mut joined: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (at, line) in text.lines().enumerate() {
        let (line, goes_on) = match line.strip_suffix('\\') {
            Some(line) if !line.trim_start().starts_with('#') => (line, true),
            _ => (line, false),
        };
        match joined.last_mut() {
            Some((_, last)) if continues => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => joined.push((at + 1, line.trim().to_owned())),
        }
        continues = goes_on;
    }
    for (_, line) in &mut joined {
        let end = comment_start(line);
        line.truncate(end);
    }
    joined.retain(|(_, line)| !line.trim().is_empty());
    joined
}

/// A `#` at the start or after white space begins a comment; one inside a URL does not.
fn comment_start(line: &str) -> usize {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return at;
        }
        before = c;
    }
    line.len()
}

fn parse_line(line: &str) -> Option<Entry> {
    if !line.starts_with('-') {
        return Some(parse_requirement_line(line));
    }
    let (option, value) = match line.find(|c: char| c == '=' || c.is_whitespace()) {
        Some(at) => (line.get(..at)?, line.get(at + 1..)?.trim()),
        // `-rfile` is written without a space now and then.
        None if !line.starts_with("--") && line.len() > 2 => line.split_at_checked(2)?,
        None => (line, ""),
    };
    let value = value.trim_matches(['"', '\'']);
    match option {
        "-r" | "--requirement" => Some(Entry::Include(value.into())),
        "-c" | "--constraint" => Some(Entry::Constraint(value.into())),
        "-e" | "--editable" => Some(Entry::Editable(value.to_owned())),
        "-i" | "--index-url" | "--pypi-url" | "--extra-index-url" | "-f" | "--find-links" | "--no-index" => {
            Some(Entry::Source { option: option.to_owned(), value: mask_credentials(value) })
        }
        option if PASSED_OVER.contains(&option) || PASSED_OVER_FLAGS.contains(&option) => None,
        option => Some(Entry::Unknown(option.to_owned())),
    }
}

/// `name==1 ; marker --hash=sha256:... --hash sha256:...`.
fn parse_requirement_line(line: &str) -> Entry {
    let options_at = line.match_indices(" --").map(|(at, _)| at).next().unwrap_or(line.len());
    let (text, options) = line.split_at(options_at);
    let mut hashes = Vec::new();
    let mut has_other_hashes = false;
    for value in options.split("--hash").skip(1) {
        let value = value.trim_start_matches(['=', ' ']).split_whitespace().next().unwrap_or_default();
        match value.split_once(':') {
            Some(("sha256", digest)) if parse_sha256(digest).is_some() => hashes.extend(parse_sha256(digest)),
            _ => has_other_hashes = true,
        }
    }
    Entry::Requirement { text: text.trim().to_owned(), hashes, has_other_hashes }
}

/// A path of a requirements file is meant below the file's own directory.
pub(super) fn beside(file: &Path, path: &Path) -> PathBuf {
    file.parent().map_or_else(|| path.to_owned(), |directory| directory.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<Entry> {
        parse_requirements(text).into_iter().map(|line| line.entry).collect()
    }

    fn requirement(text: &str, hashes: &[String]) -> Entry {
        Entry::Requirement { text: text.into(), hashes: hashes.to_vec(), has_other_hashes: false }
    }

    #[test]
    fn hashes_on_continued_lines_belong_to_their_requirement() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let text = format!(
            "# top\nsix==1.16 ; python_version > '3' \\\n    --hash=sha256:{a} \\\n    --hash sha256:{b}\nx\n"
        );
        let lines = parse_requirements(&text);
        assert_eq!(lines[0].entry, requirement("six==1.16 ; python_version > '3'", &[a, b]));
        assert_eq!((lines[0].number, lines[1].number), (2, 5));
    }

    #[test]
    fn comments_are_not_part_of_a_line_but_fragments_are() {
        assert_eq!(entries("six # why\n  # no\nx @ https://h.example/x.whl#sha256=1\n").len(), 2);
        assert_eq!(entries("six# odd")[0], requirement("six# odd", &[]));
    }

    #[test]
    fn options_that_name_places_are_told_and_others_passed_over() {
        let text = "--index-url https://u:p@i.example/simple\n-rmore.txt\n--requirement=x.txt\n-c c.txt\n-e ./p\n\
                    --pre\n--only-binary :all:\n--strange\n--no-index\n";
        assert_eq!(
            entries(text),
            [
                Entry::Source {
                    option: "--index-url".into(),
                    value: "https://u:***@i.example/simple".into()
                },
                Entry::Include("more.txt".into()),
                Entry::Include("x.txt".into()),
                Entry::Constraint("c.txt".into()),
                Entry::Editable("./p".into()),
                Entry::Unknown("--strange".into()),
                Entry::Source { option: "--no-index".into(), value: String::new() },
            ]
        );
    }
}
