//! Whatever the bytes, there is no panic and every index is in range.

use proptest::prelude::*;
use venin_python::source::ir::{
    Block, Code, Comprehension, Expr, ExprId, For, PartStep, PatternTest, Piece, Span, Stmt, Try, While, With,
};
use venin_python::source::{Parsed, list_imports, parse_notebook, parse_pth, parse_source, parse_text};
use venin_python::value::Symbols;

use crate::on_large_stack;

const SEED: &str = include_str!("seed.py.txt");

fn check(parsed: &Parsed, symbols: &Symbols) {
    let code = &parsed.code;
    assert_eq!(code.lines.first(), Some(&0));
    assert!(code.lines.is_sorted() && code.lines.last().is_some_and(|at| *at as usize <= code.text.len()));
    check_block(code, &code.body);
    for (expr, span) in &code.exprs {
        check_span(code, *span);
        for id in children(expr) {
            assert!((id.0 as usize) < code.exprs.len(), "{expr:?}");
        }
        if let Expr::Lambda(index) = expr {
            assert!((index.0 as usize) < code.functions.len());
        }
    }
    for (stmt, span) in &code.stmts {
        check_span(code, *span);
        check_stmt(code, stmt);
    }
    for function in &code.functions {
        check_block(code, &function.body);
        let defaults = function.params.iter().filter_map(|param| param.default);
        assert!(
            defaults.chain(function.decorators.iter().copied()).all(|id| (id.0 as usize) < code.exprs.len())
        );
        assert!(!symbols.as_str(function.name).is_empty() || parsed.traits.syntax_errors > 0);
    }
    for class in &code.classes {
        check_block(code, &class.body);
        assert!(class.bases.iter().all(|base| (base.value.0 as usize) < code.exprs.len()));
    }
    assert!(list_imports(code, symbols).len() <= code.text.len() + 1);
}

fn check_span(code: &Code, span: Span) {
    assert!(
        code.text.get(span.start as usize..span.end as usize).is_some(),
        "{span:?} in {}",
        code.text.len()
    );
}

fn check_block(code: &Code, block: &Block) {
    assert!(block.iter().all(|id| (id.0 as usize) < code.stmts.len()));
}

fn check_stmt(code: &Code, stmt: &Stmt) {
    let has = |id: &ExprId| assert!((id.0 as usize) < code.exprs.len(), "{stmt:?}");
    match stmt {
        Stmt::Expr(id) => has(id),
        Stmt::Assign { targets, value } => targets.iter().chain([value]).for_each(has),
        Stmt::AugAssign { target, value, .. } => [target, value].into_iter().for_each(has),
        Stmt::If(branches) => {
            for (test, body) in branches {
                test.iter().for_each(has);
                check_block(code, body);
            }
        }
        Stmt::While(repeated) => {
            let While { test, body, orelse } = &**repeated;
            has(test);
            [body, orelse].into_iter().for_each(|block| check_block(code, block));
        }
        Stmt::For(repeated) => {
            let For { target, iter, body, orelse } = &**repeated;
            [target, iter].into_iter().for_each(has);
            [body, orelse].into_iter().for_each(|block| check_block(code, block));
        }
        Stmt::Try(protected) => {
            let Try { body, handlers, orelse, finally } = &**protected;
            [body, orelse, finally].into_iter().for_each(|block| check_block(code, block));
            for handler in handlers {
                handler.types.iter().for_each(has);
                check_block(code, &handler.body);
            }
        }
        Stmt::With(managed) => {
            let With { items, body } = &**managed;
            items.iter().flat_map(|(value, target)| [Some(value), target.as_ref()]).flatten().for_each(has);
            check_block(code, body);
        }
        Stmt::Function(index) => assert!((index.0 as usize) < code.functions.len()),
        Stmt::Class(index) => assert!((index.0 as usize) < code.classes.len()),
        Stmt::Return(value) | Stmt::Raise(value) => value.iter().for_each(has),
        Stmt::Delete(targets) => targets.iter().for_each(has),
        Stmt::Assert { test, message } => [Some(test), message.as_ref()].into_iter().flatten().for_each(has),
        Stmt::Match { subject, cases } => {
            has(subject);
            for case in cases {
                case.guard.iter().for_each(has);
                for (at, part) in case.parts.iter().enumerate() {
                    assert!((part.of.0 as usize) <= at, "a part stands behind what it is a part of");
                    match &part.step {
                        PartStep::Item(value) | PartStep::Positional(value, _) => has(value),
                        PartStep::Without(keys) => keys.iter().for_each(has),
                        _ => {}
                    }
                }
                for test in &case.tests {
                    match test {
                        PatternTest::IsOne(_, values) | PatternTest::HasKeys(_, values) => {
                            values.iter().for_each(has);
                        }
                        PatternTest::IsOf(_, class) => has(class),
                        PatternTest::Has(..) | PatternTest::HasAtLeast(..) | PatternTest::Open => {}
                    }
                }
                check_block(code, &case.body);
            }
        }
        _ => {}
    }
}

