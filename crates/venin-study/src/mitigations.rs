//! What to do, for each party, where the data support it: the action, the number that supports it, and the command that
//! takes it.
//!
//! A proposal stands only where its number is known and reaches a threshold, which its reason states.  Thresholds are
//! judgments, not measurements.

use crate::lookup::{Look, find_first, write_number};
use crate::report::{Mitigation, StudyReport};

/// A proposal with the number that it rests on.
struct Proposal {
    party: &'static str,
    action: &'static str,
    /// What the number is of; the number stands before it.
    says: &'static str,
    /// Where the number may stand.
    places: &'static [Look],
    /// From which value on the proposal stands.
    least: f64,
    command: &'static str,
}

/// Parties in the order in which they are listed.
const PARTIES: &[&str] = &["users", "registry", "mirrors", "researchers"];

const PROPOSALS: &[Proposal] = &[
    Proposal {
        party: "users",
        action: "Look at a release before it is installed: installing is running.",
        says: "of artifacts with a vector act as soon as they are installed",
        places: &[Look::At("vectors", "install", "share_first")],
        least: 0.2,
        command: "venin scan NAME",
    },
    Proposal {
        party: "users",
        action: "Check the whole list of requirements: a wheel is no protection from what runs at import.",
        says: "of artifacts with a vector act when they are imported",
        places: &[Look::At("vectors", "import", "share")],
        least: 0.1,
        command: "venin scan -r requirements.txt",
    },
    Proposal {
        party: "users",
        action: "Compare an update with what is installed before taking it.",
        says: "of the changes from one version to the next change what the code does",
        places: &[Look::At("evolution", "any behavior changed", "share")],
        least: 0.05,
        command: "venin diff OLD NEW",
    },
    Proposal {
        party: "users",
        action: "Read names twice, and scan what a name stands for.",
        says: "of all artifacts impersonate by name or metadata",
        places: &[Look::At("techniques", "impersonation", "share")],
        least: 0.1,
        command: "venin scan NAME",
    },
    Proposal {
        party: "users",
        action: "Look for code that runs at every start of Python among what is installed.",
        says: "of artifacts with a behavior act at every start of the interpreter",
        places: &[Look::At("triggers", "startup", "share")],
        least: 0.01,
        command: "venin scan .venv",
    },
    Proposal {
        party: "users",
        action: "Wait some days before taking a new release, and ask what is known of it then.",
        says: "pass at the median, at the least, before somebody discovers a malicious project",
        places: &[Look::At("life-spans", "incubation of projects", "median_least")],
        least: 1.0,
        command: "venin lifecycle NAME",
    },
    Proposal {
        party: "registry",
        action: "Scan uploads as they come, before many have downloaded them.",
        says: "downloads of the median package lie surely before its discovery",
        places: &[Look::At("downloads-phases", "surely before the discovery", "median")],
        least: 10.0,
        command: "venin watch",
    },
    Proposal {
        party: "registry",
        action: "Publish a complete block list that mirrors and users can follow.",
        says: "of the accused releases that were looked for are still served by a mirror",
        places: &[Look::At("mirrors", "any mirror", "rate")],
        least: 0.01,
        command: "venin store export block-list --output block-list.jsonl",
    },
    Proposal {
        party: "registry",
        action: "Look at new versions of old projects as closely as at new projects.",
        says: "of the changes from one version to the next change what the code does",
        places: &[Look::At("evolution", "any behavior changed", "share")],
        least: 0.05,
        command: "venin watch",
    },
    Proposal {
        party: "registry",
        action: "Put what acts when it is installed first in line: it needs nobody to call it.",
        says: "of artifacts with a vector act as soon as they are installed",
        places: &[Look::At("vectors", "install", "share_first")],
        least: 0.5,
        command: "venin watch",
    },
    Proposal {
        party: "mirrors",
        action: "Plan and apply the removal of what is known to be malicious.",
        says: "of the accused releases that were looked for are still served by a mirror",
        places: &[Look::At("mirrors", "any mirror", "rate")],
        least: 0.01,
        command: "venin mirror clean --plan DIR --output plan.json",
    },
    Proposal {
        party: "mirrors",
        action: "Audit your own files regularly: updating does not delete.",
        says: "is the least median for which mirrors keep what the index removed",
        places: &[
            Look::At("life-spans", "persistence of files", "median_least"),
            Look::At("survival", "all mirrors, files", "median_from"),
        ],
        least: 1.0,
        command: "venin mirror audit --local DIR",
    },
    Proposal {
        party: "researchers",
        action: "Classify by several behaviors at once, not by one.",
        says: "of all artifacts show two or more of the five behaviors",
        places: &[Look::At("behavior-count", "two or more", "share")],
        least: 0.25,
        command: "venin rules list",
    },
    Proposal {
        party: "researchers",
        action: "Measure detection by technique, and look for what each technique hides.",
        says: "of all artifacts use at least one technique against detection",
        places: &[Look::At("technique-count", "one or more", "share")],
        least: 0.25,
        command: "venin rules list",
    },
    Proposal {
        party: "researchers",
        action: "Follow the versions of a project: a change away from detection shows what an attacker knows.",
        says: "changes lead away from detection without another behavior",
        places: &[Look::At("evolution", "technique changed", "away")],
        least: 1.0,
        command: "venin diff OLD NEW",
    },
    Proposal {
        party: "researchers",
        action: "Count copies of code once before splitting data for training and test.",
        says: "artifacts have the same Python sources as another one",
        places: &[Look::At("sources", "all", "code_copies")],
        least: 10.0,
        command: "venin vault list",
    },
    Proposal {
        party: "researchers",
        action: "Join several sources: none of them knows all.",
        says: "sources name accused releases",
        places: &[Look::Rows("feed-sources")],
        least: 2.0,
        command: "venin collect",
    },
];

