//! What Rust starts: `Command` with its arguments, and what of the environment goes into them.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Action, Family, Role};

use super::Call;
use super::budget::Budget;
use super::c_calls::line_of;
use super::functions::Function;
use super::lex::{Token, TokenKind};
use super::values::{HOLE, Names};

/// Methods that add words to a command.
const ADDING: [&str; 2] = ["arg", "args"];
/// Most reads of the environment that are kept of one name.
const MAX_INPUTS: usize = 64;
/// Most tokens between the start of a binding and what it binds.
const MAX_BINDING: usize = 64;

/// A command that is being put together.
#[derive(Debug)]
struct Draft {
    at: usize,
    words: Vec<String>,
    /// The calls whose result is among the words.
    inputs: Vec<usize>,
}

/// The calls in a function that start programs, and those that read the environment for them.
pub(super) fn calls(tokens: &[Token], function: &Function, names: &Names<'_>, budget: &Budget) -> Vec<Call> {
    let mut reader = Reader {
        tokens,
        body: function.body.clone(),
        names,
        budget,
        sources: Vec::new(),
        tainted: FxHashMap::default(),
        drafts: Vec::new(),
        named: FxHashMap::default(),
    };
    reader.read_flows();
    reader.read_commands();
    reader.finish()
}

struct Reader<'t> {
    tokens: &'t [Token],
    body: Range<usize>,
    names: &'t Names<'t>,
    budget: &'t Budget,
    sources: Vec<Call>,
    /// Names that hold something of the environment, with the calls that read it.
    tainted: FxHashMap<String, Vec<usize>>,
    drafts: Vec<Draft>,
    /// Names of commands.
    named: FxHashMap<String, usize>,
}

