//! Whether a compiled test holds for an event or a fact.

use std::borrow::Cow;

use venin_model::{Argument, Condition, Event, Fact, Family, Origins, Role};

use super::address::{part_of_address, site_of};
use super::index::Index;
use super::plan::{Check, Expr, Plan, PlanChoice, PlanStep, Select, TextMatch};
use super::same_path::{self, NormalPath, Scope};
use super::started;
use crate::pattern::{Compare, Repeat, Selector, Subject, WhenPart};
use crate::vocabulary::Kind;

/// What a step was matched to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// Not decided yet.
    Unset,
    /// An optional step without a match.
    Skipped,
    /// One event.
    One(u32),
    /// The events of a repeated step, ascending.
    Many(Vec<u32>),
    /// A fact.
    Fact(u32),
}

impl Bound {
    /// The events, ascending.
    pub(super) fn events(&self) -> &[u32] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
            Self::Unset | Self::Skipped | Self::Fact(_) => &[],
        }
    }

    /// Whether the step matched something.
    pub(super) fn is_matched(&self) -> bool {
        matches!(self, Self::One(_) | Self::Many(_) | Self::Fact(_))
    }
}

/// An event or a fact.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Event(&'a Event),
    Fact(&'a Fact),
}

/// What tests may look at.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) plan: &'a Plan,
    pub(super) bindings: &'a [Bound],
}

