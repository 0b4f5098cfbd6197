//! Functions, lambdas and classes.

use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::expr::{Children, Work};
use super::{Frame, Lowering};
use crate::source::ir::{
    ClassDef, ClassIdx, ExprId, FunctionDef, FunctionIdx, Param, ParamKind, Stmt, StmtId,
};
use crate::value::Sym;

impl<'a> Lowering<'a, '_, '_> {
    /// Lowers a function; expressions that are evaluated when it is defined go to `ids` before it.
    pub(super) fn function(&mut self, node: &'a ast::StmtFunctionDef, ids: &mut Vec<StmtId>) {
        let decorators = node.decorator_list.iter().map(|d| self.expr(&d.expression)).collect();
        let mut defaults = Vec::new();
        for default in node.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref()) {
            defaults.push(self.expr(default));
        }
        let params = self.params(&node.parameters, &mut Children::new(&defaults));
        for parameter in &*node.parameters {
            self.annotation(parameter.annotation(), ids);
        }
        self.annotation(node.returns.as_deref(), ids);
        let hints = self.hints_of(node);
        self.frames.push(Frame::default());
        let (qualified, body) = self.within(node.name.as_str(), |inner| inner.block(&node.body));
        let frame = self.frames.pop().unwrap_or_default();
        let span = self.span(node.range);
        let index = FunctionIdx(self.out.functions.len() as u32);
        let function = FunctionDef {
            name: self.sym(&node.name),
            qualified: Arc::from(&*qualified),
            params,
            body,
            decorators,
            globals: self.out.declared(frame.globals),
            nonlocals: self.out.declared(frame.nonlocals),
            hints,
            is_generator: frame.is_generator,
            is_async: node.is_async,
            span,
        };
        self.out.functions.push(function);
        ids.push(self.out.stmt(Stmt::Function(index), span));
    }

    /// Lowers a class; its decorators, bases and body.
    pub(super) fn class(&mut self, node: &'a ast::StmtClassDef, ids: &mut Vec<StmtId>) {
        let decorators = node.decorator_list.iter().map(|d| self.expr(&d.expression)).collect();
        let bases = match &node.arguments {
            Some(arguments) => {
                let values = arguments.args.iter().map(|base| match base {
                    ast::Expr::Starred(starred) => &*starred.value,
                    base => base,
                });
                let values = values.chain(arguments.keywords.iter().map(|keyword| &keyword.value));
                let values: Vec<ExprId> = values.map(|value| self.expr(value)).collect();
                self.arguments(arguments, &mut Children::new(&values))
            }
            None => Box::default(),
        };
        self.frames.push(Frame::default());
        let (_, body) = self.within(node.name.as_str(), |inner| inner.block(&node.body));
        let frame = self.frames.pop().unwrap_or_default();
        let span = self.span(node.range);
        let index = ClassIdx(self.out.classes.len() as u32);
        let fields = self.fields(&node.body);
        let hints = self.hints_within(&node.body);
        let class = ClassDef {
            name: self.sym(&node.name),
            bases,
            fields,
            hints,
            globals: self.out.declared(frame.globals),
            nonlocals: self.out.declared(frame.nonlocals),
            body,
            decorators,
            span,
        };
        self.out.classes.push(class);
        ids.push(self.out.stmt(Stmt::Class(index), span));
    }

    /// Schedules the defaults and the body of a lambda.
    pub(super) fn push_lambda(&mut self, node: &'a ast::ExprLambda) {
        let parameters = node.parameters.iter().flat_map(|p| p.iter_non_variadic_params());
        for default in parameters.filter_map(|p| p.default.as_deref()) {
            self.push(default);
        }
        self.work.push(Work::Enter);
        self.push(&node.body);
    }

    /// Builds a lambda whose defaults and body are done: a function of one `return`.
    pub(super) fn lambda(&mut self, node: &'a ast::ExprLambda, children: &mut Children<'_>) -> FunctionIdx {
        let frame = self.frames.pop().unwrap_or_default();
        let params = match &node.parameters {
            Some(parameters) => self.params(parameters, children),
            None => Box::default(),
        };
        let value = children.next();
        let body_span = self.span(node.body.range());
        let body = self.out.stmt(Stmt::Return(Some(value)), body_span);
        let qualified = match self.qualified.as_str() {
            "" => Arc::from("<lambda>"),
            outer => Arc::from(format!("{outer}.<lambda>")),
        };
        let index = FunctionIdx(self.out.functions.len() as u32);
        let function = FunctionDef {
            name: self.out.symbols.intern("<lambda>"),
            qualified,
            params,
            body: [body].into(),
            decorators: Box::default(),
            globals: Rc::clone(&self.out.no_names),
            nonlocals: Rc::clone(&self.out.no_names),
            hints: Box::default(),
            is_generator: frame.is_generator,
            is_async: false,
            span: self.span(node.range),
        };
        self.out.functions.push(function);
        index
    }

    /// The parameters in order; the defaults were lowered in the order of `iter_non_variadic_params`.
    fn params(&mut self, node: &'a ast::Parameters, defaults: &mut Children<'_>) -> Box<[Param]> {
        let mut params = Vec::with_capacity(node.len());
        for param in node.posonlyargs.iter().chain(&node.args) {
            params.push(self.param(
                &param.parameter,
                ParamKind::Positional,
                defaults.optional(param.default()),
            ));
        }
        if let Some(star) = &node.vararg {
            params.push(self.param(star, ParamKind::Star, None));
        }
        for param in &node.kwonlyargs {
            params.push(self.param(&param.parameter, ParamKind::Keyword, defaults.optional(param.default())));
        }
        if let Some(star) = &node.kwarg {
            params.push(self.param(star, ParamKind::DoubleStar, None));
        }
        params.into()
    }

    fn param(&mut self, node: &ast::Parameter, kind: ParamKind, default: Option<ExprId>) -> Param {
        let annotation = node.annotation().and_then(annotated_name);
        let annotation = annotation.map(|name| self.out.symbols.intern(name));
        Param { name: self.sym(&node.name), kind, default, annotation }
    }

    /// The names that a class body annotates, those of the class itself left out, or describes as fields.
    fn fields(&mut self, body: &'a [ast::Stmt]) -> Box<[Sym]> {
        let field = |stmt: &'a ast::Stmt| match stmt {
            ast::Stmt::AnnAssign(s) if !is_of_class(&s.annotation) => s.target.as_name_expr(),
            ast::Stmt::Assign(s) if describes_field(&s.value) => match &s.targets[..] {
                [target] => target.as_name_expr(),
                _ => None,
            },
            _ => None,
        };
        let names: Vec<&ast::ExprName> = body.iter().filter_map(field).collect();
        names.into_iter().map(|name| self.out.symbols.intern(name.id.as_str())).collect()
    }

    /// The annotations of a function that are texts which hold a call: who asks for its hints evaluates them.
    fn hints_of(&mut self, node: &'a ast::StmtFunctionDef) -> Box<[(Sym, Rc<str>)]> {
        let mut hints = Vec::new();
        for parameter in &*node.parameters {
            if let Some(text) = parameter.annotation().and_then(text_with_call) {
                hints.push((self.sym(parameter.name()), text));
            }
        }
        if let Some(text) = node.returns.as_deref().and_then(text_with_call) {
            hints.push((self.out.symbols.intern("return"), text));
        }
        hints.into()
    }

    /// The same of the names that a class body annotates.
    fn hints_within(&mut self, body: &'a [ast::Stmt]) -> Box<[(Sym, Rc<str>)]> {
        let hint = |stmt: &'a ast::Stmt| {
            let annotated = stmt.as_ann_assign_stmt()?;
            Some((annotated.target.as_name_expr()?, text_with_call(&annotated.annotation)?))
        };
        let hints: Vec<(&ast::ExprName, Rc<str>)> = body.iter().filter_map(hint).collect();
        hints.into_iter().map(|(name, text)| (self.out.symbols.intern(name.id.as_str()), text)).collect()
    }

    /// Lowers an annotation that is evaluated and calls something, as a statement of its own.
    pub(super) fn annotation(&mut self, node: Option<&'a ast::Expr>, ids: &mut Vec<StmtId>) {
        let Some(node) = node else { return };
        if self.evaluates_annotations && may_call(node) {
            let value = self.expr(node);
            let span = self.span(node.range());
            ids.push(self.out.stmt(Stmt::Expr(value), span));
        }
    }
}

