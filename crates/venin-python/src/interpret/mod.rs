//! The abstract interpreter: lowered code to events, in execution order.
//!
//! Values that are known are computed; values that are not carry their origins.  Both branches of an `if`
//! whose test is not known are taken.  Calls inside the artifact are followed; calls that leave it become
//! events if the catalogue lists them.  Nothing here has an effect outside the interpreter's own heap.

mod attribute;
mod batch;
mod bits;
mod branch;
mod builtins;
mod bystanders;
mod call;
mod callbacks;
mod called_back;
mod carried;
mod channels;
mod class;
mod code_parts;
mod computed;
mod configured;
mod conversions;
mod defaults;
mod doctests;
mod enumerations;
mod exceptions;
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
mod functional;
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
mod matches;
mod members;
mod metaclass;
mod open_rests;
mod opened;
mod outcomes;
mod own_codecs;
mod own_dicts;
mod passed_on;
mod path_objects;
mod pickles;
mod piped;
mod protocol;
mod reached;
mod record;
mod records;
mod reflection;
mod render;
mod resources;
mod roots;
mod rounds;
mod scope;
mod secrets;
mod seeded;
mod sent;
mod share;
mod shell;
mod special;
mod stmt;
mod templates;
mod truth;
mod words;
mod written;
mod written_modules;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Condition, Event, EventId, Fact, Gap, GapKind, MemberPath, RootId, Trigger};

use crate::project::{Analysis, Limits, Project};
use crate::source::ir::{Code, ExprId, FunctionIdx, Span, StmtId};
use crate::value::{Heap, Names, ObjId, OriginTable, ScopeId, Sym, Symbols, Value};

/// One source text under interpretation: a member's own, or a layer decoded from it.
#[derive(Debug)]
struct Unit {
    code: Rc<Code>,
    member: MemberPath,
    layer: u16,
    /// Line and column of the call that executes this layer, in layer 0.
    outer: Option<(u32, u32)>,
    /// The decodings that revealed this layer.
    decoding: Rc<[Arc<str>]>,
}

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

/// The state of a module of the artifact.
#[derive(Debug, Clone, Copy)]
struct ModuleState {
    object: ObjId,
    is_started: bool,
}

/// What is remembered of a function after its first runs.
#[derive(Debug, Clone)]
struct FunctionRuns {
    runs: u32,
    /// Whether a run of it recorded events (its own or of what it calls).
    has_events: bool,
    /// Steps of the longest run.
    steps: u64,
    /// Whether the budget ended in every run of it.
    is_cut: bool,
    /// Whether a run of it wrote something that outlives it.
    has_changes: bool,
    /// The class of the object or class that it was called on at last.
    receiver: Option<ObjId>,
    /// The position of the argument that it gave back as it was.
    passes_on: Option<usize>,
    result: Option<Value>,
}

