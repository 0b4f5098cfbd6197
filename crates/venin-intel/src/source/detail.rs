//! The detail of a claim: a JSON object in canonical form, of bounded size.
//!
//! The identity of a claim is a digest over its text, so two readings of one record must give the same bytes whatever
//! order the keys came in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// Longest text kept, in characters.  Feeds hold whole articles; the record itself is the place to read them.
const MAX_TEXT: usize = 1000;
/// Most elements of a list that are kept, and most keys of an object.
const MAX_ITEMS: usize = 256;
/// Deepest nesting that is kept.
const MAX_DEPTH: usize = 12;

/// A detail that is being put together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Detail(BTreeMap<&'static str, Value>);

impl Detail {
    /// The same with another key; nulls and empty texts, lists and objects are left out.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.put(key, value);
        self
    }

    /// Adds a key; nulls and empty texts, lists and objects are left out.
    pub(crate) fn put(&mut self, key: &'static str, value: impl Into<Value>) {
        let value = value.into();
        let is_empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        if !is_empty {
            self.0.insert(key, value);
        }
    }

    /// The canonical text; empty when there is nothing to say.
    pub(crate) fn render(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut out = String::from("{");
        for (n, (key, value)) in self.0.iter().enumerate() {
            let _ = write!(out, "{}\"{key}\":", if n == 0 { "" } else { "," });
            push_value(&mut out, value, MAX_DEPTH - 1);
        }
        out.push('}');
        out
    }
}

/// Writes any value in canonical form: keys sorted, texts and lists cut.
pub(crate) fn render_value(value: &Value) -> String {
    let mut out = String::new();
    push_value(&mut out, value, MAX_DEPTH);
    out
}

fn push_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(_) | Value::Array(_) if depth == 0 => out.push_str("null"),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.truncate(MAX_ITEMS);
            out.push('{');
            for (n, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                push_text(out, key);
                out.push(':');
                push_value(out, value, depth - 1);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().take(MAX_ITEMS).enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                push_value(out, item, depth - 1);
            }
            out.push(']');
        }
        Value::String(text) => push_text(out, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn push_text(out: &mut String, text: &str) {
    let end = text.char_indices().nth(MAX_TEXT).map_or(text.len(), |(at, _)| at);
    let kept = Value::from(text.get(..end).unwrap_or_default());
    out.push_str(&kept.to_string());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_whatever_order_they_came_in() {
        let a: Value = serde_json::from_str(r#"{"b":{"y":1,"x":[{"q":1,"p":2}]},"a":1}"#).unwrap();
        assert_eq!(render_value(&a), r#"{"a":1,"b":{"x":[{"p":2,"q":1}],"y":1}}"#);
    }

    #[test]
    fn what_is_empty_is_not_said() {
        let detail = Detail::default().with("a", "").with("b", json!([])).with("c", Value::Null);
        assert_eq!(detail.render(), "");
        assert_eq!(detail.with("d", false).render(), r#"{"d":false}"#);
    }

    #[test]
    fn a_field_of_ten_million_bytes_is_cut_at_a_character() {
        let detail = Detail::default().with("a", "ä".repeat(5_000_000)).with("b", json!(vec![1; 100_000]));
        assert!(detail.render().len() < 4_000);
    }
}
