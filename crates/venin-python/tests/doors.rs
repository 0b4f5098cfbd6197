//! Claims about the ways to execute one constant text: each of them opens it as a layer where it is called.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::events_of;
use venin_model::{OriginKind, Trigger};

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
fn builtins_are_reached_past_their_names() {
    assert_all_open(&[
        "print.__self__.exec(F)",
        "import sys\nsys._getframe().f_builtins['exec'](F)",
        "import inspect\ninspect.stack()[0].frame.f_builtins['exec'](F)",
        "import sys\nsys.modules[print.__module__].exec(F)",
        "def f(): pass\nf.__builtins__['exec'](F)",
        "import gc\n[o for o in gc.get_objects() if getattr(o, '__name__', '') == 'exec'][0](F)",
        "import builtins\nbuiltins.__dict__.get('exec')(F)",
        "import builtins\nbuiltins.__getattribute__('exec')(F)",
        "import builtins\nobject.__getattribute__(builtins, 'exec')(F)",
        "import builtins\n{**vars(builtins)}['exec'](F)",
        "import builtins\nnext(v for k, v in vars(builtins).items() if k == 'exec')(F)",
        "import builtins\nfor n in dir(builtins):\n    if n[::-1] == 'cexe':\n        getattr(builtins, n)(F)",
        "import builtins\nn = sorted(x for x in dir(builtins) if len(x) == 4 and x[0] == 'e' and x[-1] == 'c')\n\
         getattr(builtins, n[0])(F)",
        "import builtins, inspect\ndict(inspect.getmembers(builtins))['exec'](F)",
        "import inspect, builtins\ninspect.getattr_static(builtins, 'exec')(F)",
    ]);
}

#[test]
fn a_wrapped_function_is_still_called() {
    assert_all_open(&[
        "import functools\nfunctools.lru_cache(exec)(F)",
        "import functools\nfunctools.lru_cache(maxsize=None)(exec)(F)",
        "import functools\nfunctools.wraps(print)(exec)(F)",
        "import types\ntypes.MethodType(exec, F)()",
        "type(exec).__call__(exec, F)",
        "from unittest import mock\nmock.Mock(side_effect=exec)(F)",
        "import importlib._bootstrap as b\nb._call_with_frames_removed(exec, F)",
        "import numpy\nnumpy.vectorize(exec)(F)",
    ]);
}

#[test]
fn what_is_put_into_the_dictionary_of_an_object_is_its_attribute() {
    let class = "class P:\n    def __init__(self, **kw):\n        ";
    for (puts, uses) in [
        ("self.__dict__.update(run=exec)", "P().run(F)"),
        ("self.x = 1\n        self.__dict__['run'] = exec", "P().run(F)"),
        ("self.__dict__.update(kw)", "P(run=exec).run(F)"),
        ("self.__dict__ = kw", "P(run=exec).run(F)"),
        ("self.__dict__.setdefault('run', exec)", "P().run(F)"),
        ("pass", "p = P()\nvars(p)['run'] = exec\np.run(F)"),
        ("object.__setattr__(self, 'run', exec)", "P().run(F)"),
    ] {
        assert_all_open(&[&format!("{class}{puts}\n{uses}")]);
    }
}

#[test]
fn parts_of_functions_and_classes_hold_text() {
    let text = "\"import os;os.system('echo')\"";
    for (defines, reads) in [
        ("def x(a=TEXT): pass", "exec(x.__defaults__[0])"),
        ("def x(*, a=TEXT): pass", "exec(x.__kwdefaults__['a'])"),
        ("def x(a: TEXT): pass", "exec(x.__annotations__['a'])"),
        ("x = lambda: TEXT", "exec(x.__code__.co_consts[0])"),
        ("def x():\n    return TEXT", "exec(x.__code__.co_consts[1])"),
        ("class X:\n    TEXT", "exec(X.__doc__)"),
        ("@lambda c: exec(c.__doc__)\nclass X:\n    TEXT", ""),
        ("@lambda f: exec(f.__defaults__[0])\ndef x(a=TEXT): pass", ""),
        ("import inspect\ndef x():\n    TEXT", "exec(inspect.getdoc(x))"),
        ("def o(f):\n    def i(x): f(x)\n    return i", "o(exec).__closure__[0].cell_contents(F)"),
    ] {
        assert_all_open(&[&format!("{}\n{reads}", defines.replace("TEXT", text))]);
    }
}

