//! Contexts: `with`, and what the contexts of the library give of what they are made with.

use std::rc::Rc;

use super::function::Arguments;
use super::{Flow, Interpreter};
use crate::source::ir::{Code, With};
use crate::value::{Kind, Object, Value};

/// `contextlib.nullcontext(value)`, `contextlib.closing(value)`: like a generator that yields the value and manages a context.
pub(super) fn holding(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let given = me.argument(arguments, 0, "enter_result").or_else(|| me.argument(arguments, 0, "thing"));
    let given = given.unwrap_or_else(Value::none);
    let origins = given.origins;
    let context = me.heap.insert(Object::Iter(vec![given], 0));
    Some(Value::new(Kind::Iter(context)).with_origins(origins))
}

/// `contextlib.ExitStack().enter_context(context)`.  Nobody looks at when the stack is left, so that this is done at once.
pub(super) fn enter(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let context = me.argument(arguments, 0, "cm")?;
    let entered = me.entered(&context);
    me.leave(&context);
    Some(entered)
}

impl Interpreter<'_> {
    pub(super) fn exec_with(&mut self, code: &Rc<Code>, managed: &With) -> Flow {
        let With { items, body } = managed;
        let mut open = Vec::new();
        for (context, target) in items {
            let context = self.eval(code, *context);
            let entered = self.entered(&context);
            if let Some(target) = target {
                self.assign(code, *target, entered);
            }
            open.push(context);
        }
        let flow = self.exec_block(code, body);
        for context in open.iter().rev() {
            self.leave(context);
        }
        flow
    }

    /// What a context gives to its block.
    fn entered(&mut self, context: &Value) -> Value {
        self.call_protocol(context, "__enter__", Vec::new())
            .or_else(|| self.call_protocol(context, "__aenter__", Vec::new()))
            .or_else(|| self.first_yield(context))
            .unwrap_or_else(|| context.clone())
    }

    fn leave(&mut self, context: &Value) {
        let nothing = || vec![Value::none(), Value::none(), Value::none()];
        if self.call_protocol(context, "__exit__", nothing()).is_none() {
            self.call_protocol(context, "__aexit__", nothing());
        }
    }

    /// What a generator that manages a context gives to the block.
    fn first_yield(&self, context: &Value) -> Option<Value> {
        let Kind::Iter(id) = context.kind else { return None };
        match self.heap.get(id) {
            Some(Object::Iter(items, at)) => items.get(*at).cloned(),
            _ => None,
        }
    }
}
