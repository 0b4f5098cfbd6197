//! Addresses of files that no page lists: made of a known digest, or named by a claim.
//!
//! Warehouse-like file hosts keep a file below `packages/` at its BLAKE2b-256, and keep it when the index removes the
//! project.  Only hosts that the user named are ever asked: a claim's address on any other host is passed over.

use serde::Deserialize;
use venin_package::{parse_file_name, same_version};

use crate::claim::{Blake2, Claim, ClaimKind, Subject};
use crate::index::{HttpUrl, encode_path};
use crate::known::{AccusedFile, AccusedFiles, fold_project};

/// Most files of one release that are asked for.
const MOST_FILES: usize = 200;
/// Most addresses of one file that are asked.
const MOST_URLS: usize = 16;

/// A file that can be asked for without any page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressedFile {
    /// Its release and name, and its SHA-256 where it is known.
    pub subject: Subject,
    /// Its BLAKE2b-256, where it is known.
    pub blake2: Option<Blake2>,
    /// Where it may be, on hosts that the user named.
    pub urls: Vec<HttpUrl>,
}

/// What a claim may say of where a file is.
#[derive(Default, Deserialize)]
struct UrlDetail {
    #[serde(default)]
    url: Option<String>,
}

/// The files of an accused release that can be asked for at these hosts, by all claims about its project.
#[must_use]
pub fn addressed_files(hosts: &[HttpUrl], release: &Subject, claims: &[Claim]) -> Vec<AddressedFile> {
    let Some(project) = fold_project(claims).filter(|_| !hosts.is_empty()) else { return Vec::new() };
    let mut files = AccusedFiles::default();
    claims.iter().for_each(|claim| files.take(&project, claim));
    let of_release = files.into_files().into_iter().filter(|file| is_of_release(&file.subject, release));
    let addressed = of_release.map(|file| {
        let urls = urls_of(hosts, &file, claims);
        AddressedFile { subject: file.subject, blake2: file.blake2, urls }
    });
    addressed.filter(|file| !file.urls.is_empty()).take(MOST_FILES).collect()
}

fn is_of_release(file: &Subject, release: &Subject) -> bool {
    let Some(wanted) = release.version() else { return true };
    let of_name = || file.file_name().and_then(parse_file_name).map(|parsed| parsed.version);
    file.version().map(str::to_owned).or_else(of_name).is_some_and(|version| same_version(&version, wanted))
}

/// By digest on each host first, then where claims say.
fn urls_of(hosts: &[HttpUrl], file: &AccusedFile, claims: &[Claim]) -> Vec<HttpUrl> {
    let Some(name) = file.subject.file_name() else { return Vec::new() };
    let by_digest = file.blake2.into_iter().flat_map(|blake2| {
        let path = blake2.path(name);
        let path = encode_path(path.strip_prefix("packages/").unwrap_or(&path));
        hosts.iter().filter_map(move |host| host.directory("packages").join(&path))
    });
    let mut urls: Vec<HttpUrl> = by_digest.collect();
    for claim in claims.iter().filter(|claim| claim.subject.file_name() == Some(name) && may_be_there(claim))
    {
        for url in said_urls(claim) {
            let is_named_so = url.file_name() == name;
            let allowed = hosts.iter().filter(|_| is_named_so).find_map(|host| url.below(host));
            urls.extend(allowed.filter(|url| !urls.contains(url)));
        }
    }
    urls.truncate(MOST_URLS);
    urls
}

/// Whether a claim about a file says, or leaves open, that it is served.
const fn may_be_there(claim: &Claim) -> bool {
    use ClaimKind::{FileAbsent, FileChanged, FileRedirected, NotFound, SurfaceUnknown};
    !matches!(claim.kind, FileAbsent | FileChanged | FileRedirected | NotFound | SurfaceUnknown)
}

