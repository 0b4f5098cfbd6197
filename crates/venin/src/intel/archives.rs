//! Archives on this machine: which there are below a path, and which releases they are.

use std::path::{Path, PathBuf};

use venin_intel::claim::Subject;
use venin_package::{has_archive_suffix, parse_file_name};

use crate::diagnostics::plain_cause;

/// Deepest folder that is looked into.
const DEEPEST: usize = 32;

/// What lies below a path.
#[derive(Debug, Default)]
pub(crate) struct ArchiveList {
    /// The archives, in order.
    pub(crate) archives: Vec<PathBuf>,
    /// How many files and links are no archives by their names; links are not followed.
    pub(crate) passed_over: u64,
    /// What could not be listed, and why.
    pub(crate) problems: Vec<(PathBuf, String)>,
}

/// Lists the archives below a path; a file that is named itself counts whatever it is called.
pub(crate) fn list_archives(root: &Path) -> ArchiveList {
    let mut list = ArchiveList::default();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((path, depth)) = open.pop() {
        // A link that the user names is meant; those below might lead anywhere.
        let metadata = if depth == 0 { path.metadata() } else { path.symlink_metadata() };
        let listed = metadata.and_then(|metadata| {
            if metadata.is_dir() {
                if depth >= DEEPEST {
                    return Err(std::io::Error::other(format!("it lies deeper than {DEEPEST} folders")));
                }
                for entry in std::fs::read_dir(&path)? {
                    open.push((entry?.path(), depth + 1));
                }
                return Ok(());
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if metadata.is_file() && (depth == 0 || has_archive_suffix(&name)) {
                list.archives.push(path.clone());
            } else {
                list.passed_over += 1;
            }
            Ok(())
        });
        if let Err(error) = listed {
            list.problems.push((path, plain_cause(&error)));
        }
    }
    list.archives.sort_unstable();
    list
}

/// The release of a file: by a layout package/version/archive, else by the file's own name.
pub(crate) fn subject_of(root: &Path, file: &Path) -> anyhow::Result<Subject> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let inside = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if let [.., project, version, _] = parts.as_slice()
        && let Ok(subject) = Subject::project(project).and_then(|s| s.with_version(version))
    {
        return Ok(subject.with_file(&name)?);
    }
    let Some(parsed) = parse_file_name(&name) else {
        anyhow::bail!("neither its folders nor its name tell the release: package/version/archive");
    };
    Ok(Subject::project(&parsed.name)?.with_version(&parsed.version)?.with_file(&name)?)
}
