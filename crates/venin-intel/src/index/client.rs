//! Requests to the index: few, bounded, patient with what passes and clear about what does not.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::config::RedirectAuthHeaders;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Proxy};
use venin_package::normalize_name;

use super::error::IndexError;
use super::page::{IndexFile, ProjectPage, parse_page};
use super::settings::IndexSettings;
use super::url::{HttpUrl, mask_credentials};

/// JSON first (PEP 691), HTML for indexes that have nothing else.
const ACCEPT_PAGE: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
/// Bytes moved at once.
const CHUNK: usize = 64 << 10;

/// Bounds of the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest page in bytes.
    pub page: u64,
    /// Largest file in bytes.
    pub file: u64,
    /// How often a request is tried.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles.
    pub pause: Duration,
    /// Longest silence of a server.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page: 64 << 20,
            file: 512 << 20,
            attempts: 3,
            pause: Duration::from_millis(300),
            silence: Duration::from_secs(30),
        }
    }
}

/// Takes in a file as it comes.
pub trait FileSink {
    /// The first byte is about to come, for the first time or again; `size` is what the index announces, or 0.
    fn restart(&mut self, size: u64) -> std::io::Result<()>;

    /// More bytes.
    fn bytes(&mut self, chunk: &[u8]) -> std::io::Result<()>;
}

/// A connection to the user's index.
#[derive(Debug)]
pub struct IndexClient {
    settings: IndexSettings,
    limits: Limits,
    agent: Agent,
    /// After an index could not be reached at all, further requests are tried only once.
    is_down: AtomicBool,
}

