//! Feeds of entries: RSS 2.0 and Atom (RFC 4287).

use super::plain::plain;
use super::xml::{Piece, attribute, read_xml};
use crate::claim::{Interval, Moment};

/// Most entries that are read.
const MOST_ENTRIES: usize = 10_000;
/// Longest title, link or date in bytes.
const MOST_FIELD: usize = 4 << 10;
/// Longest content in bytes.
const MOST_CONTENT: usize = 2 << 20;

/// An entry of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its title, as plain text.
    pub title: String,
    /// Where it leads; as written, perhaps relative.
    pub link: String,
    /// When it was published; a date that cannot be read is unknown.
    pub date: Option<Interval>,
    /// What it says, often HTML.
    pub content: String,
}

/// Which field the text of an element belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Link,
    Identifier,
    Date,
    Summary,
    Content,
}

#[derive(Default)]
struct Reading {
    entries: Vec<Entry>,
    problems: Vec<String>,
    current: Option<Draft>,
    /// The field that is being read, and how many elements deep inside it.
    field: Option<(Field, usize)>,
    text: String,
    is_feed: bool,
    is_full: bool,
}

#[derive(Default)]
struct Draft {
    entry: Entry,
    identifier: String,
    summary: String,
}

/// Reads the entries in the order of the feed; a broken end keeps what stands before it.
///
/// # Errors
/// What is wrong, one sentence, when there is no feed at all.
pub fn parse_feed(bytes: &[u8]) -> Result<(Vec<Entry>, Vec<String>), String> {
    let text = String::from_utf8_lossy(bytes);
    let mut reading = Reading::default();
    let end = read_xml(&text, |piece| reading.take(&piece));
    if !reading.is_feed {
        return Err(end.err().unwrap_or_else(|| "neither RSS nor Atom".to_owned()));
    }
    reading.problems.extend(end.err());
    if reading.is_full {
        reading.problems.push(format!("more than {MOST_ENTRIES} entries"));
    }
    Ok((reading.entries, reading.problems))
}

impl Reading {
    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Open(name, tag) => {
                self.is_feed |= matches!(*name, "rss" | "feed" | "rdf:RDF");
                if let Some((_, depth)) = &mut self.field {
                    *depth += 1;
                } else if self.current.is_none() && matches!(*name, "item" | "entry") {
                    self.current = Some(Draft::default());
                } else if let Some(draft) = &mut self.current {
                    let rel = attribute(tag, "rel");
                    let is_link = *name == "link" && rel.is_none_or(|rel| rel == "alternate");
                    if let Some(href) =
                        attribute(tag, "href").filter(|_| is_link && draft.entry.link.is_empty())
                    {
                        draft.entry.link = limited(&href, MOST_FIELD);
                    }
                    self.field = field_of(name).map(|field| (field, 0));
                    self.text.clear();
                }
            }
            Piece::Text(text) => {
                if self.field.is_some() && self.text.len() + text.len() <= MOST_CONTENT {
                    self.text.push_str(text);
                }
            }
            Piece::Close(name) => match &mut self.field {
                Some((field, 0)) => {
                    let field = *field;
                    self.field = None;
                    self.keep(field);
                }
                Some((_, depth)) => *depth -= 1,
                None if matches!(*name, "item" | "entry") => self.finish(),
                None => {}
            },
        }
    }

    fn keep(&mut self, field: Field) {
        let Some(draft) = &mut self.current else { return };
        let text = self.text.trim();
        let short = || limited(text, MOST_FIELD);
        match field {
            Field::Title if draft.entry.title.is_empty() => draft.entry.title = short(),
            Field::Link if draft.entry.link.is_empty() => draft.entry.link = short(),
            Field::Identifier => draft.identifier = short(),
            Field::Date if draft.entry.date.is_none() => match parse_date(text) {
                Some(date) => draft.entry.date = Some(date),
                None => self.problems.push(format!("`{}` is no date", plain(text))),
            },
            Field::Summary if draft.summary.is_empty() => text.clone_into(&mut draft.summary),
            Field::Content if draft.entry.content.is_empty() => text.clone_into(&mut draft.entry.content),
            _ => {}
        }
    }

    fn finish(&mut self) {
        let Some(Draft { mut entry, identifier, summary }) = self.current.take() else { return };
        if entry.link.is_empty() && identifier.contains("://") {
            entry.link = identifier;
        }
        if entry.content.is_empty() {
            entry.content = summary;
        }
        if self.entries.len() < MOST_ENTRIES {
            self.entries.push(entry);
        } else {
            self.is_full = true;
        }
    }
}

