//! Charts as pictures: a library maps numbers to places and writes SVG, a style sheet gives the colors.
//!
//! Every chart is drawn twice, wide and narrow, so that its words can be read on a phone.  What a picture leaves out for
//! want of room is said in its note and stands in the table.

mod axis;
mod bars;
mod canvas;
mod columns;
mod combinations;
mod heat;
mod histogram;
mod lines;
mod plot;
mod scatter;

use canvas::{Caption, Fault};
use columns::{Lacking, Picked};
use serde::Serialize;

use crate::chart::{Chart, ChartKind};
use crate::table::Table;

/// Most series that differ in color, dash and shape.
pub(super) const MAX_SERIES: usize = 6;

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// A screen or a sheet of paper.
    Wide,
    /// A phone.
    Narrow,
}

impl Room {
    const fn width(self) -> i32 {
        match self {
            Self::Wide => 720,
            Self::Narrow => 330,
        }
    }

    /// One of two values.
    fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// An entry of a legend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LegendEntry {
    /// `fill`, `line`, `mark`, `heat` or `missing`.
    pub(super) shape: &'static str,
    /// Which series, or how dark from 0 to 100.
    pub(super) number: usize,
    /// Its text; not yet escaped.
    pub(super) label: String,
}

/// A chart as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Picture {
    /// The picture for wide pages; empty if there is nothing to draw.
    pub(super) wide: String,
    /// The picture for narrow pages.
    pub(super) narrow: String,
    /// What colors, dashes and shapes mean.
    pub(super) legend: Vec<LegendEntry>,
    /// What is not drawn, or why nothing is.
    pub(super) note: String,
}

/// What is drawn from, how wide, and what is said of it.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    table: &'a Table,
    room: Room,
    caption: Caption<'a>,
}

impl<'a> Drawing<'a> {
    /// A column by its id.
    fn pick(self, id: &str) -> Result<Picked<'a>, Lacking> {
        Picked::of(self.table, id)
    }

    /// A column that the chart may go without.
    fn pick_some(self, id: Option<&String>) -> Result<Option<Picked<'a>>, Lacking> {
        id.map(|id| self.pick(id)).transpose()
    }
}

/// A picture for one width, with what goes around it.
struct Sketch {
    svg: String,
    legend: Vec<LegendEntry>,
    note: String,
}

impl Sketch {
    /// Nothing to see, for a reason.
    fn nothing(reason: &str) -> Self {
        Self { svg: String::new(), legend: Vec::new(), note: reason.to_owned() }
    }
}

/// Why a chart cannot be drawn.
enum Trouble {
    Lacks(Lacking),
    Broken(Box<Fault>),
}

impl From<Lacking> for Trouble {
    fn from(lacking: Lacking) -> Self {
        Self::Lacks(lacking)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Broken(Box::new(fault))
    }
}

/// Draws a chart of a table.  Nothing to draw gives a sentence in the note and no picture.
pub(super) fn render_chart(chart: &Chart, table: &Table) -> Picture {
    let (wide, narrow) = (sketch(chart, table, Room::Wide), sketch(chart, table, Room::Narrow));
    let note = if narrow.note.len() > wide.note.len() { narrow.note } else { wide.note };
    Picture { wide: wide.svg, narrow: narrow.svg, legend: wide.legend, note }
}

fn sketch(chart: &Chart, table: &Table, room: Room) -> Sketch {
    if table.rows.is_empty() {
        return Sketch::nothing("There is nothing to draw: the table has no rows.");
    }
    let id = format!("c-{}-{}", chart.id, room.pick("w", "n"));
    let caption = Caption { id: &id, title: &chart.title, alt: &chart.alt };
    let drawing = Drawing { table, room, caption };
    let drawn = match &chart.kind {
        ChartKind::Bars { label, values, low, high } => {
            bars::draw(drawing, label, values, [low, high].map(Option::as_ref))
        }
        ChartKind::Histogram { from, to, count } => histogram::draw(drawing, from, to, count),
        ChartKind::Lines { x, y, series } => {
            lines::draw(drawing, lines::Join::Straight, [x, y], [None, None], series.as_ref())
        }
        ChartKind::Survival { time, survival, low, high, series } => {
            let band = [low, high].map(Option::as_ref);
            lines::draw(drawing, lines::Join::Steps, [time, survival], band, series.as_ref())
        }
        ChartKind::HeatMap { row, column, value } => heat::draw(drawing, row, column, value),
        ChartKind::Scatter { x, y, series, weight } => {
            scatter::draw(drawing, [x, y], series, weight.as_ref())
        }
        ChartKind::Combinations { sets, count } => combinations::draw(drawing, sets, count),
    };
    match drawn {
        Ok(sketch) => sketch,
        Err(Trouble::Lacks(Lacking(column))) => {
            Sketch::nothing(&format!("There is nothing to draw: the table has no column `{column}`."))
        }
        Err(Trouble::Broken(fault)) => Sketch::nothing(&format!("The chart cannot be drawn: {fault}.")),
    }
}

/// Text in which every character is seen, cut after so many.
pub(super) fn plain_cut(text: &str, most: usize) -> String {
    canvas::cut(&canvas::plain(text), most)
}

/// What is said of things that are not drawn.
fn more(count: usize, what: &str) -> String {
    if count == 0 { String::new() } else { format!("And {count} more {what} in the table.") }
}

/// Sentences that are not empty, one after the other.
fn sentences(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// The legend of several series; one series needs none.
fn series_legend(shape: &'static str, names: &[String]) -> Vec<LegendEntry> {
    if names.len() < 2 {
        return Vec::new();
    }
    let entry = |(number, label): (usize, &String)| LegendEntry { shape, number, label: label.clone() };
    names.iter().take(MAX_SERIES).enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests;
