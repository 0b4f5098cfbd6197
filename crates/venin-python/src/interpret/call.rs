//! Calls: who is called, with what, and what comes back.

use std::borrow::Cow;
use std::rc::Rc;

use super::function::Arguments;
use super::known::KnownMethod;
use super::protocol::has_protocol;
use super::{Interpreter, handed, secrets, special};
use crate::fold;
use crate::source::ir::{Arg, Code, Expr, ExprId, Passing, Span};
use crate::value::{Kind, ObjId, Object, OriginSet, Partial, Sym, Value};

/// The place of a call in the source.
#[derive(Debug, Clone)]
pub(super) struct CallSite {
    pub(super) code: Rc<Code>,
    pub(super) span: Span,
}

impl Interpreter<'_> {
    pub(super) fn eval_call(&mut self, code: &Rc<Code>, id: ExprId, callee: ExprId, args: &[Arg]) -> Value {
        let span = code.span(id);
        let site = CallSite { code: Rc::clone(code), span };
        let is_discarded = self.discarded.take() == Some(id);
        let comes_of_it = if is_discarded { handed::TAKEN } else { handed::USED };
        if let Expr::Attribute { value, name } = code.expr(callee) {
            // Closing or draining an answer makes no use of it.
            if is_discarded && matches!(self.symbols.as_str(*name), "close" | "read" | "release_conn") {
                self.unused = Some((self.unit_index(), code.span(*value)));
            }
            let object = self.eval(code, *value);
            if is_constant_receiver(&object) && !self.symbols.as_str(*name).starts_with("__") {
                let arguments = self.eval_arguments(code, args);
                self.note_unknown_byte(code, *value, &object, *name, &arguments);
                return self.at_site(site, |me| me.call_method(&object, *name, &arguments));
            }
            let callee = self.load_attribute(code, code.span(callee), &object, *name);
            let arguments = self.eval_arguments(code, args);
            if matches!(self.symbols.as_str(*name), "get" | "pop")
                && let Some(secret) = self.secret_asked_for(&object, &arguments.positional)
            {
                return secret;
            }
            if let Kind::External { name, .. } = callee.kind {
                self.run_of_receiver(&object, name, &arguments);
            }
            self.note_filled(code, *value, &object, *name, &arguments);
            self.note_buffers(code, args, &object, &arguments);
            self.note_secrets(&site, comes_of_it, &callee, &arguments);
            let result = self.at_site(site, |me| me.call(&callee, arguments));
            self.note_read_in(code, *value, &object, *name, &result);
            return result;
        }
        let callee = self.eval(code, callee);
        let arguments = self.eval_arguments(code, args);
        self.note_secrets(&site, comes_of_it, &callee, &arguments);
        self.at_site(site, |me| me.call(&callee, arguments))
    }

    /// Remembers that nobody takes what the call gives, and records what secrets it is handed.
    fn note_secrets(&mut self, site: &CallSite, comes_of_it: &str, callee: &Value, arguments: &Arguments) {
        if comes_of_it == handed::TAKEN {
            self.unused = Some((self.unit_index(), site.span));
        }
        if handed::is_given_secret(arguments) {
            self.at_site(site.clone(), |me| me.note_secret_handed(callee, arguments, comes_of_it));
        }
    }

    /// Runs something with a call site in force, and restores the one before.
    pub(super) fn at_site<T>(&mut self, site: CallSite, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.site.replace(site);
        let result = run(self);
        self.site = before;
        result
    }

    fn eval_arguments(&mut self, code: &Rc<Code>, args: &[Arg]) -> Arguments {
        let n_positional = args.iter().filter(|arg| arg.passing == Passing::Positional).count();
        let mut out = Arguments {
            positional: Vec::with_capacity(n_positional),
            keywords: Vec::with_capacity(args.len() - n_positional),
        };
        for arg in args {
            let value = self.eval(code, arg.value);
            match arg.passing {
                Passing::Positional => out.positional.push(value),
                Passing::Keyword(name) => out.keywords.push((name, value)),
                Passing::Star => match self.iterate(&value, 1000) {
                    Some(items) => out.positional.extend(items),
                    None => out.positional.push(self.element_of(&value)),
                },
                Passing::DoubleStar => self.spread_keywords(&value, &mut out),
            }
        }
        out
    }

    pub(super) fn spread_keywords(&mut self, value: &Value, out: &mut Arguments) {
        let Kind::Dict(id) = value.kind else {
            if let Kind::External { .. } = value.kind {
                // What is spread is not known by name, yet it arrives.
                let name = self.symbols.intern("**");
                out.keywords.push((name, value.clone()));
            }
            return;
        };
        let entries: Vec<(Value, Value)> = self.heap.dict_entries(id).take(200).cloned().collect();
        for (key, value) in entries {
            if let Some(name) = key.as_str() {
                let name = self.symbols.intern(name);
                out.keywords.push((name, value));
            }
        }
    }

    /// Calls a value at the site in force.
    pub(super) fn call_value(
        &mut self,
        callee: &Value,
        positional: Vec<Value>,
        keywords: Vec<(Sym, Value)>,
    ) -> Value {
        self.call(callee, Arguments { positional, keywords })
    }

    pub(super) const fn is_callable(&self, value: &Value) -> bool {
        matches!(value.kind, Kind::Function(_) | Kind::Method(_) | Kind::Class(_) | Kind::CodeObject(_))
    }

    /// Calls a value.
    pub(super) fn call(&mut self, callee: &Value, arguments: Arguments) -> Value {
        if !self.step() {
            return Value::unknown();
        }
        self.nested(|me| me.dispatch(callee, arguments)).unwrap_or_else(Value::unknown)
    }

    fn dispatch(&mut self, callee: &Value, arguments: Arguments) -> Value {
        match callee.kind {
            Kind::External { name, made_by } => self.call_external(callee, name, made_by, &arguments),
            Kind::Function(id) => self.call_function(id, None, arguments),
            Kind::Method(id) => match self.heap.get(id) {
                Some(Object::Method(receiver, function)) => {
                    let (receiver, function) = (receiver.clone(), *function);
                    self.call_function(function, Some(receiver), arguments)
                }
                _ => Value::unknown(),
            },
            Kind::Class(id) => self.instantiate(id, &arguments),
            Kind::Instance(_) => {
                let name = self.symbols.intern("__call__");
                let method = self.get_attribute(callee, name);
                if self.is_callable(&method) {
                    return self.call(&method, arguments);
                }
                match self.own_method(callee, "__call__") {
                    Some(hook) => self.call(&hook, arguments),
                    None => self.unknown_result(callee, &arguments),
                }
            }
            Kind::Builtin(id) => match self.heap.get(id) {
                Some(Object::Builtin(receiver, name)) => {
                    let (receiver, name) = (receiver.clone(), *name);
                    if matches!(receiver.kind, Kind::CodeObject(_)) && self.symbols.as_str(name) == "replace"
                    {
                        return self.replace_parts(Some(&receiver), &arguments);
                    }
                    if let Kind::Function(_) = receiver.kind {
                        let part = self.symbols.text(name);
                        match &*part {
                            "main" => return self.call(&receiver, Arguments::default()),
                            "register" => return special::register(self, &receiver, &arguments),
                            _ => {}
                        }
                        let kept = special::keep_setter(self, &receiver, &part, &arguments);
                        return kept.unwrap_or_else(Value::unknown);
                    }
                    match receiver.kind {
                        Kind::Instance(_) => return self.call_of_record(&receiver, name, &arguments),
                        Kind::Module(id) => return self.call_of_namespace(id, name, &arguments),
                        Kind::Class(class) => {
                            let subclasses = self.subclasses_of(class);
                            return self.heap.list(subclasses);
                        }
                        Kind::Builtin(_) => {
                            if let Some(value) = self.call_of_match(&receiver, name, &arguments) {
                                return value;
                            }
                        }
                        _ => {}
                    }
                    self.call_method(&receiver, name, &arguments)
                }
                Some(Object::Partial(partial)) => {
                    let Partial { callee: inner, positional: mut all, mut keywords } = (**partial).clone();
                    all.extend(arguments.positional);
                    keywords.retain(|(name, _)| !arguments.keywords.iter().any(|(k, _)| k == name));
                    keywords.extend(arguments.keywords);
                    self.call(&inner, Arguments { positional: all, keywords })
                }
                Some(Object::AttributeGetter(name)) => {
                    let name = self.symbols.intern(&Rc::clone(name));
                    match arguments.positional.first() {
                        Some(object) => self.get_attribute(&object.clone(), name),
                        None => Value::unknown(),
                    }
                }
                Some(Object::MethodCaller(caller)) => {
                    let Partial { callee: name, positional, keywords } = (**caller).clone();
                    let Some(object) = arguments.positional.first() else { return Value::unknown() };
                    let name = self.symbols.intern(name.as_str().unwrap_or(""));
                    let method = self.get_attribute(object, name);
                    self.call(&method, Arguments { positional, keywords })
                }
                _ => Value::unknown(),
            },
            Kind::CodeObject(_) => self.run_code_value(callee, None),
            Kind::Choice(id) => {
                let callees: Vec<Value> = self.heap.elements(id).iter().take(8).cloned().collect();
                let values = callees.iter().map(|c| self.call(c, arguments.clone())).collect();
                self.join_values(values)
            }
            _ if secrets::is_login(callee) => callee.clone(),
            _ => self.unknown_result(callee, &arguments),
        }
    }

    /// What comes back from a call nobody knows: it may carry anything that went in.
    fn unknown_result(&mut self, callee: &Value, arguments: &Arguments) -> Value {
        self.impure += 1;
        let origins = self.call_origins(callee, arguments);
        Value::unknown().with_origins(origins)
    }

    pub(super) fn call_origins(&mut self, callee: &Value, arguments: &Arguments) -> OriginSet {
        let mut origins = callee.origins;
        for value in arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)) {
            let deep = self.deep_origins(value);
            origins = self.origins.union(origins, deep);
        }
        origins
    }

    /// Calls a method of a constant, a container or a partly known text.
    pub(super) fn call_method(&mut self, receiver: &Value, name: Sym, arguments: &Arguments) -> Value {
        let text = self.symbols.text(name);
        if let Some(filled) = self.substitute(receiver, &text, arguments) {
            return filled;
        }
        if changes_receiver(&text) {
            self.changes += 1;
            self.note_elements(receiver, &arguments.positional);
            self.change_object(receiver, &text, arguments);
        }
        if let Some(yielded) = self.send_into(receiver, &text, arguments) {
            return yielded;
        }
        let listed = self.listed_for_method(&text, arguments);
        let arguments = self.materialized(&listed);
        if let ("sort", Kind::List(id), false) = (&*text, &receiver.kind, arguments.keywords.is_empty()) {
            return self.sort_in_place(receiver, *id, arguments.into_owned());
        }
        if arguments.positional.iter().any(has_protocol) {
            self.ask_in_method(receiver, &text, &arguments);
        }
        let positional: Cow<'_, [Value]> = match (&receiver.kind, &*text) {
            // Text methods keep what is known of their arguments.
            (Kind::Str(_) | Kind::Partial(_) | Kind::Bytes(_), "format" | "join" | "replace") => {
                arguments.positional.iter().map(|a| self.as_text_deep(a)).collect()
            }
            _ => Cow::Borrowed(&arguments.positional),
        };
        if matches!(&*text, "get" | "pop")
            && let Some(secret) = self.secret_asked_for(receiver, &positional)
        {
            return secret;
        }
        if matches!(&*text, "get" | "pop")
            && let Some(passed) = self.passed_in_rest(receiver, &positional)
        {
            return passed;
        }
        if let (Kind::Dict(id), "get", Some(key)) = (&receiver.kind, &*text, positional.first())
            && self.is_open_key(*id, key)
        {
            let value = self.any_entry(*id, receiver.origins);
            let other = positional.get(1).cloned().into_iter();
            return self.join_values(std::iter::once(value).chain(other).collect());
        }
        let folded = self
            .with_fold(|cx| fold::fold_method(cx, receiver, &text, &positional, &arguments.keywords))
            .or_else(|| self.replace_by_hole(receiver, &text, &positional))
            .or_else(|| self.by_own_codec(receiver, &text, &positional));
        let KnownMethod { qualified, call, callback } = self.known_method(type_name(&receiver.kind), name);
        if let Some(entry) = callback {
            self.run_given(entry, &arguments);
        }
        // Bytes of a text become that text: nothing was hidden.
        let call = call.filter(|_| &*qualified != "str.decode" || !self.is_plain_charset(&arguments));
        match (call, folded) {
            (Some(entry), folded) => {
                let mut all = vec![receiver.clone()];
                all.extend(arguments.positional.iter().cloned());
                let event = self.record_here(&qualified, entry, &all, &arguments.keywords, None);
                self.folded_result(folded, event, entry, &arguments, receiver.origins)
            }
            (None, Some(value)) => value,
            (None, None) => {
                if let Some(value) = self.mutate_unknown(receiver, &text, &arguments) {
                    return value;
                }
                let mut origins = receiver.origins;
                for value in &arguments.positional {
                    origins = self.origins.union(origins, value.origins);
                }
                Value::unknown().with_origins(origins)
            }
        }
    }

    /// What `arguments.get("password")` gives: a secret that the caller may have passed.
    fn secret_asked_for(&mut self, receiver: &Value, arguments: &[Value]) -> Option<Value> {
        let name = arguments.first()?.as_str()?;
        let is_missing = match receiver.kind {
            Kind::Dict(id) => self.heap.dict_get(id, &self.heap.key_of(arguments.first()?)?).is_none(),
            _ => true,
        };
        is_missing.then(|| self.secret_item(receiver, name)).flatten()
    }

    /// Whether the arguments of `str.decode` name a charset that only spells text, or none.
    fn is_plain_charset(&self, arguments: &Arguments) -> bool {
        let by_name = || arguments.keywords.iter().find(|(name, _)| self.symbols.as_str(*name) == "encoding");
        match arguments.positional.first().or_else(|| by_name().map(|(_, value)| value)) {
            Some(charset) => charset.as_str().is_some_and(fold::is_plain_charset),
            None => true,
        }
    }

    /// `"_APPDATA/x".replace("_APPDATA", os.getenv("APPDATA"))`: known text with a hole in it.
    fn replace_by_hole(&mut self, receiver: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
        let ("replace", [from, to, ..]) = (method, arguments) else { return None };
        let (text, from) = (receiver.as_str()?, from.as_str()?);
        if from.is_empty() || !matches!(to.kind, Kind::Partial(_)) || !self.heap.spend(text.len()) {
            return None;
        }
        let pieces: Vec<Value> = text.split(from).map(Value::str).collect();
        let mut joined = Vec::with_capacity(pieces.len() * 2);
        for piece in pieces {
            if !joined.is_empty() {
                joined.push(to.clone());
            }
            joined.push(piece.with_origins(receiver.origins));
        }
        Some(self.with_fold(|cx| fold::join_text(cx, &joined)))
    }

    /// `list.sort(key=…)`, whose key may be a function of the artifact.
    fn sort_in_place(&mut self, receiver: &Value, list: ObjId, mut arguments: Arguments) -> Value {
        arguments.positional.insert(0, receiver.clone());
        let sorted = super::handlers::find("sorted").and_then(|sort| sort(self, "sorted", &arguments));
        if let Some(items) = sorted.and_then(|s| self.iterate(&s, 100_000))
            && let Some(elements) = self.heap.elements_mut(list)
        {
            *elements = items;
        }
        Value::none()
    }

    /// A container method that folding gave up on because its argument is not known: the container takes the origins.
    fn mutate_unknown(&mut self, receiver: &Value, method: &str, arguments: &Arguments) -> Option<Value> {
        let (Kind::List(id) | Kind::Set(id)) = receiver.kind else { return None };
        match method {
            "get" | "get_nowait" | "receive" => {
                self.note_taker(id);
                None
            }
            "append" | "add" | "insert" | "appendleft" | "extend" | "update" | "put" | "put_nowait" => {
                let value = arguments.positional.last()?.clone();
                if self.heap.spend(32) {
                    self.heap.elements_mut(id)?.push(value);
                }
                Some(Value::none())
            }
            _ => None,
        }
    }

    /// A value as text, with the external elements of a list turned into holes.
    fn as_text_deep(&mut self, value: &Value) -> Value {
        match value.kind {
            Kind::List(id) => {
                let items: Vec<Value> = self.heap.elements(id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. } | Kind::Unknown)) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.heap.list(items).with_origins(value.origins)
            }
            _ => self.as_text(value),
        }
    }

    /// Arguments with iterators replaced by lists of what they hold.
    pub(super) fn materialized<'a>(&mut self, arguments: &'a Arguments) -> Cow<'a, Arguments> {
        if !arguments.positional.iter().any(|value| matches!(value.kind, Kind::Iter(_))) {
            return Cow::Borrowed(arguments);
        }
        let mut out = arguments.clone();
        for value in &mut out.positional {
            if let Kind::Iter(_) = value.kind
                && let Some(items) = self.iterate(value, 2_000_000)
            {
                let origins = self.origins_of(&items);
                let origins = self.origins.union(origins, value.origins);
                *value = self.heap.list(items).with_origins(origins);
            }
        }
        Cow::Owned(out)
    }

    /// Applies a decorator.
    pub(super) fn decorate(&mut self, code: &Rc<Code>, span: Span, decorator: &Value, value: Value) -> Value {
        let site = CallSite { code: Rc::clone(code), span };
        let result = self.at_site(site, |me| me.call_value(decorator, vec![value.clone()], Vec::new()));
        match result.kind {
            // A decorator from outside gives back something that still calls the function.  What an inner decorator made
            // of the function may be a text or an answer: that the next one takes and turns into something else.
            Kind::Unknown | Kind::External { .. } | Kind::None if !is_made_by_decorator(&value) => value,
            _ => result,
        }
    }
}

