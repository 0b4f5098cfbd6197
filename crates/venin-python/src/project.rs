//! What the analyser is given, and what it gives back.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use venin_model::{Event, Fact, Gap, MemberPath, Trigger};

/// How a source file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Python source.
    Python,
    /// A Jupyter notebook.
    Notebook,
    /// A `.pth` file, whose `import` lines run at every interpreter start.
    Pth,
    /// A compiled file (`.pyc`, `.pyo`).
    Bytecode,
}

/// A member with code.
#[derive(Debug, Clone)]
pub struct SourceFile<'a> {
    /// Its path in the artifact.
    pub path: MemberPath,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The same as text, if it is UTF-8 and the text can be shared with what is made of it.
    pub text: Option<Rc<str>>,
    /// How it is read.
    pub kind: SourceKind,
}

/// Where execution starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRoot {
    /// What makes it run.
    pub trigger: Trigger,
    /// Index in [`Project::files`].
    pub file: usize,
    /// The object that is called once the module has run: `main`, `Class.method`.
    pub object: Option<String>,
}

/// The code of one artifact.
#[derive(Debug, Clone, Default)]
pub struct Project<'a> {
    /// Members with code.
    pub files: Vec<SourceFile<'a>>,
    /// Dotted module name to index in `files`.
    pub modules: FxHashMap<String, usize>,
    /// Roots, the earliest trigger first.
    pub roots: Vec<ProjectRoot>,
    /// Shell, batch and PowerShell members: path and bytes.
    pub scripts: Vec<(MemberPath, &'a [u8])>,
    /// Pickled members: path, and the calls of unpickling as a Python text.
    pub pickles: Vec<(MemberPath, &'a [u8])>,
    /// Other members that code might read: path and bytes.
    pub data: Vec<(MemberPath, &'a [u8])>,
}

/// Counted budgets of one analysis.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Evaluation steps of all roots together.
    pub steps: u64,
    /// Evaluation steps of one root that nothing runs by itself.
    pub steps_of_run_root: u64,
    /// Iterations of loops over known values.
    pub iterations: u64,
    /// Nested calls.
    pub call_depth: u32,
    /// Nested layers.
    pub layers: u16,
    /// Events kept.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 40_000_000,
            steps_of_run_root: 12_000,
            iterations: 4_000_000,
            call_depth: 48,
            layers: 32,
            events: 20_000,
        }
    }
}

/// What the analysis found.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Events, in execution order inside each root.
    pub events: Vec<Event>,
    /// Facts about source texts.
    pub facts: Vec<Fact>,
    /// What was not analysed.
    pub gaps: Vec<Gap>,
    /// Source files interpreted.
    pub files: u64,
    /// Layers that decoding revealed.
    pub layers: u64,
    /// Evaluation steps taken.
    pub steps: u64,
}
