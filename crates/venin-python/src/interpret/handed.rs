//! Secrets that are handed to a function of another project: for nothing in return, or for what it makes of them.
//!
//! The catalogue lists no such function, and never will: it is the argument that tells, and whether anybody takes the result.

use super::Interpreter;
use super::function::Arguments;
use super::secrets::is_login;
use crate::catalogue;
use crate::value::{Kind, Part, Value};

/// The entry of a call that is given a secret and whose result nobody takes.
pub(super) const TAKEN: &str = "?.secret-taken";
/// The entry of a call that makes something of a secret.
pub(super) const USED: &str = "?.secret-used";

impl Interpreter<'_> {
    /// Records a call of another project's function that is given a secret, under an entry that says what comes of it:
    /// nothing that anybody takes (`?.secret-taken`), or something (`?.secret-used`).
    pub(super) fn note_secret_handed(&mut self, callee: &Value, arguments: &Arguments, entry: &str) {
        let Kind::External { name, .. } = callee.kind else { return };
        let text = self.names.text(name);
        if !text.contains('.') || catalogue::find_call(&text).is_some() {
            return;
        }
        // What a method makes of a secret may stay in its object: a log-in gives nothing back.
        let entry = if text.contains("()") { USED } else { entry };
        if let Some(entry) = catalogue::find_call(entry) {
            self.record_here(&text, entry, &arguments.positional, &arguments.keywords, None);
        }
    }
}

/// Whether one of the arguments is nothing but a secret of the caller.
pub(super) fn is_given_secret(arguments: &Arguments) -> bool {
    let values = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v));
    values.into_iter().any(is_secret_argument)
}

/// Whether a value is nothing but a parameter that is named for a secret.
fn is_secret_argument(value: &Value) -> bool {
    let Kind::Partial(text) = &value.kind else { return false };
    matches!(text.parts.as_slice(), [Part::Hole(name)] if name.starts_with("argument[")) && !is_login(value)
}
