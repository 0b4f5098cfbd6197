//! The state that the three shell readers share: commands so far, variables, budgets.

use rustc_hash::FxHashMap;

use super::command::{Command, Dialect, Placement, Redirect, Span, find_url, program_name};
use super::{cmd, nested, powershell, sh, wrapper};
use crate::path::lists;

/// Most commands of one text, nested ones included.
const MAX_COMMANDS: usize = 20_000;
/// Deepest nested command line (`bash -c "bash -c ..."`).
const MAX_DEPTH: u8 = 6;
/// Most characters read, nested command lines and filled-in variables included, beyond three times the text.
const EXTRA_CHARACTERS: usize = 256 << 10;
/// Longest text read, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// Longest source text kept of a command, in characters.
const MAX_SNIPPET: usize = 240;
/// Most commands that one value is said to come from.
const MAX_SOURCES: usize = 32;

/// Where a text stands: who runs it, and how deep.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The command that runs the text.
    pub parent: Option<usize>,
    /// How many command lines are around it.
    pub depth: u8,
    /// The parent's place; its own commands have no other.
    pub span: Option<Span>,
    /// Lines in front of the text.
    pub lines_before: u32,
}

impl Frame {
    /// The outermost text.
    pub(crate) fn top() -> Self {
        Self::default()
    }
}

/// A variable: what it holds, and whose output it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variable {
    pub text: String,
    pub sources: Vec<usize>,
}

/// A command while its words are being read.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub words: Vec<String>,
    pub receiver: Option<String>,
    pub assignments: Vec<(String, String)>,
    pub redirects: Vec<Redirect>,
    pub input_text: Option<String>,
    pub substitutes: Vec<usize>,
    pub piped_from: Option<usize>,
    pub is_background: bool,
    pub start: usize,
    pub line: u32,
}

impl Draft {
    /// Notes that the words hold the output of these commands.
    pub(crate) fn add_sources(&mut self, sources: &[usize]) {
        for source in sources {
            if self.substitutes.len() < MAX_SOURCES && !self.substitutes.contains(source) {
                self.substitutes.push(*source);
            }
        }
    }
}

/// Commands so far, variables and budgets.
pub(crate) struct Reader {
    pub commands: Vec<Command>,
    pub variables: FxHashMap<String, Variable>,
    /// Functions that the text defines, and the commands whose output a call of each prints.
    functions: FxHashMap<String, Vec<usize>>,
    /// Whether something was left out because a budget ended.
    pub is_cut: bool,
    characters: usize,
    is_started: bool,
}

impl Reader {
    /// Nothing read yet.
    pub(crate) fn new() -> Self {
        Self {
            commands: Vec::new(),
            variables: FxHashMap::default(),
            functions: FxHashMap::default(),
            is_cut: false,
            characters: EXTRA_CHARACTERS,
            is_started: false,
        }
    }

