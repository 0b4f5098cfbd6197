//! The sheet that charts are drawn on: an SVG whose colors are classes, so that a style sheet decides them.
//!
//! The drawing library writes colors as numbers.  Each [`Ink`] is drawn with a color of its own that nothing else has,
//! and these are replaced by classes at the end.  Text is escaped here, so that no chart forgets it.

use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, IntoFont, PathElement, Polygon, RGBColor, Rectangle, SVGBackend,
    Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, RGBAColor, ShapeStyle, TextStyle};
use venin_report::escape_text;

/// What can go wrong when a picture is drawn: nothing that data can cause, as the sheet is memory.
pub(super) type Fault = DrawingAreaErrorKind<std::io::Error>;

/// The area of the library.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A place on the sheet in pixels.
pub(super) type Spot = (i32, i32);

/// The size that the library writes as 12 pixels.
const FONT: f64 = 12.0 * 1.24;
/// About how wide a character is.
pub(super) const CHARACTER: i32 = 7;
/// The first characters of every ink.
const MARK: &str = "\"#F00E";
/// Marks the title that a cut text has, by its number: private characters that no text keeps.
const TITLE: [char; 2] = ['\u{e000}', '\u{e001}'];

/// What something is drawn with; a style sheet says how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Words.
    Text,
    /// Words of less weight.
    Muted,
    /// Lines behind the data.
    Grid,
    /// Axes.
    Axis,
    /// More or less of something.
    Heat,
    /// Nobody knows.
    Missing,
    /// The line of a series.
    Line(usize),
    /// The area of a series.
    Fill(usize),
    /// The mark of a series.
    Mark(usize),
}

impl Ink {
    const fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Muted => 1,
            Self::Grid => 2,
            Self::Axis => 3,
            Self::Heat => 4,
            Self::Missing => 5,
            Self::Line(series) => 0x20 + (series % 16) as u8,
            Self::Fill(series) => 0x30 + (series % 16) as u8,
            Self::Mark(series) => 0x40 + (series % 16) as u8,
        }
    }

    /// The class that stands for a number.
    fn class(number: u8) -> String {
        match number {
            0 => "ct".to_owned(),
            1 => "cm".to_owned(),
            2 => "cg".to_owned(),
            3 => "ca".to_owned(),
            4 => "ch".to_owned(),
            5 => "cx".to_owned(),
            0x20..=0x2f => format!("l{}", number - 0x20),
            0x30..=0x3f => format!("f{}", number - 0x30),
            _ => format!("m{}", number & 0x0f),
        }
    }

    /// The color by which the library knows it.
    pub(super) fn color(self) -> RGBAColor {
        RGBColor(0xf0, 0x0e, self.number()).mix(1.0)
    }
}

/// How a text stands at its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    /// Begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// Ends there.
    End,
    /// Ends there, read from below.
    Upward,
    /// Begins there, read from below.
    Rising,
}

/// The sheet.
pub(super) struct Canvas<'a> {
    area: Area<'a>,
    titles: RefCell<Vec<String>>,
}

impl<'a> Canvas<'a> {
    /// What the library's own charts are made on.
    pub(super) fn area(&self) -> &Area<'a> {
        &self.area
    }

    /// A filled rectangle between two corners.
    pub(super) fn rect(&self, from: Spot, to: Spot, ink: Ink, alpha: f64) -> Result<(), Fault> {
        let style = ink.color().mix(alpha).filled();
        let upper = (from.0.min(to.0), from.1.min(to.1));
        let lower = (from.0.max(to.0), from.1.max(to.1));
        self.area.draw(&Rectangle::new([upper, lower], style))
    }

    /// A line through places.
    pub(super) fn line(&self, spots: Vec<Spot>, ink: Ink, width: u32) -> Result<(), Fault> {
        if spots.len() < 2 {
            return Ok(());
        }
        self.area.draw(&PathElement::new(spots, ShapeStyle::from(ink.color()).stroke_width(width)))
    }

    /// A filled area.
    pub(super) fn polygon(&self, spots: Vec<Spot>, ink: Ink, alpha: f64) -> Result<(), Fault> {
        self.area.draw(&Polygon::new(spots, ink.color().mix(alpha).filled()))
    }

    /// A filled disk.
    pub(super) fn disk(&self, at: Spot, radius: i32, ink: Ink, alpha: f64) -> Result<(), Fault> {
        self.area.draw(&Circle::new(at, radius, ink.color().mix(alpha).filled()))
    }

    /// The shape of a series, so that color does not tell it alone.
    pub(super) fn marker(&self, (x, y): Spot, size: i32, series: usize) -> Result<(), Fault> {
        let (ink, half) = (Ink::Mark(series), size.max(2));
        match series % 6 {
            0 => self.disk((x, y), half, ink, 0.85),
            1 => self.polygon(vec![(x, y - half), (x + half, y + half), (x - half, y + half)], ink, 0.85),
            2 => self.rect((x - half, y - half), (x + half, y + half), ink, 0.85),
            3 => {
                let wide = half + 1;
                self.polygon(vec![(x, y - wide), (x + wide, y), (x, y + wide), (x - wide, y)], ink, 0.85)
            }
            4 => {
                self.rect((x - half - 1, y - 1), (x + half + 1, y + 1), ink, 1.0)?;
                self.rect((x - 1, y - half - 1), (x + 1, y + half + 1), ink, 1.0)
            }
            _ => self.polygon(vec![(x, y + half), (x + half, y - half), (x - half, y - half)], ink, 0.85),
        }
    }

    /// Text of anybody, cut after so many characters; what was cut has the whole of it as its title.
    pub(super) fn text(
        &self,
        text: &str,
        at: Spot,
        align: Align,
        ink: Ink,
        most: usize,
    ) -> Result<(), Fault> {
        let whole = plain(text);
        let cut = cut(&whole, most);
        let mut drawn = cut.clone();
        if cut != whole {
            let mut titles = self.titles.borrow_mut();
            drawn.push(TITLE[0]);
            drawn.push_str(&titles.len().to_string());
            drawn.push(TITLE[1]);
            titles.push(whole);
        }
        let horizontal = match align {
            Align::Start | Align::Rising => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End | Align::Upward => HPos::Right,
        };
        let font = match align {
            Align::Upward | Align::Rising => {
                ("sans-serif", FONT).into_font().transform(FontTransform::Rotate270)
            }
            _ => ("sans-serif", FONT).into_font(),
        };
        let style = colored(TextStyle::from(font), ink).pos(Pos::new(horizontal, VPos::Center));
        self.area.draw(&Text::new(drawn, at, style))
    }
}