#[test]
fn examples_in_documentation_are_run() {
    let class = "import doctest\nclass X:\n    '''\n    >>> import os;os.system(\"echo\")\n    '''\n";
    assert_all_open(&[
        "import doctest\ndoctest.run_docstring_examples('>>> ' + F, {})",
        &format!("{class}doctest.run_docstring_examples(X, {{}})"),
        &format!("{class}doctest.testmod()"),
    ]);
}

#[test]
fn annotations_that_call_something_are_evaluated_with_the_hints() {
    let hint = "\"__import__('os').system('echo') and str\"";
    for (defines, asks) in [
        ("class O:\n    a: HINT", "import typing\ntyping.get_type_hints(O)"),
        ("def o(a: HINT): pass", "import typing\ntyping.get_type_hints(o)"),
        ("def o() -> HINT: pass", "import inspect\ninspect.get_annotations(o, eval_str=True)"),
    ] {
        let source = format!("{}\n{asks}", defines.replace("HINT", hint));
        assert_all_open(&[&source]);
        assert!(events_of(&source).iter().any(|e| e.class.action == venin_model::Action::Eval), "{source}");
    }
    for harmless in ["class O:\n    a: 'list[int]'\n    b: int", "def o(a: 'int | None' = None): pass"] {
        let source = format!("{harmless}\nimport typing\ntyping.get_type_hints(O)");
        assert!(events_of(&source).is_empty(), "{source}");
    }
    let unasked = format!("class O:\n    a: {hint}\nimport inspect\ninspect.get_annotations(O)");
    assert!(!is_opened(&unasked));
}

#[test]
fn callbacks_get_the_text_that_their_caller_was_given() {
    assert_all_open(&[
        "import re\nre.sub('.+', lambda m: exec(m.group()) or '', F)",
        "import re\nre.compile('.+').sub(lambda m: exec(m[0]) or '', F)",
        "import re\nre.Scanner([('.+', lambda s, t: exec(t))]).scan(F)",
        "import itertools\nlist(itertools.groupby([F], exec))",
        "import itertools\nlist(itertools.starmap(exec, [(F,)]))",
        "import heapq\nheapq.nlargest(1, [F], key=exec)",
        "import json\njson.loads(json.dumps({'a': F}), object_hook=lambda d: exec(d['a']))",
        "import json\njson.JSONDecoder(object_hook=lambda d: exec(d['a'])).decode(json.dumps({'a': F}))",
        "from html.parser import HTMLParser\nclass P(HTMLParser):\n    def handle_data(s, d): exec(d)\n\
         P().feed('<p>' + F + '</p>')",
        "import xml.sax\nclass H(xml.sax.ContentHandler):\n    def characters(s, c): exec(c)\n\
         xml.sax.parseString('<a>' + F + '</a>', H())",
        "import sqlite3\nc = sqlite3.connect(':memory:')\nc.create_function('f', 1, exec)\n\
         c.execute('select f(?)', (F,))",
        "import sqlite3\nsqlite3.register_converter('q', exec)\n\
         sqlite3.connect(':memory:', detect_types=1).execute('insert into t values(?)', (F,))",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('-x', type=exec, default=F)\np.parse_args([])",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('x', type=exec)\np.parse_args([F])",
        "import cmd\nclass C(cmd.Cmd):\n    def do_r(s, a): exec(a)\nC().onecmd('r ' + F)",
        "import logging\nclass Q(logging.Handler):\n    def emit(s, r): exec(r.getMessage())\n\
         l = logging.getLogger('z')\nl.addHandler(Q())\nl.error(F)",
        "import logging\nl = logging.getLogger('z')\nl.addFilter(lambda r: exec(r.msg))\nl.error(F)",
        "import warnings\nwarnings.showwarning = lambda m, *a: exec(str(m))\nwarnings.warn(F)",
        "class W:\n    def write(self, s): exec(s)\nprint(F, file=W())",
        "import sys\nclass W:\n    def write(self, s): exec(s)\nsys.stdout = W()\nprint(F)",
        "import sys\nsys.displayhook = exec\nsys.displayhook(F)",
        "import sys\nsys.breakpointhook = lambda: exec(F)\nbreakpoint()",
        "import readline\nreadline.set_startup_hook(lambda: exec(F))\ninput()",
        "import tkinter\nt = tkinter.Tcl()\nt.createcommand('q', lambda: exec(F))\nt.eval('q')",
    ]);
}

