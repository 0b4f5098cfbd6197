//! What to do, for each party, where the data support it: the action, the number that supports it, and the command that
//! takes it.
//!
//! A proposal stands only where its number is known and reaches a threshold, which its reason states.  Thresholds are
//! judgments, not measurements.

use crate::lookup::{Look, Tables};
use crate::report::{Chapter, Mitigation, StudyReport};
use crate::table::{Cell, Table, Unit};

/// A proposal with the number that it rests on.
struct Proposal {
    party: &'static str,
    action: &'static str,
    /// What the number is of; the number stands before it.
    says: &'static str,
    /// Where the number stands.
    place: Look<'static>,
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
        place: Look::At("vectors", "install", "share_first"),
        least: 0.2,
        command: "venin scan NAME",
    },
    Proposal {
        party: "users",
        action: "Check the whole list of requirements: a wheel is no protection from what runs at import.",
        says: "of artifacts with a vector act when they are imported",
        place: Look::At("vectors", "import", "share"),
        least: 0.1,
        command: "venin scan -r requirements.txt",
    },
    Proposal {
        party: "users",
        action: "Compare an update with what is installed before taking it.",
        says: "of the changes from one version to the next change what the code does",
        place: Look::At("evolution", "any behavior changed", "share"),
        least: 0.05,
        command: "venin diff OLD NEW",
    },
    Proposal {
        party: "users",
        action: "Read names twice, and scan what a name stands for.",
        says: "of all artifacts impersonate by name or metadata",
        place: Look::At("techniques", "impersonation", "share"),
        least: 0.1,
        command: "venin scan NAME",
    },
    Proposal {
        party: "users",
        action: "Look for code that runs at every start of Python among what is installed.",
        says: "of artifacts with a behavior act at every start of the interpreter",
        place: Look::At("triggers", "startup", "share"),
        least: 0.01,
        command: "venin scan .venv",
    },
    Proposal {
        party: "users",
        action: "Wait some days before taking a new release, and ask what is known of it then.",
        says: "pass at the median, at the least, before somebody discovers a malicious project",
        place: Look::At("life-spans", "incubation of projects", "median_least"),
        least: 1.0,
        command: "venin lifecycle NAME",
    },
    Proposal {
        party: "registry",
        action: "Scan uploads as they come, before many have downloaded them.",
        says: "downloads of the median package lie surely before its discovery",
        place: Look::At("downloads-phases", "surely before the discovery", "median"),
        least: 10.0,
        command: "venin watch",
    },
    Proposal {
        party: "registry",
        action: "Publish a complete block list that mirrors and users can follow.",
        says: "of the accused releases that were looked for are still served by a mirror",
        place: Look::At("mirrors", "any mirror", "rate"),
        least: 0.01,
        command: "venin store export block-list --output block-list.jsonl",
    },
    Proposal {
        party: "registry",
        action: "Look at new versions of old projects as closely as at new projects.",
        says: "of the changes from one version to the next change what the code does",
        place: Look::At("evolution", "any behavior changed", "share"),
        least: 0.05,
        command: "venin watch",
    },
    Proposal {
        party: "registry",
        action: "Put what acts when it is installed first in line: it needs nobody to call it.",
        says: "of artifacts with a vector act as soon as they are installed",
        place: Look::At("vectors", "install", "share_first"),
        least: 0.5,
        command: "venin watch",
    },
    Proposal {
        party: "mirrors",
        action: "Plan and apply the removal of what is known to be malicious.",
        says: "of the accused releases that were looked for are still served by a mirror",
        place: Look::At("mirrors", "any mirror", "rate"),
        least: 0.01,
        command: "venin mirror clean --plan DIR --output plan.json",
    },
    Proposal {
        party: "mirrors",
        action: "Audit your own files regularly: updating does not delete.",
        says: "is the least median for which mirrors keep what the index removed",
        place: Look::At("life-spans", "persistence of files", "median_least"),
        least: 1.0,
        command: "venin mirror audit --local DIR",
    },
    Proposal {
        party: "researchers",
        action: "Classify by several behaviors at once, not by one.",
        says: "of all artifacts show two or more of the five behaviors",
        place: Look::At("behavior-count", "two or more", "share"),
        least: 0.25,
        command: "venin rules list",
    },
    Proposal {
        party: "researchers",
        action: "Measure detection by technique, and look for what each technique hides.",
        says: "of all artifacts use at least one technique against detection",
        place: Look::At("technique-count", "one or more", "share"),
        least: 0.25,
        command: "venin rules list",
    },
    Proposal {
        party: "researchers",
        action: "Follow the versions of a project: a change away from detection shows what an attacker knows.",
        says: "changes lead away from detection without another behavior",
        place: Look::At("evolution", "technique changed", "away"),
        least: 1.0,
        command: "venin diff OLD NEW",
    },
    Proposal {
        party: "researchers",
        action: "Count copies of code once before splitting data for training and test.",
        says: "artifacts have the same Python sources as another one",
        place: Look::At("sources", "all", "code_copies"),
        least: 10.0,
        command: "venin vault list",
    },
    Proposal {
        party: "researchers",
        action: "Join several sources: none of them knows all.",
        says: "sources name accused releases",
        place: Look::Rows("feed-sources"),
        least: 2.0,
        command: "venin collect",
    },
];

