//! Jupyter notebooks: the code cells, in order, as one module.
//!
//! Spans refer to the cells' text joined by line ends.  What a cell escapes to the shell or to a magic becomes
//! a call of `IPython.system`, `IPython.run_line_magic` or `IPython.run_cell_magic`.

use ruff_python_parser::Mode;
use serde::Deserialize;
use venin_model::GapKind;

use super::encoding::Decoded;
use super::ir::Span;
use super::parse::Reader;
use super::{Parsed, Problem};
use crate::value::Symbols;

/// The part of a notebook that matters; format 3 has its cells in worksheets.
#[derive(Debug, Default, Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    #[serde(default)]
    worksheets: Vec<Worksheet>,
    /// Anything, so that a notebook with strange metadata is read all the same.
    #[serde(default)]
    metadata: serde_json::Value,
}

impl Notebook {
    /// Whether the cells are code of another language.  Where nothing is said they may be Python.
    fn is_of_other_language(&self) -> bool {
        let named = |path: &str| self.metadata.pointer(path).and_then(serde_json::Value::as_str);
        let named = named("/language_info/name").or_else(|| named("/kernelspec/language"));
        named.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            !["python", "sage", "xonsh"].iter().any(|own| name.contains(own))
        })
    }
}

#[derive(Debug, Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<Cell>,
}

#[derive(Debug, Deserialize)]
struct Cell {
    #[serde(default)]
    cell_type: String,
    #[serde(default, alias = "input")]
    source: Lines,
}

/// A text that may be split into lines.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lines {
    Whole(String),
    Split(Vec<String>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Split(Vec::new())
    }
}

impl Lines {
    fn joined(self) -> String {
        match self {
            Self::Whole(text) => text,
            Self::Split(lines) => lines.concat(),
        }
    }
}

/// Reads the code cells of a notebook; those of a notebook in another language are none of Python.
///
/// What is no notebook gives empty code and a problem.  Needs a large stack: see the module's documentation.
#[must_use]
pub fn parse_notebook(bytes: &[u8], symbols: &mut Symbols) -> Parsed {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let (notebook, problem) = match serde_json::from_slice::<Notebook>(bytes) {
        Ok(notebook) => (notebook, None),
        Err(error) => {
            let detail = format!("the notebook is not valid JSON of its format at line {}", error.line());
            (Notebook::default(), Some(Problem::new(GapKind::Syntax, 1, detail)))
        }
    };
    let notebook = if notebook.is_of_other_language() { Notebook::default() } else { notebook };
    let cells =
        notebook.cells.into_iter().chain(notebook.worksheets.into_iter().flat_map(|sheet| sheet.cells));
    let mut text = String::new();
    let mut ranges = Vec::new();
    for cell in cells.filter(|cell| cell.cell_type == "code") {
        let start = text.len();
        text.push_str(&cell.source.joined());
        ranges.push(start..text.len());
        text.push('\n');
    }
    let decoded = Decoded { text, encoding: "utf-8".to_owned(), has_bom: false, problem };
    let mut reader = Reader::new(decoded, symbols);
    for range in ranges {
        let Some(cell) = reader.text().get(range.clone()) else { continue };
        match cell_magic(cell) {
            None => reader.read(range, Mode::Ipython),
            Some(Magic::Python { skipped }) => reader.read(range.start + skipped..range.end, Mode::Ipython),
            Some(Magic::Call { method, arguments }) => {
                let span = Span { start: range.start as u32, end: range.end as u32 };
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                reader.builder.call_shell(method, &arguments, span);
            }
        }
    }
    reader.finish()
}

/// What a cell that begins with `%%` is.
#[derive(Debug, PartialEq, Eq)]
enum Magic {
    /// Python after a line of so many bytes.
    Python { skipped: usize },
    /// A call with the rest of the cell.
    Call { method: &'static str, arguments: Vec<String> },
}

fn cell_magic(cell: &str) -> Option<Magic> {
    let command = cell.trim_start().strip_prefix("%%")?;
    let blanks = cell.len() - cell.trim_start().len();
    let line = command.split(['\n', '\r']).next().unwrap_or_default();
    let (name, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let body = command.get(line.len()..).unwrap_or_default().trim_start_matches(['\n', '\r']);
    Some(match name {
        "time" | "timeit" | "capture" | "prun" | "python" | "python3" | "python2" | "pypy" | "debug" => {
            Magic::Python { skipped: blanks + 2 + line.len() }
        }
        "bash" | "sh" | "script" | "cmd" | "powershell" | "!" | "sx" | "system" => {
            Magic::Call { method: "system", arguments: vec![body.to_owned()] }
        }
        _ => Magic::Call {
            method: "run_cell_magic",
            arguments: vec![name.to_owned(), rest.trim().to_owned(), body.to_owned()],
        },
    })
}
