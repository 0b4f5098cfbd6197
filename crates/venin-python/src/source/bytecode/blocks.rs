//! Instructions to basic blocks, their exits, and the handlers that protect them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::marshal::Version;
use super::decode::{Decoded, Instr};
use super::opcode::{Op, When};
use super::tables::Protection;

/// Most handlers around one block; CPython takes 20 blocks inside each other.
const MAX_CHAIN: usize = 40;

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Goes on with a block that stands right after it.
    Next(u32),
    /// Jumps.
    Goto(u32),
    /// Jumps or goes on.
    Branch { when: When, jump: u32, next: u32 },
    /// Takes the next item of an iterator, or leaves the loop.
    For { exit: u32, body: u32 },
    /// Ends the code object: return, raise.
    Leave,
    /// Raises the exception in course again.
    Reraise,
    /// Ends a `finally` that was entered without an exception (to 3.8).
    EndFinally(u32),
}

/// A stretch of instructions that is entered at its start only.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Index of its first instruction.
    pub(super) first: u32,
    /// Index after its last instruction.
    pub(super) last: u32,
    /// How it ends.
    pub(super) exit: Exit,
    /// The handlers that protect it, outermost first.
    pub(super) chain: Vec<u32>,
}

/// What is known of the entry of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HandlerEntry {
    /// Values of the stack that stay; `None` if it is the height where the protection starts.
    pub(super) depth: Option<u32>,
    /// Values that are pushed when an exception arrives.
    pub(super) pushed: u32,
    /// Whether it is also entered without an exception: a `finally` or `with` up to 3.8.
    pub(super) is_shared: bool,
}

/// The blocks of one code object.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// In the order of the code; the first is the entry.
    pub(super) blocks: Vec<Block>,
    /// Handlers by block.
    pub(super) handlers: BTreeMap<u32, HandlerEntry>,
}

impl Exit {
    /// The blocks that may follow.
    pub(super) fn successors(self) -> impl Iterator<Item = u32> {
        let (a, b) = match self {
            Self::Next(next) | Self::Goto(next) | Self::EndFinally(next) => (Some(next), None),
            Self::Branch { jump, next, .. } => (Some(next), Some(jump)),
            Self::For { exit, body } => (Some(body), Some(exit)),
            Self::Leave | Self::Reraise => (None, None),
        };
        a.into_iter().chain(b)
    }
}

/// Cuts code into blocks.
pub(super) fn cut(decoded: &Decoded, protections: &[Protection], version: Version) -> Blocks {
    let instrs = &decoded.instrs;
    let starts = leaders(decoded, protections);
    let block_of = |at: u32| starts.partition_point(|start| *start <= at).saturating_sub(1) as u32;
    let ends = starts.iter().skip(1).copied().chain([instrs.len() as u32]);
    let mut out = Blocks::default();
    for (at, (first, last)) in starts.iter().copied().zip(ends).enumerate() {
        let exit = instrs.get(last as usize - 1).map_or(Exit::Leave, |instr| {
            exit_of(instr, at as u32, starts.len() as u32, instrs.len() as u32, &block_of)
        });
        out.blocks.push(Block { first, last, exit, chain: Vec::new() });
    }
    if version >= Version::new(3, 11) {
        protect_by_table(&mut out, decoded, protections, &block_of);
    } else {
        Walk { decoded, version, block_of: &block_of, out: &mut out }.run();
    }
    let cleanups: BTreeSet<u32> =
        out.handlers.keys().copied().filter(|handler| is_cleanup(&out, instrs, *handler)).collect();
    for block in &mut out.blocks {
        block.chain.retain(|handler| !cleanups.contains(handler));
    }
    out.handlers.retain(|handler, _| !cleanups.contains(handler));
    out
}

/// Where blocks start.
fn leaders(decoded: &Decoded, protections: &[Protection]) -> Vec<u32> {
    let n = decoded.instrs.len() as u32;
    let mut starts = vec![0];
    for (at, instr) in decoded.instrs.iter().enumerate() {
        if instr.target < n {
            starts.push(instr.target);
        }
        if instr.target != n || ends_block(instr.op) {
            starts.push(at as u32 + 1);
        }
        let is_jump = decoded.instrs.get(at).is_some_and(|i| matches!(i.op, Op::Branch(_) | Op::ForIter));
        if is_jump {
            starts.push(at as u32 + 1);
        }
    }
    for protection in protections {
        let offsets = [protection.start, protection.end, protection.target];
        starts.extend(offsets.into_iter().filter_map(|offset| decoded.index_at(offset)));
    }
    starts.retain(|start| *start < n);
    starts.sort_unstable();
    starts.dedup();
    starts
}

