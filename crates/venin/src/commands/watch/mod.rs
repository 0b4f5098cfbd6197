//! `venin watch`: every upload to an index scanned, soon after it came.
//!
//! A round reads what is new at the index, scans it, and tells of it.  Between any two steps the store knows what is
//! left to do, so that a round that was killed is finished by the next.

mod line;
mod notify;
mod read;
mod scan;

use std::sync::Arc;
use std::time::{Duration, Instant};

use venin_intel::http::PoliteClient;
use venin_intel::index::HttpUrl;
use venin_intel::store::Store;
use venin_model::Persona;

use self::line::{BehindLine, RoundLine, SCHEMA};
use self::read::Following;
use super::output::Output;
use super::servers::{connect, find_politeness, index_options};
use crate::cli::WatchArgs;
use crate::config::{FileConfig, Found, read_config};
use crate::diagnostics::{Talk, hinted};
use crate::exit::Exit;
use crate::index::{IndexClient, Limits, Surroundings, find_index, mask_credentials};
use crate::intel::{now, open_store};
use crate::interrupt::Interrupt;

/// Watches.
///
/// # Errors
/// Nothing can be watched at all: a wrong option, no index, a store or an output that cannot be written.
pub(crate) fn run(args: &WatchArgs, talk: Talk) -> anyhow::Result<Exit> {
    let Found { config, .. } = read_config(&args.config, &[])?;
    let mut session = Session::open(args, &config, talk)?;
    let mut exit = Exit::Nothing;
    loop {
        let began = Instant::now();
        let round = session.round()?;
        if args.once {
            exit = round.exit();
        }
        if args.once || session.interrupt.is_raised() || session.output.is_closed() {
            return Ok(exit);
        }
        session.interrupt.sleep_until(began + Duration::from_secs(args.interval.max(1)));
        if session.interrupt.is_raised() {
            return Ok(exit);
        }
    }
}

/// A watch.
struct Session<'a> {
    args: &'a WatchArgs,
    config: &'a FileConfig,
    talk: Talk,
    interrupt: Interrupt,
    http: Arc<PoliteClient>,
    client: Arc<IndexClient>,
    following: Following,
    webhook: Option<HttpUrl>,
    persona: Persona,
    store: Store,
    output: Output,
}

/// What a round did.
#[derive(Debug, Default)]
struct Round {
    /// Uploads that came onto the list.
    seen: u64,
    /// Releases scanned.
    scanned: u64,
    malicious: u64,
    suspicious: u64,
    /// Releases that are tried again.
    failed: u64,
    /// Releases that are not tried again.
    given_up: u64,
    /// Notices delivered.
    notified: u64,
    /// Entries of the changelog or the feeds that could not be read.
    problems: u64,
    /// Why nothing new could be read.
    error: Option<String>,
}

impl Round {
    fn exit(&self) -> Exit {
        if self.error.is_some() {
            Exit::Failed
        } else if self.failed + self.given_up + self.problems > 0 {
            Exit::Incomplete
        } else {
            Exit::Nothing
        }
    }
}

impl<'a> Session<'a> {
    fn open(args: &'a WatchArgs, config: &'a FileConfig, talk: Talk) -> anyhow::Result<Self> {
        let index = index_options(args.index_url.as_deref(), config);
        let settings = find_index(&index, &Surroundings::of_process())
            .map_err(|problem| hinted(problem.error, problem.hint.unwrap_or_default()))?;
        let http = Arc::new(connect(find_politeness(&args.http, config, &index))?);
        let client = IndexClient::new(settings, Limits::default(), Arc::<PoliteClient>::clone(&http));
        Ok(Self {
            args,
            config,
            talk,
            interrupt: Interrupt::listen(),
            http,
            client: Arc::new(client),
            following: Following::choose(args)?,
            webhook: args.notify.webhook.as_deref().map(parse_url).transpose()?,
            persona: args.persona.map(Persona::from).or(config.persona).unwrap_or(Persona::Team),
            store: open_store(&args.store)?,
            output: Output::stdout(),
        })
    }

    /// Reads, scans, tells.
    fn round(&mut self) -> anyhow::Result<Round> {
        let mut round = Round::default();
        self.read_uploads(&mut round)?;
        // An index that cannot be read gives no files either; its releases would only use up their attempts.
        if round.error.is_none() && !self.interrupt.is_raised() {
            self.scan_uploads(&mut round)?;
        }
        self.deliver_notices(&mut round)?;
        self.write_round(&round)?;
        Ok(round)
    }

    fn write_round(&mut self, round: &Round) -> anyhow::Result<()> {
        let backlog = self.store.upload_backlog()?;
        let at = now();
        let seconds = backlog.oldest.map(|oldest| at.seconds().saturating_sub(oldest.seconds()).max(0));
        let line = RoundLine {
            schema: SCHEMA,
            kind: "round",
            at: at.to_string(),
            seen: round.seen,
            scanned: round.scanned,
            malicious: round.malicious,
            suspicious: round.suspicious,
            failed: round.failed,
            given_up: round.given_up,
            notified: round.notified,
            problems: round.problems,
            behind: BehindLine { releases: backlog.releases, seconds, notices: backlog.notices },
            cursor: self.following.cursor(&self.store)?,
            error: round.error.clone(),
        };
        self.output.write(&line.render(self.args.format))
    }
}

fn parse_url(text: &str) -> anyhow::Result<HttpUrl> {
    HttpUrl::parse(text).ok_or_else(|| {
        let shown = mask_credentials(text);
        hinted(format!("`{shown}` is no http or https address"), "an address looks like https://HOST/PATH")
    })
}
