//! Compiled files: analysed where they stand alone, compared where their source lies beside them.
#![expect(clippy::expect_used, reason = "a test without a thread to run on has failed")]

use base64::Engine as _;
use venin_rules::RuleSet;
use venin_scan::{Input, Options, Scan, Scanner, TreeMember};

/// `import os; VALUE = 1; os.system("echo hello")`, compiled by CPython 3.12.
const COMPILED: &str = "yw0NCgAAAAAAAAAAAAAAAOMAAAAAAAAAAAAAAAADAAAAAAAAAPM0AAAAlwBkAGQBbABaAGQCWgECAGUAagQAAAAAAAAAAA\
    AAAAAAAAAAAABkA6sBAAAAAAAAAQB5ASkE6QAAAABO6QEAAAB6CmVjaG8gaGVsbG8pA9oCb3PaBVZBTFVF2gZzeXN0ZW2pAPMAAAAA+gZtb2QucHn6\
    CDxtb2R1bGU+cgoAAAABAAAAcxsAAADwAwEBAdsACdgICYAF2AAJgAKHCYEJiCzVABdyCAAAAA==";

fn compiled(path: &str) -> TreeMember {
    let packed: String = COMPILED.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).expect("base64");
    TreeMember { path: path.to_owned(), bytes }
}

/// The same, made of a source of that many bytes (PEP 552).
fn compiled_of(path: &str, size: usize) -> TreeMember {
    let mut member = compiled(path);
    let size = u32::try_from(size).expect("a small source").to_le_bytes();
    member.bytes.splice(12..16, size);
    member
}

fn source(path: &str, text: &str) -> TreeMember {
    TreeMember { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn scan(members: Vec<TreeMember>) -> Scan {
    let run = move || {
        let scanner = Scanner::new(RuleSet::builtin(), Options::default());
        scanner.scan(&Input::Tree { name: "example", members: &members })
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the scan does not panic")
}

#[test]
fn bytecode_without_its_source_is_analysed_and_leaves_no_gap() {
    let scan = scan(vec![compiled("pkg/__init__.pyc")]);
    assert_eq!(scan.coverage.python, 1);
    assert!(scan.coverage.is_complete(), "{:?}", scan.coverage.gaps);
}

#[test]
fn bytecode_beside_its_source_is_not_counted_twice() {
    let text = "import os\nVALUE = 1\nos.system(\"echo hello\")\n";
    let scan = scan(vec![source("pkg/mod.py", text), compiled("pkg/__pycache__/mod.cpython-312.pyc")]);
    assert_eq!(scan.coverage.python, 1);
    assert!(scan.coverage.gaps.is_empty(), "{:?}", scan.coverage.gaps);
}

#[test]
fn bytecode_that_holds_more_than_its_source_is_analysed_too() {
    let text = "VALUE = 1\n";
    let bytecode = compiled_of("pkg/__pycache__/mod.cpython-312.pyc", text.len());
    let scan = scan(vec![source("pkg/mod.py", text), bytecode]);
    assert_eq!(scan.coverage.python, 2);
    let finding = scan.findings.iter().find(|f| &*f.rule == "bytecode-differs").expect("a finding");
    let site = finding.site.as_ref().expect("a site");
    assert_eq!((&*site.member, site.line), ("pkg/__pycache__/mod.cpython-312.pyc", 3));
    assert_eq!(&*site.snippet, "os.system('echo hello')");
}

#[test]
fn bytecode_that_python_makes_anew_is_no_finding_but_is_analysed() {
    let text = "VALUE = 1\n";
    for (path, is_found) in [("pkg/__pycache__/mod.cpython-312.pyc", false), ("pkg/mod.pyc", true)] {
        let scan = scan(vec![source("pkg/mod.py", text), compiled_of(path, text.len() + 1)]);
        assert_eq!(scan.coverage.python, 2);
        assert_eq!(scan.findings.iter().any(|f| &*f.rule == "bytecode-differs"), is_found, "{path}");
    }
}

#[test]
fn a_module_that_is_only_bytecode_can_be_imported() {
    let members = vec![source("pkg/__init__.py", "from . import hidden\n"), compiled("pkg/hidden.pyc")];
    let scan = scan(members);
    assert_eq!(scan.coverage.python, 2);
    assert!(scan.findings.iter().all(|f| &*f.rule != "bytecode-differs"));
}

#[test]
fn bytecode_of_an_unknown_version_alone_is_never_clean() {
    let mut member = compiled("pkg/__init__.pyc");
    member.bytes.splice(..2, [0xff, 0x7f]);
    member.bytes.truncate(40);
    let scan = scan(vec![member]);
    assert!(!scan.coverage.is_complete(), "{:?}", scan.coverage.gaps);
}
