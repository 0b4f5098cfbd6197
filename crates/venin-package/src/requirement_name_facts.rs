//! Facts about the names of dependencies: which popular project a requirement can be mistaken for.
//!
//! A release that asks for a misspelt name fetches what somebody else put there.  What resembles the release's own name
//! is its family and no mistake; so is what is named after a popular project on purpose: plugins, stubs, editions.

use std::collections::BTreeSet;

use venin_model::{Fact, Site};

use crate::names::{Confusion, is_popular, popular_names};
use crate::requirement::{Requirement, Scope, normalize_name};

/// Most requirements that are compared: a lock file of thousands is no list of mistakes.
const MAX_COMPARED: usize = 300;
/// Most facts.
const MAX_FACTS: usize = 10;
/// Rank to which a project is known well enough to be asked for by a wrong name.
const WELL_KNOWN: usize = 3_000;
/// Shortest first word that makes a family of names.
const SHORTEST_PREFIX: usize = 3;

/// `dependency.typosquat`: an installer fetches a project whose name is nearly that of a popular one.
pub(crate) fn requirement_name_facts(own: Option<&str>, requirements: &[Requirement]) -> Vec<Fact> {
    let fetched = requirements.iter().filter(|r| r.scope != Scope::File && !r.name.is_empty());
    let mut names = BTreeSet::new();
    let fetched: Vec<(String, &Requirement)> = fetched
        .map(|requirement| (requirement.normalized_name(), requirement))
        .filter(|(name, _)| names.insert(name.clone()))
        .take(MAX_COMPARED)
        .collect();
    if fetched.is_empty() {
        return Vec::new();
    }
    let own = own.map(normalize_name).unwrap_or_default();
    // Most names that are asked for are popular themselves; the corpus is not made for these.
    let found = fetched.into_iter().filter(|(name, _)| !is_family(&own, name) && !is_popular(name));
    found.filter_map(|(name, requirement)| likeness_fact(&name, requirement)).take(MAX_FACTS).collect()
}

fn likeness_fact(name: &str, requirement: &Requirement) -> Option<Fact> {
    if name.starts_with("types-") || name.ends_with("-stubs") {
        return None;
    }
    let likeness = popular_names().find_likeness(name).filter(|likeness| likeness.rank <= WELL_KNOWN)?;
    let is_error = matches!(
        likeness.confusion,
        Confusion::Homoglyph
            | Confusion::Doubled
            | Confusion::Transposition
            | Confusion::Omission
            | Confusion::Insertion
            | Confusion::Substitution
    );
    // A number behind a name is a version of a fork or a port: `markdown2`, `tomli3`.
    let without_number =
        |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned();
    if !is_error || without_number(name) == without_number(&likeness.of) {
        return None;
    }
    let message = format!("asks for {name}, which can be mistaken for {}", likeness.of);
    let fact = Fact::new("dependency.typosquat", message)
        .with("name", name)
        .with("scope", requirement.scope.as_str())
        .with("kind", likeness.confusion.as_str())
        .with("rank", likeness.rank.to_string())
        .with("of", likeness.of);
    Some(match &requirement.place {
        Some((member, line)) => fact.at(Site::of_line(member.clone(), *line, &requirement.text)),
        None => fact,
    })
}

/// Whether two names begin with the same word, as the parts of one project do, or one is in the other.
fn is_family(own: &str, name: &str) -> bool {
    let first = |text: &str| text.split('-').next().unwrap_or("").to_owned();
    let (mine, other) = (first(own), first(name));
    own == name
        || (mine.len() >= SHORTEST_PREFIX
            && (other.starts_with(&mine) || (other.len() >= SHORTEST_PREFIX && mine.starts_with(&other))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::parse_requirement;

    fn found(own: &str, asked: &[&str]) -> Vec<String> {
        let requirements: Vec<Requirement> =
            asked.iter().filter_map(|text| parse_requirement(text)).collect();
        let facts = requirement_name_facts(Some(own), &requirements);
        facts.iter().map(|f| f.detail("of").unwrap_or("").to_owned()).collect()
    }

    #[test]
    fn a_misspelt_requirement_is_told_with_what_it_imitates() {
        assert_eq!(
            found("zz-inert", &["beautifullsoup4>=4", "numpy", "sqlaclhemy; extra == 'db'"]),
            ["beautifulsoup4", "sqlalchemy"]
        );
    }

    #[test]
    fn what_is_asked_for_twice_is_told_once() {
        assert_eq!(found("zz-inert", &["sqlaclhemy", "SQLaclhemy>=2"]), ["sqlalchemy"]);
    }

    #[test]
    fn popular_names_plugins_and_stubs_are_silent() {
        let asked = [
            "requests",
            "grequests",
            "types-requests",
            "pytest-dotenv-files",
            "pandas-stubs",
            "flask-sqlalchemy",
        ];
        assert_eq!(found("zz-inert", &asked), [""; 0]);
    }

    #[test]
    fn the_own_family_is_silent() {
        assert_eq!(found("sqlalchemyx", &["sqlalchemyx-core", "sqlalchemyxs"]), [""; 0]);
    }

    #[test]
    fn a_line_of_a_requirements_file_is_fetched_by_nobody() {
        let mut requirement = parse_requirement("sqlaclhemy").expect("a requirement");
        requirement.scope = Scope::File;
        assert!(requirement_name_facts(Some("zz-inert"), &[requirement]).is_empty());
    }
}
