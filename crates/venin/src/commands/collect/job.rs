//! What is to be collected: one input of one source.

use std::path::{Path, PathBuf};

use venin_intel::claim::{Interval, Moment};
use venin_intel::index::HttpUrl;
use venin_intel::source::Input;

use crate::cli::CollectArgs;
use crate::config::{ConfiguredSource, FileConfig};
use crate::diagnostics::hinted;

/// Longest name of a source, in bytes: it becomes a part of every claim.
const LONGEST_NAME: usize = 64;

/// One input of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// The connector.
    pub(super) id: String,
    /// The name of the source in the claims.
    pub(super) source: String,
    /// The input.
    pub(super) input: Input,
    /// The input as the store remembers it: an absolute path, or an address without credentials.
    pub(super) place: String,
    /// Where the user wants to begin.
    pub(super) from: Option<String>,
}

/// What the command line names, or else everything that the configuration does.
///
/// # Errors
/// A source or an input that cannot be.
pub(super) fn choose_jobs(args: &CollectArgs, config: &FileConfig) -> anyhow::Result<Vec<Job>> {
    let (Some(id), Some(input)) = (&args.source, &args.input) else {
        if args.named.is_some() {
            return Err(hinted("--as goes with a SOURCE", "[[source]] of venin.toml has a key `as`"));
        }
        let folder = config.path.parent().unwrap_or(Path::new(""));
        return config.sources.iter().map(|source| of_configuration(source, folder)).collect();
    };
    let named = args.named.as_deref().unwrap_or(id);
    Ok(vec![Job { from: args.from.clone(), ..make_job(id, input, named, Path::new(""))? }])
}

fn of_configuration(source: &ConfiguredSource, folder: &Path) -> anyhow::Result<Job> {
    make_job(&source.id, &source.input, source.named.as_deref().unwrap_or(&source.id), folder)
}

fn make_job(id: &str, input: &str, named: &str, folder: &Path) -> anyhow::Result<Job> {
    let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if named.is_empty() || named.len() > LONGEST_NAME || !named.bytes().all(is_name_byte) {
        let hint = "letters, digits, `.`, `-` and `_`, at most 64";
        return Err(hinted(format!("`{}` is no name of a source", named.escape_debug()), hint));
    }
    let (input, place) = parse_input(input, folder)?;
    Ok(Job { id: id.to_owned(), source: named.to_owned(), input, place, from: None })
}

/// An address if it has a scheme, else a path.
fn parse_input(text: &str, folder: &Path) -> anyhow::Result<(Input, String)> {
    if text.contains("://") {
        let url = HttpUrl::parse(text).ok_or_else(|| {
            let shown = venin_intel::index::mask_credentials(text);
            hinted(format!("`{shown}` is no http or https address"), "an input is a path or an address")
        })?;
        let place = url.to_string();
        return Ok((Input::Url(url), place));
    }
    let path: PathBuf = folder.join(text);
    let absolute = path.canonicalize().unwrap_or_else(|_| path.clone());
    Ok((Input::Path(path), absolute.display().to_string()))
}

/// The start of a day, a month or a year, or a time.
///
/// # Errors
/// It is none.
pub(super) fn parse_since(text: &str) -> anyhow::Result<Moment> {
    let parsed = Interval::parse(text).ok().and_then(|interval| interval.not_before);
    parsed.ok_or_else(|| {
        hinted(format!("`{}` is no date", text.escape_debug()), "a date is written 2026-05-12")
    })
}
