//! Calls with a meaning to the interpreter itself: reflection, execution, callbacks, virtual files.
//!
//! A handler gives `None` to be treated as an ordinary call.

use std::rc::Rc;

use super::Interpreter;
use super::code_parts::{make_code, replace_unknown};
use super::function::Arguments;
use super::loaders::{load_source, run_path};
use super::pickles::unpickle;
use super::written;
use crate::catalogue;
use crate::value::{Kind, Object, OriginSet, Value};
use venin_model::OriginKind;

/// What a decorator made of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionRole {
    Property,
    Static,
    Class,
}

/// A handler of a special call.
pub(super) type Handler = fn(&mut Interpreter<'_>, &str, &Arguments) -> Option<Value>;

/// Handlers by canonical name, in ascending order.
static HANDLERS: &[(&str, Handler)] = &[
    ("__import__", import),
    ("classmethod", mark_class_method),
    ("cloudpickle.load", unpickle),
    ("cloudpickle.loads", unpickle),
    ("compile", compile),
    ("dill.load", unpickle),
    ("dill.loads", unpickle),
    ("eval", eval),
    ("exec", exec),
    ("execfile", exec_file),
    ("filter", filter),
    ("functools.partial", partial),
    ("functools.reduce", reduce),
    ("getattr", get_attribute),
    ("globals", globals),
    ("imp.load_source", load_source),
    ("importlib.import_module", import),
    ("importlib.machinery.SourceFileLoader", load_source),
    ("importlib.util.module_from_spec", first),
    ("importlib.util.spec_from_file_location", load_source),
    ("iter", iter),
    ("joblib.load", unpickle),
    ("locals", locals),
    ("map", map),
    ("marshal.loads", code_object),
    ("max", keyed),
    ("min", keyed),
    ("next", next),
    ("open", open),
    ("operator.attrgetter", attribute_getter),
    ("os.fspath", same_path),
    ("os.path.abspath", same_path),
    ("os.path.normpath", same_path),
    ("os.path.realpath", same_path),
    ("pandas.read_pickle", unpickle),
    ("pathlib.Path", path_of_parts),
    ("pickle._load", unpickle),
    ("pickle._loads", unpickle),
    ("pickle.load", unpickle),
    ("pickle.loads", unpickle),
    ("property", mark_property),
    ("repr", instance_text),
    ("runpy.run_path", run_path),
    ("setattr", set_attribute),
    ("sorted", keyed),
    ("staticmethod", mark_static),
    ("str", instance_text),
    ("super", super_object),
    ("tempfile.NamedTemporaryFile", written::temporary_file),
    ("tempfile.TemporaryDirectory", written::temporary_folder),
    ("tempfile.mkdtemp", written::temporary_path),
    ("tempfile.mkstemp", written::temporary_pair),
    ("tempfile.mktemp", written::temporary_path),
    ("torch.load", unpickle),
    ("type", type_of),
    ("types.CodeType", make_code),
    ("types.CodeType().replace", replace_unknown),
    ("types.FunctionType", code_object),
    ("types.LambdaType", code_object),
    ("vars", vars),
];

/// The handler of a call, if it has one.
pub(super) fn find(name: &str) -> Option<Handler> {
    HANDLERS.binary_search_by(|(n, _)| (*n).cmp(name)).ok().and_then(|i| HANDLERS.get(i)).map(|(_, h)| *h)
}

/// Names that the interpreter knows without any import, in ascending order.  Python 2's are among them.
static BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "ConnectionError",
    "EOFError",
    "Exception",
    "FileNotFoundError",
    "IOError",
    "ImportError",
    "IndexError",
    "KeyError",
    "KeyboardInterrupt",
    "ModuleNotFoundError",
    "NameError",
    "NotImplementedError",
    "OSError",
    "PermissionError",
    "RuntimeError",
    "StopIteration",
    "SystemExit",
    "TypeError",
    "UnicodeDecodeError",
    "ValueError",
    "WindowsError",
    "__build_class__",
    "__doc__",
    "__import__",
    "__loader__",
    "__package__",
    "__spec__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "basestring",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "execfile",
    "exit",
    "file",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "long",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "raw_input",
    "reduce",
    "reload",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "unichr",
    "unicode",
    "vars",
    "xrange",
    "zip",
];

/// All names that need no import.
pub(super) const fn builtin_names() -> &'static [&'static str] {
    BUILTINS
}

/// Whether a name is a builtin.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.binary_search(&name).is_ok()
}

