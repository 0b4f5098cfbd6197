//! Dictionaries.  Views are given as lists.

use super::args::Args;
use super::iterate::is_left_open;
use super::{Flow, FoldContext, Row, iterate};
use crate::value::{Key, Kind, ObjId, Value};

pub(super) const TABLE: &[Row] = &[
    ("dict", Flow::Own, dict),
    ("collections.OrderedDict", Flow::Own, dict),
    ("dict.fromkeys", Flow::Own, fromkeys),
    ("dict.get", Flow::Own, get),
    ("dict.keys", Flow::Own, keys),
    ("dict.values", Flow::Own, values),
    ("dict.items", Flow::Own, items),
    ("dict.iterkeys", Flow::Own, keys),
    ("dict.itervalues", Flow::Own, values),
    ("dict.iteritems", Flow::Own, items),
    ("dict.update", Flow::Own, update),
    ("dict.setdefault", Flow::Own, setdefault),
    ("dict.pop", Flow::Own, pop),
    ("dict.popitem", Flow::Own, popitem),
    ("dict.clear", Flow::Own, clear),
    ("dict.copy", Flow::Own, copy),
    ("dict.has_key", Flow::Own, has_key),
];

fn id_of(value: &Value) -> Option<ObjId> {
    match value.kind {
        Kind::Dict(id) => Some(id),
        _ => None,
    }
}

/// Whether a key that is not in the dictionary may still be in it, under a key that is not known.
fn may_hide(cx: &FoldContext<'_>, id: ObjId) -> bool {
    cx.heap.dict_entries(id).any(|(key, _)| cx.heap.key_of(key).is_none())
}

/// Key and value of a mapping or of an iterable of pairs.
fn entries_of(cx: &mut FoldContext<'_>, value: &Value) -> Option<Vec<(Value, Value)>> {
    if let Kind::Dict(id) = value.kind {
        return Some(cx.heap.dict_entries(id).cloned().collect());
    }
    let mut entries = Vec::new();
    for pair in iterate(cx, value, FoldContext::MAX_ITEMS)? {
        let pair = iterate(cx, &pair, 2)?;
        let [key, value] = <[Value; 2]>::try_from(pair).ok()?;
        entries.push((key, value));
    }
    Some(entries)
}

fn collect(cx: &mut FoldContext<'_>, args: &Args<'_>) -> Option<Vec<(Value, Value)>> {
    let mut entries = match args.values {
        [] => Vec::new(),
        [source] => entries_of(cx, source)?,
        _ => return None,
    };
    for (name, value) in args.keywords {
        let key = Value::str(cx.symbols.text(*name)).with_origins(crate::value::OriginSet::LITERAL);
        entries.push((key, value.clone()));
    }
    cx.afford_items(entries.len())?;
    Some(entries)
}

fn dict(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let entries = collect(cx, &args)?;
    Some(cx.heap.dict(entries))
}

fn fromkeys(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [keys, value] = args.bind(cx, [""; 2])?;
    let value = value.cloned().unwrap_or_else(Value::none);
    let keys = iterate(cx, keys?, FoldContext::MAX_ITEMS)?;
    cx.afford_items(keys.len())?;
    Some(cx.heap.dict(keys.into_iter().map(|k| (k, value.clone())).collect()))
}

fn get(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict, key, default] = args.bind(cx, [""; 3])?;
    let id = id_of(dict?)?;
    let key = cx.heap.key_of(key?)?;
    match cx.heap.dict_get(id, &key) {
        Some(value) => Some(value.clone()),
        None if may_hide(cx, id) => None,
        None => Some(default.cloned().unwrap_or_else(Value::none)),
    }
}

fn keys(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    (!is_left_open(cx, dict)).then_some(())?;
    let items = cx.heap.dict_entries(id_of(dict)?).map(|(k, _)| k.clone()).collect();
    cx.make_list(items)
}

fn values(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    (!is_left_open(cx, dict)).then_some(())?;
    let items = cx.heap.dict_entries(id_of(dict)?).map(|(_, v)| v.clone()).collect();
    cx.make_list(items)
}

fn items(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    (!is_left_open(cx, dict)).then_some(())?;
    let entries: Vec<(Value, Value)> = cx.heap.dict_entries(id_of(dict)?).cloned().collect();
    let mut items = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        items.push(cx.make_tuple(vec![key, value])?);
    }
    cx.make_list(items)
}

fn update(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let (dict, rest) = args.receiver()?;
    let id = id_of(dict)?;
    for (key, value) in collect(cx, &rest)? {
        cx.heap.dict_set(id, key, value);
    }
    Some(Value::none())
}

fn setdefault(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict, key, default] = args.bind(cx, [""; 3])?;
    let (id, key) = (id_of(dict?)?, key?);
    let constant: Key = cx.heap.key_of(key)?;
    if let Some(value) = cx.heap.dict_get(id, &constant) {
        return Some(value.clone());
    }
    let value = default.cloned().unwrap_or_else(Value::none);
    cx.afford_items(1)?;
    cx.heap.dict_set(id, key.clone(), value.clone());
    Some(value)
}

fn pop(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict, key, default] = args.bind(cx, [""; 3])?;
    let id = id_of(dict?)?;
    let key = cx.heap.key_of(key?)?;
    match cx.heap.dict_remove(id, &key) {
        Some(value) => Some(value),
        None if may_hide(cx, id) => None,
        None => default.cloned(),
    }
}

fn popitem(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    let id = id_of(dict)?;
    let (key, value) = cx.heap.dict_entries(id).last()?.clone();
    let constant = cx.heap.key_of(&key)?;
    cx.heap.dict_remove(id, &constant)?;
    cx.make_tuple(vec![key, value])
}

fn clear(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    let id = id_of(dict)?;
    let keys: Option<Vec<Key>> = cx.heap.dict_entries(id).map(|(k, _)| cx.heap.key_of(k)).collect();
    for key in keys? {
        cx.heap.dict_remove(id, &key);
    }
    Some(Value::none())
}

fn copy(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict] = args.exactly()?;
    let entries: Vec<(Value, Value)> = cx.heap.dict_entries(id_of(dict)?).cloned().collect();
    cx.afford_items(entries.len())?;
    let origins = dict.origins;
    Some(cx.heap.dict(entries).with_origins(origins))
}

fn has_key(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [dict, key] = args.exactly()?;
    super::fold_compare(cx, crate::source::ir::CompareOp::In, key, dict).map(Value::bool)
}
