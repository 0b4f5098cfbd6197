//! A release as one self-contained page.

use minijinja::{AutoEscape, Environment};

use super::ReleaseReport;
use crate::escape::is_deceptive;

const PAGE: &str = include_str!("page.html");

/// The life of a release as one HTML page: no script, no network, light and dark.
#[must_use]
pub fn render_release_html(report: &ReleaseReport) -> String {
    let mut environment = Environment::new();
    // Names and references come from strangers: everything is escaped, whatever the template is called.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("shown", |text: String| -> String {
        text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
    });
    let context = minijinja::context! { report => minijinja::value::Serde(report), title => report.title() };
    let rendered = environment.render_str(PAGE, context);
    // The template is ours and is rendered by a test; were it wrong, the page would say so.
    rendered.unwrap_or_else(|error| format!("<!doctype html><title>error</title><p>{error}"))
}
