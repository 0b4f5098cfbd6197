//! Indicators of compromise: addresses that the evidence names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use venin_model::{Event, Family, Finding};

use crate::result::Indicators;

/// Patterns without anything unbounded before a literal: they run over hostile text.
struct Patterns {
    url: Regex,
    ip: Regex,
    email: Regex,
    wallet: Regex,
    token: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        url: Regex::new(r#"(?i)\b(?:https?|ftp|wss?|tcp)://[^\s"'<>⟨⟩\\`|)\]},;]{3,400}"#).ok()?,
        ip: Regex::new(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b").ok()?,
        email: Regex::new(r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}\b").ok()?,
        wallet: Regex::new(r"\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b").ok()?,
        token: Regex::new(r"\b(?:\d{8,10}:[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[A-Za-z0-9-]{10,60})\b").ok()?,
    })
});

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
    for event in events {
        let is_network = matches!(event.class.family, Family::Cn | Family::Cr | Family::Cs);
        if cited.contains(&event.id.0) || (is_network && members.contains(&*event.site.member)) {
            for argument in &event.arguments {
                if let Some(value) = &argument.value {
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
        let Some(patterns) = &*PATTERNS else { return };
        for url in patterns.url.find_iter(text).take(64) {
            self.take_url(url.as_str());
        }
        let collect = |pattern: &Regex, into: &mut BTreeSet<String>| {
            into.extend(pattern.find_iter(text).take(64).map(|m| m.as_str().to_owned()));
        };
        collect(&patterns.ip, &mut self.ips);
        collect(&patterns.email, &mut self.emails);
        collect(&patterns.wallet, &mut self.wallets);
        for token in patterns.token.find_iter(text).take(16) {
            self.tokens.insert(mask(token.as_str()));
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
    fn a_token_is_masked() {
        let token = format!("123456789:{}", "A".repeat(35));
        assert_eq!(found(&token).tokens, ["1234…(45 characters)"]);
    }
}
