//! Text that is put together from bits of data: low bits of pixels, numbers in base two, characters by their code.
//!
//! Where the data itself is not known, what is made of its bits counts as decoded: whoever reads the file or the answer
//! does not read that text in it.  Nothing here knows of picture formats.

use venin_model::{Action, OriginKind, Role};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue::CallEntry;
use crate::source::ir::{BinaryOp, Code, Expr, ExprId};
use crate::value::{Kind, OriginSet, Sym, Value};

/// Largest mask that leaves low bits of a byte.
const LOW_BITS: i64 = 7;

impl Interpreter<'_> {
    /// Origins of an operation whose result is not known: a low bit of data is decoded.
    pub(super) fn origins_of_bits(
        &mut self,
        op: BinaryOp,
        left: &Value,
        right: &Value,
        origins: OriginSet,
    ) -> OriginSet {
        let is_mask = |value: &Value| value.as_int().is_some_and(|mask| (1..=LOW_BITS).contains(&mask));
        let takes_bits = match op {
            BinaryOp::BitAnd => is_mask(left) || is_mask(right),
            BinaryOp::Mod => right.as_int() == Some(2),
            _ => false,
        };
        if takes_bits { self.decoded_data(origins) } else { origins }
    }

    /// Origins of a call that nothing lists and whose result is not known: a character by its code, a number in base two.
    pub(super) fn origins_of_digits(
        &mut self,
        name: &str,
        arguments: &Arguments,
        origins: OriginSet,
    ) -> OriginSet {
        let makes_text = match name {
            "chr" | "unichr" => true,
            "int" => self.argument(arguments, 1, "base").is_some_and(|base| base.as_int() == Some(2)),
            _ => false,
        };
        if makes_text { self.decoded_data(origins) } else { origins }
    }

    fn decoded_data(&mut self, origins: OriginSet) -> OriginSet {
        let kinds = self.origins.kinds(origins);
        let is_data = kinds.contains(OriginKind::File) || kinds.contains(OriginKind::Network);
        if is_data { self.origins.with_kind(origins, OriginKind::Decoded) } else { origins }
    }

    /// A reader that is given a stream: what it reads has the origins of the stream.
    pub(super) fn reads_stream(&self, entry: &CallEntry, arguments: &Arguments) -> bool {
        let takes_path = entry.args.first() == Some(&Role::Path);
        if entry.class.action != Action::Read || !takes_path {
            return false;
        }
        let Some(Kind::External { name, .. }) = arguments.positional.first().map(|v| &v.kind) else {
            return false;
        };
        let name = self.names.text(*name);
        name.starts_with("io.BytesIO()") || name.ends_with(".urlopen()") || name.ends_with(".raw")
    }

    /// `out.append(byte)` of a byte that is not known: the name that holds the bytearray is bound to something that is not
    /// known either, with the origins of both.
    pub(super) fn note_unknown_byte(
        &mut self,
        code: &Code,
        receiver: ExprId,
        object: &Value,
        method: Sym,
        arguments: &Arguments,
    ) {
        let (Kind::ByteArray(array), Expr::Name(name)) = (&object.kind, code.expr(receiver)) else { return };
        let [value] = arguments.positional.as_slice() else { return };
        let adds = matches!(self.symbols.as_str(method), "append" | "extend");
        let is_open = matches!(value.kind, Kind::Unknown | Kind::External { .. });
        if !adds || !is_open || self.origins.is_plain(value.origins) {
            return;
        }
        let origins = self.origins.union(object.origins, value.origins);
        let Some((scope, held)) = self.find_name(*name) else { return };
        if matches!(held.kind, Kind::ByteArray(id) if id == *array) {
            self.scope_set(scope, *name, Value::unknown().with_origins(origins));
        }
    }
}
