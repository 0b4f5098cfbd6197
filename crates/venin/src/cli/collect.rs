//! The commands that go and get: collecting claims and samples, and following an index.

use std::num::NonZeroUsize;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::{ConfigArgs, PersonaArg, RulesFormat, StoreArgs, VaultArgs};

/// What the exit code of a collection says.
pub(super) const ABOUT_EXIT: &str = "\
Examples:
  venin collect --list
  venin collect osv DUMP.zip               claims from records of malicious packages
  venin collect registry-tree TREE --download
  venin collect --download --mirror ID=URL the samples of every accused release

Exit codes:
  0  all well
  2  an input could not be read
  3  some records could not be read, or some samples not got";

/// `venin collect`.
#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// The form of the input: `venin collect --list` names them; without one, every configured source
    #[arg(value_name = "SOURCE", requires = "input")]
    pub(crate) source: Option<String>,
    /// A path, or an http or https address
    #[arg(value_name = "INPUT")]
    pub(crate) input: Option<String>,
    /// List the sources and what each reads
    #[arg(long, conflicts_with_all = ["source", "download"])]
    pub(crate) list: bool,
    /// The name of the source in the claims [default: SOURCE]
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) named: Option<String>,
    /// Only what is newer, where the input tells: 2026-05-12, or a time
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Read the input from its beginning, and not from where the last run ended
    #[arg(long)]
    pub(crate) again: bool,
    /// Begin here instead: a serial, or what else the source counts by
    #[arg(long, value_name = "CURSOR", requires = "source", conflicts_with = "again")]
    pub(crate) from: Option<String>,
    /// Count what would be taken in, show some of it, and write nothing
    #[arg(long, conflicts_with = "download")]
    pub(crate) dry_run: bool,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    #[command(flatten)]
    pub(crate) samples: SampleArgs,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) vault: VaultArgs,
}

/// Getting samples.
#[derive(Debug, Args)]
#[command(next_help_heading = "Samples")]
pub(crate) struct SampleArgs {
    /// Get the samples of accused releases, seal them in the vault and scan them
    ///
    /// A source that holds samples gives its own.  All others are looked for on the package index and then on each
    /// mirror.  What was got, looked for in vain or scanned is not done again.
    #[arg(long)]
    pub(crate) download: bool,
    /// A mirror to ask after the index; can be repeated
    #[arg(long = "mirror", value_name = "ID=URL", requires = "download")]
    pub(crate) mirrors: Vec<MirrorArg>,
    /// A host of files to ask last, where a digest or a claim tells the address of a file; can be repeated
    ///
    /// Files are kept below URL/packages/ by their BLAKE2b-256, as the file host of a Warehouse index keeps them, also
    /// when no page lists them any more.  No host is asked that is not named.
    #[arg(long = "file-host", value_name = "URL", requires = "download")]
    pub(crate) file_hosts: Vec<String>,
    /// How many releases are looked for, and how many samples scanned, at once [default: the number of processors]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// The package index [default: VENIN_INDEX_URL, or what uv or pip is configured to use]
    #[arg(long, value_name = "URL")]
    pub(crate) index_url: Option<String>,
}

/// How servers are asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Servers")]
pub(crate) struct HttpArgs {
    /// Where an operator can reach you: an address or a page, sent with every request
    #[arg(long, value_name = "TEXT", env = "VENIN_CONTACT", hide_env_values = true)]
    pub(crate) contact: Option<String>,
    /// Least time between two requests to one server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = parse_pace)]
    pub(crate) pace: f64,
}

fn parse_pace(text: &str) -> Result<f64, String> {
    let pace: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    if (0.0..=3600.0).contains(&pace) { Ok(pace) } else { Err("between 0 and 3600 seconds".to_owned()) }
}

/// A mirror on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MirrorArg {
    /// What it is called in claims.
    pub(crate) id: String,
    /// The address of its simple index; checked where it is used.
    pub(crate) url: String,
}

impl FromStr for MirrorArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((id, url)) if !id.is_empty() && url.contains("://") && !id.contains("://") => {
                Ok(Self { id: id.to_owned(), url: url.to_owned() })
            }
            _ => Err("a mirror is written ID=URL, as tuna=https://HOST/simple".to_owned()),
        }
    }
}

/// `venin watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The XML-RPC interface of the index, whose changelog names every upload
    #[arg(long, value_name = "URL", required_unless_present = "feeds")]
    pub(crate) changelog: Option<String>,
    /// A feed of new releases, for an index without a changelog; can be repeated
    #[arg(long = "feed", id = "feeds", value_name = "URL", conflicts_with = "changelog")]
    pub(crate) feeds: Vec<String>,
    /// Begin after this serial; without it a first round begins with the uploads to come
    #[arg(long, value_name = "SERIAL", requires = "changelog")]
    pub(crate) from: Option<u64>,
    /// One round, and not round after round
    #[arg(long)]
    pub(crate) once: bool,
    /// From the start of a round to the start of the next, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) interval: u64,
    /// Most releases that are scanned in a round
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) most: usize,
    /// A line of JSON, or of text, for each scan and each round
    #[arg(long, short, value_enum, default_value_t = WatchFormat::Jsonl)]
    pub(crate) format: WatchFormat,
    #[command(flatten)]
    pub(crate) notify: NotifyArgs,
    /// Whose false alarms count: at most 1 in 1000 projects (registry), 1 in 100 (team), or no matter (research)
    /// [default: team]
    #[arg(long, value_enum, env = "VENIN_PERSONA", hide_env_values = true, help_heading = "Verdict")]
    pub(crate) persona: Option<PersonaArg>,
    /// How many releases are scanned at once [default: the number of processors]
    #[arg(long, short, value_name = "N", help_heading = "Running")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Scan every file of a release, not only the sdist and one wheel
    #[arg(long, help_heading = "Running")]
    pub(crate) all_files: bool,
    /// The package index [default: VENIN_INDEX_URL, or what uv or pip is configured to use]
    #[arg(long, value_name = "URL", help_heading = "Running")]
    pub(crate) index_url: Option<String>,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Who hears of verdicts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Notification")]
pub(crate) struct NotifyArgs {
    /// An address that gets each verdict worth a notification as a POST of JSON
    #[arg(long, value_name = "URL", env = "VENIN_WEBHOOK", hide_env_values = true)]
    pub(crate) webhook: Option<String>,
    /// The verdict from which the webhook is told
    #[arg(long, value_enum, value_name = "VERDICT", default_value_t = NotifyOn::Malicious)]
    pub(crate) notify_on: NotifyOn,
}

/// The verdict from which somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NotifyOn {
    /// Every scan
    Any,
    /// Suspicious or malicious
    Suspicious,
    /// Malicious
    Malicious,
}

/// A format of `venin watch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WatchFormat {
    /// JSON lines
    Jsonl,
    /// For people
    Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_has_a_name_and_an_address() {
        let mirror: MirrorArg = "m=https://mirror.example/simple?a=b".parse().unwrap();
        assert_eq!((mirror.id.as_str(), mirror.url.as_str()), ("m", "https://mirror.example/simple?a=b"));
        for text in ["https://mirror.example/?a=b", "=https://mirror.example", "m=", "m"] {
            assert!(text.parse::<MirrorArg>().is_err(), "{text}");
        }
    }
}
