//! Reads the tests of a step.

use std::sync::Arc;

use venin_model::{OriginKind, Role, Trigger};

use super::lex::Token;
use super::parse::Parser;
use super::{Atom, Compare, RegexText, Subject, Test, TextTest, WhenPart, Word};
use crate::error::{Defect, Problem};

/// How deep parentheses and `not` may nest.
const MAX_DEPTH: usize = 32;

/// A role by its name or the study's, whatever the case.
pub(super) fn parse_role(word: &str) -> Option<Role> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "ip" | "address" => Some(Role::Host),
        other => Role::parse(other),
    }
}

impl Parser<'_> {
    pub(super) fn parse_tests(&mut self, is_fact: bool) -> Result<Test, Defect> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Defect::new(
                self.offset(),
                Problem::TooMany { what: "nested parentheses", most: MAX_DEPTH },
            ));
        }
        let mut all = vec![self.parse_either(is_fact)?];
        while self.takes_sign(",") {
            all.push(self.parse_either(is_fact)?);
        }
        self.depth -= 1;
        Ok(one_or(all, Test::All))
    }

    fn parse_either(&mut self, is_fact: bool) -> Result<Test, Defect> {
        let mut either = vec![self.parse_single(is_fact)?];
        while self.takes_word("or") {
            either.push(self.parse_single(is_fact)?);
        }
        if matches!(self.peek(), Token::Word("and")) {
            return Err(self.unexpected("`,`, `or` or `)`").hint("a comma is \"and\""));
        }
        Ok(one_or(either, Test::Either))
    }

    fn parse_single(&mut self, is_fact: bool) -> Result<Test, Defect> {
        let mut negations = 0_usize;
        while self.takes_word("not") {
            negations += 1;
            if negations > MAX_DEPTH {
                return Err(Defect::new(
                    self.offset(),
                    Problem::TooMany { what: "negations", most: MAX_DEPTH },
                ));
            }
        }
        let mut test = if self.takes_sign("(") {
            let inner = self.parse_tests(is_fact)?;
            self.expect_sign(")", "`,`, `or` or `)`")?;
            inner
        } else if is_fact {
            Test::Atom(self.parse_fact_atom()?)
        } else {
            Test::Atom(self.parse_atom()?)
        };
        for _ in 0..negations {
            test = Test::Not(Box::new(test));
        }
        Ok(test)
    }

    fn parse_fact_atom(&mut self) -> Result<Atom, Defect> {
        let word = self.expect_word("the name of a detail")?;
        let subject = Subject::Detail(Arc::clone(&word.text));
        match self.peek() {
            Token::Word("is" | "from") | Token::Sign(".") => Err(self
                .unexpected("`~`, `=`, `in`, a comparison, `,` or `)`")
                .hint("the details of a fact are plain texts and numbers")),
            _ => self.parse_on(subject),
        }
    }

    fn parse_atom(&mut self) -> Result<Atom, Defect> {
        let word = self.expect_word("a test")?;
        match &*word.text {
            "automatic" => Ok(Atom::Automatic),
            "unused" => Ok(Atom::Unused),
            "trigger" => self.parse_trigger(),
            "when" => self.parse_when(),
            "layer" => {
                let (compare, number) = self.parse_comparison()?;
                Ok(Atom::Layer(compare, number))
            }
            "input" => match self.peek() {
                Token::Word("from") => self.parse_on(Subject::Input),
                _ => Err(self
                    .unexpected("`from` after `input`")
                    .hint("`input from network`, `input from a-step`")),
            },
            "decoded" => {
                if !self.takes_word("by") {
                    return Err(self
                        .unexpected("`by` after `decoded`")
                        .hint("`decoded by ~ /base64/`; for an argument: `code from decoded`"));
                }
                self.parse_on(Subject::DecodedBy)
            }
            "any" => match self.peek() {
                Token::Sign(")" | ",") => {
                    Err(self.unexpected("a test on any argument").hint("`any from env`, `any ~ /.../`"))
                }
                _ => self.parse_on(Subject::Any),
            },
            "call" => self.parse_on(Subject::Call),
            "member" => self.parse_on(Subject::Member),
            "function" => self.parse_on(Subject::Function),
            "site" => self.parse_on(Subject::Site),
            _ => self.parse_role_atom(&word),
        }
    }

    fn parse_role_atom(&mut self, word: &Word) -> Result<Atom, Defect> {
        let Some(role) = parse_role(&word.text) else {
            let known = Role::ALL.iter().map(|r| r.as_str()).chain([
                "any",
                "call",
                "member",
                "function",
                "site",
                "input",
                "layer",
                "trigger",
                "automatic",
                "unused",
                "when",
            ]);
            return Err(Defect::new(
                word.offset,
                Problem::UnknownWord { what: "role or test", word: word.text.to_string() },
            )
            .suggest(&word.text, known));
        };
        let mut keyword = None;
        if self.takes_sign("[") {
            keyword = Some(self.expect_word("a keyword")?.text);
            self.expect_sign("]", "`]`")?;
        }
        self.parse_on(Subject::Role(role, keyword))
    }

    /// What follows a subject.
    fn parse_on(&mut self, subject: Subject) -> Result<Atom, Defect> {
        let is_argument = matches!(subject, Subject::Role(..) | Subject::Any);
        match self.peek().clone() {
            Token::Sign("~") => Ok(Atom::Text(subject, self.parse_text_test()?)),
            Token::Word("in") => Ok(Atom::Text(subject, self.parse_text_test()?)),
            Token::Sign("=") if matches!(self.second(), Token::Text(_)) => {
                Ok(Atom::Text(subject, self.parse_text_test()?))
            }
            Token::Sign("=" | "!=" | "<" | "<=" | ">" | ">=") => {
                let (compare, number) = self.parse_comparison()?;
                Ok(Atom::Number(subject, compare, number))
            }
            Token::Sign(".") if is_argument => {
                self.advance();
                if !self.takes_word("size") {
                    return Err(self.unexpected("`size` after `.`"));
                }
                let (compare, number) = self.parse_comparison()?;
                Ok(Atom::Size(subject, compare, number))
            }
            Token::Word("is") if is_argument => self.parse_is(subject),
            Token::Word("is") if is_place(&subject) => self.parse_is_step(subject),
            Token::Word("from") if is_argument || subject == Subject::Input => self.parse_from(subject),
            Token::Word("is" | "from") => {
                Err(self.unexpected("`~`, `=` or `in`").hint("only arguments have kinds and origins"))
            }
            _ => Ok(Atom::Known(subject)),
        }
    }

    fn second(&self) -> &Token<'_> {
        self.peek_at(1)
    }

    fn parse_text_test(&mut self) -> Result<TextTest, Defect> {
        let sign = self.advance();
        let offset = self.offset();
        match (sign, self.peek().clone()) {
            (Token::Sign("~"), Token::Regex(source, flags)) => {
                self.advance();
                parse_regex(&source, flags, offset).map(TextTest::Matches)
            }
            (Token::Sign("~"), _) => Err(self.unexpected("a /regular expression/ after `~`")),
            (Token::Word("in"), Token::List(name)) => {
                self.advance();
                Ok(TextTest::In(Word::new(name, offset)))
            }
            (Token::Word("in"), _) => Err(self.unexpected("a @list after `in`")),
            (_, Token::Text(text)) => {
                self.advance();
                Ok(TextTest::Equals(Arc::from(text)))
            }
            _ => Err(self.unexpected("a \"string\"")),
        }
    }

    fn parse_comparison(&mut self) -> Result<(Compare, f64), Defect> {
        let compare = match self.peek() {
            Token::Sign(sign) => Compare::parse(sign),
            _ => None,
        };
        let Some(compare) = compare else { return Err(self.unexpected("one of = != < <= > >=")) };
        self.advance();
        match *self.peek() {
            Token::Number(number) => {
                self.advance();
                Ok((compare, number))
            }
            _ => Err(self
                .unexpected("a number")
                .hint("texts are compared with `=` only; write `not role = \"text\"` for the contrary")),
        }
    }

    fn parse_is(&mut self, subject: Subject) -> Result<Atom, Defect> {
        self.advance();
        if matches!(self.peek(), Token::Word("not")) {
            return Err(self.unexpected("a kind or the name of a step").hint("write `not url is ...`"));
        }
        let mut words = vec![self.expect_word("a kind or the name of a step")?];
        while self.takes_sign("|") {
            words.push(self.expect_word("a kind or the name of a step")?);
        }
        Ok(Atom::Is(subject, words))
    }

    /// What is no argument has no kinds; it can be the same as in a step.
    fn parse_is_step(&mut self, subject: Subject) -> Result<Atom, Defect> {
        let Atom::Is(subject, words) = self.parse_is(subject)? else {
            return Err(self.unexpected("the name of a step"));
        };
        match words.iter().find(|word| !self.is_named(&word.text)) {
            Some(word) => Err(Defect::new(word.offset, Problem::UnknownName(word.text.to_string()))
                .hint("only arguments have kinds; this can be the same as in an earlier step")),
            None => Ok(Atom::Is(subject, words)),
        }
    }

    fn parse_from(&mut self, subject: Subject) -> Result<Atom, Defect> {
        self.advance();
        let mut sources = Vec::new();
        if self.takes_sign("(") {
            loop {
                sources.push(self.parse_source()?);
                if !self.takes_sign(",") {
                    break;
                }
            }
            self.expect_sign(")", "`,` or `)`")?;
        } else {
            sources.push(self.parse_source()?);
        }
        Ok(Atom::From(subject, sources))
    }

    fn parse_source(&mut self) -> Result<Word, Defect> {
        let word = self.expect_word("an origin or the name of a step")?;
        if OriginKind::parse(&word.text).is_some() || self.is_named(&word.text) {
            return Ok(word);
        }
        Err(Defect::new(word.offset, Problem::UnknownName(word.text.to_string()))
            .suggest(&word.text, OriginKind::ALL.iter().map(|k| k.as_str())))
    }

    fn parse_trigger(&mut self) -> Result<Atom, Defect> {
        let mut triggers = Vec::new();
        if self.takes_sign("=") {
            triggers.push(self.parse_trigger_name()?);
            return Ok(Atom::Trigger(triggers));
        }
        if !self.takes_word("in") {
            return Err(self
                .unexpected("`in` or `=` after `trigger`")
                .hint("`trigger in (install, import)`, `trigger = startup`"));
        }
        self.expect_sign("(", "`(` after `trigger in`")?;
        loop {
            triggers.push(self.parse_trigger_name()?);
            if !self.takes_sign(",") {
                break;
            }
        }
        self.expect_sign(")", "`,` or `)`")?;
        Ok(Atom::Trigger(triggers))
    }

    fn parse_trigger_name(&mut self) -> Result<Trigger, Defect> {
        let word = self.expect_word("a trigger")?;
        Trigger::parse(&word.text).ok_or_else(|| {
            Defect::new(word.offset, Problem::UnknownWord { what: "trigger", word: word.text.to_string() })
                .suggest(&word.text, Trigger::ALL.iter().map(|t| t.as_str()))
        })
    }

    fn parse_when(&mut self) -> Result<Atom, Defect> {
        let is_text_test = |token: &Token<'_>| matches!(token, Token::Sign("~" | "=") | Token::Word("in"));
        if is_text_test(self.peek()) {
            return Ok(Atom::When(WhenPart::Both, self.parse_text_test()?));
        }
        let word = self.expect_word("a kind of condition, `subject`, `value` or `~`")?;
        match &*word.text {
            part @ ("subject" | "value") => {
                let part = if part == "subject" { WhenPart::Subject } else { WhenPart::Value };
                if is_text_test(self.peek()) {
                    Ok(Atom::When(part, self.parse_text_test()?))
                } else {
                    Err(self.unexpected("`~`, `=` or `in`"))
                }
            }
            _ => Ok(Atom::WhenKind(word)),
        }
    }
}

/// Whether a subject says where a call stands, or where it goes.
const fn is_place(subject: &Subject) -> bool {
    matches!(subject, Subject::Call | Subject::Member | Subject::Function | Subject::Site)
}

/// Checks an expression and its flags.
fn parse_regex(source: &str, flags: &str, offset: usize) -> Result<RegexText, Defect> {
    if let Some(flag) = flags.chars().find(|f| !matches!(f, 'i' | 's')) {
        let problem = Problem::UnknownWord { what: "flag", word: flag.to_string() };
        return Err(Defect::new(offset, problem)
            .hint("the flags are `i` (ignore case) and `s` (`.` matches line breaks)"));
    }
    if source.is_empty() {
        return Err(Defect::new(
            offset,
            Problem::Senseless("an empty regular expression is found in every text"),
        ));
    }
    Ok(RegexText {
        offset,
        source: Arc::from(source),
        ignores_case: flags.contains('i'),
        dot_matches_line: flags.contains('s'),
    })
}

fn one_or(mut tests: Vec<Test>, several: fn(Vec<Test>) -> Test) -> Test {
    match (tests.len(), tests.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            tests.extend(last);
            several(tests)
        }
    }
}
