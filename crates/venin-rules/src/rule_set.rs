//! The rules in force: the built-in pages and a user's own, compiled once.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::error::{Defect, PageError, Problem};
use crate::matcher::plan::{self, Plan};
use crate::matcher::{Memories, Message, parse_message};
use crate::page::{Page, PageAhead, RuleMeta, parse_page};
use crate::pattern::Pattern;
use crate::vocabulary::{KindAhead, Vocabulary};

/// A file of a rules folder: a page (`<family>/<rule>.md`), a list (`lists/<name>.txt`) or the kinds (`kinds.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleFile<'a> {
    /// `/`-separated path; what the file is, is read from it.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) page: Page,
    pub(crate) plans: Vec<Plan>,
    pub(crate) message: Option<Message>,
}

/// Compiled rules, in ascending order of id.  Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    vocabulary: Arc<Vocabulary>,
    memories: Arc<Memories>,
}

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

impl RuleSet {
    /// A set without rules, lists and kinds.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The rules that come with Venin, compiled at the first call.
    ///
    /// A built-in page with a defect is left out; a test holds that there is none.
    #[must_use]
    pub fn builtin() -> Self {
        static BUILTIN: OnceLock<RuleSet> = OnceLock::new();
        BUILTIN.get_or_init(load_builtin).clone()
    }

    /// The files that [`RuleSet::builtin`] is made of.
    #[must_use]
    pub fn builtin_files() -> &'static [RuleFile<'static>] {
        BUILTIN_FILES
    }

    /// This set with more pages, lists and kinds.  A page replaces a rule of the same id, a list or kind one of the
    /// same name.  Every regular expression is compiled now.
    ///
    /// # Errors
    /// Everything that is wrong with the files, at most one error a file.
    pub fn with_pages(&self, files: &[RuleFile<'_>]) -> Result<Self, Vec<PageError>> {
        let (set, mut errors) = load(self, files);
        errors.extend(set.check(files));
        if errors.is_empty() { Ok(set) } else { Err(errors) }
    }

    /// What is wrong with the built-in files, regular expressions included.  Empty in a release.
    #[must_use]
    pub fn builtin_problems() -> Vec<PageError> {
        let (set, mut errors) = load(&Self::empty(), BUILTIN_FILES);
        errors.extend(set.check(BUILTIN_FILES));
        errors
    }

    /// The rules' metadata, in ascending order of id.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &RuleMeta> {
        self.rules.iter().map(|r| &r.page.rule)
    }

    /// The pages, in ascending order of id.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = &Page> {
        self.rules.iter().map(|r| &r.page)
    }

    /// The page of a rule.
    #[must_use]
    pub fn page(&self, id: &str) -> Option<&Page> {
        let found = self.rules.binary_search_by(|r| (*r.page.rule.id).cmp(id)).ok()?;
        self.rules.get(found).map(|r| &r.page)
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(crate) fn compiled(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|r| &**r)
    }

    /// What the rules' expressions said of texts before.
    pub(crate) fn memories(&self) -> &Memories {
        &self.memories
    }

    /// Compiles the expressions of these files' rules, lists and kinds.
    fn check(&self, files: &[RuleFile<'_>]) -> Vec<PageError> {
        let mut errors = Vec::new();
        for rule in self.rules.iter().filter(|r| files.iter().any(|f| *f.path == *r.page.path)) {
            let bad = rule
                .plans
                .iter()
                .enumerate()
                .find_map(|(i, p)| Some(rule.page.locate_in_pattern(i, p.check().err()?)));
            errors.extend(bad);
        }
        let has_words = files.iter().any(|f| matches!(kind_of(f.path), FileKind::List | FileKind::Kinds));
        let bad_words = if has_words { self.vocabulary.check() } else { Vec::new() };
        for (name, why) in bad_words {
            let problem = Problem::Regex(format!("`{name}`: {why}"));
            errors.push(PageError {
                path: Arc::from("lists and kinds"),
                line: 1,
                column: 1,
                problem,
                hint: None,
            });
        }
        errors
    }
}

/// What a file of a rules folder is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FileKind {
    List,
    Kinds,
    Page,
    Other,
}

fn kind_of(path: &str) -> FileKind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, "txt")) if folder == "lists" => FileKind::List,
        Some(("kinds", "toml")) => FileKind::Kinds,
        Some((stem, "md")) if stem != "README" => FileKind::Page,
        _ => FileKind::Other,
    }
}

