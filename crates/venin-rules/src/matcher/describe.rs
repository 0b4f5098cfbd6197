//! Turns a match into a finding that a reader understands: message, evidence, origins.
//!
//! What is quoted from an artifact is shortened, freed of control characters and has its secrets masked.

use std::fmt::Write as _;
use std::sync::Arc;

use venin_model::{
    Action, Argument, Event, Evidence, Fact, Family, Finding, MOST_DECODINGS, OriginKind, OriginKinds,
    Origins, Role, trace_decodings,
};

use super::eval::{Bound, arguments, text_in_role};
use super::fold::Match;
use super::index::Index;
use super::plan::Plan;
use crate::pattern::Subject;
use crate::rule_set::Rule;

/// Longest text quoted in a message or in evidence, in characters.
const MOST_QUOTED: usize = 80;
/// Most arguments told of one event, and most events of a repeated step.
const MOST_TOLD: usize = 4;
/// Most origins told of one argument.
const MOST_ORIGINS: usize = 8;

/// A message with placeholders.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    /// `{step.what}`
    Value(String, String),
    /// `[...]`: left out when a value in it is not known.
    Optional(Vec<Part>),
}

/// Reads a message: text, `{step.what}` and `[parts that go when a value is missing]`.
///
/// # Errors
/// A sentence without a full stop.
pub(crate) fn parse_message(text: &str) -> Result<Message, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, after) = rest.split_at(at);
        let (inside, tail) = after.get(1..).and_then(|a| a.split_once(']')).ok_or("`[` has no `]`")?;
        if inside.contains('[') {
            return Err("optional parts do not nest".to_owned());
        }
        parse_values(before, &mut parts)?;
        let mut inner = Vec::new();
        parse_values(inside, &mut inner)?;
        parts.push(Part::Optional(inner));
        rest = tail;
    }
    parse_values(rest, &mut parts)?;
    Ok(Message(parts))
}

fn parse_values(text: &str, parts: &mut Vec<Part>) -> Result<(), String> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, tail) = after.split_once('}').ok_or("`{` has no `}`")?;
        let (step, what) =
            inside.split_once('.').ok_or_else(|| format!("`{{{inside}}}` is not `{{step.role}}`"))?;
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Value(step.trim().to_owned(), what.trim().to_ascii_lowercase()));
        rest = tail;
    }
    if rest.contains(['}', ']']) {
        return Err("a closing bracket has no opening one".to_owned());
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(())
}

impl Message {
    /// The placeholders, as pairs of step and what is told of it.
    pub(crate) fn values(&self) -> Vec<(&str, &str)> {
        fn collect<'a>(parts: &'a [Part], into: &mut Vec<(&'a str, &'a str)>) {
            for part in parts {
                match part {
                    Part::Text(_) => {}
                    Part::Value(step, what) => into.push((step, what)),
                    Part::Optional(inner) => collect(inner, into),
                }
            }
        }
        let mut values = Vec::new();
        collect(&self.0, &mut values);
        values
    }

    /// Whether a placeholder tells something that events have.
    pub(crate) fn is_told_of_events(what: &str) -> bool {
        matches!(what, "call" | "member" | "line" | "function") || Role::parse(what).is_some()
    }

    fn render(&self, found: &Match<'_>, index: &Index<'_>) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(step, what) => match value_of(found, index, step, what) {
                    Some(value) => out.push_str(&value),
                    None => {
                        let _ = write!(out, "an unknown {what}");
                    }
                },
                Part::Optional(inner) => {
                    let rendered = inner.iter().map(|p| match p {
                        Part::Text(text) => Some(text.clone()),
                        Part::Value(step, what) => value_of(found, index, step, what),
                        Part::Optional(_) => None,
                    });
                    if let Some(texts) = rendered.collect::<Option<Vec<_>>>() {
                        out.extend(texts);
                    }
                }
            }
        }
        out
    }
}

