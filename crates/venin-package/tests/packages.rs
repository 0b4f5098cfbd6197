//! Whole artifacts in, roots and facts out.

use std::collections::BTreeMap;

use venin_model::Trigger;
use venin_package::{MemberEntry, MemberText, Package, PackageKind, member_triggers, read_package};

/// An artifact given as paths with their text; members without text have a size all the same.
fn package(file_name: &str, members: &[(&str, &str)]) -> Package {
    let entries: Vec<MemberEntry> = members
        .iter()
        .map(|(path, text)| MemberEntry { path: (*path).into(), size: text.len() as u64, sha256: None })
        .collect();
    let texts: Vec<MemberText<'_>> = members
        .iter()
        .filter(|(path, _)| venin_package::is_descriptive(path))
        .map(|(path, text)| MemberText { path, bytes: text.as_bytes() })
        .collect();
    read_package(file_name, &entries, &texts)
}

fn roots(package: &Package) -> Vec<String> {
    let show = |object: &Option<String>| object.as_ref().map(|o| format!(":{o}")).unwrap_or_default();
    package.roots.iter().map(|r| format!("{} {}{}", r.trigger, r.member, show(&r.object))).collect()
}

fn kinds(package: &Package) -> Vec<&str> {
    package.facts.iter().map(|f| &*f.kind).collect()
}

#[test]
fn an_sdist_runs_setup_its_packages_and_its_scripts() {
    let package = package(
        "demo-1.0.tar.gz",
        &[
            ("demo-1.0/PKG-INFO", "Name: demo\nVersion: 1.0\n"),
            ("demo-1.0/setup.py", "x"),
            ("demo-1.0/demo/__init__.py", "x"),
            ("demo-1.0/demo/cli.py", "x"),
            ("demo-1.0/demo/__main__.py", "x"),
            ("demo-1.0/tests/conftest.py", "x"),
            ("demo-1.0/vendor/other/setup.py", "x"),
            ("demo-1.0/demo.egg-info/entry_points.txt", "[console_scripts]\ndemo = demo.cli:App.main\n"),
            ("demo-1.0/demo.egg-info/top_level.txt", "demo\n"),
        ],
    );
    assert_eq!(
        (package.kind, package.name.as_deref(), package.version.as_deref()),
        (PackageKind::Sdist, Some("demo"), Some("1.0"))
    );
    assert_eq!(
        roots(&package),
        [
            "install demo-1.0/setup.py",
            "import demo-1.0/demo/__init__.py",
            "entry demo-1.0/demo/__main__.py",
            "entry demo-1.0/demo/cli.py:App.main",
            "entry demo-1.0/tests/conftest.py:pytest_*",
        ]
    );
}

#[test]
fn a_wheel_runs_path_files_and_customizations_at_start() {
    let package = package(
        "demo-1.0-py3-none-any.whl",
        &[
            ("demo/__init__.py", "x"),
            ("demo.pth", "import demo.hook\n"),
            ("paths.pth", "./lib\n"),
            ("demo/data.pth", "import demo\n"),
            ("sitecustomize.py", "x"),
            ("demo-1.0.data/data/lib/python3/site-packages/late.pth", "import os\n"),
            ("demo-1.0.data/scripts/run", "x"),
            ("demo-1.0.dist-info/METADATA", "Name: demo\nVersion: 1.0\n"),
            ("demo-1.0.dist-info/WHEEL", ""),
        ],
    );
    let startup: Vec<String> = roots(&package).into_iter().filter(|r| r.starts_with("startup")).collect();
    assert_eq!(
        startup,
        [
            "startup demo-1.0.data/data/lib/python3/site-packages/late.pth",
            "startup demo.pth",
            "startup sitecustomize.py",
        ]
    );
    assert!(roots(&package).contains(&"entry demo-1.0.data/scripts/run".to_owned()));
    assert!(kinds(&package).contains(&"record.missing"));
    assert_eq!(kinds(&package).iter().filter(|k| **k == "layout.pth").count(), 4);
}

