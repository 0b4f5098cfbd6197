//! `cargo xtask ci`: everything that continuous integration does, in the order of cost.

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

/// Runs all steps; stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    let has_browser = provide_browser();
    for (title, arguments, environment) in STEPS {
        println!("\n== {title}: cargo {}", arguments.join(" "));
        let status = Command::new(env!("CARGO"))
            .args(*arguments)
            .envs(environment.iter().copied())
            .envs((!has_browser).then_some((WITHOUT_BROWSER, "1")))
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
