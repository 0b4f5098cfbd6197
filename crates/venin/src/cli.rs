//! The command line: what can be asked, and the words of `--help`.

mod collect;
mod intel;
mod mirror;
mod study;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use venin_model::Persona;

use crate::config::FileConfig;

pub(crate) use collect::{CollectArgs, HttpArgs, NotifyOn, WatchArgs, WatchFormat};
pub(crate) use intel::{
    ExportArgs, ExportForm, LifecycleArgs, LifecycleFormat, StoreArgs, StoreCommand, VaultArgs, VaultCommand,
};
pub(crate) use mirror::{
    AskArgs, CountedUnit, DepthArg, MirrorAuditArgs, MirrorCleanArgs, MirrorCommand, MirrorReportArgs,
    SoughtArgs, TrustArg,
};
pub(crate) use study::{MakeArgs, PlaceArgs, StudyArgs, StudyCommand, StudyScanArgs, ToolsArgs};

const ABOUT_EXIT: &str = "\
Exit codes of `venin scan`:
  0  nothing at the threshold (see --fail-on), and everything was looked at
  1  something at the threshold
  2  could not run: a wrong option, or a target that cannot be read or fetched
  3  not everything was looked at
The first that holds of 1, 2, 3 is given: what was found outweighs what could not be looked at.
With `--fail-on never` only 0 and 2 are given.";

const ABOUT_DIFF: &str = "\
Examples:
  venin diff old.whl new.whl
  venin diff six 1.16.0..1.17.0      two releases of your own package index

The exit codes are those of `venin scan`, for what is new: what both versions have counts nothing.";

