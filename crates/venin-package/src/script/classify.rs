//! From a command to the steps it takes: the dispatcher, and programs that run something.

use venin_model::{Action, Family, Role};

use super::command::{Command, Dialect};
use super::operation::Step;
use super::{classify_file, classify_host, classify_network};
use crate::path::lists;

/// Longest argument kept, in characters.
const MAX_ARGUMENT: usize = 4_096;

/// The steps of a command, in order.  `has_input` tells whether operations flow in.
pub(crate) fn classify(command: &Command, has_input: bool) -> Vec<Step> {
    if command.program.is_empty() || command.is_function || is_passive(command) {
        return Vec::new();
    }
    let mut steps = method(command)
        .or_else(|| interpreter(command, has_input))
        .or_else(|| installer(command))
        .or_else(|| classify_network::classify(command))
        .or_else(|| classify_file::classify(command, has_input))
        .or_else(|| classify_host::classify(command))
        .unwrap_or_else(|| vec![started(command)]);
    for step in &mut steps {
        for (_, text) in &mut step.arguments {
            if let Some((end, _)) = text.char_indices().nth(MAX_ARGUMENT) {
                text.truncate(end);
            }
        }
    }
    steps
}

/// Builtins and filters that by themselves do nothing worth an operation.
fn is_passive(command: &Command) -> bool {
    const PASSIVE: &str = "command pwd compgen complete diff mktemp set-variable export-modulemember cd chdir pushd popd echo printf true false : test [ [[ (( exit return shift read unset alias \
        trap wait umask ulimit cls clear title color pause goto setlocal endlocal mkdir md new-item let \
        expr seq date basename dirname readlink realpath which where where-object tr cut sort uniq wc \
        awk gawk jq rev fold nl paste xargs shopt setopt break continue write-host write-output \
        write-error write-verbose out-null out-string select-object select foreach-object % ? \
        sort-object convertto-json convertfrom-json split-path join-path test-path get-command get-date \
        get-random import-module set-location push-location pop-location set-strictmode param chcp \
        prompt path getopts hash times tput stty disown jobs fg bg";
    lists(PASSIVE, &command.program)
        || command.program.starts_with("echo.")
        || (command.program == "set" && command.dialect != Dialect::Cmd && !command.arguments().is_empty())
}

/// Any other program.
fn started(command: &Command) -> Step {
    let program = command.words.first().map_or("", String::as_str);
    let step = Step::new(Family::Cs, Action::Spawn).with(Role::Command, command.words.join(" "));
    let step = if program.contains(['/', '\\', '.']) { step.reading(program) } else { step };
    let step = with_url(step, command);
    with_traits(step, command)
}

fn with_url(step: Step, command: &Command) -> Step {
    match &command.url {
        Some(url) => step.with(Role::Url, url.as_str()),
        None => step,
    }
}

/// Traits that tell how quietly something is started.
pub(crate) fn with_traits(mut step: Step, command: &Command) -> Step {
    let hidden = command
        .option(&["-windowstyle", "-w", "-wi", "-win"])
        .is_some_and(|v| v.eq_ignore_ascii_case("hidden") || v == "1");
    if hidden {
        step = step.with(Role::Option, "hidden");
    }
    if command
        .option(&["-executionpolicy", "-ep", "-ex", "-exec"])
        .is_some_and(|v| v.eq_ignore_ascii_case("bypass") || v.eq_ignore_ascii_case("unrestricted"))
    {
        step = step.with(Role::Option, "bypass");
    }
    if command.placement == super::Placement::Background {
        step = step.with(Role::Option, "background");
    }
    if command.wrappers.iter().any(|w| matches!(w.as_str(), "sudo" | "doas")) {
        step = step.with(Role::Option, "elevated");
    }
    step
}

