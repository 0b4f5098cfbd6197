//! What the compiler added is taken out again, and loops get the form they had in the source.

use super::super::ir::{
    Block, Clause, Comprehension, ComprehensionKind, Expr, ExprId, For, Handler, Passing, Stmt, StmtId, Try,
    While, With,
};
use super::arena::{Lowering, Owner, children};

/// Names that the compiler stores in a class body.
const CLASS_NAMES: [&str; 7] = [
    "__module__",
    "__qualname__",
    "__firstlineno__",
    "__static_attributes__",
    "__classcell__",
    "__classdictcell__",
    "__conditional_annotations__",
];

impl Lowering<'_, '_> {
    /// Tidies the statements of a code object.
    pub(super) fn tidy_body(&mut self, body: Block, owner: Owner) -> Block {
        let mut stmts = self.tidy_block(body.into_vec());
        match owner {
            // A code object of `eval` gives its value.
            Owner::Module => {
                if let [only] = *stmts.as_slice()
                    && let Stmt::Return(Some(value)) = *self.stmt_of(only)
                    && !matches!(self.get(value), Expr::None)
                {
                    self.set_stmt(only, Stmt::Expr(value));
                }
            }
            Owner::Class(_) => {
                stmts.retain(|stmt| !self.is_of_class(*stmt));
                if let Some(Stmt::Return(_)) = stmts.last().map(|last| self.stmt_of(*last)) {
                    stmts.pop();
                }
            }
            Owner::Function(_) | Owner::Inline => {}
        }
        if stmts.last().is_some_and(|last| self.is_plain_return(self.stmt_of(*last))) {
            stmts.pop();
        }
        stmts.into()
    }

    fn is_of_class(&self, stmt: StmtId) -> bool {
        let Stmt::Assign { targets, .. } = self.stmt_of(stmt) else { return false };
        targets.iter().any(|target| match self.get(*target) {
            Expr::Name(name) => CLASS_NAMES.contains(&self.text(*name)),
            _ => false,
        })
    }

    fn tidy_block(&mut self, stmts: Vec<StmtId>) -> Vec<StmtId> {
        let mut out: Vec<StmtId> = Vec::with_capacity(stmts.len());
        let mut stmts = stmts.into_iter().peekable();
        while let Some(id) = stmts.next() {
            self.tidy_stmt(id);
            // A `finally` stands once more where no exception passes.
            if let Stmt::Try(protected) = self.stmt_of(id).clone()
                && !protected.finally.is_empty()
            {
                let Try { finally, handlers, .. } = *protected;
                let mut copies = Vec::new();
                for wanted in &finally {
                    match stmts.next_if(|next| self.is_alike(*wanted, *next, 0)) {
                        Some(copy) => copies.push(copy),
                        None => break,
                    }
                }
                if copies.len() < finally.len() && handlers.is_empty() {
                    out.push(id);
                    out.extend(copies);
                    continue;
                }
            }
            out.push(id);
        }
        out
    }

    fn tidy_boxed(&mut self, block: Block) -> Block {
        self.tidy_block(block.into_vec()).into()
    }

    fn tidy_stmt(&mut self, id: StmtId) {
        let tidied = match self.stmt_of(id).clone() {
            Stmt::If(branches) => {
                let branches: Vec<_> = branches
                    .into_vec()
                    .into_iter()
                    .map(|(test, body)| (test, self.tidy_boxed(body)))
                    .collect();
                self.unguarded(&branches).unwrap_or_else(|| Stmt::If(branches.into()))
            }
            Stmt::While(repeated) => {
                let While { test, body, orelse } = *repeated;
                let body = self.tidy_loop(body);
                self.tested_loop(test, body, orelse)
            }
            Stmt::For(repeated) => {
                let For { target, iter, body, orelse } = *repeated;
                let (body, orelse) = (self.tidy_loop(body), self.tidy_boxed(orelse));
                Stmt::For(Box::new(For { target, iter, body, orelse }))
            }
            Stmt::Try(protected) => {
                let Try { body, handlers, orelse, finally } = *protected;
                Stmt::Try(Box::new(Try {
                    body: self.tidy_boxed(body),
                    handlers: handlers.into_vec().into_iter().map(|h| self.tidy_handler(h)).collect(),
                    orelse: self.tidy_boxed(orelse),
                    finally: self.tidy_boxed(finally),
                }))
            }
            Stmt::With(managed) => {
                let With { items, body } = *managed;
                Stmt::With(Box::new(With { items, body: self.tidy_boxed(body) }))
            }
            _ => return,
        };
        self.set_stmt(id, tidied);
    }

    fn tidy_loop(&mut self, body: Block) -> Block {
        let mut stmts = self.tidy_block(body.into_vec());
        if let Some(Stmt::Continue) = stmts.last().map(|last| self.stmt_of(*last)) {
            stmts.pop();
        }
        stmts.into()
    }

