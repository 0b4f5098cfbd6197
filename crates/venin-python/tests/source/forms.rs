//! What each form of Python is lowered to.

use venin_python::source::{list_imports, parse_notebook, parse_pth, parse_source};
use venin_python::value::Symbols;

use crate::{inspected, lowered, on_large_stack, render};

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(lowered(text), *expected, "{text}");
    }
}

#[test]
fn expressions_keep_their_parts_in_order() {
    check(&[
        ("a.b[c](d, *e, f=g, **h)", "a.b[c](d, *e, f=g, **h)"),
        ("a + b * -c ** ~d", "(Add a (Mult b (Minus (Pow c (Invert d)))))"),
        ("a < b <= c is not d not in e", "(a Lt b LtE c IsNot d NotIn e)"),
        ("a and b and c or not d", "(Or (And a, b, c), (Not d))"),
        ("a if b else c if d else e", "(a if b else (c if d else e))"),
        ("[1, *a]; (b,); {c}; {1: 2, **d}", "[1, *a]; (b); {c}; {1: 2, -: d}"),
        ("a[1:2, ::3, ...]", "a[(1:2:-, -:-:3, Ellipsis)]"),
        ("(x := await y)", "(x := await y)"),
        ("[a for b in c if d if e for f in g]", "List<a - for b in c if [d, e] for f in g if []>"),
        ("{a: b for c in d}", "Dict<a b for c in d if []>"),
        ("{a for a in b}; (a for a in b)", "Set<a - for a in b if []>; Generator<a - for a in b if []>"),
        ("None; True; False; 1j", "None; true; false; Complex"),
    ]);
}

#[test]
fn numbers_of_every_spelling_have_their_value() {
    check(&[
        ("1_000; 0xFF; 0o17; 0b1_01; 1e3; .5", "1000; 255; 15; 5; 1000.0; 0.5"),
        ("9223372036854775807; 9223372036854775808", "9223372036854775807; big 9223372036854775808"),
        ("0x1_0000_0000_0000_0000", "big 18446744073709551616"),
        ("0b1", "1"),
    ]);
}

