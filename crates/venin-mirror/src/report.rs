//! The private pack for the operator of one mirror: names, hashes, evidence and commands.
//!
//! It is meant for the operator alone: a public list of where malware can still be had helps the wrong people.  Public
//! pages show mirrors in aggregate, by [`crate::residual`].

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::Serialize;
use venin_intel::claim::{ClaimKind, Class, Moment, Subject};

use crate::audit::Finding;
use crate::clean::{Plan, render_plan};
use crate::known::MatchedBy;
use crate::local::{LocalAudit, LocalFinding};
use crate::probe::Proof;
use crate::summary::Look;
use crate::verdict::{FileSeen, IndexSeen, Verdict};

/// The version of the pack's JSON form.
pub const PACK_VERSION: u32 = 1;

/// The pack for one operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// [`PACK_VERSION`].
    pub version: u32,
    /// The mirror's identifier, or the name that its operator gave the tree.
    pub mirror: String,
    /// When it was made (RFC 3339).
    pub made: String,
    /// Files looked for.
    pub looked_for: u64,
    /// Files that could not be judged.
    pub unknown: u64,
    /// What the mirror still has, worst first.
    pub rows: Vec<PackRow>,
    /// What was not looked at, and why.
    pub not_looked_at: Vec<String>,
    /// Commands of the mirror's own tool.
    pub commands: Vec<String>,
    /// What to delete and rewrite exactly, where the tree itself was audited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// One file that the mirror still has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PackRow {
    /// The verdict.
    pub verdict: &'static str,
    /// What it means.
    pub risk: &'static str,
    /// The project.
    pub name: String,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its known SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What it is taken for.
    pub class: &'static str,
    /// What ties what was found to what is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<&'static str>,
    /// Where the file lies: addresses, or paths in the tree.
    pub files: Vec<String>,
    /// Where it is listed: addresses, or paths in the tree.
    pub listed_on: Vec<String>,
    /// The project's status (PEP 792) as the mirror forwards it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_status: Option<String>,
    /// What the page said.
    pub index: &'static str,
    /// What the file's address said.
    pub file: &'static str,
    /// The host that the mirror sends its users to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Why nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was seen (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// SHA-256 of the page that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// The order of rows: what matters most first.
const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Tampered => 0,
        Verdict::Live => 1,
        Verdict::OrphanFile => 2,
        Verdict::GhostIndex => 3,
        Verdict::Redirecting | Verdict::Clean | Verdict::Unknown => 4,
    }
}

fn row_of_subject(subject: &Subject, verdict: Verdict) -> PackRow {
    PackRow {
        verdict: verdict.as_str(),
        risk: verdict.risk(),
        name: subject.name().to_owned(),
        release: subject.version().map(str::to_owned),
        file_name: subject.file_name().map(str::to_owned),
        sha256: subject.sha256().map(|digest| digest.to_string()),
        ..PackRow::default()
    }
}

impl Pack {
    /// The pack for the operator of a mirror that was audited over HTTP; findings of other mirrors are left out.
    #[must_use]
    pub fn of_remote(mirror: &str, findings: &[Finding], now: Moment) -> Self {
        let own: Vec<&Finding> = findings.iter().filter(|finding| finding.mirror == mirror).collect();
        let mut stale: Vec<&Finding> = own.iter().copied().filter(|f| f.verdict.is_stale()).collect();
        stale.sort_by(|a, b| rank(a.verdict).cmp(&rank(b.verdict)).then_with(|| a.subject.cmp(&b.subject)));
        let rows = stale.iter().map(|finding| PackRow::of_remote(finding)).collect();
        let unknown: Vec<&&Finding> = own.iter().filter(|f| f.verdict == Verdict::Unknown).collect();
        let not_looked_at = unknown
            .iter()
            .map(|f| {
                format!("{}: {}", f.subject, f.reason.as_deref().unwrap_or("no answer that says anything"))
            })
            .collect();
        let names: BTreeSet<&str> = stale.iter().map(|finding| finding.subject.name()).collect();
        let mut commands = Vec::new();
        if !names.is_empty() {
            commands.push(
                "# on a mirror made by bandersnatch, where nothing of the project is worth keeping:"
                    .to_owned(),
            );
            commands.extend(names.iter().map(|name| format!("bandersnatch delete {name}")));
        }
        Self {
            version: PACK_VERSION,
            mirror: mirror.to_owned(),
            made: now.to_string(),
            looked_for: own.len() as u64,
            unknown: unknown.len() as u64,
            rows,
            not_looked_at,
            commands,
            plan: None,
        }
    }

