//! Command lines inside command lines: `bash -c`, `cmd /c`, encoded PowerShell, text piped into a shell.

use super::command::{Command, Dialect, program_name};
use super::decode::{decode_base64, decode_escapes, decode_hex, decode_text};

/// The command line that a command runs, when its text is known.
pub(crate) fn nested_text(commands: &[Command], index: usize) -> Option<(String, Dialect)> {
    let command = commands.get(index)?;
    if command.receiver.is_some() {
        return method_text(command);
    }
    match command.program.as_str() {
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "fish" | "rbash" => {
            shell_text(command).map(|text| (text, Dialect::Sh))
        }
        "su" => command.option(&["-c", "--command"]).map(|text| (text.to_owned(), Dialect::Sh)),
        "eval" => {
            joined(command.arguments()).filter(|t| !is_placeholder(t)).map(|text| (text, command.dialect))
        }
        "cmd" => behind_switch(command, &["/c", "/k", "/r"]).map(|text| (text, Dialect::Cmd)),
        "forfiles" => command.option(&["/c"]).map(|text| (text.to_owned(), Dialect::Cmd)),
        "schtasks" => command.option(&["/tr"]).map(|text| (text.to_owned(), Dialect::Guess)),
        "wsl" => joined(after_options(command.arguments())).map(|text| (text, Dialect::Sh)),
        "powershell" | "pwsh" => powershell_text(command).map(|text| (text, Dialect::PowerShell)),
        "iex" | "invoke-expression" | "icm" | "invoke-command" => {
            expression_text(command).map(|text| (text, Dialect::PowerShell))
        }
        "start-process" | "saps" => started_text(command).map(|text| (text, Dialect::Guess)),
        "start" if command.dialect == Dialect::PowerShell => {
            started_text(command).map(|text| (text, Dialect::Guess))
        }
        "wmic" => behind_switch(command, &["create"]).map(|text| (text, Dialect::Guess)),
        _ => None,
    }
}

