//! The text of lowered code: one statement a line, and the spans of expressions in it.
//!
//! It looks like Python so that a report has something to show; it is not meant to be run.

use std::rc::Rc;

use super::super::ir::{
    Code, ExprId, For, FunctionIdx, ImportFrom, Param, ParamKind, Span, Stmt, StmtId, Try, While, With,
};
use super::render_expr::operator;
use crate::value::{Sym, Symbols};

/// Longest text, in bytes.
const MAX_TEXT: usize = 64 << 20;
/// Longest literal that is shown, in characters.
pub(super) const MAX_LITERAL: usize = 200;
/// Most expressions that one statement shows.
pub(super) const MAX_NODES: u32 = 20_000;
/// Deepest indentation.
const MAX_INDENT: usize = 60;

/// Gives code its text, its lines and its spans.  `stmt_lines` are the lines of the statements in the source.
pub(super) fn render(mut code: Code, stmt_lines: &[u32], symbols: &Symbols) -> Code {
    let mut writer = Writer {
        code: &code,
        stmt_lines,
        symbols,
        text: String::new(),
        lines: vec![0],
        origins: vec![0],
        expr_spans: vec![None; code.exprs.len()],
        stmt_spans: vec![Span::default(); code.stmts.len()],
        function_spans: vec![Span::default(); code.functions.len()],
        class_spans: vec![Span::default(); code.classes.len()],
        is_written: vec![false; code.functions.len()],
        late: Vec::new(),
        nodes: 0,
        indent: 0,
    };
    writer.block(&code.body);
    let Writer { text, mut lines, mut origins, expr_spans, stmt_spans, function_spans, class_spans, .. } =
        writer;
    if lines.len() > 1 && lines.last().is_some_and(|last| *last as usize == text.len()) {
        lines.pop();
        origins.pop();
    }
    code.text = Rc::from(text);
    code.lines = lines.into();
    code.origin_lines = origins.into();
    for (slot, span) in code.exprs.iter_mut().zip(expr_spans) {
        slot.1 = span.unwrap_or_default();
    }
    for (slot, span) in code.stmts.iter_mut().zip(stmt_spans) {
        slot.1 = span;
    }
    for (function, span) in code.functions.iter_mut().zip(function_spans) {
        function.span = span;
    }
    for (class, span) in code.classes.iter_mut().zip(class_spans) {
        class.span = span;
    }
    code
}

pub(super) struct Writer<'c> {
    pub(super) code: &'c Code,
    pub(super) stmt_lines: &'c [u32],
    pub(super) symbols: &'c Symbols,
    pub(super) text: String,
    pub(super) lines: Vec<u32>,
    pub(super) origins: Vec<u32>,
    pub(super) expr_spans: Vec<Option<Span>>,
    pub(super) stmt_spans: Vec<Span>,
    pub(super) function_spans: Vec<Span>,
    pub(super) class_spans: Vec<Span>,
    pub(super) is_written: Vec<bool>,
    /// Functions that are expressions but have statements; they are written after the statement.
    pub(super) late: Vec<FunctionIdx>,
    pub(super) nodes: u32,
    pub(super) indent: usize,
}

impl<'c> Writer<'c> {
    pub(super) fn at(&self) -> u32 {
        self.text.len() as u32
    }

