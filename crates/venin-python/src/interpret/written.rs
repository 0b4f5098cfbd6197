//! Files that the code makes itself: temporary ones, whose names nobody chose, and those it writes and then starts.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{EventId, MemberPath, Role, Site, Trigger};
use venin_package::{Operation, parse_script};

use super::Interpreter;
use super::function::Arguments;
use super::written_modules::WrittenModules;
use crate::catalogue;
use crate::source::ir::Span;
use crate::value::{Kind, ObjId, OriginSet, Value};

/// Most files that one command is taken to start.
const MAX_STARTED: usize = 4;
/// Shortest path that is looked for in a command.
const MIN_PATH: usize = 4;
/// Longest content that several writes to one path are put together to, in bytes.
const MAX_JOINED: usize = 1 << 20;

/// `tempfile.NamedTemporaryFile()`: a file object with a path of its own.
pub(super) fn temporary_file(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let (event, _) = me.make_temporary(name, arguments)?;
    let opened = me.names.intern("open()");
    Some(me.made_by(opened, event))
}

/// `tempfile.TemporaryDirectory()`: an object that gives its path when it is entered.
pub(super) fn temporary_folder(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let (event, _) = me.make_temporary(name, arguments)?;
    let made = me.names.intern("tempfile.TemporaryDirectory()");
    Some(me.made_by(made, event))
}

/// `tempfile.mktemp()` and `mkdtemp()`: a path.
pub(super) fn temporary_path(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.make_temporary(name, arguments).map(|(_, path)| path)
}

/// `tempfile.mkstemp()`: an open descriptor and its path.
pub(super) fn temporary_pair(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let (event, path) = me.make_temporary(name, arguments)?;
    let opened = me.names.intern("open()");
    let descriptor = me.made_by(opened, event);
    Some(me.heap.tuple(vec![descriptor, path]))
}

/// The text of a layer and, if it is short, the place that executes it.
pub(super) type Entered = (Rc<str>, Option<(u32, Span)>);

/// What the program wrote, and what of that was run.
#[derive(Debug, Default)]
pub(super) struct WrittenFiles {
    /// Texts written to files by known path.
    pub(super) files: FxHashMap<String, Value>,
    /// What of that is imported.
    pub(super) modules: WrittenModules,
    /// Environment variables that the code itself set.
    pub(super) variables: FxHashMap<String, Value>,
    /// Layers already entered, by text and, if that is short, place, with the number of times.
    pub(super) layers_seen: FxHashMap<Entered, u32>,
    /// Scripts of the artifact that a command started, with the trigger.
    pub(super) scripts_started: FxHashSet<(usize, Trigger)>,
}

impl WrittenFiles {
    /// The objects that are needed.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let values = self.files.values().chain(self.variables.values());
        values.filter_map(|value| value.kind.object()).chain(self.modules.objects())
    }
}

