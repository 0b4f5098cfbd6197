//! A call where it stands in the source: who is called, what is told of it, and what decorators make of a function.
//!
//! What the called value does is not decided here but in [`super::dispatch`].

use std::rc::Rc;

use venin_model::OriginKind;

use super::function::Arguments;
use super::methods::is_constant_receiver;
use super::{Interpreter, handed};
use crate::source::ir::{Arg, Code, Expr, ExprId, Passing, Span, StmtId};
use crate::value::{Kind, Sym, Value};

/// The place of a call in the source.
#[derive(Debug, Clone)]
pub(super) struct CallSite {
    pub(super) code: Rc<Code>,
    pub(super) span: Span,
}

/// Where the execution is.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The unit of the statement in course, and the statement.
    pub(super) statement: Option<(u32, StmtId)>,
    /// The call in course.
    pub(super) site: Option<CallSite>,
    /// The expression of a statement whose value nobody takes, until its evaluation begins.
    pub(super) discarded: Option<ExprId>,
    /// The unit and place of the last call whose value nobody takes.
    pub(super) unused: Option<(u32, Span)>,
}

/// What is called as an attribute of something: `object.name(…)`.
struct Member {
    /// The expression of the object.
    object: ExprId,
    name: Sym,
    /// Where the attribute stands.
    span: Span,
    /// How often the call goes by way of `__call__`: `object.name.__call__(…)`.
    n_hooks: usize,
}

/// The keyword under which arguments arrive whose names are not known.
const SPREAD: &str = "**";
/// What is run when an object is called.
const HOOK: &str = "__call__";
/// How often one call goes by way of the hook, at most.
const MOST_HOOKS: usize = 16;

