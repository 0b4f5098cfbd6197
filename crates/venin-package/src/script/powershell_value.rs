//! Values of PowerShell: strings, variables, groups, type literals, method calls, and the operators that hide text.

use super::command::Dialect;
use super::decode::{decode_base64, decode_text, decode_utf16};
use super::powershell::{MAX_NESTING, PowerShell};
use super::reader::Draft;

/// Longest text that an operator on literals may make, in bytes.
const MAX_GROWTH: usize = 256 << 10;

/// One token.
#[derive(Debug, Default)]
pub(crate) struct Token {
    /// What is known of its text.
    pub text: String,
    /// Whether it is a value, not the name of a command or option.
    pub is_value: bool,
    /// The variable, in lower case, when the token is nothing else.
    pub variable: Option<String>,
}

impl PowerShell<'_> {
    /// Reads one token.  What it takes from other commands goes to the draft's substitutes.
    pub(crate) fn token(&mut self, draft: &mut Draft) -> Token {
        let mut token = Token::default();
        let sources_before = draft.substitutes.len();
        while let Some(c) = self.peek() {
            match c {
                '\'' => self.single_quoted(&mut token),
                '"' => self.double_quoted(draft, &mut token),
                '@' if matches!(self.peek_at(1), Some('\'' | '"')) => self.here_string(&mut token),
                '@' if matches!(self.peek_at(1), Some('(' | '{')) => {
                    self.bump();
                }
                '$' => self.dollar(draft, &mut token),
                '(' if token.text.is_empty() => {
                    self.bump();
                    self.group(')', draft, &mut token);
                }
                '{' if token.text.is_empty() => {
                    self.bump();
                    self.group('}', draft, &mut token);
                }
                '[' if token.text.is_empty() || token.is_value => self.bracket(&mut token),
                '.' | ':' if self.is_method_call(&token) => self.method(sources_before, draft, &mut token),
                '+' if token.is_value => {
                    self.bump();
                    self.skip_blanks();
                    token.variable = None;
                }
                '`' => {
                    self.bump();
                    token.text.extend(self.bump().filter(|c| *c != '\n'));
                }
                ' ' | '\t' if token.is_value && self.continues_with_plus() => self.skip_blanks(),
                c if c.is_whitespace() => break,
                ';' | '|' | ')' | '}' | '(' | '{' | ',' => break,
                '>' | '=' if token.is_value => break,
                '&' => break,
                c => {
                    self.bump();
                    token.text.push(c);
                    token.variable = None;
                }
            }
        }
        token
    }

    /// Whether the next thing behind blanks is a `+` that joins strings.
    fn continues_with_plus(&self) -> bool {
        const MAX_BLANKS: usize = 64;
        let blanks = (0..MAX_BLANKS).take_while(|at| matches!(self.peek_at(*at), Some(' ' | '\t'))).count();
        self.peek_at(blanks) == Some('+') && self.peek_at(blanks + 1) != Some('=')
    }

    fn single_quoted(&mut self, token: &mut Token) {
        self.bump();
        token.is_value = true;
        token.variable = None;
        while let Some(c) = self.bump() {
            if c == '\'' {
                if self.peek() != Some('\'') {
                    return;
                }
                self.bump();
            }
            token.text.push(c);
        }
    }

    fn double_quoted(&mut self, draft: &mut Draft, token: &mut Token) {
        self.bump();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.bump();
                    if self.peek() != Some('"') {
                        break;
                    }
                    token.text.push('"');
                    self.bump();
                }
                '`' => {
                    self.bump();
                    token.text.extend(self.bump().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        c => c,
                    }));
                }
                '$' => self.dollar(draft, token),
                c => {
                    self.bump();
                    token.text.push(c);
                }
            }
        }
        token.is_value = true;
        token.variable = None;
    }

    /// `@'` to `'@`; variables in the double-quoted kind stay as written.
    fn here_string(&mut self, token: &mut Token) {
        self.bump();
        let quote = self.bump();
        token.is_value = true;
        let mut last = None;
        while let Some(c) = self.bump() {
            if Some(c) == quote && self.peek() == Some('@') && last == Some('\n') {
                self.bump();
                break;
            }
            token.text.push(c);
            last = Some(c);
        }
        token.text = token.text.trim_matches('\n').to_owned();
    }

    /// A variable, an environment variable or a subexpression.
    fn dollar(&mut self, draft: &mut Draft, token: &mut Token) {
        let was_empty = token.text.is_empty() && !token.is_value;
        self.bump();
        token.is_value = true;
        if self.peek() == Some('(') {
            self.bump();
            self.group(')', draft, token);
            return;
        }
        let is_braced = self.peek() == Some('{');
        if is_braced {
            self.bump();
        }
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_name_char(*c) || (is_braced && *c != '}')) {
            if c == ':' && !self.peek_at(1).is_some_and(char::is_alphanumeric) {
                break;
            }
            name.push(c);
            self.bump();
        }
        if is_braced {
            self.bump();
        }
        let key = name.to_lowercase();
        match self.reader.expand(&key, draft) {
            Some(text) => token.text.push_str(&text),
            None => token.text.extend(['$'].into_iter().chain(name.chars())),
        }
        token.variable = (was_empty && !name.is_empty()).then_some(key);
    }

    /// The inside of a bracket whose opening is consumed.
    fn group(&mut self, close: char, draft: &mut Draft, token: &mut Token) {
        token.is_value = true;
        token.variable = None;
        if self.nesting >= MAX_NESTING {
            self.reader.is_cut = true;
            return;
        }
        self.nesting += 1;
        let outcome = self.list(Some(close));
        self.nesting -= 1;
        draft.add_sources(&outcome.outputs);
        match outcome.literal.filter(|_| close == ')') {
            Some(text) => token.text.push_str(&text),
            None => token.text.push_str(&self.reader.placeholder(&outcome.outputs)),
        }
    }

    /// A type literal, or an index behind a value.  `[char]NUMBER` is the character.
    fn bracket(&mut self, token: &mut Token) {
        const MAX_TYPE: usize = 200;
        let start = self.pos;
        while let Some(c) = self.bump() {
            if c == ']' || self.pos - start > MAX_TYPE {
                break;
            }
        }
        let text: String = self.chars.get(start..self.pos).unwrap_or(&[]).iter().collect();
        token.is_value = true;
        token.variable = None;
        if !text.eq_ignore_ascii_case("[char]") {
            token.text.push_str(&text);
            return;
        }
        self.skip_blanks();
        let mut digits = String::new();
        while let Some(c) =
            self.peek().filter(|c| c.is_ascii_hexdigit() || *c == 'x').filter(|_| digits.len() < 8)
        {
            digits.push(c);
            self.bump();
        }
        let number = match digits.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        token.text.extend(number.ok().and_then(char::from_u32));
    }

    /// `.Name(` or `::Name(` behind a value.
    fn is_method_call(&self, token: &Token) -> bool {
        if !token.is_value {
            return false;
        }
        let skip = match (self.peek(), self.peek_at(1)) {
            (Some(':'), Some(':')) => 2,
            (Some('.'), _) => 1,
            _ => return false,
        };
        const MAX_METHOD: usize = 60;
        let length =
            (skip..MAX_METHOD).take_while(|at| self.peek_at(*at).is_some_and(is_member_char)).count();
        length > 0 && self.peek_at(skip + length) == Some('(')
    }

    fn method(&mut self, sources_before: usize, draft: &mut Draft, token: &mut Token) {
        let start = self.pos;
        while self.peek().is_some_and(|c| matches!(c, '.' | ':')) {
            self.bump();
        }
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_member_char(*c)) {
            name.extend(c.to_lowercase().filter(|c| !matches!(c, '\'' | '"')));
            self.bump();
        }
        self.bump();
        let mut inner = Draft { start, line: self.line, ..Draft::default() };
        inner.words.push(name.clone());
        self.method_arguments(&mut inner);
        let arguments = inner.words.get(1..).unwrap_or(&[]);
        let cost = token.text.len() + arguments.iter().map(String::len).sum::<usize>();
        if self.reader.spend(cost)
            && let Some(text) = fold_method(&name, &token.text, arguments)
        {
            draft.add_sources(&inner.substitutes);
            token.text = text;
            return;
        }
        let own_sources: Vec<usize> =
            draft.substitutes.drain(sources_before.min(draft.substitutes.len())..).collect();
        inner.add_sources(&own_sources);
        inner.receiver = Some(std::mem::take(&mut token.text));
        let source = self.chars.get(start..self.pos).unwrap_or(&[]);
        let index = self.reader.finish(inner, Dialect::PowerShell, self.frame, source);
        draft.add_sources(&index.into_iter().collect::<Vec<_>>());
        token.text = format!("⟨{name}⟩");
        token.variable = None;
    }

    fn method_arguments(&mut self, inner: &mut Draft) {
        if self.nesting >= MAX_NESTING {
            self.reader.is_cut = true;
            return;
        }
        self.nesting += 1;
        while let Some(c) = self.peek() {
            match c {
                ')' => {
                    self.bump();
                    break;
                }
                c if c.is_whitespace() || c == ',' => {
                    self.bump();
                }
                ';' => break,
                _ => {
                    let before = self.pos;
                    let argument = self.token(inner);
                    if self.pos == before {
                        self.bump();
                    } else {
                        inner.words.push(argument.text);
                    }
                }
            }
        }
        self.nesting -= 1;
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '?')
}

