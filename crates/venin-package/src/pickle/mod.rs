//! Pickles: what unpickling would import and call, read without doing any of it.
//!
//! A pickle is a program for a stack machine (PEP 307, PEP 3154, PEP 574; the opcodes are those of CPython's
//! `pickletools`).  [`parse_pickle`] runs the machine over symbols: constants and containers are kept as they are,
//! imports and calls are written down.  The result is a short Python text that makes the same calls in the same order,
//! so that whoever reads Python can read pickles.  Nothing is ever imported or called.
//!
//! A machine that would stop with an error stops here too; what ran before is kept, because it would have run.

mod array;
mod machine;
mod node;
mod opcode;
mod program;

use venin_model::{Fact, Gap, GapKind, Site};

use machine::{Ending, Machine};
use program::write_program;

/// Most pickles read in one member; `torch` writes four in a row.
const MAX_STREAMS: usize = 16;

/// What a pickle does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PickleReading {
    /// A Python text that makes the calls; empty when there are none but those of well-known plain types.
    pub source: String,
    /// Dotted names of all imports in order, each once.
    pub imports: Vec<String>,
    /// Dotted names of what is called, plain types left out, each once.
    pub calls: Vec<String>,
    /// Whether a budget ended the reading.
    pub is_cut: bool,
    /// Whether the last stream has a `STOP`.
    pub is_whole: bool,
}

impl PickleReading {
    /// Facts about a member: `pickle.calls`.
    #[must_use]
    pub fn facts(&self, path: &str) -> Vec<Fact> {
        const MAX_SHOWN: usize = 40;
        if self.calls.is_empty() {
            return Vec::new();
        }
        let shown: Vec<&str> = self.calls.iter().take(MAX_SHOWN).map(String::as_str).collect();
        let fact = Fact::new("pickle.calls", format!("unpickling calls {}", cut(&shown.join(", "))))
            .with("names", shown.join(" "))
            .with("count", self.calls.len().to_string());
        vec![fact.at(Site::whole(path.into()))]
    }

    /// What of a member was not read.
    #[must_use]
    pub fn gaps(&self, path: &str) -> Vec<Gap> {
        let gap = || {
            let detail = "the pickle holds more than is read";
            Gap::of_member(path.into(), GapKind::AnalysisBudget, detail)
        };
        if self.is_cut { vec![gap()] } else { Vec::new() }
    }
}

/// Reads a member if it is a pickle by content; `None` for anything else.
///
/// Protocol 2 and later begin with a mark.  The older ones are text, so they must be read to their `STOP` at the end of
/// the member and import something.
#[must_use]
pub fn read_pickle(bytes: &[u8]) -> Option<PickleReading> {
    let is_marked = matches!(bytes, [0x80, 0..=5, _, ..]);
    if !is_marked && !matches!(bytes.first()?, b'(' | b'c' | b']' | b'}') {
        return None;
    }
    let reading = parse_pickle(bytes);
    let is_pickle =
        if is_marked { reading.is_whole || !reading.imports.is_empty() } else { reading.is_whole };
    (is_pickle && !reading.imports.is_empty()).then_some(reading)
}

/// Reads bytes that somebody gives to an unpickler.
#[must_use]
pub fn parse_pickle(bytes: &[u8]) -> PickleReading {
    let mut machine = Machine::new(bytes);
    let mut is_whole = false;
    for _ in 0..MAX_STREAMS {
        match machine.run() {
            Ending::Stop => {
                is_whole = machine.rest().iter().all(u8::is_ascii_whitespace);
                // Data of arrays may follow; another pickle is told by its mark.
                if !matches!(machine.rest(), [0x80, 0..=5, _, ..]) {
                    is_whole |= matches!(bytes, [0x80, ..]);
                    break;
                }
            }
            Ending::Broken => break,
            Ending::Budget => {
                machine.is_cut = true;
                break;
            }
        }
    }
    let is_cut = machine.is_cut;
    let program = write_program(&machine);
    PickleReading {
        source: program.source,
        imports: program.imports,
        calls: program.calls,
        is_cut: is_cut || program.is_cut,
        is_whole,
    }
}

fn cut(text: &str) -> String {
    const MAX: usize = 160;
    match text.char_indices().nth(MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
