//! Claims about modules that the code writes itself and imports then.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{analysis_of, events_of};
use venin_model::{Event, OriginKind, Role, Trigger};

const SOURCE: &str = "import os\\nos.system(\"echo\")\\ndef go():\\n    os.system(\"again\")\\n";

fn commands(events: &[Event]) -> Vec<String> {
    let commands = events.iter().filter(|e| &*e.name == "os.system" && e.site.layer == 1);
    commands.filter_map(|e| e.text(Role::Command).map(str::to_owned)).collect()
}

/// How a module `zq` is written to a folder and imported from it.
const WAYS: [&str; 12] = [
    "d = tempfile.mkdtemp()\nopen(d + '/zq.py', 'w').write(SOURCE)\nsys.path.append(d)\nimport zq",
    "d = tempfile.mkdtemp()\nopen(os.path.join(d, 'zq.py'), 'w').write(SOURCE)\nsys.path.insert(0, d)\nfrom zq import go",
    "d = Path.home() / '.cache'\n(d / 'zq.py').write_text(SOURCE)\nsys.path.extend([str(d)])\n__import__('zq')",
    "open('/opt/x/zq.py', 'w').write(SOURCE)\nsys.path += ['/opt/x']\nimportlib.import_module('zq')",
    "open('/opt/x/zq.py', 'w').write(SOURCE)\nsys.path[:0] = ['/opt/x']\nimport zq as other",
    "open('/opt/x/zq.py', 'w').write(SOURCE)\nsite.addsitedir('/opt/x')\nimport zq",
    "open('/opt/x/zq/__init__.py', 'w').write(SOURCE)\nsys.path = ['/opt/x'] + sys.path\nimport zq",
    "open('zq.py', 'w').write(SOURCE)\nimport zq",
    "here = os.path.dirname(os.path.abspath(__file__))\nopen(os.path.join(here, 'zq.py'), 'w').write(SOURCE)\nfrom . import zq",
    "here = os.path.dirname(__file__)\nopen(os.path.join(here, 'zq.py'), 'w').write(SOURCE)\nimport pkg.zq",
    "open(site.getsitepackages()[0] + '/zq.py', 'w').write(SOURCE)\nimport zq",
    "open('/opt/x/zq.py', 'w').write(SOURCE)\nos.environ['PYTHONPATH'] = '/opt/x'\n\
     subprocess.run([sys.executable, '-c', 'import zq'])",
];
const IMPORTS: &str = "import importlib, os, site, subprocess, sys, tempfile\nfrom pathlib import Path\n";

#[test]
fn a_module_that_was_written_before_its_import_is_read_as_a_layer() {
    for way in WAYS {
        let events = events_of(&format!("{IMPORTS}SOURCE = '{SOURCE}'\n{way}\n"));
        let layer = events.iter().find(|e| &*e.name == "os.system");
        assert_eq!(layer.and_then(|e| e.text(Role::Command)), Some("echo"), "{way}");
        assert!(!events.iter().any(|e| &*e.name == "import"), "{way}");
    }
}

#[test]
fn what_a_written_module_defines_is_called() {
    let way = "d = tempfile.mkdtemp()\nopen(d + '/zq.py', 'w').write(SOURCE)\nsys.path.append(d)\nimport zq\nzq.go()";
    let events = events_of(&format!("{IMPORTS}SOURCE = '{SOURCE}'\n{way}\n"));
    assert_eq!(commands(&events), ["echo", "again"]);
}

#[test]
fn importing_what_was_fetched_is_an_event_with_its_path_and_origin() {
    for fetch in [
        "import urllib.request\nSOURCE = urllib.request.urlopen('https://a.invalid/m').read().decode()",
        "import requests\nSOURCE = requests.get('https://a.invalid/m').text",
    ] {
        for way in WAYS {
            let events = events_of(&format!("{IMPORTS}{fetch}\n{way}\n"));
            let import = events.iter().find(|e| &*e.name == "import");
            let import = import.unwrap_or_else(|| panic!("nothing is imported: {way}"));
            assert!(import.text(Role::Path).is_some_and(|path| path.contains("zq")), "{way}");
            assert!(import.input.kinds.contains(OriginKind::Network), "{way}");
        }
    }
}

#[test]
fn a_file_where_nothing_is_imported_from_is_no_module() {
    for way in [
        "open('/opt/y/zq.py', 'w').write(SOURCE)\nimport zq",
        "open('/opt/y/zq.py', 'w').write(SOURCE)\nsys.path.append('/opt/x')\nimport zq",
        "open('/opt/x/zq.txt', 'w').write(SOURCE)\nsys.path.append('/opt/x')\nimport zq",
        "open('/opt/x/my_zq.py', 'w').write(SOURCE)\nsys.path.append('/opt/x')\nimport zq",
        "open('/opt/x/zq.py', 'w').write(SOURCE)\nsys.path.append('/opt/x')\nimport a.zq",
    ] {
        assert!(commands(&events_of(&format!("{IMPORTS}SOURCE = '{SOURCE}'\n{way}\n"))).is_empty(), "{way}");
    }
}

#[test]
fn a_module_of_the_artifact_goes_before_one_that_was_written() {
    let writer = format!("{IMPORTS}open('own.py', 'w').write('{SOURCE}')\nimport own\n");
    let analysis = analysis_of(&[
        ("setup.py", &writer, Trigger::Install),
        ("own.py", "import os\nos.system('own')", Trigger::Run),
    ]);
    let commands: Vec<&str> = analysis.events.iter().filter_map(|e| e.text(Role::Command)).collect();
    assert_eq!(commands, ["own"]);
}

#[test]
fn a_module_that_another_interpreter_is_told_to_run_by_name_is_read() {
    let way =
        "open('/opt/x/zq.py', 'w').write(SOURCE)\nsubprocess.run([sys.executable, '-m', 'zq'], cwd='/opt/x')";
    let events = events_of(&format!("{IMPORTS}SOURCE = '{SOURCE}'\n{way}\n"));
    assert_eq!(commands(&events).first().map(String::as_str), Some("echo"));
}
