//! What calls of C and C++ start, in the study's classes.

use venin_model::{Action, Family, Role};

use super::Call;
use super::functions::Function;
use super::lex::Token;
use super::values::{HOLE, Names};

/// The functions whose calls are read.
pub(super) const STARTS: [&str; 29] = [
    "system",
    "_wsystem",
    "popen",
    "_popen",
    "_wpopen",
    "WinExec",
    "execl",
    "execlp",
    "execle",
    "_spawnl",
    "_spawnlp",
    "execv",
    "execvp",
    "execve",
    "posix_spawn",
    "posix_spawnp",
    "ShellExecute",
    "ShellExecuteA",
    "ShellExecuteW",
    "CreateProcess",
    "CreateProcessA",
    "CreateProcessW",
    "PyRun_SimpleString",
    "PyRun_SimpleStringFlags",
    "PyRun_String",
    "PyRun_StringFlags",
    "URLDownloadToFile",
    "URLDownloadToFileA",
    "URLDownloadToFileW",
];

/// The calls in a function that start programs or run Python.
pub(super) fn calls(tokens: &[Token], function: &Function, names: &Names<'_>) -> Vec<Call> {
    let mut found = Vec::new();
    for at in function.body.clone() {
        let Some(token) = tokens.get(at) else { break };
        let (Some(name), true) = (token.word(), tokens.get(at + 1).is_some_and(|t| t.is('('))) else {
            continue;
        };
        let is_method = at > 0 && tokens.get(at - 1).is_some_and(|t| t.is('.') || t.is('>'));
        if !is_method
            && STARTS.contains(&name)
            && let Some(call) = read_call(tokens, at, name, names)
        {
            found.push(call);
        }
    }
    found
}

fn read_call(tokens: &[Token], at: usize, name: &str, names: &Names<'_>) -> Option<Call> {
    let arguments = names.arguments_at(tokens, at + 1);
    let text = |n: usize| arguments.get(n).map(|a| names.text_of(a)).unwrap_or_else(|| HOLE.to_owned());
    let call =
        |class, role, text: String| Call::new(format!("c:{name}"), class, tokens.get(at)).with(role, text);
    let shell = |text: String| call((Family::Cs, Action::Shell), Role::Command, text);
    let spawn = |words: Vec<String>| call((Family::Cs, Action::Spawn), Role::Command, line_of(&words));
    Some(match name {
        "system" | "_wsystem" | "popen" | "_popen" | "_wpopen" | "WinExec" => shell(text(0)),
        "execl" | "execlp" | "execle" | "_spawnl" | "_spawnlp" => {
            let words = arguments.get(1..).unwrap_or_default().iter().map(|a| names.text_of(a));
            spawn(words.take_while(|w| w != "NULL").collect())
        }
        "execv" | "execvp" | "execve" | "posix_spawn" | "posix_spawnp" => {
            let place = if name.starts_with("posix") { 4 } else { 1 };
            let list = arguments.get(place)?.iter().rev().find_map(Token::word);
            spawn(list.and_then(|name| names.copied_words(name)).unwrap_or_else(|| vec![text(0)]))
        }
        "ShellExecute" | "ShellExecuteA" | "ShellExecuteW" => shell(format!("{} {}", text(2), text(3))),
        "CreateProcess" | "CreateProcessA" | "CreateProcessW" => shell(
            [text(0), text(1)].into_iter().filter(|t| t != HOLE && t != "NULL").collect::<Vec<_>>().join(" "),
        ),
        "PyRun_SimpleString" | "PyRun_SimpleStringFlags" | "PyRun_String" | "PyRun_StringFlags" => {
            let code = text(0);
            (code != HOLE).then(|| call((Family::Cc, Action::Exec), Role::Code, code))?
        }
        "URLDownloadToFile" | "URLDownloadToFileA" | "URLDownloadToFileW" => {
            call((Family::Cn, Action::Fetch), Role::Url, text(1)).with(Role::Target, text(2))
        }
        _ => return None,
    })
}

/// Words as one line of a shell.
pub(super) fn line_of(words: &[String]) -> String {
    let quote = |word: &String| match word.is_empty()
        || word.contains([' ', '\n', ';', '|', '&', '"', '$', '>', '<'])
    {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word.clone(),
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}
