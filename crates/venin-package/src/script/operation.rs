//! Operations: what commands do, in the study's call classes, and what flows from one into the next.

use venin_model::{Action, CallClass, Family, Role};

use super::classify::classify;
use super::command::{Command, Dialect, RedirectKind};
use super::flow::{Files, Flow};

/// Most operations that one is said to depend on.
const MAX_INPUTS: usize = 32;

/// One thing that a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Dialect and program: `sh:curl`, `cmd:certutil`, `ps:downloadstring`.
    pub name: String,
    /// Its call class.
    pub class: CallClass,
    /// What is known of its arguments; a role can stand several times.
    pub arguments: Vec<(Role, String)>,
    /// Operations whose output or file goes in, ascending.
    pub inputs: Vec<usize>,
    /// Line in the outermost text, from 1.
    pub line: u32,
    /// The command's source text, at most 240 characters.
    pub snippet: String,
    /// Index of the command.
    pub command: usize,
}

impl Operation {
    /// The first argument in a role.
    #[must_use]
    pub fn argument(&self, role: Role) -> Option<&str> {
        self.arguments.iter().find(|(own, _)| *own == role).map(|(_, text)| text.as_str())
    }
}

/// One step of a command, before the flow is known.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub class: CallClass,
    pub arguments: Vec<(Role, String)>,
    /// Files whose content goes in.
    pub reads: Vec<String>,
    /// Files that hold the result.
    pub writes: Vec<String>,
    /// Whether the previous step of the same command flows in.
    pub follows: bool,
}

impl Step {
    /// A step without arguments.
    pub(crate) fn new(family: Family, action: Action) -> Self {
        let class = CallClass::new(family, action);
        Self { class, arguments: Vec::new(), reads: Vec::new(), writes: Vec::new(), follows: false }
    }

    /// With one more argument; empty texts are left out.
    pub(crate) fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.arguments.push((role, text));
        }
        self
    }

    /// With a file whose content goes in, as an argument too.
    pub(crate) fn reading(mut self, path: &str) -> Self {
        self.reads.push(path.to_owned());
        self.with(Role::Path, path)
    }

    /// A write of the previous step's result.
    pub(crate) fn write(path: &str) -> Self {
        let step = Self::new(Family::Cf, Action::Write).with(Role::Path, path);
        Self { writes: vec![path.to_owned()], follows: true, ..step }
    }
}

/// Classifies commands and follows pipes, substitutions and files between them.
///
/// `inputs` point to earlier operations only.  Programs that merely pass text on have no operation of their own;
/// what flows into them flows out of them.
#[must_use]
pub fn read_operations(commands: &[Command]) -> Vec<Operation> {
    let mut flow = Flow::new(commands.len());
    let mut files = Files::default();
    let mut operations = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let mut inputs = flow.inputs_of(command);
        for redirect in command.redirects.iter().filter(|r| r.kind == RedirectKind::Read) {
            inputs.extend(files.writers(&redirect.path));
        }
        tidy(&mut inputs);
        let steps = classify(command, !inputs.is_empty());
        let own = push_steps(steps, index, command, &inputs, &mut files, &mut operations);
        let produced = if own.is_empty() { inputs } else { own };
        push_redirects(index, command, &produced, &mut files, &mut operations);
        flow.note_output(index, command, produced);
    }
    operations
}

fn tidy(inputs: &mut Vec<usize>) {
    inputs.sort_unstable();
    inputs.dedup();
    inputs.truncate(MAX_INPUTS);
}

/// Files the steps of a command; answers those whose output goes on.
fn push_steps(
    steps: Vec<Step>,
    index: usize,
    command: &Command,
    inputs: &[usize],
    files: &mut Files,
    operations: &mut Vec<Operation>,
) -> Vec<usize> {
    let mut own: Vec<usize> = Vec::new();
    for step in steps {
        let mut sources = inputs.to_vec();
        sources.extend(own.last().filter(|_| step.follows));
        for path in &step.reads {
            sources.extend(files.writers(path));
        }
        tidy(&mut sources);
        let at = operations.len();
        for path in &step.writes {
            files.note(path, at, &sources);
        }
        operations.push(operation(index, command, step.class, step.arguments, sources));
        own.push(at);
    }
    own
}

/// Redirections that write files, and those to the shell's network devices.
fn push_redirects(
    index: usize,
    command: &Command,
    produced: &[usize],
    files: &mut Files,
    operations: &mut Vec<Operation>,
) {
    for redirect in &command.redirects {
        let mut sources = produced.to_vec();
        tidy(&mut sources);
        let at = operations.len();
        if let Some((host, port)) = network_device(&redirect.path) {
            let arguments = vec![(Role::Host, host), (Role::Port, port)];
            let class = CallClass::new(Family::Cr, Action::Connect);
            operations.push(Operation {
                name: "sh:/dev/tcp".to_owned(),
                ..operation(index, command, class, arguments, sources)
            });
            continue;
        }
        if redirect.kind == RedirectKind::Read || redirect.path.starts_with("/dev/") {
            continue;
        }
        files.note(&redirect.path, at, &sources);
        let mode = if redirect.kind == RedirectKind::Append { "append" } else { "write" };
        let mut arguments = vec![(Role::Path, redirect.path.clone()), (Role::Mode, mode.to_owned())];
        if matches!(command.program.as_str(), "echo" | "printf" | "cat" | "write-output") {
            let text = command.input_text.clone().unwrap_or_else(|| command.arguments().join(" "));
            arguments.push((Role::Data, text));
        }
        let class = CallClass::new(Family::Cf, Action::Write);
        operations.push(operation(index, command, class, arguments, sources));
    }
}

/// `/dev/tcp/HOST/PORT`.
fn network_device(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix("/dev/tcp/").or_else(|| path.strip_prefix("/dev/udp/"))?;
    let (host, port) = rest.split_once('/').unwrap_or((rest, ""));
    Some((host.to_owned(), port.to_owned()))
}

fn operation(
    index: usize,
    command: &Command,
    class: CallClass,
    arguments: Vec<(Role, String)>,
    inputs: Vec<usize>,
) -> Operation {
    let dialect = if command.dialect == Dialect::Guess { Dialect::Sh } else { command.dialect };
    Operation {
        name: format!("{dialect}:{}", command.program),
        class,
        arguments,
        inputs,
        line: command.span.line,
        snippet: command.text.clone(),
        command: index,
    }
}
