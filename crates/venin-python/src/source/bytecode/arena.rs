//! The arenas while code objects are lowered, with what is remembered of their expressions, and the budgets.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use venin_model::GapKind;

use super::super::Problem;
use super::super::ir::{
    BinaryOp, Block, ClassDef, ClassIdx, Code, Comprehension, Expr, ExprId, FunctionDef, FunctionIdx, Slice,
    Span, Stmt, StmtId,
};
use super::super::marshal::{CodeObject, Marshal, Object, ObjectId, Version};
use super::opcode::Opcodes;
use super::render::render;
use crate::value::{Sym, Symbols};

/// Most instructions of all code objects of one file together; those that are executed twice count twice.
const MAX_STEPS: u64 = 6_000_000;
/// Most code objects inside each other.
const MAX_NESTING: u32 = 60;
/// Most levels of an expression; deeper ones go through variables.
pub(super) const MAX_DEPTH: u16 = 400;
/// Most elements of a constant of all constants of one file together.
const MAX_CONSTANTS: u32 = 4_000_000;

/// An expression and what is known of it.
#[derive(Debug)]
struct Node {
    expr: Expr,
    depth: u16,
    /// Whether another expression or a statement holds it.
    is_used: bool,
}

/// What an expression stands for besides what it evaluates to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Note {
    /// A class: the placeholder is the class's name.
    Class(ClassIdx),
    /// `left op= right` before it is stored.
    InPlace { op: BinaryOp, left: ExprId, right: ExprId },
    /// A test whether the exception in course is of a type.
    ExceptionMatch(ExprId),
    /// What a context manager gave to a `with`.
    Enter(ExprId),
    /// The item of a loop, or another value that is bound where it is stored.
    Binding(Option<ExprId>),
    /// One of the values that a sequence is unpacked into: which unpacking, which position.
    Unpacked { unpacking: u32, position: u32 },
    /// The value of `super` with its two arguments, which the source need not name.
    AssertionError,
}

/// A sequence that is being unpacked.
#[derive(Debug)]
pub(super) struct Unpacking {
    pub(super) value: ExprId,
    /// Targets by position; the starred one is an [`Expr::Starred`] when done.
    pub(super) targets: Vec<Option<ExprId>>,
    pub(super) starred: Option<usize>,
}

/// A code object whose body is still to be lowered.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) code: ObjectId,
    pub(super) owner: Owner,
    pub(super) qualified: Rc<str>,
    pub(super) nesting: u32,
}

/// What a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Module,
    Function(FunctionIdx),
    Class(ClassIdx),
    /// A comprehension that is lowered where it is called.
    Inline,
}

/// The lowering of one file.
pub(super) struct Lowering<'m, 's> {
    pub(super) marshal: &'m Marshal,
    pub(super) version: Version,
    pub(super) opcodes: &'static Opcodes,
    symbols: &'s mut Symbols,
    nodes: Vec<Node>,
    stmts: Vec<(Stmt, u32)>,
    pub(super) functions: Vec<FunctionDef>,
    pub(super) classes: Vec<ClassDef>,
    /// First lines of functions and classes, in the order of their arenas.
    pub(super) function_lines: Vec<u32>,
    pub(super) class_lines: Vec<u32>,
    pub(super) body: Block,
    pub(super) notes: FxHashMap<ExprId, Note>,
    pub(super) unpackings: Vec<Unpacking>,
    /// Code objects of functions whose definition is an expression.
    pub(super) codes: FxHashMap<FunctionIdx, ObjectId>,
    pub(super) pending: Vec<Pending>,
    steps: u64,
    constants: u32,
    n_names: u32,
    /// Comprehensions being lowered inside each other.
    pub(super) inline_depth: u32,
    /// Whether something did not fit the budgets.
    is_cut: bool,
    /// Instructions that could not be understood.
    pub(super) faults: u32,
}

impl<'m, 's> Lowering<'m, 's> {
    pub(super) fn new(
        marshal: &'m Marshal,
        version: Version,
        opcodes: &'static Opcodes,
        symbols: &'s mut Symbols,
    ) -> Self {
        Self {
            marshal,
            version,
            opcodes,
            symbols,
            nodes: Vec::new(),
            stmts: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            function_lines: Vec::new(),
            class_lines: Vec::new(),
            body: Block::default(),
            notes: FxHashMap::default(),
            unpackings: Vec::new(),
            codes: FxHashMap::default(),
            pending: Vec::new(),
            steps: 0,
            constants: 0,
            n_names: 0,
            inline_depth: 0,
            is_cut: false,
            faults: 0,
        }
    }

