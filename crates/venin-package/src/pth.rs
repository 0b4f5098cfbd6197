//! `.pth` files: lines that the `site` module executes at every interpreter start.
//!
//! A line that starts with `import` and a space or tab is executed; any other line that is no comment is added to
//! the module search path (documentation of the `site` module).

/// Most lines read of one file.
const MAX_LINES: usize = 10_000;

/// One line that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PthLine<'t> {
    /// A line of Python that runs at start.
    Code {
        /// From 1.
        line: u32,
        /// The line.
        text: &'t str,
    },
    /// A folder added to the search path.
    Path {
        /// From 1.
        line: u32,
        /// The line.
        text: &'t str,
    },
}

/// Reads a `.pth` file.
#[must_use]
pub fn parse_pth(text: &str) -> Vec<PthLine<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = (1u32..).zip(text.lines().take(MAX_LINES));
    lines.filter_map(|(line, text)| parse_line(line, text.trim_end())).collect()
}

fn parse_line(line: u32, text: &str) -> Option<PthLine<'_>> {
    if text.trim().is_empty() || text.starts_with('#') {
        None
    } else if text.starts_with("import ") || text.starts_with("import\t") {
        Some(PthLine::Code { line, text })
    } else {
        Some(PthLine::Path { line, text })
    }
}

/// How many lines are executed.
pub(crate) fn code_line_count(text: &str) -> usize {
    parse_pth(text).iter().filter(|l| matches!(l, PthLine::Code { .. })).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_start_with_import_and_a_space_are_code() {
        let text = "# note\n./lib\nimport os; print('x')\nimport\tsys\nimportant\n import x\n\n";
        assert_eq!(code_line_count(text), 2);
        assert_eq!(parse_pth(text).len(), 5);
        assert_eq!(parse_pth(text).get(1), Some(&PthLine::Code { line: 3, text: "import os; print('x')" }));
    }
}
