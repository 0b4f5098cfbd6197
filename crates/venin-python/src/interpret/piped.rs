//! What programs are given on their standard input: an interpreter or a shell that is named without a script runs it.
//!
//! Source text that is given to Python is a layer, as with `-c`; a text that is given to a shell is read as its command lines.

use std::rc::Rc;
use std::sync::Arc;

use venin_model::{EventId, Family, Role};
use venin_package::{Dialect, Operation, parse_command_line, parse_script, read_operations};

use super::Interpreter;
use super::function::Arguments;
use super::shell::with_programs_named;
use crate::catalogue::CallEntry;
use crate::value::{Kind, Object, OriginSet, Value};

/// Most texts that are read of what programs are given.
const MOST_READ: usize = 256;
/// Longest text that is read as command lines, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// Most words of a command that are looked at.
const MOST_WORDS: usize = 64;
/// Programs that start the one that is named behind them.
const STARTERS: [&str; 8] = ["env", "sudo", "doas", "nohup", "nice", "setsid", "exec", "stdbuf"];

/// What a program takes its standard input for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Python,
    Shell(Dialect),
    JavaScript,
}

/// `os.write(process.stdin.fileno(), data)`: what is written to the input of a program.
pub(super) fn write_to(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [target, data] = arguments.positional.as_slice() else { return None };
    me.write_to_program(target, data)
}

/// `print(text, file=process.stdin)`.
pub(super) fn print_to(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let target = arguments.keywords.iter().find(|(name, _)| me.symbols.as_str(*name) == "file");
    let (target, data) = (target?.1.clone(), arguments.positional.first()?.clone());
    me.write_to_program(&target, &data)
}

/// `shutil.copyfileobj(file, process.stdin)`: of a file that is known, what it holds.
pub(super) fn copy_to(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [from, target, ..] = arguments.positional.as_slice() else { return None };
    let data = me.content_of_open(from).unwrap_or_else(|| from.clone());
    me.write_to_program(target, &data)
}

