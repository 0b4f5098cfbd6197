//! No input makes a reader panic, and work stays in proportion to the input.

use proptest::prelude::*;
use venin_package::{
    Command, Dialect, MemberEntry, MemberText, member_triggers, parse_command_line, parse_file_name,
    parse_metadata, parse_requirement, parse_script, read_native, read_operations, read_package,
    read_program_source,
};

const DIALECTS: [Dialect; 4] = [Dialect::Sh, Dialect::Cmd, Dialect::PowerShell, Dialect::Guess];

fn run_all(text: &str) {
    for dialect in DIALECTS {
        let commands = parse_command_line(text, dialect);
        let operations = read_operations(&commands);
        for (at, operation) in operations.iter().enumerate() {
            assert!(operation.inputs.iter().all(|input| *input < at), "inputs come earlier");
            assert!(operation.command < commands.len());
        }
    }
}

/// Pieces that steer the shell readers into their corners.
fn shell_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("$("),
        Just("`"),
        Just(")"),
        Just("("),
        Just("{"),
        Just("}"),
        Just("\""),
        Just("'"),
        Just("|"),
        Just("&"),
        Just(";"),
        Just("\n"),
        Just(" "),
        Just("<<E\n"),
        Just("E\n"),
        Just("<("),
        Just(">"),
        Just("2>&1"),
        Just("$x"),
        Just("x=$x$x"),
        Just("%a%"),
        Just("set a=%a%%a%"),
        Just("!a!"),
        Just("^"),
        Just("${x:1:2}"),
        Just("$'\\x41"),
        Just("curl http://h.example"),
        Just("bash -c "),
        Just("powershell -enc "),
        Just("echo YQ== | base64 -d | sh"),
        Just("iex "),
        Just(".Replace('a','aa')"),
        Just("[char]"),
        Just("-f "),
        Just("{0}"),
        Just("@'\n"),
        Just("\n'@"),
        Just("if "),
        Just("for "),
        Just("in "),
        Just("do "),
        Just("case "),
        Just("esac"),
        Just("cmd /c "),
        Just("sudo "),
        Just("é⟨x⟩"),
        Just("\\"),
        Just("start /b "),
        Just("> /dev/tcp/h/1"),
        Just("$a="),
        Just("eval "),
        Just("<#"),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Pieces that steer the readers of C and Rust into their corners.
fn program_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "system(",
        "popen(\"",
        "execv(\"/bin/sh\", words)",
        "PyRun_SimpleString(",
        "Command::new(",
        ".args([",
        "])",
        "words[] = {\"a\", ",
        "NULL};",
        "snprintf(line, 9, \"%s%d%%\", ",
        "strcat(line, ",
        "let mut c = ",
        "c.arg(&v)",
        "for (k, v) in env::vars() {",
        "env::var(\"A\")",
        "format!(\"{v}{}\", ",
        "concat!(",
        "fn main() {",
        "f(void) {",
        "PyMODINIT_FUNC PyInit_x(void) {",
        "__attribute__((constructor))",
        "}",
        ")",
        "(",
        ";",
        "=",
        ",",
        "\"",
        "'",
        "\\",
        "r#\"",
        "\"#",
        "R\"x(",
        ")x\"",
        "/*",
        "*/",
        "//",
        "\n",
        "#define A \"b\" \\\n",
        "A",
        "line",
        "é⟨x⟩",
        "pthread_create",
    ]);
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn readers_of_programs_never_panic_and_name_inputs_that_come_earlier(text in program_text()) {
        for path in ["a.c", "build.rs", "a.py"] {
            for part in read_program_source(path, &text).unwrap_or_default().parts {
                for (at, operation) in part.operations.iter().enumerate() {
                    prop_assert!(operation.inputs.iter().all(|input| *input < at), "inputs come earlier");
                    prop_assert!(operation.line as usize <= text.matches('\n').count() + 1);
                }
            }
        }
    }

    #[test]
    fn shell_readers_never_panic_on_shell_like_text(text in shell_text()) {
        run_all(&text);
    }

    #[test]
    fn shell_readers_never_panic_on_any_text(text in "\\PC{0,200}") {
        run_all(&text);
        let _ = parse_script("x.sh", &text);
    }

    #[test]
    fn metadata_readers_never_panic_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_metadata(&bytes);
        let _ = read_native("x.so", &bytes);
        for magic in [&b"\x7fELF\x02\x01\x01"[..], b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"] {
            let _ = read_native("x.so", &[magic, &bytes].concat());
        }
        let names = ["a-1/PKG-INFO", "a-1/pyproject.toml", "a-1/setup.cfg", "a-1/a.egg-info/requires.txt", "a-1/x.pth", "a-1/requirements.txt"];
        let members: Vec<MemberEntry> =
            names.iter().map(|n| MemberEntry { path: (*n).into(), size: 1, sha256: Some([0; 32]) }).collect();
        let texts: Vec<MemberText<'_>> = names.iter().map(|n| MemberText { path: n, bytes: &bytes }).collect();
        let package = read_package("a-1.tar.gz", &members, &texts);
        let _ = member_triggers(&package, &|_| vec!["a".to_owned(), "..x".to_owned(), String::new()]);
    }

    #[test]
    fn layouts_never_panic_on_any_paths(paths in proptest::collection::vec("[a.!/_]{0,6}(\\.dist-info/|\\.egg-info/|\\.data/|/)?(METADATA|RECORD|setup\\.py|__init__\\.py|x\\.pth|a\\.so)?", 0..12)) {
        let members: Vec<MemberEntry> =
            paths.iter().map(|p| MemberEntry { path: p.as_str().into(), size: 1, sha256: None }).collect();
        let texts: Vec<MemberText<'_>> =
            paths.iter().map(|p| MemberText { path: p, bytes: b"a,sha256=x,1\nName: a\n\nimport a\n" }).collect();
        for name in ["a-1-py3-none-any.whl", "tree", "a.tar.gz"] {
            let package = read_package(name, &members, &texts);
            let triggers = member_triggers(&package, &|_| vec!["a._".to_owned()]);
            prop_assert!(members.iter().all(|m| triggers.get(&m.path).is_some_and(|t| t.first().is_some())));
        }
    }

    #[test]
    fn small_readers_never_panic(text in "\\PC{0,80}") {
        let _ = parse_requirement(&text);
        let _ = parse_file_name(&text);
        let _ = parse_file_name(&format!("{text}-py3-none-any.whl"));
    }
}

