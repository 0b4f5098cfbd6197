//! Requests to the index: its pages and files, bounded and checked; how servers are asked is the HTTP client's.

use std::fmt;
use std::io;
use std::sync::Arc;

use venin_package::normalize_name;

use super::page::{IndexFile, ProjectPage, parse_page};
use super::settings::IndexSettings;
use crate::http::{
    BodySink, Fetch, FetchError, FetchRequest, Fetched, Metered, PoliteClient, Politeness, Redirects, Wanted,
};

/// What pages are asked for: JSON first (PEP 691), HTML for indexes that have nothing else.
pub const ACCEPT_PAGE: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// How much of an index is taken in.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest page in bytes.
    pub page: u64,
    /// Largest file in bytes.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { page: 64 << 20, file: 512 << 20 }
    }
}

/// Takes in a file as it comes.
pub trait FileSink {
    /// The first byte is about to come, for the first time or again; `size` is what the index announces, or 0.
    ///
    /// # Errors
    /// It cannot be taken in.
    fn restart(&mut self, size: u64) -> io::Result<()>;

    /// More bytes.
    ///
    /// # Errors
    /// They cannot be taken in.
    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()>;
}

/// The user's index, and the way to it.
#[derive(Clone)]
pub struct IndexClient {
    settings: IndexSettings,
    limits: Limits,
    http: Arc<dyn Fetch>,
}

impl fmt::Debug for IndexClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexClient")
            .field("settings", &self.settings)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl IndexClient {
    /// A client that asks as an installer does; connects to nothing yet.
    ///
    /// # Errors
    /// The proxy or the certificates of the settings cannot be used.
    pub fn connect(settings: IndexSettings, limits: Limits) -> Result<Self, FetchError> {
        let http = PoliteClient::new(Politeness {
            certificates: settings.certificates.clone().filter(|_| settings.url.is_secure()),
            proxy: settings.proxy.clone(),
            ..Politeness::of_installer()
        })?;
        Ok(Self::new(settings, limits, Arc::new(http)))
    }

    /// A client that asks through another.
    #[must_use]
    pub fn new(settings: IndexSettings, limits: Limits, http: Arc<dyn Fetch>) -> Self {
        Self { settings, limits, http }
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &IndexSettings {
        &self.settings
    }

    /// The page of a project; the name is normalized first.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn fetch_project(&self, name: &str) -> Result<ProjectPage, FetchError> {
        let name = normalize_name(name);
        let url = self.settings.url.directory(&name);
        let request = FetchRequest {
            redirects: Redirects::FollowBare,
            most_bytes: self.limits.page,
            ..FetchRequest::get(url.clone()).with_header("accept", ACCEPT_PAGE)
        };
        let answer = self.http.fetch(&request)?;
        match answer.status {
            200 => {}
            404 | 410 => {
                return Err(FetchError::NoProject { name, index: self.settings.url.to_string() });
            }
            status => return Err(FetchError::Status { url: url.to_string(), status }),
        }
        if answer.is_cut {
            return Err(FetchError::TooLarge { url: url.to_string(), limit: self.limits.page });
        }
        let media_type = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
        parse_page(&name, &url, &media_type, &answer.body)
    }

    /// Streams a file into a sink and gives its SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// [`FetchError`]; also [`FetchError::Digest`] when the index or `wanted` announces another digest.  What the sink
    /// has taken in by then is worthless.
    pub fn fetch_file(
        &self,
        file: &IndexFile,
        wanted: &[String],
        sink: &mut dyn FileSink,
    ) -> Result<String, FetchError> {
        let (url, limit) = (&file.url, self.limits.file);
        let too_large = || FetchError::TooLarge { url: url.to_string(), limit };
        if file.size.is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        if self.settings.url.is_secure() && !url.is_secure() {
            return Err(FetchError::unencrypted(url.to_string()));
        }
        let request = FetchRequest::get(url.clone()).with_header("accept", "*/*");
        // A file must arrive as it is stored: some servers would take `.gz` for an encoding.
        let request = request.with_header("accept-encoding", "identity");
        let request = FetchRequest { redirects: Redirects::FollowBare, most_bytes: limit, ..request };
        let mut body = FileBody { size: file.size.unwrap_or(0), limit, is_too_large: false, sink };
        let mut metered = Metered::new(&mut body);
        let answer = self.http.fetch_into(&request, &mut metered)?;
        let found = metered.digest().to_string();
        if answer.status != 200 {
            return Err(FetchError::Status { url: url.to_string(), status: answer.status });
        }
        if answer.is_cut || body.is_too_large {
            return Err(too_large());
        }
        check_digest(file, wanted, found)
    }
}

/// The body of a file on its way to whoever takes it in.
struct FileBody<'a> {
    /// What the index announces, or 0.
    size: u64,
    limit: u64,
    /// Whether the server announces more than the limit.
    is_too_large: bool,
    sink: &'a mut dyn FileSink,
}

impl BodySink for FileBody<'_> {
    fn begin(&mut self, answer: &Fetched) -> Result<Wanted, String> {
        let announced = answer.header("content-length").and_then(|text| text.trim().parse::<u64>().ok());
        self.is_too_large = announced.is_some_and(|length| length > self.limit);
        if answer.status != 200 || self.is_too_large {
            return Ok(Wanted::Nothing);
        }
        self.sink.restart(self.size).map_err(|error| error.to_string())?;
        Ok(Wanted::Body)
    }

    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.sink.bytes(chunk).map_err(|error| error.to_string())
    }
}

/// Compares what came with what was announced.
fn check_digest(file: &IndexFile, wanted: &[String], found: String) -> Result<String, FetchError> {
    let announced = file.sha256.as_ref().filter(|expected| **expected != found).cloned();
    let demanded = (!wanted.is_empty() && !wanted.contains(&found)).then(|| wanted.join(" or "));
    match announced.or(demanded) {
        Some(expected) => Err(FetchError::Digest { file: file.name.clone(), expected, found }),
        None => Ok(found),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
