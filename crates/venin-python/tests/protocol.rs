//! Claims about code that Python or its library calls by itself: methods with names between underscores, metaclasses, and
//! callbacks of calls that are no events.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, event};
use venin_model::Trigger;

/// Whether a program starts something when it is imported.  `BOOM` stands for what starts it, as an expression.
fn starts_at_import(source: &str) -> bool {
    let source = format!("import os, sys\ndef boom(*a, **k):\n    os.system('echo')\n{source}");
    let analysis = analysis_of(&[("pkg/__init__.py", &source, Trigger::Import)]);
    analysis.events.iter().any(|e| &*e.name == "os.system" && e.trigger == Trigger::Import)
}

/// A class with a method that starts something, and a statement about an object of it.
fn with_method(method: &str, statement: &str) -> String {
    format!("class A:\n    def {method}(self, *a):\n        boom()\na = A()\n{statement}\n")
}

fn assert_all_start(methods: &[(&str, &str)]) {
    for (method, statement) in methods {
        let source = with_method(method, statement);
        assert!(starts_at_import(&source), "{source}");
        let unused = with_method(method, "");
        assert!(!starts_at_import(&unused), "unused, and yet: {unused}");
    }
}

#[test]
fn tests_ask_an_object_whether_it_is_true() {
    assert_all_start(&[
        ("__bool__", "if a: pass"),
        ("__len__", "if a: pass"),
        ("__bool__", "x = 1 if a else 2"),
        ("__bool__", "x = a and 1"),
        ("__bool__", "x = not a"),
        ("__bool__", "while a: break"),
        ("__bool__", "x = [i for i in [1] if a]"),
        ("__bool__", "x = bool(a)"),
    ]);
}

#[test]
fn conversions_and_builtins_call_the_method_of_their_name() {
    assert_all_start(&[
        ("__len__", "len(a)"),
        ("__int__", "int(a)"),
        ("__index__", "int(a)"),
        ("__index__", "hex(a)"),
        ("__index__", "[1, 2][a]"),
        ("__index__", "[1, 2][a:]"),
        ("__float__", "float(a)"),
        ("__hash__", "hash(a)"),
        ("__hash__", "x = {a: 1}"),
        ("__hash__", "x = {a}"),
        ("__hash__", "x = {}\nx[a] = 1"),
        ("__abs__", "abs(a)"),
        ("__round__", "round(a)"),
        ("__divmod__", "divmod(a, 1)"),
        ("__reversed__", "reversed(a)"),
        ("__dir__", "dir(a)"),
        ("__sizeof__", "sys.getsizeof(a)"),
        ("__fspath__", "open(a)"),
        ("__fspath__", "os.path.join(a, 'x')"),
        ("__fspath__", "os.remove(a)"),
        ("__bytes__", "bytes(a)"),
        ("__deepcopy__", "import copy\ncopy.deepcopy(a)"),
        ("__delattr__", "delattr(a, 'x')"),
        ("__getattr__", "hasattr(a, 'x')"),
    ]);
}

#[test]
fn text_of_an_object_is_asked_of_it() {
    assert_all_start(&[
        ("__str__", "print(a)"),
        ("__str__", "str(a)"),
        ("__repr__", "repr(a)"),
        ("__repr__", "x = '%r' % a"),
        ("__str__", "x = '%s %s' % (1, a)"),
        ("__format__", "x = f'{a}'"),
        ("__str__", "x = f'{a}'"),
        ("__repr__", "x = f'{a!r}'"),
        ("__format__", "x = '{}'.format(a)"),
        ("__format__", "format(a, 'x')"),
    ]);
}

#[test]
fn iteration_asks_an_object_for_its_elements() {
    assert_all_start(&[
        ("__iter__", "for x in a: pass"),
        ("__iter__", "list(a)"),
        ("__iter__", "b, *c = a"),
        ("__iter__", "sum(a)"),
        ("__iter__", "sorted(a)"),
        ("__iter__", "for n, x in enumerate(a): pass"),
        ("__iter__", "x = ''.join(a)"),
        ("__iter__", "x = [*a]"),
        ("__iter__", "x = 1 in a"),
        ("__getitem__", "for x in a: pass"),
        ("__getitem__", "list(a)"),
        ("__contains__", "x = 1 in a"),
        ("__eq__", "x = a in [1, 2]"),
        ("__eq__", "x = 1 in [a]"),
        ("__eq__", "x = 1 == a"),
        ("__lt__", "sorted([a, a])"),
        ("__lt__", "max(a, a)"),
        ("__next__", "next(a)"),
    ]);
    let source =
        "class A:\n    def __iter__(self): return self\n    def __next__(self): boom()\nfor x in A(): pass\n";
    assert!(starts_at_import(source));
}