/// Whether an annotation is `ClassVar`, bare or of something.
fn is_of_class(annotation: &ast::Expr) -> bool {
    let outer = match annotation {
        ast::Expr::Subscript(subscript) => &subscript.value,
        outer => outer,
    };
    last_name(outer) == Some("ClassVar")
}

/// Whether a class attribute is assigned what describes the field of a record without an annotation.
fn describes_field(value: &ast::Expr) -> bool {
    let callee = value.as_call_expr().and_then(|call| last_name(&call.func));
    callee.is_some_and(|name| matches!(name, "attrib" | "field" | "ib"))
}

fn last_name(expr: &ast::Expr) -> Option<&str> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.as_str()),
        ast::Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// The class that an annotation names: `C`, `"C"`, `Optional[C]` or `C | None`.
fn annotated_name(annotation: &ast::Expr) -> Option<&str> {
    match annotation {
        ast::Expr::Name(name) => Some(name.id.as_str()),
        ast::Expr::StringLiteral(text) => {
            let text = text.value.to_str();
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(text)
        }
        ast::Expr::Subscript(subscript) if last_name(&subscript.value) == Some("Optional") => {
            subscript.slice.as_name_expr().map(|name| name.id.as_str())
        }
        ast::Expr::BinOp(either) if either.right.is_none_literal_expr() => {
            either.left.as_name_expr().map(|name| name.id.as_str())
        }
        _ => None,
    }
}

/// The text of an annotation that is one, if something is called in it.
fn text_with_call(annotation: &ast::Expr) -> Option<Rc<str>> {
    let text = annotation.as_string_literal_expr()?.value.to_str();
    text.contains('(').then(|| Rc::from(text))
}

/// Whether an annotation is more than names, subscripts and attributes: a call may be in it.  Nodes looked
/// at are counted; an annotation of more than a few hundred is no ordinary one.
fn may_call(annotation: &ast::Expr) -> bool {
    let mut open = vec![annotation];
    for _ in 0..200 {
        match open.pop() {
            None => return false,
            Some(ast::Expr::Subscript(e)) => open.extend([&*e.value, &*e.slice]),
            Some(ast::Expr::Attribute(e)) => open.push(&e.value),
            Some(ast::Expr::BinOp(e)) => open.extend([&*e.left, &*e.right]),
            Some(ast::Expr::Tuple(e)) => open.extend(&e.elts),
            Some(ast::Expr::List(e)) => open.extend(&e.elts),
            Some(ast::Expr::Starred(e)) => open.push(&e.value),
            Some(ast::Expr::UnaryOp(e)) => open.push(&e.operand),
            Some(ast::Expr::Name(_)) => {}
            Some(node) if node.is_literal_expr() => {}
            Some(_) => return true,
        }
    }
    true
}
