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