impl Interpreter<'_> {
    /// Records a special call, with what its entry says, if the catalogue lists it.
    pub(super) fn record_special(
        &mut self,
        name: &str,
        arguments: &Arguments,
    ) -> Option<venin_model::EventId> {
        let entry = catalogue::find_call(name)?;
        Some(self.record_here(name, entry, &arguments.positional, &arguments.keywords, None))
    }

    /// Arguments whose first is code: constant code of which no stretch can be read anywhere in the artifact was computed,
    /// by whatever cipher of its own, and so it is decoded.
    fn with_computed_code(&mut self, arguments: &Arguments) -> Arguments {
        let mut out = arguments.clone();
        if let Some(code) = out.positional.first_mut()
            && self.is_computed(code)
        {
            code.origins = self.origins.with_kind(code.origins, OriginKind::Decoded);
        }
        out
    }

    fn is_computed(&self, code: &Value) -> bool {
        /// Characters of a stretch, and most stretches that are looked for.
        const STRETCH: usize = 8;
        const MOST: usize = 12;
        let bytes: &[u8] = match &code.kind {
            Kind::Str(text) => text.as_str().as_bytes(),
            Kind::Bytes(bytes) => bytes,
            _ => return false,
        };
        if bytes.len() < STRETCH || self.origins.kinds(code.origins).contains(OriginKind::Decoded) {
            return false;
        }
        let step = (bytes.len() - STRETCH) / MOST + 1;
        let stretches: Vec<&[u8]> = bytes.windows(STRETCH).step_by(step).collect();
        let here = self.units.get(self.unit_index() as usize).map(|u| u.code.text.as_bytes());
        let files = self.project.files.iter().map(|f| f.bytes);
        let data = self.project.data.iter().map(|(_, b)| *b);
        !here.into_iter().chain(files).chain(data).take(200).any(|text| {
            text.len() > 4 << 20 || stretches.iter().any(|s| memchr::memmem::find(text, s).is_some())
        })
    }

    pub(super) fn argument(&self, arguments: &Arguments, position: usize, keyword: &str) -> Option<Value> {
        arguments.positional.get(position).cloned().or_else(|| {
            arguments
                .keywords
                .iter()
                .find(|(k, _)| self.symbols.as_str(*k) == keyword)
                .map(|(_, v)| v.clone())
        })
    }
}

fn exec(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments);
    me.record_special(name, arguments);
    let source = me.argument(arguments, 0, "source")?;
    if me.is_callable(&source) && !matches!(source.kind, Kind::CodeObject(_)) {
        return Some(Value::none());
    }
    let namespace = me.argument(arguments, 1, "globals");
    me.run_code_value(&source, namespace.as_ref());
    Some(Value::none())
}

fn eval(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments);
    let event = me.record_special(name, arguments);
    let source = me.argument(arguments, 0, "source")?;
    let namespace = me.argument(arguments, 1, "globals");
    let value = me.run_code_value(&source, namespace.as_ref());
    let origins = me.origins.union(value.origins, source.origins);
    let origins = event.map_or(origins, |e| me.origins.with_event(origins, e));
    Some(if value.is_scalar() { value } else { value.with_origins(origins) })
}

fn compile(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let arguments = &me.with_computed_code(arguments);
    let event = me.record_special(name, arguments);
    code_value(me, event, arguments)
}

