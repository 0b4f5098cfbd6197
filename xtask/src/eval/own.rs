//! Cases of our own: inert attacks and honest look-alikes, scanned here, as further voices of the fit.
//!
//! Neither list has careless small projects or every way to attack, and a weight that no archive speaks for keeps only
//! its page's judgment.  The cases speak more softly than archives do, and no threshold and no figure is taken from them.

use std::path::Path;

use anyhow::{Context, Result};
use venin_rules::{RuleSet, parse_cases};
use venin_scan::{Options, Scanner, scan_files};

use super::Scanned;

/// Stack of the thread that scans: deep code needs it.
const STACK: usize = 512 << 20;

/// One case.
pub(crate) struct OwnCase {
    pub(crate) scanned: Scanned,
    pub(crate) is_malicious: bool,
    /// The file and the heading.
    pub(crate) title: String,
}

/// Reads and scans all cases with the rules that this program was built with.
pub(crate) fn scan_own() -> Result<Vec<OwnCase>> {
    let folder = crate::workspace_root().join("crates/venin-scan/tests/corpus");
    let run = move || -> Result<Vec<OwnCase>> {
        let mut cases = read_folder(&folder.join("malicious"), true)?;
        cases.extend(read_folder(&folder.join("benign"), false)?);
        Ok(cases)
    };
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(run).context("no thread can be started")?;
    thread.join().map_err(|_| anyhow::anyhow!("the scanner failed on a case of our own"))?
}

fn read_folder(folder: &Path, is_malicious: bool) -> Result<Vec<OwnCase>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"));
    paths.sort_unstable();
    let scanner = Scanner::new(RuleSet::builtin(), Options::default());
    let mut own = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let cases =
            parse_cases(&path.to_string_lossy(), &text).map_err(|error| anyhow::anyhow!("{error}"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        own.extend(cases.into_iter().map(|case| OwnCase {
            scanned: scanned(&scan_files(&case.files, &scanner)),
            is_malicious,
            title: format!("{stem}: {}", case.title),
        }));
    }
    Ok(own)
}

fn scanned(scan: &venin_scan::Scan) -> Scanned {
    let fired = scan.findings.iter().map(|f| (f.rule.to_string(), f.trigger.is_automatic(), f.weight));
    Scanned {
        path: String::new(),
        score: scan.score,
        behaviors: scan.behaviors.iter().map(|b| b.as_str().to_owned()).collect(),
        rules: scan.findings.iter().map(|f| f.rule.to_string()).collect(),
        fired: fired.collect(),
        source_files: scan.coverage.python,
        is_complete: scan.coverage.is_complete(),
    }
}