#[test]
fn long_repetitions_are_read_in_bounded_time() {
    let pieces = [
        "$(",
        "`",
        "((",
        "{",
        "sudo ",
        "bash -c '",
        "x=$x$x;",
        "echo a | ",
        "set a=%a%%a%\n",
        "'a'.Replace('a','aa')+",
        "\"{0}\" -f 'x' ",
        "$a=$a+$a;",
        "<<E\n",
        "if ",
        "case x in ",
        "iex (",
        "@'",
        "for %i in (",
        "%a",
        "!a",
        "curl -d @f ",
        "a=b ",
        ".Replace('a','b')",
        "\\",
        "^",
        "[",
        "$x.",
        "> f ",
        "-i --",
    ];
    for piece in pieces {
        let text = piece.repeat(40_000 / piece.len());
        run_all(&text);
    }
    // Variables that double each other would grow without end.
    run_all(&format!("x='{}'; {}", "a".repeat(1_000), "y=$x$x; x=$y; ".repeat(1_000)));
}

#[test]
fn holes_that_never_close_are_looked_for_once_a_line() {
    run_all(&"⟨".repeat(400_000));
    run_all(&"⟨⟨⟩".repeat(100_000));
    let commands = parse_command_line("echo ⟨ ⟨⟨f (a)⟩ b⟩ ⟨c d⟩\necho ⟨e f⟩", Dialect::Sh);
    let words: Vec<&[String]> = commands.iter().map(Command::arguments).collect();
    assert_eq!(words, [&["⟨", "⟨⟨f (a)⟩ b⟩", "⟨c d⟩"][..], &["⟨e f⟩"]]);
}

#[test]
fn deep_nesting_is_cut_and_said() {
    let text = format!("{}whoami{}", "$(".repeat(10_000), ")".repeat(10_000));
    let reading = parse_script("x.sh", &text).unwrap();
    assert_eq!(reading.gaps.len(), 1);
    let quoted = (0..12).fold("whoami".to_owned(), |inner, _| {
        format!("bash -c {}", inner.replace('\\', "\\\\").replace(' ', "\\ "))
    });
    assert!(parse_script("x.sh", &quoted).is_some());
}

#[test]
fn many_members_are_read_in_seconds() {
    let members: Vec<MemberEntry> = (0..20_000)
        .map(|n| MemberEntry {
            path: format!("a-1/p{}/q{}/m{n}.py", n % 100, n % 1_000).into(),
            size: 1,
            sha256: None,
        })
        .collect();
    let package = read_package("a-1.tar.gz", &members, &[]);
    let triggers = member_triggers(&package, &|_| Vec::new());
    assert_eq!(triggers.len(), members.len());
}
