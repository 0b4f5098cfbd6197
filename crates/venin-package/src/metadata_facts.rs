//! Facts about what a release says of itself: what is left empty, what contradicts, what looks made up.

use std::str::FromStr;

use pep440_rs::Version;
use venin_model::{Fact, Site};

use crate::declared::Declared;
use crate::filename::{DistributionName, same_version, split_version};
use crate::layout::Layout;
use crate::metadata::CoreMetadata;
use crate::package::PackageKind;
use crate::path::lists;
use crate::requirement::normalize_name;

/// A description below this many characters says hardly anything.
const SHORT_DESCRIPTION: usize = 80;
/// Projects that count versions do not come this far.  Those that count by date do.
const HIGH_MAJOR: u64 = 99;

/// Every fact about metadata.
pub(crate) fn metadata_facts(
    layout: &Layout<'_>,
    declared: &Declared,
    claimed: Option<&DistributionName>,
    version: Option<&str>,
) -> Vec<Fact> {
    let mut facts = mismatches(layout, declared, claimed);
    if let Some(reason) = version.and_then(placeholder_reason) {
        let fact = Fact::new("metadata.placeholder-version", "the version is a placeholder or absurdly high");
        facts.push(fact.with("reason", reason).with("version", version.unwrap_or("")));
    }
    let metadata = &declared.metadata;
    if metadata.member.is_some() {
        facts.extend(empty_fields(metadata));
        facts.extend(description_facts(metadata));
        facts.extend(mail_facts(metadata));
        facts.extend(format_facts(metadata));
        facts.extend(made_up_fields(metadata));
        facts.extend(declared_test(metadata));
    } else if matches!(layout.kind, PackageKind::Sdist | PackageKind::Wheel | PackageKind::Egg) {
        facts.push(Fact::new("metadata.missing", "the distribution has no core metadata"));
    }
    facts
}

fn at_metadata(metadata: &CoreMetadata, fact: Fact) -> Fact {
    match &metadata.member {
        Some(member) => fact.at(Site::whole(member.clone())),
        None => fact,
    }
}

fn empty_fields(metadata: &CoreMetadata) -> Vec<Fact> {
    let has_author =
        [&metadata.author, &metadata.author_email, &metadata.maintainer, &metadata.maintainer_email]
            .into_iter()
            .any(Option::is_some);
    let has_license = metadata.license.is_some()
        || metadata.license_expression.is_some()
        || !metadata.license_files.is_empty();
    let checks = [
        (metadata.summary.is_none(), "metadata.no-summary", "the metadata has no summary"),
        (
            metadata.urls().is_empty(),
            "metadata.no-homepage",
            "the metadata names no home page or project URL",
        ),
        (!has_author, "metadata.no-author", "the metadata names no author or maintainer"),
        (!has_license, "metadata.no-license", "the metadata names no license"),
        (metadata.classifiers.is_empty(), "metadata.no-classifiers", "the metadata has no classifiers"),
    ];
    let missing = checks.into_iter().filter(|(is_missing, _, _)| *is_missing);
    missing.map(|(_, kind, message)| at_metadata(metadata, Fact::new(kind, message))).collect()
}

fn description_facts(metadata: &CoreMetadata) -> Option<Fact> {
    let Some(description) = &metadata.description else {
        return Some(at_metadata(
            metadata,
            Fact::new("metadata.no-description", "the metadata has no description"),
        ));
    };
    let length = description.chars().take(SHORT_DESCRIPTION).count();
    let fact = || Fact::new("metadata.short-description", format!("the description has {length} characters"));
    (length < SHORT_DESCRIPTION).then(|| at_metadata(metadata, fact().with("length", length.to_string())))
}

fn mail_facts(metadata: &CoreMetadata) -> Option<Fact> {
    let emails = metadata.emails();
    let Some(first) = emails.first() else {
        return Some(at_metadata(
            metadata,
            Fact::new("metadata.no-email", "the metadata names no e-mail address"),
        ));
    };
    let domain = |email: &str| email.rsplit('@').next().unwrap_or("").to_ascii_lowercase();
    let is_free = emails.iter().all(|email| is_free_mail(&domain(email)));
    let fact =
        || Fact::new("metadata.free-mail", "every address in the metadata is with a free mail service");
    is_free.then(|| at_metadata(metadata, fact().with("domain", domain(first))))
}

