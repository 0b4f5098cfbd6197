//! What can go wrong with an answer, and where.

use std::time::Duration;

use crate::http::{Delivery, Received, Reply};

/// Which requests a fault is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// Every request.
    All,
    /// This path, without the query.
    Path(String),
    /// Every path that starts so, as `/packages/`.
    Under(String),
}

impl On {
    fn matches(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Path(wanted) => path == wanted,
            Self::Under(prefix) => path.starts_with(prefix.as_str()),
        }
    }
}

/// A way to fail.  Several at once add up: a delay and a status, for instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with a short text.
    Status(u16),
    /// This status with `Retry-After` in seconds, as 429 and 503 come.
    RetryAfter(u16, u64),
    /// Silence before the answer.
    Delay(Duration),
    /// The body in pieces of so many bytes with a pause after each.
    Drip(usize, Duration),
    /// The true length is announced, so many bytes of the body come.
    Truncated(usize),
    /// Another length is announced than comes.
    Announced(usize),
    /// A redirect to the same address, for ever.
    RedirectLoop,
    /// A redirect to the same path at another base, as `http://127.0.0.1:PORT`.
    RedirectTo(String),
    /// 200 and an HTML page whatever was asked for.
    SoftNotFound,
    /// Every byte of the body is another one; the length is right.
    WrongBytes,
    /// The body is no text in any encoding; the media type stays.
    Garbage,
    /// The body says it is gzip, and is not.
    FalseGzip,
    /// The body goes on with blanks up to so many bytes; no length is announced.
    Huge(u64),
    /// The connection is reset without an answer.
    Reset,
}

/// The faults in force.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

struct Rule {
    on: On,
    fault: Fault,
    left: Option<usize>,
}

impl Faults {
    pub(crate) fn add(&mut self, on: On, fault: Fault, left: Option<usize>) {
        self.rules.push(Rule { on, fault, left });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The faults of one request to this path; those with a number of times are used up by it.
    pub(crate) fn take(&mut self, path: &str) -> Vec<Fault> {
        let mut found = Vec::new();
        for rule in self.rules.iter_mut().filter(|rule| rule.on.matches(path)) {
            match &mut rule.left {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            found.push(rule.fault.clone());
        }
        found
    }
}

/// How long the answer waits.
pub(crate) fn delay(faults: &[Fault]) -> Duration {
    faults.iter().map(|fault| if let Fault::Delay(delay) = fault { *delay } else { Duration::ZERO }).sum()
}

/// The answer of a fault that takes the place of the true one.
pub(crate) fn answer_instead(faults: &[Fault], request: &Received) -> Option<Reply> {
    faults.iter().find_map(|fault| match fault {
        Fault::Status(status) => Some(Reply::new(*status, "text/plain", format!("status {status}\n"))),
        Fault::RetryAfter(status, seconds) => {
            Some(Reply::new(*status, "text/plain", "later\n").with("retry-after", seconds.to_string()))
        }
        Fault::RedirectLoop => Some(Reply::redirect(302, &request.target)),
        Fault::RedirectTo(base) => Some(Reply::redirect(302, &format!("{base}{}", request.target))),
        Fault::SoftNotFound => Some(Reply::new(
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Nothing here.</p></body></html>\n",
        )),
        Fault::Reset => Some(Reply { delivery: Delivery::Reset, ..Reply::default() }),
        _ => None,
    })
}

/// The true answer with what the faults do to it.
pub(crate) fn spoil(faults: &[Fault], mut reply: Reply) -> Reply {
    for fault in faults {
        match fault {
            Fault::Drip(size, pause) => reply.delivery = Delivery::Dripping(*size, *pause),
            Fault::Truncated(length) => reply.delivery = Delivery::Cut(*length),
            Fault::Announced(length) => reply.delivery = Delivery::Announced(*length),
            Fault::Huge(size) => reply.delivery = Delivery::Padded(*size),
            Fault::WrongBytes => reply.body.iter_mut().for_each(|byte| *byte ^= 0x55),
            Fault::Garbage => reply.body = (0..512_u32).map(|n| (n * 167 % 256) as u8 | 0x80).collect(),
            Fault::FalseGzip => reply.headers.push(("content-encoding".to_owned(), "gzip".to_owned())),
            _ => {}
        }
    }
    reply
}
