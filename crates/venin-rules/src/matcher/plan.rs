//! A pattern made ready for the search: words resolved, tests sorted by what they need, steps put in order.

use std::sync::Arc;

use venin_model::{OriginKind, OriginKinds, Triggers};

use crate::error::{Defect, Problem};
use crate::lazy_regex::LazyRegex;
use crate::pattern::{
    Atom, Chain, Choice, Compare, Link, Pattern, Repeat, Selector, Step, Subject, Test, TextTest, WhenPart,
    Word,
};
use crate::vocabulary::{Kind, KindOf, Vocabulary};

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Plan {
    /// All steps, those of exclusions last; the steps of a chain are consecutive and in order.
    pub(crate) steps: Vec<PlanStep>,
    /// The order in which the steps of the pattern proper are tried.
    pub(crate) order: Order,
    /// The same for each exclusion.
    pub(crate) unless: Vec<Order>,
    /// Index of the primary step.
    pub(crate) primary: usize,
    /// The steps of each chain, those of exclusions last.
    pub(crate) chains: Vec<Range>,
}

/// A compiled step.
#[derive(Debug)]
pub(crate) struct PlanStep {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) chain: usize,
    /// The optional group it belongs to; `None` for a required step.
    pub(crate) group: Option<usize>,
    pub(crate) is_fact: bool,
    pub(crate) choices: Vec<PlanChoice>,
    /// Tests that need nothing but the event itself.
    pub(crate) local: Vec<Expr>,
    /// Tests that need other steps.
    pub(crate) cross: Vec<Expr>,
    pub(crate) repeat: Option<Repeat>,
    /// Steps whose arguments must carry the result of this one: the subject and the step.
    pub(crate) narrowed_by: Vec<(Subject, usize)>,
}

/// A compiled alternative.
#[derive(Debug)]
pub(crate) struct PlanChoice {
    pub(crate) selector: Select,
    pub(crate) local: Vec<Expr>,
    pub(crate) cross: Vec<Expr>,
}

/// What an alternative selects.
#[derive(Debug)]
pub(crate) enum Select {
    /// Anything the pattern's selector takes by itself.
    Plain(Selector),
    /// What another step was matched to.
    Bound(usize),
}

/// The order of a search.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Steps, in the order in which they are decided.
    pub(crate) steps: Vec<usize>,
    /// For each place in `steps`, the steps whose cross tests can be decided there.
    pub(crate) checks: Vec<Vec<usize>>,
}

/// A compiled test.
#[derive(Debug)]
pub(crate) enum Expr {
    All(Vec<Expr>),
    Either(Vec<Expr>),
    Not(Box<Expr>),
    Check(Check),
}

/// A compiled atom.
#[derive(Debug)]
pub(crate) enum Check {
    Known(Subject),
    Text(Subject, TextMatch),
    Kinds(Subject, Vec<Arc<Kind>>),
    Same(Subject, usize),
    Size(Subject, Compare, f64),
    Number(Subject, Compare, f64),
    From(Subject, OriginKinds, Vec<usize>),
    Trigger(Triggers),
    Automatic,
    Unused,
    Layer(Compare, f64),
    WhenKinds(Vec<Arc<Kind>>),
    When(WhenPart, TextMatch),
}

/// A compiled test on a text.
#[derive(Debug)]
pub(crate) enum TextMatch {
    Regex(LazyRegex, usize),
    Equals(Arc<str>),
    List(Arc<LazyRegex>),
}

impl TextMatch {
    pub(crate) fn takes(&self, text: &str) -> bool {
        match self {
            Self::Regex(regex, _) => regex.is_match(text),
            Self::List(regex) => regex.is_match(text),
            Self::Equals(wanted) => **wanted == *text,
        }
    }
}

