//! The body of one code object while it is lowered: its tables, its stack and where control is.

use std::rc::Rc;

use super::super::ir::{Block, Expr, ExprId, Stmt, StmtId};
use super::super::marshal::{CodeObject, ObjectId};
use super::arena::{Lowering, Owner};
use super::bits::Bits;
use super::blocks::{Blocks, cut};
use super::decode::{Instr, decode};
use super::graph::{Graph, examine};
use super::tables::{lines_of, protections};
use crate::value::Sym;

/// Most instructions of one code object.
const MAX_INSTRS: usize = 1_000_000;
/// Most blocks of one code object whose structure is looked for.
const MAX_BLOCKS: usize = 6_000;
/// Most values on the stack.
const MAX_STACK: usize = 10_000;

/// A value on the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// An expression.
    Expr(ExprId),
    /// The null that marks a call without a receiver.
    Null,
    /// Something of the interpreter's own: an iterator, an exit function, a saved exception.
    Opaque,
    /// The exception in course.
    Exception,
    /// A code object.
    Code(ObjectId),
    /// What `class` calls.
    BuildClass,
    /// A module being imported.
    Import(Rc<Import>),
    /// A name of a module being imported.
    Imported(Rc<Import>, Rc<str>),
}

/// An import statement in course.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) module: Rc<str>,
    pub(super) level: u32,
    /// Whether names are imported from it.
    pub(super) has_names: bool,
}

/// A loop around the current place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loop {
    pub(super) header: u32,
    pub(super) exit: Option<u32>,
}

/// A `try` whose protected code is being emitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenTry {
    pub(super) handler: u32,
    /// The depth of the region that is its body.
    pub(super) depth: u32,
    /// How many statements of the body are protected, once there are others.
    pub(super) protected: Option<usize>,
}

/// The lowering of one code object.
pub(super) struct Body<'l, 'm, 's> {
    pub(super) low: &'l mut Lowering<'m, 's>,
    pub(super) owner: Owner,
    pub(super) qualified: Rc<str>,
    pub(super) nesting: u32,
    pub(super) instrs: Vec<Instr>,
    lines: Vec<u32>,
    pub(super) blocks: Blocks,
    pub(super) graph: Graph,
    pub(super) consts: &'m [ObjectId],
    pub(super) names: &'m [ObjectId],
    pub(super) locals: Vec<ObjectId>,
    pub(super) cells: Vec<ObjectId>,
    /// How many of the cells belong to this code; the others are free.
    pub(super) own_cells: usize,
    pub(super) stack: Vec<Slot>,
    pub(super) out: Vec<StmtId>,
    pub(super) line: u32,
    /// Offset of the instruction in course.
    pub(super) here: u32,
    pub(super) visited: Bits,
    pub(super) loops: Vec<Loop>,
    /// Where the regions in course end.
    pub(super) follows: Vec<Option<u32>>,
    /// What lies behind those ends.
    pub(super) beyond: Vec<Bits>,
    /// Handlers whose protected code is being emitted.
    pub(super) active: Vec<u32>,
    /// The `try` statements around the current place, innermost last.
    pub(super) tries: Vec<OpenTry>,
    /// The variable that the handler in course bound.
    pub(super) exception_name: Option<Sym>,
    /// Whether the compiler's own raise ended the region in course.
    pub(super) has_reraised: bool,
    pub(super) depth: u32,
    /// Small blocks at the end that were emitted again.
    pub(super) repeats: u32,
    /// Keyword names of the next call (3.11, 3.12).
    pub(super) keywords: Option<ExprId>,
    pub(super) globals: Vec<Sym>,
    pub(super) nonlocals: Vec<Sym>,
}

impl<'l, 'm, 's> Body<'l, 'm, 's> {
    /// Lowers a code object; gives its statements and the names it declares global and nonlocal.
    pub(super) fn lower(
        low: &'l mut Lowering<'m, 's>,
        code: &'m CodeObject,
        owner: Owner,
        qualified: &str,
        nesting: u32,
    ) -> (Block, Vec<Sym>, Vec<Sym>) {
        let mut body = Self::new(low, code, owner, qualified, nesting);
        if body.blocks.blocks.len() > MAX_BLOCKS {
            body.emit_in_order();
        } else {
            body.emit_all();
        }
        (std::mem::take(&mut body.out).into(), body.globals, body.nonlocals)
    }

    fn new(
        low: &'l mut Lowering<'m, 's>,
        code: &'m CodeObject,
        owner: Owner,
        qualified: &str,
        nesting: u32,
    ) -> Self {
        let bytes = low.bytes_of(code.code);
        let decoded = decode(&bytes, low.version, low.opcodes, MAX_INSTRS);
        low.faults = low.faults.saturating_add(decoded.faults);
        low.spend(decoded.instrs.len() as u64);
        let starts: Vec<u32> = decoded.instrs.iter().map(|i| i.start).collect();
        let lines = lines_of(&low.bytes_of(code.lines), code.first_line, low.version, &starts);
        let table = match code.exceptions {
            Some(table) => protections(&low.bytes_of(table), MAX_BLOCKS),
            None => Vec::new(),
        };
        let blocks = cut(&decoded, &table, low.version);
        let n = blocks.blocks.len();
        let graph = if n > MAX_BLOCKS { Graph::default() } else { examine(&blocks) };
        let marshal = low.marshal;
        let (locals, cells, own_cells) = variables(low, code);
        Self {
            owner,
            qualified: Rc::from(qualified),
            nesting,
            instrs: decoded.instrs,
            lines,
            blocks,
            graph,
            consts: marshal.elements(code.consts),
            names: marshal.elements(code.names),
            locals,
            cells,
            own_cells,
            stack: Vec::new(),
            out: Vec::new(),
            line: u32::try_from(code.first_line).unwrap_or(0),
            here: 0,
            visited: Bits::new(n),
            loops: Vec::new(),
            follows: Vec::new(),
            beyond: vec![Bits::new(n)],
            active: Vec::new(),
            tries: Vec::new(),
            exception_name: None,
            has_reraised: false,
            depth: 0,
            repeats: 0,
            keywords: None,
            globals: Vec::new(),
            nonlocals: Vec::new(),
            low,
        }
    }

