//! Operations on a value that is one of several, of which a single one can take the operation.
//!
//! `found = None`, then `found = {}` in a branch: where an item is assigned behind it, the name can only hold the dictionary,
//! since the other would have raised.

use super::Interpreter;
use super::container_changes::changes_receiver;
use crate::source::ir::BinaryOp;
use crate::value::{Kind, ObjId, Object, OriginSet, Sym, Value};

/// What numbers have by name.
const OF_NUMBERS: [&str; 12] = [
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "fromhex",
    "hex",
    "imag",
    "is_integer",
    "numerator",
    "real",
];
/// Methods of mappings, which neither texts nor tuples have.
const OF_MAPPINGS: [&str; 4] = ["get", "items", "keys", "values"];

impl Interpreter<'_> {
    /// The single alternative of a value that has an attribute; `None` of what is no choice, and where others may have it.
    pub(super) fn one_with(&self, value: &Value, name: Sym) -> Option<Value> {
        let Kind::Choice(id) = value.kind else { return None };
        let name = self.symbols.as_str(name);
        self.one_that(id, value.origins, |one| may_have(one, name))
    }

    /// The single alternative of a choice that takes the assignment of an item.
    pub(super) fn one_with_items(&self, value: &Value) -> Option<Value> {
        let Kind::Choice(id) = value.kind else { return None };
        self.one_that(id, value.origins, |one| {
            matches!(
                one.kind,
                Kind::Dict(_)
                    | Kind::List(_)
                    | Kind::ByteArray(_)
                    | Kind::Instance(_)
                    | Kind::Class(_)
                    | Kind::Module(_)
                    | Kind::External { .. }
            )
        })
    }

    /// The single alternative of a choice that takes the assignment of an attribute.
    pub(super) fn one_with_attributes(&self, value: &Value) -> Option<Value> {
        let Kind::Choice(id) = value.kind else { return None };
        self.one_that(id, value.origins, |one| {
            matches!(
                one.kind,
                Kind::Instance(_)
                    | Kind::Class(_)
                    | Kind::Module(_)
                    | Kind::Function(_)
                    | Kind::External { .. }
            )
        })
    }

    /// The single alternative of the left operand that can be combined with a text on its right.
    pub(super) fn one_in_operation(&self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        let Kind::Choice(id) = left.kind else { return None };
        // A number times a text is a text.
        if op == BinaryOp::Mult || !matches!(right.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_)) {
            return None;
        }
        self.one_that(id, left.origins, |one| !is_plain(one))
    }

    fn one_that(&self, choice: ObjId, origins: OriginSet, takes: impl Fn(&Value) -> bool) -> Option<Value> {
        let mut takers = self.heap.elements(choice).iter().filter(|one| takes(one));
        let one = takers.next()?;
        if takers.next().is_some() {
            return None;
        }
        // What has an origin of its own keeps it alone: the others were constants.
        let origins = if one.origins == OriginSet::EMPTY { origins } else { one.origins };
        Some(one.clone().with_origins(origins))
    }

    /// A choice whose single object from outside was filled; `None` if there are more of them, or nothing is new.
    pub(super) fn filled_among(
        &mut self,
        choice: ObjId,
        before: OriginSet,
        origins: OriginSet,
    ) -> Option<Value> {
        let held = self.heap.elements(choice);
        let is_outside = |one: &&Value| matches!(one.kind, Kind::External { .. });
        if held.iter().filter(is_outside).count() != 1 {
            return None;
        }
        let mut held = held.to_vec();
        let object = held.iter_mut().find(|one| is_outside(&&**one))?;
        *object = self.filled(object, origins)?;
        let all = self.origins.union(before, origins);
        Some(Value::new(Kind::Choice(self.heap.insert(Object::List(held)))).with_origins(all))
    }
}

/// Whether a value is a constant that holds nothing and has no methods but those of numbers.
const fn is_plain(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::None | Kind::Ellipsis | Kind::Bool(_) | Kind::Int(_) | Kind::Big(_) | Kind::Float(_)
    )
}

/// Whether a value may have an attribute.
fn may_have(value: &Value, name: &str) -> bool {
    match value.kind {
        _ if name.starts_with("__") => true,
        Kind::None | Kind::Ellipsis => false,
        Kind::Bool(_) | Kind::Int(_) | Kind::Big(_) | Kind::Float(_) => {
            OF_NUMBERS.contains(&name) || name == "to_bytes"
        }
        Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_) | Kind::Tuple(_) => {
            !changes_receiver(name) && !OF_MAPPINGS.contains(&name)
        }
        _ => true,
    }
}
