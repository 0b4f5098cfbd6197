//! Paths and file contents that the code itself makes known.

use std::rc::Rc;

use venin_model::{EventId, OriginKind, Role};

use super::Interpreter;
use super::function::Arguments;
use crate::catalogue;
use crate::source::ir::{Code, Span};
use crate::value::{Kind, OriginSet, Part, PartialText, Value};

/// The qualified name of a path object.
const PATH_OBJECT: &str = "pathlib.Path()";

impl Interpreter<'_> {
    /// `Path(a) / b`: a path object again, recorded here so that what is done with it knows the whole path.
    pub(super) fn join_path_object(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        left: &Value,
        right: &Value,
    ) -> Option<Value> {
        let base = self.path_text(left)?;
        let tail = self.as_text(right);
        let tail = self.render(&tail)?.text;
        let text = format!("{}/{}", base.trim_end_matches(['/', '\\']), tail.trim_start_matches('/'));
        let origins = self.origins.union(left.origins, right.origins);
        Some(self.new_path(code, span, &text, origins))
    }

    /// A method that makes a path of a path: `joinpath(a, b)`, `with_name(a)`, `with_suffix(a)`.
    pub(super) fn path_method(
        &mut self,
        method: &str,
        receiver: &Value,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        let site = self.place.site.clone()?;
        let mut text = self.path_of_maker(made_by);
        let mut origins = receiver.origins;
        match method {
            "joinpath" => {}
            "glob" | "rglob" | "iterdir" => return self.list_path(method, &text, arguments),
            "open" => return self.open_path(receiver, &text, arguments),
            "with_name" => text = parent_of(&text).to_owned(),
            "with_suffix" => {
                let suffix = arguments.positional.first().and_then(Value::as_str)?;
                let stem = text.rsplit_once('.').map_or(text.as_str(), |(stem, _)| stem);
                let text = format!("{stem}{suffix}");
                return Some(self.new_path(&site.code, site.span, &text, origins));
            }
            _ => return None,
        }
        for part in &arguments.positional {
            let part_text = self.as_text(part);
            let shown = self.render(&part_text)?.text;
            text = format!("{}/{shown}", text.trim_end_matches('/'));
            origins = self.origins.union(origins, part.origins);
        }
        Some(self.new_path(&site.code, site.span, &text, origins))
    }

    pub(super) fn new_path(&mut self, code: &Rc<Code>, span: Span, text: &str, origins: OriginSet) -> Value {
        let path = parse_holes(text).with_origins(origins);
        let name = self.names.intern(PATH_OBJECT);
        let Some(entry) = catalogue::find_call("pathlib.Path") else { return path };
        let span = self.place_of_path(span, text);
        let event = self.record(code, span, "pathlib.Path", entry, &[path], &[], None);
        self.event_result(Kind::External { name, made_by: Some(event) }, event, entry, origins)
    }

    /// A place of its own for each of the first known paths that are made at one place: what is recorded at one place is one
    /// event, and a path object is known by its event.
    fn place_of_path(&mut self, span: Span, text: &str) -> Span {
        const MOST: usize = 40;
        if text.contains('⟨') {
            return span;
        }
        let unit = self.unit_index();
        let made = self.made.paths.entry((unit, span)).or_default();
        let at = made.iter().position(|path| &**path == text).unwrap_or_else(|| {
            if made.len() < MOST {
                made.push(Rc::from(text));
            }
            made.len().saturating_sub(1)
        });
        Span { end: span.end.saturating_add(at as u32), ..span }
    }

    /// The text of a path object.
    pub(super) fn path_text(&self, value: &Value) -> Option<String> {
        let Kind::External { name, made_by } = value.kind else { return None };
        if &*self.names.text(name) != PATH_OBJECT {
            return None;
        }
        Some(self.path_of_maker(made_by))
    }

    /// The path that an event made.
    fn path_of_maker(&self, made_by: Option<EventId>) -> String {
        let event = made_by.and_then(|e| self.log.events.get(e.0 as usize));
        match event.and_then(|e| e.text(Role::Path)) {
            Some(text) => text.to_owned(),
            None => match event.map_or("pathlib.Path", |e| &*e.name) {
                maker if maker.ends_with("home") => "⟨home⟩".to_owned(),
                maker => format!("⟨{maker}()⟩"),
            },
        }
    }

    /// A path object as the text that `str(path)` gives.
    pub(super) fn text_of_path(&self, value: &Value) -> Option<Value> {
        Some(parse_holes(&self.path_text(value)?).with_origins(value.origins))
    }

    /// The name of a path object of which nothing but one hole is known: `home`.
    pub(super) fn hole_of_path(&self, value: &Value) -> Option<Rc<str>> {
        let text = self.path_text(value)?;
        let hole = text.strip_prefix('⟨')?.strip_suffix('⟩')?;
        (!hole.contains(['⟨', '⟩'])).then(|| Rc::from(hole))
    }

    /// `path.parent`.
    pub(super) fn parent_of_path(&mut self, code: &Rc<Code>, span: Span, path: &Value) -> Option<Value> {
        let text = self.path_text(path)?;
        let parent = parent_of(&text).to_owned();
        Some(self.new_path(code, span, &parent, path.origins))
    }

    /// What a call that reads a whole file of the artifact gives: of a path object, of a package's data, of a line.
    pub(super) fn known_content(
        &mut self,
        name: &str,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        match name {
            "pathlib.Path().read_text" | "pathlib.Path().read_bytes" => {
                let path = parse_holes(&self.path_of_maker(made_by));
                let content = self.known_file(&path)?;
                match (name.ends_with("bytes"), content.as_str()) {
                    (true, Some(text)) => Some(Value::bytes(text.as_bytes()).with_origins(content.origins)),
                    _ => Some(content),
                }
            }
            "pkgutil.get_data" => {
                let content = self.known_file(&arguments.positional.get(1)?.clone())?;
                let bytes = Value::bytes(content.as_str()?.as_bytes());
                Some(bytes.with_origins(content.origins))
            }
            "linecache.getline" => {
                let [path, line, ..] = arguments.positional.as_slice() else { return None };
                let line = usize::try_from(line.as_int()?).ok()?.checked_sub(1)?;
                let content = self.known_file(&path.clone())?;
                let text = content.as_str()?.lines().nth(line).unwrap_or_default();
                Some(Value::str(text).with_origins(content.origins))
            }
            "os.listdir" | "glob.glob" | "glob.iglob" => self.own_listing(name, arguments),
            _ => self
                .read_of_open(name, made_by, arguments)
                .or_else(|| self.resource_content(name, arguments))
                .or_else(|| self.settings_of(name, made_by, arguments)),
        }
    }

    /// Remembers what was written to a known path.
    pub(super) fn note_written(&mut self, id: EventId, value: &Value) {
        let Some(path) =
            self.log.events.get(id.0 as usize).and_then(|e| e.text(Role::Path)).map(str::to_owned)
        else {
            return;
        };
        // Two paths of which nothing but their origin is known are two paths.
        if is_nameless_hole(&path) {
            return;
        }
        let origins = self.origins.with_event(value.origins, id);
        let value = self.after_write(&path, value);
        self.note_written_source(&path);
        self.written.files.insert(path, value.with_origins(origins));
    }

    /// Remembers that a module was fetched to a known path.
    pub(super) fn note_fetched(&mut self, id: EventId) {
        let path = self.log.events.get(id.0 as usize).and_then(|e| e.text(Role::Path));
        if path.is_some_and(|path| path.ends_with(".py")) {
            let origins = self.origins.with_kind(OriginSet::EMPTY, OriginKind::Network);
            self.note_written(id, &Value::unknown().with_origins(origins));
        }
    }

    /// The content of a file that the code wrote itself or that the artifact ships.
    pub(super) fn known_file(&mut self, path: &Value) -> Option<Value> {
        let text = match self.path_text(path) {
            Some(text) => text,
            None => self.render(path)?.text.to_string(),
        };
        if let Some(value) = self.written.files.get(&text) {
            return Some(value.clone());
        }
        let wanted = tail_of_path(&text)?;
        let project = self.project;
        let shipped = project
            .data
            .iter()
            .chain(&project.scripts)
            .map(|(p, b)| (p, *b))
            .chain(project.files.iter().map(|f| (&f.path, f.bytes)))
            .find(|(p, _)| is_tail(p, &wanted))?;
        if shipped.1.len() > 4 << 20 || !self.heap.spend(shipped.1.len()) {
            return None;
        }
        let origins = self.origins.with_kind(OriginSet::EMPTY, OriginKind::File);
        let value = match std::str::from_utf8(shipped.1) {
            Ok(text) => Value::str(text),
            Err(_) => Value::bytes(shipped.1),
        };
        Some(value.with_origins(origins))
    }
}