    /// Takes steps off the budget; false when it is spent.
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.is_cut |= self.steps > MAX_STEPS;
        self.steps <= MAX_STEPS
    }

    /// Notes that code was left out.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Schedules a body, unless code objects nest too deep.
    pub(super) fn schedule(&mut self, pending: Pending) {
        if pending.nesting > MAX_NESTING {
            self.is_cut = true;
        } else {
            self.pending.push(pending);
        }
    }

    pub(super) fn at_least(&self, major: u8, minor: u8) -> bool {
        self.version >= Version::new(major, minor)
    }

    /// The problems of the whole file.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut out = Vec::new();
        if self.is_cut {
            let detail = "bytecode larger or deeper than is read was left out";
            out.push(Problem::new(GapKind::AnalysisBudget, 1, detail));
        }
        if self.faults > 0 {
            let detail = format!("{} instructions of bytecode could not be understood", self.faults);
            out.push(Problem::new(GapKind::Unreadable, 1, detail));
        }
        out
    }

    /// The finished form with its text.
    pub(super) fn finish(self) -> Code {
        let code = Code {
            exprs: self.nodes.into_iter().map(|node| (node.expr, Span::default())).collect(),
            stmts: self.stmts.iter().map(|(stmt, _)| (stmt.clone(), Span::default())).collect(),
            functions: self.functions.into(),
            classes: self.classes.into(),
            body: self.body,
            ..Code::default()
        };
        let lines: Vec<u32> = self.stmts.iter().map(|(_, line)| *line).collect();
        render(code, &lines, self.symbols)
    }

    pub(super) fn sym(&mut self, name: &str) -> Sym {
        self.symbols.intern(name)
    }

    pub(super) fn text(&self, name: Sym) -> &str {
        self.symbols.as_str(name)
    }

    /// A variable that no source can have.
    pub(super) fn fresh(&mut self, stem: &str) -> Sym {
        self.n_names += 1;
        let name = format!("${stem}{}", self.n_names);
        self.symbols.intern(&name)
    }

    /// Adds an expression.
    pub(super) fn expr(&mut self, expr: Expr) -> ExprId {
        let mut depth = 0;
        for child in children(&expr) {
            if let Some(node) = self.nodes.get_mut(child.0 as usize) {
                depth = depth.max(node.depth);
                node.is_used = true;
            }
        }
        let id = ExprId(self.nodes.len() as u32);
        self.nodes.push(Node { expr, depth: depth.saturating_add(1), is_used: false });
        id
    }

    pub(super) fn name(&mut self, name: &str) -> ExprId {
        let name = self.sym(name);
        self.expr(Expr::Name(name))
    }

    pub(super) fn get(&self, id: ExprId) -> &Expr {
        const INVALID: &Expr = &Expr::Invalid;
        self.nodes.get(id.0 as usize).map_or(INVALID, |node| &node.expr)
    }

    /// Replaces an expression, such as a display that grows.
    pub(super) fn set(&mut self, id: ExprId, expr: Expr) {
        let depth = children(&expr).into_iter().map(|child| self.depth(child)).max().unwrap_or(0);
        for child in children(&expr) {
            self.mark_used(child);
        }
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.expr = expr;
            node.depth = node.depth.max(depth.saturating_add(1));
        }
    }

    pub(super) fn depth(&self, id: ExprId) -> u16 {
        self.nodes.get(id.0 as usize).map_or(0, |node| node.depth)
    }

    pub(super) fn is_used(&self, id: ExprId) -> bool {
        self.nodes.get(id.0 as usize).is_some_and(|node| node.is_used)
    }

    pub(super) fn mark_used(&mut self, id: ExprId) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.is_used = true;
        }
    }

    /// Adds a statement that came from a line.
    pub(super) fn stmt(&mut self, stmt: Stmt, line: u32) -> StmtId {
        let id = StmtId(self.stmts.len() as u32);
        self.stmts.push((stmt, line));
        id
    }

    pub(super) fn stmt_of(&self, id: StmtId) -> &Stmt {
        const PASS: &Stmt = &Stmt::Pass;
        self.stmts.get(id.0 as usize).map_or(PASS, |(stmt, _)| stmt)
    }

    pub(super) fn set_stmt(&mut self, id: StmtId, stmt: Stmt) {
        if let Some(slot) = self.stmts.get_mut(id.0 as usize) {
            slot.0 = stmt;
        }
    }

    /// The code object with an id.
    pub(super) fn code_object(&self, id: ObjectId) -> Option<&'m CodeObject> {
        match self.marshal.get(id) {
            Object::Code(code) => Some(code),
            _ => None,
        }
    }

    /// A constant as an expression.
    pub(super) fn constant(&mut self, id: ObjectId) -> ExprId {
        self.constant_at(id, 0)
    }

    fn constant_at(&mut self, id: ObjectId, depth: u32) -> ExprId {
        self.constants += 1;
        if depth > 60 || self.constants > MAX_CONSTANTS {
            self.is_cut = true;
            return self.expr(Expr::Invalid);
        }
        let marshal = self.marshal;
        let expr = match marshal.get(id) {
            Object::None => Expr::None,
            Object::Ellipsis => Expr::Ellipsis,
            Object::Bool(value) => Expr::Bool(*value),
            Object::Int(value) => Expr::Int(*value),
            Object::BigInt(value) => Expr::BigInt(value.clone()),
            Object::Float(value) => Expr::Float(*value),
            Object::Complex(..) => Expr::Complex,
            Object::Str(text) => Expr::Str(Rc::clone(text)),
            // The `str` of Python 2 is what the parser reads as a text too: a character for each byte.
            Object::Bytes(bytes) if self.version.major == 2 => {
                Expr::Str(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into())
            }
            Object::Bytes(bytes) => Expr::Bytes(Rc::clone(bytes)),
            Object::Tuple(ids) => Expr::Tuple(self.constants_at(ids, depth)),
            Object::List(ids) => Expr::List(self.constants_at(ids, depth)),
            Object::Set(ids) => Expr::Set(self.constants_at(ids, depth)),
            Object::Slice(parts) => {
                let parts = parts.map(|part| match marshal.get(part) {
                    Object::None => None,
                    _ => Some(self.constant_at(part, depth + 1)),
                });
                let [lower, upper, step] = parts;
                Expr::Slice(Box::new(Slice { lower, upper, step }))
            }
            Object::Missing | Object::StopIteration | Object::Dict(_) | Object::Code(_) => Expr::Invalid,
        };
        self.expr(expr)
    }

    fn constants_at(&mut self, ids: &[ObjectId], depth: u32) -> Box<[ExprId]> {
        ids.iter().map(|id| self.constant_at(*id, depth + 1)).collect()
    }
}