/// The interpreter of one artifact.
pub(crate) struct Interpreter<'p> {
    project: &'p Project<'p>,
    limits: Limits,
    symbols: Symbols,
    names: Names,
    origins: OriginTable,
    heap: Heap,
    units: Vec<Unit>,
    file_units: FxHashMap<usize, u32>,
    modules: FxHashMap<usize, ModuleState>,
    frames: Vec<Frame>,
    /// Undo logs of the branches being taken, innermost last.
    journals: Vec<Vec<(ScopeId, Sym, Option<Value>)>>,
    /// Empty tables that taking branches back and joining them fills and empties again.
    slots_seen: FxHashSet<(ScopeId, Sym)>,
    slots_joined: FxHashMap<(ScopeId, Sym), usize>,
    events: Vec<Event>,
    /// The calls recorded in this root; at one place there may be several, of different names.
    recorded: FxHashMap<record::CallPlace, Vec<EventId>>,
    /// (unit, span, name) of a recorded call, its first event, and from how many roots it was seen.
    roots_of_sites: FxHashMap<(u32, Span, Arc<str>), (EventId, u32)>,
    conditions: Vec<Condition>,
    /// Names and constants that the test being evaluated looks at.
    tested: Option<Vec<Condition>>,
    /// The expression of a statement whose value nobody takes, until its evaluation begins.
    discarded: Option<ExprId>,
    /// The unit and place of the last call whose value nobody takes.
    unused: Option<(u32, Span)>,
    root: RootId,
    trigger: Trigger,
    /// Iterators of generators that may give more than was seen.
    open_generators: FxHashSet<ObjId>,
    /// Functions that were run, by unit and index.
    ran: FxHashMap<(u32, FunctionIdx), FunctionRuns>,
    /// Functions that were defined, and the objects of those to be run if nothing calls them.
    defined: FxHashSet<(u32, FunctionIdx)>,
    uncalled: VecDeque<ObjId>,
    /// `if` statements whose dead branch was looked at.
    dead_branches: FxHashSet<(u32, u32)>,
    known: known::Known,
    /// Scripts of the artifact that a command started, with the trigger.
    scripts_started: FxHashSet<(usize, Trigger)>,
    /// Branches inside loops that were taken after all.
    live_branches: FxHashSet<(u32, u32)>,
    /// Branches inside loops that are looked at when the root is through.
    put_off: Vec<protocol::PutOff>,
    /// Objects whose class has a `__del__`, made in this root.
    finalizers: Vec<Value>,
    /// Callbacks that a later call of this root runs.
    waiting: Vec<called_back::Waiting>,
    /// What each `try` in course saw raised, innermost last.
    raised: Vec<Vec<Value>>,
    /// What the handlers in course were given, innermost last.
    caught: Vec<Value>,
    /// Functions that took from queues that were empty.
    takers: Vec<channels::Taker>,
    /// How many setters of properties there are.
    n_setters: u32,
    /// Callbacks that run long after they were handed over.
    late: late::LateCallbacks,
    /// What looks up codecs that the artifact brings.
    codec_searches: Vec<ObjId>,
    /// The words of the last long text.
    words: words::Words,
    /// The generators of random numbers whose seed is known.
    random: seeded::Generators,
    /// What the code has put among the built-in functions, by name.
    builtins_set: FxHashMap<Sym, Value>,
    /// What makes the missing entries of a dictionary.
    default_factories: FxHashMap<ObjId, Value>,
    /// Dictionaries of the rest of the arguments that a caller outside the artifact may have passed more in.
    open_rests: FxHashSet<ObjId>,
    /// The objects whose dictionary one is.
    own_dicts: FxHashMap<ObjId, ObjId>,
    generators: sent::Generators,
    frozen_mark: frozen::FrozenMark,
    /// The class of which an object is being made for a parameter that nobody passes.
    class_passed: Option<ObjId>,
    /// Functions with a meaning of their own.
    roles: FxHashMap<ObjId, special::FunctionRole>,
    /// Texts written to files by known path.
    files_written: FxHashMap<String, Value>,
    /// What of that is imported.
    written_modules: written_modules::WrittenModules,
    /// Environment variables that the code itself set.
    variables_set: FxHashMap<String, Value>,
    /// Layers already entered, by text, with the number of times.
    layers_seen: FxHashMap<Rc<str>, u32>,
    star_imports: FxHashMap<ScopeId, Vec<Rc<str>>>,
    /// Dotted names of folders that hold modules.
    packages: FxHashSet<String>,
    module_names: FxHashMap<usize, String>,
    packages_of_units: FxHashMap<u32, Rc<str>>,
    /// What reading the file opened by an event gives, where it is known.
    contents: FxHashMap<EventId, Value>,
    /// What the functions gave that others run, under the calls that made the futures.
    outcomes: FxHashMap<EventId, Value>,
    /// What programs were given on their standard input, with the event of the call.
    inputs_read: FxHashSet<(EventId, Rc<str>)>,
    /// How far the files that are open with a known content were read.
    read_to: FxHashMap<EventId, opened::ReadTo>,
    /// The paths that path objects were made with at one place, the first of each.
    paths_made: FxHashMap<(u32, Span), Vec<Rc<str>>>,
    /// Recorded calls that made objects whose methods fold: ciphers, digests.
    makers: crate::fold::Makers,
    /// The unit of the statement in course, and the statement.
    statement: Option<(u32, StmtId)>,
    /// The call in course.
    site: Option<call::CallSite>,
    is_full: bool,
    /// Whether calls inside the artifact are followed.
    follows_calls: bool,
    /// Whether some function was not run to its end.
    is_root_cut: bool,
    facts: Vec<Fact>,
    /// Functions of the artifact that give something back.
    bystanders: bystanders::Bystanders,
    gaps: Vec<Gap>,
    n_layers: u64,
    /// Bytes of the lowered code that is held, about.
    batch_bytes: usize,
    /// Modules for a later batch, with the trigger that wanted them.
    deferred: VecDeque<(usize, Trigger)>,
    /// Files that were read.
    files_read: FxHashSet<usize>,
    steps: u64,
    steps_end: u64,
    /// Steps that the root in course got.
    root_steps: u64,
    iterations_end: u64,
    /// Statements that were not followed to their end, and those of them that were told.
    cuts: u64,
    cuts_told: usize,
    /// Steps left for functions that are let run to their end.
    steps_to_spare: u64,
    iterations: u64,
    /// Bytes of the artifact that may still be searched for code that is executed.
    bytes_to_search: u64,
    depth: u32,
    loop_depth: u32,
    growth: rounds::Growth,
    lessons: rounds::Lessons,
    /// Counts calls that left the artifact and branches that could not be decided: whether a stretch of code is
    /// a pure computation shows in this not changing.
    impure: u64,
    /// Counts writes to what outlives a call: attributes, items, names of other scopes, containers.
    changes: u64,
    /// Counts recordings of events, repeated ones included.
    recordings: u64,
}

