//! Claims about the ways to execute one constant text: each of them opens it as a layer where it is called.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::events_of;
use venin_model::Trigger;

/// The text that is executed, as the name `F`.
const TEXT: &str = "F = \"import os;os.system('echo')\"\n";

/// Asserts that each source executes the text when it is imported.
#[track_caller]
fn assert_all_open(sources: &[&str]) {
    let lost: Vec<&&str> = sources.iter().filter(|source| !is_opened(source)).collect();
    assert!(lost.is_empty(), "lost: {lost:#?}");
}

fn is_opened(source: &str) -> bool {
    let opens =
        |e: &venin_model::Event| &*e.name == "os.system" && e.site.layer == 1 && e.trigger == Trigger::Import;
    events_of(&format!("{TEXT}{source}\n")).iter().any(opens)
}

#[test]
fn consoles_profilers_and_interpreters_execute_text() {
    assert_all_open(&[
        "import code\ncode.InteractiveInterpreter().runsource(F, symbol='exec')",
        "import code\ncode.InteractiveConsole().push(F)",
        "import code\ncode.InteractiveInterpreter().runcode(compile(F, '', 'exec'))",
        "import ctypes\nctypes.pythonapi.PyRun_SimpleString(F.encode())",
        "import ctypes\nctypes.pythonapi.PyRun_SimpleString(ctypes.c_char_p(F.encode()))",
        "import ctypes\nctypes.PyDLL(None).PyRun_SimpleString(F.encode())",
        "import cProfile\ncProfile.Profile().runctx(F, {}, {})",
        "import pdb\npdb.Pdb().run(statement=F)",
        "import _xxsubinterpreters as s\ns.run_string(s.create(), F)",
        "from concurrent import interpreters\ninterpreters.create().exec(F)",
        "import codeop\nexec(codeop.compile_command(F, symbol='exec'))",
        "import codeop\nexec(codeop.CommandCompiler()(F))",
        "import importlib.machinery as m\nexec(m.SourceFileLoader('a', 'b').source_to_code(F, 'x'))",
        "import ast\nexec(compile(ast.parse(F), '', 'exec'))",
        "import ast\nexec(ast.unparse(ast.fix_missing_locations(ast.parse(F))))",
        "import numpy.testing\nnumpy.testing.runstring(F, {})",
    ]);
}

#[test]
fn text_that_is_only_held_opens_nothing() {
    for source in ["", "print(F)", "import ast\nast.parse(F)", "import codeop\ncodeop.compile_command(F)"] {
        assert!(!is_opened(source), "{source}");
    }
}

#[test]
fn text_that_was_filled_in_counts_as_decoded_at_every_door() {
    let bytes: Vec<String> = "import os;os.system('echo')".bytes().map(|b| (b ^ 29).to_string()).collect();
    let fill = format!("b = bytearray()\nfor v in ({}):\n    b.append(v ^ 29)\n", bytes.join(", "));
    for door in ["import ctypes\nctypes.pythonapi.PyRun_SimpleString(bytes(b))", "exec(bytes(b))"] {
        let events = events_of(&format!("{fill}{door}\n"));
        assert!(events.iter().any(|e| &*e.name == "os.system" && e.site.layer == 1), "{door}");
        let executes =
            |e: &&venin_model::Event| e.class.family == venin_model::Family::Cc && e.site.layer == 0;
        let kinds = events.iter().find(executes).map(|e| e.input.kinds);
        assert!(kinds.is_some_and(|k| k.contains(venin_model::OriginKind::Decoded)), "{door}: {kinds:?}");
    }
}