impl Expr {
    /// The indices of the steps that the test needs.
    fn collect_steps(&self, into: &mut Vec<usize>) {
        match self {
            Self::All(tests) | Self::Either(tests) => tests.iter().for_each(|t| t.collect_steps(into)),
            Self::Not(test) => test.collect_steps(into),
            Self::Check(Check::Same(_, step)) => into.push(*step),
            Self::Check(Check::From(_, _, steps)) => into.extend(steps),
            Self::Check(_) => {}
        }
    }

    fn needs_steps(&self) -> bool {
        let mut steps = Vec::new();
        self.collect_steps(&mut steps);
        !steps.is_empty()
    }

    /// The one step without which the test cannot hold, and the subject that must carry its result.
    fn demanded_step(&self) -> Option<(usize, Option<&Subject>)> {
        match self {
            Self::Check(Check::Same(_, step)) => Some((*step, None)),
            Self::Check(Check::From(subject, kinds, steps)) if kinds.is_empty() => match steps.as_slice() {
                [only] => Some((*only, Some(subject))),
                _ => None,
            },
            _ => None,
        }
    }

    fn collect_regexes<'a>(&'a self, into: &mut Vec<(&'a LazyRegex, usize)>) {
        match self {
            Self::All(tests) | Self::Either(tests) => tests.iter().for_each(|t| t.collect_regexes(into)),
            Self::Not(test) => test.collect_regexes(into),
            Self::Check(
                Check::Text(_, TextMatch::Regex(regex, at)) | Check::When(_, TextMatch::Regex(regex, at)),
            ) => {
                into.push((regex, *at));
            }
            Self::Check(_) => {}
        }
    }
}

impl PlanStep {
    /// Every test of the step.
    fn tests(&self) -> impl Iterator<Item = &Expr> {
        let of_choices = self.choices.iter().flat_map(|c| c.local.iter().chain(&c.cross));
        self.local.iter().chain(&self.cross).chain(of_choices)
    }

    /// Whether other steps must be known before the step is decided.
    pub(crate) fn has_cross(&self) -> bool {
        !self.cross.is_empty() || self.choices.iter().any(|c| !c.cross.is_empty())
    }

    /// Tests that must hold whichever alternative is taken.
    fn certain(&self) -> impl Iterator<Item = &Expr> {
        let only = match self.choices.as_slice() {
            [only] => only.cross.as_slice(),
            _ => &[],
        };
        self.cross.iter().chain(only)
    }

    /// The subject whose origin or kind the step turns on: for the report.
    pub(crate) fn decisive_subject(&self) -> Option<&Subject> {
        self.tests().find_map(decisive)
    }
}

fn decisive(expr: &Expr) -> Option<&Subject> {
    match expr {
        Expr::All(tests) | Expr::Either(tests) => tests.iter().find_map(decisive),
        Expr::Check(Check::From(subject, ..)) => Some(subject),
        Expr::Not(_) | Expr::Check(_) => None,
    }
}

/// Compiles a pattern for a rule whose primary step has this name, if any.
///
/// # Errors
/// A kind or list that does not exist, or a primary step that is none; offsets are those of the pattern's source.
pub(crate) fn compile(pattern: &Pattern, primary: Option<&str>, words: &Vocabulary) -> Result<Plan, Defect> {
    let mut builder = Builder { words, names: Vec::new(), steps: Vec::new(), groups: 0 };
    let mut chains = Vec::new();
    for chain in &pattern.chains {
        chains.push(builder.add_chain(chain, chains.len())?);
    }
    let mut exclusions = Vec::new();
    for (i, chain) in pattern.unless.iter().enumerate() {
        let known = builder.names.len();
        exclusions.push(builder.add_chain(chain, chains.len() + i)?);
        builder.names.truncate(known);
    }
    let mut steps = builder.steps;
    let as_written = last_required(&steps, &chains);
    promote(&mut steps);
    let primary = match primary {
        None => as_written,
        Some(name) => {
            let named = |s: &PlanStep| s.name.as_deref() == Some(name) && s.group.is_none();
            let end = chains.last().map_or(0, |c| c.end);
            let found = steps.iter().take(end).position(named);
            Some(found.ok_or_else(|| Defect::new(0, Problem::NoPrimary(name.to_owned())))?)
        }
    };
    let primary = primary.ok_or_else(|| Defect::new(0, Problem::Senseless("no step is required")))?;
    narrow(&mut steps);
    let order = order_steps(&steps, &chains, primary);
    let unless = exclusions.iter().map(|c| with_checks(&steps, c.clone().rev().collect())).collect();
    chains.extend(exclusions);
    Ok(Plan { steps, order, unless, primary, chains })
}

