//! Bytes to instructions: arguments, caches and the targets of jumps.

use super::super::marshal::Version;
use super::opcode::{Convention, Op, Opcodes, When, cache_entries};

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instr {
    /// What it does.
    pub(super) op: Op,
    /// Its argument with the prefixes; 0 if it has none.
    pub(super) arg: u32,
    /// Offset of its first byte, prefixes included.
    pub(super) start: u32,
    /// Offset of the instruction after it and its caches.
    pub(super) end: u32,
    /// Index of the instruction it may jump to; the number of instructions if it is not in the code.
    pub(super) target: u32,
}

/// Decoded code.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// The instructions in order.
    pub(super) instrs: Vec<Instr>,
    /// Instructions that the version does not have, and jumps to nowhere.
    pub(super) faults: u32,
    /// Bytes of caches that are not zero, as code that was never run has them.
    pub(super) busy_caches: u32,
}

impl Decoded {
    /// The instruction that starts at an offset.
    pub(super) fn index_at(&self, offset: u32) -> Option<u32> {
        self.instrs.binary_search_by_key(&offset, |instr| instr.start).ok().map(|at| at as u32)
    }
}

/// Decodes at most `limit` instructions.
pub(super) fn decode(code: &[u8], version: Version, opcodes: &Opcodes, limit: usize) -> Decoded {
    let mut out = Decoded::default();
    let mut at = 0;
    while let Some(instr) = decode_one(code, at, version, opcodes, &mut out) {
        at = instr.end as usize;
        if instr.op == Op::Unknown {
            out.faults += 1;
        }
        out.instrs.push(instr);
        if out.instrs.len() >= limit {
            break;
        }
    }
    resolve_targets(&mut out, version);
    if version >= Version::new(3, 12) {
        join_short_circuits(&mut out.instrs);
    }
    out
}

fn decode_one(
    code: &[u8],
    start: usize,
    version: Version,
    opcodes: &Opcodes,
    out: &mut Decoded,
) -> Option<Instr> {
    let mut at = start;
    let mut prefix = 0u32;
    loop {
        let byte = *code.get(at)?;
        let mut op = opcodes.get(usize::from(byte)).copied().unwrap_or(Op::Unknown);
        let has_argument = version.major > 2 || byte >= 90;
        let raw = match (version.major, has_argument) {
            (2, true) => u16::from_le_bytes([*code.get(at + 1)?, *code.get(at + 2)?]).into(),
            (2, false) => 0,
            _ => u32::from(*code.get(at + 1).unwrap_or(&0)),
        };
        let (width, shift) = match (version.major, has_argument) {
            (2, true) => (3, 16),
            (2, false) => (1, 16),
            _ => (2, 8),
        };
        at += width;
        let arg = prefix << shift | raw;
        if op == Op::ExtendedArg {
            prefix = arg;
            continue;
        }
        if version.major == 2 {
            op = old_convention(op);
        }
        let caches = 2 * cache_entries(version, op);
        let cached = code.get(at..at + caches).unwrap_or_default();
        out.busy_caches += cached.iter().filter(|byte| **byte != 0).count() as u32;
        at += caches;
        return Some(Instr { op, arg, start: start as u32, end: at as u32, target: u32::MAX });
    }
}

/// The calls of 2.7 have the numbers of other calls later.
const fn old_convention(op: Op) -> Op {
    match op {
        Op::Call(Convention::Plain) => Op::Call(Convention::Old { star: 0, double_star: 0 }),
        Op::Call(Convention::Keywords) => Op::Call(Convention::Old { star: 0, double_star: 1 }),
        op => op,
    }
}

/// The offset an instruction may jump to.
fn target_of(instr: &Instr, version: Version) -> Option<u32> {
    let units = if version >= Version::new(3, 10) { 2 } else { 1 };
    let distance = instr.arg.checked_mul(units)?;
    match instr.op {
        Op::JumpBackward | Op::JumpBackwardQuietly | Op::BranchBackward(_) => instr.end.checked_sub(distance),
        Op::JumpAbsolute | Op::ContinueLoop => Some(distance),
        Op::Branch(_) if version < Version::new(3, 11) => Some(distance),
        Op::JumpForward
        | Op::Branch(_)
        | Op::ForIter
        | Op::Send
        | Op::SetupLoop
        | Op::SetupExcept
        | Op::SetupFinally
        | Op::SetupWith => instr.end.checked_add(distance),
        _ => None,
    }
}

fn resolve_targets(out: &mut Decoded, version: Version) {
    let nowhere = out.instrs.len() as u32;
    for at in 0..out.instrs.len() {
        let Some(instr) = out.instrs.get(at) else { continue };
        let jumps = target_of(&Instr { arg: 0, ..*instr }, version).is_some();
        let found = target_of(instr, version).and_then(|offset| out.index_at(offset));
        out.faults += u32::from(jumps && found.is_none());
        if let Some(instr) = out.instrs.get_mut(at) {
            instr.target = found.unwrap_or(nowhere);
            if let Op::BranchBackward(when) = instr.op {
                instr.op = Op::Branch(when);
            }
        }
    }
}

/// Since 3.12 `a or b` copies `a`, tests the copy and pops the original; before, one jump did all of it.
fn join_short_circuits(instrs: &mut [Instr]) {
    let mut is_target = vec![false; instrs.len() + 1];
    for instr in instrs.iter() {
        if let Some(slot) = is_target.get_mut(instr.target as usize) {
            *slot = true;
        }
    }
    for first in 0..instrs.len() {
        let is_copy = instrs.get(first).is_some_and(|i| i.op == Op::Copy && i.arg == 1);
        if !is_copy {
            continue;
        }
        let mut at = first + 1;
        at += usize::from(instrs.get(at).is_some_and(|i| i.op == Op::ToBool));
        let when = match instrs.get(at).map(|i| i.op) {
            Some(Op::Branch(When::False)) => When::FalseKeeping,
            Some(Op::Branch(When::True)) => When::TrueKeeping,
            _ => continue,
        };
        let branch = at;
        at += 1;
        at += usize::from(instrs.get(at).is_some_and(|i| i.op == Op::Nop));
        let pops = instrs.get(at).is_some_and(|i| i.op == Op::Pop);
        if !pops || is_target.get(first + 1..=at).is_some_and(|inner| inner.contains(&true)) {
            continue;
        }
        for (index, op) in [(first, Op::Nop), (branch, Op::Branch(when)), (at, Op::Nop)] {
            if let Some(instr) = instrs.get_mut(index) {
                instr.op = op;
            }
        }
    }
}
