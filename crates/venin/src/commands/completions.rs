//! `venin completions`: scripts for shells.

use clap::CommandFactory;
use clap_complete::Shell;

use super::output::Output;
use crate::cli::Cli;
use crate::exit::Exit;

/// Prints the script.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn run(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "venin", &mut script);
    let mut output = Output::stdout();
    output.write(&String::from_utf8_lossy(&script))?;
    output.finish()?;
    Ok(Exit::Nothing)
}
