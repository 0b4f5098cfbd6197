//! Objects of the artifact as text: `str`, `repr`, formats.

use super::Interpreter;
use crate::value::{Kind, Value};

impl Interpreter<'_> {
    /// An instance as text, by its own methods.
    pub(super) fn text_of_instance(&mut self, value: &Value) -> Option<Value> {
        self.answer_of(value, &["__str__", "__repr__"], &[])
    }

    /// An instance as a format writes it.
    pub(super) fn format_of_instance(
        &mut self,
        value: &Value,
        conversion: Option<char>,
        spec: &str,
    ) -> Option<Value> {
        let Kind::Instance(_) = value.kind else { return None };
        match conversion {
            Some('r' | 'a') => self.answer_of(value, &["__repr__"], &[]),
            Some(_) => self.text_of_instance(value).or_else(|| self.text_of_exception(value)),
            None => {
                let formatted = self.call_protocol(value, "__format__", vec![Value::str(spec)]);
                formatted.or_else(|| self.text_of_instance(value)).or_else(|| self.text_of_exception(value))
            }
        }
    }

    /// What stands on the right of `%`: instances as text, by what the format asks for; a mapping is asked for its items.
    pub(super) fn percent_operand(&mut self, format: &Value, value: &Value) -> Value {
        match value.kind {
            Kind::Instance(_) => {
                let is_format = |mark: &str| format.as_str().is_some_and(|text| text.contains(mark));
                if is_format("%(") {
                    self.answer_of(value, &["__getitem__", "__missing__"], &[Value::unknown()]);
                    return value.clone();
                }
                let repr = if is_format("%r") { self.answer_of(value, &["__repr__"], &[]) } else { None };
                let number = if is_format("%d") || is_format("%x") {
                    self.answer_of(value, &["__int__", "__index__"], &[])
                } else {
                    None
                };
                repr.or(number).or_else(|| self.text_of_instance(value)).unwrap_or_else(|| value.clone())
            }
            Kind::Tuple(id) => {
                let items = self.heap.elements(id);
                if !items.iter().any(|v| matches!(v.kind, Kind::Instance(_))) {
                    return value.clone();
                }
                let items = items.to_vec();
                let items = items.iter().map(|item| self.percent_operand(format, item)).collect();
                self.heap.tuple(items).with_origins(value.origins)
            }
            _ => value.clone(),
        }
    }
}
