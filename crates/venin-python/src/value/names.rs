//! Symbols (identifiers) and qualified names, interned.

use std::rc::Rc;

use rustc_hash::FxHashMap;

/// An interned identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// All identifiers of one analysis.
#[derive(Debug, Default)]
pub struct Symbols {
    texts: Vec<Rc<str>>,
    index: FxHashMap<Rc<str>, Sym>,
}

impl Symbols {
    /// The symbol of a text.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.index.get(text) {
            return *sym;
        }
        let sym = Sym(self.texts.len() as u32);
        let text: Rc<str> = Rc::from(text);
        self.texts.push(Rc::clone(&text));
        self.index.insert(text, sym);
        sym
    }

    /// The symbol of a text that was interned before.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.index.get(text).copied()
    }

    /// The text of a symbol.
    #[must_use]
    pub fn text(&self, sym: Sym) -> Rc<str> {
        self.texts.get(sym.0 as usize).cloned().unwrap_or_else(|| Rc::from(""))
    }

    /// The text of a symbol, borrowed.
    #[must_use]
    pub fn as_str(&self, sym: Sym) -> &str {
        self.texts.get(sym.0 as usize).map_or("", |t| t)
    }
}

/// An interned qualified name outside the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

/// All qualified names of one analysis, as canonical texts: `os.system`, `socket.socket().connect`, `os.environ[]`.
#[derive(Debug, Default)]
pub struct Names {
    texts: Vec<Rc<str>>,
    index: FxHashMap<Rc<str>, NameId>,
    children: FxHashMap<(NameId, Step), NameId>,
}

/// One step from a qualified name to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.name`.
    Attribute(Sym),
    /// `()`.
    Call,
    /// `[]`.
    Item,
}

impl Names {
    /// Names longer than this are not extended: a chain of attributes in a loop would grow without end.
    pub const MAX_LEN: usize = 200;

    /// The name of a text, taken as canonical.
    pub fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.index.get(text) {
            return *id;
        }
        let id = NameId(self.texts.len() as u32);
        let text: Rc<str> = Rc::from(text);
        self.texts.push(Rc::clone(&text));
        self.index.insert(text, id);
        id
    }

    /// The name one step on; `canonical` rewrites a new text (aliases) before it is interned.
    pub fn extend(
        &mut self,
        base: NameId,
        step: Step,
        symbols: &Symbols,
        canonical: impl FnOnce(&str) -> Option<String>,
    ) -> Option<NameId> {
        if let Some(id) = self.children.get(&(base, step)) {
            return Some(*id);
        }
        let base_text = self.text(base);
        if base_text.len() > Self::MAX_LEN {
            return None;
        }
        let text = match step {
            Step::Attribute(sym) => format!("{base_text}.{}", symbols.as_str(sym)),
            Step::Call => format!("{base_text}()"),
            Step::Item => format!("{base_text}[]"),
        };
        let text = canonical(&text).unwrap_or(text);
        let id = self.intern(&text);
        self.children.insert((base, step), id);
        Some(id)
    }

    /// The text of a name.
    #[must_use]
    pub fn text(&self, id: NameId) -> Rc<str> {
        self.texts.get(id.0 as usize).cloned().unwrap_or_else(|| Rc::from(""))
    }
}
