//! What a server was asked, and the faults that stand between its answers and the client.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::fault::{self, Fault, Faults, On};
use crate::http::{Received, Reply};

/// One request that came in, in the order of arrival.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `HEAD`, `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, of an XML-RPC call for instance.
    pub body: Vec<u8>,
    /// The status of the answer; 0 for a connection that was reset.
    pub status: u16,
    /// The wall clock since the server started.
    pub at: Duration,
}

impl Request {
    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The requests and faults of one server.
pub(crate) struct Conversation {
    started: Instant,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<Request>>,
}

impl Conversation {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), faults: Mutex::default(), requests: Mutex::default() }
    }

    pub(crate) fn fault(&self, on: On, fault: Fault, times: Option<usize>) {
        self.faults.lock().unwrap().add(on, fault, times);
    }

    pub(crate) fn clear_faults(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn forget_requests(&self) {
        self.requests.lock().unwrap().clear();
    }

    /// Answers one request and keeps it; a slow answer holds up no other.
    pub(crate) fn answer(&self, request: &Received, true_answer: impl FnOnce() -> Reply) -> Reply {
        let at = self.started.elapsed();
        let faults = self.faults.lock().unwrap().take(request.path());
        let reply =
            fault::answer_instead(&faults, request).unwrap_or_else(|| fault::spoil(&faults, true_answer()));
        self.requests.lock().unwrap().push(Request {
            method: request.method.clone(),
            path: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status: reply.status,
            at,
        });
        std::thread::sleep(fault::delay(&faults));
        reply
    }
}
