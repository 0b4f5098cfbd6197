//! Python 2 means what it meant.

use crate::{inspected, lowered, render};

#[test]
fn python_2_is_lowered_to_calls_and_bindings() {
    let cases = [
        ("exec base64.b64decode(x)\n", "exec(base64.b64decode(x))"),
        ("print 'a' % b\n", "print((Mod \"a\" b))"),
        ("print >>f, x\nprint 1\n", "print(x, file=f); print(1)"),
        ("exec code in ns\n", "exec(code, ns)"),
        ("raise E, 'm'\n", "raise (E, \"m\")"),
        ("try:\n  print 1\nexcept A, e:\n  pass\n", "try {print(1)} except A as e {pass} {} {}"),
        (
            "try:\n  f()\nexcept (A, B), name:\n  print 1\n",
            "try {f()} except (A, B) as name {print(1)} {} {}",
        ),
        ("x = `y` + 0777 + 10L\n", "x = (Add (Add repr(y) 511) 10)"),
        ("if a <> b: print ur'c'\n", "if (a NotEq b) {print(\"c\")}"),
        ("if 1:\n        exec 'a'\n\texec 'b'\n", "if 1 {exec(\"a\"); exec(\"b\")}"),
        ("def f((a, b)): print a\n", "def f(a, b) {print(a)}"),
    ];
    for (text, expected) in cases {
        assert_eq!(lowered(text), expected, "{text}");
        inspected(text, |parsed, _| {
            assert!(parsed.traits.is_python2, "{text}");
            assert_eq!(parsed.problems, [], "{text}");
        });
    }
}

#[test]
fn spans_of_rewritten_statements_are_those_of_the_text() {
    inspected("a = 1\nprint >>f, 'x'; exec c in d\n", |parsed, symbols| {
        let code = &parsed.code;
        let shown: Vec<String> = code
            .body
            .iter()
            .map(|id| code.stmts[id.0 as usize].1)
            .map(|span| code.text.get(span.start as usize..span.end as usize).unwrap_or("?").to_owned())
            .collect();
        assert_eq!(shown, ["a = 1", "print >>f, 'x'", "exec c in d"]);
        assert_eq!(render::code(code, symbols), "a = 1; print(\"x\", file=f); exec(c, d)");
    });
}

#[test]
fn two_exception_types_of_python_3_stay_two_types() {
    assert_eq!(
        lowered("try: a\nexcept ValueError, TypeError: b\n"),
        "try {a} except (ValueError, TypeError) as - {b} {} {}"
    );
    assert_eq!(lowered("try: a\nexcept A, e: b\n"), "try {a} except A as e {b} {} {}");
}
