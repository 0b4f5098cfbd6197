//! Sub-kinds of behaviors: what is stolen, which commands are run, which operations on files; a mapping that is data.

use std::collections::BTreeSet;

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
    pub(super) rules: BTreeSet<String>,
    /// Classes of calls that tell it when a finding rests on them.
    #[serde(default)]
    pub(super) classes: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubKinds {
    kind: Vec<SubKind>,
}

/// The built-in sub-kinds in the order of their file.
pub(super) fn builtin_sub_kinds() -> Vec<SubKind> {
    toml::from_str::<SubKinds>(BUILT_IN).unwrap_or_default().kind
}

impl SubKind {
    /// Whether an artifact is of this sub-kind.
    pub(super) fn is_of(&self, artifact: &Artifact) -> bool {
        artifact.behaviors.contains(&self.behavior)
            && (artifact.findings.iter().any(|finding| self.rules.contains(&finding.rule))
                || artifact
                    .attributes
                    .calls
                    .iter()
                    .any(|call| call.cited && self.classes.contains(&call.class)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};
    use venin_model::{Behavior, CallClass};

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
        let kinds = toml::from_str::<SubKinds>(BUILT_IN).unwrap().kind;
        let mut names = BTreeSet::new();
        for kind in &kinds {
            assert!(names.insert(&kind.name), "{} stands twice", kind.name);
            assert!(Behavior::parse(&kind.behavior).is_some(), "{}", kind.name);
            assert!(!kind.rules.is_empty() || !kind.classes.is_empty(), "{}", kind.name);
            let unknown: Vec<&String> = kind.rules.difference(&rules).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", kind.name);
            assert!(kind.classes.iter().all(|class| CallClass::parse(class).is_ok()), "{}", kind.name);
        }
        for behavior in Behavior::ALL {
            assert!(kinds.iter().any(|kind| kind.behavior == behavior.as_str()), "{behavior}");
        }
    }
}
