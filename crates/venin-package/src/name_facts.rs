//! Facts about names: which other name one can be mistaken for, and whose repository and description a release shows.

use venin_model::{Fact, Site};

use crate::filename::DistributionName;
use crate::metadata::CoreMetadata;
use crate::names::{Confusion, Corpus, borrowed, is_popular, popular_names};
use crate::package::Package;
use crate::requirement::{Requirement, normalize_name};

/// Rank to which a name is known well enough that an addition to it lures anybody.
const LURING: usize = 1_000;
/// Shortest name of a popular project that a repository or description can be said to be of.
const TELLING: usize = 5;

/// Every fact about the name of a release, and what its metadata says of another project.
///
/// A name that is itself popular is never confusing and borrows nothing.  The file name counts where the metadata says
/// nothing confusing: indexes list a release by it, and metadata may be a copy.
pub(crate) fn name_facts(
    name: Option<&str>,
    claimed: Option<&DistributionName>,
    metadata: &CoreMetadata,
    requirements: &[Requirement],
) -> Vec<Fact> {
    let names = name.into_iter().chain(claimed.map(|c| c.name.as_str()));
    if name.is_some() && names.clone().all(is_popular) {
        return Vec::new();
    }
    let popular = popular_names();
    let mut facts: Vec<Fact> = names.filter_map(|n| likeness_fact(popular, n)).take(1).collect();
    if let Some(name) = name
        && popular.rank(name).is_none()
    {
        let own = normalize_name(name);
        facts.extend(repository_fact(popular, &own, metadata));
        facts.extend(description_fact(popular, &own, metadata, requirements));
    }
    facts.into_iter().map(|fact| at_metadata(metadata, fact)).collect()
}

/// `name.internal`: the release can be mistaken for one of the user's own internal projects, or has its name.
///
/// `internal` holds the user's names; what an artifact is compared with never depends on what it says of itself.
#[must_use]
pub fn internal_name_fact(package: &Package, internal: &Corpus) -> Option<Fact> {
    let likeness = internal.find_likeness(package.name.as_deref()?)?;
    let message = match likeness.confusion {
        Confusion::Same => format!("the name is that of the internal project {}", likeness.of),
        _ => format!("the name can be mistaken for the internal project {}", likeness.of),
    };
    let fact =
        Fact::new("name.internal", message).with("kind", likeness.confusion.as_str()).with("of", likeness.of);
    Some(at_metadata(&package.metadata, fact))
}

fn at_metadata(metadata: &CoreMetadata, fact: Fact) -> Fact {
    match &metadata.member {
        Some(member) => fact.at(Site::whole(member.clone())),
        None => fact,
    }
}

/// `name.typosquat` and `name.combosquat`.
fn likeness_fact(popular: &Corpus, name: &str) -> Option<Fact> {
    let likeness = popular.find_likeness(name)?;
    let kind = match likeness.confusion {
        Confusion::Same => return None,
        Confusion::Edition | Confusion::Glued if likeness.rank > LURING => return None,
        Confusion::Edition | Confusion::Glued => "name.combosquat",
        _ => "name.typosquat",
    };
    let message = format!("the name can be mistaken for {}: {}", likeness.of, words(likeness.confusion));
    let fact = Fact::new(kind, message).with("kind", likeness.confusion.as_str());
    Some(fact.with("of", likeness.of).with("rank", likeness.rank.to_string()))
}

const fn words(confusion: Confusion) -> &'static str {
    match confusion {
        Confusion::Same => "it is the same",
        Confusion::Homoglyph => "some characters only look the same",
        Confusion::Separator => "only the separators differ",
        Confusion::Order => "the words stand in another order",
        Confusion::Doubled => "a letter stands there more or less often",
        Confusion::Transposition => "two letters are exchanged",
        Confusion::Omission => "a letter is missing",
        Confusion::Insertion => "a letter is added",
        Confusion::Substitution => "a letter is another",
        Confusion::TwoErrors => "two letters differ",
        Confusion::Edition => "the rest promises another edition of it",
        Confusion::Glued => "letters are glued to it",
    }
}

