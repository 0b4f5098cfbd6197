//! Core metadata (`METADATA`, `PKG-INFO`): PEP 241, 314, 345, 566, 643, 685, 639 in one lenient reader.
//!
//! The format is RFC 822 headers with a body.  Nothing is rejected: unknown fields are kept, broken lines are counted.

use venin_model::MemberPath;

/// Most header lines read of one file.
const MAX_HEADERS: usize = 20_000;

/// The fields of core metadata, as written.  `UNKNOWN`, which old tools write for nothing, reads as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoreMetadata {
    /// The member it was read from; `None` when the artifact has no metadata.
    pub member: Option<MemberPath>,
    /// `Metadata-Version`.
    pub metadata_version: Option<String>,
    /// `Name`.
    pub name: Option<String>,
    /// `Version`.
    pub version: Option<String>,
    /// `Summary`.
    pub summary: Option<String>,
    /// The description: the body, or the `Description` header.
    pub description: Option<String>,
    /// `Description-Content-Type`.
    pub description_content_type: Option<String>,
    /// `Home-page`.
    pub home_page: Option<String>,
    /// `Download-URL`.
    pub download_url: Option<String>,
    /// `Author`.
    pub author: Option<String>,
    /// `Author-email`.
    pub author_email: Option<String>,
    /// `Maintainer`.
    pub maintainer: Option<String>,
    /// `Maintainer-email`.
    pub maintainer_email: Option<String>,
    /// `License`.
    pub license: Option<String>,
    /// `License-Expression`.
    pub license_expression: Option<String>,
    /// `License-File`, repeated.
    pub license_files: Vec<String>,
    /// `Keywords`, unsplit: old tools use spaces, new ones commas.
    pub keywords: Option<String>,
    /// `Classifier`, repeated.
    pub classifiers: Vec<String>,
    /// `Platform` and `Supported-Platform`, repeated.
    pub platforms: Vec<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
    /// `Requires-Dist` and the older `Requires`, repeated, unparsed.
    pub requires_dist: Vec<String>,
    /// `Provides-Dist` and `Provides`, repeated.
    pub provides_dist: Vec<String>,
    /// `Obsoletes-Dist` and `Obsoletes`, repeated.
    pub obsoletes_dist: Vec<String>,
    /// `Provides-Extra`, repeated.
    pub provides_extra: Vec<String>,
    /// `Requires-External`, repeated.
    pub requires_external: Vec<String>,
    /// `Project-URL`, repeated: label and URL.
    pub project_urls: Vec<(String, String)>,
    /// `Dynamic`, repeated.
    pub dynamic: Vec<String>,
    /// Fields that no version of the format knows.
    pub other: Vec<(String, String)>,
    /// Names of fields that may stand once and stand again; the first value counts, as it does for installers.
    pub repeated: Vec<String>,
    /// How many header lines are no headers.
    pub broken_lines: usize,
}

impl CoreMetadata {
    /// Every e-mail address in the author and maintainer fields, in order, as written.
    #[must_use]
    pub fn emails(&self) -> Vec<&str> {
        [&self.author_email, &self.maintainer_email, &self.author, &self.maintainer]
            .into_iter()
            .flatten()
            .flat_map(|field| field.split([',', ' ', '<', '>', '"', '(', ')', '\n', '\t']))
            .filter(|word| word.find('@').is_some_and(|at| at > 0 && at + 1 < word.len()))
            .collect()
    }

    /// Every URL the project gives for itself.
    #[must_use]
    pub fn urls(&self) -> Vec<&str> {
        let single = [&self.home_page, &self.download_url].into_iter().flatten().map(String::as_str);
        single.chain(self.project_urls.iter().map(|(_, url)| url.as_str())).collect()
    }
}

/// Reads core metadata.  Bytes that are no UTF-8 become replacement characters.
#[must_use]
pub fn parse_metadata(bytes: &[u8]) -> CoreMetadata {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut metadata = CoreMetadata::default();
    let (headers, body) = split_headers(text, &mut metadata.broken_lines);
    for (name, value) in headers {
        metadata.set(&name, &value);
    }
    if metadata.description.is_none() {
        metadata.description = meaningful(body);
    }
    metadata
}

/// Unfolds the headers up to the first empty line, and gives the rest.
fn split_headers<'t>(text: &'t str, broken_lines: &mut usize) -> (Vec<(String, String)>, &'t str) {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    while let Some(line) = next_line(&mut rest) {
        if line.is_empty() || headers.len() >= MAX_HEADERS {
            break;
        }
        if line.starts_with([' ', '\t']) {
            match headers.last_mut() {
                Some((_, value)) => push_folded(value, line),
                None => *broken_lines += 1,
            }
        } else if let Some((name, value)) = line.split_once(':')
            && !name.trim().contains(char::is_whitespace)
        {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        } else {
            *broken_lines += 1;
        }
    }
    (headers, rest)
}

