//! Reads a pattern block.

use std::sync::Arc;

use venin_model::{Action, CallClass, Family, Role};

use super::lex::{Token, parse_tokens};
use super::{Chain, Choice, Distinct, Glob, Link, Pattern, Repeat, Selector, Step, Test, Word};
use crate::error::{Defect, Problem};

/// Reads one pattern.  Whether its kinds and lists exist is not decided here.
///
/// # Errors
/// The first [`Defect`], with its byte offset in `source` and a hint where one is known.
pub fn parse_pattern(source: &str) -> Result<Pattern, Defect> {
    let mut parser = Parser { tokens: parse_tokens(source)?, at: 0, names: Vec::new(), steps: 0, depth: 0 };
    let pattern = parser.parse_pattern()?;
    if !pattern.chains.iter().any(|c| c.links.iter().any(|l| matches!(l, Link::Step(_)))) {
        return Err(Defect::new(
            0,
            Problem::Senseless("every step is optional, so the pattern would match anything"),
        )
        .hint("take the brackets off the step that must be there"));
    }
    Ok(pattern)
}

/// Words that cannot name a step, because tests begin or go on with them.
const RESERVED: &[&str] = &[
    "and",
    "any",
    "automatic",
    "by",
    "call",
    "decoded",
    "distinct",
    "fact",
    "from",
    "function",
    "in",
    "input",
    "is",
    "layer",
    "member",
    "not",
    "or",
    "site",
    "size",
    "trigger",
    "unless",
    "unused",
    "when",
];

/// Where a chain stands, which decides what it may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Joined,
    Unless,
}

