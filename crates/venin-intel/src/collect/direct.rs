//! Files that are asked for at an address that no page gave: the last way, after the index and its mirrors.
//!
//! What comes must have every digest that is known of it.  A redirect is not followed: only hosts that the user named
//! are asked here.

use super::address::AddressedFile;
use super::download::{Download, sighting};
use crate::claim::{Blake2, Claim, Digest, Moment, Surface};
use crate::http::{Fetch, FetchRequest, Redirects};
use crate::index::HttpUrl;
use crate::vault::Origin;

/// A file with where it came from.
type Got = (Origin, Vec<u8>, Claim);

/// Asks for the files that no page gave.  `wanted` are those that a page lists and nobody served.
pub(super) fn ask_addresses(
    http: &dyn Fetch,
    files: &[AddressedFile],
    mut wanted: Vec<String>,
    download: &mut Download,
    mut room: u64,
    now: Moment,
) {
    let (mut got, mut has_all) = (0, true);
    for file in files {
        let name = file.subject.file_name().unwrap_or_default();
        if download.files.iter().any(|(origin, _)| origin.subject.file_name() == Some(name)) {
            continue;
        }
        download.has_asked_hosts = true;
        match fetch_first(http, file, room, now, &mut download.failures) {
            Some((origin, bytes, claim)) => {
                got += 1;
                room = room.saturating_sub(bytes.len() as u64);
                wanted.retain(|wanted| wanted != name);
                download.files.push((origin, bytes));
                download.claims.push(claim);
            }
            None => has_all = false,
        }
    }
    // Where every file that is known was got, a place that failed has nothing to add that anybody knows of.
    let is_rest_gone = has_all || download.failures.is_empty();
    download.is_whole |= got > 0 && wanted.is_empty() && is_rest_gone;
}

/// The file from the first address that has it.
fn fetch_first(
    http: &dyn Fetch,
    file: &AddressedFile,
    most_bytes: u64,
    now: Moment,
    failures: &mut Vec<String>,
) -> Option<Got> {
    for url in &file.urls {
        match fetch_at(http, file, url, most_bytes, now) {
            Ok(Some(got)) => return Some(got),
            Ok(None) => {}
            Err(why) => failures.push(format!("{url}: {why}")),
        }
    }
    None
}

/// The file at an address; `None` when the host says that it has none.
fn fetch_at(
    http: &dyn Fetch,
    file: &AddressedFile,
    url: &HttpUrl,
    most_bytes: u64,
    now: Moment,
) -> Result<Option<Got>, String> {
    let mut request = FetchRequest::get(url.clone()).with_header("accept-encoding", "identity");
    request.most_bytes = most_bytes;
    request.redirects = Redirects::Show;
    let answer = http.fetch(&request).map_err(|error| error.to_string())?;
    match answer.status {
        200 if !answer.is_cut => {}
        200 => return Err("it is too large".to_owned()),
        404 | 410 => return Ok(None),
        300..=399 => return Err("it leads elsewhere".to_owned()),
        status => return Err(format!("status {status}")),
    }
    let sha256 = Digest::of(&answer.body);
    let is_other = file.subject.sha256().is_some_and(|known| known != sha256)
        || file.blake2.is_some_and(|known| known != Blake2::of(&answer.body));
    if is_other {
        return Err(format!("it has the SHA-256 {sha256}, and other bytes are known by this name"));
    }
    let subject = file.subject.without_sha256();
    let claim = sighting(&subject, &Surface::FileHost, url, sha256, now);
    let origin = Origin { subject, source: Surface::FileHost.to_string(), place: url.to_string(), at: now };
    Ok(Some((origin, answer.body, claim)))
}
