//! The commands on mirrors.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::collect::HttpArgs;
use super::{ConfigArgs, RulesFormat, StoreArgs};

const ABOUT_AUDIT: &str = "\
Exit codes:
  0  nothing of what is known is left
  1  something is left: live, an orphan file, a ghost entry, or other bytes
  2  could not run
  3  something could not be judged, or was not asked for
The first that holds of 1, 2, 3 is given.";

/// `venin mirror`.
#[derive(Debug, Subcommand)]
pub(crate) enum MirrorCommand {
    /// List the public mirrors and your own
    List {
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Look for known malicious files on mirrors, over HTTP or in a mirror's folder
    #[command(after_help = ABOUT_AUDIT)]
    Audit(Box<MirrorAuditArgs>),
    /// Plan what to delete from a mirror's folder, do it, or take it back
    Clean(Box<MirrorCleanArgs>),
    /// Make the pack for the operator of one mirror: names, hashes, evidence, commands
    Report(Box<MirrorReportArgs>),
    /// Show how much is left on each mirror that was audited, and for how long mirrors keep it
    Residual {
        /// What is counted once
        #[arg(long, value_enum, default_value_t = CountedUnit::Release)]
        unit: CountedUnit,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// What is looked for.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is looked for")]
pub(crate) struct SoughtArgs {
    /// Also what this block list names; without an event store, only that
    #[arg(long, value_name = "FILE")]
    pub(crate) block_list: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// How mirrors are asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking")]
pub(crate) struct AskArgs {
    /// A project that every mirror has, with files; can be repeated, and the first that is there is taken
    /// [default: mirror-controls of the configuration]
    #[arg(long, value_name = "NAME")]
    pub(crate) control: Vec<String>,
    /// A further host that belongs to the mirror, such as one for its files; can be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) own_host: Vec<String>,
    /// Fetch and hash every file that is served, instead of its headers and first byte
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
}

/// How a mirror's folder is searched.
#[derive(Debug, Args)]
#[command(next_help_heading = "Searching a folder")]
pub(crate) struct DepthArgs {
    /// Which files are hashed
    #[arg(long, value_enum, default_value_t = DepthArg::Names)]
    pub(crate) depth: DepthArg,
}

/// `venin mirror audit`.
#[derive(Debug, Args)]
pub(crate) struct MirrorAuditArgs {
    /// The address of a mirror's simple pages, or the name of a mirror in the configuration
    #[arg(value_name = "URL", required_unless_present = "local")]
    pub(crate) mirrors: Vec<String>,
    /// A mirror's folder: a tree of bandersnatch, a devpi server's folder, or plain pages and files
    #[arg(long, value_name = "DIR", conflicts_with = "mirrors")]
    pub(crate) local: Option<PathBuf>,
    /// The name under which the mirror is kept in the store [default: its host, or the folder's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) id: Option<String>,
    /// Print what would be asked and how long it takes, and send nothing
    #[arg(long, conflicts_with = "local")]
    pub(crate) plan_only: bool,
    /// Ask for at most so many projects on each mirror; the next run goes on behind them
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<NonZeroUsize>,
    /// Begin anew, whatever an earlier run has finished
    #[arg(long)]
    pub(crate) restart: bool,
    #[command(flatten)]
    pub(crate) sought: SoughtArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    #[command(flatten)]
    pub(crate) depth: DepthArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text, help_heading = "Output")]
    pub(crate) format: RulesFormat,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
}

/// `venin mirror clean`.
#[derive(Debug, Args)]
pub(crate) struct MirrorCleanArgs {
    #[command(flatten)]
    pub(crate) act: CleanAct,
    /// The mirror's folder that the plan is applied to
    #[arg(value_name = "DIR", requires = "apply")]
    pub(crate) tree: Option<PathBuf>,
    /// Write the plan to a file, to be applied later; its text for review goes to standard output
    #[arg(long, short, value_name = "FILE", requires = "plan")]
    pub(crate) output: Option<PathBuf>,
    /// What proves that a file is the known one
    #[arg(long, value_enum, default_value_t = TrustArg::Digest, help_heading = "What is looked for")]
    pub(crate) trust: TrustArg,
    #[command(flatten)]
    pub(crate) sought: SoughtArgs,
    #[command(flatten)]
    pub(crate) depth: DepthArgs,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text, help_heading = "Output")]
    pub(crate) format: RulesFormat,
}

/// What `venin mirror clean` does.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CleanAct {
    /// Plan what to delete from this folder; changes nothing
    #[arg(long, value_name = "DIR")]
    pub(crate) plan: Option<PathBuf>,
    /// Do what this plan says to the folder DIR; goes on where it was interrupted
    #[arg(long, value_name = "PLAN", requires = "tree")]
    pub(crate) apply: Option<PathBuf>,
    /// Take back what was done: the journal's folder, `DIR/.venin-clean/PLAN-ID`
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) undo: Option<PathBuf>,
    /// Delete for good what a plan took away; afterwards it cannot be taken back
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) purge: Option<PathBuf>,
}

/// `venin mirror report`.
#[derive(Debug, Args)]
pub(crate) struct MirrorReportArgs {
    /// A mirror's folder, the address of its simple pages, or its name in the configuration
    #[arg(value_name = "DIR|URL")]
    pub(crate) mirror: String,
    /// The folder that the pack is written to
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// The mirror's name in the pack and in the store [default: its host, or the folder's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) id: Option<String>,
    /// What proves that a file is the known one
    #[arg(long, value_enum, default_value_t = TrustArg::Digest, help_heading = "What is looked for")]
    pub(crate) trust: TrustArg,
    #[command(flatten)]
    pub(crate) sought: SoughtArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    #[command(flatten)]
    pub(crate) depth: DepthArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Which files of a folder are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DepthArg {
    /// Those at known addresses and on pages
    Addresses,
    /// Also those whose name or size is known
    Names,
    /// All: finds known bytes under any name
    Everything,
}

/// What proves that a file is the known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrustArg {
    /// Only a known digest
    Digest,
    /// Also that its release or project is known as a whole
    Release,
}

/// What the residual rate counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountedUnit {
    /// A project
    Project,
    /// A project and a version
    Release,
    /// A file
    File,
}
