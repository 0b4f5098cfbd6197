//! `venin lifecycle`: what happened to a release, on which surface, when, and who says so.

use venin_report::{TextOptions, render_lifecycle_text, render_release_html, render_shape};

use super::output::Output;
use crate::cli::{LifecycleArgs, LifecycleFormat};
use crate::exit::Exit;
use crate::intel::{parse_release, read_store, report_release};

/// Shows the life of a release.
///
/// # Errors
/// There is no store, or no such release can be.
pub(crate) fn run(args: &LifecycleArgs, text: TextOptions) -> anyhow::Result<Exit> {
    let subject = parse_release(&args.release)?;
    let store = read_store(&args.store)?;
    let report = report_release(&store, &subject)?;
    let text = TextOptions {
        color: if args.output.is_some() { venin_report::Color::Plain } else { text.color },
        ..text
    };
    let written = match args.format {
        LifecycleFormat::Text => render_lifecycle_text(&report, &text),
        LifecycleFormat::Json => render_shape(&report),
        LifecycleFormat::Html => render_release_html(&report),
    };
    let mut output = args.output.as_deref().map_or_else(|| Ok(Output::stdout()), Output::file)?;
    output.write(&written)?;
    output.finish()?;
    Ok(Exit::Nothing)
}
