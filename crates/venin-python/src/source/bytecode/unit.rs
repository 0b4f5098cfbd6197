//! Code objects: modules, functions, classes and comprehensions.

use std::rc::Rc;
use std::sync::Arc;

use super::super::ir::{
    Block, ClassDef, ClassIdx, Expr, ExprId, FunctionDef, FunctionIdx, Param, ParamKind, Stmt,
};
use super::super::marshal::{CodeObject, Object, ObjectId};
use super::arena::{Lowering, Owner, Pending};
use super::body::Body;

/// `co_flags`: takes `*args`.
const VARARGS: u32 = 0x04;
/// `co_flags`: takes `**kwargs`.
const VARKEYWORDS: u32 = 0x08;
/// `co_flags`: is a generator, a coroutine or an asynchronous generator.
const GENERATOR: u32 = 0x20;
const COROUTINE: u32 = 0x80;
const ASYNC_GENERATOR: u32 = 0x200;
/// Longest qualified name that is extended.
const MAX_QUALIFIED: usize = 400;
/// Most comprehensions inside each other that are lowered in place.
const MAX_INLINE: u32 = 12;

impl Lowering<'_, '_> {
    /// Lowers a module, and then every function and class that turns up.
    pub(super) fn lower_root(&mut self, root: ObjectId) {
        self.pending.push(Pending { code: root, owner: Owner::Module, qualified: Rc::from(""), nesting: 0 });
        while let Some(pending) = self.pending.pop() {
            let Some(code) = self.code_object(pending.code) else { continue };
            let owner = pending.owner;
            let (body, globals, nonlocals) =
                Body::lower(self, code, owner, &pending.qualified, pending.nesting);
            let body = self.tidy_body(body, owner);
            match owner {
                Owner::Module => self.body = body,
                Owner::Function(index) => {
                    if let Some(function) = self.functions.get_mut(index.0 as usize) {
                        function.body = body;
                        function.globals = globals.into();
                        function.nonlocals = nonlocals.into();
                    }
                }
                Owner::Class(index) => {
                    if let Some(class) = self.classes.get_mut(index.0 as usize) {
                        class.body = body;
                        class.globals = globals.into();
                        class.nonlocals = nonlocals.into();
                    }
                }
                Owner::Inline => {}
            }
        }
    }

    /// The statements of a comprehension's code, lowered now.
    pub(super) fn lower_inline(&mut self, id: ObjectId) -> Option<Block> {
        let code = self.code_object(id)?;
        if self.inline_depth >= MAX_INLINE {
            return None;
        }
        self.inline_depth += 1;
        let (body, _, _) = Body::lower(self, code, Owner::Inline, "", 0);
        let body = self.tidy_body(body, Owner::Inline);
        self.inline_depth -= 1;
        Some(body)
    }

    /// A function made of a code object; its body follows later.
    pub(super) fn function(
        &mut self,
        id: ObjectId,
        defaults: &[ExprId],
        qualified: &str,
        nesting: u32,
    ) -> Option<ExprId> {
        let code = self.code_object(id)?;
        let text = self.marshal.text(code.name).unwrap_or("").to_owned();
        let qualified = extend(qualified, &text);
        let params = self.params(code, defaults);
        let index = FunctionIdx(self.functions.len() as u32);
        let name = self.sym(&text);
        self.functions.push(FunctionDef {
            name,
            qualified: Arc::from(&*qualified),
            params,
            body: Block::default(),
            decorators: Box::default(),
            globals: Rc::default(),
            nonlocals: Rc::default(),
            is_generator: code.flags & (GENERATOR | ASYNC_GENERATOR) != 0,
            hints: Box::default(),
            is_async: code.flags & (COROUTINE | ASYNC_GENERATOR) != 0,
            span: super::super::ir::Span::default(),
        });
        self.function_lines.push(u32::try_from(code.first_line).unwrap_or(0));
        self.codes.insert(index, id);
        self.schedule(Pending { code: id, owner: Owner::Function(index), qualified, nesting: nesting + 1 });
        Some(self.expr(Expr::Lambda(index)))
    }

    /// The parameters of a code object; defaults belong to the last positional ones.
    fn params(&mut self, code: &CodeObject, defaults: &[ExprId]) -> Box<[Param]> {
        let names: Vec<String> = self.marshal.texts(code.varnames).map(str::to_owned).collect();
        let positional = (code.arg_count as usize).min(names.len());
        let keyword = (code.keyword_only_count as usize).min(names.len() - positional);
        let mut out = Vec::with_capacity(positional + keyword + 2);
        let first_default = positional.saturating_sub(defaults.len());
        let name_at = |me: &mut Self, at: usize| me.sym(names.get(at).map_or("", String::as_str));
        for at in 0..positional {
            let default = at.checked_sub(first_default).and_then(|n| defaults.get(n)).copied();
            out.push(Param {
                name: name_at(self, at),
                kind: ParamKind::Positional,
                default,
                annotation: None,
            });
        }
        let mut extra = positional + keyword;
        if code.flags & VARARGS != 0 && extra < names.len() {
            out.push(Param {
                name: name_at(self, extra),
                kind: ParamKind::Star,
                default: None,
                annotation: None,
            });
            extra += 1;
        }
        for at in positional..positional + keyword {
            out.push(Param {
                name: name_at(self, at),
                kind: ParamKind::Keyword,
                default: None,
                annotation: None,
            });
        }
        if code.flags & VARKEYWORDS != 0 && extra < names.len() {
            out.push(Param {
                name: name_at(self, extra),
                kind: ParamKind::DoubleStar,
                default: None,
                annotation: None,
            });
        }
        out.into()
    }

