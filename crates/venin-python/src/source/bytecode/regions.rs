//! Blocks to statements: sequences, branches and loops.
//!
//! A region starts at a block and ends where control meets again.  Every block is emitted once, except small
//! ones that end the code.  Blocks that the structure has no place for come at the end, so that they are not lost.

use super::super::ir::{Expr, ExprId, Stmt, StmtId};
use super::arena::Note;
use super::bits::Bits;
use super::blocks::Exit;
use super::body::{Body, Slot};
use super::conditions::{Branching, Edge, Side};

/// Most regions inside each other.
const MAX_REGIONS: u32 = 180;
/// Most small blocks that are emitted again.
const MAX_REPEATS: u32 = 500;

/// How a region ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At the block it was to end at.
    Falls,
    /// It leaves: return, raise, break, continue.
    Leaves,
}

/// Whether the first block of a region was arrived at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Fresh,
    Inside,
}

/// The statements of a region and the stack behind it.
pub(super) struct Region {
    pub(super) stmts: Vec<StmtId>,
    pub(super) end: End,
    pub(super) stack: Vec<Slot>,
}

impl Body<'_, '_, '_> {
    /// Emits all code.
    pub(super) fn emit_all(&mut self) {
        if self.blocks.blocks.is_empty() {
            return;
        }
        self.sequence(0, None, Entry::Fresh);
        for block in 0..self.blocks.blocks.len() as u32 {
            if self.visited.contains(block) || !self.graph.is_reached(block) {
                continue;
            }
            self.stack.clear();
            self.loops.clear();
            self.active = self.blocks.blocks.get(block as usize).map(|b| b.chain.clone()).unwrap_or_default();
            let region = self.region(block, None, Entry::Inside);
            if region.stmts.iter().any(|stmt| self.does_something(*stmt)) {
                let test = self.low.expr(Expr::Invalid);
                self.emit(Stmt::If([(Some(test), region.stmts.into())].into()));
            }
        }
    }

    /// Emits blocks in the order of the code, for code with too many of them.
    pub(super) fn emit_in_order(&mut self) {
        for block in 0..self.blocks.blocks.len() as u32 {
            self.run_block(block);
            if let Some(Exit::Branch { .. }) = self.blocks.blocks.get(block as usize).map(|b| b.exit) {
                self.discard_test();
            }
        }
        // What returns in the middle must not hide what follows.
        let low = &self.low;
        self.out.retain(|stmt| !matches!(low.stmt_of(*stmt), Stmt::Return(_) | Stmt::Raise(_)));
    }

    fn discard_test(&mut self) {
        if let Slot::Expr(id) = self.pop_slot()
            && self.has_effect(id)
        {
            self.low.mark_used(id);
            self.emit(Stmt::Expr(id));
        }
    }

    fn does_something(&self, stmt: StmtId) -> bool {
        match self.low.stmt_of(stmt) {
            Stmt::Raise(None)
            | Stmt::Return(_)
            | Stmt::Break
            | Stmt::Continue
            | Stmt::Pass
            | Stmt::Delete(_) => false,
            Stmt::If(branches) => {
                branches.iter().any(|(_, body)| body.iter().any(|s| self.does_something(*s)))
            }
            Stmt::Assign { value, .. } => self.has_effect(*value),
            _ => true,
        }
    }

    /// Emits a region into statements of its own.
    pub(super) fn region(&mut self, start: u32, follow: Option<u32>, entry: Entry) -> Region {
        if self.depth >= MAX_REGIONS {
            self.low.cut();
            return Region { stmts: Vec::new(), end: End::Leaves, stack: self.stack.clone() };
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.out);
        self.enclose(follow);
        let end = self.sequence(start, follow, entry);
        self.follows.pop();
        self.beyond.pop();
        self.depth -= 1;
        let stmts = std::mem::replace(&mut self.out, outer);
        Region { stmts, end, stack: self.stack.clone() }
    }

    /// Notes where a region ends and what lies behind that.
    fn enclose(&mut self, follow: Option<u32>) {
        let mut beyond = self.beyond.last().cloned().unwrap_or_default();
        let is_header = |block: u32| self.loops.iter().any(|l| l.header == block);
        if let Some(block) = follow.filter(|block| !is_header(*block)) {
            beyond.union_with(&self.graph.reach_of(block));
        }
        if let Some(exit) = self.loops.last().and_then(|l| l.exit) {
            beyond.union_with(&self.graph.reach_of(exit));
        }
        self.follows.push(follow);
        self.beyond.push(beyond);
    }

    /// Emits blocks one after the other until `follow` is reached.
    fn sequence(&mut self, start: u32, follow: Option<u32>, entry: Entry) -> End {
        let mut at = start;
        let mut entry = entry;
        loop {
            if entry == Entry::Fresh
                && let Some(end) = self.arrive(at, follow)
            {
                return end;
            }
            entry = Entry::Fresh;
            self.note_unprotected(at);
            if !self.low.spend(1) {
                return End::Leaves;
            }
            let next = match self.structure_at(at) {
                Some(next) => next,
                None => {
                    self.visited.insert(at);
                    self.run_block(at);
                    self.leave(at, follow)
                }
            };
            match next {
                Some(next) => at = next,
                None => return End::Leaves,
            }
        }
    }

    /// Notes where the body of a `try` goes on without protection: what follows is its `else`.
    fn note_unprotected(&mut self, at: u32) {
        let (depth, length) = (self.depth, self.out.len());
        let Some(chain) = self.blocks.blocks.get(at as usize).map(|b| &b.chain) else { return };
        if let Some(open) = self.tries.last_mut()
            && open.depth == depth
            && open.protected.is_none()
            && !chain.contains(&open.handler)
        {
            open.protected = Some(length);
        }
    }

    /// Whether a block ends the region in course instead of belonging to it.
    fn arrive(&mut self, at: u32, follow: Option<u32>) -> Option<End> {
        if Some(at) == follow {
            return Some(End::Falls);
        }
        if let Some(inner) = self.loops.last().copied() {
            if at == inner.header {
                self.emit(Stmt::Continue);
                return Some(End::Leaves);
            }
            if Some(at) == inner.exit {
                self.emit(Stmt::Break);
                return Some(End::Leaves);
            }
            if self.loops.iter().any(|l| l.header == at || l.exit == Some(at)) {
                // Out of two loops at once; the inner one is what can be said.
                self.emit(Stmt::Break);
                return Some(End::Leaves);
            }
        }
        if self.follows.contains(&Some(at)) {
            return Some(End::Leaves);
        }
        if self.visited.contains(at) && !self.may_repeat(at) {
            return Some(End::Leaves);
        }
        None
    }

    /// Small blocks that end the code are shared by what jumps to them.
    fn may_repeat(&mut self, at: u32) -> bool {
        let Some(block) = self.blocks.blocks.get(at as usize) else { return false };
        let is_small = block.exit == Exit::Leave && block.last - block.first <= 12;
        self.repeats += u32::from(is_small);
        is_small && self.repeats <= MAX_REPEATS
    }

    /// Emits the `try` or the loop that begins at a block; gives the block after it.
    fn structure_at(&mut self, at: u32) -> Option<Option<u32>> {
        let opened = self.graph.opens.get(at as usize)?.iter().copied().find(|h| !self.active.contains(h));
        let is_inside = self.loops.last().is_some_and(|l| l.header == at);
        let members = self.graph.loops.get(&at).filter(|_| !is_inside);
        match (opened, members) {
            // A handler that leads back into the loop belongs to a `try` inside it.
            (Some(handler), Some(members)) if !members.contains(handler) => {
                Some(self.try_region(handler, at))
            }
            (Some(handler), None) => Some(self.try_region(handler, at)),
            (_, Some(members)) => {
                let members = members.clone();
                Some(self.loop_region(at, &members))
            }
            (None, None) => None,
        }
    }

    /// Follows the exit of a block that was run; gives the next block of the sequence.
    fn leave(&mut self, at: u32, follow: Option<u32>) -> Option<u32> {
        match self.blocks.blocks.get(at as usize)?.exit {
            Exit::Next(next) | Exit::Goto(next) | Exit::EndFinally(next) => Some(next),
            Exit::Leave => None,
            Exit::Reraise => {
                self.has_reraised = true;
                None
            }
            Exit::Branch { when, jump, next } => {
                let branching = self.branching(at, when, jump, next);
                self.accept(&branching);
                self.branch(branching, follow)
            }
            Exit::For { .. } => {
                let mut members = Bits::new(self.blocks.blocks.len());
                members.insert(at);
                self.for_region(at, &members)
            }
        }
    }

    /// Emits a branch; gives the block where control meets again.
    fn branch(&mut self, branching: Branching, follow: Option<u32>) -> Option<u32> {
        let Branching { test, yes, no, body, .. } = branching;
        let body_block = if body == Side::Yes { yes.block } else { no.block };
        // A body that goes straight to the next round is `continue`.
        let continues = self.loops.last().is_some_and(|l| l.header == body_block);
        let meeting = self.meeting(yes.block, no.block, follow).filter(|_| !continues);
        if let Some(meeting) = meeting {
            let stack_line = self.line;
            let taken = self.arm(&yes, Some(meeting));
            self.line = stack_line;
            let other = self.arm(&no, Some(meeting));
            let ends = (taken.end, other.end);
            self.line = stack_line;
            self.emit_if(test, taken, other, body);
            return (ends != (End::Leaves, End::Leaves)).then_some(meeting);
        }
        // One side leaves for good, or both do: the smaller one is the body.
        let skips = |edge: &Edge, other: &Edge| self.skips_round(edge.block, other.block);
        let (small, large, side) = match (self.extent(yes.block), self.extent(no.block)) {
            // What leaves the loop is the body, however large.
            _ if skips(&no, &yes) => (yes, no, Side::Yes),
            _ if skips(&yes, &no) => (no, yes, Side::No),
            (a, b) if a < b || (a == b && body == Side::Yes) => (yes, no, Side::Yes),
            _ => (no, yes, Side::No),
        };
        let line = self.line;
        let inner = self.arm(&small, None);
        self.line = line;
        let test = if side == Side::Yes { test } else { self.negate(test) };
        self.low.mark_used(test);
        if !self.emit_assertion(test, &inner) && !inner.stmts.is_empty() {
            self.emit(Stmt::If([(Some(test), inner.stmts.into())].into()));
        } else if inner.stmts.is_empty() && self.has_effect(test) {
            self.emit(Stmt::Expr(test));
        }
        self.stack = large.stack;
        Some(large.block)
    }

    /// Whether a block only goes on with the next round of the loop, and another leaves the loop with more than a
    /// jump.
    fn skips_round(&self, block: u32, other: u32) -> bool {
        let Some(inner) = self.loops.last() else { return false };
        let goes_on = block == inner.header
            || self.only_jumps(block)
                && self.blocks.blocks.get(block as usize).is_some_and(|b| b.exit == Exit::Goto(inner.header));
        let stays = self.graph.loops.get(&inner.header).is_some_and(|members| members.contains(other));
        goes_on && !stays && self.extent(other) > 0 && !self.only_jumps(other)
    }

    /// Emits one side of a branch.
    fn arm(&mut self, edge: &Edge, follow: Option<u32>) -> Region {
        self.stack.clone_from(&edge.stack);
        self.region(edge.block, follow, Entry::Fresh)
    }

    /// The first block that both sides of a branch lead to inside the region in course.
    fn meeting(&self, a: u32, b: u32, follow: Option<u32>) -> Option<u32> {
        let mut common = self.graph.reach_of(a);
        common.intersect_with(&self.graph.reach_of(b));
        // What goes on with the next round leads to nothing in this one.
        if self.loops.iter().any(|l| l.header == a || l.header == b) {
            common = Bits::default();
        }
        let meets_at_end = follow.filter(|end| {
            self.graph.leads_to(a, *end) && self.graph.leads_to(b, *end) || self.both_loop(a, b, *end)
        });
        if let Some(beyond) = self.beyond.last() {
            common.remove_all(beyond);
        }
        if let Some(inner) = self.loops.last() {
            let mut header = Bits::new(self.blocks.blocks.len());
            header.insert(inner.header);
            common.remove_all(&header);
        }
        self.graph.first_of(&common).or(meets_at_end)
    }

    /// Whether a region ends with the next round of a loop and two blocks lead there.
    fn both_loop(&self, a: u32, b: u32, end: u32) -> bool {
        let is_inner = self.loops.last().is_some_and(|l| l.header == end);
        let Some(members) = self.graph.loops.get(&end).filter(|_| is_inner) else { return false };
        let leads = |block: u32| block == end || members.contains(block) && !self.only_jumps(block);
        leads(a) && leads(b)
    }

    /// Whether a block is nothing but a jump, as `continue` and `break` are.
    fn only_jumps(&self, block: u32) -> bool {
        let Some(block) = self.blocks.blocks.get(block as usize) else { return false };
        let instrs = self.instrs.get(block.first as usize..block.last as usize).unwrap_or_default();
        matches!(block.exit, Exit::Goto(_)) && instrs.len() == 1
    }

    /// How much code a block leads to inside the region in course.
    fn extent(&self, block: u32) -> u32 {
        let is_end = self.visited.contains(block)
            || self.follows.contains(&Some(block))
            || self.loops.last().is_some_and(|l| l.header == block || l.exit == Some(block));
        if is_end {
            return 0;
        }
        let mut set = self.graph.reach_of(block);
        if let Some(beyond) = self.beyond.last() {
            set.remove_all(beyond);
        }
        set.len()
    }

    /// Emits `if` for two sides that meet again, and joins the stacks they leave.
    fn emit_if(&mut self, test: ExprId, mut taken: Region, mut other: Region, body: Side) {
        self.join_stacks(test, &mut taken, &mut other);
        if taken.stmts.is_empty() && other.stmts.is_empty() {
            if !self.low.is_used(test) && self.has_effect(test) {
                self.low.mark_used(test);
                self.emit(Stmt::Expr(test));
            }
            return;
        }
        self.low.mark_used(test);
        let (test, then, orelse) = match body {
            _ if other.stmts.is_empty() => (test, taken, other),
            _ if taken.stmts.is_empty() => (self.negate(test), other, taken),
            Side::Yes => (test, taken, other),
            Side::No => (self.negate(test), other, taken),
        };
        if orelse.stmts.is_empty() && self.emit_assertion(test, &then) {
            return;
        }
        let mut branches = vec![(Some(test), then.stmts.into_boxed_slice())];
        match orelse.stmts.as_slice() {
            [] => {}
            // `elif`.
            [only] if matches!(self.low.stmt_of(*only), Stmt::If(_)) => {
                if let Stmt::If(inner) = self.low.stmt_of(*only).clone() {
                    branches.extend(inner);
                }
            }
            _ => branches.push((None, orelse.stmts.into())),
        }
        self.emit(Stmt::If(branches.into()));
    }

    /// `assert`: a branch that only raises an AssertionError of the compiler's.
    fn emit_assertion(&mut self, test: ExprId, region: &Region) -> bool {
        let [only] = region.stmts.as_slice() else { return false };
        let Stmt::Raise(Some(raised)) = *self.low.stmt_of(*only) else { return false };
        let (callee, message) = match self.low.get(raised) {
            Expr::Call { callee, args } => (*callee, args.first().map(|a| a.value)),
            _ => (raised, None),
        };
        if !matches!(self.low.notes.get(&callee), Some(Note::AssertionError)) {
            return false;
        }
        let test = self.negate(test);
        self.emit(Stmt::Assert { test, message });
        true
    }

    /// Joins what two sides of a branch leave on the stack.
    fn join_stacks(&mut self, test: ExprId, taken: &mut Region, other: &mut Region) {
        if taken.end == End::Leaves || other.end == End::Leaves {
            let kept = if taken.end == End::Leaves { &mut *other } else { taken };
            self.stack = std::mem::take(&mut kept.stack);
            return;
        }
        let height = taken.stack.len().min(other.stack.len());
        let is_pure = taken.stmts.is_empty() && other.stmts.is_empty();
        let mut joined = Vec::with_capacity(height);
        for (a, b) in taken.stack.iter().zip(&other.stack) {
            let slot = match (a, b) {
                _ if a == b => a.clone(),
                (Slot::Expr(a), Slot::Expr(b)) if is_pure => Slot::Expr(self.select(test, *a, *b)),
                (Slot::Expr(a), Slot::Expr(b)) => {
                    let name = self.low.fresh("v");
                    for (region, value) in [(&mut taken.stmts, *a), (&mut other.stmts, *b)] {
                        let target = self.low.expr(Expr::Name(name));
                        self.low.mark_used(value);
                        let stmt = Stmt::Assign { targets: [target].into(), value };
                        region.push(self.low.stmt(stmt, self.line));
                    }
                    Slot::Expr(self.low.expr(Expr::Name(name)))
                }
                _ => Slot::Opaque,
            };
            joined.push(slot);
        }
        self.stack = joined;
    }
}
