//! Lists and kinds: the words a pattern may use about texts, kept as data.
//!
//! `rules/lists/<name>.txt` holds one entry a line, `rules/kinds.toml` one table a kind.  Nothing here is
//! compiled before a rule asks for it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use venin_model::Role;

use crate::error::{Defect, PageError, Problem};
use crate::lazy_regex::LazyRegex;

/// Everything rules can name: `@lists` and kinds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    lists: FxHashMap<Arc<str>, Arc<LazyRegex>>,
    list_sources: FxHashMap<Arc<str>, Arc<str>>,
    kinds: FxHashMap<Arc<str>, Vec<Arc<Kind>>>,
}

/// What a kind speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KindOf {
    /// Arguments in this role.
    Role(Role),
    /// Conditions on the way to an event.
    Condition,
}

/// A kind of text.
#[derive(Debug)]
pub(crate) struct Kind {
    roles: Vec<KindOf>,
    found: LazyRegex,
    never: Option<LazyRegex>,
}

impl Kind {
    /// Whether the kind speaks of this.
    pub(crate) fn is_about(&self, what: KindOf) -> bool {
        self.roles.contains(&what)
    }

    /// Whether the text is of this kind.
    pub(crate) fn takes(&self, text: &str) -> bool {
        self.found.is_match(text) && self.never.as_ref().is_none_or(|n| !n.is_match(text))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    #[serde(default)]
    kind: Vec<toml::Spanned<KindEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEntry {
    name: String,
    roles: Vec<String>,
    #[serde(default)]
    found: Vec<String>,
    #[serde(default)]
    lists: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    reason: String,
}

/// A built-in kind, read when Venin was built.
#[derive(Debug)]
pub(crate) struct KindAhead {
    pub(crate) name: &'static str,
    pub(crate) roles: &'static [&'static str],
    pub(crate) found: &'static [&'static str],
    pub(crate) lists: &'static [&'static str],
    pub(crate) never: &'static [&'static str],
    pub(crate) reason: &'static str,
}

impl KindAhead {
    fn to_entry(&self) -> KindEntry {
        let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        KindEntry {
            name: self.name.to_owned(),
            roles: owned(self.roles),
            found: owned(self.found),
            lists: owned(self.lists),
            never: owned(self.never),
            reason: self.reason.to_owned(),
        }
    }
}

impl Vocabulary {
    pub(crate) fn list(&self, name: &str) -> Option<&Arc<LazyRegex>> {
        self.lists.get(name)
    }

    pub(crate) fn list_names(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(|k| &**k)
    }

    /// The kinds of this name, whatever they speak of.
    pub(crate) fn kinds(&self, name: &str) -> &[Arc<Kind>] {
        self.kinds.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of the kinds that speak of one thing, or of any role.
    pub(crate) fn kind_names(&self, what: Option<KindOf>) -> Vec<&str> {
        let speaks = |kind: &Arc<Kind>| match what {
            Some(what) => kind.is_about(what),
            None => kind.roles.iter().any(|r| matches!(r, KindOf::Role(_))),
        };
        let mut names: Vec<&str> =
            self.kinds.iter().filter(|(_, k)| k.iter().any(speaks)).map(|(n, _)| &**n).collect();
        names.sort_unstable();
        names
    }

    /// Adds a list, replacing one of the same name.
    ///
    /// # Errors
    /// An entry without a comment.
    pub(crate) fn add_list(&mut self, path: &str, text: &str) -> Result<(), PageError> {
        let source = parse_list(text).map_err(|d| d.locate(&Arc::from(path), text, 0))?;
        let name: Arc<str> = Arc::from(stem(path));
        self.list_sources.insert(Arc::clone(&name), Arc::from(source.as_str()));
        self.lists.insert(name, Arc::new(LazyRegex::new(source)));
        Ok(())
    }

    /// Adds the kinds of a file, replacing those of the same name for the same roles.  Lists come first.
    ///
    /// # Errors
    /// What is wrong with the TOML, a role, a list or an expression.
    pub(crate) fn add_kinds(&mut self, path: &str, text: &str) -> Result<(), PageError> {
        let path: Arc<str> = Arc::from(path);
        let file: KindFile = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |s| s.start);
            Defect::new(offset, Problem::FrontMatter(error.message().to_owned())).locate(&path, text, 0)
        })?;
        for entry in file.kind {
            let offset = entry.span().start;
            self.add_kind(entry.into_inner(), offset).map_err(|d| d.locate(&path, text, 0))?;
        }
        Ok(())
    }

    /// Adds kinds that were read ahead, up to the first that is wrong.
    ///
    /// # Errors
    /// A role or a list is not known.
    pub(crate) fn add_kinds_ahead(&mut self, kinds: &[KindAhead]) -> Result<(), Defect> {
        kinds.iter().try_for_each(|kind| self.add_kind(kind.to_entry(), 0))
    }

    fn add_kind(&mut self, entry: KindEntry, offset: usize) -> Result<(), Defect> {
        if entry.reason.trim().is_empty() {
            return Err(Defect::new(
                offset,
                Problem::BadValue { key: "reason", rule: "says in one sentence what the kind is" },
            ));
        }
        let roles =
            entry.roles.iter().map(|role| parse_kind_of(role, offset)).collect::<Result<Vec<_>, _>>()?;
        let mut found = entry.found;
        for list in &entry.lists {
            let source = self.list_sources.get(list.as_str()).ok_or_else(|| {
                Defect::new(offset, Problem::UnknownWord { what: "list", word: list.clone() })
                    .suggest(list, self.list_names())
            })?;
            found.push(source.to_string());
        }
        if found.is_empty() || roles.is_empty() {
            return Err(Defect::new(
                offset,
                Problem::BadValue { key: "kind", rule: "needs `roles`, and `found` or `lists`" },
            ));
        }
        let never = (!entry.never.is_empty()).then(|| LazyRegex::new(alternation(&entry.never)));
        let kind = Kind { roles, found: LazyRegex::new(alternation(&found)), never };
        let same = self.kinds.entry(Arc::from(entry.name)).or_default();
        same.retain(|k| !k.roles.iter().any(|r| kind.roles.contains(r)));
        same.push(Arc::new(kind));
        Ok(())
    }

    /// Compiles every expression, which start-up does not.
    pub(crate) fn check(&self) -> Vec<(String, String)> {
        let lists = self.lists.iter().map(|(name, regex)| (format!("@{name}"), regex.check()));
        let kinds = self.kinds.iter().flat_map(|(name, kinds)| {
            kinds.iter().flat_map(move |k| {
                let never = k.never.as_ref().map_or(Ok(()), LazyRegex::check);
                [(name.to_string(), k.found.check()), (name.to_string(), never)]
            })
        });
        let mut bad: Vec<_> =
            lists.chain(kinds).filter_map(|(name, result)| Some((name, result.err()?))).collect();
        bad.sort();
        bad
    }
}