impl Context<'_> {
    /// Whether a step takes an item, as far as the item alone can tell.
    pub(super) fn holds_local(&self, step: &PlanStep, item: Item<'_>) -> bool {
        self.all(&step.local, item)
            && match step.choices.as_slice() {
                // What the only selector takes need not be asked again.
                [only] => self.all(&only.local, item),
                several => several.iter().any(|c| selects(c, item) && self.all(&c.local, item)),
            }
    }

    /// Whether the tests of a step that need other steps hold.
    pub(super) fn holds_cross(&self, step: &PlanStep, item: Item<'_>) -> bool {
        let takes = |c: &PlanChoice| self.all(&c.cross, item);
        self.all(&step.cross, item)
            && match step.choices.as_slice() {
                [only] => takes(only),
                several if several.iter().all(|c| c.cross.is_empty()) => true,
                several => several.iter().any(|c| selects(c, item) && self.all(&c.local, item) && takes(c)),
            }
    }

    fn all(&self, tests: &[Expr], item: Item<'_>) -> bool {
        tests.iter().all(|t| self.holds(t, item))
    }

    fn holds(&self, test: &Expr, item: Item<'_>) -> bool {
        match test {
            Expr::All(tests) => self.all(tests, item),
            Expr::Either(tests) => tests.iter().any(|t| self.holds(t, item)),
            Expr::Not(test) => !self.holds(test, item),
            Expr::Check(check) => match item {
                Item::Event(event) => self.holds_on_event(check, event),
                Item::Fact(fact) => holds_on_fact(check, fact),
            },
        }
    }

    fn holds_on_event(&self, check: &Check, event: &Event) -> bool {
        match check {
            Check::Known(subject) => is_known(subject, event),
            Check::Text(subject, test) => texts(subject, event).any(|t| self.takes(test, t)),
            Check::Kinds(subject, kinds) => arguments(subject, event).any(|a| {
                let text = a.value.as_ref().map_or(Some("⟨?⟩"), |v| seen_as(a, &v.text, subject));
                text.is_some_and(|t| kinds.iter().any(|k| self.is_of_kind(k, t)))
            }),
            Check::Size(subject, compare, number) => arguments(subject, event)
                .filter_map(|a| a.value.as_ref())
                .any(|v| compares(v.size as f64, *compare, *number)),
            Check::Number(subject, compare, number) => {
                texts(subject, event).filter_map(parse_number).any(|n| compares(n, *compare, *number))
            }
            Check::From(subject, kinds, steps) => origins(subject, event).any(|origins| {
                kinds.iter().any(|k| origins.kinds.contains(k))
                    || steps.iter().any(|s| self.carries(origins, *s))
            }),
            Check::Same(subject, step) => self.is_same(subject, event, *step),
            Check::Trigger(triggers) => triggers.contains(event.trigger),
            Check::Automatic => event.trigger.is_automatic(),
            Check::Unused => event.is_unused,
            Check::Layer(compare, number) => compares(f64::from(event.site.layer), *compare, *number),
            Check::WhenKinds(kinds) => event.conditions.iter().any(|c| {
                let text = condition_text(c, WhenPart::Both);
                kinds.iter().any(|k| k.takes(&text))
            }),
            Check::When(part, test) => event.conditions.iter().any(|c| test.takes(&condition_text(c, *part))),
        }
    }

    fn takes(&self, test: &TextMatch, text: &str) -> bool {
        match test {
            TextMatch::Equals(_) => test.takes(text),
            TextMatch::Regex(..) => self.index.answers.recall(test, text, || test.takes(text)),
            TextMatch::List(list) => self.index.answers.recall(&**list, text, || test.takes(text)),
        }
    }

    fn is_of_kind(&self, kind: &Kind, text: &str) -> bool {
        self.index.answers.recall(kind, text, || kind.takes(text))
    }

    /// Whether the value carries the result of a step: of as many of its events as the step asks for.
    fn carries(&self, origins: &Origins, step: usize) -> bool {
        let events = self.bindings.get(step).map_or(&[][..], Bound::events);
        let least = self.plan.steps.get(step).and_then(|s| s.repeat).map_or(1, |r: Repeat| r.least as usize);
        let carried = events.iter().filter(|id| origins.comes_from(venin_model::EventId(**id))).count();
        carried >= least
    }

    fn is_same(&self, subject: &Subject, event: &Event, step: usize) -> bool {
        let others = || self.events_of(step);
        match subject {
            Subject::Role(Role::Path | Role::Target, None) => {
                self.names_file_of(event, &[Role::Path, Role::Target], step)
                    || (self.names_file_of(event, &[Role::Command], step) && self.may_start(event, step))
            }
            Subject::Role(Role::Command, None) => self.names_file_of(event, &[Role::Command], step),
            Subject::Role(..) | Subject::Any => {
                let carried = arguments(subject, event).any(|a| self.carries(&a.origins, step));
                carried || others().any(|(_, other)| reads_alike(subject, event, other))
            }
            Subject::Member if matches!(self.bindings.get(step), Some(Bound::Fact(_))) => {
                self.member_of_fact(step) == Some(&*event.site.member)
            }
            _ => others().any(|(_, other)| reads_alike(subject, event, other)),
        }
    }

    /// Whether arguments of these roles carry the result of a step, or name the file that it made or used.
    fn names_file_of(&self, event: &Event, roles: &[Role], step: usize) -> bool {
        let carries =
            event.arguments.iter().any(|a| roles.contains(&a.role) && self.carries(&a.origins, step));
        carries || {
            let paths = self.index.paths(event.id.0);
            let seen = paths.iter().filter(|p| roles.contains(&p.role));
            self.events_of(step).any(|(id, maker)| {
                let scope = Scope::of(event, maker);
                same_path::is_same_file(&seen, &self.index.paths(id), maker, scope)
            })
        }
    }

    /// Whether an event that starts programs may start a file of a step; any other does with it what it does.
    fn may_start(&self, event: &Event, step: usize) -> bool {
        if event.class.family != Family::Cs {
            return true;
        }
        let made: Vec<_> = self.events_of(step).map(|(id, _)| self.index.paths(id)).collect();
        let files = made.iter().flat_map(|paths| paths.iter()).filter(|p| p.role != Role::Command);
        let files: Vec<&str> = files.map(NormalPath::text).collect();
        let commands = self.index.paths(event.id.0);
        let mut commands = commands.iter().filter(|p| p.role == Role::Command);
        commands.any(|command| started::may_start(command.text(), &files))
    }

    /// The events bound to a step.
    fn events_of(&self, step: usize) -> impl Iterator<Item = (u32, &Event)> {
        let bound = self.bindings.get(step).map_or(&[][..], Bound::events);
        bound.iter().filter_map(|id| self.index.event(*id).map(|e| (*id, e)))
    }

    /// The member that the fact bound to a step lies in.
    fn member_of_fact(&self, step: usize) -> Option<&str> {
        let Some(Bound::Fact(id)) = self.bindings.get(step) else { return None };
        self.index.fact(*id)?.site.as_ref().map(|site| &*site.member)
    }
}

/// Whether two events have a text in common that a subject speaks of.
fn reads_alike(subject: &Subject, a: &Event, b: &Event) -> bool {
    texts(subject, a).any(|mine| texts(subject, b).any(|theirs| mine == theirs))
}

fn selects(choice: &PlanChoice, item: Item<'_>) -> bool {
    match (&choice.selector, item) {
        (Select::Bound(_), _) => true,
        (Select::Plain(Selector::Class(class)), Item::Event(event)) => class.covers(event.class),
        (Select::Plain(Selector::Call(glob)), Item::Event(event)) => glob.matches(&event.name),
        (Select::Plain(Selector::Fact(glob)), Item::Fact(fact)) => glob.matches(&fact.kind),
        _ => false,
    }
}

/// The arguments a subject speaks of.
pub(super) fn arguments<'e>(subject: &Subject, event: &'e Event) -> impl Iterator<Item = &'e Argument> {
    event.arguments.iter().filter(move |a| match subject {
        Subject::Role(role, None) => is_in_role(a, *role),
        Subject::Role(role, Some(keyword)) => a.role == *role && a.keyword.as_deref() == Some(&**keyword),
        Subject::Any => true,
        Subject::Site => matches!(a.role, Role::Url | Role::Host),
        _ => false,
    })
}

