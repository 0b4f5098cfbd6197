//! `csv.reader` and `csv.DictReader` over lines that are known.

use super::args::{Args, given, str_or};
use super::{Flow, FoldContext, Row, iterate};
use crate::value::{Kind, Value};

pub(super) const TABLE: &[Row] =
    &[("csv.reader", Flow::Join, reader), ("csv.DictReader", Flow::Join, dict_reader)];

/// Most lines and fields that are read.
const MOST_LINES: usize = 5_000;
const MOST_FIELDS: usize = 50_000;

fn reader(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let rows = rows_of(cx, args, &[])?;
    let mut lists = Vec::with_capacity(rows.len());
    for row in rows {
        let row = texts(cx, row)?;
        lists.push(cx.make_list(row)?);
    }
    cx.make_iter(lists)
}

fn dict_reader(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let by_name = args.keywords.iter().find(|(name, _)| cx.symbols.as_str(*name) == "fieldnames");
    let named = given(args.values.get(1).or(by_name.map(|(_, value)| value))).cloned();
    let lines = args.values.get(..1)?;
    let mut rows = rows_of(cx, Args { values: lines, keywords: args.keywords }, &["fieldnames"])?.into_iter();
    let names = match named {
        Some(names) => iterate(cx, &names, 1_000)?,
        None => texts(cx, rows.next()?)?,
    };
    let mut dicts = Vec::with_capacity(rows.len());
    for row in rows.filter(|row| !row.is_empty()) {
        let values = texts(cx, row)?;
        cx.afford_items(names.len())?;
        let values = values.into_iter().chain(std::iter::repeat_with(Value::none));
        dicts.push(cx.heap.dict(names.iter().cloned().zip(values).collect()));
    }
    cx.make_iter(dicts)
}

fn texts(cx: &mut FoldContext<'_>, row: Vec<String>) -> Option<Vec<Value>> {
    row.into_iter().map(|field| cx.make_str(field)).collect()
}

/// The rows of the lines that are the first argument, with `delimiter` and `quotechar` as keywords, and others that are
/// passed over.
fn rows_of(cx: &mut FoldContext<'_>, args: Args<'_>, passed_over: &[&str]) -> Option<Vec<Vec<String>>> {
    let [lines] = args.values else { return None };
    if !matches!(lines.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Iter(_)) {
        return None;
    }
    let (mut delimiter, mut quote) = (',', '"');
    for (name, value) in args.keywords {
        let slot = match cx.symbols.as_str(*name) {
            "delimiter" => &mut delimiter,
            "quotechar" => &mut quote,
            other if passed_over.contains(&other) => continue,
            _ => return None,
        };
        let mut text = str_or(Some(value), "")?.chars();
        *slot = text.next()?;
        if text.next().is_some() {
            return None;
        }
    }
    let lines = iterate(cx, lines, MOST_LINES)?;
    let mut whole = String::new();
    for line in &lines {
        let line = line.as_str()?;
        whole.push_str(line);
        if !line.ends_with('\n') {
            whole.push('\n');
        }
    }
    cx.work(whole.len() * 8)?;
    parse_rows(&whole, delimiter, quote)
}

/// The rows of a text whose every line ends in a line feed.
fn parse_rows(text: &str, delimiter: char, quote: char) -> Option<Vec<Vec<String>>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut is_begun) = (false, false);
    let mut n_fields = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if is_quoted && c == quote => match rest.next_if_eq(&quote) {
                Some(_) => field.push(quote),
                None => is_quoted = false,
            },
            c if is_quoted => field.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' => {
                if is_begun || !row.is_empty() {
                    row.push(std::mem::take(&mut field));
                }
                rows.push(std::mem::take(&mut row));
                is_begun = false;
                n_fields += 1;
            }
            c if c == delimiter => {
                row.push(std::mem::take(&mut field));
                is_begun = false;
                n_fields += 1;
            }
            c if c == quote && !is_begun => (is_quoted, is_begun) = (true, true),
            c => {
                field.push(c);
                is_begun = true;
            }
        }
        if n_fields > MOST_FIELDS {
            return None;
        }
    }
    (!is_quoted).then_some(rows)
}
