//! Bars that lie: a group for each row, a bar for each value, whiskers on the first.

use super::axis::Axis;
use super::canvas::{Align, CHARACTER, Canvas, Caption, Fault, Ink, draw_sheet};
use super::columns::Picked;
use super::plot::{FOOT, Frame, Plot, TITLE};
use super::{Drawing, MAX_SERIES, Room, Sketch, Trouble, more, sentences, series_legend};
use crate::table::Row;

/// Most rows that are drawn.
const MAX_BARS: usize = 24;
/// Pixels between groups.
const GAP: i32 = 8;
/// Pixels of a label's line above its bars.
const LINE: i32 = 17;

struct Bars<'a> {
    label: Picked<'a>,
    values: Vec<Picked<'a>>,
    low: Option<Picked<'a>>,
    high: Option<Picked<'a>>,
    rows: Vec<&'a Row>,
}

pub(super) fn draw(
    of: Drawing<'_>,
    label: &str,
    values: &[String],
    [low, high]: [Option<&String>; 2],
) -> Result<Sketch, Trouble> {
    let picked = values.iter().map(|value| of.pick(value)).collect::<Result<Vec<_>, _>>()?;
    let drawn: Vec<Picked<'_>> = picked.iter().copied().take(MAX_SERIES).collect();
    let has_value = |row: &&Row| drawn.iter().any(|value| value.number(row).is_some());
    let known: Vec<&Row> = of.table.rows.iter().filter(has_value).collect();
    if known.is_empty() {
        return Ok(Sketch::nothing("There is nothing to draw: no row has a number."));
    }
    let unknown = of.table.rows.len() - known.len();
    let (all, label) = (known.len(), of.pick(label)?);
    let bars = Bars {
        label,
        values: drawn,
        low: of.pick_some(low)?,
        high: of.pick_some(high)?,
        rows: known.into_iter().take(MAX_BARS).collect(),
    };
    let names: Vec<String> = bars.values.iter().map(|value| value.bare_title().to_owned()).collect();
    let without =
        if unknown > 0 { format!("Rows without a number, not drawn: {unknown}.") } else { String::new() };
    let whiskers = match (&bars.low, &bars.high) {
        (Some(low), Some(high)) => {
            format!("Whiskers: from “{}” to “{}”.", low.bare_title(), high.bare_title())
        }
        _ => String::new(),
    };
    Ok(Sketch {
        svg: bars.sheet(of.room, of.caption)?,
        legend: series_legend("fill", &names),
        note: sentences(&[
            whiskers,
            more(all - bars.rows.len(), "rows"),
            without,
            more(picked.len() - bars.values.len(), "values"),
        ]),
    })
}

impl Bars<'_> {
    fn thickness(&self) -> i32 {
        if self.values.len() == 1 { 16 } else { 14 }
    }

    fn group(&self, room: Room) -> i32 {
        let bars = self.thickness() * self.values.len() as i32;
        bars + GAP + room.pick(0, LINE)
    }

    fn axis(&self, room: Room) -> Axis {
        let unit = self.values.first().map_or(crate::table::Unit::Count, |value| value.unit());
        let numbers = self.rows.iter().flat_map(|row| {
            let whiskers = [self.low, self.high].into_iter().flatten();
            self.values.iter().copied().chain(whiskers).filter_map(|value| value.number(row))
        });
        Axis::of_numbers(numbers, unit, room.pick(6, 3))
    }

    fn sheet(&self, room: Room, caption: Caption<'_>) -> Result<String, Fault> {
        let axis = self.axis(room);
        let longest = self.rows.iter().map(|row| self.label.text(row).chars().count()).max().unwrap_or(0);
        let left = room.pick((longest.min(34) as i32) * CHARACTER + 14, 16);
        let x_title = match self.values.as_slice() {
            [one] => one.title(),
            _ => String::new(),
        };
        let size = (
            room.width(),
            6 + self.group(room) * self.rows.len() as i32 + FOOT - if x_title.is_empty() { TITLE } else { 0 },
        );
        draw_sheet(size, caption, |canvas| {
            let around = (left, 6, 60);
            let frame = Frame { x: &axis, y: None, x_title: &x_title, y_title: "", around };
            let plot = Plot::draw(canvas, size, &frame)?;
            let mut top = 6 + GAP / 2;
            for row in &self.rows {
                self.draw_row(canvas, &plot, room, (left, top), row)?;
                top += self.group(room);
            }
            Ok(())
        })
    }

    fn draw_row(
        &self,
        canvas: &Canvas<'_>,
        plot: &Plot<'_>,
        room: Room,
        (left, top): (i32, i32),
        row: &Row,
    ) -> Result<(), Fault> {
        let (label, thickness) = (self.label.text(row), self.thickness());
        let below = top + room.pick(0, LINE);
        match room {
            Room::Wide => {
                let middle = top + thickness * self.values.len() as i32 / 2;
                canvas.text(&label, (left - 8, middle), Align::End, Ink::Text, 34)?;
            }
            Room::Narrow => canvas.text(&label, (left + 2, top + 7), Align::Start, Ink::Text, 44)?,
        }
        for (series, value) in self.values.iter().enumerate() {
            let Some(number) = value.number(row) else { continue };
            let upper = below + thickness * series as i32;
            let (from, to) = (plot.at(0.0, 0.0).0, plot.at(number, 0.0).0);
            canvas.rect((from, upper), (to, upper + thickness - 2), Ink::Fill(series), 1.0)?;
            let whisker = if series == 0 { self.draw_whisker(canvas, plot, upper, row)? } else { None };
            let end = to.max(from).max(whisker.unwrap_or(to)) + 5;
            let shown = crate::number::shown_number(number, value.unit());
            canvas.text(&shown, (end, upper + thickness / 2 - 1), Align::Start, Ink::Text, 12)?;
        }
        Ok(())
    }

    /// Draws the interval of the first value and gives its right end.
    fn draw_whisker(
        &self,
        canvas: &Canvas<'_>,
        plot: &Plot<'_>,
        upper: i32,
        row: &Row,
    ) -> Result<Option<i32>, Fault> {
        let ends = |picked: Option<Picked<'_>>| picked.and_then(|picked| picked.number(row));
        let (Some(low), Some(high)) = (ends(self.low), ends(self.high)) else { return Ok(None) };
        let (from, to, middle) =
            (plot.at(low, 0.0).0, plot.at(high, 0.0).0, upper + self.thickness() / 2 - 1);
        canvas.line(vec![(from, middle), (to, middle)], Ink::Text, 2)?;
        for end in [from, to] {
            canvas.line(vec![(end, middle - 4), (end, middle + 4)], Ink::Text, 2)?;
        }
        Ok(Some(from.max(to)))
    }
}