fn value_of(found: &Match<'_>, index: &Index<'_>, step: &str, what: &str) -> Option<String> {
    let named = |(plan, _): &(&super::plan::PlanStep, &Bound)| plan.name.as_deref() == Some(step);
    let (_, bound) = found.plan.steps.iter().zip(&found.bindings).find(named)?;
    if let Bound::Fact(id) = bound {
        let fact = index.fact(*id)?;
        return match what {
            "message" => Some(quote(&fact.message)),
            "member" => fact.site.as_ref().map(|s| quote(&s.member)),
            other => fact.detail(other).map(quote),
        };
    }
    let events: Vec<&Event> = bound.events().iter().filter_map(|id| index.event(*id)).collect();
    let mut texts: Vec<String> = events.iter().filter_map(|e| told_of_event(e, what)).collect();
    texts.dedup();
    texts.truncate(MOST_TOLD);
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn told_of_event(event: &Event, what: &str) -> Option<String> {
    match what {
        "call" => Some(quote(&event.name)),
        "member" => Some(quote(&event.site.member)),
        "line" => Some(event.site.line.to_string()),
        "function" => event.function.as_deref().map(quote),
        role => text_in_role(event, Role::parse(role)?).map(quote),
    }
}

/// The finding of a match.
pub(super) fn render_finding(rule: &Rule, found: &Match<'_>, index: &Index<'_>) -> Finding {
    let meta = &rule.page.rule;
    Finding {
        rule: Arc::clone(&meta.id),
        title: Arc::clone(&meta.title),
        behavior: meta.behavior,
        technique: meta.technique,
        severity: meta.severity,
        confidence: meta.confidence,
        weight: meta.weight,
        message: rule
            .message
            .as_ref()
            .map_or_else(|| Arc::clone(&meta.title), |m| Arc::from(m.render(found, index))),
        site: found.site.cloned(),
        decoding: trace_finding(found, index),
        trigger: found.trigger,
        origins: render_origins(found, index),
        attack: meta.attack.clone(),
        evidence: render_evidence(found.plan, &found.bindings, index),
        further: 0,
    }
}

fn render_evidence(plan: &Plan, bindings: &[Bound], index: &Index<'_>) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = Vec::new();
    // Exclusions come last among the steps and are never matched in a finding.
    for bound in plan.steps.iter().zip(bindings).map(|(_, b)| b) {
        if let Bound::Fact(id) = bound {
            evidence.extend(index.fact(*id).map(evidence_of_fact));
        }
        evidence.extend(
            bound.events().iter().take(MOST_TOLD).filter_map(|id| index.event(*id)).map(evidence_of_event),
        );
    }
    let mut seen = Vec::new();
    evidence.retain(|e| {
        let is_new = e.event.is_none() || !seen.contains(&e.event);
        seen.push(e.event);
        is_new
    });
    evidence
}

/// A fact as the step of a finding that it is evidence of.
#[must_use]
pub fn evidence_of_fact(fact: &Fact) -> Evidence {
    let detail = Arc::from(quote(&fact.message));
    Evidence { step: Arc::clone(&fact.kind), event: None, site: fact.site.clone(), detail }
}

fn evidence_of_event(event: &Event) -> Evidence {
    let told = event.arguments.iter().filter_map(told_of_argument).take(MOST_TOLD);
    Evidence {
        step: Arc::from(format!("{} {}", event.class, quote(&event.name))),
        event: Some(event.id),
        site: Some(event.site.clone()),
        detail: Arc::from(told.collect::<Vec<_>>().join(", ")),
    }
}

fn told_of_argument(argument: &Argument) -> Option<String> {
    let name = argument.keyword.as_deref().unwrap_or(argument.role.as_str());
    let beyond_literal = argument.origins.kinds.without(OriginKind::Literal);
    match &argument.value {
        Some(value) => Some(render_assignment(name, &quote(&value.text))),
        None if !beyond_literal.is_empty() => Some(format!("{name} from {}", names_of(beyond_literal))),
        None => None,
    }
}

/// `name = "text"`, with the escapes of Rust but for backslashes.
fn render_assignment(name: &str, text: &str) -> String {
    // To know that the brackets of a hole can be printed, the library searches its tables for a long time.
    let is_plain = |c: char| matches!(c, ' '..='~' | '⟨' | '⟩' | '…') && !matches!(c, '"' | '\\');
    if text.chars().all(is_plain) && !name.contains('\\') {
        return format!("{name} = \"{text}\"");
    }
    format!("{name} = {text:?}").replace("\\\\", "\\")
}

fn names_of(kinds: OriginKinds) -> String {
    kinds.iter().map(OriginKind::as_str).collect::<Vec<_>>().join(", ")
}

/// Where the decisive argument of the primary step came from.
fn render_origins(found: &Match<'_>, index: &Index<'_>) -> Vec<Arc<str>> {
    primary_event(found, index).map_or_else(Vec::new, |e| list_origins(decisive_origins(found, e), index))
}

fn primary_event<'a>(found: &Match<'_>, index: &Index<'a>) -> Option<&'a Event> {
    found.bindings.get(found.plan.primary)?.events().first().and_then(|id| index.event(*id))
}

/// The decodings of the primary step's layer, and then those of its decisive argument.
fn trace_finding(found: &Match<'_>, index: &Index<'_>) -> Vec<Arc<str>> {
    let Some(event) = primary_event(found, index) else { return Vec::new() };
    let mut chain = event.decoding.clone();
    chain.extend(trace_decodings(decisive_origins(found, event), |id| index.event(id.0)));
    chain.truncate(MOST_DECODINGS);
    chain
}

/// The origins of the argument that the primary step's conditions speak of, or else of all that went in.
fn decisive_origins<'e>(found: &Match<'_>, event: &'e Event) -> &'e Origins {
    let subject = found.plan.steps.get(found.plan.primary).and_then(super::plan::PlanStep::decisive_subject);
    let of_subject = subject.filter(|s| **s != Subject::Input).and_then(|s| {
        let told = |a: &&Argument| {
            !a.origins.events.is_empty() || !a.origins.kinds.without(OriginKind::Literal).is_empty()
        };
        arguments(s, event).find(told).map(|a| &a.origins)
    });
    of_subject.unwrap_or(&event.input)
}

fn list_origins(origins: &Origins, index: &Index<'_>) -> Vec<Arc<str>> {
    let mut told = OriginKinds::NONE;
    let mut list: Vec<Arc<str>> = Vec::new();
    for event in origins.events.iter().filter_map(|id| index.event(id.0)) {
        let Some(kind) = origin_of(event).filter(|k| origins.kinds.contains(*k)) else { continue };
        told = told.union(OriginKinds::of(kind));
        let line: Arc<str> = Arc::from(format!("{kind} ({}, line {})", quote(&event.name), event.site.line));
        if !list.contains(&line) {
            list.push(line);
        }
    }
    list.extend(origins.kinds.iter().filter(|k| !told.contains(*k)).map(|k| Arc::from(k.as_str())));
    list.truncate(MOST_ORIGINS);
    list
}

/// The kind of origin that the result of a call is, by its class.
fn origin_of(event: &Event) -> Option<OriginKind> {
    Some(match (event.class.family, event.class.action) {
        (Family::Cn | Family::Cr, _) => OriginKind::Network,
        (Family::Cf, _) => OriginKind::File,
        (Family::Ch, Action::Env) => OriginKind::Env,
        (Family::Ch, Action::Capture | Action::Input | Action::Clipboard) => OriginKind::User,
        (Family::Ch, _) => OriginKind::Host,
        (Family::Cs, _) => OriginKind::Process,
        (Family::Ce, Action::Decode | Action::Decrypt | Action::Decompress) => OriginKind::Decoded,
        _ => return None,
    })
}

/// A text of the artifact as it may be shown: one line, at most 80 characters, secrets masked.
fn quote(text: &str) -> String {
    // Masking sees what is shown and a little more, so that a cut secret is still known as one.
    let start = first_characters(text, MOST_QUOTED * 4);
    let mut clean = mask_secrets(start);
    if clean.chars().any(is_unprintable) {
        clean = clean.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    }
    let clean = clean.trim();
    if start.len() == text.len() && clean.chars().count() <= MOST_QUOTED {
        return clean.to_owned();
    }
    [first_characters(clean, MOST_QUOTED - 1), "…"].concat()
}

/// The start of a text, at most so many characters.
fn first_characters(text: &str, most: usize) -> &str {
    let end = match text.as_bytes().get(..most) {
        None => None,
        Some(start) if start.is_ascii() => Some(most),
        Some(_) => text.char_indices().nth(most).map(|(at, _)| at),
    };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Control characters, and those that change the direction of the text around them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text with everything that looks like a key or token cut to its first four characters.
///
/// A secret is a run of at least 20 letters, digits, `_` and `-` with upper case, lower case and digits in it, at
/// least 32 hexadecimal digits, or an upper-case key of a well-known prefix.  Nothing else is changed.
#[must_use]
pub fn mask_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut kept) = (0, 0);
    for run in text.as_bytes().split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-')) {
        let end = at + run.len();
        if is_secret(run) {
            out.push_str(text.get(kept..at + 4).unwrap_or_default());
            out.push('…');
            kept = end;
        }
        at = end + 1;
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    out
}

