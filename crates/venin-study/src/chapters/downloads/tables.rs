//! The tables of downloads.

use std::collections::{BTreeMap, BTreeSet};

use super::super::released::{Released, sorted};
use super::super::statistics::Distribution;
use super::gather::{Package, Total, largest};
use crate::history::{Dimension, History, NameId};
use crate::table::{Cell, Table, Unit};

/// The row of all packages.
pub(super) const ALL: &str = "packages";
/// The row of downloads before the discovery.
pub(super) const BEFORE: &str = "surely before the discovery";
/// The row of downloads after the discovery.
pub(super) const AFTER: &str = "surely after the discovery";
/// Most words of a dimension that have a row.
const MAX_WORDS: usize = 40;
/// Packages with most downloads that have a row.
const MAX_LARGEST: usize = 20;

/// Sums, and how they are spread.
pub(super) fn totals_table(history: &History, packages: &[Package<'_>], released: &Released<'_>) -> Table {
    let mut columns = vec![
        ("of", "Of", Unit::Text),
        ("packages", "Counted", Unit::Count),
        ("downloads", "Downloads", Unit::Count),
        ("mirrors", "By mirrors", Unit::Count),
        ("side_files", "Of side files", Unit::Count),
        ("uncertain", "May be of side files", Unit::Count),
        ("over_100", "Over 100", Unit::Count),
        ("over_100_share", "Over 100", Unit::Share),
        ("over_1000", "Over 1,000", Unit::Count),
        ("over_1000_share", "Over 1,000", Unit::Share),
    ];
    columns.extend(Distribution::columns(Unit::Real));
    let mut table = Table::new(
        "downloads",
        "Downloads",
        "Downloads that the statistics import counted for accused releases; those of clients that mirror and those of \
         metadata, signatures and attestations stand apart and are in no other number. One number for each package \
         (all of its accused releases) or release, and how these are spread; quantiles by linear interpolation. The row \
         without a package leaves out the one that has most. May be of side files: downloads from when the statistics \
         took side files for distributions, where the export does not name the file.",
        &columns,
    );
    let mut push = |of: String, total: Total, each: Vec<u64>, behind: Vec<u32>| {
        let spread = Distribution::of(each.iter().map(|count| *count as f64));
        let counted = each.len() as u64;
        let (over_100, over_1000) = (spread.above(100.0), spread.above(1000.0));
        let mut cells = vec![Cell::from(of), Cell::from(counted), Cell::from(total.count)];
        cells.extend([total.mirrors, total.side_files, total.while_side_files_counted].map(Cell::from));
        cells.extend([Cell::from(over_100), Cell::share(over_100, counted)]);
        cells.extend([Cell::from(over_1000), Cell::share(over_1000, counted)]);
        cells.extend(spread.cells());
        table.push(cells, behind);
    };
    let behind =
        |packages: &[&Package<'_>]| sorted(packages.iter().flat_map(|p| released.of_project(p.name)));
    let all: Vec<&Package<'_>> = packages.iter().collect();
    let counts = |packages: &[&Package<'_>]| packages.iter().map(|package| package.total.count).collect();
    push(ALL.to_owned(), sum(&all), counts(&all), behind(&all));
    if let Some(most) = largest(packages) {
        let others: Vec<&Package<'_>> = packages.iter().filter(|package| package.name != most.name).collect();
        push(format!("packages without {}", most.name), sum(&others), counts(&others), behind(&others));
    }
    let releases = packages.iter().flat_map(|package| package.releases.iter().copied()).collect();
    let told: Vec<&Package<'_>> = packages.iter().filter(|package| !package.releases.is_empty()).collect();
    push("releases".to_owned(), sum(&told), releases, behind(&told));
    table.notes = notes(history, packages);
    table
}

fn sum(packages: &[&Package<'_>]) -> Total {
    packages.iter().fold(Total::default(), |sum, package| Total {
        count: sum.count.saturating_add(package.total.count),
        mirrors: sum.mirrors.saturating_add(package.total.mirrors),
        side_files: sum.side_files.saturating_add(package.total.side_files),
        while_side_files_counted: sum
            .while_side_files_counted
            .saturating_add(package.total.while_side_files_counted),
    })
}

fn notes(history: &History, packages: &[Package<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut tell = |count: u64, text: &str| {
        if count > 0 {
            notes.push(format!("{count} {text}"));
        }
    };
    let without = history.projects().len() as u64 - packages.len() as u64;
    tell(without, "accused packages have no statistics and are counted nowhere here.");
    let mixed = history
        .projects()
        .iter()
        .filter(|p| !p.downloads.is_empty() && p.releases.iter().any(|r| !r.downloads.is_empty()));
    tell(
        mixed.count() as u64,
        "packages have statistics by release and as a whole; those as a whole were left out. They may hold releases that \
         nobody accuses.",
    );
    let whole = packages.iter().filter(|package| package.releases.is_empty()).count() as u64;
    tell(whole, "packages have statistics as a whole only, which may hold releases that nobody accuses.");
    let left_out = history.left_out();
    tell(left_out.overlapping_sums, "sums were left out because their time overlaps that of a larger one.");
    tell(left_out.unreadable_sums, "sums cannot be read and were left out.");
    notes
}

/// The packages with most downloads.
pub(super) fn largest_table(packages: &[Package<'_>], released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "downloads-largest",
        "The packages with most downloads",
        "Packages by downloads of their accused releases, those of mirrors and of side files not; the share is of all \
         downloads counted, and summed up from the first row on.",
        &[
            ("package", "Package", Unit::Text),
            ("downloads", "Downloads", Unit::Count),
            ("share", "Share", Unit::Share),
            ("cumulated", "Cumulated", Unit::Share),
        ],
    );
    let mut by_count: Vec<&Package<'_>> = packages.iter().filter(|package| package.total.count > 0).collect();
    by_count.sort_by_key(|package| (std::cmp::Reverse(package.total.count), package.name));
    let all = by_count.iter().fold(0u64, |sum, package| sum.saturating_add(package.total.count));
    let mut cumulated = 0u64;
    for package in by_count.iter().take(MAX_LARGEST) {
        cumulated = cumulated.saturating_add(package.total.count);
        let cells = [
            Cell::from(package.name),
            Cell::from(package.total.count),
            Cell::share(package.total.count, all),
            Cell::share(cumulated, all),
        ];
        table.push(cells, sorted(released.of_project(package.name)));
    }
    if by_count.len() > MAX_LARGEST {
        table.notes.push(format!("{} further packages are not listed.", by_count.len() - MAX_LARGEST));
    }
    table
}

/// Downloads before and after the discovery.
pub(super) fn phases_table(packages: &[Package<'_>], released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "downloads-phases",
        "Downloads before and after the discovery",
        "A sum of downloads lies before the discovery where its last download is no later than the discovery can have \
         been, and after it where its first is no earlier; statistics imported in one piece mostly lie on both sides, \
         those imported month by month seldom. Shares are of the packages that have downloads in the row; the paper has \
         more than 100 downloads for 39 % in the incubation and 31 % in the residual period.",
        &[
            ("when", "When", Unit::Text),
            ("packages", "Packages", Unit::Count),
            ("downloads", "Downloads", Unit::Count),
            ("median", "Median", Unit::Real),
            ("over_100", "Over 100", Unit::Count),
            ("over_100_share", "Over 100", Unit::Share),
            ("over_1000", "Over 1,000", Unit::Count),
            ("over_1000_share", "Over 1,000", Unit::Share),
        ],
    );
    type Phase = fn(&Package<'_>) -> u64;
    let phases: [(&str, Phase); 3] = [
        (BEFORE, |package| package.before),
        (AFTER, |package| package.after),
        ("not to be told", |package| package.between),
    ];
    for (when, phase) in phases {
        let chosen: Vec<&Package<'_>> = packages.iter().filter(|package| phase(package) > 0).collect();
        let spread = Distribution::of(chosen.iter().map(|package| phase(package) as f64));
        let (over_100, over_1000) = (spread.above(100.0), spread.above(1000.0));
        let counted = chosen.len() as u64;
        let cells = [
            Cell::from(when),
            Cell::from(counted),
            Cell::from(chosen.iter().fold(0u64, |sum, package| sum.saturating_add(phase(package)))),
            Cell::from(spread.quantile(0.5)),
            Cell::from(over_100),
            Cell::share(over_100, counted),
            Cell::from(over_1000),
            Cell::share(over_1000, counted),
        ];
        table.push(cells, sorted(chosen.iter().flat_map(|package| released.of_project(package.name))));
    }
    table
}

/// Downloads of one dimension.
pub(super) fn words_table(
    history: &History,
    packages: &[Package<'_>],
    (dimension, id, title): (Dimension, &str, &str),
    released: &Released<'_>,
) -> Table {
    let most = largest(packages);
    let without = most.map_or("the package that has most downloads", |package| package.name);
    let definition = format!(
        "Downloads for which the statistics tell it, those of mirrors and of side files not; shares are of these. Beside \
         stand the share without {without}, and the median over the packages of each package's own share, which no \
         single package dominates."
    );
    let mut table = Table::new(
        id,
        title,
        &definition,
        &[
            ("value", "Value", Unit::Text),
            ("downloads", "Downloads", Unit::Count),
            ("share", "Share", Unit::Share),
            ("share_without", "Share without the largest", Unit::Share),
            ("median_share", "Median share of a package", Unit::Share),
            ("packages", "Packages", Unit::Count),
        ],
    );
    let tallies = Tallies::of(packages, dimension, most.map(|package| package.name));
    let mut words: Vec<(&str, NameId, u64)> =
        tallies.words.iter().map(|(word, count)| (history.name(*word), *word, *count)).collect();
    words.sort_by_key(|(text, _, count)| (std::cmp::Reverse(*count), *text));
    for (text, word, count) in words.iter().take(MAX_WORDS) {
        let of_largest = tallies.of_largest.get(word).copied().unwrap_or(0);
        let having: BTreeSet<&str> =
            tallies.having(packages, dimension, *word).map(|(name, _)| name).collect();
        let cells = [
            Cell::from(*text),
            Cell::from(*count),
            Cell::share(*count, tallies.all),
            Cell::share(count - of_largest.min(*count), tallies.all - tallies.all_of_largest),
            Cell::from(tallies.median_share(packages, dimension, *word)),
            Cell::from(having.len()),
        ];
        table.push(cells, sorted(having.iter().flat_map(|name| released.of_project(name))));
    }
    table.notes = tallies.notes(&words, packages);
    table
}

/// The words of one dimension over all packages.
#[derive(Default)]
struct Tallies {
    words: BTreeMap<NameId, u64>,
    of_largest: BTreeMap<NameId, u64>,
    all: u64,
    all_of_largest: u64,
    /// The packages' own sums, in their order.
    own: Vec<u64>,
}

impl Tallies {
    fn of(packages: &[Package<'_>], dimension: Dimension, largest: Option<&str>) -> Self {
        let mut tallies = Self::default();
        for package in packages {
            let mut own = 0u64;
            for ((_, word), count) in package.words.iter().filter(|((of, _), _)| *of == dimension) {
                own = own.saturating_add(*count);
                let sum = tallies.words.entry(*word).or_default();
                *sum = sum.saturating_add(*count);
                if largest == Some(package.name) {
                    tallies.of_largest.insert(*word, *count);
                }
            }
            tallies.all = tallies.all.saturating_add(own);
            if largest == Some(package.name) {
                tallies.all_of_largest = own;
            }
            tallies.own.push(own);
        }
        tallies
    }

    /// The packages with a word: name and share of the package's own downloads.
    fn having<'p>(
        &'p self,
        packages: &'p [Package<'_>],
        dimension: Dimension,
        word: NameId,
    ) -> impl Iterator<Item = (&'p str, f64)> {
        packages.iter().zip(&self.own).filter_map(move |(package, own)| {
            let count = package.words.get(&(dimension, word)).filter(|_| *own > 0)?;
            Some((package.name, *count as f64 / *own as f64))
        })
    }

    /// The median over the packages for which the dimension is told; those without the word have none of it.
    fn median_share(&self, packages: &[Package<'_>], dimension: Dimension, word: NameId) -> Option<f64> {
        let shares: Vec<f64> = self.having(packages, dimension, word).map(|(_, share)| share).collect();
        let told = self.own.iter().filter(|own| **own > 0).count();
        let none = std::iter::repeat_n(0.0, told.saturating_sub(shares.len()));
        Distribution::of(shares.into_iter().chain(none)).quantile(0.5)
    }

    fn notes(&self, words: &[(&str, NameId, u64)], packages: &[Package<'_>]) -> Vec<String> {
        let mut notes = Vec::new();
        let all = packages.iter().fold(0u64, |sum, package| sum.saturating_add(package.total.count));
        if all > self.all {
            notes.push(format!("For {} of {all} downloads it is not told.", all - self.all));
        }
        if words.len() > MAX_WORDS {
            let rest = words.iter().skip(MAX_WORDS);
            let (values, downloads) =
                rest.fold((0u64, 0u64), |(n, sum), (_, _, count)| (n + 1, sum.saturating_add(*count)));
            notes.push(format!("{values} further values with {downloads} downloads are not listed."));
        }
        notes
    }
}
