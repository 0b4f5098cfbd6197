//! Pure evaluation of Python operations on known values, as CPython 3 computes them.
//!
//! A fold gives a value or nothing.  It never has an effect outside the heap of the analysis, never runs code
//! of the artifact, and never makes more than the budget of the heap allows.  What CPython answers with an
//! exception is not folded.

mod args;
mod base85;
mod binascii;
mod bytes_calls;
mod cipher_blocks;
mod ciphers;
mod codecs;
mod codepages;
mod compare;
mod compression;
mod constants;
mod context;
mod dicts;
mod digests;
mod escapes;
mod float_text;
mod format;
mod functional;
mod heaps;
mod html;
mod ini;
mod integers;
mod iterate;
mod iterators;
mod json;
mod json_dump;
mod lists;
mod literal;
mod number_calls;
mod numbers;
mod open_repr;
mod operators;
mod packed_addresses;
mod partial;
mod paths;
mod percent;
mod queues;
mod radix;
mod reflect;
mod regexes;
mod render;
mod sets;
mod spec;
mod structs;
mod subscript;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod text_case;
mod text_find;
mod text_pad;
mod text_split;
mod toml_text;
mod unicode;
mod unicode_codecs;
mod urls;
mod yaml;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::value::{Kind, OriginSet, Value};

pub use args::Keywords;
pub use ciphers::{Maker, Makers, fold_made, is_method_of_made};
pub use codecs::is_plain_charset;
pub use compare::fold_compare;
pub use constants::fold_attribute;
pub use context::FoldContext;
pub use format::{fold_format, join_text};
pub use ini::{Interpolation, parse_env, parse_ini};
pub use iterate::{fold_truth, iterate};
pub use operators::{fold_binary, fold_in_place, fold_unary};
pub use reflect::is_builtin_class;
pub(crate) use regexes::{Anchor, Found, find_matches};
pub use render::{render_constant, render_repr};
pub use subscript::{fold_delete, fold_store, fold_subscript};

use args::Args;

/// A folded function.
type FoldFn = fn(&mut FoldContext<'_>, Args<'_>) -> Option<Value>;

/// How the origins of a call's result follow from those of its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// The union over the arguments and what is in them.
    Join,
    /// The same, and the result counts as decoded.
    Decode,
    /// The union over the arguments themselves.
    Shallow,
    /// The function sets them.
    Own,
}

/// One row of a family's table: qualified name, flow of origins, function.
type Row = (&'static str, Flow, FoldFn);

const TABLES: &[&[Row]] = &[
    base85::TABLE,
    binascii::TABLE,
    bytes_calls::TABLE,
    ciphers::TABLE,
    codecs::TABLE,
    compression::TABLE,
    dicts::TABLE,
    digests::TABLE,
    format::TABLE,
    functional::TABLE,
    heaps::TABLE,
    html::TABLE,
    iterators::TABLE,
    json::TABLE,
    json_dump::TABLE,
    lists::TABLE,
    literal::TABLE,
    number_calls::TABLE,
    operators::TABLE,
    packed_addresses::TABLE,
    paths::TABLE,
    queues::TABLE,
    radix::TABLE,
    reflect::TABLE,
    regexes::TABLE,
    sets::TABLE,
    structs::TABLE,
    tables::TABLE,
    text::TABLE,
    text_case::TABLE,
    text_find::TABLE,
    text_pad::TABLE,
    text_split::TABLE,
    toml_text::TABLE,
    urls::TABLE,
    yaml::TABLE,
];

static INDEX: LazyLock<FxHashMap<&'static str, (Flow, FoldFn)>> = LazyLock::new(|| {
    TABLES.iter().flat_map(|t| t.iter()).map(|(name, flow, run)| (*name, (*flow, *run))).collect()
});

/// Functions by type and method.
type Methods = FxHashMap<(&'static str, &'static str), (Flow, FoldFn)>;

/// The same by type and method: `str.join` under `str` and `join`.
static METHODS: LazyLock<Methods> = LazyLock::new(|| {
    let rows = TABLES.iter().flat_map(|t| t.iter());
    rows.filter_map(|(name, flow, run)| Some((name.split_once('.')?, (*flow, *run)))).collect()
});