/// The expressions an expression is made of.
pub(super) fn children(expr: &Expr) -> Vec<ExprId> {
    match expr {
        Expr::Attribute { value, .. }
        | Expr::Unary { operand: value, .. }
        | Expr::Starred(value)
        | Expr::YieldFrom(value)
        | Expr::Await(value)
        | Expr::Walrus { value, .. } => vec![*value],
        Expr::Subscript { value, index } => vec![*value, *index],
        Expr::Slice(slice) => [slice.lower, slice.upper, slice.step].into_iter().flatten().collect(),
        Expr::Call { callee, args } => std::iter::once(*callee).chain(args.iter().map(|a| a.value)).collect(),
        Expr::Binary { left, right, .. } => vec![*left, *right],
        Expr::BoolOp { values, .. } => values.to_vec(),
        Expr::Compare { left, rest } => std::iter::once(*left).chain(rest.iter().map(|(_, v)| *v)).collect(),
        Expr::IfElse { test, body, orelse } => vec![*test, *body, *orelse],
        Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) => items.to_vec(),
        Expr::Dict(entries) => entries.iter().flat_map(|(k, v)| k.iter().copied().chain([*v])).collect(),
        Expr::Comprehension(comprehension) => {
            let Comprehension { element, value, clauses, .. } = &**comprehension;
            let clauses =
                clauses.iter().flat_map(|c| [c.target, c.iter].into_iter().chain(c.ifs.iter().copied()));
            [*element].into_iter().chain(*value).chain(clauses).collect()
        }
        Expr::Joined(pieces) => pieces
            .iter()
            .flat_map(|piece| match piece {
                super::super::ir::Piece::Value { value, spec, .. } => vec![Some(*value), *spec],
                super::super::ir::Piece::Literal(_) => Vec::new(),
            })
            .flatten()
            .collect(),
        Expr::Yield(value) => value.iter().copied().collect(),
        _ => Vec::new(),
    }
}
