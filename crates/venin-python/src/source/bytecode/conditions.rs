//! Tests: what a branch looks at, and short circuits that are one test in the source.

use super::super::ir::{BoolOp, CompareOp, Expr, ExprId, UnaryOp};
use super::arena::Note;
use super::blocks::Exit;
use super::body::{Body, Slot};
use super::opcode::{Op, When};

/// Most tests inside each other that are joined.
const MAX_JOINED: u32 = 40;
/// Most blocks that only tidy up the stack behind each other.
const MAX_FORWARDED: u32 = 4;

/// Where a branch goes, and the stack it takes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) block: u32,
    pub(super) stack: Vec<Slot>,
}

/// A branch.
#[derive(Debug, Clone)]
pub(super) struct Branching {
    pub(super) test: ExprId,
    /// Where control goes if the test is true.
    pub(super) yes: Edge,
    /// Where it goes if not.
    pub(super) no: Edge,
    /// The side that stands next in the code, which is the body in the source.
    pub(super) body: Side,
    /// The exception type, if the test is whether an exception is of it.
    pub(super) exception: Option<ExprId>,
    /// Blocks whose tests are part of this one, the first one included.
    joined: Vec<u32>,
}

/// A side of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Yes,
    No,
}

impl Body<'_, '_, '_> {
    /// The branch at the end of a block that was just run, with the tests joined that follow it.
    pub(super) fn branching(&mut self, at: u32, when: When, jump: u32, next: u32) -> Branching {
        let mut branching = self.plain_branching(when, jump, next);
        branching.joined.push(at);
        if branching.exception.is_none() {
            let mut rounds = 0;
            while rounds < 200
                && (self.join(&mut branching, Side::Yes) || self.join(&mut branching, Side::No))
            {
                rounds += 1;
            }
        }
        branching
    }

    /// Marks the blocks of a branch as emitted.
    pub(super) fn accept(&mut self, branching: &Branching) {
        for block in &branching.joined {
            self.visited.insert(*block);
        }
    }

    fn plain_branching(&mut self, when: When, jump: u32, next: u32) -> Branching {
        if when == When::NotMatching {
            self.match_exception();
        }
        let kept = self.peek(1);
        let value = self.pop();
        let exception = match self.low.notes.get(&value) {
            Some(Note::ExceptionMatch(types)) => Some(*types),
            _ => None,
        };
        let rest = std::mem::take(&mut self.stack);
        let with_value = || rest.iter().cloned().chain([kept.clone()]).collect::<Vec<_>>();
        let plain = |block: u32| Edge { block, stack: rest.clone() };
        let none = |me: &mut Self, op: CompareOp| {
            let right = me.low.expr(Expr::None);
            me.low.expr(Expr::Compare { left: value, rest: [(op, right)].into() })
        };
        let (test, yes, no, body) = match when {
            When::False | When::NotMatching => (value, plain(next), plain(jump), Side::Yes),
            When::True => (value, plain(jump), plain(next), Side::No),
            When::IsNone => (none(self, CompareOp::Is), plain(jump), plain(next), Side::No),
            When::IsNotNone => (none(self, CompareOp::Is), plain(next), plain(jump), Side::Yes),
            When::FalseKeeping => (value, plain(next), Edge { block: jump, stack: with_value() }, Side::Yes),
            When::TrueKeeping => (value, Edge { block: jump, stack: with_value() }, plain(next), Side::No),
        };
        Branching { test, yes, no, body, exception, joined: Vec::new() }
    }

    /// Joins the test that one side leads to, if it shares a target with this one.
    fn join(&mut self, first: &mut Branching, side: Side) -> bool {
        let (edge, other) = match side {
            Side::Yes => (first.yes.clone(), first.no.clone()),
            Side::No => (first.no.clone(), first.yes.clone()),
        };
        let Some(second) = self.try_test(&edge, &first.joined) else { return false };
        let test = first.test;
        // Which side of the second test goes where the first one goes without it.
        let (shared, shares) =
            match (self.same_place(&second.no, &other), self.same_place(&second.yes, &other)) {
                (Some(shared), _) => (shared, Side::No),
                (None, Some(shared)) => (shared, Side::Yes),
                (None, None) => return false,
            };
        let op = if shares == Side::No { BoolOp::And } else { BoolOp::Or };
        // `a and b` continues on the side where `a` is true; on the other side `a` stands negated.
        let left = if side == (if op == BoolOp::And { Side::Yes } else { Side::No }) {
            test
        } else {
            self.negate(test)
        };
        let joined = self.bool_op(op, left, second.test);
        let carry = |mut edge: Edge| {
            for slot in &mut edge.stack {
                if *slot == Slot::Expr(second.test) {
                    *slot = Slot::Expr(joined);
                }
            }
            edge
        };
        let (yes, no) = match shares {
            Side::No => (carry(second.yes.clone()), shared),
            Side::Yes => (shared, carry(second.no.clone())),
        };
        let joined_blocks = first.joined.iter().chain(&second.joined).copied().collect();
        *first =
            Branching { test: joined, yes, no, body: second.body, exception: None, joined: joined_blocks };
        true
    }

    /// The branch of a block that does nothing but test.
    fn try_test(&mut self, edge: &Edge, taken: &[u32]) -> Option<Branching> {
        let block = self.blocks.blocks.get(edge.block as usize)?;
        let Exit::Branch { when, jump, next } = block.exit else { return None };
        let is_plain = when != When::NotMatching
            && !self.visited.contains(edge.block)
            && !taken.contains(&edge.block)
            && !self.graph.loops.contains_key(&edge.block)
            && self.graph.opens.get(edge.block as usize).is_none_or(Vec::is_empty)
            && self.is_entered_from(edge.block, taken)
            && self.depth < MAX_JOINED;
        if !is_plain || Some(edge.block) == self.follows.last().copied().flatten() {
            return None;
        }
        let (stack, line, n_out) = (std::mem::take(&mut self.stack), self.line, self.out.len());
        let unpackings = self.low.unpackings.len();
        self.stack.clone_from(&edge.stack);
        self.depth += 1;
        self.run_block(edge.block);
        let is_pure = self.out.len() == n_out && self.low.unpackings.len() == unpackings;
        let branching = if is_pure { Some(self.branching(edge.block, when, jump, next)) } else { None };
        self.depth -= 1;
        self.out.truncate(n_out);
        self.stack = stack;
        if branching.is_none() {
            self.line = line;
        }
        branching
    }

    /// Whether nothing but some blocks leads to a block.
    fn is_entered_from(&self, block: u32, allowed: &[u32]) -> bool {
        let before = self.graph.before.get(block as usize).map_or(&[][..], Vec::as_slice);
        before.iter().all(|from| allowed.contains(from))
    }

    /// The place two edges both lead to, past blocks that only pop.
    fn same_place(&self, a: &Edge, b: &Edge) -> Option<Edge> {
        if a == b {
            return Some(a.clone());
        }
        let (a, b) = (self.forwarded(a), self.forwarded(b));
        (a == b).then_some(a)
    }

    fn forwarded(&self, edge: &Edge) -> Edge {
        let mut edge = edge.clone();
        for _ in 0..MAX_FORWARDED {
            let Some(block) = self.blocks.blocks.get(edge.block as usize) else { break };
            let (Exit::Goto(next) | Exit::Next(next)) = block.exit else { break };
            let instrs = self.instrs.get(block.first as usize..block.last as usize).unwrap_or_default();
            let mut stack = edge.stack.clone();
            let mut only_pops = instrs.len() <= 4;
            for instr in instrs {
                match instr.op {
                    Op::Pop => drop(stack.pop()),
                    Op::Rotate(2) | Op::Swap if stack.len() >= 2 => {
                        let top = stack.len() - 1;
                        stack.swap(top, top - 1);
                    }
                    Op::Nop | Op::JumpForward | Op::JumpAbsolute | Op::JumpBackward => {}
                    _ => only_pops = false,
                }
            }
            if !only_pops {
                break;
            }
            edge = Edge { block: next, stack };
        }
        edge
    }

    /// `not test`, in the form a source would have.
    pub(super) fn negate(&mut self, test: ExprId) -> ExprId {
        let expr = self.negated(test);
        self.low.expr(expr)
    }

    pub(super) fn negated(&self, test: ExprId) -> Expr {
        match self.low.get(test) {
            Expr::Unary { op: UnaryOp::Not, operand } => self.low.get(*operand).clone(),
            expr => opposite_comparison(expr).unwrap_or(Expr::Unary { op: UnaryOp::Not, operand: test }),
        }
    }

    /// `left and right`, flat; comparisons that share a value are one chain.
    pub(super) fn bool_op(&mut self, op: BoolOp, left: ExprId, right: ExprId) -> ExprId {
        if op == BoolOp::And
            && let (Expr::Compare { left: first, rest }, Expr::Compare { left: shared, rest: more }) =
                (self.low.get(left), self.low.get(right))
            && rest.last().is_some_and(|(_, last)| last == shared)
        {
            let rest = rest.iter().chain(more).copied().collect();
            let chain = Expr::Compare { left: *first, rest };
            return self.low.expr(chain);
        }
        let mut values = Vec::new();
        for side in [left, right] {
            match self.low.get(side) {
                Expr::BoolOp { op: inner, values: more } if *inner == op => values.extend(more.iter()),
                _ => values.push(side),
            }
        }
        self.low.expr(Expr::BoolOp { op, values: values.into() })
    }

    /// The value that a branch without statements leaves behind.
    pub(super) fn select(&mut self, test: ExprId, yes: ExprId, no: ExprId) -> ExprId {
        let negated = match self.low.get(test) {
            Expr::Unary { op: UnaryOp::Not, operand } => Some(*operand),
            _ => None,
        };
        if no == test || negated == Some(yes) {
            let (left, right) = if no == test { (test, yes) } else { (yes, no) };
            return self.bool_op(BoolOp::And, left, right);
        }
        if yes == test || negated == Some(no) {
            let (left, right) = if yes == test { (test, no) } else { (no, yes) };
            return self.bool_op(BoolOp::Or, left, right);
        }
        self.low.expr(Expr::IfElse { test, body: yes, orelse: no })
    }
}

/// The comparison that is true when one is false; `None` for chains and everything else.
pub(super) fn opposite_comparison(expr: &Expr) -> Option<Expr> {
    let Expr::Compare { left, rest } = expr else { return None };
    match **rest {
        [(op, right)] => Some(Expr::Compare { left: *left, rest: [(opposite(op), right)].into() }),
        _ => None,
    }
}

const fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::NotEq,
        CompareOp::NotEq => CompareOp::Eq,
        CompareOp::Lt => CompareOp::GtE,
        CompareOp::LtE => CompareOp::Gt,
        CompareOp::Gt => CompareOp::LtE,
        CompareOp::GtE => CompareOp::Lt,
        CompareOp::Is => CompareOp::IsNot,
        CompareOp::IsNot => CompareOp::Is,
        CompareOp::In => CompareOp::NotIn,
        CompareOp::NotIn => CompareOp::In,
    }
}
