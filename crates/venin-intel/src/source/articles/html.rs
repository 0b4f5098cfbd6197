//! An HTML page as a row of blocks: headings, paragraphs, list items, table rows and code, with what was marked.
//!
//! Nothing is executed, nothing is loaded, and scripts and styles are not looked at.

use std::collections::BTreeMap;
use std::ops::Range;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

/// Most blocks of a page.
const MOST_BLOCKS: usize = 50_000;
/// Longest block in bytes.
const MOST_TEXT: usize = 64 << 10;
/// Most cells of a row, and marks of a block.
const MOST_PARTS: usize = 1000;
/// Most links of a page.
const MOST_LINKS: usize = 20_000;

/// Elements whose content is not part of what the page says.
const SKIPPED: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "form", "select", "iframe",
    "button", "textarea", "object",
];
/// Elements that set off a word.
const MARKS: &[&str] = &["code", "strong", "b", "em", "i", "kbd", "tt", "samp", "mark"];
/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "pre",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "caption",
    "figure",
    "figcaption",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "details",
    "summary",
    "body",
    "title",
];

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// With its level from 1 to 6.
    Heading(u8),
    Paragraph,
    Item,
    Code,
    /// The cells, and the number of the table on the page.
    Row {
        cells: Vec<Passage>,
        is_head: bool,
        table: usize,
    },
}

/// A text and what is set off in it, by bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) text: String,
    pub(super) marks: Vec<Range<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) passage: Passage,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: String,
    /// The date of publication as the page writes it.
    pub(super) date: Option<String>,
    /// The address that the page gives as its own.
    pub(super) canonical: Option<String>,
    /// The address of the next page of a list.
    pub(super) next: Option<String>,
    /// Where links lead, in order.
    pub(super) links: Vec<String>,
    pub(super) blocks: Vec<Block>,
}

#[derive(Default)]
struct Reading {
    page: Page,
    /// The skipped element and how many of its kind are open in it.
    skipped: Option<(String, usize)>,
    title: Option<String>,
    passage: Passage,
    open_marks: Vec<usize>,
    heading: Option<u8>,
    lists: usize,
    code: usize,
    in_cell: bool,
    row: Vec<Passage>,
    is_head: bool,
    table: usize,
}

