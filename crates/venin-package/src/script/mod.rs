//! Command lines and scripts: text of sh, cmd and PowerShell read into commands, and commands into operations.
//!
//! The readers are lenient approximations of three shells: they know quoting, pipes, substitutions, variables that
//! the same text assigns, and the programs that take another command line as an argument.  Nothing is ever run,
//! expanded against a file system, or looked up in an environment.

mod classify;
mod classify_file;
mod classify_host;
mod classify_network;
mod cmd;
mod command;
mod command_lines;
pub(crate) mod decode;
mod flow;
mod host;
mod lines;
mod nested;
mod operation;
mod powershell;
mod powershell_value;
mod program;
mod reader;
mod sh;
mod sh_case;
mod sh_word;
mod wrapper;

pub use command::{Command, Dialect, Placement, Redirect, RedirectKind, Span};
pub use host::is_host_script;
pub use operation::{Operation, read_operations};
pub use program::{ProgramPart, ProgramReading, RunBy, is_program_source, read_program_source};

use venin_model::{Gap, GapKind};

use crate::path::{base_name, extension};
use reader::{Frame, Reader};

/// Reads a command line, or a whole script.
///
/// Commands come in the order in which they run; those of a substitution stand before the command that uses them,
/// those of a nested command line behind the command that runs it.
#[must_use]
pub fn parse_command_line(text: &str, dialect: Dialect) -> Vec<Command> {
    read(text, dialect).commands
}

fn read(text: &str, dialect: Dialect) -> Reader {
    let mut reader = Reader::new();
    reader.read_text(text, dialect, &Frame::top());
    reader.mark_functions();
    reader
}

/// What a script member does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptReading {
    /// The operations in order.
    pub operations: Vec<Operation>,
    /// What was not read.
    pub gaps: Vec<Gap>,
}

/// Reads a script member; `None` when its extension and its first line name no shell, and it is no script that reaches
/// the host (see [`is_host_script`]).
#[must_use]
pub fn parse_script(path: &str, text: &str) -> Option<ScriptReading> {
    let (operations, is_cut) = match script_dialect(path, text) {
        Some(dialect) => {
            let reader = read(text, dialect);
            (read_operations(&reader.commands), reader.is_cut)
        }
        None => host::read_host_script(path, text)?,
    };
    let mut gaps = Vec::new();
    if is_cut {
        let detail = "the script holds more commands or nests deeper than is read";
        gaps.push(Gap::of_member(path.into(), GapKind::AnalysisBudget, detail));
    }
    Some(ScriptReading { operations, gaps })
}

/// The operations of a script member (see [`parse_script`], which also says what was not read).
#[must_use]
pub fn read_script(path: &str, text: &str) -> Option<Vec<Operation>> {
    parse_script(path, text).map(|reading| reading.operations)
}

/// By extension, or by the `#!` line of a member without one.
fn script_dialect(path: &str, text: &str) -> Option<Dialect> {
    match extension(path).to_ascii_lowercase().as_str() {
        "sh" | "bash" | "zsh" | "ksh" | "dash" | "command" => return Some(Dialect::Sh),
        "bat" | "cmd" => return Some(Dialect::Cmd),
        "ps1" | "psm1" | "psd1" => return Some(Dialect::PowerShell),
        "" => {}
        _ => return None,
    }
    let first = text.strip_prefix('\u{feff}').unwrap_or(text).lines().next()?.strip_prefix("#!")?;
    let mut words = first.split_whitespace().map(base_name).filter(|w| !w.starts_with('-') && *w != "env");
    match words.next()? {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "busybox" => Some(Dialect::Sh),
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        _ => None,
    }
}
