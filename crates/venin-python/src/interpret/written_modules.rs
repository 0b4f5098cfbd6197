//! Modules that the code writes itself and imports then.
//!
//! A written file is a module if it lies where imports are looked for: in a folder that the code put on the path, beside the
//! code, in the working directory or where packages are installed.  Any other file stays a file.

use std::rc::Rc;

use venin_model::{OriginKind, OriginKinds};

use super::Interpreter;
use super::files::parse_holes;
use super::function::Arguments;
use crate::catalogue;
use crate::value::{Kind, ObjId, Object, Value};

/// The entry of the import of a module that the code wrote itself.
const WRITTEN: &str = "?.written-module";
/// Most folders that are remembered.
const MOST_FOLDERS: usize = 64;
/// Most written sources that are remembered.
const MOST_SOURCES: usize = 256;
/// Most modules that are made of written files.
const MOST_MODULES: usize = 64;
/// What a path goes through that leads to where imports are looked for.
const SEARCHED: [&str; 9] = [
    "site-packages",
    "dist-packages",
    "⟨site.",
    "⟨sysconfig.",
    "⟨distutils.sysconfig.",
    "⟨sys.path",
    "⟨os.getcwd",
    "⟨pathlib.Path.cwd",
    "⟨__file__",
];

/// The folders that the code put on the path, and the modules that were found there.
#[derive(Debug, Default)]
pub(super) struct WrittenModules {
    folders: Vec<String>,
    /// The paths of the sources that were written.
    sources: Vec<String>,
    /// Whether a folder was put there of which nothing is known.
    is_open: bool,
    modules: Vec<(String, ObjId)>,
}

impl WrittenModules {
    /// The modules.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        self.modules.iter().map(|(_, module)| *module)
    }
}

/// `sys.path.append(folder)`, `site.addsitedir(folder)`, `os.chdir(folder)`: the folder is remembered, and the call is an
/// ordinary one.
pub(super) fn add_folder(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let position = usize::from(name == "sys.path.insert");
    let folder = arguments.positional.get(position).or(arguments.keywords.first().map(|(_, v)| v))?;
    me.note_searched(&folder.clone());
    None
}