    /// The pack for the operator of a tree that was audited on disk.
    #[must_use]
    pub fn of_local(mirror: &str, audit: &LocalAudit, plan: Plan, now: Moment) -> Self {
        let mut stale: Vec<_> = audit.stale().collect();
        stale.sort_by(|a, b| rank(a.verdict).cmp(&rank(b.verdict)).then_with(|| a.subject.cmp(&b.subject)));
        let rows = stale.into_iter().map(PackRow::of_local).collect();
        let unknown = audit.findings.iter().filter(|f| f.verdict == Verdict::Unknown).count();
        Self {
            version: PACK_VERSION,
            mirror: mirror.to_owned(),
            made: now.to_string(),
            looked_for: audit.findings.len() as u64,
            unknown: unknown as u64,
            rows,
            not_looked_at: audit.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect(),
            commands: plan.commands.clone(),
            plan: Some(plan),
        }
    }

    /// As JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// As one text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "Known malicious files on {}", shown(&self.mirror));
        let _ = writeln!(out, "made {}; for the operator of the mirror, not for publication", self.made);
        let _ = writeln!(
            out,
            "{} of {} files looked for are still there in some form, {} could not be judged",
            self.rows.len(),
            self.looked_for,
            self.unknown
        );
        for row in &self.rows {
            render_row(&mut out, row);
        }
        if let Some(plan) = &self.plan {
            let _ = write!(out, "\n{}", render_plan(plan));
        } else if !self.commands.is_empty() {
            out.push_str("\nCommands:\n");
            out.extend(self.commands.iter().map(|command| format!("  {}\n", shown(command))));
        }
        if !self.not_looked_at.is_empty() {
            out.push_str("\nNot looked at:\n");
            out.extend(self.not_looked_at.iter().map(|gap| format!("  {}\n", shown(gap))));
        }
        out
    }

    /// The known digests, one a line with the file's name, as `sha256sum` writes them.
    #[must_use]
    pub fn digests(&self) -> String {
        let line = |row: &PackRow| {
            let name = row.file_name.as_deref().unwrap_or(&row.name);
            row.sha256.as_ref().map(|sha256| format!("{sha256}  {name}\n"))
        };
        self.rows.iter().filter_map(line).collect()
    }

    /// The files of the pack as a folder: name and content.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let mut files = vec![
            ("report.txt", self.render()),
            ("report.json", self.to_json()),
            ("sha256.txt", self.digests()),
        ];
        if let Some(plan) = &self.plan {
            files.push(("plan.json", plan.to_json()));
        }
        if !self.commands.is_empty() {
            files.push(("commands.txt", format!("{}\n", self.commands.join("\n"))));
        }
        files
    }

    /// Writes the pack into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// The folder or a file cannot be written.
    pub fn write_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.files().into_iter().try_for_each(|(name, content)| std::fs::write(folder.join(name), content))
    }
}

impl PackRow {
    /// A finding of an audit over HTTP, whatever its verdict.
    #[must_use]
    pub fn of_remote(finding: &Finding) -> Self {
        let is_served = finding.verdict != Verdict::GhostIndex && !finding.file_url.is_empty();
        let is_listed = matches!(finding.index, IndexSeen::Listed | IndexSeen::ListedOther);
        Self {
            class: finding.class.as_str(),
            proof: finding.proof.map(Proof::as_str),
            files: is_served.then(|| finding.file_url.clone()).into_iter().collect(),
            listed_on: is_listed.then(|| finding.page_url.clone()).into_iter().collect(),
            project_status: finding.project_status.clone(),
            index: finding.index.as_str(),
            file: finding.file.as_str(),
            redirect: finding.redirect.clone(),
            reason: finding.reason.clone(),
            seen: Some(finding.observed.to_string()),
            evidence: finding.evidence.map(|digest| digest.to_string()),
            ..row_of_subject(&finding.subject, finding.verdict)
        }
    }