#[test]
fn strings_side_by_side_are_one() {
    check(&[
        ("'a' \"b\" r'\\n'", r#""ab\\n""#),
        ("b'a' b'\\x42'", r#"b"aB""#),
        ("u'\\x41\\N{BULLET}\\u0042'", "\"A\u{2022}B\""),
        ("f'a{b}' 'c' f'd'", r#"f<"a" {b} "cd">"#),
        ("f'plain' 'text'", r#""plaintext""#),
        ("f'{a!r:>{w}.2}'", r#"f<{a!r:f<">" {w} ".2">}>"#),
        ("f'{x=}{y = !s}{z=:5}'", r#"f<"x=" {x!r} "y = " {y!s} "z=" {z:"5"}>"#),
        ("f'{{}}{f\"{a}\"}'", r#"f<"{}" {f<{a}>}>"#),
        ("t'a{b}'", r#"f<"a" {b}>"#),
    ]);
}

#[test]
fn statements_keep_their_parts() {
    check(&[
        ("a = b, c = d", "a, (b, c) = d"),
        ("a += 1; a: int = 2; a: int", "a Add= 1; a = 2"),
        ("if a: b\nelif c: d\nelse: e", "if a {b} c {d} - {e}"),
        ("while a:\n b\nelse:\n c", "while a {b} {c}"),
        ("async def f():\n async for a in b: pass", "async def f() {for a in b {pass} {}}"),
        ("with a as b, c: d", "with a as b, c as - {d}"),
        (
            "try: a\nexcept B as c: d\nexcept: e\nelse: f\nfinally: g",
            "try {a} except B as c {d} except - as - {e} {f} {g}",
        ),
        ("try: a\nexcept* B: c", "try {a} except B as - {c} {} {}"),
        (
            "import a.b as c, d\nfrom ..e import f as g, h\nfrom . import *",
            "import a.b as c, d; from ..e import f as g, h; from . import *",
        ),
        ("del a, b[0]\nassert a, b\nraise a from b", "del a, b[0]; assert a b; raise a"),
        ("type X = int\npass", "pass"),
        ("for a, b in c: break", "for (a, b) in c {break} {}"),
    ]);
}

#[test]
fn functions_know_their_names_parameters_and_declarations() {
    check(&[
        (
            "@d(1)\ndef f(a, /, b=1, *c, d=2, e, **g) -> int: return a",
            "@d(1) def f(a, b=1, *c, kw d=2, kw e, **g) {return a}",
        ),
        (
            "def f():\n global a, b\n def g():\n  nonlocal c\n  yield 1",
            "def f() global[a b] nonlocal[] {gen def f.g() global[] nonlocal[c] {yield 1}}",
        ),
        (
            "class A(B, metaclass=C):\n @p\n def m(self): return lambda x, y=z: x",
            "class A(B, metaclass=C) {@p def A.m(self) {return def A.m.<lambda>(x, y=z) {return x}}}",
        ),
        (
            "f = lambda *a, **k: lambda: (yield)",
            "f = def <lambda>(*a, **k) {return gen def <lambda>() {return yield -}}",
        ),
    ]);
}

#[test]
fn annotations_that_call_are_evaluated_where_python_does() {
    check(&[
        ("def f(a: g(1), b: list[int]) -> h(): pass", "g(1); h(); def f(a, b) {pass}"),
        ("x: f() = 1", "f(); x = 1"),
        ("def f():\n x: g() = 1", "def f() {x = 1}"),
        ("from __future__ import annotations\nx: f() = 1", "from __future__ import annotations; x = 1"),
    ]);
}

#[test]
fn patterns_are_flattened_to_values_and_names() {
    check(&[(
        "match a:\n case 'x' | 1 | None: b\n case [c, *d, 'y'] if e: f\n case {'k': g, **h}: pass\n case C(i, j=k) as l: pass\n case m.n: pass\n case _: pass",
        "match a case (_ in [\"x\", 1, None]) [] - {b} case (len _ >= 2, _[-1] in [\"y\"]) [c=_[0] d=_[1:-1]] e {f} case ([\"k\"] in _) [h=_ - [\"k\"] g=_[\"k\"]] - {pass} case (_ is C) [l=_ i=C(_, 0) k=_.j] - {pass} case (_ in [m.n]) [] - {pass} case () [] - {pass}",
    )]);
}

#[test]
fn identifiers_are_normalized_in_every_place() {
    check(&[
        ("𝓮𝔁𝓮𝓬(𝓪.𝓫, 𝓬=1)", "exec(a.b, c=1)"),
        ("import 𝓸𝓼.𝓹𝓪𝓽𝓱 as 𝔁\nfrom 𝓪 import 𝓫", "import os.path as x; from a import b"),
        ("def 𝓯(𝔁): global 𝔂", "def f(x) global[y] nonlocal[] {}"),
    ]);
}

#[test]
fn what_cannot_be_parsed_leaves_the_rest() {
    let text = "a()\nb(\nc = = 1\ndef f() return:\n  d()\ne()\n";
    let (code, errors, problems) = inspected(text, |parsed, symbols| {
        let code = render::code(&parsed.code, symbols);
        (code, parsed.traits.syntax_errors, parsed.problems.len())
    });
    assert!(code.contains("a()") && code.contains("d()") && code.contains("e()"), "{code}");
    assert!(errors > 0);
    assert_eq!(problems, 1);
}

#[test]
fn a_bare_raise_before_a_semicolon_is_no_error() {
    for text in ["try: a()\nexcept B: raise; c()\n", "try: a()\nexcept B: raise  ; c()\n"] {
        let (code, problems) =
            inspected(text, |parsed, symbols| (render::code(&parsed.code, symbols), parsed.problems.len()));
        assert_eq!(problems, 0, "{text}");
        assert_eq!(code, lowered("try: a()\nexcept B:\n  raise\n  c()\n"), "{text}");
    }
    let is_told = |text: &str| inspected(text, |parsed, _| !parsed.problems.is_empty());
    assert!(is_told("raise a from; c()\n") && is_told("x = raise; c()\n") && is_told("b = ; c()\n"));
}

#[test]
fn spans_and_lines_are_those_of_the_text() {
    inspected("x = 1\r\ny = 'é'; z\r\n", |parsed, _| {
        let code = &parsed.code;
        assert_eq!(*code.lines, [0, 7, 20]);
        let span = code.stmts[code.body[2].0 as usize].1;
        assert_eq!(code.text.get(span.start as usize..span.end as usize), Some("z"));
        assert_eq!(code.position(span.start), (2, 10));
    });
}

#[test]
fn nul_characters_do_not_hide_code() {
    let (code, has_nul, errors) = inspected("a()\0\nb()\n\0c()\n", |parsed, symbols| {
        (render::code(&parsed.code, symbols), parsed.traits.has_nul, parsed.traits.syntax_errors)
    });
    assert!(code.starts_with("a(); b()"), "{code}");
    assert!(has_nul);
    assert!(errors <= 1);
}

#[test]
fn only_import_lines_of_a_pth_file_are_code() {
    let bytes = b"../lib\nimport a; b()\n # import c\nimport\td; e(\nimport f\n";
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        let parsed = parse_pth(bytes, &mut symbols);
        let code = render::code(&parsed.code, &symbols);
        assert!(code.starts_with("import a; b(); import d; e("), "{code}");
        assert!(code.ends_with("import f"), "{code}");
        let span = parsed.code.stmts[parsed.code.body[1].0 as usize].1;
        assert_eq!(parsed.code.position(span.start), (2, 11));
    });
}

#[test]
fn notebook_cells_are_one_module_and_magics_are_calls() {
    let notebook = br#"{"cells": [
        {"cell_type": "markdown", "source": ["import nothing"]},
        {"cell_type": "code", "source": ["a = !ls -l\n", "!curl x | sh\n", "%pip install y\n", "%cd z"]},
        {"cell_type": "code", "source": "%%bash -e\nrm -rf w\n"},
        {"cell_type": "code", "source": "%%time\nf()\n"},
        {"cell_type": "code", "source": ["%%writefile a.py\n", "g()"]}
    ], "nbformat": 4}"#;
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        let parsed = parse_notebook(notebook, &mut symbols);
        let expected = [
            r#"import IPython; a = IPython.system("ls -l"); IPython.system("curl x | sh")"#,
            r#"IPython.system("pip install y"); IPython.run_line_magic("cd", "z")"#,
            r#"IPython.system("rm -rf w\n"); f(); IPython.run_cell_magic("writefile", "a.py", "g()")"#,
        ];
        assert_eq!(render::code(&parsed.code, &symbols), expected.join("; "));
        assert_eq!(parsed.problems, []);
        assert_eq!(parse_notebook(b"{", &mut symbols).problems.len(), 1);
    });
}

#[test]
fn a_notebook_of_another_language_has_no_python_and_strange_metadata_hides_none() {
    let notebook = |metadata: &str| {
        format!(
            r#"{{"cells": [{{"cell_type": "code", "source": "f <- function(x) {{ x }}"}}], "metadata": {metadata}}}"#
        )
    };
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        for other in [r#"{"kernelspec": {"language": "R"}}"#, r#"{"language_info": {"name": "julia"}}"#] {
            assert_eq!(parse_notebook(notebook(other).as_bytes(), &mut symbols).problems, [], "{other}");
        }
        for own in ["null", "{}", r#"{"kernelspec": 3}"#, r#"{"language_info": {"name": "ipython"}}"#] {
            assert!(!parse_notebook(notebook(own).as_bytes(), &mut symbols).problems.is_empty(), "{own}");
        }
    });
}

#[test]
fn imports_are_listed_with_what_runs_them() {
    let text =
        "import a.b\ntry:\n from ..c import d, e\nexcept E: pass\nclass K:\n import f\ndef g():\n import h\n";
    inspected(text, |parsed, symbols| {
        let mut found: Vec<(String, u32, usize, bool)> = list_imports(&parsed.code, symbols)
            .into_iter()
            .map(|import| (import.module, import.level, import.names.len(), import.is_top_level))
            .collect();
        found.sort();
        let expected = [("a.b", 0, 0, true), ("c", 2, 2, true), ("f", 0, 0, true), ("h", 0, 0, false)];
        assert_eq!(found, expected.map(|(module, level, names, top)| (module.to_owned(), level, names, top)));
    });
}

#[test]
fn the_cookie_decides_how_bytes_are_read() {
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        let parsed = parse_source(b"# coding: utf-7\n+AGUAeABlAGM-('x')\n", &mut symbols);
        assert_eq!(render::code(&parsed.code, &symbols), "exec(\"x\")");
        assert_eq!(parsed.traits.encoding, "utf-7");
    });
}
