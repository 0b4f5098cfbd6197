//! From the calls of a script to operations: what flows between them, and what the texts that they run do.

use std::rc::Rc;

use venin_model::{Action, CallClass, Family, Role};

use super::super::command_lines::CommandLines;
use super::super::lines::LineStarts;
use super::super::operation::Operation;
use super::eval::Scanner;
use super::layers::{Found, Layers, MAX_LAYERS};
use super::{Language, Step};

/// Most operations of one member.
const MAX_OPERATIONS: usize = 2_000;

/// The reader of one member.
pub(super) struct HostReader<'t> {
    text: &'t str,
    lines: LineStarts,
    operations: Vec<Operation>,
    commands: CommandLines,
    layers: Layers,
    /// Steps that the scripts of the member itself took.  What they execute has its own: a script that spends all
    /// steps must not hide that way what it executes.
    steps: usize,
    is_cut: bool,
}

impl<'t> HostReader<'t> {
    /// Nothing read yet of a member.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            lines: LineStarts::of(text),
            operations: Vec::new(),
            commands: CommandLines::new(),
            layers: Layers::new(),
            steps: 0,
            is_cut: false,
        }
    }

    /// The operations, and whether something was left out.
    pub(super) fn finish(self) -> (Vec<Operation>, bool) {
        (self.operations, self.is_cut || self.commands.is_cut)
    }

    /// Reads a script of the member that stands at `base`.
    pub(super) fn read_program(&mut self, program: &str, language: Language, base: usize) {
        let mut scanner = Scanner::new(program, language, self.steps);
        let steps = scanner.run();
        self.steps = scanner.steps;
        self.is_cut |= scanner.is_cut;
        self.push_steps(steps, 0, base);
    }

    /// Files the steps of a text whose offsets count from `base`.
    pub(super) fn push_steps(&mut self, steps: Vec<Step>, layer: u32, base: usize) {
        let first = self.operations.len();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for mut step in steps {
            if self.operations.len() >= MAX_OPERATIONS {
                self.is_cut = true;
                return;
            }
            let index = self.operations.len();
            let inputs = self.inputs_of(&step, &spans, first);
            spans.push((step.offset, index));
            let class = step.class;
            let place = base + step.offset;
            let code = step.code.take().filter(|_| layer < MAX_LAYERS);
            let language = language_of(&step);
            self.push_operation(step, inputs, place);
            if class.0 == Family::Cs {
                self.read_command(index);
            }
            if let Some(code) = code {
                self.read_layer(code, language, layer + 1, (index, place));
            }
        }
    }

    /// Reads a text that the call with an index and a place executes.
    fn read_layer(&mut self, code: Rc<str>, language: Language, layer: u32, call: (usize, usize)) {
        let (index, place) = call;
        let key = (code, language, layer);
        if let Some(found) = self.layers.find(&key) {
            self.copy_layer(&found, index);
            return;
        }
        if !self.layers.take(key.0.len()) {
            self.is_cut = true;
            return;
        }
        let mut scanner = Scanner::new(&key.0, language, self.layers.steps);
        let steps = scanner.run();
        self.layers.steps = scanner.steps;
        self.is_cut |= scanner.is_cut;
        // A decoded text has the place of the call that executes it.
        let steps = steps.into_iter().map(|s| Step { offset: 0, end: 0, ..s }).collect();
        let from = self.operations.len();
        self.push_steps(steps, layer, place);
        for operation in self.operations.iter_mut().skip(from) {
            operation.inputs.insert(0, index);
            operation.inputs.dedup();
        }
        self.layers.note(key, Found { call: index, operations: from..self.operations.len() });
    }

    /// Gives a call the operations of a text that was read for another.
    fn copy_layer(&mut self, found: &Found, index: usize) {
        for at in found.operations.clone() {
            let (Some(known), Some(caller)) = (self.operations.get(at), self.operations.get(index)) else {
                return;
            };
            let has_room = self.operations.len() < MAX_OPERATIONS;
            let copy = if has_room { self.layers.copy(known, found, (index, caller)) } else { None };
            let Some(copy) = copy else {
                self.is_cut = true;
                return;
            };
            self.operations.push(copy);
        }
    }

    /// What flows into a step: calls among its arguments, and for a file what was fetched before.
    fn inputs_of(&self, step: &Step, spans: &[(usize, usize)], first: usize) -> Vec<usize> {
        let mut inputs: Vec<usize> =
            spans.iter().filter(|(at, _)| *at > step.offset && *at < step.end).map(|(_, i)| *i).collect();
        let is_constant = step.arguments.iter().any(|(role, _)| *role == Role::Data);
        if step.class == (Family::Cf, Action::Write) && !is_constant {
            let fetches = self.operations.iter().enumerate().skip(first);
            inputs.extend(
                fetches
                    .filter(|(_, o)| (o.class.family, o.class.action) == (Family::Cn, Action::Fetch))
                    .map(|(i, _)| i),
            );
        }
        inputs.sort_unstable();
        inputs.dedup();
        inputs.truncate(32);
        inputs
    }

    fn push_operation(&mut self, step: Step, inputs: Vec<usize>, place: usize) {
        let at = self.text.floor_char_boundary(place.min(self.text.len()));
        let (line, line_start) = self.lines.line_of(at);
        let start = self.text.floor_char_boundary(line_start.max(at.saturating_sub(120)));
        let snippet: String =
            self.text.get(start..).unwrap_or("").chars().take_while(|c| *c != '\n').take(240).collect();
        self.operations.push(Operation {
            name: step.name,
            class: CallClass::new(step.class.0, step.class.1),
            arguments: step.arguments,
            inputs,
            line: line as u32,
            snippet,
            command: self.operations.len(),
        });
    }

    /// The commands inside a command line that a script starts.
    fn read_command(&mut self, index: usize) {
        let Some(outer) = self.operations.get(index) else { return };
        let Some(text) = outer.argument(Role::Command) else { return };
        let (line, snippet) = (outer.line, outer.snippet.clone());
        let base = self.operations.len();
        let found = self.commands.read(text);
        // A single program that only runs is what the call itself says.
        if let [only] = found.as_slice()
            && only.class.family == Family::Cs
        {
            return;
        }
        for mut inner in found {
            inner.inputs = inner.inputs.iter().map(|i| i + base).collect();
            inner.inputs.insert(0, index);
            inner.command += base;
            (inner.line, inner.snippet) = (line, snippet.clone());
            self.operations.push(inner);
        }
    }
}

/// The language of what a call executes: that of its caller.
fn language_of(step: &Step) -> Language {
    if step.name.starts_with("vbs") { Language::VbScript } else { Language::JavaScript }
}
