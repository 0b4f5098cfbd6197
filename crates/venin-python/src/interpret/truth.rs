//! Truth: what a test asks of a value.
//!
//! An object of the artifact is asked by its own methods, for what they do; what they answer decides nothing here, because
//! the state of an object is seldom known to the last attribute.

use super::Interpreter;
use crate::fold;
use crate::value::{Kind, Value};

impl Interpreter<'_> {
    /// Whether a value is true, if that is known.
    pub(super) fn truth_of(&mut self, value: &Value) -> Option<bool> {
        match value.kind {
            Kind::Instance(_) => {
                self.ask_truth(value);
                None
            }
            Kind::Class(_) => {
                self.ask_truth(value);
                Some(true)
            }
            Kind::Tuple(_) | Kind::Dict(_) if self.is_open_and_empty(value) => None,
            _ => self.with_fold(|cx| fold::fold_truth(cx, value)),
        }
    }

    /// Runs `__bool__` of an object, or else `__len__`.
    pub(super) fn ask_truth(&mut self, value: &Value) {
        if self.call_protocol(value, "__bool__", Vec::new()).is_none()
            && self.call_protocol(value, "__nonzero__", Vec::new()).is_none()
        {
            self.call_protocol(value, "__len__", Vec::new());
        }
    }
}
