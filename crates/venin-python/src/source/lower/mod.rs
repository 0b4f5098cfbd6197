//! The parser's tree to the flat arenas of [`ir`](super::ir).
//!
//! Expressions are lowered with an explicit stack, since hostile text makes them as deep as it is long.
//! Statements are lowered by recursion, which indentation bounds; blocks deeper than [`MAX_BLOCKS`] are left
//! out and told.  Annotations are evaluated by the interpreter when a function or a module-level variable is
//! defined, so one that calls something becomes an expression statement of its own.

mod expr;
mod function;
mod number;
mod pattern;
mod stmt;
mod text;

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};
use venin_model::GapKind;

use super::Problem;
use super::edit::SpanMap;
use super::ir::{Arg, Block, ClassDef, Code, Expr, ExprId, FunctionDef, Passing, Span, Stmt, StmtId};
use crate::value::{Sym, Symbols};

/// Most blocks inside each other; CPython takes 100.
const MAX_BLOCKS: u32 = 250;
/// Longest qualified name that is extended by an inner one.
const MAX_QUALIFIED: usize = 400;

/// The arenas of one source while they grow.
#[derive(Debug)]
pub(super) struct Builder<'s> {
    exprs: Vec<(Expr, Span)>,
    stmts: Vec<(Stmt, Span)>,
    functions: Vec<FunctionDef>,
    classes: Vec<ClassDef>,
    body: Vec<StmtId>,
    /// Where blocks nest too deep, the first such place only.
    too_deep: Option<u32>,
    /// Whether something calls `IPython`.
    calls_shell: bool,
    /// What nearly every function declares `global` or `nonlocal`: none, in one allocation for all of them.
    no_names: Rc<[Sym]>,
    symbols: &'s mut Symbols,
}

impl<'s> Builder<'s> {
    /// Empty arenas for a text of so many bytes.
    pub(super) fn new(symbols: &'s mut Symbols, bytes: usize) -> Self {
        Self {
            exprs: Vec::with_capacity(bytes / 24),
            stmts: Vec::with_capacity(bytes / 64),
            functions: Vec::new(),
            classes: Vec::new(),
            body: Vec::new(),
            too_deep: None,
            calls_shell: false,
            no_names: Rc::default(),
            symbols,
        }
    }

    /// Appends the statements of a piece of the text to the module body.
    pub(super) fn lower(&mut self, suite: &[ast::Stmt], map: &SpanMap, dialect: Dialect) {
        let mut lowering = Lowering {
            out: self,
            map,
            dialect,
            work: Vec::new(),
            done: Vec::new(),
            frames: vec![Frame::default()],
            qualified: String::new(),
            blocks: 0,
            evaluates_annotations: !defers_annotations(suite),
        };
        let body = lowering.block(suite);
        self.body.extend(body);
    }

    /// Appends the call `IPython.NAME(arguments…)` to the module body.
    pub(super) fn call_shell(&mut self, name: &str, arguments: &[&str], span: Span) {
        let call = self.shell_call(name, arguments, span);
        let stmt = self.stmt(Stmt::Expr(call), span);
        self.body.push(stmt);
    }

    /// The expression `IPython.NAME(arguments…)`.
    fn shell_call(&mut self, name: &str, arguments: &[&str], span: Span) -> ExprId {
        self.calls_shell = true;
        let base = Expr::Name(self.symbols.intern("IPython"));
        let value = self.expr(base, span);
        let name = self.symbols.intern(name);
        let callee = self.expr(Expr::Attribute { value, name }, span);
        let args = arguments.iter().map(|text| {
            let value = self.expr(Expr::Str(Rc::from(*text)), span);
            Arg { passing: Passing::Positional, value }
        });
        let args = args.collect();
        self.expr(Expr::Call { callee, args }, span)
    }