impl Interpreter<'_> {
    /// Records that a temporary file or folder is made, under a path that no other has.
    fn make_temporary(&mut self, name: &str, arguments: &Arguments) -> Option<(EventId, Value)> {
        let entry = catalogue::find_call(name)?;
        // The catalogue gives the suffix the role of a path, which is what it becomes part of.
        let position = entry.args.iter().position(|role| *role == Role::Path);
        let suffix = self.argument(arguments, position.unwrap_or(usize::MAX), "suffix");
        let suffix = suffix.as_ref().and_then(Value::as_str).unwrap_or_default();
        let number = self.log.events.len();
        let text = format!("⟨tempfile.gettempdir()⟩/tmp{number}{suffix}");
        let path = super::files::parse_holes(&text);
        let keyword = self.symbols.intern("suffix");
        let mut keywords = arguments.keywords.clone();
        keywords.retain(|(k, _)| *k != keyword);
        let mut positional = arguments.positional.clone();
        match position.and_then(|at| positional.get_mut(at)) {
            Some(slot) => *slot = path,
            None => keywords.push((keyword, path)),
        }
        let event = self.record_here(name, entry, &positional, &keywords, None);
        let origins = self.origins.with_event(OriginSet::EMPTY, event);
        // At a second visit the call keeps the path that it got at the first.
        let kept = self.path_of_event(event).unwrap_or(text);
        Some((event, super::files::parse_holes(&kept).with_origins(origins)))
    }

    fn made_by(&mut self, name: crate::value::NameId, event: EventId) -> Value {
        let origins = self.origins.with_event(OriginSet::EMPTY, event);
        Value::new(Kind::External { name, made_by: Some(event) }).with_origins(origins)
    }

    /// The path of an open file: its attribute `name`.
    pub(super) fn path_of_open_file(&mut self, event: EventId) -> Option<Value> {
        let text = self.path_of_event(event)?;
        let origins = self.origins.with_event(OriginSet::EMPTY, event);
        Some(super::files::parse_holes(&text).with_origins(origins))
    }

    pub(super) fn path_of_event(&self, event: EventId) -> Option<String> {
        self.log.events.get(event.0 as usize)?.text(Role::Path).map(str::to_owned)
    }

    /// What a path holds after one more write: a second write to the same open file goes behind the first.
    pub(super) fn after_write(&self, path: &str, value: &Value) -> Value {
        let before = self.written.files.get(path).and_then(Value::as_str);
        match (before, value.as_str()) {
            (Some(before), Some(text))
                if !before.contains(text) && before.len() + text.len() <= MAX_JOINED =>
            {
                Value::str(format!("{before}{text}").as_str()).with_origins(value.origins)
            }
            _ => value.clone(),
        }
    }

    /// Reads the programs that a command line starts and that the code wrote itself before.
    pub(super) fn run_written_files(&mut self, event: EventId, command: &str) {
        let project = self.project;
        let command = command.replace('\\', "/");
        let takes_data = starts_shell(&command) && !project.data.is_empty();
        if self.written.files.is_empty() && project.scripts.is_empty() && !takes_data {
            return;
        }
        self.read_started_scripts(event, &command);
        let names = |path: &str| path.len() >= MIN_PATH && command.contains(&path.replace('\\', "/"));
        let mut started: Vec<(String, Value)> = self
            .written
            .files
            .iter()
            .filter(|(p, _)| names(p))
            .map(|(p, v)| (p.clone(), v.clone()))
            .collect();
        started.sort_by(|a, b| a.0.cmp(&b.0));
        let is_python = command.contains("python") || command.contains("sys.executable");
        for (path, content) in started.into_iter().take(MAX_STARTED) {
            let Some(text) = self.text_of_file(&content) else { continue };
            let origins = self.origins.with_event(content.origins, event);
            let name = path.to_ascii_lowercase();
            if is_python || name.ends_with(".py") || name.ends_with(".pyw") {
                self.run_program(&text, origins);
            } else if let Some(reading) = parse_script(&path, &text) {
                let Some(outer) = self.log.events.get(event.0 as usize) else { return };
                let (site, decoding) = (outer.site.clone(), outer.decoding.clone());
                self.record_operations(&reading.operations, origins, &|_| site.clone(), &decoding);
            }
        }
    }

    /// Reads the scripts of the artifact that a command line names: what they do happens when the command runs.  A shell does
    /// not mind what a script is called.
    fn read_started_scripts(&mut self, event: EventId, command: &str) {
        let project = self.project;
        let named = project.scripts.iter().enumerate().filter(|(_, (path, _))| is_named(command, path));
        for (at, (path, bytes)) in named.take(MAX_STARTED) {
            self.read_started_script(event, at, path, bytes, path);
        }
        if !starts_shell(command) || !self.heap.work(project.data.len().saturating_mul(command.len())) {
            return;
        }
        let named =
            project.data.iter().enumerate().filter(|(_, (path, _))| is_named_as_program(command, path));
        for (at, (path, bytes)) in named.take(MAX_STARTED) {
            let as_script = format!("{path}.sh");
            self.read_started_script(event, project.scripts.len() + at, path, bytes, &as_script);
        }
    }

    /// Reads one script, whose dialect the name it is read under tells; `at` is its number among all members that start.
    fn read_started_script(
        &mut self,
        event: EventId,
        at: usize,
        member: &MemberPath,
        bytes: &[u8],
        read_as: &str,
    ) {
        if !self.written.scripts_started.insert((at, self.trigger)) {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        let Some(reading) = parse_script(read_as, &text) else { return };
        let origins = self.origins.with_event(OriginSet::LITERAL, event);
        let site =
            |operation: &Operation| Site::of_line(Arc::clone(member), operation.line, &operation.snippet);
        self.record_operations(&reading.operations, origins, &site, &[]);
    }

    fn text_of_file(&self, content: &Value) -> Option<Rc<str>> {
        match &content.kind {
            Kind::Str(text) => Some(text.shared()),
            Kind::Bytes(bytes) => std::str::from_utf8(bytes).ok().map(Rc::from),
            _ => None,
        }
    }
}

/// Whether a command line begins with a shell.
fn starts_shell(command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or_default();
    let program = first.rsplit('/').next().unwrap_or(first);
    matches!(program, "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash")
}

/// What starts a program that is named behind it.
const STARTERS: &str = "sh bash zsh dash ksh source . sudo doas exec nohup setsid env start call time chmod +x 755 777 \
    python python3 node perl ruby osascript cscript wscript cmd cmd.exe /c powershell pwsh xdg-open open";

/// Whether a command line starts a member: names it as a file, in the folders that stand before the name.
///
/// A name without extension is a word like any other, so it must stand where a program stands.
fn is_named(command: &str, member: &str) -> bool {
    let name = member.rsplit('/').next().unwrap_or(member);
    let has_extension = name.trim_start_matches('.').contains('.');
    has_place(command, member, |before, part, word, _| has_extension || is_program_place(before, part, word))
}

/// Whether a command line has a shell read a member that is no script by its name: it stands where a program stands, or its
/// text goes into a shell.
fn is_named_as_program(command: &str, member: &str) -> bool {
    has_place(command, member, |before, part, word, rest| {
        is_program_place(before, part, word) || rest.strip_prefix('|').is_some_and(pipes_into_shell)
    })
}

