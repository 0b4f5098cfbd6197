//! The abstract interpreter: lowered code to events, in execution order.
//!
//! Values that are known are computed; values that are not carry their origins.  Both branches of an `if`
//! whose test is not known are taken.  Calls inside the artifact are followed; calls that leave it become
//! events if the catalogue lists them.  Nothing here has an effect outside the interpreter's own heap.

mod addresses;
mod attribute;
mod batch;
mod bits;
mod branch;
mod budget;
mod builtins;
mod bystanders;
mod call;
mod call_signatures;
mod callbacks;
mod called_back;
mod carried;
mod channels;
mod class;
mod code_parts;
mod computed;
mod configured;
mod container_changes;
mod context_vars;
mod contexts;
mod conversions;
mod defaults;
mod dict_objects;
mod dispatch;
mod displays;
mod doctests;
mod enumerations;
mod environment;
mod event_arguments;
mod exceptions;
mod executed_in;
mod execution;
mod expr;
mod external_call;
mod factories;
mod files;
mod fill;
mod formatted;
mod frozen;
mod function;
mod function_parts;
mod function_runs;
mod functional;
mod futures;
mod given;
mod handed;
mod handlers;
mod import;
mod instructions;
mod item;
mod iteration;
mod known;
mod late;
mod layer;
mod loaders;
mod loops;
mod made;
mod matches;
mod members;
mod metaclass;
mod methods;
mod modules;
mod namespaces;
mod object_notes;
mod occasions;
mod one_of_several;
mod open_rests;
mod opened;
mod operators;
mod outcomes;
mod outside_iterables;
mod own_codecs;
mod own_dicts;
mod parameters;
mod passed_on;
mod path_objects;
mod patterns;
mod pending;
mod pickles;
mod piped;
mod protocol;
mod put_attributes;
mod reached;
mod record;
mod records;
mod reflection;
mod render;
mod report;
mod resources;
mod roots;
mod rounds;
mod scope;
mod secrets;
mod seeded;
mod sent;
mod setup_commands;
mod setup_guards;
mod setup_script;
mod share;
mod shell;
mod sites;
mod special;
mod standard_modules;
mod stmt;
mod taken_methods;
mod templates;
mod text_values;
mod truth;
mod value_objects;
mod words;
mod wrapped;
mod written;
mod written_modules;

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{RootId, Trigger};

use crate::project::{Analysis, Limits, Project};
use crate::source::ir::FunctionIdx;
use crate::value::{Heap, Names, ObjId, OriginTable, ScopeId, Sym, Symbols, Value};

/// What a statement does to the flow of control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
    Return,
    Raise,
}

/// A module body, class body or function in execution.
#[derive(Debug)]
struct Frame {
    unit: u32,
    scope: ScopeId,
    globals: ScopeId,
    /// The dotted name of the package that relative imports start from.
    package: Rc<str>,
    function: Option<(u32, FunctionIdx)>,
    /// What the call in course was given.
    given: call_signatures::CallSignature,
    /// How much had changed when it began.
    changes: u64,
    /// Which run of a function this is, zero for a module.
    activation: u64,
    qualified: Option<Arc<str>>,
    class: Option<ObjId>,
    globals_declared: Rc<[Sym]>,
    nonlocals_declared: Rc<[Sym]>,
    returns: Vec<Value>,
    yields: Vec<Value>,
    /// Loops in course of which nobody knows how often they run.
    open_loops: u32,
    /// Whether such a loop yielded: there may be more of it than was seen.
    has_open_yields: bool,
}

/// The interpreter of one artifact.
pub(crate) struct Interpreter<'p> {
    project: &'p Project<'p>,
    limits: Limits,
    symbols: Symbols,
    names: Names,
    origins: OriginTable,
    heap: Heap,
    root: RootId,
    trigger: Trigger,
    frames: Vec<Frame>,
    place: call::Place,
    budget: budget::Budget,
    counts: rounds::Counts,
    loops: rounds::Loops,
    branches: branch::Branches,
    writes: scope::Writes,
    exceptions: exceptions::Exceptions,
    modules: modules::Modules,
    batch: batch::Batch,
    functions: function_runs::Functions,
    pending: pending::Pending,
    setup: setup_script::SetupScript,
    log: record::Log,
    report: report::Report,
    made: made::MadeObjects,
    notes: object_notes::ObjectNotes,
    written: written::WrittenFiles,
    known: known::Known,
    /// The words of the last long text.
    words: words::Words,
    /// The generators of random numbers whose seed is known.
    random: seeded::Generators,
    frozen_mark: frozen::FrozenMark,
}

/// Analyses the code of one artifact.
///
/// Must run on a thread with a large stack (64 MiB at least): the depth of calls and expressions is counted,
/// not the bytes they take.
#[must_use]
pub fn analyze(project: &Project<'_>, limits: Limits) -> Analysis {
    let mut interpreter = Interpreter::new(project, limits);
    interpreter.run_roots();
    interpreter.run_reductions();
    interpreter.run_late_callbacks();
    interpreter.finish()
}

impl<'p> Interpreter<'p> {
    fn new(project: &'p Project<'p>, limits: Limits) -> Self {
        Self {
            project,
            limits,
            symbols: Symbols::default(),
            names: Names::default(),
            origins: OriginTable::default(),
            heap: Heap::default(),
            root: RootId(0),
            trigger: Trigger::Run,
            frames: Vec::new(),
            place: call::Place::default(),
            budget: budget::Budget::new(&limits),
            counts: rounds::Counts::default(),
            loops: rounds::Loops::default(),
            branches: branch::Branches::default(),
            writes: scope::Writes::default(),
            exceptions: exceptions::Exceptions::default(),
            modules: modules::Modules::default(),
            batch: batch::Batch::default(),
            functions: function_runs::Functions::default(),
            pending: pending::Pending::default(),
            setup: setup_script::SetupScript::of(project),
            log: record::Log::default(),
            report: report::Report::default(),
            made: made::MadeObjects::default(),
            notes: object_notes::ObjectNotes::default(),
            written: written::WrittenFiles::default(),
            known: known::Known::default(),
            words: words::Words::default(),
            random: seeded::Generators::default(),
            frozen_mark: frozen::FrozenMark::default(),
        }
    }

    fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    fn unit_index(&self) -> u32 {
        self.frames.last().map_or(0, |f| f.unit)
    }
}
