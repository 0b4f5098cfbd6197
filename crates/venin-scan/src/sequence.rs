//! Behavior sequences: what an artifact does at each trigger, in the study's notation (paper section 1.5).
//!
//! A sequence holds classes of calls, never arguments, and is bounded: it is for a reader's eye and for comparison.
//! It decides nothing.

use rustc_hash::FxHashSet;
use venin_model::{Action, CallClass, Event, EventId, Family, Finding, RootId, Trigger};

use crate::result::{Sequence, SequenceStep};

/// Most steps of one sequence.
const MAX_STEPS: usize = 16;
/// Most events of one trigger that are looked at.
const MAX_EVENTS: usize = 20_000;
/// Longest run of classes that is recognized when it repeats.
const MAX_CYCLE: usize = 4;

/// The sequence of each trigger at which something happens, the earliest trigger first.
///
/// Code that runs by itself is told whole.  Of code that somebody must call, only the roots that findings rest on
/// are told: a library has thousands of others, and their order means nothing.
pub(crate) fn find_sequences(findings: &[Finding], events: &[Event]) -> Vec<Sequence> {
    let cited: FxHashSet<EventId> =
        findings.iter().flat_map(|f| f.evidence.iter().filter_map(|e| e.event)).collect();
    let is_of_behavior = is_of_behavior(&cited, events);
    let is_told = |event: &&Event| is_of_behavior(event);
    let of_trigger = |trigger: Trigger| {
        let told = events.iter().filter(|e| e.trigger == trigger).filter(is_told).take(MAX_EVENTS);
        let steps = told.map(|event| Step { event, is_cited: cited.contains(&event.id) });
        let (steps, omitted) = bound(fold_repetitions(steps));
        (!steps.is_empty()).then(|| Sequence {
            trigger,
            steps: steps.iter().map(Step::render).collect(),
            omitted: u32::try_from(omitted).unwrap_or(u32::MAX),
        })
    };
    Trigger::ALL.iter().copied().filter_map(of_trigger).collect()
}

/// Whether an event belongs to a behavior sequence: a finding rests on it, or it tells something and runs by itself or
/// in a root that findings rest on.
pub(crate) fn is_of_behavior<'a>(
    cited: &'a FxHashSet<EventId>,
    events: &[Event],
) -> impl Fn(&Event) -> bool + use<'a> {
    let cited_roots: FxHashSet<RootId> =
        events.iter().filter(|e| cited.contains(&e.id)).map(|e| e.root).collect();
    move |event| {
        cited.contains(&event.id)
            || (matters(event.class) && (event.trigger.is_automatic() || cited_roots.contains(&event.root)))
    }
}

/// Whether a class tells something of a behavior by itself; others are told where a finding rests on them.
const fn matters(class: CallClass) -> bool {
    match class.family {
        Family::Cr | Family::Cn | Family::Cs | Family::Compile => true,
        Family::Cx => false,
        Family::Ch => !matches!(class.action, Action::Platform),
        Family::Cf => !matches!(class.action, Action::List | Action::Open | Action::Any),
        Family::Ce => matches!(
            class.action,
            Action::Decode | Action::Decrypt | Action::Decompress | Action::Encode | Action::Encrypt
        ),
        Family::Cc => !matches!(class.action, Action::Import | Action::Reflect),
    }
}

#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    event: &'a Event,
    is_cited: bool,
}

impl Step<'_> {
    fn render(&self) -> SequenceStep {
        SequenceStep {
            class: self.event.class,
            name: self.event.name.clone(),
            site: self.event.site.clone(),
            is_cited: self.is_cited,
        }
    }
}