const EXAMPLES: &str = "\
Examples:
  venin scan dist/*.whl              files
  venin scan .                       a project, or a folder of archives
  venin scan 'requests==2.32.3'      a release of your own package index
  venin scan -r requirements.txt     all releases that it pins
  venin scan --demo                  an inert malicious package and a harmless one
";

/// Finds the venom in Python packages.
#[derive(Debug, Parser)]
#[command(name = "venin", version, disable_help_subcommand = true)]
#[command(about = "Finds the venom in Python packages, without running them")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How the program speaks; the same for every command.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct TalkArgs {
    /// When to color: `auto` colors a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, display_order = 90)]
    pub(crate) color: ColorChoice,
    /// Only errors on standard error; in text, no line for what is clean
    #[arg(long, short, global = true, display_order = 91)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files, directories and releases
    #[command(after_help = ABOUT_EXIT, after_long_help = format!("{EXAMPLES}\n{ABOUT_EXIT}"))]
    Scan(Box<ScanArgs>),
    /// Compare two versions: what the new one does that the old one did not
    #[command(after_help = ABOUT_DIFF)]
    Diff(Box<DiffArgs>),
    /// List, show and test detection rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Explain a rule, a finding of a report, or what is known of a release
    Explain(ExplainArgs),
    /// Take in what others say of releases, and get, scan and keep the samples
    #[command(after_help = collect::ABOUT_EXIT)]
    Collect(Box<CollectArgs>),
    /// Follow the uploads of your package index and scan each
    Watch(Box<WatchArgs>),
    /// Show what happened to a release: when, on which surface, and who says so
    Lifecycle(LifecycleArgs),
    /// Look into the event store, check it, or write out what is known
    #[command(subcommand)]
    Store(StoreCommand),
    /// Keep samples so that they cannot run by accident
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Find what is known to be malicious on mirrors, and clean it from them
    #[command(subcommand)]
    Mirror(MirrorCommand),
    /// Turn many artifacts and what is known of them into tables, pictures and a portrait of their life cycle
    Study(Box<StudyArgs>),
    /// Print a script that completes commands in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all of them to a folder
    Man {
        /// Where to write `venin.1`, `venin-scan.1` and so on
        dir: Option<PathBuf>,
    },
    /// What `venin scan` runs in a confined process
    #[command(hide = true)]
    Worker {
        /// Try what a confined process must not be able to do
        #[arg(long)]
        self_test: bool,
    },
}

/// `venin scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// A file, a directory, a requirement such as `name==1.0`, or `-` for paths on standard input
    ///
    /// What a file is, its content decides: sdist, wheel, egg, archive, or Python source, bytecode or notebook.
    #[arg(value_name = "TARGET", required_unless_present_any = ["requirements", "demo"])]
    pub(crate) targets: Vec<OsString>,
    /// Scan the releases of a requirements file; can be repeated
    #[arg(long = "requirement", short, id = "requirements", value_name = "FILE")]
    pub(crate) requirements: Vec<PathBuf>,
    /// Scan an inert malicious package and a harmless one that come with the program
    #[arg(long, conflicts_with_all = ["targets", "requirements"])]
    pub(crate) demo: bool,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Where the lines are drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub(crate) struct JudgeArgs {
    /// Whose false alarms count: at most 1 in 1000 projects (registry), 1 in 100 (team), or no matter (research)
    /// [default: team]
    #[arg(long, value_enum, env = "VENIN_PERSONA", hide_env_values = true)]
    pub(crate) persona: Option<PersonaArg>,
    /// The verdict from which the exit code is 1 [default: malicious; with persona research: suspicious]
    #[arg(long, value_enum, value_name = "VERDICT", env = "VENIN_FAIL_ON", hide_env_values = true)]
    pub(crate) fail_on: Option<FailOn>,
}

/// Where the user's configuration is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// Read this configuration [default: venin.toml or pyproject.toml here, unless it lies in what is scanned]
    #[arg(long, value_name = "FILE", env = "VENIN_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, overrides_with = "config")]
    pub(crate) no_config: bool,
}

/// What is written where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Text for people, JSON, JSON lines, SARIF, or what is sent to others about malicious releases: OSV, report
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show how each finding adds to the score
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show every step of every finding, and the findings of what is clean
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Rules beside the built-in ones.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// Add the rule pages of a directory; a page replaces the built-in rule of the same id; can be repeated
    #[arg(long = "rules", id = "rules_dirs", value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Add a file of YARA rules; a match is a finding of its own unless a page speaks of it; can be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) yara: Vec<PathBuf>,
}

/// How the scan runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    /// How many artifacts are scanned at once [default: the number of processors]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// The package index for requirements [default: VENIN_INDEX_URL, or what uv or pip is configured to use]
    #[arg(long, value_name = "URL")]
    pub(crate) index_url: Option<String>,
    /// Scan every file of a release, not only the sdist and one wheel
    #[arg(long)]
    pub(crate) all_files: bool,
    /// Scan in this process, with nothing between a malicious file and this machine but this program's care
    #[arg(long)]
    pub(crate) no_isolation: bool,
}

/// `venin rules`.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules in force
    List {
        #[command(flatten)]
        from: RulesFrom,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
    },
    /// Show the page of a rule
    Show {
        /// The rule's id
        id: String,
        #[command(flatten)]
        from: RulesFrom,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
    },
    /// Run the examples of rule pages; exits with 1 if one does not come out as its page says
    Test {
        /// A directory of rule pages; without it, the built-in pages
        dir: Option<PathBuf>,
        /// Add a file of YARA rules, whose matches pages can speak of; can be repeated
        #[arg(long, value_name = "FILE")]
        yara: Vec<PathBuf>,
        /// Text for people, or JSON
        #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
    },
}

/// `venin diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The old artifact, a requirement such as `name==1.0`, or the name of a project
    #[arg(value_name = "OLD")]
    pub(crate) old: OsString,
    /// The new artifact, a requirement, or `OLD..NEW` as versions of the project
    #[arg(value_name = "NEW")]
    pub(crate) new: OsString,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text, help_heading = "Output")]
    pub(crate) format: RulesFormat,
    /// Write the difference to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Show how each new finding adds to the score
    #[arg(long, help_heading = "Output")]
    pub(crate) explain: bool,
    /// Show every step of every finding, and every entry of every list
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) rules: RulesFrom,
    /// The package index for requirements [default: VENIN_INDEX_URL, or what uv or pip is configured to use]
    #[arg(long, value_name = "URL", help_heading = "Running")]
    pub(crate) index_url: Option<String>,
    /// Scan in this process, with nothing between a malicious file and this machine but this program's care
    #[arg(long, help_heading = "Running")]
    pub(crate) no_isolation: bool,
}

/// `venin explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A rule's id, the id of a finding, of which four digits are enough, or a release as `name==version`
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The report that holds the finding, as `--format json` or `jsonl` wrote it; `-` is standard input
    #[arg(long, short, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) from: RulesFrom,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Text for people, or JSON
    #[arg(long, short, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
}

/// Where rules come from, for `list` and `show`.
#[derive(Debug, Args)]
pub(crate) struct RulesFrom {
    /// Add the rule pages of a directory; can be repeated
    #[arg(long = "rules", id = "rules_dirs", value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
}

/// When to color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// An operating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PersonaArg {
    /// Registries and mirrors
    Registry,
    /// Teams and their CI
    Team,
    /// Researchers: everything
    Research,
}

impl From<PersonaArg> for Persona {
    fn from(persona: PersonaArg) -> Self {
        match persona {
            PersonaArg::Registry => Self::Registry,
            PersonaArg::Team => Self::Team,
            PersonaArg::Research => Self::Research,
        }
    }
}

/// The verdict from which a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Suspicious or malicious
    Suspicious,
    /// Malicious
    Malicious,
    /// No verdict, and no gap either
    Never,
}

/// A report's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One document
    Json,
    /// A line for each artifact
    Jsonl,
    /// SARIF 2.1.0
    Sarif,
    /// An OSV record for each malicious artifact, one a line
    Osv,
    /// A notice for an index's malware form on each malicious artifact
    Report,
}

/// A format of `venin rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people
    Text,
    /// One document
    Json,
}

impl JudgeArgs {
    /// The operating point: by option or environment, then by the configuration.
    pub(crate) fn persona(&self, config: &FileConfig) -> Persona {
        self.persona.map(Persona::from).or(config.persona).unwrap_or(Persona::Team)
    }

    /// The verdict from which the run fails: by option or environment, by the configuration, or by persona.
    pub(crate) fn fail_on(&self, config: &FileConfig) -> FailOn {
        self.fail_on.or(config.fail_on).unwrap_or(match self.persona(config) {
            Persona::Registry | Persona::Team => FailOn::Malicious,
            Persona::Research => FailOn::Suspicious,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
