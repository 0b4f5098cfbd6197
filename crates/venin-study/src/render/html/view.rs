//! What the page shows, with its bounds: rows, artifacts behind rows, and how long the page gets.

use serde::Serialize;

use super::super::chart::{Picture, render_chart};
use super::links::{Links, SentenceView};
use super::portrait::Portrait;
use crate::chart::Chart;
use crate::number::{shown_cell, shown_count, unit_word};
use crate::report::{ArtifactLine, Chapter, StudyReport};
use crate::sample::Unreadable;
use crate::table::{Cell, Row, Table, Unit};

/// Most rows of a table on the page.
const MAX_ROWS: usize = 200;
/// Longer tables are folded.
const LONG: usize = 30;
/// Most artifacts that are named behind a row.
const MAX_BEHIND: usize = 20;
/// Most artifacts that are named on the page; each takes some 200 bytes.
const MAX_NAMED: usize = 10_000;
/// Most files that could not be scanned.
const MAX_UNREADABLE: usize = 200;
/// The table of the numbers at the top.
const SCOPE: &str = "scope";
/// Digits of a digest that tell it from others.
const DIGEST: usize = 16;

/// The page.
#[derive(Serialize)]
pub(super) struct Page {
    artifacts: String,
    version: String,
    newest: String,
    scope: Vec<Labeled>,
    notes: Vec<SentenceView>,
    portrait: Portrait,
    chapters: Vec<ChapterView>,
    mitigations: Vec<Mitigations>,
    unreadable: Vec<Unreadable>,
    more_unreadable: usize,
    definitions: Vec<Definition>,
    limits: Vec<String>,
}

#[derive(Serialize)]
struct Labeled {
    label: &'static str,
    value: String,
    /// Where it stands; empty when no table has it.
    link: String,
}

#[derive(Serialize)]
struct ChapterView {
    id: String,
    title: String,
    question: String,
    text: Vec<SentenceView>,
    tables: Vec<TableView>,
}

#[derive(Serialize)]
struct ChartView {
    id: String,
    title: String,
    picture: Picture,
}

#[derive(Serialize)]
pub(super) struct TableView {
    pub(super) id: String,
    title: String,
    charts: Vec<ChartView>,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    all: String,
    more: usize,
    is_long: bool,
    notes: Vec<String>,
    pub(super) behind: Vec<Behind>,
}

#[derive(Serialize)]
struct ColumnView {
    title: String,
    is_number: bool,
}

#[derive(Serialize)]
struct RowView {
    number: usize,
    cells: Vec<CellView>,
    /// Whether the page lists artifacts behind it.
    behind: bool,
}

#[derive(Serialize)]
struct CellView {
    text: String,
    /// How it is set: `n` for a number, `d` for a date, nothing for words.
    class: &'static str,
    is_missing: bool,
    /// The row's first number: the one that a keyboard stops at.
    is_first: bool,
}

#[derive(Serialize)]
pub(super) struct Behind {
    pub(super) number: usize,
    label: String,
    all: String,
    is_cut: bool,
    named: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    release: String,
    file: String,
    verdict: String,
    digest: String,
}

#[derive(Serialize)]
struct Mitigations {
    party: String,
    items: Vec<MitigationView>,
}

#[derive(Serialize)]
struct MitigationView {
    action: String,
    reason: SentenceView,
    command: String,
}

#[derive(Serialize)]
struct Definition {
    id: String,
    title: String,
    definition: String,
}

impl Page {
    pub(super) fn of(study: &StudyReport) -> Self {
        let mut left = MAX_NAMED;
        let mut chapters: Vec<ChapterView> =
            study.chapters.iter().map(|chapter| ChapterView::of(study, chapter, &mut left)).collect();
        let links = Links::of(chapters.iter().flat_map(|chapter| &chapter.tables));
        for (view, chapter) in chapters.iter_mut().zip(&study.chapters) {
            view.text = chapter.text.iter().map(|sentence| links.view(sentence)).collect();
        }
        let limit = format!(
            "This page names at most {MAX_BEHIND} artifacts behind a row, and shows at most {MAX_ROWS} rows of a table."
        );
        let mut limits = vec![limit];
        if left == 0 {
            limits.push(format!(
                "It names {} artifacts in all; behind later rows it names none.",
                shown_count(MAX_NAMED as u64)
            ));
        }
        let definitions = study.tables().map(|(_, table)| Definition {
            id: safe_id(&table.id),
            title: table.title.clone(),
            definition: table.definition.clone(),
        });
        Self {
            artifacts: shown_count(study.scope.artifacts),
            version: study.version.clone(),
            newest: study.scope.newest.clone(),
            scope: scope_of(study, &links),
            notes: study.notes.iter().map(|note| links.view(note)).collect(),
            portrait: Portrait::of(study, &links),
            chapters,
            mitigations: mitigations_of(study, &links),
            unreadable: study.unreadable.iter().take(MAX_UNREADABLE).cloned().collect(),
            more_unreadable: study.unreadable.len().saturating_sub(MAX_UNREADABLE),
            definitions: definitions.collect(),
            limits,
        }
    }
}

/// An id as it stands in links and file names, whatever a table is called.
pub(in crate::render) fn safe_id(id: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    id.chars().map(|c| if is_safe(c) { c } else { '-' }).take(80).collect()
}

