//! What passes from a connector to the store, counted and shown on the way.

use std::collections::BTreeMap;

use venin_intel::claim::Claim;
use venin_intel::source::{Sink, SourceError, SourceProblem};

use crate::diagnostics::Talk;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Most problems of one run that are shown one by one.
pub(super) const MOST_SHOWN: u64 = 20;
/// Most claims that a trial shows.
const MOST_EXAMPLES: usize = 5;
/// Longest text of a problem, in characters.
const LONGEST: usize = 240;
/// How many claims pass between two looks at the terminal.
const PACE: u64 = 256;

/// What passed.
#[derive(Debug, Default)]
pub(super) struct Tapped {
    /// Claims.
    pub(super) found: u64,
    /// Claims by kind.
    pub(super) kinds: BTreeMap<&'static str, u64>,
    /// Records that say nothing that is collected, by reason.
    pub(super) skipped: BTreeMap<&'static str, u64>,
    /// What could not be read.
    pub(super) problems: u64,
    /// The first of what could not be read.
    pub(super) first_problems: Vec<SourceProblem>,
    /// Whether examples are wanted.
    pub(super) keeps_examples: bool,
    /// The first claims.
    pub(super) examples: Vec<Claim>,
    /// Whether the server said that there is nothing new.
    pub(super) is_unchanged: bool,
    /// How far the input was read.
    pub(super) cursor: Option<String>,
}

/// Counts and shows what passes.
pub(super) struct Tap<'a> {
    inner: &'a mut dyn Sink,
    tapped: &'a mut Tapped,
    talk: Talk,
    progress: &'a Progress,
    interrupt: &'a Interrupt,
}

impl<'a> Tap<'a> {
    pub(super) fn new(
        inner: &'a mut dyn Sink,
        tapped: &'a mut Tapped,
        talk: Talk,
        progress: &'a Progress,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self { inner, tapped, talk, progress, interrupt }
    }
}

impl Sink for Tap<'_> {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        if self.interrupt.is_raised() {
            return Err(SourceError::Interrupted);
        }
        let tapped = &mut *self.tapped;
        tapped.found += 1;
        *tapped.kinds.entry(claim.kind.as_str()).or_default() += 1;
        if tapped.keeps_examples && tapped.examples.len() < MOST_EXAMPLES {
            tapped.examples.push(claim.clone());
        }
        if tapped.found % PACE == 1 {
            self.progress.tell(|| format!("{} claims, last {}", tapped.found, claim.subject));
        }
        self.inner.claim(claim)
    }

    fn problem(&mut self, problem: SourceProblem) {
        self.tapped.problems += 1;
        if self.tapped.problems <= MOST_SHOWN {
            let (what, error) = (one_line(&problem.what), one_line(&problem.error));
            self.progress.aside(|| self.talk.warning(&format!("{what}: {error}")));
            self.tapped.first_problems.push(SourceProblem { what, error });
        }
        self.inner.problem(problem);
    }

    fn skipped(&mut self, why: &'static str, count: u64) {
        *self.tapped.skipped.entry(why).or_default() += count;
        self.inner.skipped(why, count);
    }

    fn unchanged(&mut self) {
        self.tapped.is_unchanged = true;
        self.inner.unchanged();
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.tapped.cursor = Some(cursor.to_owned());
        self.inner.advance(cursor)
    }
}

/// The beginning of a hostile text, in one line.
pub(in crate::commands) fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().take(LONGEST).map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// Keeps nothing.
pub(super) struct Trial;

impl Sink for Trial {
    fn claim(&mut self, _: Claim) -> Result<(), SourceError> {
        Ok(())
    }

    fn problem(&mut self, _: SourceProblem) {}

    fn advance(&mut self, _: &str) -> Result<(), SourceError> {
        Ok(())
    }
}