impl IndexClient {
    /// Makes a client; connects to nothing yet.
    ///
    /// # Errors
    /// The proxy or the certificates of the settings cannot be used.
    pub fn new(settings: IndexSettings, limits: Limits) -> Result<Self, IndexError> {
        let certificates = settings.certificates.as_deref().filter(|_| settings.url.is_secure());
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(settings.url.is_secure())
            .max_redirects(5)
            // A redirect never takes credentials along, not even to another port of the same host.
            .redirect_auth_headers(RedirectAuthHeaders::Never)
            .user_agent(concat!("venin/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(limits.silence))
            .timeout_recv_response(Some(limits.silence))
            .timeout_per_read(Some(limits.silence))
            .tls_config(TlsConfig::builder().root_certs(read_certificates(certificates)?).build());
        if let Some(proxy) = &settings.proxy {
            let parsed =
                Proxy::new(proxy).map_err(|error| IndexError::of_request(&mask_credentials(proxy), error))?;
            config = config.proxy(Some(parsed));
        }
        Ok(Self { settings, limits, agent: config.build().new_agent(), is_down: AtomicBool::new(false) })
    }

    /// The settings in force.
    pub fn settings(&self) -> &IndexSettings {
        &self.settings
    }

    /// The page of a project; the name is normalized first.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn fetch_project(&self, name: &str) -> Result<ProjectPage, IndexError> {
        let name = normalize_name(name);
        let url = self.settings.url.directory(&name);
        self.with_attempts(|| {
            let mut response = self.get(&url, ACCEPT_PAGE)?;
            match response.status().as_u16() {
                200 => {}
                404 | 410 => {
                    return Err(IndexError::NoProject {
                        name: name.clone(),
                        index: self.settings.url.to_string(),
                    });
                }
                status => return Err(IndexError::Status { url: url.to_string(), status }),
            }
            let media_type = response.body().mime_type().unwrap_or_default().to_ascii_lowercase();
            let mut bytes = Vec::new();
            self.read_body(&url, &mut response, self.limits.page, |chunk| {
                bytes.extend_from_slice(chunk);
                Ok(())
            })?;
            parse_page(&name, &url, &media_type, &bytes)
        })
    }

    /// Streams a file into a sink and gives its SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// [`IndexError`]; also [`IndexError::Digest`] when the index or `wanted` announces another digest.  What the sink
    /// has taken in by then is worthless.
    pub fn fetch_file(
        &self,
        file: &IndexFile,
        wanted: &[String],
        sink: &mut dyn FileSink,
    ) -> Result<String, IndexError> {
        if file.size.is_some_and(|size| size > self.limits.file) {
            return Err(IndexError::TooLarge { url: file.url.to_string(), limit: self.limits.file });
        }
        let found = self.with_attempts(|| {
            let mut response = self.get(&file.url, "*/*")?;
            let status = response.status().as_u16();
            if status != 200 {
                return Err(IndexError::Status { url: file.url.to_string(), status });
            }
            sink.restart(file.size.unwrap_or(0)).map_err(IndexError::Sink)?;
            let mut digest = Sha256::new();
            self.read_body(&file.url, &mut response, self.limits.file, |chunk| {
                digest.update(chunk);
                sink.bytes(chunk).map_err(IndexError::Sink)
            })?;
            Ok(crate::claim::Digest(digest.finalize().into()).to_string())
        })?;
        check_digest(file, wanted, found)
    }

    /// One request, with the credentials that belong to its host.
    fn get(&self, url: &HttpUrl, accept: &str) -> Result<Response<Body>, IndexError> {
        let mut request = self.agent.get(url.request_url()).header("accept", accept);
        if accept == "*/*" {
            // A file must arrive as it is stored: some servers would take `.gz` for an encoding.
            request = request.header("accept-encoding", "identity");
        }
        if let Some(authorization) = url.authorization() {
            request = request.header("authorization", authorization);
        }
        request.call().map_err(|error| IndexError::of_request(&url.to_string(), error))
    }

    /// Reads at most `limit` bytes.
    fn read_body(
        &self,
        url: &HttpUrl,
        response: &mut Response<Body>,
        limit: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let too_large = || IndexError::TooLarge { url: url.to_string(), limit };
        let announced = response.body().content_length();
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut reader = response.body_mut().as_reader();
        let mut buffer = vec![0; CHUNK];
        let mut total: u64 = 0;
        loop {
            let read =
                reader.read(&mut buffer).map_err(|error| IndexError::of_body(url.to_string(), &error))?;
            if read == 0 {
                return Ok(());
            }
            total += read as u64;
            if total > limit {
                return Err(too_large());
            }
            take(buffer.get(..read).unwrap_or_default())?;
        }
    }

    /// Tries again after failures that may pass, with growing pauses.
    fn with_attempts<T>(&self, mut attempt: impl FnMut() -> Result<T, IndexError>) -> Result<T, IndexError> {
        let mut pause = self.limits.pause;
        let mut left = if self.is_down.load(Ordering::Relaxed) { 1 } else { self.limits.attempts.max(1) };
        loop {
            left -= 1;
            match attempt() {
                Err(error) if error.is_transient() && left > 0 => {}
                Err(error) => {
                    let is_down = matches!(error, IndexError::Unreachable { .. });
                    self.is_down.fetch_or(is_down, Ordering::Relaxed);
                    return Err(error);
                }
                Ok(value) => return Ok(value),
            }
            std::thread::sleep(pause);
            pause *= 2;
        }
    }
}

impl IndexError {
    /// An error in the middle of a body: whatever it is called, the answer did not arrive.
    fn of_body(url: String, error: &std::io::Error) -> Self {
        Self::BrokenOff { url, detail: error.to_string() }
    }
}

/// The certificates of a file, or those of the system.  A directory of certificates is left to the system.
pub(crate) fn read_certificates(file: Option<&Path>) -> Result<RootCerts, IndexError> {
    let Some(path) = file.filter(|path| !path.is_dir()) else { return Ok(RootCerts::PlatformVerifier) };
    let failed = |detail: String| IndexError::Tls { url: path.display().to_string(), detail };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let of_item = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem).filter_map(of_item).collect();
    if certificates.is_empty() {
        return Err(failed("the file holds no certificate".to_owned()));
    }
    Ok(RootCerts::from(certificates))
}

/// Compares what came with what was announced.
fn check_digest(file: &IndexFile, wanted: &[String], found: String) -> Result<String, IndexError> {
    let announced = file.sha256.as_ref().filter(|expected| **expected != found).cloned();
    let demanded = (!wanted.is_empty() && !wanted.contains(&found)).then(|| wanted.join(" or "));
    match announced.or(demanded) {
        Some(expected) => Err(IndexError::Digest { file: file.name.clone(), expected, found }),
        None => Ok(found),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