impl Interpreter<'_> {
    /// Calls `write` of the input of a program, if it is one.
    fn write_to_program(&mut self, target: &Value, data: &Value) -> Option<Value> {
        let Kind::External { name, made_by: Some(_) } = target.kind else { return None };
        let text = self.names.text(name);
        let input = text.strip_suffix(".fileno()").unwrap_or(&text);
        let input = input.strip_suffix(".buffer").unwrap_or(input);
        if !input.ends_with("().stdin") {
            return None;
        }
        let name = self.names.intern(&format!("{input}.write"));
        let write =
            Value { kind: Kind::External { name, made_by: maker_of(target) }, origins: target.origins };
        Some(self.call_value(&write, vec![data.clone()], Vec::new()))
    }

    /// Reads what a recorded call gives a program on its standard input.
    pub(super) fn read_input(
        &mut self,
        event: EventId,
        entry: &CallEntry,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) {
        if entry.class.family != Family::Cs || self.made.inputs_read.len() >= MOST_READ {
            return;
        }
        let inputs = match made_by {
            Some(_) => arguments.positional.first().cloned().into_iter().collect(),
            None => Vec::new(),
        };
        let inputs: Vec<Value> = inputs.into_iter().chain(self.inputs_by_keyword(arguments)).collect();
        if inputs.is_empty() && self.feeders(arguments).is_empty() {
            return;
        }
        let words = match made_by.and_then(|maker| self.made.makers.get(&maker)) {
            Some(maker) => {
                let started =
                    Arguments { positional: maker.args.to_vec(), keywords: maker.keywords.to_vec() };
                let takes_words = maker.name.ends_with("subprocess_exec");
                if takes_words { self.words_in(&started.positional) } else { self.words_of(&started) }
            }
            None => self.words_of(arguments),
        };
        let Some(reader) = reader_of(&words) else { return };
        self.read_pipe(event, arguments);
        for input in inputs {
            for one in self.alternatives(&input) {
                self.run_input(event, reader, &one);
            }
        }
    }

    /// `Popen(["sh"], stdin=other.stdout)`: two processes with a pipe between them are a pipe of a shell.
    fn read_pipe(&mut self, event: EventId, arguments: &Arguments) {
        let command = arguments.positional.first().cloned();
        let Some(own) = command.and_then(|command| self.command_text(&command)) else { return };
        for feeder in self.feeders(arguments) {
            let fed = self.made.makers.get(&feeder).and_then(|maker| maker.args.first().cloned());
            for one in fed.map(|fed| self.alternatives_in_role(&fed, Role::Command)).unwrap_or_default() {
                let Some(first) = self.command_text(&one) else { continue };
                let operations =
                    read_operations(&parse_command_line(&format!("{first} | {own}"), Dialect::Sh));
                let Some(outer) = self.log.events.get(event.0 as usize) else { return };
                let (site, decoding) = (outer.site.clone(), outer.decoding.clone());
                self.record_operations(&operations, OriginSet::LITERAL, &|_| site.clone(), &decoding);
            }
        }
    }

    /// The calls that started the processes whose output a call takes as its standard input.
    fn feeders(&self, arguments: &Arguments) -> Vec<EventId> {
        let inputs = arguments.keywords.iter().filter(|(name, _)| self.symbols.as_str(*name) == "stdin");
        let started = inputs.filter_map(|(_, input)| match input.kind {
            Kind::External { name, made_by } if self.names.text(name).ends_with("().stdout") => made_by,
            _ => None,
        });
        started.collect()
    }

    /// What `input=` gives, and `stdin=` if it is an open file that is known.
    fn inputs_by_keyword(&self, arguments: &Arguments) -> Vec<Value> {
        let given = arguments.keywords.iter().filter_map(|(name, value)| match self.symbols.as_str(*name) {
            "input" => Some(value.clone()),
            "stdin" => self.content_of_open(value),
            _ => None,
        });
        given.collect()
    }

    /// The words of the command that a call starts.
    fn words_of(&self, arguments: &Arguments) -> Vec<String> {
        let by_name = || {
            let is_command = |name: &str| matches!(name, "args" | "cmd" | "command");
            arguments.keywords.iter().find(|(name, _)| is_command(self.symbols.as_str(*name)))
        };
        let command = arguments.positional.first().or_else(|| by_name().map(|(_, value)| value));
        match command.map(|command| (&command.kind, command)) {
            Some((Kind::List(id) | Kind::Tuple(id), _)) => self.words_in(self.heap.elements(*id)),
            Some((_, command)) => {
                let text = self.render(command).map(|text| text.text.to_string()).unwrap_or_default();
                text.split_whitespace().take(MOST_WORDS).map(str::to_lowercase).collect()
            }
            None => Vec::new(),
        }
    }

    fn words_in(&self, words: &[Value]) -> Vec<String> {
        let text = |word: &Value| {
            self.render(word).map_or_else(
                || "⟨?⟩".to_owned(),
                |t| with_programs_named(Arc::from(t.text.to_lowercase())).to_string(),
            )
        };
        words.iter().take(MOST_WORDS).map(text).collect()
    }

    /// Runs what a program is given, once.
    fn run_input(&mut self, event: EventId, reader: Reader, input: &Value) {
        let Some(text) = self.text_of_input(input) else { return };
        if text.len() > MOST_BYTES || !self.made.inputs_read.insert((event, Rc::clone(&text))) {
            return;
        }
        let operations: Vec<Operation> = match reader {
            Reader::Python => {
                if let Kind::List(_) | Kind::Tuple(_) = input.kind {
                    let origins = self.deep_origins(input);
                    self.run_program(&text, origins);
                } else {
                    let namespace = self.program_namespace();
                    self.run_code_value(input, Some(&namespace));
                }
                return;
            }
            Reader::Shell(dialect) => read_operations(&parse_command_line(&text, dialect)),
            Reader::JavaScript => parse_script("input.js", &text).map(|s| s.operations).unwrap_or_default(),
        };
        let Some(outer) = self.log.events.get(event.0 as usize) else { return };
        let (site, decoding) = (outer.site.clone(), outer.decoding.clone());
        let origins = self.origins.with_event(input.origins, event);
        self.record_operations(&operations, origins, &|_| site.clone(), &decoding);
    }

    fn text_of_input(&self, input: &Value) -> Option<Rc<str>> {
        match &input.kind {
            Kind::Str(text) => Some(text.shared()),
            Kind::Bytes(bytes) => Some(Rc::from(String::from_utf8_lossy(bytes))),
            Kind::ByteArray(id) => match self.heap.get(*id) {
                Some(Object::Bytes(bytes)) => Some(Rc::from(String::from_utf8_lossy(bytes))),
                _ => None,
            },
            Kind::Partial(text) => Some(Rc::from(text.render())),
            // The lines that `writelines` is given.
            Kind::List(id) | Kind::Tuple(id) => {
                let lines: Option<Vec<Rc<str>>> =
                    self.heap.elements(*id).iter().map(|line| self.line_of_input(line)).collect();
                lines.filter(|lines| !lines.is_empty()).map(|lines| Rc::from(lines.concat()))
            }
            _ => None,
        }
    }

    fn line_of_input(&self, line: &Value) -> Option<Rc<str>> {
        match line.kind {
            Kind::List(_) | Kind::Tuple(_) => None,
            _ => self.text_of_input(line),
        }
    }
}

