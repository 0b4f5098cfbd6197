//! Loops: the blocks of a loop to `while` and `for` statements.

use super::super::ir::{Expr, ExprId, For, Stmt, While};
use super::arena::Note;
use super::bits::Bits;
use super::blocks::Exit;
use super::body::{Body, Loop, Slot};
use super::opcode::Op;
use super::regions::Entry;

impl Body<'_, '_, '_> {
    pub(super) fn loop_region(&mut self, header: u32, members: &Bits) -> Option<u32> {
        if let Some(Exit::For { .. }) = self.blocks.blocks.get(header as usize).map(|b| b.exit) {
            self.visited.insert(header);
            self.run_block(header);
            return self.for_region(header, members);
        }
        self.while_region(header, members)
    }

    fn while_region(&mut self, header: u32, members: &Bits) -> Option<u32> {
        let exit = self.while_exit(header, members);
        let line = self.line;
        let entry_stack = self.stack.clone();
        self.loops.push(Loop { header, exit });
        let region = self.region(header, Some(header), Entry::Inside);
        self.loops.pop();
        let test = self.low.expr(Expr::Bool(true));
        self.line = line;
        self.emit(Stmt::While(Box::new(While { test, body: region.stmts.into(), orelse: Box::default() })));
        self.stack = entry_stack;
        exit
    }

    /// Where a `while` ends: where its test leads, or else the exit with most code behind it.
    fn while_exit(&self, header: u32, members: &Bits) -> Option<u32> {
        let exits = self.exits_of(members);
        let tested = self.blocks.blocks.get(header as usize)?.exit.successors().find(|s| exits.contains(s));
        let chosen = tested.or_else(|| {
            exits.iter().copied().max_by_key(|exit| {
                let mut set = self.graph.reach_of(*exit);
                if let Some(beyond) = self.beyond.last() {
                    set.remove_all(beyond);
                }
                (self.follows.contains(&Some(*exit)), set.len())
            })
        })?;
        Some(self.after_loop(chosen, &exits))
    }

    fn exits_of(&self, members: &Bits) -> Vec<u32> {
        let mut exits: Vec<u32> = Vec::new();
        for member in members.iter() {
            let Some(block) = self.blocks.blocks.get(member as usize) else { continue };
            for next in block.exit.successors() {
                if !members.contains(next) && !exits.contains(&next) {
                    exits.push(next);
                }
            }
        }
        exits
    }

    /// The block after a loop: where its natural end and its breaks meet.
    fn after_loop(&self, natural: u32, exits: &[u32]) -> u32 {
        let ends = self.graph.reach_of(natural);
        let mut met = Bits::new(self.blocks.blocks.len());
        for exit in exits.iter().filter(|exit| **exit != natural) {
            let mut common = self.graph.reach_of(*exit);
            common.intersect_with(&ends);
            if let Some(first) = self.graph.first_of(&common) {
                met.insert(first);
            }
        }
        self.graph.first_of(&met).unwrap_or(natural)
    }

    /// Emits a `for` whose header was run: the iterator is on the stack.
    pub(super) fn for_region(&mut self, header: u32, members: &Bits) -> Option<u32> {
        let Exit::For { exit, body } = self.blocks.blocks.get(header as usize)?.exit else { return None };
        let line = self.line;
        let iter = self.pop();
        self.low.mark_used(iter);
        let container = self.prepare_container(members);
        let base = self.stack.clone();
        let after = self.after_loop(exit, &self.exits_of(members));
        let name = self.low.fresh("i");
        let item = self.low.expr(Expr::Name(name));
        self.low.notes.insert(item, Note::Binding(None));
        self.push(Slot::Opaque);
        self.push(Slot::Expr(item));
        self.loops.push(Loop { header, exit: Some(after) });
        let region = self.region(body, Some(header), Entry::Fresh);
        self.loops.pop();
        let target = match self.low.notes.remove(&item) {
            Some(Note::Binding(Some(target))) => target,
            _ => self.low.expr(Expr::Name(name)),
        };
        self.stack.clone_from(&base);
        if self.low.at_least(3, 12) {
            self.push(Slot::Opaque);
            self.push(Slot::Opaque);
        }
        let orelse =
            if exit == after { Vec::new() } else { self.region(exit, Some(after), Entry::Fresh).stmts };
        if exit != after {
            self.stack.clone_from(&base);
        }
        self.line = line;
        let (body, orelse) = (region.stmts.into(), orelse.into());
        let id = self.low.stmt(Stmt::For(Box::new(For { target, iter, body, orelse })), line);
        self.out.push(id);
        if let Some(container) = container {
            self.finish_container(&container);
        }
        Some(after)
    }

    /// A display that the loop adds to becomes a variable while the loop runs.
    fn prepare_container(&mut self, members: &Bits) -> Option<Container> {
        let adds = members.iter().any(|member| {
            let Some(block) = self.blocks.blocks.get(member as usize) else { return false };
            let instrs = self.instrs.get(block.first as usize..block.last as usize).unwrap_or_default();
            instrs.iter().any(|i| matches!(i.op, Op::Add(_)))
        });
        if !adds {
            return None;
        }
        let is_display = |me: &Self, slot: &Slot| match slot {
            Slot::Expr(id) => match me.low.get(*id) {
                Expr::List(items) | Expr::Set(items) => items.is_empty(),
                Expr::Dict(entries) => entries.is_empty(),
                _ => false,
            },
            _ => false,
        };
        let position = (0..self.stack.len())
            .rev()
            .find(|at| self.stack.get(*at).is_some_and(|s| is_display(self, s)))?;
        let Some(Slot::Expr(display)) = self.stack.get(position).cloned() else { return None };
        let name = self.low.fresh("c");
        let target = self.low.expr(Expr::Name(name));
        self.emit(Stmt::Assign { targets: [target].into(), value: display });
        let variable = self.low.expr(Expr::Name(name));
        if let Some(slot) = self.stack.get_mut(position) {
            *slot = Slot::Expr(variable);
        }
        Some(Container { position, display })
    }

    /// Turns a loop that only fills a container into a comprehension.
    fn finish_container(&mut self, container: &Container) {
        let [.., _, loop_] = *self.out.as_slice() else { return };
        let kind = match self.low.get(container.display) {
            Expr::Set(_) => super::super::ir::ComprehensionKind::Set,
            Expr::Dict(_) => super::super::ir::ComprehensionKind::Dict,
            _ => super::super::ir::ComprehensionKind::List,
        };
        let Some(expr) = self.low.comprehension_of_loop(kind, loop_) else { return };
        self.out.truncate(self.out.len() - 2);
        let id = self.low.expr(expr);
        if let Some(slot) = self.stack.get_mut(container.position) {
            *slot = Slot::Expr(id);
        }
    }
}

/// A display that stands as a variable while a loop runs.
struct Container {
    position: usize,
    display: ExprId,
}
