//! Any text as a rule page: read or refused, never a panic; what is read prints and reads back to the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_rules::pattern::parse_pattern;
use venin_rules::{Observations, RuleFile, RuleSet, match_rules, parse_page};

fuzz_target!(|text: &str| {
    if let Ok(pattern) = parse_pattern(text) {
        let printed = pattern.to_string();
        assert_eq!(parse_pattern(&printed).as_ref(), Ok(&pattern), "{printed}");
    }
    let Ok(page) = parse_page("x.md", text) else { return };
    let _ = page.parse_examples();
    if let Ok(rules) = RuleSet::builtin().with_pages(&[RuleFile { path: "x.md", text }]) {
        let _ = match_rules(&rules, &Observations { events: &[], facts: &[] });
    }
});
