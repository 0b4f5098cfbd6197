//! Built-in pages whose front matter was read when Venin was built.

use std::ops::Deref;
use std::sync::Arc;

use venin_model::{Behavior, Confidence, Severity, Technique};

use super::{Page, RuleMeta};
use crate::pattern::parse_pattern;

/// What the build reads of a page: its front matter and where its patterns stand.
#[derive(Debug)]
pub(crate) struct PageAhead {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) behavior: Option<&'static str>,
    pub(crate) technique: Option<&'static str>,
    pub(crate) severity: &'static str,
    pub(crate) confidence: &'static str,
    pub(crate) weight: f64,
    pub(crate) attack: &'static [&'static str],
    pub(crate) since: &'static str,
    pub(crate) message: Option<&'static str>,
    pub(crate) primary: Option<&'static str>,
    pub(crate) message_offset: usize,
    pub(crate) body_offset: usize,
    /// First byte and end of each pattern in the page.
    pub(crate) patterns: &'static [(usize, usize)],
}

impl PageAhead {
    /// The page; `None` if it has to be parsed as a whole, because something in it is not what it should be.
    pub(crate) fn to_page(&self, path: &'static str, text: &'static str) -> Option<Page> {
        let parse = |(start, end): &(usize, usize)| parse_pattern(text.get(*start..*end)?).ok();
        let patterns =
            self.patterns.iter().map(parse).collect::<Option<Vec<_>>>().filter(|p| !p.is_empty())?;
        let rule = RuleMeta {
            id: Arc::from(self.id),
            title: Arc::from(self.title),
            behavior: optional(self.behavior, Behavior::parse)?,
            technique: optional(self.technique, Technique::parse)?,
            severity: Severity::parse(self.severity)?,
            confidence: Confidence::parse(self.confidence)?,
            weight: self.weight,
            attack: self.attack.iter().copied().map(Arc::from).collect(),
            since: Arc::from(self.since),
            message: self.message.map(Arc::from),
            primary: self.primary.map(Arc::from),
        };
        Some(Page {
            path: Arc::from(path),
            rule,
            patterns,
            pattern_offsets: self.patterns.iter().map(|(start, _)| *start).collect(),
            message_offset: self.message_offset,
            body_offset: self.body_offset,
            text: PageText::Builtin(text),
        })
    }
}

/// A word that may be absent; `None` if it is there and unknown.
#[expect(clippy::option_option, reason = "the outer is for a word that is not known, the inner for none")]
fn optional<T>(word: Option<&str>, parse: fn(&str) -> Option<T>) -> Option<Option<T>> {
    match word {
        None => Some(None),
        Some(word) => parse(word).map(Some),
    }
}

/// The text of a page: of a built-in one where the program has it anyway.
#[derive(Debug, Clone)]
pub(super) enum PageText {
    Builtin(&'static str),
    Own(Arc<str>),
}

impl Deref for PageText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Builtin(text) => text,
            Self::Own(text) => text,
        }
    }
}

impl PartialEq for PageText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
