//! The second stage of the collection: the files of one release, by the pages that list them.

use venin_package::{parse_file_name, same_version};

use super::address::AddressedFile;
use super::direct::ask_addresses;
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};
use crate::http::{Fetch, FetchRequest, Fetched};
use crate::index::{ACCEPT_PAGE, HttpUrl, IndexFile, parse_page};
use crate::vault::{MOST_BYTES, Origin};

/// Most files of one release that are got.
const MOST_FILES: usize = 200;

/// A place that serves an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is called in claims.
    pub surface: Surface,
    /// The address of its simple index.
    pub url: HttpUrl,
}

/// What came of looking for a release.
#[derive(Debug, Default)]
pub struct Download {
    /// The files: where each came from, and its bytes.
    pub files: Vec<(Origin, Vec<u8>)>,
    /// What was seen: that a surface listed and served a file.
    pub claims: Vec<Claim>,
    /// What went wrong, with the place.
    pub failures: Vec<String>,
    /// Whether every place answered, and none had the release.
    pub is_absent: bool,
    /// Whether a place that lists the release was found, and every file that it lists was got; or every file whose
    /// address is known.
    pub is_whole: bool,
    /// Whether a host of files was asked.
    pub has_asked_hosts: bool,
}

/// Looks for the files of a release, place by place, until one has them, and then at the addresses that are known.
///
/// A place that lists the release but does not serve all of its files is not the last one that is asked: the files
/// that are missing are looked for at the next.
#[must_use]
pub fn download_release(
    http: &dyn Fetch,
    places: &[Place],
    addressed: &[AddressedFile],
    subject: &Subject,
    now: Moment,
) -> Download {
    let mut download = Download::default();
    let wanted = ask_places(http, places, subject, &mut download, now);
    if !download.is_whole {
        let held: u64 = download.files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        ask_addresses(http, addressed, wanted, &mut download, MOST_BYTES.saturating_sub(held), now);
    }
    download.is_absent = download.files.is_empty() && download.failures.is_empty();
    download
}

/// Asks place by place; gives the names of files that were listed and that nobody served.
fn ask_places(
    http: &dyn Fetch,
    places: &[Place],
    subject: &Subject,
    download: &mut Download,
    now: Moment,
) -> Vec<String> {
    let mut wanted: Option<Vec<String>> = None;
    // All files of a release are held at once, so the bound holds for all of them together.
    let mut room = MOST_BYTES;
    for place in places {
        let files = match list_files(http, place, subject) {
            Ok(files) => files,
            Err(failure) => {
                download.failures.push(failure);
                continue;
            }
        };
        let missing = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|w| w == name));
        let files: Vec<IndexFile> =
            files.into_iter().filter(|file| missing(&file.name)).take(MOST_FILES).collect();
        let mut left: Vec<String> = wanted.take().unwrap_or_default();
        for file in &files {
            match fetch_file(http, Wanted { place, subject, file, most_bytes: room }, now) {
                Ok((origin, bytes, claim)) => {
                    room = room.saturating_sub(bytes.len() as u64);
                    left.retain(|name| *name != file.name);
                    download.files.push((origin, bytes));
                    download.claims.push(claim);
                }
                Err(failure) => {
                    if !left.contains(&file.name) {
                        left.push(file.name.clone());
                    }
                    download.failures.push(failure);
                }
            }
        }
        if left.is_empty() && !download.files.is_empty() {
            download.is_whole = true;
            break;
        }
        wanted = (!left.is_empty()).then_some(left);
    }
    wanted.unwrap_or_default()
}

/// The files of the release at a place; none when it has no page of the project or no file of the version.
fn list_files(http: &dyn Fetch, place: &Place, subject: &Subject) -> Result<Vec<IndexFile>, String> {
    let url = place.url.directory(subject.name());
    let failed = |why: String| format!("{} has no page of {subject} to read: {why}", place.surface);
    let answer = http
        .fetch(&FetchRequest::get(url.clone()).with_header("accept", ACCEPT_PAGE))
        .map_err(|error| failed(error.to_string()))?;
    match answer.status {
        200 if !answer.is_cut => {}
        200 => return Err(failed("it is too large".to_owned())),
        404 | 410 => return Ok(Vec::new()),
        status => return Err(failed(format!("status {status}"))),
    }
    let media_type = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let page = parse_page(subject.name(), &url, &media_type, &answer.body)
        .map_err(|error| failed(error.to_string()))?;
    Ok(page.files.into_iter().filter(|file| is_of_version(file, subject)).collect())
}

/// Whether a file is one of the version that is looked for.
fn is_of_version(file: &IndexFile, subject: &Subject) -> bool {
    let Some(parsed) = parse_file_name(&file.name) else { return false };
    let Some(wanted) = subject.version() else { return true };
    same_version(&parsed.version, wanted)
}

/// A file to get.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    place: &'a Place,
    subject: &'a Subject,
    file: &'a IndexFile,
    most_bytes: u64,
}

