//! What calls outside the artifact ask of the artifact's own objects: `len(object)`, `open(object)`, `isinstance(…)`.
//!
//! A table of calls and methods.  Where the answer is the result of the call, or stands in for the object, the call goes on
//! with it.

use std::borrow::Cow;

use venin_model::Role;

use super::Interpreter;
use super::function::Arguments;
use super::protocol::has_protocol;
use crate::catalogue::CallEntry;
use crate::source::ir::CompareOp;
use crate::value::{Kind, Object, Value};

/// What a call asks of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// The first of these methods that there is answers the call; it is given the other arguments.
    Answer(&'static [&'static str]),
    /// What the first of these methods gives stands in for the object.
    StandIn(&'static [&'static str]),
    /// All of these methods, for what they do.
    Each(&'static [&'static str]),
    /// Its elements.
    Elements,
    /// Its elements in order, by comparing them.
    Order,
    /// Whether something is of a class, by this method of the metaclass.
    Kinship(&'static str),
    /// An attribute by name.
    Attribute,
    /// A copy: by a method, or by what the object reduces itself to.
    Copied(&'static [&'static str]),
    /// What it reduces itself to, which is called when it is unpickled.
    Pickle,
}

use Asks::{Answer, Attribute, Copied, Each, Elements, Kinship, Order, Pickle, StandIn};

/// The methods of a path.
const PATH: Asks = StandIn(&["__fspath__"]);
/// Those of what is written as text.
const TEXT: Asks = StandIn(&["__str__", "__repr__"]);
/// Those of what is used as an index.
const INDEX: Asks = StandIn(&["__index__"]);

/// Calls by name, in ascending order.
static CALLS: &[(&str, Asks)] = &[
    ("_pickle.dumps", Pickle),
    ("abs", Answer(&["__abs__"])),
    ("aiter", Answer(&["__aiter__"])),
    ("all", Elements),
    ("anext", Answer(&["__anext__"])),
    ("any", Elements),
    ("ascii", Answer(&["__repr__"])),
    ("bin", INDEX),
    ("bool", Answer(&["__bool__", "__nonzero__", "__len__"])),
    ("bytearray", Elements),
    ("bytes", Answer(&["__bytes__"])),
    ("chr", INDEX),
    ("cloudpickle.dump", Pickle),
    ("cloudpickle.dumps", Pickle),
    ("collections.Counter", Elements),
    ("collections.OrderedDict", Each(&["keys", "__iter__", "__getitem__"])),
    ("collections.deque", Elements),
    ("complex", Answer(&["__complex__", "__float__", "__index__"])),
    ("copy.copy", Copied(&["__copy__"])),
    ("copy.deepcopy", Copied(&["__deepcopy__"])),
    ("delattr", Answer(&["__delattr__"])),
    ("dict", Each(&["keys", "__iter__", "__getitem__"])),
    ("dill.dump", Pickle),
    ("dill.dumps", Pickle),
    ("dir", Answer(&["__dir__"])),
    ("divmod", Answer(&["__divmod__", "__rdivmod__"])),
    ("enumerate", Elements),
    ("float", Answer(&["__float__", "__index__"])),
    ("format", Answer(&["__format__", "__str__", "__repr__"])),
    ("frozenset", Elements),
    ("hasattr", Attribute),
    ("hash", Answer(&["__hash__"])),
    ("heapq.heapify", Order),
    ("heapq.nlargest", Order),
    ("heapq.nsmallest", Order),
    ("hex", INDEX),
    ("int", Answer(&["__int__", "__index__", "__trunc__"])),
    ("isinstance", Kinship("__instancecheck__")),
    ("issubclass", Kinship("__subclasscheck__")),
    ("joblib.dump", Pickle),
    ("len", Answer(&["__len__"])),
    ("list", Elements),
    ("logging.critical", TEXT),
    ("logging.debug", TEXT),
    ("logging.error", TEXT),
    ("logging.exception", TEXT),
    ("logging.getLogger().critical", TEXT),
    ("logging.getLogger().debug", TEXT),
    ("logging.getLogger().error", TEXT),
    ("logging.getLogger().exception", TEXT),
    ("logging.getLogger().info", TEXT),
    ("logging.getLogger().warning", TEXT),
    ("logging.info", TEXT),
    ("logging.warning", TEXT),
    ("math.ceil", Answer(&["__ceil__", "__float__", "__index__"])),
    ("math.floor", Answer(&["__floor__", "__float__", "__index__"])),
    ("math.sqrt", Answer(&["__float__", "__index__"])),
    ("math.trunc", Answer(&["__trunc__"])),
    ("max", Order),
    ("min", Order),
    ("oct", INDEX),
    ("open", PATH),
    ("operator.add", Answer(&["__add__", "__radd__"])),
    ("operator.contains", Answer(&["__contains__", "__iter__", "__getitem__", "__eq__"])),
    ("operator.delitem", Answer(&["__delitem__"])),
    ("operator.eq", Answer(&["__eq__"])),
    ("operator.getitem", Answer(&["__getitem__", "__missing__"])),
    ("operator.iadd", Answer(&["__iadd__", "__add__"])),
    ("operator.index", Answer(&["__index__"])),
    ("operator.length_hint", Answer(&["__len__", "__length_hint__"])),
    ("operator.mul", Answer(&["__mul__", "__rmul__"])),
    ("operator.not_", Answer(&["__bool__", "__len__"])),
    ("operator.setitem", Answer(&["__setitem__"])),
    ("operator.sub", Answer(&["__sub__", "__rsub__"])),
    ("operator.truth", Answer(&["__bool__", "__len__"])),
    ("os.fspath", Answer(&["__fspath__"])),
    ("pathlib.Path", PATH),
    ("pickle.dump", Pickle),
    ("pickle.dumps", Pickle),
    ("pow", Answer(&["__pow__", "__rpow__"])),
    ("pprint.pprint", StandIn(&["__repr__"])),
    ("print", TEXT),
    ("random.choice", Each(&["__len__", "__getitem__"])),
    ("range", INDEX),
    ("repr", Answer(&["__repr__"])),
    ("reversed", Answer(&["__reversed__", "__len__"])),
    ("round", Answer(&["__round__"])),
    ("set", Elements),
    ("sorted", Order),
    ("str", Answer(&["__str__", "__repr__"])),
    ("sum", Elements),
    ("sys.getsizeof", Answer(&["__sizeof__"])),
    ("torch.save", Pickle),
    ("tuple", Elements),
    ("unicode", Answer(&["__unicode__", "__str__", "__repr__"])),
    ("zip", Elements),
];

