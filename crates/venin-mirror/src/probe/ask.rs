//! One question, through redirects that stay with the mirror.

use venin_intel::http::{Fetch, FetchRequest, Fetched, Method, Redirects};
use venin_intel::index::HttpUrl;

use super::target::{MirrorTarget, host_of};

/// Most redirects followed.
const MAX_HOPS: usize = 5;

/// What came of a question.
#[derive(Debug)]
pub(super) enum Asked {
    /// An answer, and the address that gave it.
    Answer(Fetched, HttpUrl),
    /// The mirror sends its users to this host.
    Elsewhere(String),
    /// No answer; why.
    Failed(String),
}

/// A question without its address.
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) most_bytes: u64,
}

pub(super) fn ask(http: &dyn Fetch, mirror: &MirrorTarget, url: &HttpUrl, question: &Question) -> Asked {
    let mut url = url.clone();
    for _ in 0..=MAX_HOPS {
        if !mirror.is_own(&url) {
            return Asked::Elsewhere(host_of(&url));
        }
        let request = FetchRequest {
            method: question.method,
            url: url.clone(),
            headers: question.headers.clone(),
            body: Vec::new(),
            redirects: Redirects::Show,
            most_bytes: question.most_bytes,
        };
        let fetched = match http.fetch(&request) {
            Ok(fetched) => fetched,
            Err(error) => return Asked::Failed(error.to_string()),
        };
        if !matches!(fetched.status, 301 | 302 | 303 | 307 | 308) {
            return Asked::Answer(fetched, url);
        }
        match fetched.header("location").and_then(|location| url.join(location)) {
            Some(next) => url = next,
            None => return Asked::Failed("a redirect that leads to no address".to_owned()),
        }
    }
    Asked::Failed("redirects without end".to_owned())
}

/// Whether an answer says of itself that it is a web page.
pub(super) fn is_web_page(fetched: &Fetched) -> bool {
    fetched.header("content-type").is_some_and(|media_type| media_type.to_ascii_lowercase().contains("html"))
}
