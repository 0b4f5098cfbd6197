//! Where the anchors of an HTML page lie, so that one can be cut out with its line and nothing else changes.

use venin_intel::index::tag_end;

use super::cuts::Span;

/// An anchor: its opening tag, and the span that goes when it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor<'a> {
    /// The opening tag without its brackets: `a href="..."`.
    pub(super) tag: &'a str,
    /// From the blanks before it to the line break after it.
    pub(super) span: Span,
}

/// The anchors of a page, comments skipped.
pub(super) fn read_anchors(text: &str) -> Vec<Anchor<'_>> {
    let mut anchors = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        let rest = text.get(start + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            let length = comment.find("-->").map_or(comment.len(), |end| end + 3);
            at = start + 4 + length;
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            at = start + 1;
            continue;
        }
        let tag_length = tag_end(rest);
        let tag = rest.get(..tag_length).unwrap_or_default();
        let after_tag = (start + 1 + tag_length + 1).min(text.len());
        at = after_tag;
        if !is_anchor(tag) {
            continue;
        }
        let end = find_close(text, after_tag);
        anchors.push(Anchor { tag, span: (line_start(text, start), line_end(text, end)) });
        at = end;
    }
    anchors
}

fn is_anchor(tag: &str) -> bool {
    let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    tag.get(..name_end).is_some_and(|name| name.eq_ignore_ascii_case("a"))
}

/// The end of `</a>`, or the anchor's own end where none follows before the next tag of another kind.
fn find_close(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let Some(open) = rest.find('<') else { return from };
    let is_close = rest.get(open..open + 4).is_some_and(|tag| tag.eq_ignore_ascii_case("</a>"));
    if is_close { from + open + 4 } else { from }
}

/// Back over the blanks before an anchor, if nothing else stands before it on its line.
fn line_start(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let trimmed = before.trim_end_matches([' ', '\t']);
    if trimmed.is_empty() || trimmed.ends_with('\n') { trimmed.len() } else { start }
}

/// Over the `<br>` and the line break after an anchor.
fn line_end(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let mut length = blanks(rest);
    let after = rest.get(length..).unwrap_or_default();
    if after.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br"))
        && let Some(close) = after.find('>')
    {
        length += close + 1;
        length += blanks(rest.get(length..).unwrap_or_default());
    }
    let after = rest.get(length..).unwrap_or_default();
    if after.starts_with("\r\n") {
        end + length + 2
    } else if after.starts_with('\n') {
        end + length + 1
    } else if length > blanks(rest) {
        end + length
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_goes_with_its_line_and_nothing_else() {
        let text = "<h1>x</h1>\n    <a href=\"a>b\">a</a><br/>\n    <a href='c'>c</a><br />\n  </body>";
        let anchors = read_anchors(text);
        assert_eq!(anchors.len(), 2);
        let (start, end) = anchors[0].span;
        assert_eq!(&text[start..end], "    <a href=\"a>b\">a</a><br/>\n");
        let (start, end) = anchors[1].span;
        assert_eq!(&text[start..end], "    <a href='c'>c</a><br />\n");
    }

    #[test]
    fn anchors_in_comments_and_broken_tags_do_no_harm() {
        assert!(read_anchors("<!-- <a href=x>x</a> -->").is_empty());
        for text in ["<a", "<", "<a href='", "<!--", "<a href=x>é", "<é>", "<a><br", "<a></a"] {
            for anchor in read_anchors(text) {
                assert!(text.get(anchor.span.0..anchor.span.1).is_some(), "{text}");
            }
        }
    }
}
