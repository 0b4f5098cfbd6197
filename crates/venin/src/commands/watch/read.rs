//! What is new at the index: by its changelog, or else by its feeds.

use venin_intel::claim::Claim;
use venin_intel::index::HttpUrl;
use venin_intel::source::{
    Connector, IndexChangelog, Input, ReleaseFeed, Request, Scope, Sink, SourceError, SourceProblem,
};
use venin_intel::store::{Outcome, RunCounts, Store, StoreSink, UploadForm};

use super::super::collect::one_line;
use super::{Round, Session, parse_url};
use crate::cli::WatchArgs;
use crate::intel::now;
use crate::interrupt::Interrupt;

/// Whose cursors these are: a collection over the same address keeps its own, since it passes over uploads.
const WATCH: &str = "watch";
/// Most problems of one round that are told.
const MOST_SHOWN: u64 = 20;

/// What is followed.
#[derive(Debug)]
pub(super) enum Following {
    /// The changelog, which names every upload.
    Changelog {
        /// Its address.
        url: HttpUrl,
        /// Where a first round begins.
        from: Option<u64>,
    },
    /// Feeds, which show the newest releases.
    Feeds(Vec<HttpUrl>),
}

impl Following {
    pub(super) fn choose(args: &WatchArgs) -> anyhow::Result<Self> {
        match &args.changelog {
            Some(url) => Ok(Self::Changelog { url: parse_url(url)?, from: args.from }),
            None => Ok(Self::Feeds(args.feeds.iter().map(|url| parse_url(url)).collect::<Result<_, _>>()?)),
        }
    }

    fn connector(&self) -> Box<dyn Connector> {
        match self {
            Self::Changelog { .. } => Box::new(IndexChangelog { scope: Scope::Everything }),
            Self::Feeds(_) => Box::new(ReleaseFeed),
        }
    }

    fn urls(&self) -> Vec<HttpUrl> {
        match self {
            Self::Changelog { url, .. } => vec![url.clone()],
            Self::Feeds(urls) => urls.clone(),
        }
    }

    fn form(&self) -> UploadForm {
        match self {
            Self::Changelog { .. } => UploadForm::Releases,
            Self::Feeds(_) => UploadForm::ProjectsToo,
        }
    }

    /// The serial up to which the changelog was read; feeds have none.
    pub(super) fn cursor(&self, store: &Store) -> anyhow::Result<Option<String>> {
        match self {
            Self::Changelog { url, .. } => {
                Ok(store.cursor(WATCH, &url.to_string())?.map(|(cursor, _)| cursor))
            }
            Self::Feeds(_) => Ok(None),
        }
    }

    /// Where reading an address begins.
    fn start(&self, url: &HttpUrl, store: &Store) -> anyhow::Result<Option<String>> {
        let stored = store.cursor(WATCH, &url.to_string())?.map(|(cursor, _)| cursor);
        Ok(match self {
            Self::Changelog { from, .. } => stored.or_else(|| from.map(|serial| serial.to_string())),
            Self::Feeds(_) => stored,
        })
    }
}

impl Session<'_> {
    /// Reads what is new, and puts its uploads on the work list.
    pub(super) fn read_uploads(&mut self, round: &mut Round) -> anyhow::Result<()> {
        let connector = self.following.connector();
        for url in self.following.urls() {
            self.read_one(&*connector, url, round)?;
        }
        let (source, form) = (connector.describe().id, self.following.form());
        round.seen = self.store.plan_uploads(source, form, now())?;
        Ok(())
    }

    fn read_one(&mut self, connector: &dyn Connector, url: HttpUrl, round: &mut Round) -> anyhow::Result<()> {
        let (began, place, talk) = (now(), url.to_string(), self.talk);
        let cursor = self.following.start(&url, &self.store)?;
        let mut told = 0;
        let mut tell = |problem: &SourceProblem| {
            told += 1;
            if told <= MOST_SHOWN {
                talk.warning(&format!("{}: {}", problem.what, problem.error));
            }
        };
        let mut sink = StoreSink::new(&mut self.store, WATCH, &place, began, &mut tell);
        let (input, source) = (Input::Url(url), connector.describe().id);
        let request = Request {
            input: &input,
            source,
            since: None,
            cursor: cursor.as_deref(),
            now: began,
            http: &*self.http,
        };
        let result = connector.collect(&request, &mut Ended { inner: &mut sink, interrupt: &self.interrupt });
        let counts = sink.finish().map_err(|error| anyhow::anyhow!(error))?;
        round.problems += counts.problems;
        match result {
            Ok(()) | Err(SourceError::Interrupted) => self.log_run(&place, began, counts, Outcome::Complete),
            Err(SourceError::Store(error)) => anyhow::bail!("the event store cannot take claims: {error}"),
            Err(error) => {
                let line = one_line(&error.to_string());
                talk.error(&line, None);
                round.error = Some(line);
                self.log_run(&place, began, counts, Outcome::Failed)
            }
        }
    }

    /// A round that found nothing leaves no entry: there are thousands a day.
    fn log_run(
        &mut self,
        place: &str,
        began: venin_intel::claim::Moment,
        counts: RunCounts,
        outcome: Outcome,
    ) -> anyhow::Result<()> {
        if counts != RunCounts::default() || outcome != Outcome::Complete {
            let run = self.store.begin_run(WATCH, place, began)?;
            self.store.end_run(run, now(), counts, outcome)?;
        }
        Ok(())
    }
}

/// Ends the reading when the run is to end.
struct Ended<'a, 'b> {
    inner: &'a mut StoreSink<'b>,
    interrupt: &'a Interrupt,
}

impl Sink for Ended<'_, '_> {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        if self.interrupt.is_raised() { Err(SourceError::Interrupted) } else { self.inner.claim(claim) }
    }

    fn problem(&mut self, problem: SourceProblem) {
        self.inner.problem(problem);
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.inner.advance(cursor)
    }
}
