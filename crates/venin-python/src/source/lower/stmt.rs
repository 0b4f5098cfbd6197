//! Statements.

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::expr::binary_op;
use super::{Dialect, Lowering};
use crate::source::ir::{Alias, Block, ExprId, For, Handler, ImportFrom, Stmt, StmtId, Try, While, With};
use crate::value::Sym;

impl<'a> Lowering<'a, '_, '_> {
    /// Lowers a statement; it may become none, one or several in `ids`.
    pub(super) fn stmt(&mut self, node: &'a ast::Stmt, ids: &mut Vec<StmtId>) {
        let lowered = match node {
            ast::Stmt::FunctionDef(s) => return self.function(s, ids),
            ast::Stmt::ClassDef(s) => return self.class(s, ids),
            ast::Stmt::TypeAlias(_) => return,
            ast::Stmt::Global(s) => return self.declare(&s.names, |frame| &mut frame.globals),
            ast::Stmt::Nonlocal(s) => return self.declare(&s.names, |frame| &mut frame.nonlocals),
            ast::Stmt::AnnAssign(s) => {
                let is_local = s.simple && self.frames.len() > 1;
                if !is_local {
                    self.annotation(Some(&s.annotation), ids);
                }
                let Some(value) = s.value.as_deref() else { return };
                let value = self.expr(value);
                Stmt::Assign { targets: [self.expr(&s.target)].into(), value }
            }
            ast::Stmt::Raise(s) => {
                // In `raise; …` the parser makes up an expression of no characters.
                let exc = s.exc.as_deref().filter(|exc| !exc.range().is_empty());
                let raised = self.optional_expr(exc);
                if let Some(cause) = s.cause.as_deref().filter(|cause| cause.is_call_expr()) {
                    let value = self.expr(cause);
                    let span = self.span(cause.range());
                    ids.push(self.out.stmt(Stmt::Expr(value), span));
                }
                Stmt::Raise(raised)
            }
            ast::Stmt::IpyEscapeCommand(s) => {
                let span = self.span(s.range);
                let (name, arguments) = super::text::shell(s.kind, &s.value);
                Stmt::Expr(self.out.shell_call(name, &arguments, span))
            }
            ast::Stmt::If(_)
            | ast::Stmt::While(_)
            | ast::Stmt::For(_)
            | ast::Stmt::With(_)
            | ast::Stmt::Try(_)
            | ast::Stmt::Match(_) => self.compound(node),
            _ => self.simple(node),
        };
        let span = self.span(node.range());
        ids.push(self.out.stmt(lowered, span));
    }

    fn simple(&mut self, node: &'a ast::Stmt) -> Stmt {
        match node {
            ast::Stmt::Expr(s) => Stmt::Expr(self.expr(&s.value)),
            ast::Stmt::Assign(s) => {
                let value = self.expr(&s.value);
                Stmt::Assign { targets: self.exprs(&s.targets), value }
            }
            ast::Stmt::AugAssign(s) => {
                let target = self.expr(&s.target);
                Stmt::AugAssign { target, op: binary_op(s.op), value: self.expr(&s.value) }
            }
            ast::Stmt::Return(s) => Stmt::Return(self.optional_expr(s.value.as_deref())),
            ast::Stmt::Delete(s) => Stmt::Delete(self.exprs(&s.targets)),
            ast::Stmt::Assert(s) => {
                let test = self.expr(&s.test);
                Stmt::Assert { test, message: self.optional_expr(s.msg.as_deref()) }
            }
            ast::Stmt::Import(s) => Stmt::Import(self.aliases(&s.names)),
            ast::Stmt::ImportFrom(s) => Stmt::ImportFrom(Box::new(ImportFrom {
                module: Rc::from(s.module.as_ref().map_or("", ast::Identifier::as_str)),
                level: s.level,
                names: self.aliases(&s.names),
            })),
            ast::Stmt::Break(_) => Stmt::Break,
            ast::Stmt::Continue(_) => Stmt::Continue,
            _ => Stmt::Pass,
        }
    }

