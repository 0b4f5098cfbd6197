//! JavaScript, VBScript and files that name a command: what they do outside of a page.
//!
//! A tolerant scanner, no parser: tokens, constant texts put together and decoded, variables that hold modules or
//! objects, and calls that reach the host (Node.js, the Windows script host).  What only concerns a browser's page gives
//! nothing, so that the web assets of ordinary projects are silent.

mod calls;
mod eval;
mod fold;
mod lex;
mod markup;

use venin_model::{Action, Family, Role};

use super::operation::{Operation, read_operations};
use super::{Dialect, parse_command_line};
use crate::path::extension;
use eval::Scanner;

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// Most operations of one member.
const MAX_OPERATIONS: usize = 2_000;
/// How deep decoded texts are read.
const MAX_LAYERS: u32 = 4;

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// JavaScript, JScript and TypeScript.
    JavaScript,
    /// VBScript.
    VbScript,
}

impl Language {
    /// The front of the names of operations.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::JavaScript => "js",
            Self::VbScript => "vbs",
        }
    }
}

/// What is known of one call, before it becomes an [`Operation`].
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) class: (Family, Action),
    pub(super) arguments: Vec<(Role, String)>,
    pub(super) offset: usize,
    /// Behind the last argument; what lies between flows in.
    pub(super) end: usize,
    /// Text that is executed, with its language.
    pub(super) code: Option<String>,
}

/// Whether a member is a script for the host: by its extension, and for JavaScript by words that reach the host.
#[must_use]
pub fn is_host_script(path: &str, bytes: &[u8]) -> bool {
    let name = crate::path::base_name(path);
    match extension(path).to_ascii_lowercase().as_str() {
        "vbs" | "hta" | "wsf" | "desktop" => true,
        "js" | "mjs" | "cjs" | "jse" => reaches_host(bytes),
        "json" => name == "package.json",
        _ => false,
    }
}

/// Words of which one stands in every script that starts programs or runs decoded text.
fn reaches_host(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if ["child_process", "WScript", "ADODB", "Shell.Application"].iter().any(|w| has(w)) {
        return true;
    }
    if bytes.len() <= SMALL {
        return executions(bytes).next().is_some() && DECODERS.iter().any(|w| has(w));
    }
    // Bundles hold both somewhere; what counts is a decoding in what is executed.
    executions(bytes).take(MAX_EXECUTIONS).any(|at| {
        let near = bytes.get(at..bytes.len().min(at + REACH)).unwrap_or(&[]);
        DECODERS.iter().any(|word| memchr::memmem::find(near, word.as_bytes()).is_some())
    })
}

/// Words of which one stands where a text is decoded.
const DECODERS: &[&str] = &["atob", "fromCharCode", "Buffer.from", "unescape(", "\\x"];
/// Longest text in which a decoding anywhere counts, in bytes; bundles are longer.
const SMALL: usize = 256 << 10;
/// How far from the execution a decoding counts in longer texts, in bytes.
const REACH: usize = 200;
/// Most executions looked at in longer texts.
const MAX_EXECUTIONS: usize = 10_000;

/// Where a text is executed.
fn executions(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    ["eval(", "Function("].into_iter().flat_map(|word| memchr::memmem::find_iter(bytes, word))
}

/// Reads a script for the host; `None` for other members.
pub(super) fn read_host_script(path: &str, text: &str) -> Option<(Vec<Operation>, bool)> {
    if !is_host_script(path, text.as_bytes()) {
        return None;
    }
    let is_cut = text.len() > MAX_TEXT;
    let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
    let mut reader = HostReader { text, operations: Vec::new(), is_cut };
    match extension(path).to_ascii_lowercase().as_str() {
        "vbs" => reader.read_program(text, Language::VbScript, 0, None),
        "hta" | "wsf" => {
            for (language, offset, body) in markup::find_scripts(text) {
                reader.read_program(body, language, 0, Some(offset));
            }
        }
        "desktop" => reader.push_steps(&markup::desktop_steps(text), 0, 0),
        "json" => reader.push_steps(&markup::install_steps(text), 0, 0),
        _ => reader.read_program(text, Language::JavaScript, 0, None),
    }
    Some((reader.operations, reader.is_cut))
}