#[test]
fn an_in_tree_backend_and_build_hooks_run_at_build() {
    let package = package(
        "demo-1.0.tar.gz",
        &[
            (
                "demo-1.0/pyproject.toml",
                "[build-system]\nrequires = []\nbuild-backend = \"own.backend:main\"\nbackend-path = [\"build_tools\"]\n\
                 [project]\nname = \"demo\"\nversion = \"1.0\"\n[tool.hatch.build.hooks.custom]\n",
            ),
            ("demo-1.0/build_tools/own/backend.py", "x"),
            ("demo-1.0/hatch_build.py", "x"),
            ("demo-1.0/src/demo/__init__.py", "x"),
        ],
    );
    let build: Vec<String> = roots(&package).into_iter().filter(|r| r.starts_with("build")).collect();
    assert!(build.contains(&"build demo-1.0/build_tools/own/backend.py".to_owned()), "{build:?}");
    assert!(build.contains(&"build demo-1.0/build_tools/own/backend.py:main.build_wheel".to_owned()));
    assert!(build.contains(&"build demo-1.0/hatch_build.py:*".to_owned()));
    assert!(kinds(&package).contains(&"build.in-tree-backend"));
}

#[test]
fn a_setup_script_beside_another_backend_is_no_root() {
    let runs = |backend: &str, other: &str| {
        let project = format!("[build-system]\nrequires = [\"x\"]\nbuild-backend = \"{backend}\"\n");
        let members = [("demo-1.0/pyproject.toml", &*project), ("demo-1.0/setup.py", "x"), (other, "x")];
        package("demo-1.0.tar.gz", &members).roots.iter().any(|r| r.trigger == Trigger::Install)
    };
    assert!(!runs("hatchling.build", "demo-1.0/README"));
    assert!(runs("setuptools.build_meta", "demo-1.0/README"));
    assert!(runs("own_backend", "demo-1.0/README"));
    assert!(runs("hatchling.build", "demo-1.0/demo.egg-info/PKG-INFO"), "setuptools made it");
}

#[test]
fn the_member_of_an_attribute_runs_unless_it_is_a_literal() {
    let package = package(
        "demo-1.0.tar.gz",
        &[
            ("demo-1.0/setup.cfg", "[metadata]\nname = demo\nversion = attr: demo.core.VERSION\n"),
            ("demo-1.0/demo/__init__.py", "x"),
            ("demo-1.0/demo/core.py", "x"),
        ],
    );
    let root = package.roots.iter().find(|r| r.trigger == Trigger::Build);
    assert_eq!(root.map(|r| &*r.member), Some("demo-1.0/demo/core.py"));
    assert_eq!(root.and_then(|r| r.unless_literal.as_deref()), Some("VERSION"));
}

#[test]
fn bare_files_run_by_their_name() {
    for (name, trigger) in [
        ("setup.py", Trigger::Install),
        ("tool.py", Trigger::Import),
        ("tool.pyc", Trigger::Import),
        ("x.pth", Trigger::Startup),
        ("run.sh", Trigger::Entry),
    ] {
        let package = package(name, &[(name, "import os\n")]);
        assert_eq!(package.kind, PackageKind::File);
        assert_eq!(package.roots.iter().map(|r| r.trigger).collect::<Vec<_>>(), [trigger], "{name}");
    }
}

#[test]
fn triggers_follow_imports_through_the_artifact() {
    let package = package(
        "demo-1.0.tar.gz",
        &[
            ("demo-1.0/PKG-INFO", "Name: demo\nVersion: 1.0\n"),
            ("demo-1.0/setup.py", "x"),
            ("demo-1.0/demo/__init__.py", "x"),
            ("demo-1.0/demo/version.py", "x"),
            ("demo-1.0/demo/sub/__init__.py", "x"),
            ("demo-1.0/demo/sub/deep.py", "x"),
            ("demo-1.0/demo/lonely.py", "x"),
            ("demo-1.0/README", "x"),
        ],
    );
    let imports: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("demo-1.0/setup.py", vec!["demo.version.__version__", "os"]),
        ("demo-1.0/demo/__init__.py", vec![".sub.deep"]),
        ("demo-1.0/demo/sub/deep.py", vec!["..version"]),
    ]);
    let ask = |member: &str| imports.get(member).into_iter().flatten().map(|n| (*n).to_owned()).collect();
    let triggers = member_triggers(&package, &ask);
    let of = |member: &str| triggers[member].iter().map(Trigger::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(of("demo-1.0/setup.py"), "install");
    assert_eq!(of("demo-1.0/demo/__init__.py"), "install import");
    assert_eq!(of("demo-1.0/demo/version.py"), "install import");
    assert_eq!(of("demo-1.0/demo/sub/__init__.py"), "install import");
    assert_eq!(of("demo-1.0/demo/sub/deep.py"), "install import");
    assert_eq!(of("demo-1.0/demo/lonely.py"), "run");
    assert_eq!(of("demo-1.0/README"), "data");
}