    /// Reads a text and gives the commands whose output it would print.
    pub(crate) fn read_text(&mut self, text: &str, dialect: Dialect, frame: &Frame) -> Vec<usize> {
        let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
        if !self.is_started {
            self.is_started = true;
            self.characters += 3 * text.len();
        }
        if frame.depth > MAX_DEPTH || !self.spend(text.len()) {
            self.is_cut = true;
            return Vec::new();
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let chars: Vec<char> = text.chars().filter(|c| *c != '\r').collect();
        match if dialect == Dialect::Guess { guess(text) } else { dialect } {
            Dialect::Cmd => cmd::read_cmd(self, &chars, frame),
            Dialect::PowerShell => powershell::read_powershell(self, &chars, frame),
            Dialect::Sh | Dialect::Guess => sh::read_sh(self, &chars, frame),
        }
    }

    /// Takes from the budget of characters.
    pub(crate) fn spend(&mut self, characters: usize) -> bool {
        match self.characters.checked_sub(characters) {
            Some(rest) => {
                self.characters = rest;
                true
            }
            None => {
                self.is_cut = true;
                false
            }
        }
    }

    /// Remembers that the text defines a function, and what its body prints.
    pub(crate) fn define(&mut self, name: &str, outputs: &[usize]) {
        let outputs = outputs.iter().copied().take(MAX_SOURCES).collect();
        self.functions.insert(program_name(name), outputs);
    }

    /// Marks the calls of functions, which can stand before the definition.
    pub(crate) fn mark_functions(&mut self) {
        for command in &mut self.commands {
            command.is_function = self.functions.contains_key(&command.program);
        }
    }

    /// Remembers a variable.
    pub(crate) fn assign(&mut self, name: &str, text: String, sources: &[usize]) {
        const MAX_VARIABLES: usize = 10_000;
        if self.variables.len() < MAX_VARIABLES {
            let sources = sources.iter().copied().take(MAX_SOURCES).collect();
            self.variables.insert(name.to_owned(), Variable { text, sources });
        }
    }

    /// The text of a variable that the same script assigned, paid for; its sources go to the draft.
    pub(crate) fn expand(&mut self, name: &str, draft: &mut Draft) -> Option<String> {
        let variable = self.variables.get(name)?;
        let length = variable.text.len() + 1;
        let (text, sources) = (variable.text.clone(), variable.sources.clone());
        draft.add_sources(&sources);
        self.spend(length).then_some(text)
    }

    /// Turns a draft into a command, unless it is empty, and reads the command line inside it, if any.
    pub(crate) fn finish(
        &mut self,
        mut draft: Draft,
        dialect: Dialect,
        frame: &Frame,
        source: &[char],
    ) -> Option<usize> {
        if draft.words.is_empty() && draft.redirects.is_empty() {
            return None;
        }
        if self.commands.len() >= MAX_COMMANDS {
            self.is_cut = true;
            return None;
        }
        let text: String = source.iter().take(MAX_SNIPPET).collect();
        let own = Span { start: draft.start, end: draft.start + source.len(), line: draft.line };
        let unwrapped = wrapper::unwrap(std::mem::take(&mut draft.words), dialect);
        let program = unwrapped.words.first().map(|w| program_name(w)).unwrap_or_default();
        if let Some(outputs) = self.functions.get(&program) {
            draft.add_sources(outputs);
        }
        let is_background = draft.is_background || unwrapped.is_background;
        let piped = draft.piped_from.and_then(|at| nested::literal_output(&self.commands, at));
        let input_text = draft.input_text.or(piped.filter(|text| self.spend(text.len())));
        let index = self.commands.len();
        self.commands.push(Command {
            dialect,
            program,
            url: unwrapped.words.iter().find_map(|w| find_url(w)),
            words: unwrapped.words,
            wrappers: unwrapped.wrappers,
            receiver: draft.receiver,
            assignments: draft.assignments,
            redirects: draft.redirects,
            input_text,
            piped_from: draft.piped_from,
            substitutes: draft.substitutes,
            placement: if is_background { Placement::Background } else { Placement::Foreground },
            parent: frame.parent,
            is_function: false,
            span: frame.span.unwrap_or(own),
            text: text.trim().to_owned(),
        });
        self.read_nested(index, frame);
        Some(index)
    }

    /// Reads the command line that a command carries, if it carries one.
    pub(crate) fn read_nested(&mut self, index: usize, frame: &Frame) {
        let Some((text, dialect)) = nested::nested_text(&self.commands, index) else { return };
        let span = self.commands.get(index).map(|c| c.span);
        let inner = Frame { parent: Some(index), depth: frame.depth + 1, span, lines_before: 0 };
        self.read_text(&text, dialect, &inner);
    }

    /// What commands print, when it is the literal of a single one; how an unknown value is written otherwise.
    pub(crate) fn value_of(&mut self, outputs: &[usize]) -> String {
        let literal = match outputs {
            [only] => nested::literal_output(&self.commands, *only),
            _ => None,
        };
        match literal.filter(|text| self.spend(text.len())) {
            Some(text) => text.trim_end_matches('\n').to_owned(),
            None => self.placeholder(outputs),
        }
    }

    /// How a value that is a command's output is written.
    pub(crate) fn placeholder(&self, sources: &[usize]) -> String {
        let program = sources.last().and_then(|at| self.commands.get(*at)).map_or("", |c| c.program.as_str());
        format!("⟨{program}⟩")
    }
}

/// Finds out which shell a text is for; sh when nothing speaks for another.
fn guess(text: &str) -> Dialect {
    const SAMPLE: usize = 4_096;
    let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or(text).to_lowercase();
    let program = program_name(sample.split_whitespace().next().unwrap_or("").trim_start_matches('@'));
    const CMD_PROGRAMS: &str = "cmd start reg taskkill tasklist certutil bitsadmin schtasks copy xcopy del erase attrib rundll32 \
        regsvr32 mshta wmic net netsh ipconfig systeminfo icacls powershell pwsh call cls echo. timeout \
        sc vssadmin wscript cscript dir ver";
    const POWERSHELL_SIGNS: &[&str] = &[
        "new-object",
        "invoke-",
        "$env:",
        "start-process",
        "[convert]::",
        "[system.",
        "iex(",
        "iex (",
        "| iex",
        "|iex",
        "get-",
        "set-",
        "-outfile",
        "write-host",
        "add-type",
        "downloadstring(",
        "downloadfile(",
    ];
    let is_windows = lists(CMD_PROGRAMS, &program) || has_windows_text(&sample);
    if matches!(program.as_str(), "powershell" | "pwsh") || (is_windows && program != "iex") {
        Dialect::Cmd
    } else if POWERSHELL_SIGNS.iter().any(|sign| sample.contains(sign))
        || matches!(program.as_str(), "iex" | "iwr" | "irm")
    {
        Dialect::PowerShell
    } else {
        Dialect::Sh
    }
}

/// `%NAME%` or a path with a drive letter.
fn has_windows_text(text: &str) -> bool {
    let has_drive = text
        .as_bytes()
        .windows(3)
        .any(|w| matches!(w, [letter, b':', b'\\'] if letter.is_ascii_alphabetic()));
    let named = |piece: &str| {
        !piece.is_empty() && piece.len() < 40 && piece.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let has_variable = text.split('%').skip(1).step_by(2).any(named) && text.matches('%').count() >= 2;
    has_drive || has_variable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_guessed_from_programs_and_signs() {
        for (text, dialect) in [
            ("curl http://h.example | sh", Dialect::Sh),
            ("start /b x.exe", Dialect::Cmd),
            ("del %TEMP%\\x", Dialect::Cmd),
            ("C:\\x\\y.exe -a", Dialect::Cmd),
            ("powershell -enc AAAA", Dialect::Cmd),
            ("iex (iwr http://h.example)", Dialect::PowerShell),
            ("$x = New-Object Net.WebClient", Dialect::PowerShell),
            ("printf '%s %d' a", Dialect::Sh),
            ("", Dialect::Sh),
        ] {
            assert_eq!(guess(text), dialect, "{text}");
        }
    }
}
