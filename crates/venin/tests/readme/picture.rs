//! The picture at the top of the README: the output of `venin scan --demo`, shortened by a fixed procedure.
//!
//! A comment above the block, `<!-- demo: RULE... -->`, names the findings that are shown.  All else of the output
//! stands, except further findings and the list of indicators, which become a line `...`.

use crate::{program, read, workspace};

const MARK: &str = "<!-- demo: ";
const OPEN: &str = " -->\n```text\n";

/// What the program prints, with those findings only.
fn shortened(output: &str, shown: &[&str]) -> String {
    let mut paragraphs: Vec<&str> = Vec::new();
    for paragraph in output.trim_end().split("\n\n") {
        let is_finding = paragraph.contains("\n   = trigger: ") || paragraph.contains("\n  = trigger: ");
        let is_shown = shown.iter().any(|rule| paragraph.contains(&format!("[{rule}]")));
        let is_left_out = if is_finding { !is_shown } else { paragraph.starts_with("indicators\n") };
        if !is_left_out {
            paragraphs.push(paragraph);
        } else if paragraphs.last() != Some(&"...") {
            paragraphs.push("...");
        }
    }
    let text = paragraphs.join("\n\n");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("$ venin scan --demo\n{}\n", lines.join("\n"))
}

#[test]
fn the_picture_is_what_the_program_prints() {
    let output = program(env!("CARGO_BIN_EXE_venin"), &["scan", "--demo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "the page says so");
    let output = String::from_utf8(output.stdout).unwrap();

    let page = read("README.md");
    let mark = page.find(MARK).unwrap() + MARK.len();
    let open = mark + page[mark..].find(OPEN).unwrap();
    let shown: Vec<&str> = page[mark..open].split_whitespace().collect();
    for rule in &shown {
        assert!(output.contains(&format!("[{rule}]")), "the example has no finding of `{rule}` any more");
    }
    let start = open + OPEN.len();
    let end = start + page[start..].find("```").unwrap();
    let wanted = shortened(&output, &shown);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let updated = [&page[..start], &wanted, &page[end..]].concat();
        std::fs::write(workspace("README.md"), updated).unwrap();
    } else {
        assert_eq!(&page[start..end], wanted, "run the test with UPDATE_DOCS=1");
    }
}
