//! Files that a server gives as a whole: asked for only when they have changed since the last whole import.
//!
//! The server's marks of a file are kept in the cursor of its source, which moves only when every claim of the file is
//! in the store: an import that was killed half way asks for the file again.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use serde::{Deserialize, Serialize};

use super::{Request, Sink, SourceError};
use crate::claim::Moment;
use crate::http::{
    BodySink, Change, FetchError, FetchRequest, Fetched, Validator, Wanted, fetch_into_if_changed,
};
use crate::index::HttpUrl;

/// Largest file of a server that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 30;

/// How far an input has been read; kept as the cursor of its source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reached {
    /// When the newest record that was read had changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
    /// The server's marks of the last file that was wholly imported.
    #[serde(default)]
    marks: Validator,
}

impl Reached {
    /// Reads a cursor: a moment alone, or the JSON of both.  What is neither is no position at all.
    pub(crate) fn parse(cursor: Option<&str>) -> Self {
        let Some(cursor) = cursor else { return Self::default() };
        if Moment::parse(cursor).is_ok() {
            return Self { newest: Some(cursor.to_owned()), ..Self::default() };
        }
        serde_json::from_str(cursor).unwrap_or_default()
    }

    pub(crate) fn newest(&self) -> Option<Moment> {
        self.newest.as_deref().and_then(|text| Moment::parse(text).ok())
    }

    /// Moves the cursor to here; nowhere when there is nothing to remember.
    ///
    /// # Errors
    /// The sink's own.
    pub(crate) fn advance(&self, sink: &mut dyn Sink) -> Result<(), SourceError> {
        match (&self.newest, &self.marks) {
            (None, marks) if *marks == Validator::default() => Ok(()),
            (Some(newest), marks) if *marks == Validator::default() => sink.advance(newest),
            _ => {
                let text = serde_json::to_string(self);
                sink.advance(&text.map_err(|error| SourceError::Store(error.to_string()))?)
            }
        }
    }
}

/// What became of reading an input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The server says that it is the one that was wholly imported the last time.
    Unchanged,
    /// It was read to its end; the marks are empty where no server gave any.
    Whole(Validator),
}

/// Keeps the position behind what was read, and says so where there was nothing new.
///
/// # Errors
/// The sink's own.
pub(crate) fn conclude(
    request: &Request<'_>,
    read: Read,
    newest: Option<Moment>,
    sink: &mut dyn Sink,
) -> Result<(), SourceError> {
    let marks = match read {
        Read::Unchanged => {
            sink.unchanged();
            return Reached::parse(request.cursor).advance(sink);
        }
        // Of a file that was read from a date on only, not everything is in the store.
        Read::Whole(_) if request.since.is_some() => Validator::default(),
        Read::Whole(marks) => marks,
    };
    let newest = newest.map(|newest| newest.min(request.now).to_string());
    Reached { newest, marks }.advance(sink)
}

/// A file that a server gave.
pub(crate) struct Dump {
    /// Without a name and gone when it is closed; at its beginning.
    pub(crate) file: File,
    pub(crate) marks: Validator,
}

/// Asks for a file; `None` when it is the one that was wholly imported the last time.
///
/// # Errors
/// The server does not give it.
pub(crate) fn fetch_dump(
    request: &Request<'_>,
    url: &HttpUrl,
    connector: &'static str,
) -> Result<Option<Dump>, SourceError> {
    let fail = |error: String| SourceError::Input { connector, what: url.to_string(), error };
    let marks = Reached::parse(request.cursor).marks;
    let known = (marks != Validator::default()).then_some(&marks);
    let ask = FetchRequest { most_bytes: MAX_ANSWER, ..FetchRequest::get(url.clone()) };
    let file = tempfile::tempfile().map_err(|error| fail(format!("no room for it: {error}")))?;
    let mut body = OnDisk(file);
    let (answer, marks) = match fetch_into_if_changed(request.http, ask, known, &mut body) {
        Ok(Change::Unchanged) => return Ok(None),
        Ok(Change::Answer(answer, marks)) => (answer, marks),
        Err(FetchError::NotTaken { detail, .. }) => return Err(fail(format!("no room for it: {detail}"))),
        Err(error) => return Err(error.into()),
    };
    match (answer.status, answer.is_cut) {
        (200, false) => {}
        (200, true) => return Err(fail(format!("more than {MAX_ANSWER} bytes"))),
        (status, _) => return Err(fail(format!("the server answered {status}"))),
    }
    let mut file = body.0;
    file.seek(SeekFrom::Start(0)).map_err(|error| fail(error.to_string()))?;
    Ok(Some(Dump { file, marks }))
}

/// Keeps a body in a file.
struct OnDisk(File);

impl BodySink for OnDisk {
    fn begin(&mut self, answer: &Fetched) -> Result<Wanted, String> {
        let emptied = self.0.set_len(0).and_then(|()| self.0.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| error.to_string())?;
        Ok(if answer.status == 200 { Wanted::Body } else { Wanted::Nothing })
    }

    fn bytes(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.0.write_all(chunk).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
#[path = "dump_tests.rs"]
mod tests;
