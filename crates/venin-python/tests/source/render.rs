//! A compact text of the lowered form, for comparisons.

use venin_python::source::ir::{
    Arg, Block, Case, Code, Comprehension, Expr, ExprId, For, ImportFrom, ParamKind, Part, PartIdx, PartStep,
    Passing, PatternTest, Piece, Stmt, Try, While, With,
};
use venin_python::value::{Sym, Symbols};

pub(crate) fn code(code: &Code, symbols: &Symbols) -> String {
    block(code, symbols, &code.body)
}

fn block(code: &Code, symbols: &Symbols, body: &Block) -> String {
    let lines: Vec<String> =
        body.iter().map(|id| stmt(code, symbols, &code.stmts[id.0 as usize].0)).collect();
    lines.join("; ")
}

fn name(symbols: &Symbols, sym: Sym) -> &str {
    symbols.as_str(sym)
}

fn list(code: &Code, symbols: &Symbols, ids: &[ExprId]) -> String {
    ids.iter().map(|id| expr(code, symbols, *id)).collect::<Vec<_>>().join(", ")
}

fn optional(code: &Code, symbols: &Symbols, id: Option<ExprId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| expr(code, symbols, id))
}

fn args(code: &Code, symbols: &Symbols, args: &[Arg]) -> String {
    let arg = |arg: &Arg| {
        let value = expr(code, symbols, arg.value);
        match arg.passing {
            Passing::Positional => value,
            Passing::Star => format!("*{value}"),
            Passing::DoubleStar => format!("**{value}"),
            Passing::Keyword(key) => format!("{}={value}", name(symbols, key)),
        }
    };
    args.iter().map(arg).collect::<Vec<_>>().join(", ")
}

pub(crate) fn expr(code: &Code, symbols: &Symbols, id: ExprId) -> String {
    let e = |id: ExprId| expr(code, symbols, id);
    let l = |ids: &[ExprId]| list(code, symbols, ids);
    let o = |id: Option<ExprId>| optional(code, symbols, id);
    match code.expr(id) {
        Expr::Str(text) => format!("{text:?}"),
        Expr::Bytes(bytes) => format!("b{:?}", String::from_utf8_lossy(bytes)),
        Expr::Int(int) => int.to_string(),
        Expr::BigInt(int) => format!("big {int}"),
        Expr::Float(float) => format!("{float:?}"),
        Expr::Bool(bool) => bool.to_string(),
        Expr::Name(sym) => name(symbols, *sym).to_owned(),
        Expr::Attribute { value, name: attribute } => format!("{}.{}", e(*value), name(symbols, *attribute)),
        Expr::Subscript { value, index } => format!("{}[{}]", e(*value), e(*index)),
        Expr::Slice(slice) => format!("{}:{}:{}", o(slice.lower), o(slice.upper), o(slice.step)),
        Expr::Call { callee, args: list } => format!("{}({})", e(*callee), args(code, symbols, list)),
        Expr::Binary { op, left, right } => format!("({op:?} {} {})", e(*left), e(*right)),
        Expr::Unary { op, operand } => format!("({op:?} {})", e(*operand)),
        Expr::BoolOp { op, values } => format!("({op:?} {})", l(values)),
        Expr::Compare { left, rest } => {
            let rest: Vec<String> = rest.iter().map(|(op, id)| format!("{op:?} {}", e(*id))).collect();
            format!("({} {})", e(*left), rest.join(" "))
        }
        Expr::IfElse { test, body, orelse } => format!("({} if {} else {})", e(*body), e(*test), e(*orelse)),
        Expr::Lambda(index) => function(code, symbols, index.0),
        Expr::Tuple(ids) => format!("({})", l(ids)),
        Expr::List(ids) => format!("[{}]", l(ids)),
        Expr::Set(ids) => format!("{{{}}}", l(ids)),
        Expr::Dict(items) => {
            let items: Vec<String> = items.iter().map(|(k, v)| format!("{}: {}", o(*k), e(*v))).collect();
            format!("{{{}}}", items.join(", "))
        }
        Expr::Comprehension(comprehension) => {
            let Comprehension { kind, element, value, clauses } = &**comprehension;
            let clauses =
                clauses.iter().map(|c| format!(" for {} in {} if [{}]", e(c.target), e(c.iter), l(&c.ifs)));
            format!("{kind:?}<{} {}{}>", e(*element), o(*value), clauses.collect::<String>())
        }
        Expr::Joined(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Literal(text) => format!("{text:?}"),
                Piece::Value { value, conversion, spec } => {
                    let conversion = conversion.map(|c| format!("!{c}")).unwrap_or_default();
                    let spec = spec.map(|spec| format!(":{}", e(spec))).unwrap_or_default();
                    format!("{{{}{conversion}{spec}}}", e(*value))
                }
            };
            format!("f<{}>", pieces.iter().map(piece).collect::<Vec<_>>().join(" "))
        }
        Expr::Starred(value) => format!("*{}", e(*value)),
        Expr::Yield(value) => format!("yield {}", o(*value)),
        Expr::YieldFrom(value) => format!("yield from {}", e(*value)),
        Expr::Await(value) => format!("await {}", e(*value)),
        Expr::Walrus { target, value } => format!("({} := {})", name(symbols, *target), e(*value)),
        other => format!("{other:?}"),
    }
}