/// Whether a decorated value is no longer the function or class itself.
const fn is_made_by_decorator(value: &Value) -> bool {
    is_constant_receiver(value) || matches!(value.kind, Kind::Unknown | Kind::External { .. })
}

const fn is_constant_receiver(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Partial(_)
            | Kind::List(_)
            | Kind::Tuple(_)
            | Kind::Set(_)
            | Kind::Dict(_)
            | Kind::ByteArray(_)
            | Kind::Int(_)
            | Kind::Big(_)
            | Kind::Range(..)
            | Kind::Iter(_)
    )
}

/// Whether a method of a container changes it.
fn changes_receiver(method: &str) -> bool {
    matches!(
        method,
        "append"
            | "appendleft"
            | "add"
            | "clear"
            | "discard"
            | "extend"
            | "extendleft"
            | "insert"
            | "pop"
            | "popitem"
            | "popleft"
            | "put"
            | "put_nowait"
            | "get_nowait"
            | "difference_update"
            | "intersection_update"
            | "symmetric_difference_update"
            | "remove"
            | "reverse"
            | "rotate"
            | "setdefault"
            | "sort"
            | "update"
    )
}

/// The name under which the catalogue lists the methods of a type.
const fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Str(_) | Kind::Partial(_) => "str",
        Kind::Bytes(_) => "bytes",
        Kind::ByteArray(_) => "bytearray",
        Kind::List(_) => "list",
        Kind::Tuple(_) => "tuple",
        Kind::Dict(_) => "dict",
        Kind::Set(_) => "set",
        Kind::Int(_) | Kind::Big(_) => "int",
        _ => "object",
    }
}
