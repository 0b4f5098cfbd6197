//! What a connector gives, kept for tests.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Connector, Input, Request, Sink, SourceError, SourceProblem};
use crate::claim::{Claim, Moment};
use crate::http::{Fetch, FetchError, FetchRequest, Fetched};

/// The moment of every collection: 2027-01-15T08:00:00Z.
pub(crate) const NOW: Moment = Moment::from_seconds(1_800_000_000);

/// A sink that keeps everything.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) claims: Vec<Claim>,
    pub(crate) problems: Vec<SourceProblem>,
    pub(crate) skipped: BTreeMap<&'static str, u64>,
    pub(crate) cursor: Option<String>,
    pub(crate) is_unchanged: bool,
}

impl Sink for Collected {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        self.claims.push(claim);
        Ok(())
    }

    fn problem(&mut self, problem: SourceProblem) {
        self.problems.push(problem);
    }

    fn skipped(&mut self, why: &'static str, count: u64) {
        self.skipped.insert(why, count);
    }

    fn unchanged(&mut self) {
        self.is_unchanged = true;
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.cursor = Some(cursor.to_owned());
        Ok(())
    }
}

/// Answers every request with the same page.
pub(crate) struct OnePage(pub(crate) u16, pub(crate) Vec<u8>);

impl Fetch for OnePage {
    fn fetch(&self, _: &FetchRequest) -> Result<Fetched, FetchError> {
        Ok(Fetched { status: self.0, body: self.1.clone(), ..Fetched::default() })
    }
}

/// Collects from a path.
pub(crate) fn collect(connector: &dyn Connector, path: &Path) -> Result<Collected, SourceError> {
    collect_with(connector, &Input::Path(path.to_owned()), None, &OnePage(404, Vec::new()))
}

/// Collects from any input, from a cursor on.
pub(crate) fn collect_with(
    connector: &dyn Connector,
    input: &Input,
    cursor: Option<&str>,
    http: &dyn Fetch,
) -> Result<Collected, SourceError> {
    let source = connector.describe().id;
    let mut sink = Collected::default();
    connector.collect(&Request { input, source, since: None, cursor, now: NOW, http }, &mut sink)?;
    Ok(sink)
}

impl Collected {
    /// Each claim as `kind subject date class`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line =
            |claim: &Claim| format!("{} {} {} {}", claim.kind, claim.subject, claim.happened, claim.class);
        self.claims.iter().map(line).collect()
    }
}
