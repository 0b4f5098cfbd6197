//! Indicators of compromise in prose: addresses, domains and digests, often written so that nobody clicks them.
//!
//! They are read as text and never contacted.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// Most indicators of one article.
const MOST_INDICATORS: usize = 500;
/// Longest indicator in bytes.
const MOST_LENGTH: usize = 512;

venin_model::spelled_enum! {
    /// What an indicator is.
    pub enum IndicatorKind {
        /// A host name.
        Domain = "domain",
        /// A whole address.
        Url = "url",
        /// An IPv4 address.
        Ip = "ip",
        /// A SHA-256 digest.
        Sha256 = "sha256",
    }
}

/// An indicator in its usual form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// The value; digests in lower case.
    pub value: String,
}

/// Whether a text is known to list indicators, so that plain ones count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Prose,
    Indicators,
}

/// Finds the indicators of a text.  In prose only digests and what was made unclickable count: a plain address there
/// is a reference.
pub(super) fn find_indicators(text: &str, setting: Setting, found: &mut BTreeSet<Indicator>) {
    for token in
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '<' | '>' | '`'))
    {
        if token.len() > MOST_LENGTH || found.len() >= MOST_INDICATORS {
            continue;
        }
        found.extend(indicator_of(token, setting));
    }
}

fn indicator_of(token: &str, setting: Setting) -> Option<Indicator> {
    let plain = restore(token);
    let is_defanged = plain != token;
    let value =
        plain.trim_matches(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | '='));
    if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(Indicator { kind: IndicatorKind::Sha256, value: value.to_ascii_lowercase() });
    }
    if !is_defanged && setting == Setting::Prose {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let rest = ["http://", "https://", "ftp://", "tcp://", "ws://", "wss://"]
        .iter()
        .find_map(|s| lower.strip_prefix(s));
    if let Some(rest) = rest {
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        let is_url = is_domain(host) || host.parse::<Ipv4Addr>().is_ok();
        return is_url.then(|| Indicator { kind: IndicatorKind::Url, value: value.to_owned() });
    }
    let host = lower.split(['/', ':']).next().unwrap_or_default();
    if host.parse::<Ipv4Addr>().is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified()) {
        return Some(Indicator { kind: IndicatorKind::Ip, value: host.to_owned() });
    }
    let is_plain = host.len() == lower.len() && host.rsplit('.').next().is_some_and(is_common_top);
    if is_domain(host) && (is_defanged || is_plain) {
        return Some(Indicator { kind: IndicatorKind::Domain, value: host.to_owned() });
    }
    None
}

/// The usual form of an address that was made unclickable.
fn restore(token: &str) -> String {
    let mut text = token.to_owned();
    for (written, meant) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[/]", "/"),
        ("[@]", "@"),
    ] {
        if text.contains(written) {
            text = text.replace(written, meant);
        }
    }
    for (written, meant) in [("hxxps", "https"), ("hXXps", "https"), ("hxxp", "http"), ("hXXp", "http")] {
        if text.contains(written) {
            text = text.replacen(written, meant, 1);
        }
    }
    text
}

/// Whether the text has the form of a host name under some top-level domain, and not that of a file.
pub(super) fn is_domain(text: &str) -> bool {
    let Some((head, top)) = text.rsplit_once('.') else { return false };
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let is_top = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()) && !is_file_suffix(top);
    is_top && head.split('.').all(is_label)
}

/// Top-level domains that are believed without more: `os.path` has the form of a host name too.
pub(super) fn is_common_top(top: &str) -> bool {
    const TOPS: &str = " com net org info biz io co me dev app ai xyz top site online club shop store live pro ws cc pw su \
        tk ml ga cf gq icu vip tech space website host fun lol cloud link click sh gg to tv ru cn us uk de fr nl eu in \
        br jp kr tw hk ir id vn pl ua it es ch se no cz at be ca au example invalid test ";
    TOPS.contains(&format!(" {top} "))
}

/// Suffixes of files that also look like the end of a name.
pub(super) fn is_file_suffix(suffix: &str) -> bool {
    matches!(
        suffix.to_ascii_lowercase().as_str(),
        "py" | "pyc"
            | "pyd"
            | "pyw"
            | "pth"
            | "exe"
            | "dll"
            | "so"
            | "dylib"
            | "bat"
            | "cmd"
            | "ps1"
            | "vbs"
            | "js"
            | "mjs"
            | "ts"
            | "json"
            | "txt"
            | "md"
            | "toml"
            | "cfg"
            | "ini"
            | "yml"
            | "yaml"
            | "zip"
            | "gz"
            | "whl"
            | "tar"
            | "bin"
            | "dat"
            | "png"
            | "jpg"
            | "ico"
            | "log"
            | "lock"
            | "html"
            | "php"
            | "tmp"
            | "xml"
            | "egg"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, setting: Setting) -> Vec<String> {
        let mut indicators = BTreeSet::new();
        find_indicators(text, setting, &mut indicators);
        indicators.into_iter().map(|i| format!("{} {}", i.kind, i.value)).collect()
    }

    #[test]
    fn unclickable_forms_are_restored_anywhere() {
        let digest = "AB".repeat(32);
        let text = format!(
            "It asks hxxps://files[.]bad[.]example/a?b=c, bad[.]example (also 192.0.2[.]7) and has {digest}. \
             Read https://blog.example/more or ask 198.51.100.1."
        );
        let expected = [
            "domain bad.example".to_owned(),
            "url https://files.bad.example/a?b=c".to_owned(),
            "ip 192.0.2.7".to_owned(),
            format!("sha256 {}", "ab".repeat(32)),
        ];
        assert_eq!(found(&text, Setting::Prose), expected);
    }

    #[test]
    fn plain_ones_count_where_indicators_are_listed() {
        let text = "bad.example 203.0.113.9:4444 http://bad.example/x payload.exe setup.py 1.2.3 os.path";
        let expected = ["domain bad.example", "url http://bad.example/x", "ip 203.0.113.9"];
        assert_eq!(found(text, Setting::Indicators), expected);
        assert!(found(text, Setting::Prose).is_empty());
    }

    #[test]
    fn a_text_without_measure_is_no_indicator() {
        assert!(found(&"a[.]".repeat(1_000_000), Setting::Prose).is_empty());
    }
}
