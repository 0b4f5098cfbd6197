//! A package index on the loopback interface that real installers and mirrors take for theirs.
//!
//! It serves the simple list and project pages (PEP 503, 691, 700, 792), core metadata (PEP 658, 714), the file host,
//! project JSON, the XML-RPC changelog, RSS and provenance (PEP 740) out of one state in memory, in the shapes that
//! Warehouse gives them.  The test uploads, removes, quarantines and yanks; each such act writes the rows into the
//! changelog that Warehouse writes.  As there, a file stays on the file host after its index entry has gone.
//! A [`Fault`] breaks or slows any answer, and every request is kept for the test to look at.

mod artifact;
mod feeds;
mod lifecycle;
mod project_json;
mod route;
mod simple;
mod state;
mod upload;
mod xmlrpc;

pub use artifact::{core_metadata, inert_sdist, inert_wheel};
pub use state::JournalRow;
pub use upload::{Upload, Uploaded};

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use crate::conversation::{Conversation, Request};
use crate::fault::{Fault, On};
use crate::http::Server;
use state::State;

/// A running index; ends when it is dropped.
///
/// Acts on a project, release or file that is not there panic: the test is wrong.
pub struct Index {
    state: Arc<Mutex<State>>,
    conversation: Arc<Conversation>,
    server: Server,
    files: Option<Server>,
}

impl Index {
    /// Serves index and files at one address.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let conversation = Arc::new(Conversation::new());
        let server = serve(&state, &conversation);
        let base = server.base();
        let mut guard = state.lock().unwrap();
        (guard.base, guard.file_base) = (base.clone(), base);
        drop(guard);
        Self { state, conversation, server, files: None }
    }

    /// Serves the files at an address of their own (another port), as large indexes do.
    pub fn start_with_file_host() -> Self {
        let mut index = Self::start();
        let files = serve(&index.state, &index.conversation);
        index.state().file_base = files.base();
        index.files = Some(files);
        index
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base(&self) -> String {
        self.server.base()
    }

    /// The address that installers are given: `BASE/simple/`.
    pub fn simple_url(&self) -> String {
        format!("{}/simple/", self.base())
    }

    /// Where XML-RPC calls go.
    pub fn xmlrpc_url(&self) -> String {
        format!("{}/pypi", self.base())
    }

    /// Where the files are: `http://127.0.0.1:PORT`.
    pub fn file_host(&self) -> String {
        self.files.as_ref().unwrap_or(&self.server).base()
    }

    /// The index's clock; it stands still unless the test moves it.
    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// Sets the clock, as in `2026-01-31T12:00:00Z`.
    pub fn set_time(&self, moment: &str) {
        self.state().now = moment.parse().unwrap();
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.now = state.now.checked_add(by).unwrap();
    }

    /// The serial of the newest changelog row, 0 before the first.
    pub fn last_serial(&self) -> u64 {
        self.state().last_serial()
    }

    /// The changelog so far.
    pub fn journal(&self) -> Vec<JournalRow> {
        self.state().journal.clone()
    }

    /// Breaks or slows the answers of these paths until [`Index::clear_faults`].
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn serve(state: &Arc<Mutex<State>>, conversation: &Arc<Conversation>) -> Server {
    let (state, conversation) = (Arc::clone(state), Arc::clone(conversation));
    Server::start(Arc::new(move |request| {
        conversation.answer(request, || route::answer(&state.lock().unwrap(), request))
    }))
}
