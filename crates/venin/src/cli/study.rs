//! `venin study`: many artifacts and what is known of them, as tables, pictures and a portrait.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::{PersonaArg, RuleArgs, RulesFormat, StoreArgs, VaultArgs};

/// `venin study`.
#[derive(Debug, Args)]
pub(crate) struct StudyArgs {
    /// Archives, and folders that hold some at any depth; without any, the samples of the vault
    ///
    /// A folder laid out package/version/archive tells the releases.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder to write to; it may hold an earlier study, whose scans are used again
    #[arg(long, value_name = "DIR", default_value = "venin-study")]
    pub(crate) to: PathBuf,
    /// Take the samples of the vault too, where paths are named
    #[arg(long)]
    pub(crate) with_vault: bool,
    /// Read no event store: only what the artifacts themselves say
    #[arg(long, conflicts_with = "store")]
    pub(crate) no_store: bool,
    /// Who gave the files at the paths
    #[arg(long, value_name = "NAME", default_value = "files")]
    pub(crate) source: String,
    /// The class of a source, as `osv=open database`; can be repeated
    #[arg(long = "class", value_name = "NAME=CLASS")]
    pub(crate) classes: Vec<String>,
    /// Whose false alarms count in the verdicts [default: team]
    #[arg(long, value_enum, env = "VENIN_PERSONA", hide_env_values = true)]
    pub(crate) persona: Option<PersonaArg>,
    /// A summary for people, or JSON, on standard output
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    /// How many artifacts are scanned at once [default: the number of processors]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Scan in this process, with nothing between a malicious file and this machine but this program's care
    #[arg(long)]
    pub(crate) no_isolation: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) vault: VaultArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}
