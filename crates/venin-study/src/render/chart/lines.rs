//! Points joined by lines, and steps that go down with a band: one for each series, told apart by color, dash and shape.

use super::axis::{Axis, parse_day};
use super::canvas::{Canvas, Caption, Fault, Ink, Spot, draw_sheet};
use super::columns::{Order, Picked};
use super::plot::{Frame, Plot, left_of};
use super::{Drawing, MAX_SERIES, Room, Sketch, Trouble, more, sentences, series_legend};
use crate::table::{Table, Unit};

/// Most points of a series that are drawn, evenly chosen.
const MAX_POINTS: usize = 2_000;
/// About so many points of a line, and of steps, are marked.
const MARKED: (usize, usize) = (24, 8);

/// How points are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    Straight,
    Steps,
}

/// A point; a height that nobody knows interrupts the line.
#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: Option<f64>,
    band: Option<(f64, f64)>,
}

/// What the positions are.
enum Positions {
    Numbers(Unit),
    Days,
    Names(Order),
}

struct Curves<'a> {
    join: Join,
    x: Picked<'a>,
    y: Picked<'a>,
    positions: Positions,
    names: Vec<String>,
    points: Vec<Vec<Point>>,
}

pub(super) fn draw(
    of: Drawing<'_>,
    join: Join,
    [x, y]: [&str; 2],
    [low, high]: [Option<&String>; 2],
    series: Option<&String>,
) -> Result<Sketch, Trouble> {
    let Drawing { table, room, caption } = of;
    let (x, y, series) = (of.pick(x)?, of.pick(y)?, of.pick_some(series)?);
    let (low, high) = (of.pick_some(low)?, of.pick_some(high)?);
    let positions = positions_of(table, x);
    let mut order = Order::default();
    let mut points: Vec<Vec<Point>> = Vec::new();
    let mut is_thinned = false;
    for row in &table.rows {
        let place = order.place(&series.map(|series| series.text(row)).unwrap_or_default());
        let Some(x) = positions.place(x, row) else { continue };
        let number = |picked: Option<Picked<'_>>| picked.and_then(|picked| picked.number(row));
        let point = Point { x, y: y.number(row), band: number(low).zip(number(high)) };
        points.resize_with(points.len().max(place + 1), Vec::new);
        if let Some(of_series) = points.get_mut(place) {
            of_series.push(point);
        }
    }
    if points.iter().flatten().all(|point| point.y.is_none()) {
        return Ok(Sketch::nothing("There is nothing to draw: no row has a number."));
    }
    for of_series in &mut points {
        let every = of_series.len().div_ceil(MAX_POINTS).max(1);
        is_thinned |= every > 1;
        let last = of_series.last().copied().filter(|_| every > 1);
        *of_series = of_series.iter().copied().step_by(every).chain(last).collect();
    }
    let all = order.names().len();
    points.truncate(MAX_SERIES);
    let curves = Curves { join, x, y, positions, names: order.names().to_vec(), points };
    let thinned = if is_thinned { "Not every point is drawn; all stand in the table." } else { "" };
    let band = if low.is_some() && high.is_some() { "The bands are the intervals in the table." } else { "" };
    Ok(Sketch {
        svg: curves.sheet(room, caption)?,
        legend: series_legend("line", &curves.names),
        note: sentences(&[
            band.to_owned(),
            more(all.saturating_sub(MAX_SERIES), "series"),
            thinned.to_owned(),
        ]),
    })
}

fn positions_of(table: &Table, x: Picked<'_>) -> Positions {
    if table.rows.iter().any(|row| x.number(row).is_some()) {
        return Positions::Numbers(x.unit());
    }
    if table.rows.iter().any(|row| parse_day(&x.text(row)).is_some()) {
        return Positions::Days;
    }
    let mut order = Order::default();
    for row in &table.rows {
        order.place(&x.text(row));
    }
    Positions::Names(order)
}

impl Positions {
    /// Where a row stands; a row whose position is none is not drawn.
    fn place(&self, x: Picked<'_>, row: &crate::table::Row) -> Option<f64> {
        match self {
            Self::Numbers(_) => x.number(row),
            Self::Days => parse_day(&x.text(row)),
            Self::Names(order) => order.find(&x.text(row)).map(|place| place as f64),
        }
    }
}