fn joined(words: &[String]) -> Option<String> {
    let text = match words {
        [only] => only.clone(),
        words => words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" "),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A word that held white space gets its quotes back.
fn quoted(word: &str) -> String {
    if word.is_empty() || (word.contains([' ', '\t', '&', '|', ';']) && !word.contains('"')) {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

fn after_options(words: &[String]) -> &[String] {
    let skip = words.iter().take_while(|w| w.starts_with('-')).count();
    words.get(skip..).unwrap_or(&[])
}

/// Everything behind a switch, such as `/c`; the switch and the text may touch.
fn behind_switch(command: &Command, switches: &[&str]) -> Option<String> {
    let words = command.arguments();
    for (at, word) in words.iter().enumerate() {
        if switches.iter().any(|s| word.eq_ignore_ascii_case(s)) {
            return joined(words.get(at + 1..)?);
        }
        let touching = switches.iter().find_map(|s| {
            let (front, rest) = word.split_at_checked(s.len())?;
            (s.starts_with('/') && front.eq_ignore_ascii_case(s)).then_some(rest)
        });
        if let Some(rest) = touching {
            let tail = words.get(at + 1..).unwrap_or(&[]).iter().cloned();
            return joined(&[rest.to_owned()].into_iter().chain(tail).collect::<Vec<_>>());
        }
    }
    None
}

/// `sh -c TEXT`, a here-document, or literal text piped in.
fn shell_text(command: &Command) -> Option<String> {
    let words = command.arguments();
    let is_command_option = |w: &&String| w.starts_with('-') && !w.starts_with("--") && w.ends_with('c');
    if let Some(at) = words.iter().position(|w| is_command_option(&w)) {
        return after_options(words.get(at + 1..)?).first().cloned().filter(|t| !is_placeholder(t));
    }
    let reads_input = command.file_operand().is_none() || command.has_word(&["-s"]);
    if !reads_input {
        return None;
    }
    command.input_text.clone()
}

/// `powershell -enc BASE64`, `-Command TEXT`, or the bare text behind the options.
fn powershell_text(command: &Command) -> Option<String> {
    let words = command.arguments();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let option = word.strip_prefix(['-', '/']).map(str::to_ascii_lowercase);
        let Some(option) = option.filter(|o| !o.is_empty()) else {
            let text = joined_plain(words.get(at..)?);
            return if text == "-" { command.input_text.clone() } else { Some(text) };
        };
        if is_prefix(&option, "encodedcommand", 1) || option == "ec" {
            return decode_base64(words.get(at + 1)?).map(|bytes| decode_text(&bytes));
        }
        if is_prefix(&option, "command", 1) {
            let text = joined_plain(words.get(at + 1..)?);
            return if text == "-" { command.input_text.clone() } else { Some(text) };
        }
        if is_prefix(&option, "file", 1) {
            return None;
        }
        let takes_value = [
            "executionpolicy",
            "windowstyle",
            "version",
            "inputformat",
            "outputformat",
            "configurationname",
            "psconsolefile",
        ]
        .iter()
        .any(|long| is_prefix(&option, long, 1))
            || matches!(option.as_str(), "ep" | "ex" | "exec");
        at += 1 + usize::from(takes_value);
    }
    command.input_text.clone()
}

/// PowerShell takes any unambiguous beginning of an option.
fn is_prefix(option: &str, long: &str, least: usize) -> bool {
    option.len() >= least && long.starts_with(option)
}

/// Behind `-Command` the words are joined as they are.
fn joined_plain(words: &[String]) -> String {
    words.join(" ")
}

/// `iex TEXT`, or literal text piped in.
fn expression_text(command: &Command) -> Option<String> {
    let words: Vec<String> = command.arguments().iter().filter(|w| !w.starts_with('-')).cloned().collect();
    let text = joined_plain(&words);
    if !text.trim().is_empty() && !is_placeholder(&text) {
        return Some(text);
    }
    command.input_text.clone()
}

/// `Start-Process PROGRAM -ArgumentList ARGUMENTS`.
fn started_text(command: &Command) -> Option<String> {
    const WITH_VALUE: &[&str] =
        &["-windowstyle", "-verb", "-workingdirectory", "-redirectstandardoutput", "-redirectstandarderror"];
    let mut kept = Vec::new();
    let mut words = command.arguments().iter();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        if WITH_VALUE.contains(&lower.as_str()) {
            words.next();
        } else if !matches!(
            lower.as_str(),
            "-filepath" | "-argumentlist" | "-args" | "-nonewwindow" | "-wait" | "-passthru"
        ) {
            kept.push(word.clone());
        }
    }
    let program = kept.first().map(|w| program_name(w))?;
    let text = kept.join(" ");
    let is_interpreter = matches!(
        program.as_str(),
        "cmd" | "powershell" | "pwsh" | "bash" | "sh" | "python" | "wscript" | "mshta" | "rundll32"
    );
    (is_interpreter && kept.len() > 1).then_some(text)
}

/// Methods that run a command line: `(New-Object -ComObject WScript.Shell).Run(...)`.
fn method_text(command: &Command) -> Option<(String, Dialect)> {
    let is_shell = matches!(command.program.as_str(), "run" | "shellexecute" | "exec")
        || (command.program == "start"
            && command.receiver.as_deref().is_some_and(|r| r.to_lowercase().contains("process")));
    let text = command.arguments().join(" ");
    if is_shell && text.contains(' ') {
        return Some((text, Dialect::Guess));
    }
    let is_script = matches!(command.program.as_str(), "invokescript" | "create" | "addscript");
    let is_block = command.receiver.as_deref().is_some_and(|r| r.to_lowercase().contains("scriptblock"));
    let known = || command.arguments().first().filter(|t| !is_placeholder(t)).cloned();
    (is_script && (is_block || command.program != "create"))
        .then(known)
        .flatten()
        .map(|t| (t, Dialect::PowerShell))
}

fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('⟨') && text.ends_with('⟩') && text.matches('⟨').count() == 1
}

/// What a command prints, when that is a literal: `echo TEXT`, `echo BASE64 | base64 -d`, ...
///
/// A literal that is piped in is the command's input text already, so one step is enough.
pub(crate) fn literal_output(commands: &[Command], index: usize) -> Option<String> {
    let command = commands.get(index)?;
    let piped = || command.input_text.clone();
    match command.program.as_str() {
        "echo" | "printf" | "write-output" | "write-host" | "" => {
            Some(printed(command)).filter(|t| !t.trim().is_empty())
        }
        "cat" | "tee" if command.operands().next().is_none() => piped(),
        "base64" if command.has_word(&["-d", "-D", "--decode", "-di"]) => {
            Some(decode_text(&decode_base64(piped()?.trim())?))
        }
        "openssl" if command.has_word(&["-d"]) && command.has_word(&["base64", "-base64", "-a"]) => {
            Some(decode_text(&decode_base64(piped()?.trim())?))
        }
        "xxd" if command.has_word(&["-r"]) || command.has_word(&["-rp"]) => {
            Some(decode_text(&decode_hex(&piped()?)?))
        }
        "rev" => Some(piped()?.trim_end_matches('\n').chars().rev().collect()),
        _ => None,
    }
}

fn printed(command: &Command) -> String {
    let is_flag = |w: &&String| matches!(w.as_str(), "-n" | "-e" | "-ne" | "-en" | "-E");
    let words: Vec<&str> = command.arguments().iter().skip_while(is_flag).map(String::as_str).collect();
    let escapes = command.program == "printf" || command.has_word(&["-e", "-ne", "-en"]);
    match (command.program.as_str(), words.as_slice()) {
        ("printf", ["%s" | "%b" | "%s\\n", text]) => decode_escapes(text),
        ("", _) => command.words.join(" "),
        (_, words) if escapes => decode_escapes(&words.join(" ")),
        (_, words) => words.join(" "),
    }
}
