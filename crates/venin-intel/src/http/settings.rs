//! How politely the client behaves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How politely the client behaves: identity, rates, patience and bounds.
#[derive(Debug, Clone)]
pub struct Politeness {
    /// Where an operator can reach the user: an address or a page.  It goes into the `User-Agent`.
    pub contact: Option<String>,
    /// Least time between two requests to one host.  The loopback interface needs none.
    pub pace: Duration,
    /// The same for single hosts, by `host` or `host:port` in lower case.
    pub pace_of: BTreeMap<String, Duration>,
    /// Most requests under way to one host.
    pub most_per_host: usize,
    /// Most requests under way in all.
    pub most_in_all: usize,
    /// How often a request is tried.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles, and a part of it is left to chance.
    pub backoff: Duration,
    /// Longest pause before an attempt.
    pub longest_backoff: Duration,
    /// Longest pause that a server may demand (`Retry-After`) and get.
    pub longest_demand: Duration,
    /// Most redirects of one request.
    pub redirects: usize,
    /// Bounds on waiting for a server.
    pub timeouts: Timeouts,
    /// A file of PEM certificates to trust instead of those of the system.
    pub certificates: Option<PathBuf>,
    /// A proxy to use instead of the one in the environment.
    pub proxy: Option<String>,
}

/// Bounds on waiting for a server.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the request to the head of the answer.
    pub first_byte: Duration,
    /// Between two reads.
    pub silence: Duration,
    /// One attempt from the start to its last byte.
    pub whole: Duration,
}

impl Default for Politeness {
    fn default() -> Self {
        Self {
            contact: None,
            pace: Duration::from_secs(1),
            pace_of: BTreeMap::new(),
            most_per_host: 2,
            most_in_all: 8,
            attempts: 4,
            backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(60),
            longest_demand: Duration::from_secs(300),
            redirects: 5,
            timeouts: Timeouts {
                connect: Duration::from_secs(15),
                first_byte: Duration::from_secs(60),
                silence: Duration::from_secs(30),
                whole: Duration::from_secs(900),
            },
            certificates: None,
            proxy: None,
        }
    }
}

impl Politeness {
    /// That of an installer towards the user's own index: no pace, as many requests at once as there are files to get,
    /// and less patience than somebody has who collects by night.
    #[must_use]
    pub fn of_installer() -> Self {
        Self {
            pace: Duration::ZERO,
            most_per_host: 64,
            most_in_all: 64,
            attempts: 3,
            backoff: Duration::from_millis(300),
            longest_demand: Duration::from_secs(60),
            timeouts: Timeouts {
                connect: Duration::from_secs(30),
                first_byte: Duration::from_secs(30),
                silence: Duration::from_secs(30),
                whole: Duration::from_secs(3600),
            },
            ..Self::default()
        }
    }

    /// `venin/VERSION (+CONTACT)`.  Characters that have no place in the header are left out of the contact.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let own = concat!("venin/", env!("CARGO_PKG_VERSION"));
        let is_plain = |c: &char| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '(' | ')' | '\\');
        let contact: String =
            self.contact.iter().flat_map(|c| c.chars()).filter(is_plain).take(200).collect();
        match contact.trim() {
            "" => own.to_owned(),
            contact => format!("{own} (+{contact})"),
        }
    }

    /// Least time between two requests to this host.
    pub(super) fn pace_for(&self, host: &str) -> Duration {
        if let Some(pace) = self.pace_of.get(host) {
            return *pace;
        }
        let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
        let is_own = name == "localhost"
            || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || name == "[::1]";
        if is_own { Duration::ZERO } else { self.pace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contact_is_part_of_the_name_and_cannot_break_the_header() {
        let of = |contact: &str| {
            Politeness { contact: Some(contact.into()), ..Politeness::default() }.user_agent()
        };
        assert!(of("ops@lab.example").ends_with(" (+ops@lab.example)"));
        assert!(!of("a\r\nx: y (b)").contains(['\r', '\n']));
        assert!(!Politeness::default().user_agent().contains('('));
    }

    #[test]
    fn only_the_loopback_interface_and_named_hosts_have_another_pace() {
        let mut settings = Politeness::default();
        settings.pace_of.insert("index.example:8080".into(), Duration::from_millis(5));
        for host in ["localhost", "127.0.0.1:4000", "[::1]:80", "[::1]"] {
            assert_eq!(settings.pace_for(host), Duration::ZERO, "{host}");
        }
        assert_eq!(settings.pace_for("index.example:8080"), Duration::from_millis(5));
        assert_eq!(settings.pace_for("index.example"), Duration::from_secs(1));
        assert_eq!(settings.pace_for("127.0.0.1.example"), Duration::from_secs(1));
    }
}
