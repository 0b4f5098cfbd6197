//! Claims about code that something else starts: threads of a class, modules named from a package, other interpreters.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, event, events_of};
use venin_model::Trigger;

/// The trigger of the call in `pkg/boot.py`, when the package's own module says how it is started.
fn trigger_of_module(start: &str) -> Option<Trigger> {
    let analysis = analysis_of(&[
        ("pkg/__init__.py", start, Trigger::Import),
        ("pkg/boot.py", "import os\nos.system('echo')", Trigger::Run),
    ]);
    analysis.events.iter().find(|e| &*e.name == "os.system").map(|e| e.trigger)
}

#[test]
fn a_module_named_from_its_package_runs() {
    for start in [
        "import importlib\nimportlib.import_module('.boot', __package__)",
        "import importlib\nimportlib.import_module('.boot', package='pkg')",
        "import runpy\nrunpy.run_module('pkg.boot')",
    ] {
        assert_eq!(trigger_of_module(start), Some(Trigger::Import), "{start}");
    }
}

#[test]
fn a_module_that_another_interpreter_is_given_runs() {
    for start in [
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-m', 'pkg.boot'])",
        "import os, subprocess, sys\nhere = os.path.dirname(__file__)\n\
         subprocess.Popen([sys.executable, os.path.join(here, 'boot.py')])",
    ] {
        assert_eq!(trigger_of_module(start), Some(Trigger::Import), "{start}");
    }
}

#[test]
fn starting_a_thread_of_a_class_runs_its_run() {
    let source = "\
import os, threading
class Worker(threading.Thread):
    def run(self):
        os.system('echo')
Worker(daemon=True).start()
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Import);
}

#[test]
fn reading_a_cached_property_runs_it() {
    let source = "\
import functools, os
class Lazy:
    @functools.cached_property
    def value(self):
        os.system('echo')
Lazy().value
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Import);
}

/// The earliest trigger of the call in the command class of a setup script, registered under a name.
fn trigger_of_command(name: &str, more: &str) -> Option<Trigger> {
    let script = format!(
        "import os\nfrom setuptools import Command, setup\nclass Own(Command):\n    user_options = []\n    \
         def run(self):\n        os.system('echo')\n{more}\nsetup(name='x', cmdclass={{{name}: Own}})\n"
    );
    let analysis = analysis_of(&[("setup.py", &script, Trigger::Install)]);
    analysis.events.iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).min()
}

#[test]
fn a_setup_command_runs_at_install_if_pip_comes_to_it() {
    for name in
        ["'install'", "'build_py'", "'egg_info'", "'develop'", "'bdist_wheel'", "'sdist'", "unknown()"]
    {
        assert_eq!(trigger_of_command(name, ""), Some(Trigger::Install), "{name}");
    }
    for name in ["'coverage'", "'lint'", "'test'", "'upload'"] {
        assert_eq!(trigger_of_command(name, ""), Some(Trigger::Run), "{name}");
    }
    let other = "from setuptools.command.build_py import build_py\nclass B(build_py):\n    def run(self):\n        \
                 self.run_command('lint')";
    assert_eq!(trigger_of_command("'lint'", other), Some(Trigger::Install));
}

#[test]
fn a_function_that_something_holds_or_hands_on_runs_at_import() {
    let pay = "def pay(*a, **k):\n    os.system('echo')\n";
    for (name, reach) in [
        (
            "dictionary that makes lists",
            "from collections import defaultdict\nd = defaultdict(list)\nd['x'].append(pay)\nfor f in d['x']:\n    f()",
        ),
        (
            "dictionary that makes dictionaries",
            "from collections import defaultdict\nd = defaultdict(lambda: defaultdict(list))\nd['x']['y'].append(pay)\nd['x']['y'][0]()",
        ),
        ("chain of dictionaries", "from collections import ChainMap\nChainMap({'b': 1}, {'a': pay})['a']()"),
        ("getter of an item", "from operator import itemgetter\nitemgetter('a')({'a': pay})()"),
        ("getter of two items", "from operator import itemgetter\nitemgetter(1, 0)([pay, 1])[1]()"),
        ("weak reference", "import weakref\nweakref.ref(pay)()()"),
        ("weak dictionary", "import weakref\nd = weakref.WeakValueDictionary()\nd['a'] = pay\nd['a']()"),
        (
            "context",
            "from contextlib import contextmanager\n@contextmanager\ndef c():\n    yield pay\nwith c() as f:\n    f()",
        ),
        (
            "function of a type",
            "from functools import singledispatch\n@singledispatch\ndef f(x):\n    pass\n@f.register(int)\ndef _(x):\n    pay()\nf(1)",
        ),
        (
            "annotated function of a type",
            "from functools import singledispatch\n@singledispatch\ndef f(x):\n    pass\n@f.register\ndef g(x: str):\n    pass\n@f.register\ndef _(x: int):\n    pay()\nf(1)",
        ),
        ("command", "import click\n@click.command()\ndef m():\n    pay()\nm.main([], standalone_mode=False)"),
        ("callback of a command", "import click\n@click.command()\ndef m():\n    pay()\nm.callback()"),
        ("line", "import cmd\nclass A(cmd.Cmd):\n    def do_x(self, line):\n        pay()\nA().onecmd('x')"),
        ("member", "import enum\nclass E(enum.Enum):\n    A = enum.member(pay)\nE.A.value()"),
        (
            "result",
            "from concurrent.futures import Future\nf = Future()\nf.add_done_callback(pay)\nf.set_result(1)",
        ),
        (
            "check of a field",
            "from pydantic import BaseModel, validator\nclass A(BaseModel):\n    f: str\n    @validator('f')\n    def v(cls, x):\n        pay()\nA(f='x')",
        ),
        (
            "model",
            "from pydantic import BaseModel\nclass A(BaseModel):\n    def model_post_init(self, context):\n        pay()\nA()",
        ),
    ] {
        let source = format!("import os\n{pay}{reach}\n");
        let events = events_of(&source);
        let triggers: Vec<Trigger> =
            events.iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect();
        assert_eq!(triggers, [Trigger::Import], "{name}");
    }
}