pub(super) struct Parser<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    at: usize,
    /// The steps named so far, and whether they take facts.
    names: Vec<(Arc<str>, bool)>,
    steps: usize,
    pub(super) depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> &Token<'a> {
        self.tokens.get(self.at).map_or(&Token::End, |(_, t)| t)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &Token<'a> {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |(_, t)| t)
    }

    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(o, _)| *o)
    }

    pub(super) fn advance(&mut self) -> Token<'a> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(w) if *w == word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Defect {
        Defect::new(self.offset(), Problem::Unexpected { expected, found: self.peek().describe() })
    }

    pub(super) fn expect_sign(&mut self, sign: &str, expected: &'static str) -> Result<(), Defect> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn expect_word(&mut self, expected: &'static str) -> Result<Word, Defect> {
        let offset = self.offset();
        match self.peek() {
            Token::Word(word) => {
                let word = Word::new(word, offset);
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn parse_pattern(&mut self) -> Result<Pattern, Defect> {
        let mut chains = vec![self.parse_chain(Place::First)?];
        while self.takes_sign("&") {
            chains.push(self.parse_chain(Place::Joined)?);
        }
        let mut unless = Vec::new();
        while self.takes_word("unless") {
            let known = self.names.len();
            unless.push(self.parse_chain(Place::Unless)?);
            // What is named inside an exclusion is known there alone.
            self.names.truncate(known);
        }
        if *self.peek() != Token::End {
            let hint = match self.peek() {
                Token::Sign("|") => "alternatives stand in parentheses: `(a | b)`",
                Token::Sign(":") => "a step has one name, after its tests and repetition",
                Token::Sign("(") => "the tests of a step stand in one pair of parentheses, joined by commas",
                _ => "steps are joined by `->`, chains by `&`, and exclusions follow `unless`",
            };
            return Err(self.unexpected("`->`, `&`, `unless` or the end").hint(hint));
        }
        Ok(Pattern { chains, unless })
    }

    fn parse_chain(&mut self, place: Place) -> Result<Chain, Defect> {
        let start = self.offset();
        if self.takes_word("S") {
            self.expect_sign("->", "`->` after `S`")?;
        }
        let mut links = vec![self.parse_link(place)?];
        while self.takes_sign("->") {
            if self.takes_word("E") {
                break;
            }
            links.push(self.parse_link(place)?);
        }
        let chain = Chain { links };
        let is_unordered = |s: &Step| {
            s.is_fact() || matches!(s.choices.first(), Some(Choice { selector: Selector::Bound(_), .. }))
        };
        if chain.steps().count() > 1 && chain.steps().any(is_unordered) {
            return Err(Defect::new(
                start,
                Problem::Senseless("a fact or a named event has no place in an order of calls"),
            )
            .hint("join it with `&`: `a -> b & fact(...)`"));
        }
        Ok(chain)
    }

    fn parse_link(&mut self, place: Place) -> Result<Link, Defect> {
        let start = self.offset();
        if !self.takes_sign("[") {
            return Ok(Link::Step(self.parse_step(place)?));
        }
        if place == Place::Unless {
            return Err(Defect::new(
                start,
                Problem::Senseless("an optional step means nothing after `unless`"),
            ));
        }
        let mut steps = Vec::new();
        loop {
            if matches!(self.peek(), Token::Sign("[")) {
                return Err(Defect::new(self.offset(), Problem::Senseless("optional steps do not nest"))
                    .hint("write `[a] -> [b]`, or `[a -> b]` for both or none"));
            }
            steps.push(self.parse_step(place)?);
            if !self.takes_sign("->") {
                break;
            }
        }
        self.expect_sign("]", "`->` or `]`")?;
        Ok(Link::Optional(steps))
    }

    fn parse_step(&mut self, place: Place) -> Result<Step, Defect> {
        self.steps += 1;
        if self.steps > Pattern::MAX_STEPS {
            return Err(Defect::new(
                self.offset(),
                Problem::TooMany { what: "steps in a pattern", most: Pattern::MAX_STEPS },
            ));
        }
        let start = self.offset();
        let mut choices = Vec::new();
        let mut test = None;
        if self.takes_sign("(") {
            loop {
                choices.push(self.parse_choice(place)?);
                if !self.takes_sign("|") {
                    break;
                }
            }
            self.expect_sign(")", "`|` or `)`")
                .map_err(|d| d.hint("name the whole step, after `)`; order stands outside of `( | )`"))?;
            let facts = choices.iter().filter(|c| matches!(c.selector, Selector::Fact(_))).count();
            if facts != 0 && facts != choices.len() {
                return Err(Defect::new(
                    start,
                    Problem::Senseless("calls and facts cannot be alternatives of one step"),
                )
                .hint("write two pattern blocks"));
            }
            test = self.parse_tests_of(facts != 0)?;
            if let [only] = choices.as_mut_slice() {
                only.test = merge(only.test.take(), test.take());
            }
        } else {
            choices.push(self.parse_choice(place)?);
        }
        let is_bound = choices.iter().any(|c| matches!(c.selector, Selector::Bound(_)));
        if is_bound && (choices.len() > 1 || matches!(self.peek(), Token::Sign("{" | ":"))) {
            return Err(Defect::new(
                start,
                Problem::Senseless(
                    "a named event stands alone, without alternatives, repetition or another name",
                ),
            ));
        }
        let is_fact = choices.iter().any(|c| matches!(c.selector, Selector::Fact(_)));
        let repeat = self.parse_repeat(is_fact)?;
        let name = self.parse_name(is_fact)?;
        Ok(Step { choices, test, repeat, name })
    }

    fn parse_choice(&mut self, place: Place) -> Result<Choice, Defect> {
        let (selector, is_fact) = self.parse_selector(place)?;
        let test = self.parse_tests_of(is_fact)?;
        Ok(Choice { selector, test })
    }

    fn parse_tests_of(&mut self, is_fact: bool) -> Result<Option<Test>, Defect> {
        if !self.takes_sign("(") {
            return Ok(None);
        }
        let test = self.parse_tests(is_fact)?;
        self.expect_sign(")", "`,`, `or` or `)`")?;
        Ok(Some(test))
    }

    fn parse_selector(&mut self, place: Place) -> Result<(Selector, bool), Defect> {
        let offset = self.offset();
        match self.peek().clone() {
            Token::Call(glob) => {
                self.at += 1;
                let glob = Glob::parse(glob).map_err(|why| Defect::new(offset, Problem::Glob(why)))?;
                Ok((Selector::Call(glob), false))
            }
            Token::Fact(kind) => {
                self.at += 1;
                let glob = Glob::parse(kind).map_err(|why| Defect::new(offset, Problem::Glob(why)))?;
                Ok((Selector::Fact(glob), true))
            }
            Token::Word(word) => {
                self.at += 1;
                match self.names.iter().find(|(n, _)| **n == *word) {
                    Some((_, is_fact)) if place != Place::First => {
                        Ok((Selector::Bound(Word::new(word, offset)), *is_fact))
                    }
                    Some(_) => Err(Defect::new(
                        offset,
                        Problem::Senseless("the name of a step selects only after `&` and `unless`"),
                    )),
                    None => Ok((Selector::Class(self.parse_class(word, offset)?), false)),
                }
            }
            Token::Sign("[") => {
                Err(self.unexpected("a step").hint("optional steps do not nest, and are no alternatives"))
            }
            _ => Err(self.unexpected("a call class, a `qualified.name`, `fact(...)` or `( ... | ... )`")),
        }
    }

    fn parse_class(&mut self, word: &str, offset: usize) -> Result<CallClass, Defect> {
        let family = if word == "compile" { Some(Family::Compile) } else { Family::parse(word) };
        let Some(family) = family else {
            let defect =
                Defect::new(offset, Problem::UnknownWord { what: "call class", word: word.to_owned() });
            return Err(if word.starts_with(|c: char| c.is_ascii_lowercase()) {
                defect.hint(
                    "a qualified name stands in backticks; a step's name must be given before it is used",
                )
            } else {
                defect.suggest(word, Family::ALL.iter().map(|f| f.as_str()))
            });
        };
        if !self.takes_sign(".") {
            return Ok(CallClass::new(family, Action::Any));
        }
        let action = self.expect_word("an action after `.`")?;
        match Action::parse(&action.text) {
            Some(parsed) => Ok(CallClass::new(family, parsed)),
            None => Err(Defect::new(
                action.offset,
                Problem::UnknownWord { what: "action", word: action.text.to_string() },
            )
            .suggest(&action.text, Action::ALL.iter().map(|a| a.as_str()))),
        }
    }

    fn parse_repeat(&mut self, is_fact: bool) -> Result<Option<Repeat>, Defect> {
        let start = self.offset();
        if !self.takes_sign("{") {
            return Ok(None);
        }
        if is_fact {
            return Err(Defect::new(start, Problem::Senseless("facts are not counted")));
        }
        let offset = self.offset();
        let Token::Number(number) = self.advance() else {
            return Err(Defect::new(
                offset,
                Problem::Unexpected { expected: "a number", found: "something else".to_owned() },
            )
            .hint("write `{3}`, or `{3, distinct name}`"));
        };
        let least = (1..=Repeat::MAX).find(|n| f64::from(*n) == number);
        let least = least.ok_or_else(|| {
            Defect::new(offset, Problem::Senseless("a repetition is a whole number from 1 to 16"))
        })?;
        let _ = self.takes_sign(",");
        let distinct = if self.takes_word("distinct") { Some(self.parse_distinct()?) } else { None };
        self.expect_sign("}", "`distinct` or `}`")?;
        Ok(Some(Repeat { least, distinct }))
    }

    fn parse_distinct(&mut self) -> Result<Distinct, Defect> {
        let word = self.expect_word("`name` or a role after `distinct`")?;
        if &*word.text == "name" {
            return Ok(Distinct::Name);
        }
        match super::tests_of::parse_role(&word.text) {
            Some(role) => Ok(Distinct::Role(role)),
            None => Err(Defect::new(
                word.offset,
                Problem::UnknownWord { what: "role", word: word.text.to_string() },
            )
            .suggest(&word.text, Role::ALL.iter().map(|r| r.as_str()))),
        }
    }

    fn parse_name(&mut self, is_fact: bool) -> Result<Option<Word>, Defect> {
        if !self.takes_sign(":") {
            return Ok(None);
        }
        let name = self.expect_word("a name after `:`")?;
        let reason = if self.is_named(&name.text) {
            Some("another step has this name")
        } else if RESERVED.contains(&&*name.text) {
            Some("the word has a meaning in tests")
        } else if !name.text.starts_with(|c: char| c.is_ascii_lowercase()) {
            Some("names begin with a lower-case letter")
        } else {
            (&*name.text == "compile").then_some("the word is a call class")
        };
        if let Some(reason) = reason {
            return Err(Defect::new(name.offset, Problem::BadName { name: name.text.to_string(), reason }));
        }
        self.names.push((Arc::clone(&name.text), is_fact));
        Ok(Some(name))
    }

    /// Whether an earlier step has this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.names.iter().any(|(n, _)| **n == *name)
    }
}

/// `(a)` with a test inside and one behind: both must hold.
fn merge(inner: Option<Test>, outer: Option<Test>) -> Option<Test> {
    match (inner, outer) {
        (Some(a), Some(b)) => Some(Test::All(vec![a, b])),
        (a, b) => a.or(b),
    }
}