fn function(code: &Code, symbols: &Symbols, index: u32) -> String {
    let function = &code.functions[index as usize];
    let params: Vec<String> = function
        .params
        .iter()
        .map(|param| {
            let kind = match param.kind {
                ParamKind::Positional => "",
                ParamKind::Star => "*",
                ParamKind::Keyword => "kw ",
                ParamKind::DoubleStar => "**",
            };
            let default = param.default.map(|id| format!("={}", expr(code, symbols, id))).unwrap_or_default();
            format!("{kind}{}{default}", name(symbols, param.name))
        })
        .collect();
    let flags = [(function.is_async, "async "), (function.is_generator, "gen ")];
    let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, text)| *text).collect();
    let decorators: String =
        function.decorators.iter().map(|id| format!("@{} ", expr(code, symbols, *id))).collect();
    let syms = |syms: &[Sym]| syms.iter().map(|sym| name(symbols, *sym)).collect::<Vec<_>>().join(" ");
    let globals = match (&*function.globals, &*function.nonlocals) {
        ([], []) => String::new(),
        (globals, nonlocals) => format!(" global[{}] nonlocal[{}]", syms(globals), syms(nonlocals)),
    };
    let body = block(code, symbols, &function.body);
    format!("{decorators}{flags}def {}({}){globals} {{{body}}}", function.qualified, params.join(", "))
}

