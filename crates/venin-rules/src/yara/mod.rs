//! YARA rules of a user's own, which give facts.
//!
//! Every engine gives the same fact for a rule that matches a member: `yara.match` with the details `namespace`,
//! `rule` and `tags` (sorted, joined by spaces), and with `severity` and `description` if the rule's meta has them.
//! No engine reads files, follows `include`, or looks at a clock;
//! what is counted is how many bytes of a member are searched and how often a string may match.

mod boreal_engine;
#[cfg(feature = "yara-x")]
mod yara_x_engine;

use std::sync::Arc;

use thiserror::Error;
use venin_model::{Fact, Severity, Site};

pub use boreal_engine::BorealMatcher;
#[cfg(feature = "yara-x")]
pub use yara_x_engine::YaraXMatcher;

/// Most bytes of a member that are searched.
pub const MAX_BYTES: usize = 64 << 20;

/// Most occurrences of one string that are looked at.
pub const MAX_OCCURRENCES: u16 = 1_000;

/// Longest description kept of a rule, in characters.
const MAX_DESCRIPTION: usize = 200;

/// YARA rules in source form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YaraSource<'a> {
    /// The name of the file, which becomes the namespace.
    pub name: &'a str,
    /// The rules.
    pub text: &'a str,
}

/// A YARA file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name}: {message}")]
pub struct YaraError {
    /// The name of the source.
    pub name: String,
    /// What the engine says.
    pub message: String,
}

/// Something that looks for byte patterns in members.
pub trait ByteMatcher: Send + Sync {
    /// The facts about a member, in ascending order.
    fn match_bytes(&self, member: &str, bytes: &[u8]) -> Vec<Fact>;
}

/// The part of a member that is searched.
fn within_limit(bytes: &[u8]) -> &[u8] {
    bytes.get(..MAX_BYTES).unwrap_or(bytes)
}

/// The fact that every engine gives for a match.  Of the meta entries, only texts are looked at.
fn fact_of_match<'a>(
    member: &str,
    namespace: &str,
    rule: &str,
    mut tags: Vec<&str>,
    meta: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Fact {
    tags.sort_unstable();
    let fact = Fact::new("yara.match", format!("YARA rule `{rule}` of `{namespace}` matches"))
        .at(Site::whole(Arc::from(member)))
        .with("namespace", namespace)
        .with("rule", rule)
        .with("tags", tags.join(" "));
    meta.fold(fact, |fact, (key, value)| match (key, std::str::from_utf8(value)) {
        ("severity", Ok(text)) => match Severity::parse(&text.to_ascii_lowercase()) {
            Some(severity) if fact.detail(key).is_none() => fact.with(key, severity.as_str()),
            _ => fact,
        },
        ("description", Ok(text)) if fact.detail(key).is_none() => {
            fact.with(key, text.chars().take(MAX_DESCRIPTION).collect::<String>())
        }
        _ => fact,
    })
}

/// Adds that a member was not searched to its end.
fn facts_of_limit(member: &str, bytes: &[u8], facts: &mut Vec<Fact>) {
    if bytes.len() > MAX_BYTES {
        let fact = Fact::new("yara.limit", format!("YARA searched the first {MAX_BYTES} bytes only"));
        facts.push(fact.at(Site::whole(Arc::from(member))).with("size", bytes.len().to_string()));
    }
}

/// The facts of a scan that the engine gave up.
fn fact_of_failure(member: &str, why: &str) -> Fact {
    Fact::new("yara.failure", format!("YARA could not search the member: {why}"))
        .at(Site::whole(Arc::from(member)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
        rule beacon : net test { strings: $a = "beacon-word" condition: $a }
        rule elf { condition: uint32be(0) == 0x7f454c46 }
        rule graded { meta: severity = "High" description = "A word" author = "us" count = 3 condition: filesize == 6 }
        private rule inner { condition: true }
        rule many { strings: $a = "x" condition: #a > 3 and inner }
    "#;

    #[test]
    fn a_match_is_a_fact_with_namespace_rule_and_tags() {
        let matcher = BorealMatcher::compile(&[YaraSource { name: "own.yar", text: SOURCE }]).unwrap();
        let facts = matcher.match_bytes("pkg/a.bin", b"..beacon-word..");
        assert_eq!(facts.len(), 1);
        assert_eq!(&*facts[0].kind, "yara.match");
        assert_eq!(facts[0].detail("rule"), Some("beacon"));
        assert_eq!(facts[0].detail("namespace"), Some("own.yar"));
        assert_eq!(facts[0].detail("tags"), Some("net test"));
        assert_eq!(facts[0].site.as_ref().map(|s| &*s.member), Some("pkg/a.bin"));
        assert_eq!(matcher.match_bytes("a", b"nothing"), []);
        assert_eq!(matcher.match_bytes("a", b"xxxxx").len(), 1);
    }

    #[test]
    fn severity_and_description_come_from_the_meta() {
        let matcher = BorealMatcher::compile(&[YaraSource { name: "own.yar", text: SOURCE }]).unwrap();
        let facts = matcher.match_bytes("a", b"sixsix");
        assert_eq!(facts.len(), 1);
        assert_eq!(
            (facts[0].detail("severity"), facts[0].detail("description")),
            (Some("high"), Some("A word"))
        );
        assert_eq!(facts[0].detail("author"), None);
    }

    #[test]
    fn a_source_that_does_not_compile_is_named_and_includes_are_refused() {
        let compile =
            |text| BorealMatcher::compile(&[YaraSource { name: "bad.yar", text }]).map(|_| ()).unwrap_err();
        assert_eq!(compile("rule x { condition: }").name, "bad.yar");
        assert_eq!(compile("include \"other.yar\"").name, "bad.yar");
    }

    #[cfg(feature = "yara-x")]
    #[test]
    fn both_engines_give_the_same_facts() {
        let sources = [YaraSource { name: "own.yar", text: SOURCE }];
        let (one, other) =
            (BorealMatcher::compile(&sources).unwrap(), YaraXMatcher::compile(&sources).unwrap());
        for bytes in [&b"..beacon-word.."[..], b"\x7fELF", b"xxxxx", b"", b"nothing", b"sixsix"] {
            assert_eq!(one.match_bytes("m", bytes), other.match_bytes("m", bytes));
        }
    }
}
