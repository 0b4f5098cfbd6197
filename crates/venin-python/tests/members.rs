//! Claims about what classes and their instances give by name: class methods, inherited methods, records.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{calls, event, events_of};
use venin_model::Trigger;

/// Whether the command in a module that is imported runs at import, and runs once.
#[track_caller]
fn assert_runs_once_at_import(name: &str, source: &str) {
    let source = format!("import os\n{source}");
    let found: Vec<Trigger> =
        events_of(&source).iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect();
    assert_eq!(found, [Trigger::Import], "{name}");
}

#[test]
fn a_class_method_is_called_on_its_class() {
    for (name, source) in [
        (
            "maker",
            "class R:\n    @classmethod\n    def make(cls):\n        return cls()\n    def start(self):\n        os.system('echo')\nR.make().start()",
        ),
        (
            "single object",
            "class R:\n    held = None\n    @classmethod\n    def shared(cls):\n        if cls.held is None:\n            cls.held = cls()\n        return cls.held\n    def start(self):\n        os.system('echo')\nR.shared().start()",
        ),
        (
            "object without a constructor",
            "class R:\n    @classmethod\n    def make(cls):\n        made = cls.__new__(cls)\n        made.word = 'echo'\n        return made\n    def start(self):\n        os.system(self.word)\nR.make().start()",
        ),
        (
            "sibling",
            "class R:\n    @classmethod\n    def make(cls):\n        cls.go()\n    @staticmethod\n    def go():\n        os.system('echo')\nR.make()",
        ),
        (
            "registry",
            "class R:\n    known = []\n    @classmethod\n    def register(cls, f):\n        cls.known.append(f)\n    @classmethod\n    def run(cls):\n        for f in cls.known:\n            f()\nR.register(lambda: os.system('echo'))\nR.run()",
        ),
        (
            "inherited",
            "class A:\n    @classmethod\n    def make(cls):\n        return cls()\nclass B(A):\n    def start(self):\n        os.system('echo')\nB.make().start()",
        ),
        (
            "of an object",
            "class R:\n    @classmethod\n    def make(cls):\n        cls().start()\n    def start(self):\n        os.system('echo')\nR().make()",
        ),
    ] {
        assert_runs_once_at_import(name, source);
    }
}

#[test]
fn a_class_method_reads_the_attributes_of_its_class() {
    let source = "\
import os
class R:
    word = 'echo'
    @classmethod
    def go(cls):
        os.system(cls.word)
R.go()
";
    let found = event(source, "os.system");
    let command = found.argument(venin_model::Role::Command).and_then(|a| a.value.as_ref());
    assert_eq!(command.map(|v| &*v.text), Some("echo"));
}

#[test]
fn super_is_bound_to_the_first_parameter_whatever_its_name() {
    for (name, source) in [
        (
            "method",
            "class A:\n    def go(this):\n        this.x()\nclass B(A):\n    def x(this):\n        os.system('echo')\n    def go(this):\n        super().go()\nB().go()",
        ),
        (
            "class method",
            "class A:\n    @classmethod\n    def go(cls):\n        cls.x()\nclass B(A):\n    @classmethod\n    def x(cls):\n        os.system('echo')\n    @classmethod\n    def go(cls):\n        super().go()\nB.go()",
        ),
        (
            "constructor",
            "class R:\n    def __new__(cls):\n        made = super().__new__(cls)\n        made.start()\n        return made\n    def start(self):\n        os.system('echo')\nR()",
        ),
    ] {
        assert_runs_once_at_import(name, source);
    }
}

#[test]
fn an_inherited_method_runs_for_each_class_that_has_its_own_hook() {
    let source = "\
import os
class Base:
    def go(self):
        self.hook()
class Quiet(Base):
    def hook(self):
        pass
class Loud(Base):
    def hook(self):
        os.system('echo')
Quiet().go()
Loud().go()
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Import);
    assert_eq!(calls(source), ["os.system"]);
}