    /// The finished form, and the problem of blocks that nest too deep.
    pub(super) fn finish(mut self, text: Rc<str>, lines: Vec<u32>) -> (Code, Option<Problem>) {
        if self.calls_shell {
            // The shell binds the name; a module has to import it.
            let alias = super::ir::Alias { name: Rc::from("IPython"), bound: None };
            let stmt = self.stmt(Stmt::Import([alias].into()), Span::default());
            self.body.insert(0, stmt);
        }
        let code = Code {
            text,
            lines: lines.into(),
            origin_lines: Box::default(),
            exprs: self.exprs.into(),
            stmts: self.stmts.into(),
            functions: self.functions.into(),
            classes: self.classes.into(),
            body: self.body.into(),
        };
        let problem = self.too_deep.map(|offset| {
            let detail = format!("blocks nest deeper than {MAX_BLOCKS}");
            Problem::new(GapKind::Nesting, code.position(offset).0, detail)
        });
        (code, problem)
    }

    /// Names that a function declares `global` or `nonlocal`.
    fn declared(&self, names: Vec<Sym>) -> Rc<[Sym]> {
        if names.is_empty() { Rc::clone(&self.no_names) } else { names.into() }
    }

    fn expr(&mut self, expr: Expr, span: Span) -> ExprId {
        let id = ExprId(self.exprs.len() as u32);
        self.exprs.push((expr, span));
        id
    }

    fn stmt(&mut self, stmt: Stmt, span: Span) -> StmtId {
        let id = StmtId(self.stmts.len() as u32);
        self.stmts.push((stmt, span));
        id
    }
}

/// Which Python a piece is in, where the same text means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `except A, e` lists two types.
    Python3,
    /// `except A, e` binds `e`.
    Python2,
}

/// What is collected for the function being lowered.
#[derive(Debug, Default)]
struct Frame {
    globals: Vec<Sym>,
    nonlocals: Vec<Sym>,
    is_generator: bool,
}

/// Lowering of one piece; `'a` is the parser's tree.
struct Lowering<'a, 'b, 's> {
    out: &'b mut Builder<'s>,
    map: &'b SpanMap,
    dialect: Dialect,
    work: Vec<expr::Work<'a>>,
    done: Vec<ExprId>,
    /// The functions around the current place, the module first.
    frames: Vec<Frame>,
    /// Names of the functions and classes around the current place.
    qualified: String,
    blocks: u32,
    evaluates_annotations: bool,
}

impl<'a> Lowering<'a, '_, '_> {
    fn span(&self, range: TextRange) -> Span {
        let start = self.map.original(range.start().to_u32());
        Span { start, end: self.map.original(range.end().to_u32()).max(start) }
    }

    fn push_expr(&mut self, expr: Expr, range: TextRange) -> ExprId {
        let span = self.span(range);
        self.out.expr(expr, span)
    }

    fn sym(&mut self, name: &ast::Identifier) -> Sym {
        self.out.symbols.intern(name.as_str())
    }

    fn block(&mut self, suite: &'a [ast::Stmt]) -> Block {
        if self.blocks >= MAX_BLOCKS {
            if let (Some(first), None) = (suite.first(), self.out.too_deep) {
                self.out.too_deep = Some(self.span(first.range()).start);
            }
            return Block::default();
        }
        self.blocks += 1;
        let mut ids = Vec::with_capacity(suite.len());
        for stmt in suite {
            self.stmt(stmt, &mut ids);
        }
        self.blocks -= 1;
        ids.into()
    }

    /// Lowers what is inside a named function or class.
    fn within<T>(&mut self, name: &str, lower: impl FnOnce(&mut Self) -> T) -> (Rc<str>, T) {
        let outer = self.qualified.len();
        if outer > MAX_QUALIFIED {
            let qualified = Rc::from(name);
            return (qualified, lower(self));
        }
        if outer > 0 {
            self.qualified.push('.');
        }
        self.qualified.push_str(name);
        let qualified = Rc::from(self.qualified.as_str());
        let result = lower(self);
        self.qualified.truncate(outer);
        (qualified, result)
    }
}

/// Whether the suite has `from __future__ import annotations`.
fn defers_annotations(suite: &[ast::Stmt]) -> bool {
    let futures = suite.iter().filter_map(|stmt| match stmt {
        ast::Stmt::ImportFrom(import) => Some(import),
        _ => None,
    });
    futures
        .filter(|import| import.module.as_ref().is_some_and(|m| m.as_str() == "__future__"))
        .any(|import| import.names.iter().any(|name| name.name.as_str() == "annotations"))
}