fn is_secret(run: &[u8]) -> bool {
    if run.len() < 20 {
        return false;
    }
    let has = |test: fn(&u8) -> bool| run.iter().any(test);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_hexadecimal =
        || run.len() >= 32 && run.iter().all(u8::is_ascii_hexdigit) && has(u8::is_ascii_digit);
    let is_prefixed = || {
        ["AKIA", "ASIA", "ghp_", "gho_", "xox", "pypi-", "sk-"].iter().any(|p| run.starts_with(p.as_bytes()))
    };
    is_mixed || is_hexadecimal() || is_prefixed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_is_shown_as_any_other() {
        let texts = [
            "",
            "a b",
            "⟨os.environ[A]⟩/x…",
            "it's",
            "a\"b",
            "C:\\x\\y",
            "a\nb",
            "é⟨x⟩",
            "\u{202e}",
            "\u{301}a",
        ];
        for (name, text) in texts.iter().flat_map(|text| ["path", "a\\b"].map(|name| (name, text))) {
            let slow = format!("{name} = {text:?}").replace("\\\\", "\\");
            assert_eq!(render_assignment(name, text), slow);
        }
    }

    #[test]
    fn secrets_keep_four_characters_and_prose_keeps_all() {
        assert_eq!(
            mask_secrets("https://hooks.example/api/webhooks/1/aB3dEfGhIjKlMnOpQrStUvWx"),
            "https://hooks.example/api/webhooks/1/aB3d…"
        );
        assert_eq!(mask_secrets("bot123:AAH4xyzabcdefghijklmnopQ"), "bot123:AAH4…");
        assert_eq!(mask_secrets("0123456789abcdef0123456789abcdef"), "0123…");
        assert_eq!(mask_secrets("a-very-long-name-with-2-digits"), "a-very-long-name-with-2-digits");
        assert_eq!(mask_secrets(""), "");
    }

    #[test]
    fn a_quotation_is_one_short_line() {
        assert_eq!(quote("a\nb\u{202e}c"), "a b c");
        let long = quote(&"x ".repeat(200));
        assert_eq!(long.chars().count(), MOST_QUOTED);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_message_names_its_values() {
        let message = parse_message("gets {a.url}[ into {b.PATH}]").unwrap();
        assert_eq!(message.values(), [("a", "url"), ("b", "path")]);
        assert_eq!(parse_message("x {a}").unwrap_err(), "`{a}` is not `{step.role}`");
        assert!(parse_message("x {a.b").is_err());
        assert!(parse_message("x ]").is_err());
        assert!(parse_message("[a [b]]").is_err());
    }
}
