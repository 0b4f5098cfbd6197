//! Which artifacts are behind what is counted of projects and releases.

use std::collections::HashMap;

use venin_intel::known::Releases;

use crate::sample::Sample;

/// The artifacts of each project and release, by position; versions count by their meaning.
#[derive(Debug, Default)]
pub(super) struct Released<'a> {
    projects: HashMap<String, OfProject>,
    samples: &'a [Sample],
}

/// The artifacts of one project.
#[derive(Debug, Default)]
struct OfProject {
    releases: Releases,
    /// The release's position, and the artifact's.
    artifacts: Vec<(usize, u32)>,
}

impl<'a> Released<'a> {
    pub(super) fn of(samples: &'a [Sample]) -> Self {
        let mut projects: HashMap<String, OfProject> = HashMap::new();
        for (at, sample) in (0..).zip(samples) {
            let project = projects.entry(sample.project()).or_default();
            let release = project.releases.insert(sample.version());
            project.artifacts.push((release, at));
        }
        Self { projects, samples }
    }

    /// The artifacts of a release; a release without a version stands for all of them.
    pub(super) fn of_release(&self, name: &str, version: &str) -> Vec<u32> {
        if version.is_empty() {
            return self.of_project(name).collect();
        }
        let Some(project) = self.projects.get(name) else { return Vec::new() };
        let Some(release) = project.releases.position(version) else { return Vec::new() };
        project.artifacts.iter().filter(|(of, _)| *of == release).map(|(_, at)| *at).collect()
    }

    /// The artifacts of a project.
    pub(super) fn of_project(&self, name: &str) -> impl Iterator<Item = u32> {
        self.projects.get(name).into_iter().flat_map(|project| &project.artifacts).map(|(_, at)| *at)
    }

    /// Whether an artifact came from a mirror.
    pub(super) fn is_from_mirror(&self, artifact: u32, mirror: &str) -> bool {
        let sample = self.samples.get(artifact as usize);
        let is_it = |source: &str| source.strip_prefix("mirror:") == Some(mirror);
        sample.is_some_and(|sample| sample.origins.iter().any(|origin| is_it(&origin.source)))
    }
}

/// Positions ascending, each once.
pub(super) fn sorted(positions: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut positions: Vec<u32> = positions.into_iter().collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{DataSet, SourceClass, testing};

    #[test]
    fn releases_are_compared_by_the_meaning_of_their_versions() {
        let artifacts = [("a", "1.0"), ("a", "2"), ("b", "1")].map(|(name, version)| {
            (testing::artifact(name, version), testing::origin("mirror:m", SourceClass::Other))
        });
        let data = DataSet::of(artifacts, Vec::new());
        let released = Released::of(data.samples());
        assert_eq!(released.of_release("a", "1"), [0]);
        assert_eq!((released.of_release("a", ""), released.of_release("a", "3")), (vec![0, 1], vec![]));
        assert_eq!(released.of_release("c", "1"), [0u32; 0]);
        assert!(released.is_from_mirror(0, "m") && !released.is_from_mirror(0, "n"));
    }
}