fn scope_of(study: &StudyReport, links: &Links) -> Vec<Labeled> {
    let scope = &study.scope;
    let numbers = [
        ("Artifacts", scope.artifacts),
        ("Files, copies counted", scope.files),
        ("Projects", scope.projects),
        ("Releases", scope.releases),
        ("Not scanned", scope.unreadable),
        ("Claims", scope.claims),
    ];
    let link = links.of_table(SCOPE);
    numbers.map(|(label, value)| Labeled { label, value: shown_count(value), link: link.clone() }).into()
}

fn mitigations_of(study: &StudyReport, links: &Links) -> Vec<Mitigations> {
    let mut groups: Vec<Mitigations> = Vec::new();
    for mitigation in &study.mitigations {
        let item = MitigationView {
            action: mitigation.action.clone(),
            reason: links.view(&mitigation.reason),
            command: mitigation.command.clone(),
        };
        match groups.iter_mut().find(|group| group.party == mitigation.party) {
            Some(group) => group.items.push(item),
            None => groups.push(Mitigations { party: mitigation.party.clone(), items: vec![item] }),
        }
    }
    groups
}

impl ChapterView {
    fn of(study: &StudyReport, chapter: &Chapter, left: &mut usize) -> Self {
        let tables = chapter.tables.iter().enumerate().map(|(at, table)| {
            // A chart of another chapter's table stands before the first table.
            let is_here = |chart: &&Chart| {
                let is_own = chapter.tables.iter().any(|table| table.id == chart.table);
                chart.table == table.id || (at == 0 && !is_own)
            };
            let charts = chapter.charts.iter().filter(is_here);
            let charts = charts.filter_map(|chart| {
                let table = study.table(&chart.table)?;
                let chart = Chart { id: safe_id(&chart.id), ..chart.clone() };
                let picture = render_chart(&chart, table);
                Some(ChartView { id: chart.id, title: chart.title, picture })
            });
            TableView::of(study, table, charts.collect(), left)
        });
        Self {
            id: safe_id(&chapter.id),
            title: chapter.title.clone(),
            question: chapter.question.clone(),
            text: Vec::new(),
            tables: tables.collect(),
        }
    }
}

impl TableView {
    fn of(study: &StudyReport, table: &Table, charts: Vec<ChartView>, left: &mut usize) -> Self {
        let mut rows = Vec::new();
        let mut behind = Vec::new();
        for (number, row) in (1..).zip(table.rows.iter().take(MAX_ROWS)) {
            let list = Behind::of(study, number, row, left);
            rows.push(RowView { number, cells: cells_of(table, row), behind: list.is_some() });
            behind.extend(list);
        }
        let columns = table.columns.iter().map(|column| ColumnView {
            title: match unit_word(column.unit) {
                "" => column.title.clone(),
                word if column.title.to_lowercase().contains(word) => column.title.clone(),
                word => format!("{} ({word})", column.title),
            },
            is_number: is_number(column.unit),
        });
        Self {
            id: safe_id(&table.id),
            title: table.title.clone(),
            charts,
            columns: columns.collect(),
            is_long: rows.len() > LONG,
            all: shown_count(table.rows.len() as u64),
            more: table.rows.len().saturating_sub(rows.len()),
            rows,
            notes: table.notes.clone(),
            behind,
        }
    }
}

const fn is_number(unit: Unit) -> bool {
    !matches!(unit, Unit::Text | Unit::Date)
}

fn cells_of(table: &Table, row: &Row) -> Vec<CellView> {
    let mut has_number = false;
    let cells = table.columns.iter().zip(&row.cells).map(|(column, cell)| {
        let is_missing = *cell == Cell::Missing;
        let is_number = is_number(column.unit) && !matches!(cell, Cell::Text(_));
        let is_first = is_number && !is_missing && !has_number;
        has_number |= is_first;
        let class = match column.unit {
            _ if is_number => "n",
            Unit::Date => "d",
            _ => "",
        };
        CellView { text: shown_cell(cell, column.unit), class, is_missing, is_first }
    });
    cells.collect()
}

impl Behind {
    /// The artifacts behind a row, as long as the page has room for names.
    fn of(study: &StudyReport, number: usize, row: &Row, left: &mut usize) -> Option<Self> {
        if row.behind.is_empty() || *left == 0 {
            return None;
        }
        let lines = row.behind.iter().filter_map(|at| study.artifacts.get(*at as usize));
        let named: Vec<Named> = lines.take(MAX_BEHIND.min(*left)).map(Named::of).collect();
        *left -= named.len();
        let texts = row.cells.iter().filter_map(|cell| match cell {
            Cell::Text(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        });
        let label = texts.take(2).collect::<Vec<_>>().join(", ");
        Some(Self {
            number,
            label: if label.is_empty() { format!("row {number}") } else { label },
            all: shown_count(row.behind.len() as u64),
            is_cut: named.len() < row.behind.len(),
            named,
        })
    }
}

impl Named {
    fn of(line: &ArtifactLine) -> Self {
        Self {
            release: format!("{} {}", line.project, line.version),
            file: line.file.clone(),
            verdict: line.verdict.clone(),
            digest: line.sha256.chars().take(DIGEST).collect(),
        }
    }
}
