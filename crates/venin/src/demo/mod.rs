//! The packages of `venin scan --demo`: one that does harm and one that does not, both ours, both inert.
//!
//! They are source distributions kept as text, so that no installer and no eager file manager can take them for a
//! package.  Their sources stand readable in `demo/` beside `src/`; a test holds that the two are the same.  The
//! harmful one talks to hosts under `.invalid` only, behind a condition that never holds.

use std::time::Instant;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use venin_model::Persona;
use venin_report::{ArtifactReport, Isolation, Timings};
use venin_rules::RuleSet;
use venin_scan::{Input, Options, Scanner};

/// An example package.
pub(crate) struct Example {
    /// The name of its file.
    pub(crate) file: &'static str,
    /// Its bytes, in Base64 with line feeds.
    text: &'static str,
}

/// The examples, the harmful one first.
pub(crate) const EXAMPLES: [Example; 2] = [
    Example { file: "demo_malicious-1.0.0.tar.gz", text: include_str!("malicious.b64") },
    Example { file: "demo_benign-1.0.0.tar.gz", text: include_str!("benign.b64") },
];

/// Stack of the thread that scans: as much as a worker has.
const STACK: usize = 256 << 20;

impl Example {
    /// The file's bytes.
    ///
    /// # Errors
    /// The text is damaged, which a test excludes.
    pub(crate) fn decode(&self) -> anyhow::Result<Vec<u8>> {
        let text: String = self.text.split_whitespace().collect();
        STANDARD.decode(text).with_context(|| format!("the example {} is damaged", self.file))
    }
}

/// Scans the examples in this process: they are part of the program and nobody's but ours.
///
/// # Errors
/// There is no thread to be had.
pub(crate) fn scan_examples(persona: Persona) -> anyhow::Result<Vec<ArtifactReport>> {
    let scan_all = move || EXAMPLES.iter().map(|example| scan_example(example, persona)).collect();
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(scan_all).context("no thread can be started")?;
    thread.join().map_err(|_| anyhow::anyhow!("the scanner failed on its own example"))?
}

fn scan_example(example: &Example, persona: Persona) -> anyhow::Result<ArtifactReport> {
    let bytes = example.decode()?;
    let scanner = Scanner::new(RuleSet::builtin(), Options { persona, ..Options::default() });
    let start = Instant::now();
    let scan = scanner.scan(&Input::File { name: example.file, bytes: &bytes });
    let mut report = ArtifactReport::from(&scan);
    report.timings = Timings { wall_ms: start.elapsed().as_secs_f64() * 1000.0, cpu_ms: None };
    let reason = Some("the example is part of the program".to_owned());
    report.isolated = Isolation { isolated: false, how: None, reason };
    Ok(report)
}

#[cfg(test)]
mod tests;
