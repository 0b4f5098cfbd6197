//! Rule pages, the pattern language they are written in, and the matcher.
//!
//! A page ([`parse_page`], `docs/rules.md`) is a rule, its documentation and its test.  Its patterns
//! (`docs/pattern-language.md`) are the study's notation made executable.  A [`RuleSet`] compiles pages once, and
//! [`match_rules`] turns the events and facts of an artifact into findings.  YARA rules give facts ([`yara`]).
//!
//! This crate reads no archive and no Python, runs nothing, and never decides a verdict.

mod error;
mod lazy_regex;
mod matcher;
mod page;
pub mod pattern;
mod rule_set;
mod vocabulary;
pub mod yara;

pub use error::{Defect, PageError, Problem};
pub use matcher::{Matches, Observations, evidence_of_fact, mask_secrets, match_all, match_rules};
pub use page::{
    Case, DEFAULT_FILE, Example, ExampleFile, ExampleKind, Expectation, Page, RuleMeta, parse_cases,
    parse_page,
};
pub use rule_set::{RuleFile, RuleSet};
