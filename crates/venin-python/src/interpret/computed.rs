//! Code that stands nowhere in the artifact as it is executed: something made it.

use venin_model::OriginKind;

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, Value};

/// Characters of a stretch, and most stretches that are looked for.
const STRETCH: usize = 8;
const MOST_STRETCHES: usize = 12;
/// Length of a text, in bytes, from which on stretches tell; of a shorter one a template leaves none.
const LONG: usize = 64;
/// Shortest word of a short text that tells.
const WORD: usize = 4;
/// Largest member that is searched, in bytes.
const MOST_SEARCHED: usize = 4 << 20;

impl Interpreter<'_> {
    /// Arguments with code at a position: constant code of which no stretch can be read anywhere in the artifact was computed,
    /// by whatever cipher of its own, and so it is decoded.
    pub(super) fn with_computed_code(&mut self, arguments: &Arguments, position: usize) -> Arguments {
        let mut out = arguments.clone();
        let is_computed = out.positional.get(position).is_some_and(|code| {
            let mut left = self.budget.bytes_to_search;
            let is_computed = self.is_computed(code, &mut left);
            self.budget.bytes_to_search = left;
            is_computed
        });
        if let Some(code) = out.positional.get_mut(position).filter(|_| is_computed) {
            code.origins = self.origins.with_kind(code.origins, OriginKind::Decoded);
        }
        out
    }

    /// `left` is how many bytes may still be searched; what they do not suffice for counts as written somewhere.
    fn is_computed(&self, code: &Value, left: &mut u64) -> bool {
        let bytes: &[u8] = match &code.kind {
            Kind::Str(text) => text.as_str().as_bytes(),
            Kind::Bytes(bytes) => bytes,
            _ => return false,
        };
        if bytes.len() < STRETCH || self.origins.kinds(code.origins).contains(OriginKind::Decoded) {
            return false;
        }
        if bytes.len() < LONG {
            return words_of(bytes)
                .any(|word| !self.stands_somewhere(&[word], left) && !self.is_glued(word, left));
        }
        let step = (bytes.len() - STRETCH) / MOST_STRETCHES + 1;
        let stretches: Vec<&[u8]> = bytes.windows(STRETCH).step_by(step).collect();
        !self.stands_somewhere(&stretches, left)
    }

    /// Whether a word is two words of the text in course, as a template leaves it that puts a name in front of another.
    fn is_glued(&self, word: &[u8], left: &mut u64) -> bool {
        let Some(here) = self.modules.units.get(self.unit_index() as usize) else { return false };
        let text = here.code.text.as_bytes();
        (1..word.len()).any(|at| {
            let (first, second) = word.split_at(at);
            *left = left.saturating_sub(text.len() as u64);
            *left == 0 || (has_word(text, first) && has_word(text, second))
        })
    }

    /// Whether one of some pieces stands in the text in course or in a member.
    fn stands_somewhere(&self, pieces: &[&[u8]], left: &mut u64) -> bool {
        let here = self.modules.units.get(self.unit_index() as usize).map(|u| u.code.text.as_bytes());
        let files = self.project.files.iter().map(|f| f.bytes);
        let data = self.project.data.iter().map(|(_, b)| *b);
        here.into_iter().chain(files).chain(data).any(|text| {
            let cost = (text.len() * pieces.len()) as u64;
            *left = left.saturating_sub(cost);
            *left == 0
                || text.len() > MOST_SEARCHED
                || pieces.iter().any(|piece| memchr::memmem::find(text, piece).is_some())
        })
    }
}

/// Whether a text has letters as a word of their own, or behind a placeholder: `Tests` in `"%sTests"`.
fn has_word(text: &[u8], letters: &[u8]) -> bool {
    memchr::memmem::find_iter(text, letters).any(|at| {
        let (before, after) = text.split_at(at);
        let goes_on = after.get(letters.len()).is_some_and(u8::is_ascii_alphabetic);
        let is_begun = match before {
            [.., b'%', b's' | b'd' | b'r'] => false,
            [.., last] => last.is_ascii_alphabetic(),
            [] => false,
        };
        !goes_on && !is_begun
    })
}

/// The words of a short code that are none of the language: runs of letters, for a template puts names together.
fn words_of(code: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LANGUAGE: [&[u8]; 12] = [
        b"import", b"from", b"exec", b"eval", b"print", b"None", b"True", b"False", b"lambda", b"return",
        b"class", b"with",
    ];
    let words = code.split(|byte| !byte.is_ascii_alphabetic());
    words.filter(|word| word.len() >= WORD && !LANGUAGE.contains(word))
}
