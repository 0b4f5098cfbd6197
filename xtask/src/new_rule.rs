//! `cargo xtask new-rule FAMILY ID`: the skeleton of a rule page.

use anyhow::{Context, Result, bail};
use clap::Args;

/// Arguments of `cargo xtask new-rule`.
#[derive(Debug, Args)]
pub(crate) struct NewRuleArgs {
    /// Folder below `rules/`, such as `execution` or `exfiltration`.
    family: String,
    /// The rule's id in kebab-case, named for the pattern it sees: `download-then-execute`.
    id: String,
}

/// Writes the page; never over one that exists.
pub(crate) fn run(args: &NewRuleArgs) -> Result<()> {
    let is_kebab = |t: &str| {
        !t.is_empty() && t.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !is_kebab(&args.id) || !is_kebab(&args.family) {
        bail!("`{}/{}` is not kebab-case\nhint: lower-case words joined by dashes", args.family, args.id);
    }
    let folder = crate::workspace_root().join("rules").join(&args.family);
    let path = folder.join(format!("{}.md", args.id));
    if path.exists() {
        bail!("`{}` exists already", path.display());
    }
    std::fs::create_dir_all(&folder)?;
    std::fs::write(&path, skeleton(&args.id))
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    println!(
        "wrote rules/{}/{}.md; `cargo run -- rules test rules/{}` runs it",
        args.family, args.id, args.family
    );
    Ok(())
}

/// A page that parses and passes, to be changed into the one that is meant.
fn skeleton(id: &str) -> String {
    format!(
        r#"+++
id = "{id}"
title = "Says in one line what the code does"
behavior = "command execution"
severity = "medium"
confidence = "medium"
weight = 1.0
attack = ["T1059"]
since = "0.1"
+++

## What it detects

One paragraph.

```pattern
S -> Cs(command ~ /{id}/) -> E
```

## Why it matters

One paragraph.

## Examples

```python
import os

os.system("{id}")  # finding: {id}
```

## Benign look-alikes

### What a real project does

```python
import os

os.system("cc --version")
```

### What another one does

```python
import subprocess

subprocess.run(["git", "describe"])
```
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skeleton_is_a_page_with_its_look_alikes() {
        let page =
            venin_rules::parse_page("rules/x/some-rule.md", &skeleton("some-rule")).expect("it parses");
        assert_eq!(page.parse_examples().expect("its examples parse").len(), 3);
    }
}
