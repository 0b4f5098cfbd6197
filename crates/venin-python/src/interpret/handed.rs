//! Secrets that are handed to a function of another project for nothing in return.
//!
//! The catalogue lists no such function, and never will: it is the argument and the unused result that tell.

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue;
use crate::value::{Kind, Part, Value};

impl Interpreter<'_> {
    /// Records a call of another project's function that is given a secret for nothing in return.
    pub(super) fn note_secret_taken(&mut self, callee: &Value, arguments: &Arguments) {
        let Kind::External { name, .. } = callee.kind else { return };
        let text = self.names.text(name);
        if !text.contains('.') || text.contains("()") || catalogue::find_call(&text).is_some() {
            return;
        }
        let values = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v));
        if values.into_iter().any(is_secret_argument)
            && let Some(entry) = catalogue::find_call("?.secret-taken")
        {
            self.record_here(&text, entry, &arguments.positional, &arguments.keywords, None);
        }
    }
}

/// Whether a value is nothing but a parameter that is named for a secret.
fn is_secret_argument(value: &Value) -> bool {
    let Kind::Partial(text) = &value.kind else { return false };
    matches!(text.parts.as_slice(), [Part::Hole(name)] if name.starts_with("argument["))
}
