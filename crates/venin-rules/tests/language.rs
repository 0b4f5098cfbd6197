//! The notation itself: what is printed reads back, and nothing makes the reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;
use venin_rules::parse_page;
use venin_rules::pattern::{Pattern, parse_pattern};

#[test]
fn patterns_print_in_canonical_form() {
    let printed = |source: &str| parse_pattern(source).unwrap().to_string();
    assert_eq!(printed("Cr( IP , Port )->Cr"), "S -> Cr(host, port) -> Cr -> E");
    assert_eq!(printed("compile # a comment\n -> [Cc]"), "S -> Compile -> [Cc] -> E");
    assert_eq!(
        printed("(Cn(url)|Cs):a & a(automatic) & fact(x.*)(n > 1.5)"),
        "S -> (Cn(url) | Cs):a -> E & a(automatic) & fact(x.*)(n > 1.5)"
    );
}

/// Source text of patterns that are well formed by construction.
fn pattern_source() -> impl Strategy<Value = String> {
    let chain = vec(link(), 1..4).prop_map(|links| links.join(" -> "));
    (step(), vec(chain, 0..3), vec(exclusion(), 0..2)).prop_map(|(first, more, unless)| {
        let mut source = format!("{first}:first");
        for chain in more {
            source.push_str(" & ");
            source.push_str(&chain);
        }
        for chain in unless {
            source.push_str(" unless ");
            source.push_str(&chain);
        }
        source
    })
}

fn exclusion() -> impl Strategy<Value = String> {
    prop_oneof![
        step(),
        Just("fact(a.b)(c = \"d\", not e ~ /f/)".to_owned()),
        Just("first(automatic) unless Cf(path is first):f -> Cs(data from (f, env))".to_owned())
    ]
}

fn link() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => step(),
        1 => vec(step(), 1..3).prop_map(|steps| format!("[{}]", steps.join(" -> "))),
    ]
}

fn step() -> impl Strategy<Value = String> {
    let one = choice();
    let several = (vec(choice(), 1..4), proptest::option::of(tests())).prop_map(|(choices, test)| {
        let test = test.map(|t| format!("({t})")).unwrap_or_default();
        format!("({}){test}", choices.join(" | "))
    });
    let repeat = prop_oneof![
        4 => Just(""), 1 => Just("{3}"), 1 => Just("{2, distinct name}"), 1 => Just("{16,distinct NAME}"), 1 => Just("{1, distinct key}")
    ];
    (prop_oneof![2 => one, 1 => several], repeat).prop_map(|(step, repeat)| format!("{step}{repeat}"))
}

fn choice() -> impl Strategy<Value = String> {
    let selectors = ["Cn", "Cn.fetch", "Cf.registry-write", "compile", "Cc.exec", "`os.*`", "`a.{b,c}()[]`"];
    (proptest::sample::select(selectors.to_vec()), proptest::option::of(tests()))
        .prop_map(|(selector, test)| test.map_or_else(|| selector.to_owned(), |t| format!("{selector}({t})")))
}

fn tests() -> impl Strategy<Value = String> {
    let atoms = [
        "url",
        "URL",
        "IP",
        "any ~ /a\\/[b\\\\]\"c/is",
        "path is temp | startup",
        "data from network",
        "data from (env, host)",
        "input from decoded",
        "option[shell] = \"Tr\\\"ue\\n\"",
        "url in @messengers",
        "code.size >= 1000",
        "port != 80",
        "seconds > 1.25",
        "trigger in (install, run)",
        "trigger = build",
        "automatic",
        "unused",
        "site",
        "site ~ /x/",
        "layer > 0",
        "when platform",
        "when subject ~ /x/",
        "when value in @a-b",
        "when = \"a = b\"",
        "function",
        "decoded by ~ /z/",
        "call = \"x\"",
        "any.size < 3",
    ];
    let leaf = proptest::sample::select(atoms.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(4, 16, 3, |inner| {
        let joined = |sign: &'static str| {
            vec(inner.clone(), 1..4).prop_map(move |all| format!("({})", all.join(sign))).boxed()
        };
        Union::new([
            joined(", "),
            joined(" or "),
            inner.clone().prop_map(|t| format!("not ({t})")).boxed(),
            inner.clone().prop_map(|t| format!("not not {t}")).boxed(),
        ])
    })
}

/// Text that looks like a pattern, and is none.
fn noise() -> impl Strategy<Value = String> {
    let pieces = [
        "S", "->", "E", "Cn", ".fetch", "(", ")", "[", "]", "{", "}", "3", ",", "distinct", "name", ":", "a",
        "|", "&", "unless", "fact", "fact(", "`", "/", "~", "=", "\"", "\\", "is", "from", "in", "@", "not",
        "or", "url", "#", "\n", "⟨", "when", "trigger", "any", "-", "\0",
    ];
    vec(proptest::sample::select(pieces.to_vec()), 0..40).prop_map(|p| p.join(" "))
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_to_the_same(source in pattern_source()) {
        let pattern: Pattern = parse_pattern(&source).map_err(|d| TestCaseError::fail(format!("{source}: {d:?}")))?;
        let printed = pattern.to_string();
        let again = parse_pattern(&printed).map_err(|d| TestCaseError::fail(format!("{printed}: {d:?}")))?;
        prop_assert_eq!(&again, &pattern, "{}", printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn no_text_makes_the_reader_panic(source in noise(), any in "\\PC{0,60}") {
        let _ = parse_pattern(&source);
        let _ = parse_pattern(&any);
        let page = format!("+++\nid = \"x\"\n+++\n```pattern\n{source}\n```\n{any}");
        let _ = parse_page("x.md", &page);
        let _ = parse_page("x.md", &any);
    }

    #[test]
    fn a_page_with_any_body_is_read_or_refused(body in "(#{1,3} [A-Za-z]{0,8}|```[a-z]{0,6}|Examples|[a-z =]{0,8}|\\n){0,30}", source in pattern_source()) {
        let front = "id = \"x\"\ntitle = \"t\"\ntechnique = \"decoy\"\nseverity = \"low\"\nconfidence = \"low\"\nweight = 1.0\nsince = \"0.1\"";
        if let Ok(page) = parse_page("x.md", &format!("+++\n{front}\n+++\n```pattern\n{source}\n```\n{body}")) {
            let _ = page.parse_examples();
        }
    }
}
