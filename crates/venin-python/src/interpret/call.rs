//! Calls: who is called, with what, and what comes back.

use std::borrow::Cow;
use std::rc::Rc;

use venin_model::{EventId, Role};

use super::function::Arguments;
use super::known::KnownMethod;
use super::{Interpreter, special};
use crate::catalogue::CallEntry;
use crate::fold;
use crate::source::ir::{Arg, Code, Expr, ExprId, Passing, Span};
use crate::value::{Kind, NameId, ObjId, Object, OriginSet, Step, Sym, Symbols, Value};

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
        if let Expr::Attribute { value, name } = code.expr(callee) {
            let object = self.eval(code, *value);
            if is_constant_receiver(&object) && !self.symbols.as_str(*name).starts_with("__") {
                let arguments = self.eval_arguments(code, args);
                self.note_unknown_byte(code, *value, &object, *name, &arguments);
                return self.at_site(site, |me| me.call_method(&object, *name, &arguments));
            }
            let callee = self.load_attribute(code, code.span(callee), &object, *name);
            let arguments = self.eval_arguments(code, args);
            self.note_filled(code, *value, &object, *name, &arguments);
            self.note_buffers(code, args, &object, &arguments);
            if is_discarded {
                self.at_site(site.clone(), |me| me.note_secret_taken(&callee, &arguments));
            }
            let result = self.at_site(site, |me| me.call(&callee, arguments));
            self.note_read_in(code, *value, &object, *name, &result);
            return result;
        }
        let callee = self.eval(code, callee);
        let arguments = self.eval_arguments(code, args);
        if is_discarded {
            self.at_site(site.clone(), |me| me.note_secret_taken(&callee, &arguments));
        }
        self.at_site(site, |me| me.call(&callee, arguments))
    }

    /// Runs something with a call site in force, and restores the one before.
    fn at_site<T>(&mut self, site: CallSite, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.site.replace(site);
        let result = run(self);
        self.site = before;
        result
    }

    fn eval_arguments(&mut self, code: &Rc<Code>, args: &[Arg]) -> Arguments {
        let mut out = Arguments::default();
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

    fn spread_keywords(&mut self, value: &Value, out: &mut Arguments) {
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

    /// Calls a value with positional arguments at a site of its own.
    pub(super) fn call_simple(&mut self, _code: &Rc<Code>, callee: &Value, positional: Vec<Value>) -> Value {
        self.call(callee, Arguments { positional, keywords: Vec::new() })
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
                    self.call(&method, arguments)
                } else {
                    self.unknown_result(callee, &arguments)
                }
            }
            Kind::Builtin(id) => match self.heap.get(id) {
                Some(Object::Builtin(receiver, name)) => {
                    let (receiver, name) = (receiver.clone(), *name);
                    if matches!(receiver.kind, Kind::CodeObject(_)) && self.symbols.as_str(name) == "replace"
                    {
                        return self.replace_parts(Some(&receiver), &arguments);
                    }
                    self.call_method(&receiver, name, &arguments)
                }
                Some(Object::Partial(inner, first, given)) => {
                    let (inner, mut all, mut keywords) = (inner.clone(), first.clone(), given.clone());
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
                _ => Value::unknown(),
            },
            Kind::CodeObject(_) => self.run_code_value(callee, None),
            Kind::Choice(id) => {
                let callees: Vec<Value> = self.heap.elements(id).iter().take(4).cloned().collect();
                let values = callees.iter().map(|c| self.call(c, arguments.clone())).collect();
                self.join_values(values)
            }
            _ => self.unknown_result(callee, &arguments),
        }
    }

    /// What comes back from a call nobody knows: it may carry anything that went in.
    fn unknown_result(&mut self, callee: &Value, arguments: &Arguments) -> Value {
        self.impure += 1;
        let origins = self.call_origins(callee, arguments);
        Value::unknown().with_origins(origins)
    }

    fn call_origins(&mut self, callee: &Value, arguments: &Arguments) -> OriginSet {
        let mut origins = callee.origins;
        for value in arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v)) {
            let deep = self.deep_origins(value);
            origins = self.origins.union(origins, deep);
        }
        origins
    }

    /// Calls a method of a constant, a container or a partly known text.
    pub(super) fn call_method(&mut self, receiver: &Value, name: Sym, arguments: &Arguments) -> Value {
        let arguments = self.materialized(arguments);
        let text = self.symbols.text(name);
        if let ("sort", Kind::List(id), false) = (&*text, &receiver.kind, arguments.keywords.is_empty()) {
            return self.sort_in_place(receiver, *id, arguments.into_owned());
        }
        let positional: Cow<'_, [Value]> = match (&receiver.kind, &*text) {
            // Text methods keep what is known of their arguments.
            (Kind::Str(_) | Kind::Partial(_) | Kind::Bytes(_), "format" | "join" | "replace") => {
                arguments.positional.iter().map(|a| self.as_text_deep(a)).collect()
            }
            _ => Cow::Borrowed(&arguments.positional),
        };
        if let (Kind::Dict(id), "get", Some(key)) = (&receiver.kind, &*text, positional.first())
            && self.is_open_key(*id, key)
        {
            let value = self.any_entry(*id, receiver.origins);
            let other = positional.get(1).cloned().into_iter();
            return self.join_values(std::iter::once(value).chain(other).collect());
        }
        let folded = self
            .with_fold(|cx| fold::fold_method(cx, receiver, &text, &positional, &arguments.keywords))
            .or_else(|| self.replace_by_hole(receiver, &text, &positional));
        let KnownMethod { qualified, call } = self.known_method(type_name(&receiver.kind), name);
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
        let sorted = special::find("sorted").and_then(|sort| sort(self, "sorted", &arguments));
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
            "append" | "add" | "insert" | "appendleft" | "extend" | "update" => {
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
    fn materialized<'a>(&mut self, arguments: &'a Arguments) -> Cow<'a, Arguments> {
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

    fn call_external(
        &mut self,
        callee: &Value,
        name: NameId,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Value {
        let text = self.names.text(name);
        let known = self.known_name(name);
        if let Some(handler) = known.handler
            && let Some(value) = handler(self, &text, arguments)
        {
            return value;
        }
        if let Some(method) = text.strip_prefix("pathlib.Path().")
            && let Some(path) = self.path_method(method, callee, made_by, arguments)
        {
            return path;
        }
        let folded = self
            .known_content(&text, made_by, arguments)
            .or_else(|| self.fold_made_object(&text, made_by, arguments))
            .or_else(|| if known.is_foldable { self.fold_external(&text, arguments) } else { None });
        match known.call {
            Some(entry) => {
                let receiver = made_by.is_some().then_some(callee);
                let event =
                    self.record_here(&text, entry, &arguments.positional, &arguments.keywords, receiver);
                self.run_callbacks_here(entry, arguments);
                self.remember_maker(event, &text, made_by, arguments);
                let result = self.folded_result(folded, event, entry, arguments, callee.origins);
                let result = match result.kind {
                    Kind::Unknown => self.external_result(name, Some(event), result.origins),
                    _ => result,
                };
                self.or_default(&text, result, arguments)
            }
            None => match folded {
                Some(value) => value,
                None => {
                    self.impure += 1;
                    let origins = self.call_origins(callee, arguments);
                    let origins = self.origins_of_digits(&text, arguments, origins);
                    self.external_result(name, made_by, origins)
                }
            },
        }
    }

    /// A variable of the environment is also what the program takes for it where nobody set it.
    fn or_default(&mut self, text: &str, variable: Value, arguments: &Arguments) -> Value {
        if !matches!(text, "os.getenv" | "os.environ.get" | "os.environ.setdefault" | "os.environ.pop") {
            return variable;
        }
        match arguments.positional.get(1) {
            Some(default) if matches!(&default.kind, Kind::Str(s) if !s.is_empty()) => {
                let default = default.clone();
                self.join_values(vec![default, variable])
            }
            _ => variable,
        }
    }

    fn external_result(&mut self, name: NameId, made_by: Option<EventId>, origins: OriginSet) -> Value {
        match self.extend_name(name, Step::Call) {
            Some(name) => Value::new(Kind::External { name, made_by }).with_origins(origins),
            None => Value::unknown().with_origins(origins),
        }
    }

    /// A method of something that a recorded call made, such as a cipher with its key: decryption folds.
    fn fold_made_object(
        &mut self,
        text: &str,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        let made_by = made_by.filter(|e| self.makers.contains_key(e))?;
        let makers = std::mem::take(&mut self.makers);
        let folded = self.with_fold(|cx| {
            fold::fold_made(cx, &makers, text, made_by, &arguments.positional, &arguments.keywords)
        });
        self.makers = makers;
        folded
    }

    fn remember_maker(
        &mut self,
        event: EventId,
        text: &str,
        receiver: Option<EventId>,
        arguments: &Arguments,
    ) {
        if self.makers.len() < 10_000 && !text.ends_with(".update") {
            let maker = fold::Maker {
                name: Rc::from(text),
                args: Rc::from(arguments.positional.as_slice()),
                keywords: Rc::from(arguments.keywords.as_slice()),
                receiver,
            };
            self.makers.insert(event, maker);
        }
    }

    fn fold_external(&mut self, text: &str, arguments: &Arguments) -> Option<Value> {
        // These take an iterator as it is: `zip(*[iter(s)] * 2)` reads one iterator twice.
        let keeps_iterators = matches!(text, "zip" | "enumerate") || text.starts_with("itertools.");
        let arguments = if keeps_iterators { Cow::Borrowed(arguments) } else { self.materialized(arguments) };
        let positional: Cow<'_, [Value]> = if text.contains("path.") {
            arguments.positional.iter().map(|a| self.as_text(a)).collect()
        } else {
            Cow::Borrowed(&arguments.positional)
        };
        if let Some(Kind::Choice(_)) = positional.first().map(|v| &v.kind) {
            let rest = positional.get(1..).unwrap_or(&[]).to_vec();
            let first = self.alternatives(positional.first()?);
            let values: Vec<Value> = first
                .into_iter()
                .filter_map(|one| {
                    let all: Vec<Value> = std::iter::once(one).chain(rest.iter().cloned()).collect();
                    self.with_fold(|cx| fold::fold_call(cx, text, &all, &arguments.keywords))
                })
                .collect();
            return (!values.is_empty()).then(|| self.join_values(values));
        }
        self.with_fold(|cx| fold::fold_call(cx, text, &positional, &arguments.keywords))
    }

    /// The result of a recorded call: the folded value or nothing known, with the origins the call gives it.
    fn folded_result(
        &mut self,
        folded: Option<Value>,
        event: EventId,
        entry: &CallEntry,
        arguments: &Arguments,
        receiver: OriginSet,
    ) -> Value {
        // What an encoder or decoder gives back still carries what went in; a download does not carry its URL.
        let passes_through = matches!(
            entry.class.family,
            venin_model::Family::Ce | venin_model::Family::Compile | venin_model::Family::Cx
        ) || entry.class.action == venin_model::Action::Any
            || is_read_of_memory(entry, arguments, &self.symbols)
            || self.reads_stream(entry, arguments);
        // Nobody reads the host name, the key or the file out of a digest or a signature.
        let is_digest = entry.class.action == venin_model::Action::Hash;
        let mut origins = if is_digest {
            OriginSet::EMPTY
        } else if passes_through {
            let nothing = Value::unknown().with_origins(receiver);
            self.call_origins(&nothing, &without_headers(entry, arguments, &self.symbols))
        } else if entry.result_origin().is_none() || entry.class.action == venin_model::Action::Read {
            // What is read from an open file has the origins of what it was opened over.
            receiver
        } else {
            OriginSet::EMPTY
        };
        if let Some(value) = &folded {
            origins = self.origins.union(origins, value.origins);
        }
        let kind = folded.map_or(Kind::Unknown, |v| v.kind);
        self.event_result(kind, event, entry, origins)
    }

    /// A value that is the result of an event.
    pub(super) fn event_result(
        &mut self,
        kind: Kind,
        event: EventId,
        entry: &CallEntry,
        origins: OriginSet,
    ) -> Value {
        let mut origins = self.origins.with_event(origins, event);
        if let Some(of) = entry.result_origin() {
            origins = self.origins.with_kind(origins, of);
            // A decoder that is given a path reads the file.
            if of == venin_model::OriginKind::Decoded && entry.args.first() == Some(&Role::Path) {
                origins = self.origins.with_kind(origins, venin_model::OriginKind::File);
            }
        }
        let kind = match kind {
            Kind::External { name, .. } => Kind::External { name, made_by: Some(event) },
            other => other,
        };
        Value::new(kind).with_origins(origins)
    }

    fn run_callbacks_here(&mut self, entry: &CallEntry, arguments: &Arguments) {
        if entry.invokes.is_empty() {
            return;
        }
        let Some(site) = self.site.clone() else { return };
        self.run_callbacks(&site.code, entry, &arguments.positional, &arguments.keywords);
    }

    /// Runs what a call is known to run: its callbacks, a `setup()`'s command classes.
    pub(super) fn run_callbacks(
        &mut self,
        _code: &Rc<Code>,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) {
        let given = self.callback_arguments(keywords);
        for what in entry.invokes {
            if *what == "setup-commands" {
                self.run_setup_commands(keywords);
                continue;
            }
            let role = Role::parse(what);
            let position: Option<usize> = what.parse().ok();
            let mut callbacks: Vec<(Value, Arguments)> = positional
                .iter()
                .enumerate()
                .filter(|(n, _)| {
                    position == Some(*n) || (role.is_some() && entry.args.get(*n).copied() == role)
                })
                .map(|(n, v)| (v.clone(), self.arguments_behind(entry, positional, n, &given)))
                .collect();
            for (name, value) in keywords {
                let keyword = self.symbols.as_str(*name);
                if keyword == *what || (role.is_some() && Some(entry.keyword_role(keyword)) == role) {
                    callbacks.push((value.clone(), given.clone()));
                }
            }
            for (callback, passed) in callbacks {
                for one in self.alternatives(&callback) {
                    if self.is_callable(&one)
                        || matches!(one.kind, Kind::External { .. } | Kind::Builtin(_) | Kind::Instance(_))
                    {
                        self.call(&one, passed.clone());
                    }
                    if let Kind::Class(class) = one.kind
                        && entry.class.family == venin_model::Family::Cr
                    {
                        // A server makes an object of the class for every request, and calls these.
                        self.run_methods(class, &["setup", "handle"]);
                    }
                }
            }
        }
    }

    /// What a callback is called with that stands at a position: the data behind it, which is a tuple of arguments in the
    /// signature of threads and timers, an iterable of them in that of `map`, and the arguments themselves elsewhere.
    fn arguments_behind(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        position: usize,
        given: &Arguments,
    ) -> Arguments {
        let rest = positional.get(position + 1..).unwrap_or(&[]);
        let is_data = |n: usize| entry.args.get(n).copied().unwrap_or(Role::Data) == Role::Data;
        if !given.positional.is_empty() || rest.is_empty() || !is_data(position + 1) {
            return given.clone();
        }
        let spread = |value: &Value| matches!(value.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Range(..));
        let positional = match rest {
            [tuple] if matches!(tuple.kind, Kind::Tuple(_)) => self.iterate(tuple, 100).unwrap_or_default(),
            _ if rest.iter().all(spread) => rest.iter().map(|v| self.any_element(v)).collect(),
            _ => rest.to_vec(),
        };
        Arguments { positional, keywords: given.keywords.clone() }
    }

    /// One of the elements of a sequence.
    fn any_element(&mut self, value: &Value) -> Value {
        let items = self.iterate(value, 1000).unwrap_or_default();
        self.join_values(items)
    }

    /// The arguments that `args=` and `kwargs=` of a thread or timer pass on.
    fn callback_arguments(&mut self, keywords: &[(Sym, Value)]) -> Arguments {
        let mut out = Arguments::default();
        for (name, value) in keywords {
            match self.symbols.as_str(*name) {
                "args" => out.positional = self.iterate(value, 100).unwrap_or_default(),
                "kwargs" => {
                    let value = value.clone();
                    self.spread_keywords(&value, &mut out);
                }
                _ => {}
            }
        }
        out
    }

    /// Runs the command classes that `setup(cmdclass={…})` registers.
    fn run_setup_commands(&mut self, keywords: &[(Sym, Value)]) {
        let commands: Vec<Value> = keywords
            .iter()
            .filter(|(name, _)| self.symbols.as_str(*name) == "cmdclass")
            .map(|(_, v)| v.clone())
            .collect();
        let classes = keywords.iter().filter(|(name, _)| self.symbols.as_str(*name) == "distclass");
        let classes: Vec<ObjId> =
            classes.filter_map(|(_, v)| if let Kind::Class(id) = v.kind { Some(id) } else { None }).collect();
        for class in classes {
            self.run_methods(class, &["parse_command_line", "run_commands"]);
        }
        for value in commands {
            for one in self.alternatives(&value) {
                let Kind::Dict(id) = one.kind else { continue };
                let classes: Vec<Value> = self.heap.dict_entries(id).map(|(_, v)| v.clone()).collect();
                for class in classes {
                    if let Kind::Class(class) = class.kind {
                        self.run_methods(class, &["initialize_options", "finalize_options", "run"]);
                    } else if self.is_callable(&class) {
                        self.call(&class, Arguments::default());
                    }
                }
            }
        }
    }

    /// Applies a decorator.
    pub(super) fn decorate(&mut self, code: &Rc<Code>, span: Span, decorator: &Value, value: Value) -> Value {
        let site = CallSite { code: Rc::clone(code), span };
        let result = self.at_site(site, |me| me.call_value(decorator, vec![value.clone()], Vec::new()));
        match result.kind {
            // A decorator from outside gives back something that still calls the function.
            Kind::Unknown | Kind::External { .. } | Kind::None => value,
            _ => result,
        }
    }
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

/// Whether a file is opened over data in memory: `GzipFile(fileobj=…)`.
fn is_read_of_memory(entry: &CallEntry, arguments: &Arguments, symbols: &Symbols) -> bool {
    let is_data = |name: Sym| entry.keyword_role(symbols.as_str(name)) == Role::Data;
    entry.class.action == venin_model::Action::Read && arguments.keywords.iter().any(|(k, _)| is_data(*k))
}

/// The arguments but for headers: a token in a header authorizes a request and is none of the data that it carries.
fn without_headers(entry: &CallEntry, arguments: &Arguments, symbols: &Symbols) -> Arguments {
    let is_header = |role: Role| role == Role::Header;
    let positional = arguments.positional.iter().enumerate();
    let kept = positional.filter(|(n, _)| !entry.args.get(*n).copied().is_some_and(is_header));
    let keywords =
        arguments.keywords.iter().filter(|(k, _)| !is_header(entry.keyword_role(symbols.as_str(*k))));
    Arguments { positional: kept.map(|(_, v)| v.clone()).collect(), keywords: keywords.cloned().collect() }
}
