//! Examples in documentation that a call runs: `doctest.testmod()`.

use std::rc::Rc;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, Object, OriginSet, Sym, Value};

/// Most functions and classes of a module whose documentation is read.
const MAX_DOCUMENTED: usize = 64;

/// `doctest.testmod()`: the examples of the functions of the module in course are run.
pub(super) fn test_module(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    for documented in me.documented() {
        let name = me.symbols.intern("__doc__");
        let text = me.get_attribute(&documented, name);
        if let Some(examples) = text.as_str().and_then(parse_examples) {
            me.run_layer(&examples, OriginSet::LITERAL, None);
        }
    }
    None
}

/// `inspect.getdoc(object)`.
pub(super) fn documentation(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let name = me.symbols.intern("__doc__");
    let text = me.get_attribute(arguments.positional.first()?, name);
    text.as_str().is_some().then_some(text)
}

/// `doctest.run_docstring_examples(object, globals)`, of an object with documentation or of a text.
pub(super) fn run_examples(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let object = me.argument(arguments, 0, "f")?;
    me.record_special(name, arguments);
    let documentation = me.symbols.intern("__doc__");
    let text = if object.as_str().is_some() { object } else { me.get_attribute(&object, documentation) };
    if let Some(examples) = text.as_str().and_then(parse_examples) {
        me.run_layer(&examples, text.origins, None);
    }
    Some(Value::none())
}

impl Interpreter<'_> {
    /// The functions of the module in course, its classes and their methods.
    fn documented(&self) -> Vec<Value> {
        let Some(globals) = self.frame().map(|f| f.globals) else { return Vec::new() };
        let Some(Object::Scope { names, .. }) = self.heap.get(globals) else { return Vec::new() };
        let mut held: Vec<(Sym, &Value)> = names.iter().map(|(name, value)| (*name, value)).collect();
        held.sort_unstable_by_key(|(name, _)| *name);
        let functions = held.into_iter().flat_map(|(_, value)| match value.kind {
            Kind::Function(_) => vec![value.clone()],
            Kind::Class(id) => {
                let methods = self.methods_of(id).into_iter().map(|m| Value::new(Kind::Function(m)));
                std::iter::once(value.clone()).chain(methods).collect()
            }
            _ => Vec::new(),
        });
        functions.take(MAX_DOCUMENTED).collect()
    }
}

/// The code of the examples in a text: what stands behind `>>>` and `...`.
fn parse_examples(text: &str) -> Option<Rc<str>> {
    let mut code = String::new();
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix(">>>").or_else(|| line.strip_prefix("...")) {
            code.push_str(rest.strip_prefix(' ').unwrap_or(rest));
            code.push('\n');
        }
    }
    (!code.is_empty()).then(|| Rc::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_what_stands_behind_the_prompts() {
        let text =
            "Adds.\n\n    >>> for i in range(2):\n    ...     print(i)\n    0\n    1\n    >>> 1\n    1\n";
        assert_eq!(parse_examples(text).as_deref(), Some("for i in range(2):\n    print(i)\n1\n"));
        assert_eq!(parse_examples("Adds."), None);
    }
}
