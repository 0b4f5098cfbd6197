//! Documents of a directory, sorted by path; links are not followed.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::{Found, MAX_DOCUMENT, Take, Wanted, input_error};
use crate::source::{SourceError, SourceProblem};

/// Deepest folder.
const MAX_DEPTH: usize = 32;
/// Most files.
const MAX_FILES: usize = 4_000_000;

/// A file of a directory: its path below it with `/`, and its size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedFile {
    pub(crate) path: String,
    pub(crate) size: u64,
}

/// Every plain file below a directory whose folders are wanted, sorted by path; hidden folders are left out.
///
/// # Errors
/// The directory itself cannot be read.
pub(crate) fn list_directory(
    root: &Path,
    is_wanted: &dyn Fn(&str) -> bool,
) -> std::io::Result<(Vec<ListedFile>, Vec<SourceProblem>)> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let mut open = vec![(String::new(), 0)];
    fs::read_dir(root)?;
    while let Some((folder, depth)) = open.pop() {
        let mut problem = |error: String| {
            let what = if folder.is_empty() { "(root)".to_owned() } else { folder.clone() };
            problems.push(SourceProblem { what, error });
        };
        if depth > MAX_DEPTH || files.len() + open.len() > MAX_FILES {
            problem("too deep, or too many files".to_owned());
            continue;
        }
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) => {
                problem(error.to_string());
                continue;
            }
        };
        for entry in entries {
            let found = entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?)));
            let (name, metadata) = match found {
                Ok(found) => found,
                Err(error) => {
                    problem(error.to_string());
                    continue;
                }
            };
            let Ok(name) = name.into_string() else {
                problem("a file name is not UTF-8".to_owned());
                continue;
            };
            let is_hidden = name.starts_with('.');
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if metadata.is_dir() && !is_hidden && is_wanted(&path) {
                open.push((path, depth + 1));
            } else if metadata.is_file() {
                files.push(ListedFile { path, size: metadata.len() });
            }
        }
    }
    files.sort();
    problems.sort_by(|a, b| (&a.what, &a.error).cmp(&(&b.what, &b.error)));
    Ok((files, problems))
}

pub(super) fn read_directory(
    root: &Path,
    wanted: &Wanted<'_>,
    take: &mut Take<'_>,
) -> Result<(), SourceError> {
    let listed = list_directory(root, wanted.folder);
    let (files, problems) =
        listed.map_err(|error| input_error(wanted, &root.display().to_string(), error.to_string()))?;
    problems.into_iter().try_for_each(|problem| take(Found::Problem(problem)))?;
    let mut bytes = Vec::new();
    for file in files.iter().filter(|file| (wanted.file)(&file.path)) {
        bytes.clear();
        let read = fs::File::open(root.join(&file.path))
            .and_then(|opened| opened.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes));
        let error = match read {
            Ok(_) if bytes.len() as u64 <= MAX_DOCUMENT => {
                take(Found::Document(&file.path, &bytes))?;
                continue;
            }
            Ok(_) => format!("more than {MAX_DOCUMENT} bytes"),
            Err(error) => error.to_string(),
        };
        take(Found::Problem(SourceProblem { what: file.path.clone(), error }))?;
    }
    Ok(())
}
