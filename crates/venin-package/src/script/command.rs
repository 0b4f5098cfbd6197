//! One command, as far as its text tells.

use venin_model::spelled_enum;

spelled_enum! {
    /// The language of a command line.
    pub enum Dialect {
        /// POSIX shells and their relatives.
        Sh = "sh",
        /// The Windows command processor.
        Cmd = "cmd",
        /// PowerShell.
        PowerShell = "ps",
        /// Not known; found out from the text.
        Guess = "guess",
    }
}

spelled_enum! {
    /// Whether the shell waits for a command.
    pub enum Placement {
        /// It waits.
        Foreground = "foreground",
        /// It does not: `&`, `nohup`, `setsid`, `start /b`.
        Background = "background",
    }
}

spelled_enum! {
    /// What a redirection does with its file.
    pub enum RedirectKind {
        /// `<`
        Read = "read",
        /// `>`
        Write = "write",
        /// `>>`
        Append = "append",
        /// `<>`
        ReadWrite = "read-write",
    }
}

/// One redirection to or from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The file, with variables of the same text filled in.
    pub path: String,
    /// What happens with it.
    pub kind: RedirectKind,
}

/// Where a command stands in the outermost text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First character, from 0.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
    /// Line of the first character, from 1.
    pub line: u32,
}

/// One command.
///
/// Texts hold what is known: variables that the same text assigns are filled in, others stay as written (`$HOME`,
/// `%TEMP%`), and what a substitution would give is written `⟨program⟩`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The language it is written in.
    pub dialect: Dialect,
    /// The program: last path component, lower case, without an extension of programs and scripts.  Methods of
    /// PowerShell objects count as programs (`downloadstring`).  Empty when there is only a redirection.
    pub program: String,
    /// The words, the program as written first.
    pub words: Vec<String>,
    /// Programs in front that only start this one: `sudo`, `nohup`, `env`, the outermost first.
    pub wrappers: Vec<String>,
    /// The object of a PowerShell method call, as text.
    pub receiver: Option<String>,
    /// Assignments in front, as in `A=1 program`.
    pub assignments: Vec<(String, String)>,
    /// The first word that holds a URL, cut to the URL.
    pub url: Option<String>,
    /// Redirections to and from files.
    pub redirects: Vec<Redirect>,
    /// The text of a here-document or here-string.
    pub input_text: Option<String>,
    /// The command whose output is piped in.
    pub piped_from: Option<usize>,
    /// Commands whose output is part of the words: `$(...)`, backticks, groups, variables that hold their output.
    pub substitutes: Vec<usize>,
    /// Whether the shell waits.
    pub placement: Placement,
    /// The command that runs this one as part of its own command line (`bash -c`).
    pub parent: Option<usize>,
    /// Whether it calls a function that the same text defines; the body stands where the definition does.
    pub is_function: bool,
    /// Where; a nested command has its parent's place.
    pub span: Span,
    /// Its source text, at most 240 characters.
    pub text: String,
}

impl Command {
    /// The words behind the program.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or(&[])
    }

    /// The value behind an option: `-o VALUE`, `-o=VALUE`, `--output=VALUE`; option names compare without case.
    #[must_use]
    pub fn option(&self, names: &[&str]) -> Option<&str> {
        let mut words = self.arguments().iter();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once(['=', ':']) {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            if names.iter().any(|n| name.eq_ignore_ascii_case(n)) {
                return value.or_else(|| words.next().map(String::as_str));
            }
        }
        None
    }

    /// Whether one of the words is there, whatever the case.
    #[must_use]
    pub fn has_word(&self, wanted: &[&str]) -> bool {
        self.arguments().iter().any(|word| wanted.iter().any(|w| word.eq_ignore_ascii_case(w)))
    }

    /// The first operand that is not `-`, which stands for standard input.
    #[must_use]
    pub fn file_operand(&self) -> Option<&str> {
        self.operands().find(|word| *word != "-")
    }

    /// The words that are no options: neither `-x` nor, for Windows, `/x`.
    pub fn operands(&self) -> impl Iterator<Item = &str> {
        let is_windows = self.dialect == Dialect::Cmd;
        let is_option = move |word: &&str| {
            (word.starts_with('-') && word.len() > 1)
                || (is_windows
                    && word.starts_with('/')
                    && word.len() <= 12
                    && !word.get(1..).unwrap_or("").contains('/'))
        };
        self.arguments().iter().map(String::as_str).filter(move |word| !is_option(word))
    }
}

/// The program's name out of the word that names it.
pub(crate) fn program_name(word: &str) -> String {
    let name = word.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or("").to_lowercase();
    for extension in [".exe", ".com", ".bat", ".cmd", ".ps1", ".sh", ".py"] {
        if let Some(stem) = name.strip_suffix(extension).filter(|s| !s.is_empty()) {
            return stem.to_owned();
        }
    }
    name
}

/// The first URL in a text.
pub(crate) fn find_url(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let at =
        ["http://", "https://", "ftp://", "ws://", "wss://"].iter().filter_map(|s| lower.find(s)).min()?;
    let rest = text.get(at..)?;
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '|' | ')' | '`'));
    rest.get(..end.unwrap_or(rest.len())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_named_without_folder_and_extension() {
        for (word, name) in [
            ("/usr/bin/Curl", "curl"),
            ("C:\\Windows\\System32\\cmd.EXE", "cmd"),
            ("./run.sh", "run"),
            ("python3.11", "python3.11"),
            ("", ""),
        ] {
            assert_eq!(program_name(word), name, "{word}");
        }
    }

    #[test]
    fn urls_end_at_quotes_and_brackets() {
        assert_eq!(find_url("('http://h.example/a?b=c')").as_deref(), Some("http://h.example/a?b=c"));
        assert_eq!(find_url("h.example"), None);
    }
}
