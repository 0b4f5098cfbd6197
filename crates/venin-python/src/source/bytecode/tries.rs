//! `try` and `with`.

use super::super::ir::{Expr, ExprId, Handler, Stmt, Try, With};
use super::arena::Note;
use super::blocks::Exit;
use super::body::{Body, OpenTry, Slot};
use super::opcode::{Op, When};
use super::regions::{End, Entry, Region};

/// Most clauses of one `try`.
const MAX_CLAUSES: usize = 500;

/// What a `try` catches and what it does in any case.
#[derive(Default)]
struct Clauses {
    handlers: Vec<Handler>,
    finally: Vec<super::super::ir::StmtId>,
    /// The stack behind a handler that does not leave.
    stack: Option<Vec<Slot>>,
}

impl Body<'_, '_, '_> {
    /// Emits the code that a handler protects and what the handler does; gives the block after both.
    pub(super) fn try_region(&mut self, handler: u32, at: u32) -> Option<u32> {
        let entry = self.blocks.handlers.get(&handler).copied()?;
        // Looking for the end of a `try` looks at every block.
        if !self.low.spend(1 + self.blocks.blocks.len() as u64 / 16) {
            return None;
        }
        let context = self.entered();
        let line = self.line;
        let follow = if entry.is_shared { Some(handler) } else { self.after_try(handler) };
        let depth = entry.depth.map_or(self.stack.len(), |depth| (depth as usize).min(self.stack.len()));
        let mut base = self.stack.clone();
        base.truncate(depth);
        if let Some((value, _)) = context {
            self.low.notes.insert(value, Note::Binding(None));
        }
        self.active.push(handler);
        self.tries.push(OpenTry { handler, depth: self.depth + 1, protected: None });
        let mut body = self.region(at, follow, Entry::Inside);
        let protected = self.tries.pop().and_then(|open| open.protected).unwrap_or(body.stmts.len());
        self.active.pop();
        if let Some((value, context)) = context {
            let end_stack = if body.end == End::Falls { body.stack.clone() } else { base };
            self.line = line;
            self.emit_with(value, context, body);
            self.stack = end_stack;
            return follow;
        }
        if entry.is_shared {
            return self.emit_finally(handler, body, &base);
        }
        let pushed = if self.low.at_least(3, 11) { entry.pushed - 1 } else { 0 };
        self.stack.clone_from(&base);
        (0..pushed).for_each(|_| self.stack.push(Slot::Opaque));
        (0..entry.pushed - pushed).for_each(|_| self.stack.push(Slot::Exception));
        let clauses = self.clauses(handler, follow);
        self.line = line;
        self.stack = match (body.end, &clauses.stack) {
            (End::Falls, _) => body.stack,
            (End::Leaves, Some(stack)) => stack.clone(),
            (End::Leaves, None) => base,
        };
        let ends = body.end == End::Leaves && clauses.stack.is_none() && !clauses.handlers.is_empty();
        if clauses.handlers.is_empty() && clauses.finally.is_empty() {
            self.out.extend(body.stmts);
        } else {
            let mut rest = body.stmts.split_off(protected.min(body.stmts.len()));
            // What a `finally` does stands behind the protected code once more, not in its `else`.
            let behind = if clauses.finally.is_empty() { Vec::new() } else { std::mem::take(&mut rest) };
            self.emit(Stmt::Try(Box::new(Try {
                body: body.stmts.into(),
                handlers: clauses.handlers.into(),
                orelse: rest.into(),
                finally: clauses.finally.into(),
            })));
            self.out.extend(behind);
        }
        if ends && body.end == End::Leaves { None } else { follow }
    }

    /// What a context manager gave, if that is on top of the stack: the value and the manager.
    fn entered(&self) -> Option<(ExprId, ExprId)> {
        let Slot::Expr(top) = self.peek(1) else { return None };
        match (self.low.notes.get(&top), self.low.get(top)) {
            (Some(Note::Enter(context)), Expr::Call { .. }) => Some((top, *context)),
            _ => None,
        }
    }

    fn emit_with(&mut self, value: ExprId, context: ExprId, body: Region) {
        let target = match self.low.notes.get(&value) {
            Some(Note::Binding(target)) => *target,
            _ => None,
        };
        self.low.notes.remove(&value);
        self.low.mark_used(context);
        self.emit(Stmt::With(Box::new(With { items: [(context, target)].into(), body: body.stmts.into() })));
    }

    /// The block after a `try`: where the protected code and its handlers meet, or where the code leads.
    fn after_try(&self, handler: u32) -> Option<u32> {
        let is_protected =
            |block: u32| self.blocks.blocks.get(block as usize).is_some_and(|b| b.chain.contains(&handler));
        let mut exits: Vec<u32> = Vec::new();
        for (at, block) in self.blocks.blocks.iter().enumerate() {
            if !is_protected(at as u32) {
                continue;
            }
            for next in block.exit.successors() {
                if !is_protected(next) && !exits.contains(&next) && !self.is_loop_edge(next) {
                    exits.push(next);
                }
            }
        }
        let caught = self.graph.reach_of(handler);
        let meetings = exits.iter().filter_map(|exit| {
            let mut common = self.graph.reach_of(*exit);
            common.intersect_with(&caught);
            self.graph.first_of(&common)
        });
        let meeting = meetings.min_by_key(|block| self.graph.order.get(*block as usize).copied());
        let beyond = self.beyond.last();
        let is_beyond = |block: u32| beyond.is_some_and(|b| b.contains(block));
        let current = self.follows.last().copied().flatten();
        match meeting {
            Some(block) if !is_beyond(block) || Some(block) == current => Some(block),
            _ => exits
                .into_iter()
                .max_by_key(|exit| {
                    let mut set = self.graph.reach_of(*exit);
                    if let Some(beyond) = beyond {
                        set.remove_all(beyond);
                    }
                    (Some(*exit) == current, set.len())
                })
                .or(current.filter(|block| meeting == Some(*block))),
        }
    }

    fn is_loop_edge(&self, block: u32) -> bool {
        self.loops.iter().any(|l| l.header == block || l.exit == Some(block))
    }

    /// A `finally` that is entered with and without an exception (to 3.8).
    fn emit_finally(&mut self, handler: u32, body: Region, base: &[Slot]) -> Option<u32> {
        self.stack = if body.end == End::Falls {
            body.stack
        } else {
            base.iter().cloned().chain([Slot::Opaque, Slot::Opaque]).collect()
        };
        let reach = self.graph.reach_of(handler);
        let chain = self.blocks.blocks.get(handler as usize).map(|b| b.chain.clone()).unwrap_or_default();
        let mut ends: Vec<(u32, u32)> = reach
            .iter()
            .filter_map(|at| match self.blocks.blocks.get(at as usize) {
                Some(block) if block.chain == chain => match block.exit {
                    Exit::EndFinally(next) => Some((at, next)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        ends.sort_unstable();
        let Some((_, after)) = ends.first().copied() else {
            self.out.extend(body.stmts);
            return Some(handler);
        };
        let finally = self.region(handler, Some(after), Entry::Inside);
        if finally.end == End::Leaves {
            self.stack = base.to_vec();
        }
        if finally.stmts.is_empty() {
            self.out.extend(body.stmts);
        } else {
            self.emit(Stmt::Try(Box::new(Try {
                body: body.stmts.into(),
                handlers: Box::default(),
                orelse: Box::default(),
                finally: finally.stmts.into(),
            })));
        }
        Some(after)
    }

    /// The clauses that begin at a handler.
    fn clauses(&mut self, handler: u32, follow: Option<u32>) -> Clauses {
        let mut out = Clauses::default();
        let mut at = handler;
        let outer_name = self.exception_name.take();
        while out.handlers.len() < MAX_CLAUSES {
            if self.visited.contains(at) && Some(at) != follow || !self.low.spend(1) {
                break;
            }
            if !self.begins_clause(at) {
                self.bare_clause(at, follow, &mut out);
                break;
            }
            self.visited.insert(at);
            let before = self.out.len();
            self.run_block(at);
            let prefix = self.out.split_off(before);
            let Some(Exit::Branch { when, jump, next }) = self.blocks.blocks.get(at as usize).map(|b| b.exit)
            else {
                break;
            };
            let branching = self.branching(at, when, jump, next);
            self.stack.clone_from(&branching.yes.stack);
            let region = self.region(branching.yes.block, follow, Entry::Fresh);
            if region.end == End::Falls {
                out.stack = Some(region.stack);
            }
            let body = prefix.into_iter().chain(region.stmts).collect();
            let name = self.exception_name.take();
            out.handlers.push(Handler { types: branching.exception, name, body });
            self.stack = branching.no.stack;
            at = branching.no.block;
        }
        self.exception_name = outer_name;
        out
    }

    /// Whether a block ends with the test whether the exception is of a type.
    fn begins_clause(&self, block: u32) -> bool {
        let Some(block) = self.blocks.blocks.get(block as usize) else { return false };
        let Exit::Branch { when, .. } = block.exit else { return false };
        if when == When::NotMatching {
            return true;
        }
        let instrs = self.instrs.get(block.first as usize..block.last as usize).unwrap_or_default();
        let test = instrs.iter().rev().nth(1);
        test.is_some_and(|i| match i.op {
            Op::CheckExceptionMatch => true,
            Op::Compare => i.arg == 10 && !self.low.at_least(3, 9),
            _ => false,
        })
    }

    /// `except:`, or what `finally` does when there is an exception.
    fn bare_clause(&mut self, at: u32, follow: Option<u32>, out: &mut Clauses) {
        let outer = std::mem::take(&mut self.has_reraised);
        let region = self.region(at, follow, Entry::Fresh);
        let reraises = std::mem::replace(&mut self.has_reraised, outer);
        let name = self.exception_name.take();
        if region.end == End::Falls {
            out.stack = Some(region.stack.clone());
        }
        let is_first = out.handlers.is_empty();
        match (region.stmts.is_empty(), reraises && region.end == End::Leaves) {
            // The exception goes on to the next handler.
            (true, true) => {}
            (false, true) if is_first => out.finally = region.stmts,
            (_, _) => out.handlers.push(Handler { types: None, name, body: region.stmts.into() }),
        }
    }
}
