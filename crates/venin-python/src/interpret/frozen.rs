//! Programs frozen into one file: code for them never runs out of a release that pip installed.
//!
//! Where the artifact sets the mark itself, nothing is assumed.

use super::Interpreter;
use crate::value::{NameId, Value};

use super::function::Arguments;

/// How code sets the mark, or reaches for the namespace in which it may.
const WAYS_TO_SET: [&str; 7] =
    ["sys.frozen =", "sys.frozen=", "setattr(sys", "vars(sys)", "sys.__dict__", "_MEIPASS =", "_MEIPASS="];

impl Interpreter<'_> {
    /// Whether a name is the mark of a frozen program, which is not there.
    pub(super) fn is_frozen_mark(&self, name: NameId) -> bool {
        &*self.names.text(name) == "sys.frozen" && !self.sets_frozen_mark()
    }

    fn sets_frozen_mark(&self) -> bool {
        let sets =
            |text: &[u8]| WAYS_TO_SET.iter().any(|way| memchr::memmem::find(text, way.as_bytes()).is_some());
        self.units.iter().any(|unit| sets(unit.code.text.as_bytes()))
            || self.project.files.iter().any(|f| sets(f.bytes))
    }
}

/// `hasattr(sys, "frozen")` and `hasattr(sys, "_MEIPASS")`: no.
pub(super) fn has_mark(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [object, name] = arguments.positional.as_slice() else { return None };
    let crate::value::Kind::External { name: object, .. } = object.kind else { return None };
    let is_mark = &*me.names.text(object) == "sys" && matches!(name.as_str()?, "frozen" | "_MEIPASS");
    (is_mark && !me.sets_frozen_mark()).then(|| Value::bool(false))
}
