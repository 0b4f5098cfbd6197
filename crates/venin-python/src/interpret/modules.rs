//! The modules of the artifact: what was lowered, what is imported under which name, and what was read.
//!
//! How a module is found and run stands in [`super::import`].

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{MemberPath, Trigger};

use crate::source::ir::Code;
use crate::value::{ObjId, ScopeId};

/// One source text under interpretation: a member's own, or a layer decoded from it.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) code: Rc<Code>,
    pub(super) member: MemberPath,
    pub(super) layer: u16,
    /// Line and column of the call that executes this layer, in layer 0.
    pub(super) outer: Option<(u32, u32)>,
    /// The decodings that revealed this layer.
    pub(super) decoding: Rc<[Arc<str>]>,
}

/// The state of a module of the artifact.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModuleState {
    pub(super) object: ObjId,
    pub(super) is_started: bool,
    /// Whether its body is through.
    pub(super) is_through: bool,
    /// What it ran under.
    pub(super) trigger: Trigger,
}

impl ModuleState {
    /// Whether the module was only looked at where nothing runs it by itself, and is now imported where something does.
    const fn is_to_run_again(self, trigger: Trigger) -> bool {
        self.is_through && trigger.is_automatic() && !self.trigger.is_automatic()
    }
}

/// All modules, by their place in the project.
#[derive(Debug, Default)]
pub(super) struct Modules {
    pub(super) units: Vec<Unit>,
    pub(super) file_units: FxHashMap<usize, u32>,
    pub(super) states: FxHashMap<usize, ModuleState>,
    pub(super) names: FxHashMap<usize, String>,
    /// Dotted names of folders that hold modules.
    pub(super) packages: FxHashSet<String>,
    pub(super) packages_of_units: FxHashMap<u32, Rc<str>>,
    /// What the names of a scope may come from that it imports with `*`.
    pub(super) star_imports: FxHashMap<ScopeId, Vec<Rc<str>>>,
    /// Files that were read.
    pub(super) files_read: FxHashSet<usize>,
}

impl Modules {
    /// The object of a module that is running, or has run and need not run again.
    ///
    /// A branch that is never taken may import a module first.  What the module does is then told as code that nothing runs,
    /// and the import that really happens has to run it.
    pub(super) fn object_of(&self, file: usize, trigger: Trigger) -> Option<ObjId> {
        let state = self.states.get(&file).filter(|state| state.is_started)?;
        (!state.is_to_run_again(trigger)).then_some(state.object)
    }

    /// Drops the lowered code and all that hangs on it.
    pub(super) fn end_batch(&mut self) {
        let empty = Rc::new(Code::default());
        for unit in &mut self.units {
            unit.code = Rc::clone(&empty);
        }
        self.states.clear();
        self.file_units.clear();
        self.star_imports.clear();
        self.packages_of_units.clear();
    }
}
