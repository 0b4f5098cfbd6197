//! Modules that are loaded by their path, past the import system.
//!
//! Only members of the artifact are run; a path that leads elsewhere stays an ordinary call.

use std::rc::Rc;

use super::Interpreter;
use super::files::{is_tail, tail_of_path};
use super::function::Arguments;
use crate::catalogue;
use crate::source::pyc::code_behind_header;
use crate::value::{Kind, Object, Value};

/// The entry of the execution of what a loader gave.
const LOADED: &str = "?.loaded-code";

/// `spec_from_file_location(name, path)`, `imp.load_source(name, path)`: the module itself stands for its spec, and
/// what executes the spec later finds it run.
pub(super) fn load_source(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let keyword = if name.starts_with("imp.") { "pathname" } else { "location" };
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

/// `spec_from_loader(name, loader)` with a loader of the artifact: what its methods give is executed as the module, and the
/// module stands for its spec.
pub(super) fn load_by_own_loader(
    me: &mut Interpreter<'_>,
    name: &str,
    arguments: &Arguments,
) -> Option<Value> {
    let loader = me.argument(arguments, 1, "loader")?;
    if !matches!(loader.kind, Kind::Instance(_) | Kind::Class(_)) {
        return None;
    }
    me.record_special(name, arguments);
    let dotted = me.argument(arguments, 0, "name").unwrap_or_else(Value::unknown);
    let scope = me.new_scope(None);
    let module = Object::Module(Rc::from(dotted.as_str().unwrap_or("")), scope);
    let module = Value::new(Kind::Module(me.heap.insert(module)));
    for (name, value) in [("loader", &loader), ("__name__", &dotted)] {
        let name = me.symbols.intern(name);
        me.scope_set(scope, name, value.clone());
    }
    let runs_itself = me.call_protocol(&loader, "exec_module", vec![module.clone()]).is_some()
        || me.call_protocol(&loader, "load_module", vec![dotted.clone()]).is_some();
    if !runs_itself && let Some(code) = me.code_of_loader(&loader, &dotted) {
        me.run_loaded_code(&code, &module);
    }
    Some(module)
}

fn load(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments, path: &Value) -> Option<Value> {
    let Some(file) = me.source_member(path) else {
        // A loader does not mind what a file is called.
        let content = me.known_file(path)?;
        me.record_special(name, arguments);
        me.run_code_value(&code_in_file(content), None);
        return None;
    };
    me.record_special(name, arguments);
    let dotted = me.modules.names.get(&file).cloned().unwrap_or_else(|| "__main__".to_owned());
    Some(me.run_module(file, &dotted))
}

/// The content of a file as code: of a compiled one, what stands behind its header.
fn code_in_file(content: Value) -> Value {
    match content.as_bytes().and_then(code_behind_header).map(Value::bytes) {
        Some(code) => code.with_origins(content.origins),
        None => content,
    }
}

impl Interpreter<'_> {
    /// The code that a loader of the artifact gives for a module: by `get_code`, or by what it reads.
    fn code_of_loader(&mut self, loader: &Value, dotted: &Value) -> Option<Value> {
        if let Some(code) = self.call_protocol(loader, "get_code", vec![dotted.clone()]) {
            return Some(code);
        }
        let source = match self.call_protocol(loader, "get_source", vec![dotted.clone()]) {
            Some(source) => source,
            None => {
                let path = self.call_protocol(loader, "get_filename", vec![dotted.clone()]);
                let path = path.unwrap_or_else(Value::unknown);
                self.call_protocol(loader, "get_data", vec![path])?
            }
        };
        let given = vec![source.clone(), Value::unknown()];
        Some(self.call_protocol(loader, "source_to_code", given).unwrap_or(source))
    }

    /// Records that code is executed as a module, and runs it.
    pub(super) fn run_loaded_code(&mut self, code: &Value, module: &Value) {
        let code =
            self.with_computed_code(&Arguments { positional: vec![code.clone()], keywords: Vec::new() }, 0);
        if let Some(entry) = catalogue::find_call(LOADED) {
            self.record_here("importlib.abc.InspectLoader().exec_module", entry, &code.positional, &[], None);
        }
        if let Some(code) = code.positional.first() {
            self.run_code_value(code, Some(module));
        }
    }

    /// The source file of the artifact that a path names.
    pub(super) fn source_member(&self, path: &Value) -> Option<usize> {
        let text = self.render(path)?.text;
        let wanted = tail_of_path(&text)?;
        self.project.files.iter().position(|f| is_tail(&f.path, &wanted))
    }
}