/// What a call asks of an object among its arguments.
pub(super) fn find_asked(name: &str, entry: Option<&CallEntry>) -> Option<Asks> {
    let listed = CALLS.binary_search_by(|(call, _)| (*call).cmp(name)).ok().and_then(|at| CALLS.get(at));
    if let Some((_, asks)) = listed {
        return Some(*asks);
    }
    let takes_path = |entry: &CallEntry| {
        entry.args.iter().chain(entry.keywords.iter().map(|(_, role)| role)).any(|role| *role == Role::Path)
    };
    (name.starts_with("os.path.") || entry.is_some_and(takes_path)).then_some(PATH)
}

/// What came of asking.
pub(super) enum Asked<'a> {
    /// The result of the call.
    Answered(Value),
    /// The arguments with which the call goes on.
    GoesOn(Cow<'a, Arguments>),
}

impl Interpreter<'_> {
    /// Asks the objects among the arguments of a call.
    pub(super) fn ask_objects<'a>(&mut self, asks: Asks, arguments: &'a Arguments) -> Asked<'a> {
        let same = Asked::GoesOn(Cow::Borrowed(arguments));
        if !self.concerns_objects(asks, arguments) {
            return same;
        }
        match asks {
            Answer(methods) => match self.answer_to_call(methods, arguments) {
                Some(answer) => Asked::Answered(answer),
                None => same,
            },
            StandIn(methods) => Asked::GoesOn(Cow::Owned(
                self.with_stand_ins(arguments, |me, v| me.answer_of(v, methods, &[])),
            )),
            Elements => Asked::GoesOn(Cow::Owned(self.with_stand_ins(arguments, Self::listed))),
            Order => {
                let listed = self.with_stand_ins(arguments, Self::listed);
                self.compare_in_order(&listed);
                Asked::GoesOn(Cow::Owned(listed))
            }
            Copied(methods) => match self.answer_to_call(methods, arguments) {
                Some(answer) => Asked::Answered(answer),
                None => {
                    if let Some((callee, passed)) = self.reduce_first(arguments) {
                        self.call(&callee, passed);
                    }
                    same
                }
            },
            Pickle => {
                if let Some(reduced) = self.reduce_first(arguments) {
                    self.wait_for_unpickling(reduced);
                }
                same
            }
            Each(methods) => {
                for value in arguments.positional.iter().filter(|v| has_protocol(v)) {
                    for method in methods {
                        self.call_protocol(value, method, Vec::new());
                    }
                }
                same
            }
            Kinship(hook) => {
                if let [subject, classes] = arguments.positional.as_slice() {
                    self.ask_kinship(classes, hook, subject);
                }
                same
            }
            Attribute => {
                if let [object, name] = arguments.positional.as_slice()
                    && let Some(name) = name.as_str()
                {
                    let name = self.symbols.intern(name);
                    self.get_attribute(object, name);
                }
                same
            }
        }
    }

    /// The arguments of a method that iterates them, with objects as lists of their elements.
    pub(super) fn listed_for_method<'a>(
        &mut self,
        method: &str,
        arguments: &'a Arguments,
    ) -> Cow<'a, Arguments> {
        const ITERATING: [&str; 10] = [
            "join",
            "extend",
            "update",
            "union",
            "intersection",
            "difference",
            "issubset",
            "issuperset",
            "isdisjoint",
            "symmetric_difference",
        ];
        if !arguments.positional.iter().any(has_protocol) || !ITERATING.contains(&method) {
            return Cow::Borrowed(arguments);
        }
        Cow::Owned(self.with_stand_ins(arguments, Self::listed))
    }

    /// What a method of a container or text asks of the objects it is given.
    pub(super) fn ask_in_method(&mut self, receiver: &Value, method: &str, arguments: &Arguments) {
        let Some(first) = arguments.positional.first() else { return };
        match (&receiver.kind, method) {
            (Kind::Dict(_) | Kind::Set(_), "get" | "setdefault" | "pop" | "add" | "discard" | "remove") => {
                self.compare_with_elements(first, receiver);
            }
            (Kind::List(_) | Kind::Tuple(_), "index" | "count" | "remove") => {
                self.compare_with_elements(first, receiver);
            }
            (Kind::List(_) | Kind::Tuple(_), "__getitem__" | "pop" | "insert") => {
                self.index_of(first);
            }
            (Kind::Str(_) | Kind::Partial(_), "format") => {
                for object in arguments.positional.iter().filter(|v| has_protocol(v)) {
                    self.call_protocol(object, "__format__", vec![Value::str("")]);
                }
            }
            _ => {}
        }
    }

    /// Whether there is an object among the arguments that can be asked.
    fn concerns_objects(&self, asks: Asks, arguments: &Arguments) -> bool {
        let is_sequence_of = |value: &Value| match value.kind {
            Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id).iter().take(2).any(has_protocol),
            _ => false,
        };
        match asks {
            Attribute => arguments.positional.first().is_some_and(|v| matches!(v.kind, Kind::Instance(_))),
            Kinship(_) => arguments.positional.get(1).is_some_and(|v| has_protocol(v) || is_sequence_of(v)),
            Order | Pickle => arguments.positional.iter().any(|v| has_protocol(v) || is_sequence_of(v)),
            StandIn(_) => {
                let keywords = arguments.keywords.iter().map(|(_, v)| v);
                arguments.positional.iter().chain(keywords).any(has_protocol)
            }
            _ => arguments.positional.iter().any(has_protocol),
        }
    }

    fn answer_to_call(&mut self, methods: &[&str], arguments: &Arguments) -> Option<Value> {
        for (at, object) in arguments.positional.iter().enumerate().filter(|(_, v)| has_protocol(v)) {
            let others = arguments.positional.iter().enumerate().filter(|(n, _)| *n != at);
            let passed: Vec<Value> = others.map(|(_, v)| v.clone()).collect();
            if let Some(answer) = self.answer_of(object, methods, &passed) {
                let origins = self.origins.union(answer.origins, object.origins);
                return Some(answer.with_origins(origins));
            }
        }
        None
    }

    fn with_stand_ins(
        &mut self,
        arguments: &Arguments,
        mut stand_in: impl FnMut(&mut Self, &Value) -> Option<Value>,
    ) -> Arguments {
        let mut out = arguments.clone();
        let values = out.positional.iter_mut().chain(out.keywords.iter_mut().map(|(_, v)| v));
        for value in values.filter(|v| has_protocol(v)) {
            if let Some(other) = stand_in(self, value) {
                *value = other;
            }
        }
        out
    }

    /// Compares two of the objects that a call puts in order.
    fn compare_in_order(&mut self, arguments: &Arguments) {
        let pair = match arguments.positional.as_slice() {
            [only] => match only.kind {
                Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id).get(..2).map(<[Value]>::to_vec),
                _ => None,
            },
            several => several.get(..2).map(<[Value]>::to_vec),
        };
        if let Some([left, right]) = pair.as_deref()
            && arguments.keywords.is_empty()
        {
            self.comparison_method(CompareOp::Lt, left, right);
        }
    }

    /// What the first object among the arguments reduces itself to: what is called to make it again, and with what.
    fn reduce_first(&mut self, arguments: &Arguments) -> Option<(Value, Arguments)> {
        let first = arguments.positional.first()?;
        let first = match first.kind {
            Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id).first()?.clone(),
            _ => first.clone(),
        };
        self.answer_of(&first, &["__getnewargs_ex__", "__getnewargs__"], &[]);
        self.answer_of(&first, &["__getstate__"], &[]);
        let reduced = self.answer_of(&first, &["__reduce_ex__", "__reduce__"], &[])?;
        let Kind::Tuple(id) = reduced.kind else { return None };
        let (callee, rest) = self.heap.elements(id).split_first()?;
        let (callee, passed) = (callee.clone(), rest.first().cloned());
        let positional = passed.and_then(|p| self.iterate(&p, 100)).unwrap_or_default();
        // What makes another object of a class is no more than a copy.
        let is_copy = match (&callee.kind, &first.kind) {
            (Kind::Class(class), Kind::Instance(of)) => {
                matches!(self.heap.get(*of), Some(Object::Instance(instance)) if instance.class == *class)
            }
            _ => false,
        };
        (!is_copy).then_some((callee, Arguments { positional, keywords: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_stand_in_order_for_the_search() {
        assert!(CALLS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn paths_are_asked_for_wherever_a_call_takes_one() {
        assert_eq!(find_asked("os.path.join", None), Some(PATH));
        assert_eq!(find_asked("os.remove", crate::catalogue::find_call("os.remove")), Some(PATH));
        assert_eq!(find_asked("time.sleep", crate::catalogue::find_call("time.sleep")), None);
    }
}
