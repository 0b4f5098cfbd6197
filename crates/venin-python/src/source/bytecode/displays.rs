//! Displays, formatted strings, and what is added to containers.

use std::rc::Rc;

use super::super::ir::{Arg, Expr, ExprId, Passing, Piece, Stmt};
use super::body::{Body, Slot, positional};
use super::decode::Instr;
use super::opcode::{Addition, Display, Op};

impl Body<'_, '_, '_> {
    pub(super) fn display(&mut self, instr: &Instr) {
        match instr.op {
            Op::Build(display) => self.build(display, instr.arg as usize),
            Op::Add(addition) => self.add(addition, instr.arg as usize),
            Op::ListToTuple => self.list_to_tuple(),
            Op::FormatValue => {
                let spec = (instr.arg & 4 != 0).then(|| self.pop());
                let value = self.pop();
                self.format(value, conversion(instr.arg & 3), spec);
            }
            Op::FormatSimple => {
                let value = self.pop();
                self.format(value, None, None);
            }
            Op::FormatWithSpec => {
                let (value, spec) = self.two();
                self.format(value, None, Some(spec));
            }
            Op::ConvertValue => {
                let value = self.pop();
                self.format(value, conversion(instr.arg), None);
            }
            Op::BuildInterpolation => {
                let spec = (instr.arg & 1 != 0).then(|| self.pop());
                self.pop_slot();
                let value = self.pop();
                self.format(value, conversion(instr.arg >> 2), spec);
            }
            _ => {
                let (strings, fields) = self.two();
                self.push_expr(Expr::Tuple([strings, fields].into()));
            }
        }
    }

    /// A replacement field; what `CONVERT_VALUE` converted is the value of the field around it.
    fn format(&mut self, value: ExprId, conversion: Option<char>, spec: Option<ExprId>) {
        let spec = spec.map(|spec| match self.low.get(spec) {
            Expr::Str(_) | Expr::Joined(_) => spec,
            _ => {
                let pieces = [Piece::Value { value: spec, conversion: None, spec: None }];
                self.low.expr(Expr::Joined(pieces.into()))
            }
        });
        let piece = match (self.low.get(value), conversion) {
            (Expr::Joined(pieces), None) => match &**pieces {
                [Piece::Value { value, conversion: Some(inner), spec: None }] => {
                    Piece::Value { value: *value, conversion: Some(*inner), spec }
                }
                _ => Piece::Value { value, conversion, spec },
            },
            _ => Piece::Value { value, conversion, spec },
        };
        self.push_expr(Expr::Joined([piece].into()));
    }

    fn build(&mut self, display: Display, count: usize) {
        let expr = match display {
            Display::Tuple => Expr::Tuple(self.pop_many(count).into()),
            Display::List => Expr::List(self.pop_many(count).into()),
            Display::Set => Expr::Set(self.pop_many(count).into()),
            Display::Map if self.low.version.major == 2 => Expr::Dict(Box::default()),
            Display::Map => {
                let values = self.pop_many(count.saturating_mul(2));
                let pair = |pair: &[ExprId]| match pair {
                    [key, value] => Some((Some(*key), *value)),
                    _ => None,
                };
                Expr::Dict(values.chunks(2).filter_map(pair).collect())
            }
            Display::ConstKeyMap => {
                let keys = self.pop();
                let values = self.pop_many(count);
                let keys = match self.low.get(keys) {
                    Expr::Tuple(keys) => keys.clone(),
                    _ => Box::default(),
                };
                Expr::Dict(values.into_iter().enumerate().map(|(at, v)| (keys.get(at).copied(), v)).collect())
            }
            Display::String => self.joined(count),
            Display::Slice => {
                let step = (count == 3).then(|| self.pop());
                let (lower, upper) = self.two();
                let id = self.slice(Some(lower), Some(upper), step);
                self.push(Slot::Expr(id));
                return;
            }
            Display::TupleUnpack => Expr::Tuple(self.spread(count)),
            Display::ListUnpack => Expr::List(self.spread(count)),
            Display::SetUnpack => Expr::Set(self.spread(count)),
            Display::MapUnpack | Display::MapUnpackWithCall => {
                let count = if self.low.at_least(3, 6) { count & 0xff } else { count };
                let parts = self.pop_many(count);
                let mut entries = Vec::new();
                for part in parts {
                    self.entries_of(part, &mut entries);
                }
                Expr::Dict(entries.into())
            }
        };
        self.push_expr(expr);
    }

    /// Elements of displays with `*`: known sequences in place, others starred.
    fn spread(&mut self, count: usize) -> Box<[ExprId]> {
        let parts = self.pop_many(count);
        let mut out = Vec::new();
        for part in parts {
            self.elements_of(part, &mut out);
        }
        out.into()
    }

    fn elements_of(&mut self, part: ExprId, out: &mut Vec<ExprId>) {
        match self.low.get(part) {
            Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) => out.extend(items.iter()),
            _ => out.push(self.low.expr(Expr::Starred(part))),
        }
    }

    fn entries_of(&self, part: ExprId, out: &mut Vec<(Option<ExprId>, ExprId)>) {
        match self.low.get(part) {
            Expr::Dict(entries) => out.extend(entries.iter().copied()),
            _ => out.push((None, part)),
        }
    }

    /// The parts of an f-string: literals, and fields that were formatted before.
    fn joined(&mut self, count: usize) -> Expr {
        let mut pieces = Vec::with_capacity(count.min(1_000));
        for part in self.pop_many(count) {
            match self.low.get(part) {
                Expr::Str(text) => pieces.push(Piece::Literal(Rc::clone(text))),
                Expr::Joined(inner) => pieces.extend(inner.iter().cloned()),
                _ => pieces.push(Piece::Value { value: part, conversion: None, spec: None }),
            }
        }
        Expr::Joined(pieces.into())
    }

    fn list_to_tuple(&mut self) {
        let list = self.pop();
        let expr = match self.low.get(list) {
            Expr::List(items) => Expr::Tuple(items.clone()),
            _ => {
                let callee = self.low.name("tuple");
                Expr::Call { callee, args: positional(&[list]) }
            }
        };
        self.push_expr(expr);
    }

    fn add(&mut self, addition: Addition, below: usize) {
        match addition {
            Addition::StoreMap => {
                let key = self.pop();
                let value = self.pop();
                self.add_to(1, |_, expr| push_entry(expr, (Some(key), value)));
            }
            Addition::MapAdd => {
                // Key and value changed places in 3.8.
                let (first, second) = self.two();
                let (key, value) = if self.low.at_least(3, 8) { (first, second) } else { (second, first) };
                if !self.append_in_loop(below, key, Some(value), "__setitem__") {
                    self.add_to(below, |_, expr| push_entry(expr, (Some(key), value)));
                }
            }
            Addition::ListAppend | Addition::SetAdd => {
                let item = self.pop();
                let method = if addition == Addition::SetAdd { "add" } else { "append" };
                if !self.append_in_loop(below, item, None, method) {
                    self.add_to(below, |_, expr| push_items(expr, &[item]));
                }
            }
            Addition::ListExtend | Addition::SetUpdate => {
                let part = self.pop();
                let mut items = Vec::new();
                self.elements_of(part, &mut items);
                self.add_to(below, |_, expr| push_items(expr, &items));
            }
            Addition::DictUpdate => {
                let part = self.pop();
                let mut entries = Vec::new();
                self.entries_of(part, &mut entries);
                self.add_to(below, |_, mut expr| {
                    for entry in &entries {
                        expr = push_entry(expr, *entry);
                    }
                    expr
                });
            }
        }
    }

    /// Lets a display that lies on the stack grow.
    fn add_to(&mut self, below: usize, grow: impl FnOnce(&mut Self, Expr) -> Expr) {
        let Slot::Expr(id) = self.peek(below) else { return };
        let expr = self.low.get(id).clone();
        let size = match &expr {
            Expr::List(items) | Expr::Set(items) | Expr::Tuple(items) => items.len(),
            Expr::Dict(entries) => entries.len(),
            _ => 0,
        };
        if self.low.spend(1 + size as u64 / 256) {
            let expr = grow(self, expr);
            self.low.set(id, expr);
        }
    }

    /// In the loop of a comprehension an element becomes a call on the variable that stands for the container.
    fn append_in_loop(&mut self, below: usize, key: ExprId, value: Option<ExprId>, method: &str) -> bool {
        let Slot::Expr(container) = self.peek(below) else { return false };
        // A container that was made before the loop has become a variable when the loop was entered.
        let Expr::Name(name) = *self.low.get(container) else { return false };
        let is_fresh = self.low.text(name).starts_with("$c");
        if !is_fresh {
            return false;
        }
        let object = self.low.expr(Expr::Name(name));
        let method = self.low.sym(method);
        let callee = self.low.expr(Expr::Attribute { value: object, name: method });
        let values = [key].into_iter().chain(value);
        let args = values.map(|value| Arg { passing: Passing::Positional, value }).collect();
        let call = self.low.expr(Expr::Call { callee, args });
        self.emit(Stmt::Expr(call));
        true
    }
}

/// `!s`, `!r` and `!a` by number.
const fn conversion(number: u32) -> Option<char> {
    match number {
        1 => Some('s'),
        2 => Some('r'),
        3 => Some('a'),
        _ => None,
    }
}

fn push_items(expr: Expr, more: &[ExprId]) -> Expr {
    let grown = |items: Box<[ExprId]>| {
        let mut items = items.into_vec();
        items.extend(more);
        items.into_boxed_slice()
    };
    match expr {
        Expr::List(items) => Expr::List(grown(items)),
        Expr::Set(items) => Expr::Set(grown(items)),
        Expr::Tuple(items) => Expr::Tuple(grown(items)),
        other => other,
    }
}

fn push_entry(expr: Expr, entry: (Option<ExprId>, ExprId)) -> Expr {
    match expr {
        Expr::Dict(entries) => {
            let mut entries = entries.into_vec();
            entries.push(entry);
            Expr::Dict(entries.into())
        }
        other => other,
    }
}
