//! One word of a long text: `text.split()[i]`, which decoders write into the loop and so ask anew for each `i`.
//!
//! The places of the words are found once and kept for the last text that was asked.  Nothing else is computed here.

use std::ops::Range;
use std::rc::Rc;

use super::Interpreter;
use crate::source::ir::{Code, Expr, ExprId};
use crate::value::{Kind, OriginSet, Value};

/// Shortest text whose words are not simply made again, in bytes.
const LONG: usize = 512;

/// The words of the last long text.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: Option<Rc<str>>,
    places: Vec<Range<usize>>,
}

/// A long text that an expression splits at its spaces.
pub(super) struct Split {
    text: Rc<str>,
    origins: OriginSet,
}

impl Interpreter<'_> {
    /// The text of `name.split()`, if it is long, known and of ASCII.  Looking a name up a second time changes nothing.
    pub(super) fn long_split(&mut self, code: &Rc<Code>, call: ExprId) -> Option<Split> {
        let Expr::Call { callee, args } = code.expr(call) else { return None };
        let Expr::Attribute { value, name } = code.expr(*callee) else { return None };
        if !args.is_empty() || self.symbols.as_str(*name) != "split" {
            return None;
        }
        let Expr::Name(name) = code.expr(*value) else { return None };
        let Kind::Str(text) = self.lookup(*name)?.kind else { return None };
        let is_long = text.as_str().len() >= LONG && text.as_str().is_ascii();
        let origins = self.lookup(*name).map_or(OriginSet::EMPTY, |held| held.origins);
        is_long.then(|| Split { text: text.shared(), origins })
    }

    /// The word at an index; `None` where there is none, or the index is not known.
    pub(super) fn word_at(&mut self, split: &Split, index: &Value) -> Option<Value> {
        let Kind::Int(index) = index.kind else { return None };
        let is_last = self.words.text.as_ref().is_some_and(|text| Rc::ptr_eq(text, &split.text));
        if !is_last {
            if !self.heap.work(split.text.len()) {
                return None;
            }
            self.words = Words { places: word_places(&split.text), text: Some(Rc::clone(&split.text)) };
        }
        let places = &self.words.places;
        let index = if index < 0 { index + i64::try_from(places.len()).ok()? } else { index };
        let word = split.text.get(places.get(usize::try_from(index).ok()?)?.clone())?;
        self.heap.spend(word.len()).then(|| Value::str(word).with_origins(split.origins))
    }
}

/// Where the words of an ASCII text lie, as `str.split` finds them.
fn word_places(text: &str) -> Vec<Range<usize>> {
    let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | 0x1C..=0x1F | b' ');
    let mut places = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().enumerate() {
        match (start, is_space(byte)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                places.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    places.extend(start.map(|from| from..text.len()));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_split() {
        let words =
            |text: &'static str| word_places(text).into_iter().map(|at| &text[at]).collect::<Vec<_>>();
        assert_eq!(words(" a bc\t\x1fd\n"), ["a", "bc", "d"]);
        assert_eq!(words("ab"), ["ab"]);
        assert!(words(" \r\n").is_empty() && words("").is_empty());
    }
}
