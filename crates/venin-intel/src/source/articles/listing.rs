//! Lists of articles: feeds, and pages that link to articles.

use std::collections::BTreeSet;

use super::html::parse_html;
use crate::claim::Interval;
use crate::index::HttpUrl;
use crate::source::feed::parse_feed;

/// Most articles of one page of a list.
const MOST_LINKS: usize = 500;
/// Segments of addresses that lead to other lists and not to articles.
const NO_ARTICLES: &[&str] = &[
    "tag",
    "tags",
    "category",
    "categories",
    "author",
    "authors",
    "page",
    "about",
    "contact",
    "search",
    "feed",
    "rss",
    "login",
    "signup",
    "pricing",
    "privacy",
    "terms",
    "archive",
    "topics",
    "topic",
];

/// An article on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub url: HttpUrl,
    /// Its date, where the list says it.
    pub date: Option<Interval>,
    /// Its title, where the list says it.
    pub title: String,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The articles in the order of the page, usually the newest first.
    pub articles: Vec<Listed>,
    /// The next page, with older articles.
    pub next: Option<HttpUrl>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// Reads a feed, or the page of a list: the links below the list's own address on the same host.
#[must_use]
pub fn parse_listing(base: &HttpUrl, bytes: &[u8]) -> Listing {
    let is_markup = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<');
    if let (true, Ok((entries, problems))) = (is_markup, parse_feed(bytes)) {
        let mut listing = Listing { problems, ..Listing::default() };
        for entry in entries.into_iter().take(MOST_LINKS) {
            match base.join(&entry.link).filter(|_| !entry.link.is_empty()) {
                Some(url) => listing.articles.push(Listed { url, date: entry.date, title: entry.title }),
                None => listing.problems.push(format!("`{}` leads nowhere", entry.title)),
            }
        }
        return listing;
    }
    let page = parse_html(bytes);
    let mut seen = BTreeSet::new();
    let links = page.links.iter().filter_map(|link| base.join(link));
    let new = links.filter(|url| is_article(base, url)).filter(|url| seen.insert(url.request_url()));
    let articles = new.take(MOST_LINKS);
    Listing {
        articles: articles.map(|url| Listed { url, date: None, title: String::new() }).collect(),
        next: page.next.and_then(|next| base.join(&next)).filter(|next| host_of(next) == host_of(base)),
        problems: Vec::new(),
    }
}

/// Whether the address lies below that of the list and does not look like another list.
fn is_article(base: &HttpUrl, url: &HttpUrl) -> bool {
    let (base_path, path) = (path_of(base), path_of(url));
    let root = base_path.trim_end_matches('/');
    let Some(rest) = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) else { return false };
    let segments: Vec<&str> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
    // Slugs of articles are several words; single words are sections.
    let is_slug =
        segments.last().is_some_and(|last| last.matches(['-', '_']).count() >= 2 || last.len() >= 24);
    host_of(base) == host_of(url) && is_slug && !segments.iter().any(|segment| NO_ARTICLES.contains(segment))
}

fn host_of(url: &HttpUrl) -> String {
    let text = url.request_url();
    text.split('/').take(3).collect::<Vec<_>>().join("/")
}

fn path_of(url: &HttpUrl) -> String {
    let text = url.request_url();
    let path: Vec<&str> = text.split('/').skip(3).collect();
    format!("/{}", path.join("/").split('?').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(base: &str, page: &str) -> Vec<String> {
        let listing = parse_listing(&HttpUrl::parse(base).unwrap(), page.as_bytes());
        listing.articles.iter().map(|listed| listed.url.to_string()).collect()
    }

    #[test]
    fn a_list_page_gives_the_articles_below_it_once_each() {
        let page = "<a href='/blog/malicious-packages-in-may'>a</a><a href='malicious-packages-in-may'>b</a>\
                    <a href='/blog/malicious-packages-in-may#more'>c</a><a href='/blog/tag/a-b-c'>t</a>\
                    <a href='/blog/'>home</a><a href='/pricing-for-big-teams'>p</a>\
                    <a href='https://other.example/blog/some-other-post'>o</a><a href='javascript:x'>j</a>";
        assert_eq!(
            urls("https://lab.example/blog/", page),
            ["https://lab.example/blog/malicious-packages-in-may"]
        );
    }

    #[test]
    fn a_feed_gives_links_and_dates() {
        let feed = "<?xml version='1.0'?><rss><channel><item><title>A</title><link>/blog/a</link>\
                    <pubDate>Tue, 12 May 2026 10:00:00 GMT</pubDate></item><item><title>B</title><link>mailto:x</link>\
                    </item></channel></rss>";
        let listing =
            parse_listing(&HttpUrl::parse("https://lab.example/feed.xml").unwrap(), feed.as_bytes());
        assert_eq!(listing.articles[0].url.to_string(), "https://lab.example/blog/a");
        assert!(listing.articles[0].date.is_some());
    }
}
