//! Exit codes: what a script learns from a run.

use std::process::ExitCode;

use venin_report::Summary;

use crate::cli::FailOn;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at the threshold.
    Nothing = 0,
    /// Something at the threshold; of `venin rules test`, a failed example.
    Found = 1,
    /// Could not run, or not on all targets.
    Failed = 2,
    /// Not everything was looked at.
    Incomplete = 3,
}

impl Exit {
    /// What to say of a scan.  What was found outweighs what could not be looked at: a script that only knows
    /// "1 is bad" must not miss a malicious artifact because a path beside it was wrong.
    pub(crate) const fn of_scan(summary: &Summary, fail_on: FailOn) -> Self {
        let found = match fail_on {
            FailOn::Suspicious => summary.malicious + summary.suspicious,
            FailOn::Malicious => summary.malicious,
            FailOn::Never => 0,
        };
        if found > 0 {
            Self::Found
        } else if summary.problems > 0 {
            Self::Failed
        } else if summary.not_wholly_scanned > 0 && !matches!(fail_on, FailOn::Never) {
            Self::Incomplete
        } else {
            Self::Nothing
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(malicious: u64, suspicious: u64, gaps: u64, problems: u64) -> Summary {
        Summary { malicious, suspicious, not_wholly_scanned: gaps, problems, ..Summary::default() }
    }

    #[test]
    fn what_was_found_outweighs_what_failed_and_that_what_is_missing() {
        let exit = |s: Summary| Exit::of_scan(&s, FailOn::Malicious);
        assert_eq!(exit(summary(1, 0, 1, 1)), Exit::Found);
        assert_eq!(exit(summary(0, 1, 1, 1)), Exit::Failed);
        assert_eq!(exit(summary(0, 1, 1, 0)), Exit::Incomplete);
        assert_eq!(exit(summary(0, 1, 0, 0)), Exit::Nothing);
    }

    #[test]
    fn the_threshold_moves_with_the_option() {
        let suspicious = summary(0, 1, 0, 0);
        assert_eq!(Exit::of_scan(&suspicious, FailOn::Suspicious), Exit::Found);
        assert_eq!(Exit::of_scan(&summary(1, 1, 1, 0), FailOn::Never), Exit::Nothing);
        assert_eq!(Exit::of_scan(&summary(1, 1, 1, 1), FailOn::Never), Exit::Failed);
    }
}
