//! JavaScript, VBScript and files that name a command: what they do outside of a page.
//!
//! A tolerant scanner, no parser: tokens, constant texts put together and decoded, variables that hold modules or
//! objects, and calls that reach the host (Node.js, the Windows script host).  What only concerns a browser's page gives
//! nothing, so that the web assets of ordinary projects are silent.

mod calls;
mod eval;
mod fold;
mod layers;
mod lex;
mod markup;
mod reader;

use std::rc::Rc;

use venin_model::{Action, Family, Role};

use super::operation::Operation;
use crate::path::extension;
use reader::HostReader;

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    pub(super) code: Option<Rc<str>>,
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
    let mut reader = HostReader::new(text);
    match extension(path).to_ascii_lowercase().as_str() {
        "vbs" => reader.read_program(text, Language::VbScript, 0),
        "hta" | "wsf" => {
            for (language, offset, body) in markup::find_scripts(text) {
                reader.read_program(body, language, offset);
            }
        }
        "desktop" => reader.push_steps(markup::desktop_steps(text), 0, 0),
        "json" => reader.push_steps(markup::install_steps(text), 0, 0),
        _ => reader.read_program(text, Language::JavaScript, 0),
    }
    let (operations, is_reading_cut) = reader.finish();
    Some((operations, is_cut || is_reading_cut))
}

#[cfg(test)]
mod tests;
