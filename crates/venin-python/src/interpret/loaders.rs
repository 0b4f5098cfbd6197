//! Modules that are loaded by their path, past the import system.
//!
//! Only members of the artifact are run; a path that leads elsewhere stays an ordinary call.

use super::Interpreter;
use super::files::{is_tail, tail_of_path};
use super::function::Arguments;
use crate::value::Value;

/// `spec_from_file_location(name, path)`, `imp.load_source(name, path)`: the module itself stands for its spec, and
/// what executes the spec later finds it run.
pub(super) fn load_source(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let keyword = if name == "imp.load_source" { "pathname" } else { "location" };
    let keyword = if name.ends_with("Loader") { "path" } else { keyword };
    let path = me.argument(arguments, 1, keyword)?;
    load(me, name, arguments, &path)
}

/// `runpy.run_path(path)`.
pub(super) fn run_path(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.argument(arguments, 0, "path_name")?;
    load(me, name, arguments, &path)
}

pub(super) fn run_module(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let module = me.argument(arguments, 0, "mod_name")?;
    let dotted = module.as_str()?.to_owned();
    me.record_special(name, arguments);
    Some(me.import_by_name(&dotted))
}

fn load(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments, path: &Value) -> Option<Value> {
    let Some(file) = me.source_member(path) else {
        // A loader does not mind what a file is called.
        let content = me.known_file(path)?;
        me.record_special(name, arguments);
        me.run_code_value(&content, None);
        return None;
    };
    me.record_special(name, arguments);
    let dotted = me.module_names.get(&file).cloned().unwrap_or_else(|| "__main__".to_owned());
    Some(me.run_module(file, &dotted))
}

impl Interpreter<'_> {
    /// The source file of the artifact that a path names.
    pub(super) fn source_member(&self, path: &Value) -> Option<usize> {
        let text = self.render(path)?.text;
        let wanted = tail_of_path(&text)?;
        self.project.files.iter().position(|f| is_tail(&f.path, &wanted))
    }
}
