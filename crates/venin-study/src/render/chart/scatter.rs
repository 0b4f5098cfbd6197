//! Points of several series, told apart by color and shape, larger for more.

use super::axis::Axis;
use super::canvas::draw_sheet;
use super::columns::Order;
use super::plot::{Frame, Plot, left_of};
use super::{Drawing, MAX_SERIES, Sketch, Trouble, more, sentences, series_legend};
use crate::table::Unit;

/// Most points that are drawn.
const MAX_POINTS: usize = 3_000;
/// The size of a point of the greatest weight, and of one without a weight.
const SIZES: (f64, f64) = (14.0, 4.0);

struct Point {
    x: f64,
    y: f64,
    series: usize,
    weight: Option<f64>,
}

pub(super) fn draw(
    of: Drawing<'_>,
    [x, y]: [&str; 2],
    series: &str,
    weight: Option<&String>,
) -> Result<Sketch, Trouble> {
    let Drawing { table, room, caption } = of;
    let (x, y, series, weight) = (of.pick(x)?, of.pick(y)?, of.pick(series)?, of.pick_some(weight)?);
    let mut order = Order::default();
    let mut points: Vec<Point> = Vec::new();
    for row in &table.rows {
        let (Some(at), Some(height)) = (x.number(row), y.number(row)) else { continue };
        let weight = weight.and_then(|weight| weight.number(row)).map(|weight| weight.max(0.0));
        points.push(Point { x: at, y: height, series: order.place(&series.text(row)), weight });
    }
    if points.is_empty() {
        return Ok(Sketch::nothing("There is nothing to draw: no row has two numbers."));
    }
    let all_series = order.names().len();
    points.retain(|point| point.series < MAX_SERIES);
    let all = points.len();
    points.truncate(MAX_POINTS);
    let heaviest = points.iter().filter_map(|point| point.weight).fold(0.0, f64::max);
    let across = axis_of(points.iter().map(|point| point.x), x.unit(), room.pick(8, 4));
    let up = axis_of(points.iter().map(|point| point.y), y.unit(), 6);
    let size = (room.width(), room.pick(420, 320));
    let (x_title, y_title) = (x.title(), y.title());
    let svg = draw_sheet(size, caption, |canvas| {
        let around = (left_of(&up), 26, 20);
        let frame = Frame { x: &across, y: Some(&up), x_title: &x_title, y_title: &y_title, around };
        let plot = Plot::draw(canvas, size, &frame)?;
        // Heavy points first, so that light ones are seen.
        let mut sorted: Vec<&Point> = points.iter().collect();
        sorted.sort_by(|a, b| b.weight.unwrap_or(0.0).total_cmp(&a.weight.unwrap_or(0.0)));
        for point in sorted {
            let share = point.weight.map(|weight| if heaviest > 0.0 { weight / heaviest } else { 0.0 });
            let size = share.map_or(SIZES.1, |share| (share.sqrt() * SIZES.0).max(3.0));
            canvas.marker(plot.at(point.x, point.y), size as i32, point.series)?;
        }
        Ok(())
    })?;
    let larger = weight.map(|weight| format!("The area of a point stands for “{}”.", weight.bare_title()));
    Ok(Sketch {
        svg,
        legend: series_legend("mark", order.names()),
        note: sentences(&[
            larger.unwrap_or_default(),
            more(all_series.saturating_sub(MAX_SERIES), "series"),
            more(all - points.len(), "points"),
        ]),
    })
}

/// From the least to the most, as positions need not begin at 0, with some room at both ends.
fn axis_of(numbers: impl Iterator<Item = f64> + Clone, unit: Unit, most: usize) -> Axis {
    let (from, to) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), n| (l.min(n), m.max(n)));
    let (from, to) = if from >= 0.0 && from < to * 0.3 { (0.0, to) } else { (from, to) };
    Axis::between(from, to, unit, most)
}
