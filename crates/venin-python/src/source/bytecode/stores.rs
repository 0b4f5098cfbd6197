//! Stores, deletions, unpacking and imports.

use std::rc::Rc;

use super::super::ir::{Alias, Arg, Expr, ExprId, ImportFrom, Stmt};
use super::arena::{Note, Owner, Unpacking, children};
use super::body::{Body, Import, Slot};
use super::decode::Instr;
use super::opcode::{Op, Place};
use crate::value::Sym;

/// Most values that one sequence is unpacked into.
const MAX_UNPACKED: u32 = 2_000;
/// Most decorators of one definition.
const MAX_DECORATORS: usize = 50;

impl Body<'_, '_, '_> {
    pub(super) fn bind(&mut self, instr: &Instr) {
        match instr.op {
            Op::Store(place) => self.store_variable(place, instr.arg),
            Op::StoreLoad => {
                let (stored, loaded) = self.pair(instr.arg);
                self.store_variable(Place::Fast, stored);
                let name = self.variable(Place::Fast, loaded);
                self.push_expr(Expr::Name(name));
            }
            Op::StoreTwo => {
                let (first, second) = self.pair(instr.arg);
                self.store_variable(Place::Fast, first);
                self.store_variable(Place::Fast, second);
            }
            Op::StoreAttribute => {
                let value = self.pop();
                let name = self.name_at(instr.arg);
                let target = self.low.expr(Expr::Attribute { value, name });
                self.store_top(target);
            }
            Op::StoreSubscript => {
                let (value, index) = self.two();
                let target = self.low.expr(Expr::Subscript { value, index });
                self.store_top(target);
            }
            Op::StoreSlice => {
                let (lower, upper) = self.two();
                let index = self.slice(Some(lower), Some(upper), None);
                let value = self.pop();
                let target = self.low.expr(Expr::Subscript { value, index });
                self.store_top(target);
            }
            Op::OldStoreSlice(kind) => {
                let expr = self.old_slice(kind);
                let target = self.low.expr(expr);
                self.store_top(target);
            }
            Op::Delete(place) => {
                let name = self.variable(place, instr.arg);
                self.declare(place, instr.arg, name);
                let target = self.low.expr(Expr::Name(name));
                self.emit(Stmt::Delete([target].into()));
            }
            Op::DeleteAttribute => {
                let value = self.pop();
                let name = self.name_at(instr.arg);
                let target = self.low.expr(Expr::Attribute { value, name });
                self.emit(Stmt::Delete([target].into()));
            }
            Op::DeleteSubscript => {
                let (value, index) = self.two();
                let target = self.low.expr(Expr::Subscript { value, index });
                self.emit(Stmt::Delete([target].into()));
            }
            Op::OldDeleteSlice(kind) => {
                let expr = self.old_slice(kind);
                let target = self.low.expr(expr);
                self.emit(Stmt::Delete([target].into()));
            }
            Op::Unpack => self.unpack(instr.arg.min(MAX_UNPACKED), None),
            Op::UnpackEx => {
                let before = (instr.arg & 0xff).min(MAX_UNPACKED);
                let after = (instr.arg >> 8).min(MAX_UNPACKED);
                self.unpack(before + 1 + after, Some(before as usize));
            }
            Op::StoreAnnotation => drop(self.pop_slot()),
            _ => self.import(instr),
        }
    }

    fn store_variable(&mut self, place: Place, index: u32) {
        let name = self.variable(place, index);
        self.declare(place, index, name);
        let target = self.low.expr(Expr::Name(name));
        self.store_top(target);
    }

    /// Notes that a name belongs to an outer scope.
    fn declare(&mut self, place: Place, index: u32, name: Sym) {
        let is_function = matches!(self.owner, Owner::Function(_));
        if place == Place::Global && self.owner != Owner::Module && !self.globals.contains(&name) {
            self.globals.push(name);
        }
        if place == Place::Deref
            && is_function
            && index as usize >= self.own_cells
            && !self.nonlocals.contains(&name)
        {
            self.nonlocals.push(name);
        }
    }

    fn store_top(&mut self, target: ExprId) {
        match self.pop_slot() {
            Slot::Exception => {
                if let Expr::Name(name) = *self.low.get(target) {
                    self.exception_name = Some(name);
                }
            }
            Slot::Import(import) => self.store_import(&import, None, target),
            Slot::Imported(import, name) => self.store_import(&import, Some(&name), target),
            Slot::Expr(value) => self.store(target, value),
            Slot::Code(code) => {
                let value = self.as_expr(&Slot::Code(code));
                self.store(target, value);
            }
            Slot::Null | Slot::Opaque | Slot::BuildClass => {}
        }
    }

    /// Binds a target to a value: the assignment, or the statement that the value is a part of.
    pub(super) fn store(&mut self, target: ExprId, value: ExprId) {
        match self.low.notes.get(&value).copied() {
            Some(Note::Unpacked { unpacking, position }) => {
                self.store_unpacked(unpacking, position, target);
                return;
            }
            Some(Note::Binding(None)) => {
                self.low.notes.insert(value, Note::Binding(Some(target)));
                self.low.mark_used(target);
                return;
            }
            Some(Note::InPlace { op, left, right })
                if !self.low.is_used(value) && self.is_same(left, target) =>
            {
                self.low.mark_used(value);
                self.protect_from(target);
                self.emit(Stmt::AugAssign { target, op, value: right });
                return;
            }
            _ => {}
        }
        if self.define(target, value) {
            return;
        }
        // `f(x := g())` and `a = b = g()` store a copy of what stays on the stack.
        let is_simple = !self.has_effect(value);
        if let (Expr::Name(name), false) = (self.low.get(target).clone(), is_simple)
            && self.stack.contains(&Slot::Expr(value))
        {
            let walrus = self.low.expr(Expr::Walrus { target: name, value });
            for slot in &mut self.stack {
                if *slot == Slot::Expr(value) {
                    *slot = Slot::Expr(walrus);
                }
            }
            return;
        }
        if let Some(last) = self.out.last().copied()
            && let Stmt::Assign { targets, value: same } = self.low.stmt_of(last)
            && *same == value
            && !is_simple
        {
            let targets = targets.iter().copied().chain([target]).collect();
            self.low.set_stmt(last, Stmt::Assign { targets, value });
            return;
        }
        self.protect_from(target);
        self.low.mark_used(value);
        self.low.mark_used(target);
        self.emit(Stmt::Assign { targets: [target].into(), value });
    }

    /// A function or class that is stored under its own name, perhaps decorated, is a definition.
    fn define(&mut self, target: ExprId, value: ExprId) -> bool {
        let Expr::Name(target) = *self.low.get(target) else { return false };
        let mut decorators = Vec::new();
        let mut at = value;
        while let Expr::Call { callee, args } = self.low.get(at) {
            let [Arg { passing: super::super::ir::Passing::Positional, value: inner }] = **args else {
                return false;
            };
            if decorators.len() >= MAX_DECORATORS {
                return false;
            }
            decorators.push(*callee);
            at = inner;
        }
        if let Some(Note::Class(class)) = self.low.notes.get(&at).copied() {
            let Some(definition) = self.low.classes.get_mut(class.0 as usize) else { return false };
            if definition.name != target {
                return false;
            }
            definition.decorators = decorators.into();
            self.low.notes.remove(&at);
            self.emit(Stmt::Class(class));
            return true;
        }
        let Expr::Lambda(index) = *self.low.get(at) else { return false };
        let Some(function) = self.low.functions.get_mut(index.0 as usize) else { return false };
        if function.name != target {
            return false;
        }
        function.decorators = decorators.into();
        self.emit(Stmt::Function(index));
        true
    }

    /// Values on the stack that would be read after a store change with it: they are read before.
    fn protect_from(&mut self, target: ExprId) {
        let changed = match *self.low.get(target) {
            Expr::Name(name) => Changed::Name(name),
            _ => Changed::Object,
        };
        for at in 0..self.stack.len() {
            let Some(Slot::Expr(id)) = self.stack.get(at).cloned() else { continue };
            if self.low.notes.contains_key(&id) || !self.reads(id, changed) {
                continue;
            }
            let variable = self.spill(id);
            for slot in &mut self.stack {
                if *slot == Slot::Expr(id) {
                    *slot = Slot::Expr(variable);
                }
            }
        }
    }

    fn reads(&self, id: ExprId, changed: Changed) -> bool {
        let mut open = vec![id];
        for _ in 0..200 {
            let Some(next) = open.pop() else { return false };
            match (self.low.get(next), changed) {
                (Expr::Name(name), Changed::Name(stored)) if *name == stored => return true,
                (Expr::Attribute { .. } | Expr::Subscript { .. } | Expr::Call { .. }, Changed::Object) => {
                    return true;
                }
                (expr, _) => open.extend(children(expr)),
            }
        }
        true
    }

    /// Whether two expressions are the same place.
    fn is_same(&self, a: ExprId, b: ExprId) -> bool {
        let mut open = vec![(a, b)];
        for _ in 0..100 {
            let Some((a, b)) = open.pop() else { return true };
            if a == b {
                continue;
            }
            let (x, y) = (self.low.get(a), self.low.get(b));
            let is_alike = match (x, y) {
                (Expr::Attribute { name: n, .. }, Expr::Attribute { name: m, .. }) => n == m,
                (Expr::Subscript { .. }, Expr::Subscript { .. }) => true,
                _ => x == y,
            };
            if !is_alike {
                return false;
            }
            open.extend(children(x).into_iter().zip(children(y)));
        }
        false
    }

    fn unpack(&mut self, count: u32, starred: Option<usize>) {
        let mut value = self.pop();
        let is_bound = self.low.notes.contains_key(&value);
        if !is_bound && self.stack.contains(&Slot::Expr(value)) && self.has_effect(value) {
            let variable = self.spill(value);
            for slot in &mut self.stack {
                if *slot == Slot::Expr(value) {
                    *slot = Slot::Expr(variable);
                }
            }
            value = variable;
        }
        let unpacking = self.low.unpackings.len() as u32;
        self.low.unpackings.push(Unpacking { value, targets: vec![None; count as usize], starred });
        for position in (0..count).rev() {
            let index = self.low.expr(Expr::Int(i64::from(position)));
            let item = self.low.expr(Expr::Subscript { value, index });
            self.low.notes.insert(item, Note::Unpacked { unpacking, position });
            self.push(Slot::Expr(item));
        }
    }

    fn store_unpacked(&mut self, unpacking: u32, position: u32, target: ExprId) {
        let Some(entry) = self.low.unpackings.get(unpacking as usize) else { return };
        let is_starred = entry.starred == Some(position as usize);
        let value = entry.value;
        let target = if is_starred { self.low.expr(Expr::Starred(target)) } else { target };
        let Some(entry) = self.low.unpackings.get_mut(unpacking as usize) else { return };
        if let Some(slot) = entry.targets.get_mut(position as usize) {
            *slot = Some(target);
        }
        let targets: Option<Box<[ExprId]>> = entry.targets.iter().copied().collect();
        if let Some(targets) = targets {
            let tuple = self.low.expr(Expr::Tuple(targets));
            self.store(tuple, value);
        }
    }

    fn import(&mut self, instr: &Instr) {
        match instr.op {
            Op::ImportName => {
                let names = self.pop();
                let level = self.pop();
                let level = match self.low.get(level) {
                    Expr::Int(level) => u32::try_from(*level).unwrap_or(0),
                    _ => 0,
                };
                let has_names = matches!(self.low.get(names), Expr::Tuple(_));
                let module = self.name_at(instr.arg);
                let module = Rc::from(self.low.text(module));
                self.push(Slot::Import(Rc::new(Import { module, level, has_names })));
            }
            Op::ImportFrom => {
                let name = self.name_at(instr.arg);
                let name: Rc<str> = Rc::from(self.low.text(name));
                match self.peek(1) {
                    Slot::Import(import) | Slot::Imported(import, _) => {
                        self.push(Slot::Imported(import, name));
                    }
                    slot => {
                        let value = self.as_expr(&slot);
                        let name = self.low.sym(&name);
                        self.push_expr(Expr::Attribute { value, name });
                    }
                }
            }
            _ => self.import_star(),
        }
    }

    /// `from module import *`.
    pub(super) fn import_star(&mut self) {
        if let Slot::Import(import) = self.pop_slot() {
            let names = [Alias { name: Rc::from("*"), bound: None }].into();
            self.emit_import_from(&import, names);
        }
    }

    fn emit_import_from(&mut self, import: &Import, names: Box<[Alias]>) {
        let (module, level) = (Rc::clone(&import.module), import.level);
        self.emit(Stmt::ImportFrom(Box::new(ImportFrom { module, level, names })));
    }

    fn store_import(&mut self, import: &Import, name: Option<&Rc<str>>, target: ExprId) {
        let Expr::Name(target) = *self.low.get(target) else { return };
        let bound = self.low.text(target).to_owned();
        if let (Some(name), true) = (name, import.has_names) {
            let bound = (**name != *bound).then_some(target);
            let names = [Alias { name: Rc::clone(name), bound }].into();
            self.emit_import_from(import, names);
            return;
        }
        let head = import.module.split('.').next().unwrap_or("");
        let binds_head = name.is_none() && head == bound;
        let alias = Alias { name: Rc::clone(&import.module), bound: (!binds_head).then_some(target) };
        self.emit(Stmt::Import([alias].into()));
    }
}

/// What a store changes.
#[derive(Debug, Clone, Copy)]
enum Changed {
    Name(Sym),
    /// An attribute or item of something.
    Object,
}
