//! Styling by meaning.

use anstyle::{AnsiColor, Style};

use super::Color;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Harm.
    Alarm,
    /// Possible harm.
    Warning,
    /// Not known.
    Doubt,
    /// Nothing wrong.
    Good,
    /// A name or title.
    Strong,
    /// A label or frame.
    Label,
    /// Less important.
    Faint,
}

/// Puts ink on text, or leaves it plain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Painter(pub(crate) Color);

impl Painter {
    /// The text in this ink.  The text must be escaped already.
    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        if self.0 == Color::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{}{text}{}", style.render(), style.render_reset())
    }
}

impl Ink {
    const fn style(self) -> Style {
        match self {
            Self::Alarm => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Doubt => AnsiColor::Cyan.on_default(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Strong => Style::new().bold(),
            Self::Label => AnsiColor::Blue.on_default().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}
