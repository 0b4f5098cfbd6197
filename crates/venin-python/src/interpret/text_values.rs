//! Values as they stand in texts: what is not known of them becomes a named hole.

use std::rc::Rc;

use super::Interpreter;
use crate::fold;
use crate::source::ir::{Code, Piece};
use crate::value::{Kind, OriginSet, Part, PartialText, Value};

impl Interpreter<'_> {
    /// A value as it stands in a text: an external name or an unknown becomes a named hole.
    pub(super) fn as_text(&mut self, value: &Value) -> Value {
        if let Some(path) = self.text_of_path(value) {
            return path;
        }
        match &value.kind {
            Kind::External { .. } | Kind::Unknown => {
                let name = self.hole_name(value);
                let text = PartialText { parts: vec![Part::Hole(name)], is_bytes: false };
                Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins)
            }
            Kind::Tuple(id) => {
                let items: Vec<Value> = self.heap.elements(*id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. })) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.heap.tuple(items).with_origins(value.origins)
            }
            // `get("A") or get("B")`: each of the two keeps the key that it was asked for.
            Kind::Choice(id) => {
                let items: Vec<Value> = self.heap.elements(*id).to_vec();
                if items.iter().all(|v| !matches!(v.kind, Kind::External { .. })) {
                    return value.clone();
                }
                let items = items.iter().map(|v| self.as_text(v)).collect();
                self.join_values(items).with_origins(value.origins)
            }
            _ => value.clone(),
        }
    }

    pub(super) fn eval_joined(&mut self, code: &Rc<Code>, pieces: &[Piece]) -> Value {
        let mut values = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    values.push(Value::str(Rc::clone(text)).with_origins(OriginSet::LITERAL));
                }
                Piece::Value { value, conversion, spec } => {
                    let value = self.eval(code, *value);
                    let spec = spec.map(|s| self.eval(code, s));
                    let spec = spec.as_ref().and_then(Value::as_str).unwrap_or("").to_owned();
                    if let Some(text) = self.format_of_instance(&value, *conversion, &spec) {
                        let folded = self.with_fold(|cx| fold::fold_format(cx, &text, None, ""));
                        values.push(folded.unwrap_or_else(|| self.as_hole(&text)));
                        continue;
                    }
                    let value = match value.kind {
                        Kind::Choice(id) => self.heap.elements(id).first().cloned().unwrap_or(value),
                        _ => value,
                    };
                    let folded = self.with_fold(|cx| fold::fold_format(cx, &value, *conversion, &spec));
                    let text = folded.unwrap_or_else(|| self.as_hole(&value));
                    values.push(text);
                }
            }
        }
        self.with_fold(|cx| fold::join_text(cx, &values))
    }

    /// A value as one named hole.
    fn as_hole(&mut self, value: &Value) -> Value {
        let name = self.hole_name(value);
        let text = PartialText { parts: vec![Part::Hole(name)], is_bytes: false };
        Value::new(Kind::Partial(Rc::new(text))).with_origins(value.origins)
    }
}
