//! Indicators of compromise: addresses that the evidence names.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use memchr::{memchr_iter, memmem};
use regex::Regex;
use venin_model::{Event, Family, Finding};

use crate::result::Indicators;

/// An expression twice: for ASCII, and for any text.  The first is compiled in a tenth of the time, and most texts need
/// no other; on ASCII both find the same.
struct Pattern {
    sources: [&'static str; 2],
    /// What no piece without a match need be searched for, told by a cheap look.
    may_match: fn(&str) -> bool,
    /// What every match holds, and how many bytes of it stand before that at most.
    holds: (&'static str, usize),
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
    |_| true,
    ("://", 5),
    9,
);
static IP: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
        r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
    ],
    may_hold_ip,
    (".", 3),
    7,
);
static EMAIL: Pattern = Pattern::new(
    [
        r"(?-u)\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}\b",
        r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}\b",
    ],
    may_hold_email,
    ("@", 64),
    5,
);
static WALLET: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b",
        r"\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b",
    ],
    |_| true,
    ("", 0),
    26,
);
static TOKEN: Pattern = Pattern::new(
    [
        r"(?-u)\b(?:\d{8,10}:[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[A-Za-z0-9-]{10,60})\b",
        r"\b(?:\d{8,10}:[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[A-Za-z0-9-]{10,60})\b",
    ],
    may_hold_token,
    ("", 0),
    15,
);

impl Pattern {
    const fn new(
        sources: [&'static str; 2],
        may_match: fn(&str) -> bool,
        holds: (&'static str, usize),
        shortest: usize,
    ) -> Self {
        Self { sources, may_match, holds, shortest, compiled: [OnceLock::new(), OnceLock::new()] }
    }

    /// All matches in order.
    fn find<'a>(&self, pieces: &[&'a str]) -> impl Iterator<Item = &'a str> {
        let pieces = pieces.iter().filter(|p| p.len() >= self.shortest && (self.may_match)(p));
        pieces.flat_map(|piece| self.find_in_piece(piece))
    }

    /// No match begins further before `holds` than told, so the search jumps from one place of it to the next.
    fn find_in_piece<'a>(&self, piece: &'a str) -> impl Iterator<Item = &'a str> {
        let (holds, lead) = self.holds;
        let is_ascii = piece.is_ascii();
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = from + memmem::find(piece.as_bytes().get(from..)?, holds.as_bytes())?;
            let start = if is_ascii && !holds.is_empty() { at.saturating_sub(lead).max(from) } else { from };
            let found = self.compiled(usize::from(!is_ascii))?.find_at(piece, start)?;
            from = found.end();
            Some(found.as_str())
        })
    }

    fn compiled(&self, which: usize) -> Option<&Regex> {
        let source = self.sources.get(which)?;
        self.compiled.get(which)?.get_or_init(|| Regex::new(source).ok()).as_ref()
    }
}

/// The marks of a hole are part of no match and end a word, so the pieces between them are looked at one by one; most
/// are ASCII then.
fn pieces_of(text: &str) -> Vec<&str> {
    if text.is_ascii() { vec![text] } else { text.split(['⟨', '⟩']).collect() }
}

/// The stretches in which a wallet may lie.  A match is one whole word, so the rest of a text need not be searched.
fn wallet_words(piece: &str) -> impl Iterator<Item = &str> {
    let mut next = 0;
    piece.as_bytes().split(|b| !b.is_ascii_alphanumeric() && *b != b'_').filter_map(move |word| {
        let (start, end) = (next, next + word.len());
        next = end + 1;
        let is_likely =
            (26..=63).contains(&word.len()) && matches!(word.first(), Some(b'0' | b'1' | b'3' | b'b' | b'T'));
        is_likely.then(|| with_neighbors(piece, start, end)).flatten()
    })
}

/// A stretch with the characters on both sides of it, which tell whether a word ends there.
fn with_neighbors(text: &str, start: usize, end: usize) -> Option<&str> {
    let before = text.get(..start)?.chars().next_back().map_or(0, char::len_utf8);
    let after = text.get(end..)?.chars().next().map_or(0, char::len_utf8);
    text.get(start - before..end + after)
}