impl Plan {
    /// Compiles every expression now.
    ///
    /// # Errors
    /// The first that does not compile.
    pub(crate) fn check(&self) -> Result<(), Defect> {
        let mut regexes = Vec::new();
        self.steps.iter().flat_map(PlanStep::tests).for_each(|t| t.collect_regexes(&mut regexes));
        for (regex, offset) in regexes {
            regex.check().map_err(|why| Defect::new(offset, Problem::Regex(why)))?;
        }
        Ok(())
    }

    /// The steps of the chain that a step belongs to.
    pub(crate) fn chain_of(&self, step: usize) -> Range {
        self.steps.get(step).and_then(|s| self.chains.get(s.chain)).cloned().unwrap_or(0..0)
    }
}

/// Indices of steps.
pub(crate) type Range = std::ops::Range<usize>;

/// The last required step of the first chain that has one.
fn last_required(steps: &[PlanStep], chains: &[Range]) -> Option<usize> {
    chains.iter().find_map(|c| c.clone().rev().find(|i| steps.get(*i).is_some_and(|s| s.group.is_none())))
}

/// A step that a required step demands is required itself.
fn promote(steps: &mut [PlanStep]) {
    loop {
        let demanded = steps.iter().filter(|s| s.group.is_none()).flat_map(PlanStep::certain);
        let demanded: Vec<usize> = demanded.filter_map(Expr::demanded_step).map(|(step, _)| step).collect();
        let Some(group) = demanded.iter().find_map(|step| steps.get(*step).and_then(|s| s.group)) else {
            return;
        };
        for step in steps.iter_mut().filter(|s| s.group == Some(group)) {
            step.group = None;
        }
    }
}

/// Tells every step which arguments must carry its result, so that its candidates are looked up, not tried.
fn narrow(steps: &mut [PlanStep]) {
    let mut found = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        for (target, subject) in step.certain().filter_map(Expr::demanded_step) {
            if let (Some(subject), None) = (subject, step.repeat) {
                found.push((target, subject.clone(), i));
            }
        }
    }
    for (target, subject, by) in found {
        if let Some(step) = steps.get_mut(target) {
            step.narrowed_by.push((subject, by));
        }
    }
}

/// The primary step first, then its chain backward and forward, then the other chains, then what is optional.
fn order_steps(steps: &[PlanStep], chains: &[Range], primary: usize) -> Order {
    let own = chains.iter().find(|c| c.contains(&primary)).cloned().unwrap_or(0..0);
    let others = chains.iter().filter(|c| **c != own).flat_map(|c| c.clone().rev());
    let sequence =
        std::iter::once(primary).chain((own.start..primary).rev()).chain(primary + 1..own.end).chain(others);
    let sequence: Vec<usize> = sequence.collect();
    let is_required = |i: &usize| steps.get(*i).is_some_and(|s| s.group.is_none());
    let (mut required, optional): (Vec<usize>, Vec<usize>) = sequence.into_iter().partition(is_required);
    required.extend(optional);
    with_checks(steps, required)
}

