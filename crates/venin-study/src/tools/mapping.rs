//! Tools as their user describes them, and how their answers are read.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::trial::Outcome;

/// What a command writes for the file.
pub const FILE: &str = "{file}";
/// Most bytes of output that are read.
pub const MAX_OUTPUT: usize = 64 << 20;
/// Seconds that a tool gets for a file unless it says otherwise.
const DEFAULT_TIMEOUT: u64 = 120;
/// Most bytes that an expression may take once compiled.
const MAX_EXPRESSION: usize = 4 << 20;

/// The description of tools cannot be used.
#[derive(Debug, Error)]
pub enum WrongTools {
    /// It is no such TOML.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// A tool is described wrongly.
    #[error("tool `{tool}`: {reason}")]
    Tool {
        /// Its name.
        tool: String,
        /// Why.
        reason: String,
    },
}

/// A scanner that the user has.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name in tables.
    pub name: String,
    /// The program and its arguments; `{file}` stands for the file.  No shell reads it.
    pub command: Vec<String>,
    /// Seconds after which it is ended.
    pub timeout: u64,
    /// How its answer is read.
    pub mapping: Mapping,
}

/// How a tool says that it found something.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Exit codes at which the answer counts; anything else is a failure.
    answers: BTreeSet<i32>,
    detection: Detection,
}

#[derive(Debug, Clone)]
enum Detection {
    /// These exit codes mean a detection.
    Exit(BTreeSet<i32>),
    /// A match in the output means a detection.
    Pattern(Regex),
    /// A value in the output, which is JSON, compared with another.
    Pointer { pointer: String, comparison: Comparison, value: Value },
}

venin_model::spelled_enum! {
    /// How a value is compared.
    enum Comparison {
        Equal = "=",
        Unequal = "!=",
        Less = "<",
        LessOrEqual = "<=",
        Greater = ">",
        GreaterOrEqual = ">=",
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolFile {
    #[serde(default)]
    tool: Vec<Described>,
}

/// A tool as TOML has it: one of `exit`, `pattern` and `pointer`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    command: Vec<String>,
    timeout: Option<u64>,
    exit: Option<BTreeSet<i32>>,
    pattern: Option<String>,
    pointer: Option<String>,
    is: Option<String>,
    value: Option<Value>,
    answers: Option<BTreeSet<i32>>,
}

/// Reads a description of tools:
///
/// ```toml
/// [[tool]]
/// name = "one"
/// command = ["one", "--json", "{file}"]
/// timeout = 60
/// exit = [1]                         # a detection by exit code; 0 means none, anything else is a failure
///
/// [[tool]]
/// name = "two"
/// command = ["two", "{file}"]
/// pattern = "(?m)^FOUND"             # a detection by the output; the exit code must be 0, or one of `answers`
/// answers = [0, 1]
///
/// [[tool]]
/// name = "three"
/// command = ["three", "{file}"]
/// pointer = "/results/score"         # a detection by a value (RFC 6901); a list or an object counts its entries
/// is = ">="
/// value = 5
/// ```
///
/// # Errors
/// It is no such TOML, two tools have one name, a command has no place for the file, a way to read is missing or wrong.
pub fn parse_tools(text: &str) -> Result<Vec<Tool>, WrongTools> {
    let described = toml::from_str::<ToolFile>(text)?.tool;
    let mut names = BTreeSet::new();
    let mut tools = Vec::with_capacity(described.len());
    for one in described {
        let name = one.name.clone();
        let wrong = |reason: String| WrongTools::Tool { tool: name.clone(), reason };
        if !names.insert(one.name.clone()) {
            return Err(wrong("the name stands twice".to_owned()));
        }
        tools.push(tool_of(one).map_err(wrong)?);
    }
    Ok(tools)
}

fn tool_of(described: Described) -> Result<Tool, String> {
    if described.name.is_empty() {
        return Err("it has no name".to_owned());
    }
    if !described.command.iter().skip(1).any(|argument| argument.contains(FILE)) {
        return Err(format!("the command has no argument with {FILE}"));
    }
    let timeout = described.timeout.unwrap_or(DEFAULT_TIMEOUT);
    if timeout == 0 {
        return Err("the timeout is 0 seconds".to_owned());
    }
    let mapping = mapping_of(&described)?;
    Ok(Tool { name: described.name, command: described.command, timeout, mapping })
}

fn mapping_of(described: &Described) -> Result<Mapping, String> {
    let has_comparison = described.is.is_some() || described.value.is_some();
    let detection = match (&described.exit, &described.pattern, &described.pointer) {
        (Some(codes), None, None) if !has_comparison && !codes.is_empty() => Detection::Exit(codes.clone()),
        (None, Some(pattern), None) if !has_comparison => {
            let expression = RegexBuilder::new(pattern).size_limit(MAX_EXPRESSION).build();
            Detection::Pattern(expression.map_err(|error| error.to_string())?)
        }
        (None, None, Some(pointer)) => pointer_of(pointer, described)?,
        _ => {
            return Err(
                "it needs one of `exit`, `pattern` and `pointer`, and `is` with `value` for the last only"
                    .to_owned(),
            );
        }
    };
    let mut answers = described.answers.clone().unwrap_or_else(|| BTreeSet::from([0]));
    if let Detection::Exit(codes) = &detection {
        answers.extend(codes);
    }
    Ok(Mapping { answers, detection })
}

fn pointer_of(pointer: &str, described: &Described) -> Result<Detection, String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(format!("`{pointer}` is no JSON pointer"));
    }
    let comparison = match described.is.as_deref() {
        // A bare pointer asks whether there is anything.
        None if described.value.is_none() => Comparison::Greater,
        None => Comparison::Equal,
        Some(text) => Comparison::parse(text).ok_or_else(|| format!("`{text}` is no comparison"))?,
    };
    let value = described.value.clone().unwrap_or_else(|| Value::from(0));
    let is_ordered = value.is_number() || matches!(comparison, Comparison::Equal | Comparison::Unequal);
    if !is_ordered {
        return Err("only numbers are greater or less than others".to_owned());
    }
    Ok(Detection::Pointer { pointer: pointer.to_owned(), comparison, value })
}