impl Interpreter<'_> {
    /// Remembers folders that imports are looked for in.
    pub(super) fn note_searched(&mut self, folders: &Value) {
        let listed = match folders.kind {
            Kind::List(_) | Kind::Tuple(_) => self.iterate(folders, MOST_FOLDERS).unwrap_or_default(),
            _ => self.alternatives(folders),
        };
        for folder in listed {
            let text = match self.path_text(&folder) {
                Some(text) => Some(text),
                None if matches!(folder.kind, Kind::Unknown) => None,
                None => {
                    let text = self.as_text(&folder);
                    self.render(&text).map(|text| text.text.to_string())
                }
            };
            match text {
                Some(text) if self.written.modules.folders.len() < MOST_FOLDERS => {
                    // The value of a variable of the environment lists several.
                    self.written.modules.folders.extend(text.split(':').map(str::to_owned));
                    self.written.modules.folders.push(text);
                }
                _ => self.written.modules.is_open = true,
            }
        }
    }

    /// Remembers that a file was written, if a module may be imported from it.
    pub(super) fn note_written_source(&mut self, path: &str) {
        let known = &mut self.written.modules.sources;
        if path.ends_with(".py") && known.len() < MOST_SOURCES && !known.iter().any(|of| of == path) {
            known.push(path.to_owned());
        }
    }

    /// A module that the code wrote itself, run where it is imported.
    pub(super) fn import_written(&mut self, dotted: &str) -> Option<Value> {
        if self.written.modules.sources.is_empty() {
            return None;
        }
        let (path, content) = self.written_module(dotted)?;
        Some(self.run_written_module(dotted, &path, &content))
    }

    /// A module that the code wrote itself, wherever it lies: what another interpreter is told to run.
    pub(super) fn run_written_by_name(&mut self, dotted: &str) {
        let found = self.written.modules.sources.iter().find(|path| folder_of(path, dotted).is_some());
        let Some(path) = found.cloned() else { return };
        if let Some(content) = self.written.files.get(&path).cloned() {
            self.run_written_module(dotted, &path, &content);
        }
    }

    /// The path and content of the file that a module would be imported from.
    fn written_module(&self, dotted: &str) -> Option<(String, Value)> {
        let is_found = |path: &str| folder_of(path, dotted).is_some_and(|at| self.is_searched(at, dotted));
        let path = self.written.modules.sources.iter().find(|path| is_found(path))?.clone();
        let content = self.written.files.get(&path)?.clone();
        Some((path, content))
    }

    /// Whether imports are looked for in a folder.
    fn is_searched(&self, folder: &str, dotted: &str) -> bool {
        let known = &self.written.modules;
        let is_beside = || {
            let unit = self.modules.units.get(self.unit_index() as usize);
            let own = unit.and_then(|unit| unit.member.rsplit_once('/')).map_or("", |(own, _)| own);
            !own.is_empty() && (folder == own || own.ends_with(&format!("/{folder}")))
        };
        matches!(folder, "" | ".")
            || known.is_open
            || SEARCHED.iter().any(|mark| folder.contains(mark))
            || known.folders.iter().any(|on_path| is_same_folder(on_path, folder))
            || self.written.variables.contains_key("PYTHONPATH")
            // A name with its package says where it is looked for.
            || dotted.contains('.') && self.modules.packages.contains(dotted.split('.').next().unwrap_or(dotted))
            || is_beside()
    }

    fn run_written_module(&mut self, dotted: &str, path: &str, content: &Value) -> Value {
        let known = self.written.modules.modules.iter().find(|(of, _)| *of == path);
        if let Some((_, module)) = known {
            return Value::new(Kind::Module(*module));
        }
        let scope = self.new_scope(None);
        let module = self.heap.insert(Object::Module(Rc::from(dotted), scope));
        let value = Value::new(Kind::Module(module));
        if self.written.modules.modules.len() >= MOST_MODULES {
            return value;
        }
        self.written.modules.modules.push((path.to_owned(), module));
        for (name, text) in [("__name__", dotted), ("__file__", path)] {
            let name = self.symbols.intern(name);
            self.scope_set(scope, name, Value::str(text));
        }
        let run = |me: &mut Self| {
            me.note_written_module(path, content);
            me.run_code_value(content, Some(&value));
        };
        match self.site_of_statement() {
            Some(site) => self.at_site(site, run),
            None => run(self),
        }
        value
    }

    /// Records the import of a module that is not just what stands in the source.
    fn note_written_module(&mut self, path: &str, content: &Value) {
        let foreign = [OriginKind::Network, OriginKind::Decoded, OriginKind::Process];
        let kinds: OriginKinds = self.origins.kinds(content.origins);
        if !foreign.iter().any(|kind| kinds.contains(*kind)) {
            return;
        }
        if let Some(entry) = catalogue::find_call(WRITTEN) {
            let path = parse_holes(path);
            let content = Value::unknown().with_origins(content.origins);
            self.record_here("import", entry, &[path, content], &[], None);
        }
    }
}

/// The folder that a path lies in as seen from its module; `None` if it is the path of another one.
fn folder_of<'p>(path: &'p str, dotted: &str) -> Option<&'p str> {
    let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"))?;
    let (mut rest, mut parts) = (stem, dotted.rsplit('.'));
    parts
        .all(|part| match rest.strip_suffix(part) {
            Some(before) if before.is_empty() || before.ends_with(['/', '\\']) => {
                rest = before.trim_end_matches(['/', '\\']);
                true
            }
            _ => false,
        })
        .then_some(rest)
}

/// Whether two paths lead to one folder, as far as can be told: one may be spelt from another beginning.
fn is_same_folder(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches(['/', '\\']), b.trim_end_matches(['/', '\\']));
    a == b || last_part(a).is_some_and(|part| !part.contains('⟨') && last_part(b) == Some(part))
}

fn last_part(path: &str) -> Option<&str> {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_lies_in_the_folder_that_its_whole_name_leaves() {
        assert_eq!(folder_of("/tmp/a/zq.py", "zq"), Some("/tmp/a"));
        assert_eq!(folder_of("/tmp/a/zq/__init__.py", "zq"), Some("/tmp/a"));
        assert_eq!(folder_of("/tmp/a/zq/sub.py", "zq.sub"), Some("/tmp/a"));
        assert_eq!(folder_of("zq.py", "zq"), Some(""));
        for (path, dotted) in [("/tmp/azq.py", "zq"), ("/tmp/zq.txt", "zq"), ("/tmp/zq.py", "a.zq")] {
            assert_eq!(folder_of(path, dotted), None, "{path}");
        }
    }
}
