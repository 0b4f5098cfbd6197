//! Data files that are found by the package they lie in: `importlib.resources`, `pkg_resources`, a loader's `get_data`.
//!
//! Only packages of the artifact have a folder here; any other stays an ordinary call.

use std::rc::Rc;

use super::Interpreter;
use super::files::{parent_of, parse_holes};
use super::function::Arguments;
use super::opened::as_bytes;
use crate::catalogue;
use crate::value::{Kind, Object, OriginSet, Value};

/// Most headers of a metadata file that are read.
const MOST_HEADERS: usize = 200;

/// `importlib.resources.files(anchor)`: the folder of the package as a path object.
pub(super) fn folder(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let anchor = me.argument(arguments, 0, "anchor").or_else(|| me.argument(arguments, 0, "package"));
    let folder = me.package_folder(anchor.as_ref())?;
    me.path_here(&folder)
}

/// `as_file(path)`: a path that stands in the file system is given as it is.
pub(super) fn as_file(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let path = arguments.positional.first()?;
    me.text_of_path(path).map(|_| path.clone())
}

/// `importlib.resources.path(package, name)`: the path object of a data file.
pub(super) fn path(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.resource_path(arguments)?;
    me.record_special(name, arguments);
    me.path_here(&path)
}

/// `pkg_resources.resource_filename(package, name)`: the same as a text.
pub(super) fn file_name(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.resource_path(arguments)?;
    me.record_special(name, arguments);
    Some(parse_holes(&path))
}

/// `open_text(package, name)`, `resource_stream(package, name)`: an open file.
pub(super) fn open(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.resource_path(arguments)?;
    let content = me.known_file(&parse_holes(&path))?;
    let entry = catalogue::find_call(name)?;
    let event = me.record_special(name, arguments)?;
    me.made.contents.insert(event, content);
    let opened = me.names.intern("open()");
    let opened = Kind::External { name: opened, made_by: Some(event) };
    Some(me.event_result(opened, event, entry, OriginSet::EMPTY))
}

/// `importlib.metadata.metadata(name)` of the artifact itself: its headers.
pub(super) fn metadata(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let wanted = arguments.positional.first()?.as_str()?.to_ascii_lowercase().replace(['-', '.'], "_");
    let project = me.project;
    let is_metadata = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        matches!(name, "METADATA" | "PKG-INFO") && path.matches('/').count() < 3
    };
    let texts = project.data.iter().filter(|(path, _)| is_metadata(path)).take(8);
    let headers = texts.filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok()).map(headers_of);
    let found = headers.into_iter().find(|headers| {
        let name = headers.iter().find(|(key, _)| *key == "Name").map(|(_, name)| *name);
        name.is_some_and(|name| name.to_ascii_lowercase().replace(['-', '.'], "_") == wanted)
    })?;
    let size = found.iter().map(|(key, value)| key.len() + value.len() + 64).sum();
    if !me.heap.spend(size) {
        return None;
    }
    let origins = me.origins.with_kind(OriginSet::EMPTY, venin_model::OriginKind::File);
    let mut entries: Vec<(Value, Value)> = Vec::with_capacity(found.len());
    for (key, value) in found {
        // Of several headers of one name the first is given.
        if !entries.iter().any(|(known, _)| known.as_str() == Some(key)) {
            entries.push((Value::str(key), Value::str(value).with_origins(origins)));
        }
    }
    Some(me.heap.dict(entries).with_origins(origins))
}

/// The headers of a metadata file: name and value of one line each.
fn headers_of(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().take_while(|line| !line.is_empty()).take(MOST_HEADERS);
    let headers = lines.filter(|line| !line.starts_with([' ', '\t']));
    headers.filter_map(|line| line.split_once(':')).map(|(key, value)| (key.trim(), value.trim())).collect()
}

impl Interpreter<'_> {
    /// What a call that reads a whole data file of a package gives.
    pub(super) fn resource_content(&mut self, name: &str, arguments: &Arguments) -> Option<Value> {
        match name {
            "importlib.resources.read_text" => {
                let path = self.resource_path(arguments)?;
                self.known_file(&parse_holes(&path))
            }
            "importlib.resources.read_binary" | "pkg_resources.resource_string" => {
                let path = self.resource_path(arguments)?;
                self.known_file(&parse_holes(&path)).map(|content| as_bytes(&content))
            }
            "__loader__.get_data" | "__spec__.loader.get_data" => {
                let path = arguments.positional.first()?.clone();
                self.known_file(&path).map(|content| as_bytes(&content))
            }
            _ => None,
        }
    }

    /// The path that a package and a name in it make.
    fn resource_path(&mut self, arguments: &Arguments) -> Option<String> {
        let package = ["package", "package_or_requirement", "anchor"];
        let package = package.iter().find_map(|keyword| self.argument(arguments, 0, keyword))?;
        let name = ["resource", "resource_name"];
        let name = name.iter().find_map(|keyword| self.argument(arguments, 1, keyword))?;
        let folder = self.package_folder(Some(&package))?;
        let name = self.render(&name)?.text;
        Some(format!("{folder}/{}", name.trim_start_matches('/')))
    }

    /// The folder of a package of the artifact, named by its dotted name, by a module, or not at all.
    fn package_folder(&self, anchor: Option<&Value>) -> Option<String> {
        let dotted: Rc<str> = match anchor.map(|value| &value.kind) {
            None | Some(Kind::None) => Rc::clone(&self.frame()?.package),
            Some(Kind::Str(text)) => Rc::from(text.as_str()),
            Some(Kind::Module(id)) => match self.heap.get(*id) {
                Some(Object::Module(dotted, _)) => Rc::clone(dotted),
                _ => return None,
            },
            Some(_) => return None,
        };
        let project = self.project;
        let (mut known, mut below) = (&*dotted, Vec::new());
        // A folder without modules is a package, too, in one that is known.
        for _ in 0..4 {
            if let Some(file) = project.modules.get(known).and_then(|file| project.files.get(*file)) {
                let mut path = parent_of(&file.path).to_owned();
                for name in below.iter().rev() {
                    path = format!("{path}/{name}");
                }
                return Some(path);
            }
            let (parent, name) = known.rsplit_once('.')?;
            below.push(name);
            known = parent;
        }
        None
    }

    /// A path object made by the call in course.
    fn path_here(&mut self, path: &str) -> Option<Value> {
        let site = self.place.site.clone()?;
        Some(self.new_path(&site.code, site.span, path, OriginSet::EMPTY))
    }
}
