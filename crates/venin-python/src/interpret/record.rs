//! Recording events.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{
    Action, Argument, CallClass, Event, EventId, Family, KnownText, Origins, Role, RootId, Site, Snippet,
    Trigger,
};

use super::Interpreter;
use super::shell::with_programs_named;
use crate::catalogue::CallEntry;
use crate::source::ir::{Code, Span};
use crate::value::{Kind, Sym, Value};

/// Most arguments kept of one event.
const MAX_ARGUMENTS: usize = 24;

/// Where calls of one name are the same call.  What runs it is a part of it: a branch that is only looked at must not
/// hide the run that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CallPlace {
    root: RootId,
    trigger: Trigger,
    unit: u32,
    span: Span,
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
        match self.site.clone() {
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
        self.impure += u64::from(entry.class.family != Family::Ce);
        self.recordings += 1;
        let mut arguments = self.event_arguments(entry, positional, keywords);
        let inherited = receiver.map(|r| self.inherited_arguments(r, &arguments)).unwrap_or_default();
        arguments.extend(inherited);
        arguments.truncate(MAX_ARGUMENTS);
        let class = self.refined_class(entry, positional, keywords);
        let mut input = crate::value::OriginSet::EMPTY;
        for value in positional.iter().chain(keywords.iter().map(|(_, v)| v)) {
            let deep = self.deep_origins(value);
            input = self.origins.union(input, deep);
        }
        if let Some(receiver) = receiver {
            input = self.origins.union(input, receiver.origins);
        }
        let input = self.origins.export(input);
        let unit = self.unit_index();
        let place = CallPlace { root: self.root, trigger: self.trigger, unit, span };
        if let Some(id) = self.recorded_at(&place, name, class, &input) {
            self.merge_event(id, arguments, &input);
            return id;
        }
        let name: Arc<str> = Arc::from(name);
        if let Some(id) = self.recorded_elsewhere(&place, &name) {
            return id;
        }
        if self.events.len() >= self.limits.events {
            self.is_full = true;
            return EventId(self.limits.events as u32);
        }
        let id = EventId(self.events.len() as u32);
        let site = self.site_of(code, span);
        let decoding =
            self.units.get(self.unit_index() as usize).map(|u| u.decoding.to_vec()).unwrap_or_default();
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
            conditions: self.conditions.iter().rev().take(8).rev().cloned().collect(),
            function: self.frame().and_then(|f| f.qualified.clone()),
            is_unused: self.unused == Some((unit, span)),
        };
        self.events.push(event);
        self.lessons.events += 1;
        self.recorded.entry(place).or_default().push(id);
        self.after_record(id, positional, keywords, entry);
        id
    }

    /// The event of a call that was recorded at this place before.
    ///
    /// A helper that asks for orders first and sends their output with its second call does two things, one before what was
    /// ordered and one after it.  So a call that sends what happened since it was recorded is a second event, once.
    fn recorded_at(
        &self,
        place: &CallPlace,
        name: &str,
        class: CallClass,
        input: &Origins,
    ) -> Option<EventId> {
        let is_same = |id: &EventId| self.events.get(id.0 as usize).is_some_and(|e| *e.name == *name);
        let mut same = self.recorded.get(place)?.iter().copied().filter(is_same);
        let first = same.next()?;
        let sends = matches!(class.family, Family::Cn | Family::Cr) && class.action == Action::Send;
        if sends && self.carries_later(first, input) { same.next() } else { Some(first) }
    }

    /// Whether an input carries what an event after another one gave; what only encodes or waits gives nothing of its own.
    fn carries_later(&self, first: EventId, input: &Origins) -> bool {
        input.events.iter().filter(|event| **event > first).any(|event| {
            let family = self.events.get(event.0 as usize).map(|e| e.class.family);
            matches!(family, Some(Family::Ch | Family::Cf | Family::Cs | Family::Cn | Family::Cr))
        })
    }

    /// A call of code that nothing runs by itself, seen from enough roots already: one more copy shows nothing new.
    fn recorded_elsewhere(&mut self, place: &CallPlace, name: &Arc<str>) -> Option<EventId> {
        const MAX_ROOTS: u32 = 6;
        let next = EventId(self.events.len() as u32);
        let (first, roots) =
            self.roots_of_sites.entry((place.unit, place.span, Arc::clone(name))).or_insert((next, 0));
        *roots += 1;
        (self.trigger == Trigger::Run && *roots > MAX_ROOTS).then_some(*first)
    }

    fn merge_event(&mut self, id: EventId, arguments: Vec<Argument>, input: &Origins) {
        let Some(event) = self.events.get_mut(id.0 as usize) else { return };
        for argument in arguments {
            let is_known = |a: &Argument| a.role == argument.role && a.value == argument.value;
            match event.arguments.iter().position(is_known).and_then(|at| event.arguments.get_mut(at)) {
                Some(known) => merge_origins(&mut known.origins, &argument.origins),
                None => {
                    if event.arguments.len() < MAX_ARGUMENTS {
                        event.arguments.push(argument);
                        self.lessons.arguments += 1;
                    }
                }
            }
        }
        merge_origins(&mut event.input, input);
    }

    fn event_arguments(
        &mut self,
        entry: &CallEntry,
        positional: &[Value],
        keywords: &[(Sym, Value)],
    ) -> Vec<Argument> {
        let mut out = Vec::new();
        for (n, value) in positional.iter().enumerate().take(MAX_ARGUMENTS) {
            let role = entry.args.get(n).copied().unwrap_or(Role::Other);
            self.push_argument(&mut out, role, None, value);
        }
        for (name, value) in keywords.iter().take(MAX_ARGUMENTS) {
            let text = self.symbols.text(*name);
            let role = entry.keyword_role(&text);
            let keyword: Arc<str> = Arc::from(&*text);
            self.push_argument(&mut out, role, Some(&keyword), value);
        }
        out
    }

    fn push_argument(
        &mut self,
        out: &mut Vec<Argument>,
        role: Role,
        keyword: Option<&Arc<str>>,
        value: &Value,
    ) {
        // An address for a socket is a pair: host and port are arguments of their own.
        if let (Role::Host, Kind::Tuple(pair)) = (role, &value.kind) {
            let pair: Vec<Value> = self.heap.elements(*pair).iter().take(2).cloned().collect();
            for (part, role) in pair.iter().zip([Role::Host, Role::Port]) {
                self.push_argument(out, role, keyword, part);
            }
            return;
        }
        let alternatives = self.alternatives_in_role(value, role);
        for one in alternatives.iter().take(4) {
            let mut known = self.render_in_role(one, role);
            if let (Role::Command, Some(known)) = (role, &mut known) {
                known.text = with_programs_named(Arc::clone(&known.text));
            }
            let origins = self.deep_origins(one);
            let origins =
                if alternatives.len() > 1 { origins } else { self.origins.union(origins, value.origins) };
            out.push(Argument {
                role,
                keyword: keyword.cloned(),
                value: known,
                origins: self.origins.export(origins),
            });
        }
    }

    /// The alternatives of an argument.  A command in words has those of the first word that has several.
    pub(super) fn alternatives_in_role(&mut self, value: &Value, role: Role) -> Vec<Value> {
        let (Role::Command, Kind::List(id) | Kind::Tuple(id)) = (role, &value.kind) else {
            return self.alternatives(value);
        };
        let words = self.heap.elements(*id).to_vec();
        let Some(at) = words.iter().position(|w| matches!(w.kind, Kind::Choice(_))) else {
            return vec![value.clone()];
        };
        let choices = words.get(at).map(|w| self.alternatives(w)).unwrap_or_default();
        let mut lists = Vec::new();
        for choice in choices.into_iter().take(4) {
            let mut command = words.clone();
            if let Some(word) = command.get_mut(at) {
                *word = choice;
            }
            lists.push(self.heap.list(command));
        }
        lists
    }

    /// The arguments of the call that made the receiver: `open(path).write(data)` writes to `path`.
    fn inherited_arguments(&self, receiver: &Value, own: &[Argument]) -> Vec<Argument> {
        let Kind::External { made_by: Some(maker), .. } = receiver.kind else { return Vec::new() };
        let Some(maker) = self.events.get(maker.0 as usize) else { return Vec::new() };
        maker
            .arguments
            .iter()
            .filter(|a| a.role != Role::Other && a.role != Role::Data && a.role != Role::Mode)
            .filter(|a| !own.iter().any(|o| o.role == a.role && o.value.is_some()))
            .cloned()
            .collect()
    }

    /// The class of a call, refined by its options: `shell=True`, a file mode.
    fn refined_class(&self, entry: &CallEntry, positional: &[Value], keywords: &[(Sym, Value)]) -> CallClass {
        for (keyword, wanted, class) in entry.options {
            let by_keyword =
                keywords.iter().find(|(k, _)| self.symbols.as_str(*k) == *keyword).map(|(_, v)| v);
            let role = Role::parse(keyword);
            let by_position = || {
                let at = entry.args.iter().position(|r| Some(*r) == role)?;
                positional.get(at)
            };
            let Some(value) = by_keyword.or_else(by_position) else { continue };
            let is_match = match (wanted, &value.kind) {
                (None, _) => true,
                (Some(wanted), Kind::Str(text)) => text.as_str().contains(wanted),
                (Some(wanted), Kind::Bool(b)) => *wanted == if *b { "True" } else { "False" },
                (Some(wanted), Kind::Int(i)) => *wanted == i.to_string(),
                (Some(_), _) => false,
            };
            if is_match {
                return *class;
            }
        }
        entry.class
    }

    /// Where a span of the unit in course lies, as reports show it.
    pub(super) fn site_of(&self, code: &Code, span: Span) -> Site {
        let (line, column) = code.position(span.start);
        let (end_line, end_column) = code.position(span.end);
        let Some(unit) = self.units.get(self.unit_index() as usize) else {
            return Site::whole(Arc::from(""));
        };
        let (shown, end_shown) = (code.source_line(line), code.source_line(end_line));
        // The columns of a rendered text are those of no file.
        let column = if code.origin_lines.is_empty() { column } else { 0 };
        let (outer_line, outer_column) = unit.outer.unwrap_or((shown, column));
        Site {
            member: Arc::clone(&unit.member),
            line: outer_line,
            column: outer_column,
            end_line: if unit.layer == 0 { end_shown.max(outer_line) } else { outer_line },
            end_column: if unit.layer == 0 && code.origin_lines.is_empty() { end_column } else { 0 },
            layer: unit.layer,
            layer_line: shown,
            ..Site::whole(Arc::clone(&unit.member))
        }
        .with_snippet(snippet_of(code, span, line))
    }

    /// What follows from a call besides its result: a written file is known, a command line is read.
    fn after_record(
        &mut self,
        id: EventId,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        entry: &CallEntry,
    ) {
        let Some(event) = self.events.get(id.0 as usize) else { return };
        match (event.class.family, event.class.action) {
            (Family::Cf, Action::Write) => {
                let value = self.value_in_role(Role::Data, positional, keywords, entry);
                if let Some(value) = value {
                    self.note_written(id, &value);
                }
            }
            (Family::Cn, Action::Fetch) => self.note_fetched(id),
            (Family::Cs, _) => {
                if let Some(value) = self.value_in_role(Role::Command, positional, keywords, entry) {
                    self.read_command(id, &value);
                } else if let Some(path) = self.events.get(id.0 as usize).and_then(|e| e.text(Role::Path)) {
                    let path = path.to_owned();
                    self.run_written_files(id, &path);
                }
            }
            _ => {}
        }
    }

    fn value_in_role(
        &self,
        role: Role,
        positional: &[Value],
        keywords: &[(Sym, Value)],
        entry: &CallEntry,
    ) -> Option<Value> {
        let by_position = entry.args.iter().position(|r| *r == role).and_then(|n| positional.get(n));
        let by_keyword = || {
            keywords.iter().find(|(k, _)| entry.keyword_role(self.symbols.as_str(*k)) == role).map(|(_, v)| v)
        };
        by_position.or_else(by_keyword).cloned()
    }
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

/// The line in which a span begins; the part of the span in that line is marked.
fn snippet_of(code: &Code, span: Span, line: u32) -> Snippet {
    let line_start = code.line_start(line);
    let start = span.start.saturating_sub(line_start) as usize;
    let end = span.end.saturating_sub(line_start) as usize;
    Snippet::around(code.line_text(line), start, end)
}

/// A known text cut to the length that is kept.
pub(super) fn known(text: &str, is_complete: bool, size: u64) -> KnownText {
    // A character takes a byte at least and one of ASCII no more, so most texts need not be counted.
    let first_beyond = match text.as_bytes().get(..KnownText::MAX) {
        Some(start) if start.is_ascii() && start.len() < text.len() => Some(KnownText::MAX),
        Some(_) => text.char_indices().nth(KnownText::MAX).map(|(at, _)| at),
        None => None,
    };
    match first_beyond {
        Some(at) => KnownText { text: Arc::from(text.get(..at).unwrap_or("")), is_complete: false, size },
        None => KnownText { text: Arc::from(text), is_complete, size },
    }
}
