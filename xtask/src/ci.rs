//! `cargo xtask ci`: everything that continuous integration does, in the order of cost.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

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

/// What a browser may be called.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Set where the pages are not to be opened in a browser.
const WITHOUT_BROWSER: &str = "VENIN_WITHOUT_BROWSER";
/// Debian's commands that install one; the second is for users who may act as root.
const INSTALLS: [&str; 2] = [
    "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium",
    "sudo -n apt-get -qq update && sudo -n apt-get -qq install --no-install-recommends chromium",
];

/// What all test runners counted together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds what one closing line of a runner says (`test result: ok. 3 passed; 0 failed; 1 ignored; …`);
    /// any other line adds nothing.
    fn add_closing_line(&mut self, line: &str) {
        let Some(numbers) = line.strip_prefix("test result: ") else { return };
        for part in numbers.split("; ") {
            let mut words = part.rsplit(' ');
            let (Some(what), Some(number)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

/// Runs all steps; stops at the first that fails.  The last line is the sum of all runners' closing lines.
pub(crate) fn run() -> Result<()> {
    let has_browser = provide_browser();
    let mut counts = Counts::default();
    for (title, arguments, environment) in STEPS {
        println!("\n== {title}: cargo {}", arguments.join(" "));
        let mut cargo = Command::new(env!("CARGO"))
            .args(*arguments)
            .envs(environment.iter().copied())
            .envs((!has_browser).then_some((WITHOUT_BROWSER, "1")))
            .current_dir(crate::workspace_root())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        if let Some(output) = cargo.stdout.take() {
            pass_on(output, &mut counts)?;
        }
        if !cargo.wait().context("cargo was lost")?.success() {
            bail!("not so: {title}");
        }
    }
    println!("\n== the house is tidy");
    crate::tidy::run()?;
    let Counts { passed, failed, skipped } = counts;
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    Ok(())
}

/// Prints what cargo prints, as it comes, and counts the tests in it.
fn pass_on(output: impl Read, counts: &mut Counts) -> Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        counts.add_closing_line(&line);
        println!("{line}");
    }
    Ok(())
}

/// Installs a browser where there is none.  Without one the pages of studies are not opened, and that is said.
fn provide_browser() -> bool {
    let is_there = |name: &&&str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    if BROWSERS.iter().any(|name| is_there(&name)) {
        return true;
    }
    println!("\n== a browser for the tests of pages");
    let install = |command: &&&str| {
        Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let is_installed = INSTALLS.iter().any(|command| install(&command));
    if !is_installed {
        println!("NOT TESTED with a browser: `chromium` cannot be installed here");
    }
    is_installed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_runners_are_summed_and_other_lines_are_not() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test codec::is_fast ... ok",
            "test result: ok. 72 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.15s",
            "test result: FAILED. 8 passed; 1 failed; 0 ignored; 0 measured; 5 filtered out; finished in 0.00s",
        ] {
            counts.add_closing_line(line);
        }
        assert_eq!(counts, Counts { passed: 80, failed: 1, skipped: 2 });
    }
}
