//! The `venin` command: everything that knows a terminal.
//!
//! Standard output is data, standard error is talk.  This crate decides no verdict; it turns arguments into targets
//! ([`targets`]), hands them to confined workers ([`worker`]) and prints what comes back.

mod cli;
mod clock;
mod commands;
mod config;
mod demo;
mod diagnostics;
mod exit;
mod index;
mod intel;
mod interrupt;
mod progress;
mod targets;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use diagnostics::{Talk, answer_parser};
use exit::Exit;

// Parsing is a third faster with it than with the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer_parser(&error).into(),
    };
    let talk = Talk::new(cli.talk);
    let result = match cli.command {
        Command::Worker { self_test: true } => return worker::self_test(),
        Command::Worker { self_test: false } => return worker::serve(),
        Command::Scan(args) => commands::scan::run(&args, cli.talk, talk),
        Command::Diff(args) => commands::diff::run(&args, diagnostics::choose_text(cli.talk), talk),
        Command::Rules(command) => commands::rules::run(command),
        Command::Explain(args) => commands::explain::run(&args, diagnostics::choose_text(cli.talk)),
        Command::Collect(args) => commands::collect::run(&args, talk),
        Command::Watch(args) => commands::watch::run(&args, talk),
        Command::Lifecycle(args) => commands::lifecycle::run(&args, diagnostics::choose_text(cli.talk)),
        Command::Store(command) => commands::store::run(command),
        Command::Vault(command) => commands::vault::run(command, cli.talk, talk),
        Command::Study(args) => commands::study::run(&args, talk),
        Command::Mirror(command) => commands::mirror::run(command, cli.talk, talk),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { dir } => commands::man::run(dir.as_deref()),
    };
    let exit = result.unwrap_or_else(|error| {
        talk.failure(&error);
        Exit::Failed
    });
    exit.into()
}
