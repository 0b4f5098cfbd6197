//! The text of expressions.

use std::fmt::Write as _;

use super::super::ir::{
    Arg, BinaryOp, BoolOp, CompareOp, Comprehension, ComprehensionKind, Expr, ExprId, FunctionIdx, Passing,
    Piece, Slice, Span, Stmt, UnaryOp,
};
use super::render::{MAX_LITERAL, MAX_NODES, Writer};

impl Writer<'_> {
    pub(super) fn list(&mut self, items: &[ExprId]) {
        for (at, item) in items.iter().enumerate() {
            self.put(if at == 0 { "" } else { ", " });
            self.expr(*item);
        }
    }

    pub(super) fn args(&mut self, args: &[Arg]) {
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
    pub(super) fn expr(&mut self, id: ExprId) {
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
    pub(super) fn operand(&mut self, id: ExprId) {
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
                | Expr::Slice(_)
        );
        if is_open {
            self.put("(");
            self.expr(id);
            self.put(")");
        } else {
            self.expr(id);
        }
    }

    pub(super) fn expr_text(&mut self, expr: &Expr) {
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
            Expr::Slice(slice) => self.slice(slice),
            Expr::Call { callee, args } => {
                self.operand(*callee);
                self.put("(");
                self.args(args);
                self.put(")");
            }
            Expr::Lambda(index) => self.lambda(*index),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
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

    fn slice(&mut self, slice: &Slice) {
        let Slice { lower, upper, step } = *slice;
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
    pub(super) fn lambda(&mut self, index: FunctionIdx) {
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

    fn comprehension(&mut self, comprehension: &Comprehension) {
        let Comprehension { kind, element, value, ref clauses } = *comprehension;
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

pub(super) const fn operator(op: BinaryOp) -> &'static str {
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