/// What the data of a study support, by party, the proposals whose numbers exceed their thresholds most first.
#[must_use]
pub fn make_mitigations(study: &StudyReport) -> Vec<Mitigation> {
    let tables = Tables::of_study(study);
    let mut ranked: Vec<(usize, f64, Mitigation)> = PROPOSALS
        .iter()
        .filter_map(|proposal| {
            let (excess, mitigation) = support(proposal, &tables)?;
            let party = PARTIES.iter().position(|party| *party == proposal.party)?;
            Some((party, excess, mitigation))
        })
        .collect();
    ranked.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.total_cmp(&a.1)));
    ranked.into_iter().map(|(_, _, mitigation)| mitigation).collect()
}

/// How many times its threshold a proposal's number is, and the proposal; `None` when the number is missing or below.
fn support(proposal: &Proposal, tables: &Tables<'_>) -> Option<(f64, Mitigation)> {
    let number = tables.number(proposal.place).filter(|number| *number >= proposal.least)?;
    let least = Look::At(THRESHOLDS, proposal.action, threshold_column(tables.unit(proposal.place)?));
    let reason = format!("{{}} {} (proposed from {{}} on).", proposal.says);
    let mitigation = Mitigation {
        party: proposal.party.to_owned(),
        action: proposal.action.to_owned(),
        reason: tables.tell(&reason, &[proposal.place, least]),
        command: proposal.command.to_owned(),
    };
    Some((number / proposal.least, mitigation))
}

/// The table of thresholds.
const THRESHOLDS: &str = "proposals";

/// The column of thresholds of a unit.
const fn threshold_column(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "least_share",
        Unit::Days => "least_days",
        _ => "least_count",
    }
}

/// The chapter on thresholds: each proposal of which the study could have the number.
#[must_use]
pub fn make_proposals(study: &StudyReport) -> Chapter {
    let tables = Tables::of_study(study);
    let mut table = Table::new(
        THRESHOLDS,
        "From which number on something is proposed",
        "Each proposal rests on one number of this study, whose table, row and column stand here, and is made when that \
         number is known and no less than the threshold. Thresholds are judgments, not measurements.",
        &[
            ("action", "Action", Unit::Text),
            ("party", "Who", Unit::Text),
            ("table", "Table", Unit::Text),
            ("row", "Row", Unit::Text),
            ("column", "Column", Unit::Text),
            ("least_share", "Share, from", Unit::Share),
            ("least_days", "Days, from", Unit::Days),
            ("least_count", "Count, from", Unit::Count),
        ],
    );
    for proposal in PROPOSALS {
        let Some(unit) = tables.unit(proposal.place) else { continue };
        let [of, row, column] = proposal.place.names();
        let least = |column: &str| {
            if column == threshold_column(unit) { Cell::real(proposal.least) } else { Cell::Missing }
        };
        let words = [proposal.action, proposal.party, of, row, column].map(Cell::from);
        let thresholds = ["least_share", "least_days", "least_count"].map(least);
        table.push(words.into_iter().chain(thresholds), Vec::new());
    }
    let mut chapter = Chapter::new("proposals", "When something is proposed", "");
    chapter.tables = vec![table];
    chapter
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
            crate::lookup::testing::assert_place(proposal.place);
            assert!(PARTIES.contains(&proposal.party) && proposal.least > 0.0);
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
            first.reason.to_string(),
            "66.7 % of artifacts with a vector act as soon as they are installed (proposed from 20.0 % on)."
        );
        let tables: Vec<&str> = first.reason.cited().map(|cited| cited.table.as_str()).collect();
        assert_eq!(tables, ["vectors", "proposals"]);
        assert!(!made.iter().any(|mitigation| mitigation.party == "mirrors"), "nothing is known of mirrors");
        assert!(!made.iter().any(|m| m.reason.to_string().contains("impersonate")), "nothing impersonates");
    }

    #[test]
    fn nothing_supports_nothing() {
        assert!(make_mitigations(&study_of(&data_of([]))).is_empty());
    }
}
