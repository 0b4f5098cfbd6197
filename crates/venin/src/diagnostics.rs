//! Talk on standard error: errors with a hint, warnings, notes.
//!
//! Everything goes through [`venin_report::escape_text`]: the name of a file is as hostile as its content.

use std::error::Error as _;
use std::io::{IsTerminal, Write};

use clap::error::ErrorKind;
use venin_report::{Color, TextOptions, escape_text};

use crate::cli::{ColorChoice, TalkArgs};
use crate::exit::Exit;

/// An error with the next step for the user.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Hinted {
    message: String,
    hint: String,
}

/// An error with a hint.
pub(crate) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Hinted { message: message.into(), hint: hint.into() }.into()
}

/// Where talk goes, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Talk {
    is_colored: bool,
    is_quiet: bool,
}

impl Talk {
    /// As the user wants it.
    pub(crate) fn new(args: TalkArgs) -> Self {
        Self { is_colored: wants_color(args.color, &std::io::stderr()), is_quiet: args.quiet }
    }

    /// Whether only errors are wanted.
    pub(crate) const fn is_quiet(self) -> bool {
        self.is_quiet
    }

    /// `error: ...`, and `hint: ...` if there is one.
    pub(crate) fn error(self, message: &str, hint: Option<&str>) {
        self.say("error", "\x1b[1;31m", message);
        if let Some(hint) = hint {
            self.say("hint", "\x1b[1;36m", hint);
        }
    }

    /// `warning: ...`, unless quiet.
    pub(crate) fn warning(self, message: &str) {
        if !self.is_quiet {
            self.say("warning", "\x1b[1;33m", message);
        }
    }

    /// `note: ...`, unless quiet.
    pub(crate) fn note(self, message: &str) {
        if !self.is_quiet {
            self.say("note", "\x1b[1;34m", message);
        }
    }

    /// An error with all its causes in one line, and its hint.
    pub(crate) fn failure(self, error: &anyhow::Error) {
        let hint = error.chain().find_map(|cause| cause.downcast_ref::<Hinted>()).map(|h| h.hint.as_str());
        self.error(&format!("{error:#}"), hint);
    }

    fn say(self, label: &str, style: &str, message: &str) {
        let label = if self.is_colored { format!("{style}{label}:\x1b[0m") } else { format!("{label}:") };
        // Continuation lines are ours; within a line nothing is obeyed.
        let lines: Vec<_> = message.lines().map(escape_text).collect();
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(std::io::stderr(), "{label} {}", lines.join("\n  "));
    }
}

/// Whether to color what goes to this stream.
pub(crate) fn wants_color(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    let is_unwanted = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            stream.is_terminal()
                && !is_unwanted("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// How text on standard output is rendered: the terminal's width, and color where it is wanted.
pub(crate) fn choose_text(args: TalkArgs) -> TextOptions {
    let stdout = std::io::stdout();
    let usual = TextOptions::default();
    let width =
        terminal_size::terminal_size_of(&stdout).map_or(usual.width, |(width, _)| usize::from(width.0));
    let color = if wants_color(args.color, &stdout) { Color::Ansi } else { Color::Plain };
    TextOptions { color, width, ..usual }
}

/// Answers what the parser of the command line has to say: help and version as data, all else as an error.
pub(crate) fn answer_parser(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed pipe is no error.
            let _ = error.print();
            Exit::Nothing
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Failed
        }
        _ => {
            let talk = Talk::new(TalkArgs { color: ColorChoice::Auto, quiet: false });
            let (message, hints) = split_usage_error(&error.to_string());
            talk.error(&message, None);
            for hint in hints {
                talk.say("hint", "", &hint);
            }
            Exit::Failed
        }
    }
}

/// The parser's own words as a message and hints: its tips, its lists of possible values, and where help is.
fn split_usage_error(text: &str) -> (String, Vec<String>) {
    let mut message: Vec<&str> = Vec::new();
    let mut hints = Vec::new();
    let mut usage = "venin --help";
    for line in text.lines().map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hints.push(tip.to_owned());
        } else if let Some(values) = line.strip_prefix("[possible values: ") {
            hints.push(format!("possible values: {}", values.trim_end_matches(']')));
        } else if line.starts_with("Usage: ") {
            let words: Vec<&str> = line.split(' ').skip(1).take_while(|word| is_command_word(word)).collect();
            usage = if words.contains(&"scan") { "venin scan --help" } else { usage };
            usage = if words.contains(&"diff") { "venin diff --help" } else { usage };
            usage = if words.contains(&"explain") { "venin explain --help" } else { usage };
            usage = if words.contains(&"rules") { "venin rules --help" } else { usage };
            break;
        } else if !line.is_empty() && !line.starts_with("For more information") {
            message.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    hints.push(format!("`{usage}` lists what can be said"));
    (message.join(" "), hints)
}

fn is_command_word(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_lowercase())
}

/// The cause of an I/O error in plain words, without the number of the system's error.
pub(crate) fn plain_cause(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        std::io::ErrorKind::StorageFull => "no space is left".to_owned(),
        _ => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    fn usage_error(words: &[&str]) -> (String, Vec<String>) {
        split_usage_error(&Cli::try_parse_from(words).unwrap_err().to_string())
    }

    #[test]
    fn a_misspelled_option_is_one_line_with_hints() {
        let (message, hints) = usage_error(&["venin", "scan", "--formt", "json", "x"]);
        assert_eq!(message, "unexpected argument '--formt' found");
        assert!(hints.iter().any(|hint| hint.contains("--format")));
        assert_eq!(hints.last().unwrap(), "`venin scan --help` lists what can be said");
    }

    #[test]
    fn possible_values_are_a_hint() {
        let (message, hints) = usage_error(&["venin", "scan", "x", "--format", "xml"]);
        assert_eq!(message, "invalid value 'xml' for '--format <FORMAT>'");
        assert_eq!(hints[0], "possible values: text, json, jsonl, sarif, osv, report");
    }

    #[test]
    fn a_missing_target_names_what_is_missing() {
        let (message, _) = usage_error(&["venin", "scan"]);
        assert_eq!(message, "the following required arguments were not provided: <TARGET>...");
    }

    #[test]
    fn the_hint_is_found_below_context() {
        use anyhow::Context;
        let error = Err::<(), _>(hinted("it failed", "do this")).context("while trying").unwrap_err();
        assert_eq!(format!("{error:#}"), "while trying: it failed");
        assert!(error.chain().any(|cause| cause.downcast_ref::<Hinted>().is_some()));
    }
}
