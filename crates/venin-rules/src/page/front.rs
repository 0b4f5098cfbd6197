//! The front matter of a page: what the rule is, in TOML between two `+++` lines.

use std::sync::Arc;

use serde::Deserialize;
use venin_model::{Behavior, Confidence, Severity, Technique};

use crate::error::{Defect, Problem};
use crate::vocabulary::stem;

/// What a rule says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleMeta {
    /// The id: kebab-case, the name of the file, named for what is seen.
    pub id: Arc<str>,
    /// One line in the present tense.
    pub title: Arc<str>,
    /// The behavior it speaks for.
    pub behavior: Option<Behavior>,
    /// The technique it speaks for.
    pub technique: Option<Technique>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Its share of the score in log-odds, as the author judges it.
    pub weight: f64,
    /// MITRE ATT&CK technique ids.
    pub attack: Vec<Arc<str>>,
    /// The version of Venin that had it first.
    pub since: Arc<str>,
    /// The message as written, if there is one.
    pub message: Option<Arc<str>>,
    /// The name of the primary step, if the page names it.
    pub primary: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    behavior: Option<Text<'a>>,
    #[serde(borrow)]
    technique: Option<Text<'a>>,
    #[serde(borrow)]
    severity: Text<'a>,
    #[serde(borrow)]
    confidence: Text<'a>,
    weight: toml::Spanned<f64>,
    #[serde(borrow, default)]
    attack: Vec<Text<'a>>,
    #[serde(borrow)]
    since: Text<'a>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    primary: Option<Text<'a>>,
}

type Text<'a> = toml::Spanned<std::borrow::Cow<'a, str>>;

/// The front matter and where the rest of the page begins.
pub(super) struct FrontMatter {
    pub(super) rule: RuleMeta,
    /// Byte offset of the value of `message`, for errors in it.
    pub(super) message_offset: usize,
    pub(super) body_offset: usize,
}

const FENCE: &str = "+++";

/// Splits the page at its `+++` lines: the TOML, its offset, and the offset of the rest.
fn split(text: &str) -> Result<(&str, usize, usize), Defect> {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if first.trim_end() != FENCE {
        return Err(Defect::new(0, Problem::NoFrontMatter)
            .hint("the first line is `+++`, then the keys, then `+++` again"));
    }
    let start = first.len();
    let mut at = start;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Ok((text.get(start..at).unwrap_or_default(), start, at + line.len()));
        }
        at += line.len();
    }
    Err(Defect::new(0, Problem::UnclosedFrontMatter))
}

/// Reads the front matter of the page at this path.
pub(super) fn parse_front_matter(path: &str, text: &str) -> Result<FrontMatter, Defect> {
    let (source, start, body_offset) = split(text)?;
    let front: Front<'_> = toml::from_str(source).map_err(|error| {
        let offset = error.span().map_or(0, |s| s.start);
        Defect::new(start + offset, Problem::FrontMatter(error.message().trim().to_owned()))
    })?;
    let id = check_id(path, &front.id).map_err(|d| moved(d, start))?;
    let message_offset = start + front.message.as_ref().map_or(0, |m| m.span().start);
    let rule = check_values(id, &front).map_err(|d| moved(d, start))?;
    Ok(FrontMatter { rule, message_offset, body_offset })
}

fn moved(mut defect: Defect, by: usize) -> Defect {
    defect.offset += by;
    defect
}

fn check_id(path: &str, id: &Text<'_>) -> Result<Arc<str>, Defect> {
    let (offset, id) = (id.span().start, id.get_ref());
    let is_kebab =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !id.split('-').all(is_kebab) {
        return Err(Defect::new(
            offset,
            Problem::BadValue { key: "id", rule: "is kebab-case: lower-case words joined by `-`" },
        ));
    }
    let file = stem(path);
    if file != id {
        return Err(Defect::new(
            offset,
            Problem::IdIsNotFileName { id: id.to_string(), file: file.to_owned() },
        ));
    }
    Ok(Arc::from(&**id))
}

fn check_values(id: Arc<str>, front: &Front<'_>) -> Result<RuleMeta, Defect> {
    let own = |text: &Text<'_>| -> Arc<str> { Arc::from(text.get_ref().trim()) };
    let behavior = front
        .behavior
        .as_ref()
        .map(|t| parse_word("behavior", t, Behavior::parse, Behavior::ALL))
        .transpose()?;
    let technique = front
        .technique
        .as_ref()
        .map(|t| parse_word("technique", t, Technique::parse, Technique::ALL))
        .transpose()?;
    if behavior.is_none() && technique.is_none() {
        return Err(Defect::new(0, Problem::NoBehavior).hint("set `behavior`, `technique` or both"));
    }
    let weight = *front.weight.get_ref();
    if !(0.0..=10.0).contains(&weight) {
        return Err(bad("weight", "is a number of log-odds from 0 to 10", front.weight.span().start));
    }
    if front.title.get_ref().trim().is_empty() || front.title.get_ref().contains('\n') {
        return Err(bad("title", "is one line of text", front.title.span().start));
    }
    if !front
        .since
        .get_ref()
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(bad("since", "is a version such as `0.1`", front.since.span().start));
    }
    if let Some(odd) = front.attack.iter().find(|t| !is_attack_id(t.get_ref())) {
        return Err(bad("attack", "holds ids such as `T1105` or `T1059.006`", odd.span().start));
    }
    Ok(RuleMeta {
        id,
        title: own(&front.title),
        behavior,
        technique,
        severity: parse_word("severity", &front.severity, Severity::parse, Severity::ALL)?,
        confidence: parse_word("confidence", &front.confidence, Confidence::parse, Confidence::ALL)?,
        weight,
        attack: front.attack.iter().map(own).collect(),
        since: own(&front.since),
        message: front.message.as_ref().map(own),
        primary: front.primary.as_ref().map(own),
    })
}

fn bad(key: &'static str, rule: &'static str, offset: usize) -> Defect {
    Defect::new(offset, Problem::BadValue { key, rule })
}

fn parse_word<T: Copy + std::fmt::Display>(
    key: &'static str,
    text: &Text<'_>,
    parse: fn(&str) -> Option<T>,
    all: &[T],
) -> Result<T, Defect> {
    parse(text.get_ref()).ok_or_else(|| {
        let known: Vec<String> = all.iter().map(ToString::to_string).collect();
        Defect::new(text.span().start, Problem::UnknownValue { key, value: text.get_ref().to_string() })
            .suggest(text.get_ref(), known.iter().map(String::as_str))
    })
}

fn is_attack_id(id: &str) -> bool {
    let is_number =
        |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = id.strip_prefix('T') else { return false };
    match rest.split_once('.') {
        None => is_number(rest, 4),
        Some((technique, part)) => is_number(technique, 4) && is_number(part, 3),
    }
}
