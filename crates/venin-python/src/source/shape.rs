//! How deep a text nests, measured before the parser sees it.
//!
//! The parser grows its own stack and takes any depth, at two to five kilobytes a level; its tree is dropped
//! by recursion, at about 125 bytes a level in any build.  So each logical line gets two bounds.  *Nested*
//! counts what the parser recurses on: brackets, prefix operators, lambdas.  *Links* counts everything that
//! can make the tree deeper by one: operators, attributes, calls.  Both start again after a comma, because
//! neighbours are not inside each other.

use super::edit::Edit;
use super::scan::{Kind, Scanner, Token};

/// Most levels the parser may recurse in one logical line.  CPython takes 200 brackets.
pub(super) const MAX_NESTED: u32 = 2_000;
/// Most links of one chain (`a.b.c`, `a + b + c`, `x if y else …`).  Dropping a tree that deep takes 32 MB.
pub(super) const MAX_LINKS: u32 = 250_000;

/// Most tokens that are parsed of one text.  The parser's tree takes about two hundred bytes for each.
pub(super) const MAX_TOKENS: u32 = 750_000;

/// What one pass over the tokens of a text tells.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Logical lines that nest too deep, in order.
    pub(super) excesses: Vec<Excess>,
    /// Offset of the first code that was pushed out of sight.
    pub(super) hidden_code: Option<u32>,
    /// Where the text is cut, if it has more than [`MAX_TOKENS`].
    pub(super) cut: Option<u32>,
    /// Names with characters that are not ASCII.
    pub(super) non_ascii_names: u32,
}

/// A logical line that nests too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Excess {
    /// First byte of its first token.
    pub(super) start: u32,
    /// One past its last token.
    pub(super) end: u32,
    /// Whether it ends with a colon, so that a block follows.
    pub(super) opens_block: bool,
}

impl Excess {
    /// The edit that takes the line out and keeps the text around it valid.
    pub(super) fn edit(&self) -> Edit {
        Edit::new(self.start, self.end, if self.opens_block { "if 1:" } else { "pass" })
    }
}

/// What one bracket level adds to the bounds.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    links: u32,
    /// Prefix operators and `**`, which bind tighter than any other operator.
    tight: u32,
    /// Prefix words, which end at `and`, `or` and `else`.
    loose: u32,
    /// What even a comma does not end: the bracket, lambdas, statements on one line.
    kept: u32,
}

#[derive(Debug, Default)]
struct Meter {
    levels: Vec<Level>,
    links: u32,
    nested: u32,
    most_links: u32,
    most_nested: u32,
}

impl Meter {
    fn reset(&mut self) {
        self.levels.clear();
        self.levels.push(Level::default());
        (self.links, self.nested, self.most_links, self.most_nested) = (0, 0, 0, 0);
    }

    fn count(&mut self, add: Level) {
        if let Some(level) = self.levels.last_mut() {
            level.links += add.links;
            level.tight += add.tight;
            level.loose += add.loose;
            level.kept += add.kept;
            self.links += add.links + add.kept;
            self.nested += add.tight + add.loose + add.kept;
            self.most_links = self.most_links.max(self.links);
            self.most_nested = self.most_nested.max(self.nested);
        }
    }

    fn open(&mut self) {
        self.count(Level { links: 1, ..Level::default() });
        self.levels.push(Level::default());
        self.count(Level { kept: 1, ..Level::default() });
    }

    fn close(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.links -= level.links + level.kept;
            self.nested -= level.tight + level.loose + level.kept;
        }
    }

    fn end_tight(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.nested -= level.tight;
            level.tight = 0;
        }
    }

    fn end_loose(&mut self) {
        self.end_tight();
        if let Some(level) = self.levels.last_mut() {
            self.nested -= level.loose;
            level.loose = 0;
        }
    }

    fn comma(&mut self) {
        self.end_loose();
        if let Some(level) = self.levels.last_mut() {
            self.links -= level.links;
            level.links = 0;
        }
    }

    fn is_excessive(&self) -> bool {
        self.most_nested > MAX_NESTED || self.most_links > MAX_LINKS
    }
}

