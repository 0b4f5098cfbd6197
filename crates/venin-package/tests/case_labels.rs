//! The labels of a `case` are no commands, and the commands of every branch are read.

use venin_package::{Dialect, parse_command_line, read_operations};

const A: &str = "curl http://h.example/a";
const B: &str = "curl http://h.example/b";

/// What a text calls, each call with where it fetches from.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let operations = read_operations(&parse_command_line(text, Dialect::Sh));
    let show = |name: &str, texts: &[&str]| format!("{} {}", name.trim_start_matches("sh:"), texts.join(" "));
    let found: Vec<String> = operations
        .iter()
        .map(|o| show(&o.name, &o.arguments.iter().map(|(_, text)| &**text).collect::<Vec<_>>()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn patterns_of_a_case_are_no_commands_and_every_branch_is_read() {
    for text in [
        format!(
            "while [ $# -gt 0 ]; do\n  case \"$1\" in\n    -p|--python)\n      {A}\n      shift ;;\n    *) {B} ;;\n  esac\ndone"
        ),
        format!("case $1 in -p|--python) {A};; (rm|sh) {B};; esac"),
        format!("case $1 in (rm) {A} ;& sh ) {B} ;;& python | perl ) ;; esac"),
        format!("case $1 in\n# all of them\n@(rm|sh)|\"a b\"|'x)') {A};;\n[a-z]*) {B}\nesac"),
        format!("case $1\nin\nrm) case $2 in sh) {A};; esac;; python) {B};; esac"),
        format!("f() {{ case $1 in rm) {A};; esac; }}\n(case $1 in sh) {B};; esac)"),
        format!("if true; then case $1 in rm) {A} ; esac; fi\ncase x in esac\n{B}"),
        format!("x=$(case $1 in rm) {A};; sh) {B};; esac)"),
        format!("case $({A}) in rm|sh) {B} ;; esac"),
        format!("case $1 in rm) {A} <<EOF ;;\nsh)\nEOF\nsh) {B};; esac"),
    ] {
        check(&text, &[A, B]);
    }
}

#[test]
fn what_only_looks_like_a_case_hides_no_command() {
    check(&format!("case x\n{A}"), &[A]);
    check(&format!("case $1 in\n{A}\nesac"), &[A]);
    check(&format!("case $1 in a) true;;\n{A};;"), &[A]);
    check(&format!("(echo x;; {A})"), &[A]);
}
