//! Futures that the program itself fills: `future.set_result(value)`, and whoever asks for the result or is called with it.
//!
//! A future stands as a callable that nobody calls, which holds a list of results and one of callbacks.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Object, Partial, Sym, Value};

/// The callee of what stands for a future.
const FUTURE: &str = "<future>";
/// Most results and callbacks that one future keeps.
const MOST_KEPT: usize = 16;

/// `concurrent.futures.Future()`, `loop.create_future()`.
pub(super) fn make(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let callee = me.external(FUTURE);
    let positional = vec![me.heap.list(Vec::new()), me.heap.list(Vec::new())];
    let future = Partial { callee, positional, keywords: Vec::new() };
    Some(Value::new(Kind::Builtin(me.heap.insert(Object::Partial(Box::new(future))))))
}

impl Interpreter<'_> {
    /// The lists of results and of callbacks of a future.
    fn lists_of_future(&self, value: &Value) -> Option<(ObjId, ObjId)> {
        match self.held_as(value, FUTURE)?.positional.as_slice() {
            [Value { kind: Kind::List(results), .. }, Value { kind: Kind::List(callbacks), .. }] => {
                Some((*results, *callbacks))
            }
            _ => None,
        }
    }

    /// The result of such a future, if it has one.
    pub(super) fn result_of_future(&mut self, value: &Value) -> Option<Value> {
        let (results, _) = self.lists_of_future(value)?;
        let results = self.heap.elements(results).to_vec();
        Some(if results.is_empty() { Value::unknown() } else { self.join_values(results) })
    }

    /// A method of such a future.
    pub(super) fn call_of_future(
        &mut self,
        future: &Value,
        method: Sym,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (results, callbacks) = self.lists_of_future(future)?;
        let method = self.symbols.text(method);
        match &*method {
            "result" | "get" | "__await__" => self.result_of_future(future),
            "set_result" => {
                let result = self.argument(arguments, 0, "result")?;
                self.keep_in(results, result);
                self.run_waiting_for(future, callbacks);
                Some(Value::none())
            }
            "set_exception" | "cancel" => {
                self.run_waiting_for(future, callbacks);
                Some(Value::none())
            }
            "add_done_callback" => {
                let callback = self.argument(arguments, 0, "fn")?;
                if self.heap.elements(results).is_empty() {
                    let passed = Arguments { positional: vec![future.clone()], keywords: Vec::new() };
                    self.remember_late(&callback, &passed);
                    self.keep_in(callbacks, callback);
                } else {
                    self.call_value(&callback, vec![future.clone()], Vec::new());
                }
                Some(Value::none())
            }
            _ => Some(Value::unknown()),
        }
    }

    fn keep_in(&mut self, list: ObjId, value: Value) {
        self.counts.changes += 1;
        if let Some(held) = self.heap.elements_mut(list)
            && held.len() < MOST_KEPT
        {
            held.push(value);
        }
    }

    /// Calls who waits for a future, each once.
    fn run_waiting_for(&mut self, future: &Value, callbacks: ObjId) {
        let waiting = self.heap.elements_mut(callbacks).map(std::mem::take).unwrap_or_default();
        for callback in waiting {
            self.call_value(&callback, vec![future.clone()], Vec::new());
        }
    }
}