    /// A finding of an audit on disk, whatever its verdict.
    #[must_use]
    pub fn of_local(finding: &LocalFinding) -> Self {
        Self {
            class: finding.class.as_str(),
            proof: finding.files.iter().map(|file| file.by).min().map(MatchedBy::as_str),
            files: finding.files.iter().map(|file| file.path.clone()).collect(),
            listed_on: finding.entries.iter().map(|entry| entry.page.clone()).collect(),
            project_status: finding.status.clone(),
            index: finding.index.as_str(),
            file: finding.file.as_str(),
            ..row_of_subject(&finding.subject, finding.verdict)
        }
    }

    /// A look that an earlier run kept as claims.
    #[must_use]
    pub fn of_look(look: &Look) -> Self {
        let places = |kinds: &[ClaimKind]| {
            let of_kind = look.places.iter().filter(|(kind, _)| kinds.contains(kind));
            of_kind.map(|(_, place)| place.clone()).collect()
        };
        Self {
            class: Class::Unknown.as_str(),
            files: places(&[ClaimKind::FileSeen, ClaimKind::FileChanged]),
            listed_on: places(&[ClaimKind::IndexSeen]),
            index: IndexSeen::Unknown.as_str(),
            file: FileSeen::Unknown.as_str(),
            seen: Some(look.observed.to_string()),
            ..row_of_subject(&look.subject, look.verdict)
        }
    }

    /// The row as text, several lines.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::new();
        render_row(&mut out, self);
        out
    }
}

fn render_row(out: &mut String, row: &PackRow) {
    let release = row.release.as_ref().map(|release| format!("=={release}")).unwrap_or_default();
    let _ = writeln!(out, "\n{}: {}{} ({})", row.verdict, shown(&row.name), shown(&release), row.risk);
    let mut line = |label: &str, value: &str| out.push_str(&format!("  {label:<10} {}\n", shown(value)));
    let texts = [
        ("file", row.file_name.as_deref()),
        ("sha256", row.sha256.as_deref()),
        ("class", Some(row.class)),
        ("proof", row.proof),
        ("status", row.project_status.as_deref()),
        ("redirect", row.redirect.as_deref()),
        ("reason", row.reason.as_deref()),
        ("seen", row.seen.as_deref()),
        ("evidence", row.evidence.as_deref()),
    ];
    for (label, value) in texts {
        if let Some(value) = value {
            line(label, value);
        }
    }
    row.files.iter().for_each(|path| line("served at", path));
    row.listed_on.iter().for_each(|path| line("listed on", path));
}

/// Text that may be hostile: control characters are escaped.
fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::{PlanOptions, Trust, make_plan};
    use crate::local::{Depth, Tree, audit_tree};
    use crate::testing::{bandersnatch_tree, known};

    #[test]
    fn a_pack_names_every_file_digest_page_and_command() {
        let folder = tempfile::tempdir().unwrap();
        bandersnatch_tree(folder.path());
        let audit = audit_tree(folder.path(), &known(), Depth::Names).unwrap();
        let now = Moment::from_seconds(0);
        let options = PlanOptions { trust: Trust::Digest, now };
        let plan = make_plan(&Tree::open(folder.path()).unwrap(), &audit, &options);
        let pack = Pack::of_local("example", &audit, plan, now);
        assert_eq!((pack.looked_for, pack.unknown, pack.rows.len()), (4, 0, 3));
        let text = pack.render();
        for finding in audit.stale() {
            assert!(text.contains(&finding.subject.sha256().unwrap().to_string()));
            assert!(finding.files.iter().all(|file| text.contains(&file.path)));
            assert!(finding.entries.iter().all(|entry| text.contains(&entry.page)));
        }
        assert!(text.contains("bandersnatch delete bad"));
        assert_eq!(pack.digests().lines().count(), 3);
        let out = folder.path().join("pack");
        pack.write_folder(&out).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
        assert_eq!(json["rows"][0]["verdict"], "live");
        assert!(Plan::parse(&std::fs::read_to_string(out.join("plan.json")).unwrap()).is_ok());
    }
}
