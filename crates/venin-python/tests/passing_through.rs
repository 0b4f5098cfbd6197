//! Claims about values that pass through a construct of Python: what comes out is what went in.
//!
//! Each construct is given the environment, an answer from the network, a function and a known text.  `V` stands for what is put in.

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
    let sent = |value: &str, kind: OriginKind| {
        let events = with(value, "requests.post('https://a.invalid', data=PASSED)");
        let posts = events.iter().filter(|event| &*event.name == "requests.post");
        let mut arguments = posts.flat_map(|event| &event.arguments);
        arguments.any(|argument| argument.role == Role::Data && argument.origins.kinds.contains(kind))
    };
    if !sent("os.environ", OriginKind::Env) {
        lost.push("the environment");
    }
    if !sent("requests.get('https://b.invalid').text", OriginKind::Network) {
        lost.push("an answer");
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
            "import sys\ndef put(v):\n    if sys.flags.debug:\n        sys._x = v\n    else:\n        put.v = v",
            "put(V) or sys._x",
        ),
        (
            "import sys\ndef put(v):\n    if sys.flags.debug:\n        sys._x = v\n    else:\n        put.v = v",
            "put(V) or put.v",
        ),
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
fn ordered_containers_give_back_what_is_put_in() {
    assert_bodies_pass(&[
        "import heapq\nh = []\nheapq.heappush(h, (0, v))\nreturn heapq.heappop(h)[1]",
        "import heapq\nh = [(0, v)]\nheapq.heapify(h)\nreturn heapq.heappop(h)[1]",
        "import heapq\nh = [(1, v)]\nheapq.heappush(h, (0, 'x'))\nheapq.heappop(h)\nreturn heapq.heappop(h)[1]",
        "import heapq\nh = [(0, v)]\nreturn heapq.heapreplace(h, (1, 0))[1]",
        "import heapq\nh = [(0, v)]\nreturn heapq.heappushpop(h, (1, 0))[1]",
        "import heapq\nh = []\nreturn heapq.heappushpop(h, (1, v))[1]",
        "import heapq\nreturn heapq.nsmallest(1, [(0, v)])[0][1]",
        "import heapq\nreturn heapq.nlargest(1, [(0, v)])[0][1]",
        "import heapq\nreturn list(heapq.merge([(0, v)], []))[0][1]",
        "import queue\nq = queue.PriorityQueue()\nq.put((0, v))\nreturn q.get()[1]",
        "import queue\nq = queue.Queue()\nq.put(v)\nreturn q.get()",
        "import queue\nq = queue.LifoQueue()\nq.put_nowait(v)\nreturn q.get_nowait()",
        "import queue\nq = queue.SimpleQueue()\nq.put(v)\nreturn q.get()",
        "import bisect\na = []\nbisect.insort(a, (0, v))\nreturn a[0][1]",
        "import bisect\na = [(0, v)]\nbisect.insort_left(a, (1, 0))\nreturn a[0][1]",
    ]);
}

#[test]
fn match_statements_bind_the_parts_of_the_subject() {
    assert_bodies_pass(&[
        "match [v]:\n    case [x]:\n        return x",
        "match v:\n    case x:\n        return x",
        "match {'k': v, 'z': 1}:\n    case {'k': x}:\n        return x",
        "match {'k': v, 'z': 1}:\n    case {'z': 1, **rest}:\n        return rest['k']",
        "match {'k': [1, v]}:\n    case {'k': [_, x]}:\n        return x",
        "class C:\n    __match_args__ = ('a',)\n    def __init__(self, a): self.a = a\n---\nmatch C(v):\n    case C(a):\n        return a",
        "class C:\n    def __init__(self, a): self.a = a\n---\nmatch C(v):\n    case C(a=x):\n        return x",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    a: object\n---\nmatch C(v):\n    case C(x):\n        return x",
        "import typing\nclass C(typing.NamedTuple):\n    a: object\n---\nmatch C(v):\n    case C(x):\n        return x",
        "match (1, v, 2):\n    case (a, *rest):\n        return rest[0]",
        "match (1, v, 2):\n    case (_, *rest, _):\n        return rest[0]",
        "match (1, 2, v):\n    case (*_, x):\n        return x",
        "match [v]:\n    case [object() as x]:\n        return x",
        "match [1, v]:\n    case [2, x] | [1, x]:\n        return x",
        "match [v]:\n    case [x] if x:\n        return x",
        "match [v]:\n    case [1, 2]:\n        return 0\n    case [x] as y:\n        return y[0]",
        "match [v]:\n    case {'k': x}:\n        return 0\n    case int():\n        return 1\n    case [x]:\n        return x",
        "class A: pass\nclass B(A):\n    def __init__(self, a): self.a = a\nclass C(B): pass\n---\nmatch C(v):\n    case str():\n        return 0\n    case A(a=x):\n        return x",
        "match ('set', v):\n    case ('get', x):\n        return 0\n    case ('set', x):\n        return x",
    ]);
}