impl Tool {
    /// The command for a file: program and arguments.
    #[must_use]
    pub fn command_for(&self, file: &str) -> Vec<String> {
        let mut command = self.command.iter();
        let program = command.next().cloned();
        program.into_iter().chain(command.map(|argument| argument.replace(FILE, file))).collect()
    }
}

impl Mapping {
    /// Reads an answer.  `exit` is `None` for a program that a signal ended; of the output at most [`MAX_OUTPUT`] bytes
    /// are read.
    #[must_use]
    pub fn read(&self, exit: Option<i32>, stdout: &[u8]) -> Outcome {
        let failed = |reason: String| Outcome::Failed { reason };
        let Some(exit) = exit else { return failed("it was ended by a signal".to_owned()) };
        if !self.answers.contains(&exit) {
            return failed(format!("it ended with {exit}"));
        }
        if stdout.len() > MAX_OUTPUT {
            return failed("its output is too long".to_owned());
        }
        let detected = match &self.detection {
            Detection::Exit(codes) => Ok(codes.contains(&exit)),
            Detection::Pattern(expression) => Ok(expression.is_match(&String::from_utf8_lossy(stdout))),
            Detection::Pointer { pointer, comparison, value } => {
                read_pointer(stdout, pointer, *comparison, value)
            }
        };
        match detected {
            Ok(true) => Outcome::Detected,
            Ok(false) => Outcome::Silent,
            Err(reason) => failed(reason),
        }
    }
}

fn read_pointer(
    stdout: &[u8],
    pointer: &str,
    comparison: Comparison,
    wanted: &Value,
) -> Result<bool, String> {
    let document: Value =
        serde_json::from_slice(stdout).map_err(|error| format!("its output is no JSON: {error}"))?;
    let found = document.pointer(pointer).ok_or_else(|| format!("its output has nothing at `{pointer}`"))?;
    if let Some(wanted) = wanted.as_f64() {
        let number = match found {
            Value::Number(number) => number.as_f64(),
            Value::Array(entries) => Some(entries.len() as f64),
            Value::Object(entries) => Some(entries.len() as f64),
            Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Value::Null => Some(0.0),
            Value::String(_) => None,
        };
        let number = number.ok_or_else(|| format!("what stands at `{pointer}` is no number"))?;
        return Ok(holds(number, comparison, wanted));
    }
    Ok((found == wanted) == (comparison == Comparison::Equal))
}