const fn ends_block(op: Op) -> bool {
    matches!(
        op,
        Op::Return
            | Op::ReturnConst
            | Op::Raise
            | Op::Reraise
            | Op::BreakLoop
            | Op::ContinueLoop
            | Op::PopBlock
            | Op::EndFinally
            | Op::JumpForward
            | Op::JumpAbsolute
            | Op::JumpBackward
            | Op::JumpBackwardQuietly
            | Op::Send
    )
}

fn exit_of(instr: &Instr, at: u32, n_blocks: u32, n_instrs: u32, block_of: &dyn Fn(u32) -> u32) -> Exit {
    let next = if at + 1 < n_blocks { Some(at + 1) } else { None };
    let target = (instr.target < n_instrs).then(|| block_of(instr.target));
    let on = next.map_or(Exit::Leave, Exit::Next);
    match instr.op {
        Op::Return | Op::ReturnConst | Op::Raise | Op::BreakLoop => Exit::Leave,
        Op::Reraise => Exit::Reraise,
        Op::EndFinally => next.map_or(Exit::Reraise, Exit::EndFinally),
        Op::Branch(when) => match (target, next) {
            (Some(jump), Some(next)) => Exit::Branch { when, jump, next },
            (Some(only), None) => Exit::Goto(only),
            _ => on,
        },
        Op::ForIter => match (target, next) {
            (Some(exit), Some(body)) => Exit::For { exit, body },
            _ => on,
        },
        Op::JumpForward
        | Op::JumpAbsolute
        | Op::JumpBackward
        | Op::JumpBackwardQuietly
        | Op::ContinueLoop
        | Op::Send => target.map_or(Exit::Leave, Exit::Goto),
        _ => on,
    }
}

/// Since 3.11: the table names the innermost handler of every instruction.
fn protect_by_table(
    out: &mut Blocks,
    decoded: &Decoded,
    protections: &[Protection],
    block_of: &dyn Fn(u32) -> u32,
) {
    let covering = |at: u32| {
        let start = decoded.instrs.get(at as usize)?.start;
        let found = protections.partition_point(|p| p.start <= start).checked_sub(1)?;
        protections.get(found).filter(|p| start < p.end)
    };
    for index in 0..out.blocks.len() {
        let Some(mut at) = out.blocks.get(index).map(|b| b.first) else { continue };
        let mut chain = Vec::new();
        while let Some(protection) = covering(at) {
            let Some(target) = decoded.index_at(protection.target) else { break };
            let handler = block_of(target);
            if chain.contains(&handler) || chain.len() >= MAX_CHAIN {
                break;
            }
            chain.push(handler);
            out.handlers.entry(handler).or_insert(HandlerEntry {
                depth: Some(protection.depth),
                pushed: 1 + u32::from(protection.has_offset),
                is_shared: false,
            });
            at = target;
        }
        chain.reverse();
        if let Some(block) = out.blocks.get_mut(index) {
            block.chain = chain;
        }
    }
}

/// What is open at a place, up to 3.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Loop(u32),
    Try(u32),
    /// In a handler; whether it is a `finally`.
    Handling(Shared),
}

/// Whether a handler is entered without an exception too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    Yes,
    No,
}