    fn compound(&mut self, node: &'a ast::Stmt) -> Stmt {
        match node {
            ast::Stmt::If(s) => self.conditional(s),
            ast::Stmt::While(s) => {
                let test = self.expr(&s.test);
                let (body, orelse) = (self.block(&s.body), self.block(&s.orelse));
                Stmt::While(Box::new(While { test, body, orelse }))
            }
            ast::Stmt::For(s) => {
                let iter = self.expr(&s.iter);
                let target = self.expr(&s.target);
                let (body, orelse) = (self.block(&s.body), self.block(&s.orelse));
                Stmt::For(Box::new(For { target, iter, body, orelse }))
            }
            ast::Stmt::With(s) => {
                let items = s.items.iter().map(|item| {
                    (self.expr(&item.context_expr), self.optional_expr(item.optional_vars.as_deref()))
                });
                let items = items.collect();
                Stmt::With(Box::new(With { items, body: self.block(&s.body) }))
            }
            ast::Stmt::Try(s) => {
                let body = self.block(&s.body);
                let handlers = s.handlers.iter().map(|handler| self.handler(handler)).collect();
                let (orelse, finally) = (self.block(&s.orelse), self.block(&s.finalbody));
                Stmt::Try(Box::new(Try { body, handlers, orelse, finally }))
            }
            ast::Stmt::Match(s) => {
                let subject = self.expr(&s.subject);
                Stmt::Match { subject, cases: s.cases.iter().map(|case| self.case(case)).collect() }
            }
            _ => Stmt::Pass,
        }
    }

    fn conditional(&mut self, node: &'a ast::StmtIf) -> Stmt {
        let mut branches: Vec<(Option<ExprId>, Block)> = Vec::with_capacity(1 + node.elif_else_clauses.len());
        branches.push((Some(self.expr(&node.test)), self.block(&node.body)));
        for clause in &node.elif_else_clauses {
            branches.push((self.optional_expr(clause.test.as_ref()), self.block(&clause.body)));
        }
        Stmt::If(branches.into())
    }

    fn handler(&mut self, node: &'a ast::ExceptHandler) -> Handler {
        let ast::ExceptHandler::ExceptHandler(node) = node;
        let mut name = node.name.as_ref().map(|name| self.sym(name));
        let mut types = node.type_.as_deref();
        if let (None, Some(ast::Expr::Tuple(pair))) = (name, types)
            && let (false, [type_, ast::Expr::Name(bound)]) = (pair.parenthesized, &pair.elts[..])
            && (self.dialect == Dialect::Python2 || is_exception_variable(&bound.id))
        {
            name = Some(self.out.symbols.intern(bound.id.as_str()));
            types = Some(type_);
        }
        Handler { types: self.optional_expr(types), name, body: self.block(&node.body) }
    }

    fn declare(&mut self, names: &[ast::Identifier], list: impl Fn(&mut super::Frame) -> &mut Vec<Sym>) {
        let syms: Vec<Sym> = names.iter().map(|name| self.sym(name)).collect();
        if let Some(frame) = self.frames.last_mut() {
            list(frame).extend(syms);
        }
    }

    fn aliases(&mut self, names: &[ast::Alias]) -> Box<[Alias]> {
        let alias = |alias: &ast::Alias| Alias {
            name: Rc::from(alias.name.as_str()),
            bound: alias.asname.as_ref().map(|name| self.sym(name)),
        };
        names.iter().map(alias).collect()
    }
}

/// Names that in `except A, name:` are surely the variable of Python 2 and not a type of Python 3.14.
fn is_exception_variable(name: &str) -> bool {
    matches!(name, "e" | "ex" | "err" | "exc" | "exception" | "e1" | "e2" | "msg" | "why" | "_")
}