/// The addresses that a claim carries: its reference, and `url` in its detail.
fn said_urls(claim: &Claim) -> impl Iterator<Item = HttpUrl> {
    let detail: UrlDetail = serde_json::from_str(&claim.detail).unwrap_or_default();
    [HttpUrl::parse(&claim.source_ref), detail.url.as_deref().and_then(HttpUrl::parse)].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Class, Digest, Interval, Moment, Surface};

    fn claim(kind: ClaimKind, file: Option<&str>, source_ref: &str, detail: &str) -> Claim {
        let subject = release();
        let subject = match file {
            Some(file) => subject.with_file(file).unwrap().with_sha256(Digest::of(file.as_bytes())),
            None => subject,
        };
        Claim {
            subject,
            surface: Surface::Advisory("feed".to_owned()),
            kind,
            happened: Interval::at(Moment::from_seconds(1)),
            observed: Moment::from_seconds(2),
            source: "feed".to_owned(),
            source_ref: source_ref.to_owned(),
            evidence: None,
            class: Class::Malware,
            confidence: None,
            detail: detail.to_owned(),
        }
    }

    fn release() -> Subject {
        Subject::project("bad").unwrap().with_version("1.0").unwrap()
    }

    fn addresses(hosts: &[&str], claims: &[Claim]) -> Vec<String> {
        let hosts: Vec<HttpUrl> = hosts.iter().map(|host| HttpUrl::parse(host).unwrap()).collect();
        let mut all = vec![claim(ClaimKind::Reported, None, "R", "")];
        all.extend(claims.iter().cloned());
        let files = addressed_files(&hosts, &release(), &all);
        files.iter().flat_map(|file| &file.urls).map(HttpUrl::request_url).collect()
    }

    const UPLOADED: ClaimKind = ClaimKind::Uploaded;

    #[test]
    fn the_digest_is_the_address_on_every_host_that_the_user_named() {
        let detail = format!(r#"{{"blake2b-256":"{}"}}"#, "ab".repeat(32));
        let uploaded = claim(UPLOADED, Some("bad-1.0+x.zip"), "", &detail);
        let path = format!("packages/ab/ab/{}/bad-1.0+x.zip", "ab".repeat(30));
        let found =
            addresses(&["https://files.example", "https://m.example/pypi/"], std::slice::from_ref(&uploaded));
        assert_eq!(
            found,
            [format!("https://files.example/{path}"), format!("https://m.example/pypi/{path}")]
        );
        assert!(addresses(&[], &[uploaded]).is_empty());
    }

    #[test]
    fn an_address_of_a_claim_counts_only_below_a_host_that_the_user_named() {
        let said = |url: &str| claim(UPLOADED, Some("bad-1.0.zip"), "", &format!(r#"{{"url":"{url}"}}"#));
        let hosts = ["https://files.example/kept"];
        let good = "https://files.example/kept/x/bad-1.0.zip";
        assert_eq!(addresses(&hosts, &[said(good), claim(UPLOADED, Some("bad-1.0.zip"), good, "")]), [good]);
        for url in [
            "https://files.example/other/bad-1.0.zip",
            "https://files.example/kept/../other/bad-1.0.zip",
            "https://files.example/kept/%2e%2E/bad-1.0.zip",
            "https://files.example.invalid/kept/bad-1.0.zip",
            "http://files.example/kept/bad-1.0.zip",
            "https://files.example:444/kept/bad-1.0.zip",
            "https://files.example/kept/another.zip",
            "ftp://files.example/kept/bad-1.0.zip",
        ] {
            assert!(addresses(&hosts, &[said(url)]).is_empty(), "{url}");
        }
        let absent = claim(ClaimKind::FileAbsent, Some("bad-1.0.zip"), good, "");
        assert!(addresses(&hosts, &[absent]).is_empty());
    }

    #[test]
    fn credentials_are_those_of_the_user_and_not_those_of_a_claim() {
        let hosts = [HttpUrl::parse("https://me:secret@files.example").unwrap()];
        let url = "https://other:stolen@files.example/x/bad-1.0.zip";
        let claims =
            [claim(ClaimKind::Reported, None, "R", ""), claim(UPLOADED, Some("bad-1.0.zip"), url, "")];
        let files = addressed_files(&hosts, &release(), &claims);
        assert_eq!(files[0].urls[0].authorization(), hosts[0].authorization());
    }

    #[test]
    fn files_of_other_versions_are_not_asked_for() {
        let detail = format!(r#"{{"blake2b-256":"{}"}}"#, "ab".repeat(32));
        let mut other = claim(UPLOADED, Some("bad-2.0.zip"), "", &detail);
        other.subject =
            Subject::project("bad").unwrap().with_version("2.0").unwrap().with_file("bad-2.0.zip").unwrap();
        let whole =
            Claim { subject: Subject::project("bad").unwrap(), ..claim(ClaimKind::Reported, None, "S", "") };
        assert!(addresses(&["https://files.example"], &[whole, other]).is_empty());
    }
}
