//! What is taken out of the environment of the process: one variable, those that a list allows, the names, or all of it.
//!
//! A value that holds all variables comes from the event that asked for them.  One of them, asked for by a constant name, comes
//! from the environment and no more.

use std::rc::Rc;

use venin_model::{OriginKind, OriginKinds};

use super::Interpreter;
use super::secrets::is_secret_name;
use crate::source::ir::{BoolOp, Clause, Code, CompareOp, Expr, ExprId};
use crate::value::{Kind, OriginSet, Sym, Value};

/// Calls and names that give all variables.
const WHOLE: [&str; 5] =
    ["os.environ", "os.environ.copy", "os.environ.items", "os.environ.keys", "os.environ.values"];
/// Shortest beginning of names that tells some variables from the others.
const SHORTEST: usize = 3;

impl Interpreter<'_> {
    /// What a mapping gave for a key: of a copy of the environment, one variable.
    pub(super) fn one_variable(&mut self, mapping: &Value, key: Option<&Value>, found: Value) -> Value {
        let is_copy = matches!(mapping.kind, Kind::External { .. } | Kind::Unknown | Kind::Dict(_));
        let is_one = key.is_some_and(|key| key.as_str().is_some())
            && matches!(found.kind, Kind::External { .. } | Kind::Unknown);
        if is_copy && is_one && self.is_of_environment(found.origins) {
            self.without_environment(found)
        } else {
            found
        }
    }

    /// What a loop over the names of all variables gives each time.
    pub(super) fn one_name(&mut self, container: &Value, found: Value) -> Value {
        let Kind::External { name, .. } = container.kind else { return found };
        let is_names = matches!(&*self.names.text(name), "os.environ" | "os.environ.keys()");
        if is_names { self.without_environment(found) } else { found }
    }

    /// What a clause of a comprehension gives each time, if it lets only variables of certain names pass.
    pub(super) fn allowed_variable(&mut self, code: &Rc<Code>, clause: &Clause, found: Value) -> Value {
        if clause.ifs.is_empty() || !self.is_of_environment(found.origins) {
            return found;
        }
        let Some(name) = key_of_target(code, clause.target) else { return found };
        let is_allowed = clause.ifs.iter().any(|test| self.allows(code, *test, name));
        if is_allowed { self.without_environment(found) } else { found }
    }

    /// Whether a test lets a name pass only if it is one of a list, or begins as none of a secret does.
    fn allows(&mut self, code: &Rc<Code>, test: ExprId, name: Sym) -> bool {
        let (given, shortest) = match code.expr(test) {
            Expr::BoolOp { op: BoolOp::And, values } => {
                let values = values.clone();
                return values.iter().any(|value| self.allows(code, *value, name));
            }
            Expr::Compare { left, rest } => match rest.as_ref() {
                [(CompareOp::In | CompareOp::Eq, given)] if is_name(code, *left, name) => (*given, 1),
                _ => return false,
            },
            Expr::Call { callee, args } => match (code.expr(*callee), args.as_ref()) {
                (Expr::Attribute { value, name: method }, [only])
                    if is_name(code, *value, name) && self.symbols.as_str(*method) == "startswith" =>
                {
                    (only.value, SHORTEST)
                }
                _ => return false,
            },
            _ => return false,
        };
        let given = self.eval(code, given);
        let texts = match given.kind {
            Kind::Str(_) => vec![given],
            _ => self.iterate(&given, 64).unwrap_or_default(),
        };
        let is_harmless =
            |text: &str| text.len() >= shortest && !is_secret_name(text) && !text.starts_with("AWS");
        !texts.is_empty() && texts.iter().all(|text| text.as_str().is_some_and(is_harmless))
    }

    fn is_of_environment(&self, origins: OriginSet) -> bool {
        let kinds = self.origins.kinds(origins);
        let other = kinds.without(OriginKind::Env).without(OriginKind::Literal);
        kinds.contains(OriginKind::Env) && other == OriginKinds::default()
    }

    fn without_environment(&mut self, value: Value) -> Value {
        let events = &self.log.events;
        let origins = self.origins.without_events(value.origins, |id| {
            events.get(id.0 as usize).is_some_and(|event| WHOLE.contains(&&*event.name))
        });
        value.with_origins(origins)
    }
}

fn is_name(code: &Code, expr: ExprId, name: Sym) -> bool {
    matches!(code.expr(expr), Expr::Name(found) if *found == name)
}

/// The name that holds the key each time: the target itself, or the first of a pair.
fn key_of_target(code: &Code, target: ExprId) -> Option<Sym> {
    match code.expr(target) {
        Expr::Name(name) => Some(*name),
        Expr::Tuple(parts) => match code.expr(*parts.first()?) {
            Expr::Name(name) => Some(*name),
            _ => None,
        },
        _ => None,
    }
}
