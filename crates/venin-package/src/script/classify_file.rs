//! Programs that work on files, on the registry, and on what starts by itself.

use venin_model::{Action, Family, Role};

use super::command::Command;
use super::operation::Step;

/// Most paths of one command that become arguments.
const MAX_PATHS: usize = 16;

/// The steps of a file program; `None` for any other.
pub(crate) fn classify(command: &Command, has_input: bool) -> Option<Vec<Step>> {
    let paths = |action: Action| {
        let step = Step::new(Family::Cf, action);
        vec![command.operands().take(MAX_PATHS).fold(step, |step, path| step.with(Role::Path, path))]
    };
    Some(match command.program.as_str() {
        "rm" | "del" | "erase" | "rmdir" | "rd" | "unlink" | "shred" | "srm" | "remove-item" | "ri" => {
            paths(Action::Delete)
        }
        "chmod" | "chown" | "chgrp" | "icacls" | "cacls" | "takeown" | "attrib" | "chattr" | "setfacl"
        | "xattr" => {
            vec![change_mode(command)]
        }
        "cp" | "copy" | "xcopy" | "robocopy" | "mv" | "move" | "ren" | "rename" | "ln" | "mklink"
        | "install" | "copy-item" | "cpi" | "move-item" | "mi" | "rename-item" => vec![copy(command)],
        "cat" | "type" | "head" | "tail" | "less" | "more" | "strings" | "get-content" | "gc" | "tac"
        | "od" => {
            return read(command, 0);
        }
        "grep" | "egrep" | "zgrep" | "rg" | "findstr" | "select-string" | "sls" => return read(command, 1),
        "sed" => return sed(command),
        "ls" | "dir" | "find" | "tree" | "get-childitem" | "gci" | "locate" | "mdfind" => paths(Action::List),
        "tar" | "unzip" | "gunzip" | "7z" | "7za" | "unrar" | "expand" | "expand-archive" | "bunzip2"
        | "unxz" => archive(command),
        "zip" | "gzip" | "compress-archive" | "bzip2" | "xz" | "rar" => compress(command),
        "tee" => {
            command.operands().take(MAX_PATHS).map(|p| Step { follows: false, ..Step::write(p) }).collect()
        }
        "touch" => Vec::new(),
        "dd" => dd(command),
        "set-content" | "sc" | "add-content" | "ac" | "out-file" | "tee-object"
            if is_powershell_write(command) =>
        {
            vec![content(command)]
        }
        "base64" | "xxd" | "openssl" | "uudecode" | "uuencode" | "gpg" => {
            return encoding(command, has_input);
        }
        "crontab" => vec![crontab(command)],
        "systemctl" | "launchctl" | "update-rc.d" | "chkconfig" | "rc-update" => return service(command),
        "schtasks" | "register-scheduledtask" => return scheduled_task(command),
        "sc" | "new-service" => return windows_service(command),
        "reg" => return registry(command),
        "setx" => vec![
            Step::new(Family::Cf, Action::RegistryWrite)
                .with(Role::Key, command.operands().next().unwrap_or("")),
        ],
        "set-itemproperty" | "sp" | "new-itemproperty" | "set-item" => {
            vec![item_property(command, Action::RegistryWrite)]
        }
        "get-itemproperty" | "gp" | "get-itempropertyvalue" => {
            vec![item_property(command, Action::RegistryRead)]
        }
        _ => return None,
    })
}

fn is_powershell_write(command: &Command) -> bool {
    command.program != "sc" || command.dialect == super::Dialect::PowerShell
}

/// `chmod MODE FILE`, `attrib +h FILE`, `icacls FILE /grant ...`.
fn change_mode(command: &Command) -> Step {
    let is_mode = |word: &&str| {
        word.starts_with(['+', '-'])
            || (word.len() <= 12 && (word.chars().all(|c| c.is_ascii_digit()) || word.contains(['+', '='])))
    };
    let words: Vec<&str> = command.arguments().iter().map(String::as_str).collect();
    let step = Step::new(Family::Cf, Action::Chmod);
    let step = words
        .iter()
        .filter(|w| is_mode(w))
        .take(MAX_PATHS)
        .fold(step, |step, mode| step.with(Role::Mode, *mode));
    let paths =
        words.iter().filter(|w| !(is_mode(w) || (w.starts_with('/') && w.len() <= 3))).take(MAX_PATHS);
    paths.fold(step, |step, path| step.reading(path))
}

