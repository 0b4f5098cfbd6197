//! Texts that are probably gone soon: the intermediate results of building a text piece by piece.
//!
//! `s += c` in a loop makes every prefix of the text, and drops it with the next round.  Counting each in
//! full would end such a loop after a few thousand characters; not counting them would let a list of all
//! prefixes take any amount of memory.  So they are counted once they prove to be kept.

use std::rc::{Rc, Weak};

use super::{Kind, Value};

#[derive(Debug)]
enum Held {
    Text(Weak<str>),
    Bytes(Weak<[u8]>),
}

impl Held {
    fn live_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.upgrade().map_or(0, |t| t.len()),
            Self::Bytes(bytes) => bytes.upgrade().map_or(0, |b| b.len()),
        }
    }
}

/// Texts whose bytes are not counted yet.
#[derive(Debug, Default)]
pub(super) struct Transients {
    held: Vec<Held>,
    bytes: usize,
}

impl Transients {
    /// Bytes and number of texts after which it is checked which are still in use.
    const SWEEP_BYTES: usize = 8 << 20;
    const SWEEP_COUNT: usize = 4096;

    /// Notes a text; gives the bytes that proved to be in use and must be counted now.
    pub(super) fn note(&mut self, value: &Value) -> usize {
        let (held, len) = match &value.kind {
            Kind::Str(text) => (Held::Text(Rc::downgrade(&text.shared())), text.as_str().len()),
            Kind::Bytes(bytes) => (Held::Bytes(Rc::downgrade(bytes)), bytes.len()),
            _ => return 0,
        };
        self.held.push(held);
        self.bytes += len;
        if self.bytes < Self::SWEEP_BYTES && self.held.len() < Self::SWEEP_COUNT {
            return 0;
        }
        self.bytes = 0;
        self.held.drain(..).map(|h| h.live_bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_are_kept_are_counted() {
        let mut transients = Transients::default();
        let mut kept = Vec::new();
        let mut counted = 0;
        for n in 0..10_000 {
            let value = Value::str("x".repeat(100));
            counted += transients.note(&value);
            if n % 2 == 0 {
                kept.push(value);
            }
        }
        assert!((400_000..=500_000).contains(&counted), "{counted}");
    }
}
