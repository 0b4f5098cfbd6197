//! Texts in native members: addresses, and command lines that start something.
//!
//! Looks for a few fixed words, in the bytes and in UTF-16, and reads the printable run around them; nothing is
//! disassembled or unpacked.

use memchr::memmem;
use venin_model::Fact;

/// Most texts kept of one kind.
const MAX_KEPT: usize = 20;
/// Most places looked at.
const MAX_HITS: usize = 20_000;
/// Longest text kept, in bytes.
const MAX_TEXT: usize = 200;

/// Words of command lines and places that start something.
const COMMANDS: &[&str] = &[
    "powershell",
    "cmd.exe /c",
    "cmd /c",
    "/bin/sh -c",
    "schtasks",
    "CurrentVersion\\Run",
    "vssadmin",
    "crontab",
    "curl -",
    "wget -",
    "taskkill",
    ".config/autostart",
    "LaunchAgents/",
    "systemd/user",
    "/etc/cron",
];

/// Addresses of documentation, namespaces and certificates, which most programs hold.
const COMMON: &[&str] = &[
    "w3.org",
    "python.org",
    "github.com",
    "microsoft.com",
    "apple.com",
    "openssl.org",
    "gnu.org",
    "digicert",
    "sectigo",
    "verisign",
    "symcb",
    "symantec",
    "globalsign",
    "thawte",
    "entrust",
    "letsencrypt",
    "usertrust",
    "comodo",
    "example",
    "mozilla",
    "rust-lang",
    "golang",
    "llvm.org",
    "cython",
    "adobe",
    "xml",
];

/// `native.strings`: addresses and command lines.
pub(crate) fn strings_fact(bytes: &[u8]) -> Option<Fact> {
    let mut urls = Vec::new();
    let mut commands = Vec::new();
    let mut hits = 0;
    for word in ["http://", "https://"] {
        find_texts(bytes, word, Reach::Behind, &mut hits, &mut urls);
    }
    urls.retain(|url| !COMMON.iter().any(|c| url.to_ascii_lowercase().contains(c)) && has_host(url));
    for word in COMMANDS {
        find_texts(bytes, word, Reach::Around, &mut hits, &mut commands);
    }
    if urls.is_empty() && commands.is_empty() {
        return None;
    }
    urls.truncate(MAX_KEPT);
    commands.truncate(MAX_KEPT);
    let message = format!("the file holds {} addresses and {} command lines", urls.len(), commands.len());
    Some(
        Fact::new("native.strings", message)
            .with("urls", urls.join(" "))
            .with("commands", commands.join("\n")),
    )
}

/// How much of a text is read.
#[derive(Clone, Copy)]
enum Reach {
    Behind,
    Around,
}

fn find_texts(bytes: &[u8], word: &str, reach: Reach, hits: &mut usize, found: &mut Vec<String>) {
    let wide: Vec<u8> = word.bytes().flat_map(|b| [b, 0]).collect();
    for (needle, width) in [(word.as_bytes(), 1), (wide.as_slice(), 2)] {
        for at in memmem::find_iter(bytes, needle) {
            *hits += 1;
            if *hits > MAX_HITS || found.len() >= 50 * MAX_KEPT {
                return;
            }
            let text = run_at(bytes, at, width, reach);
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
}

/// The printable run at a place, in bytes or pairs of bytes.
fn run_at(bytes: &[u8], at: usize, width: usize, reach: Reach) -> String {
    let unit = |at: usize| -> Option<u8> {
        let byte = *bytes.get(at)?;
        let is_text = matches!(byte, b' '..=b'~') && (width == 1 || bytes.get(at + 1) == Some(&0));
        is_text.then_some(byte)
    };
    let mut start = at;
    if let Reach::Around = reach {
        while start >= width && at - start < MAX_TEXT / 2 && unit(start - width).is_some() {
            start -= width;
        }
    }
    let is_end =
        |byte: &u8| matches!(reach, Reach::Behind) && matches!(byte, b' ' | b'"' | b'\'' | b'<' | b'>');
    let units = (start..).step_by(width).map_while(unit).take_while(|b| !is_end(b)).take(MAX_TEXT);
    units.map(char::from).collect()
}

/// More than a scheme: a name with a dot, or an address.
fn has_host(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or("").split(['/', ':', '?', '%']).next().unwrap_or("");
    host.len() >= 4
        && host.contains('.')
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_commands_are_found_in_both_widths() {
        let wide: Vec<u8> = "x powershell -w hidden\u{1}".bytes().flat_map(|b| [b, 0]).collect();
        let bytes = [&b"\0http://198.51.100.7/a\0https://www.w3.org/ns\0http://%s/\0\0"[..], &wide].concat();
        let fact = strings_fact(&bytes).unwrap();
        assert_eq!(fact.detail("urls"), Some("http://198.51.100.7/a"));
        assert_eq!(fact.detail("commands"), Some("x powershell -w hidden"));
        assert_eq!(strings_fact(b"nothing of the kind"), None);
    }
}