fn stmt(code: &Code, symbols: &Symbols, stmt: &Stmt) -> String {
    let e = |id: ExprId| expr(code, symbols, id);
    let o = |id: Option<ExprId>| optional(code, symbols, id);
    let b = |body: &Block| block(code, symbols, body);
    match stmt {
        Stmt::Expr(value) => e(*value),
        Stmt::Assign { targets, value } => format!("{} = {}", list(code, symbols, targets), e(*value)),
        Stmt::AugAssign { target, op, value } => format!("{} {op:?}= {}", e(*target), e(*value)),
        Stmt::If(branches) => {
            let branches = branches.iter().map(|(test, body)| format!("{} {{{}}}", o(*test), b(body)));
            format!("if {}", branches.collect::<Vec<_>>().join(" "))
        }
        Stmt::While(repeated) => {
            let While { test, body, orelse } = &**repeated;
            format!("while {} {{{}}} {{{}}}", e(*test), b(body), b(orelse))
        }
        Stmt::For(repeated) => {
            let For { target, iter, body, orelse } = &**repeated;
            format!("for {} in {} {{{}}} {{{}}}", e(*target), e(*iter), b(body), b(orelse))
        }
        Stmt::Try(protected) => {
            let Try { body, handlers, orelse, finally } = &**protected;
            let handler = |h: &venin_python::source::ir::Handler| {
                let name = h.name.map(|sym| name(symbols, sym)).unwrap_or("-");
                format!("except {} as {name} {{{}}}", o(h.types), b(&h.body))
            };
            let handlers: Vec<String> = handlers.iter().map(handler).collect();
            format!("try {{{}}} {} {{{}}} {{{}}}", b(body), handlers.join(" "), b(orelse), b(finally))
        }
        Stmt::With(managed) => {
            let With { items, body } = &**managed;
            let items: Vec<String> = items.iter().map(|(v, t)| format!("{} as {}", e(*v), o(*t))).collect();
            format!("with {} {{{}}}", items.join(", "), b(body))
        }
        Stmt::Function(index) => function(code, symbols, index.0),
        Stmt::Class(index) => {
            let class = &code.classes[index.0 as usize];
            let decorators: String = class.decorators.iter().map(|id| format!("@{} ", e(*id))).collect();
            let bases = args(code, symbols, &class.bases);
            format!("{decorators}class {}({bases}) {{{}}}", name(symbols, class.name), b(&class.body))
        }
        Stmt::Return(value) => format!("return {}", o(*value)),
        Stmt::Raise(value) => format!("raise {}", o(*value)),
        Stmt::Import(names) => format!("import {}", aliases(symbols, names)),
        Stmt::ImportFrom(import) => {
            let ImportFrom { module, level, names } = &**import;
            format!("from {}{module} import {}", ".".repeat(*level as usize), aliases(symbols, names))
        }
        Stmt::Delete(targets) => format!("del {}", list(code, symbols, targets)),
        Stmt::Assert { test, message } => format!("assert {} {}", e(*test), o(*message)),
        Stmt::Match { subject, cases } => {
            let case = |case: &Case| {
                let part = |index: &PartIdx| part(code, symbols, case, *index);
                let capture =
                    |(sym, index): &(Sym, PartIdx)| format!("{}={}", name(symbols, *sym), part(index));
                let test = |test: &PatternTest| match test {
                    PatternTest::IsOne(index, literals) => {
                        format!("{} in [{}]", part(index), list(code, symbols, literals))
                    }
                    PatternTest::Has(index, n) => format!("len {} == {n}", part(index)),
                    PatternTest::HasAtLeast(index, n) => format!("len {} >= {n}", part(index)),
                    PatternTest::HasKeys(index, keys) => {
                        format!("[{}] in {}", list(code, symbols, keys), part(index))
                    }
                    PatternTest::IsOf(index, class) => format!("{} is {}", part(index), e(*class)),
                    PatternTest::Open => "?".to_owned(),
                };
                let tests: Vec<String> = case.tests.iter().map(test).collect();
                let captures: Vec<String> = case.captures.iter().map(capture).collect();
                let (tests, captures) = (tests.join(", "), captures.join(" "));
                format!("case ({tests}) [{captures}] {} {{{}}}", o(case.guard), b(&case.body))
            };
            format!("match {} {}", e(*subject), cases.iter().map(case).collect::<Vec<_>>().join(" "))
        }
        Stmt::Break => "break".to_owned(),
        Stmt::Continue => "continue".to_owned(),
        Stmt::Pass => "pass".to_owned(),
    }
}

/// A part of the subject of a `match`, which is written `_`.
fn part(code: &Code, symbols: &Symbols, case: &Case, index: PartIdx) -> String {
    let Part { of, step } = &case.parts[index.0 as usize];
    if *step == PartStep::Whole {
        return "_".to_owned();
    }
    let of = part(code, symbols, case, *of);
    match step {
        PartStep::Whole => of,
        PartStep::Element(at) => format!("{of}[{at}]"),
        PartStep::FromEnd(at) => format!("{of}[-{at}]"),
        PartStep::Middle(before, behind) => format!("{of}[{before}:-{behind}]"),
        PartStep::Item(key) => format!("{of}[{}]", expr(code, symbols, *key)),
        PartStep::Without(keys) => format!("{of} - [{}]", list(code, symbols, keys)),
        PartStep::Attribute(sym) => format!("{of}.{}", name(symbols, *sym)),
        PartStep::Positional(class, at) => format!("{}({of}, {at})", expr(code, symbols, *class)),
    }
}

fn aliases(symbols: &Symbols, names: &[venin_python::source::ir::Alias]) -> String {
    let alias = |alias: &venin_python::source::ir::Alias| match alias.bound {
        Some(bound) => format!("{} as {}", alias.name, name(symbols, bound)),
        None => alias.name.to_string(),
    };
    names.iter().map(alias).collect::<Vec<_>>().join(", ")
}
