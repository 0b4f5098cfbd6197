//! Claims about what the name of an imported module means: Python's own, another project's, or the artifact's.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::analysis_of;
use venin_model::Trigger;

/// The names of the calls of a package whose module `c` is imported and which has another module.
fn calls_with(module: &str, text: &str, source: &str) -> Vec<String> {
    let module = format!("pkg/{module}.py");
    let files = [
        ("pkg/__init__.py", "from . import c\n", Trigger::Import),
        ("pkg/c.py", source, Trigger::Run),
        (module.as_str(), text, Trigger::Run),
    ];
    analysis_of(&files).events.into_iter().map(|event| event.name.to_string()).collect()
}

#[test]
fn a_module_of_the_same_name_beside_the_importing_one_does_not_hide_pythons_own() {
    let calls = calls_with("os", "def system(x): pass\n", "import os\nos.system('echo')\n");
    assert!(calls.iter().any(|name| name == "os.system"), "{calls:?}");
    let calls = calls_with(
        "base64",
        "x = 1\n",
        "import base64, os\nos.system(base64.b64decode('Y3VybCBodHRwczovL2EuaW52YWxpZA==').decode())\n",
    );
    assert!(calls.iter().any(|name| name == "sh:curl"), "{calls:?}");
}

#[test]
fn a_module_of_the_same_name_does_not_hide_another_project_either() {
    let source = "import requests\nrequests.get('https://a.invalid')\n";
    let calls = calls_with("requests", "def get(x): pass\n", source);
    assert!(calls.iter().any(|name| name == "requests.get"), "{calls:?}");
}

#[test]
fn a_module_that_nobody_else_has_is_found_beside_the_importing_one() {
    let calls = calls_with("deeds", "import os\nos.system('echo')\n", "import deeds\n");
    assert!(calls.iter().any(|name| name == "os.system"), "{calls:?}");
}

/// The triggers of the call in `pkg/stage.py`, which the package's own module imports so.
fn triggers_of_imported(package: &str) -> Vec<Trigger> {
    let analysis = analysis_of(&[
        ("pkg/__init__.py", package, Trigger::Import),
        ("pkg/stage.py", "from . import inner\n", Trigger::Run),
        ("pkg/inner.py", "import os\nos.system('echo')\n", Trigger::Run),
    ]);
    analysis.events.iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect()
}

#[test]
fn a_module_that_a_dead_branch_imports_first_runs_where_it_is_imported() {
    for package in [
        "if False:\n    from . import stage\nfrom . import stage\n",
        "if __name__ == '__main__':\n    import pkg.stage\nimport pkg.stage\n",
        "if False:\n    import pkg.inner\nimport pkg.stage\n",
        "def f():\n    from . import stage\nif False:\n    f()\nf()\n",
    ] {
        assert!(triggers_of_imported(package).contains(&Trigger::Import), "{package}");
    }
    for package in ["if False:\n    from . import stage\n", "x = 1\n"] {
        assert!(!triggers_of_imported(package).contains(&Trigger::Import), "{package}");
    }
    let once = triggers_of_imported(
        "from . import stage\nfrom . import stage\nif False:\n    from . import stage\n",
    );
    assert_eq!(once, [Trigger::Import]);
}
