//! Recording events: one of a call at a place, however often it runs.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use venin_model::{Action, Argument, CallClass, Event, EventId, Family, Origins, Role, RootId, Trigger};

use super::Interpreter;
use crate::catalogue::CallEntry;
use crate::source::ir::{Code, Span};
use crate::value::{OriginSet, Sym, Value};

/// Most arguments kept of one event.
pub(super) const MAX_ARGUMENTS: usize = 24;
/// Most servers and files that one call in a helper is told apart by.
const MAX_DESTINATIONS: usize = 8;

/// Where calls of one name are the same call.  What runs it is a part of it: a branch that is only looked at must not
/// hide the run that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CallPlace {
    root: RootId,
    trigger: Trigger,
    unit: u32,
    span: Span,
}

/// A call that was recorded at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded {
    id: EventId,
    /// The run of the function around it.
    activation: u64,
}

/// The events so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) events: Vec<Event>,
    /// The calls recorded in this root; at one place there may be several, of different names.
    pub(super) recorded: FxHashMap<CallPlace, Vec<Recorded>>,
    /// (unit, span, name) of a recorded call, its first event, and from how many roots it was seen.
    pub(super) roots_of_sites: FxHashMap<(u32, Span, Arc<str>), (EventId, u32)>,
    /// Whether there were more events than are kept.
    pub(super) is_full: bool,
}

impl Log {
    /// Forgets which calls were recorded in the root before.  A table that a large root left would take its whole size in
    /// time at each of ten thousand small roots.
    pub(super) fn begin_root(&mut self) {
        const WORTH_KEEPING: usize = 4096;
        if self.recorded.capacity() > WORTH_KEEPING {
            self.recorded = FxHashMap::default();
        } else {
            self.recorded.clear();
        }
    }

    /// Forgets the places in the code of the batch.
    pub(super) fn end_batch(&mut self) {
        self.recorded.clear();
        self.roots_of_sites.clear();
    }
}

