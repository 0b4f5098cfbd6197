//! Claims about what is reached by a name that is computed, or by listing names: dispatch, namespaces, enumerations.

#[allow(dead_code, reason = "shared with other tests")]
mod common;
#[path = "common/imported.rs"]
mod imported;

use common::{calls, event};
use imported::assert_runs_once_at_import;
use venin_model::{Role, Trigger};

const HANDLERS: &str = "\
class R:
    def on_shell(self, job=None):
        os.system('echo')
    def on_other(self, job=None):
        pass
    def handle(self, job):
";

#[test]
fn a_method_named_by_its_beginning_is_reached() {
    for (name, dispatch) in [
        ("sum", "getattr(self, 'on_' + job['t'])(job)"),
        ("formatted", "getattr(self, f\"on_{job['t']}\", None)(job)"),
        ("of the class", "getattr(R, 'on_' + job['t'])(self, job)"),
        ("end", "getattr(self, job['t'] + '_shell')(job)"),
    ] {
        let source = format!("{HANDLERS}        {dispatch}\nimport sys\nR().handle({{'t': sys.argv[1]}})");
        assert_runs_once_at_import(name, &source);
    }
}

#[test]
fn a_function_named_by_its_beginning_is_reached() {
    for (name, dispatch) in [
        ("namespace", "globals()['cmd_' + kind]()"),
        ("get", "globals().get('cmd_' + kind)()"),
        ("module", "getattr(sys.modules[__name__], 'cmd_' + kind)()"),
    ] {
        let source =
            format!("import sys\nkind = sys.argv[1]\ndef cmd_shell():\n    os.system('echo')\n{dispatch}");
        assert_runs_once_at_import(name, &source);
    }
}

#[test]
fn too_short_a_beginning_names_nothing() {
    let source = "\
import os, sys
class R:
    def go(self):
        os.system('echo')
getattr(R(), 'g' + sys.argv[1])()
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Run);
}

#[test]
fn a_property_is_not_read_for_its_name() {
    let source = "\
import os, sys
class R:
    @property
    def cmd_a(self):
        os.system('echo')
    def cmd_b(self):
        pass
getattr(R(), 'cmd_' + sys.argv[1])()
";
    assert_eq!(event(source, "os.system").trigger, Trigger::Run);
}

#[test]
fn what_namespaces_and_listings_hold_is_reached() {
    let class = "class R:\n    def go(self=None):\n        os.system('echo')\n";
    for (name, reach) in [
        ("vars", "vars(R)['go'](None)"),
        ("class dictionary", "R.__dict__['go'](None)"),
        ("items of a class", "for n, f in vars(R).items():\n    if n == 'go':\n        f()"),
        ("subclasses", "class B(R):\n    pass\nfor c in R.__subclasses__():\n    c().go()"),
        ("members", "import inspect\nfor n, m in inspect.getmembers(R(), inspect.ismethod):\n    m()"),
        ("names", "r = R()\nfor n in dir(r):\n    if n.startswith('go'):\n        getattr(r, n)()"),
    ] {
        assert_runs_once_at_import(name, &format!("{class}{reach}"));
    }
}

#[test]
fn members_of_an_enumeration_are_objects_of_it() {
    let class = "import enum\nclass E(enum.Enum):\n    A = 'echo'\n    def go(self):\n        os.system(self.value)\n";
    for (name, reach) in [
        ("by name", "E.A.go()"),
        ("by item", "E['A'].go()"),
        ("by value", "E('echo').go()"),
        ("each", "for e in E:\n    e.go()"),
        ("method of a listed member", "list(E)[0].go()"),
    ] {
        let source = format!("import os\n{class}{reach}\n");
        let found = event(&source, "os.system");
        let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
        let is_known = command.map(|v| &*v.text) == Some("echo");
        assert!(is_known && found.trigger == Trigger::Import, "{name}: {command:?}");
        assert_eq!(calls(&source), ["os.system"], "{name}");
    }
}

#[test]
fn an_enumeration_without_methods_gives_its_values() {
    let class = "import enum\nclass E(enum.Enum):\n    A = 'echo'\n    B = 'x'\n";
    for read in ["E.A.value", "E['A'].value", "E('echo').value", "[e.value for e in E][0]"] {
        let found = event(&format!("import os\n{class}os.system({read})\n"), "os.system");
        let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
        assert_eq!(command.map(|v| &*v.text), Some("echo"), "{read}");
    }
}
