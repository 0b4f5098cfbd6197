//! Programs that only start another one: `sudo`, `env`, `nohup`, `start`, ...

use super::command::{Dialect, program_name};

/// The command that is really run.
pub(crate) struct Unwrapped {
    pub words: Vec<String>,
    pub wrappers: Vec<String>,
    pub is_background: bool,
}

/// Longest chain of wrappers that is taken off.
const MAX_WRAPPERS: usize = 16;

/// Takes wrappers off the front.
pub(crate) fn unwrap(mut words: Vec<String>, dialect: Dialect) -> Unwrapped {
    let mut wrappers = Vec::new();
    let mut is_background = false;
    while let Some(first) = words.first().filter(|_| wrappers.len() < MAX_WRAPPERS) {
        let program = program_name(first.trim_start_matches('@'));
        let Some(skip) = wrapped_at(&program, words.get(1..).unwrap_or(&[]), dialect) else { break };
        is_background |= matches!(program.as_str(), "nohup" | "setsid" | "start");
        words.drain(..words.len().min(skip + 1));
        wrappers.push(program);
    }
    if let Some(first) = words.first_mut()
        && dialect == Dialect::Cmd
    {
        *first = first.trim_start_matches('@').to_owned();
    }
    Unwrapped { words, wrappers, is_background }
}

/// How many words behind a wrapper belong to it; `None` when it is none, or starts nothing.
fn wrapped_at(program: &str, words: &[String], dialect: Dialect) -> Option<usize> {
    let skip = match program {
        "sudo" | "doas" => skip_options(words, &["-u", "-g", "-p", "-C", "--user", "--group"]),
        "env" => skip_options(words, &["-u", "-C", "-S"]),
        "command" if words.first().is_some_and(|w| matches!(w.as_str(), "-v" | "-V")) => return None,
        "nohup" | "setsid" | "command" | "builtin" | "exec" | "unbuffer" | "busybox" | "toybox" => {
            skip_options(words, &[])
        }
        "time" if dialect == Dialect::Sh => skip_options(words, &[]),
        "nice" | "ionice" | "chrt" | "taskset" => skip_options(words, &["-n", "-c", "-p"]),
        "stdbuf" => skip_options(words, &["-i", "-o", "-e"]),
        "timeout" if dialect == Dialect::Sh => skip_options(words, &["-s", "-k"]) + 1,
        "xargs" => skip_options(words, &["-I", "-n", "-P", "-L", "-d"]),
        "start" if dialect == Dialect::Cmd => skip_start(words),
        "call" if dialect == Dialect::Cmd => 0,
        _ => return None,
    };
    (skip < words.len()).then_some(skip)
}

/// Options, values of those that take one, and assignments.
fn skip_options(words: &[String], with_value: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if with_value.contains(&word.as_str()) {
            at += 2;
        } else if word == "--" {
            return at + 1;
        } else if (word.starts_with('-') && word.len() > 1) || is_assignment(word) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// `start ["title"] [/options] program`.  Only a quoted first word is a title; the quotes are gone by now, but what is
/// empty, holds white space and no path, or stands before a switch was quoted.
fn skip_start(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let is_switch = word.starts_with('/');
        let is_path = word.contains(['/', '.', '\\']);
        let stands_before_switch =
            at == 0 && words.get(1).is_some_and(|w| w.starts_with('/')) && words.len() > 2;
        let is_title = word.is_empty() || (!is_path && (word.contains(' ') || stands_before_switch));
        at += match (is_switch, is_title) {
            (true, _) if word.eq_ignore_ascii_case("/d") => 2,
            (true, _) | (_, true) => 1,
            _ => break,
        };
    }
    at
}

/// `NAME=value`.
pub(crate) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_variable_name(name))
}

/// A name that shells take for a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(text: &str, dialect: Dialect) -> (String, String, bool) {
        let result = unwrap(text.split(' ').map(str::to_owned).collect(), dialect);
        (result.wrappers.join(" "), result.words.join(" "), result.is_background)
    }

    #[test]
    fn wrappers_are_taken_off_with_their_options() {
        let cases = [
            ("sudo -u root env A=1 -i curl -o f u", Dialect::Sh, "sudo env", "curl -o f u", false),
            ("nohup python x.py", Dialect::Sh, "nohup", "python x.py", true),
            ("timeout -s 9 10 curl u", Dialect::Sh, "timeout", "curl u", false),
            ("xargs -n 1 rm -f", Dialect::Sh, "xargs", "rm -f", false),
            ("start /b /min x.exe -a", Dialect::Cmd, "start", "x.exe -a", true),
            ("env", Dialect::Sh, "", "env", false),
            ("sudo", Dialect::Sh, "", "sudo", false),
            ("exec", Dialect::Sh, "", "exec", false),
            ("timeout 5", Dialect::Sh, "", "timeout 5", false),
            ("@call x.bat", Dialect::Cmd, "call", "x.bat", false),
        ];
        for (text, dialect, wrappers, words, is_background) in cases {
            let expected = (wrappers.to_owned(), words.to_owned(), is_background);
            assert_eq!(unwrapped(text, dialect), expected, "{text}");
        }
    }
}