/// The folder that a path lies in; a hole stands for a folder as well as for a file.
pub(super) fn parent_of(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        Some(_) => "/",
        None if path.ends_with('⟩') => path,
        None => ".",
    }
}

/// Whether a path is a single hole that says only where its value comes from: `⟨argument⟩`, `⟨os.path.join()⟩`.
fn is_nameless_hole(path: &str) -> bool {
    path.strip_prefix('⟨')
        .and_then(|rest| rest.strip_suffix('⟩'))
        .is_some_and(|name| !name.contains(['⟨', '[']) && !name.starts_with("tempfile."))
}

/// The known end of a path that a member may have; `None` when too little is known.
pub(super) fn tail_of_path(text: &str) -> Option<String> {
    let wanted = text.replace('\\', "/");
    let wanted = wanted.trim_start_matches("./").trim_start_matches('/');
    if wanted.len() < 3 || wanted.contains('⟨') && !wanted.contains("⟩/") {
        return None;
    }
    Some(wanted.rsplit_once("⟩/").map_or(wanted, |(_, tail)| tail).to_owned())
}

/// Whether a member's path ends with whole components of another.
pub(super) fn is_tail(path: &str, wanted: &str) -> bool {
    path.strip_suffix(wanted).is_some_and(|front| front.is_empty() || front.ends_with('/'))
}

/// A text with holes written out, as a value again.
pub(super) fn parse_holes(text: &str) -> Value {
    if !text.contains('⟨') {
        return Value::str(text);
    }
    let mut parts = PartialText { parts: Vec::new(), is_bytes: false };
    let mut rest = text;
    while let Some((known, tail)) = rest.split_once('⟨') {
        parts.push(Part::Known(Rc::from(known)));
        match tail.split_once('⟩') {
            Some((hole, tail)) => {
                parts.push(Part::Hole(Rc::from(hole)));
                rest = tail;
            }
            None => {
                rest = tail;
                break;
            }
        }
    }
    parts.push(Part::Known(Rc::from(rest)));
    Value::new(Kind::Partial(Rc::new(parts)))
}
