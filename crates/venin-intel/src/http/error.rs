//! Why a request gave nothing that can be used: one error for every server, whoever asks it.

use std::io;

use thiserror::Error;

/// Why a request gave nothing that can be used.  URLs are shown without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// No connection.
    #[error("{url} cannot be reached: {detail}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// The connection broke, or nothing came in time.
    #[error("{url} broke off: {detail}")]
    BrokenOff {
        /// What was asked for.
        url: String,
        /// How.
        detail: String,
    },
    /// The server's certificate is not trusted, or TLS failed otherwise.
    #[error("no trusted connection to {url}: {detail}")]
    Tls {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// No HTTP, redirects without end, or an answer that is not what it should be.
    #[error("{url} answers nonsense: {detail}")]
    Nonsense {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The server asked not to be asked for a while, and that is longer than anybody waits.
    #[error("{url} is not asked: its server wants to be left alone for {detail}")]
    Postponed {
        /// What was asked for.
        url: String,
        /// How long.
        detail: String,
    },
    /// A status that is no success, where only a success will do.
    #[error("{url} answers with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// An index says that it has no such project (404 or 410).
    #[error("no project named `{name}` on {index}")]
    NoProject {
        /// The name as indexes compare it.
        name: String,
        /// The index.
        index: String,
    },
    /// More bytes than the limit.
    #[error("{url} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes are not those that the index, or the user, announced.
    #[error("{file} has the SHA-256 {found}, but {expected} was announced")]
    Digest {
        /// The file's name.
        file: String,
        /// What was announced.
        expected: String,
        /// What the bytes have.
        found: String,
    },
    /// Whoever takes the bytes in is gone; the server is fine.
    #[error("what {url} sends is not taken in: {detail}")]
    NotTaken {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
}

impl FetchError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => may_pass(*status),
            Self::Unreachable { .. } | Self::BrokenOff { .. } => true,
            _ => false,
        }
    }

    /// One word for counts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::BrokenOff { .. } => "broken off",
            Self::Tls { .. } => "not trusted",
            Self::Nonsense { .. } => "nonsense",
            Self::Postponed { .. } => "postponed",
            Self::Status { .. } | Self::NoProject { .. } => "refused",
            Self::TooLarge { .. } => "too large",
            Self::Digest { .. } => "other bytes",
            Self::NotTaken { .. } => "not taken in",
        }
    }

    /// What the user of an index can do about it; empty when there is nothing to say.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoProject { .. } => "check the spelling and the index (--index-url)",
            Self::Status { status: 401 | 403, .. } => {
                "the index wants credentials: https://USER:PASSWORD@HOST/..."
            }
            Self::Status { .. } | Self::Nonsense { .. } => {
                "check that the URL is that of a package index (--index-url)"
            }
            Self::Unreachable { .. } => {
                "check the network, the proxy (HTTPS_PROXY) and the index (--index-url)"
            }
            Self::BrokenOff { .. } => "try again",
            Self::Postponed { .. } => "try again later",
            Self::Tls { .. } => {
                "name your own certificates with SSL_CERT_FILE, or the index with --index-url"
            }
            Self::TooLarge { .. } => "download the file and scan its path",
            Self::Digest { .. } => "do not install it; somebody or something changed the file",
            Self::NotTaken { .. } => "",
        }
    }

    /// What the client library says, sorted by what the user can do about it.
    pub(super) fn of_request(url: &str, error: ureq::Error) -> Self {
        let url = url.to_owned();
        let detail = error.to_string();
        match error {
            ureq::Error::Io(error) => Self::of_io(url, &error),
            ureq::Error::Timeout(_) => Self::BrokenOff { url, detail: "no answer in time".to_owned() },
            ureq::Error::HostNotFound => {
                Self::Unreachable { url, detail: "the host is not known".to_owned() }
            }
            ureq::Error::ConnectionFailed
            | ureq::Error::ConnectProxyFailed(_)
            | ureq::Error::InvalidProxyUrl => Self::Unreachable { url, detail },
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Self::Tls { url, detail },
            _ => Self::Nonsense { url, detail },
        }
    }

    /// An error while connecting or reading.
    fn of_io(url: String, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let detail = error.to_string();
        match error.kind() {
            Kind::ConnectionRefused
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::AddrNotAvailable => Self::Unreachable { url, detail },
            // What breaks the rules of HTTP or of a content encoding has errors of its own: this is the TLS layer.
            Kind::InvalidData if url.starts_with("https://") => Self::Tls { url, detail },
            Kind::InvalidData => Self::Nonsense { url, detail },
            Kind::Other if detail.contains("certificate") => Self::Tls { url, detail },
            // The standard library has no kind of its own for a failed name look-up.
            _ if detail.contains("lookup") => Self::Unreachable { url, detail },
            _ => Self::BrokenOff { url, detail },
        }
    }

    /// An address without encryption where one with it was to be asked.
    pub(crate) fn unencrypted(url: String) -> Self {
        Self::Tls { url, detail: "it leads to an address without encryption".to_owned() }
    }
}

/// Whether the status may be another one soon.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}