fn is_member_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '\'' | '"')
}

/// Methods on literals that only change text.
fn fold_method(name: &str, receiver: &str, arguments: &[String]) -> Option<String> {
    if receiver.contains('⟨') || arguments.iter().any(|a| a.contains('⟨') || a.starts_with('$')) {
        return None;
    }
    let first = arguments.first();
    match (name, arguments.len()) {
        // The bytes stand as characters of the same value until a `GetString` reads them.
        ("frombase64string", 1) => Some(decode_base64(first?)?.into_iter().map(char::from).collect()),
        ("getstring", 1) => {
            let bytes: Vec<u8> = first?.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            let is_wide = receiver.to_ascii_lowercase().contains("unicode");
            Some(if is_wide { decode_utf16(&bytes) } else { decode_text(&bytes) })
        }
        ("replace", 2) => replace_within(receiver, first?, arguments.get(1)?),
        ("tostring" | "trim" | "normalize", 0) => Some(receiver.to_owned()),
        ("tolower", 0) => Some(receiver.to_lowercase()),
        _ => None,
    }
}

/// `-f`, `-join` and `-replace` between literals; a single word is its own value.
pub(crate) fn fold_operators(words: &[String]) -> Option<String> {
    let at = words
        .iter()
        .position(|w| matches!(w.to_ascii_lowercase().as_str(), "-f" | "-join" | "-replace" | "-creplace"));
    let Some(at) = at else {
        // Several values are an array; its text is what a constructor's arguments look like.
        return Some(words.join(",")).filter(|t| !t.is_empty());
    };
    let (left, right) = (words.get(..at)?, words.get(at + 1..)?);
    match words.get(at)?.to_ascii_lowercase().as_str() {
        "-f" => Some(format_text(left.first()?, right)),
        "-join" => {
            let separator = right.first().map_or("", String::as_str);
            (left.len().saturating_mul(separator.len()) <= MAX_GROWTH).then(|| left.join(separator))
        }
        _ => replace_within(left.first()?, right.first()?, right.get(1).map_or("", String::as_str)),
    }
}

/// Replaces, unless the result could be far longer than the text.
fn replace_within(text: &str, from: &str, to: &str) -> Option<String> {
    let grown = text.matches(from).count().saturating_mul(to.len());
    (!from.is_empty() && grown <= MAX_GROWTH).then(|| text.replace(from, to))
}

/// `{0}` becomes the first value.
fn format_text(format: &str, values: &[String]) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((front, back)) = rest.split_once('{').filter(|_| text.len() < MAX_GROWTH) {
        text.push_str(front);
        let Some((number, after)) = back.split_once('}') else {
            rest = back;
            continue;
        };
        text.push_str(
            number.trim().parse().ok().and_then(|at: usize| values.get(at)).map_or("", String::as_str),
        );
        rest = after;
    }
    text.push_str(rest);
    text
}
