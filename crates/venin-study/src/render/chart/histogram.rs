//! Bins with edges.

use super::axis::{Axis, edge_label};
use super::canvas::{Align, Ink, draw_sheet};
use super::plot::{Frame, Plot, left_of};
use super::{Drawing, Room, Sketch, Trouble, more, sentences};
use crate::table::Unit;

/// Most bins that are drawn.
const MAX_BINS: usize = 60;
/// From this ratio of widths on bins are drawn equally wide, and the note says so.
const MOST_UNEVEN: f64 = 1.5;

struct Bin {
    from: f64,
    to: Option<f64>,
    count: f64,
}

pub(super) fn draw(of: Drawing<'_>, from: &str, to: &str, count: &str) -> Result<Sketch, Trouble> {
    let Drawing { table, room, caption } = of;
    let (from, to, count) = (of.pick(from)?, of.pick(to)?, of.pick(count)?);
    let bins = table.rows.iter().filter_map(|row| {
        Some(Bin { from: from.number(row)?, to: to.number(row), count: count.number(row)? })
    });
    let bins: Vec<Bin> = bins.collect();
    if bins.iter().all(|bin| bin.count == 0.0) {
        return Ok(Sketch::nothing("There is nothing to draw: every bin is empty."));
    }
    let left_out = bins.len().saturating_sub(MAX_BINS);
    let bins: Vec<Bin> = bins.into_iter().take(MAX_BINS).collect();
    let heights = Axis::of_numbers(bins.iter().map(|bin| bin.count), count.unit(), 5);
    let widths: Vec<f64> = bins.iter().map(|bin| bin.to.map_or(f64::INFINITY, |to| to - bin.from)).collect();
    let (least, most) = widths.iter().fold((f64::MAX, 0.0_f64), |(l, m), w| (l.min(*w), m.max(*w)));
    let is_even = least > 0.0 && most <= least * MOST_UNEVEN;
    let places =
        if is_even { even_axis(&bins, from.unit(), room) } else { edge_axis(&bins, from.unit(), room) };
    let size = (room.width(), room.pick(300, 250));
    let (x_title, y_title) = (table.title.clone(), count.title());
    let svg = draw_sheet(size, caption, |canvas| {
        let around = (left_of(&heights), 26, 26);
        let frame = Frame { x: &places, y: Some(&heights), x_title: &x_title, y_title: &y_title, around };
        let plot = Plot::draw(canvas, size, &frame)?;
        let has_room = (size.0 - around.0 - around.2) / bins.len().max(1) as i32 >= 26;
        for (at, bin) in (0..).zip(&bins) {
            let at = f64::from(at);
            let (start, end) = if is_even { (bin.from, bin.to.unwrap_or(bin.from)) } else { (at, at + 1.0) };
            let (upper, lower) = (plot.at(start, bin.count), plot.at(end, 0.0));
            canvas.rect((upper.0 + 1, upper.1), (lower.0 - 1, lower.1), Ink::Fill(0), 1.0)?;
            if bin.count > 0.0 && has_room {
                let shown = crate::number::shown_number(bin.count, count.unit());
                let middle = (upper.0 + lower.0) / 2;
                canvas.text(&shown, (middle, upper.1 - 8), Align::Middle, Ink::Text, 8)?;
            }
        }
        Ok(())
    })?;
    let uneven = if is_even { "" } else { "The bins are of different widths and are drawn equally wide." };
    Ok(Sketch { svg, legend: Vec::new(), note: sentences(&[uneven.to_owned(), more(left_out, "bins")]) })
}

/// Numbers at their places.
fn even_axis(bins: &[Bin], unit: Unit, room: Room) -> Axis {
    let from = bins.iter().map(|bin| bin.from).fold(f64::MAX, f64::min);
    let to = bins.iter().filter_map(|bin| bin.to).fold(f64::MIN, f64::max);
    Axis::between(from, to, unit, room.pick(10, 4))
}

/// Edges one after the other, as many as there is room for.
fn edge_axis(bins: &[Bin], unit: Unit, room: Room) -> Axis {
    let mut edges: Vec<String> = bins.iter().map(|bin| edge_label(bin.from, unit)).collect();
    let last = bins.last().and_then(|bin| bin.to);
    edges.push(last.map_or_else(|| "more".to_owned(), |to| edge_label(to, unit)));
    let longest = edges.iter().map(|edge| edge.chars().count()).max().unwrap_or(1);
    Axis::of_names(&edges, room.width() as usize / (longest * 7 + 12))
}
