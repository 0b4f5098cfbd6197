//! `.pth` files: the lines that `site` runs at every start of the interpreter.

use ruff_python_parser::Mode;

use super::Parsed;
use super::encoding::decode_source;
use super::parse::Reader;
use crate::value::Symbols;

/// Reads a `.pth` file: each line that begins with `import` and a blank is code, the others are paths.
///
/// Line numbers and spans are those of the file.  Needs a large stack: see the module's documentation.
#[must_use]
pub fn parse_pth(bytes: &[u8], symbols: &mut Symbols) -> Parsed {
    let mut reader = Reader::new(decode_source(bytes), symbols);
    let starts = super::traits::line_starts(reader.text());
    let ends = starts.iter().skip(1).map(|end| *end as usize).chain([reader.text().len()]);
    for (start, end) in starts.iter().map(|start| *start as usize).zip(ends) {
        let line = reader.text().get(start..end).unwrap_or_default();
        if line.starts_with("import ") || line.starts_with("import\t") {
            reader.read(start..end, Mode::Module);
        }
    }
    reader.finish()
}
