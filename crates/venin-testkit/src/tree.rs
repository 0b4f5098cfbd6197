//! A mirror's folder on a web server, as its operator would serve it.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::conversation::{Conversation, Request};
use crate::fault::{Fault, On};
use crate::file_answer::answer_bytes;
use crate::http::{Received, Reply, Server};
use crate::negotiate::{JSON, page_type};

/// A web server for a folder; ends when it is dropped.  The folder may change while it is served.
///
/// A folder's page is `index.v1_json` for clients that like JSON best, if it is there, else `index.html`.
pub struct TreeServer {
    server: Server,
    conversation: Arc<Conversation>,
}

impl TreeServer {
    /// Serves `root`: of a bandersnatch mirror, its `web` folder.
    pub fn start(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let conversation = Arc::new(Conversation::new());
        let held = Arc::clone(&conversation);
        let server = Server::start(Arc::new(move |request| held.answer(request, || answer(&root, request))));
        Self { server, conversation }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base(&self) -> String {
        self.server.base()
    }

    /// The address that installers are given: `BASE/simple/`.
    pub fn simple_url(&self) -> String {
        format!("{}/simple/", self.base())
    }

    /// Breaks or slows the answers of these paths until [`TreeServer::clear_faults`].
    pub fn fault(&self, on: On, fault: Fault) {
        self.conversation.fault(on, fault, None);
    }

    /// Breaks or slows the next `times` answers of these paths.
    pub fn fault_times(&self, on: On, fault: Fault, times: usize) {
        self.conversation.fault(on, fault, Some(times));
    }

    /// Ends every fault.
    pub fn clear_faults(&self) {
        self.conversation.clear_faults();
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.conversation.requests()
    }

    /// Empties the record of requests.
    pub fn forget_requests(&self) {
        self.conversation.forget_requests();
    }
}

fn answer(root: &Path, request: &Received) -> Reply {
    let path = request.path();
    let inside = PathBuf::from(path.trim_start_matches('/').replace("%2B", "+").replace("%21", "!"));
    if request.method == "POST" || inside.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Reply::not_found();
    }
    let mut file = root.join(inside);
    if file.is_dir() {
        if !path.ends_with('/') {
            return Reply::redirect(301, &format!("{path}/"));
        }
        let json = file.join("index.v1_json");
        file = if page_type(request) == JSON && json.exists() { json } else { file.join("index.html") };
    }
    let Ok(bytes) = fs::read(&file) else { return Reply::not_found() };
    let changed = fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
    let changed = changed.and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
    answer_bytes(media_type(&file), &bytes, changed, request)
}

fn media_type(file: &Path) -> &'static str {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match name {
        "index.v1_json" => JSON,
        "index.html" => "text/html",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
