//! Claims about code that something else starts: threads of a class, modules named from a package, other interpreters.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, event};
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

/// The trigger of the call in the command class of a setup script, registered under a name.
fn trigger_of_command(name: &str, more: &str) -> Option<Trigger> {
    let script = format!(
        "import os\nfrom setuptools import Command, setup\nclass Own(Command):\n    user_options = []\n    \
         def run(self):\n        os.system('echo')\n{more}\nsetup(name='x', cmdclass={{{name}: Own}})\n"
    );
    let analysis = analysis_of(&[("setup.py", &script, Trigger::Install)]);
    analysis.events.iter().find(|e| &*e.name == "os.system").map(|e| e.trigger)
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