#[test]
fn changes_of_an_object_go_through_its_methods() {
    assert_all_start(&[
        ("__setitem__", "a[1] = 2"),
        ("__delitem__", "del a[1]"),
        ("__setattr__", "a.x = 1"),
        ("__setattr__", "setattr(a, 'x', 1)"),
        ("__delattr__", "del a.x"),
        ("__getattribute__", "a.x"),
        ("__iadd__", "a += 1"),
        ("__radd__", "x = 1 + a"),
    ]);
    for source in [
        "class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): boom()\nA().x = 1\n",
        "class A:\n    @property\n    def x(self): boom()\n    @x.setter\n    def x(self, v): pass\nA().x\n",
        "class D:\n    def __set__(self, o, v): boom()\nclass A:\n    x = D()\nA().x = 1\n",
        "class A(dict):\n    def __missing__(self, k): boom()\nA()['x']\n",
        "class A(dict):\n    def __missing__(self, k): boom()\n'{x}'.format_map(A())\n",
    ] {
        assert!(starts_at_import(source), "{source}");
    }
}

#[test]
fn a_method_that_is_another_callable_is_called_as_it_stands() {
    let source = "import os\nclass A:\n    __getitem__ = os.system\nA()['echo']\n";
    assert_eq!(event(source, "os.system").trigger, Trigger::Import);
}

#[test]
fn classes_are_objects_of_their_metaclass() {
    let meta = |method: &str, use_of: &str| {
        format!(
            "class M(type):\n    def {method}(cls, *a, **k):\n        boom()\nclass A(metaclass=M): pass\n{use_of}\n"
        )
    };
    for (method, use_of) in [
        ("__call__", "A()"),
        ("__prepare__", ""),
        ("__getattr__", "A.x"),
        ("__instancecheck__", "isinstance(1, A)"),
        ("__subclasscheck__", "issubclass(int, (A, str))"),
        ("__iter__", "list(A)"),
        ("__len__", "len(A)"),
        ("__getitem__", "A[1]"),
        ("__add__", "A + 1"),
        ("__init__", ""),
    ] {
        assert!(starts_at_import(&meta(method, use_of)), "{method}");
    }
    for source in [
        "class A:\n    @classmethod\n    def __subclasshook__(cls, o): boom()\nissubclass(int, A)\n",
        "class X:\n    def __mro_entries__(self, bases): boom()\nclass A(X()): pass\n",
        "class A(metaclass=boom): pass\n",
        "import enum\nclass E(enum.Enum):\n    A = 1\n    def __init__(self, v): boom()\n",
        "import enum\nclass E(enum.Enum):\n    A = 1\n    @classmethod\n    def _missing_(cls, v): boom()\nE(3)\n",
        "T = type('T', (), {'__init__': boom})\nT()\n",
        "T = type('T', (), {'go': boom})\nT().go()\n",
    ] {
        assert!(starts_at_import(source), "{source}");
    }
}

#[test]
fn a_module_is_asked_only_for_names_that_it_does_not_have() {
    let trigger = |statement: &str| {
        let lazy = "import os\nknown = 1\ndef __getattr__(name):\n    os.system('echo')\n";
        let analysis = analysis_of(&[
            ("pkg/__init__.py", statement, Trigger::Import),
            ("pkg/lazy.py", lazy, Trigger::Run),
        ]);
        analysis.events.iter().find(|e| &*e.name == "os.system").map(|e| e.trigger)
    };
    assert_eq!(trigger("from pkg.lazy import missing"), Some(Trigger::Import));
    assert_eq!(trigger("import pkg.lazy\npkg.lazy.missing"), Some(Trigger::Import));
    assert_eq!(trigger("from pkg.lazy import known"), Some(Trigger::Run));
}

#[test]
fn asynchronous_code_and_patterns_call_methods_too() {
    for source in [
        "import asyncio\nclass A:\n    def __await__(self): boom(); yield\nasync def f(): await A()\nasyncio.run(f())\n",
        "import asyncio\nclass A:\n    def __aiter__(self): return self\n    async def __anext__(self): boom()\n\
         async def f():\n    async for x in A(): pass\nasyncio.run(f())\n",
        "class A:\n    @property\n    def v(self): boom()\nmatch A():\n    case A(v=1): pass\n",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = dataclasses.field(default_factory=boom)\nA()\n",
    ] {
        assert!(starts_at_import(source), "{source}");
    }
}

#[test]
fn what_an_object_reduces_itself_to_is_called_when_it_is_unpickled() {
    let reduced = "import pickle\nclass A:\n    def __reduce__(self): return (os.system, ('echo',))\n";
    assert!(starts_at_import(&format!("{reduced}pickle.loads(pickle.dumps(A()))\n")));
    assert!(starts_at_import(&format!("{reduced}import copy\ncopy.copy(A())\n")));
    assert!(!starts_at_import(&format!("{reduced}data = pickle.dumps(A())\n")));
}