/// The last operand is the target, and holds from then on what the others held.
fn copy(command: &Command) -> Step {
    let option = |names: &[&str]| command.option(names).map(str::to_owned);
    let operands: Vec<String> = command.operands().map(str::to_owned).collect();
    let target = option(&["-destination", "-t", "--target-directory"])
        .or_else(|| operands.last().cloned())
        .unwrap_or_default();
    let sources = operands.iter().take(operands.len().saturating_sub(1)).take(MAX_PATHS);
    let step = sources.fold(Step::new(Family::Cf, Action::Copy), |step, path| step.reading(path));
    Step { writes: vec![target.clone()], ..step }.with(Role::Target, target)
}

/// Reads of the operands behind the first `skip`; without any, the program only passes its input on.
fn read(command: &Command, skip: usize) -> Option<Vec<Step>> {
    let step = command
        .operands()
        .skip(skip)
        .take(MAX_PATHS)
        .fold(Step::new(Family::Cf, Action::Read), Step::reading);
    Some(if step.reads.is_empty() { Vec::new() } else { vec![step] })
}

fn sed(command: &Command) -> Option<Vec<Step>> {
    let is_in_place = command.arguments().iter().any(|w| w.starts_with("-i") || w.starts_with("--in-place"));
    if !is_in_place {
        return read(command, 1);
    }
    let file = command.operands().last().unwrap_or("");
    Some(vec![Step { follows: false, ..Step::write(file) }])
}

fn archive(command: &Command) -> Vec<Step> {
    let flags = command.arguments().first().map_or("", String::as_str);
    let is_creating = command.program == "tar" && flags.trim_start_matches('-').starts_with('c');
    if is_creating || (command.program.starts_with("7z") && flags == "a") {
        return compress(command);
    }
    let file = command
        .option(&["-path", "-literalpath"])
        .or_else(|| command.operands().find(|w| w.contains('.')))
        .unwrap_or("");
    let target = command.option(&["-d", "-C", "-destinationpath"]).unwrap_or("");
    vec![Step::new(Family::Cf, Action::Unpack).reading(file).with(Role::Target, target)]
}

fn compress(command: &Command) -> Vec<Step> {
    let step = Step::new(Family::Ce, Action::Compress);
    // The first word of `tar czf` and `7z a` says what to do.
    let is_verb =
        |at: usize, word: &str| at == 0 && !word.contains(['.', '/', '\\', '~']) && command.program != "zip";
    let operands =
        command.operands().enumerate().filter(|(at, word)| !is_verb(*at, word)).map(|(_, word)| word);
    let operands: Vec<&str> = operands.take(MAX_PATHS).collect();
    let step = operands.iter().fold(step, |step, path| step.reading(path));
    let target = operands
        .iter()
        .find(|w| [".zip", ".gz", ".tgz", ".7z", ".tar", ".rar", ".xz"].iter().any(|e| w.ends_with(e)));
    vec![Step { writes: target.iter().map(|t| (**t).to_owned()).collect(), ..step }]
}

fn dd(command: &Command) -> Vec<Step> {
    let value = |name: &str| command.arguments().iter().find_map(|w| w.strip_prefix(name)).unwrap_or("");
    let (source, target) = (value("if="), value("of="));
    let mut steps = Vec::new();
    if !source.is_empty() {
        steps.push(Step::new(Family::Cf, Action::Read).reading(source));
    }
    if !target.is_empty() {
        steps.push(Step::write(target));
    }
    steps
}

fn content(command: &Command) -> Step {
    let path = command
        .option(&["-path", "-filepath", "-literalpath"])
        .or_else(|| command.operands().next())
        .unwrap_or("");
    let value = command.option(&["-value", "-inputobject"]).unwrap_or("");
    Step { follows: false, ..Step::write(path) }.with(Role::Data, value)
}

/// Encoders and decoders on files or on what is piped in.
fn encoding(command: &Command, has_input: bool) -> Option<Vec<Step>> {
    let is_reverse = command.has_word(&["-d", "--decode", "-di", "-r", "-rp", "--decrypt"])
        || command.program == "uudecode";
    let is_cipher = command.program == "gpg"
        || (command.program == "openssl"
            && command.has_word(&["enc"])
            && !command.has_word(&["-base64", "base64"]));
    if command.program == "openssl" && !command.has_word(&["enc", "base64", "-base64"]) {
        return None;
    }
    let action = match (is_cipher, is_reverse) {
        (true, true) => Action::Decrypt,
        (true, false) => Action::Encrypt,
        (false, true) => Action::Decode,
        (false, false) => Action::Encode,
    };
    let step = Step::new(Family::Ce, action)
        .with(Role::Key, command.option(&["-k", "-pass"]).unwrap_or(""))
        .with(Role::Data, command.input_text.as_deref().unwrap_or(""));
    let file =
        command.option(&["-in"]).or_else(|| command.operands().find(|w| !matches!(*w, "enc" | "base64")));
    let step = match file {
        Some(file) if !has_input => step.reading(file),
        _ => step,
    };
    let mut steps = vec![step];
    steps.extend(command.option(&["-out"]).map(Step::write));
    Some(steps)
}

