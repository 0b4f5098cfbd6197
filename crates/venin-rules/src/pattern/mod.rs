//! The pattern language as values: what a pattern block says, before it meets lists, kinds and events.
//!
//! The grammar is in `docs/pattern-language.md`.  [`Pattern`] prints itself in a canonical form that reads
//! back to an equal value.  Nothing here matches anything.

mod glob;
mod lex;
mod parse;
mod render;
mod tests_of;

use std::sync::Arc;

use venin_model::{CallClass, Role, Trigger, spelled_enum};

pub use glob::Glob;
pub use parse::parse_pattern;

/// A word of the source with its place.  Two words are equal when their texts are.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word.
    pub text: Arc<str>,
    /// Byte offset in the pattern's source.
    pub offset: usize,
}

impl Word {
    pub(crate) fn new(text: &str, offset: usize) -> Self {
        Self { text: Arc::from(text), offset }
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Word {}

/// A whole pattern: chains that must all be found, and chains that must not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The chains joined by `&`; at least one, with at least one required step among them.
    pub chains: Vec<Chain>,
    /// The chains after `unless`.
    pub unless: Vec<Chain>,
}

/// Steps in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The links; at least one.
    pub links: Vec<Link>,
}

/// A part of a chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// A required step.
    Step(Step),
    /// `[a -> b]`: matched together or not at all.
    Optional(Vec<Step>),
}

/// One step: which events or facts it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The alternatives; at least one.
    pub choices: Vec<Choice>,
    /// What must hold for all alternatives; only where there are several.
    pub test: Option<Test>,
    /// `{n}`.
    pub repeat: Option<Repeat>,
    /// `:name`.
    pub name: Option<Word>,
}

/// One alternative of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What it selects.
    pub selector: Selector,
    /// What must hold.
    pub test: Option<Test>,
}

/// What a step selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// Calls of a class.
    Class(CallClass),
    /// Calls by qualified name.
    Call(Glob),
    /// Facts by kind.
    Fact(Glob),
    /// What the step of this name was matched to.
    Bound(Word),
}

/// `{3, distinct key}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The least number of events, from 1 to [`Repeat::MAX`].
    pub least: u32,
    /// What must differ among them.
    pub distinct: Option<Distinct>,
}

impl Repeat {
    /// The greatest number that may be asked for.
    pub const MAX: u32 = 16;
}

/// What must differ among the events of a repeated step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distinct {
    /// The qualified name.
    Name,
    /// The known text of a role.
    Role(Role),
}

/// A condition on an event or fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `a, b`; two or more.
    All(Vec<Test>),
    /// `a or b`; two or more.
    Either(Vec<Test>),
    /// `not a`.
    Not(Box<Test>),
    /// One test.
    Atom(Atom),
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    /// The subject is there and known.
    Known(Subject),
    /// A test on its text.
    Text(Subject, TextTest),
    /// It is of a kind, or the same thing as in a step.
    Is(Subject, Vec<Word>),
    /// Its length compares so.
    Size(Subject, Compare, f64),
    /// Its text is a number that compares so.
    Number(Subject, Compare, f64),
    /// It carries an origin, or the result of a step.
    From(Subject, Vec<Word>),
    /// What makes the code run.
    Trigger(Vec<Trigger>),
    /// It runs without a call by the user.
    Automatic,
    /// Nobody takes what the call gives.
    Unused,
    /// The depth of decoding.
    Layer(Compare, f64),
    /// A condition on the way is of a kind.
    WhenKind(Word),
    /// A test on the text of a condition on the way.
    When(WhenPart, TextTest),
}

/// What a test looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Arguments in a role, and passed by a keyword if one is given.
    Role(Role, Option<Arc<str>>),
    /// Any argument.
    Any,
    /// Everything that went into the call; only with `from`.
    Input,
    /// The qualified name.
    Call,
    /// The member's path.
    Member,
    /// The enclosing function.
    Function,
    /// The site of a URL or host: the end of its name that somebody registers.
    Site,
    /// The decodings that revealed the layer.
    DecodedBy,
    /// A detail of a fact.
    Detail(Arc<str>),
}

/// A test on a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// A regular expression is found in it.
    Matches(RegexText),
    /// It is exactly this.
    Equals(Arc<str>),
    /// An entry of a list occurs in it.
    In(Word),
}

/// A regular expression as written: `/text/flags`.  Equality ignores the place.
#[derive(Debug, Clone)]
pub struct RegexText {
    /// Byte offset in the pattern's source.
    pub offset: usize,
    /// The expression, with `\/` already read as `/`.
    pub source: Arc<str>,
    /// Flag `i`.
    pub ignores_case: bool,
    /// Flag `s`.
    pub dot_matches_line: bool,
}

spelled_enum! {
    /// How numbers compare.
    pub enum Compare {
        /// Equal.
        Equal = "=",
        /// Not equal.
        Unequal = "!=",
        /// Less.
        Less = "<",
        /// Less or equal.
        AtMost = "<=",
        /// Greater.
        Greater = ">",
        /// Greater or equal.
        AtLeast = ">=",
    }
}

spelled_enum! {
    /// Which part of a condition is looked at.
    pub enum WhenPart {
        /// What is tested.
        Subject = "subject",
        /// What it is compared with.
        Value = "value",
        /// Both, as `subject = value`.
        Both = "both",
    }
}

impl Step {
    /// Whether the step takes facts.
    #[must_use]
    pub fn is_fact(&self) -> bool {
        self.choices.iter().any(|c| matches!(c.selector, Selector::Fact(_)))
    }
}

impl Chain {
    /// All steps, the optional ones included, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.links.iter().flat_map(|link| match link {
            Link::Step(step) => std::slice::from_ref(step),
            Link::Optional(steps) => steps.as_slice(),
        })
    }
}

impl Pattern {
    /// Most steps in a pattern.
    pub const MAX_STEPS: usize = 24;

    /// The names given to steps, in order.
    pub fn names(&self) -> impl Iterator<Item = &Word> {
        self.chains.iter().flat_map(Chain::steps).filter_map(|s| s.name.as_ref())
    }
}

impl PartialEq for RegexText {
    fn eq(&self, other: &Self) -> bool {
        self.to_regex_source() == other.to_regex_source()
    }
}

impl Eq for RegexText {}

impl RegexText {
    /// The expression for the `regex` crate, flags included.
    #[must_use]
    pub fn to_regex_source(&self) -> String {
        match (self.ignores_case, self.dot_matches_line) {
            (false, false) => self.source.to_string(),
            (true, false) => format!("(?i){}", self.source),
            (false, true) => format!("(?s){}", self.source),
            (true, true) => format!("(?is){}", self.source),
        }
    }
}
