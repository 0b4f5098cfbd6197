//! Sub-kinds of behaviors: what is stolen, which commands are run, which operations on files; a mapping that is data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::artifact::Artifact;

/// The mapping that comes with the program.
const BUILT_IN: &str = include_str!("../../../../data/study/sub-kinds.toml");

/// A sub-kind of a behavior.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubKind {
    /// Its name.
    pub(super) name: String,
    /// The behavior, by its spelling.
    pub(super) behavior: String,
    /// Rules that tell it.
    #[serde(default)]
    rules: BTreeSet<String>,
    /// Classes of calls that tell it when a finding rests on them.
    #[serde(default)]
    classes: BTreeSet<String>,
    /// Origins of arguments and families of calls that tell it when a finding rests on them: `host -> Cn`.
    #[serde(default)]
    flows: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    kind: Vec<SubKind>,
}

/// Sub-kinds with what tells them.
pub(super) struct SubKinds {
    kinds: Vec<SubKind>,
    /// Positions of kinds by rule, class or flow; the three cannot be taken for each other.
    told_by: BTreeMap<String, Vec<usize>>,
}

impl SubKinds {
    /// Those that come with the program, in the order of their file.
    pub(super) fn builtin() -> Self {
        let kinds = toml::from_str::<Described>(BUILT_IN).unwrap_or_default().kind;
        let mut told_by: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, kind) in kinds.iter().enumerate() {
            for sign in kind.rules.iter().chain(&kind.classes).chain(&kind.flows) {
                told_by.entry(sign.clone()).or_default().push(at);
            }
        }
        Self { kinds, told_by }
    }

    /// All of them.
    pub(super) fn all(&self) -> &[SubKind] {
        &self.kinds
    }

    /// The positions of those that an artifact is of.
    pub(super) fn find(&self, artifact: &Artifact) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut note = |sign: &str| found.extend(self.told_by.get(sign).into_iter().flatten());
        for finding in &artifact.findings {
            note(&finding.rule);
        }
        for call in artifact.attributes.calls.iter().filter(|call| call.cited) {
            note(&call.class);
            let family = call.class.split('.').next().unwrap_or_default();
            let origins = call.parameters.iter().filter_map(|parameter| parameter.split_once(':'));
            for origin in origins.flat_map(|(_, origins)| origins.split('+')) {
                note(&format!("{origin} -> {family}"));
            }
        }
        let is_shown = |kind: &SubKind| artifact.behaviors.contains(&kind.behavior);
        found.retain(|at| self.kinds.get(*at).is_some_and(is_shown));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};
    use venin_model::{Behavior, CallClass, Family, OriginKind};

    fn rule_names(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                rule_names(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                names.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }

    #[test]
    fn every_entry_names_a_behavior_rules_and_classes_that_exist() {
        let mut rules = BTreeSet::new();
        rule_names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &mut rules);
        let kinds = toml::from_str::<Described>(BUILT_IN).unwrap().kind;
        let mut names = BTreeSet::new();
        for kind in &kinds {
            assert!(names.insert(&kind.name), "{} stands twice", kind.name);
            assert!(Behavior::parse(&kind.behavior).is_some(), "{}", kind.name);
            assert!(kind.rules.len() + kind.classes.len() + kind.flows.len() > 0, "{}", kind.name);
            for flow in &kind.flows {
                let (origin, family) = flow.split_once(" -> ").unwrap();
                assert!(OriginKind::parse(origin).is_some() && Family::parse(family).is_some(), "{flow}");
            }
            let unknown: Vec<&String> = kind.rules.difference(&rules).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", kind.name);
            assert!(kind.classes.iter().all(|class| CallClass::parse(class).is_ok()), "{}", kind.name);
        }
        for behavior in Behavior::ALL {
            assert!(kinds.iter().any(|kind| kind.behavior == behavior.as_str()), "{behavior}");
        }
    }
}