/// `marshal.loads(data)`, `types.FunctionType(code, …)`: a code object made of what went in.
fn code_object(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let event = me.record_special(name, arguments);
    code_value(me, event, arguments)
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

fn exec_file(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.record_special(name, arguments);
    let path = me.argument(arguments, 0, "filename")?;
    if let Some(content) = me.known_file(&path) {
        me.run_code_value(&content, None);
    }
    Some(Value::none())
}

fn import(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let module = me.argument(arguments, 0, "name")?;
    let values: Vec<Value> = me
        .alternatives(&module)
        .into_iter()
        .map(|one| match one.as_str() {
            Some(text) => {
                let text = text.to_owned();
                // `__import__("a.b")` gives `a`; `import_module("a.b")` gives `a.b`.
                let takes_leaf = name != "__import__" || arguments.positional.len() > 3;
                let dotted = if takes_leaf { &text } else { text.split('.').next().unwrap_or(&text) };
                if !takes_leaf {
                    me.import_by_name(&text);
                }
                me.import_by_name(dotted)
            }
            None => Value::unknown().with_origins(one.origins),
        })
        .collect();
    me.record_special(name, arguments);
    Some(me.join_values(values))
}

fn get_attribute(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let object = arguments.positional.first()?.clone();
    let attribute = arguments.positional.get(1)?.clone();
    let values: Vec<Value> = me
        .alternatives(&attribute)
        .into_iter()
        .filter_map(|one| {
            let text = one.as_str()?.to_owned();
            let sym = me.symbols.intern(&text);
            let value = me.get_attribute(&object, sym);
            let origins = me.origins.union(value.origins, OriginSet::EMPTY);
            Some(value.with_origins(origins))
        })
        .collect();
    if attribute.origins != OriginSet::LITERAL || values.is_empty() {
        me.record_special(name, arguments);
    }
    if values.is_empty() {
        return Some(Value::unknown().with_origins(object.origins));
    }
    Some(me.join_values(values))
}

fn set_attribute(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [object, name, value] = arguments.positional.get(..3)? else { return None };
    let sym = me.symbols.intern(name.as_str()?);
    let site = me.site.clone()?;
    me.set_attribute(&site.code, site.span, object, sym, value.clone());
    Some(Value::none())
}

fn globals(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let scope = me.frame()?.globals;
    Some(me.scope_as_module(scope))
}

fn locals(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let scope = me.frame()?.scope;
    Some(me.scope_as_module(scope))
}

fn vars(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    match arguments.positional.first() {
        None => locals(me, name, arguments),
        Some(value) => {
            let dict = me.symbols.intern("__dict__");
            Some(me.get_attribute(value, dict))
        }
    }
}

fn type_of(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [value] = arguments.positional.as_slice() else { return None };
    match value.kind {
        Kind::Instance(id) => match me.heap.get(id) {
            Some(Object::Instance(instance)) => Some(Value::new(Kind::Class(instance.class))),
            _ => None,
        },
        // `type(lambda: 0)` is a way to the function type that names nothing.
        Kind::Function(_) => Some(me.external("types.FunctionType")),
        Kind::CodeObject(_) => Some(me.external("types.CodeType")),
        Kind::External { name, .. } if &*me.names.text(name) == "types.CodeType()" => {
            Some(me.external("types.CodeType"))
        }
        Kind::Str(_) => Some(me.external("str")),
        Kind::Bytes(_) => Some(me.external("bytes")),
        Kind::Int(_) => Some(me.external("int")),
        _ => None,
    }
}

fn super_object(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    Some(me.external("super()"))
}

fn first(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().cloned()
}

fn mark(me: &mut Interpreter<'_>, arguments: &Arguments, role: FunctionRole) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let Kind::Function(id) = value.kind {
        me.roles.insert(id, role);
    }
    Some(value.clone())
}

fn mark_property(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Property)
}

fn mark_static(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Static)
}

fn mark_class_method(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Class)
}

fn partial(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, first) = arguments.positional.split_first()?;
    let object = me.heap.insert(Object::Partial(callee.clone(), first.to_vec(), arguments.keywords.clone()));
    let origins = me.origins_of(first);
    Some(Value::new(Kind::Builtin(object)).with_origins(origins))
}

fn iter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let Kind::Iter(_) = value.kind {
        return Some(value.clone());
    }
    let items = me.iterate(value, 1_000_000)?;
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(items, 0)))).with_origins(value.origins))
}

fn next(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    if let Kind::Instance(_) = value.kind {
        let name = me.symbols.intern("__next__");
        let method = me.get_attribute(value, name);
        return Some(me.call_value(&method, Vec::new(), Vec::new()));
    }
    let Kind::Iter(id) = value.kind else { return Some(me.element_of(value)) };
    match me.heap.get_mut(id) {
        Some(Object::Iter(items, at)) => {
            let item = items.get(*at).cloned();
            *at += 1;
            item.or_else(|| arguments.positional.get(1).cloned()).or_else(|| Some(Value::unknown()))
        }
        _ => None,
    }
}

fn map(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, sequences) = arguments.positional.split_first()?;
    let columns: Vec<Option<Vec<Value>>> = sequences.iter().map(|s| me.iterate(s, 1_000_000)).collect();
    if columns.iter().any(Option::is_none) {
        let elements: Vec<Value> = sequences.iter().map(|s| me.element_of(s)).collect();
        let result = me.call_value(callee, elements, Vec::new());
        return Some(Value::unknown().with_origins(result.origins));
    }
    let columns: Vec<Vec<Value>> = columns.into_iter().flatten().collect();
    let length = columns.iter().map(Vec::len).min().unwrap_or(0);
    let before = me.impure;
    let mut out = Vec::with_capacity(length);
    for row in 0..length {
        if !me.step() || (me.impure != before && row > 64) {
            break;
        }
        let positional = columns.iter().filter_map(|c| c.get(row).cloned()).collect();
        out.push(me.call_value(callee, positional, Vec::new()));
    }
    let origins = me.origins_of(&out);
    if !me.heap.spend(out.len() * 32) {
        return Some(Value::unknown().with_origins(origins));
    }
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(out, 0)))).with_origins(origins))
}

fn filter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [callee, sequence] = arguments.positional.get(..2)? else { return None };
    let items = me.iterate(sequence, 1_000_000)?;
    let mut out = Vec::new();
    for item in items {
        let keep = match callee.kind {
            Kind::None => item.clone(),
            _ => me.call_value(callee, vec![item.clone()], Vec::new()),
        };
        if me.with_fold(|cx| crate::fold::fold_truth(cx, &keep)) != Some(false) {
            out.push(item);
        }
    }
    let origins = me.origins_of(&out);
    Some(Value::new(Kind::Iter(me.heap.insert(Object::Iter(out, 0)))).with_origins(origins))
}

