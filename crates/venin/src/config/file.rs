//! `venin.toml` and `[tool.venin]`: the text of a configuration as values, each error with file, line and key.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use venin_intel::claim::Surface;
use venin_intel::index::HttpUrl;
use venin_model::Persona;

use super::collection::ConfiguredSource;
use crate::cli::FailOn;
use crate::diagnostics::hinted;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileConfig {
    /// The file as the user would name it.
    pub(crate) path: PathBuf,
    /// The operating point.
    pub(crate) persona: Option<Persona>,
    /// The verdict from which a run fails.
    pub(crate) fail_on: Option<FailOn>,
    /// The package index.
    pub(crate) index_url: Option<String>,
    /// Names that are nobody else's: looked up only on an index that the user named.
    pub(crate) internal_names: Vec<String>,
    /// The user's mirrors: name and address.  Samples are looked for there after the index, by the order of the names.
    pub(crate) mirrors: BTreeMap<String, String>,
    /// Projects that every mirror has.
    pub(crate) mirror_controls: Vec<String>,
    /// Hosts of files that may be asked where the address of a file is known.
    pub(crate) file_hosts: Vec<String>,
    /// Rules that alone count, with the line; empty for all.
    pub(crate) rules_on: Vec<String>,
    /// Rules that do not count.
    pub(crate) rules_off: Vec<String>,
    /// The line of the table of rules.
    pub(crate) rules_line: usize,
    /// Findings that do not count.
    pub(crate) suppressions: Vec<Suppression>,
    /// What `venin collect` takes in.
    pub(crate) sources: Vec<ConfiguredSource>,
    /// Where an operator of a server can reach the user.
    pub(crate) contact: Option<String>,
}

/// Findings that the user has judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// A glob over members.
    pub(crate) path: Option<String>,
    /// A rule's id.
    pub(crate) rule: Option<String>,
    /// The digest of the artifact, in lower case.
    pub(crate) sha256: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// The last day on which it holds: `2026-12-31`.
    pub(crate) expires: Option<String>,
    /// Where it stands: `venin.toml:12`.
    pub(crate) source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    persona: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    index_url: Option<String>,
    #[serde(default)]
    internal_names: Vec<Spanned<String>>,
    #[serde(default)]
    mirrors: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    mirror_controls: Vec<String>,
    #[serde(default)]
    file_hosts: Vec<Spanned<String>>,
    rules: Option<Spanned<RulesTable>>,
    #[serde(default)]
    suppress: Vec<Spanned<SuppressTable>>,
    #[serde(default)]
    source: Vec<ConfiguredSource>,
    contact: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RulesTable {
    #[serde(default)]
    on: Vec<String>,
    #[serde(default)]
    off: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SuppressTable {
    path: Option<Spanned<String>>,
    rule: Option<String>,
    sha256: Option<Spanned<String>>,
    reason: Option<Spanned<String>>,
    expires: Option<Spanned<Day>>,
}

/// A day, with or without quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(toml::value::Datetime),
    Text(String),
}

#[derive(Deserialize)]
struct Project {
    tool: Option<Tools>,
}

#[derive(Deserialize)]
struct Tools {
    venin: Option<Table>,
}

/// Reads `venin.toml`, or, where the file is named `pyproject.toml`, its table `[tool.venin]`; `None` where it has none.
///
/// # Errors
/// What is wrong, with file, line and key.
pub(super) fn parse_config(path: &Path, text: &str) -> anyhow::Result<Option<FileConfig>> {
    let source = Source { path, text };
    let is_project = path.file_name().is_some_and(|name| name == "pyproject.toml");
    let table = if is_project {
        toml::from_str::<Project>(text).map(|project| project.tool.and_then(|tools| tools.venin))
    } else {
        toml::from_str::<Table>(text).map(Some)
    };
    let table = table.map_err(|error| {
        source.error(error.span().unwrap_or(0..0), error.message().lines().next().unwrap_or_default(), KEYS)
    })?;
    table.map(|table| source.interpret(table)).transpose()
}

const KEYS: &str = "the keys are persona, fail-on, index-url, internal-names, contact, mirror-controls, file-hosts, [mirrors], \
                    [rules] on and off, [[suppress]] path, rule, sha256, reason, expires, and [[source]] id, input, \
                    as; see docs/cli.md";

struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// `venin.toml:3: persona: message`.
    fn error(&self, span: Range<usize>, message: &str, hint: &str) -> anyhow::Error {
        let line = self.line(&span);
        let text = self.text.lines().nth(line - 1).unwrap_or_default();
        let key = text.split_once('=').map_or(text, |(key, _)| key).trim();
        let key = if key.is_empty() { String::new() } else { format!(" {key}:") };
        hinted(format!("{}:{line}:{key} {message}", self.path.display()), hint)
    }

    fn interpret(&self, table: Table) -> anyhow::Result<FileConfig> {
        let persona = table.persona.map(|text| self.parse_persona(&text)).transpose()?;
        let fail_on = table.fail_on.map(|text| self.parse_fail_on(&text)).transpose()?;
        let rules_line = table.rules.as_ref().map_or(0, |rules| self.line(&rules.span()));
        let rules = table.rules.map(Spanned::into_inner);
        let (rules_on, rules_off) = rules.map(|rules| (rules.on, rules.off)).unwrap_or_default();
        let suppressions: anyhow::Result<Vec<Suppression>> =
            table.suppress.into_iter().map(|entry| self.parse_suppression(entry)).collect();
        let mirrors: anyhow::Result<BTreeMap<String, String>> =
            table.mirrors.into_iter().map(|(id, url)| self.parse_mirror(id, &url)).collect();
        let file_hosts: anyhow::Result<Vec<String>> =
            table.file_hosts.into_iter().map(|url| self.parse_file_host(url)).collect();
        Ok(FileConfig {
            path: self.path.to_owned(),
            persona,
            fail_on,
            index_url: table.index_url,
            internal_names: table.internal_names.into_iter().map(Spanned::into_inner).collect(),
            mirrors: mirrors?,
            mirror_controls: table.mirror_controls,
            file_hosts: file_hosts?,
            rules_on,
            rules_off,
            rules_line,
            suppressions: suppressions?,
            sources: table.source,
            contact: table.contact,
        })
    }

    fn parse_persona(&self, text: &Spanned<String>) -> anyhow::Result<Persona> {
        Persona::parse(text.get_ref()).ok_or_else(|| {
            let message = format!("`{}` is no persona", text.get_ref());
            self.error(text.span(), &message, "possible values: registry, team, research")
        })
    }

    fn parse_fail_on(&self, text: &Spanned<String>) -> anyhow::Result<FailOn> {
        <FailOn as clap::ValueEnum>::from_str(text.get_ref(), false).map_err(|_| {
            let message = format!("`{}` is no verdict to fail on", text.get_ref());
            self.error(text.span(), &message, "possible values: suspicious, malicious, never")
        })
    }

    fn parse_mirror(&self, id: String, url: &Spanned<String>) -> anyhow::Result<(String, String)> {
        let hint = "a mirror is written NAME = \"https://mirror.example/simple\"";
        if HttpUrl::parse(url.get_ref()).is_none() {
            return Err(self.error(url.span(), "it is no address of a mirror", hint));
        }
        if format!("mirror:{id}").parse::<Surface>().is_err() {
            return Err(self.error(
                url.span(),
                "a mirror's name has neither spaces nor other letters than ASCII",
                hint,
            ));
        }
        Ok((id, url.get_ref().clone()))
    }

    fn parse_file_host(&self, url: Spanned<String>) -> anyhow::Result<String> {
        if HttpUrl::parse(url.get_ref()).is_none() {
            let hint = "a host of files is written \"https://files.example\"";
            return Err(self.error(url.span(), "it is no address of a host", hint));
        }
        Ok(url.into_inner())
    }

    fn parse_suppression(&self, entry: Spanned<SuppressTable>) -> anyhow::Result<Suppression> {
        let span = entry.span();
        let SuppressTable { path, rule, sha256, reason, expires } = entry.into_inner();
        let says_something = |text: &Spanned<String>| !text.get_ref().trim().is_empty();
        let Some(reason) = reason.filter(says_something) else {
            let hint = "add reason = \"...\": who reads this in a year must know why it is harmless";
            return Err(self.error(span, "a suppression needs a reason", hint));
        };
        if path.is_none() && rule.is_none() && sha256.is_none() {
            let hint = "name a path, a rule or a sha256; without one it would suppress everything";
            return Err(self.error(span, "a suppression must say what it suppresses", hint));
        }
        Ok(Suppression {
            path: path.map(Spanned::into_inner),
            rule,
            sha256: sha256.map(|text| self.parse_sha256(&text)).transpose()?,
            reason: reason.into_inner(),
            expires: expires.map(|day| self.parse_day(&day)).transpose()?,
            source: format!("{}:{}", self.path.display(), self.line(&span)),
        })
    }

    fn parse_sha256(&self, text: &Spanned<String>) -> anyhow::Result<String> {
        let digest = text.get_ref().to_ascii_lowercase();
        if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(digest);
        }
        Err(self.error(text.span(), "a SHA-256 has 64 hexadecimal digits", "`sha256sum FILE` prints it"))
    }

    fn parse_day(&self, day: &Spanned<Day>) -> anyhow::Result<String> {
        let text = match day.get_ref() {
            Day::Date(date) => date.to_string(),
            Day::Text(text) => text.clone(),
        };
        let is_day = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if is_day {
            return Ok(text);
        }
        Err(self.error(day.span(), &format!("`{text}` is no day"), "a day is written 2026-12-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, text: &str) -> anyhow::Result<Option<FileConfig>> {
        parse_config(Path::new(name), text)
    }

    fn error(text: &str) -> String {
        parse("venin.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn every_key_is_read() {
        let text = "persona = \"registry\"\nfail-on = \"suspicious\"\nindex-url = \"https://index.example/simple\"\n\
                    file-hosts = [\"https://files.example\"]\ninternal-names = [\"acme-*\"]\n[rules]\noff = [\"a\"]\n[[suppress]]\npath = \"tests/**\"\n\
                    reason = \"fixtures\"\nexpires = 2026-12-31\n[[source]]\nid = \"osv\"\ninput = \"records\"\n\
                    as = \"feed\"\n[mirrors]\nm = \"https://mirror.example/simple\"\n";
        let config = parse("venin.toml", text).unwrap().unwrap();
        assert_eq!((config.persona, config.fail_on), (Some(Persona::Registry), Some(FailOn::Suspicious)));
        assert_eq!((config.rules_off.as_slice(), config.rules_line), (&["a".to_owned()][..], 6));
        assert_eq!(config.file_hosts, ["https://files.example"]);
        assert_eq!(config.sources[0].named.as_deref(), Some("feed"));
        assert_eq!(config.mirrors["m"], "https://mirror.example/simple");
        let suppression = &config.suppressions[0];
        assert_eq!(suppression.source, "venin.toml:8");
        assert_eq!(suppression.expires.as_deref(), Some("2026-12-31"));
    }

    #[test]
    fn a_project_file_is_read_only_in_its_table() {
        assert_eq!(parse("pyproject.toml", "[project]\nname = \"x\"\n").unwrap(), None);
        let text = "[tool.ruff]\nline-length = 9\n[tool.venin]\npersona = \"team\"\n";
        assert_eq!(parse("pyproject.toml", text).unwrap().unwrap().persona, Some(Persona::Team));
    }

    #[test]
    fn an_error_names_file_line_and_key() {
        assert_eq!(error("\npersona = \"boss\"\n"), "venin.toml:2: persona: `boss` is no persona");
        assert_eq!(error("fail-on = \"x\"\n"), "venin.toml:1: fail-on: `x` is no verdict to fail on");
        assert!(error("personna = \"team\"\n").starts_with("venin.toml:1: personna: unknown field"));
        assert!(
            error("[[source]]\nid = \"osv\"\n")
                .starts_with("venin.toml:1: [[source]]: missing field `input`")
        );
        assert!(error("file-hosts = [\"nowhere\"]\n").contains("file-hosts: it is no address of a host"));
        assert!(error("persona = [1]\n").starts_with("venin.toml:1: persona: "));
        assert!(
            error("[[suppress]]\nrule = \"a\"\nreason = \"r\"\nsha256 = \"12\"\n")
                .starts_with("venin.toml:4: sha256")
        );
    }

    #[test]
    fn a_suppression_needs_a_reason_and_a_subject() {
        assert!(error("[[suppress]]\nrule = \"a\"\n").contains("needs a reason"));
        assert!(error("[[suppress]]\nrule = \"a\"\nreason = \" \"\n").contains("needs a reason"));
        assert!(error("[[suppress]]\nreason = \"all\"\n").contains("must say what it suppresses"));
        assert!(
            error("[[suppress]]\nrule = \"a\"\nreason = \"r\"\nexpires = \"soon\"\n").contains("is no day")
        );
    }
}
