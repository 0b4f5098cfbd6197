//! `cargo xtask ci`: everything that continuous integration does, in the order of cost.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// What a step proves, the arguments for cargo, and what it sets in the environment.
type Step = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const STEPS: &[Step] = &[
    ("the code is formatted", &["fmt", "--all", "--check"], &[]),
    (
        "the lints are silent",
        &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"],
        &[],
    ),
    ("the tests pass", &["test", "--workspace", "--no-fail-fast"], &[]),
    (
        "the documentation builds",
        &["doc", "--quiet", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "--deny warnings")],
    ),
];

/// Runs all steps; stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    for (title, arguments, environment) in STEPS {
        println!("\n== {title}: cargo {}", arguments.join(" "));
        let status = Command::new(env!("CARGO"))
            .args(*arguments)
            .envs(environment.iter().copied())
            .current_dir(crate::workspace_root())
            .status()
            .context("cannot start cargo")?;
        if !status.success() {
            bail!("not so: {title}");
        }
    }
    println!("\n== the house is tidy");
    crate::tidy::run()
}
