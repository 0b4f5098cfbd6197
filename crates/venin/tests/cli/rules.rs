//! `venin rules`.

use serde_json::Value;

use crate::{run, venin};

const PAGE: &str = "\
+++
id = \"my-rule\"
title = \"Runs a command\"
behavior = \"command execution\"
severity = \"low\"
confidence = \"low\"
weight = 0.1
attack = [\"T1059\"]
since = \"0.1\"
+++

## What it detects

A command.

```pattern
S -> Cs.shell -> E
```

## Why it matters

It is an example.

## Examples

```python
import os
os.system(\"echo hello\")  # finding: my-rule
```

## Benign look-alikes

### Nothing is run

```python
import os
print(os.name)
```

### Another call of the same module

```python
import os
print(os.getcwd())
```
";

fn folder_with(page: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    std::fs::write(folder.path().join("own/my-rule.md"), page).unwrap();
    folder
}

#[test]
fn the_list_has_every_rule_and_its_count() {
    let text = run(&mut venin(&["rules", "list"])).stdout;
    let json: Value =
        serde_json::from_str(&run(&mut venin(&["rules", "list", "--format", "json"])).stdout).unwrap();
    let rules = json.as_array().unwrap();
    assert!(rules.len() >= 40);
    assert!(text.ends_with(&format!("{} rules\n", rules.len())));
    assert!(rules.iter().all(|rule| text.contains(rule["id"].as_str().unwrap())));
}

#[test]
fn a_rule_of_the_users_own_is_listed_and_shown() {
    let folder = folder_with(PAGE);
    let list = run(venin(&["rules", "list", "--rules", "."]).current_dir(folder.path()));
    assert!(list.stdout.contains("my-rule "), "{}{}", list.stdout, list.stderr);
    let show = run(venin(&["rules", "show", "my-rule", "--rules", "."]).current_dir(folder.path()));
    assert!(show.stdout.starts_with("Runs a command [my-rule]\n"), "{}", show.stdout);
    assert!(show.stdout.contains("S -> Cs.shell -> E"));
}

#[test]
fn an_unknown_rule_is_an_error_with_a_hint() {
    let run = run(&mut venin(&["rules", "show", "no-such-rule"]));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: there is no rule `no-such-rule`\nhint: "), "{}", run.stderr);
}

#[test]
fn a_page_that_keeps_its_word_passes() {
    let folder = folder_with(PAGE);
    let run = run(venin(&["rules", "test", "."]).current_dir(folder.path()));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "1 page: every example comes out as its page says\n");
}

#[test]
fn a_page_that_breaks_its_word_exits_with_1_and_says_where() {
    let folder = folder_with(&PAGE.replace("os.system(\"echo hello\")", "print(\"hello\")"));
    let run = run(venin(&["rules", "test", ".", "--format", "json"]).current_dir(folder.path()));
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["pages"], 1);
    assert_eq!(report["failures"][0]["rule"], "my-rule");
}

#[test]
fn a_folder_without_pages_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(venin(&["rules", "test", "."]).current_dir(folder.path()));
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: no rule page in `.`\nhint: "), "{}", run.stderr);
}

#[test]
fn a_page_about_a_yara_match_is_tested_with_the_yara_file() {
    let page = PAGE
        .replace("S -> Cs.shell -> E", "fact(yara.match)(rule = \"own_word\")")
        .replace("os.system(\"echo hello\")  # finding: my-rule", "WORD = \"venin-word\"")
        .replace("```python\nimport os\nWORD", "```python finding=my-rule\nimport os\nWORD");
    let folder = folder_with(&page);
    std::fs::write(
        folder.path().join("own.yar"),
        "rule own_word { strings: $a = \"venin-word\" condition: $a }\n",
    )
    .unwrap();
    let without = run(venin(&["rules", "test", "own"]).current_dir(folder.path()));
    assert_eq!(without.code, 1, "{}{}", without.stdout, without.stderr);
    let with = run(venin(&["rules", "test", "own", "--yara", "own.yar"]).current_dir(folder.path()));
    assert_eq!(with.code, 0, "{}{}", with.stdout, with.stderr);
    let wrong = run(venin(&["rules", "test", "own", "--yara", "own/my-rule.md"]).current_dir(folder.path()));
    assert_eq!(wrong.code, 2, "{}", wrong.stdout);
}