/// What the data of a study support, by party, the proposals whose numbers exceed their thresholds most first.
#[must_use]
pub fn make_mitigations(study: &StudyReport) -> Vec<Mitigation> {
    let mut ranked: Vec<(usize, f64, Mitigation)> = PROPOSALS
        .iter()
        .filter_map(|proposal| {
            let (excess, mitigation) = support(proposal, study)?;
            let party = PARTIES.iter().position(|party| *party == proposal.party)?;
            Some((party, excess, mitigation))
        })
        .collect();
    ranked.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.total_cmp(&a.1)));
    ranked.into_iter().map(|(_, _, mitigation)| mitigation).collect()
}

/// How many times its threshold a proposal's number is, and the proposal; `None` when the number is missing or below.
fn support(proposal: &Proposal, study: &StudyReport) -> Option<(f64, Mitigation)> {
    let found = find_first(study, proposal.places).filter(|found| found.value >= proposal.least)?;
    let reason = format!(
        "{} {} (proposed from {} on).",
        write_number(found.value, found.unit),
        proposal.says,
        write_number(proposal.least, found.unit)
    );
    let mitigation = Mitigation {
        party: proposal.party.to_owned(),
        action: proposal.action.to_owned(),
        reason,
        table: found.table.to_owned(),
        command: proposal.command.to_owned(),
    };
    Some((found.value / proposal.least, mitigation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{acting, data_of, study_of};

    const COMMAND_LINE: &str = include_str!("../../../docs/cli.md");

    #[test]
    fn every_command_exists_and_every_party_and_threshold_is_sound() {
        for proposal in PROPOSALS {
            let words = proposal.command.split(' ').take_while(|word| {
                word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-')
            });
            let longest = words.collect::<Vec<_>>();
            let is_told = |length: usize| {
                let command = longest.get(..length).unwrap_or(&longest).join(" ");
                COMMAND_LINE.contains(&format!("$ {command} --help"))
            };
            assert!(is_told(2) || is_told(3), "{}", proposal.command);
            for option in proposal.command.split(' ').filter(|word| word.starts_with("--")) {
                assert!(COMMAND_LINE.contains(option), "{}: {option}", proposal.command);
            }
            crate::lookup::testing::assert_places(proposal.places);
            assert!(PARTIES.contains(&proposal.party) && proposal.least > 0.0 && !proposal.places.is_empty());
        }
    }

    #[test]
    fn a_proposal_stands_with_its_number_and_threshold_only_where_the_data_support_it() {
        let data = data_of([
            (acting("a", "1", &["command execution"], "install"), ""),
            (acting("b", "1", &["command execution"], "install"), ""),
            (acting("c", "1", &["command execution"], "run"), ""),
        ]);
        let made = make_mitigations(&study_of(&data));
        let first = made.first().unwrap();
        assert_eq!(first.command, "venin scan NAME");
        assert_eq!(
            first.reason,
            "66.7 % of artifacts with a vector act as soon as they are installed (proposed from 20.0 % on)."
        );
        assert_eq!(first.table, "vectors");
        assert!(!made.iter().any(|mitigation| mitigation.party == "mirrors"), "nothing is known of mirrors");
        assert!(!made.iter().any(|m| m.reason.contains("impersonate")), "nothing impersonates");
    }

    #[test]
    fn nothing_supports_nothing() {
        assert!(make_mitigations(&study_of(&data_of([]))).is_empty());
    }
}