    /// `while True: if not test: break; …` is `while test: …`.
    fn tested_loop(&mut self, test: ExprId, body: Block, orelse: Block) -> Stmt {
        if let Some((first, rest)) = body.split_first()
            && let Stmt::If(branches) = self.stmt_of(*first).clone()
            && let Some(((Some(leaves), exit), others)) = branches.split_first()
            && let [only] = **exit
            && matches!(self.stmt_of(only), Stmt::Break)
        {
            let leaves = *leaves;
            let inner: Option<Vec<StmtId>> = match others {
                [] => Some(rest.to_vec()),
                [(None, other)] => Some(other.iter().chain(rest).copied().collect()),
                _ => None,
            };
            if let Some(inner) = inner {
                let test = self.opposite(leaves);
                return Stmt::While(Box::new(While { test, body: inner.into(), orelse }));
            }
        }
        Stmt::While(Box::new(While { test, body, orelse }))
    }

    /// `if test: while True: …; if not test: break` is `while test: …`: the compiler tests twice (3.8 to 3.13).
    fn unguarded(&mut self, branches: &[(Option<ExprId>, Block)]) -> Option<Stmt> {
        let [(Some(guard), body)] = branches else { return None };
        let [only] = **body else { return None };
        let Stmt::While(repeated) = self.stmt_of(only).clone() else { return None };
        let While { test, body, orelse } = *repeated;
        if !matches!(self.get(test), Expr::Bool(true)) {
            return None;
        }
        let (last, rest) = body.split_last()?;
        let Stmt::If(inner) = self.stmt_of(*last).clone() else { return None };
        let again = match &*inner {
            [(Some(leaves), exit)] if matches!(self.only(exit), Some(Stmt::Break)) => self.opposite(*leaves),
            [(Some(stays), stay), (None, exit)]
                if matches!(self.only(stay), Some(Stmt::Continue))
                    && matches!(self.only(exit), Some(Stmt::Break)) =>
            {
                *stays
            }
            _ => return None,
        };
        if !self.is_same_expr(*guard, again) {
            return None;
        }
        Some(Stmt::While(Box::new(While { test: *guard, body: rest.into(), orelse })))
    }

    fn only(&self, block: &[StmtId]) -> Option<&Stmt> {
        match block {
            [only] => Some(self.stmt_of(*only)),
            _ => None,
        }
    }

    fn opposite(&mut self, test: ExprId) -> ExprId {
        use super::super::ir::UnaryOp;
        if let Expr::Unary { op: UnaryOp::Not, operand } = *self.get(test) {
            return operand;
        }
        if let Some(expr) = super::conditions::opposite_comparison(self.get(test)) {
            return self.expr(expr);
        }
        self.expr(Expr::Unary { op: UnaryOp::Not, operand: test })
    }

    /// A handler without the `name = None; del name` that ends it.
    fn tidy_handler(&mut self, handler: Handler) -> Handler {
        let mut stmts = self.tidy_block(handler.body.into_vec());
        if let Some(name) = handler.name {
            let is_name = |me: &Self, id: &ExprId| matches!(me.get(*id), Expr::Name(n) if *n == name);
            let mut at = 0;
            while at + 1 < stmts.len() {
                let (Some(first), Some(second)) = (stmts.get(at), stmts.get(at + 1)) else { break };
                let is_end = matches!(self.stmt_of(*first), Stmt::Assign { targets, value }
                        if targets.iter().all(|t| is_name(self, t)) && matches!(self.get(*value), Expr::None))
                    && matches!(self.stmt_of(*second), Stmt::Delete(targets)
                        if targets.iter().all(|t| is_name(self, t)));
                if is_end {
                    stmts.drain(at..at + 2);
                } else {
                    at += 1;
                }
            }
        }
        Handler { body: stmts.into(), ..handler }
    }

