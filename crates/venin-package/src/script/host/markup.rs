//! Scripts inside markup, and files whose lines name a command.

use venin_model::{Action, Family, Role};

use super::{Language, Step};

/// Most scripts or commands of one member.
const MAX_FOUND: usize = 200;

/// The `<script>` elements of an HTML application or a script-host file: language, offset of the body, body.
pub(super) fn find_scripts(text: &str) -> Vec<(Language, usize, &str)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) =
        lower.get(at..).and_then(|r| r.find("<script")).filter(|_| found.len() < MAX_FOUND)
    {
        let start = at + start;
        let Some(open) = lower.get(start..).and_then(|r| r.find('>')).map(|e| start + e + 1) else { break };
        let end = lower.get(open..).and_then(|r| r.find("</script")).map_or(lower.len(), |e| open + e);
        let tag = lower.get(start..open).unwrap_or("");
        let language = if tag.contains("vbs") { Language::VbScript } else { Language::JavaScript };
        found.push((language, open, text.get(open..end).unwrap_or("")));
        at = end;
    }
    found
}

fn command_step(name: String, command: &str, offset: usize) -> Step {
    Step {
        name,
        class: (Family::Cs, Action::Shell),
        arguments: vec![(Role::Command, command.to_owned())],
        offset,
        end: offset,
        code: None,
    }
}

/// `Exec=` of a desktop entry (freedesktop.org Desktop Entry Specification).
pub(super) fn desktop_steps(text: &str) -> Vec<Step> {
    let mut offset = 0;
    let mut steps = Vec::new();
    for line in text.split_inclusive('\n').take(5_000) {
        let command = line.strip_prefix("Exec=").or_else(|| line.strip_prefix("TryExec="));
        if let Some(command) = command.map(str::trim).filter(|c| !c.is_empty() && steps.len() < MAX_FOUND) {
            steps.push(command_step("desktop:exec".to_owned(), command, offset));
        }
        offset += line.len();
    }
    steps
}

/// Scripts of a `package.json` that an installation runs.  Read by tokens: the file need not be whole.
pub(super) fn install_steps(text: &str) -> Vec<Step> {
    const HOOKS: &[&str] = &["preinstall", "install", "postinstall", "prepare"];
    let (tokens, _) = super::lex::read_tokens(text, Language::JavaScript);
    let tokens: Vec<_> = tokens.iter().filter(|t| t.lexeme != super::lex::Lexeme::Line).collect();
    let text_of = |at: usize| match tokens.get(at).map(|t| &t.lexeme) {
        Some(super::lex::Lexeme::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_sign =
        |at: usize, sign: char| tokens.get(at).is_some_and(|t| t.lexeme == super::lex::Lexeme::Sign(sign));
    let Some(start) = (0..tokens.len())
        .find(|i| text_of(*i) == Some("scripts") && is_sign(i + 1, ':') && is_sign(i + 2, '{'))
    else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let mut at = start + 3;
    while at < tokens.len() && !is_sign(at, '}') && steps.len() < MAX_FOUND {
        if let (Some(name), true, Some(command)) = (text_of(at), is_sign(at + 1, ':'), text_of(at + 2)) {
            if HOOKS.contains(&name) {
                let offset = tokens.get(at).map_or(0, |t| t.offset);
                steps.push(command_step(format!("npm:{name}"), command, offset));
            }
            at += 2;
        }
        at += 1;
    }
    steps
}