#[test]
fn a_release_of_a_few_lines_has_little_code() {
    let small = package("demo-1.0.tar.gz", &[("demo-1.0/setup.py", "x"), ("demo-1.0/demo/__init__.py", "x")]);
    assert!(kinds(&small).contains(&"layout.little-code"));
    let module = "x = 1\n".repeat(400);
    let large = package("demo-1.0.tar.gz", &[("demo-1.0/demo/__init__.py", &module)]);
    assert!(!kinds(&large).contains(&"layout.little-code"));
    let hollow = package("demo-1.0.tar.gz", &[("demo-1.0/setup.py", "x")]);
    assert!(!kinds(&hollow).contains(&"layout.little-code"));
}

#[test]
fn metadata_that_says_nothing_gives_facts_and_full_metadata_gives_none() {
    let empty = package(
        "demo-1.0.tar.gz",
        &[("demo-1.0/PKG-INFO", "Name: other\nVersion: 99.0.1\n"), ("demo-1.0/setup.py", "x")],
    );
    for kind in [
        "metadata.no-summary",
        "metadata.no-description",
        "metadata.no-homepage",
        "metadata.no-author",
        "metadata.no-email",
        "metadata.placeholder-version",
        "metadata.mismatch",
        "layout.setup-only",
        "layout.few-files",
    ] {
        assert!(kinds(&empty).contains(&kind), "{kind} in {:?}", kinds(&empty));
    }
    let module = "x = 1\n".repeat(400);
    let full = package(
        "demo-1.0.tar.gz",
        &[
            (
                "demo-1.0/PKG-INFO",
                "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: Draws charts\nHome-page: https://demo.invalid\n\
                 Author: Ada\nAuthor-email: ada@demo.invalid\nLicense: MIT\nClassifier: Topic :: Charts\n\n\
                 Draws charts of many kinds in a terminal, from a list of numbers or from a file, with labels and colors.\n",
            ),
            ("demo-1.0/setup.py", "x"),
            ("demo-1.0/demo/__init__.py", "x"),
            ("demo-1.0/demo/a.py", "x"),
            ("demo-1.0/demo/b.py", &module),
        ],
    );
    assert_eq!(kinds(&full), [""; 0]);
}

#[test]
fn dependencies_are_gathered_once_and_those_by_url_are_facts() {
    let package = package(
        "demo-1.0.tar.gz",
        &[
            (
                "demo-1.0/PKG-INFO",
                "Name: demo\nVersion: 1.0\nRequires-Dist: a (>=1)\nRequires-Dist: b; extra == 'x'\n",
            ),
            (
                "demo-1.0/setup.cfg",
                "[options]\ninstall_requires =\n  a>=1\n  c @ git+https://h.example/c.git\n",
            ),
            (
                "demo-1.0/requirements.txt",
                "--extra-index-url https://i.example/simple\nd @ https://h.example/d.zip\n",
            ),
            ("demo-1.0/setup.py", "x"),
        ],
    );
    let names: Vec<_> = package.dependencies.iter().map(|r| (r.name.as_str(), r.scope.as_str())).collect();
    assert_eq!(names, [("a", "runtime"), ("b", "extra"), ("c", "runtime"), ("d", "file")]);
    let dependency_facts: Vec<_> =
        kinds(&package).into_iter().filter(|k| k.starts_with("dependency")).collect();
    assert_eq!(dependency_facts, ["dependency.extra-index", "dependency.vcs", "dependency.direct-url"]);
}

#[test]
fn a_site_packages_tree_imports_every_distribution() {
    let package = package(
        "site-packages",
        &[
            ("a/__init__.py", "x"),
            ("b.py", "x"),
            ("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
            ("a-1.dist-info/RECORD", ""),
            ("b-1.dist-info/METADATA", "Name: b\nVersion: 1\n"),
            ("b-1.dist-info/RECORD", ""),
            ("b.pth", "import b\n"),
        ],
    );
    assert_eq!(package.kind, PackageKind::Tree);
    assert_eq!(roots(&package), ["startup b.pth", "import a/__init__.py", "import b.py"]);
}