fn field_of(name: &str) -> Option<Field> {
    Some(match name {
        "title" => Field::Title,
        "link" => Field::Link,
        "guid" | "id" => Field::Identifier,
        "pubDate" | "published" | "updated" | "dc:date" => Field::Date,
        "description" | "summary" => Field::Summary,
        "content:encoded" | "content" => Field::Content,
        _ => return None,
    })
}

/// A date as RSS (RFC 2822) or Atom (RFC 3339) writes it.
fn parse_date(text: &str) -> Option<Interval> {
    Moment::parse_rfc2822(text).map(Interval::at).or_else(|_| Interval::parse(text)).ok()
}

fn limited(text: &str, most: usize) -> String {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="c" xmlns:atom="a" xmlns:media="m"><channel>
<title>Research</title><atom:link href="https://blog.example/feed" rel="self"/><link>https://blog.example/</link>
<item><title>One &amp; two</title><media:title>no</media:title><link>https://blog.example/one</link>
<guid isPermaLink="false">17</guid><pubDate>Tue, 12 May 2026 10:00:00 +0200</pubDate>
<description>short</description><content:encoded><![CDATA[<p>long</p>]]></content:encoded></item>
<item><title>Three</title><guid>https://blog.example/three</guid><pubDate>soon</pubDate></item>
</channel></rss>"#;

    #[test]
    fn an_rss_feed_gives_title_link_date_and_content() {
        let (entries, problems) = parse_feed(RSS.as_bytes()).unwrap();
        assert_eq!((entries.len(), entries[0].title.as_str()), (2, "One & two"));
        assert_eq!(entries[0].link, "https://blog.example/one");
        assert_eq!(entries[0].date.unwrap().to_string(), "2026-05-12T08:00:00Z");
        assert_eq!(entries[0].content, "<p>long</p>");
        assert_eq!((entries[1].link.as_str(), entries[1].date), ("https://blog.example/three", None));
        assert_eq!(problems, ["`soon` is no date"]);
    }

    #[test]
    fn an_atom_feed_gives_the_same() {
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title type="html">A</title>
<link rel="edit" href="/edit"/><link rel="alternate" href="/a?b=1&amp;c=2"/><id>tag:a</id>
<published>2026-05-12T01:02:03Z</published><updated>2026-05-13T00:00:00Z</updated>
<content type="xhtml"><div><title>inner</title>text</div></content></entry></feed>"#;
        let (entries, problems) = parse_feed(atom.as_bytes()).unwrap();
        assert_eq!((entries[0].title.as_str(), entries[0].link.as_str()), ("A", "/a?b=1&c=2"));
        assert_eq!(entries[0].date.unwrap().to_string(), "2026-05-12T01:02:03Z");
        assert!(entries[0].content.contains("text") && problems.is_empty());
    }

    #[test]
    fn a_feed_that_breaks_off_keeps_its_whole_entries() {
        let (entries, problems) = parse_feed(&RSS.as_bytes()[..RSS.len() - 60]).unwrap();
        assert_eq!((entries.len(), problems.len()), (1, 1));
        for text in ["", "{}", "<html><body>no</body></html>", "\u{0}"] {
            assert!(parse_feed(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn fields_without_measure_are_cut() {
        let long = "é".repeat(5 << 20);
        let rss = format!(
            "<rss><channel><item><title>{}</title><link>{long}</link></item></channel></rss>",
            "x".repeat(9000)
        );
        let (entries, _) = parse_feed(rss.as_bytes()).unwrap();
        assert!(entries[0].title.len() <= MOST_FIELD && entries[0].link.len() <= MOST_FIELD);
    }
}