fn children(expr: &Expr) -> Vec<ExprId> {
    match expr {
        Expr::Attribute { value, .. }
        | Expr::Unary { operand: value, .. }
        | Expr::Starred(value)
        | Expr::YieldFrom(value)
        | Expr::Await(value)
        | Expr::Walrus { value, .. } => vec![*value],
        Expr::Subscript { value, index } => vec![*value, *index],
        Expr::Slice(slice) => [slice.lower, slice.upper, slice.step].into_iter().flatten().collect(),
        Expr::Call { callee, args } => args.iter().map(|arg| arg.value).chain([*callee]).collect(),
        Expr::Binary { left, right, .. } => vec![*left, *right],
        Expr::BoolOp { values, .. } => values.to_vec(),
        Expr::Compare { left, rest } => rest.iter().map(|(_, id)| *id).chain([*left]).collect(),
        Expr::IfElse { test, body, orelse } => vec![*test, *body, *orelse],
        Expr::Tuple(ids) | Expr::List(ids) | Expr::Set(ids) => ids.to_vec(),
        Expr::Dict(items) => {
            items.iter().flat_map(|(key, value)| key.iter().chain([value])).copied().collect()
        }
        Expr::Comprehension(comprehension) => {
            let Comprehension { element, value, clauses, .. } = &**comprehension;
            let clauses = clauses.iter().flat_map(|c| c.ifs.iter().copied().chain([c.target, c.iter]));
            clauses.chain([*element]).chain(*value).collect()
        }
        Expr::Joined(pieces) => pieces
            .iter()
            .flat_map(|piece| match piece {
                Piece::Literal(_) => vec![],
                Piece::Value { value, spec, .. } => spec.iter().copied().chain([*value]).collect(),
            })
            .collect(),
        Expr::Yield(value) => value.iter().copied().collect(),
        _ => vec![],
    }
}

fn check_every_reader(bytes: &[u8]) {
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        for read in [parse_source, parse_pth, parse_notebook] {
            let parsed = read(bytes, &mut symbols);
            check(&parsed, &symbols);
        }
        let cell =
            serde_json::json!({"cells": [{"cell_type": "code", "source": String::from_utf8_lossy(bytes)}]});
        let parsed = parse_notebook(cell.to_string().as_bytes(), &mut symbols);
        check(&parsed, &symbols);
        let parsed = parse_text(&String::from_utf8_lossy(bytes), &mut symbols);
        check(&parsed, &symbols);
    });
}

#[test]
fn the_seed_has_no_errors() {
    on_large_stack(|| {
        let parsed = parse_text(SEED, &mut Symbols::default());
        assert_eq!(parsed.problems, []);
        assert_eq!(parsed.traits.syntax_errors, 0);
    });
    check_every_reader(SEED.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check_every_reader(&bytes);
    }

    #[test]
    fn arbitrary_text_is_read(text in "\\PC{0,200}") {
        check_every_reader(text.as_bytes());
    }

    #[test]
    fn arbitrary_tokens_are_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..120)) {
        check_every_reader(words.concat().as_bytes());
    }

    #[test]
    fn mutated_python_is_read(
        cuts in prop::collection::vec((0..SEED.len(), 0..12_usize, prop::sample::select(WORDS)), 1..12),
    ) {
        let mut bytes = SEED.as_bytes().to_vec();
        for (at, removed, inserted) in cuts {
            let at = at.min(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, inserted.bytes());
        }
        check_every_reader(&bytes);
    }
}

const WORDS: &[&str] = &[
    "a",
    "b.c",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ";",
    "\n",
    "\n ",
    "\n  ",
    "\n\t",
    "\r",
    " ",
    "=",
    "==",
    ":=",
    "<>",
    "**",
    "-",
    "~",
    "not ",
    "lambda ",
    "lambda (a, b): ",
    "if ",
    "else ",
    "elif ",
    "for ",
    " in ",
    "def f(",
    "class A(",
    "import ",
    "from . import ",
    "print ",
    "print >>",
    "exec ",
    "raise E, ",
    "except A, e:",
    "try:",
    "`",
    "'",
    "\"",
    "'''",
    "f'",
    "f\"{",
    "t'''",
    "ur'x'",
    "{x!r:>{w}}",
    "0777",
    "10L",
    "0x",
    "1e",
    "1_0",
    "\\\n",
    "\\",
    "#",
    "async ",
    "await ",
    "yield ",
    "match x:",
    "case [",
    "_",
    "@",
    "->",
    "...",
    "*",
    "global x",
    "nonlocal y",
    "type X = ",
    "with (",
    "as ",
    "%",
    "!ls",
    "%%bash\n",
    "?",
    "\0",
    "\u{feff}",
    "é",
    "𝓮",
    "\u{202e}",
    "return ",
];
