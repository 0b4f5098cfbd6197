//! Text of the `configparser` module and of `.env` files: sections of names and values.
//!
//! What CPython answers with an exception, and a value that refers to another, is not known.

use super::FoldContext;
use crate::value::Value;

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Most names and values that are read.
const MOST_VALUES: usize = 5_000;
/// The section whose values stand in every other.
const DEFAULT: &str = "DEFAULT";

/// How `%` is taken in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// `%(name)s` refers to another value, and `%%` is one sign.
    Basic,
    /// It is a sign like any other.
    None,
}

type Section = (String, Vec<(String, String)>);

/// Parses an INI text: a dictionary of sections, each a dictionary of texts.
pub fn parse_ini(cx: &mut FoldContext<'_>, text: &str, interpolation: Interpolation) -> Option<Value> {
    if text.len() > MAX_TEXT {
        return None;
    }
    cx.work(text.len() * 16)?;
    let mut sections = read_sections(text)?;
    let defaults = sections.iter().position(|(name, _)| name == DEFAULT).map(|at| sections.remove(at));
    let defaults = defaults.map(|(_, values)| values).unwrap_or_default();
    let n_values: usize = sections.iter().map(|(_, values)| values.len() + defaults.len()).sum();
    if n_values > MOST_VALUES {
        return None;
    }
    let mut entries = Vec::with_capacity(sections.len());
    for (name, values) in sections {
        let inherited = defaults.iter().filter(|(key, _)| !values.iter().any(|(own, _)| own == key));
        let mut held = Vec::with_capacity(values.len());
        for (key, value) in values.iter().chain(inherited) {
            held.push((cx.make_str(key.as_str())?, value_of(cx, value, interpolation)?));
        }
        cx.afford_items(held.len())?;
        let section = cx.heap.dict(held);
        entries.push((cx.make_str(name)?, section));
    }
    cx.afford_items(entries.len())?;
    Some(cx.heap.dict(entries))
}

fn value_of(cx: &mut FoldContext<'_>, value: &str, interpolation: Interpolation) -> Option<Value> {
    match interpolation {
        Interpolation::Basic if value.contains("%(") => Some(Value::unknown()),
        Interpolation::Basic => cx.make_str(value.replace("%%", "%")),
        Interpolation::None => cx.make_str(value),
    }
}

fn read_sections(text: &str) -> Option<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    let mut indent_of_key = 0;
    let mut n_values = 0;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if let Some((_, values)) = sections.last_mut()
            && indent > indent_of_key
            && let Some((_, value)) = values.last_mut()
        {
            value.push('\n');
            value.push_str(bare);
            continue;
        }
        indent_of_key = indent;
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name)
        {
            if sections.iter().any(|(known, _)| known == name) {
                return None;
            }
            sections.push((name.to_owned(), Vec::new()));
        } else {
            let (key, value) = bare.split_once(['=', ':'])?;
            let (_, values) = sections.last_mut()?;
            values.push((key.trim().to_lowercase(), value.trim().to_owned()));
        }
        n_values += 1;
        if n_values > MOST_VALUES {
            return None;
        }
    }
    Some(sections)
}

/// Parses the text of a `.env` file: a dictionary of texts.
pub fn parse_env(cx: &mut FoldContext<'_>, text: &str) -> Option<Value> {
    if text.len() > MAX_TEXT {
        return None;
    }
    cx.work(text.len() * 8)?;
    let mut entries = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        if entries.len() >= MOST_VALUES {
            return None;
        }
        let value = match variable(value.trim())? {
            text if text.contains("${") => Value::unknown(),
            text => cx.make_str(text)?,
        };
        entries.push((cx.make_str(key.trim())?, value));
    }
    cx.afford_items(entries.len())?;
    Some(cx.heap.dict(entries))
}

/// The value of a variable without its quotes or the comment behind it; `None` for a quotation that is not closed.
fn variable(value: &str) -> Option<String> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        return Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned());
    };
    let (inside, _) = value.get(1..)?.rsplit_once(quote)?;
    Some(match quote {
        '"' => inside.replace("\\n", "\n").replace("\\\"", "\""),
        _ => inside.to_owned(),
    })
}