/// Shells and language interpreters.
fn interpreter(command: &Command, has_input: bool) -> Option<Vec<Step>> {
    let program = command.program.as_str();
    let language = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('w');
    match language {
        "python" | "py" | "pypy" => python(command, has_input),
        "osascript" if only_tells_the_user(command) => None,
        "perl" | "ruby" | "node" | "nodejs" | "php" | "lua" | "deno" | "bun" | "osascript" => {
            let code = command.option(&["-e", "-r", "-E", "--eval"]).map(str::to_owned);
            Some(vec![run_code_or_file(command, code, has_input)])
        }
        _ => match program {
            "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "fish" | "su" | "cmd" | "powershell"
            | "pwsh" => Some(vec![shell(command, has_input)]),
            "eval" | "iex" | "invoke-expression" | "icm" | "invoke-command" => {
                Some(vec![evaluate(command, has_input)])
            }
            "source" | "." => command.operands().next().map(|file| vec![spawn_file(command, file)]),
            "wscript" | "cscript" | "mshta" | "rundll32" | "regsvr32" | "msiexec" | "java"
            | "installutil" | "msbuild" => Some(host_program(command)),
            "start-process" | "saps" | "ii" | "invoke-item" | "open" | "xdg-open" | "explorer" => {
                let target =
                    command.option(&["-filepath"]).or_else(|| command.operands().next()).unwrap_or("");
                Some(vec![with_traits(with_url(spawn_file(command, target), command), command)])
            }
            "add-type" => {
                let code = command.option(&["-typedefinition", "-memberdefinition"]).unwrap_or("");
                Some(vec![Step::new(Family::Cc, Action::Load).with(Role::Code, code)])
            }
            _ => None,
        },
    }
}

/// Whether the command is an AppleScript of one statement that shows or says a text, and asks no shell and no other
/// program for anything.
fn only_tells_the_user(command: &Command) -> bool {
    let code = command.option(&["-e"]).unwrap_or("").trim_start().to_ascii_lowercase();
    let statements = command.arguments().iter().filter(|word| *word == "-e").count();
    let tells = ["display notification ", "display dialog ", "display alert ", "say "];
    let acts = ["do shell script", "do script", "run script", "tell ", "\n"];
    statements == 1
        && tells.iter().any(|verb| code.starts_with(verb))
        && !acts.iter().any(|act| code.contains(act))
}

fn python(command: &Command, has_input: bool) -> Option<Vec<Step>> {
    let words = command.arguments();
    if let Some(at) = words.iter().position(|w| w == "-m") {
        let module = words.get(at + 1).map_or("", String::as_str);
        if matches!(module, "pip" | "easy_install" | "pipx") {
            return install(command, words.get(at + 2..).unwrap_or(&[]));
        }
        let step = Step::new(Family::Cs, Action::Spawn).with(Role::Command, command.words.join(" "));
        return Some(vec![step.with(Role::Name, module)]);
    }
    let is_code =
        |w: &&String| w.starts_with('-') && !w.starts_with("--") && w.ends_with('c') && w.len() <= 4;
    let code = words.iter().position(|w| is_code(&w)).and_then(|at| words.get(at + 1)).cloned();
    Some(vec![run_code_or_file(command, code, has_input)])
}

/// Code given on the line or on standard input, or else a file.
fn run_code_or_file(command: &Command, code: Option<String>, has_input: bool) -> Step {
    let file = command.file_operand();
    let code = code.or_else(|| command.input_text.clone().filter(|_| file.is_none()));
    let step = match (code, file) {
        (Some(code), _) => Step::new(Family::Cc, Action::Exec).with(Role::Code, code),
        (None, None) if has_input || command.piped_from.is_some() => {
            Step::new(Family::Cc, Action::Exec).with(Role::Option, "standard input")
        }
        (None, Some(file)) => spawn_file(command, file),
        (None, None) => Step::new(Family::Cs, Action::Spawn).with(Role::Command, command.words.join(" ")),
    };
    with_traits(step, command)
}

fn spawn_file(command: &Command, file: &str) -> Step {
    Step::new(Family::Cs, Action::Spawn).with(Role::Command, command.words.join(" ")).reading(file)
}

/// A shell: with a command line of its own, with a file, or with whatever comes in.
fn shell(command: &Command, has_input: bool) -> Step {
    let is_powershell = matches!(command.program.as_str(), "powershell" | "pwsh");
    let is_windows_shell = is_powershell || command.program == "cmd";
    let script = command.option(&["-file", "-f"]).filter(|_| is_powershell);
    let has_line = command.arguments().iter().any(|w| {
        let lower = w.to_ascii_lowercase();
        let is_sh_line = lower.starts_with('-') && !lower.starts_with("--") && lower.ends_with('c');
        let is_cmd_line = lower.starts_with("/c") || lower.starts_with("/k");
        if is_powershell { w != "-" && script.is_none() } else { is_sh_line || is_cmd_line }
    });
    let file = script.or_else(|| command.file_operand().filter(|_| !is_windows_shell));
    let step = match file {
        _ if has_line => Step::new(Family::Cs, Action::Shell).with(Role::Command, command.words.join(" ")),
        None if has_input || command.piped_from.is_some() || command.input_text.is_some() => {
            Step::new(Family::Cs, Action::Spawn)
                .with(Role::Command, command.words.join(" "))
                .with(Role::Option, "standard input")
        }
        Some(file) => spawn_file(command, file),
        None => Step::new(Family::Cs, Action::Spawn).with(Role::Command, command.words.join(" ")),
    };
    with_traits(with_url(step, command), command)
}