fn parse_kind_of(role: &str, offset: usize) -> Result<KindOf, Defect> {
    if role == "condition" {
        return Ok(KindOf::Condition);
    }
    Role::parse(role).map(KindOf::Role).ok_or_else(|| {
        Defect::new(offset, Problem::UnknownWord { what: "role", word: role.to_owned() })
            .suggest(role, Role::ALL.iter().map(|r| r.as_str()))
    })
}

/// The file's name without folders and extension.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// One expression that is found where one of these is, ignoring case.
fn alternation(sources: &[String]) -> String {
    let mut out = String::from("(?i)");
    for (i, source) in sources.iter().enumerate() {
        if i > 0 {
            out.push('|');
        }
        out.push_str("(?:");
        out.push_str(source);
        out.push(')');
    }
    out
}

/// Reads a list into one expression.
fn parse_list(text: &str) -> Result<String, Defect> {
    let mut entries = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            entries.push(parse_entry(trimmed).map_err(|mut d| {
                d.offset = offset;
                d
            })?);
        }
        offset += line.len();
    }
    // A list without entries is found nowhere.
    Ok(if entries.is_empty() { "[^\\s\\S]".to_owned() } else { alternation(&entries) })
}

fn parse_entry(line: &str) -> Result<String, Defect> {
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line.get(..*at).is_some_and(|before| before.ends_with([' ', '\t'])));
    let (entry, comment) = comment
        .and_then(|(at, _)| line.split_at_checked(at))
        .ok_or_else(|| Defect::new(0, Problem::NoComment))?;
    if comment.trim_start_matches('#').trim().is_empty() {
        return Err(Defect::new(0, Problem::NoComment));
    }
    let entry = entry.trim();
    match entry.strip_prefix('/').and_then(|e| e.strip_suffix('/')).filter(|e| !e.is_empty()) {
        Some(regex) => Ok(regex.to_owned()),
        None => Ok(word_expression(entry)),
    }
}

/// A word as an expression: `/` is either separator, `*` a run without separators, and an end that is a word
/// character is a word boundary.
fn word_expression(word: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut out = String::with_capacity(word.len() + 16);
    if is_word(word.chars().next()) {
        out.push_str("(?-u:\\b)");
    }
    for c in word.chars() {
        match c {
            '/' => out.push_str("[/\\\\]+"),
            '*' => out.push_str("[^/\\\\\\s]*"),
            c => out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if is_word(word.chars().next_back()) {
        out.push_str("(?-u:\\b)");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> LazyRegex {
        LazyRegex::new(parse_list(text).unwrap())
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_one() {
        let hosts = list("paste.example   # a paste service\n");
        assert!(hosts.is_match("https://api.Paste.example/raw"));
        assert!(!hosts.is_match("https://notpaste.example/raw"));
        assert!(!hosts.is_match("https://paste.examples/raw"));
    }

    #[test]
    fn words_take_both_separators_and_stars_stop_at_them() {
        let paths = list("# stores\n\nChrome/*/Login Data  # saved passwords\n/\\.kdbx$/ # password safes\n");
        assert!(paths.is_match("x\\Chrome\\Default\\login data"));
        assert!(paths.is_match("my.kdbx"));
        assert!(!paths.is_match("Chrome/a/b/Login Data"));
    }

    #[test]
    fn an_entry_without_a_comment_is_an_error_with_its_line() {
        let mut words = Vocabulary::default();
        let error = words.add_list("lists/x.txt", "a # b\nc\n").unwrap_err();
        assert_eq!((error.line, error.problem), (2, Problem::NoComment));
    }

    #[test]
    fn a_kind_joins_expressions_and_lists_and_excludes() {
        let mut words = Vocabulary::default();
        words.add_list("lists/pastes.txt", "paste.example # x").unwrap();
        let text = "[[kind]]\nname = \"odd\"\nroles = [\"url\"]\nfound = ['\\.zip$']\nlists = [\"pastes\"]\nnever = ['safe']\nreason = \"r\"\n";
        words.add_kinds("kinds.toml", text).unwrap();
        let [kind] = words.kinds("odd") else { panic!("one kind") };
        assert!(kind.takes("http://h.example/a.ZIP") && kind.takes("paste.example"));
        assert!(!kind.takes("http://h.example/safe.zip"));
        assert_eq!(words.check(), []);
    }
}