fn reduce(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [callee, sequence] = arguments.positional.get(..2)? else { return None };
    let mut items = me.iterate(sequence, 1_000_000)?.into_iter();
    let mut result = arguments.positional.get(2).cloned().or_else(|| items.next())?;
    for item in items {
        if !me.step() {
            break;
        }
        result = me.call_value(callee, vec![result, item], Vec::new());
    }
    Some(result)
}

/// `sorted`, `min` and `max` with a `key=` of the artifact.
fn keyed(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let key =
        arguments.keywords.iter().find(|(k, _)| me.symbols.as_str(*k) == "key").map(|(_, v)| v.clone())?;
    let items = me.iterate(arguments.positional.first()?, 100_000)?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let by = me.call_value(&key, vec![item.clone()], Vec::new());
        keyed.push((by, item));
    }
    let numbers: Option<Vec<i64>> = keyed.iter().map(|(k, _)| k.as_int()).collect();
    let mut order: Vec<usize> = (0..keyed.len()).collect();
    match numbers {
        Some(numbers) => order.sort_by_key(|i| numbers.get(*i).copied()),
        None => {
            let texts: Option<Vec<String>> =
                keyed.iter().map(|(k, _)| k.as_str().map(str::to_owned)).collect();
            let texts = texts?;
            order.sort_by_key(|i| texts.get(*i).cloned());
        }
    }
    let is_reversed = arguments
        .keywords
        .iter()
        .any(|(k, v)| me.symbols.as_str(*k) == "reverse" && matches!(v.kind, Kind::Bool(true)));
    if is_reversed {
        order.reverse();
    }
    let mut sorted: Vec<Value> = order.iter().filter_map(|i| keyed.get(*i).map(|(_, v)| v.clone())).collect();
    Some(match name {
        "min" => sorted.into_iter().next()?,
        "max" => sorted.pop()?,
        _ => me.heap.list(sorted),
    })
}

/// `open(path)`: the file is known if the code wrote it itself or the artifact ships it.
fn open(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.argument(arguments, 0, "file")?;
    let mode =
        me.argument(arguments, 1, "mode").and_then(|m| m.as_str().map(str::to_owned)).unwrap_or_default();
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, &arguments.positional, &arguments.keywords, None);
    let opened = me.names.intern("open()");
    let result = me.event_result(
        Kind::External { name: opened, made_by: Some(event) },
        event,
        entry,
        OriginSet::EMPTY,
    );
    if !mode.contains(['w', 'a', 'x'])
        && let Some(content) = me.known_file(&path)
    {
        me.contents.insert(event, content);
    }
    Some(result)
}

/// `Path(a, b, c)`: one path.
fn path_of_parts(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    if arguments.positional.len() < 2 {
        return None;
    }
    let joined = fold_join(me, arguments)?;
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, std::slice::from_ref(&joined), &[], None);
    let object = me.names.intern("pathlib.Path()");
    let origins = joined.origins;
    Some(me.event_result(Kind::External { name: object, made_by: Some(event) }, event, entry, origins))
}

fn fold_join(me: &mut Interpreter<'_>, arguments: &Arguments) -> Option<Value> {
    let join = me.external("os.path.join");
    let parts = arguments.positional.iter().map(|part| me.text_of_path(part).unwrap_or_else(|| part.clone()));
    let parts = parts.collect();
    let joined = me.call_value(&join, parts, Vec::new());
    matches!(joined.kind, Kind::Str(_) | Kind::Partial(_)).then_some(joined)
}

/// `os.path.abspath(path)` and the like: another spelling of the same path, so the text stays.
fn same_path(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let path = arguments.positional.first()?;
    if let Some(text) = me.text_of_path(path) {
        return Some(text);
    }
    let is_known = matches!(path.kind, Kind::Str(_) | Kind::Partial(_) | Kind::External { .. });
    let is_here = path.as_str().is_some_and(|t| matches!(t, "" | "." | ".."));
    (is_known && !is_here).then(|| path.clone())
}

/// `str(object)` of a path or of a class of the artifact.
fn instance_text(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    me.text_of_path(value).or_else(|| me.text_of_instance(value))
}

fn attribute_getter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let name = arguments.positional.first()?.as_str()?.to_owned();
    let swapped = me.heap.insert(Object::AttributeGetter(Rc::from(name)));
    Some(Value::new(Kind::Builtin(swapped)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(HANDLERS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(BUILTINS.is_sorted_by(|a, b| a < b));
    }
}
