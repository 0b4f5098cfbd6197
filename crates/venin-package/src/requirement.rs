//! Requirements: a lenient splitter for PEP 508 lines and for requirements files.
//!
//! A strict parser drops what it cannot parse; here a hostile or sloppy line still gives its name, and whatever
//! lies behind the name is kept as text.

use venin_model::{MemberPath, spelled_enum};

/// Longest requirement text kept, in characters.
const MAX_TEXT: usize = 2_000;
/// Most lines read of one requirements file.
const MAX_LINES: usize = 20_000;

spelled_enum! {
    /// Who asks for a requirement.
    pub enum Scope {
        /// Needed to run: metadata, `dependencies`, `install_requires`.
        Runtime = "runtime",
        /// Needed by an extra.
        Extra = "extra",
        /// Needed to build: `build-system.requires`, `setup_requires`.
        Build = "build",
        /// A line of a requirements file or a dependency group: nobody installs it by itself.
        File = "file",
    }
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The whole requirement as written, trimmed, at most 2,000 characters.
    pub text: String,
    /// The project name as written; empty when the line names only a URL or path.
    pub name: String,
    /// The extras asked for.
    pub extras: Vec<String>,
    /// The version specifier as written, without parentheses; empty when there is none.
    pub specifier: String,
    /// The environment marker behind `;`.
    pub marker: Option<String>,
    /// The direct reference behind `@`, or the URL that the line consists of.
    pub url: Option<String>,
    /// Who asks.
    pub scope: Scope,
    /// Where it stands, and the line from 1 (0 when the format has no meaningful lines).
    pub place: Option<(MemberPath, u32)>,
}

impl Requirement {
    /// The name as indexes compare it (PEP 503).
    #[must_use]
    pub fn normalized_name(&self) -> String {
        normalize_name(&self.name)
    }

    /// Whether the URL names a version control system (`git+https`, `hg+ssh`, `git://`).
    #[must_use]
    pub fn is_vcs(&self) -> bool {
        self.url.as_deref().is_some_and(is_vcs_url)
    }

    /// The same, asked for by another scope and at a place.
    #[must_use]
    pub(crate) fn placed(mut self, scope: Scope, member: &MemberPath, line: u32) -> Self {
        self.scope = scope;
        self.place = Some((member.clone(), line));
        self
    }
}

/// A project name as indexes compare it: lower case, runs of `-`, `_` and `.` as one dash (PEP 503).
#[must_use]
pub fn normalize_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.extend(c.to_lowercase());
        }
    }
    normal
}

/// Whether a URL names a version control system.
fn is_vcs_url(url: &str) -> bool {
    let scheme = url.split([':', '/']).next().unwrap_or("").to_ascii_lowercase();
    let system = scheme.split('+').next().unwrap_or("");
    matches!(system, "git" | "hg" | "svn" | "bzr")
        && (scheme.contains('+') || matches!(system, "git" | "svn"))
}

/// Splits one PEP 508 requirement.  `None` for text without a name and without a URL.
///
/// The result has [`Scope::Runtime`] and no place.
#[must_use]
pub fn parse_requirement(text: &str) -> Option<Requirement> {
    let text: String = text.trim().chars().take(MAX_TEXT).collect();
    let (front, marker) = split_marker(&text);
    if let Some(url) = bare_url(front) {
        let name = url.split("#egg=").nth(1).map(|e| e.split(['&', '[']).next().unwrap_or("")).unwrap_or("");
        return Some(requirement(&text, name, Vec::new(), "", marker, Some(url)));
    }
    let name_end =
        front.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(front.len());
    let (name, rest) = front.split_at_checked(name_end)?;
    if name.is_empty() {
        return None;
    }
    let (extras, rest) = split_extras(rest.trim_start());
    let rest = rest.trim();
    let (specifier, url) = match rest.strip_prefix('@') {
        Some(url) => ("", Some(url.trim())),
        None => (rest.trim_matches(['(', ')']).trim(), None),
    };
    Some(requirement(&text, name, extras, specifier, marker, url))
}

fn requirement(
    text: &str,
    name: &str,
    extras: Vec<String>,
    specifier: &str,
    marker: Option<&str>,
    url: Option<&str>,
) -> Requirement {
    Requirement {
        text: text.to_owned(),
        name: name.to_owned(),
        extras,
        specifier: specifier.to_owned(),
        marker: marker.map(str::to_owned),
        url: url.filter(|u| !u.is_empty()).map(str::to_owned),
        scope: Scope::Runtime,
        place: None,
    }
}

/// Behind a URL a marker needs a space before its semicolon, since URLs may hold semicolons.
fn split_marker(text: &str) -> (&str, Option<&str>) {
    let at = if text.contains("://") { text.find(" ;") } else { text.find(';') };
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((front, marker)) => (front.trim(), Some(marker.trim_start_matches([' ', ';']).trim())),
        None => (text.trim(), None),
    }
}

/// `[a, b] rest`.
fn split_extras(rest: &str) -> (Vec<String>, &str) {
    let Some((inside, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) else {
        return (Vec::new(), rest);
    };
    (inside.split(',').map(str::trim).filter(|e| !e.is_empty()).map(str::to_owned).collect(), after)
}

/// The text when all of it is one URL.
fn bare_url(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let fits = !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    fits.then_some(text)
}

/// An option in a requirements file that changes where packages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexOption {
    /// `--extra-index-url`, `--index-url`, `--find-links` or `--trusted-host`.
    pub option: &'static str,
    /// Its value as written.
    pub value: String,
    /// From 1.
    pub line: u32,
}