/// `name.borrowed-repository`: the metadata points at the repository or documentation of a popular project of another name.
fn repository_fact(popular: &Corpus, own: &str, metadata: &CoreMetadata) -> Option<Fact> {
    let (repositories, documentations) =
        (borrowed::repositories(metadata), borrowed::documentations(metadata));
    if repositories.iter().chain(&documentations).any(|(project, _)| project == own) {
        return None;
    }
    let within = |(project, _): &(String, &str), most: usize| {
        project.len() >= TELLING && popular.rank(project).is_some_and(|rank| rank <= most)
    };
    let repository = repositories.into_iter().find(|project| within(project, usize::MAX));
    // The first label of a host is a word more often than a project, unless the project is well known.
    let documentation = || documentations.into_iter().find(|project| within(project, LURING));
    let (of, url) = repository.or_else(documentation)?;
    let fact = Fact::new(
        "name.borrowed-repository",
        format!("the repository or documentation of {of} is given as the project's own"),
    );
    let rank = popular.rank(&of).unwrap_or_default().to_string();
    Some(
        fact.with("kin", kin(own, &of))
            .with("of", of)
            .with("rank", rank)
            .with("url", url.chars().take(240).collect::<String>()),
    )
}

/// `name.borrowed-description`: a description that never names the project, but has the reader install a popular one,
/// or has its name for a title.
fn description_fact(
    popular: &Corpus,
    own: &str,
    metadata: &CoreMetadata,
    requirements: &[Requirement],
) -> Option<Fact> {
    let description = metadata.description.as_deref()?;
    let is_foreign = |name: &String| {
        name.len() >= TELLING
            && popular.rank(name).is_some()
            && !requirements.iter().any(|r| r.normalized_name() == *name)
    };
    let installed = borrowed::installed_names(description).into_iter().find(is_foreign);
    let titled = || borrowed::title(description).filter(is_foreign);
    let (of, kind) = match installed {
        Some(of) => (of, "install-command"),
        None => (titled()?, "title"),
    };
    if borrowed::mentions(description, own) {
        return None;
    }
    let message = format!("the description is about {of} and never names the project");
    let fact = Fact::new("name.borrowed-description", message).with("kin", kin(own, &of));
    Some(fact.with("kind", kind).with("of", of))
}

fn kin(own: &str, other: &str) -> &'static str {
    if borrowed::are_kin(own, other) { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::parse_metadata;

    fn facts(text: &str) -> Vec<(String, Option<String>)> {
        let metadata = parse_metadata(text.as_bytes());
        let found = name_facts(metadata.name.as_deref(), None, &metadata, &[]);
        found.iter().map(|f| (f.kind.to_string(), f.detail("of").map(str::to_owned))).collect()
    }

    fn fact(kind: &str, of: &str) -> (String, Option<String>) {
        (kind.to_owned(), Some(of.to_owned()))
    }

    #[test]
    fn a_misspelt_name_is_told_with_what_it_imitates() {
        assert_eq!(facts("Name: beautifullsoup4\n"), [fact("name.typosquat", "beautifulsoup4")]);
        assert_eq!(facts("Name: sqlalchemy-official\n"), [fact("name.combosquat", "sqlalchemy")]);
    }

    #[test]
    fn a_popular_name_is_never_confusing_and_borrows_nothing() {
        for name in ["requests", "Flask", "python_dateutil", "grequests", "urllib3"] {
            let text =
                format!("Name: {name}\nHome-page: https://code.example/x/botocore\n\npip install numpy\n");
            assert_eq!(facts(&text), [], "{name}");
        }
    }

    #[test]
    fn a_foreign_repository_and_description_are_borrowed() {
        let text =
            "Name: zz-inert\nHome-page: https://code.example/x/botocore\n\nUse pip install sqlalchemy now\n";
        assert_eq!(
            facts(text),
            [fact("name.borrowed-repository", "botocore"), fact("name.borrowed-description", "sqlalchemy")]
        );
    }

    #[test]
    fn a_description_that_names_its_project_is_its_own() {
        let text = "Name: zz-inert\nHome-page: https://code.example/x/zz-inert\nProject-URL: base, \
            https://code.example/x/botocore\n\nInstall ZZ_Inert beside SQLAlchemy: pip install sqlalchemy\n";
        assert_eq!(facts(text), []);
    }

    #[test]
    fn a_file_name_counts_where_the_metadata_is_a_copy() {
        let metadata = parse_metadata(b"Name: sqlalchemy\nHome-page: https://code.example/x/sqlalchemy\n");
        let claimed = crate::parse_file_name("sqlaclhemy-1.0.tar.gz");
        let found = name_facts(Some("sqlalchemy"), claimed.as_ref(), &metadata, &[]);
        let kinds: Vec<&str> = found.iter().map(|f| &*f.kind).collect();
        assert_eq!(kinds, ["name.typosquat"]);
    }
}
