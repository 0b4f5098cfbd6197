//! What is made to wear the analysis out hides nothing that stands behind it, and what was not followed is told.

mod common;

use common::{analysis_of, calls};
use venin_model::Trigger;

/// A module that wastes the budgets and then does what it is for.
fn behind(waste: &str) -> String {
    format!("import os\n{waste}\nos.system('echo a')\n")
}

fn is_found_behind(waste: &str) -> bool {
    let analysis = analysis_of(&[("pkg/__init__.py", &behind(waste), Trigger::Import)]);
    let is_found = analysis.events.iter().any(|e| &*e.name == "os.system" && e.trigger == Trigger::Import);
    is_found && !analysis.gaps.is_empty()
}

#[test]
fn a_computation_without_end_hides_nothing_behind_it() {
    for waste in [
        "while True:\n    x = 1\n    if x > 1:\n        break",
        "n = 0\nwhile n < 10 ** 8:\n    n += 1",
        "kept = []\nn = 0\nwhile n < 10 ** 8:\n    n += 1\n    kept.append(str(n) * 100)",
        "for i in range(10 ** 6):\n    for j in range(10 ** 6):\n        k = i * j",
        "def f(n):\n    return f(n - 1) + f(n - 1) if n else 1\nf(60)",
        "x = [i * i for i in range(900000) if str(i) == str(i)[::-1]]\ny = [i for a in x for i in x for b in x]",
    ] {
        assert!(is_found_behind(waste), "{waste}");
    }
}

#[test]
fn several_computations_without_end_hide_nothing_behind_them() {
    let one = "n = 0\nwhile n < 10 ** 8:\n    n += 1\n";
    assert!(is_found_behind(&one.repeat(12)));
}

#[test]
fn what_a_loop_without_end_assigns_is_not_known_behind_it() {
    let source = "import os\nword = 'a'\nn = 0\nwhile n < 10 ** 8:\n    n += 1\n    word = 'b' + str(n)\nos.system(word)\n";
    let command = common::event(source, "os.system");
    assert!(command.text(venin_model::Role::Command).is_none_or(|text| !text.contains("b1")), "{command:?}");
}

#[test]
fn a_loop_whose_state_a_helper_changes_comes_to_its_end() {
    let source = "import os\ns = [1, 2]\nkept = []\ndef d():\n    s.pop()\nwhile s:\n    d()\n    kept.append('x')\nos.system('echo ' + ''.join(kept))\n";
    let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
    let command = analysis.events.iter().find(|e| &*e.name == "os.system").expect("it is found");
    assert_eq!(command.text(venin_model::Role::Command), Some("echo xx"));
    assert_eq!(analysis.gaps, []);
}

#[test]
fn containers_that_are_used_up_end_their_loops() {
    for (make, take) in [
        ("collections.deque([1, 2, 3])", "q.popleft()"),
        ("{1, 2, 3}", "q.pop()"),
        ("{1, 2, 3}", "q.difference_update({1, 2, 3})"),
        ("{1: 2, 3: 4}", "q.popitem()"),
    ] {
        let source =
            format!("import os, collections\nq = {make}\nwhile q:\n    {take}\nos.system('echo a')\n");
        let analysis = analysis_of(&[("pkg/__init__.py", &source, Trigger::Import)]);
        assert!(analysis.events.iter().any(|e| &*e.name == "os.system"), "{take}");
        assert_eq!(analysis.gaps, [], "{take}");
    }
}

#[test]
fn a_function_that_changes_what_is_outside_of_it_is_run_at_every_call() {
    let source = "import os\nparts = ['ec', 'ho', ' ', 'a']\ntext = ''\nat = 0\ndef take():\n    global text, at\n    text += parts[at]\n    at += 1\ntake();take();take();take()\nos.system(text)\n";
    let command = common::event(source, "os.system");
    assert_eq!(command.text(venin_model::Role::Command), Some("echo a"));
}

#[test]
fn an_inherited_constructor_fills_every_object() {
    let source = "import requests\nclass Base:\n    def __init__(self, password):\n        self.password = password\nclass Client(Base):\n    def go(self):\n        requests.post('https://a.example/', data=self.password)\n";
    let sent = common::event(source, "requests.post");
    let data = sent.argument(venin_model::Role::Data).expect("it has data");
    assert!(data.origins.kinds.contains(venin_model::OriginKind::Secret), "{data:?}");
}

#[test]
fn what_gives_back_its_argument_gives_back_no_other_one() {
    for give_back in [
        "def keep(x):\n    return x\n",
        "class Keep:\n    def __call__(self, x):\n        return x\nkeep = Keep()\n",
        "names = []\ndef keep(x):\n    names.append(x)\n    return x\n",
    ] {
        let source = format!(
            "import os\n{give_back}def danger(c):\n    os.system('run ' + c)\nd = keep(danger)\n\
             class Plain:\n    pass\np = keep(Plain)\nl = keep(list)\np()\nl()\n"
        );
        let analysis = analysis_of(&[("pkg/__init__.py", &source, Trigger::Import)]);
        let triggers: Vec<Trigger> = analysis.events.iter().map(|e| e.trigger).collect();
        assert!(!triggers.contains(&Trigger::Import), "{give_back}: {triggers:?}");
        assert!(calls(&source).contains(&"os.system".to_owned()));
    }
}

#[test]
fn a_secret_that_a_caller_may_leave_out_is_followed_as_if_it_were_passed() {
    let source = "import os, requests\nclass Client:\n    def __init__(self, api_key=None):\n        self.api_key = api_key or os.getenv('KEY')\n    def go(self):\n        requests.post('https://a.example/', data=self.api_key)\n";
    let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
    let sent: Vec<_> = analysis.events.iter().filter(|e| &*e.name == "requests.post").collect();
    let kinds = |kind| sent.iter().any(|e| e.input.kinds.contains(kind));
    assert!(kinds(venin_model::OriginKind::Env) && kinds(venin_model::OriginKind::Secret), "{sent:?}");
}

#[test]
fn classes_whose_objects_take_each_other_are_made_once() {
    let source = "import os\nclass Node:\n    def __init__(self, parent: Node, tree: Tree):\n        self.parent = parent\nclass Tree:\n    def __init__(self, root: Node):\n        os.system('echo')\n";
    let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
    assert_eq!(analysis.events.iter().filter(|e| &*e.name == "os.system").count(), 1);
}
