//! `string.Template`: texts whose names stand behind a `$`.

use super::Interpreter;
use super::function::Arguments;
use crate::fold;
use crate::value::{Kind, Object, Partial, Value};

/// Most names of one template that are replaced.
const MOST_NAMES: usize = 500;

/// `string.Template(text)` of a known text: kept as a call that waits for the values.
pub(super) fn template(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let [text] = arguments.positional.as_slice() else { return None };
    text.as_str()?;
    let callee = me.external(name);
    let made = Partial { callee, positional: vec![text.clone()], keywords: Vec::new() };
    let made = me.heap.insert(Object::Partial(Box::new(made)));
    Some(Value::new(Kind::Builtin(made)).with_origins(text.origins))
}

/// A piece of a template: a known text, or a name that a value stands for.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Name { name: &'t str, spelling: &'t str },
}

impl Interpreter<'_> {
    /// `Template(text).substitute(mapping, name=value)`, called on what [`template`] made.
    pub(super) fn substitute(
        &mut self,
        receiver: &Value,
        method: &str,
        arguments: &Arguments,
    ) -> Option<Value> {
        if !matches!(method, "substitute" | "safe_substitute") {
            return None;
        }
        let Kind::Builtin(id) = receiver.kind else { return None };
        let Some(Object::Partial(made)) = self.heap.get(id) else { return None };
        let Kind::External { name, .. } = made.callee.kind else { return None };
        if &*self.names.text(name) != "string.Template" {
            return None;
        }
        let text = made.positional.first()?.clone();
        let is_safe = method == "safe_substitute";
        Some(match self.filled_template(&text, is_safe.then_some(()), arguments) {
            Some(value) => value,
            None => {
                let callee = self.external(&format!("string.Template().{method}")).with_origins(text.origins);
                self.call(&callee, arguments.clone())
            }
        })
    }

    /// The text with its values; a name without one stands as it is spelt where that is `allowed`.
    fn filled_template(&mut self, text: &Value, allowed: Option<()>, arguments: &Arguments) -> Option<Value> {
        let mut given = arguments.clone();
        if let Some(mapping) = arguments.positional.first() {
            let Kind::Dict(_) = mapping.kind else { return None };
            self.spread_keywords(mapping, &mut given);
        }
        let mut parts = Vec::new();
        for piece in pieces_of(text.as_str()?)? {
            let part = match piece {
                Piece::Text(known) => Value::str(known),
                Piece::Name { name, spelling } => {
                    let mut named =
                        given.keywords.iter().filter(|(key, _)| self.symbols.as_str(*key) == name);
                    match named.next().map(|(_, value)| value.clone()) {
                        Some(value) => match value.as_int() {
                            Some(number) => Value::str(number.to_string()).with_origins(value.origins),
                            None => self.as_text(&value),
                        },
                        None => {
                            allowed?;
                            Value::str(spelling)
                        }
                    }
                }
            };
            let origins = self.origins.union(part.origins, text.origins);
            parts.push(part.with_origins(origins));
        }
        Some(self.with_fold(|cx| fold::join_text(cx, &parts)))
    }
}

/// The pieces of a template; `None` for what `substitute` answers with an exception, and for too many.
fn pieces_of(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        pieces.push(Piece::Text(before));
        if pieces.len() > MOST_NAMES * 2 {
            return None;
        }
        if let Some(tail) = behind.strip_prefix('$') {
            pieces.push(Piece::Text("$"));
            rest = tail;
            continue;
        }
        let (inside, braces) = behind.strip_prefix('{').map_or((behind, 0), |inside| (inside, 1));
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let name = inside.get(..end).filter(|name| !name.is_empty())?;
        let tail = inside.get(end..)?;
        rest = if braces == 1 { tail.strip_prefix('}')? } else { tail };
        let spelling = rest.len();
        let from = text.len() - behind.len() - 1;
        pieces.push(Piece::Name { name, spelling: text.get(from..text.len() - spelling)? });
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_cut_at_its_names() {
        let pieces = pieces_of("a $b-${c}d$$").expect("a template");
        let name = |name, spelling| Piece::Name { name, spelling };
        let wanted = [
            Piece::Text("a "),
            name("b", "$b"),
            Piece::Text("-"),
            name("c", "${c}"),
            Piece::Text("d"),
            Piece::Text("$"),
            Piece::Text(""),
        ];
        assert_eq!(pieces, wanted);
        assert!(pieces_of("100$ and").is_none() && pieces_of("${a").is_none());
    }
}