impl Interpreter<'_> {
    /// Records a call at the site in force.
    pub(super) fn record_here(
        &mut self,
        name: &str,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        receiver: Option<&Value>,
    ) -> EventId {
        match self.place.site.clone() {
            Some(site) => self.record(&site.code, site.span, name, entry, positional, keywords, receiver),
            None => EventId(0),
        }
    }

    /// Records a call.  A call that was recorded at this place in this root before takes the new arguments in.
    #[expect(
        clippy::too_many_arguments,
        reason = "a call has these parts, and a struct of them would be built once"
    )]
    pub(super) fn record(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        name: &str,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        receiver: Option<&Value>,
    ) -> EventId {
        self.counts.impure += u64::from(entry.class.family != Family::Ce);
        self.counts.recordings += 1;
        let mut arguments = self.event_arguments(entry, positional, keywords);
        if let Some(receiver) = receiver {
            self.complete_address(receiver, &mut arguments);
            let inherited = self.inherited_arguments(receiver, &arguments);
            arguments.extend(inherited);
        }
        arguments.truncate(MAX_ARGUMENTS);
        let class = self.refined_class(entry, positional, keywords);
        let input = self.input_of(positional, keywords, receiver);
        let unit = self.unit_index();
        let place = CallPlace { root: self.root, trigger: self.trigger, unit, span };
        if let Some(id) = self.recorded_at(&place, name, class, &arguments, &input) {
            if self.merge_event(id, arguments, &input) {
                self.after_record(id, positional, keywords, entry);
            }
            return id;
        }
        let name: Arc<str> = Arc::from(name);
        if let Some(id) = self.recorded_elsewhere(&place, &name) {
            return id;
        }
        if self.log.events.len() >= self.limits.events {
            self.log.is_full = true;
            return EventId(self.limits.events as u32);
        }
        let id = EventId(self.log.events.len() as u32);
        let site = self.site_of(code, span);
        let decoding = self
            .modules
            .units
            .get(self.unit_index() as usize)
            .map(|u| u.decoding.to_vec())
            .unwrap_or_default();
        let event = Event {
            id,
            root: self.root,
            trigger: self.trigger,
            name,
            class,
            arguments,
            input,
            site,
            decoding,
            conditions: self.branches.conditions.iter().rev().take(8).rev().cloned().collect(),
            function: self.frame().and_then(|f| f.qualified.clone()),
            is_unused: self.place.unused == Some((unit, span)),
        };
        self.log.events.push(event);
        self.loops.lessons.events += 1;
        let activation = self.activation();
        self.log.recorded.entry(place).or_default().push(Recorded { id, activation });
        self.after_record(id, positional, keywords, entry);
        id
    }

    /// Where all that a call is given comes from.
    fn input_of(
        &mut self,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        receiver: Option<&Value>,
    ) -> Origins {
        let mut input = OriginSet::EMPTY;
        for value in positional.iter().chain(keywords.iter().map(|(_, v)| v)) {
            let deep = self.deep_origins(value);
            input = self.origins.union(input, deep);
        }
        if let Some(receiver) = receiver {
            input = self.origins.union(input, receiver.origins);
        }
        self.origins.export(input)
    }

    /// The event of a call that was recorded at this place before.
    ///
    /// A helper that asks for orders first and sends their output with its second call does two things, one before what was
    /// ordered and one after it.  So a call that sends what happened since it was recorded is a second event, once.  And a
    /// helper that is called for two servers talks to each of them, and one that is called for two files writes both: what goes
    /// to one does not go to the other.
    fn recorded_at(
        &self,
        place: &CallPlace,
        name: &str,
        class: CallClass,
        arguments: &[Argument],
        input: &Origins,
    ) -> Option<EventId> {
        let known = self.log.recorded.get(place)?;
        let event_of = |recorded: &Recorded| self.log.events.get(recorded.id.0 as usize);
        let same = known.iter().filter(|recorded| event_of(recorded).is_some_and(|e| *e.name == *name));
        let first = same.clone().next()?;
        let sends = matches!(class.family, Family::Cn | Family::Cr) && class.action == Action::Send;
        if sends && self.carries_later(first.id, input) {
            return same.clone().nth(1).map(|second| second.id);
        }
        let Some(destination) = arguments.iter().find_map(|argument| destination_of(class, argument)) else {
            return Some(first.id);
        };
        let goes_there = |recorded: &&Recorded| {
            event_of(recorded).is_some_and(|event| {
                event.arguments.iter().any(|a| destination_of(class, a) == Some(destination))
            })
        };
        let activation = self.activation();
        let is_in_course = |recorded: &&Recorded| recorded.activation == activation;
        let there = same.clone().find(goes_there).or_else(|| same.clone().find(is_in_course));
        let is_crowded = same.count() >= MAX_DESTINATIONS;
        there.or(is_crowded.then_some(first)).map(|recorded| recorded.id)
    }

    /// The run of the function in course.
    fn activation(&self) -> u64 {
        self.frame().map_or(0, |frame| frame.activation)
    }

    /// Whether an input carries what an event after another one gave; what only encodes or waits gives nothing of its own.
    fn carries_later(&self, first: EventId, input: &Origins) -> bool {
        input.events.iter().filter(|event| **event > first).any(|event| {
            let family = self.log.events.get(event.0 as usize).map(|e| e.class.family);
            matches!(family, Some(Family::Ch | Family::Cf | Family::Cs | Family::Cn | Family::Cr))
        })
    }

    /// A call of code that nothing runs by itself, seen from enough roots already: one more copy shows nothing new.
    fn recorded_elsewhere(&mut self, place: &CallPlace, name: &Arc<str>) -> Option<EventId> {
        const MAX_ROOTS: u32 = 6;
        let next = EventId(self.log.events.len() as u32);
        let (first, roots) =
            self.log.roots_of_sites.entry((place.unit, place.span, Arc::clone(name))).or_insert((next, 0));
        *roots += 1;
        (self.trigger == Trigger::Run && *roots > MAX_ROOTS).then_some(*first)
    }

    /// Takes the arguments of one more run of a call in; tells whether one of them is new.
    fn merge_event(&mut self, id: EventId, arguments: Vec<Argument>, input: &Origins) -> bool {
        let Some(event) = self.log.events.get_mut(id.0 as usize) else { return false };
        let before = event.arguments.len();
        for argument in arguments {
            let is_known = |a: &Argument| a.role == argument.role && a.value == argument.value;
            match event.arguments.iter().position(is_known).and_then(|at| event.arguments.get_mut(at)) {
                Some(known) => merge_origins(&mut known.origins, &argument.origins),
                None => {
                    if event.arguments.len() < MAX_ARGUMENTS {
                        event.arguments.push(argument);
                        self.loops.lessons.arguments += 1;
                    }
                }
            }
        }
        merge_origins(&mut event.input, input);
        event.arguments.len() > before
    }

    /// What follows from a call besides its result: a written file is known, a command line is read.
    fn after_record(
        &mut self,
        id: EventId,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        entry: &CallEntry,
    ) {
        let Some(event) = self.log.events.get(id.0 as usize) else { return };
        match (event.class.family, event.class.action) {
            (Family::Cf, Action::Write) => {
                let value = self.value_in_role(Role::Data, positional, keywords, entry);
                if let Some(value) = value {
                    self.note_written(id, &value);
                }
            }
            (Family::Cn, Action::Fetch) => self.note_fetched(id),
            (Family::Cs, _) => {
                self.note_setup_start(id);
                if let Some(value) = self.value_in_role(Role::Command, positional, keywords, entry) {
                    self.read_command(id, &value);
                } else if let Some(path) = self.log.events.get(id.0 as usize).and_then(|e| e.text(Role::Path))
                {
                    let path = path.to_owned();
                    self.run_written_files(id, &path);
                }
            }
            _ => {}
        }
    }
}

/// What one argument says of where a call takes what it is given, if that is known: a server, or the file that is written.
fn destination_of(class: CallClass, argument: &Argument) -> Option<&str> {
    match class.family {
        Family::Cn | Family::Cr => server_of(argument),
        Family::Cf if class.action == Action::Write && argument.role == Role::Path => {
            argument.value.as_ref().map(|value| &*value.text).filter(|path| !path.ends_with('⟩'))
        }
        _ => None,
    }
}

/// The server that an argument names: what stands between the scheme of a URL and its path.
fn server_of(argument: &Argument) -> Option<&str> {
    if !matches!(argument.role, Role::Url | Role::Host) {
        return None;
    }
    let text = &*argument.value.as_ref()?.text;
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let server = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    (!server.is_empty() && !server.contains('⟨')).then_some(server)
}

fn merge_origins(into: &mut Origins, from: &Origins) {
    into.kinds = into.kinds.union(from.kinds);
    for event in &from.events {
        if let Err(at) = into.events.binary_search(event)
            && into.events.len() < crate::value::OriginTable::MAX_EVENTS
        {
            into.events.insert(at, *event);
        }
    }
}
