//! The text of lowered code: one statement a line, and the spans of expressions in it.
//!
//! It looks like Python so that a report has something to show; it is not meant to be run.

use std::fmt::Write as _;
use std::rc::Rc;

use super::super::ir::{
    Arg, BinaryOp, BoolOp, Clause, Code, CompareOp, ComprehensionKind, Expr, ExprId, FunctionIdx, Param,
    ParamKind, Passing, Piece, Span, Stmt, StmtId, UnaryOp,
};
use crate::value::{Sym, Symbols};

/// Longest text, in bytes.
const MAX_TEXT: usize = 64 << 20;
/// Longest literal that is shown, in characters.
const MAX_LITERAL: usize = 200;
/// Most expressions that one statement shows.
const MAX_NODES: u32 = 20_000;
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
    code.lines = lines;
    code.origin_lines = origins;
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

struct Writer<'c> {
    code: &'c Code,
    stmt_lines: &'c [u32],
    symbols: &'c Symbols,
    text: String,
    lines: Vec<u32>,
    origins: Vec<u32>,
    expr_spans: Vec<Option<Span>>,
    stmt_spans: Vec<Span>,
    function_spans: Vec<Span>,
    class_spans: Vec<Span>,
    is_written: Vec<bool>,
    /// Functions that are expressions but have statements; they are written after the statement.
    late: Vec<FunctionIdx>,
    nodes: u32,
    indent: usize,
}

impl<'c> Writer<'c> {
    fn at(&self) -> u32 {
        self.text.len() as u32
    }