/// Whether one of the commands of a pipeline is a shell.
fn pipes_into_shell(rest: &str) -> bool {
    let pipeline = rest.split([';', '\n']).next().unwrap_or(rest);
    pipeline.split('|').any(|part| starts_shell(part.trim_matches(['"', '\'', ' ', ')'])))
}

/// Whether a command line names a member as a file at a place that `accepts`, which is given the words before it, the command
/// it stands in, the word itself and the line behind that command.
fn has_place(command: &str, member: &str, accepts: impl Fn(&[&str], &str, &str, &str) -> bool) -> bool {
    let name = member.rsplit('/').next().unwrap_or(member);
    if name.len() < MIN_PATH || !command.contains(name) {
        return false;
    }
    let mut rest = command;
    loop {
        let end = rest.find(['\n', ';', '&', '|', '(', ')', '`']).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '<' | '>');
        let words: Vec<&str> = part.split(is_end).filter(|word| !word.is_empty()).collect();
        let is_place = words.iter().enumerate().any(|(at, word)| {
            is_path_to(word, name, member) && accepts(words.get(..at).unwrap_or(&[]), part, word, behind)
        });
        if is_place {
            return true;
        }
        let mut chars = behind.chars();
        if chars.next().is_none() {
            return false;
        }
        rest = chars.as_str();
    }
}

/// Whether a word is a path that leads to a member of that name.
fn is_path_to(word: &str, name: &str, member: &str) -> bool {
    let Some(folders) = word.strip_suffix(name) else { return false };
    let is_relative =
        !folders.contains('⟩') && !folders.starts_with(['/', '~', '%', '$']) && !folders.contains(':');
    match folders.strip_suffix('/') {
        Some(folders) if is_relative => {
            let own = folders.rsplit("./").next().unwrap_or(folders);
            let above = member.strip_suffix(name).unwrap_or_default().trim_end_matches('/');
            own.is_empty() || own == "." || own == ".." || above == own || above.ends_with(&format!("/{own}"))
        }
        Some(_) => true,
        None => folders.is_empty() || folders.ends_with('⟩'),
    }
}

/// Whether a program may stand behind these words: nothing, or what starts another one, and its options.
fn is_program_place(before: &[&str], part: &str, word: &str) -> bool {
    let is_value = part.contains(&format!("={word}"));
    let starter = before.iter().rev().find(|word| !word.starts_with('-'));
    !is_value
        && starter.is_none_or(|word| {
            let program = word.rsplit('/').next().unwrap_or(word);
            STARTERS.split_whitespace().any(|starter| starter == program) || program.ends_with("executable⟩")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_starts_the_file_that_it_names() {
        for (command, member) in [
            ("bash run.sh", "pkg-1.0/run.sh"),
            ("./run.sh --now", "pkg-1.0/run.sh"),
            ("sh scripts/run.sh", "pkg-1.0/scripts/run.sh"),
            ("sh ⟨__file__⟩/run.sh", "pkg-1.0/pkg/run.sh"),
            ("cd x && chmod +x tool && ./tool", "pkg-1.0/tool"),
            ("sudo -E tool", "pkg-1.0/bin/tool"),
            ("'⟨sys.prefix⟩/bin/tool' -d", "pkg-1.0/scripts/tool"),
            ("powershell -File 'do.ps1'", "pkg-1.0/do.ps1"),
            ("run-parts --arg=x; ./tool", "pkg-1.0/tool"),
        ] {
            assert!(is_named(command, member), "{command}");
        }
    }

    #[test]
    fn a_word_that_is_a_folder_a_value_or_a_part_of_a_name_starts_nothing() {
        for (command, member) in [
            ("merge tool/i18n out.desktop", "pkg-1.0/packaging/osx/tool"),
            ("merge -d tool", "pkg-1.0/packaging/osx/tool"),
            ("merge --name=tool", "pkg-1.0/packaging/osx/tool"),
            ("merge mytool", "pkg-1.0/tool"),
            ("sh other/run.sh", "pkg-1.0/scripts/run.sh"),
            ("sh run.sh.in", "pkg-1.0/run.sh"),
            ("sh prerun.sh", "pkg-1.0/run.sh"),
        ] {
            assert!(!is_named(command, member), "{command}");
        }
    }

    #[test]
    fn a_shell_reads_a_text_that_it_is_given_and_not_one_that_a_program_looks_at() {
        for command in [
            "bash notes.txt",
            "sh < notes.txt",
            "bash -c 'cat notes.txt | sh'",
            "bash -c 'cat notes.txt | tail -n 3 | bash'",
            "sh -c '. ./notes.txt'",
        ] {
            assert!(is_named_as_program(command, "pkg-1.0/notes.txt"), "{command}");
        }
        for command in [
            "bash -c 'cat notes.txt | head -1'",
            "sh -c 'wc -l notes.txt; sh'",
            "sh -c 'ls notes.txt || true'",
        ] {
            assert!(!is_named_as_program(command, "pkg-1.0/notes.txt"), "{command}");
        }
    }
}
