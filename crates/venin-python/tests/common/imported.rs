//! The command of a module that is imported.

use super::common::events_of;
use venin_model::Trigger;

/// Whether the command in a module that is imported runs at import, and runs once.
#[track_caller]
pub(crate) fn assert_runs_once_at_import(name: &str, source: &str) {
    let source = format!("import os\n{source}");
    let found: Vec<Trigger> =
        events_of(&source).iter().filter(|e| &*e.name == "os.system").map(|e| e.trigger).collect();
    assert_eq!(found, [Trigger::Import], "{name}");
}
