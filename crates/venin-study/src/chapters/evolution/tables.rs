//! The tables of changes.

use std::collections::BTreeSet;

use venin_model::{Behavior, Technique};

use super::change::{Change, Direction, Kind, SCORE_STEP, group_releases};
use crate::chapters::behaviors::paper_cell;
use crate::chapters::prevalence::Census;
use crate::chapters::statistics::Distribution;
use crate::table::{Cell, Table, Unit};

/// Most rows of the table of changes.
const MAX_ROWS: usize = 1_000;

fn positions<'a>(changes: impl IntoIterator<Item = &'a Change<'a>>) -> Vec<u32> {
    changes.into_iter().flat_map(|change| change.behind).collect::<BTreeSet<u32>>().into_iter().collect()
}

fn count_projects<'a>(changes: impl IntoIterator<Item = &'a Change<'a>>) -> u64 {
    changes.into_iter().map(|change| change.project.as_str()).collect::<BTreeSet<_>>().len() as u64
}

/// Changes by kind.
pub(super) fn kinds_table(changes: &[Change<'_>]) -> Table {
    let definition = format!(
        "A change is a version of a project and the next one of the data set in the order of PEP 440; of several artifacts \
         of a version, source distributions are compared first, then wheels. Unchanged copy: the Python sources are the \
         same but for comments, indentation and empty lines. A change of behavior or technique counts as such even where \
         the sources are the same, as where only the metadata differ. Towards detection: the score rises by more than {SCORE_STEP} \
         log-odds; away: it falls by more. Lines: those of the later less those of the earlier. The last row adds up what \
         changes a behavior; the paper counts such versions, and packages with one."
    );
    let mut table = Table::new(
        "evolution",
        "What changed from version to version",
        &definition,
        &[
            ("change", "Change", Unit::Text),
            ("changes", "Changes", Unit::Count),
            ("share", "Share", Unit::Share),
            ("projects", "Projects", Unit::Count),
            ("towards", "Towards detection", Unit::Count),
            ("away", "Away from detection", Unit::Count),
            ("neither", "Neither", Unit::Count),
            ("median_lines", "Median change of lines", Unit::Lines),
            ("paper_changes", "Paper", Unit::Count),
            ("paper_projects", "Paper, projects", Unit::Count),
        ],
    );
    let mut push = |name: &str, chosen: &[&Change<'_>]| {
        let towards = |direction| chosen.iter().filter(|c| c.direction() == direction).count();
        let lines = Distribution::of(chosen.iter().map(|change| change.lines()));
        let cells = [
            Cell::from(name),
            Cell::from(chosen.len()),
            Cell::share(chosen.len() as u64, changes.len() as u64),
            Cell::from(count_projects(chosen.iter().copied())),
            Cell::from(towards(Direction::Towards)),
            Cell::from(towards(Direction::Away)),
            Cell::from(towards(Direction::Same)),
            Cell::from(lines.quantile(0.5)),
            if name == ANY { paper_cell("evolution", name, "changes") } else { Cell::Missing },
            if name == ANY { paper_cell("evolution", name, "projects") } else { Cell::Missing },
        ];
        table.push(cells, positions(chosen.iter().copied()));
    };
    for kind in Kind::ALL.iter().copied() {
        let chosen: Vec<&Change<'_>> = changes.iter().filter(|change| change.kind == kind).collect();
        push(kind.as_str(), &chosen);
    }
    let of_behavior: Vec<&Change<'_>> = changes.iter().filter(|change| change.is_of_behavior()).collect();
    push(ANY, &of_behavior);
    if changes.is_empty() {
        table.notes.push("No project has more than one version.".to_owned());
    }
    table
}

/// The row that adds up what changes a behavior.
pub(super) const ANY: &str = "any behavior changed";

/// Projects by how many versions of them there are.
pub(super) fn versions_table(census: &Census<'_>) -> Table {
    let mut table = Table::new(
        "versions",
        "Versions of a project",
        "Projects by how many different versions of them are in the data set; artifacts without a version or a name are left \
         out. Share is out of projects with a version.",
        &[
            ("versions", "Versions", Unit::Text),
            ("projects", "Projects", Unit::Count),
            ("share", "Share", Unit::Share),
            ("artifacts", "Artifacts", Unit::Count),
        ],
    );
    let releases = group_releases(census);
    let rows = [("one", 1, 1), ("two", 2, 2), ("three to five", 3, 5), ("six or more", 6, usize::MAX)];
    for (name, least, most) in rows {
        let chosen = releases.values().filter(|versions| (least..=most).contains(&versions.len()));
        let mut behind: Vec<u32> =
            chosen.clone().flatten().flat_map(|(_, positions)| positions).copied().collect();
        behind.sort_unstable();
        let projects = chosen.count() as u64;
        let cells = [
            Cell::from(name),
            Cell::from(projects),
            Cell::share(projects, releases.len() as u64),
            Cell::from(behind.len()),
        ];
        table.push(cells, behind);
    }
    table
}

/// Behaviors and techniques that came and went.
pub(super) fn gains_table(changes: &[Change<'_>]) -> Table {
    let mut table = Table::new(
        "evolution-gains",
        "What came and what went",
        "For each behavior and technique: changes after which an artifact has it and before had not (gained), and the other \
         way round (lost). Those that never came or went are left out.",
        &[
            ("what", "What", Unit::Text),
            ("sort", "Sort", Unit::Text),
            ("gained", "Gained", Unit::Count),
            ("lost", "Lost", Unit::Count),
            ("projects", "Projects", Unit::Count),
        ],
    );
    let mut push = |name: &str, sort: &str, came: &[&Change<'_>], went: &[&Change<'_>]| {
        if came.is_empty() && went.is_empty() {
            return;
        }
        let both = || came.iter().chain(went).copied();
        let cells = [
            Cell::from(name),
            Cell::from(sort),
            Cell::from(came.len()),
            Cell::from(went.len()),
            Cell::from(count_projects(both())),
        ];
        table.push(cells, positions(both()));
    };
    for name in Behavior::ALL.iter().map(|behavior| behavior.as_str()) {
        let came: Vec<&Change<'_>> = changes.iter().filter(|c| c.behaviors.gained.contains(&name)).collect();
        let went: Vec<&Change<'_>> = changes.iter().filter(|c| c.behaviors.lost.contains(&name)).collect();
        push(name, "behavior", &came, &went);
    }
    for name in Technique::ALL.iter().map(|technique| technique.as_str()) {
        let came: Vec<&Change<'_>> = changes.iter().filter(|c| c.techniques.gained.contains(&name)).collect();
        let went: Vec<&Change<'_>> = changes.iter().filter(|c| c.techniques.lost.contains(&name)).collect();
        push(name, "technique", &came, &went);
    }
    table
}

/// The changes of behaviors and techniques, one by one, the largest moves of the score first.
pub(super) fn changes_table(changes: &[Change<'_>]) -> Table {
    let definition = format!(
        "Changes of behaviors or techniques, those that move the score most first; at most {MAX_ROWS}. The day is the \
         earliest on which a source had the later version. Score is in log-odds, later less earlier."
    );
    let mut table = Table::new(
        "evolution-changes",
        "Changes one by one",
        &definition,
        &[
            ("project", "Project", Unit::Text),
            ("from", "From", Unit::Text),
            ("to", "To", Unit::Text),
            ("day", "Day", Unit::Date),
            ("change", "Change", Unit::Text),
            ("gained", "Gained", Unit::Text),
            ("lost", "Lost", Unit::Text),
            ("lines_from", "Lines before", Unit::Lines),
            ("lines_to", "Lines after", Unit::Lines),
            ("malicious_lines_from", "Malicious lines before", Unit::Lines),
            ("malicious_lines_to", "Malicious lines after", Unit::Lines),
            ("score", "Change of score", Unit::Real),
            ("direction", "Direction", Unit::Text),
            ("verdict_from", "Verdict before", Unit::Text),
            ("verdict_to", "Verdict after", Unit::Text),
        ],
    );
    let is_listed =
        |change: &&Change<'_>| matches!(change.kind, Kind::Behavior | Kind::Technique | Kind::Both);
    let mut listed: Vec<&Change<'_>> = changes.iter().filter(is_listed).collect();
    listed.sort_by(|a, b| b.score().abs().total_cmp(&a.score().abs()));
    for change in listed.iter().take(MAX_ROWS) {
        table.push(cells_of(change), change.behind.to_vec());
    }
    if listed.len() > MAX_ROWS {
        table.notes.push(format!("{} further changes are not listed.", listed.len() - MAX_ROWS));
    }
    table
}

fn cells_of(change: &Change<'_>) -> [Cell; 15] {
    let (from, to) = (&change.from.artifact, &change.to.artifact);
    let words = |a: &[&str], b: &[&str]| {
        let words: Vec<&str> = a.iter().chain(b).copied().collect();
        if words.is_empty() { Cell::Missing } else { Cell::from(words.join(", ")) }
    };
    [
        Cell::from(change.project.as_str()),
        Cell::from(change.from.version()),
        Cell::from(change.to.version()),
        change.day().map_or(Cell::Missing, Cell::from),
        Cell::from(change.kind.as_str()),
        words(&change.behaviors.gained, &change.techniques.gained),
        words(&change.behaviors.lost, &change.techniques.lost),
        Cell::from(from.attributes.python_lines),
        Cell::from(to.attributes.python_lines),
        Cell::from(from.malicious_lines()),
        Cell::from(to.malicious_lines()),
        Cell::real(change.score()),
        Cell::from(change.direction().as_str()),
        Cell::from(from.verdict.as_str()),
        Cell::from(to.verdict.as_str()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::evolution::chapter;
    use crate::chapters::prevalence::testing::{acting, assert_sound, cell, data_of, make, table};

    const STEAL: &str = "information stealing";
    const COMMAND: &str = "command execution";

    fn known() -> crate::sample::DataSet {
        let release = |version: &str, behaviors: &[&str], code: &str, score: f64, lines: u64| {
            let mut made = acting("demo", version, behaviors, "install");
            made.attributes.normal_sha256 = Some(code.to_owned());
            made.attributes.python_lines = lines;
            made.score = score;
            made
        };
        let mut hidden = release("1.10", &[COMMAND, STEAL], "d", 1.0, 17);
        hidden.techniques.push("code obfuscation".to_owned());
        data_of([
            (release("1.0", &[COMMAND], "a", 3.0, 26), "2026-01-01"),
            (release("1.1", &[COMMAND], "a", 3.0, 26), "2026-01-02"),
            (release("1.2", &[COMMAND], "b", 3.05, 24), "2026-01-03"),
            (release("1.9", &[COMMAND, STEAL], "c", 5.0, 20), "2026-01-04"),
            (hidden, "2026-01-05"),
            (acting("other", "1", &[STEAL], "run"), ""),
            (acting("", "", &[STEAL], "run"), ""),
        ])
    }

    #[test]
    fn changes_are_counted_by_kind_and_direction() {
        let data = known();
        let made = make(&data, chapter);
        assert_sound(&made, 7);
        let count = |row, column| cell(&made, "evolution", row, column);
        assert_eq!(count("unchanged copy", "changes"), Cell::Count(1));
        assert_eq!(count("only code changed", "changes"), Cell::Count(1));
        assert_eq!(count("only code changed", "neither"), Cell::Count(1));
        assert_eq!(count("behavior changed", "towards"), Cell::Count(1));
        assert_eq!(count("technique changed", "away"), Cell::Count(1));
        assert_eq!(count("technique changed", "median_lines"), Cell::Real(-3.0));
        assert_eq!(count("behavior changed", "share"), Cell::Real(0.25));
        assert_eq!(count(ANY, "changes"), Cell::Count(1));
        assert_eq!((count(ANY, "paper_changes"), count(ANY, "paper_projects")), (35u64.into(), 18u64.into()));
        assert_eq!(cell(&made, "versions", "one", "projects"), Cell::Count(1));
        assert_eq!(cell(&made, "versions", "three to five", "share"), Cell::Real(0.5));
        assert_eq!(cell(&made, "evolution-gains", STEAL, "gained"), Cell::Count(1));
        assert_eq!(cell(&made, "evolution-gains", "code obfuscation", "lost"), Cell::Count(0));
    }

    #[test]
    fn changes_are_listed_with_what_came_and_when_in_the_order_of_versions() {
        let data = known();
        let made = make(&data, chapter);
        let rows = &table(&made, "evolution-changes").rows;
        assert_eq!(rows.len(), 2);
        let texts: Vec<&Cell> = rows[0].cells[..7].iter().collect();
        let expected: [Cell; 7] = [
            "demo".into(),
            "1.9".into(),
            "1.10".into(),
            "2026-01-05".into(),
            "technique changed".into(),
            "code obfuscation".into(),
            Cell::Missing,
        ];
        assert_eq!(texts, expected.iter().collect::<Vec<_>>());
        assert_eq!(rows[0].cells[11], Cell::Real(-4.0));
        assert_eq!(rows[1].cells[5], Cell::from(STEAL));
    }

    #[test]
    fn one_version_is_no_change_and_is_said_so() {
        let data = data_of([(acting("a", "1", &[], "run"), "")]);
        let made = make(&data, chapter);
        assert_sound(&made, 1);
        assert!(made.text[0].to_string().starts_with("No project has more than one version"));
        assert_eq!(cell(&made, "evolution", "unchanged copy", "share"), Cell::Missing);
    }
}
