//! The difference of two artifacts: what the new one does, holds and asks for that the old one did not.
//!
//! A take-over adds little to much: one line, one `.pth` file.  So what both have counts nothing, and the score is
//! that of the new findings alone, in the code that changed.  The arithmetic is the scanner's.

mod findings;
mod members;
mod shapes;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use venin_model::{Action, Behavior, CallClass, Family, Persona, Technique, Triggers};
use venin_scan::{PRIOR, judge};

use crate::artifact::{ArtifactReport, CallReport, ContentsReport, Explanation, FindingReport, ShareReport};
use crate::rescore::score_findings;
use crate::sentence::compose_summary;
use findings::compare_findings;
use members::{Paths, compare_members, count_sources};
use shapes::capability;

pub use shapes::{
    Change, ChangedMember, DIFF_SCHEMA, DiffReport, DiffRun, GrownRule, MemberChange, SideReport,
};
pub use text::render_diff_text;

/// Compares two artifacts whose contents were listed.
#[must_use]
pub fn compare_artifacts(old: &ArtifactReport, new: &ArtifactReport, persona: Persona) -> DiffReport {
    let nothing = ContentsReport::default();
    let contents = |artifact: &ArtifactReport| artifact.contents.clone().unwrap_or_default();
    let (old_contents, new_contents) = (contents(old), contents(new));
    let (old_paths, new_paths) = (Paths::of(old), Paths::of(new));
    let compared = compare_findings(old, &old_paths, new, &new_paths);
    let members = compare_members(&old_contents, &old_paths, &new_contents, &new_paths);
    // Only the code that changed could have come to look like something by chance.
    let sources = count_sources(&members).max(1);
    let score = score_findings(&compared.added, sources);
    let is_listed =
        old_contents != nothing && new_contents != nothing && !old_contents.cut && !new_contents.cut;
    let complete = old.complete && new.complete && is_listed;
    let shares = score.shares.iter().map(|share| ShareReport {
        rule: share.rule.to_string(),
        log_odds: share.log_odds,
        reason: share.reason.as_ref().map(ToString::to_string),
    });
    DiffReport {
        old: old.into(),
        new: new.into(),
        verdict: judge(score.total, persona, complete),
        score: score.total.clamp(-1e6, 1e6),
        complete,
        summary: compose_summary(&compared.added),
        kept_findings: compared.kept,
        grown_rules: compared.grown,
        behaviors: change_of(&behaviors(&old.findings), &behaviors(&new.findings)),
        triggers: change_of(&triggers(&old.findings), &triggers(&new.findings)),
        techniques: change_of(&techniques(&old.findings), &techniques(&new.findings)),
        capabilities: change_of(&capabilities(&old_contents), &capabilities(&new_contents)),
        new_calls: find_new_calls(&old_contents, &old_paths, &new_contents, &new_paths),
        indicators: change_of(&indicators(old), &indicators(new)),
        members,
        dependencies: change_of(&set_of(&old_contents.dependencies), &set_of(&new_contents.dependencies)),
        entry_points: change_of(&set_of(&old_contents.entry_points), &set_of(&new_contents.entry_points)),
        explanation: Explanation { prior: PRIOR, shares: shares.collect() },
        new_findings: compared.added,
        removed_findings: compared.removed,
    }
}

fn change_of(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Change {
    Change { added: new.difference(old).cloned().collect(), removed: old.difference(new).cloned().collect() }
}

fn set_of(texts: &[String]) -> BTreeSet<String> {
    texts.iter().cloned().collect()
}

fn behaviors(findings: &[FindingReport]) -> BTreeSet<String> {
    findings.iter().filter_map(|f| f.behavior).map(Behavior::as_str).map(ToOwned::to_owned).collect()
}

fn techniques(findings: &[FindingReport]) -> BTreeSet<String> {
    findings.iter().filter_map(|f| f.technique).map(Technique::as_str).map(ToOwned::to_owned).collect()
}

fn triggers(findings: &[FindingReport]) -> BTreeSet<String> {
    let triggers: Triggers = findings.iter().map(|f| f.trigger).collect();
    triggers.iter().map(|t| t.as_str().to_owned()).collect()
}

fn capabilities(contents: &ContentsReport) -> BTreeSet<String> {
    contents.calls.iter().map(|call| capability(call.trigger, &call.class)).collect()
}

fn indicators(artifact: &ArtifactReport) -> BTreeSet<String> {
    let all = &artifact.indicators;
    let lists = [
        ("url", &all.urls),
        ("host", &all.hosts),
        ("ip", &all.ips),
        ("e-mail", &all.emails),
        ("wallet", &all.wallets),
        ("token", &all.tokens),
    ];
    lists.iter().flat_map(|(kind, list)| list.iter().map(move |value| format!("{kind}: {value}"))).collect()
}

/// Calls that their member did not make at this trigger, or not as often.
fn find_new_calls(
    old: &ContentsReport,
    old_paths: &Paths,
    new: &ContentsReport,
    new_paths: &Paths,
) -> Vec<CallReport> {
    let known: BTreeMap<_, u64> = old
        .calls
        .iter()
        .map(|call| ((call.trigger, &call.class, &call.call, old_paths.common(&call.member)), call.count))
        .collect();
    let is_new = |call: &&CallReport| {
        let key = (call.trigger, &call.class, &call.call, new_paths.common(&call.member));
        known.get(&key).is_none_or(|count| call.count > *count)
    };
    let mut calls: Vec<CallReport> = new.calls.iter().filter(is_new).cloned().collect();
    let had = capabilities(old);
    calls.sort_by_cached_key(|call| {
        (had.contains(&capability(call.trigger, &call.class)), harm_rank(&call.class))
    });
    calls
}

/// How far a class is from harm: what reaches out or runs things first, what only looks last.
fn harm_rank(class: &str) -> u8 {
    let Ok(class) = CallClass::parse(class) else { return u8::MAX };
    match (class.family, class.action) {
        (Family::Cr | Family::Cn | Family::Cs | Family::Compile, _) => 0,
        (Family::Cc, action) => {
            if matches!(action, Action::Import | Action::Reflect) {
                3
            } else {
                0
            }
        }
        (Family::Ch, Action::Platform) => 3,
        (Family::Ch, _) => 1,
        (Family::Cf, action) => {
            if matches!(action, Action::List | Action::Open | Action::Any) {
                3
            } else {
                1
            }
        }
        (Family::Ce, _) => 2,
        (Family::Cx, _) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_out_comes_before_what_only_looks() {
        let mut classes = ["Cf.list", "Ce.decode", "Ch.env", "Cs.shell", "Cc.reflect", "Cc.exec"];
        classes.sort_by_key(|class| harm_rank(class));
        assert_eq!(classes, ["Cs.shell", "Cc.exec", "Ch.env", "Ce.decode", "Cf.list", "Cc.reflect"]);
    }
}
