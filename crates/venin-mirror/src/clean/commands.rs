//! The commands of the mirror's own tool, for those who prefer it.

use std::collections::{BTreeMap, BTreeSet};

use crate::local::{Layout, LocalAudit};
use crate::verdict::Verdict;

/// What the mirror's own tool can do about the findings; comment lines say what it cannot.
///
/// `gone` are the projects of which nothing else is left: a tool that deletes whole projects must not be told to delete
/// one of which only a release was poisoned.  Names are normalized, so that nothing in them means anything to a shell.
pub(super) fn own_tool_commands(audit: &LocalAudit, gone: &BTreeSet<String>) -> Vec<String> {
    let mut stale: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in audit.stale().filter(|finding| finding.verdict != Verdict::Tampered) {
        stale.entry(finding.subject.name()).or_default().extend(finding.subject.version());
    }
    match audit.layout {
        Layout::Bandersnatch => stale
            .keys()
            .map(|name| match gone.contains(*name) {
                true => format!("bandersnatch delete {name}"),
                false => format!(
                    "# {name}: bandersnatch deletes whole projects only, and this one has other files"
                ),
            })
            .collect(),
        Layout::Devpi => devpi_commands(&stale),
        Layout::Simple => Vec::new(),
    }
}

/// A devpi client removes releases from an index that takes uploads, and from a mirror index that is volatile.
fn devpi_commands(stale: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    if stale.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["# after `devpi use` and `devpi login`, for each index that has them:".to_owned()];
    for (name, versions) in stale {
        let of_version = |version: &&str| format!("devpi remove -y '{name}=={}'", shell_safe(version));
        lines.extend(versions.iter().map(of_version));
        if versions.is_empty() {
            lines.push(format!("devpi remove -y {name}"));
        }
    }
    lines
}

/// A version without anything that a shell would read between single quotes.
fn shell_safe(version: &str) -> String {
    version
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '!' | '-'))
        .collect()
}
