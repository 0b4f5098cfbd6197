//! Names of distribution files: what they claim about name and version.
//!
//! Formats: the binary distribution format and the source distribution format of the packaging specifications,
//! and the egg naming of setuptools.  Never decides what a file is; content does.

use std::str::FromStr;

use pep440_rs::Version;

/// The form a file name announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// `.tar.gz`, `.zip` and other source archives.
    Source,
    /// `.whl`.
    Wheel,
    /// `.egg`.
    Egg,
}

/// What a distribution's file name claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionName {
    /// The form by its suffix.
    pub form: FileForm,
    /// The project name as written.
    pub name: String,
    /// The version as written.
    pub version: String,
    /// The compatibility tags of a wheel (`py3-none-any`), the Python tag of an egg, else empty.
    pub tags: String,
}

const SOURCE_SUFFIXES: &[&str] = &[
    ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tar.z", ".tar", ".zip",
];

/// Whether the name ends in a suffix of archives.
#[must_use]
pub fn has_archive_suffix(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    lower.ends_with(".whl") || lower.ends_with(".egg") || SOURCE_SUFFIXES.iter().any(|s| lower.ends_with(s))
}

/// Reads a distribution's file name; folders in front are ignored.  `None` when it follows none of the formats.
#[must_use]
pub fn parse_file_name(file_name: &str) -> Option<DistributionName> {
    let name = file_name.rsplit(['/', '\\']).next()?;
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".whl") {
        return parse_wheel(name.get(..name.len() - 4)?);
    }
    if lower.ends_with(".egg") {
        return parse_egg(name.get(..name.len() - 4)?);
    }
    let suffix = SOURCE_SUFFIXES.iter().find(|s| lower.ends_with(*s))?;
    let stem = name.get(..name.len() - suffix.len())?;
    if has_wheel_tags(stem) {
        return parse_wheel(stem);
    }
    let (name, version) = split_version(stem)?;
    Some(DistributionName { form: FileForm::Source, name, version, tags: String::new() })
}

/// Whether a stem ends as a wheel's does: a wheel that was packed again keeps its name.
fn has_wheel_tags(stem: &str) -> bool {
    let mut parts = stem.rsplit('-');
    let (platform, abi, python) = (parts.next(), parts.next(), parts.next());
    let is_python = python
        .is_some_and(|p| ["py2", "py3", "cp2", "cp3", "pp2", "pp3"].iter().any(|tag| p.starts_with(tag)));
    is_python && abi.is_some() && platform.is_some() && parts.next().is_some()
}

/// `name-version[-build]-python-abi-platform`.
fn parse_wheel(stem: &str) -> Option<DistributionName> {
    let parts: Vec<&str> = stem.splitn(12, '-').collect();
    let tags_at = parts.len().checked_sub(3).filter(|at| *at >= 2)?;
    let tags = parts.get(tags_at..)?.join("-");
    let (name, version) = match parts.get(..tags_at)? {
        [name, version] => ((*name).to_owned(), (*version).to_owned()),
        [name, version, build] if starts_with_digit(build) => ((*name).to_owned(), (*version).to_owned()),
        rest => split_version(&rest.join("-"))?,
    };
    Some(DistributionName { form: FileForm::Wheel, name, version, tags })
}

/// `name-version-py3.8[-platform]`.
fn parse_egg(stem: &str) -> Option<DistributionName> {
    let (front, tags) = match stem.find("-py") {
        Some(at) => (stem.get(..at)?, stem.get(at + 1..)?),
        None => (stem, ""),
    };
    let (name, version) = split_version(front)?;
    Some(DistributionName { form: FileForm::Egg, name, version, tags: tags.to_owned() })
}

/// Splits `my-project-1.0` at the first dash after which everything is a version, or else at the last dash.
pub(crate) fn split_version(stem: &str) -> Option<(String, String)> {
    const MAX_DASHES: usize = 16;
    let dashes: Vec<usize> = stem.match_indices('-').map(|(at, _)| at).collect();
    let recent = dashes.get(dashes.len().saturating_sub(MAX_DASHES)..)?;
    let by_version = recent.iter().find(|at| {
        stem.get(*at + 1..).is_some_and(|rest| starts_with_digit(rest) && Version::from_str(rest).is_ok())
    });
    let at = by_version.or(dashes.last())?;
    let (name, version) = (stem.get(..*at)?, stem.get(at + 1..)?);
    (!name.is_empty() && !version.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether two spellings name the same version by PEP 440; texts that are no versions compare as they are.
///
/// A text longer than any version is compared as it is.
#[must_use]
pub fn same_version(left: &str, right: &str) -> bool {
    const MAX_VERSION: usize = 512;
    let read = |text: &str| {
        if text.len() > MAX_VERSION { None } else { Version::from_str(&text.replace('_', "-")).ok() }
    };
    match (read(left.trim()), read(right.trim())) {
        (Some(left), Some(right)) => left == right,
        _ => left.trim() == right.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file_name: &str) -> Option<(String, String)> {
        parse_file_name(file_name).map(|n| (n.name, n.version))
    }

    #[test]
    fn names_and_versions_are_taken_from_file_names() {
        let cases = [
            ("requests-2.32.3.tar.gz", "requests", "2.32.3"),
            ("my-project-1.0.zip", "my-project", "1.0"),
            ("a_b-1.0-py3-none-any.whl", "a_b", "1.0"),
            ("a_b-1.0-2-py2.py3-none-any.whl", "a_b", "1.0"),
            ("x-1.0.post1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "x", "1.0.post1"),
            ("old-0.6c11-py2.7.egg", "old", "0.6c11"),
            ("folder/py2neo-2021.2.4.tar.gz", "py2neo", "2021.2.4"),
            ("odd-name-1.0-1.tar.bz2", "odd-name", "1.0-1"),
            ("x-final.tgz", "x", "final"),
            ("a_b-1.0-py3-none-any.tar.gz", "a_b", "1.0"),
            ("dash-ed-name-1.0-py3-none-any.whl", "dash-ed-name", "1.0"),
        ];
        for (file, name, version) in cases {
            assert_eq!(read(file), Some((name.to_owned(), version.to_owned())), "{file}");
        }
        for file in ["noversion.tar.gz", "x.py", "", "-.tar.gz", "a-b.whl", "-1.0.tar.gz"] {
            assert_eq!(read(file), None, "{file}");
        }
    }

    #[test]
    fn versions_compare_by_meaning() {
        assert!(same_version("1.0", "1.0.0"));
        assert!(same_version("1.0-1", "1.0.post1"));
        assert!(!same_version("1.0", "1.1"));
        assert!(same_version("weird", "weird"));
    }
}