impl Curves<'_> {
    fn axes(&self, room: Room) -> (Axis, Axis) {
        let points = || self.points.iter().flatten();
        let xs = points().map(|point| point.x);
        let x = match &self.positions {
            Positions::Numbers(unit) => {
                let least =
                    if self.join == Join::Steps { 0.0 } else { xs.clone().fold(f64::INFINITY, f64::min) };
                let most = xs.fold(f64::NEG_INFINITY, f64::max).max(least);
                Axis::between(least, most, *unit, room.pick(9, 4))
            }
            Positions::Days => Axis::of_days(xs, room.pick(8, 3)),
            Positions::Names(order) => Axis::of_names(order.names(), room.pick(8, 3)),
        };
        let heights = points().flat_map(|point| {
            let (low, high) = point.band.unzip();
            [point.y, low, high].into_iter().flatten()
        });
        let y = match self.join {
            Join::Steps => Axis::of_numbers([1.0], Unit::Share, 5),
            Join::Straight => Axis::of_numbers(heights, self.y.unit(), 5),
        };
        (x, y)
    }

    fn sheet(&self, room: Room, caption: Caption<'_>) -> Result<String, Fault> {
        let (x, y) = self.axes(room);
        let size = (room.width(), room.pick(320, 270));
        let (x_title, y_title) = (self.x.title(), self.y.title());
        draw_sheet(size, caption, |canvas| {
            let frame = Frame {
                x: &x,
                y: Some(&y),
                x_title: &x_title,
                y_title: &y_title,
                around: (left_of(&y), 26, room.pick(30, 24)),
            };
            let plot = Plot::draw(canvas, size, &frame)?;
            for (series, points) in self.points.iter().enumerate() {
                self.draw_band(canvas, &plot, series, points)?;
            }
            for (series, points) in self.points.iter().enumerate() {
                self.draw_curve(canvas, &plot, series, points)?;
            }
            Ok(())
        })
    }

    fn draw_band(
        &self,
        canvas: &Canvas<'_>,
        plot: &Plot<'_>,
        series: usize,
        points: &[Point],
    ) -> Result<(), Fault> {
        let ends: Vec<(f64, f64, f64)> =
            points.iter().filter_map(|point| point.band.map(|(low, high)| (point.x, low, high))).collect();
        if ends.len() < 2 {
            return Ok(());
        }
        let upper = self.steps(ends.iter().map(|(x, _, high)| plot.at(*x, *high)));
        let mut lower = self.steps(ends.iter().map(|(x, low, _)| plot.at(*x, *low)));
        lower.reverse();
        canvas.polygon(upper.into_iter().chain(lower).collect(), Ink::Mark(series), 0.16)
    }

    fn draw_curve(
        &self,
        canvas: &Canvas<'_>,
        plot: &Plot<'_>,
        series: usize,
        points: &[Point],
    ) -> Result<(), Fault> {
        let mut known: Vec<Point> = points.to_vec();
        let starts_late = known.first().is_some_and(|first| first.x > 0.0);
        if self.join == Join::Steps && starts_late {
            known.insert(0, Point { x: 0.0, y: Some(1.0), band: None });
        }
        for piece in known.split(|point| point.y.is_none()) {
            let spots: Vec<Spot> =
                piece.iter().filter_map(|point| point.y.map(|y| plot.at(point.x, y))).collect();
            canvas.line(self.steps(spots.iter().copied()), Ink::Line(series), 2)?;
            let marked = if self.join == Join::Straight { MARKED.0 } else { MARKED.1 };
            for spot in spots.into_iter().step_by(points.len().div_ceil(marked).max(1)) {
                canvas.marker(spot, 4, series)?;
            }
        }
        Ok(())
    }

    /// The corners of a line through places; places on the same pixel are one.
    fn steps(&self, spots: impl Iterator<Item = Spot>) -> Vec<Spot> {
        let mut corners: Vec<Spot> = Vec::new();
        for spot in spots {
            if let (Join::Steps, Some(last)) = (self.join, corners.last().copied()) {
                corners.push((spot.0, last.1));
            }
            corners.push(spot);
        }
        corners.dedup();
        corners
    }
}
