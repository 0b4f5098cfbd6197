//! What malformed pages are told.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use insta::assert_snapshot;
use venin_rules::{RuleFile, parse_page};

/// The first error of a page with this pattern.
fn of_pattern(pattern: &str) -> String {
    of_page(&common::page(pattern, ""))
}

fn of_page(text: &str) -> String {
    match common::words().with_pages(&[RuleFile { path: "own/x.md", text }]) {
        Ok(set) => set
            .page("x")
            .unwrap()
            .parse_examples()
            .map(|_| "no error".to_owned())
            .unwrap_or_else(|e| e.to_string()),
        Err(errors) => errors[0].to_string(),
    }
}

/// A whole page whose examples are these.
fn of_examples(examples: &str) -> String {
    let page = common::page("Cs", "");
    of_page(&format!("{page}## What it detects\nX.\n## Why it matters\nX.\n{examples}"))
}

#[test]
fn words_that_do_not_exist_are_told_with_the_nearest_that_do() {
    assert_snapshot!(of_pattern("S -> Cn.fetsh(url) -> E"), @r"
    own/x.md:12:9: there is no action `fetsh`
      hint: did you mean `fetch`?
    ");
    assert_snapshot!(of_pattern("S -> Cq -> E"), @r"
    own/x.md:12:6: there is no call class `Cq`
      hint: did you mean `Cc`?
    ");
    assert_snapshot!(of_pattern("Cn(urll)"), @r"
    own/x.md:12:4: there is no role or test `urll`
      hint: did you mean `url`?
    ");
    assert_snapshot!(of_pattern("Cn(url is messanger)"), @r"
    own/x.md:12:11: there is no kind or earlier step `messanger`
      hint: did you mean `messenger`?
    ");
    assert_snapshot!(of_pattern("Cn(url in @messenger)"), @r"
    own/x.md:12:11: there is no list `messenger`
      hint: did you mean `messengers`?
    ");
    assert_snapshot!(of_pattern("Cn(data from netwrok)"), @r"
    own/x.md:12:14: no earlier step is named `netwrok`
      hint: did you mean `network`?
    ");
    assert_snapshot!(of_pattern("Cn(when platfrom)"), @r"
    own/x.md:12:9: there is no kind of condition `platfrom`
      hint: did you mean `platform`?
    ");
    assert_snapshot!(of_pattern("Cn(trigger in (instal))"), @r"
    own/x.md:12:16: there is no trigger `instal`
      hint: did you mean `install`?
    ");
    assert_snapshot!(of_pattern("os.system"), @r"
    own/x.md:12:1: there is no call class `os`
      hint: a qualified name stands in backticks; a step's name must be given before it is used
    ");
}

#[test]
fn broken_notation_is_told_where_it_breaks() {
    assert_snapshot!(of_pattern("S -> Cn(url -> Cs -> E"), @"own/x.md:12:13: expected `,`, `or` or `)`, found `->`");
    assert_snapshot!(of_pattern("Cn -> [Cf"), @"own/x.md:13:1: expected `->` or `]`, found the end of the pattern");
    assert_snapshot!(of_pattern("Cn | Cs"), @r"
    own/x.md:12:4: expected `->`, `&`, `unless` or the end, found `|`
      hint: alternatives stand in parentheses: `(a | b)`
    ");
    assert_snapshot!(of_pattern("Cn → Cs"), @r"
    own/x.md:12:4: `→` begins nothing here
      hint: write `->`
    ");
    assert_snapshot!(of_pattern("Cn(url ~ /a(/)"), @"own/x.md:12:10: regular expression: unclosed group");
    assert_snapshot!(of_pattern("Cn(url ~ /a)"), @r#"
    own/x.md:12:10: the regular expression is not closed
      hint: close it with `/` on the same line; write `\/` for a slash inside
    "#);
    assert_snapshot!(of_pattern("Cn(url ~ /a/x)"), @r"
    own/x.md:12:10: there is no flag `x`
      hint: the flags are `i` (ignore case) and `s` (`.` matches line breaks)
    ");
    assert_snapshot!(of_pattern("Cn(url = 'a')"), @r"
    own/x.md:12:10: `'` begins nothing here
      hint: strings stand in double quotes
    ");
    assert_snapshot!(of_pattern("Cn(url = \"a)"), @r#"
    own/x.md:12:10: the string is not closed
      hint: close it with `"`
    "#);
    assert_snapshot!(of_pattern("Cn(url and host)"), @r#"
    own/x.md:12:8: expected `,`, `or` or `)`, found `and`
      hint: a comma is "and"
    "#);
    assert_snapshot!(of_pattern("Cn(url != \"a\")"), @r#"
    own/x.md:12:11: expected a number, found a string
      hint: texts are compared with `=` only; write `not role = "text"` for the contrary
    "#);
    assert_snapshot!(of_pattern("`os.{a`"), @"own/x.md:12:1: glob: `{` has no `}`");
    assert_snapshot!(of_pattern("Ch{0}"), @"own/x.md:12:4: a repetition is a whole number from 1 to 16");
    assert_snapshot!(of_pattern("Cn ->"), @"own/x.md:13:1: expected a call class, a `qualified.name`, `fact(...)` or `( ... | ... )`, found the end of the pattern");
    assert_snapshot!(of_pattern(""), @"own/x.md:13:1: expected a call class, a `qualified.name`, `fact(...)` or `( ... | ... )`, found the end of the pattern");
}

#[test]
fn what_makes_no_sense_is_told_with_the_way_to_say_it() {
    assert_snapshot!(of_pattern("S -> [Cn] -> [Cs] -> E"), @r"
    own/x.md:12:1: every step is optional, so the pattern would match anything
      hint: take the brackets off the step that must be there
    ");
    assert_snapshot!(of_pattern("Cn -> [Cf -> [Cs]]"), @r"
    own/x.md:12:14: optional steps do not nest
      hint: write `[a] -> [b]`, or `[a -> b]` for both or none
    ");
    assert_snapshot!(of_pattern("Cn -> fact(archive.bomb)"), @r"
    own/x.md:12:1: a fact or a named event has no place in an order of calls
      hint: join it with `&`: `a -> b & fact(...)`
    ");
    assert_snapshot!(of_pattern("Cn unless [Cs]"), @"own/x.md:12:11: an optional step means nothing after `unless`");
    assert_snapshot!(of_pattern("(Cn | fact(a))"), @r"
    own/x.md:12:1: calls and facts cannot be alternatives of one step
      hint: write two pattern blocks
    ");
    assert_snapshot!(of_pattern("Cn:a -> Cs:a"), @"own/x.md:12:12: a step cannot be named `a`: another step has this name");
    assert_snapshot!(of_pattern("Cn:layer"), @"own/x.md:12:4: a step cannot be named `layer`: the word has a meaning in tests");
    assert_snapshot!(of_pattern("Cn:a -> a"), @"own/x.md:12:9: the name of a step selects only after `&` and `unless`");
    assert_snapshot!(of_pattern("Cs(path is file)"), @r"
    own/x.md:12:12: there is no kind or earlier step `file`
      hint: there are: analysis-tool, appdata, archive, browser-store, certificate, cloud-credentials, credential-store, desktop, dynamic, executable, hidden, home, image, messenger-store, null, own-env, own-tree, package, python, run-key, script, security-off, self, shell-rc, site-packages, ssh, startup, system, temp, wallet
    ");
}

#[test]
fn front_matter_is_checked_key_by_key() {
    let good = common::page("Cn", "");
    let with = |from: &str, to: &str| of_page(&good.replace(from, to));
    assert_snapshot!(of_page("# A page"), @r"
    own/x.md:1:1: the page does not begin with a `+++` line
      hint: the first line is `+++`, then the keys, then `+++` again
    ");
    assert_snapshot!(of_page("+++\nid = \"x\"\n"), @"own/x.md:1:1: the front matter is not closed by a second `+++` line");
    assert_snapshot!(with("behavior = \"code execution\"\n", ""), @r"
    own/x.md:2:1: the page names neither a behavior nor a technique
      hint: set `behavior`, `technique` or both
    ");
    assert_snapshot!(with("code execution", "code exekution"), @r"
    own/x.md:4:12: `behavior` has no value `code exekution`
      hint: did you mean `code execution`?
    ");
    assert_snapshot!(with("severity", "severty"), @"own/x.md:5:1: front matter: unknown field `severty`, expected one of `id`, `title`, `behavior`, `technique`, `severity`, `confidence`, `weight`, `attack`, `since`, `message`, `primary`");
    assert_snapshot!(with("since = \"0.1\"", ""), @"own/x.md:2:1: front matter: missing field `since`");
    assert_snapshot!(with("weight = 3.0", "weight = 30"), @"own/x.md:7:10: `weight` is a number of log-odds from 0 to 10");
    assert_snapshot!(with("id = \"x\"", "id = \"y\""), @"own/x.md:2:6: the id `y` is not the name of the file, `x`");
    assert_snapshot!(with("id = \"x\"", "id = \"X_y\""), @"own/x.md:2:6: `id` is kebab-case: lower-case words joined by `-`");
    assert_snapshot!(with("since", "attack = [\"1105\"]\nsince"), @"own/x.md:8:11: `attack` holds ids such as `T1105` or `T1059.006`");
    assert_snapshot!(with("since", "message = \"a {b.url}\"\nsince"), @"own/x.md:8:11: `message`: no step is named `b`");
    assert_snapshot!(with("since", "message = \"a {b\"\nsince"), @"own/x.md:8:11: `message`: `{` has no `}`");
    assert_snapshot!(with("since", "primary = \"run\"\nsince"), @"own/x.md:13:1: no required step of this pattern is named `run`, as `primary` says");
    assert_snapshot!(with("```pattern", "```python"), @r"
    own/x.md:11:1: the page has no `pattern` block
      hint: open a block with ```pattern
    ");
    assert_snapshot!(of_page(&good.replace("```\n", "")), @r"
    own/x.md:11:1: the block is not closed
      hint: close it with ````` on a line of its own
    ");
}

#[test]
fn examples_keep_their_rules() {
    let look_alikes = "## Benign look-alikes\n```python\na\n```\n```python\nb\n```\n";
    let found = "## Examples\n```python\nc  # finding: x\n```\n";
    assert_snapshot!(of_page(&common::page("Cs", "")), @"own/x.md:11:1: the page has no section `## What it detects`");
    assert_snapshot!(of_examples(&format!("{found}{look_alikes}")), @"no error");
    assert_snapshot!(of_examples(found), @"own/x.md:1:1: example: a page has at least two benign look-alikes");
    assert_snapshot!(of_examples(look_alikes), @r"
    own/x.md:1:1: the page has no section `## Examples`
      hint: with at least one block
    ");
    assert_snapshot!(of_examples("## Examples\n```python\nc\n```\n"), @"own/x.md:19:1: example: no line is marked `# finding: x`");
    assert_snapshot!(of_examples("## Examples\n```text\nc\n```\n"), @"own/x.md:19:1: example: a block in `text` needs `file=`");
    assert_snapshot!(of_examples("## Examples\n```python file=../c\n```\n"), @"own/x.md:19:1: example: `../c` leaves the artifact");
    assert_snapshot!(of_examples("## Examples\n```rust\nc\n```\n"), @r"
    own/x.md:19:1: example: a block in `rust`
      hint: the languages of examples are: python, text, toml, ini, sh, json, powershell, bat, javascript, zip, tar, base64
    ");
    assert_snapshot!(of_examples("## Known misses\n```python\nc\n```\n"), @"own/x.md:19:1: example: no line is marked `# miss: x`");
    assert_snapshot!(of_examples(&format!("{found}## Benign look-alikes\n```python\na # finding: x\n```\n")), @"own/x.md:23:1: example: a benign look-alike expects a finding of `x`");
}

#[test]
fn cases_are_made_of_headings_and_file_names() {
    let text = "## What it detects\nX.\n## Why it matters\nX.\n## Examples\n```python file=setup.py\nimport a  # finding: x, y\n```\n\
                ```text file=a.pth\nimport a\n```\n### Named\n```python\nb\nc  # finding: x\n```\n```toml file=pyproject.toml finding=x\n```\n\
                ## Benign look-alikes\n```python\na\n```\n```python\nb\n```\n## Known misses\n```python\nz # miss: x\n```\n";
    let page = parse_page("own/x.md", &format!("{}{text}", common::page("Cs", ""))).unwrap();
    let examples = page.parse_examples().unwrap();
    let told: Vec<String> = examples
        .iter()
        .map(|e| {
            let files: Vec<&str> = e.files.iter().map(|f| &*f.path).collect();
            let of = |list: &[venin_rules::Expectation]| {
                list.iter()
                    .map(|x| format!("{}:{} {}", x.file, x.line, x.rule))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            format!(
                "{} | {} | {} | {} | {}",
                e.kind,
                e.title,
                files.join(", "),
                of(&e.expected),
                of(&e.missed)
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    example | example 1 | setup.py, a.pth | setup.py:1 x, setup.py:1 y | 
    example | Named | pkg/__init__.py, pyproject.toml | pkg/__init__.py:2 x, pyproject.toml:0 x | 
    benign look-alike | benign look-alike 1 | pkg/__init__.py |  | 
    benign look-alike | benign look-alike 2 | pkg/__init__.py |  | 
    known miss | known miss 1 | pkg/__init__.py |  | pkg/__init__.py:1 x
    ");
    assert_eq!(examples[0].files[0].bytes, b"import a\n");
}

#[test]
fn an_archive_of_an_example_is_built_and_its_findings_have_no_line() {
    let sections = "## What it detects\nX.\n## Why it matters\nX.\n## Examples\n```zip file=a.whl finding=x\n[[member]]\npath = \"a.py\"\ncontent = \"a\"\n```\n\
                    ## Benign look-alikes\n```python\na\n```\n```tar file=a.tar\n[[member]]\npath = \"a.py\"\n```\n";
    let page = parse_page("own/x.md", &format!("{}{sections}", common::page("Cs", ""))).unwrap();
    let examples = page.parse_examples().unwrap();
    let zip = &examples[0].files[0];
    assert!(zip.is_archive && zip.bytes.starts_with(b"PK\x03\x04") && zip.bytes.ends_with(b"\0\0"));
    assert_eq!((examples[0].expected[0].file.as_str(), examples[0].expected[0].line), ("", 0));
    assert_eq!(examples[2].files[0].bytes.len(), 3 * 512);
}

#[test]
fn an_archive_that_cannot_be_understood_is_an_error_at_its_line() {
    assert_snapshot!(of_examples("## Examples\n```zip file=a.whl\n[[member]]\npath = \"a.py\"\nlisted = 3\n```\n"), @r"
    own/x.md:22:10: example: invalid type: integer `3`, expected a boolean
      hint: docs/rules.md lists the keys of zip and tar blocks
    ");
    assert_snapshot!(of_examples("## Examples\n```tar file=a.tar\n[[member]]\npath = \"a.py\"\nmode = 3\n```\n"), @r"
    own/x.md:22:1: example: unknown field `mode`, expected one of `path`, `content`, `type`, `link`, `size`, `records`
      hint: docs/rules.md lists the keys of zip and tar blocks
    ");
}