/// Reads a page; anything is one.
pub(super) fn parse_html(bytes: &[u8]) -> Page {
    let html = String::from_utf8_lossy(bytes);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reading = Reading::default();
    for Ok(token) in Tokenizer::new_with_emitter(&*html, emitter) {
        match token {
            Token::StartTag(tag) => reading.open(&tag),
            Token::EndTag(tag) => reading.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => reading.take_text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if reading.page.blocks.len() >= MOST_BLOCKS {
            break;
        }
    }
    reading.flush();
    let mut page = reading.page;
    page.date = page.date.or_else(|| linked_data_date(&html));
    page
}

/// `"datePublished": "..."` in the linked data (JSON-LD) that many pages carry in a script.
fn linked_data_date(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("\"datePublished\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (date, _) = value.split_once('"')?;
    (date.len() < 64).then(|| date.to_owned())
}

impl Reading {
    fn open(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(*skipped == name && !tag.self_closing);
            return;
        }
        if SKIPPED.contains(&name.as_str()) {
            if !tag.self_closing {
                self.skipped = Some((name, 0));
            }
            return;
        }
        let attributes = attributes_of(tag);
        let attribute = |key: &str| attributes.get(key).map(String::as_str);
        match name.as_str() {
            "meta" => self.take_meta(&attribute),
            "link" => self.take_link(&attribute),
            "a" => {
                self.take_link(&attribute);
                if let Some(href) = attribute("href").filter(|_| self.page.links.len() < MOST_LINKS) {
                    self.page.links.push(href.trim().to_owned());
                }
            }
            "time" if self.page.date.is_none() => {
                self.page.date = attribute("datetime").map(ToOwned::to_owned);
            }
            "br" => self.take_text(if self.code > 0 { "\n" } else { " " }),
            name if MARKS.contains(&name) && self.code == 0 && self.open_marks.len() < MOST_PARTS => {
                self.open_marks.push(self.passage.text.len());
            }
            name if BLOCKS.contains(&name) => {
                self.flush();
                self.enter(name);
            }
            _ => {}
        }
    }

    fn take_meta<'a>(&mut self, attribute: &dyn Fn(&str) -> Option<&'a str>) {
        let key = ["property", "name", "itemprop"].iter().find_map(|key| attribute(key)).unwrap_or_default();
        let is_date = matches!(
            key.to_ascii_lowercase().as_str(),
            "article:published_time" | "datepublished" | "date" | "dc.date" | "publish_date"
        );
        if is_date && self.page.date.is_none() {
            self.page.date = attribute("content").map(ToOwned::to_owned);
        }
    }

    fn take_link<'a>(&mut self, attribute: &dyn Fn(&str) -> Option<&'a str>) {
        let Some(href) = attribute("href") else { return };
        let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let is = |word: &str| rel.split_ascii_whitespace().any(|part| part == word);
        if is("canonical") && self.page.canonical.is_none() {
            self.page.canonical = Some(href.to_owned());
        }
        if is("next") && self.page.next.is_none() {
            self.page.next = Some(href.to_owned());
        }
    }

    fn enter(&mut self, name: &str) {
        match name {
            "title" => self.title = Some(String::new()),
            "pre" => self.code += 1,
            "li" | "dt" | "dd" => self.lists += 1,
            "tr" => self.end_row(),
            "td" | "th" => {
                self.in_cell = true;
                self.is_head |= name == "th";
                if self.row.len() < MOST_PARTS {
                    self.row.push(Passage::default());
                }
            }
            _ => self.heading = heading_level(name).or(self.heading),
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            if skipped == name {
                match depth.checked_sub(1) {
                    Some(left) => *depth = left,
                    None => self.skipped = None,
                }
            }
            return;
        }
        if MARKS.contains(&name)
            && self.code == 0
            && let Some(start) = self.open_marks.pop()
        {
            self.mark(start);
        }
        if !BLOCKS.contains(&name) {
            return;
        }
        self.flush();
        match name {
            "title" => {
                let title = self.title.take().unwrap_or_default();
                if self.page.title.is_empty() {
                    title.trim().clone_into(&mut self.page.title);
                }
            }
            "pre" => self.code = self.code.saturating_sub(1),
            "li" | "dt" | "dd" => self.lists = self.lists.saturating_sub(1),
            "td" | "th" => self.in_cell = false,
            "tr" => self.end_row(),
            "table" => {
                self.end_row();
                self.in_cell = false;
                self.table += 1;
            }
            _ if heading_level(name).is_some() => self.heading = None,
            _ => {}
        }
    }

    fn mark(&mut self, start: usize) {
        let mark = start..self.passage.text.len();
        let is_new = !mark.is_empty() && self.passage.marks.len() < MOST_PARTS;
        if is_new
            && !self.passage.marks.iter().any(|other| other.start <= mark.start && mark.end <= other.end)
        {
            self.passage.marks.push(mark);
        }
    }

    fn take_text(&mut self, text: &str) {
        if self.skipped.is_some() || self.passage.text.len() + text.len() > MOST_TEXT {
            return;
        }
        if let Some(title) = &mut self.title {
            title.push_str(text);
        } else if self.code > 0 {
            self.passage.text.push_str(text);
        } else {
            for c in text.chars() {
                let is_space = c.is_whitespace();
                let follows_space = self.passage.text.is_empty() || self.passage.text.ends_with(' ');
                match (is_space, follows_space) {
                    (true, true) => {}
                    (true, false) => self.passage.text.push(' '),
                    // Soft hyphens and zero-width spaces only break lines.
                    (false, _)
                        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') => {}
                    (false, _) => self.passage.text.push(c),
                }
            }
        }
    }

    /// Ends the block that is being read.
    fn flush(&mut self) {
        for start in std::mem::take(&mut self.open_marks) {
            self.mark(start);
        }
        let passage = std::mem::take(&mut self.passage);
        if passage.text.trim().is_empty() {
            return;
        }
        if let (true, Some(cell)) = (self.in_cell, self.row.last_mut()) {
            let offset = if cell.text.is_empty() { 0 } else { cell.text.len() + 1 };
            if offset > 0 {
                cell.text.push(' ');
            }
            cell.text.push_str(&passage.text);
            cell.marks.extend(passage.marks.into_iter().map(|mark| mark.start + offset..mark.end + offset));
            return;
        }
        let kind = match self.heading {
            _ if self.code > 0 => BlockKind::Code,
            Some(level) => BlockKind::Heading(level),
            None if self.lists > 0 => BlockKind::Item,
            None => BlockKind::Paragraph,
        };
        self.page.blocks.push(Block { kind, passage });
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.row);
        let is_head = std::mem::take(&mut self.is_head);
        if !cells.is_empty() {
            let text = cells.iter().map(|cell| cell.text.trim()).collect::<Vec<_>>().join(" | ");
            let kind = BlockKind::Row { cells, is_head, table: self.table };
            self.page.blocks.push(Block { kind, passage: Passage { text, marks: Vec::new() } });
        }
    }
}