impl Reader<'_> {
    /// Follows the environment through names, statement by statement.
    fn read_flows(&mut self) {
        let mut start = self.body.start;
        for at in self.body.clone() {
            let is_edge = self.tokens.get(at).is_some_and(|t| t.is(';') || t.is('{') || t.is('}'));
            if is_edge {
                self.read_statement(start..at + 1);
                start = at + 1;
            }
        }
    }

    fn read_statement(&mut self, range: Range<usize>) {
        let Some(statement) = self.tokens.get(range.clone()) else { return };
        let mut inputs = self.sources_in(range);
        inputs.extend(self.taints_of(statement));
        if inputs.is_empty() {
            return;
        }
        let word = |n: usize| statement.get(n).and_then(Token::word);
        let first = word(0);
        let holders: FxHashSet<&str> = match first {
            // `let name: T = …`, `for (k, v) in …`, `if let Ok(v) = …`, `name = …`, `name.push_str(…)`.
            Some("let" | "for" | "if" | "while") => {
                let is_end = |t: &Token| t.is('=') || t.word() == Some("in");
                let head = statement.iter().take_while(|t| !is_end(t));
                head.filter_map(Token::word).filter(|w| w.starts_with(|c: char| c.is_lowercase())).collect()
            }
            Some(name) if statement.get(1).is_some_and(|t| t.is('.') || t.is('=') || t.is('+')) => {
                std::iter::once(name).collect()
            }
            Some(_) | None => return,
        };
        for name in
            holders.into_iter().filter(|n| !matches!(*n, "let" | "mut" | "if" | "for" | "while" | "ref"))
        {
            let held = self.tainted.entry(name.to_owned()).or_default();
            held.extend(&inputs);
            held.sort_unstable();
            held.dedup();
            held.truncate(MAX_INPUTS);
        }
    }

    /// `env::vars()`, `env::var("NAME")`: what is read of the environment in a part of the source.
    fn sources_in(&mut self, range: Range<usize>) -> Vec<usize> {
        let mut found = Vec::new();
        for at in range {
            let name = self.tokens.get(at).and_then(Token::word).unwrap_or("");
            let is_path = at >= 3
                && self.tokens.get(at - 1).is_some_and(|t| t.is(':'))
                && self.tokens.get(at - 3).and_then(Token::word) == Some("env");
            if !is_path || !matches!(name, "vars" | "vars_os" | "var" | "var_os") {
                continue;
            }
            let mut call =
                Call::new(format!("rs:env::{name}"), (Family::Ch, Action::Env), self.tokens.get(at));
            if let Some(key) = self.names.arguments_at(self.tokens, at + 1).first() {
                call = call.with(Role::Key, self.names.text_of(key));
            }
            found.push(self.sources.len());
            self.sources.push(call);
        }
        found
    }

    /// The calls whose result is in the names of an expression, those in the braces of a format among them.
    fn taints_of(&self, tokens: &[Token]) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for token in tokens {
            if !self.budget.take(1 + found.len() / MAX_INPUTS) {
                break;
            }
            match &token.kind {
                TokenKind::Word(word) => found.extend(self.tainted.get(word).into_iter().flatten()),
                TokenKind::Text(text) => {
                    let braced = text.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next());
                    found.extend(braced.filter_map(|name| self.tainted.get(name)).flatten());
                }
                TokenKind::Mark(_) => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// `Command::new("…").arg("…").args([…])`, also over several statements.
    fn read_commands(&mut self) {
        for at in self.body.clone() {
            let Some(word) = self.tokens.get(at).and_then(Token::word) else { continue };
            let is_new =
                word == "new" && at >= 3 && self.tokens.get(at - 3).and_then(Token::word) == Some("Command");
            if is_new {
                let draft = Draft { at, words: Vec::new(), inputs: Vec::new() };
                self.drafts.push(draft);
                let command = self.drafts.len() - 1;
                self.add_words(command, at + 1);
                if let Some(name) = self.bound_name(at) {
                    self.named.insert(name, command);
                }
                self.read_chain(command, at + 1);
            } else if let Some(command) = self.named.get(word).copied()
                && self.tokens.get(at + 1).is_some_and(|t| t.is('.'))
            {
                self.read_chain_from(command, at + 1);
            }
        }
    }

    /// The name that a `let` gives to what begins at a token.
    fn bound_name(&self, at: usize) -> Option<String> {
        let first = self.body.start.max(at.saturating_sub(MAX_BINDING));
        let before = self.tokens.get(first..at)?;
        let start = before.iter().rposition(|t| t.is(';') || t.is('{') || t.is('}')).map_or(0, |n| n + 1);
        let statement = before.get(start..)?;
        let is_binding = statement.first().and_then(Token::word) == Some("let");
        let mut words = statement.iter().skip(1).filter_map(Token::word).filter(|w| *w != "mut");
        words.next().filter(|_| is_binding).map(str::to_owned)
    }

    fn read_chain(&mut self, command: usize, open: usize) {
        if let Some(end) = self.behind(open) {
            self.read_chain_from(command, end);
        }
    }

    /// The methods that are called one after the other from a dot on.
    fn read_chain_from(&mut self, command: usize, dot: usize) {
        let mut at = dot;
        while self.tokens.get(at).is_some_and(|t| t.is('.')) && at < self.body.end {
            let method = self.tokens.get(at + 1).and_then(Token::word).unwrap_or("");
            if ADDING.contains(&method) {
                self.add_words(command, at + 2);
            }
            match self.behind(at + 2) {
                Some(next) => at = next,
                None => return,
            }
        }
    }

    /// Behind the parenthesis that closes the one at `open`.
    fn behind(&self, open: usize) -> Option<usize> {
        self.names.inside(self.tokens, open).map(|inner| open + inner.len() + 2)
    }

    fn add_words(&mut self, command: usize, open: usize) {
        let Some(inner) = self.names.inside(self.tokens, open) else { return };
        let list = inner
            .iter()
            .position(|t| t.is('['))
            .filter(|at| *at <= 2)
            .and_then(|at| self.names.inside(inner, at));
        let words = match (list, inner) {
            (Some(list), _) => self.names.list(list),
            (None, [only]) if only.word().is_some() => {
                let known = only.word().and_then(|name| self.names.copied_words(name));
                known.unwrap_or_else(|| vec![HOLE.to_owned()])
            }
            (None, _) => vec![self.names.text_of(inner)],
        };
        let mut inputs = self.taints_of(inner);
        inputs.extend(self.sources_in(open..open + inner.len() + 1));
        if let Some(draft) = self.drafts.get_mut(command) {
            draft.words.extend(words);
            draft.inputs.extend(inputs);
        }
    }

    /// The commands, behind what is read of the environment for them.
    fn finish(self) -> Vec<Call> {
        let used: FxHashSet<usize> = self.drafts.iter().flat_map(|d| d.inputs.iter().copied()).collect();
        let mut places = FxHashMap::default();
        let mut calls = Vec::new();
        for (at, source) in self.sources.into_iter().enumerate().filter(|(at, _)| used.contains(at)) {
            places.insert(at, calls.len());
            calls.push(source);
        }
        for draft in self.drafts {
            let class = (Family::Cs, Action::Spawn);
            let call = Call::new("rs:Command".to_owned(), class, self.tokens.get(draft.at));
            let mut call = call.with(Role::Command, line_of(&draft.words));
            call.inputs = draft.inputs.iter().filter_map(|at| places.get(at).copied()).collect();
            calls.push(call);
        }
        calls
    }
}
