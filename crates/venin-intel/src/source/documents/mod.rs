//! Where records lie: a file, a directory, a zip, JSON lines, a git repository without a work tree, an address.
//!
//! Each gives documents, one at a time and sorted by name, so that what follows does not depend on the machine.

mod archive;
mod directory;
mod lines;

use std::fs;
use std::io::{self, BufReader, Read as _, Seek as _};
use std::path::Path;

use super::dump::{Read, fetch_dump};
use super::git::Repository;
use super::{Input, Request, SourceError, SourceProblem};
use crate::http::Validator;

pub(crate) use directory::list_directory;
pub(crate) use lines::read_lines;

/// Largest document, in bytes: a record with a field of ten million bytes is one, a dump in one file too.
pub(crate) const MAX_DOCUMENT: u64 = 256 << 20;

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
) -> Result<Read, SourceError> {
    match request.input {
        Input::Path(path) => read_path(path, wanted, take).map(|()| Read::Whole(Validator::default())),
        Input::Url(url) => {
            let Some(dump) = fetch_dump(request, url, wanted.connector)? else { return Ok(Read::Unchanged) };
            read_dump(&url.to_string(), dump.file, wanted, take)?;
            Ok(Read::Whole(dump.marks))
        }
    }
}

fn read_path(path: &Path, wanted: &Wanted<'_>, take: &mut Take<'_>) -> Result<(), SourceError> {
    let what = path.display().to_string();
    let fail = |error: io::Error| input_error(wanted, &what, error.to_string());
    if path.is_dir() {
        return match Repository::is_bare(path).then(|| Repository::open(path)).flatten() {
            Some(repository) => {
                let repository = repository.map_err(|error| input_error(wanted, &what, error))?;
                read_repository(&repository, &what, wanted, take)
            }
            None => directory::read_directory(path, wanted, take),
        };
    }
    let file = fs::File::open(path).map_err(fail)?;
    if has_extension(&what, LINES) {
        return lines::read_json_lines(&what, file, take);
    }
    if has_extension(&what, &["zip"]) {
        return archive::read_archive(&what, file, wanted, take);
    }
    read_document(&what, file, wanted, take)
}

/// Extensions of JSON lines.
const LINES: &[&str] = &["jsonl", "ndjson"];

/// Reads what a server gave: a ZIP by its first bytes, JSON lines by the address, else one document.
fn read_dump(
    what: &str,
    mut file: fs::File,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    let fail = |error: io::Error| input_error(wanted, what, error.to_string());
    let mut first = Vec::new();
    file.by_ref().take(4).read_to_end(&mut first).map_err(fail)?;
    file.rewind().map_err(fail)?;
    if first == b"PK\x03\x04" {
        return archive::read_archive(what, BufReader::new(file), wanted, take);
    }
    let path = what.split(['?', '#']).next().unwrap_or(what);
    if has_extension(path, LINES) {
        return lines::read_json_lines(what, file, take);
    }
    read_document(what, file, wanted, take)
}

fn read_document(
    what: &str,
    file: fs::File,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    let mut bytes = Vec::new();
    file.take(MAX_DOCUMENT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| input_error(wanted, what, error.to_string()))?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(input_error(wanted, what, format!("more than {MAX_DOCUMENT} bytes")));
    }
    take(Found::Document(what, &bytes))
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
