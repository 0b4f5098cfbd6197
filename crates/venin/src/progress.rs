//! A line on a terminal that shows that the scan is alive.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use venin_report::{ArtifactReport, Summary, escape_text};

/// Shown on standard error while a scan runs; nothing at all where that is no terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line that draws itself, if standard error is a terminal.
    pub(crate) fn on_terminal() -> Self {
        // How many targets there are is not known before the last is found, so there is no bar to fill.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} scanned in {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(125));
        }
        Self { bar }
    }

    /// A line for a collection, if standard error is a terminal.
    pub(crate) fn of_collection() -> Self {
        let progress = Self::on_terminal();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            progress.bar.set_style(style);
        }
        progress
    }

    /// What is being done now.
    pub(crate) fn tell(&self, message: impl FnOnce() -> String) {
        if !self.bar.is_hidden() {
            self.bar.set_message(escape_text(&message()).into_owned());
        }
    }

    /// No line.
    pub(crate) fn none() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// One more artifact is done.
    pub(crate) fn advance(&self, artifact: &ArtifactReport, summary: &Summary) {
        self.bar.inc(1);
        if !self.bar.is_hidden() {
            let found = if summary.malicious > 0 {
                format!("{} malicious, ", summary.malicious)
            } else {
                String::new()
            };
            self.bar.set_message(format!("{found}last {}", escape_text(&artifact.file)));
        }
    }

    /// Does something that writes to the terminal, with the line out of the way.
    pub(crate) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
