//! What a claim is about: a project, a release or a file.

use std::fmt;

use thiserror::Error;
use venin_package::normalize_name;

use super::digest::Digest;

/// Longest name, version or file name taken in, in bytes.  Indexes allow far less.
pub const MAX_FIELD: usize = 512;

/// What a claim is about, from a project down to a file.
///
/// Claims are matched by digest first, by name and version second, by the bare name last: a name that somebody else
/// registers later is not condemned by what its first owner did.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    name: String,
    version: Option<String>,
    file_name: Option<String>,
    sha256: Option<Digest>,
}

/// A subject that cannot be: nothing that an index would take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WrongSubject {
    /// The name has characters that no project name has, or none at all.
    #[error("`{0}` is no project name: letters, digits, `.`, `-` and `_`, at most 512 bytes")]
    Name(String),
    /// The version has white space, control characters or a slash.
    #[error("`{0}` is no version")]
    Version(String),
    /// The file name has a path or control characters.
    #[error("`{0}` is no file name")]
    FileName(String),
}

impl Subject {
    /// A project; the name is normalized (PEP 503).
    ///
    /// # Errors
    /// [`WrongSubject::Name`].
    pub fn project(name: &str) -> Result<Self, WrongSubject> {
        let name = name.trim();
        let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let has_letter = name.bytes().any(|b| b.is_ascii_alphanumeric());
        if !has_letter || name.len() > MAX_FIELD || !name.bytes().all(is_name_byte) {
            return Err(WrongSubject::Name(shown(name)));
        }
        Ok(Self { name: normalize_name(name), version: None, file_name: None, sha256: None })
    }

    /// The release of this version; the version is kept as it is written.
    ///
    /// # Errors
    /// [`WrongSubject::Version`].
    pub fn with_version(mut self, version: &str) -> Result<Self, WrongSubject> {
        let version = version.trim();
        let is_wrong = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\');
        let is_dots = version.chars().all(|c| c == '.');
        if is_dots || version.len() > MAX_FIELD || version.contains(is_wrong) {
            return Err(WrongSubject::Version(shown(version)));
        }
        self.version = Some(version.to_owned());
        Ok(self)
    }

    /// The file of this name.
    ///
    /// # Errors
    /// [`WrongSubject::FileName`].
    pub fn with_file(mut self, file_name: &str) -> Result<Self, WrongSubject> {
        let is_wrong = |c: char| c.is_control() || matches!(c, '/' | '\\');
        let is_dots = file_name.chars().all(|c| c == '.');
        if is_dots || file_name.len() > MAX_FIELD || file_name.contains(is_wrong) {
            return Err(WrongSubject::FileName(shown(file_name)));
        }
        self.file_name = Some(file_name.to_owned());
        Ok(self)
    }

    /// The file with this digest.
    #[must_use]
    pub fn with_sha256(mut self, sha256: Digest) -> Self {
        self.sha256 = Some(sha256);
        self
    }

    /// The same subject without its digest.
    #[must_use]
    pub fn without_sha256(&self) -> Self {
        Self { sha256: None, ..self.clone() }
    }

    /// The normalized name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, as written.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The file's name.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The file's digest.
    #[must_use]
    pub fn sha256(&self) -> Option<Digest> {
        self.sha256
    }

    /// As a package URL: `pkg:pypi/NAME@VERSION?file_name=FILE`.
    #[must_use]
    pub fn to_purl(&self) -> String {
        let mut purl = format!("pkg:pypi/{}", self.name);
        if let Some(version) = &self.version {
            purl.push('@');
            push_encoded(&mut purl, version);
        }
        if let Some(file) = &self.file_name {
            purl.push_str("?file_name=");
            push_encoded(&mut purl, file);
        }
        purl
    }
}

impl fmt::Display for Subject {
    /// `name`, `name==version`, `name==version (file)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(version) = &self.version {
            write!(f, "=={version}")?;
        }
        if let Some(file) = &self.file_name {
            write!(f, " ({file})")?;
        }
        Ok(())
    }
}

/// A hostile text, short and printable.
fn shown(text: &str) -> String {
    text.chars().take(48).flat_map(char::escape_debug).collect()
}

/// Percent-encodes all but the unreserved characters (RFC 3986).
fn push_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_indexes_compare_them() {
        assert_eq!(Subject::project("Foo__Bar.baz"), Subject::project("foo-bar-baz"));
    }

    #[test]
    fn a_package_url_names_release_and_file() {
        let subject = Subject::project("a").unwrap().with_version("1.0+local").unwrap();
        let subject = subject.with_file("a-1.0+local.tar.gz").unwrap();
        assert_eq!(subject.to_purl(), "pkg:pypi/a@1.0%2Blocal?file_name=a-1.0%2Blocal.tar.gz");
        assert_eq!(subject.to_string(), "a==1.0+local (a-1.0+local.tar.gz)");
    }

    #[test]
    fn hostile_fields_are_refused_and_named_in_short() {
        let long = "a".repeat(10_000_000);
        for name in ["", "..", "../etc", "a\u{1b}[31m", "ä", long.as_str()] {
            let error = Subject::project(name).unwrap_err().to_string();
            assert!(error.len() < 300 && !error.contains('\u{1b}'), "{error}");
        }
        let project = Subject::project("a").unwrap();
        for version in ["", "..", "1 0", "1/0", "1\n2"] {
            assert!(project.clone().with_version(version).is_err());
        }
        for file in ["", "..", "../x", "a\\b", "\0"] {
            assert!(project.clone().with_file(file).is_err());
        }
    }
}