    pub(super) fn name(&self, name: Sym) -> &'c str {
        self.symbols.as_str(name)
    }

    pub(super) fn put(&mut self, text: &str) {
        if self.text.len() < MAX_TEXT {
            self.text.push_str(text);
        }
    }

    fn start_line(&mut self, origin: u32) {
        if let Some(last) = self.origins.last_mut() {
            *last = origin;
        }
        for _ in 0..self.indent.min(MAX_INDENT) {
            self.put("    ");
        }
    }

    fn end_line(&mut self) {
        if self.text.len() < MAX_TEXT {
            self.text.push('\n');
            self.lines.push(self.text.len() as u32);
            let origin = self.origins.last().copied().unwrap_or(0);
            self.origins.push(origin);
        }
    }

    fn block(&mut self, block: &[StmtId]) {
        for id in block {
            self.stmt(*id);
        }
    }

    fn inner(&mut self, block: &[StmtId]) {
        self.put(":");
        self.end_line();
        self.indent += 1;
        if block.is_empty() {
            let origin = self.origins.last().copied().unwrap_or(0);
            self.start_line(origin);
            self.put("pass");
            self.end_line();
        }
        self.block(block);
        self.indent -= 1;
    }

    fn stmt(&mut self, id: StmtId) {
        let code = self.code;
        let Some((stmt, _)) = code.stmts.get(id.0 as usize) else { return };
        let origin = self.stmt_lines.get(id.0 as usize).copied().unwrap_or(0);
        self.nodes = 0;
        if let Stmt::Function(index) = stmt {
            self.function(*index, origin);
            return;
        }
        if let Stmt::Class(_) = stmt {
            self.class(stmt, id, origin);
            return;
        }
        self.start_line(origin);
        let start = self.at();
        let end = self.compound(stmt).unwrap_or_else(|| {
            self.simple(stmt);
            let end = self.at();
            self.end_line();
            end
        });
        if let Some(span) = self.stmt_spans.get_mut(id.0 as usize) {
            *span = Span { start, end };
        }
        self.write_late(origin);
    }

    /// Functions without a definition of their own, such as generators that are passed on.
    fn write_late(&mut self, origin: u32) {
        while let Some(index) = self.late.pop() {
            self.function(index, origin);
        }
    }

    /// Writes a statement with blocks; gives the end of its first line.
    fn compound(&mut self, stmt: &Stmt) -> Option<u32> {
        let mut end = None;
        match stmt {
            Stmt::If(branches) => {
                for (at, (test, body)) in branches.iter().enumerate() {
                    if at > 0 {
                        let origin = self.origins.last().copied().unwrap_or(0);
                        self.start_line(origin);
                    }
                    match test {
                        Some(test) => {
                            self.put(if at == 0 { "if " } else { "elif " });
                            self.expr(*test);
                        }
                        None => self.put("else"),
                    }
                    end = end.or(Some(self.at()));
                    self.inner(body);
                }
            }
            Stmt::While(repeated) => {
                let While { test, body, orelse } = &**repeated;
                self.put("while ");
                self.expr(*test);
                end = Some(self.at());
                self.inner(body);
                self.labeled("else", orelse);
            }
            Stmt::For(repeated) => {
                let For { target, iter, body, orelse } = &**repeated;
                self.put("for ");
                self.expr(*target);
                self.put(" in ");
                self.expr(*iter);
                end = Some(self.at());
                self.inner(body);
                self.labeled("else", orelse);
            }
            Stmt::With(managed) => {
                let With { items, body } = &**managed;
                self.put("with ");
                for (at, (context, target)) in items.iter().enumerate() {
                    self.put(if at == 0 { "" } else { ", " });
                    self.expr(*context);
                    if let Some(target) = target {
                        self.put(" as ");
                        self.expr(*target);
                    }
                }
                end = Some(self.at());
                self.inner(body);
            }
            Stmt::Try(protected) => {
                let Try { body, handlers, orelse, finally } = &**protected;
                self.put("try");
                end = Some(self.at());
                self.inner(body);
                for handler in handlers {
                    let origin = self.origins.last().copied().unwrap_or(0);
                    self.start_line(origin);
                    self.put("except");
                    if let Some(types) = handler.types {
                        self.put(" ");
                        self.expr(types);
                    }
                    if let Some(name) = handler.name {
                        self.put(" as ");
                        self.put(self.name(name));
                    }
                    self.inner(&handler.body);
                }
                self.labeled("else", orelse);
                self.labeled("finally", finally);
            }
            _ => {}
        }
        end
    }

    fn labeled(&mut self, label: &str, block: &[StmtId]) {
        if !block.is_empty() {
            let origin = self.origins.last().copied().unwrap_or(0);
            self.start_line(origin);
            self.put(label);
            self.inner(block);
        }
    }

    fn simple(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(value) => self.expr(*value),
            Stmt::Assign { targets, value } => {
                for target in targets {
                    self.expr(*target);
                    self.put(" = ");
                }
                self.expr(*value);
            }
            Stmt::AugAssign { target, op, value } => {
                self.expr(*target);
                self.put(" ");
                self.put(operator(*op));
                self.put("= ");
                self.expr(*value);
            }
            Stmt::Return(value) => self.word_and("return", *value),
            Stmt::Raise(value) => self.word_and("raise", *value),
            Stmt::Import(aliases) => {
                self.put("import ");
                for alias in aliases {
                    self.put(&alias.name);
                    self.bound(alias.bound);
                }
            }
            Stmt::ImportFrom(import) => {
                let ImportFrom { module, level, names } = &**import;
                self.put("from ");
                (0..(*level).min(20)).for_each(|_| self.put("."));
                self.put(module);
                self.put(" import ");
                for (at, alias) in names.iter().enumerate() {
                    self.put(if at == 0 { "" } else { ", " });
                    self.put(&alias.name);
                    self.bound(alias.bound);
                }
            }
            Stmt::Delete(targets) => {
                self.put("del ");
                self.list(targets);
            }
            Stmt::Assert { test, message } => {
                self.put("assert ");
                self.expr(*test);
                if let Some(message) = message {
                    self.put(", ");
                    self.expr(*message);
                }
            }
            Stmt::Break => self.put("break"),
            Stmt::Continue => self.put("continue"),
            _ => self.put("pass"),
        }
    }

    fn bound(&mut self, name: Option<Sym>) {
        if let Some(name) = name {
            self.put(" as ");
            self.put(self.name(name));
        }
    }

    pub(super) fn word_and(&mut self, word: &str, value: Option<ExprId>) {
        self.put(word);
        if let Some(value) = value {
            self.put(" ");
            self.expr(value);
        }
    }

    fn decorators(&mut self, decorators: &[ExprId], origin: u32) {
        for decorator in decorators {
            self.start_line(origin);
            self.put("@");
            self.expr(*decorator);
            self.end_line();
        }
    }

    fn function(&mut self, index: FunctionIdx, origin: u32) {
        let code = self.code;
        let Some(function) = code.functions.get(index.0 as usize) else { return };
        match self.is_written.get_mut(index.0 as usize) {
            Some(written) if !*written => *written = true,
            _ => return,
        }
        self.decorators(&function.decorators, origin);
        self.start_line(origin);
        let start = self.at();
        self.put(if function.is_async { "async def " } else { "def " });
        self.put(self.name(function.name));
        self.put("(");
        self.params(&function.params);
        self.put(")");
        let span = Span { start, end: self.at() };
        if let Some(slot) = self.function_spans.get_mut(index.0 as usize) {
            *slot = span;
        }
        self.inner(&function.body);
    }

    fn class(&mut self, stmt: &Stmt, id: StmtId, origin: u32) {
        let code = self.code;
        let Stmt::Class(index) = stmt else { return };
        let Some(class) = code.classes.get(index.0 as usize) else { return };
        self.decorators(&class.decorators, origin);
        self.start_line(origin);
        let start = self.at();
        self.put("class ");
        self.put(self.name(class.name));
        if !class.bases.is_empty() {
            self.put("(");
            self.args(&class.bases);
            self.put(")");
        }
        let span = Span { start, end: self.at() };
        if let Some(slot) = self.class_spans.get_mut(index.0 as usize) {
            *slot = span;
        }
        if let Some(slot) = self.stmt_spans.get_mut(id.0 as usize) {
            *slot = span;
        }
        self.inner(&class.body);
    }

    pub(super) fn params(&mut self, params: &[Param]) {
        let has_star = params.iter().any(|p| p.kind == ParamKind::Star);
        let mut is_marked = has_star;
        for (at, param) in params.iter().enumerate() {
            self.put(if at == 0 { "" } else { ", " });
            match param.kind {
                ParamKind::Star => self.put("*"),
                ParamKind::DoubleStar => self.put("**"),
                ParamKind::Keyword if !is_marked => {
                    is_marked = true;
                    self.put("*, ");
                }
                ParamKind::Keyword | ParamKind::Positional => {}
            }
            self.put(self.name(param.name));
            if let Some(default) = param.default {
                self.put("=");
                self.expr(default);
            }
        }
    }
}
