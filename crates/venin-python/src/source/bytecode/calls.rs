//! Calls, and the making of functions and classes.

use std::rc::Rc;

use super::super::ir::{Arg, ComprehensionKind, Expr, ExprId, FunctionIdx, Passing, Stmt};
use super::arena::Note;
use super::body::{Body, Slot, positional};
use super::decode::Instr;
use super::opcode::{Convention, Op};

/// Most arguments of one call that are taken serious.
const MAX_ARGUMENTS: usize = 100_000;

impl Body<'_, '_, '_> {
    pub(super) fn call(&mut self, instr: &Instr) {
        match instr.op {
            Op::Call(convention) => self.call_by(convention, instr.arg),
            Op::KeywordNames => {
                let names = self.consts.get(instr.arg as usize).copied();
                self.keywords = names.map(|names| self.low.constant(names));
            }
            Op::Intrinsic1 => self.intrinsic(instr.arg),
            Op::Intrinsic2 => {
                let (_, top) = self.two();
                self.push(Slot::Expr(top));
            }
            Op::MakeFunction => self.make_function(instr.arg),
            Op::MakeClosure => {
                let code = self.pop_slot();
                self.pop_slot();
                self.push(code);
                self.make_function(instr.arg);
            }
            Op::SetFunctionAttribute => {
                let function = self.pop_slot();
                let value = self.pop();
                if let Slot::Expr(id) = function {
                    self.set_function_attribute(id, instr.arg, value);
                }
                self.push(function);
            }
            Op::BuildClass => {
                // Below: the name, the bases, and the result of calling the body.
                let body = self.pop();
                let bases = self.pop();
                self.pop_slot();
                let Expr::Call { callee, .. } = *self.low.get(body) else { return self.push(Slot::Opaque) };
                let bases = match self.low.get(bases) {
                    Expr::Tuple(items) => positional(&items.clone()),
                    _ => Box::default(),
                };
                self.make_class(callee, bases);
            }
            Op::PrintExpression | Op::PrintItem | Op::PrintNewlineTo => {
                let value = self.pop();
                if instr.op != Op::PrintNewlineTo {
                    self.print(value);
                }
            }
            Op::PrintItemTo => {
                self.pop_slot();
                let value = self.pop();
                self.print(value);
            }
            _ => self.exec(),
        }
    }

    fn print(&mut self, value: ExprId) {
        let callee = self.low.name("print");
        let call = self.low.expr(Expr::Call { callee, args: positional(&[value]) });
        self.low.mark_used(call);
        self.emit(Stmt::Expr(call));
    }

    /// `exec code in globals, locals` of Python 2.
    fn exec(&mut self) {
        let locals = self.pop();
        let globals = self.pop();
        let code = self.pop();
        let callee = self.low.name("exec");
        let mut values = vec![code];
        if !matches!(self.low.get(globals), Expr::None) {
            values.push(globals);
            if locals != globals {
                values.push(locals);
            }
        }
        let call = self.low.expr(Expr::Call { callee, args: positional(&values) });
        self.low.mark_used(call);
        self.emit(Stmt::Expr(call));
    }

    fn call_by(&mut self, convention: Convention, arg: u32) {
        let count = (arg as usize).min(MAX_ARGUMENTS);
        match convention {
            Convention::Old { star, double_star } => {
                let mut tail = Vec::new();
                if double_star > 0 {
                    tail.push(Arg { passing: Passing::DoubleStar, value: self.pop() });
                }
                if star > 0 {
                    tail.push(Arg { passing: Passing::Star, value: self.pop() });
                }
                let pairs = self.pop_many(2 * (count >> 8 & 0xff));
                let mut args = positional(&self.pop_many(count & 0xff)).into_vec();
                for pair in pairs.chunks(2) {
                    let [key, value] = pair else { continue };
                    args.push(self.keyword_argument(*key, *value));
                }
                args.extend(tail.into_iter().rev());
                let callee = self.pop_slot();
                self.finish_call(&callee, args);
            }
            Convention::Plain => {
                let args = positional(&self.pop_many(count)).into_vec();
                let callee = self.pop_slot();
                self.finish_call(&callee, args);
            }
            Convention::Keywords => {
                let names = self.pop();
                let values = self.pop_many(count);
                let args = self.named(&values, names);
                let callee = self.pop_slot();
                self.finish_call(&callee, args);
            }
            Convention::Spread => self.call_spread(arg),
            Convention::Method | Convention::Modern => {
                let values = self.pop_many(count);
                let args = match self.keywords.take() {
                    Some(names) => self.named(&values, names),
                    None => positional(&values).into_vec(),
                };
                self.call_two_slots(args);
            }
            Convention::ModernKeywords => {
                let names = self.pop();
                let values = self.pop_many(count);
                let args = self.named(&values, names);
                self.call_two_slots(args);
            }
        }
    }

    fn keyword_argument(&mut self, key: ExprId, value: ExprId) -> Arg {
        match self.low.get(key).clone() {
            Expr::Str(name) => Arg { passing: Passing::Keyword(self.low.sym(&name)), value },
            _ => Arg { passing: Passing::Positional, value },
        }
    }

    /// Arguments of which the last have names.
    fn named(&mut self, values: &[ExprId], names: ExprId) -> Vec<Arg> {
        let names = self.low.names_of(names);
        let first = values.len().saturating_sub(names.len());
        let (by_position, by_name) = values.split_at(first);
        let mut args = positional(by_position).into_vec();
        for (value, name) in by_name.iter().zip(names) {
            args.push(Arg { passing: Passing::Keyword(self.low.sym(&name)), value: *value });
        }
        args
    }

    /// Two slots below the arguments: a callable and a null, or a callable and its first argument.
    fn call_two_slots(&mut self, mut args: Vec<Arg>) {
        let upper = self.pop_slot();
        let lower = self.pop_slot();
        match (&lower, &upper) {
            (Slot::Null, callee) | (callee, Slot::Null) => {
                let callee = callee.clone();
                self.finish_call(&callee, args);
            }
            // The exit function of a `with`.
            (Slot::Opaque, _) if self.low.at_least(3, 11) => self.finish_call(&Slot::Opaque, args),
            _ => {
                let value = self.as_expr(&upper);
                args.insert(0, Arg { passing: Passing::Positional, value });
                self.finish_call(&lower, args);
            }
        }
    }

    /// `f(*args, **kwargs)`; what is spread is known as far as displays show it.
    fn call_spread(&mut self, arg: u32) {
        let has_mapping = self.low.at_least(3, 14) || arg & 1 != 0;
        let mapping = if has_mapping { self.pop_slot() } else { Slot::Null };
        let sequence = self.pop();
        let mut args = Vec::new();
        match self.low.get(sequence).clone() {
            Expr::Tuple(items) | Expr::List(items) => {
                for item in &items {
                    args.push(match *self.low.get(*item) {
                        Expr::Starred(value) => Arg { passing: Passing::Star, value },
                        _ => Arg { passing: Passing::Positional, value: *item },
                    });
                }
            }
            _ => args.push(Arg { passing: Passing::Star, value: sequence }),
        }
        if let Slot::Expr(mapping) = mapping {
            match self.low.get(mapping).clone() {
                Expr::Dict(entries) => {
                    for (key, value) in &entries {
                        args.push(match key {
                            Some(key) => self.keyword_argument(*key, *value),
                            None => Arg { passing: Passing::DoubleStar, value: *value },
                        });
                    }
                }
                _ => args.push(Arg { passing: Passing::DoubleStar, value: mapping }),
            }
        }
        let mut callee = self.pop_slot();
        if self.low.at_least(3, 13) {
            // The null lies above the callable.
            callee = self.pop_slot();
        } else if self.low.at_least(3, 11) {
            self.pop_slot();
        }
        self.finish_call(&callee, args);
    }

    fn finish_call(&mut self, callee: &Slot, args: Vec<Arg>) {
        match callee {
            Slot::Opaque | Slot::Null | Slot::Exception => self.push(Slot::Opaque),
            Slot::BuildClass => {
                let Some((body, rest)) = args.split_first() else { return self.push(Slot::Opaque) };
                // The name comes first among what is left.
                self.make_class(body.value, rest.get(1..).unwrap_or_default().into());
            }
            callee => {
                let callee = self.as_expr(callee);
                if let Some(Note::Enter(_)) = self.low.notes.get(&callee).copied()
                    && let Expr::Attribute { value, .. } = *self.low.get(callee)
                {
                    let entered = self.low.expr(Expr::Call { callee, args: Box::default() });
                    self.low.notes.insert(entered, Note::Enter(value));
                    self.push(Slot::Expr(entered));
                    return;
                }
                match self.comprehension(callee, &args) {
                    Some(expr) => self.push_expr(expr),
                    None => self.push_expr(Expr::Call { callee, args: args.into() }),
                }
            }
        }
    }

    /// A call of the function that a comprehension was compiled to.
    fn comprehension(&mut self, callee: ExprId, args: &[Arg]) -> Option<Expr> {
        let [Arg { passing: Passing::Positional, value: iterated }] = *args else { return None };
        let (index, name) = self.low.function_of(callee)?;
        let kind = match name {
            "<listcomp>" => ComprehensionKind::List,
            "<setcomp>" => ComprehensionKind::Set,
            "<dictcomp>" => ComprehensionKind::Dict,
            "<genexpr>" => ComprehensionKind::Generator,
            _ => return None,
        };
        let code = *self.low.codes.get(&index)?;
        let body = self.low.lower_inline(code)?;
        let mut expr = self.low.comprehension_of_body(kind, &body)?;
        let Expr::Comprehension(comprehension) = &mut expr else { return None };
        let first = comprehension.clauses.first_mut()?;
        let Expr::Name(argument) = *self.low.get(first.iter) else { return None };
        if self.low.text(argument) != ".0" {
            return None;
        }
        first.iter = iterated;
        self.low.forget_function(index);
        Some(expr)
    }

    fn intrinsic(&mut self, arg: u32) {
        match arg {
            1 => {
                let value = self.pop();
                self.print(value);
                self.push_expr(Expr::None);
            }
            2 => {
                self.import_star();
                self.push(Slot::Opaque);
            }
            5 => {
                let operand = self.pop();
                self.push_expr(Expr::Unary { op: super::super::ir::UnaryOp::Plus, operand });
            }
            6 => {
                let list = self.pop();
                let expr = match self.low.get(list) {
                    Expr::List(items) => Expr::Tuple(items.clone()),
                    other => other.clone(),
                };
                self.push_expr(expr);
            }
            _ => {}
        }
    }

    /// `MAKE_FUNCTION`: flags since 3.6, a number of defaults in 2.7, nothing since 3.13.
    fn make_function(&mut self, arg: u32) {
        if (3, 6) <= (self.low.version.major, self.low.version.minor) && !self.low.at_least(3, 11) {
            // The qualified name.
            self.pop_slot();
        }
        let code = self.pop_slot();
        if self.low.version.major == 2 {
            let defaults = self.pop_many((arg & 0xff) as usize);
            let made = self.function_slot(&code, &defaults);
            return self.push(made);
        }
        let flags = if self.low.at_least(3, 13) { 0 } else { arg };
        let parts: Vec<(u32, ExprId)> = [8, 4, 2, 1]
            .into_iter()
            .filter(|flag| flags & flag != 0)
            .map(|flag| (flag, self.pop()))
            .collect();
        let made = self.function_slot(&code, &[]);
        if let Slot::Expr(id) = made {
            for (flag, value) in parts {
                self.set_function_attribute(id, flag, value);
            }
        }
        self.push(made);
    }

    fn function_slot(&mut self, code: &Slot, defaults: &[ExprId]) -> Slot {
        let Slot::Code(code) = code else { return Slot::Opaque };
        let qualified = Rc::clone(&self.qualified);
        self.low.function(*code, defaults, &qualified, self.nesting).map_or(Slot::Opaque, Slot::Expr)
    }

    fn set_function_attribute(&mut self, function: ExprId, flag: u32, value: ExprId) {
        let Expr::Lambda(index) = *self.low.get(function) else { return };
        match flag {
            1 => {
                if let Expr::Tuple(items) = self.low.get(value).clone() {
                    self.low.set_defaults(index, &items);
                }
            }
            2 => self.low.set_keyword_defaults(index, value),
            4 => self.evaluate_annotations(index, value),
            _ => {}
        }
    }

    /// Annotations that call something do so when the function is defined.
    fn evaluate_annotations(&mut self, _: FunctionIdx, annotations: ExprId) {
        let values: Vec<ExprId> = match self.low.get(annotations) {
            Expr::Tuple(items) => items.to_vec(),
            Expr::Dict(entries) => entries.iter().map(|(_, value)| *value).collect(),
            _ => Vec::new(),
        };
        for value in values {
            if let Expr::Call { .. } = self.low.get(value) {
                self.emit(Stmt::Expr(value));
            }
        }
    }

    fn make_class(&mut self, body: ExprId, bases: Box<[Arg]>) {
        let qualified = Rc::clone(&self.qualified);
        match self.low.class(body, bases, &qualified, self.nesting) {
            Some(placeholder) => {
                self.push(Slot::Expr(placeholder));
                self.define_unstored(placeholder);
            }
            None => self.push(Slot::Opaque),
        }
    }

    /// A class that is not stored soon is defined where it is made.
    fn define_unstored(&mut self, placeholder: ExprId) {
        let made = self.low.notes.get(&placeholder).copied();
        let Some(Note::Class(class)) = made else { return };
        let at = self.instrs.partition_point(|i| i.start < self.here);
        let upcoming = self.instrs.get(at..).unwrap_or_default().iter().skip(1).take(12);
        let mut is_stored = false;
        for instr in upcoming {
            match instr.op {
                Op::Call(_) | Op::Nop | Op::Precall => {}
                Op::Store(_) => {
                    is_stored = true;
                    break;
                }
                _ => break,
            }
        }
        if !is_stored {
            self.low.notes.remove(&placeholder);
            self.emit(Stmt::Class(class));
        }
    }
}
