//! A study as one self-contained page: no script, no network, light and dark, for screens, phones and paper.
//!
//! The page never shows text that could act: everything is escaped for HTML by the template engine, and characters that
//! hide or reorder text are written out before.

mod links;
mod portrait;
mod view;

use minijinja::{AutoEscape, Environment};
use venin_report::escape_text;

use super::chart::plain_cut;
use crate::report::StudyReport;
use view::Page;
pub(super) use view::safe_id;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// Most characters of a name, a file or an error.
const MAX_NAME: usize = 240;

/// The study as one HTML page.
#[must_use]
pub fn render_study_html(study: &StudyReport) -> String {
    let mut environment = Environment::new();
    // Names and errors come from strangers: everything is escaped, whatever the template is called.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("shown", |text: String| escape_text(&text).into_owned());
    environment.add_filter("name", |text: String| plain_cut(&text, MAX_NAME));
    environment.add_filter("capital", |text: String| capital(&text));
    let page = Page::of(study);
    let context = minijinja::context! { page => minijinja::value::Serde(&page), css => STYLE };
    let rendered = environment.render_str(PAGE, context);
    // The template is ours and is rendered by tests; were it wrong, the page would say so.
    rendered.unwrap_or_else(|error| format!("<!doctype html><title>error</title><p>{error}"))
}

/// A text as it begins a heading.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests;