/// Leaves one of what repeats at once: `A B A B` becomes `A B`.  A step that a finding rests on is the one that stays.
fn fold_repetitions<'a>(steps: impl Iterator<Item = Step<'a>>) -> Vec<Step<'a>> {
    let mut out: Vec<Step<'a>> = Vec::new();
    for step in steps {
        out.push(step);
        while let Some(length) = (1..=MAX_CYCLE).find(|length| ends_twice(&out, *length)) {
            let repeated = out.split_off(out.len() - length);
            let kept = out.iter_mut().rev().take(length).rev();
            for (kept, later) in kept.zip(repeated) {
                if later.is_cited && !kept.is_cited {
                    *kept = later;
                }
            }
        }
    }
    out
}

/// Whether the last `length` classes stand there twice.
fn ends_twice(steps: &[Step<'_>], length: usize) -> bool {
    let Some(middle) = steps.len().checked_sub(length) else { return false };
    let (front, last) = steps.split_at(middle);
    let Some(start) = front.len().checked_sub(length) else { return false };
    let before = front.get(start..).unwrap_or_default();
    before.iter().zip(last).all(|(a, b)| a.event.class == b.event.class)
}

/// Cuts a sequence to its bound: the steps that findings rest on stay, then the earliest.  Gives the number left out.
fn bound(steps: Vec<Step<'_>>) -> (Vec<Step<'_>>, usize) {
    let omitted = steps.len().saturating_sub(MAX_STEPS);
    if omitted == 0 {
        return (steps, 0);
    }
    let indexed = || steps.iter().enumerate();
    let first = indexed().filter(|(_, s)| s.is_cited).chain(indexed().filter(|(_, s)| !s.is_cited));
    let mut chosen: Vec<usize> = first.map(|(at, _)| at).take(MAX_STEPS).collect();
    chosen.sort_unstable();
    let kept = chosen.into_iter().filter_map(|at| steps.get(at).copied());
    (fold_repetitions(kept), omitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use venin_model::{Origins, Site};

    fn event(id: u32, root: u32, trigger: Trigger, class: &str) -> Event {
        Event {
            id: EventId(id),
            root: RootId(root),
            trigger,
            name: Arc::from("call"),
            class: CallClass::parse(class).unwrap(),
            arguments: Vec::new(),
            input: Origins::default(),
            site: Site::whole(Arc::from("a.py")),
            decoding: Vec::new(),
            conditions: Vec::new(),
            is_unused: false,
            function: None,
        }
    }

    fn events(trigger: Trigger, classes: &[&str]) -> Vec<Event> {
        (0..).zip(classes).map(|(id, class)| event(id, 0, trigger, class)).collect()
    }

    fn notation(sequence: &Sequence) -> String {
        sequence.steps.iter().map(|s| s.class.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn repeated_calls_and_loops_are_told_once() {
        let classes = ["Cf.read", "Cf.read", "Cn.send", "Cf.read", "Cn.send", "Cs.shell"];
        let sequences = find_sequences(&[], &events(Trigger::Import, &classes));
        assert_eq!(notation(&sequences[0]), "Cf.read Cn.send Cs.shell");
    }

    #[test]
    fn what_tells_nothing_is_left_out() {
        let classes = ["Ch.platform", "Cx.sleep", "Cf.list", "Cn.fetch", "Ce.hash"];
        let sequences = find_sequences(&[], &events(Trigger::Install, &classes));
        assert_eq!(notation(&sequences[0]), "Cn.fetch");
    }

    #[test]
    fn functions_without_findings_are_not_told() {
        assert!(find_sequences(&[], &events(Trigger::Run, &["Cn.fetch", "Cs.shell"])).is_empty());
    }

    #[test]
    fn a_long_sequence_is_bounded_and_says_so() {
        let classes = ["Cf.read", "Cn.send", "Cs.shell", "Cc.exec", "Ce.decode", "Cr.connect", "Ch.env"];
        // Orders that never repeat within the longest cycle.
        let long: Vec<&str> = (0..60).map(|at| classes[(at * at + at / 7) % 7]).collect();
        let sequences = find_sequences(&[], &events(Trigger::Startup, &long));
        assert!(sequences[0].steps.len() <= MAX_STEPS && sequences[0].omitted > 0);
    }
}