#[test]
fn the_library_calls_what_it_is_given() {
    for source in [
        "import re\nre.sub('a', boom, 'banana')",
        "import re\nre.compile('a').sub(boom, 'banana')",
        "import json\njson.loads('{}', object_hook=boom)",
        "import json\njson.dumps(object(), default=boom)",
        "import json\nclass E(json.JSONEncoder):\n    def default(self, o): boom()\njson.dumps(object(), cls=E)",
        "import itertools\nlist(itertools.accumulate([1, 2], boom))",
        "for x in iter(boom, None): pass",
        "import collections\nd = collections.defaultdict(boom)",
        "import sqlite3\nc = sqlite3.connect(':memory:')\nc.create_function('f', 0, boom)",
        "import timeit\ntimeit.timeit(boom, number=1)",
        "import timeit\ntimeit.timeit(\"__import__('os').system('echo')\")",
        "import cProfile\ncProfile.run('boom()')",
        "import trace\ntrace.Trace().runfunc(boom)",
        "import logging\nclass H(logging.Handler):\n    def emit(self, r): boom()\nlogging.getLogger('x').addHandler(H())",
        "import warnings\nwarnings.showwarning = boom",
        "import builtins\nbuiltins.__build_class__ = boom",
        "import builtins\nbuiltins.__import__ = boom",
        "import builtins\nbuiltins.__dict__['len'] = boom",
        "class F:\n    def find_spec(self, *a): boom()\nsys.meta_path.insert(0, F())",
        "sys.path_hooks.append(boom)",
        "from html.parser import HTMLParser\nclass P(HTMLParser):\n    def handle_data(self, d): boom()\nP().feed('')",
        "from html.parser import HTMLParser\nclass P(HTMLParser):\n    def feed(self, d): super().feed(d)\n\
         \n    def handle_data(self, d): boom()\nP().feed('')",
        "import ast\nclass V(ast.NodeVisitor):\n    def visit_Name(self, n): boom()\nV().visit(ast.parse('x'))",
        "import string\nclass F(string.Formatter):\n    def get_value(self, *a): boom()\nF().format('{0}', 1)",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('x', type=boom)\np.parse_args(['1'])",
        "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): boom()\nunittest.main(exit=False)",
        "import doctest\ndef f():\n    '''\n    >>> boom()\n    '''\ndoctest.testmod()",
        "import contextlib\nclass A:\n    def close(self): boom()\nwith contextlib.closing(A()): pass",
        "import ctypes\nctypes.CFUNCTYPE(None)(boom)()",
        "import types\ntypes.MethodType(boom, 1)()",
        "import types\ntypes.FunctionType(boom.__code__, globals())()",
        "exec(boom.__code__)",
        "import operator\nclass A:\n    def go(self): boom()\noperator.methodcaller('go')(A())",
        "import queue\nq = queue.Queue()\nq.put(boom)\nq.get()()",
    ] {
        assert!(starts_at_import(source), "{source}");
    }
}

#[test]
fn what_only_wraps_or_looks_at_a_function_does_not_run_it() {
    for source in [
        "import functools\n@functools.wraps(boom)\ndef other(): pass",
        "import inspect\ninspect.signature(boom)",
        "import tkinter\ntkinter.Button(command=boom)",
        "from flask import Flask\napp = Flask('x')\n@app.route('/')\ndef index(): boom()",
        "import click\n@click.command()\ndef main(): boom()",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('x', type=boom)",
        "import re\nre.sub('a', 'b', 'banana')\nx = boom",
        "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): boom()",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = dataclasses.field(default_factory=boom)",
    ] {
        assert!(!starts_at_import(source), "{source}");
    }
}

#[test]
fn a_singleton_metaclass_still_gives_an_object_with_its_attributes() {
    let source = "\
import os
class Single(type):
    _made = {}
    def __call__(cls, *a, **k):
        if cls not in cls._made:
            cls._made[cls] = super().__call__(*a, **k)
        return cls._made[cls]
class A(metaclass=Single):
    def __init__(self, word):
        self.command = 'echo ' + word
os.system(A('word').command)
";
    assert_eq!(event(source, "os.system").arguments[0].value.as_ref().map(|v| &*v.text), Some("echo word"));
}

#[test]
fn methods_that_lead_back_to_themselves_end() {
    for body in [
        "def __getattr__(self, name): return self.first + self.second + self.third",
        "def __getattribute__(self, name): return self.first + self.second",
        "def __setattr__(self, name, value): self.first = value; self.second = value",
        "def __bool__(self): return bool(self) and not self",
        "def __len__(self): return len(self) + len(self)",
        "def __iter__(self): return iter([x for x in self])",
        "def __eq__(self, other): return other == self",
        "def __str__(self): return f'{self} {self}'",
        "def __hash__(self): return hash(self) + hash({self: 1})",
    ] {
        let source = format!(
            "class A:\n    {body}\na = A()\na.x = a.y\nif a: pass\nlen(a)\nx = f'{{a}}'\n\
                              x = a == a\nfor y in a: pass\nx = {{a: 1}}\nboom()\n"
        );
        assert!(starts_at_import(&source), "{source}");
    }
}
