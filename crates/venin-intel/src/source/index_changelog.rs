//! The changelog of an index (XML-RPC `changelog_since_serial`) as a feed of takedowns: what was quarantined, cleared,
//! removed, yanked and uploaded, to the second.
//!
//! The rows are `(name, version, seconds, action, serial)`, in the order of the serial, at most 50,000 a call.  The
//! method is for mirrors and tightly limited: one call after the other, at the pace of the client.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::plain::{plain, problem, render_detail};
use super::xml::{Piece, read_xml};
use super::{Connector, Description, Input, Request, Sink, SourceError};
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface, WrongSubject};
use crate::http::{FetchRequest, Method};
use crate::index::HttpUrl;

const ID: &str = "index-changelog";
/// Largest answer in bytes: 50,000 rows have some 20 MB.
const MOST_BYTES: u64 = 128 << 20;
/// Longest value in bytes.
const MOST_VALUE: usize = 64 << 10;
/// Most calls of one run.
const MOST_CALLS: usize = 1000;
/// Most unknown actions that are named.
const MOST_UNKNOWN: usize = 5;

/// Which rows become claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Quarantines, removals and yanks, and what takes them back.
    #[default]
    Takedowns,
    /// Uploads and new projects too.
    Everything,
}

/// Reads the changelog from the cursor on; without one, from now on.
#[derive(Debug, Clone, Copy, Default)]
pub struct IndexChangelog {
    /// Which rows become claims.
    pub scope: Scope,
}

/// One row of the changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangelogRow {
    /// The project as the index writes it; unchecked.
    pub name: String,
    /// The version as the index writes it; unchecked.
    pub version: Option<String>,
    /// When.
    pub at: Moment,
    /// What, in the words of the index.
    pub action: String,
    /// The number of the row.
    pub serial: u64,
}

/// What an action means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning<'a> {
    /// A claim, perhaps about the file of this name.
    Said(ClaimKind, Option<&'a str>),
    /// Roles and descriptions: nothing about releases.
    Irrelevant,
    Unknown,
}

impl Connector for IndexChangelog {
    fn describe(&self) -> Description {
        Description {
            id: ID,
            title: "Quarantines, removals and yanks from the changelog of an index",
            input: "the address of the XML-RPC interface, or a saved answer",
        }
    }

    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError> {
        let url = match request.input {
            Input::Url(url) => url,
            Input::Path(path) => {
                let what = path.display().to_string();
                let bytes = std::fs::read(path).map_err(|error| wrong(&what, error.to_string()))?;
                return self.take_rows(request, &what, &bytes, sink).map(|_| ());
            }
        };
        let mut serial = match request.cursor.map(|cursor| cursor.trim().parse::<u64>()) {
            Some(Ok(serial)) => serial,
            Some(Err(_)) => return Err(wrong(&url.to_string(), "the cursor is no serial".to_owned())),
            None => {
                let answer = call(request, url, "changelog_last_serial", None)?;
                let last = parse_last_serial(&answer).map_err(|error| wrong(&url.to_string(), error))?;
                return sink.advance(&last.to_string());
            }
        };
        for _ in 0..MOST_CALLS {
            let answer = call(request, url, "changelog_since_serial", Some(serial))?;
            let Some(last) = self.take_rows(request, &url.to_string(), &answer, sink)? else { return Ok(()) };
            if last <= serial {
                return Err(wrong(&url.to_string(), format!("the serials do not rise above {serial}")));
            }
            serial = last;
            sink.advance(&serial.to_string())?;
        }
        Ok(())
    }
}

