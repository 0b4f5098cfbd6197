//! What of a setup script only its developers run, and what shows that something else may run it.
//!
//! pip and `build` start the script with words of their own.  What stands under another word (a command of the project's
//! own, a branch for `publish`) is run by whoever types that word: it is code that nobody calls.  Anything that runs by
//! itself and can have the script run such a word makes it what it was before, a part of the installation; this is
//! decided once for the whole script, so that nothing hangs on the order in which it is seen.

use rustc_hash::FxHashSet;
use venin_model::{EventId, Role, Trigger};
use venin_package::renames_build_commands;

use super::function::Arguments;
use super::setup_commands::ASKING;
use super::{Frame, Interpreter};
use crate::project::Project;
use crate::source::ir::{Block, Code};
use crate::value::{Kind, ObjId, Sym, Value};
use std::rc::Rc;

/// Most commands and branches that are kept.
pub(super) const MOST_KEPT: usize = 64;
/// Most configurations that are read, and the longest one.
const MOST_CONFIGURATIONS: usize = 16;
const MAX_CONFIGURATION: usize = 1 << 18;
/// The longest text that is taken for the name of something, not for a program.
const MAX_NAME: usize = 60;

/// Attributes of distributions and commands from which others are run.
const OPENING: &[&str] =
    &["sub_commands", "script_args", "command_options", "get_option_dict", "cmdclass", "commands"];
/// What the list of words is asked, or what is taken from it.
const READING_METHODS: &[&str] = &[
    "remove",
    "pop",
    "index",
    "count",
    "copy",
    "clear",
    "__contains__",
    "__len__",
    "__getitem__",
    "__iter__",
];
/// What only reads the list of words, or the module that holds it.
const READERS: &[&str] = &[
    "all",
    "any",
    "bool",
    "copy.copy",
    "dir",
    "enumerate",
    "filter",
    "getattr",
    "hasattr",
    "id",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "next",
    "print",
    "repr",
    "reversed",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "vars",
    "zip",
];
/// Programs that a build starts and that start no script.
const PLAIN_PROGRAMS: &[&str] = &[
    "cc",
    "c++",
    "clang",
    "cython",
    "gcc",
    "g++",
    "git",
    "hg",
    "ldconfig",
    "lrelease",
    "msgfmt",
    "nvcc",
    "pkg-config",
    "protoc",
    "swig",
    "sw_vers",
    "svn",
    "uname",
    "which",
];
/// Ends of the names of such programs.
const PLAIN_ENDS: &[&str] = &["-config", "-uic", "-rcc"];

/// A branch for a word that a developer types.
#[derive(Debug)]
pub(super) struct AskedBranch {
    pub(super) frame: Frame,
    pub(super) code: Rc<Code>,
    pub(super) body: Block,
}

/// What developers run of the setup scripts of an artifact.
#[derive(Debug, Default)]
pub(super) struct SetupScript {
    /// Whether there is one, or a backend that may run one.
    is_present: bool,
    /// Whether a configuration gives other names to commands, once that was looked at.
    has_other_names: Option<bool>,
    /// Whether something that runs by itself may have any word run.
    pub(super) is_open: bool,
    /// Commands under words of developers, by name.
    pub(super) commands: Vec<(Rc<str>, Value)>,
    /// The classes of those that were run as what developers run.
    pub(super) of_developers: FxHashSet<ObjId>,
    /// Branches for such words.
    pub(super) branches: Vec<AskedBranch>,
}

impl SetupScript {
    pub(super) fn of(project: &Project<'_>) -> Self {
        let is_present = project.roots.iter().any(|r| matches!(r.trigger, Trigger::Install | Trigger::Build));
        Self { is_present, ..Self::default() }
    }

    /// The objects that commands and branches need.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjId> {
        let commands = self.commands.iter().filter_map(|(_, command)| command.kind.object());
        let frames = self
            .branches
            .iter()
            .flat_map(|b| [b.frame.scope, b.frame.globals].into_iter().chain(b.frame.class));
        commands.chain(frames).chain(self.of_developers.iter().copied())
    }

    pub(super) fn is_of_developers(&self, class: ObjId) -> bool {
        self.of_developers.contains(&class)
    }

    /// Forgets what hangs on the code of the batch.
    pub(super) fn end_batch(&mut self) {
        *self = Self { is_present: self.is_present, is_open: self.is_open, ..Self::default() };
    }
}

