//! The HTML form of a project's page (PEP 503, 592): the anchors of the page, nothing else of HTML.

use super::page::{IndexFile, ProjectPage, parse_sha256};
use super::url::HttpUrl;

/// Most anchors read of one page.
const MAX_ANCHORS: usize = 200_000;

/// Reads a page; anchors whose URL we do not follow are left out.
///
/// # Errors
/// The text holds no HTML element at all.
pub(super) fn parse_html(name: &str, url: &HttpUrl, text: &str) -> Result<ProjectPage, String> {
    let mut page =
        ProjectPage { name: name.to_owned(), files: Vec::new(), status: None, status_reason: None };
    let mut has_elements = false;
    for (element, attributes) in elements(text).take(MAX_ANCHORS) {
        has_elements = true;
        if element.eq_ignore_ascii_case("a") {
            page.files.extend(file_of(url, attributes));
        } else if element.eq_ignore_ascii_case("meta") {
            read_status(attributes, &mut page);
        }
    }
    if has_elements { Ok(page) } else { Err("no project page in HTML: it has no elements".to_owned()) }
}

fn file_of(base: &HttpUrl, attributes: &str) -> Option<IndexFile> {
    let href = attribute(attributes, "href")?;
    let mut file = IndexFile::new(base, &href, None)?;
    let fragment = href.split_once('#').map_or("", |(_, fragment)| fragment);
    let digest = fragment.split('&').find_map(|part| part.strip_prefix("sha256="));
    file.sha256 = digest.and_then(parse_sha256);
    file.yanked = attribute(attributes, "data-yanked");
    Some(file)
}

/// `<meta name="pypi:project-status" content="quarantined">` (PEP 792).
fn read_status(attributes: &str, page: &mut ProjectPage) {
    let name = attribute(attributes, "name").unwrap_or_default();
    match name.split_once(':') {
        Some((_, "project-status")) => page.status = attribute(attributes, "content"),
        Some((_, "project-status-reason")) => page.status_reason = attribute(attributes, "content"),
        _ => {}
    }
}

/// Opening tags with the text of their attributes; comments are skipped.
fn elements(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.get(rest.find('<')? + 1..)?;
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.get(comment.find("-->").map_or(comment.len(), |at| at + 3)..)?;
                continue;
            }
            if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let (tag, after) = rest.split_at(tag_end(rest));
            rest = after;
            let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
            return Some(tag.split_at(name_end));
        }
    })
}

/// The offset of the `>` that ends an opening tag, of a text that begins behind its `<`; one inside quotes does not.
#[must_use]
pub fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// An attribute's value, entities decoded; an attribute without a value is empty.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (found, after) = rest.split_at(name_end);
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('=') {
            None => ("", after),
            Some(value) => split_value(value.trim_start()),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(decode_entities(value));
        }
        // A stray character that is neither name nor value must not stop the walk.
        rest = if found.is_empty() && next.len() == rest.len() {
            next.get(1..).unwrap_or_default()
        } else {
            next
        };
        rest = rest.trim_start();
    }
    None
}

fn split_value(text: &str) -> (&str, &str) {
    let quoted = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quoted {
        Some(quote) => {
            let inner = text.get(1..).unwrap_or_default();
            inner.split_once(quote).unwrap_or((inner, ""))
        }
        None => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
    }
}

/// The five entities that URLs and version specifiers need, and `&#62;`.
fn decode_entities(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#62;", ">"),
        ("&#60;", "<"),
        ("&amp;", "&"),
    ];
    named.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ProjectPage, String> {
        parse_html("six", &HttpUrl::parse("http://index.example/simple/six/").unwrap(), text)
    }

    #[test]
    fn anchors_are_files_with_digest_and_yank() {
        let digest = "AB".repeat(32);
        let page = parse(&format!(
            "<!doctype html><!-- <a href='x'> --><meta name=\"x:project-status\" content=archived>\
             <a data-requires-python='&gt;=3' href=\"../../f/six-1.tar.gz?a=1&amp;b=2#sha256={digest}\">six</a>\
             <A HREF=six-2.whl data-yanked>x</A><a name=top>no</a><a href='mailto:x@y.example'>m</a>"
        ))
        .unwrap();
        assert_eq!(page.status.as_deref(), Some("archived"));
        assert_eq!(page.files.len(), 2);
        assert_eq!(page.files[0].name, "six-1.tar.gz");
        assert_eq!(page.files[0].url.to_string(), "http://index.example/f/six-1.tar.gz?a=1&b=2");
        assert_eq!(page.files[0].sha256, Some("ab".repeat(32)));
        assert_eq!((page.files[1].name.as_str(), page.files[1].yanked.as_deref()), ("six-2.whl", Some("")));
    }

    #[test]
    fn broken_html_ends_and_text_is_no_page() {
        assert!(parse("hello").is_err());
        for text in [
            "<a",
            "<a href",
            "<a href=",
            "<a href='",
            "<a =x href=b.whl>",
            "<<<<",
            "<!--",
            "<a \u{e9}=\u{e9} ==>",
        ] {
            let _ = parse(text);
        }
    }
}
