//! Python strings, and texts of which only parts are known.

use std::rc::Rc;

/// A Python string: text with its length in characters, which Python indexes by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PyStr {
    text: Rc<str>,
    chars: u32,
}

impl PyStr {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shared text.
    #[must_use]
    pub fn shared(&self) -> Rc<str> {
        Rc::clone(&self.text)
    }

    /// Length in characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars as usize
    }

    /// Both texts in a row.
    #[must_use]
    pub fn concat(&self, other: &Self) -> Self {
        let mut text = String::with_capacity(self.text.len() + other.text.len());
        text.push_str(&self.text);
        text.push_str(&other.text);
        Self { text: Rc::from(text), chars: self.chars.saturating_add(other.chars) }
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars == 0
    }

    /// Whether every character is one byte, so that byte and character indices are the same.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.text.len() == self.chars as usize
    }

    /// The character at an index.
    #[must_use]
    pub fn char_at(&self, index: usize) -> Option<char> {
        if self.is_ascii() {
            self.text.as_bytes().get(index).map(|b| char::from(*b))
        } else {
            self.text.chars().nth(index)
        }
    }
}

impl From<Rc<str>> for PyStr {
    fn from(text: Rc<str>) -> Self {
        // Every evaluation of a literal comes here, and most literals are ASCII.
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        Self { text, chars: chars as u32 }
    }
}

impl From<&str> for PyStr {
    fn from(text: &str) -> Self {
        Self::from(Rc::<str>::from(text))
    }
}

impl From<String> for PyStr {
    fn from(text: String) -> Self {
        Self::from(Rc::<str>::from(text))
    }
}

/// A piece of a partly known text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Known characters (bytes as Latin-1).
    Known(Rc<str>),
    /// An unknown stretch, named by where it comes from: `os.environ[APPDATA]`, `argument`.
    Hole(Rc<str>),
}

/// A text of which parts are known.  Two of them that print the same are the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialText {
    /// The pieces; neighbours that are both known are merged.
    pub parts: Vec<Part>,
    /// Whether it is `bytes`.
    pub is_bytes: bool,
}

impl PartialText {
    /// Most pieces kept; further ones become one hole.
    pub const MAX_PARTS: usize = 64;

    /// Adds a piece, merging known neighbours.
    pub fn push(&mut self, part: Part) {
        if self.parts.len() >= Self::MAX_PARTS {
            return;
        }
        match (self.parts.last_mut(), part) {
            (_, Part::Known(text)) if text.is_empty() => {}
            (Some(Part::Known(before)), Part::Known(text)) => *before = Rc::from(format!("{before}{text}")),
            (_, part) => self.parts.push(part),
        }
    }

    /// The text with holes written `⟨name⟩`.
    #[must_use]
    pub fn render(&self) -> String {
        let brackets = "⟨⟩".len();
        let sizes = self.parts.iter().map(|part| match part {
            Part::Known(text) => text.len(),
            Part::Hole(name) => name.len() + brackets,
        });
        let mut out = String::with_capacity(sizes.sum());
        for part in &self.parts {
            match part {
                Part::Known(text) => out.push_str(text),
                Part::Hole(name) => {
                    out.push('⟨');
                    out.push_str(name);
                    out.push('⟩');
                }
            }
        }
        out
    }
}