#[test]
fn a_case_that_the_subject_rules_out_is_looked_at_as_code_that_nothing_runs() {
    let source = "\
import os
match ['echo a']:
    case [first, second]:
        os.system('echo b')
    case {'k': first}:
        os.popen('echo c')
    case [first]:
        os.execv('/bin/echo', [first])
    case _:
        os.spawnv(os.P_WAIT, '/bin/echo', ['d'])
";
    let triggers: Vec<(String, Trigger)> =
        events_of(source).iter().map(|event| (event.name.to_string(), event.trigger)).collect();
    for (name, trigger) in [
        ("os.system", Trigger::Run),
        ("os.popen", Trigger::Run),
        ("os.execv", Trigger::Import),
        ("os.spawnv", Trigger::Run),
    ] {
        assert!(triggers.contains(&(name.to_owned(), trigger)), "{name}: {triggers:?}");
    }
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
fn evaluated_text_sees_the_names_around_it() {
    assert_bodies_pass(&[
        "return eval('v')",
        "return eval('v', {'v': v})",
        "return eval('w', {}, {'w': v})",
        "ns = {'v': v}\nexec('r = v', ns)\nreturn ns['r']",
        "ns = {}\nexec('r = v', {'v': v}, ns)\nreturn ns['r']",
        "ns = {'v': v}\nexec('r = v', ns)\nreturn ns.get('r')",
        "return locals()['v']",
        "return locals().get('v')",
        "return vars()['v']",
        "return eval('(lambda x: x)(v)')",
        "def inner():\n    v\n    return eval('v')\nreturn inner()",
        "d = dict(locals())\nreturn d['v']",
    ]);
}

#[test]
fn the_same_short_text_is_evaluated_wherever_it_stands() {
    let makers: String = (0..9).map(|n| format!("def make_{n}(v):\n    return eval('v')\n")).collect();
    let passed = (0..9).fold("V".to_owned(), |inner, n| format!("make_{n}({inner})"));
    assert_pass(&[(&makers, &passed)]);
}

#[test]
fn futures_hold_what_they_are_given() {
    assert_bodies_pass(&[
        "from concurrent.futures import Future\n---\nf = Future()\nf.set_result(v)\nreturn f.result()",
        "import concurrent.futures\ndef make(v):\n    f = concurrent.futures.Future()\n    f.set_result(v)\n    return f\n---\nreturn make(v).result()",
        "import asyncio\nf = asyncio.Future()\nf.set_result(v)\nreturn f.result()",
        "import asyncio\n---\nf = asyncio.get_event_loop().create_future()\nf.set_result(v)\nreturn f.result()",
        "import asyncio\nasync def run(v):\n    f = asyncio.Future()\n    f.set_result(v)\n    return await f\n---\nreturn asyncio.run(run(v))",
        "from concurrent.futures import Future\n---\nr = []\nf = Future()\nf.add_done_callback(lambda f: r.append(f.result()))\nf.set_result(v)\nreturn r[0]",
        "from concurrent.futures import Future\n---\nr = []\nf = Future()\nf.set_result(v)\nf.add_done_callback(lambda f: r.append(f.result()))\nreturn r[0]",
    ]);
}

#[test]
fn contexts_give_what_they_are_made_with() {
    assert_bodies_pass(&[
        "import contextlib\nwith contextlib.nullcontext(v) as x:\n    return x",
        "import contextlib\nclass C:\n    def __init__(self, v): self.v = v\n    def __enter__(self): return self.v\n    def __exit__(self, *a): return False\n---\nwith contextlib.ExitStack() as stack:\n    return stack.enter_context(C(v))",
        "import contextlib\nwith contextlib.ExitStack() as stack:\n    return stack.enter_context(contextlib.nullcontext(v))",
        "import contextlib\n@contextlib.contextmanager\ndef cm(v):\n    yield v\n---\nwith contextlib.ExitStack() as stack:\n    x = stack.enter_context(cm(v))\n    return x",
        "import contextlib\n@contextlib.contextmanager\ndef cm(v):\n    yield v\n---\nwith cm(v) as x:\n    return x",
        "class C:\n    def __init__(self, v): self.v = v\n    def __enter__(self): return self.v\n    def __exit__(self, *a): return False\n---\nwith C(v) as x:\n    return x",
        "import contextlib\nclass C(contextlib.ContextDecorator):\n    def __enter__(self): return self\n    def __exit__(self, *a): return False\n---\nC.v = v\nwith C() as x:\n    return x.v",
    ]);
}

#[test]
fn what_closes_an_answer_gives_the_answer() {
    let source = "\
import contextlib, urllib.request
with contextlib.closing(urllib.request.urlopen('https://a.invalid')) as answer:
    exec(answer.read())
";
    let executed = events_of(source).into_iter().find(|event| &*event.name == "exec");
    assert!(executed.is_some_and(|event| event.input.kinds.contains(OriginKind::Network)));
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

#[test]
fn orders_folds_and_copies_give_the_elements() {
    assert_pass(&[
        ("", "sorted([V], key=id)[0]"),
        ("", "sorted([V])[0]"),
        ("", "max([V])"),
        ("", "min([V])"),
        ("", "min([V], key=id)"),
        ("import functools", "functools.reduce(lambda a, b: b, [V, V])"),
        ("import functools", "functools.reduce(lambda a, b: b, [None, V])"),
        ("import functools", "functools.reduce(lambda a, b: b, [V], None)"),
        ("import copy", "copy.copy(V)"),
        ("import copy", "copy.deepcopy(V)"),
        ("import copy", "copy.copy([V])[0]"),
        ("import copy", "copy.deepcopy({'a': [V]})['a'][0]"),
        (
            "import copy\nclass C: pass\ndef make(v):\n    c = C()\n    c.v = v\n    return c",
            "copy.copy(make(V)).v",
        ),
    ]);
}

#[test]
fn closures_iterators_and_coroutines_carry_what_they_are_made_with() {
    assert_pass(&[
        ("def make(v): return lambda: v", "make(V)()"),
        ("def pass_on(v):\n    def inner(): return v\n    return inner()", "pass_on(V)"),
        (
            "class B:\n    def __init__(self, v): self._v = v\n    def __iter__(self): yield self._v",
            "next(iter(B(V)))",
        ),
        (
            "class B:\n    def __init__(self, v): self._v = v\n    def __iter__(self): return iter([self._v])",
            "list(B(V))[0]",
        ),
        (
            "class B:\n    def __init__(self, v): self._v = v\n    def __iter__(self): return self\n    def __next__(self): return self._v",
            "next(iter(B(V)))",
        ),
        ("def g1(v):\n    yield v\ndef g2(it):\n    for x in it:\n        yield x", "list(g2(g1(V)))[0]"),
        ("def g1(v):\n    yield v\ndef g2(it):\n    yield from it", "next(g2(g1(V)))"),
        ("import asyncio\nasync def co(v): return v", "asyncio.run(co(V))"),
        ("import asyncio\nasync def co(v): return v", "asyncio.new_event_loop().run_until_complete(co(V))"),
        (
            "import asyncio\nasync def co(v): return v\nasync def main(v): return (await asyncio.gather(co(v)))[0]",
            "asyncio.run(main(V))",
        ),
        (
            "import asyncio\nasync def ag(v):\n    yield v\nasync def main(v):\n    async for x in ag(v):\n        return x",
            "asyncio.run(main(V))",
        ),
    ]);
}

#[test]
fn entries_of_a_parser_are_the_texts_it_is_given() {
    for (setup, expression) in [
        ("cp = configparser.RawConfigParser()\ncp.read_dict({'a': {'k': 'echo b'}})", "cp.get('a', 'k')"),
        ("cp = configparser.RawConfigParser()\ncp.read_dict({'a': {'k': 'echo b'}})", "cp['a']['k']"),
        ("cp = configparser.ConfigParser()\ncp.read_dict({'a': {'k': 'echo b'}})", "cp['a'].get('k')"),
        ("cp = configparser.ConfigParser()\ncp.read_string('[a]\\nk = echo b\\n')", "cp['a']['k']"),
        ("cp = configparser.ConfigParser()\ncp.read_string('[a]\\nk = echo b\\n')", "cp.get('a', 'k')"),
        (
            "cp = configparser.RawConfigParser()\ncp.add_section('a')\ncp.set('a', 'k', 'echo b')",
            "cp.get('a', 'k')",
        ),
        ("cp = configparser.ConfigParser()\ncp['a'] = {'k': 'echo b'}", "cp['a']['k']"),
        ("cp = configparser.ConfigParser()\ncp['a'] = {}\ncp['a']['k'] = 'echo b'", "cp['a']['k']"),
        (
            "cp = configparser.ConfigParser()\ncp.read_dict({'a': {'k': 'echo b'}})",
            "dict(cp.items('a'))['k']",
        ),
    ] {
        let source = format!("import configparser, os\n{setup}\nos.system({expression})\n");
        let commands: Vec<String> = events_of(&source)
            .iter()
            .filter(|event| &*event.name == "os.system")
            .flat_map(|event| event.arguments.iter().filter_map(|argument| argument.value.as_ref()))
            .map(|value| value.text.to_string())
            .collect();
        assert_eq!(commands, ["echo b"], "{source}");
    }
}

/// The names of the calls that a program makes when it is imported, with the first text of their arguments.
fn calls_with_text(source: &str) -> Vec<String> {
    let events = events_of(&format!("import os, sys, requests\n{source}\n"));
    events
        .iter()
        .map(|event| {
            let value = event.arguments.first().and_then(|argument| argument.value.as_ref());
            format!("{} {}", event.name, value.map(|value| value.text.to_string()).unwrap_or_default())
        })
        .collect()
}

#[test]
fn names_outside_are_reached_through_the_dictionary_and_the_method_that_looks_them_up() {
    for way in [
        "os.__dict__['system']",
        "os.__dict__.get('system')",
        "os.__dict__.__getitem__('system')",
        "os.__dict__.get('system', None)",
        "os.__dict__.pop('system')",
        "vars(os)['system']",
        "vars(os).get('system')",
        "os.__getattribute__('system')",
        "object.__getattribute__(os, 'system')",
        "type(os).__getattribute__(os, 'system')",
        "sys.modules['os'].__dict__.get('system')",
        "sys.modules.get('os').__getattribute__('system')",
        "__import__('os').__dict__.get('system')",
        "dict(vars(os))['system']",
        "os.__dict__.copy()['system']",
        "os.__dict__.setdefault('system', None)",
        "__builtins__.__dict__['__import__']('os').__dict__['system']",
        "Held().__dict__['run']",
        "Held().__dict__.get('run')",
        "vars(Held()).get('run')",
        "Held().__getattribute__('run')",
        "object.__getattribute__(Held(), 'run')",
        "type(Held()).__getattribute__(Held(), 'run')",
        "Kept.__dict__['run']",
        "Kept.__dict__.get('run')",
        "vars(Kept).get('run')",
        "type.__getattribute__(Kept, 'run')",
    ] {
        let source = format!(
            "class Held:\n    def __init__(self): self.run = os.system\nclass Kept:\n    run = os.system\n({way})('echo a')"
        );
        assert!(calls_with_text(&source).contains(&"os.system echo a".to_owned()), "{way}");
    }
    for way in [
        "os.__dict__.get('environ')",
        "os.__dict__['environ']",
        "vars(os).get('environ')",
        "os.__getattribute__('environ')",
        "object.__getattribute__(os, 'environ')",
        "os.__dict__.get('environ').copy()",
    ] {
        let source = format!("import os, requests\nrequests.post('https://a.invalid', data={way})");
        let found = events_of(&source).into_iter().find(|event| &*event.name == "requests.post");
        assert!(found.is_some_and(|event| event.input.kinds.contains(OriginKind::Env)), "{way}");
    }
    for way in [
        "os.path.__dict__.get('join')",
        "os.path.__dict__['join']",
        "vars(os.path).get('join')",
        "os.__dict__.get('path').__dict__.get('join')",
        "os.path.__getattribute__('join')",
    ] {
        let source = format!("os.system({way}('a', 'b'))");
        assert!(calls_with_text(&source).contains(&"os.system a/b".to_owned()), "{way}");
    }
}

#[test]
fn uuids_addresses_and_arrays_give_the_bytes_that_python_gives() {
    let given = |expression: &str| {
        let source = format!("import array, ipaddress, os, socket, uuid\nos.system(str({expression}))");
        let event = events_of(&source).into_iter().find(|event| &*event.name == "os.system");
        let arguments = event.map(|event| event.arguments).unwrap_or_default();
        let command = arguments.into_iter().find(|argument| argument.role == Role::Command);
        command.and_then(|command| command.value).map(|value| value.text.to_string())
    };
    let id = "uuid.UUID('{00112233-4455-6677-8899-aabbccddeeff}')";
    for (expression, expected) in [
        (format!("{id}.bytes.hex()"), "00112233445566778899aabbccddeeff"),
        (format!("{id}.bytes_le.hex()"), "33221100554477668899aabbccddeeff"),
        (format!("{id}.int"), "88962710306127702866241727433142015"),
        (format!("uuid.UUID(bytes_le={id}.bytes_le).hex"), "00112233445566778899aabbccddeeff"),
        (format!("uuid.UUID(int={id}.int).hex"), "00112233445566778899aabbccddeeff"),
        ("ipaddress.ip_address('::1').packed.hex()".to_owned(), "00000000000000000000000000000001"),
        ("socket.inet_pton(socket.AF_INET6, '::2').hex()".to_owned(), "00000000000000000000000000000002"),
        ("socket.inet_aton('1.2.3.4').hex()".to_owned(), "01020304"),
        ("array.array('B', [105, 100]).tobytes().decode()".to_owned(), "id"),
    ] {
        assert_eq!(given(&expression).as_deref(), Some(expected), "{expression}");
    }
}
