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
            return words_of(bytes).any(|word| !self.stands_somewhere(&[word], left));
        }
        let step = (bytes.len() - STRETCH) / MOST_STRETCHES + 1;
        let stretches: Vec<&[u8]> = bytes.windows(STRETCH).step_by(step).collect();
        !self.stands_somewhere(&stretches, left)
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

/// The words of a short code that are none of the language: runs of letters, for a template puts names together.
fn words_of(code: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LANGUAGE: [&[u8]; 12] = [
        b"import", b"from", b"exec", b"eval", b"print", b"None", b"True", b"False", b"lambda", b"return",
        b"class", b"with",
    ];
    let words = code.split(|byte| !byte.is_ascii_alphabetic());
    words.filter(|word| word.len() >= WORD && !LANGUAGE.contains(word))
}