#[test]
fn matches_hold_their_groups() {
    assert_all_open(&[
        "import re\nexec(re.match('(.+)', F).group(1))",
        "import re\nexec(re.search(r'import .+', 'x ' + F)[0])",
        "import re\nexec(re.compile('(.+)').match(F).group())",
        "import re\nfor m in re.finditer('.+', F):\n    exec(m.group())",
        "import re\nif m := re.fullmatch('(?P<a>.+)', F):\n    exec(m['a'])",
        "import re\nexec(re.match('(?P<a>.+)', F).groupdict()['a'])",
        "import re\nexec(re.sub('..', lambda m: chr(int(m.group(), 16)), F.encode().hex()))",
    ]);
    for none in ["re.match('x', F)", "re.fullmatch('import', F)", "re.search('xyz', F)"] {
        assert!(!is_opened(&format!("import re\nif {none}:\n    exec(F)")), "{none}");
    }
}

#[test]
fn what_a_callback_gets_of_a_text_that_is_not_known_has_its_origins() {
    let fetched = "import urllib.request\nt = urllib.request.urlopen('http://192.0.2.1/').read().decode()\n";
    let served = "import xmlrpc.server as x\ns = x.SimpleXMLRPCServer(('', 1))\ns.register_function(exec)\n";
    for (source, of) in [
        (format!("{fetched}import re\nre.sub('.+', lambda m: exec(m.group()), t)"), OriginKind::Network),
        (format!("{fetched}import re\nexec(re.search('(.+)', t).group(1))"), OriginKind::Network),
        (
            format!("{fetched}import json\njson.loads(t, object_hook=lambda d: exec(d['a']))"),
            OriginKind::Network,
        ),
        (format!("{served}s.serve_forever()"), OriginKind::Network),
        (
            "import sqlite3\nc = sqlite3.connect('a.db')\nc.create_function('f', 1, lambda s: exec(s))\n\
             c.execute('select f(a) from t')"
                .to_owned(),
            OriginKind::File,
        ),
    ] {
        let events = events_of(&source);
        let is_it = |e: &venin_model::Event| &*e.name == "exec" && e.input.kinds.contains(of);
        assert!(events.iter().any(is_it), "{source}");
    }
}

#[test]
fn a_configuration_calls_what_it_names() {
    for source in [
        "import logging.config\nlogging.config.dictConfig({'filters': {'r': {'()': 'os.system', 'command': 'echo'}}})",
        "import logging.config, os\nlogging.config.dictConfig({'filters': {'r': {'()': os.system, 'command': 'echo'}}})",
        "import logging.config\nlogging.config.dictConfig(config={'handlers': {'h': {'class': 'os.system', 'command': 'echo'}}})",
        "import uvicorn\nuvicorn.run('a:b', log_config={'formatters': {'r': {'()': 'os.system', 'command': 'echo'}}})",
        "import hydra\nhydra.utils.instantiate({'_target_': 'os.system', 'command': 'echo'})",
        "import hydra\nhydra.utils.instantiate({'a': [{'_target_': 'os.system', '_args_': ['echo']}]})",
    ] {
        let events = events_of(source);
        let call = events.iter().find(|e| &*e.name == "os.system" && e.trigger == Trigger::Import);
        assert_eq!(call.and_then(|e| e.text(venin_model::Role::Command)), Some("echo"), "{source}");
    }
    let usual = "import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'h': \
                 {'class': 'logging.StreamHandler', 'level': 'INFO'}}, 'root': {'handlers': ['h']}})";
    assert!(events_of(usual).is_empty());
}

#[test]
fn what_is_sent_into_a_generator_is_what_its_yield_gives() {
    assert_all_open(&[
        "def g():\n    while True: exec((yield))\nx = g()\nnext(x)\nx.send(F)",
        "def g(f):\n    s = yield\n    f(s)\nx = g(exec)\nx.send(None)\nx.send(F)",
        "class C:\n    def g(self):\n        while True:\n            s = yield 1\n            if s:\n                exec(s)\n\
         x = C().g()\nnext(x)\nx.send(F)",
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
        assert!(kinds.is_some_and(|k| k.contains(OriginKind::Decoded)), "{door}: {kinds:?}");
    }
}