fn crontab(command: &Command) -> Step {
    if command.has_word(&["-l"]) {
        return Step::new(Family::Cf, Action::Read).with(Role::Path, "crontab");
    }
    if command.has_word(&["-r"]) {
        return Step::new(Family::Cf, Action::Delete).with(Role::Path, "crontab");
    }
    let text = command.input_text.as_deref().unwrap_or("");
    let step = Step { follows: false, ..Step::write("crontab") }.with(Role::Data, text);
    match command.operands().next().filter(|file| *file != "-") {
        Some(file) => Step { reads: vec![file.to_owned()], ..step },
        None => step,
    }
}

/// Units that start by themselves from now on; starting one is an ordinary program.
fn service(command: &Command) -> Option<Vec<Step>> {
    let is_autostart = command.has_word(&["enable", "load", "bootstrap", "defaults", "add", "on", "link"]);
    let name = command.operands().last().unwrap_or("");
    let path =
        if command.program == "systemctl" { format!("/etc/systemd/system/{name}") } else { name.to_owned() };
    let step = Step { follows: false, ..Step::write(&path) };
    let reads = vec![name.to_owned(), format!("{name}.service")];
    is_autostart.then(|| vec![Step { reads, ..step }.with(Role::Option, "autostart")])
}

fn scheduled_task(command: &Command) -> Option<Vec<Step>> {
    if command.program == "schtasks" && !command.has_word(&["/create", "-create"]) {
        return None;
    }
    let name = command.option(&["/tn", "-taskname"]).unwrap_or("");
    let program = command.option(&["/tr", "-action"]).unwrap_or("");
    let path = format!("%SystemRoot%\\System32\\Tasks\\{name}");
    let step = Step { follows: false, ..Step::write(&path) }.with(Role::Command, program);
    Some(vec![Step { reads: vec![program.to_owned()], ..step }.with(Role::Option, "autostart")])
}

fn windows_service(command: &Command) -> Option<Vec<Step>> {
    let mut operands = command.operands();
    let verb = operands.next()?;
    if command.program == "sc" && !verb.eq_ignore_ascii_case("create") && !verb.eq_ignore_ascii_case("config")
    {
        return None;
    }
    let name = if command.program == "sc" {
        operands.next().unwrap_or("")
    } else {
        command.option(&["-name"]).unwrap_or(verb)
    };
    let step = Step::new(Family::Cf, Action::RegistryWrite)
        .with(Role::Path, format!("HKLM\\SYSTEM\\CurrentControlSet\\Services\\{name}"))
        .with(Role::Option, "autostart");
    Some(vec![step])
}

fn registry(command: &Command) -> Option<Vec<Step>> {
    let mut operands = command.operands();
    let action = match operands.next()?.to_ascii_lowercase().as_str() {
        "add" | "import" | "delete" | "copy" | "load" => Action::RegistryWrite,
        "query" | "export" | "save" => Action::RegistryRead,
        _ => return None,
    };
    let key = operands.next().unwrap_or("");
    let step = Step::new(Family::Cf, action)
        .with(Role::Path, key)
        .with(Role::Key, command.option(&["/v"]).unwrap_or(""))
        .with(Role::Data, command.option(&["/d"]).unwrap_or(""));
    let is_run = key.to_ascii_lowercase().contains("currentversion\\run") && action == Action::RegistryWrite;
    Some(vec![if is_run { step.with(Role::Option, "autostart") } else { step }])
}

fn item_property(command: &Command, action: Action) -> Step {
    let path = command.option(&["-path", "-literalpath"]).or_else(|| command.operands().next()).unwrap_or("");
    let lower = path.to_ascii_lowercase();
    let is_registry = lower.starts_with("hk") || lower.contains("registry::");
    let action = if is_registry || action == Action::RegistryRead { action } else { Action::Chmod };
    let step = Step::new(Family::Cf, action)
        .with(Role::Path, path)
        .with(Role::Key, command.option(&["-name"]).unwrap_or(""))
        .with(Role::Data, command.option(&["-value"]).unwrap_or(""));
    if lower.contains("currentversion\\run") { step.with(Role::Option, "autostart") } else { step }
}
