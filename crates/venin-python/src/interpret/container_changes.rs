//! Methods that change the container they are called on, where folding does not do it.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Value};

/// A function that changes the list it is given, `heapq.heappush(heap, item)`, which folding does.
pub(super) fn note_change(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    me.counts.changes += 1;
    let (list, rest) = arguments.positional.split_first()?;
    me.note_elements(list, rest);
    None
}

impl Interpreter<'_> {
    /// `list.sort(key=…)`, whose key may be a function of the artifact.
    pub(super) fn sort_in_place(&mut self, receiver: &Value, list: ObjId, mut arguments: Arguments) -> Value {
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
    pub(super) fn mutate_unknown(
        &mut self,
        receiver: &Value,
        method: &str,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (Kind::List(id) | Kind::Set(id)) = receiver.kind else {
            return self.update_dictionary(receiver, method, arguments);
        };
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

    /// `found.update(os.environ)`: one more entry, whose key is not known, that comes from there.
    fn update_dictionary(&mut self, receiver: &Value, method: &str, arguments: &Arguments) -> Option<Value> {
        let (Kind::Dict(dict), "update", [given]) = (&receiver.kind, method, arguments.positional.as_slice())
        else {
            return None;
        };
        if !matches!(given.kind, Kind::External { .. } | Kind::Unknown)
            || self.origins.is_plain(given.origins)
            || !self.heap.spend(32)
        {
            return None;
        }
        let entry = Value::unknown().with_origins(given.origins);
        self.heap.dict_set(*dict, Value::unknown(), entry);
        Some(Value::none())
    }
}

/// Whether a method of a container changes it.
pub(super) fn changes_receiver(method: &str) -> bool {
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
