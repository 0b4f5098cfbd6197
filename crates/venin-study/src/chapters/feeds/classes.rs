//! What the sources take releases for.

use std::collections::{BTreeMap, BTreeSet};

use venin_intel::claim::Class;

use super::super::released::{Released, sorted};
use crate::history::History;
use crate::table::{Cell, Table, Unit};

/// Releases of one class.
#[derive(Default)]
struct Counted {
    any: u64,
    all: u64,
    behind: Vec<u32>,
}

/// Accused releases by class.
pub(super) fn classes_table(history: &History, released: &Released<'_>) -> Table {
    let mut table = Table::new(
        "feed-classes",
        "What releases are taken for",
        "Accused releases by what the standing records that name them take them for; a release that sources take for \
         several things is in several rows. All agree: every source that names it says so; one source alone agrees with \
         itself. All of them count in every other table, also those that a source takes for a penetration test or spam.",
        &[
            ("class", "Class", Unit::Text),
            ("releases", "By any source", Unit::Count),
            ("share", "Share of all", Unit::Share),
            ("agreed", "All agree", Unit::Count),
        ],
    );
    let mut classes: BTreeMap<&str, Counted> = BTreeMap::new();
    let (mut all, mut disputed) = (0u64, 0u64);
    for (project, release) in history.releases() {
        let said: BTreeSet<&str> = release.reports.iter().map(|report| report.class.as_str()).collect();
        all += 1;
        disputed += u64::from(said.len() > 1);
        for class in &said {
            let counted = classes.entry(class).or_default();
            counted.any += 1;
            counted.all += u64::from(said.len() == 1);
            counted.behind.extend(released.of_release(&project.name, &release.version));
        }
    }
    for class in Class::ALL {
        let Some(counted) = classes.remove(class.as_str()) else { continue };
        let cells = [
            Cell::from(class.as_str()),
            Cell::from(counted.any),
            Cell::share(counted.any, all),
            Cell::from(counted.all),
        ];
        table.push(cells, sorted(counted.behind));
    }
    if disputed > 0 {
        table.notes.push(format!("Sources take {disputed} releases for different things."));
    }
    table
}