/// Measures a text.
pub(super) fn measure(text: &str) -> Shape {
    let bytes = text.as_bytes();
    let mut shape = Shape::default();
    let mut meter = Meter::default();
    meter.reset();
    let mut first: Option<Token> = None;
    let mut last: Option<Token> = None;
    let mut scanner = Scanner::new(text);
    let mut line_start = 0;
    let mut tokens = 0_u32;
    for token in scanner.by_ref() {
        tokens += 1;
        if tokens > MAX_TOKENS {
            shape.cut = Some(line_start);
            return shape;
        }
        match token.kind {
            Kind::Newline => {
                if let (true, Some(first), Some(last)) = (meter.is_excessive(), first, last) {
                    let opens_block = last.kind == Kind::Colon;
                    shape.excesses.push(Excess { start: first.start, end: last.end, opens_block });
                }
                meter.reset();
                (first, last) = (None, None);
                line_start = token.end;
                continue;
            }
            Kind::Name => {
                let name = bytes.get(token.start as usize..token.end as usize).unwrap_or_default();
                count_word(&mut meter, name);
                shape.non_ascii_names += u32::from(!name.is_ascii());
            }
            Kind::Number | Kind::Text | Kind::TextStart => {}
            Kind::Open => meter.open(),
            Kind::Close => meter.close(),
            Kind::Comma => meter.comma(),
            Kind::Semicolon => {
                if meter.levels.len() <= 1 && !meter.is_excessive() {
                    meter.reset();
                }
            }
            Kind::Colon if meter.levels.len() <= 1 => meter.count(KEPT),
            Kind::Colon => meter.count(LINK),
            Kind::Op => count_operator(&mut meter, bytes, token, last),
        }
        first = first.or(Some(token));
        last = Some(token);
    }
    shape.hidden_code = scanner.hidden_code();
    shape
}

const LINK: Level = Level { links: 1, tight: 0, loose: 0, kept: 0 };
const KEPT: Level = Level { links: 0, tight: 0, loose: 0, kept: 1 };

fn count_word(meter: &mut Meter, name: &[u8]) {
    match name {
        b"not" | b"await" | b"yield" | b"async" => meter.count(Level { loose: 1, ..LINK }),
        b"lambda" => meter.count(KEPT),
        b"and" | b"or" => meter.end_loose(),
        b"else" => {
            meter.end_loose();
            meter.count(LINK);
        }
        _ => {}
    }
}

fn count_operator(meter: &mut Meter, bytes: &[u8], token: Token, last: Option<Token>) {
    let operator = bytes.get(token.start as usize..token.end as usize).unwrap_or_default();
    let is_prefix =
        last.is_none_or(|last| matches!(last.kind, Kind::Op | Kind::Open | Kind::Comma | Kind::Colon));
    if is_prefix || operator == b"**" {
        meter.count(Level { tight: 1, ..LINK });
    } else {
        if operator != b"." {
            meter.end_tight();
        }
        meter.count(LINK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excesses(text: &str) -> Vec<(u32, u32)> {
        measure(text).excesses.iter().map(|e| (e.start, e.end)).collect()
    }

    #[test]
    fn only_the_line_that_nests_too_deep_is_cut() {
        let deep = format!("{}1{}", "(".repeat(3_000), ")".repeat(3_000));
        let end = 6 + deep.len() as u32;
        assert_eq!(excesses(&format!("a = 1\n{deep}\nb = 2\n")), [(6, end)]);
        for prefix in ["-", "not ", "lambda: ", "lambda a, b: ", "x ** ", "[", "f(", "f'{", "if a: ", "+-~"] {
            assert_eq!(excesses(&format!("x = 1\n{}1", prefix.repeat(3_000))).len(), 1, "{prefix}");
        }
    }

    #[test]
    fn wide_is_not_deep() {
        let many = |unit: &str| format!("x = [{}]\n", unit.repeat(300_000));
        for unit in ["-1, ", "(1, 2), ", "f(a.b), ", "{'a': -1}, ", "lambda x: -x, "] {
            if unit.starts_with("lambda") {
                assert_eq!(excesses(&format!("x = [{}]\n", unit.repeat(1_000))), [], "{unit}");
            } else {
                assert_eq!(excesses(&many(unit)), [], "{unit}");
            }
        }
        assert_eq!(excesses(&format!("x = 1{}\n", " + 1".repeat(200_000))), []);
        assert_eq!(excesses(&format!("x = 1{}\n", " + 1".repeat(260_000))).len(), 1);
        assert_eq!(excesses(&"x = 1; y = -2; ".repeat(100_000)), []);
        assert_eq!(excesses(&format!("x = 1{}\n", " + x**2 * -3".repeat(20_000))), []);
        assert_eq!(excesses(&format!("x = 1{}\n", " and not y".repeat(20_000))), []);
    }
}
