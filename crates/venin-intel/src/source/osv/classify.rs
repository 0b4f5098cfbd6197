//! Whether a record is about malice at all, and which class it states.

use super::record::Record;
use crate::claim::Class;

/// CWE-506 (embedded malicious code) and the weaknesses below it in MITRE's tree.
const MALICE: &[&str] =
    &["CWE-506", "CWE-507", "CWE-508", "CWE-509", "CWE-510", "CWE-511", "CWE-512", "CWE-912"];

/// How summaries of records about malice begin.
const SUMMARIES: &[&str] =
    &["malicious code in ", "malware in ", "embedded malicious code in ", "malicious package "];

/// What a text says when a real project's releases were poisoned.  All are phrases about releases and accounts: words
/// such as "malicious" or "account takeover" alone are in ordinary advisories.
const TAKEOVERS: &[&str] = &[
    "account compromise",
    "activated malware",
    "contained malware",
    "contains malware",
    "malicious release",
    "replaced with a malicious",
    "taken over via",
    "was taken over",
];

/// A text that has a word of each says that something bad was put on the index.
const POISONINGS: [&[&str]; 3] = [
    &["pypi", "package index"],
    &["published", "pushed", "uploaded"],
    &["backdoor", "compromised", "cryptominer", "malicious", "malware"],
];

/// Whether the record says that a package is malicious, rather than vulnerable.
#[must_use]
pub fn is_about_malice(record: &Record) -> bool {
    let is_malicious_id = |id: &str| id.starts_with("MAL-");
    is_malicious_id(&record.id)
        || record.aliases.iter().any(|id| is_malicious_id(id))
        || record.database_specific.get("malicious-packages-origins").is_some()
        || record.weaknesses().iter().any(|id| MALICE.contains(&id.as_str()))
        || has_malicious_summary(record)
        || is_takeover(record)
}

fn has_malicious_summary(record: &Record) -> bool {
    let summary = record.summary.trim_start().to_ascii_lowercase();
    SUMMARIES.iter().any(|start| summary.starts_with(start))
}

/// Whether the record says that somebody else published releases of a real project.
///
/// Records of the packaging authority carry no weakness; their text is what there is.
pub(super) fn is_takeover(record: &Record) -> bool {
    if !record.id.starts_with("PYSEC-") {
        return false;
    }
    let text = format!("{} {}", record.summary, record.details).to_ascii_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    TAKEOVERS.iter().any(|phrase| text.contains(phrase))
        || POISONINGS.iter().all(|words| words.iter().any(|word| text.contains(word)))
}

/// What the whole record states; [`Class::Malware`] when it states nothing nearer.
#[must_use]
pub fn classify_record(record: &Record) -> Class {
    if is_takeover(record) {
        return Class::Compromised;
    }
    let stated: Vec<Class> = category_lines(&record.details).filter_map(parse_category).collect();
    let rank = |class: &Class| match class {
        Class::Malware => 3,
        Class::Pentest => 2,
        Class::Spam => 1,
        _ => 0,
    };
    if let Some(worst) = stated.into_iter().max_by_key(rank) {
        return worst;
    }
    let summary = record.summary.to_ascii_lowercase();
    let markers = [
        ("dependency confusion", Class::DependencyConfusion),
        ("protestware", Class::Protestware),
        ("compromised", Class::Compromised),
        ("account takeover", Class::Compromised),
    ];
    let found = markers.iter().find(|(marker, _)| summary.contains(marker));
    found.map_or(Class::Malware, |(_, class)| *class)
}

/// What one of the merged reports states: the section of the details that names its digest.
#[must_use]
pub fn classify_origin(record: &Record, sha256: &str) -> Option<Class> {
    let section = source_sections(&record.details).find(|section| section.sha256 == sha256)?;
    category_lines(section.text).find_map(parse_category)
}

/// A section of merged details, headed `## Source: NAME (SHA256)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSection<'a> {
    /// The source's key.
    pub source: &'a str,
    /// The digest of the source's own record, unchecked.
    pub sha256: &'a str,
    /// The text below the heading.
    pub text: &'a str,
}

/// The sections of merged details, at most 256.
pub fn source_sections(details: &str) -> impl Iterator<Item = SourceSection<'_>> {
    details.split("## Source: ").skip(1).take(256).filter_map(|section| {
        let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
        let (source, rest) = heading.split_once(" (")?;
        let sha256 = rest.trim_end().strip_suffix(')')?;
        Some(SourceSection { source, sha256, text })
    })
}

fn category_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("Category:"))
}

/// The categories of the one feed that states them.
fn parse_category(line: &str) -> Option<Class> {
    match line.split_whitespace().next()? {
        "MALICIOUS" | "HIGHLY_SUSPICIOUS" => Some(Class::Malware),
        "PENTEST" | "PROBABLY_PENTEST" => Some(Class::Pentest),
        "SPAM" => Some(Class::Spam),
        "HIGH_RISK_HACKING_TOOLS" => Some(Class::Unknown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, summary: &str, details: &str) -> Record {
        Record { id: id.into(), summary: summary.into(), details: details.into(), ..Record::default() }
    }

    #[test]
    fn an_ordinary_vulnerability_is_not_malice() {
        let text =
            "A malicious user can upload a file of a compromised host, which leads to account takeover.";
        assert!(!is_about_malice(&record("PYSEC-2026-9", "", text)));
        assert!(!is_about_malice(&record("GHSA-aaaa-bbbb-cccc", "Denial of service in a", text)));
    }

    #[test]
    fn a_project_that_was_taken_over_is_compromised() {
        let text = "The demo project was taken over via user\n  account compromise and replaced.";
        let record = record("PYSEC-2026-1", "", text);
        assert!(is_about_malice(&record));
        assert_eq!(classify_record(&record), Class::Compromised);
    }

    #[test]
    fn a_weakness_below_embedded_malicious_code_is_malice() {
        let mut record = record("GHSA-aaaa-bbbb-cccc", "", "");
        record.database_specific = serde_json::json!({"cwe_ids": ["CWE-506"]});
        assert!(is_about_malice(&record));
    }

    #[test]
    fn the_worst_stated_category_is_the_records_and_each_report_keeps_its_own() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let details = format!(
            "---\n## Source: one ({a})\nText.\nCategory: PROBABLY_PENTEST - looks like a test.\n\
             ## Source: two ({b})\nNothing stated.\n"
        );
        let record = record("MAL-2026-1", "Malicious code in demo", &details);
        assert_eq!(classify_record(&record), Class::Pentest);
        assert_eq!(classify_origin(&record, &a), Some(Class::Pentest));
        assert_eq!(classify_origin(&record, &b), None);
    }
}