impl IndexChangelog {
    /// Gives the claims of one answer to the sink, and the highest serial back.
    fn take_rows(
        self,
        request: &Request<'_>,
        what: &str,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Option<u64>, SourceError> {
        let (rows, errors) = parse_changelog(bytes).map_err(|error| wrong(what, error))?;
        errors.iter().for_each(|error| sink.problem(problem("a row of the changelog", error)));
        let mut unknown = BTreeSet::new();
        for row in &rows {
            match self.claim_of(row, request) {
                Ok(Some(claim)) => sink.claim(claim)?,
                Ok(None) if meaning_of(row) == Meaning::Unknown && unknown.len() < MOST_UNKNOWN => {
                    unknown.insert(plain(&row.action));
                }
                Ok(None) => {}
                Err(error) => sink.problem(problem(&format!("serial {}", row.serial), error)),
            }
        }
        for action in unknown {
            sink.problem(problem("the changelog", format!("nobody knows what `{action}` means")));
        }
        Ok(rows.iter().map(|row| row.serial).max())
    }

    fn claim_of(self, row: &ChangelogRow, request: &Request<'_>) -> Result<Option<Claim>, WrongSubject> {
        let Meaning::Said(kind, file) = meaning_of(row) else { return Ok(None) };
        let is_upload = matches!(kind, ClaimKind::Uploaded | ClaimKind::IndexSeen);
        if is_upload && self.scope == Scope::Takedowns {
            return Ok(None);
        }
        let mut subject = Subject::project(&row.name)?;
        if let Some(version) = &row.version {
            subject = subject.with_version(version)?;
        }
        if let Some(file) = file {
            subject = subject.with_file(file)?;
        }
        Ok(Some(Claim {
            subject,
            surface: Surface::Index,
            kind,
            happened: Interval::at(row.at),
            observed: request.now,
            source: request.source.to_owned(),
            source_ref: row.serial.to_string(),
            evidence: Some(row.digest()),
            class: Class::Unknown,
            confidence: None,
            detail: render_detail(BTreeMap::from([("action", json!(plain(&row.action)))])),
        }))
    }
}

impl ChangelogRow {
    /// Of the row and not of the answer that brought it, which differs from call to call.
    fn digest(&self) -> Digest {
        let version = self.version.as_deref().unwrap_or_default();
        let row =
            format!("{}\t{version}\t{}\t{}\t{}", self.name, self.at.seconds(), self.action, self.serial);
        Digest::of(row.as_bytes())
    }
}

/// What the action of a row says; the words are those of the index, old and new.
fn meaning_of(row: &ChangelogRow) -> Meaning<'_> {
    use ClaimKind as Kind;
    let has_version = row.version.is_some();
    let kind = match row.action.as_str() {
        "project quarantined" => Kind::Quarantined,
        "project quarantine cleared" => Kind::QuarantineCleared,
        "release quarantined" if has_version => Kind::Quarantined,
        "release quarantine cleared" if has_version => Kind::QuarantineCleared,
        "remove project" => Kind::ProjectRemoved,
        "remove" if !has_version => Kind::ProjectRemoved,
        "remove release" | "remove" if has_version => Kind::ReleaseRemoved,
        "yank release" if has_version => Kind::Yanked,
        "unyank release" if has_version => Kind::Unyanked,
        "new release" if has_version => Kind::Uploaded,
        "create" => Kind::IndexSeen,
        action => return meaning_of_words(action),
    };
    Meaning::Said(kind, None)
}

/// Actions with a name in them: `remove file NAME`, `add PYTHON file NAME`, `add Owner USER`.
fn meaning_of_words(action: &str) -> Meaning<'_> {
    if let Some(file) = action.strip_prefix("remove file ") {
        return Meaning::Said(ClaimKind::FileRemoved, Some(file));
    }
    let added = action.strip_prefix("add ").and_then(|rest| rest.split_once(" file "));
    if let Some((_, file)) = added.filter(|(python, _)| !python.contains(' ')) {
        return Meaning::Said(ClaimKind::Uploaded, Some(file));
    }
    let first = action.split(' ').next().unwrap_or_default();
    let is_known = matches!(
        first,
        "add"
            | "remove"
            | "accepted"
            | "accept"
            | "invite"
            | "revoke_invite"
            | "update"
            | "change"
            | "hide"
            | "unhide"
            | "docupdate"
            | "docdelete"
            | "rename"
            | "nuke"
            | "delete"
            | "autohide"
    );
    if is_known { Meaning::Irrelevant } else { Meaning::Unknown }
}

/// One call of the interface; the answer's body.
fn call(
    request: &Request<'_>,
    url: &HttpUrl,
    method: &str,
    serial: Option<u64>,
) -> Result<Vec<u8>, SourceError> {
    let params =
        serial.map_or(String::new(), |serial| format!("<param><value><int>{serial}</int></value></param>"));
    let body = format!(
        "<?xml version=\"1.0\"?>\n<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>\n"
    );
    let ask = FetchRequest {
        method: Method::Post,
        body: body.into_bytes(),
        most_bytes: MOST_BYTES,
        ..FetchRequest::get(url.clone())
    };
    let answer = request.http.fetch(&ask.with_header("content-type", "text/xml"))?;
    let what = url.to_string();
    match (answer.status, answer.is_cut) {
        (200, false) => Ok(answer.body),
        (200, true) => Err(wrong(&what, format!("the answer is larger than {MOST_BYTES} bytes"))),
        (status, _) => Err(wrong(&what, format!("status {status}"))),
    }
}

fn wrong(what: &str, error: String) -> SourceError {
    SourceError::Input { connector: ID, what: what.to_owned(), error }
}

/// A value of the interface, as far as the changelog has any.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Nil,
    Text(String),
    Number(i64),
    /// Something else, or too long.
    Other,
}

