//! Calls with a meaning to the interpreter itself: reflection, execution, callbacks, virtual files.
//!
//! A handler gives `None` to be treated as an ordinary call.

use std::rc::Rc;

use super::Interpreter;
use super::code_parts::{make_code, replace_unknown};
use super::doctests::{documentation, run_examples, test_module};
use super::execution::{
    code_object, compile, eval, evaluate_hints, exec, exec_file, exec_text, parse_tree, source_of_tree,
    watched,
};
use super::factories::configure;
use super::frozen::has_mark;
use super::function::Arguments;
use super::functional::{filter, iter, keyed, map, next, partial, reduce, starmap};
use super::loaders::{load_by_own_loader, load_source, run_module, run_path};
use super::matches::{compile as compile_expression, each_match, first_match, replace};
use super::opened::{descriptor, open};
use super::path_objects::{path_of_parts, same_path};
use super::pickles::unpickle;
use super::reached::{as_given, bound_method, call_first, of_namespace, side_effect};
use super::reflection::{directory, get_attribute, globals, locals, members, set_attribute, type_of, vars};
use super::{carried, defaults, own_codecs, records, resources, templates, written};
use crate::catalogue;
use crate::value::{Instance, Kind, Object, Part, Partial, PartialText, Value};

/// What a decorator made of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionRole {
    Property,
    Static,
    Class,
    /// It chooses among others that are registered with it.
    Dispatch,
}

/// The name in a class's namespace under which the setter of a property is kept.
pub(super) fn setter_name(property: &str) -> String {
    format!("<setter {property}>")
}

