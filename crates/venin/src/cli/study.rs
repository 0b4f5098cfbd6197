//! `venin study`: many artifacts and what is known of them, as tables, pictures and a portrait.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{PersonaArg, RuleArgs, RulesFormat, StoreArgs, VaultArgs};

/// `venin study`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct StudyArgs {
    #[command(subcommand)]
    pub(crate) command: Option<StudyCommand>,
    #[command(flatten)]
    pub(crate) make: MakeArgs,
}

/// What else can be done with studies.
#[derive(Debug, Subcommand)]
pub(crate) enum StudyCommand {
    /// Say which campaign of a study artifacts belong to
    Place(PlaceArgs),
    /// Run other scanners over a labelled list, and say how well each does beside this one
    Tools(ToolsArgs),
}

/// Making a study.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// Archives, and folders that hold some at any depth; without any, the samples of the vault
    ///
    /// A folder laid out package/version/archive tells the releases.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder to write to; it may hold an earlier study, whose scans are used again
    #[arg(long, value_name = "DIR", default_value = "venin-study")]
    pub(crate) to: PathBuf,
    /// Set the study beside the paper's figures (`paper`), or beside an earlier `study.json`
    #[arg(long, value_name = "paper|FILE")]
    pub(crate) compare: Option<PathBuf>,
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
    /// How many groups the paper's clustering makes
    #[arg(long, value_name = "K", default_value = "5")]
    pub(crate) groups: NonZeroUsize,
    /// A summary for people, or JSON, on standard output
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    #[command(flatten)]
    pub(crate) scan: StudyScanArgs,
    #[command(flatten)]
    pub(crate) vault: VaultArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// How a study scans.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct StudyScanArgs {
    /// Whose false alarms count in the verdicts [default: team]
    #[arg(long, value_enum, env = "VENIN_PERSONA", hide_env_values = true)]
    pub(crate) persona: Option<PersonaArg>,
    /// How many artifacts are scanned at once [default: the number of processors]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Scan in this process, with nothing between a malicious file and this machine but this program's care
    #[arg(long)]
    pub(crate) no_isolation: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

/// `venin study place`.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Archives, and folders that hold some
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder of the study
    #[arg(long, value_name = "DIR", default_value = "venin-study")]
    pub(crate) study: PathBuf,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    #[command(flatten)]
    pub(crate) scan: StudyScanArgs,
}

/// `venin study tools`.
#[derive(Debug, Args)]
pub(crate) struct ToolsArgs {
    /// The list: a JSON object a line with `path`, `label` (malicious or benign) and, where known, `campaign`
    #[arg(value_name = "LIST")]
    pub(crate) list: PathBuf,
    /// The other scanners: their commands and how their answers are read, as docs/study.md says
    #[arg(long = "with", value_name = "TOML")]
    pub(crate) with: Option<PathBuf>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "venin-tools")]
    pub(crate) to: PathBuf,
    /// A summary for people, or JSON, on standard output
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    #[command(flatten)]
    pub(crate) scan: StudyScanArgs,
}
