//! What flows between commands: outputs through pipes and substitutions, and files that one writes and another uses.

use rustc_hash::FxHashMap;

use super::command::Command;

/// Most operations remembered for one output or file.
const MAX_SOURCES: usize = 32;

/// Operations whose result each command prints.
pub(crate) struct Flow {
    outputs: Vec<Vec<usize>>,
}

impl Flow {
    pub(crate) fn new(commands: usize) -> Self {
        Self { outputs: vec![Vec::new(); commands] }
    }

    /// What flows in through the pipe and the substitutions.
    pub(crate) fn inputs_of(&self, command: &Command) -> Vec<usize> {
        let sources = command.piped_from.iter().chain(&command.substitutes);
        sources.filter_map(|source| self.outputs.get(*source)).flatten().copied().collect()
    }

    /// Remembers what a command prints; a nested command prints for its parent.
    pub(crate) fn note_output(&mut self, index: usize, command: &Command, produced: Vec<usize>) {
        if let Some(parent) = command.parent.and_then(|parent| self.outputs.get_mut(parent)) {
            let room = MAX_SOURCES.saturating_sub(parent.len());
            parent.extend(produced.iter().copied().take(room));
        }
        if let Some(own) = self.outputs.get_mut(index) {
            own.extend(produced);
        }
    }
}

/// Files that the text itself writes.  Files are known by their last path component, because one place spells the
/// folder out and another does not.
#[derive(Default)]
pub(crate) struct Files {
    writers: FxHashMap<String, Vec<usize>>,
}

impl Files {
    /// Remembers that an operation, and with it its sources, wrote a file.
    pub(crate) fn note(&mut self, path: &str, operation: usize, sources: &[usize]) {
        let Some(key) = file_key(path) else { return };
        let writers = self.writers.entry(key).or_default();
        writers.clear();
        writers.extend(sources.iter().copied().take(MAX_SOURCES));
        writers.push(operation);
    }

    /// The operations whose result a file holds.
    pub(crate) fn writers(&self, path: &str) -> Vec<usize> {
        file_key(path).and_then(|key| self.writers.get(&key)).cloned().unwrap_or_default()
    }
}

fn file_key(path: &str) -> Option<String> {
    let name = path.trim_matches(['"', '\'']).rsplit(['/', '\\']).next()?.trim().to_lowercase();
    (!name.is_empty() && name != "." && name != "-").then_some(name)
}