fn heading_level(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

fn attributes_of(tag: &StartTag<()>) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    tag.attributes.iter().take(64).map(|(name, value)| (text(name), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(html: &str) -> Vec<(String, String)> {
        let kind = |block: &Block| match &block.kind {
            BlockKind::Row { is_head: true, .. } => "Head".to_owned(),
            BlockKind::Row { .. } => "Row".to_owned(),
            kind => format!("{kind:?}"),
        };
        parse_html(html.as_bytes())
            .blocks
            .iter()
            .map(|b| (kind(b), b.passage.text.trim().to_owned()))
            .collect()
    }

    #[test]
    fn a_page_is_a_row_of_blocks_without_its_scripts_and_frames() {
        let html = "<title>T &amp; U</title><nav><li>menu</li></nav><h2>Head</h2><p>One <b>two</b>\n three<script>\
                    var a = '<p>no</p>';</script></p><ul><li><p>item</p><li>open</ul><pre><code>a\n  b</code></pre>\
                    <table><tr><th>Name<th>V</tr><tr><td><p>x</p><td>1</table><footer>no</footer>";
        let found = texts(html);
        let expected = [
            ("Heading(2)", "Head"),
            ("Paragraph", "One two three"),
            ("Item", "item"),
            ("Item", "open"),
            ("Code", "a\n  b"),
            ("Head", "Name | V"),
            ("Row", "x | 1"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(parse_html(html.as_bytes()).title, "T & U");
    }

    #[test]
    fn what_is_set_off_is_known_by_its_place() {
        let page = parse_html(b"<p>the <strong><code>demo</code></strong> one and <em>other</em></p>");
        let passage = &page.blocks[0].passage;
        let marked: Vec<&str> = passage.marks.iter().map(|mark| &passage.text[mark.clone()]).collect();
        assert_eq!(marked, ["demo", "other"]);
    }

    #[test]
    fn the_date_is_found_where_pages_put_it() {
        for html in [
            "<meta property='article:published_time' content='2026-05-12'>",
            "<time datetime='2026-05-12'>May</time>",
            "<script type='application/ld+json'>{\"datePublished\" : \"2026-05-12\"}</script>",
        ] {
            assert_eq!(parse_html(html.as_bytes()).date.as_deref(), Some("2026-05-12"), "{html}");
        }
    }

    #[test]
    fn broken_and_deep_pages_are_read_as_far_as_they_go() {
        let deep = "<div><table><tr><td><ul><li>".repeat(20_000);
        let long = format!("<p>{}", "a".repeat(1 << 20));
        for html in [deep.as_str(), &long, "<", "</p></p></td>", "<script>", "\u{0}<p", "<pre><pre></pre>x"] {
            let page = parse_html(html.as_bytes());
            assert!(page.blocks.len() <= MOST_BLOCKS);
        }
    }
}
