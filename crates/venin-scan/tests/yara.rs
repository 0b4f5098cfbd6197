//! YARA matches of a user's own rules: findings by themselves, or evidence of a page.
#![expect(clippy::expect_used, reason = "a test without a thread to run on has failed")]

use venin_model::{Severity, Verdict};
use venin_rules::yara::{BorealMatcher, YaraSource};
use venin_rules::{RuleFile, RuleSet};
use venin_scan::{Input, Options, Scan, Scanner, TreeMember};

const YARA: &str = r#"
    rule word { meta: severity = "high" description = "Holds the word" strings: $a = "venin-word" condition: $a }
    rule other { strings: $a = "venin-" condition: $a }
"#;

const PAGE: &str = "+++\nid = \"own-word\"\ntitle = \"Holds a word\"\nbehavior = \"code execution\"\nseverity = \"low\"\n\
                    confidence = \"low\"\nweight = 0.1\nsince = \"0.1\"\n+++\n\n```pattern\nfact(yara.match)(rule = \"word\")\n```\n";

fn scan(rules: RuleSet, n_members: usize) -> Scan {
    let run = move || {
        let matcher = BorealMatcher::compile(&[YaraSource { name: "own.yar", text: YARA }]);
        let scanner = Scanner::new(rules, Options::default());
        let scanner = scanner.with_matcher(Box::new(matcher.expect("the rules compile")));
        let members: Vec<TreeMember> = (0..n_members)
            .map(|n| TreeMember { path: format!("pkg/m{n}.py"), bytes: b"WORD = 'venin-word'\n".to_vec() })
            .collect();
        scanner.scan(&Input::Tree { name: "example", members: &members })
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the scan does not panic")
}

fn rules_of(scan: &Scan) -> Vec<&str> {
    scan.findings.iter().map(|f| &*f.rule).collect()
}

#[test]
fn a_match_is_a_finding_with_the_severity_of_its_meta() {
    let scan = scan(RuleSet::builtin(), 1);
    assert_eq!(rules_of(&scan), ["yara:word", "yara:other"]);
    let word = &scan.findings[0];
    assert_eq!((&*word.title, word.severity), ("Holds the word", Severity::High));
    assert_eq!(scan.findings[1].severity, Severity::Medium);
    assert_eq!(word.site.as_ref().map(|s| &*s.member), Some("pkg/m0.py"));
}

#[test]
fn matches_alone_are_suspicious_however_many_they_are() {
    for n_members in [1, 60] {
        let scan = scan(RuleSet::builtin(), n_members);
        assert_eq!(scan.verdict, Verdict::Suspicious, "{n_members}: {}", scan.score);
        assert!((scan.score - scan.prior - 2.0).abs() < 1e-9, "{:?}", scan.shares);
    }
}

#[test]
fn many_members_with_one_match_are_few_findings() {
    let scan = scan(RuleSet::builtin(), 60);
    let words: Vec<_> = scan.findings.iter().filter(|f| &*f.rule == "yara:word").collect();
    assert_eq!((words.len(), words[0].further), (5, 55));
}

#[test]
fn a_page_that_speaks_of_a_match_takes_its_place() {
    let rules = RuleSet::builtin().with_pages(&[RuleFile { path: "own/own-word.md", text: PAGE }]);
    let scan = scan(rules.expect("the page is right"), 1);
    assert_eq!(rules_of(&scan), ["yara:other", "own-word"]);
}
