//! `docs/cli.md` shows the help as it is.  `UPDATE_DOCS=1 cargo test -p venin docs` writes it anew.

use std::path::Path;

use crate::{run, venin};

const COMMANDS: &[&[&str]] = &[
    &["scan"],
    &["diff"],
    &["explain"],
    &["rules", "list"],
    &["rules", "show"],
    &["rules", "test"],
    &["collect"],
    &["watch"],
    &["lifecycle"],
    &["store", "info"],
    &["store", "verify"],
    &["store", "export"],
    &["vault", "import"],
    &["vault", "list"],
    &["vault", "export"],
    &["vault", "verify"],
    &["vault", "scan"],
    &["mirror", "list"],
    &["mirror", "audit"],
    &["mirror", "clean"],
    &["mirror", "report"],
    &["mirror", "residual"],
    &["study"],
    &["study", "place"],
    &["study", "tools"],
    &["completions"],
    &["man"],
];

#[test]
fn no_command_of_the_program_is_missing_here() {
    let help = run(venin(&["--help"]).env("COLUMNS", "200")).stdout;
    let listed = help.split_once("Commands:\n").unwrap().1;
    let listed =
        listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let known: Vec<&str> =
        COMMANDS.iter().filter_map(|words| words.first().copied()).chain(["help"]).collect();
    let missing: Vec<&str> = listed.filter(|name| !known.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn docs_show_the_help_of_every_command() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut wanted = page.clone();
    for words in COMMANDS {
        let help = run(venin(words).arg("--help")).stdout;
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        let open = format!("```text\n$ venin {} --help\n", words.join(" "));
        let start = wanted.find(&open).unwrap_or_else(|| panic!("no block `{open}`")) + open.len();
        let length = wanted[start..].find("```").unwrap();
        wanted.replace_range(start..start + length, &format!("{}\n", help.join("\n").trim_end()));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, wanted).unwrap();
    } else {
        assert_eq!(page, wanted, "run the test with UPDATE_DOCS=1");
    }
}