fn with_checks(steps: &[PlanStep], sequence: Vec<usize>) -> Order {
    let mut checks = vec![Vec::new(); sequence.len()];
    for (at, index) in sequence.iter().enumerate() {
        let Some(step) = steps.get(*index).filter(|s| s.has_cross()) else { continue };
        let mut needed = Vec::new();
        step.tests().for_each(|t| t.collect_steps(&mut needed));
        let last =
            needed.iter().filter_map(|n| sequence.iter().position(|s| s == n)).max().unwrap_or(0).max(at);
        if let Some(there) = checks.get_mut(last) {
            there.push(*index);
        }
    }
    Order { steps: sequence, checks }
}

struct Builder<'a> {
    words: &'a Vocabulary,
    names: Vec<(Arc<str>, usize)>,
    steps: Vec<PlanStep>,
    groups: usize,
}

impl Builder<'_> {
    fn add_chain(&mut self, chain: &Chain, index: usize) -> Result<Range, Defect> {
        let start = self.steps.len();
        for link in &chain.links {
            match link {
                Link::Step(step) => self.add_step(step, index, None)?,
                Link::Optional(steps) => {
                    self.groups += 1;
                    let group = Some(self.groups - 1);
                    steps.iter().try_for_each(|step| self.add_step(step, index, group))?;
                }
            }
        }
        Ok(start..self.steps.len())
    }

    fn add_step(&mut self, step: &Step, chain: usize, group: Option<usize>) -> Result<(), Defect> {
        let choices = step.choices.iter().map(|c| self.resolve_choice(c)).collect::<Result<Vec<_>, _>>()?;
        let (local, cross) = self.resolve_tests(step.test.as_ref())?;
        let is_bound_fact = |c: &PlanChoice| matches!(c.selector, Select::Bound(i) if self.steps.get(i).is_some_and(|s| s.is_fact));
        let is_fact = step.is_fact() || choices.iter().any(is_bound_fact);
        let name = step.name.as_ref().map(|n| Arc::clone(&n.text));
        self.names.extend(name.iter().map(|n| (Arc::clone(n), self.steps.len())));
        let repeat = step.repeat;
        self.steps.push(PlanStep {
            name,
            chain,
            group,
            is_fact,
            choices,
            local,
            cross,
            repeat,
            narrowed_by: Vec::new(),
        });
        Ok(())
    }

    fn resolve_choice(&self, choice: &Choice) -> Result<PlanChoice, Defect> {
        let (local, cross) = self.resolve_tests(choice.test.as_ref())?;
        let selector = match &choice.selector {
            Selector::Bound(name) => Select::Bound(self.resolve_name(name)?),
            plain => Select::Plain(plain.clone()),
        };
        Ok(PlanChoice { selector, local, cross })
    }

    fn find_name(&self, name: &str) -> Option<usize> {
        self.names.iter().find(|(n, _)| **n == *name).map(|(_, i)| *i)
    }

    fn resolve_name(&self, name: &Word) -> Result<usize, Defect> {
        self.find_name(&name.text)
            .ok_or_else(|| Defect::new(name.offset, Problem::UnknownName(name.text.to_string())))
    }

    /// Splits the conjunction at the top into tests without and with other steps.
    fn resolve_tests(&self, test: Option<&Test>) -> Result<(Vec<Expr>, Vec<Expr>), Defect> {
        let tests = match test {
            None => return Ok((Vec::new(), Vec::new())),
            Some(Test::All(tests)) => tests.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let exprs = tests.iter().map(|t| self.resolve_test(t)).collect::<Result<Vec<_>, _>>()?;
        Ok(exprs.into_iter().partition(|e| !e.needs_steps()))
    }

    fn resolve_test(&self, test: &Test) -> Result<Expr, Defect> {
        let all = |tests: &[Test]| tests.iter().map(|t| self.resolve_test(t)).collect::<Result<Vec<_>, _>>();
        Ok(match test {
            Test::All(tests) => Expr::All(all(tests)?),
            Test::Either(tests) => Expr::Either(all(tests)?),
            Test::Not(test) => Expr::Not(Box::new(self.resolve_test(test)?)),
            Test::Atom(atom) => self.resolve_atom(atom)?,
        })
    }

    fn resolve_atom(&self, atom: &Atom) -> Result<Expr, Defect> {
        Ok(Expr::Check(match atom {
            Atom::Known(subject) => Check::Known(subject.clone()),
            Atom::Text(subject, test) => Check::Text(subject.clone(), self.resolve_text(test)?),
            Atom::Is(subject, words) => return self.resolve_is(subject, words),
            Atom::Size(subject, compare, number) => Check::Size(subject.clone(), *compare, *number),
            Atom::Number(subject, compare, number) => Check::Number(subject.clone(), *compare, *number),
            Atom::From(subject, words) => self.resolve_from(subject, words)?,
            Atom::Trigger(triggers) => Check::Trigger(triggers.iter().copied().collect()),
            Atom::Automatic => Check::Automatic,
            Atom::Unused => Check::Unused,
            Atom::Layer(compare, number) => Check::Layer(*compare, *number),
            Atom::WhenKind(word) => Check::WhenKinds(self.resolve_kinds(word, Some(KindOf::Condition))?),
            Atom::When(part, test) => Check::When(*part, self.resolve_text(test)?),
        }))
    }

    fn resolve_text(&self, test: &TextTest) -> Result<TextMatch, Defect> {
        Ok(match test {
            TextTest::Matches(regex) => {
                TextMatch::Regex(LazyRegex::new(regex.to_regex_source()), regex.offset)
            }
            TextTest::Equals(text) => TextMatch::Equals(Arc::clone(text)),
            TextTest::In(name) => TextMatch::List(self.words.list(&name.text).cloned().ok_or_else(|| {
                Defect::new(name.offset, Problem::UnknownWord { what: "list", word: name.text.to_string() })
                    .suggest(&name.text, self.words.list_names())
            })?),
        })
    }

    fn resolve_kinds(&self, word: &Word, what: Option<KindOf>) -> Result<Vec<Arc<Kind>>, Defect> {
        let speaks = |kind: &&Arc<Kind>| what.is_none_or(|what| kind.is_about(what));
        let kinds: Vec<_> = self.words.kinds(&word.text).iter().filter(speaks).cloned().collect();
        if kinds.is_empty() {
            let what_is_missing =
                if what == Some(KindOf::Condition) { "kind of condition" } else { "kind or earlier step" };
            return Err(Defect::new(
                word.offset,
                Problem::UnknownWord { what: what_is_missing, word: word.text.to_string() },
            )
            .suggest(&word.text, self.words.kind_names(what)));
        }
        Ok(kinds)
    }

    fn resolve_is(&self, subject: &Subject, words: &[Word]) -> Result<Expr, Defect> {
        let role = match subject {
            Subject::Role(role, _) => Some(KindOf::Role(*role)),
            _ => None,
        };
        let mut kinds = Vec::new();
        let mut either = Vec::new();
        for word in words {
            match self.find_name(&word.text) {
                Some(step) => either.push(Expr::Check(Check::Same(subject.clone(), step))),
                None => kinds.extend(self.resolve_kinds(word, role)?),
            }
        }
        if !kinds.is_empty() {
            either.push(Expr::Check(Check::Kinds(subject.clone(), kinds)));
        }
        Ok(match (either.len(), either.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                either.extend(last);
                Expr::Either(either)
            }
        })
    }

    fn resolve_from(&self, subject: &Subject, words: &[Word]) -> Result<Check, Defect> {
        let mut kinds = OriginKinds::NONE;
        let mut steps = Vec::new();
        for word in words {
            // The name of a step wins over an origin of the same name.
            match (self.find_name(&word.text), OriginKind::parse(&word.text)) {
                (Some(step), _) => steps.push(step),
                (None, Some(kind)) => kinds = kinds.union(OriginKinds::of(kind)),
                (None, None) => {
                    return Err(Defect::new(word.offset, Problem::UnknownName(word.text.to_string())));
                }
            }
        }
        Ok(Check::From(subject.clone(), kinds, steps))
    }
}