    /// Whether two statements say the same.
    fn is_alike(&self, a: StmtId, b: StmtId, depth: u32) -> bool {
        let all = |x: &[StmtId], y: &[StmtId]| {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| self.is_alike(*x, *y, depth + 1))
        };
        let same = |x: ExprId, y: ExprId| self.is_same_expr(x, y);
        if depth > 20 {
            return false;
        }
        match (self.stmt_of(a), self.stmt_of(b)) {
            (Stmt::Expr(x), Stmt::Expr(y)) => same(*x, *y),
            (Stmt::Assign { targets: t, value: x }, Stmt::Assign { targets: u, value: y }) => {
                same(*x, *y) && t.len() == u.len() && t.iter().zip(u).all(|(t, u)| same(*t, *u))
            }
            (Stmt::If(x), Stmt::If(y)) => {
                x.len() == y.len()
                    && x.iter().zip(y).all(|((t, x), (u, y))| {
                        let tests = match (t, u) {
                            (Some(t), Some(u)) => same(*t, *u),
                            (t, u) => t.is_none() && u.is_none(),
                        };
                        tests && all(x, y)
                    })
            }
            (Stmt::For(x), Stmt::For(y)) => {
                same(x.target, y.target) && same(x.iter, y.iter) && all(&x.body, &y.body)
            }
            (x, y) => x == y,
        }
    }

    /// Whether two expressions say the same.
    fn is_same_expr(&self, a: ExprId, b: ExprId) -> bool {
        let mut open = vec![(a, b)];
        for _ in 0..2_000 {
            let Some((a, b)) = open.pop() else { return true };
            if a == b {
                continue;
            }
            let (x, y) = (self.get(a), self.get(b));
            let (inner, other) = (children(x), children(y));
            let is_alike = match (x, y) {
                _ if inner.len() != other.len() => false,
                _ if inner.is_empty() => x == y,
                (Expr::Attribute { name: n, .. }, Expr::Attribute { name: m, .. }) => n == m,
                (Expr::Binary { op: n, .. }, Expr::Binary { op: m, .. }) => n == m,
                (Expr::Unary { op: n, .. }, Expr::Unary { op: m, .. }) => n == m,
                (Expr::BoolOp { op: n, .. }, Expr::BoolOp { op: m, .. }) => n == m,
                (Expr::Compare { rest: n, .. }, Expr::Compare { rest: m, .. }) => {
                    n.iter().map(|(op, _)| op).eq(m.iter().map(|(op, _)| op))
                }
                (Expr::Call { args: n, .. }, Expr::Call { args: m, .. }) => {
                    n.iter().map(|a| a.passing).eq(m.iter().map(|a| a.passing))
                }
                _ => std::mem::discriminant(x) == std::mem::discriminant(y),
            };
            if !is_alike {
                return false;
            }
            open.extend(inner.into_iter().zip(other));
        }
        false
    }

    /// The comprehension that a loop is which only fills a container.
    pub(super) fn comprehension_of_loop(&mut self, kind: ComprehensionKind, id: StmtId) -> Option<Expr> {
        let mut clauses: Vec<Clause> = Vec::new();
        let mut stmts = vec![id];
        for _ in 0..50 {
            let (first, rest) = stmts.split_first()?;
            match self.stmt_of(*first).clone() {
                Stmt::For(repeated) if rest.is_empty() && repeated.orelse.is_empty() => {
                    let For { target, iter, body, .. } = *repeated;
                    clauses.push(Clause { target, iter, ifs: Box::default() });
                    stmts = body.into_vec();
                }
                Stmt::If(branches) => {
                    let [(Some(test), body)] = &*branches else { return None };
                    let skips = matches!(self.only(body), Some(Stmt::Continue));
                    let rest = rest.to_vec();
                    let test = match (skips, rest.is_empty()) {
                        (true, false) => self.opposite(*test),
                        (false, true) => *test,
                        _ => return None,
                    };
                    let clause = clauses.last_mut()?;
                    clause.ifs = clause.ifs.iter().copied().chain([test]).collect();
                    stmts = if skips { rest } else { body.to_vec() };
                }
                Stmt::Expr(value) => {
                    if !rest.iter().all(|s| matches!(self.stmt_of(*s), Stmt::Continue)) {
                        return None;
                    }
                    let (element, value) = self.added(value)?;
                    let clauses = clauses.into();
                    return Some(Expr::Comprehension(Box::new(Comprehension {
                        kind,
                        element,
                        value,
                        clauses,
                    })));
                }
                _ => return None,
            }
        }
        None
    }

    /// What a statement adds to the container of a comprehension, or yields.
    fn added(&self, value: ExprId) -> Option<(ExprId, Option<ExprId>)> {
        match self.get(value) {
            Expr::Yield(Some(value)) => Some((*value, None)),
            Expr::Call { callee, args } => {
                let Expr::Attribute { value: object, .. } = *self.get(*callee) else { return None };
                let Expr::Name(name) = *self.get(object) else { return None };
                if !self.text(name).starts_with("$c") {
                    return None;
                }
                match &**args {
                    [only] if only.passing == Passing::Positional => Some((only.value, None)),
                    [key, value] => Some((key.value, Some(value.value))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The comprehension that a code object of its own is.
    pub(super) fn comprehension_of_body(&mut self, kind: ComprehensionKind, body: &[StmtId]) -> Option<Expr> {
        let [only] = *body else { return None };
        match self.stmt_of(only).clone() {
            Stmt::Return(Some(value)) => match self.get(value) {
                expr @ Expr::Comprehension(_) => Some(expr.clone()),
                _ => None,
            },
            Stmt::For(_) if kind == ComprehensionKind::Generator => self.comprehension_of_loop(kind, only),
            _ => None,
        }
    }
}