    fn name(&self, name: Sym) -> &'c str {
        self.symbols.as_str(name)
    }

    fn put(&mut self, text: &str) {
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
            Stmt::While { test, body, orelse } => {
                self.put("while ");
                self.expr(*test);
                end = Some(self.at());
                self.inner(body);
                self.labeled("else", orelse);
            }
            Stmt::For { target, iter, body, orelse } => {
                self.put("for ");
                self.expr(*target);
                self.put(" in ");
                self.expr(*iter);
                end = Some(self.at());
                self.inner(body);
                self.labeled("else", orelse);
            }
            Stmt::With { items, body } => {
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
            Stmt::Try { body, handlers, orelse, finally } => {
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
            Stmt::ImportFrom { module, level, names } => {
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

    fn word_and(&mut self, word: &str, value: Option<ExprId>) {
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

    fn params(&mut self, params: &[Param]) {
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

    fn list(&mut self, items: &[ExprId]) {
        for (at, item) in items.iter().enumerate() {
            self.put(if at == 0 { "" } else { ", " });
            self.expr(*item);
        }
    }

    fn args(&mut self, args: &[Arg]) {
        for (at, arg) in args.iter().enumerate() {
            self.put(if at == 0 { "" } else { ", " });
            match arg.passing {
                Passing::Positional => {}
                Passing::Star => self.put("*"),
                Passing::DoubleStar => self.put("**"),
                Passing::Keyword(name) => {
                    self.put(self.name(name));
                    self.put("=");
                }
            }
            self.expr(arg.value);
        }
    }

    /// Writes an expression and notes where it stands.
    fn expr(&mut self, id: ExprId) {
        let start = self.at();
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.put("…");
        } else {
            let code = self.code;
            self.expr_text(code.expr(id));
        }
        let span = Span { start, end: self.at() };
        if let Some(slot) = self.expr_spans.get_mut(id.0 as usize) {
            slot.get_or_insert(span);
        }
    }

    /// Writes an operand, in parentheses unless it needs none.
    fn operand(&mut self, id: ExprId) {
        let is_open = matches!(
            self.code.expr(id),
            Expr::Binary { .. }
                | Expr::BoolOp { .. }
                | Expr::Compare { .. }
                | Expr::IfElse { .. }
                | Expr::Unary { .. }
                | Expr::Lambda(_)
                | Expr::Await(_)
                | Expr::Yield(_)
                | Expr::YieldFrom(_)
                | Expr::Slice { .. }
        );
        if is_open {
            self.put("(");
            self.expr(id);
            self.put(")");
        } else {
            self.expr(id);
        }
    }

    fn expr_text(&mut self, expr: &Expr) {
        match expr {
            Expr::None => self.put("None"),
            Expr::Ellipsis | Expr::Complex | Expr::Invalid => self.put("..."),
            Expr::Bool(true) => self.put("True"),
            Expr::Bool(false) => self.put("False"),
            Expr::Int(value) => self.put(&value.to_string()),
            Expr::BigInt(value) if value.bits() < 1024 => self.put(&value.to_string()),
            Expr::BigInt(_) => self.put("…"),
            Expr::Float(value) => self.put(&value.to_string()),
            Expr::Str(text) => self.put(&quoted(text.chars(), text.len())),
            Expr::Bytes(bytes) => {
                let text = quoted(bytes.iter().map(|byte| char::from(*byte)), bytes.len());
                self.put("b");
                self.put(&text);
            }
            Expr::Name(name) => self.put(self.name(*name)),
            Expr::Attribute { value, name } => {
                self.operand(*value);
                self.put(".");
                self.put(self.name(*name));
            }
            Expr::Subscript { value, index } => {
                self.operand(*value);
                self.put("[");
                self.expr(*index);
                self.put("]");
            }
            Expr::Slice { lower, upper, step } => self.slice(*lower, *upper, *step),
            Expr::Call { callee, args } => {
                self.operand(*callee);
                self.put("(");
                self.args(args);
                self.put(")");
            }
            Expr::Lambda(index) => self.lambda(*index),
            Expr::Comprehension { kind, element, value, clauses } => {
                self.comprehension(*kind, *element, *value, clauses);
            }
            Expr::Joined(pieces) => self.joined(pieces),
            _ => self.operation(expr),
        }
    }

    fn operation(&mut self, expr: &Expr) {
        match expr {
            Expr::Binary { op, left, right } => {
                self.operand(*left);
                self.put(" ");
                self.put(operator(*op));
                self.put(" ");
                self.operand(*right);
            }
            Expr::Unary { op, operand } => {
                self.put(match op {
                    UnaryOp::Invert => "~",
                    UnaryOp::Not => "not ",
                    UnaryOp::Plus => "+",
                    UnaryOp::Minus => "-",
                });
                self.operand(*operand);
            }
            Expr::BoolOp { op, values } => {
                let word = if *op == BoolOp::And { " and " } else { " or " };
                for (at, value) in values.iter().enumerate() {
                    self.put(if at == 0 { "" } else { word });
                    self.operand(*value);
                }
            }
            Expr::Compare { left, rest } => {
                self.operand(*left);
                for (op, right) in rest {
                    self.put(comparison(*op));
                    self.operand(*right);
                }
            }
            Expr::IfElse { test, body, orelse } => {
                self.operand(*body);
                self.put(" if ");
                self.operand(*test);
                self.put(" else ");
                self.operand(*orelse);
            }
            Expr::Tuple(items) => {
                self.put("(");
                self.list(items);
                self.put(if items.len() == 1 { ",)" } else { ")" });
            }
            Expr::List(items) => {
                self.put("[");
                self.list(items);
                self.put("]");
            }
            Expr::Set(items) => {
                self.put("{");
                self.list(items);
                self.put("}");
            }
            Expr::Dict(entries) => self.dict(entries),
            Expr::Starred(value) => {
                self.put("*");
                self.operand(*value);
            }
            Expr::Yield(value) => self.word_and("yield", *value),
            Expr::YieldFrom(value) => self.word_and("yield from", Some(*value)),
            Expr::Await(value) => self.word_and("await", Some(*value)),
            Expr::Walrus { target, value } => {
                self.put("(");
                self.put(self.name(*target));
                self.put(" := ");
                self.expr(*value);
                self.put(")");
            }
            _ => self.put("..."),
        }
    }

    fn dict(&mut self, entries: &[(Option<ExprId>, ExprId)]) {
        self.put("{");
        for (at, (key, value)) in entries.iter().enumerate() {
            self.put(if at == 0 { "" } else { ", " });
            match key {
                Some(key) => {
                    self.expr(*key);
                    self.put(": ");
                }
                None => self.put("**"),
            }
            self.expr(*value);
        }
        self.put("}");
    }

    fn slice(&mut self, lower: Option<ExprId>, upper: Option<ExprId>, step: Option<ExprId>) {
        if let Some(lower) = lower {
            self.expr(lower);
        }
        self.put(":");
        if let Some(upper) = upper {
            self.expr(upper);
        }
        if let Some(step) = step {
            self.put(":");
            self.expr(step);
        }
    }

    /// A lambda of one `return` is written whole; other functions follow after the statement.
    fn lambda(&mut self, index: FunctionIdx) {
        let code = self.code;
        let Some(function) = code.functions.get(index.0 as usize) else { return };
        let value = match *function.body {
            [only] => match code.stmts.get(only.0 as usize) {
                Some((Stmt::Return(Some(value)), _)) => Some(*value),
                _ => None,
            },
            _ => None,
        };
        let is_written = self.is_written.get(index.0 as usize).copied().unwrap_or(true);
        match value {
            Some(value) if !is_written => {
                if let Some(slot) = self.is_written.get_mut(index.0 as usize) {
                    *slot = true;
                }
                let start = self.at();
                self.put("lambda ");
                self.params(&function.params);
                self.put(": ");
                self.expr(value);
                let span = Span { start, end: self.at() };
                if let Some(slot) = self.function_spans.get_mut(index.0 as usize) {
                    *slot = span;
                }
                if let Some(slot) = function.body.first().and_then(|s| self.stmt_spans.get_mut(s.0 as usize))
                {
                    *slot = span;
                }
            }
            _ => {
                self.put(self.name(function.name));
                if !is_written && self.late.len() < 1_000 {
                    self.late.push(index);
                }
            }
        }
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &[Clause],
    ) {
        let (open, close) = match kind {
            ComprehensionKind::List => ("[", "]"),
            ComprehensionKind::Set | ComprehensionKind::Dict => ("{", "}"),
            ComprehensionKind::Generator => ("(", ")"),
        };
        self.put(open);
        self.expr(element);
        if let Some(value) = value {
            self.put(": ");
            self.expr(value);
        }
        for clause in clauses {
            self.put(" for ");
            self.expr(clause.target);
            self.put(" in ");
            self.operand(clause.iter);
            for test in &clause.ifs {
                self.put(" if ");
                self.operand(*test);
            }
        }
        self.put(close);
    }

    fn joined(&mut self, pieces: &[Piece]) {
        self.put("f'");
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    let shown = quoted(text.chars(), text.len());
                    self.put(shown.get(1..shown.len() - 1).unwrap_or(""));
                }
                Piece::Value { value, conversion, spec } => {
                    self.put("{");
                    self.expr(*value);
                    if let Some(conversion) = conversion {
                        self.put("!");
                        self.put(conversion.encode_utf8(&mut [0; 4]));
                    }
                    if let Some(spec) = spec {
                        self.put(":");
                        match self.code.expr(*spec) {
                            Expr::Str(text) => self.put(text),
                            _ => self.expr(*spec),
                        }
                    }
                    self.put("}");
                }
            }
        }
        self.put("'");
    }
}

/// A literal in single quotes, cut where it grows long.
fn quoted(chars: impl Iterator<Item = char>, size: usize) -> String {
    let mut out = String::from("'");
    let mut n = 0;
    for c in chars.take(MAX_LITERAL) {
        n += c.len_utf8();
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if c.is_control() || matches!(c as u32, 0x2028..=0x202e | 0x2066..=0x2069) => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    if n < size && size > MAX_LITERAL {
        out.push('…');
    }
    out.push('\'');
    out
}

const fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mult => "*",
        BinaryOp::MatMult => "@",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::LShift => "<<",
        BinaryOp::RShift => ">>",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::BitAnd => "&",
    }
}

const fn comparison(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => " == ",
        CompareOp::NotEq => " != ",
        CompareOp::Lt => " < ",
        CompareOp::LtE => " <= ",
        CompareOp::Gt => " > ",
        CompareOp::GtE => " >= ",
        CompareOp::Is => " is ",
        CompareOp::IsNot => " is not ",
        CompareOp::In => " in ",
        CompareOp::NotIn => " not in ",
    }
}
