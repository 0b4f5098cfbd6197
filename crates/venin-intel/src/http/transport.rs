//! One request, one answer: no redirects, no second attempt.

use std::io::{self, Read};
use std::sync::Arc;

use ureq::config::RedirectAuthHeaders;
use ureq::http::{self, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Proxy};

use super::settings::Politeness;
use super::{FetchError, Fetched, Method};
use crate::index::{HttpUrl, IndexError, mask_credentials, read_certificates};

/// Bytes moved at once.
const CHUNK: usize = 64 << 10;
/// Longest head of an answer in bytes.
const MOST_HEAD: usize = 64 << 10;

/// One request to one host.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: HttpUrl,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Arc<[u8]>,
    pub(super) most_bytes: u64,
}

/// Sends a request and reads the answer.
pub(super) trait Transport: Send + Sync {
    fn send(&self, hop: &Hop) -> Result<Fetched, FetchError>;
}

/// Over the network.
#[derive(Debug)]
pub(super) struct Network {
    agent: Agent,
}

impl Network {
    pub(super) fn new(settings: &Politeness) -> Result<Self, FetchError> {
        let certificates = read_certificates(settings.certificates.as_deref())?;
        let timeouts = settings.timeouts;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::Never)
            .max_response_header_size(MOST_HEAD)
            .user_agent(settings.user_agent())
            .timeout_resolve(Some(timeouts.connect))
            .timeout_connect(Some(timeouts.connect))
            .timeout_recv_response(Some(timeouts.first_byte))
            .timeout_per_read(Some(timeouts.silence))
            .timeout_per_write(Some(timeouts.silence))
            .timeout_global(Some(timeouts.whole))
            .tls_config(TlsConfig::builder().root_certs(certificates).build());
        if let Some(proxy) = &settings.proxy {
            let parsed =
                Proxy::new(proxy).map_err(|error| IndexError::of_request(&mask_credentials(proxy), error))?;
            config = config.proxy(Some(parsed));
        }
        Ok(Self { agent: config.build().new_agent() })
    }

    fn call(&self, hop: &Hop) -> Result<Response<Body>, ureq::Error> {
        let method = match hop.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        };
        let mut request = http::Request::builder().method(method).uri(hop.url.request_url());
        for (name, value) in &hop.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = hop.url.authorization() {
            request = request.header("authorization", authorization);
        }
        if hop.method == Method::Post {
            self.agent.run(request.body(&*hop.body)?)
        } else {
            self.agent.run(request.body(())?)
        }
    }
}

impl Transport for Network {
    fn send(&self, hop: &Hop) -> Result<Fetched, FetchError> {
        let url = hop.url.to_string();
        let failed = |error| FetchError::from(IndexError::of_request(&url, error));
        let mut response = self.call(hop).map_err(failed)?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let status = response.status().as_u16();
        let (body, is_cut) =
            read_body(&mut response, hop.most_bytes).map_err(|error| failed(ureq::Error::from(error)))?;
        Ok(Fetched { status, headers, body, is_cut })
    }
}

/// Reads at most `most` decoded bytes: what a compressed body swells to is never held.
fn read_body(response: &mut Response<Body>, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut reader = response.body_mut().as_reader();
    let mut body = Vec::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok((body, false));
        }
        let room = usize::try_from(most.saturating_sub(body.len() as u64)).unwrap_or(usize::MAX);
        body.extend_from_slice(buffer.get(..read.min(room)).unwrap_or_default());
        if read > room {
            return Ok((body, true));
        }
    }
}

impl From<IndexError> for FetchError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Unreachable { url, detail } => Self::Unreachable { url, detail },
            IndexError::BrokenOff { url, detail } => Self::BrokenOff { url, detail },
            IndexError::Tls { url, detail } => Self::Tls { url, detail },
            IndexError::Nonsense { url, detail } => Self::Nonsense { url, detail },
            other => Self::Nonsense { url: "the answer".to_owned(), detail: other.to_string() },
        }
    }
}
