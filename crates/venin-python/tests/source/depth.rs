//! Texts made to exhaust the stack.

use venin_model::GapKind;

use crate::inspected;

const MANY: usize = 100_000;

/// Parses, and gives the number of expressions and the kinds of the problems.
fn parse(text: &str) -> (usize, Vec<GapKind>) {
    inspected(text, |parsed, _| {
        (parsed.code.exprs.len(), parsed.problems.iter().map(|problem| problem.kind).collect())
    })
}

#[test]
fn chains_are_lowered_whole_however_long() {
    let cases = [
        format!("a{}", ".b".repeat(MANY)),
        format!("f{}", "()".repeat(MANY)),
        format!("f{}", "[0]".repeat(MANY / 2)),
        format!("1{}", "+1".repeat(MANY)),
        format!("a{}", " and b or c".repeat(MANY / 2)),
        format!("a{}", "<b".repeat(MANY)),
        format!("{}0", "1 if x else ".repeat(MANY)),
        "'a' ".repeat(MANY),
        format!("if a: pass\n{}", "elif b: c\n".repeat(MANY)),
        format!("x = [{}]", "(1, -2), ".repeat(MANY)),
        format!("{}1", "a = ".repeat(MANY)),
        format!("{}def f(): pass", "@a\n".repeat(MANY)),
        format!("with (a{}) as b, c: pass", ".b".repeat(MANY)),
    ];
    for text in cases {
        let (exprs, problems) = parse(&text);
        assert_eq!(problems, [], "{}", text.get(..40).unwrap_or_default());
        assert!(exprs >= 1);
    }
}

#[test]
fn a_line_that_nests_too_deep_is_left_out_and_the_rest_is_read() {
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(MANY), close.repeat(MANY));
    let cases = [
        nested("(", ")"),
        nested("[", "]"),
        nested("{1:", "}"),
        nested("f(", ")"),
        nested("-", ""),
        nested("not ", ""),
        nested("lambda: ", ""),
        nested("lambda a, b: ", ""),
        nested("x ** ", ""),
        nested("await ", ""),
        nested("f'{", "}'"),
        nested("(lambda: ", ")()"),
        nested("if a: ", ""),
        format!("match x:\n case {}{}: pass", "[".repeat(MANY), "]".repeat(MANY)),
        format!("x: {}1{}", "(".repeat(MANY), ")".repeat(MANY)),
        format!("def f(a={}1{}): pass", "(".repeat(MANY), ")".repeat(MANY)),
    ];
    for deep in cases {
        let text = format!("before()\n{deep}\nafter()\n");
        let (exprs, problems) = parse(&text);
        assert!(problems.contains(&GapKind::Nesting), "{problems:?} {}", deep.get(..20).unwrap_or_default());
        assert!((4..20).contains(&exprs), "{exprs} {}", deep.get(..20).unwrap_or_default());
    }
}

#[test]
fn blocks_nest_to_a_budget() {
    let blocks = |depth: usize| (0..depth).map(|at| format!("{}if a:\n", " ".repeat(at))).collect::<String>();
    assert_eq!(parse(&format!("{}{}b\n", blocks(200), " ".repeat(200))).1, []);
    assert_eq!(parse(&format!("{}{}b\nc\n", blocks(3_000), " ".repeat(3_000))).1, [GapKind::Nesting]);
}

#[test]
fn unclosed_and_unpaired_texts_end() {
    let cases = [
        "(".repeat(MANY),
        ")".repeat(MANY),
        "f(\n".repeat(MANY),
        "'''".repeat(MANY + 1),
        "f'{".repeat(MANY),
        "f'{x:".repeat(MANY),
        "`".repeat(MANY),
        "`".repeat(MANY + 1),
        "lambda (".repeat(MANY),
        "print ".repeat(MANY),
        "exec (".repeat(MANY),
        "exec a in ".repeat(MANY),
        "print x\n".repeat(MANY),
        "raise a, ".repeat(MANY),
        format!("def f{}", "(a, ".repeat(MANY)),
        "async ".repeat(MANY),
        "\\\n".repeat(MANY),
        "\t \n".repeat(MANY),
        "if a:\n\tb\n        c\n".repeat(MANY / 10),
        "else: elif except ".repeat(MANY),
        "\u{feff}\0\u{202e}".repeat(MANY),
        "?!%".repeat(MANY),
        "with (a,\n".repeat(MANY / 10),
        "match (a,\n".repeat(MANY / 10),
        "case ".repeat(MANY),
    ];
    for text in cases {
        parse(&text);
    }
}

#[test]
fn a_text_of_too_many_tokens_is_read_as_far_as_memory_allows_and_the_rest_is_told() {
    let (exprs, problems) = parse(&"a = 1\n".repeat(300_000));
    assert_eq!(problems, [GapKind::AnalysisBudget]);
    assert!(exprs > 300_000, "{exprs}");
    // Nor is a block whose head is the last of it an error of the text.
    let (_, problems) = parse(&format!("{}def f():\n    b = 1\n", "a = 1\n".repeat(749_993 / 4)));
    assert_eq!(problems, [GapKind::AnalysisBudget]);
}