impl Interpreter<'_> {
    /// Whether a unit is the text of a setup script.
    pub(super) fn is_setup_script(&self, unit: u32) -> bool {
        self.project.roots.iter().any(|root| {
            root.trigger == Trigger::Install && self.modules.file_units.get(&root.file) == Some(&unit)
        })
    }

    /// Whether what happens now may have a setup script run something.
    const fn may_open(&self) -> bool {
        self.setup.is_present && !self.setup.is_open && self.trigger.is_automatic()
    }

    /// Takes everything that developers run for a part of the installation.
    pub(super) const fn open_setup(&mut self) {
        self.setup.is_open = true;
    }

    /// Runs what developers run, if something that runs by itself may have run it.
    pub(super) fn run_opened(&mut self) {
        if !self.setup.is_open || !self.trigger.is_automatic() {
            return;
        }
        self.run_own_commands(None);
        for AskedBranch { frame, code, body } in std::mem::take(&mut self.setup.branches) {
            self.frames.push(frame);
            let _ = self.in_branch(|me| me.exec_block(&code, &body));
            self.frames.pop();
        }
    }

    /// Whether a configuration has other commands run in the place of one that builds run.
    pub(super) fn has_other_names_for_commands(&mut self) -> bool {
        if let Some(known) = self.setup.has_other_names {
            return known;
        }
        let data = self.project.data.iter().filter(|(_, bytes)| bytes.len() <= MAX_CONFIGURATION);
        let configurations =
            data.filter(|(path, _)| path.ends_with(".cfg") || path.ends_with("pyproject.toml"));
        let renames = configurations
            .take(MOST_CONFIGURATIONS)
            .any(|(path, bytes)| renames_build_commands(path, &String::from_utf8_lossy(bytes)));
        *self.setup.has_other_names.insert(renames)
    }

    /// Notes a call that may change the words of the script, or have a command run.
    pub(super) fn note_setup_call(&mut self, text: &str, arguments: &Arguments) {
        if !self.setup.is_present || !self.trigger.is_automatic() {
            return;
        }
        self.run_asked_command(text, arguments);
        if self.may_open() && (changes_words(text) || self.hands_words_on(text, arguments)) {
            self.open_setup();
        }
    }

    /// Whether a call is given the words of the script, or the module that holds them, and may change them.
    fn hands_words_on(&self, text: &str, arguments: &Arguments) -> bool {
        let given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        !READERS.contains(&text)
            && given.into_iter().any(|value| match &value.kind {
                Kind::External { name, .. } => matches!(&*self.names.text(*name), "sys" | "sys.argv"),
                Kind::Str(text) => text.len() <= MAX_NAME && text.as_str().contains("sys.argv"),
                _ => false,
            })
    }

    /// Notes the name of an attribute of a command or distribution that is read.
    pub(super) fn note_setup_name(&mut self, base: &str, name: Sym) {
        if self.may_open() && is_of_setup(base) && OPENING.contains(&self.symbols.as_str(name)) {
            self.open_setup();
        }
    }

    /// Notes what is asked of an object of which nothing is known: it may be a command, and the answer another one.
    pub(super) fn note_asking_unknown(&mut self, name: &str) {
        if self.may_open() && (ASKING.contains(&name) || matches!(name, "sub_commands" | "script_args")) {
            self.open_setup();
        }
    }

    /// Notes a name outside the artifact that is assigned.
    pub(super) fn note_setup_store(&mut self, text: &str) {
        let is_opening = || {
            let last = text.trim_end_matches("[]").rsplit('.').next().unwrap_or(text);
            text.starts_with("sys.argv") || is_of_setup(text) && OPENING.contains(&last)
        };
        if self.may_open() && is_opening() {
            self.open_setup();
        }
    }

    /// Notes a program that is started by itself: it may start the script again, with other words.
    pub(super) fn note_setup_start(&mut self, event: EventId) {
        if !self.may_open() {
            return;
        }
        let Some(event) = self.log.events.get(event.0 as usize) else { return };
        let is_plain = |role| event.text(role).is_none_or(is_plain_start);
        let is_known = event.text(Role::Command).or_else(|| event.text(Role::Path)).is_some();
        if !is_known || !is_plain(Role::Command) || !is_plain(Role::Path) {
            self.open_setup();
        }
    }
}

/// Whether a name belongs to the libraries that run setup scripts.
fn is_of_setup(text: &str) -> bool {
    text.contains("setuptools") || text.contains("distutils")
}

/// Whether a call changes the words of the script by its name: `sys.argv.append`, `sys.__dict__.update`, `run_setup`.
fn changes_words(text: &str) -> bool {
    let method = text.rsplit('.').next().unwrap_or(text);
    let is_of_list = text.starts_with("sys.argv.") && !READING_METHODS.contains(&method);
    let is_of_module = text.starts_with("sys.__dict__.") || text.starts_with("vars().");
    let is_of_command = is_of_setup(text) && text.split('.').any(|part| OPENING.contains(&part));
    is_of_list || is_of_module || is_of_command || method == "run_setup"
}

/// Whether a command line starts one program that starts no script, in plain words.
fn is_plain_start(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    let is_listed = PLAIN_PROGRAMS.contains(&program) || PLAIN_ENDS.iter().any(|end| program.ends_with(end));
    is_listed
        && !program.contains(['/', '\\', '⟨'])
        && !command.contains(['\'', '"', '!', '$', '`', '|', '&', ';', '<', '>', '\n'])
}
