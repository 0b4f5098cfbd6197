//! Patterns of `match`, flattened.
//!
//! Kept are the values the subject itself may equal and every name a pattern binds.  What is compared with
//! parts of the subject is not kept: nothing downstream unpacks a subject.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::Lowering;
use crate::source::ir::{Case, Expr, ExprId};
use crate::value::Sym;

/// What a pattern is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Against {
    Subject,
    Part,
}

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn case(&mut self, node: &'a ast::MatchCase) -> Case {
        let (literals, captures) = self.pattern(&node.pattern);
        let attributes = self.attributes_of(&node.pattern);
        let guard = self.optional_expr(node.guard.as_deref());
        Case { literals, attributes, captures, guard, body: self.block(&node.body) }
    }

    /// The attributes that class patterns read of the subject itself, by name.
    fn attributes_of(&mut self, root: &'a ast::Pattern) -> Box<[Sym]> {
        let mut names = Vec::new();
        let mut open = vec![root];
        while let Some(pattern) = open.pop() {
            match pattern {
                ast::Pattern::MatchClass(p) => names.extend(p.arguments.keywords.iter().map(|k| &k.attr)),
                ast::Pattern::MatchAs(p) => open.extend(p.pattern.as_deref()),
                ast::Pattern::MatchOr(p) => open.extend(&p.patterns),
                _ => {}
            }
        }
        names.into_iter().map(|name| self.sym(name)).collect()
    }

    fn pattern(&mut self, root: &'a ast::Pattern) -> (Box<[ExprId]>, Box<[Sym]>) {
        let mut literals = Vec::new();
        let mut captures = Vec::new();
        let mut open = vec![(root, Against::Subject)];
        while let Some((pattern, against)) = open.pop() {
            let mark = open.len();
            let mut bind = |name: &'a Option<ast::Identifier>| captures.extend(name);
            match pattern {
                ast::Pattern::MatchValue(p) => {
                    if against == Against::Subject {
                        literals.push(self.expr(&p.value));
                    }
                }
                ast::Pattern::MatchSingleton(p) => {
                    if against == Against::Subject {
                        literals.push(self.push_expr(singleton(p.value), p.range()));
                    }
                }
                ast::Pattern::MatchSequence(p) => open.extend(p.patterns.iter().map(|p| (p, Against::Part))),
                ast::Pattern::MatchMapping(p) => {
                    open.extend(p.patterns.iter().map(|p| (p, Against::Part)));
                    bind(&p.rest);
                }
                ast::Pattern::MatchClass(p) => {
                    open.extend(p.arguments.patterns.iter().map(|p| (p, Against::Part)));
                    open.extend(p.arguments.keywords.iter().map(|k| (&k.pattern, Against::Part)));
                }
                ast::Pattern::MatchStar(p) => bind(&p.name),
                ast::Pattern::MatchAs(p) => {
                    open.extend(p.pattern.as_deref().map(|p| (p, against)));
                    bind(&p.name);
                }
                ast::Pattern::MatchOr(p) => open.extend(p.patterns.iter().map(|p| (p, against))),
            }
            if let Some(children) = open.get_mut(mark..) {
                children.reverse();
            }
        }
        let captures = captures.into_iter().map(|name| self.sym(name)).collect();
        (literals.into(), captures)
    }
}

const fn singleton(value: ast::Singleton) -> Expr {
    match value {
        ast::Singleton::None => Expr::None,
        ast::Singleton::True => Expr::Bool(true),
        ast::Singleton::False => Expr::Bool(false),
    }
}
