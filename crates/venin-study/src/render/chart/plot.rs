//! A rectangle with axes, made by the drawing library, that tells where a number lies in pixels.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::{Cartesian2d, SVGBackend};
use plotters::style::{Color, ShapeStyle};

use super::axis::Axis;
use super::canvas::{Align, CHARACTER, Canvas, Fault, Ink, Spot, label_style};

/// An axis as the library knows one.
struct Scale(Axis);

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.0.from) / (self.0.to - self.0.from);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.0.marks.iter().map(|(place, _)| *place).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.0.from..self.0.to
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        let found = self.0.marks.iter().find(|(place, _)| place == value);
        found.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

/// Where the rectangle is, and what its axes say.
pub(super) struct Frame<'a> {
    /// The axis at its foot.
    pub(super) x: &'a Axis,
    /// The axis at its left; without one, only the foot has marks.
    pub(super) y: Option<&'a Axis>,
    /// What the numbers at the foot are; may be empty.
    pub(super) x_title: &'a str,
    /// What the numbers at the left are; may be empty.
    pub(super) y_title: &'a str,
    /// Pixels left of it, on top, and right of it.
    pub(super) around: (i32, i32, i32),
}

/// Pixels below a rectangle for marks and the axis' title.
pub(super) const FOOT: i32 = 44;
/// Those of them that the title takes.
pub(super) const TITLE: i32 = 18;

/// The pixels that the marks of an axis at the left need.
pub(super) fn left_of(axis: &Axis) -> i32 {
    axis.longest() as i32 * CHARACTER + 16
}

/// The rectangle.
pub(super) struct Plot<'a> {
    chart: ChartContext<'a, SVGBackend<'a>, Cartesian2d<Scale, Scale>>,
    x: Axis,
    y: Axis,
}

impl<'a> Plot<'a> {
    /// Draws axes and the lines behind the data.
    pub(super) fn draw(canvas: &Canvas<'a>, size: Spot, frame: &Frame<'_>) -> Result<Self, Fault> {
        let none = Axis { from: 0.0, to: 1.0, marks: Vec::new() };
        let (x, y) = (frame.x.clone(), frame.y.cloned().unwrap_or(none));
        let (left, top, right) = frame.around;
        let mut chart = ChartBuilder::on(canvas.area())
            .margin_top(top)
            .margin_right(right)
            .x_label_area_size(if frame.x_title.is_empty() { FOOT - TITLE } else { FOOT })
            .y_label_area_size(left)
            .build_cartesian_2d(Scale(x.clone()), Scale(y.clone()))?;
        let grid = ShapeStyle::from(Ink::Grid.color());
        let mut mesh = chart.configure_mesh();
        mesh.bold_line_style(grid).light_line_style(Ink::Grid.color().mix(0.0)).axis_style(Ink::Axis.color());
        mesh.label_style(label_style())
            .set_all_tick_mark_size(3)
            .x_labels(x.marks.len().max(1))
            .y_labels(y.marks.len().max(1));
        if frame.y.is_some() {
            mesh.disable_x_mesh();
        } else {
            mesh.disable_y_mesh();
        }
        mesh.draw()?;
        canvas.text(frame.x_title, (size.0 - right, size.1 - 8), Align::End, Ink::Muted, 60)?;
        canvas.text(frame.y_title, (4, 8), Align::Start, Ink::Muted, 44)?;
        Ok(Self { chart, x, y })
    }

    /// Where a pair of numbers lies; what is outside is moved to the edge.
    pub(super) fn at(&self, x: f64, y: f64) -> Spot {
        self.chart.backend_coord(&(self.x.inside(x), self.y.inside(y)))
    }
}
