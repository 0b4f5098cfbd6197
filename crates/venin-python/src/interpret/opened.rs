//! Open files whose content is known: what reading them gives, by line, by descriptor or mapped into memory.
//!
//! A content is kept under the event of the call that opened the file.  Nothing is opened here.

use super::Interpreter;
use super::files::parse_holes;
use super::function::Arguments;
use crate::catalogue;
use crate::fold;
use crate::value::{Kind, OriginSet, Value};

/// Most lines of a file that a loop goes through one by one.
const MOST_LINES: usize = 200;
/// Most parts that a file is read in one by one.
const MOST_PARTS: usize = 4096;
/// Longest text that is cut into lines, in bytes.
const MOST_BYTES: usize = 64 << 10;

/// `open(path)`: the file is known if the code wrote it itself or the artifact ships it.
pub(super) fn open(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.argument(arguments, 0, "file")?;
    let mode =
        me.argument(arguments, 1, "mode").and_then(|m| m.as_str().map(str::to_owned)).unwrap_or_default();
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, &arguments.positional, &arguments.keywords, None);
    if let Some(codec) = me.argument(arguments, 3, "encoding") {
        let content = me.known_file(&path).unwrap_or_else(Value::unknown);
        me.by_own_codec(&content, "decode", &[codec]);
    }
    let opened = me.names.intern("open()");
    let result = me.event_result(
        Kind::External { name: opened, made_by: Some(event) },
        event,
        entry,
        OriginSet::EMPTY,
    );
    if !mode.contains(['w', 'a', 'x'])
        && let Some(content) = me.known_file(&path)
    {
        me.made.contents.insert(event, content);
        me.made.read_to.insert(event, ReadTo { at: 0, is_binary: mode.contains('b') });
    }
    Some(result)
}

/// `gzip.open(path)`: what a known file holds packed is known.
pub(super) fn open_packed(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.argument(arguments, 0, "filename")?;
    let mode = me.argument(arguments, 1, "mode");
    let mode = mode.as_ref().and_then(Value::as_str).unwrap_or("rb").to_owned();
    let unpack = name.replace(".open", ".decompress");
    let packed = me.known_file(&path).filter(|_| !mode.contains(['w', 'a', 'x']))?;
    let content = me.with_fold(|cx| fold::fold_call(cx, &unpack, &[as_bytes(&packed)], &[]))?;
    let content = match content.as_bytes().map(std::str::from_utf8) {
        Some(Ok(text)) => Value::str(text).with_origins(packed.origins),
        _ => content.with_origins(packed.origins),
    };
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, &arguments.positional, &arguments.keywords, None);
    me.made.contents.insert(event, content);
    me.made.read_to.insert(event, ReadTo { at: 0, is_binary: !mode.contains('t') });
    let opened = me.names.intern("open()");
    let opened = Kind::External { name: opened, made_by: Some(event) };
    Some(me.event_result(opened, event, entry, OriginSet::EMPTY))
}

/// `os.open(path, flags)`: a descriptor of a known file, as long as it is opened for reading alone.
pub(super) fn descriptor(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let path = me.argument(arguments, 0, "path")?;
    let flags = me.argument(arguments, 1, "flags")?;
    let reads_only = match &flags.kind {
        Kind::External { name, .. } => &*me.names.text(*name) == "os.O_RDONLY",
        _ => flags.as_int() == Some(0),
    };
    let content = me.known_file(&path).filter(|_| reads_only)?;
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, &arguments.positional, &arguments.keywords, None);
    me.made.contents.insert(event, content);
    let opened = me.names.intern("os.open()");
    let made = Kind::External { name: opened, made_by: Some(event) };
    Some(me.event_result(made, event, entry, OriginSet::EMPTY))
}

/// How far an open file was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReadTo {
    /// The place, in bytes.
    at: usize,
    /// Whether reading gives bytes.
    is_binary: bool,
}