const fn maker_of(value: &Value) -> Option<EventId> {
    match value.kind {
        Kind::External { made_by, .. } => made_by,
        _ => None,
    }
}

/// What the program of a command, in lower case, takes its standard input for; `None` if it does not run it.
fn reader_of(words: &[String]) -> Option<Reader> {
    let is_program = |word: &&String| {
        let word = word.as_str();
        !STARTERS.contains(&name_of(word)) && !word.starts_with('-') && !word.contains('=')
    };
    let at = words.iter().position(|word| is_program(&word))?;
    let program = name_of(words.get(at)?);
    let rest: Vec<&str> = words.get(at + 1..)?.iter().map(String::as_str).collect();
    let is_python = program.starts_with("python")
        || program.starts_with("pypy")
        || program == "py"
        || program.contains("sys.executable");
    match program {
        _ if is_python => takes_no_script(&rest, &["-c", "-m"], &["-w", "-x"]).then_some(Reader::Python),
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" => {
            takes_no_script(&rest, &["-c", "-ic", "-lc"], &["-o", "+o"]).then_some(Reader::Shell(Dialect::Sh))
        }
        "cmd" => (!rest.contains(&"/c")).then_some(Reader::Shell(Dialect::Cmd)),
        "powershell" | "pwsh" => {
            let runs_other = |word: &&str| {
                ["-c", "-f", "-e"].iter().any(|option| word.starts_with(option)) && !word.starts_with("-ex")
            };
            let is_input = rest.last() == Some(&"-") || !rest.iter().any(runs_other);
            is_input.then_some(Reader::Shell(Dialect::PowerShell))
        }
        "node" | "nodejs" | "bun" | "deno" => {
            takes_no_script(&rest, &["-e", "-p", "--eval", "--print"], &[]).then_some(Reader::JavaScript)
        }
        _ => None,
    }
}

/// Whether the words behind an interpreter name neither a script nor code, so that it reads its standard input.
fn takes_no_script(words: &[&str], code: &[&str], with_value: &[&str]) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-" | "-s" | "/dev/stdin" | "<" => return true,
            word if code.contains(&word) => return false,
            word if with_value.contains(&word) => {
                words.next();
            }
            word if word.starts_with(['-', '+']) => {}
            _ => return false,
        }
    }
    true
}

/// The name of a program without its folder and extension.
fn name_of(word: &str) -> &str {
    let name = word.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(command: &str) -> Option<Reader> {
        reader_of(&command.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>())
    }

    #[test]
    fn an_interpreter_without_a_script_runs_its_input() {
        for command in [
            "python3",
            "python3 -",
            "/usr/bin/python3.11 -u -W ignore -",
            "⟨sys.executable⟩ -I",
            "C:\\Python\\python.exe -",
            "env PYTHONPATH=x python3",
            "sudo -n python3 /dev/stdin",
        ] {
            assert_eq!(reader(command), Some(Reader::Python), "{command}");
        }
        for command in ["sh", "/bin/bash -s -- one two", "bash -x", "sudo sh"] {
            assert_eq!(reader(command), Some(Reader::Shell(Dialect::Sh)), "{command}");
        }
        assert_eq!(reader("powershell -NoProfile -Command -"), Some(Reader::Shell(Dialect::PowerShell)));
        assert_eq!(reader("pwsh -ExecutionPolicy Bypass"), Some(Reader::Shell(Dialect::PowerShell)));
        assert_eq!(reader("cmd.exe /q"), Some(Reader::Shell(Dialect::Cmd)));
        assert_eq!(reader("node -"), Some(Reader::JavaScript));
    }

    #[test]
    fn a_program_with_a_script_takes_its_input_for_data() {
        for command in [
            "python3 tool.py",
            "python3 -c pass",
            "python3 -m json.tool",
            "sh run.sh",
            "bash -c cat",
            "cmd /c more",
            "powershell -Command more",
            "node app.js",
            "ffmpeg -i -",
            "cat",
            "",
        ] {
            assert_eq!(reader(command), None, "{command}");
        }
    }
}
