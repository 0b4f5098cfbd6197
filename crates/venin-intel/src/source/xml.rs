//! XML piece by piece, without document types, without entities of its own, and never deeper than a bound.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting that is read.
const MOST_DEPTH: usize = 128;

/// A piece of a document.
pub(super) enum Piece<'a> {
    /// An element begins; the name carries its prefix.
    Open(&'a str, &'a BytesStart<'a>),
    /// An element ends.
    Close(&'a str),
    /// Character data, entities resolved; comes in several parts.
    Text(&'a str),
}

/// Gives every piece to `visit`.
///
/// # Errors
/// What is wrong, one sentence: no XML, cut off, too deep.  The pieces before were given.
pub(super) fn read_xml(text: &str, mut visit: impl FnMut(Piece<'_>)) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut depth = 0_usize;
    let mut is_empty = true;
    loop {
        let event = reader.read_event().map_err(|error| format!("no XML: {error}"))?;
        match &event {
            Event::Start(tag) => {
                depth += 1;
                is_empty = false;
                if depth > MOST_DEPTH {
                    return Err(format!("elements are nested deeper than {MOST_DEPTH}"));
                }
                visit(Piece::Open(tag.name().as_ref(), tag));
            }
            Event::Empty(tag) => {
                is_empty = false;
                visit(Piece::Open(tag.name().as_ref(), tag));
                visit(Piece::Close(tag.name().as_ref()));
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                visit(Piece::Close(tag.name().as_ref()));
            }
            Event::Text(text) => visit(Piece::Text(&text.xml10_content())),
            Event::CData(text) => visit(Piece::Text(&text.xml10_content())),
            Event::GeneralRef(reference) => visit(Piece::Text(&resolve(reference))),
            Event::Eof if depth > 0 => return Err("it ends in the middle of an element".to_owned()),
            Event::Eof if is_empty => return Err("no XML: no element at all".to_owned()),
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// A character, or a space for an entity that only a document type would explain.
fn resolve(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        Ok(None) => resolve_predefined_entity(&reference.xml10_content()).unwrap_or(" ").to_owned(),
        Err(_) => " ".to_owned(),
    }
}

/// The value of an attribute, entities resolved.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok().flatten()?;
    let value = String::from_utf8_lossy(found.value.as_ref().as_ref()).into_owned();
    Some(quick_xml::escape::unescape(&value).map_or(value.clone(), std::borrow::Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(xml: &str) -> Result<String, String> {
        let mut text = String::new();
        read_xml(xml, |piece| {
            if let Piece::Text(part) = piece {
                text.push_str(part);
            }
        })
        .map(|()| text)
    }

    #[test]
    fn entities_are_resolved_and_foreign_ones_are_not_expanded() {
        assert_eq!(text_of("<a>x &amp; &#x41;<![CDATA[<b>]]></a>").unwrap(), "x & A<b>");
        let bomb =
            "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]><a>&b;&c;</a>";
        assert_eq!(text_of(bomb).unwrap().trim(), "");
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for xml in ["", "hello", "<a>", "<a><b></a>", "<a", &"<a>".repeat(100_000)] {
            assert!(text_of(xml).is_err(), "{}", xml.get(..20.min(xml.len())).unwrap());
        }
    }
}