fn fetch_file(http: &dyn Fetch, wanted: Wanted<'_>, now: Moment) -> Result<(Origin, Vec<u8>, Claim), String> {
    let Wanted { place, subject, file, most_bytes } = wanted;
    let failed = |why: String| format!("{} does not serve {}: {why}", place.surface, file.name);
    let mut request = FetchRequest::get(file.url.clone()).with_header("accept-encoding", "identity");
    request.most_bytes = most_bytes;
    let Fetched { status, body, is_cut, .. } =
        http.fetch(&request).map_err(|error| failed(error.to_string()))?;
    if status != 200 || is_cut {
        return Err(failed(if is_cut { "it is too large".to_owned() } else { format!("status {status}") }));
    }
    let digest = Digest::of(&body);
    let announced = file.sha256.as_deref().and_then(|text| text.parse::<Digest>().ok());
    if announced.is_some_and(|announced| announced != digest) {
        return Err(failed(format!("it has the SHA-256 {digest}, and another was announced")));
    }
    let subject = subject.clone().with_file(&file.name).map_err(|error| failed(error.to_string()))?;
    let claim = sighting(&subject, &place.surface, &file.url, digest, now);
    let address = file.url.to_string();
    let origin = Origin { subject, source: place.surface.to_string(), place: address, at: now };
    Ok((origin, body, claim))
}

