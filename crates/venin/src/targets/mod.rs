//! Targets: what the user names on the command line, turned into things that can be scanned.
//!
//! ```text
//! let targets = resolve_targets(TargetArgs { .. });      // an iterator of Resolved, lazy
//! pool.run(targets, &mut |order, outcome| ..);           // crate::worker
//! ```
//!
//! [`resolve_targets`] reads directory listings, requirements files and the index pages of requirements, one
//! after the other and only when asked for the next item, so a folder of ten million archives starts at once.
//! It does not read the things themselves: [`Target::send_to`] does, when a worker is free for it.
//!
//! A target that cannot be resolved becomes a [`Problem`] and the others go on.  What the user should know but
//! what stops nothing (a yanked release, wheels left out) is a [`Note`].  What could not be read inside of a
//! tree is a gap of that tree.
//!
//! This module never decides what a file is (its content does, in the scanner) and never runs or unpacks anything.

mod directory;
mod intake;
mod load;
mod release;
mod requirement_files;
mod requirements;
mod resolve;
mod sample;
mod site_packages;
mod stdin_paths;
mod tree;
mod unrecorded;

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use intake::{Intake, Shape, Subject};
pub(crate) use load::SendError;
pub(crate) use release::{FileChoice, ReleaseTarget, resolve_upload};
pub(crate) use resolve::resolve_targets;
pub(crate) use sample::SampleTarget;
pub(crate) use venin_model::Gap;
pub(crate) use venin_report::Problem;

use crate::index::IndexOptions;

/// What the command line says about targets.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetArgs {
    /// The positional arguments: paths, requirements, or `-` for paths on standard input.
    pub(crate) targets: Vec<OsString>,
    /// The files of `-r`.
    pub(crate) requirement_files: Vec<PathBuf>,
    /// Which files of a release are fetched.
    pub(crate) choice: FileChoice,
    /// Where requirements are looked up.
    pub(crate) index: IndexOptions,
    /// Names that are looked up only on an index that the user chose for this program.
    pub(crate) internal_names: Vec<String>,
    /// Whether a configuration of the working directory is in force, so that this directory must not be scanned.
    pub(crate) is_configured_here: bool,
}

/// One item of what the user named.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// Something to scan.
    Target(Target),
    /// Something that cannot be scanned.
    Problem(Problem),
    /// Something to tell.
    Note(Note),
}

/// A remark that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The target it is about, as the user named it.
    pub(crate) target: String,
    /// The remark, lower case and without a full stop.
    pub(crate) text: String,
}

/// Something to scan.
#[derive(Debug)]
pub(crate) enum Target {
    /// A file on this machine.
    File(FileTarget),
    /// Files on this machine that belong together.
    Tree(TreeTarget),
    /// A file of a release on the user's index.
    Release(ReleaseTarget),
    /// A sample of the vault.
    Sample(SampleTarget),
}

/// A file on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileTarget {
    /// As the user named it, or its path below the directory that the user named.
    pub(crate) label: String,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// Files on this machine that belong together: an unpacked project, an installed distribution, loose files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeTarget {
    /// As the user named it, or its path below the directory that the user named.
    pub(crate) label: String,
    /// The tree's name in the report.
    pub(crate) name: String,
    /// The files, ascending by member path.
    pub(crate) files: Vec<TreeFile>,
    /// What is known to be missing before anything is read.
    pub(crate) gaps: Vec<Gap>,
}

/// One file of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TreeFile {
    /// `/`-separated path below the tree's root.
    pub(crate) member: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its size in bytes when it was listed.
    pub(crate) size: u64,
}

impl Target {
    /// The target as the user named it, or its path below the directory that the user named.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::File(file) => &file.label,
            Self::Tree(tree) => &tree.label,
            Self::Release(release) => &release.label,
            Self::Sample(sample) => &sample.label,
        }
    }

    /// The file's or tree's name, as a report shows it.
    pub(crate) fn file_name(&self) -> Option<String> {
        match self {
            Self::File(file) => file.path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Tree(tree) => Some(tree.name.clone()),
            Self::Release(release) => Some(release.file.name.clone()),
            Self::Sample(sample) => Some(sample.file_name.clone()),
        }
    }
}

/// A problem with a hint.
pub(crate) fn problem(target: &str, error: impl Into<String>, hint: &str) -> Problem {
    let hint = (!hint.is_empty()).then(|| hint.to_owned());
    Problem { target: target.to_owned(), error: error.into(), hint }
}

/// What the index answered wrongly, as a problem of a target.
pub(crate) fn index_problem(target: &str, error: &venin_intel::http::FetchError) -> Problem {
    problem(target, error.to_string(), error.hint())
}