fn holds(number: f64, comparison: Comparison, wanted: f64) -> bool {
    match comparison {
        Comparison::Equal => number == wanted,
        Comparison::Unequal => number != wanted,
        Comparison::Less => number < wanted,
        Comparison::LessOrEqual => number <= wanted,
        Comparison::Greater => number > wanted,
        Comparison::GreaterOrEqual => number >= wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(lines: &str) -> Tool {
        let text = format!("[[tool]]\nname = \"one\"\ncommand = [\"one\", \"--in={{file}}\"]\n{lines}");
        parse_tools(&text).unwrap().remove(0)
    }

    fn wrong(text: &str) -> String {
        parse_tools(text).unwrap_err().to_string()
    }

    #[test]
    fn an_exit_code_is_a_detection_silence_or_a_failure() {
        let tool = tool("exit = [1, 2]\ntimeout = 5");
        assert_eq!(tool.timeout, 5);
        assert_eq!(tool.mapping.read(Some(2), b""), Outcome::Detected);
        assert_eq!(tool.mapping.read(Some(0), b"anything"), Outcome::Silent);
        assert_eq!(tool.mapping.read(Some(3), b""), Outcome::Failed { reason: "it ended with 3".to_owned() });
        assert!(matches!(tool.mapping.read(None, b""), Outcome::Failed { .. }));
        assert_eq!(tool.command_for("a b.whl"), ["one", "--in=a b.whl"]);
    }

    #[test]
    fn an_expression_looks_at_the_output_of_a_tool_that_ended_well() {
        let tool = tool("pattern = \"(?m)^FOUND\"\nanswers = [0, 1]");
        assert_eq!(tool.mapping.read(Some(1), b"x\nFOUND y\n"), Outcome::Detected);
        assert_eq!(tool.mapping.read(Some(0), b"not FOUND \xff"), Outcome::Silent);
        assert!(matches!(tool.mapping.read(Some(2), b"FOUND"), Outcome::Failed { .. }));
    }

    #[test]
    fn a_pointer_compares_numbers_counts_lists_and_knows_texts() {
        let score = tool("pointer = \"/a/0/score\"\nis = \">=\"\nvalue = 5").mapping;
        assert_eq!(score.read(Some(0), br#"{"a": [{"score": 5.0}]}"#), Outcome::Detected);
        assert_eq!(score.read(Some(0), br#"{"a": [{"score": 4.9}]}"#), Outcome::Silent);
        for broken in [&br#"{"a": []}"#[..], b"Traceback", br#"{"a": [{"score": "high"}]}"#] {
            assert!(matches!(score.read(Some(0), broken), Outcome::Failed { .. }));
        }
        let issues = tool("pointer = \"/issues\"").mapping;
        assert_eq!(issues.read(Some(0), br#"{"issues": {"x": 1}}"#), Outcome::Detected);
        assert_eq!(issues.read(Some(0), br#"{"issues": []}"#), Outcome::Silent);
        let word = tool("pointer = \"/verdict\"\nvalue = \"malicious\"").mapping;
        assert_eq!(word.read(Some(0), br#"{"verdict": "malicious"}"#), Outcome::Detected);
        assert_eq!(word.read(Some(0), br#"{"verdict": "clean"}"#), Outcome::Silent);
    }

    #[test]
    fn what_is_described_wrongly_is_told_by_name() {
        let tool = |lines: &str| format!("[[tool]]\nname = \"one\"\n{lines}");
        assert!(wrong(&tool("command = [\"one\"]\nexit = [1]")).contains("no argument with {file}"));
        assert!(wrong(&tool("command = [\"{file}\"]\nexit = [1]")).contains("no argument"));
        let command = "command = [\"one\", \"{file}\"]\n";
        assert!(wrong(&tool(command)).contains("needs one of"));
        assert!(wrong(&tool(&format!("{command}exit = [1]\npattern = \"x\""))).contains("needs one of"));
        assert!(wrong(&tool(&format!("{command}pattern = \"(\""))).contains("tool `one`"));
        assert!(wrong(&tool(&format!("{command}pointer = \"x\""))).contains("no JSON pointer"));
        assert!(
            wrong(&tool(&format!("{command}pointer = \"/x\"\nis = \">\"\nvalue = \"y\"")))
                .contains("numbers")
        );
        assert!(wrong(&tool(&format!("{command}exit = [1]\ntimeout = 0"))).contains("0 seconds"));
        let twice = tool(&format!("{command}exit = [1]"));
        assert!(wrong(&format!("{twice}\n{twice}")).contains("stands twice"));
    }
}