/// Whether a byte is a digit or part of one: beyond ASCII there are more than ten.
fn is_of_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || !byte.is_ascii()
}

/// Three dots between digits.
fn may_hold_ip(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| is_of_digit(*b));
    let mut dots =
        memchr_iter(b'.', bytes).filter(|at| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    dots.nth(2).is_some()
}

/// An `@` between characters of a name and of a host.
fn may_hold_email(piece: &str) -> bool {
    let byte = |at: usize| piece.as_bytes().get(at).copied().unwrap_or(b' ');
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b);
    let is_of_host = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    memchr_iter(b'@', piece.as_bytes())
        .any(|at| at > 0 && is_of_name(byte(at - 1)) && is_of_host(byte(at + 1)))
}

/// A prefix of a token, or a colon behind eight digits.
fn may_hold_token(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let digits_before = |at: usize| at.checked_sub(8).and_then(|from| bytes.get(from..at));
    let is_number = |at: usize| digits_before(at).is_some_and(|d| d.iter().all(|b| is_of_digit(*b)));
    let has = |prefix: &str| memmem::find(bytes, prefix.as_bytes()).is_some();
    memchr_iter(b':', bytes).any(is_number) || has("AKIA") || has("xox") || has("gh")
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
        let pieces = pieces_of(text);
        for url in URL.find(&pieces).take(64) {
            self.take_url(url);
        }
        self.ips.extend(IP.find(&pieces).take(64).map(str::to_owned));
        self.emails.extend(EMAIL.find(&pieces).take(64).map(str::to_owned));
        let words = pieces.iter().flat_map(|piece| wallet_words(piece));
        self.wallets.extend(words.flat_map(|w| WALLET.find_in_piece(w)).take(64).map(str::to_owned));
        for token in TOKEN.find(&pieces).take(16) {
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
    fn what_is_found_is_what_a_plain_search_finds() {
        let parts = [
            "http://a.example/x",
            "xhttp://b.example",
            "ftp://é.example/1",
            "HTTPS://c.example:80/y,",
            "://",
            "192.0.2.7",
            "1.2.3",
            "192.0.2.300",
            "a@b.example",
            "@c.example",
            "d%e+f@g-h.example.invalid",
            "é@x.example",
            " ",
            "é",
            "_",
            "-",
            "\n",
            "/",
            "0x00112233445566778899aabbccddeeff00112233",
            "T23456789abcdefghijkmnopqrstuvwxyz",
            "123456789:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
            "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "AKIAAAAAAAAAAAAAAAAA",
            "xoxb-0123456789",
        ];
        let plain = |pattern: &Pattern, text: &str| -> BTreeSet<String> {
            let regex = pattern.compiled(usize::from(!text.is_ascii())).unwrap();
            regex.find_iter(text).map(|m| m.as_str().to_owned()).collect()
        };
        let mut seed = 1_u32;
        for _ in 0..3000 {
            let text: String = (0..5)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    parts[(seed >> 8) as usize % parts.len()]
                })
                .collect();
            let mut found = Found::default();
            found.take(&text);
            assert_eq!(found.ips, plain(&IP, &text), "{text}");
            assert_eq!(found.emails, plain(&EMAIL, &text), "{text}");
            assert_eq!(found.wallets, plain(&WALLET, &text), "{text}");
            let masked: BTreeSet<String> = plain(&TOKEN, &text).iter().map(|t| mask(t)).collect();
            assert_eq!(found.tokens, masked, "{text}");
            let mut urls = Found::default();
            plain(&URL, &text).iter().for_each(|url| urls.take_url(url));
            assert_eq!((found.urls, found.hosts), (urls.urls, urls.hosts), "{text}");
        }
    }

    #[test]
    fn a_token_is_masked() {
        let token = format!("123456789:{}", "A".repeat(35));
        assert_eq!(found(&token).tokens, ["1234…(45 characters)"]);
    }
}
