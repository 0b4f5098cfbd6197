//! One request, one answer: no redirects, no second attempt.

use std::io::{self, Read};
use std::sync::Arc;

use ureq::config::RedirectAuthHeaders;
use ureq::http::{self, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Proxy};

use super::body::{BodySink, Wanted};
use super::certificates::read_certificates;
use super::settings::Politeness;
use super::{FetchError, Fetched, Method};
use crate::index::{HttpUrl, mask_credentials};

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
    /// The answer without its body, which goes to the sink.
    fn send_into(&self, hop: &Hop, body: &mut dyn BodySink) -> Result<Fetched, FetchError>;
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
                Proxy::new(proxy).map_err(|error| FetchError::of_request(&mask_credentials(proxy), error))?;
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
    fn send_into(&self, hop: &Hop, body: &mut dyn BodySink) -> Result<Fetched, FetchError> {
        let url = hop.url.to_string();
        let mut response = self.call(hop).map_err(|error| FetchError::of_request(&url, error))?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let status = response.status().as_u16();
        let mut answer = Fetched { status, headers, ..Fetched::default() };
        let not_taken = |detail| FetchError::NotTaken { url: url.clone(), detail };
        if body.begin(&answer).map_err(not_taken)? == Wanted::Body {
            answer.is_cut = pass_body(&mut response, &url, hop.most_bytes, body)?;
        }
        Ok(answer)
    }
}

/// Passes at most `most` decoded bytes on, and says whether there are more: what a compressed body swells to is never
/// held.
fn pass_body(
    response: &mut Response<Body>,
    url: &str,
    most: u64,
    body: &mut dyn BodySink,
) -> Result<bool, FetchError> {
    let mut reader = response.body_mut().as_reader();
    let mut buffer = vec![0; CHUNK];
    let mut left = most;
    loop {
        let read = reader
            .read(&mut buffer)
            .map_err(|error: io::Error| FetchError::of_request(url, ureq::Error::from(error)))?;
        if read == 0 {
            return Ok(false);
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX);
        let taken = read.min(room);
        body.bytes(buffer.get(..taken).unwrap_or_default())
            .map_err(|detail| FetchError::NotTaken { url: url.to_owned(), detail })?;
        left -= taken as u64;
        if read > room {
            return Ok(true);
        }
    }
}
