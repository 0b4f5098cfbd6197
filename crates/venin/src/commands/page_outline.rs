//! A rule page in short: its prose without its examples.

use serde::Serialize;

/// The sections of a page, as far as a reader in a hurry needs them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Outline {
    /// What the rule detects.
    pub(crate) detects: String,
    /// Why that matters.
    pub(crate) matters: String,
    /// Harmless code that looks alike, one entry a look-alike.
    pub(crate) look_alikes: Vec<String>,
    /// What the rule does not see, one entry a miss.
    pub(crate) misses: Vec<String>,
}

impl Outline {
    /// Reads the body of a page; a section that is not there stays empty.
    pub(crate) fn parse(body: &str) -> Self {
        let mut outline = Self::default();
        for section in split_at_headings(body, "## ") {
            let (heading, text) = section;
            match heading {
                "What it detects" => outline.detects = join_prose(text),
                "Why it matters" => outline.matters = join_prose(text),
                "Benign look-alikes" => outline.look_alikes = list_entries(&text),
                "Known misses" => outline.misses = list_entries(&text),
                _ => {}
            }
        }
        outline
    }
}

/// Pairs of a heading and the lines below it; lines inside of code fences are no headings.
fn split_at_headings<'a>(text: &'a str, mark: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = vec![("", Vec::new())];
    let mut is_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        match line.strip_prefix(mark) {
            Some(heading) if !is_code => sections.push((heading.trim(), Vec::new())),
            _ => {
                if let Some((_, lines)) = sections.last_mut() {
                    lines.push(line);
                }
            }
        }
    }
    sections
}

/// The lines outside of code fences as one paragraph.
fn join_prose(lines: Vec<&str>) -> String {
    let mut is_code = false;
    let mut words: Vec<&str> = Vec::new();
    for line in lines {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            words.extend(line.split_whitespace());
        }
    }
    words.join(" ")
}

/// An entry for each heading of the third level, or the section's paragraph when it has none.
fn list_entries(lines: &[&str]) -> Vec<String> {
    let text = lines.join("\n");
    let entries = split_at_headings(&text, "### ").into_iter().map(|(heading, lines)| {
        let prose = join_prose(lines);
        match (heading.is_empty(), prose.is_empty()) {
            (true, _) => prose,
            (false, true) => heading.to_owned(),
            (false, false) => format!("{heading}: {prose}"),
        }
    });
    entries.filter(|entry| !entry.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_kept_and_examples_are_not() {
        let body = "## What it detects\n\nA\ncall.\n\n```pattern\n## no heading\n```\n\n## Benign look-alikes\n\n\
                    ### It is packed\n\n```python\nx\n```\n\n### It is kept\n\nIn a folder.\n\n## Known misses\n\nNone.\n";
        let outline = Outline::parse(body);
        assert_eq!(outline.detects, "A call.");
        assert_eq!(outline.look_alikes, ["It is packed", "It is kept: In a folder."]);
        assert_eq!(outline.misses, ["None."]);
        assert_eq!(outline.matters, "");
    }
}
