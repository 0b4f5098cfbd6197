//! Addresses: a host and a port in one argument, as sockets take them.

use venin_model::Role;

/// What an argument in the host role says about a role: the host itself, or the port beside it.
///
/// Understands `("192.0.2.1", 80)` and `192.0.2.1:80`; other texts are a host alone.
pub(super) fn part_of_address(text: &str, role: Role) -> Option<&str> {
    let (host, port) = split_address(text);
    match role {
        Role::Port => port,
        _ => Some(host),
    }
}

/// Second labels below which somebody registers a name: `example.co.uk` is a site, `co.uk` is none.
const COMMON_SECOND_LABELS: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "or", "org"];

/// The end of a host's name that somebody registers, of a URL or host: `https://api.service.example/v1` is at
/// `service.example`.  An address in numbers is a site of its own; a name whose end is not known is none.
///
/// This is no list of public suffixes: `a.github.io` and `b.github.io` count as one site.
pub(super) fn site_of(text: &str) -> Option<&str> {
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next()?;
    let with_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, _) = split_address(with_port);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let known = host.rsplit(|c: char| !is_name(c)).next().unwrap_or(host);
    if known.len() == host.len() && known.split('.').all(|part| part.parse::<u8>().is_ok()) {
        return Some(known);
    }
    let labels: Vec<&str> = known.split('.').collect();
    let (last, second) = (labels.last()?, labels.iter().rev().nth(1)?);
    let is_below_second = last.len() == 2 && COMMON_SECOND_LABELS.contains(second);
    let taken = if is_below_second { 3 } else { 2 };
    let length = labels.iter().rev().take(taken).map(|label| label.len() + 1).sum::<usize>() - 1;
    // Of a label that begins with something unknown only the end would be compared.
    let is_whole = labels.len() > taken || (labels.len() == taken && known.len() == host.len());
    let site = known.get(known.len() - length..)?;
    (is_whole && !last.is_empty() && !second.is_empty()).then_some(site)
}

fn split_address(text: &str) -> (&str, Option<&str>) {
    let trimmed = text.trim();
    let inside = trimmed.strip_prefix(['(', '[']).and_then(|t| t.strip_suffix([')', ']']));
    if let Some((host, rest)) = inside.and_then(|t| t.split_once(',')) {
        let port = rest.split(',').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        return (host.trim().trim_matches(['"', '\'']), (!port.is_empty()).then_some(port));
    }
    match trimmed.rsplit_once(':') {
        // More than one colon is an IPv6 address or a URL.
        Some((host, port))
            if !host.contains(':') && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (host, Some(port))
        }
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_colons_are_taken_apart() {
        assert_eq!(split_address("('192.0.2.1', 4444)"), ("192.0.2.1", Some("4444")));
        assert_eq!(split_address("(⟨HOST⟩, ⟨PORT⟩)"), ("⟨HOST⟩", Some("⟨PORT⟩")));
        assert_eq!(split_address("c2.example:80"), ("c2.example", Some("80")));
        assert_eq!(split_address("::1"), ("::1", None));
        assert_eq!(split_address("[::1]"), ("[::1]", None));
        assert_eq!(split_address("c2.example"), ("c2.example", None));
    }

    #[test]
    fn a_site_is_what_somebody_registers() {
        let cases = [
            ("https://api.service.example/v1?x=a.b", Some("service.example")),
            ("http://user:word@a.b.service.example:8080/", Some("service.example")),
            ("service.example", Some("service.example")),
            ("https://api.service.co.uk/", Some("service.co.uk")),
            ("https://service.ai/x", Some("service.ai")),
            ("203.0.113.7:80", Some("203.0.113.7")),
            ("https://203.0.113.7/x", Some("203.0.113.7")),
            ("https://⟨argument⟩.service.example/x", Some("service.example")),
            ("https://⟨argument⟩service.example/x", None),
            ("https://⟨argument⟩/x", None),
            ("https://service⟨argument⟩/x", None),
            ("localhost", None),
            ("", None),
        ];
        for (text, site) in cases {
            assert_eq!(site_of(text), site, "{text}");
        }
    }
}