/// What a requirements file asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequirementsFile {
    /// Requirements in order, each with its line.
    pub requirements: Vec<(u32, Requirement)>,
    /// Options that change where packages come from.
    pub options: Vec<IndexOption>,
}

/// Reads a requirements file: comments, line continuations, options, editable and plain requirements.
pub(crate) fn parse_requirements_file(text: &str) -> RequirementsFile {
    let mut file = RequirementsFile::default();
    let mut pending = String::new();
    for (number, line) in (1u32..).zip(text.lines().take(MAX_LINES)) {
        let line = strip_comment(line);
        if let Some(front) = line.strip_suffix('\\') {
            pending.push_str(front);
            continue;
        }
        pending.push_str(line);
        let logical = std::mem::take(&mut pending);
        read_requirements_line(logical.trim(), number, &mut file);
    }
    file
}

/// A comment starts at the line's start or behind white space.
fn strip_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let cut = [" #", "\t#"].iter().filter_map(|c| line.find(c)).min();
    cut.and_then(|at| line.get(..at)).unwrap_or(line).trim_end()
}

fn read_requirements_line(line: &str, number: u32, file: &mut RequirementsFile) {
    if let Some(option) = index_option(line, number) {
        file.options.push(option);
        return;
    }
    let editable = line.strip_prefix("--editable").or_else(|| line.strip_prefix("-e"));
    let text = match editable {
        Some(rest) => rest.trim_start_matches([' ', '=']),
        None if line.starts_with('-') => return,
        None => line.split(" --").next().unwrap_or(line),
    };
    if let Some(requirement) = parse_requirement(text) {
        file.requirements.push((number, requirement));
    }
}

fn index_option(line: &str, number: u32) -> Option<IndexOption> {
    const OPTIONS: &[(&str, &str)] = &[
        ("--extra-index-url", "--extra-index-url"),
        ("--index-url", "--index-url"),
        ("--find-links", "--find-links"),
        ("--trusted-host", "--trusted-host"),
        ("-i ", "--index-url"),
        ("-f ", "--find-links"),
    ];
    let (prefix, option) = OPTIONS.iter().find(|(prefix, _)| line.starts_with(prefix))?;
    let value = line.get(prefix.len()..)?.trim_matches([' ', '=', '"', '\'']).to_owned();
    Some(IndexOption { option, value, line: number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_split_however_they_are_spelled() {
        // text, name, extras, specifier, marker, url
        type Case<'t> = (&'t str, &'t str, &'t [&'t str], &'t str, Option<&'t str>, Option<&'t str>);
        let cases: &[Case<'_>] = &[
            ("requests", "requests", &[], "", None, None),
            ("requests>=2,<3", "requests", &[], ">=2,<3", None, None),
            ("requests (>=2)", "requests", &[], ">=2", None, None),
            (
                "A.b-c [x, y] == 1.* ; python_version<'3'",
                "A.b-c",
                &["x", "y"],
                "== 1.*",
                Some("python_version<'3'"),
                None,
            ),
            (
                "d @ https://h.example/d.zip ; os_name=='nt'",
                "d",
                &[],
                "",
                Some("os_name=='nt'"),
                Some("https://h.example/d.zip"),
            ),
            (
                "git+https://h.example/x.git#egg=pkg",
                "pkg",
                &[],
                "",
                None,
                Some("git+https://h.example/x.git#egg=pkg"),
            ),
            ("broken ~~ 1", "broken", &[], "~~ 1", None, None),
        ];
        for (text, name, extras, specifier, marker, url) in cases {
            let read = parse_requirement(text).unwrap();
            assert_eq!(read.name, *name, "{text}");
            assert_eq!(read.extras, *extras, "{text}");
            assert_eq!(read.specifier, *specifier, "{text}");
            assert_eq!(read.marker.as_deref(), *marker, "{text}");
            assert_eq!(read.url.as_deref(), *url, "{text}");
        }
        assert_eq!(parse_requirement("  "), None);
        assert_eq!(parse_requirement("; x"), None);
    }

    #[test]
    fn version_control_urls_are_told_from_plain_ones() {
        for (url, is_vcs) in [
            ("git+ssh://git@h.example/x", true),
            ("git://h.example/x", true),
            ("hg+http://h.example/x", true),
            ("https://h.example/x.git", false),
            ("gitea+x", false),
        ] {
            assert_eq!(is_vcs_url(url), is_vcs, "{url}");
        }
    }

    #[test]
    fn a_requirements_file_gives_lines_and_index_options() {
        let file = parse_requirements_file(
            "# head\n--extra-index-url=https://i.example/simple\n-i https://j.example/simple  # why\n\
             a==1 \\\n  --hash=sha256:00\n-e git+https://h.example/b#egg=b\n-r other.txt\nc # d\n",
        );
        let names: Vec<_> = file.requirements.iter().map(|(line, r)| (*line, r.name.as_str())).collect();
        assert_eq!(names, [(5, "a"), (6, "b"), (8, "c")]);
        let options: Vec<_> = file.options.iter().map(|o| (o.option, o.value.as_str(), o.line)).collect();
        assert_eq!(
            options,
            [
                ("--extra-index-url", "https://i.example/simple", 2),
                ("--index-url", "https://j.example/simple", 3)
            ]
        );
    }

    #[test]
    fn names_compare_as_indexes_compare_them() {
        assert_eq!(normalize_name("My_.Project--X"), "my-project-x");
    }
}