/// The style of the library's own labels.
pub(super) fn label_style() -> TextStyle<'static> {
    colored(TextStyle::from(("sans-serif", FONT).into_font()), Ink::Muted)
}

fn colored(mut style: TextStyle<'_>, ink: Ink) -> TextStyle<'_> {
    style.color = ink.color().to_backend_color();
    style
}

/// Text in which every character is seen.
pub(super) fn plain(text: &str) -> String {
    escape_text(text).replace(TITLE, "\u{fffd}")
}

/// The first characters, with an ellipsis where something was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// What a picture is for those who do not see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caption<'a> {
    /// The ids of its title and description begin with this.
    pub(super) id: &'a str,
    /// Its title.
    pub(super) title: &'a str,
    /// Its description.
    pub(super) alt: &'a str,
}

/// Draws on a new sheet and gives the picture.
pub(super) fn draw_sheet(
    (width, height): Spot,
    caption: Caption<'_>,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), Fault>,
) -> Result<String, Fault> {
    let mut svg = String::new();
    let size = (width.max(1) as u32, height.max(1) as u32);
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let canvas = Canvas { area, titles: RefCell::new(Vec::new()) };
    draw(&canvas)?;
    canvas.area.present()?;
    let titles = canvas.titles.take();
    drop(canvas);
    Ok(finish(&svg, size, caption, &titles))
}

/// Colors become classes, numbers of titles become titles, and what a style sheet says already goes.
fn finish(svg: &str, (width, height): (u32, u32), caption: Caption<'_>, titles: &[String]) -> String {
    let Caption { id, title, alt } = caption;
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let mut out = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        markup(title),
        markup(alt)
    );
    for line in body.lines() {
        out.push_str(&with_classes(line));
        out.push('\n');
    }
    for (at, title) in titles.iter().enumerate() {
        let mark = format!("{}{at}{}", TITLE[0], TITLE[1]);
        out = out.replacen(&mark, &format!("<title>{}</title>", markup(title)), 1);
    }
    out
}

fn with_classes(line: &str) -> String {
    if !line.starts_with('<') {
        return line.to_owned();
    }
    let mut line = line.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
    line = line.replace(" font-family=\"sans-serif\"", "").replace(" font-size=\"12\"", "");
    for name in ["fill=", "stroke="] {
        let wanted = format!("{name}{MARK}");
        while let Some(at) = line.find(&wanted) {
            let end = at + wanted.len() + 3;
            let number =
                line.get(at + wanted.len()..end - 1).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            let class = format!("class=\"{}\"", number.map(Ink::class).unwrap_or_default());
            line.replace_range(at..end.min(line.len()), &class);
        }
    }
    line
}

/// Text as HTML and SVG want it.
fn markup(text: &str) -> String {
    let text = plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'static> = Caption { id: "c", title: "T\u{202e}<", alt: "\"A\"" };

    #[test]
    fn colors_are_classes_and_hostile_text_is_escaped() {
        let svg = draw_sheet((100, 50), CAPTION, |canvas| {
            canvas.rect((1, 2), (30, 4), Ink::Fill(3), 1.0)?;
            canvas.line(vec![(0, 0), (5, 5)], Ink::Line(1), 2)?;
            let hostile = "<script>\u{e000}0\u{e001} fill=\"#F00E00\" \u{202e}";
            canvas.text(hostile, (0, 0), Align::End, Ink::Text, 9)
        })
        .unwrap();
        assert!(!svg.contains("#F00E") || svg.contains("&quot;#F00E00&quot;"), "{svg}");
        assert!(svg.contains("class=\"f3\"") && svg.contains("class=\"l1\"") && svg.contains("class=\"ct\""));
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\u{e000}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;…<title>&lt;script&gt;"), "{svg}");
        assert!(
            svg.ends_with("</svg>\n") && svg.contains("<title id=\"c-t\">T\\u{202e}&lt;</title>"),
            "{svg}"
        );
    }
}
