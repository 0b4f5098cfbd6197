//! What a seeded generator draws is known to whoever reads the seed.

mod common;

use common::{calls, event};
use venin_model::{OriginKind, Role};

#[test]
fn numbers_choices_and_orders_are_those_of_cpython() {
    // The right column is what CPython 3 prints.
    for (draws, printed) in [
        (
            "random.seed(7); x = [random.getrandbits(32), random.getrandbits(5), random.getrandbits(70)]",
            "[1390851128, 30, 763599714986210757943]",
        ),
        (
            "random.seed(0); x = [random.randint(1, 100000) for _ in range(5)]",
            "[50495, 99347, 55126, 5307, 33937]",
        ),
        (
            "random.seed(-7); x = [random.randint(-3, 3) for _ in range(9)]",
            "[-1, -2, 0, 2, -3, -3, 3, 1, -3]",
        ),
        (
            "random.seed(2**40 + 1); x = [random.randrange(10), random.randrange(5, 50, 7), random.randrange(9, -9, -2)]",
            "[2, 5, -7]",
        ),
        (
            "random.seed('key'); x = [random.random(), random.uniform(1, 3)]",
            "[0.8658723649500298, 2.8046397757388686]",
        ),
        ("random.seed(b'key'); x = random.randbytes(9)", "b'\\xaf\\xcf\\xa9\\xdda\\xb2\\xc3\\x8f\\xe6'"),
        ("random.seed(True); x = random.choice('abcdefghij') + random.choice(['x', 'y', 'z'])", "'cz'"),
        ("random.seed(3); x = list(range(12)); random.shuffle(x)", "[1, 7, 10, 0, 6, 11, 4, 5, 2, 8, 9, 3]"),
        ("random.seed(3); x = random.sample(range(10), 4)", "[3, 8, 2, 7]"),
        (
            "random.seed(3); x = random.sample('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 5)",
            "['p', 'L', 'I', 'i', 'x']",
        ),
        ("random.seed(3); x = random.choices('abcd', k=6)", "['a', 'c', 'b', 'c', 'c', 'a']"),
        ("g = random.Random(11); x = [g.randint(0, 255) for _ in range(6)]", "[231, 238, 231, 97, 94, 243]"),
        (
            "from random import Random, seed, randint; seed(a=5); x = [randint(a=1, b=6), Random(5).randint(1, 6)]",
            "[5, 5]",
        ),
    ] {
        let source = format!("import random\n{draws}\nexec(repr(x))\n");
        assert_eq!(event(&source, "exec").text(Role::Code), Some(printed), "{draws}");
    }
}

#[test]
fn a_generator_that_nobody_seeds_or_that_the_clock_seeds_draws_nothing_known() {
    for draws in [
        "x = random.randint(1, 9)",
        "random.seed(); x = random.randint(1, 9)",
        "import time; random.seed(time.time()); x = random.randint(1, 9)",
        "random.seed(7); random.gauss(0, 1); random.seed(input()); x = random.random()",
        "random.seed(7); random.randint(low(), 9); x = random.randint(1, 9)",
    ] {
        let source = format!("import random\n{draws}\nexec(repr(x))\n");
        let code = event(&source, "exec");
        assert!(
            code.text(Role::Code).is_none_or(|text| text.contains('⟨')),
            "{draws}: {:?}",
            code.text(Role::Code)
        );
    }
}

#[test]
fn code_that_is_masked_with_drawn_numbers_is_opened() {
    let text = "print('inert')";
    let drawn = [187, 84, 170, 196, 184, 157, 200, 104, 186, 55, 217, 204, 33, 178];
    let masked: Vec<String> =
        text.bytes().zip(drawn).map(|(byte, mask)| (u32::from(byte) ^ mask).to_string()).collect();
    let source = format!(
        "import random\nrandom.seed(1337)\nexec(bytes(n ^ random.randint(0, 255) for n in [{}]))\n",
        masked.join(", ")
    );
    let code = event(&source, "exec");
    assert_eq!(code.text(Role::Code), Some(text));
    assert_eq!(calls(&source), ["exec"]);
    assert!(code.argument(Role::Code).is_some_and(|a| a.origins.kinds.contains(OriginKind::Literal)));
}

#[test]
fn a_name_put_among_the_built_in_functions_is_found_everywhere() {
    for how in [
        "setattr(__builtins__, '___', exec)",
        "import builtins; builtins.___ = exec",
        "__builtins__.__dict__['___'] = exec",
    ] {
        assert_eq!(
            event(&format!("{how}\n___('print(1)')\n"), "exec").text(Role::Code),
            Some("print(1)"),
            "{how}"
        );
    }
}

#[test]
fn words_of_a_long_text_that_are_asked_one_by_one_are_all_found() {
    let text = "print('inert')  ".repeat(40);
    let numbers: Vec<String> = text.bytes().map(|byte| (u32::from(byte) * 3).to_string()).collect();
    let source = format!(
        "t = '{}'\nexec(''.join(chr(int(t.split()[i]) // 3) for i in range(len(t.split()))))\n",
        numbers.join(" ")
    );
    assert_eq!(event(&source, "exec").text(Role::Code), Some(text.as_str()));
    let source =
        "t = 'a ' * 400 + 'print(1)'\nexec(t.split()[-1])\nexec(t.split()[9999])\nexec(t.split()[len(t):])\n";
    assert_eq!(event(source, "exec").text(Role::Code), Some("print(1)"));
}