/// The built-in set, from what was read ahead.  What cannot be taken from there is parsed.
fn load_builtin() -> RuleSet {
    let mut vocabulary = Vocabulary::default();
    for list in BUILTIN_FILES.iter().filter(|f| kind_of(f.path) == FileKind::List) {
        // A defect is told by `builtin_problems`.
        let _ = vocabulary.add_list(list.path, list.text);
    }
    if KINDS_AHEAD.is_empty() || vocabulary.add_kinds_ahead(KINDS_AHEAD).is_err() {
        return load(&RuleSet::empty(), BUILTIN_FILES).0;
    }
    let mut rules = Vec::with_capacity(BUILTIN_FILES.len());
    for (file, ahead) in
        BUILTIN_FILES.iter().zip(READ_AHEAD).filter(|(f, _)| kind_of(f.path) == FileKind::Page)
    {
        let page = ahead.as_ref().and_then(|ahead| ahead.to_page(file.path, file.text));
        let page = page.map_or_else(|| parse_page(file.path, file.text), Ok);
        if let Ok(rule) = page.and_then(|page| compile(page, &vocabulary)) {
            rules.push(Arc::new(rule));
        }
    }
    rules.sort_by(|a, b| a.page.rule.id.cmp(&b.page.rule.id));
    RuleSet { rules, vocabulary: Arc::new(vocabulary), memories: Arc::default() }
}

/// Adds files to a set: lists first, because kinds name them, then kinds, because pages do.
fn load(base: &RuleSet, files: &[RuleFile<'_>]) -> (RuleSet, Vec<PageError>) {
    let mut errors = Vec::new();
    let mut vocabulary = (*base.vocabulary).clone();
    let of_kind = |kind| files.iter().filter(move |f| kind_of(f.path) == kind);
    errors.extend(of_kind(FileKind::List).filter_map(|f| vocabulary.add_list(f.path, f.text).err()));
    errors.extend(of_kind(FileKind::Kinds).filter_map(|f| vocabulary.add_kinds(f.path, f.text).err()));
    let vocabulary = Arc::new(vocabulary);

    let mut rules: FxHashMap<Arc<str>, Arc<Rule>> = FxHashMap::default();
    for file in of_kind(FileKind::Page) {
        match parse_page(file.path, file.text).and_then(|page| compile(page, &vocabulary)) {
            Ok(rule) => {
                let id = Arc::clone(&rule.page.rule.id);
                if rules.insert(Arc::clone(&id), Arc::new(rule)).is_some() {
                    let problem = Problem::Duplicate(id.to_string());
                    errors.push(Defect::new(0, problem).locate(&Arc::from(file.path), file.text, 0));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    for rule in &base.rules {
        rules.entry(Arc::clone(&rule.page.rule.id)).or_insert_with(|| Arc::clone(rule));
    }
    let mut rules: Vec<Arc<Rule>> = rules.into_values().collect();
    rules.sort_by(|a, b| a.page.rule.id.cmp(&b.page.rule.id));
    (RuleSet { rules, vocabulary, memories: Arc::default() }, errors)
}

fn compile(page: Page, vocabulary: &Vocabulary) -> Result<Rule, PageError> {
    let primary = page.rule.primary.as_deref();
    let compile_one =
        |(i, pattern)| plan::compile(pattern, primary, vocabulary).map_err(|d| page.locate_in_pattern(i, d));
    let plans = page.patterns.iter().enumerate().map(compile_one).collect::<Result<Vec<_>, _>>()?;
    let message = match page.rule.message.as_deref().map(parse_message).transpose() {
        Ok(message) => message,
        Err(why) => return Err(page.locate_in_message(why)),
    };
    if let Some(why) = message.as_ref().and_then(|m| defect_of(m, &page.patterns)) {
        return Err(page.locate_in_message(why));
    }
    Ok(Rule { page, plans, message })
}

/// What is wrong with the placeholders of a message.
fn defect_of(message: &Message, patterns: &[Pattern]) -> Option<String> {
    let steps = || patterns.iter().flat_map(|p| p.chains.iter()).flat_map(crate::pattern::Chain::steps);
    message.values().into_iter().find_map(|(name, what)| {
        let mut named = steps().filter(|s| s.name.as_ref().is_some_and(|n| *n.text == *name)).peekable();
        if named.peek().is_none() {
            return Some(format!("no step is named `{name}`"));
        }
        let is_told = named.any(|s| s.is_fact() || Message::is_told_of_events(what));
        (!is_told).then(|| format!("`{what}` is no role, and none of call, member, line, function"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_ahead_is_what_parsing_gives() {
        let (parsed, errors) = load(&RuleSet::empty(), BUILTIN_FILES);
        assert_eq!(errors, []);
        let ahead = load_builtin();
        assert_eq!(ahead.len(), parsed.len());
        for (a, b) in ahead.rules.iter().zip(&parsed.rules) {
            assert_eq!(a.page, b.page);
            assert_eq!(format!("{:?} {:?}", a.plans, a.message), format!("{:?} {:?}", b.plans, b.message));
        }
        assert_eq!(format!("{:?}", ahead.vocabulary), format!("{:?}", parsed.vocabulary));
    }

    #[test]
    fn every_page_and_kind_is_read_ahead() {
        assert_eq!(BUILTIN_FILES.len(), READ_AHEAD.len());
        for (file, ahead) in BUILTIN_FILES.iter().zip(READ_AHEAD) {
            let page = ahead.as_ref().and_then(|ahead| ahead.to_page(file.path, file.text));
            assert_eq!(page.is_some(), kind_of(file.path) == FileKind::Page, "{}", file.path);
        }
        assert!(!KINDS_AHEAD.is_empty());
    }
}