fn evaluate(command: &Command, has_input: bool) -> Step {
    let action = if has_input { Action::Spawn } else { Action::Shell };
    let step = Step::new(Family::Cs, action).with(Role::Command, command.words.join(" "));
    step.with(Role::Code, command.input_text.as_deref().unwrap_or(""))
}

/// Programs of the host that run a file, also one behind a URL.
fn host_program(command: &Command) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(url) = &command.url {
        steps.push(Step::new(Family::Cn, Action::Fetch).with(Role::Url, url.as_str()));
    }
    let file = command.operands().find(|w| !w.contains("://")).unwrap_or("");
    let file = file.split(',').next().unwrap_or(file);
    let step = spawn_file(command, file);
    steps.push(with_traits(Step { follows: !steps.is_empty(), ..step }, command));
    steps
}

/// Methods of PowerShell and COM objects that start something; others only pass values on.
fn method(command: &Command) -> Option<Vec<Step>> {
    let receiver = command.receiver.as_deref()?.to_ascii_lowercase();
    let text = || command.arguments().join(" ");
    let step = match command.program.as_str() {
        "run" | "shellexecute" | "exec" => Step::new(Family::Cs, Action::Shell).with(Role::Command, text()),
        "start" if receiver.contains("process") => {
            Step::new(Family::Cs, Action::Spawn).with(Role::Command, text())
        }
        "invoke" | "invokescript" | "begininvoke" => {
            Step::new(Family::Cs, Action::Spawn).with(Role::Command, receiver)
        }
        "load" | "loadfile" | "loadfrom" if receiver.contains("assembly") => {
            Step::new(Family::Cc, Action::Load).with(Role::Code, text())
        }
        "frombase64string" => Step::new(Family::Ce, Action::Decode).with(Role::Data, text()),
        "writealltext" | "writeallbytes" | "writealllines" | "appendalltext" => {
            let path = command.arguments().first().map_or("", String::as_str);
            Step { follows: false, ..Step::write(path) }
        }
        "readalltext" | "readallbytes" | "readalllines" => {
            let path = command.arguments().first().map_or("", String::as_str);
            Step::new(Family::Cf, Action::Read).reading(path)
        }
        _ => return Some(classify_network::method(command, &receiver)),
    };
    Some(vec![step])
}

/// Package installers.
fn installer(command: &Command) -> Option<Vec<Step>> {
    let program = command.program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let words = command.arguments();
    match program {
        "pip" | "pipx" | "easy_install" | "gem" | "npm" | "pnpm" | "yarn" | "brew" | "apt" | "apt-get"
        | "yum" | "dnf" | "apk" | "pacman" | "conda" | "mamba" | "choco" | "winget" | "scoop" | "cargo"
        | "snap" | "zypper" => install(command, words),
        "uv" if words.first().is_some_and(|w| w == "pip" || w == "add" || w == "tool") => {
            install(command, words)
        }
        _ => None,
    }
}

/// `install NAMES...` with its options; other subcommands are ordinary programs.
fn install(command: &Command, words: &[String]) -> Option<Vec<Step>> {
    const VERBS: &[&str] = &["install", "add", "i", "-s", "-sy", "download"];
    let at = words.iter().position(|w| VERBS.contains(&w.to_ascii_lowercase().as_str()));
    let names = match at {
        Some(at) => words.get(at + 1..)?,
        None if command.program == "easy_install" => words,
        None => return None,
    };
    let mut step = Step::new(Family::Cs, Action::Install).with(Role::Command, command.words.join(" "));
    let mut names = names.iter();
    while let Some(word) = names.next() {
        match word.as_str() {
            "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" => {
                step = step.with(Role::Url, names.next().map_or("", String::as_str));
            }
            "-r" | "--requirement" | "-t" | "--target" | "-c" | "--prefix" | "--trusted-host" => {
                names.next();
            }
            word if word.starts_with('-') => {}
            word => step = step.with(Role::Name, word),
        }
    }
    Some(vec![with_traits(step, command)])
}
