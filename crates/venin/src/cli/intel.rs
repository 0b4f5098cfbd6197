//! The commands that know what others say: the store, lives, the vault, collecting.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::RulesFormat;

/// Where claims are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArgs {
    /// The event store [default: venin/claims.sqlite3 in the user's data folder]
    #[arg(long, value_name = "FILE", env = "VENIN_STORE", hide_env_values = true)]
    pub(crate) store: Option<PathBuf>,
}

/// Where samples are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Vault")]
pub(crate) struct VaultArgs {
    /// The vault [default: venin/vault in the user's data folder]
    #[arg(long, value_name = "DIR", env = "VENIN_VAULT", hide_env_values = true)]
    pub(crate) vault: Option<PathBuf>,
}

/// `venin lifecycle`.
#[derive(Debug, Args)]
pub(crate) struct LifecycleArgs {
    /// A project, or a release as `name==version`
    #[arg(value_name = "NAME[==VERSION]")]
    pub(crate) release: String,
    /// Text for people, JSON, or a page with a time line
    #[arg(long, short, value_enum, default_value_t = LifecycleFormat::Text)]
    pub(crate) format: LifecycleFormat,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// A format of `venin lifecycle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LifecycleFormat {
    /// For people
    Text,
    /// One document
    Json,
    /// One self-contained page
    Html,
}

/// `venin store`.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Say what the store holds: claims by source and kind, and the last run of each source
    Info {
        #[command(flatten)]
        store: StoreArgs,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
    },
    /// Check the file and every claim in it; exits with 1 if something is wrong
    Verify {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Write what is known: the block list, or every claim
    Export(ExportArgs),
}

/// `venin store export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to write
    #[arg(value_enum)]
    pub(crate) what: ExportForm,
    /// Only the difference to an earlier block list
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) vault: VaultArgs,
}

/// What `venin store export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// All that is known to be malicious: names, versions, files, hashes, reasons, with a digest of the whole
    BlockList,
    /// One OSV record for each accused project, one a line
    Osv,
    /// Every claim as comma-separated values, as docs/claims.md says
    Csv,
    /// Every claim, one JSON object a line
    Jsonl,
    /// Every claim as a Parquet file, in the same columns
    Parquet,
}

/// `venin vault`.
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Seal the archives of a folder, or single files; what is no archive is passed over
    Import {
        /// Files and folders; a folder laid out package/version/archive tells the release
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Who gave them
        #[arg(long, value_name = "NAME", default_value = "import")]
        source: String,
        #[command(flatten)]
        vault: VaultArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the samples and where they came from
    List {
        /// Only those of a project or a release
        #[arg(value_name = "NAME[==VERSION]")]
        release: Option<String>,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
        #[command(flatten)]
        vault: VaultArgs,
    },
    /// Copy samples to a folder, still sealed
    Export {
        /// SHA-256 digests, or releases as `name==version`
        #[arg(value_name = "SAMPLE", required = true)]
        samples: Vec<String>,
        /// Where to
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        #[command(flatten)]
        vault: VaultArgs,
    },
    /// Open every sample and compare it with its name; exits with 1 if something is wrong
    Verify {
        #[command(flatten)]
        vault: VaultArgs,
    },
    /// Scan samples in memory, without unpacking them anywhere
    Scan {
        /// SHA-256 digests, or releases as `name==version`; without any, all samples
        #[arg(value_name = "SAMPLE")]
        samples: Vec<String>,
        #[command(flatten)]
        vault: VaultArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
}