/// Methods that do not look at the value they are called on.
const STATIC_METHODS: &[&str] = &["maketrans", "fromhex", "from_bytes", "fromkeys"];

/// Whether a call of this canonical qualified name can be folded at all.
#[must_use]
pub fn is_foldable(name: &str) -> bool {
    INDEX.contains_key(canonical(name))
}

fn canonical(name: &str) -> &str {
    name.strip_prefix("builtins.").unwrap_or(name)
}

/// Folds a call by its canonical qualified name: `chr`, `base64.b64decode`, `str.join`.  `None` if it cannot.
pub fn fold_call(
    cx: &mut FoldContext<'_>,
    name: &str,
    args: &[Value],
    keywords: Keywords<'_>,
) -> Option<Value> {
    let (flow, run) = *INDEX.get(canonical(name))?;
    invoke(cx, flow, run, Args { values: args, keywords })
}

/// Folds a method call on a constant or container; those that change a list, dictionary, set, bytearray or
/// iterator change it in the heap.
pub fn fold_method(
    cx: &mut FoldContext<'_>,
    receiver: &Value,
    method: &str,
    args: &[Value],
    keywords: Keywords<'_>,
) -> Option<Value> {
    if let Kind::Partial(text) = &receiver.kind {
        return partial::fold_method(cx, receiver, text, method, args);
    }
    let (flow, run) = find_method(receiver, method)?;
    let mut values = Vec::with_capacity(args.len() + 1);
    if !STATIC_METHODS.contains(&method) {
        values.push(receiver.clone());
    }
    values.extend_from_slice(args);
    invoke(cx, flow, run, Args { values: &values, keywords })
}

fn find_method(receiver: &Value, method: &str) -> Option<(Flow, FoldFn)> {
    if let Kind::Iter(_) = receiver.kind {
        return INDEX.get(if method == "__next__" { "next" } else { return None }).copied();
    }
    let type_name = args::type_name(receiver)?;
    let of = |type_name: &str| METHODS.get(&(type_name, method)).copied();
    of(type_name)
        .or_else(|| match type_name {
            "bytearray" => of("bytes"),
            "bool" => of("int"),
            _ => None,
        })
        .or_else(|| special_method(method))
}

/// The function that a special method of any type stands for: `x.__add__(y)` is `operator.add(x, y)`.
fn special_method(method: &str) -> Option<(Flow, FoldFn)> {
    let bare = method.strip_prefix("__")?.strip_suffix("__")?;
    let name = match bare {
        "len" | "str" | "repr" | "iter" | "next" | "bool" | "int" | "float" | "format" | "abs" | "round" => {
            return INDEX.get(bare).copied();
        }
        _ => format!("operator.{bare}"),
    };
    // The operator module writes `and_`, `or_` and `not_` for what are keywords.
    INDEX.get(name.as_str()).or_else(|| INDEX.get(format!("{name}_").as_str())).copied()
}

fn invoke(cx: &mut FoldContext<'_>, flow: Flow, run: FoldFn, args: Args<'_>) -> Option<Value> {
    let looked_at: usize = args.values.iter().map(|v| args::text_size(cx, v)).sum();
    cx.work(looked_at)?;
    let origins = match flow {
        Flow::Own => OriginSet::EMPTY,
        Flow::Shallow => {
            let all = args.values.iter().chain(args.keywords.iter().map(|(_, v)| v));
            all.fold(OriginSet::EMPTY, |set, v| cx.origins.union(set, v.origins))
        }
        Flow::Join | Flow::Decode => {
            let set = cx.origins_of(args.values);
            args.keywords.iter().fold(set, |set, (_, v)| cx.origins.union(set, v.origins))
        }
    };
    let value = run(cx, args)?;
    Some(match flow {
        Flow::Own => value,
        Flow::Join | Flow::Shallow => cx.stamp(value, origins),
        Flow::Decode => {
            let origins = cx.decoded(origins);
            cx.stamp(value, origins)
        }
    })
}
