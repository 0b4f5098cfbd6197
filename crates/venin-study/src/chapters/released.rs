//! Which artifacts are behind what is counted of projects and releases.

use std::collections::HashMap;

use crate::sample::Sample;

/// The artifacts of each project and release, by position.
#[derive(Debug, Default)]
pub(super) struct Released {
    projects: HashMap<String, Vec<(String, u32)>>,
}

impl Released {
    pub(super) fn of(samples: &[Sample]) -> Self {
        let mut released = Self::default();
        for (at, sample) in (0..).zip(samples) {
            let project = released.projects.entry(sample.project()).or_default();
            project.push((sample.version().to_owned(), at));
        }
        released
    }

    /// The artifacts of a release.
    pub(super) fn of_release<'a>(&'a self, name: &str, version: &'a str) -> impl Iterator<Item = u32> + 'a {
        let of_project = self.projects.get(name).into_iter().flatten();
        // A release without a version stands for all of them.
        let is_it = move |found: &str| version.is_empty() || found == version;
        of_project.filter(move |(found, _)| is_it(found)).map(|(_, at)| *at)
    }

    /// The artifacts of a project.
    pub(super) fn of_project(&self, name: &str) -> impl Iterator<Item = u32> {
        self.projects.get(name).into_iter().flatten().map(|(_, at)| *at)
    }
}

/// Positions ascending, each once.
pub(super) fn sorted(positions: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut positions: Vec<u32> = positions.into_iter().collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}
