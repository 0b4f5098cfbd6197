//! Sources: who says something about releases, one connector a file.
//!
//! A connector reads one form of input (a feed, a dump, a registry tree, an index) and turns it into claims.  Its
//! parser is a pure function over bytes; reading files and asking servers stands apart from it.  A record that cannot
//! be read is a problem, counted and shown, and never ends the collection.
//!
//! Connectors decide nothing: what a source says is kept as it says it, with its own date and its own confidence.

#[cfg(test)]
mod collected;
pub mod datadog;
mod detail;
mod documents;
pub mod downloads;
mod dump;
pub mod ghsa;
mod git;
pub mod osv;
pub mod pypa;
pub mod registry;
pub mod registry_tree;
mod rows;
mod sample;
pub mod table;
mod tree;

pub use registry::{connectors, find_connector, find_connector_for_trial, find_sample_source};
pub use sample::{Sample, SampleSource, TakeSample};
mod articles;
mod feed;
mod index_changelog;
mod index_list;
mod index_project;
mod plain;
mod rss;
mod snapshot;
mod xml;

use std::path::PathBuf;

use thiserror::Error;

use crate::claim::{Claim, Moment};
use crate::http::{Fetch, FetchError};
use crate::index::HttpUrl;

pub use articles::{
    Article, Articles, Indicator, IndicatorKind, Listed, Listing, NamedPackage, Place, parse_article,
    parse_listing,
};
pub use feed::{Entry, parse_feed};
pub use index_changelog::{ChangelogRow, IndexChangelog, Scope, parse_changelog};
pub use index_list::{IndexList, ListDifference, NameList, diff_lists, parse_list};
pub use index_project::{IndexProject, ProjectPage, ProjectState, collect_project, parse_project};
pub use rss::{ReleaseFeed, parse_release_feed};
pub use snapshot::{DirectorySnapshots, DraftSnapshots, MemorySnapshots, Snapshots};

/// What a connector is, for lists and help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// The name on the command line: `osv`, `datadog`.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// What may be given as input, one line.
    pub input: &'static str,
}

/// Where a connector reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file or a directory.
    Path(PathBuf),
    /// An address that the user configured; none is compiled in.
    Url(HttpUrl),
}

/// What a connector is asked to do.
pub struct Request<'a> {
    /// Where to read.
    pub input: &'a Input,
    /// The name that the claims carry as their source: the connector's id, or the one that the user gave.
    pub source: &'a str,
    /// Only what is newer, where the input tells.
    pub since: Option<Moment>,
    /// What the last run passed to [`Sink::advance`]; from there it goes on.
    pub cursor: Option<&'a str>,
    /// The moment of collection.
    pub now: Moment,
    /// The way to servers.
    pub http: &'a dyn Fetch,
}

/// Takes in what a connector finds.
pub trait Sink {
    /// A claim.
    ///
    /// # Errors
    /// The store cannot take it; the connector passes the error on and stops.
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError>;

    /// Something that could not be read; the run goes on.
    fn problem(&mut self, problem: SourceProblem);

    /// Records that were read and say nothing that is collected (ordinary vulnerabilities, other ecosystems).
    fn skipped(&mut self, _why: &'static str, _count: u64) {}

    /// The server says that the input is the one that was wholly imported the last time: there is nothing new.
    fn unchanged(&mut self) {}

    /// All that was found so far is complete up to this cursor: a later run may go on from there.
    ///
    /// # Errors
    /// The store cannot keep it.
    fn advance(&mut self, cursor: &str) -> Result<(), SourceError>;
}

/// A record, a file or a page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// What: a path, a record's identifier, a line, a URL without credentials.
    pub what: String,
    /// Why, lower case and without a full stop.
    pub error: String,
}

/// Why a collection stopped.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The input is not what the connector reads.
    #[error("{what} cannot be read by `{connector}`: {error}")]
    Input {
        /// The connector's id.
        connector: &'static str,
        /// The input.
        what: String,
        /// Why.
        error: String,
    },
    /// A server did not answer as it should.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The event store failed.
    #[error("the event store cannot take claims: {0}")]
    Store(String),
    /// The user interrupted the run.
    #[error("interrupted")]
    Interrupted,
}

/// One form of input that can be collected from.
pub trait Connector: Send + Sync {
    /// What it is.
    fn describe(&self) -> Description;

    /// Reads the input and gives every claim to the sink, in an order that does not depend on the machine.
    ///
    /// # Errors
    /// [`SourceError`]: the input as a whole cannot be read, or the sink refuses.  What was found before is kept.
    fn collect(&self, request: &Request<'_>, sink: &mut dyn Sink) -> Result<(), SourceError>;
}

#[cfg(test)]
mod hostile_tests;
