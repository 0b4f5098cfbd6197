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
}
