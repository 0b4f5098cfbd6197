//! `venin watch`.
use crate::cli::WatchArgs;
use crate::diagnostics::Talk;
use crate::exit::Exit;

pub(crate) fn run(_args: &WatchArgs, _talk: Talk) -> anyhow::Result<Exit> {
    Ok(Exit::Nothing)
}