/// That a file was served.
pub(super) fn sighting(
    subject: &Subject,
    surface: &Surface,
    url: &HttpUrl,
    digest: Digest,
    now: Moment,
) -> Claim {
    Claim {
        subject: subject.clone().with_sha256(digest),
        surface: surface.clone(),
        kind: ClaimKind::FileSeen,
        happened: Interval::at(now),
        observed: now,
        source: "collect".to_owned(),
        source_ref: url.to_string(),
        evidence: Some(digest),
        class: Class::Unknown,
        confidence: None,
        detail: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::claim::Blake2;
    use crate::http::FetchError;

    /// Answers from a table, and remembers what was asked.
    struct Table(BTreeMap<&'static str, (u16, String)>, Mutex<Vec<String>>);

    impl Fetch for Table {
        fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
            let url = request.url.to_string();
            self.1.lock().unwrap().push(url.clone());
            let Some((status, body)) = self.0.get(url.as_str()) else {
                return Err(FetchError::Unreachable { url, detail: "nobody is there".to_owned() });
            };
            Ok(Fetched { status: *status, body: body.clone().into_bytes(), ..Fetched::default() })
        }
    }

    fn table(answers: &[(&'static str, u16, &str)]) -> Table {
        let answers = answers.iter().map(|(url, status, body)| (*url, (*status, (*body).to_owned())));
        Table(answers.collect(), Mutex::new(Vec::new()))
    }

    fn places() -> Vec<Place> {
        let place = |surface, url| Place { surface, url: HttpUrl::parse(url).unwrap() };
        vec![
            place(Surface::Index, "https://index.example/simple"),
            place(Surface::Mirror("m".into()), "https://mirror.example/simple"),
        ]
    }

    fn look(http: &Table) -> Download {
        let subject = Subject::project("a").unwrap().with_version("1.0").unwrap();
        download_release(http, &places(), &[], &subject, Moment::from_seconds(1))
    }

    /// A file of the release that is known with its digests, at an address.
    fn addressed(name: &str, bytes: &[u8]) -> AddressedFile {
        let subject = Subject::project("a").unwrap().with_version("1.0").unwrap();
        AddressedFile {
            subject: subject.with_file(name).unwrap().with_sha256(Digest::of(bytes)),
            blake2: Some(Blake2::of(bytes)),
            urls: vec![HttpUrl::parse(&format!("https://files.example/{name}")).unwrap()],
        }
    }

    fn look_also_at(http: &Table, files: &[AddressedFile]) -> Download {
        let subject = Subject::project("a").unwrap().with_version("1.0").unwrap();
        download_release(http, &places(), files, &subject, Moment::from_seconds(1))
    }

    const NOBODY: [(&str, u16, &str); 2] =
        [("https://index.example/simple/a/", 404, ""), ("https://mirror.example/simple/a/", 404, "")];

    #[test]
    fn what_no_page_lists_comes_from_its_address_and_only_after_the_pages() {
        let mut answers = NOBODY.to_vec();
        answers.push(("https://files.example/a-1.0.tar.gz", 200, "bytes"));
        let http = table(&answers);
        let download = look_also_at(&http, &[addressed("a-1.0.tar.gz", b"bytes")]);
        assert_eq!((download.files.len(), download.is_whole, download.is_absent), (1, true, false));
        assert_eq!(download.claims[0].surface, Surface::FileHost);
        assert_eq!(download.files[0].0.source, "official-file-host");
        assert_eq!(http.1.lock().unwrap().last().unwrap(), "https://files.example/a-1.0.tar.gz");
    }

    #[test]
    fn a_page_that_has_the_release_is_enough() {
        let http = table(&[
            ("https://index.example/simple/a/", 200, PAGE),
            ("https://index.example/f/a-1.0.tar.gz", 200, "bytes"),
        ]);
        let download = look_also_at(&http, &[addressed("a-1.0.zip", b"other")]);
        assert!(download.is_whole && !download.has_asked_hosts);
    }

    #[test]
    fn a_file_that_is_listed_and_not_served_comes_from_its_address() {
        let http = table(&[
            ("https://index.example/simple/a/", 200, PAGE),
            ("https://index.example/f/a-1.0.tar.gz", 404, ""),
            ("https://mirror.example/simple/a/", 404, ""),
            ("https://files.example/a-1.0.tar.gz", 200, "bytes"),
        ]);
        let download = look_also_at(&http, &[addressed("a-1.0.tar.gz", b"bytes")]);
        assert_eq!((download.files.len(), download.is_whole), (1, true), "{:?}", download.failures);
    }

    #[test]
    fn other_bytes_and_redirects_at_an_address_are_failures_and_never_samples() {
        for (status, body, why) in [(200, "other", "other bytes"), (302, "", "it leads elsewhere")] {
            let mut answers = NOBODY.to_vec();
            answers.push(("https://files.example/a-1.0.tar.gz", status, body));
            let download = look_also_at(&table(&answers), &[addressed("a-1.0.tar.gz", b"bytes")]);
            assert!(download.files.is_empty() && !download.is_absent && !download.is_whole);
            assert!(download.failures[0].contains(why), "{:?}", download.failures);
        }
    }

    #[test]
    fn a_file_that_its_address_has_no_more_is_absent_and_the_others_are_the_whole() {
        let mut answers = NOBODY.to_vec();
        answers.push(("https://files.example/a-1.0.tar.gz", 404, ""));
        let files = [addressed("a-1.0.tar.gz", b"bytes"), addressed("a-1.0.zip", b"zip")];
        assert!(look_also_at(&table(&answers), &files[..1]).is_absent);
        answers.push(("https://files.example/a-1.0.zip", 200, "zip"));
        let download = look_also_at(&table(&answers), &files);
        assert_eq!((download.files.len(), download.is_whole), (1, true));
    }

    const PAGE: &str =
        "<a href='../../f/a-1.0.tar.gz'>a-1.0.tar.gz</a><a href='../../f/a-2.0.tar.gz'>a-2.0.tar.gz</a>";

    #[test]
    fn what_the_index_removed_is_found_on_a_mirror_and_that_is_a_sighting() {
        let http = table(&[
            ("https://index.example/simple/a/", 404, ""),
            ("https://mirror.example/simple/a/", 200, PAGE),
            ("https://mirror.example/f/a-1.0.tar.gz", 200, "bytes"),
        ]);
        let download = look(&http);
        assert!(download.failures.is_empty(), "{:?}", download.failures);
        assert_eq!(download.files.len(), 1, "only the version that was asked for");
        assert_eq!(download.files[0].1, b"bytes");
        assert_eq!(download.claims[0].surface, Surface::Mirror("m".into()));
        assert_eq!(download.claims[0].subject.sha256(), Some(Digest::of(b"bytes")));
    }

    #[test]
    fn nobody_else_is_asked_once_the_files_are_there() {
        let http = table(&[
            ("https://index.example/simple/a/", 200, PAGE),
            ("https://index.example/f/a-1.0.tar.gz", 200, "bytes"),
        ]);
        assert_eq!(look(&http).files.len(), 1);
        assert!(http.1.lock().unwrap().iter().all(|url| !url.contains("mirror")));
    }

    #[test]
    fn a_file_that_is_listed_and_not_served_is_looked_for_at_the_next_place() {
        let http = table(&[
            ("https://index.example/simple/a/", 200, PAGE),
            ("https://index.example/f/a-1.0.tar.gz", 404, ""),
            ("https://mirror.example/simple/a/", 200, PAGE),
            ("https://mirror.example/f/a-1.0.tar.gz", 200, "bytes"),
        ]);
        let download = look(&http);
        assert_eq!((download.files.len(), download.failures.len(), download.is_whole), (1, 1, true));
    }

    #[test]
    fn absent_is_said_only_when_everybody_answered() {
        let absent =
            [("https://index.example/simple/a/", 404, ""), ("https://mirror.example/simple/a/", 404, "")];
        assert!(look(&table(&absent)).is_absent && !look(&table(&absent)).is_whole);
        assert!(!look(&table(&absent[..1])).is_absent, "a mirror that is down may have it");
    }

    #[test]
    fn bytes_that_are_not_those_announced_are_refused() {
        let page = "<a href='../../f/a-1.0.tar.gz#sha256=0000000000000000000000000000000000000000000000000000000000000000'>a-1.0.tar.gz</a>";
        let http = table(&[
            ("https://index.example/simple/a/", 200, page),
            ("https://index.example/f/a-1.0.tar.gz", 200, "bytes"),
            ("https://mirror.example/simple/a/", 404, ""),
        ]);
        let download = look(&http);
        assert!(download.files.is_empty());
        assert!(download.failures[0].contains("another was announced"), "{:?}", download.failures);
    }
}
