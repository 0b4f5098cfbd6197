//! Telling a webhook of verdicts.  What cannot be delivered is kept and tried again: each notice comes at least once.

use venin_intel::claim::Moment;
use venin_intel::http::{Fetch, FetchRequest, Method, Redirects};
use venin_intel::index::HttpUrl;
use venin_intel::store::Notice;
use venin_model::Verdict;

use super::{Round, Session};
use crate::cli::NotifyOn;
use crate::intel::now;

/// Most notices of one round.
const MOST: usize = 200;
/// Longest answer that is read.
const MOST_ANSWER: u64 = 64 << 10;
/// First pause before a notice is sent again, in seconds; it doubles.
const FIRST_PAUSE: i64 = 30;
/// How often the pause doubles: up to an hour.
const MOST_DOUBLINGS: u32 = 7;
/// After so many attempts nobody waits for it any more: some four days.
const MOST_ATTEMPTS: u32 = 100;

impl Session<'_> {
    pub(super) fn is_worth_a_notice(&self, verdict: Verdict) -> bool {
        match self.args.notify.notify_on {
            NotifyOn::Any => true,
            NotifyOn::Suspicious => matches!(verdict, Verdict::Suspicious | Verdict::Malicious),
            NotifyOn::Malicious => verdict == Verdict::Malicious,
        }
    }

    /// Sends what waits.
    pub(super) fn deliver_notices(&mut self, round: &mut Round) -> anyhow::Result<()> {
        let Some(url) = self.webhook.clone() else { return Ok(()) };
        for notice in self.store.next_notices(now(), MOST)? {
            if self.interrupt.is_raised() {
                return Ok(());
            }
            match self.send(&url, &notice) {
                Ok(()) => {
                    round.notified += 1;
                    self.store.drop_notice(&notice)?;
                }
                Err(error) if notice.attempts + 1 >= MOST_ATTEMPTS => {
                    self.talk.warning(&format!("a notice is given up: {error}"));
                    self.store.drop_notice(&notice)?;
                }
                Err(error) => {
                    self.talk.warning(&format!("a notice waits: {error}"));
                    self.store.delay_notice(&notice, next_try(notice.attempts))?;
                    // The others would only fail the same way.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn send(&self, url: &HttpUrl, notice: &Notice) -> Result<(), String> {
        let request = FetchRequest {
            method: Method::Post,
            body: notice.body.clone().into_bytes(),
            redirects: Redirects::Show,
            most_bytes: MOST_ANSWER,
            ..FetchRequest::get(url.clone()).with_header("content-type", "application/json")
        };
        let answer = self.http.fetch(&request).map_err(|error| error.to_string())?;
        match answer.status {
            200..=299 => Ok(()),
            status => Err(format!("{url} answers with status {status}")),
        }
    }
}

/// When a notice that failed so often is sent again.
fn next_try(attempts: u32) -> Moment {
    let pause = FIRST_PAUSE << attempts.min(MOST_DOUBLINGS);
    Moment::from_micros(now().micros().saturating_add(pause.saturating_mul(1_000_000)))
}