/// Most bytes of an artifact that are searched for code that is executed, over all searches.
const MAX_SEARCHED: u64 = 1 << 30;

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
            units: Vec::new(),
            file_units: FxHashMap::default(),
            modules: FxHashMap::default(),
            frames: Vec::new(),
            journals: Vec::new(),
            slots_seen: FxHashSet::default(),
            slots_joined: FxHashMap::default(),
            events: Vec::new(),
            recorded: FxHashMap::default(),
            roots_of_sites: FxHashMap::default(),
            conditions: Vec::new(),
            tested: None,
            discarded: None,
            unused: None,
            root: RootId(0),
            trigger: Trigger::Run,
            ran: FxHashMap::default(),
            defined: FxHashSet::default(),
            uncalled: VecDeque::new(),
            dead_branches: FxHashSet::default(),
            known: known::Known::default(),
            scripts_started: FxHashSet::default(),
            live_branches: FxHashSet::default(),
            put_off: Vec::new(),
            finalizers: Vec::new(),
            waiting: Vec::new(),
            raised: Vec::new(),
            caught: Vec::new(),
            takers: Vec::new(),
            n_setters: 0,
            late: late::LateCallbacks::default(),
            codec_searches: Vec::new(),
            default_factories: FxHashMap::default(),
            random: seeded::Generators::default(),
            words: words::Words::default(),
            builtins_set: FxHashMap::default(),
            open_rests: FxHashSet::default(),
            own_dicts: FxHashMap::default(),
            generators: sent::Generators::default(),
            frozen_mark: frozen::FrozenMark::default(),
            class_passed: None,
            roles: FxHashMap::default(),
            files_written: FxHashMap::default(),
            written_modules: written_modules::WrittenModules::default(),
            variables_set: FxHashMap::default(),
            layers_seen: FxHashMap::default(),
            star_imports: FxHashMap::default(),
            packages: FxHashSet::default(),
            module_names: FxHashMap::default(),
            packages_of_units: FxHashMap::default(),
            contents: FxHashMap::default(),
            outcomes: FxHashMap::default(),
            inputs_read: FxHashSet::default(),
            read_to: FxHashMap::default(),
            paths_made: FxHashMap::default(),
            makers: crate::fold::Makers::default(),
            statement: None,
            site: None,
            is_full: false,
            follows_calls: true,
            is_root_cut: false,
            facts: Vec::new(),
            bystanders: bystanders::Bystanders::default(),
            gaps: Vec::new(),
            n_layers: 0,
            batch_bytes: 0,
            deferred: VecDeque::new(),
            files_read: FxHashSet::default(),
            steps: 0,
            steps_end: limits.steps,
            root_steps: limits.steps,
            iterations_end: limits.iterations,
            cuts: 0,
            cuts_told: 0,
            steps_to_spare: roots::STEPS_TO_SPARE,
            iterations: 0,
            bytes_to_search: MAX_SEARCHED,
            depth: 0,
            loop_depth: 0,
            open_generators: FxHashSet::default(),
            growth: rounds::Growth::default(),
            lessons: rounds::Lessons::default(),
            impure: 0,
            changes: 0,
            recordings: 0,
        }
    }

    fn finish(mut self) -> Analysis {
        if self.steps >= self.limits.steps {
            self.gap(GapKind::AnalysisBudget, None, format!("stopped after {} evaluation steps", self.steps));
        }
        if self.heap.is_exhausted() {
            self.gap(GapKind::AnalysisBudget, None, "decoded data reached the memory budget".to_owned());
        }
        if self.iterations >= self.limits.iterations {
            let detail = format!("loops stopped after {} rounds", self.limits.iterations);
            self.gap(GapKind::AnalysisBudget, None, detail);
        }
        if self.is_root_cut {
            self.gap(GapKind::AnalysisBudget, None, "a function was not followed to its end".to_owned());
        }
        if self.is_full {
            self.gap(GapKind::AnalysisBudget, None, format!("more than {} events", self.limits.events));
        }
        self.gaps.sort();
        self.gaps.dedup();
        self.facts.extend(self.bystanders.fact(&self.events));
        Analysis {
            events: self.events,
            facts: self.facts,
            gaps: self.gaps,
            files: self.files_read.len() as u64,
            layers: self.n_layers,
            steps: self.steps,
        }
    }

    fn gap(&mut self, kind: GapKind, member: Option<MemberPath>, detail: String) {
        if self.gaps.len() < 1000 {
            self.gaps.push(Gap { member, kind, detail: Arc::from(detail) });
        }
    }

    /// Takes one step; false when the budget of the root or of the analysis is spent.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps < self.steps_end && !self.heap.is_exhausted()
    }

    fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    fn unit_index(&self) -> u32 {
        self.frames.last().map_or(0, |f| f.unit)
    }

    /// Runs something one level deeper; gives `None` instead when the nesting budget is spent.
    fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Option<T> {
        const MAX_DEPTH: u32 = 2000;
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        Some(result)
    }
}