/// Services where anyone gets an address at once; most honest one-person projects use one too.
fn is_free_mail(domain: &str) -> bool {
    const DOMAINS: &str = "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com icloud.com me.com aol.com \
        proton.me protonmail.com pm.me tutanota.com tuta.io qq.com 163.com 126.com foxmail.com sina.com \
        yeah.net mail.ru bk.ru inbox.ru list.ru rambler.ru ya.ru mail.com email.com zoho.com \
        fastmail.com naver.com web.de seznam.cz wp.pl";
    let brand = domain.split('.').next().unwrap_or("");
    lists(DOMAINS, domain) || matches!(brand, "yahoo" | "ymail" | "yandex" | "gmx" | "hotmail" | "outlook")
}

fn format_facts(metadata: &CoreMetadata) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !metadata.repeated.is_empty() {
        let fact = Fact::new("metadata.repeated-field", "a field that may stand once stands several times");
        facts.push(at_metadata(metadata, fact.with("fields", metadata.repeated.join(" "))));
    }
    if metadata.broken_lines > 0 {
        let fact = Fact::new("metadata.malformed", "lines among the headers are no headers");
        facts.push(at_metadata(metadata, fact.with("lines", metadata.broken_lines.to_string())));
    }
    facts
}

/// Values that tutorials and templates put in, and addresses nobody can own.
fn made_up_fields(metadata: &CoreMetadata) -> Vec<Fact> {
    let fields = [
        ("author", metadata.author.as_deref()),
        ("author-email", metadata.author_email.as_deref()),
        ("maintainer-email", metadata.maintainer_email.as_deref()),
        ("home-page", metadata.home_page.as_deref()),
        ("summary", metadata.summary.as_deref()),
    ];
    let made_up =
        fields.into_iter().filter_map(|(field, value)| Some((field, value.filter(|v| is_template(v))?)));
    let facts = made_up.map(|(field, value)| {
        let shown: String = value.chars().take(120).collect();
        let fact = Fact::new("metadata.template-value", format!("{field} holds a template's text"));
        at_metadata(metadata, fact.with("field", field).with("value", shown))
    });
    facts.collect()
}

fn is_template(value: &str) -> bool {
    const PHRASES: &[&str] = &[
        "your name",
        "yourname",
        "your_name",
        "your.email",
        "your email",
        "youremail",
        "your_email",
        "example author",
        "author@example",
        "you@example",
        "me@example",
        "example.com",
        "example.org",
        "a small example package",
        "example package",
        "yourusername",
        "your_username",
        "my first",
        "john doe",
        "foo@bar",
        "test@test",
        "short description",
        "package description",
        "add your description here",
    ];
    let value = value.to_lowercase();
    PHRASES.iter().any(|phrase| value.contains(phrase))
}

/// `metadata.declared-test`: the summary says that the release is a test of an attack (`of` is `attack`) or research.
///
/// A description is no evidence: tools against attacks name them there, as do those who hold a name.
fn declared_test(metadata: &CoreMetadata) -> Option<Fact> {
    const PROOFS: &[&str] = &["poc", "proof of concept", "harmless", "pentest", "pentesting"];
    const RESEARCH: &[&str] =
        &["research package", "security research", "security researcher", "bug bounty", "bugbounty"];
    const DEFENSES: &[&str] = &[
        "against",
        "avoid",
        "check",
        "checks",
        "detect",
        "detects",
        "finds",
        "prevent",
        "prevents",
        "protect",
        "scan",
        "scanner",
        "placeholder",
        "reserved",
    ];
    let summary = metadata.summary.as_deref()?;
    let words: Vec<String> = summary
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(60)
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    let says = |phrase: &str| text.contains(&format!(" {phrase} "));
    if DEFENSES.iter().any(|word| says(word)) {
        return None;
    }
    let is_test =
        || says("test") || says("testing") || says("demo") || says("poc") || says("proof of concept");
    let is_confusion = says("dependency confusion") && is_test();
    let is_package = || says("package") || says("safe poc") || says("module") || is_confusion;
    let proof = PROOFS.iter().find(|phrase| says(phrase));
    let (of, words) = match (is_confusion, proof) {
        (true, _) => ("attack", "dependency confusion"),
        (false, Some(proof)) if is_package() => ("attack", *proof),
        (false, Some(proof)) => ("research", *proof),
        (false, None) => ("research", RESEARCH.iter().copied().find(|phrase| says(phrase))?),
    };
    let fact = Fact::new("metadata.declared-test", format!("the summary speaks of {words}"));
    Some(at_metadata(metadata, fact.with("of", of).with("words", words)))
}

