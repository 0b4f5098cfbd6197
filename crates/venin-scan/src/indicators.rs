//! Indicators of compromise: addresses that the evidence names.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use regex::Regex;
use venin_model::{Event, Family, Finding};

use crate::result::Indicators;

/// An expression twice: for ASCII, and for any text.  The first is compiled in a tenth of the time, and most texts need
/// no other; on ASCII both find the same.
struct Pattern {
    sources: [&'static str; 2],
    /// What every match holds.
    holds: &'static str,
    /// Bytes of the shortest match.
    shortest: usize,
    compiled: [OnceLock<Option<Regex>>; 2],
}

// Patterns without anything unbounded before a literal: they run over hostile text.
static URL: Pattern = Pattern::new(
    [
        r#"(?-u:\b)(?i-u:https?|ftp|wss?|tcp)://[\x00-\x7F&&[^\s"'<>\\`|)\]},;]]{3,400}"#,
        r#"(?i)\b(?:https?|ftp|wss?|tcp)://[^\s"'<>⟨⟩\\`|)\]},;]{3,400}"#,
    ],
    "://",
    9,
);
static IP: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
        r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
    ],
    ".",
    7,
);
static EMAIL: Pattern = Pattern::new(
    [
        r"(?-u)\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}\b",
        r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}\b",
    ],
    "@",
    5,
);
static WALLET: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b",
        r"\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b",
    ],
    "",
    26,
);
static TOKEN: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:\d{8,10}:[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[A-Za-z0-9-]{10,60})\b",
        r"\b(?:\d{8,10}:[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[A-Za-z0-9-]{10,60})\b",
    ],
    "",
    15,
);

impl Pattern {
    const fn new(sources: [&'static str; 2], holds: &'static str, shortest: usize) -> Self {
        Self { sources, holds, shortest, compiled: [OnceLock::new(), OnceLock::new()] }
    }

    /// All matches in order.  The marks of a hole are part of none and end a word, so the pieces between them are
    /// looked at one by one; most are ASCII then.
    fn find<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let pieces = text.split(['⟨', '⟩']).filter(|p| p.len() >= self.shortest && p.contains(self.holds));
        pieces.flat_map(|piece| {
            let regex = self.compiled(usize::from(!piece.is_ascii()));
            regex.into_iter().flat_map(|r| r.find_iter(piece)).map(|m| m.as_str())
        })
    }

    fn compiled(&self, which: usize) -> Option<&Regex> {
        let source = self.sources.get(which)?;
        self.compiled.get(which)?.get_or_init(|| Regex::new(source).ok()).as_ref()
    }
}

/// Collects the indicators of the calls that findings rest on, and of all network calls beside them.
pub(crate) fn find_indicators(findings: &[Finding], events: &[Event]) -> Indicators {
    let mut found = Found::default();
    if findings.is_empty() {
        return Indicators::default();
    }
    let cited: BTreeSet<u32> =
        findings.iter().flat_map(|f| f.evidence.iter().filter_map(|e| e.event)).map(|e| e.0).collect();
    let members: BTreeSet<&str> =
        findings.iter().filter_map(|f| f.site.as_ref()).map(|s| &*s.member).collect();
    // The same text stands in many arguments, and a second look finds nothing new.
    let mut seen = BTreeSet::new();
    for event in events {
        let is_network = matches!(event.class.family, Family::Cn | Family::Cr | Family::Cs);
        if cited.contains(&event.id.0) || (is_network && members.contains(&*event.site.member)) {
            for argument in &event.arguments {
                if let Some(value) = &argument.value
                    && seen.insert(&*value.text)
                {
                    found.take(&value.text);
                }
            }
        }
    }
    found.into_indicators()
}

#[derive(Default)]
struct Found {
    urls: BTreeSet<String>,
    hosts: BTreeSet<String>,
    ips: BTreeSet<String>,
    emails: BTreeSet<String>,
    wallets: BTreeSet<String>,
    tokens: BTreeSet<String>,
}

impl Found {
    fn take(&mut self, text: &str) {
        for url in URL.find(text).take(64) {
            self.take_url(url);
        }
        let collect = |pattern: &Pattern, into: &mut BTreeSet<String>| {
            into.extend(pattern.find(text).take(64).map(str::to_owned));
        };
        collect(&IP, &mut self.ips);
        collect(&EMAIL, &mut self.emails);
        collect(&WALLET, &mut self.wallets);
        for token in TOKEN.find(text).take(16) {
            self.tokens.insert(mask(token));
        }
    }

    fn take_url(&mut self, url: &str) {
        let url = url.trim_end_matches(['.', ',', ':']);
        if let Some((_, rest)) = url.split_once("://") {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            let host = authority.rsplit('@').next().unwrap_or(authority);
            let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
            let is_ip = host.chars().all(|c| c.is_ascii_digit() || c == '.');
            if !host.is_empty() && !is_ip {
                self.hosts.insert(host);
            }
        }
        self.urls.insert(url.to_owned());
    }

    fn into_indicators(self) -> Indicators {
        let list = |set: BTreeSet<String>| set.into_iter().take(200).collect();
        Indicators {
            urls: list(self.urls),
            hosts: list(self.hosts),
            ips: list(self.ips),
            emails: list(self.emails),
            wallets: list(self.wallets),
            tokens: list(self.tokens),
        }
    }
}

/// A token with all but its first four characters hidden.
fn mask(token: &str) -> String {
    let shown: String = token.chars().take(4).collect();
    format!("{shown}…({} characters)", token.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Indicators {
        let mut found = Found::default();
        found.take(text);
        found.into_indicators()
    }

    #[test]
    fn every_expression_compiles() {
        for pattern in [&URL, &IP, &EMAIL, &WALLET, &TOKEN] {
            for (which, source) in pattern.sources.iter().enumerate() {
                assert!(pattern.compiled(which).is_some(), "{source}");
            }
        }
    }

    #[test]
    fn a_url_gives_its_host() {
        let found = found("curl https://Files.example/a/b.txt?x=1 -o out");
        assert_eq!(found.urls, ["https://Files.example/a/b.txt?x=1"]);
        assert_eq!(found.hosts, ["files.example"]);
    }

    #[test]
    fn a_url_by_address_is_an_ip_and_no_host() {
        let found = found("http://192.0.2.7:8080/x");
        assert_eq!(found.ips, ["192.0.2.7"]);
        assert!(found.hosts.is_empty());
    }

    #[test]
    fn what_is_found_in_ascii_is_found_beside_other_letters_and_holes() {
        let text = "http://a.example/x 192.0.2.7 me@b.example";
        for around in ["", "é ", "⟨x⟩", " ⟨é⟩"] {
            let found = found(&format!("{around}{text} {around}"));
            assert_eq!(
                (found.urls.as_slice(), found.hosts.len()),
                (&["http://a.example/x".to_owned()][..], 1)
            );
            assert_eq!((found.ips.len(), found.emails.as_slice()), (1, &["me@b.example".to_owned()][..]));
        }
        assert_eq!(found("https://é.example/⟨y⟩/z").urls, ["https://é.example/"]);
    }

    #[test]
    fn a_token_is_masked() {
        let token = format!("123456789:{}", "A".repeat(35));
        assert_eq!(found(&token).tokens, ["1234…(45 characters)"]);
    }
}
