//! The page of one project on a mirror.

use venin_intel::claim::Digest;
use venin_intel::http::{Fetch, Fetched, Method};
use venin_intel::index::{HttpUrl, IndexFile, parse_page};

use super::ask::{Asked, Question, ask};
use super::target::{Habits, MirrorTarget};

const ACCEPT_BOTH: &str = "application/vnd.pypi.simple.v1+json, text/html;q=0.1";
const ACCEPT_HTML: &str = "text/html";
/// Longest page read, in bytes.
const MAX_PAGE: u64 = 64 << 20;

/// What a page said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageSeen {
    /// There is one; the files it lists, perhaps none.
    Files(Vec<IndexFile>),
    /// There is none.
    Absent,
    /// It is on another host.
    Elsewhere(String),
    /// No answer that says anything; why.
    Unknown(String),
}

/// The page of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageProbe {
    /// What it said.
    pub seen: PageSeen,
    /// Its address, without credentials.
    pub url: String,
    /// The HTTP status; 0 without an answer.
    pub status: u16,
    /// The project's status (PEP 792), if the mirror forwards one.
    pub project_status: Option<String>,
    /// The serial that the page carries, if any.
    pub serial: Option<u64>,
    /// SHA-256 of the answer.
    pub evidence: Option<Digest>,
}

/// Asks for a project's page: JSON first, HTML where that gives nothing.
pub fn probe_page(http: &dyn Fetch, mirror: &MirrorTarget, name: &str, habits: &Habits) -> PageProbe {
    let url = mirror.page(name);
    let first = probe_as(http, mirror, name, &url, ACCEPT_BOTH, habits);
    let may_have_html = matches!(first.seen, PageSeen::Unknown(_)) && matches!(first.status, 200 | 406 | 415);
    if may_have_html { probe_as(http, mirror, name, &url, ACCEPT_HTML, habits) } else { first }
}

fn probe_as(
    http: &dyn Fetch,
    mirror: &MirrorTarget,
    name: &str,
    url: &HttpUrl,
    accept: &str,
    habits: &Habits,
) -> PageProbe {
    let question =
        Question { method: Method::Get, headers: vec![("accept", accept.to_owned())], most_bytes: MAX_PAGE };
    let mut probe = PageProbe {
        seen: PageSeen::Absent,
        url: url.to_string(),
        status: 0,
        project_status: None,
        serial: None,
        evidence: None,
    };
    match ask(http, mirror, url, &question) {
        Asked::Failed(reason) => probe.seen = PageSeen::Unknown(reason),
        Asked::Elsewhere(host) => probe.seen = PageSeen::Elsewhere(host),
        Asked::Answer(fetched, at) => {
            probe.status = fetched.status;
            probe.evidence = Some(Digest::of(&fetched.body));
            match fetched.status {
                200 => read_answer(&mut probe, name, &at, &fetched),
                404 | 410 => {}
                status if habits.absent_page == Some(status) => {}
                status => probe.seen = PageSeen::Unknown(format!("HTTP {status}")),
            }
        }
    }
    probe
}

fn read_answer(probe: &mut PageProbe, name: &str, at: &HttpUrl, fetched: &Fetched) {
    if fetched.is_cut {
        probe.seen = PageSeen::Unknown(format!("the page is larger than {} MiB", MAX_PAGE >> 20));
        return;
    }
    let media_type = fetched.header("content-type").unwrap_or_default().to_ascii_lowercase();
    match parse_page(name, at, &media_type, &fetched.body) {
        Ok(page) => {
            probe.project_status = page.status;
            probe.serial = parse_serial(fetched);
            probe.seen = PageSeen::Files(page.files);
        }
        Err(error) => probe.seen = PageSeen::Unknown(error.to_string()),
    }
}

/// The serial: a header, `_last-serial` in JSON, or the comment at the end that bandersnatch writes.
fn parse_serial(fetched: &Fetched) -> Option<u64> {
    let of_header = fetched.headers.iter().find(|(name, _)| name.ends_with("-last-serial"));
    if let Some((_, value)) = of_header {
        return value.trim().parse().ok();
    }
    let text = String::from_utf8_lossy(&fetched.body);
    let after = ["\"_last-serial\":", "<!--SERIAL "].iter().find_map(|mark| text.rsplit_once(mark))?.1;
    let digits = after.trim_start_matches([' ', '"']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}