#[test]
fn a_counting_dictionary_is_left_alone() {
    let source = "\
import os
from collections import defaultdict
seen = defaultdict(int)
for word in ['a', 'b', 'a']:
    seen[word] += 1
if seen['a'] > 1:
    os.system('echo')
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Import);
}

#[test]
fn a_program_that_is_started_shares_no_name_with_who_starts_it() {
    for start in [
        "subprocess.run([sys.executable, '-c', program])",
        "subprocess.run([sys.executable, '-'], input=program)",
        "open('work.py', 'w').write(program)\n    subprocess.run([sys.executable, 'work.py'])",
    ] {
        let boot = format!(
            "import os, subprocess, sys\n\
             program = '''for place in ['theirs']:\n    pass\nif __name__ == '__main__':\n    import os\n    os.remove(place)\n'''\n\
             def boot(place):\n    {start}\n    os.remove(place)\n\
             boot('ours')\n"
        );
        let analysis = analysis_of(&[("pkg/__init__.py", &boot, Trigger::Import)]);
        let removed = analysis.events.iter().filter(|e| &*e.name == "os.remove");
        let removed: Vec<_> = removed
            .filter_map(|e| e.arguments.first()?.value.as_ref())
            .map(|value| value.text.to_string())
            .collect();
        assert_eq!(removed, ["theirs", "ours"], "{start}");
    }
}

/// The triggers of the call in a base class's subclass, whose module is imported by a setup script and runs a line itself.
fn triggers_of_started(start: &str, line: &str) -> Vec<Trigger> {
    let base = format!(
        "import atexit, queue, sched, threading, multiprocessing, weakref\nfrom concurrent.futures import ThreadPoolExecutor\n\
         class Base:\n    def start(self):\n        {start}\n    def listen(self):\n        raise NotImplementedError\n"
    );
    let package = format!(
        "import os\nfrom ._base import Base\nclass Own(Base):\n    def listen(self, *given):\n        os.system('echo')\n\
         own = Own()\n{line}\nlast = []\nlast.append(own)\n"
    );
    let analysis = analysis_of(&[
        ("setup.py", "import pkg\nfrom setuptools import setup\nsetup(name='pkg')\n", Trigger::Install),
        ("pkg/__init__.py", &package, Trigger::Import),
        ("pkg/_base.py", &base, Trigger::Run),
    ]);
    analysis.events.iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect()
}

const STARTS: &[&str] = &[
    "self.listen()",
    "self.t = threading.Thread(target=self.listen); self.t.start()",
    "threading.Timer(3, self.listen).start()",
    "multiprocessing.Process(target=self.listen).start()",
    "ThreadPoolExecutor().submit(self.listen)",
    "atexit.register(self.listen)",
    "weakref.finalize(self, self.listen)",
    "sched.scheduler().enter(3, 1, self.listen)",
];

#[test]
fn what_is_started_below_a_guard_runs_when_the_guard_lets_it() {
    for start in STARTS {
        let guarded = triggers_of_started(start, "if __name__ == '__main__':\n    own.start()");
        assert_eq!(guarded, [Trigger::Entry], "{start}");
        let dead = triggers_of_started(start, "if False:\n    own.start()");
        assert_eq!(dead, [Trigger::Run], "{start}");
    }
}

#[test]
fn what_is_started_below_a_guard_and_beside_it_runs_by_itself() {
    for start in STARTS {
        let both = triggers_of_started(start, "if False:\n    own.start()\nown.start()");
        assert!(both.contains(&Trigger::Install), "{start}: {both:?}");
        let open = triggers_of_started(start, "if len(own) > 1:\n    own.start()");
        assert_eq!(open, [Trigger::Install], "{start}");
    }
}

#[test]
fn a_callback_that_only_a_dead_branch_hands_over_runs_no_sooner() {
    let source = "\
import os, threading
items = []
def work():
    for item in items:
        os.system(item)
def boot():
    threading.Thread(target=work).start()
if False:
    boot()
items.append('echo')
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Run);
    let live = source.replace("if False:\n    boot()", "if False:\n    boot()\nboot()");
    assert_eq!(event(&live, "os.system").trigger, Trigger::Import);
}

#[test]
fn what_is_started_under_a_condition_runs_under_it() {
    let source = "\
import os, sys, threading
items = []
def work():
    for item in items:
        os.system(item)
if sys.platform == 'win32':
    threading.Thread(target=work).start()
items.append('echo')
";
    let event = event(source, "os.system");
    assert_eq!(event.conditions.first().map(|c| &*c.subject), Some("sys.platform"), "{event:?}");
}
