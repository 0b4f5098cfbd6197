//! Values as text: what events show of their arguments.

use std::rc::Rc;

use venin_model::{KnownText, Role};

use super::Interpreter;
use super::event_arguments::known;
use crate::value::{Kind, Value};

/// Elements of a container that are shown.
const MAX_SHOWN: usize = 40;

impl Interpreter<'_> {
    /// The name a hole of this value gets.
    pub(super) fn hole_name(&self, value: &Value) -> Rc<str> {
        match &value.kind {
            Kind::External { name, made_by } => {
                let text = self.names.text(*name);
                if let Some(hole) = self.hole_of_path(value) {
                    return hole;
                }
                let key = made_by
                    .and_then(|e| self.log.events.get(e.0 as usize))
                    .filter(|e| text.starts_with(&*e.name))
                    .and_then(|e| e.text(Role::Key));
                match key {
                    // `os.environ[APPDATA]`, `os.getenv(HOME)`: the key tells more than the call.
                    Some(key) if key.len() <= 60 => {
                        let base = text.trim_end_matches("[]").trim_end_matches("()");
                        // However a variable is read, it is the same variable.
                        let base = if base == "os.getenv" { "os.environ" } else { base };
                        Rc::from(format!("{base}[{key}]"))
                    }
                    _ => text,
                }
            }
            _ => {
                let kinds = self.origins.kinds(value.origins);
                Rc::from(kinds.iter().last().map_or("?", |k| k.as_str()))
            }
        }
    }

    /// What is known of a value, as text.
    pub(super) fn render(&self, value: &Value) -> Option<KnownText> {
        if let Kind::Str(whole) = &value.kind {
            let text = cut(whole.as_str());
            return Some(known(text, !has_hole(text), whole.len() as u64));
        }
        let text = self.show(value, 0)?;
        let size = match &value.kind {
            Kind::Bytes(b) => b.len() as u64,
            Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) => self.heap.elements(*id).len() as u64,
            _ => text.chars().count() as u64,
        };
        Some(known(&text, !has_hole(&text), size))
    }

    /// The same for an argument in a role: a request object is its URL, a file object its path, an argument list
    /// its command line.
    pub(super) fn render_in_role(&self, value: &Value, role: Role) -> Option<KnownText> {
        if let Kind::External { made_by: Some(maker), .. } = value.kind {
            let wanted = if role == Role::Target { Role::Path } else { role };
            let inherited = self
                .log
                .events
                .get(maker.0 as usize)
                .and_then(|e| e.argument(wanted))
                .filter(|_| matches!(role, Role::Url | Role::Path | Role::Target | Role::Host));
            if let Some(text) = inherited.and_then(|a| a.value.clone()) {
                return Some(text);
            }
        }
        if let (Role::Command, Kind::List(id) | Kind::Tuple(id)) = (role, &value.kind) {
            let words: Vec<String> = self
                .heap
                .elements(*id)
                .iter()
                .take(MAX_SHOWN)
                .map(|v| self.show(v, 1).unwrap_or_else(|| "⟨?⟩".to_owned()))
                .collect();
            let text = words.join(" ");
            return Some(known(&text, !text.contains('⟨'), text.len() as u64));
        }
        self.render(value)
    }

    fn show(&self, value: &Value, depth: u8) -> Option<String> {
        Some(match &value.kind {
            Kind::Str(text) => cut(text.as_str()).to_owned(),
            Kind::Bytes(bytes) => latin1(bytes),
            Kind::Partial(text) => text.render(),
            Kind::Int(i) => i.to_string(),
            Kind::Big(b) if b.bits() < 4096 => b.to_string(),
            Kind::Bool(b) => if *b { "True" } else { "False" }.to_owned(),
            Kind::Float(f) => f.to_string(),
            Kind::None => "None".to_owned(),
            Kind::External { .. } => match self.path_text(value).filter(|text| !has_hole(text)) {
                Some(path) => path,
                None => format!("⟨{}⟩", self.hole_name(value)),
            },
            Kind::List(id) | Kind::Tuple(id) | Kind::Set(id) if depth < 3 => {
                let items: Vec<String> = self
                    .heap
                    .elements(*id)
                    .iter()
                    .take(MAX_SHOWN)
                    .map(|v| self.show(v, depth + 1).unwrap_or_else(|| "⟨?⟩".to_owned()))
                    .collect();
                format!("[{}]", items.join(", "))
            }
            Kind::Dict(id) if depth < 3 => {
                let items: Vec<String> = self
                    .heap
                    .dict_entries(*id)
                    .take(MAX_SHOWN)
                    .map(|(k, v)| {
                        let shown = |x: &Value| self.show(x, depth + 1).unwrap_or_else(|| "⟨?⟩".to_owned());
                        format!("{}: {}", shown(k), shown(v))
                    })
                    .collect();
                format!("{{{}}}", items.join(", "))
            }
            Kind::Choice(id) => self.show(self.heap.elements(*id).first()?, depth + 1)?,
            Kind::CodeObject(id) => match self.heap.get(*id) {
                Some(crate::value::Object::CodeObject(inner)) if depth < 3 => self.show(inner, depth + 1)?,
                _ => return None,
            },
            _ => {
                let kinds = self.origins.kinds(value.origins);
                let kind = kinds.iter().last()?;
                format!("⟨{kind}⟩")
            }
        })
    }
}

/// Whether a hole is marked in a text.
fn has_hole(text: &str) -> bool {
    !text.is_ascii() && text.contains('⟨')
}

/// The part of a text that can be shown at all; the limit in characters is applied later.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(4 * KnownText::MAX + 4);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

fn latin1(bytes: &[u8]) -> String {
    let shown = bytes.get(..bytes.len().min(KnownText::MAX + 1)).unwrap_or(&[]);
    match std::str::from_utf8(shown) {
        Ok(text) => text.to_owned(),
        Err(_) => shown.iter().map(|b| char::from(*b)).collect(),
    }
}
