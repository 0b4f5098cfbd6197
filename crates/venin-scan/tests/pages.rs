//! Every built-in rule page says the truth: its examples are found where it says, its look-alikes are not.

use venin_rules::RuleSet;
use venin_scan::{Options, Scanner, check_page};

#[test]
fn every_built_in_page_says_what_is_found() {
    let run = || {
        let rules = RuleSet::builtin();
        let scanner = Scanner::new(rules.clone(), Options::default());
        rules.pages().flat_map(|page| check_page(page, &scanner)).map(|f| f.to_string()).collect::<Vec<_>>()
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    let failures = thread.join().expect("the scan does not panic");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