impl Interpreter<'_> {
    /// `Path(path).open()` of a known file.
    pub(super) fn open_path(&mut self, path: &Value, text: &str, arguments: &Arguments) -> Option<Value> {
        let name = "pathlib.Path().open";
        let mode = self.argument(arguments, 0, "mode");
        let mode = mode.as_ref().and_then(Value::as_str).unwrap_or_default();
        if mode.contains(['w', 'a', 'x']) {
            return None;
        }
        let content = self.known_file(&parse_holes(text))?;
        let entry = catalogue::find_call(name)?;
        let event = self.record_here(name, entry, &arguments.positional, &arguments.keywords, Some(path));
        self.made.contents.insert(event, content);
        self.made.read_to.insert(event, ReadTo { at: 0, is_binary: mode.contains('b') });
        let opened = self.names.intern("open()");
        let opened = Kind::External { name: opened, made_by: Some(event) };
        Some(self.event_result(opened, event, entry, OriginSet::EMPTY))
    }

    /// The content of the open file that a value is, reaches into or was asked for: a file object or a descriptor.
    pub(super) fn content_of_open(&self, value: &Value) -> Option<Value> {
        let Kind::External { name, made_by: Some(event) } = value.kind else { return None };
        let content = self.made.contents.get(&event)?;
        let is_file = matches!(&*self.names.text(name), "open()" | "open().fileno()" | "os.open()");
        is_file.then(|| content.clone())
    }

    /// What a call that reads from a known open file gives.
    pub(super) fn read_of_open(
        &mut self,
        name: &str,
        made_by: Option<venin_model::EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        match name {
            "os.read" | "os.pread" | "mmap.mmap" => {
                let content = self.content_of_open(arguments.positional.first()?)?;
                Some(as_bytes(&content))
            }
            // The members of an archive that the artifact ships are members of it, under both names.
            "zipfile.ZipFile().read" => {
                let archive = self.path_of_event(made_by?)?;
                let member = arguments.positional.first()?.as_str()?;
                let content = self.known_file(&parse_holes(&format!("{archive}!{member}")))?;
                Some(as_bytes(&content))
            }
            "fileinput.input" | "fileinput.FileInput" => {
                let path = arguments.positional.first()?.clone();
                let content = self.known_file(&path)?;
                self.lines_of(&content).map(|lines| self.heap.list(lines))
            }
            "open().readlines" => {
                let content = self.made.contents.get(&made_by?)?.clone();
                Some(match self.lines_of(&content) {
                    Some(lines) => self.heap.list(lines).with_origins(content.origins),
                    None => content,
                })
            }
            "open().read" | "open().seek" | "open().tell"
                if let Some(part) = self.read_in_part(name, made_by?, arguments) =>
            {
                Some(part)
            }
            _ if name.starts_with("open().read") => {
                let content = self.made.contents.get(&made_by?)?;
                let is_binary = self.made.read_to.get(&made_by?).is_some_and(|read| read.is_binary);
                Some(if is_binary { as_bytes(content) } else { content.clone() })
            }
            _ => None,
        }
    }

    /// `file.read(size)` and `file.seek(place)`: a file that is read in parts gives one after the other; `None` where the whole
    /// of it stands for what is read.
    fn read_in_part(
        &mut self,
        name: &str,
        event: venin_model::EventId,
        arguments: &Arguments,
    ) -> Option<Value> {
        let ReadTo { at, is_binary } = *self.made.read_to.get(&event)?;
        let content = self.made.contents.get(&event)?;
        let origins = content.origins;
        let bytes = match &content.kind {
            Kind::Str(text) => text.as_str().as_bytes(),
            Kind::Bytes(bytes) => bytes,
            _ => return None,
        };
        let size = match arguments.positional.as_slice() {
            [] if name.ends_with("tell") => return Some(Value::int(i64::try_from(at).ok()?)),
            [] if at > 0 && at < bytes.len() => bytes.len() - at,
            [size] => usize::try_from(size.as_int()?).ok()?,
            _ => return None,
        };
        if name.ends_with("seek") {
            self.made.read_to.insert(event, ReadTo { at: size, is_binary });
            return Some(Value::int(i64::try_from(size).ok()?));
        }
        if size == 0 || bytes.len() / size > MOST_PARTS {
            return None;
        }
        let end = at.saturating_add(size).min(bytes.len());
        let part = bytes.get(at..end).unwrap_or_default().to_vec();
        if !self.heap.spend(part.len()) {
            return None;
        }
        let value = match (is_binary, String::from_utf8(part)) {
            (false, Ok(text)) => Value::str(text),
            (true, Ok(text)) => Value::bytes(text.into_bytes()),
            (true, Err(part)) => Value::bytes(part.into_bytes()),
            (false, Err(_)) => return None,
        };
        if !arguments.positional.is_empty() {
            self.counts.changes += 1;
            self.made.read_to.insert(event, ReadTo { at: end, is_binary });
        }
        Some(value.with_origins(origins))
    }

    /// What is left to read of a known open file, as bytes.
    pub(super) fn rest_of_open(&self, file: &Value) -> Option<Value> {
        let content = as_bytes(&self.content_of_open(file)?);
        let Kind::External { made_by: Some(event), .. } = file.kind else { return None };
        let at = self.made.read_to.get(&event).map_or(0, |read| read.at);
        let rest = content.as_bytes()?.get(at..)?;
        Some(Value::bytes(rest).with_origins(content.origins))
    }

    /// The lines that iterating an open file gives, if it is known and there are few.
    pub(super) fn lines_of_open(&mut self, file: &Value) -> Option<Vec<Value>> {
        let Kind::External { name, made_by: Some(event) } = file.kind else { return None };
        let content = self.made.contents.get(&event)?.clone();
        if &*self.names.text(name) != "open()" {
            return None;
        }
        let origins = self.origins.union(content.origins, file.origins);
        self.lines_of(&content.with_origins(origins))
    }

    fn lines_of(&mut self, content: &Value) -> Option<Vec<Value>> {
        let text = content.as_str()?;
        if text.len() > MOST_BYTES || !self.heap.spend(text.len()) {
            return None;
        }
        let lines: Vec<&str> = text.split_inclusive('\n').take(MOST_LINES + 1).collect();
        let is_short = lines.len() <= MOST_LINES;
        is_short.then(|| lines.iter().map(|line| Value::str(*line).with_origins(content.origins)).collect())
    }
}

/// A known content as bytes.
pub(super) fn as_bytes(content: &Value) -> Value {
    match content.as_str() {
        Some(text) => Value::bytes(text.as_bytes()).with_origins(content.origins),
        None => content.clone(),
    }
}
