//! Facts about dependencies: what does not come from the user's index.

use venin_model::{Fact, MemberPath, Site};

use crate::requirement::{IndexOption, Requirement};

/// Most facts of one kind; an artifact with more says no more with them.
const MAX_FACTS: usize = 40;

/// `dependency.direct-url` and `dependency.vcs`.
pub(crate) fn requirement_facts(requirements: &[Requirement]) -> Vec<Fact> {
    let direct = requirements.iter().filter(|r| r.url.is_some());
    direct.take(MAX_FACTS).map(requirement_fact).collect()
}

fn requirement_fact(requirement: &Requirement) -> Fact {
    let url = requirement.url.as_deref().unwrap_or("");
    let kind = if requirement.is_vcs() { "dependency.vcs" } else { "dependency.direct-url" };
    let named = if requirement.name.is_empty() { "a requirement" } else { requirement.name.as_str() };
    let fact = Fact::new(kind, format!("{named} is asked for by URL"))
        .with("name", requirement.name.as_str())
        .with("scope", requirement.scope.as_str())
        .with("url", url);
    match &requirement.place {
        Some((member, line)) => fact.at(line_site(member, *line, &requirement.text)),
        None => fact,
    }
}

/// `dependency.extra-index`: an option or table that adds a place to get packages from.
pub(crate) fn index_fact(member: &MemberPath, option: &IndexOption) -> Fact {
    Fact::new("dependency.extra-index", format!("{} names another place to get packages from", option.option))
        .with("option", option.option)
        .with("url", option.value.as_str())
        .at(line_site(member, option.line, &option.value))
}

/// A site at a line of a text member.
pub(crate) fn line_site(member: &MemberPath, line: u32, text: &str) -> Site {
    Site::of_line(member.clone(), line, text)
}
