//! Patterns of `match`, flattened: the parts of the subject that a pattern takes, what they must be, and the names that it
//! binds to them.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::Lowering;
use crate::source::ir::{Case, Expr, ExprId, Part, PartIdx, PartStep, PatternTest};
use crate::value::Sym;

/// The subject itself, the first of the parts.
const SUBJECT: PartIdx = PartIdx(0);

/// A pattern while it is flattened.
struct Flat<'a> {
    parts: Vec<Part>,
    tests: Vec<PatternTest>,
    captures: Vec<(Sym, PartIdx)>,
    /// Patterns that are left to look at, each with its part and with what is known of when it is asked.
    open: Vec<(&'a ast::Pattern, PartIdx, Asked)>,
}

/// Whether a pattern must match for the case to be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Always,
    /// It is one of several, of which another may match.
    Perhaps,
}

impl Flat<'_> {
    fn part(&mut self, of: PartIdx, step: PartStep) -> PartIdx {
        let index = PartIdx(self.parts.len() as u32);
        self.parts.push(Part { of, step });
        index
    }

    fn test(&mut self, asked: Asked, test: PatternTest) {
        if asked == Asked::Always {
            self.tests.push(test);
        }
    }
}

impl<'a> Lowering<'a, '_, '_> {
    pub(super) fn case(&mut self, node: &'a ast::MatchCase) -> Case {
        let mut flat = Flat {
            parts: vec![Part { of: SUBJECT, step: PartStep::Whole }],
            tests: Vec::new(),
            captures: Vec::new(),
            open: vec![(&node.pattern, SUBJECT, Asked::Always)],
        };
        while let Some((pattern, part, asked)) = flat.open.pop() {
            let mark = flat.open.len();
            self.pattern(&mut flat, pattern, part, asked);
            if let Some(children) = flat.open.get_mut(mark..) {
                children.reverse();
            }
        }
        let guard = self.optional_expr(node.guard.as_deref());
        Case {
            parts: flat.parts.into(),
            tests: flat.tests.into(),
            captures: flat.captures.into(),
            guard,
            body: self.block(&node.body),
        }
    }

    fn pattern(&mut self, flat: &mut Flat<'a>, pattern: &'a ast::Pattern, part: PartIdx, asked: Asked) {
        match pattern {
            ast::Pattern::MatchValue(_) | ast::Pattern::MatchSingleton(_) => {
                if asked == Asked::Always
                    && let Some(literal) = self.literal(pattern)
                {
                    flat.tests.push(PatternTest::IsOne(part, [literal].into()));
                }
            }
            ast::Pattern::MatchSequence(p) => self.sequence(flat, &p.patterns, part, asked),
            ast::Pattern::MatchMapping(p) => {
                let keys: Box<[ExprId]> = p.keys.iter().map(|key| self.expr(key)).collect();
                flat.test(asked, PatternTest::HasKeys(part, keys.clone()));
                for (key, pattern) in keys.iter().zip(&p.patterns) {
                    let value = flat.part(part, PartStep::Item(*key));
                    flat.open.push((pattern, value, asked));
                }
                if let Some(rest) = &p.rest {
                    let rest_of = flat.part(part, PartStep::Without(keys));
                    flat.captures.push((self.sym(rest), rest_of));
                }
            }
            ast::Pattern::MatchClass(p) => {
                let class = self.expr(&p.cls);
                flat.test(asked, PatternTest::IsOf(part, class));
                for (at, pattern) in p.arguments.patterns.iter().enumerate() {
                    let value = flat.part(part, PartStep::Positional(class, at as u32));
                    flat.open.push((pattern, value, asked));
                }
                for keyword in &p.arguments.keywords {
                    let name = self.sym(&keyword.attr);
                    let value = flat.part(part, PartStep::Attribute(name));
                    flat.open.push((&keyword.pattern, value, asked));
                }
            }
            ast::Pattern::MatchStar(p) => {
                if let Some(name) = &p.name {
                    flat.captures.push((self.sym(name), part));
                }
            }
            ast::Pattern::MatchAs(p) => {
                flat.open.extend(p.pattern.as_deref().map(|pattern| (pattern, part, asked)));
                if let Some(name) = &p.name {
                    flat.captures.push((self.sym(name), part));
                }
            }
            ast::Pattern::MatchOr(p) => {
                let literals: Option<Box<[ExprId]>> =
                    p.patterns.iter().map(|pattern| self.literal(pattern)).collect();
                match literals {
                    Some(literals) => flat.test(asked, PatternTest::IsOne(part, literals)),
                    None => {
                        flat.test(asked, PatternTest::Open);
                        flat.open.extend(p.patterns.iter().map(|pattern| (pattern, part, Asked::Perhaps)));
                    }
                }
            }
        }
    }

    fn sequence(&mut self, flat: &mut Flat<'a>, patterns: &'a [ast::Pattern], part: PartIdx, asked: Asked) {
        let star = patterns.iter().position(|pattern| matches!(pattern, ast::Pattern::MatchStar(_)));
        let n_patterns = patterns.len() as u32;
        let length = match star {
            Some(_) => PatternTest::HasAtLeast(part, n_patterns - 1),
            None => PatternTest::Has(part, n_patterns),
        };
        flat.test(asked, length);
        for (at, pattern) in patterns.iter().enumerate() {
            let behind = n_patterns - at as u32 - 1;
            let step = match star {
                Some(star) if at == star => PartStep::Middle(at as u32, behind),
                Some(star) if at > star => PartStep::FromEnd(behind + 1),
                _ => PartStep::Element(at as u32),
            };
            let element = flat.part(part, step);
            flat.open.push((pattern, element, asked));
        }
    }

    /// The value that a pattern compares with, if it does nothing else.
    fn literal(&mut self, pattern: &'a ast::Pattern) -> Option<ExprId> {
        match pattern {
            ast::Pattern::MatchValue(p) => Some(self.expr(&p.value)),
            ast::Pattern::MatchSingleton(p) => Some(self.push_expr(singleton(p.value), p.range())),
            _ => None,
        }
    }
}

const fn singleton(value: ast::Singleton) -> Expr {
    match value {
        ast::Singleton::None => Expr::None,
        ast::Singleton::True => Expr::Bool(true),
        ast::Singleton::False => Expr::Bool(false),
    }
}
