//! Expressions, without recursion.
//!
//! A node that is visited is put back on the work stack to be built, above it its children.  When it comes
//! up again, the ids of its children are the last on the `done` stack.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::{Frame, Lowering};
use crate::source::ir::{
    Arg, BinaryOp, BoolOp, Clause, CompareOp, Comprehension, ComprehensionKind, DELEGATION, Expr, ExprId,
    Passing, Slice, UnaryOp,
};

/// A step of the lowering.
pub(super) enum Work<'a> {
    /// Lower an expression.
    Visit(&'a ast::Expr),
    /// Build an expression from the ids that were put on the `done` stack since it was `usize` long.
    Build(&'a ast::Expr, usize),
    /// Lower the format specification of a replacement field.
    VisitSpec(&'a ast::InterpolatedStringFormatSpec),
    /// Build a format specification.
    BuildSpec(&'a ast::InterpolatedStringFormatSpec, usize),
    /// Enter the body of a lambda.
    Enter,
}

/// The ids of the children of a node, in the order they were visited.
pub(super) struct Children<'d>(std::slice::Iter<'d, ExprId>);

impl<'d> Children<'d> {
    pub(super) fn new(ids: &'d [ExprId]) -> Self {
        Self(ids.iter())
    }

    /// The next child.  There always is one: the visit pushed it.
    pub(super) fn next(&mut self) -> ExprId {
        self.0.next().copied().unwrap_or(ExprId(0))
    }

    pub(super) fn take(&mut self, count: usize) -> Box<[ExprId]> {
        self.0.by_ref().take(count).copied().collect()
    }

    fn rest(&mut self) -> Box<[ExprId]> {
        self.0.by_ref().copied().collect()
    }

    /// The next child if the node has the part it stands for.
    pub(super) fn optional<T>(&mut self, part: Option<&T>) -> Option<ExprId> {
        part.map(|_| self.next())
    }
}

impl<'a> Lowering<'a, '_, '_> {
    /// Lowers an expression of any depth.
    pub(super) fn expr(&mut self, root: &'a ast::Expr) -> ExprId {
        self.work.push(Work::Visit(root));
        while let Some(work) = self.work.pop() {
            match work {
                Work::Visit(node) => self.visit(node),
                Work::Build(node, base) => self.build(node, base),
                Work::VisitSpec(spec) => self.visit_spec(spec),
                Work::BuildSpec(spec, base) => self.build_spec(spec, base),
                Work::Enter => self.frames.push(Frame::default()),
            }
        }
        self.done.pop().unwrap_or(ExprId(0))
    }

    pub(super) fn optional_expr(&mut self, node: Option<&'a ast::Expr>) -> Option<ExprId> {
        node.map(|node| self.expr(node))
    }

    pub(super) fn exprs(&mut self, nodes: &'a [ast::Expr]) -> Box<[ExprId]> {
        nodes.iter().map(|node| self.expr(node)).collect()
    }

    fn leaf(&mut self, expr: Expr, range: TextRange) {
        let id = self.push_expr(expr, range);
        self.done.push(id);
    }

    /// Finishes a node without children, or schedules it and its children.
    fn visit(&mut self, node: &'a ast::Expr) {
        match node {
            ast::Expr::Name(name) if name.id.is_empty() => self.leaf(Expr::Invalid, name.range),
            ast::Expr::Name(name) => {
                let sym = self.out.symbols.intern(name.id.as_str());
                self.leaf(Expr::Name(sym), name.range);
            }
            ast::Expr::StringLiteral(text) => self.leaf(super::text::string(&text.value), text.range),
            ast::Expr::BytesLiteral(bytes) => self.leaf(super::text::bytes(&bytes.value), bytes.range),
            ast::Expr::NumberLiteral(number) => self.leaf(super::number::number(&number.value), number.range),
            ast::Expr::BooleanLiteral(bool) => self.leaf(Expr::Bool(bool.value), bool.range),
            ast::Expr::NoneLiteral(none) => self.leaf(Expr::None, none.range),
            ast::Expr::EllipsisLiteral(dots) => self.leaf(Expr::Ellipsis, dots.range),
            ast::Expr::IpyEscapeCommand(command) => {
                let span = self.span(command.range);
                let (name, arguments) = super::text::shell(command.kind, &command.value);
                let id = self.out.shell_call(name, &arguments, span);
                self.done.push(id);
            }
            _ => {
                self.work.push(Work::Build(node, self.done.len()));
                let mark = self.work.len();
                self.push_children(node);
                // They come off the stack in reverse.
                if let Some(children) = self.work.get_mut(mark..) {
                    children.reverse();
                }
            }
        }
    }

    pub(super) fn push(&mut self, node: &'a ast::Expr) {
        self.work.push(Work::Visit(node));
    }

    fn push_all(&mut self, nodes: impl IntoIterator<Item = &'a ast::Expr>) {
        self.work.extend(nodes.into_iter().map(Work::Visit));
    }

    fn push_children(&mut self, node: &'a ast::Expr) {
        match node {
            ast::Expr::BoolOp(e) => self.push_all(&e.values),
            ast::Expr::Named(e) => self.push(&e.value),
            ast::Expr::BinOp(e) => self.push_all([&*e.left, &*e.right]),
            ast::Expr::UnaryOp(e) => self.push(&e.operand),
            ast::Expr::Lambda(e) => self.push_lambda(e),
            ast::Expr::If(e) => self.push_all([&*e.test, &*e.body, &*e.orelse]),
            ast::Expr::Dict(e) => {
                for item in &e.items {
                    self.push_all(item.key.iter().chain([&item.value]));
                }
            }
            ast::Expr::Set(e) => self.push_all(&e.elts),
            ast::Expr::ListComp(e) => self.push_comprehension(&e.elt, None, &e.generators),
            ast::Expr::SetComp(e) => self.push_comprehension(&e.elt, None, &e.generators),
            ast::Expr::Generator(e) => self.push_comprehension(&e.elt, None, &e.generators),
            ast::Expr::DictComp(e) => match &e.key {
                Some(key) => self.push_comprehension(key, Some(&e.value), &e.generators),
                None => self.push_comprehension(&e.value, None, &e.generators),
            },
            ast::Expr::Await(e) => self.push(&e.value),
            ast::Expr::Yield(e) => self.push_all(e.value.as_deref()),
            ast::Expr::YieldFrom(e) => self.push(&e.value),
            ast::Expr::Compare(e) => self.push_all([&*e.left].into_iter().chain(&e.comparators)),
            ast::Expr::Call(e) => {
                self.push(&e.func);
                self.push_arguments(&e.arguments);
            }
            ast::Expr::FString(e) => self.push_fields(e.value.elements()),
            ast::Expr::TString(e) => self.push_fields(e.value.elements()),
            ast::Expr::Attribute(e) => self.push(&e.value),
            ast::Expr::Subscript(e) => self.push_all([&*e.value, &*e.slice]),
            ast::Expr::Starred(e) => self.push(&e.value),
            ast::Expr::List(e) => self.push_all(&e.elts),
            ast::Expr::Tuple(e) => self.push_all(&e.elts),
            ast::Expr::Slice(e) => {
                self.push_all([&e.lower, &e.upper, &e.step].into_iter().filter_map(Option::as_deref));
            }
            // The rest has no children and never comes here.
            _ => {}
        }
    }

    fn push_arguments(&mut self, arguments: &'a ast::Arguments) {
        self.push_all(arguments.args.iter().map(|arg| match arg {
            ast::Expr::Starred(starred) => &*starred.value,
            arg => arg,
        }));
        self.push_all(arguments.keywords.iter().map(|keyword| &keyword.value));
    }

    fn push_comprehension(
        &mut self,
        element: &'a ast::Expr,
        value: Option<&'a ast::Expr>,
        generators: &'a [ast::Comprehension],
    ) {
        self.push_all([element].into_iter().chain(value));
        for generator in generators {
            self.push_all([&generator.target, &generator.iter].into_iter().chain(&generator.ifs));
        }
    }

    /// Builds a node whose children are done.
    fn build(&mut self, node: &'a ast::Expr, base: usize) {
        // Taken out for the while, so that building may borrow the rest.
        let mut done = std::mem::take(&mut self.done);
        let expr = self.built(node, &mut Children::new(done.get(base..).unwrap_or_default()));
        done.truncate(base);
        done.push(self.push_expr(expr, node.range()));
        self.done = done;
    }

    fn built(&mut self, node: &'a ast::Expr, children: &mut Children<'_>) -> Expr {
        match node {
            ast::Expr::BoolOp(e) => Expr::BoolOp { op: bool_op(e.op), values: children.rest() },
            ast::Expr::Named(e) => self.walrus(e, children.next()),
            ast::Expr::BinOp(e) => {
                Expr::Binary { op: binary_op(e.op), left: children.next(), right: children.next() }
            }
            ast::Expr::UnaryOp(e) => Expr::Unary { op: unary_op(e.op), operand: children.next() },
            ast::Expr::Lambda(e) => Expr::Lambda(self.lambda(e, children)),
            ast::Expr::If(_) => {
                Expr::IfElse { test: children.next(), body: children.next(), orelse: children.next() }
            }
            ast::Expr::Dict(e) => {
                let item = |item: &ast::DictItem| (children.optional(item.key.as_ref()), children.next());
                Expr::Dict(e.items.iter().map(item).collect())
            }
            ast::Expr::Set(_) => Expr::Set(children.rest()),
            ast::Expr::ListComp(e) => {
                comprehension(ComprehensionKind::List, children, NO_VALUE, &e.generators)
            }
            ast::Expr::SetComp(e) => comprehension(ComprehensionKind::Set, children, NO_VALUE, &e.generators),
            ast::Expr::Generator(e) => {
                comprehension(ComprehensionKind::Generator, children, NO_VALUE, &e.generators)
            }
            ast::Expr::DictComp(e) => {
                comprehension(ComprehensionKind::Dict, children, e.key.as_deref(), &e.generators)
            }
            ast::Expr::Await(_) => Expr::Await(children.next()),
            ast::Expr::Yield(e) => {
                self.mark_generator();
                Expr::Yield(children.optional(e.value.as_ref()))
            }
            ast::Expr::YieldFrom(_) => {
                self.out.symbols.intern(DELEGATION);
                self.mark_generator();
                Expr::YieldFrom(children.next())
            }
            ast::Expr::Compare(e) => {
                let left = children.next();
                Expr::Compare {
                    left,
                    rest: e.ops.iter().map(|op| (compare_op(*op), children.next())).collect(),
                }
            }
            ast::Expr::Call(e) => {
                Expr::Call { callee: children.next(), args: self.arguments(&e.arguments, children) }
            }
            ast::Expr::FString(e) => super::text::joined(super::text::f_string_pieces(&e.value), children),
            ast::Expr::TString(e) => super::text::template(&e.value, children),
            ast::Expr::Attribute(e) => Expr::Attribute { value: children.next(), name: self.sym(&e.attr) },
            ast::Expr::Subscript(_) => Expr::Subscript { value: children.next(), index: children.next() },
            ast::Expr::Starred(_) => Expr::Starred(children.next()),
            ast::Expr::List(_) => Expr::List(children.rest()),
            ast::Expr::Tuple(_) => Expr::Tuple(children.rest()),
            ast::Expr::Slice(e) => Expr::Slice(Box::new(Slice {
                lower: children.optional(e.lower.as_ref()),
                upper: children.optional(e.upper.as_ref()),
                step: children.optional(e.step.as_ref()),
            })),
            _ => Expr::Invalid,
        }
    }

    fn mark_generator(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.is_generator = true;
        }
    }

    /// `target := value`; an invalid target leaves the value.
    fn walrus(&mut self, node: &ast::ExprNamed, value: ExprId) -> Expr {
        match &*node.target {
            ast::Expr::Name(name) if !name.id.is_empty() => {
                Expr::Walrus { target: self.out.symbols.intern(name.id.as_str()), value }
            }
            _ => Expr::Tuple([value].into()),
        }
    }

    /// The arguments of a call; also the bases of a class, whose values were lowered in the same order.
    pub(super) fn arguments(
        &mut self,
        arguments: &ast::Arguments,
        children: &mut Children<'_>,
    ) -> Box<[Arg]> {
        let mut args = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for arg in &arguments.args {
            let passing = if arg.is_starred_expr() { Passing::Star } else { Passing::Positional };
            args.push(Arg { passing, value: children.next() });
        }
        for keyword in &arguments.keywords {
            let passing = match &keyword.arg {
                Some(name) => Passing::Keyword(self.sym(name)),
                None => Passing::DoubleStar,
            };
            args.push(Arg { passing, value: children.next() });
        }
        args.into()
    }
}

/// A comprehension that is not one of a dictionary.
const NO_VALUE: Option<&ast::Expr> = None;

/// Builds a comprehension; with a `key`, the element is the key and a value follows it.
fn comprehension(
    kind: ComprehensionKind,
    children: &mut Children<'_>,
    key: Option<&ast::Expr>,
    generators: &[ast::Comprehension],
) -> Expr {
    let element = children.next();
    let value = children.optional(key);
    let clauses = generators.iter().map(|generator| Clause {
        target: children.next(),
        iter: children.next(),
        ifs: children.take(generator.ifs.len()),
    });
    let clauses = clauses.collect();
    Expr::Comprehension(Box::new(Comprehension { kind, element, value, clauses }))
}

pub(super) const fn binary_op(op: ast::Operator) -> BinaryOp {
    match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Sub,
        ast::Operator::Mult => BinaryOp::Mult,
        ast::Operator::MatMult => BinaryOp::MatMult,
        ast::Operator::Div => BinaryOp::Div,
        ast::Operator::Mod => BinaryOp::Mod,
        ast::Operator::Pow => BinaryOp::Pow,
        ast::Operator::LShift => BinaryOp::LShift,
        ast::Operator::RShift => BinaryOp::RShift,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

const fn unary_op(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Invert => UnaryOp::Invert,
        ast::UnaryOp::Not => UnaryOp::Not,
        ast::UnaryOp::UAdd => UnaryOp::Plus,
        ast::UnaryOp::USub => UnaryOp::Minus,
    }
}

const fn bool_op(op: ast::BoolOp) -> BoolOp {
    match op {
        ast::BoolOp::And => BoolOp::And,
        ast::BoolOp::Or => BoolOp::Or,
    }
}

const fn compare_op(op: ast::CmpOp) -> CompareOp {
    match op {
        ast::CmpOp::Eq => CompareOp::Eq,
        ast::CmpOp::NotEq => CompareOp::NotEq,
        ast::CmpOp::Lt => CompareOp::Lt,
        ast::CmpOp::LtE => CompareOp::LtE,
        ast::CmpOp::Gt => CompareOp::Gt,
        ast::CmpOp::GtE => CompareOp::GtE,
        ast::CmpOp::Is => CompareOp::Is,
        ast::CmpOp::IsNot => CompareOp::IsNot,
        ast::CmpOp::In => CompareOp::In,
        ast::CmpOp::NotIn => CompareOp::NotIn,
    }
}
