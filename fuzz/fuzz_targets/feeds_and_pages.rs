//! Feeds, answers and pages of indexes, and articles, all from the same bytes.
//!
//! Every parser must answer, whatever the bytes; claims carry no control characters, and the article's own names are
//! ones that an index would take.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_intel::claim::Moment;
use venin_intel::index::HttpUrl;
use venin_intel::source::{
    parse_article, parse_changelog, parse_feed, parse_list, parse_listing, parse_project, parse_release_feed,
};

fuzz_target!(|data: &[u8]| {
    let now = Moment::from_seconds(1_800_000_000);
    let _ = (parse_feed(data), parse_release_feed(data, "s", now), parse_changelog(data), parse_list(data));
    if let Ok(page) = parse_project(data, "https://index.example/simple/a/") {
        let _ = page.claims("u", "s", now);
    }
    if let Some(base) = HttpUrl::parse("https://index.example/blog/") {
        let _ = parse_listing(&base, data);
    }
    let claims = parse_article(data).claims("u", None, "s", now);
    assert!(claims.iter().all(|claim| !claim.detail.chars().any(char::is_control)));
});