    /// Gives a function its positional defaults after it was made (since 3.13).
    pub(super) fn set_defaults(&mut self, index: FunctionIdx, defaults: &[ExprId]) {
        let Some(function) = self.functions.get_mut(index.0 as usize) else { return };
        let positional = function.params.iter_mut().filter(|p| p.kind == ParamKind::Positional).rev();
        for (param, default) in positional.zip(defaults.iter().rev()) {
            param.default = Some(*default);
        }
    }

    /// Gives a function its defaults of keyword-only parameters: a dictionary.
    pub(super) fn set_keyword_defaults(&mut self, index: FunctionIdx, defaults: ExprId) {
        let Expr::Dict(entries) = self.get(defaults).clone() else { return };
        for (key, value) in &entries {
            let Some(Expr::Str(name)) = key.map(|key| self.get(key).clone()) else { continue };
            let name = self.sym(&name);
            let Some(function) = self.functions.get_mut(index.0 as usize) else { return };
            let wanted = function.params.iter_mut().find(|p| p.kind == ParamKind::Keyword && p.name == name);
            if let Some(param) = wanted {
                param.default = Some(*value);
            }
        }
    }

    /// A class made of the function of its body; gives the placeholder for it.
    pub(super) fn class(
        &mut self,
        function: ExprId,
        bases: Box<[super::super::ir::Arg]>,
        qualified: &str,
        nesting: u32,
    ) -> Option<ExprId> {
        let Expr::Lambda(index) = *self.get(function) else { return None };
        let code = *self.codes.get(&index)?;
        let name = self.functions.get(index.0 as usize)?.name;
        self.pending.retain(|pending| pending.owner != Owner::Function(index));
        let class = ClassIdx(self.classes.len() as u32);
        let line = self.function_lines.get(index.0 as usize).copied().unwrap_or(0);
        self.class_lines.push(line);
        let span = super::super::ir::Span::default();
        self.classes.push(ClassDef {
            name,
            bases,
            fields: Box::default(),
            hints: Box::default(),
            globals: Rc::default(),
            nonlocals: Rc::default(),
            body: Block::default(),
            decorators: Box::default(),
            span,
        });
        let qualified = extend(qualified, self.text(name));
        self.schedule(Pending { code, owner: Owner::Class(class), qualified, nesting: nesting + 1 });
        let placeholder = self.expr(Expr::Name(name));
        self.notes.insert(placeholder, super::arena::Note::Class(class));
        Some(placeholder)
    }

    /// The name of the code object of a function expression.
    pub(super) fn function_of(&self, id: ExprId) -> Option<(FunctionIdx, &str)> {
        let Expr::Lambda(index) = *self.get(id) else { return None };
        let name = self.functions.get(index.0 as usize)?.name;
        Some((index, self.text(name)))
    }

    /// Takes back the definition of a function whose code was lowered in place.
    pub(super) fn forget_function(&mut self, index: FunctionIdx) {
        self.pending.retain(|pending| pending.owner != Owner::Function(index));
    }

    /// The strings of a constant tuple of names.
    pub(super) fn names_of(&self, id: ExprId) -> Vec<Rc<str>> {
        let Expr::Tuple(items) = self.get(id) else { return Vec::new() };
        items
            .iter()
            .map(|item| match self.get(*item) {
                Expr::Str(text) => Rc::clone(text),
                _ => Rc::from("?"),
            })
            .collect()
    }

    /// Whether a statement only returns nothing.
    pub(super) fn is_plain_return(&self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Return(None) => true,
            Stmt::Return(Some(value)) => matches!(self.get(*value), Expr::None),
            _ => false,
        }
    }

    /// The object with an id, for tables of a code object.
    pub(super) fn bytes_of(&self, id: ObjectId) -> Rc<[u8]> {
        match self.marshal.get(id) {
            Object::Bytes(bytes) => Rc::clone(bytes),
            Object::Str(text) => text.chars().map(|c| c as u32 as u8).collect(),
            _ => Rc::from([]),
        }
    }
}

/// `outer.inner`, unless that grows too long.
fn extend(outer: &str, inner: &str) -> Rc<str> {
    if outer.is_empty() || outer.len() > MAX_QUALIFIED {
        Rc::from(inner)
    } else {
        Rc::from(format!("{outer}.{inner}"))
    }
}
