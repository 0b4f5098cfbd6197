//! A field for each pair of texts, darker for more.

use super::canvas::{Align, CHARACTER, Canvas, Caption, Fault, Ink, draw_sheet};
use super::columns::Order;
use super::{Drawing, LegendEntry, Room, Sketch, Trouble, more, sentences};
use crate::table::Unit;

/// Most rows that are drawn.
const MAX_ROWS: usize = 30;
/// Most columns that are drawn.
const MAX_COLUMNS: usize = 60;
/// Height of a field.
const HEIGHT: i32 = 24;
/// Alpha of the least and of the most.
const SHADES: (f64, f64) = (0.06, 0.55);
/// Narrower fields hold no number.
const ROOM_FOR_NUMBER: i32 = 44;

struct Fields {
    rows: Vec<String>,
    columns: Vec<String>,
    /// Row by row; `None` where nobody knows.
    values: Vec<Vec<Option<f64>>>,
    unit: Unit,
    are_dates: bool,
    most: f64,
}

pub(super) fn draw(of: Drawing<'_>, row: &str, column: &str, value: &str) -> Result<Sketch, Trouble> {
    let Drawing { table, room, caption } = of;
    let (row, column, value) = (of.pick(row)?, of.pick(column)?, of.pick(value)?);
    let (mut row_order, mut column_order) = (Order::default(), Order::default());
    let mut columns: Vec<String> = Vec::new();
    for of_table in &table.rows {
        row_order.place(&row.text(of_table));
        columns.push(column.text(of_table));
    }
    let are_dates = column.unit() == Unit::Date;
    if are_dates {
        columns.sort();
    }
    for text in &columns {
        column_order.place(text);
    }
    let rows: Vec<String> = row_order.names().iter().take(MAX_ROWS).cloned().collect();
    // Of many dates the last are drawn, of other columns the first.
    let skipped = if are_dates { column_order.names().len().saturating_sub(MAX_COLUMNS) } else { 0 };
    let columns: Vec<String> = column_order.names().iter().skip(skipped).take(MAX_COLUMNS).cloned().collect();
    let mut values = vec![vec![None; columns.len()]; rows.len()];
    let mut most = 0.0_f64;
    for of_table in &table.rows {
        let at = column_order.place(&column.text(of_table)).checked_sub(skipped);
        let fields = values.get_mut(row_order.place(&row.text(of_table)));
        if let Some(field) = at.and_then(|at| fields?.get_mut(at)) {
            *field = value.number(of_table);
            most = most.max(field.unwrap_or(0.0));
        }
    }
    if values.iter().flatten().all(Option::is_none) {
        return Ok(Sketch::nothing("There is nothing to draw: no field has a number."));
    }
    let most = if value.unit() == Unit::Share { 1.0 } else { most };
    let note = sentences(&[
        more(row_order.names().len() - rows.len(), "rows"),
        more(column_order.names().len() - columns.len(), "columns"),
    ]);
    let fields = Fields { rows, columns, values, unit: value.unit(), are_dates, most };
    Ok(Sketch { svg: fields.sheet(room, caption)?, legend: fields.legend(), note })
}

impl Fields {
    fn legend(&self) -> Vec<LegendEntry> {
        let shown = |value: f64| crate::number::shown_number(value, self.unit);
        let mut legend = vec![
            LegendEntry { shape: "heat", number: (SHADES.0 * 100.0) as usize, label: shown(0.0) },
            LegendEntry { shape: "heat", number: (SHADES.1 * 100.0) as usize, label: shown(self.most) },
        ];
        if self.values.iter().flatten().any(Option::is_none) {
            let label = crate::number::NOT_KNOWN.to_owned();
            legend.push(LegendEntry { shape: "missing", number: 0, label });
        }
        legend
    }

    fn shade(&self, value: f64) -> f64 {
        let share = if self.most > 0.0 { (value / self.most).clamp(0.0, 1.0) } else { 0.0 };
        SHADES.0 + share * (SHADES.1 - SHADES.0)
    }

    fn sheet(&self, room: Room, caption: Caption<'_>) -> Result<String, Fault> {
        let most = room.pick(30, 14);
        let longest = self.rows.iter().map(|row| row.chars().count()).max().unwrap_or(0);
        let left = (longest.min(most) as i32) * CHARACTER + 14;
        let width = ((room.width() - left - 10) / self.columns.len().max(1) as i32).clamp(3, 90);
        let longest = self.columns.iter().map(|column| column.chars().count()).max().unwrap_or(0) as i32;
        let is_upward = !self.are_dates && longest * CHARACTER > width - 4;
        let foot = if is_upward { longest.min(20) * CHARACTER + 12 } else { 24 };
        let size = (room.width(), 4 + HEIGHT * self.rows.len() as i32 + foot);
        draw_sheet(size, caption, |canvas| {
            for (at, row) in (0..).zip(&self.rows) {
                let middle = 4 + HEIGHT * at + HEIGHT / 2;
                canvas.text(row, (left - 8, middle), Align::End, Ink::Text, most)?;
            }
            for (at, fields) in (0..).zip(&self.values) {
                self.draw_fields(canvas, (left, 4 + HEIGHT * at), width, fields)?;
            }
            let foot = 4 + HEIGHT * self.rows.len() as i32;
            let every = if is_upward { (14 / width).max(1) } else { (longest * CHARACTER + 10) / width + 1 };
            let every = if !is_upward && !self.are_dates { 1 } else { every };
            for (at, column) in (0..).zip(&self.columns).step_by(every.max(1) as usize) {
                let middle = left + width * at + width / 2;
                match is_upward {
                    true => canvas.text(column, (middle, foot + 6), Align::Upward, Ink::Muted, 20)?,
                    false => canvas.text(column, (middle, foot + 12), Align::Middle, Ink::Muted, 20)?,
                }
            }
            Ok(())
        })
    }

    fn draw_fields(
        &self,
        canvas: &Canvas<'_>,
        (left, top): (i32, i32),
        width: i32,
        fields: &[Option<f64>],
    ) -> Result<(), Fault> {
        let gap = i32::from(width > 6);
        for (at, field) in (0..).zip(fields) {
            let (from, to) = (left + width * at, left + width * (at + 1) - gap);
            let Some(value) = field else {
                canvas.rect((from, top), (to, top + HEIGHT - 1), Ink::Missing, 1.0)?;
                continue;
            };
            canvas.rect((from, top), (to, top + HEIGHT - 1), Ink::Heat, self.shade(*value))?;
            if width >= ROOM_FOR_NUMBER {
                let shown = crate::number::shown_number(*value, self.unit);
                let middle = ((from + to) / 2, top + HEIGHT / 2);
                canvas.text(&shown, middle, Align::Middle, Ink::Text, (width / CHARACTER) as usize)?;
            }
        }
        Ok(())
    }
}
