//! Developer tasks: `cargo xtask ci | tidy | eval | bench | new-rule`.

mod bench;
mod ci;
mod eval;
mod new_rule;
mod tidy;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Developer tasks")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs all that continuous integration runs.
    Ci,
    /// Checks the rules of the house that no compiler checks.
    Tidy,
    /// Measures detection by campaign on two directories of archives.
    Eval(eval::EvalArgs),
    /// Measures CPU, wall and memory beside a rival and a floor.
    Bench(bench::BenchArgs),
    /// Decompresses, hashes and parses one archive, and nothing else: the floor of the benchmark.
    #[command(hide = true)]
    Floor {
        /// The archive.
        file: PathBuf,
    },
    /// Writes the skeleton of a rule page.
    NewRule(new_rule::NewRuleArgs),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Ci => ci::run(),
        Task::Tidy => tidy::run(),
        Task::Eval(args) => eval::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Floor { file } => bench::floor(&file),
        Task::NewRule(args) => new_rule::run(&args),
    }
}

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
