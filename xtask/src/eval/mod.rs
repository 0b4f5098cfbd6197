//! `cargo xtask eval`: how good is detection, by campaign, on two directories of archives.
//!
//! Runs the built `venin` over both directories, joins the reports to the lists by SHA-256 and prints recall and
//! false positives at each operating point.  Never reads a sample itself and never contacts anything.

mod fit;
mod lists;
mod measure;
mod own;
mod print;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

/// Arguments of `cargo xtask eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Directory with the malicious archives (outside every work tree).
    #[arg(long)]
    malicious: PathBuf,
    /// Directory with the benign archives.
    #[arg(long)]
    benign: PathBuf,
    /// Directory with archives of further honest projects, which no list names; each is one voice of the fit.
    #[arg(long)]
    honest: Option<PathBuf>,
    /// Directory with malicious.jsonl, benign.jsonl and labels.jsonl.
    #[arg(long)]
    lists: PathBuf,
    /// A reviewer's list of archives whose label is doubted (JSON lines of sha256, judgement and reason); recall is printed
    /// with and without them.
    #[arg(long)]
    doubtful: Option<PathBuf>,
    /// The program to run; built in release mode when not given.
    #[arg(long)]
    venin: Option<PathBuf>,
    /// Also write one row an artifact (package, campaign, score, verdict, rules) as JSON lines.
    #[arg(long)]
    rows: Option<PathBuf>,
    /// Fit the weights and thresholds on this data and write data/weights.toml.
    #[arg(long)]
    fit: bool,
    /// How many missed archives and false positives to name.
    #[arg(long, default_value_t = 40)]
    names: usize,
}

/// What the scanner said of one archive.
#[derive(Debug, Clone)]
pub(crate) struct Scanned {
    /// The path that the scanner was given or found.
    pub(crate) path: String,
    pub(crate) score: f64,
    pub(crate) behaviors: Vec<String>,
    pub(crate) rules: Vec<String>,
    /// Rule, whether its code runs by itself, and the weight that its page says.
    pub(crate) fired: Vec<(String, bool, f64)>,
    pub(crate) source_files: u64,
    pub(crate) is_complete: bool,
}

/// Runs the evaluation.
pub(crate) fn run(args: &EvalArgs) -> Result<()> {
    let program = match &args.venin {
        Some(program) => program.clone(),
        None => build()?,
    };
    let lists = lists::read_lists(&args.lists)?;
    let doubtful = args.doubtful.as_deref().map(lists::read_doubtful).transpose()?.unwrap_or_default();
    let malicious = scan(&program, &args.malicious)?;
    let benign = scan(&program, &args.benign)?;
    let honest = args.honest.as_deref().map(|folder| scan(&program, folder)).transpose()?;
    let joined = measure::join(&lists, &malicious, &benign, honest.unwrap_or_default());
    print::print_report(&joined, &doubtful, args.names)?;
    if args.fit {
        fit::run(&joined, &own::scan_own()?, &crate::workspace_root().join("data/weights.toml"))?;
    }
    if let Some(path) = &args.rows {
        print::write_rows(&joined, path)?;
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "venin"])
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the release build failed");
    }
    Ok(crate::workspace_root().join("target/release/venin"))
}

/// Scans a directory; gives what was said by SHA-256.
fn scan(program: &Path, directory: &Path) -> Result<std::collections::HashMap<String, Scanned>> {
    let mut child = Command::new(program)
        .args(["scan", "--format", "jsonl", "--persona", "research", "--quiet"])
        .arg(directory)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    let out = child.stdout.take().context("the scanner's output is piped")?;
    let mut rows = std::collections::HashMap::new();
    for line in BufReader::new(out).lines() {
        let line = line?;
        let value: serde_json::Value =
            serde_json::from_str(&line).context("the scanner prints one JSON object a line")?;
        if let Some((digest, row)) = scanned(&value) {
            rows.insert(digest, row);
        }
    }
    let status = child.wait()?;
    if status.code().is_none() {
        bail!("the scanner was killed: {status}");
    }
    Ok(rows)
}

fn scanned(value: &serde_json::Value) -> Option<(String, Scanned)> {
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let rules = value["findings"].as_array().into_iter().flatten().filter_map(|f| f["rule"].as_str());
    Some((
        value["sha256"].as_str()?.to_owned(),
        Scanned {
            path: value["file"].as_str().unwrap_or_default().to_owned(),
            score: value["score"].as_f64()?,
            behaviors: texts(&value["behaviors"]),
            rules: rules.map(str::to_owned).collect(),
            fired: fired_of(value),
            source_files: value["coverage"]["python"].as_u64().unwrap_or(1),
            is_complete: value["complete"].as_bool().unwrap_or(false),
        },
    ))
}

fn fired_of(value: &serde_json::Value) -> Vec<(String, bool, f64)> {
    let findings = value["findings"].as_array().into_iter().flatten();
    findings
        .filter_map(|f| {
            let trigger = venin_model::Trigger::parse(f["trigger"].as_str()?)?;
            Some((f["rule"].as_str()?.to_owned(), trigger.is_automatic(), f["weight"].as_f64()?))
        })
        .collect()
}
