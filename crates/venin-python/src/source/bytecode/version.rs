//! The version of marshalled code that does not state it: the one whose instructions make sense of it.

use super::super::marshal::{CodeObject, Marshal, Object, Version};
use super::decode::{Decoded, decode};
use super::opcode::{Op, Place, opcodes, versions};

/// Code objects that are looked at.
const MAX_CODES: usize = 24;
/// Instructions of one code object that are looked at.
const MAX_INSTRS: usize = 2_000;

/// The version whose instructions fit the code objects best, the newest of several.
#[must_use]
pub fn detect_version(marshal: &Marshal) -> Option<Version> {
    measure_fit(marshal).map(|(_, version)| version)
}

/// That version, and how much of the code makes no sense under it.
pub(super) fn measure_fit(marshal: &Marshal) -> Option<(u64, Version)> {
    let layout = marshal.version?;
    let candidates = versions().rev().filter(|version| has_layout(*version, layout));
    candidates.map(|version| (misfits(marshal, version), version)).min_by_key(|(misfits, _)| *misfits)
}

/// Whether code objects of a version have the layout that another one stands for.
fn has_layout(version: Version, layout: Version) -> bool {
    let class = |version: Version| match (version.major, version.minor) {
        (2, _) => 0,
        (_, ..=7) => 1,
        (_, ..=10) => 2,
        _ => 3,
    };
    class(version) == class(layout)
}

/// What makes no sense of the code under a version.
fn misfits(marshal: &Marshal, version: Version) -> u64 {
    let Some(table) = opcodes(version) else { return u64::MAX };
    let mut total = 0;
    for code in marshal.codes().take(MAX_CODES) {
        if let Object::Bytes(bytes) = marshal.get(code.code) {
            let decoded = decode(bytes, version, table, MAX_INSTRS);
            total += misfits_of(marshal, code, &decoded, version);
        }
    }
    total
}

fn misfits_of(marshal: &Marshal, code: &CodeObject, decoded: &Decoded, version: Version) -> u64 {
    let consts = marshal.elements(code.consts).len() as u32;
    let names = marshal.elements(code.names).len() as u32;
    let shifted = version >= Version::new(3, 11);
    let is_odd = |at: usize, op: Op, arg: u32| match op {
        Op::LoadConst | Op::ReturnConst => arg >= consts,
        Op::Load(Place::Name) | Op::Store(Place::Name) | Op::ImportName | Op::ImportFrom => arg >= names,
        Op::Load(Place::Global) => (if shifted { arg >> 1 } else { arg }) >= names,
        Op::Cache => true,
        // The first instruction of a version without RESUME is another one.
        _ => at == 0 && op == Op::Pop,
    };
    let odd = decoded.instrs.iter().enumerate().filter(|(at, i)| is_odd(*at, i.op, i.arg)).count() as u64;
    let ends = decoded.instrs.last().is_some_and(|i| {
        matches!(
            i.op,
            Op::Return
                | Op::ReturnConst
                | Op::Raise
                | Op::Reraise
                | Op::EndFinally
                | Op::JumpBackward
                | Op::JumpAbsolute
        )
    });
    odd * 4 + u64::from(decoded.faults) * 10 + u64::from(decoded.busy_caches) + u64::from(!ends)
}
