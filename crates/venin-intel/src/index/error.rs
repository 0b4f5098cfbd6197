//! What goes wrong between us and an index, and what to do about it.

use std::io;

use thiserror::Error;

/// A failed request, or an answer that cannot be used.  URLs are shown without credentials.
#[derive(Debug, Error)]
pub enum IndexError {
    /// 404 or 410 for a project's page.
    #[error("no project named `{name}` on {index}")]
    NoProject {
        /// The name as indexes compare it.
        name: String,
        /// The index.
        index: String,
    },
    /// Any other status that is no success.
    #[error("{url} answers with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// No connection.
    #[error("{url} cannot be reached: {detail}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// The connection broke before the answer was complete.
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
    /// An answer that is no index page, or no HTTP.
    #[error("{url} answers nonsense: {detail}")]
    Nonsense {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        detail: String,
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
    /// Whoever takes the bytes in is gone; the index is fine.
    #[error("the download was not taken in: {0}")]
    Sink(#[source] io::Error),
}

impl IndexError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Unreachable { .. } | Self::BrokenOff { .. } => true,
            _ => false,
        }
    }

    /// What to do about it; empty when there is nothing to say.
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
            Self::Tls { .. } => {
                "name your own certificates with SSL_CERT_FILE, or the index with --index-url"
            }
            Self::TooLarge { .. } => "download the file and scan its path",
            Self::Digest { .. } => "do not install it; somebody or something changed the file",
            Self::Sink(_) => "",
        }
    }

    /// What the client library says, sorted by what the user can do about it.
    pub(crate) fn of_request(url: &str, error: ureq::Error) -> Self {
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
            ureq::Error::RequireHttpsOnly(_) => {
                Self::Tls { url, detail: "it leads to an address without encryption".to_owned() }
            }
            _ => Self::Nonsense { url, detail },
        }
    }

    /// An error while connecting or reading.
    pub(super) fn of_io(url: String, error: &io::Error) -> Self {
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
}