/// Why the version is no honest one, if so: `zero` or `high`.
fn placeholder_reason(version: &str) -> Option<&'static str> {
    let version = Version::from_str(version.trim()).ok()?;
    let release = version.release();
    let major = release.first().copied()?;
    let is_pre = version.any_prerelease() || version.is_post();
    if release.iter().all(|part| *part == 0) && !is_pre {
        return Some("zero");
    }
    let is_repeated = release.len() > 1 && major >= 9 && release.iter().all(|part| *part == major);
    (is_repeated || (major >= HIGH_MAJOR && !is_date(major))).then_some("high")
}

/// A year, a date as one number, or a date of two-digit year.
fn is_date(number: u64) -> bool {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1990..=2100).contains(&number)
        || (199_001..=210_012).contains(&number) && (1..=12).contains(&day)
        || (1990..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// A pair of statements that should agree.
struct Claim<'a> {
    source: &'static str,
    name: Option<&'a str>,
    version: Option<&'a str>,
}

fn mismatches(layout: &Layout<'_>, declared: &Declared, claimed: Option<&DistributionName>) -> Vec<Fact> {
    let metadata = &declared.metadata;
    let info = layout.dist_infos.first().and_then(|info| split_version(info.strip_suffix(".dist-info")?));
    let mut claims = Vec::new();
    if let Some(claimed) = claimed {
        claims.push(Claim {
            source: "file name",
            name: Some(&claimed.name),
            version: Some(&claimed.version),
        });
    }
    if let Some((name, version)) = &info {
        claims.push(Claim { source: "dist-info folder", name: Some(name), version: Some(version) });
    }
    for (_, file) in &declared.files {
        claims.push(Claim {
            source: "project file",
            name: file.name.as_deref(),
            version: file.version.as_deref(),
        });
    }
    let mut facts = Vec::new();
    for claim in claims {
        if let (Some(stated), Some(other)) = (metadata.name.as_deref(), claim.name)
            && normalize_name(stated) != normalize_name(other)
        {
            facts.push(mismatch(metadata, "name", stated, other, claim.source));
        }
        if let (Some(stated), Some(other)) = (metadata.version.as_deref(), claim.version)
            && !same_version(stated, other)
        {
            facts.push(mismatch(metadata, "version", stated, other, claim.source));
        }
    }
    facts
}

fn mismatch(metadata: &CoreMetadata, field: &str, stated: &str, other: &str, source: &str) -> Fact {
    let fact = Fact::new("metadata.mismatch", format!("metadata and {source} disagree about the {field}"));
    at_metadata(
        metadata,
        fact.with("field", field).with("metadata", stated).with("other", other).with("source", source),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholder_versions_are_told_from_dates() {
        let cases = [
            ("0.0.0", Some("zero")),
            ("0", Some("zero")),
            ("0.0.0a1", None),
            ("0.0.1", None),
            ("1.0", None),
            ("99.99.99", Some("high")),
            ("9.9.9", Some("high")),
            ("9999.0.0", Some("high")),
            ("100.1", Some("high")),
            ("2024.8.30", None),
            ("20240830", None),
            ("202408.1", None),
            ("84.2.1", None),
            ("6.6.6", None),
            ("nonsense", None),
        ];
        for (version, reason) in cases {
            assert_eq!(placeholder_reason(version), reason, "{version}");
        }
    }

    #[test]
    fn a_summary_that_speaks_of_an_attack_test_is_told_from_one_of_a_defense() {
        let cases = [
            ("Proof of concept for dependency confusion", Some("attack")),
            ("A package for testing dependency confusion", Some("attack")),
            ("Demo of a migration (safe PoC)", Some("attack")),
            ("Security research package", Some("research")),
            ("Finds packages open to dependency confusion", None),
            ("Placeholder to prevent dependency confusion, a PoC", None),
            ("Epoch conversions", None),
        ];
        for (summary, of) in cases {
            let metadata = CoreMetadata { summary: Some(summary.to_owned()), ..CoreMetadata::default() };
            let fact = declared_test(&metadata);
            assert_eq!(fact.as_ref().and_then(|f| f.detail("of")), of, "{summary}");
        }
    }

    #[test]
    fn template_texts_are_recognized() {
        assert!(is_template("Your Name"));
        assert!(is_template("author@example.com"));
        assert!(!is_template("Ada Lovelace"));
    }
}