/// A handler of a special call.
pub(super) type Handler = fn(&mut Interpreter<'_>, &str, &Arguments) -> Option<Value>;

/// Handlers by canonical name, in ascending order.
static HANDLERS: &[(&str, Handler)] = &[
    ("IPython.core.interactiveshell.InteractiveShell().run_cell", exec_text),
    ("IPython.get_ipython().ex", exec_text),
    ("IPython.get_ipython().run_cell", exec_text),
    ("__import__", import),
    ("_interpreters.exec", exec_text),
    ("_interpreters.run_string", exec_text),
    ("_testcapi.run_in_subinterp", exec_text),
    ("_xxsubinterpreters.run_string", exec_text),
    ("annotationlib.get_annotations", evaluate_hints),
    ("argparse.Namespace", carried::namespace),
    ("ast.fix_missing_locations", first),
    ("ast.increment_lineno", first),
    ("ast.parse", parse_tree),
    ("ast.unparse", source_of_tree),
    ("attr.Factory", records::default_factory),
    ("attr.asdict", carried::fields),
    ("attr.attrib", records::describe_field),
    ("attr.evolve", records::replace_fields),
    ("attr.field", records::describe_field),
    ("attr.ib", records::describe_field),
    ("attrs.Factory", records::default_factory),
    ("attrs.asdict", carried::fields),
    ("attrs.evolve", records::replace_fields),
    ("attrs.field", records::describe_field),
    ("bdb.Bdb().run", watched),
    ("bdb.Bdb().runctx", watched),
    ("bdb.Bdb().runeval", exec_text),
    ("builtins.__dict__.__getitem__", of_namespace),
    ("builtins.__dict__.copy", of_namespace),
    ("builtins.__dict__.get", of_namespace),
    ("builtins.__dict__.items", of_namespace),
    ("builtins.__dict__.keys", of_namespace),
    ("builtins.__dict__.pop", of_namespace),
    ("builtins.__dict__.values", of_namespace),
    ("cProfile.Profile().run", exec_text),
    ("cProfile.Profile().runctx", exec_text),
    ("cProfile.run", watched),
    ("cProfile.runctx", watched),
    ("classmethod", mark_class_method),
    ("cloudpickle.load", unpickle),
    ("cloudpickle.loads", unpickle),
    ("code.InteractiveConsole().push", exec_text),
    ("code.InteractiveConsole().runcode", exec_text),
    ("code.InteractiveConsole().runsource", exec_text),
    ("code.InteractiveInterpreter().runcode", exec_text),
    ("code.InteractiveInterpreter().runsource", exec_text),
    ("codecs.CodecInfo", own_codecs::codec_info),
    ("codecs.decode", own_codecs::recode),
    ("codecs.encode", own_codecs::recode),
    ("codecs.register", own_codecs::register),
    ("codeop.CommandCompiler()", compile),
    ("codeop.Compile()", compile),
    ("codeop.compile_command", compile),
    ("collections.ChainMap", defaults::chain_map),
    ("collections.defaultdict", defaults::default_dict),
    ("collections.namedtuple", records::make_record),
    ("compile", compile),
    ("concurrent.interpreters.create().exec", exec_text),
    ("copy.replace", records::replace_fields),
    ("ctypes.c_char_p", held_text),
    ("ctypes.pythonapi.PyEval_EvalCode", exec_text),
    ("ctypes.pythonapi.PyRun_SimpleString", exec_text),
    ("ctypes.pythonapi.PyRun_SimpleStringFlags", exec_text),
    ("ctypes.pythonapi.PyRun_String", exec_text),
    ("ctypes.pythonapi.PyRun_StringFlags", exec_text),
    ("ctypes.pythonapi.Py_CompileString", compile),
    ("dataclasses.asdict", carried::fields),
    ("dataclasses.astuple", carried::fields),
    ("dataclasses.field", records::describe_field),
    ("dataclasses.make_dataclass", records::make_record),
    ("dataclasses.replace", records::replace_fields),
    ("dill.load", unpickle),
    ("dill.loads", unpickle),
    ("dir", directory),
    ("doctest.run_docstring_examples", run_examples),
    ("doctest.testmod", test_module),
    ("enum.member", first),
    ("enum.nonmember", first),
    ("eval", eval),
    ("exec", exec),
    ("execfile", exec_file),
    ("filter", filter),
    ("functools.cache", as_given),
    ("functools.cached_property", mark_property),
    ("functools.lru_cache", as_given),
    ("functools.lru_cache()", as_given),
    ("functools.partial", partial),
    ("functools.reduce", reduce),
    ("functools.singledispatch", mark_dispatch),
    ("functools.singledispatchmethod", mark_dispatch),
    ("functools.update_wrapper", as_given),
    ("functools.wraps()", as_given),
    ("getattr", get_attribute),
    ("globals", globals),
    ("hasattr", has_mark),
    ("hydra.utils.call", configure),
    ("hydra.utils.instantiate", configure),
    ("imp.load_compiled", load_source),
    ("imp.load_source", load_source),
    ("importlib._bootstrap._call_with_frames_removed", call_first),
    ("importlib.abc.InspectLoader.source_to_code", compile),
    ("importlib.abc.SourceLoader.source_to_code", compile),
    ("importlib.import_module", import),
    ("importlib.machinery.ModuleSpec", load_by_own_loader),
    ("importlib.machinery.SourceFileLoader", load_source),
    ("importlib.machinery.SourceFileLoader().source_to_code", compile),
    ("importlib.machinery.SourceFileLoader.source_to_code", compile),
    ("importlib.machinery.SourcelessFileLoader", load_source),
    ("importlib.metadata.metadata", resources::metadata),
    ("importlib.resources.as_file", resources::as_file),
    ("importlib.resources.files", resources::folder),
    ("importlib.resources.open_binary", resources::open),
    ("importlib.resources.open_text", resources::open),
    ("importlib.resources.path", resources::path),
    ("importlib.util.module_from_spec", first),
    ("importlib.util.spec_from_file_location", load_source),
    ("importlib.util.spec_from_loader", load_by_own_loader),
    ("inspect.get_annotations", evaluate_hints),
    ("inspect.getattr_static", get_attribute),
    ("inspect.getdoc", documentation),
    ("inspect.getmembers", members),
    ("inspect.signature", evaluate_hints),
    ("iter", iter),
    ("itertools.starmap", starmap),
    ("joblib.delayed", as_given),
    ("joblib.load", unpickle),
    ("locals", locals),
    ("logging.config.dictConfig", configure),
    ("map", map),
    ("marshal.load", code_object),
    ("marshal.loads", code_object),
    ("max", keyed),
    ("min", keyed),
    ("next", next),
    ("numpy.testing.runstring", exec_text),
    ("numpy.vectorize", as_given),
    ("object.__getattribute__", get_attribute),
    ("object.__new__", new_object),
    ("object.__setattr__", set_attribute),
    ("open", open),
    ("operator.attrgetter", attribute_getter),
    ("operator.attrgetter()", attributes_by_path),
    ("operator.itemgetter", held),
    ("operator.itemgetter()", items_by_key),
    ("operator.methodcaller", method_caller),
    ("os.fspath", same_path),
    ("os.open", descriptor),
    ("os.path.abspath", same_path),
    ("os.path.normpath", same_path),
    ("os.path.realpath", same_path),
    ("pandas.read_pickle", unpickle),
    ("pathlib.Path", path_of_parts),
    ("pdb.Pdb().run", exec_text),
    ("pdb.Pdb().runctx", exec_text),
    ("pdb.Pdb().runeval", exec_text),
    ("pdb.run", watched),
    ("pdb.runeval", watched),
    ("pickle._load", unpickle),
    ("pickle._loads", unpickle),
    ("pickle.load", unpickle),
    ("pickle.loads", unpickle),
    ("pkg_resources.resource_filename", resources::file_name),
    ("pkg_resources.resource_stream", resources::open),
    ("profile.Profile().run", exec_text),
    ("profile.Profile().runctx", exec_text),
    ("profile.run", watched),
    ("profile.runctx", watched),
    ("property", mark_property),
    ("pydantic.Field", records::describe_field),
    ("pydantic.PrivateAttr", records::describe_field),
    ("pydantic.field_validator", held),
    ("pydantic.field_validator()", records::keep_validator),
    ("pydantic.validator", held),
    ("pydantic.validator()", records::keep_validator),
    ("re.compile", compile_expression),
    ("re.finditer", each_match),
    ("re.fullmatch", first_match),
    ("re.match", first_match),
    ("re.search", first_match),
    ("re.sub", replace),
    ("re.subn", replace),
    ("repr", instance_text),
    ("runpy.run_module", run_module),
    ("runpy.run_path", run_path),
    ("setattr", set_attribute),
    ("sorted", keyed),
    ("staticmethod", mark_static),
    ("str", instance_text),
    ("string.Template", templates::template),
    ("super", super_object),
    ("sys.modules.get", loaded_module),
    ("sys.modules.pop", loaded_module),
    ("tempfile.NamedTemporaryFile", written::temporary_file),
    ("tempfile.TemporaryDirectory", written::temporary_folder),
    ("tempfile.mkdtemp", written::temporary_path),
    ("tempfile.mkstemp", written::temporary_pair),
    ("tempfile.mktemp", written::temporary_path),
    ("timeit.Timer", watched),
    ("timeit.repeat", watched),
    ("timeit.timeit", watched),
    ("toolz.curry", as_given),
    ("toolz.functoolz.curry", as_given),
    ("torch.load", unpickle),
    ("trace.Trace().run", watched),
    ("trace.Trace().runctx", watched),
    ("type", type_of),
    ("type.__getattribute__", get_attribute),
    ("types.BuiltinFunctionType", call_first),
    ("types.BuiltinMethodType", call_first),
    ("types.CodeType", make_code),
    ("types.CodeType().replace", replace_unknown),
    ("types.FunctionType", code_object),
    ("types.LambdaType", code_object),
    ("types.MethodType", bound_method),
    ("types.SimpleNamespace", carried::namespace),
    ("typing.NamedTuple", records::make_record),
    ("typing.get_type_hints", evaluate_hints),
    ("typing_extensions.get_type_hints", evaluate_hints),
    ("unittest.mock.AsyncMock", side_effect),
    ("unittest.mock.MagicMock", side_effect),
    ("unittest.mock.Mock", side_effect),
    ("uvicorn.Config", configure),
    ("uvicorn.run", configure),
    ("vars", vars),
    ("weakref.WeakKeyDictionary", defaults::weak_dict),
    ("weakref.WeakMethod", held),
    ("weakref.WeakMethod()", first),
    ("weakref.WeakValueDictionary", defaults::weak_dict),
    ("weakref.proxy", first),
    ("weakref.ref", held),
    ("weakref.ref()", first),
];

/// The handler of a call, if it has one.
pub(super) fn find(name: &str) -> Option<Handler> {
    HANDLERS.binary_search_by(|(n, _)| (*n).cmp(name)).ok().and_then(|i| HANDLERS.get(i)).map(|(_, h)| *h)
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

    /// The text of something from outside, as a format has it: unknown, but under its name.
    fn text_of_external(&self, value: &Value) -> Option<Value> {
        let Kind::External { name, .. } = value.kind else { return None };
        let parts = vec![Part::Hole(self.names.text(name))];
        let text = PartialText { parts, is_bytes: false };
        Some(Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins))
    }

    fn one_or_tuple(&mut self, values: Vec<Value>) -> Value {
        match <[Value; 1]>::try_from(values) {
            Ok([only]) => only,
            Err(several) => {
                let origins = self.origins_of(&several);
                self.heap.tuple(several).with_origins(origins)
            }
        }
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

fn import(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let module = me.argument(arguments, 0, "name")?;
    let package = me.argument(arguments, 1, "package");
    let values: Vec<Value> = me
        .alternatives(&module)
        .into_iter()
        .map(|one| match one.as_str() {
            Some(text) => {
                let text = absolute_name(text, package.as_ref().and_then(Value::as_str));
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

/// The whole name of a module that is named from a package: `.a` from `b` is `b.a`.
fn absolute_name(text: &str, package: Option<&str>) -> String {
    let rest = text.trim_start_matches('.');
    let n_dots = text.len() - rest.len();
    let Some(package) = package.filter(|_| n_dots > 0) else { return text.to_owned() };
    let mut base = package;
    for _ in 1..n_dots.min(16) {
        base = base.rsplit_once('.').map_or("", |(parent, _)| parent);
    }
    format!("{base}.{rest}")
}

fn super_object(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    Some(me.external("super()"))
}

fn first(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().cloned()
}

/// `ctypes.c_char_p(text)` of a known text, which stays what it is.
fn held_text(_: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first().filter(|value| matches!(value.kind, Kind::Str(_) | Kind::Bytes(_))).cloned()
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

/// `@name.setter`: the property stays what it is, and the setter is kept beside it.
pub(super) fn keep_setter(
    me: &mut Interpreter<'_>,
    property: &Value,
    part: &str,
    arguments: &Arguments,
) -> Option<Value> {
    let Kind::Function(id) = property.kind else { return None };
    if part == "setter" {
        let name = me.symbols.intern("__name__");
        let name = me.get_attribute(&Value::new(Kind::Function(id)), name);
        let name = setter_name(name.as_str()?);
        let (name, scope) = (me.symbols.intern(&name), me.frame()?.scope);
        me.scope_set(scope, name, arguments.positional.first()?.clone());
        me.n_setters += 1;
    }
    Some(property.clone())
}

fn mark_static(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Static)
}

fn mark_class_method(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Class)
}

fn mark_dispatch(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    mark(me, arguments, FunctionRole::Dispatch)
}

/// `@generic.register(type)`: the name of the generic function stands for any that is registered with it.
pub(super) fn register(me: &mut Interpreter<'_>, generic: &Value, arguments: &Arguments) -> Value {
    let registered = arguments.positional.iter().find(|value| matches!(value.kind, Kind::Function(_)));
    let Some(registered) = registered.cloned() else {
        // It was given the type alone, and what it gives back is given the function.
        let name = me.symbols.intern("register");
        return Value::new(Kind::Builtin(me.heap.insert(Object::Builtin(generic.clone(), name))));
    };
    let name = me.symbols.intern("__name__");
    let name = me.get_attribute(generic, name);
    let (Some(name), Some(frame)) = (name.as_str(), me.frame()) else { return registered };
    let (scope, name) = (frame.scope, me.symbols.intern(name));
    if let Some(before) = me.scope_get(scope, name).cloned() {
        let any = me.join_values(vec![before, registered.clone()]);
        me.scope_set(scope, name, any);
    }
    registered
}

/// `str(object)` of a path or of a class of the artifact.
fn instance_text(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let value = arguments.positional.first()?;
    me.text_of_path(value).or_else(|| me.text_of_instance(value)).or_else(|| me.text_of_external(value))
}

fn attribute_getter(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    if arguments.positional.len() > 1 || arguments.positional.first()?.as_str()?.contains('.') {
        return Some(path_getter(me, name, arguments));
    }
    let name = arguments.positional.first()?.as_str()?.to_owned();
    let swapped = me.heap.insert(Object::AttributeGetter(Rc::from(name)));
    Some(Value::new(Kind::Builtin(swapped)))
}

fn method_caller(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (callee, passed) = arguments.positional.split_first()?;
    let (positional, keywords) = (passed.to_vec(), arguments.keywords.clone());
    let caller = Partial { callee: callee.clone(), positional, keywords };
    Some(Value::new(Kind::Builtin(me.heap.insert(Object::MethodCaller(Box::new(caller))))))
}

/// `object.__new__(cls)`: an object that no constructor was run for.
fn new_object(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let Kind::Class(class) = arguments.positional.first()?.kind else { return None };
    let instance = Instance { class, attributes: rustc_hash::FxHashMap::default() };
    Some(Value::new(Kind::Instance(me.heap.insert(Object::Instance(instance)))))
}

/// `attrgetter("a.b", "c")`: a call with the names first and the object last.
fn path_getter(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Value {
    let callee = me.external(&format!("{name}()"));
    let getter = Partial { callee, positional: arguments.positional.clone(), keywords: Vec::new() };
    Value::new(Kind::Builtin(me.heap.insert(Object::Partial(Box::new(getter)))))
}

/// `operator.itemgetter(key)`, `weakref.ref(object)`: a call with what it was made with first.
fn held(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    arguments.positional.first()?;
    if let Some(entry) = catalogue::find_call(name) {
        me.record_special(name, arguments);
        me.run_callbacks_here(entry, arguments);
    }
    Some(path_getter(me, name, arguments))
}

/// What a getter of items gives: the item, or a tuple of them.
fn items_by_key(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (object, keys) = arguments.positional.split_last()?;
    let site = me.site.clone()?;
    let items = keys.iter().take(16).map(|key| me.subscript(&site.code, site.span, object, key)).collect();
    Some(me.one_or_tuple(items))
}

/// What such a getter gives: the attribute at the end of the path, or a tuple of them.
fn attributes_by_path(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let (object, names) = arguments.positional.split_last()?;
    let mut found = Vec::with_capacity(names.len());
    for path in names.iter().take(16) {
        let mut value = object.clone();
        for name in path.as_str()?.split('.').take(16) {
            let name = me.symbols.intern(name);
            value = me.get_attribute(&value, name);
        }
        found.push(value);
    }
    Some(me.one_or_tuple(found))
}

/// `sys.modules.get(name)`: what `sys.modules[name]` gives.
fn loaded_module(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let name = arguments.positional.first()?.as_str()?.to_owned();
    Some(me.import_by_name(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(HANDLERS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(super::super::builtins::builtin_names().is_sorted_by(|a, b| a < b));
    }
}
