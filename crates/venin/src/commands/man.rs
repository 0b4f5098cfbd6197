//! `venin man`: manual pages.

use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;

use super::output::Output;
use crate::cli::Cli;
use crate::diagnostics::hinted;
use crate::exit::Exit;

/// Prints the page of the program, or writes the pages of all commands to a directory.
///
/// # Errors
/// Standard output or the directory cannot be written.
pub(crate) fn run(dir: Option<&Path>) -> anyhow::Result<Exit> {
    match dir {
        None => print_page()?,
        Some(dir) => write_pages(dir)?,
    }
    Ok(Exit::Nothing)
}

fn print_page() -> anyhow::Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).context("the manual page cannot be rendered")?;
    let mut output = Output::stdout();
    output.write(&String::from_utf8_lossy(&page))?;
    output.finish()
}

fn write_pages(dir: &Path) -> anyhow::Result<()> {
    let shown = dir.display();
    std::fs::create_dir_all(dir).map_err(|error| {
        hinted(format!("cannot make `{shown}`: {error}"), "name a directory that can be written")
    })?;
    clap_mangen::generate_to(Cli::command(), dir)
        .with_context(|| format!("cannot write manual pages to `{shown}`"))
}
