//! The downloads of each package: all of its accused releases together.

use std::collections::BTreeMap;

use venin_intel::lifecycle::Dates;

use crate::history::{Dimension, History, NameId, Project, Sum};

/// Downloads of one package.
#[derive(Debug)]
pub(super) struct Package<'a> {
    pub(super) name: &'a str,
    pub(super) total: Total,
    /// Its accused releases with statistics: downloads of each.
    pub(super) releases: Vec<u64>,
    /// Downloads that are surely from before the discovery, surely from after it, and the others.
    pub(super) before: u64,
    pub(super) after: u64,
    pub(super) between: u64,
    pub(super) words: BTreeMap<(Dimension, NameId), u64>,
}

/// Sums of downloads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Total {
    pub(super) count: u64,
    pub(super) mirrors: u64,
    pub(super) side_files: u64,
    pub(super) while_side_files_counted: u64,
}

/// The packages of which there are statistics, in order of name.
pub(super) fn gather(history: &History) -> Vec<Package<'_>> {
    history.projects().iter().filter_map(gather_project).collect()
}

/// The package that has most downloads; the first by name of several.
pub(super) fn largest<'a, 'p>(packages: &'p [Package<'a>]) -> Option<&'p Package<'a>> {
    let most = packages.iter().map(|package| package.total.count).max()?;
    packages.iter().find(|package| package.total.count == most && most > 0)
}

fn gather_project(project: &Project) -> Option<Package<'_>> {
    let mut package = Package {
        name: &project.name,
        total: Total::default(),
        releases: Vec::new(),
        before: 0,
        after: 0,
        between: 0,
        words: BTreeMap::new(),
    };
    for release in project.releases.iter().filter(|release| !release.downloads.is_empty()) {
        let before = package.total.count;
        for sum in &release.downloads {
            package.add(sum, &release.dates);
        }
        package.releases.push(package.total.count - before);
    }
    // Where the statistics tell releases apart, what they say of the project as a whole holds the same downloads.
    if package.releases.is_empty() {
        project.downloads.iter().for_each(|sum| package.add(sum, &project.dates));
    }
    let is_empty = package.releases.is_empty() && project.downloads.is_empty();
    (!is_empty).then_some(package)
}

impl Package<'_> {
    fn add(&mut self, sum: &Sum, dates: &Dates) {
        let total = &mut self.total;
        total.count = total.count.saturating_add(sum.count);
        total.mirrors = total.mirrors.saturating_add(sum.mirrors);
        total.side_files = total.side_files.saturating_add(sum.side_files);
        total.while_side_files_counted =
            total.while_side_files_counted.saturating_add(sum.while_side_files_counted);
        for (dimension, word, count) in &sum.words {
            let tally = self.words.entry((*dimension, *word)).or_default();
            *tally = tally.saturating_add(*count);
        }
        let discovered = dates.discovered();
        let is_before = discovered
            .and_then(|at| at.not_before)
            .zip(sum.period.not_after)
            .is_some_and(|(discovered, end)| end <= discovered);
        let is_after = discovered
            .and_then(|at| at.not_after)
            .zip(sum.period.not_before)
            .is_some_and(|(discovered, start)| start >= discovered);
        let phase = match (is_before, is_after) {
            (true, _) => &mut self.before,
            (_, true) => &mut self.after,
            _ => &mut self.between,
        };
        *phase = phase.saturating_add(sum.count);
    }
}