/// Reads an answer: the rows in order, and what is wrong with others.
///
/// # Errors
/// One sentence: no answer of the interface, cut off, or a fault that the server reports.
pub fn parse_changelog(bytes: &[u8]) -> Result<(Vec<ChangelogRow>, Vec<String>), String> {
    let mut rows = Vec::new();
    let mut errors = Vec::new();
    read_values(bytes, &mut |values| match row_of(values) {
        Some(row) => rows.push(row),
        None if errors.len() < 1000 => errors.push(format!("no row: {}", plain(&format!("{values:?}")))),
        None => {}
    })?;
    Ok((rows, errors))
}

fn row_of(values: &[Value]) -> Option<ChangelogRow> {
    let [Value::Text(name), version, Value::Number(seconds), Value::Text(action), Value::Number(serial)] =
        values
    else {
        return None;
    };
    let version = match version {
        Value::Nil => None,
        Value::Text(version) => Some(version).filter(|version| !version.is_empty()).cloned(),
        Value::Number(_) | Value::Other => return None,
    };
    Some(ChangelogRow {
        name: name.clone(),
        version,
        at: Moment::from_seconds(*seconds),
        action: action.clone(),
        serial: u64::try_from(*serial).ok()?,
    })
}

/// Reads the answer of `changelog_last_serial`.
fn parse_last_serial(bytes: &[u8]) -> Result<u64, String> {
    let mut serial = None;
    read_values(bytes, &mut |values| {
        if let [Value::Number(number)] = values {
            serial = u64::try_from(*number).ok();
        }
    })?;
    serial.ok_or_else(|| "the answer holds no serial".to_owned())
}

/// The state of reading `methodResponse`.
#[derive(Default)]
struct Answer {
    is_answer: bool,
    /// How many arrays are open: the answer is one, each row another.
    arrays: usize,
    values: Vec<Value>,
    /// The value being read: its type and text.
    kind: Option<String>,
    text: String,
    is_long: bool,
    /// Whether the value that just ended held an array and is none itself.
    is_compound: bool,
    /// What the server reports instead of an answer.
    fault: Option<Vec<String>>,
}

/// Gives the values of each innermost array, or the single value outside of arrays.
fn read_values(bytes: &[u8], take: &mut dyn FnMut(&[Value])) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let mut answer = Answer::default();
    let end = read_xml(&text, |piece| answer.take(&piece, take));
    if let Some(fault) = answer.fault {
        return Err(format!("the server reports: {}", plain(&fault.join(" "))));
    }
    end?;
    if answer.is_answer { Ok(()) } else { Err("no XML-RPC answer".to_owned()) }
}

impl Answer {
    fn take(&mut self, piece: &Piece<'_>, take: &mut dyn FnMut(&[Value])) {
        match piece {
            Piece::Open("methodResponse", _) => self.is_answer = true,
            Piece::Open("fault", _) => self.fault = Some(Vec::new()),
            Piece::Open("array", _) => {
                self.arrays += 1;
                self.values.clear();
            }
            Piece::Open("value", _) => {
                self.kind = None;
                self.is_compound = false;
                self.restart_text();
            }
            Piece::Open("params" | "param" | "data" | "struct" | "member" | "name", _) => {}
            Piece::Open(kind, _) => {
                self.kind = Some((*kind).to_owned());
                self.restart_text();
            }
            Piece::Text(text) => {
                self.is_long |= self.text.len() + text.len() > MOST_VALUE;
                if !self.is_long {
                    self.text.push_str(text);
                }
            }
            Piece::Close("value") if !self.is_compound => self.end_value(take),
            Piece::Close("array") => {
                self.arrays = self.arrays.saturating_sub(1);
                // The outer array ends with nothing of its own: its rows were given one by one.
                if !self.values.is_empty() {
                    take(&self.values);
                    self.values.clear();
                }
                self.is_compound = true;
            }
            Piece::Close("struct") => self.is_compound = true,
            Piece::Close(_) => {}
        }
    }

    fn restart_text(&mut self) {
        self.text.clear();
        self.is_long = false;
    }

    fn end_value(&mut self, take: &mut dyn FnMut(&[Value])) {
        let value = match self.kind.take().as_deref() {
            _ if self.is_long => Value::Other,
            Some("nil" | "ex:nil") => Value::Nil,
            Some("int" | "i4" | "i8" | "ex:i8") => {
                self.text.trim().parse().map_or(Value::Other, Value::Number)
            }
            Some("string") | None => Value::Text(std::mem::take(&mut self.text)),
            Some(_) => Value::Other,
        };
        if let Some(fault) = self.fault.as_mut().filter(|fault| fault.len() < 16) {
            match value {
                Value::Text(text) => fault.push(text),
                Value::Number(code) => fault.push(code.to_string()),
                Value::Nil | Value::Other => {}
            }
        } else if self.arrays == 0 {
            take(&[value]);
        } else if self.values.len() < 16 {
            self.values.push(value);
        }
        self.is_compound = true;
    }
}

#[cfg(test)]
#[path = "index_changelog_tests.rs"]
mod tests;
