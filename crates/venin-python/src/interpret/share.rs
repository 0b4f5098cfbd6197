//! Shares of the budgets: no statement takes all that is left of them, so that what stands behind it is looked at.
//!
//! A program that runs for hours is followed for a while.  Where it stops being followed, the names that the statement
//! assigns are no longer known, what was not followed is told, and the next statement is looked at with what is left.

use rustc_hash::FxHashSet;
use venin_model::GapKind;

use super::Interpreter;
use crate::source::ir::{Block, Code, Expr, ExprId, For, Stmt, StmtId, Try, While, With};
use crate::value::{HeapEnds, Share, Sym, Value};

/// Most places that are told of one analysis.
const MOST_TOLD: usize = 8;
/// Depth to which blocks are searched for assigned names.
const MAX_DEPTH: u8 = 24;

/// Where the budgets ended before a statement took its share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    steps: Share,
    iterations: Share,
    heap: HeapEnds,
}

impl Interpreter<'_> {
    /// Narrows the budgets to the share of one statement.
    pub(super) fn take_share(&mut self) -> Ends {
        let budget = &mut self.budget;
        let ends =
            Ends { steps: budget.steps_left, iterations: budget.iterations_left, heap: self.heap.ends() };
        budget.steps_left = budget.steps_left.at_level(budget.steps, budget.shares);
        budget.iterations_left = budget.iterations_left.at_level(budget.iterations, budget.shares);
        self.heap.take_share(budget.shares);
        budget.shares += 1;
        ends
    }

    /// Ends the share of a statement.  One that used it up leaves unknown what it assigns; gives whether it did.
    pub(super) fn end_share(&mut self, ends: Ends, code: &Code, statement: StmtId) -> bool {
        let is_cut = self.budget.are_steps_spent()
            || self.budget.iterations >= self.budget.iterations_left.end
            || self.heap.is_exhausted();
        self.budget.shares -= 1;
        self.budget.steps_left = ends.steps;
        self.budget.iterations_left = ends.iterations;
        self.heap.set_ends(ends.heap);
        if is_cut {
            self.budget.cuts += 1;
            self.forget_assigned(code, statement);
            self.tell_cut(code, statement);
        }
        is_cut
    }

    /// What a statement that was not followed to its end assigns may be anything.
    fn forget_assigned(&mut self, code: &Code, statement: StmtId) {
        let mut names = FxHashSet::default();
        collect_of_statement(code, statement, MAX_DEPTH, &mut names);
        let mut names: Vec<Sym> = names.into_iter().collect();
        names.sort_unstable();
        for name in names {
            if let Some(value) = self.lookup(name) {
                let origins = self.deep_origins(&value);
                self.assign_name(name, Value::unknown().with_origins(origins));
            }
        }
    }

    /// Code that runs by itself and was not followed to its end is told.
    fn tell_cut(&mut self, code: &Code, statement: StmtId) {
        let Some((_, span)) = code.stmts.get(statement.0 as usize) else { return };
        let line = code.source_line(code.position(span.start).0);
        self.tell_of(self.unit_index(), format!("the statement in line {line} was not followed to its end"));
    }

    /// A function that only computes, and for too long, is told: what its calls give is not known.
    pub(super) fn tell_given_up(&mut self, unit: u32, name: &str) {
        self.tell_of(unit, format!("what {name} computes was not followed to its end"));
    }

    fn tell_of(&mut self, unit: u32, detail: String) {
        if !self.trigger.is_automatic() || self.budget.cuts_told >= MOST_TOLD {
            return;
        }
        let member = self.modules.units.get(unit as usize).map(|unit| unit.member.clone());
        self.budget.cuts_told += 1;
        self.gap(GapKind::AnalysisBudget, member, detail);
    }
}

fn collect_of_block(code: &Code, block: &Block, depth: u8, names: &mut FxHashSet<Sym>) {
    block.iter().for_each(|id| collect_of_statement(code, *id, depth, names));
}

/// The names that a statement and its blocks assign, those of functions and classes in it left out.
fn collect_of_statement(code: &Code, id: StmtId, depth: u8, names: &mut FxHashSet<Sym>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let Some((statement, _)) = code.stmts.get(id.0 as usize) else { return };
    match statement {
        Stmt::Assign { targets, .. } => targets.iter().for_each(|t| collect_of_target(code, *t, names)),
        Stmt::AugAssign { target, .. } => collect_of_target(code, *target, names),
        Stmt::If(branches) => {
            branches.iter().for_each(|(_, body)| collect_of_block(code, body, depth, names));
        }
        Stmt::For(repeated) => {
            let For { target, body, orelse, .. } = &**repeated;
            collect_of_target(code, *target, names);
            collect_of_block(code, body, depth, names);
            collect_of_block(code, orelse, depth, names);
        }
        Stmt::While(repeated) => {
            let While { body, orelse, .. } = &**repeated;
            collect_of_block(code, body, depth, names);
            collect_of_block(code, orelse, depth, names);
        }
        Stmt::Try(protected) => {
            let Try { body, handlers, orelse, finally } = &**protected;
            [body, orelse, finally].into_iter().for_each(|b| collect_of_block(code, b, depth, names));
            handlers.iter().for_each(|h| collect_of_block(code, &h.body, depth, names));
        }
        Stmt::With(managed) => {
            let With { items, body } = &**managed;
            items.iter().filter_map(|(_, target)| *target).for_each(|t| collect_of_target(code, t, names));
            collect_of_block(code, body, depth, names);
        }
        Stmt::Match { cases, .. } => {
            cases.iter().for_each(|case| collect_of_block(code, &case.body, depth, names));
        }
        _ => {}
    }
}

/// The names in a target.  An object of which only an item or attribute is assigned keeps what is known of the others.
fn collect_of_target(code: &Code, target: ExprId, names: &mut FxHashSet<Sym>) {
    match code.expr(target) {
        Expr::Name(name) => {
            names.insert(*name);
        }
        Expr::Tuple(inner) | Expr::List(inner) => {
            inner.iter().for_each(|one| collect_of_target(code, *one, names));
        }
        Expr::Starred(inner) => collect_of_target(code, *inner, names),
        _ => {}
    }
}
