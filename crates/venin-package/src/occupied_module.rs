//! The fact that a release holds the import package of another project.
//!
//! Compares names alone: what the modules do is not looked at here.

use std::collections::BTreeMap;

use venin_model::{Fact, Site};

use crate::modules::ModuleMap;
use crate::names::{is_popular, popular_names};
use crate::path::lists;
use crate::requirement::normalize_name;

/// Names of folders and helpers that many releases hold at their top, and that somebody registered, too.
const COMMON: &str = "test tests testing doc docs example examples sample samples setup src lib libs util utils script \
    scripts tool tools demo demos bin build common config core data misc benchmark benchmarks versioneer conftest";

/// What lies directly below one name.
#[derive(Debug, Default)]
struct Below {
    has_modules: bool,
    has_packages: bool,
}

/// `name.occupied-module`: a package at the top has the name of a popular project, and the release is another one.
///
/// A package that holds packages alone is taken for a namespace, which many releases share.
pub(crate) fn occupied_module(name: Option<&str>, modules: &ModuleMap) -> Option<Fact> {
    let own = normalize_name(name?);
    if is_popular(&own) {
        return None;
    }
    let mut tops: BTreeMap<&str, Below> = BTreeMap::new();
    for (dotted, members) in modules.iter() {
        let (top, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
        let is_package = members.iter().any(|member| modules.is_package(member));
        let below = tops.entry(top).or_default();
        if !rest.is_empty() && !rest.contains('.') {
            below.has_modules |= !is_package;
            below.has_packages |= is_package;
        }
    }
    let is_held = |top: &&str| modules.members(top).iter().any(|member| modules.is_package(member));
    let popular = popular_names();
    let found = tops.iter().filter(|(_, below)| below.has_modules || !below.has_packages);
    let found = found.map(|(top, _)| *top).filter(is_held).filter_map(|top| {
        let of = normalize_name(top);
        let is_foreign = of != own && !lists(COMMON, &of);
        let rank = is_foreign.then(|| popular.rank(&of)).flatten()?;
        Some((rank, of, top))
    });
    let (rank, of, top) = found.min()?;
    let fact = Fact::new("name.occupied-module", format!("holds the import package of the project {of}"));
    let fact = fact.with("module", top).with("of", of).with("rank", rank.to_string());
    Some(match modules.member(top) {
        Some(member) => fact.at(Site::whole(member.clone())),
        None => fact,
    })
}

#[cfg(test)]
mod tests {
    use crate::{MemberEntry, MemberText, read_package};

    fn occupied(metadata: &str, paths: &[&str]) -> Option<String> {
        let info = "zz_inert-1.0.dist-info/METADATA";
        let member = |path: &str| MemberEntry { path: path.into(), size: 10, sha256: None };
        let mut members: Vec<MemberEntry> = paths.iter().copied().map(member).collect();
        members.push(member(info));
        let texts = [MemberText { path: info, bytes: metadata.as_bytes() }];
        let package = read_package("zz_inert-1.0-py3-none-any.whl", &members, &texts);
        let fact = package.facts.iter().find(|f| &*f.kind == "name.occupied-module");
        fact.and_then(|f| f.detail("of")).map(str::to_owned)
    }

    #[test]
    fn the_import_package_of_a_popular_project_is_told() {
        let found = occupied("Name: zz-inert\n", &["zz_inert/__init__.py", "SQLAlchemy/__init__.py"]);
        assert_eq!(found.as_deref(), Some("sqlalchemy"));
    }

    #[test]
    fn namespaces_helpers_and_vendored_copies_are_no_occupation() {
        let paths = [
            "google/__init__.py",
            "google/inert/__init__.py",
            "tests/__init__.py",
            "zz/requests/__init__.py",
        ];
        assert_eq!(occupied("Name: zz-inert\n", &paths), None);
    }

    #[test]
    fn a_popular_project_may_hold_the_package_of_another() {
        assert_eq!(occupied("Name: beautifulsoup4\n", &["bs4/__init__.py"]), None);
    }
}
