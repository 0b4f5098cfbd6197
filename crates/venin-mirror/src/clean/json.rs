//! Where the values of a JSON text lie, so that one can be cut out and everything else stays byte for byte.
//!
//! The text must be valid JSON; whoever calls has parsed it before.  On anything else the functions end with less, and
//! never panic.

use super::cuts::Span;

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its key, decoded.
    pub(super) key: String,
    /// Its value.
    pub(super) value: Span,
    /// Key and value.
    pub(super) span: Span,
}

/// The span of the whole value, without the blanks around it.
pub(super) fn root(text: &str) -> Span {
    let start = skip_blanks(text, 0);
    (start, value_end(text, start))
}

/// The members of the object at this span; none when it is no object.
pub(super) fn members(text: &str, object: Span) -> Vec<Member> {
    let mut members = Vec::new();
    let mut at = object.0 + 1;
    if text.as_bytes().get(object.0) != Some(&b'{') {
        return members;
    }
    loop {
        let start = skip_separators(text, at);
        if start >= object.1 || text.as_bytes().get(start) != Some(&b'"') {
            return members;
        }
        let key_end = value_end(text, start);
        let key = text.get(start..key_end).and_then(|key| serde_json::from_str(key).ok());
        let colon = skip_blanks(text, key_end);
        let from = skip_blanks(text, colon + 1);
        let end = value_end(text, from);
        let (Some(key), true) = (key, end > from && end <= object.1) else { return members };
        members.push(Member { key, value: (from, end), span: (start, end) });
        at = end;
    }
}

/// The value of a member of the object at this span; of the last one when the key stands there twice, as parsers do.
pub(super) fn member(text: &str, object: Span, key: &str) -> Option<Span> {
    members(text, object).into_iter().rev().find(|member| member.key == key).map(|member| member.value)
}

/// The elements of the array at this span; none when it is no array.
pub(super) fn elements(text: &str, array: Span) -> Vec<Span> {
    let mut elements = Vec::new();
    let mut at = array.0 + 1;
    if text.as_bytes().get(array.0) != Some(&b'[') {
        return elements;
    }
    loop {
        let start = skip_separators(text, at);
        let is_end = start >= array.1 || text.as_bytes().get(start) == Some(&b']');
        let end = value_end(text, start);
        if is_end || end <= start || end > array.1 {
            return elements;
        }
        elements.push((start, end));
        at = end;
    }
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

fn skip_separators(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count()
}

/// The end of the value that begins at `from`: brackets are counted, strings passed over.
fn value_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The end of the string that begins at `from`.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::cuts::{Fate, cuts_of_items, without};
    use super::*;

    #[test]
    fn spans_are_those_of_the_values() {
        let text = r#" {"a" : [1, {"b\"]":"]"} ,"x"], "c":null, "a\u0062": -1.5e3 } "#;
        let members = members(text, root(text));
        let shown: Vec<_> = members.iter().map(|m| (m.key.as_str(), &text[m.value.0..m.value.1])).collect();
        assert_eq!(shown, [("a", r#"[1, {"b\"]":"]"} ,"x"]"#), ("c", "null"), ("ab", "-1.5e3")]);
        let elements: Vec<_> = elements(text, members[0].value).iter().map(|s| &text[s.0..s.1]).collect();
        assert_eq!(elements, ["1", r#"{"b\"]":"]"}"#, r#""x""#]);
    }

    proptest! {
        #[test]
        fn an_array_stays_valid_whichever_elements_are_cut(fates in proptest::collection::vec(any::<bool>(), 0..8)) {
            let values: Vec<Value> = (0..fates.len()).map(|n| serde_json::json!({"n": n, "t": "],\"["})).collect();
            for text in [serde_json::to_string(&values).unwrap(), serde_json::to_string_pretty(&values).unwrap()] {
                let items: Vec<_> = elements(&text, root(&text))
                    .into_iter()
                    .zip(&fates)
                    .map(|(span, cut)| (span, if *cut { Fate::Cut } else { Fate::Kept }))
                    .collect();
                prop_assert_eq!(items.len(), values.len());
                let rest = without(text.as_bytes(), &cuts_of_items(&items)).unwrap();
                let rest: Vec<Value> = serde_json::from_slice(&rest).unwrap();
                let kept: Vec<Value> =
                    values.iter().zip(&fates).filter(|(_, cut)| !**cut).map(|(v, _)| v.clone()).collect();
                prop_assert_eq!(rest, kept);
            }
        }

        #[test]
        fn any_text_at_all_ends(text in ".{0,64}") {
            let all = root(&text);
            for span in elements(&text, all).into_iter().chain(members(&text, all).iter().map(|m| m.value)) {
                prop_assert!(span.0 <= span.1 && span.1 <= text.len());
            }
        }
    }
}