    /// Executes the instructions of a block; the test of a branch at its end stays on the stack.
    pub(super) fn run_block(&mut self, block: u32) {
        let Some(block) = self.blocks.blocks.get(block as usize) else { return };
        for index in block.first..block.last {
            let Some(instr) = self.instrs.get(index as usize).copied() else { continue };
            if let Some(line) = self.lines.get(index as usize).copied().filter(|line| *line > 0) {
                self.line = line;
            }
            if !self.low.spend(1) {
                return;
            }
            self.here = instr.start;
            self.execute(&instr);
        }
    }

    pub(super) fn push(&mut self, slot: Slot) {
        if self.stack.len() < MAX_STACK {
            self.stack.push(slot);
        }
    }

    /// Pushes an expression; a very deep one goes through a variable.
    pub(super) fn push_expr(&mut self, expr: Expr) {
        let id = self.low.expr(expr);
        let id = if self.low.depth(id) > super::arena::MAX_DEPTH { self.spill(id) } else { id };
        self.push(Slot::Expr(id));
    }

    /// Takes the top of the stack; an empty stack gives nothing known.
    pub(super) fn pop_slot(&mut self) -> Slot {
        self.stack.pop().unwrap_or(Slot::Opaque)
    }

    pub(super) fn pop(&mut self) -> ExprId {
        let slot = self.pop_slot();
        self.as_expr(&slot)
    }

    /// Takes several values, in the order they were pushed.
    pub(super) fn pop_many(&mut self, count: usize) -> Vec<ExprId> {
        let at = self.stack.len().saturating_sub(count);
        let slots = self.stack.split_off(at);
        slots.iter().map(|slot| self.as_expr(slot)).collect()
    }

    /// A slot as an expression.
    pub(super) fn as_expr(&mut self, slot: &Slot) -> ExprId {
        match slot {
            Slot::Expr(id) => *id,
            Slot::Code(code) => {
                let nesting = self.nesting;
                let qualified = Rc::clone(&self.qualified);
                let function = self.low.function(*code, &[], &qualified, nesting);
                function.unwrap_or_else(|| self.low.expr(Expr::Invalid))
            }
            Slot::Import(import) | Slot::Imported(import, _) => {
                let callee = self.low.name("__import__");
                let module = self.low.expr(Expr::Str(Rc::clone(&import.module)));
                self.low.expr(Expr::Call { callee, args: positional(&[module]) })
            }
            Slot::Exception | Slot::Opaque | Slot::Null | Slot::BuildClass => self.low.expr(Expr::Invalid),
        }
    }

    /// The slot so many below the top, from 1.
    pub(super) fn peek(&self, below: usize) -> Slot {
        let at = self.stack.len().checked_sub(below);
        at.and_then(|at| self.stack.get(at)).cloned().unwrap_or(Slot::Opaque)
    }

    pub(super) fn emit(&mut self, stmt: Stmt) {
        let id = self.low.stmt(stmt, self.line);
        self.out.push(id);
    }

    /// Puts a value into a variable of its own; gives the expression that reads it.
    pub(super) fn spill(&mut self, value: ExprId) -> ExprId {
        let name = self.low.fresh("v");
        let target = self.low.expr(Expr::Name(name));
        self.low.mark_used(value);
        self.emit(Stmt::Assign { targets: [target].into(), value });
        self.low.expr(Expr::Name(name))
    }

    /// Text of `co_names`.
    pub(super) fn name_at(&mut self, index: u32) -> Sym {
        let text = self.names.get(index as usize).and_then(|id| self.low.marshal.text(*id)).unwrap_or("?");
        self.low.sym(text)
    }
}

/// Arguments by position.
pub(super) fn positional(values: &[ExprId]) -> Box<[super::super::ir::Arg]> {
    use super::super::ir::{Arg, Passing};
    values.iter().map(|value| Arg { passing: Passing::Positional, value: *value }).collect()
}

/// Local variables, cells and free variables, and how many of the cells are its own.
fn variables(low: &Lowering<'_, '_>, code: &CodeObject) -> (Vec<ObjectId>, Vec<ObjectId>, usize) {
    let locals = low.marshal.elements(code.varnames).to_vec();
    match code.cellvars {
        Some(cells) => {
            let own = low.marshal.elements(cells);
            let free = low.marshal.elements(code.free_or_kinds);
            (locals, own.iter().chain(free).copied().collect(), own.len())
        }
        None => {
            // Since 3.11 one table holds all; bit 7 of its kind says that a variable is free.
            let kinds = low.bytes_of(code.free_or_kinds);
            let free = kinds.iter().filter(|kind| **kind & 0x80 != 0).count();
            let own = locals.len().saturating_sub(free);
            (locals.clone(), locals, own)
        }
    }
}
