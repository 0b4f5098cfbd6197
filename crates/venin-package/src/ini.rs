//! INI text as `entry_points.txt`, `setup.cfg` and `requires.txt` use it, read line by line.
//!
//! Never fails: a line that fits nothing is counted in [`Ini::strange_lines`].

/// Most lines read of one file; what real projects need is a hundredth of it.
const MAX_LINES: usize = 20_000;

/// One `key = value` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As written, trimmed.
    pub key: String,
    /// Continuation lines are joined with line feeds.
    pub value: String,
    /// From 1.
    pub line: u32,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IniSection {
    /// As written, trimmed; empty for what stands before the first header.
    pub name: String,
    /// In file order.
    pub entries: Vec<Entry>,
    /// Lines of the section that are neither entries nor continuations: the requirements of `requires.txt`.
    pub bare: Vec<(u32, String)>,
}

/// A whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ini {
    /// In file order; a name can appear twice.
    pub sections: Vec<IniSection>,
    /// Lines that are neither header, entry nor continuation.
    pub strange_lines: usize,
}

impl Ini {
    /// Every entry of the sections with this name.
    pub(crate) fn entries(&self, section: &str) -> impl Iterator<Item = &Entry> {
        self.sections.iter().filter(move |s| s.name == section).flat_map(|s| s.entries.iter())
    }

    /// The value of a key, whose dashes and underscores are the same and whose case does not matter.
    pub(crate) fn value(&self, section: &str, key: &str) -> Option<&str> {
        let fits = |e: &&Entry| e.key.replace('-', "_").eq_ignore_ascii_case(key);
        let mut sections = self.sections.iter().filter(|s| s.name == section);
        sections.find_map(|s| s.entries.iter().find(fits)).map(|e| e.value.as_str())
    }

    /// A value that is a list, one item a line or separated by commas.
    pub(crate) fn list(&self, section: &str, key: &str) -> Vec<String> {
        self.value(section, key).map(split_list).unwrap_or_default()
    }
}

/// Splits a list value: by lines when there are several, otherwise by commas.
pub(crate) fn split_list(value: &str) -> Vec<String> {
    let value = value.trim();
    let separator = if value.contains('\n') { '\n' } else { ',' };
    value
        .split(separator)
        .map(str::trim)
        .filter(|i| !i.is_empty() && !i.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Reads INI text.
pub(crate) fn parse_ini(text: &str) -> Ini {
    let mut ini = Ini::default();
    let mut current = IniSection { name: String::new(), entries: Vec::new(), bare: Vec::new() };
    for (number, line) in (1u32..).zip(text.lines().take(MAX_LINES)) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            let next = IniSection { name: name.trim().to_owned(), entries: Vec::new(), bare: Vec::new() };
            ini.sections.push(std::mem::replace(&mut current, next));
            continue;
        }
        if !parse_line(line, number, &mut current) {
            ini.strange_lines += 1;
        }
    }
    ini.sections.push(current);
    ini.sections.retain(|s| !s.name.is_empty() || !s.entries.is_empty() || !s.bare.is_empty());
    ini
}

/// Adds one line to the section.  Answers whether it was an entry or a continuation.
fn parse_line(line: &str, number: u32, section: &mut IniSection) -> bool {
    let trimmed = line.trim();
    if line.starts_with([' ', '\t'])
        && let Some(last) = section.entries.last_mut()
    {
        last.value.push('\n');
        last.value.push_str(trimmed);
        return true;
    }
    section.bare.push((number, trimmed.to_owned()));
    match trimmed.split_once(['=', ':']) {
        Some((key, value)) if !key.trim().is_empty() => {
            let entry = Entry { key: key.trim().to_owned(), value: value.trim().to_owned(), line: number };
            section.entries.push(entry);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_lines_continue_the_entry_above() {
        let ini = parse_ini("[options]\npackages =\n    a\n    b\n# note\nzip_safe: no\n");
        assert_eq!(ini.list("options", "packages"), ["a", "b"]);
        assert_eq!(ini.value("options", "zip_safe"), Some("no"));
    }

    #[test]
    fn text_before_a_header_belongs_to_the_nameless_section() {
        let ini = parse_ini("alpha>=1\n\n[extra:python_version < '3']\nbeta\n");
        assert_eq!(ini.sections.len(), 2);
        assert_eq!(ini.sections[0].bare, [(1, "alpha>=1".to_owned())]);
        assert_eq!(ini.sections[1].name, "extra:python_version < '3'");
        assert_eq!(ini.strange_lines, 1);
    }
}
