//! Calls that execute what they are given: `exec`, `eval`, `compile`, `marshal.loads`.
//!
//! The call is recorded first, then what it executes is run as a layer.

use venin_model::Role;

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue;
use crate::source::is_literal_text;
use crate::value::{Kind, Object, Value};

/// The entry of the evaluation of an annotation.
const HINT: &str = "?.hint";

pub(super) fn exec(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments, 0);
    me.record_special(name, arguments);
    let source = me.argument(arguments, 0, "source")?;
    if me.is_callable(&source) && !matches!(source.kind, Kind::CodeObject(_)) {
        return Some(Value::none());
    }
    me.run_code_in(&source, arguments);
    Some(Value::none())
}

/// What executes text as `exec` does and only stands elsewhere: consoles, profilers, the interface for C, other interpreters
/// of the process.  Where its code is passed, its entry says.
pub(super) fn exec_text(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let entry = catalogue::find_call(name)?;
    let position = entry.args.iter().position(|role| *role == Role::Code)?;
    let arguments = &me.with_computed_code(arguments, position);
    me.record_special(name, arguments);
    let by_keyword = |me: &Interpreter<'_>| {
        let is_code = |keyword: &str| entry.keyword_role(keyword) == Role::Code;
        let found = arguments.keywords.iter().find(|(name, _)| is_code(me.symbols.as_str(*name)));
        found.map(|(_, value)| value.clone())
    };
    let source = arguments.positional.get(position).cloned().or_else(|| by_keyword(me))?;
    me.run_code_value(&source, None);
    Some(Value::unknown())
}

/// `ast.parse(source)`: a tree of known source is kept as that source, for `compile` and `ast.unparse` to come back to.
pub(super) fn parse_tree(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let source = me.argument(arguments, 0, "source")?;
    let is_known = matches!(source.kind, Kind::Str(_) | Kind::Bytes(_));
    is_known.then(|| {
        let origins = source.origins;
        let tree = me.heap.insert(Object::CodeObject(source));
        Value::new(Kind::CodeObject(tree)).with_origins(origins)
    })
}

/// `ast.unparse(tree)`.
pub(super) fn source_of_tree(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let Kind::CodeObject(tree) = arguments.positional.first()?.kind else { return None };
    match me.heap.get(tree)? {
        Object::CodeObject(source) if matches!(source.kind, Kind::Str(_) | Kind::Bytes(_)) => {
            Some(source.clone())
        }
        _ => None,
    }
}

/// `timeit.timeit(statement, setup)`, `cProfile.run(statement)`: text is executed, a function is called.
pub(super) fn watched(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let statement = me.argument(arguments, 0, "stmt");
    let statement = statement.or_else(|| me.argument(arguments, 0, "statement"));
    let is_timed = name.starts_with("timeit.");
    let setup = if is_timed { me.argument(arguments, 1, "setup") } else { None };
    let mut is_called = false;
    for value in setup.into_iter().chain(statement) {
        if me.is_callable(&value) && !matches!(value.kind, Kind::CodeObject(_)) {
            me.call_value(&value, Vec::new(), Vec::new());
            is_called = true;
        } else if !matches!(value.kind, Kind::None) {
            me.record_special(name, arguments);
            me.run_code_value(&value, None);
        }
    }
    // Who measures a function executes no text.
    is_called.then(Value::unknown)
}

pub(super) fn eval(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments, 0);
    let is_data = arguments.positional.first().is_some_and(is_literal);
    let event = if is_data { None } else { me.record_special(name, arguments) };
    let source = me.argument(arguments, 0, "source")?;
    let value = me.run_code_in(&source, arguments);
    let origins = me.origins.union(value.origins, source.origins);
    let origins = event.map_or(origins, |e| me.origins.with_event(origins, e));
    Some(if value.is_scalar() { value } else { value.with_origins(origins) })
}

/// `typing.get_type_hints(object)`: annotations that are texts are evaluated.
pub(super) fn evaluate_hints(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let object = arguments.positional.first()?;
    let is_asked = |(keyword, _): &(_, _)| matches!(me.symbols.as_str(*keyword), "eval_str");
    if name.starts_with("inspect.") && !arguments.keywords.iter().any(is_asked) {
        return None;
    }
    let annotations = me.symbols.intern("__annotations__");
    let Kind::Dict(hints) = me.get_attribute(object, annotations).kind else { return None };
    let hints: Vec<Value> = me.heap.dict_entries(hints).map(|(_, text)| text.clone()).collect();
    let entry = catalogue::find_call(HINT)?;
    for text in hints {
        me.record_here(name, entry, std::slice::from_ref(&text), &[], None);
        me.run_code_value(&text, None);
    }
    None
}

/// Whether a text is a literal: evaluating it reads data and executes nothing.
fn is_literal(source: &Value) -> bool {
    match &source.kind {
        Kind::Str(text) => is_literal_text(text.as_str().trim_start().as_bytes()),
        Kind::Bytes(bytes) => is_literal_text(bytes.trim_ascii_start()),
        _ => false,
    }
}

pub(super) fn compile(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments, 0);
    let event = me.record_special(name, arguments);
    code_value(me, event, arguments)
}

/// `marshal.loads(data)`, `types.FunctionType(code, …)`: a code object made of what went in.
pub(super) fn code_object(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let event = me.record_special(name, arguments);
    // What is left of a file that is known stands for the file.
    let rest = arguments.positional.first().and_then(|file| me.rest_of_open(file));
    match rest {
        Some(rest) => {
            let positional = vec![rest];
            code_value(me, event, &Arguments { positional, keywords: Vec::new() })
        }
        None => code_value(me, event, arguments),
    }
}

fn code_value(
    me: &mut Interpreter<'_>,
    event: Option<venin_model::EventId>,
    arguments: &Arguments,
) -> Option<Value> {
    let source = me.argument(arguments, 0, "source")?;
    if matches!(source.kind, Kind::CodeObject(_)) {
        return Some(source);
    }
    let origins = event.map_or(source.origins, |e| me.origins.with_event(source.origins, e));
    let object = me.heap.insert(Object::CodeObject(source));
    Some(Value::new(Kind::CodeObject(object)).with_origins(origins))
}

pub(super) fn exec_file(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.record_special(name, arguments);
    let path = me.argument(arguments, 0, "filename")?;
    if let Some(content) = me.known_file(&path) {
        me.run_code_value(&content, None);
    }
    Some(Value::none())
}
