//! Programs frozen into one file: code for them never runs out of a release that pip installed.
//!
//! Where the artifact sets the mark itself, nothing is assumed.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, NameId, Value};

/// How code sets the mark, or reaches for the namespace in which it may.
const WAYS_TO_SET: [&str; 7] =
    ["sys.frozen =", "sys.frozen=", "setattr(sys", "vars(sys)", "sys.__dict__", "_MEIPASS =", "_MEIPASS="];

/// Whether the artifact sets the mark, as far as its texts were searched: each once.
#[derive(Debug, Default)]
pub(super) struct FrozenMark {
    is_set: bool,
    has_files: bool,
    n_units: usize,
}

impl Interpreter<'_> {
    /// Whether a name is the mark of a frozen program, which is not there.
    pub(super) fn is_frozen_mark(&mut self, name: NameId) -> bool {
        &*self.names.text(name) == "sys.frozen" && !self.sets_frozen_mark()
    }

    fn sets_frozen_mark(&mut self) -> bool {
        let mark = &mut self.frozen_mark;
        if !std::mem::replace(&mut mark.has_files, true) {
            mark.is_set = self.project.files.iter().any(|file| sets_mark(file.bytes));
        }
        let new = self.modules.units.get(mark.n_units..).unwrap_or_default();
        mark.is_set |= new.iter().any(|unit| sets_mark(unit.code.text.as_bytes()));
        mark.n_units = self.modules.units.len();
        mark.is_set
    }
}

fn sets_mark(text: &[u8]) -> bool {
    WAYS_TO_SET.iter().any(|way| memchr::memmem::find(text, way.as_bytes()).is_some())
}

/// `hasattr(sys, "frozen")` and `hasattr(sys, "_MEIPASS")`: no.
pub(super) fn has_mark(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [object, name] = arguments.positional.as_slice() else { return None };
    let Kind::External { name: object, .. } = object.kind else { return None };
    let is_mark = &*me.names.text(object) == "sys" && matches!(name.as_str()?, "frozen" | "_MEIPASS");
    (is_mark && !me.sets_frozen_mark()).then(|| Value::bool(false))
}