impl Interpreter<'_> {
    /// What stands for an argument that may be among those whose names are not known.
    pub(super) fn spread_argument(&self, arguments: &[(Sym, Value)]) -> Option<Value> {
        let spread = self.symbols.find(SPREAD)?;
        let (_, value) = arguments.iter().find(|(name, _)| *name == spread)?;
        Some(Value::unknown().with_origins(value.origins))
    }

    pub(super) fn eval_call(&mut self, code: &Rc<Code>, id: ExprId, callee: ExprId, args: &[Arg]) -> Value {
        let span = code.span(id);
        let site = CallSite { code: Rc::clone(code), span };
        let is_discarded = self.place.discarded.take() == Some(id);
        let comes_of_it = if is_discarded { handed::TAKEN } else { handed::USED };
        if let Some(member) = self.member_called(code, callee) {
            return self.eval_call_of_member(code, site, &member, args, comes_of_it);
        }
        let callee = self.eval(code, callee);
        let arguments = self.eval_arguments(code, args);
        self.note_secrets(&site, comes_of_it, &callee, &arguments);
        let taken = self.method_taken(&callee);
        if let Some(taken) = &taken {
            self.note_buffers(code, args, &callee, &arguments);
            self.note_put_in(taken, &arguments);
        }
        let result = self.at_site(site, |me| me.call(&callee, arguments));
        if let Some(taken) = &taken {
            self.note_read_by(taken, &result);
        }
        result
    }

    /// What is called as an attribute, where `object.name.__call__(…)` is a call of `object.name`.
    fn member_called(&self, code: &Code, callee: ExprId) -> Option<Member> {
        let Expr::Attribute { value, name } = *code.expr(callee) else { return None };
        let mut member = Member { object: value, name, span: code.span(callee), n_hooks: 0 };
        while self.symbols.as_str(member.name) == HOOK
            && member.n_hooks < MOST_HOOKS
            && let Expr::Attribute { value, name } = *code.expr(member.object)
        {
            let (span, n_hooks) = (code.span(member.object), member.n_hooks + 1);
            member = Member { object: value, name, span, n_hooks };
        }
        // The hook of what stands under no attribute is taken from it as any other value is.
        (self.symbols.as_str(member.name) != HOOK).then_some(member)
    }

    fn eval_call_of_member(
        &mut self,
        code: &Rc<Code>,
        site: CallSite,
        member: &Member,
        args: &[Arg],
        comes_of_it: &str,
    ) -> Value {
        let (value, name) = (member.object, member.name);
        // Closing or draining an answer makes no use of it.
        if comes_of_it == handed::TAKEN
            && matches!(self.symbols.as_str(name), "close" | "read" | "release_conn")
        {
            self.place.unused = Some((self.unit_index(), code.span(value)));
        }
        let object = self.eval(code, value);
        let object = self.one_with(&object, name).unwrap_or(object);
        if is_constant_receiver(&object) && !self.symbols.as_str(name).starts_with("__") {
            let arguments = self.eval_arguments(code, args);
            self.note_unknown_byte(code, value, &object, name, &arguments);
            let found = self.at_site(site, |me| me.call_method(&object, name, &arguments));
            let is_entry = asks_for_entry(self.symbols.as_str(name));
            return if is_entry {
                self.one_variable(&object, arguments.positional.first(), found)
            } else {
                found
            };
        }
        let mut callee = self.load_attribute(code, member.span, &object, name);
        if member.n_hooks > 0 {
            let hook = self.symbols.intern(HOOK);
            for _ in 0..member.n_hooks {
                callee = self.get_attribute(&callee, hook);
            }
        }
        let arguments = self.eval_arguments(code, args);
        if asks_for_entry(self.symbols.as_str(name))
            && let Some(secret) = self.secret_asked_for(&object, &arguments.positional)
        {
            return secret;
        }
        if let Kind::External { name, .. } = callee.kind {
            self.run_of_receiver(&object, name, &arguments);
        }
        self.note_filled(code, value, &object, name, &arguments);
        self.note_buffers(code, args, &object, &arguments);
        self.note_secrets(&site, comes_of_it, &callee, &arguments);
        let key = asks_for_entry(self.symbols.as_str(name)).then(|| arguments.positional.first().cloned());
        let opens_path = self.symbols.as_str(name) == "open"
            && arguments.positional.first().is_some_and(|path| !self.is_buffer(path));
        let mut result = self.at_site(site, |me| me.call(&callee, arguments));
        if let Some(key) = key {
            result = self.one_variable(&object, key.as_ref(), result);
        }
        // A path that was decoded says nothing of what stands in the file.  What is opened by a call that is known has origins of
        // its own.
        let is_unknown = matches!(result.kind, Kind::Unknown | Kind::External { made_by: None, .. });
        if opens_path && is_unknown {
            result.origins = self.origins.without_kind(result.origins, OriginKind::Decoded);
        }
        self.note_read_in(code, value, &object, name, &result);
        result
    }

    /// Remembers that nobody takes what the call gives, and records what secrets it is handed.
    fn note_secrets(&mut self, site: &CallSite, comes_of_it: &str, callee: &Value, arguments: &Arguments) {
        if comes_of_it == handed::TAKEN {
            self.place.unused = Some((self.unit_index(), site.span));
        }
        if handed::is_given_secret(arguments) {
            self.at_site(site.clone(), |me| me.note_secret_handed(callee, arguments, comes_of_it));
        }
    }

    /// Runs something with a call site in force, and restores the one before.
    pub(super) fn at_site<T>(&mut self, site: CallSite, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.place.site.replace(site);
        let result = run(self);
        self.place.site = before;
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
            // What a caller passes is most often nothing; an answer is never.
            let is_told = self.origins.kinds(value.origins).contains(OriginKind::Network);
            if matches!(value.kind, Kind::External { .. }) || matches!(value.kind, Kind::Unknown) && is_told {
                // What is spread is not known by name, yet it arrives.
                let name = self.symbols.intern(SPREAD);
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

    /// Applies a decorator.
    pub(super) fn decorate(&mut self, code: &Rc<Code>, span: Span, decorator: &Value, value: Value) -> Value {
        let site = CallSite { code: Rc::clone(code), span };
        let result = self.at_site(site, |me| me.call_value(decorator, vec![value.clone()], Vec::new()));
        match result.kind {
            // A decorator from outside gives back something that still calls the function.  What an inner decorator made
            // of the function may be a text or an answer: that the next one takes and turns into something else.
            Kind::Unknown | Kind::External { .. } | Kind::None if !is_made_by_decorator(&value) => value,
            _ => {
                self.note_wrapped(&value, &result);
                result
            }
        }
    }
}

/// Whether a decorated value is no longer the function or class itself.
const fn is_made_by_decorator(value: &Value) -> bool {
    is_constant_receiver(value) || matches!(value.kind, Kind::Unknown | Kind::External { .. })
}

/// Whether a method of a mapping gives the entry of a key.
fn asks_for_entry(method: &str) -> bool {
    matches!(method, "get" | "pop")
}