/// Takes a line, without its ending, off the front of the text.
fn next_line<'t>(rest: &mut &'t str) -> Option<&'t str> {
    if rest.is_empty() {
        return None;
    }
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = after;
    Some(line.strip_suffix('\r').unwrap_or(line))
}

/// Old tools indent a folded description by eight spaces, some by seven and a bar.
fn push_folded(value: &mut String, line: &str) {
    let text =
        line.strip_prefix("       |").or_else(|| line.strip_prefix("        ")).unwrap_or(line.trim_start());
    value.push('\n');
    value.push_str(text);
}

fn meaningful(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text != "UNKNOWN").then(|| text.to_owned())
}

impl CoreMetadata {
    /// Files one header where it belongs.
    fn set(&mut self, name: &str, value: &str) {
        let lower = name.to_ascii_lowercase().replace('_', "-");
        if let Some(field) = self.single_field(&lower) {
            if field.is_none() {
                *field = meaningful(value);
            } else {
                self.repeated.push(lower);
            }
            return;
        }
        let Some(value) = meaningful(value) else { return };
        match self.repeated_field(&lower) {
            Some(list) => list.push(value),
            None if lower == "project-url" => {
                let (label, url) = value.split_once(',').unwrap_or(("", &value));
                self.project_urls.push((label.trim().to_owned(), url.trim().to_owned()));
            }
            None => self.other.push((name.to_owned(), value)),
        }
    }

    fn single_field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "metadata-version" => &mut self.metadata_version,
            "name" => &mut self.name,
            "version" => &mut self.version,
            "summary" => &mut self.summary,
            "description" => &mut self.description,
            "description-content-type" => &mut self.description_content_type,
            "home-page" => &mut self.home_page,
            "download-url" => &mut self.download_url,
            "author" => &mut self.author,
            "author-email" => &mut self.author_email,
            "maintainer" => &mut self.maintainer,
            "maintainer-email" => &mut self.maintainer_email,
            "license" => &mut self.license,
            "license-expression" => &mut self.license_expression,
            "keywords" => &mut self.keywords,
            "requires-python" => &mut self.requires_python,
            _ => return None,
        })
    }

    fn repeated_field(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "license-file" => &mut self.license_files,
            "classifier" => &mut self.classifiers,
            "platform" | "supported-platform" => &mut self.platforms,
            "requires-dist" | "requires" => &mut self.requires_dist,
            "provides-dist" | "provides" => &mut self.provides_dist,
            "obsoletes-dist" | "obsoletes" => &mut self.obsoletes_dist,
            "provides-extra" => &mut self.provides_extra,
            "requires-external" => &mut self.requires_external,
            "dynamic" => &mut self.dynamic,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modern_metadata_with_a_body_is_read() {
        let metadata = parse_metadata(
            b"Metadata-Version: 2.1\r\nName: demo\r\nVersion: 1.0\r\nClassifier: A\r\nClassifier: B\r\n\
              Project-URL: Source, https://code.example/demo\r\nRequires-Dist: other>=1\r\n\r\nLong text\n",
        );
        assert_eq!(metadata.name.as_deref(), Some("demo"));
        assert_eq!(metadata.classifiers, ["A", "B"]);
        assert_eq!(metadata.project_urls, [("Source".to_owned(), "https://code.example/demo".to_owned())]);
        assert_eq!(metadata.description.as_deref(), Some("Long text"));
        assert_eq!(metadata.requires_dist, ["other>=1"]);
    }

    #[test]
    fn unknown_and_empty_values_read_as_absent() {
        let metadata = parse_metadata(b"Name: demo\nSummary: UNKNOWN\nHome-page:\nDescription: UNKNOWN\n");
        assert_eq!(metadata.summary, None);
        assert_eq!(metadata.home_page, None);
        assert_eq!(metadata.description, None);
    }

    #[test]
    fn a_folded_description_loses_its_indent() {
        let metadata =
            parse_metadata(b"Name: demo\nDescription: One\n        two\n          three\nAuthor: me\n");
        assert_eq!(metadata.description.as_deref(), Some("One\ntwo\n  three"));
        assert_eq!(metadata.author.as_deref(), Some("me"));
    }

    #[test]
    fn the_first_of_two_names_counts_and_the_second_is_noted() {
        let metadata = parse_metadata(b"Name: one\nName: two\nnot a header\n");
        assert_eq!(metadata.name.as_deref(), Some("one"));
        assert_eq!(metadata.repeated, ["name"]);
        assert_eq!(metadata.broken_lines, 1);
    }

    #[test]
    fn addresses_are_found_inside_display_names() {
        let metadata = parse_metadata(b"Author-email: \"A B\" <a@mail.example>, c@mail.example\n");
        assert_eq!(metadata.emails(), ["a@mail.example", "c@mail.example"]);
    }
}
