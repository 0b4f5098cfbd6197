//! Where records lie: a file, a directory, a zip, JSON lines, a git repository without a work tree, an address.
//!
//! Each gives documents, one at a time and sorted by name, so that what follows does not depend on the machine.

mod archive;
mod directory;
mod lines;

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use super::git::Repository;
use super::{Input, Request, SourceError, SourceProblem};
use crate::http::FetchRequest;

pub(crate) use directory::list_directory;
pub(crate) use lines::read_lines;

/// Largest document, in bytes: a record with a field of ten million bytes is one, a dump in one file too.
pub(crate) const MAX_DOCUMENT: u64 = 256 << 20;
/// Largest answer of a server that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 30;

/// One record's text, or why there is none.
pub(crate) enum Found<'a> {
    /// A document: its name in the input, and its bytes.
    Document(&'a str, &'a [u8]),
    /// Something that could not be read.
    Problem(SourceProblem),
}

/// What happens to a document; an error ends the reading.
pub(crate) type Take<'a> = dyn FnMut(Found<'_>) -> Result<(), SourceError> + 'a;

/// Which documents of a tree or an archive are read.
pub(crate) struct Wanted<'a> {
    /// The connector's id, for errors.
    pub(crate) connector: &'static str,
    /// Whether a file of this path is a document.
    pub(crate) file: &'a dyn Fn(&str) -> bool,
    /// Whether a folder of this path may hold any.
    pub(crate) folder: &'a dyn Fn(&str) -> bool,
}

/// Whether the path ends in this extension, in any case.
pub(crate) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
}

/// Reads every document of the request's input.
pub(crate) fn read_documents(
    request: &Request<'_>,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    match request.input {
        Input::Path(path) => read_path(path, wanted, take),
        Input::Url(url) => {
            let mut ask = FetchRequest::get(url.clone());
            ask.most_bytes = MAX_ANSWER;
            let answer = request.http.fetch(&ask)?;
            let what = url.to_string();
            if answer.status != 200 {
                return Err(input_error(wanted, &what, format!("the server answered {}", answer.status)));
            }
            if answer.is_cut {
                return Err(input_error(wanted, &what, format!("more than {MAX_ANSWER} bytes")));
            }
            read_bytes(&what, &answer.body, wanted, take)
        }
    }
}

fn read_path(path: &Path, wanted: &Wanted<'_>, take: &mut Take<'_>) -> Result<(), SourceError> {
    let what = path.display().to_string();
    let fail = |error: std::io::Error| input_error(wanted, &what, error.to_string());
    if path.is_dir() {
        return match Repository::is_bare(path).then(|| Repository::open(path)).flatten() {
            Some(repository) => {
                let repository = repository.map_err(|error| input_error(wanted, &what, error))?;
                read_repository(&repository, &what, wanted, take)
            }
            None => directory::read_directory(path, wanted, take),
        };
    }
    let mut file = fs::File::open(path).map_err(fail)?;
    if has_extension(&what, LINES) {
        return lines::read_json_lines(&what, file, take);
    }
    if has_extension(&what, &["zip"]) {
        return archive::read_archive(&what, file, wanted, take);
    }
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(input_error(wanted, &what, format!("more than {MAX_DOCUMENT} bytes")));
    }
    take(Found::Document(&what, &bytes))
}

/// Extensions of JSON lines.
const LINES: &[&str] = &["jsonl", "ndjson"];

fn read_bytes(what: &str, bytes: &[u8], wanted: &Wanted<'_>, take: &mut Take<'_>) -> Result<(), SourceError> {
    let path = what.split(['?', '#']).next().unwrap_or(what);
    if bytes.starts_with(b"PK\x03\x04") {
        return archive::read_archive(what, Cursor::new(bytes), wanted, take);
    }
    if has_extension(path, LINES) {
        return lines::read_json_lines(what, bytes, take);
    }
    take(Found::Document(what, bytes))
}

fn read_repository(
    repository: &Repository,
    what: &str,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    let listed = repository.list_files(wanted.folder).map_err(|error| input_error(wanted, what, error))?;
    let (files, problems) = listed;
    problems.into_iter().try_for_each(|problem| take(Found::Problem(problem)))?;
    let mut buffer = Vec::new();
    for file in files.iter().filter(|file| (wanted.file)(&file.path)) {
        match repository.read_blob(file.id, &mut buffer) {
            Ok(bytes) => take(Found::Document(&file.path, bytes))?,
            Err(error) => take(Found::Problem(SourceProblem { what: file.path.clone(), error }))?,
        }
    }
    Ok(())
}

fn input_error(wanted: &Wanted<'_>, what: &str, error: String) -> SourceError {
    SourceError::Input { connector: wanted.connector, what: what.to_owned(), error }
}

#[cfg(test)]
mod tests;