/// Up to 3.10: instructions open and close blocks; the walk follows the flow of control.
struct Walk<'a> {
    decoded: &'a Decoded,
    version: Version,
    block_of: &'a dyn Fn(u32) -> u32,
    out: &'a mut Blocks,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut is_seen = vec![false; self.out.blocks.len()];
        let mut work: Vec<(u32, Vec<Open>)> = vec![(0, Vec::new())];
        while let Some((at, mut open)) = work.pop() {
            match is_seen.get_mut(at as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let Some(block) = self.out.blocks.get_mut(at as usize) else { continue };
            block.chain = open
                .iter()
                .filter_map(|o| if let Open::Try(handler) = o { Some(*handler) } else { None })
                .take(MAX_CHAIN)
                .collect();
            let (first, last) = (block.first, block.last);
            for index in first..last {
                let Some(instr) = self.decoded.instrs.get(index as usize).copied() else { continue };
                self.step(&instr, at, &mut open, &mut work);
            }
            let Some(block) = self.out.blocks.get(at as usize) else { continue };
            let followers: Vec<u32> = block.exit.successors().collect();
            for next in followers.into_iter().rev() {
                // A shared handler is known from where it was set up.
                if !self.out.handlers.get(&next).is_some_and(|h| h.is_shared) {
                    work.push((next, open.clone()));
                }
            }
        }
    }

    fn step(&mut self, instr: &Instr, at: u32, open: &mut Vec<Open>, work: &mut Vec<(u32, Vec<Open>)>) {
        let target =
            || (instr.target < self.decoded.instrs.len() as u32).then(|| (self.block_of)(instr.target));
        let is_full = open.len() >= 2 * MAX_CHAIN;
        match instr.op {
            Op::SetupLoop if !is_full => open.extend(target().map(Open::Loop)),
            Op::SetupExcept | Op::SetupFinally | Op::SetupWith if !is_full => {
                let Some(handler) = target() else { return };
                let is_shared = self.is_entered_from_above(handler);
                let pushed = if self.version.major == 2 { 3 } else { 6 };
                self.out.handlers.insert(handler, HandlerEntry { depth: None, pushed, is_shared });
                let mut inside = open.clone();
                inside.push(Open::Handling(if is_shared { Shared::Yes } else { Shared::No }));
                work.push((handler, inside));
                open.push(Open::Try(handler));
            }
            Op::PopBlock => while let Some(Open::Handling(_)) = open.pop() {},
            Op::PopExcept => {
                if let Some(Open::Handling(_)) = open.last() {
                    open.pop();
                }
            }
            Op::EndFinally => {
                if open.last() == Some(&Open::Handling(Shared::No)) {
                    self.set_exit(at, Exit::Reraise);
                }
                if let Some(Open::Handling(_)) = open.last() {
                    open.pop();
                }
            }
            Op::BreakLoop => {
                let end =
                    open.iter().rev().find_map(|o| if let Open::Loop(end) = o { Some(*end) } else { None });
                if let Some(end) = end {
                    self.set_exit(at, Exit::Goto(end));
                    while open.last().is_some_and(|o| *o != Open::Loop(end)) {
                        open.pop();
                    }
                    open.pop();
                }
            }
            _ => {}
        }
    }

    fn set_exit(&mut self, at: u32, exit: Exit) {
        if let Some(block) = self.out.blocks.get_mut(at as usize) {
            block.exit = exit;
        }
    }

    /// Whether the block before a handler runs into it.
    fn is_entered_from_above(&self, handler: u32) -> bool {
        let above = handler.checked_sub(1).and_then(|above| self.out.blocks.get(above as usize));
        above.is_some_and(|block| block.exit == Exit::Next(handler)) && self.version < Version::new(3, 9)
    }
}

/// Whether a handler only tidies up what the compiler itself put there, and holds nothing of the source.
fn is_cleanup(blocks: &Blocks, instrs: &[Instr], handler: u32) -> bool {
    let Some(block) = blocks.blocks.get(handler as usize) else { return true };
    let body = instrs.get(block.first as usize..block.last as usize).unwrap_or_default();
    if body.first().is_some_and(|instr| instr.op == Op::CleanupThrow) {
        return true;
    }
    let tidies = |instr: &Instr| match instr.op {
        Op::Copy
        | Op::Swap
        | Op::Pop
        | Op::PopIter
        | Op::PopExcept
        | Op::Reraise
        | Op::EndFinally
        | Op::Nop
        | Op::LoadConst
        | Op::Delete(_)
        | Op::Store(_)
        | Op::Rotate(_) => true,
        Op::Intrinsic1 => instr.arg == 3,
        _ => false,
    };
    // Since 3.11 a handler of the source begins with PUSH_EXC_INFO; before, one without instructions of its own
    // cannot be told from the compiler's and does nothing either.
    let ends = matches!(block.exit, Exit::Reraise | Exit::EndFinally(_));
    ends && body.iter().all(tidies)
}