struct HostReader<'t> {
    text: &'t str,
    operations: Vec<Operation>,
    is_cut: bool,
}

impl HostReader<'_> {
    /// Reads one program; `base` is its place in the member, or that of the call that executes it.
    fn read_program(&mut self, program: &str, language: Language, layer: u32, base: Option<usize>) {
        let mut scanner = Scanner::new(program, language);
        let steps = scanner.run();
        self.is_cut |= scanner.is_cut;
        if layer == 0 {
            self.push_steps(&steps, layer, base.unwrap_or(0));
        } else {
            // A decoded text has the place of the call that executes it.
            let steps: Vec<Step> = steps.into_iter().map(|s| Step { offset: 0, end: 0, ..s }).collect();
            self.push_steps(&steps, layer, base.unwrap_or(0));
        }
    }

    fn push_steps(&mut self, steps: &[Step], layer: u32, base: usize) {
        let first = self.operations.len();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for step in steps {
            if self.operations.len() >= MAX_OPERATIONS {
                self.is_cut = true;
                return;
            }
            let index = self.operations.len();
            let inputs = self.inputs_of(step, &spans, first);
            self.operations.push(self.operation(step, inputs, base));
            spans.push((step.offset, index));
            if step.class.0 == Family::Cs {
                self.read_command(index);
            }
            if let Some(code) = step.code.as_ref().filter(|_| layer < MAX_LAYERS) {
                let language = match step.name.starts_with("vbs") {
                    true => Language::VbScript,
                    false => Language::JavaScript,
                };
                let from = self.operations.len();
                self.read_program(code, language, layer + 1, Some(base + step.offset));
                for operation in self.operations.iter_mut().skip(from) {
                    operation.inputs.insert(0, index);
                    operation.inputs.dedup();
                }
            }
        }
    }

    /// What flows into a step: calls among its arguments, and for a file what was fetched before.
    fn inputs_of(&self, step: &Step, spans: &[(usize, usize)], first: usize) -> Vec<usize> {
        let mut inputs: Vec<usize> =
            spans.iter().filter(|(at, _)| *at > step.offset && *at < step.end).map(|(_, i)| *i).collect();
        let is_constant = step.arguments.iter().any(|(role, _)| *role == Role::Data);
        if step.class == (Family::Cf, Action::Write) && !is_constant {
            let fetches = self.operations.iter().enumerate().skip(first);
            inputs.extend(
                fetches
                    .filter(|(_, o)| (o.class.family, o.class.action) == (Family::Cn, Action::Fetch))
                    .map(|(i, _)| i),
            );
        }
        inputs.sort_unstable();
        inputs.dedup();
        inputs.truncate(32);
        inputs
    }

    fn operation(&self, step: &Step, inputs: Vec<usize>, base: usize) -> Operation {
        let at = self.text.floor_char_boundary((base + step.offset).min(self.text.len()));
        let before = self.text.get(..at).unwrap_or("");
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1;
        let start = before.rfind('\n').map_or(0, |n| n + 1).max(at.saturating_sub(120));
        let start = self.text.floor_char_boundary(start);
        let snippet: String =
            self.text.get(start..).unwrap_or("").chars().take_while(|c| *c != '\n').take(240).collect();
        Operation {
            name: step.name.clone(),
            class: venin_model::CallClass::new(step.class.0, step.class.1),
            arguments: step.arguments.clone(),
            inputs,
            line,
            snippet,
            command: self.operations.len(),
        }
    }

    /// The commands inside a command line that a script starts.
    fn read_command(&mut self, index: usize) {
        let Some(outer) = self.operations.get(index) else { return };
        let Some(text) = outer.argument(Role::Command).map(str::to_owned) else { return };
        let (line, snippet) = (outer.line, outer.snippet.clone());
        let base = self.operations.len();
        let found = read_operations(&parse_command_line(&text, Dialect::Guess));
        // A single program that only runs is what the call itself says.
        if let [only] = found.as_slice()
            && only.class.family == Family::Cs
        {
            return;
        }
        for mut inner in found {
            inner.inputs = inner.inputs.iter().map(|i| i + base).collect();
            inner.inputs.insert(0, index);
            inner.command += base;
            (inner.line, inner.snippet) = (line, snippet.clone());
            self.operations.push(inner);
        }
    }
}

#[cfg(test)]
mod tests;