/// The texts a subject speaks of.
fn texts<'e>(subject: &Subject, event: &'e Event) -> impl Iterator<Item = &'e str> {
    let (one, several) = match subject {
        Subject::Call => (Some(&*event.name), &[][..]),
        Subject::Member => (Some(&*event.site.member), &[][..]),
        Subject::Function => (event.function.as_deref(), &[][..]),
        Subject::DecodedBy => (None, event.decoding.as_slice()),
        _ => (None, &[][..]),
    };
    let known = arguments(subject, event).filter_map(|a| seen_as(a, &a.value.as_ref()?.text, subject));
    one.into_iter().chain(several.iter().map(|s| &**s)).chain(known)
}

/// The part of an argument's text that a subject speaks of: of an address, the host or the port.
fn seen_as<'e>(argument: &Argument, text: &'e str, subject: &Subject) -> Option<&'e str> {
    match (argument.role, subject) {
        (Role::Host, Subject::Role(role, _)) => part_of_address(text, *role),
        (_, Subject::Site) => site_of(text),
        _ => Some(text),
    }
}

/// The first known text of an event in a role.
pub(super) fn text_in_role(event: &Event, role: Role) -> Option<&str> {
    let wanted = Subject::Role(role, None);
    event
        .arguments
        .iter()
        .filter(|a| is_in_role(a, role))
        .find_map(|a| seen_as(a, &a.value.as_ref()?.text, &wanted))
}

/// Whether an argument has a role; a port may stand in one argument with its host.
fn is_in_role(argument: &Argument, role: Role) -> bool {
    argument.role == role || (role == Role::Port && argument.role == Role::Host)
}

/// The origins a subject speaks of.
pub(super) fn origins<'e>(subject: &Subject, event: &'e Event) -> impl Iterator<Item = &'e Origins> {
    let input = (*subject == Subject::Input).then_some(&event.input);
    input.into_iter().chain(arguments(subject, event).map(|a| &a.origins))
}

fn is_known(subject: &Subject, event: &Event) -> bool {
    match subject {
        Subject::Role(..) | Subject::Any => texts(subject, event).any(|t| !is_all_holes(t)),
        _ => texts(subject, event).next().is_some(),
    }
}

/// Whether a text holds nothing but `⟨holes⟩`.
pub(super) fn is_all_holes(text: &str) -> bool {
    let mut depth = 0_usize;
    let is_outside = |c: char| {
        match c {
            '⟨' => depth += 1,
            '⟩' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && !c.is_whitespace(),
        }
        false
    };
    !text.is_empty() && !text.chars().any(is_outside)
}

/// A condition as text: `sys.platform = win32`.
fn condition_text(condition: &Condition, part: WhenPart) -> Cow<'_, str> {
    match (part, &condition.value) {
        (WhenPart::Subject, _) | (WhenPart::Both, None) => Cow::Borrowed(&condition.subject),
        (WhenPart::Value, value) => Cow::Borrowed(value.as_deref().unwrap_or_default()),
        (WhenPart::Both, Some(value)) => Cow::Owned(format!("{} = {value}", condition.subject)),
    }
}

fn holds_on_fact(check: &Check, fact: &Fact) -> bool {
    let text = |subject: &Subject| match subject {
        Subject::Detail(name) => fact.detail(name).or(match &**name {
            "message" => Some(&*fact.message),
            "member" => fact.site.as_ref().map(|s| &*s.member),
            _ => None,
        }),
        _ => None,
    };
    match check {
        Check::Known(subject) => text(subject).is_some(),
        Check::Text(subject, test) => text(subject).is_some_and(|t| test.takes(t)),
        Check::Number(subject, compare, number) => {
            text(subject).and_then(parse_number).is_some_and(|n| compares(n, *compare, *number))
        }
        _ => false,
    }
}

/// Reads a number as programs write it: decimal with a fraction, or hexadecimal.
fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(f64::from),
        None => text.parse::<f64>().ok().filter(|n| n.is_finite()),
    }
}

fn compares(left: f64, compare: Compare, right: f64) -> bool {
    match compare {
        Compare::Equal => left == right,
        Compare::Unequal => left != right,
        Compare::Less => left < right,
        Compare::AtMost => left <= right,
        Compare::Greater => left > right,
        Compare::AtLeast => left >= right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_alone_are_not_known() {
        assert!(is_all_holes("⟨os.environ[A]⟩"));
        assert!(is_all_holes("⟨a⟨b⟩⟩ ⟨c⟩"));
        assert!(!is_all_holes("http://⟨host⟩/"));
        assert!(!is_all_holes(""));
    }

    #[test]
    fn numbers_are_read_as_programs_write_them() {
        assert_eq!(parse_number(" 0x1F "), Some(31.0));
        assert_eq!(parse_number("2.5"), Some(2.5));
        assert_eq!(parse_number("NaN"), None);
        assert_eq!(parse_number("abc"), None);
    }
}
