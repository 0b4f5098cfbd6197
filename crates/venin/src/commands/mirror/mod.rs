//! `venin mirror`: what is known to be malicious and still lives on mirrors.

mod audit;
mod clean;
mod list;
mod pack;
mod remote;
mod residual;
mod sought;
mod text;
mod tree;

use venin_intel::claim::{Moment, Surface};

use crate::cli::{MirrorCommand, TalkArgs};
use crate::diagnostics::{Talk, hinted};
use crate::exit::Exit;

/// Does what is asked about mirrors.
///
/// # Errors
/// Nothing is known to look for, or what is named cannot be used.
pub(crate) fn run(command: MirrorCommand, words: TalkArgs, talk: Talk) -> anyhow::Result<Exit> {
    match command {
        MirrorCommand::List { format, config } => list::run(&config, format, talk),
        MirrorCommand::Audit(args) => audit::run(&args, words, talk),
        MirrorCommand::Clean(args) => clean::run(&args),
        MirrorCommand::Report(args) => pack::run(&args, words, talk),
        MirrorCommand::Residual { unit, format, store } => residual::run(unit, format, &store),
    }
}

/// The moment of an observation, finer than a second; `SOURCE_DATE_EPOCH` replaces the clock.
fn observed_now() -> Moment {
    if std::env::var_os("SOURCE_DATE_EPOCH").is_some() {
        return crate::intel::now();
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Checks that a mirror's name can stand in the store.
fn check_id(id: String) -> anyhow::Result<String> {
    match format!("mirror:{id}").parse::<Surface>() {
        Ok(_) => Ok(id),
        Err(_) => Err(hinted(
            format!("`{id}` cannot be the name of a mirror"),
            "--id takes at most 128 ASCII characters without spaces",
        )),
    }
}
