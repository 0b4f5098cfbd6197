//! Places one further artifact among the campaigns that a study found, and says why there.
//!
//! A file of campaigns holds digests and calls, never code.  Whoever edits it deceives themselves only: a placement is
//! told, not acted upon.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::campaigns::{Campaign, Campaigns, LEAST, REACH, SEED};
use super::nearness::{Nearness, Print};
use super::tokens::{Sequences, render_call};
use crate::artifact::Artifact;
use crate::sample::{DataSet, Sample};

/// The version of [`CampaignFile`].
pub const CAMPAIGNS_SCHEMA: &str = "venin.campaigns/1";

/// Most members of a campaign that are kept to be compared with, one for each different code and calls.
const MAX_MEMBERS: usize = 64;
/// Most digests of code of a campaign.
const MAX_CODES: usize = 2000;
/// Most projects of a campaign that are named.
const MAX_PROJECTS: usize = 50;
/// Most nearest members that are told.
const MAX_NEAREST: usize = 5;
/// Most shared calls that are told.
const MAX_SHARED: usize = 8;
/// Most calls of one artifact that are compared.
const MAX_CALLS: usize = 128;

/// The campaigns of a study as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignFile {
    /// [`CAMPAIGNS_SCHEMA`].
    pub schema: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// The campaigns, those of most artifacts first.
    pub campaigns: Vec<CampaignEntry>,
}

/// A campaign in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignEntry {
    /// What it is called.
    pub name: String,
    /// How many artifacts it has.
    pub artifacts: u64,
    /// Its first day, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_day: Option<String>,
    /// Its last day, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// The calls that most members share, in order.
    #[serde(default)]
    pub path: Vec<String>,
    /// Its projects, sorted; at most 50.
    #[serde(default)]
    pub projects: Vec<String>,
    /// SHA-256 of the normal forms of its code, sorted; at most 2,000.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Members to compare with, at most 64, all different.
    pub members: Vec<MemberEntry>,
}

/// A member of a campaign in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberEntry {
    /// SHA-256 of the artifact.
    pub sha256: String,
    /// SHA-256 of the normal form of its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// TLSH of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tlsh: Option<String>,
    /// Its calls in order.
    #[serde(default)]
    pub calls: Vec<String>,
}

/// A file of campaigns cannot be used.
#[derive(Debug, Error)]
pub enum CampaignFileError {
    /// It is no JSON of this form.
    #[error("the file of campaigns: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error("the file of campaigns is of the form `{0}`, not `{CAMPAIGNS_SCHEMA}`")]
    Schema(String),
}

/// Where an artifact belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// The campaign; `None` when no member is near enough.
    pub campaign: Option<String>,
    /// In a sentence.
    pub reason: String,
    /// The nearest members, the nearest first.
    pub nearest: Vec<NearMember>,
}

/// How near a member is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearMember {
    /// Its campaign.
    pub campaign: String,
    /// Its SHA-256.
    pub sha256: String,
    /// From 0 (the same) to 1 (nothing in common).
    pub distance: f64,
    /// Whether the normal forms of their code are equal.
    pub same_code: bool,
    /// The TLSH distance, where both have a digest.
    pub tlsh: Option<u32>,
    /// Share of calls, and of each two that follow each other, that both have among those that either has; `None` when
    /// neither has any.
    pub calls: Option<f64>,
    /// Calls that both have, at most 8.
    pub shared_calls: Vec<String>,
}

impl CampaignFile {
    /// The campaigns of a data set as a file.
    #[must_use]
    pub fn of(data: &DataSet, version: &str) -> Self {
        let sequences = Sequences::of(data.samples());
        Self::of_campaigns(&Campaigns::find(data.samples(), &sequences, SEED), data.samples(), version)
    }

    /// Campaigns that were found already as a file.
    #[must_use]
    pub fn of_campaigns(found: &Campaigns, samples: &[Sample], version: &str) -> Self {
        let campaigns = found.campaigns.iter().map(|campaign| CampaignEntry::of(campaign, samples)).collect();
        Self { schema: CAMPAIGNS_SCHEMA.to_owned(), version: version.to_owned(), campaigns }
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file's text back.
    ///
    /// # Errors
    /// It is no JSON of this form, or of another version.
    pub fn parse(text: &str) -> Result<Self, CampaignFileError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.schema != CAMPAIGNS_SCHEMA {
            return Err(CampaignFileError::Schema(head.schema));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Finds the campaign of an artifact.
    #[must_use]
    pub fn place(&self, artifact: &Artifact) -> Placement {
        let own = MemberEntry::of(artifact);
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        for call in own.calls.iter().chain(self.members().flat_map(|(_, member)| &member.calls)) {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            numbers.entry(call).or_insert(next);
        }
        let print = own.print(&numbers);
        if print.is_blank() {
            let reason = "It has no code and no calls to be compared by.".to_owned();
            return Placement { campaign: None, reason, nearest: Vec::new() };
        }
        let mut nearest: Vec<NearMember> = self
            .members()
            .map(|(campaign, member)| {
                let nearness = print.compare(&member.print(&numbers));
                NearMember::of(campaign, member, &nearness, &own)
            })
            .collect();
        // A digest of code may be that of a member which is not kept for comparison.
        let known = print.code.as_ref().and_then(|code| {
            self.campaigns.iter().find(|campaign| campaign.codes.iter().any(|known| known == code))
        });
        nearest.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        nearest.truncate(MAX_NEAREST);
        let by_distance = nearest.first().filter(|member| member.distance <= REACH);
        let campaign =
            known.map(|c| c.name.clone()).or_else(|| by_distance.map(|member| member.campaign.clone()));
        let reason = explain(known, nearest.first());
        Placement { campaign, reason, nearest }
    }

    fn members(&self) -> impl Iterator<Item = (&CampaignEntry, &MemberEntry)> {
        self.campaigns
            .iter()
            .flat_map(|campaign| campaign.members.iter().map(move |member| (campaign, member)))
    }
}

fn explain(known: Option<&CampaignEntry>, nearest: Option<&NearMember>) -> String {
    if let Some(campaign) = known {
        return format!("Its code is the same as that of a member of {}.", campaign.name);
    }
    let Some(nearest) = nearest else { return "There is no campaign to compare it with.".to_owned() };
    let tlsh = nearest.tlsh.map(|tlsh| format!("TLSH distance {tlsh}"));
    let calls = nearest.calls.map(|share| format!("{:.0} % of calls shared", share * 100.0));
    let measured: Vec<String> = tlsh.into_iter().chain(calls).collect();
    let measured = if measured.is_empty() { "nothing in common".to_owned() } else { measured.join(", ") };
    let within = if nearest.distance <= REACH { "within" } else { "beyond" };
    format!(
        "The nearest member, of {}, is at distance {:.2} ({measured}), {within} the reach of {REACH}.",
        nearest.campaign, nearest.distance
    )
}

impl CampaignEntry {
    fn of(campaign: &Campaign, samples: &[Sample]) -> Self {
        let members: Vec<&Sample> =
            campaign.samples.iter().filter_map(|at| samples.get(*at as usize)).collect();
        let projects: BTreeSet<String> = members.iter().map(|sample| sample.project()).collect();
        let codes = members.iter().filter_map(|sample| sample.artifact.attributes.normal_sha256.clone());
        let codes: BTreeSet<String> = codes.collect();
        let day = |day: Option<&str>| day.map(ToOwned::to_owned);
        Self {
            name: campaign.name.clone(),
            artifacts: campaign.samples.len() as u64,
            first_day: day(campaign.described.first_day()),
            last_day: day(campaign.described.last_day()),
            path: campaign.described.path.clone(),
            projects: projects.into_iter().take(MAX_PROJECTS).collect(),
            codes: codes.into_iter().take(MAX_CODES).collect(),
            members: choose_members(&members),
        }
    }
}

/// Members that differ from each other, those of the most copies first.
fn choose_members(members: &[&Sample]) -> Vec<MemberEntry> {
    type Form = (Option<String>, Option<String>, Vec<String>);
    let mut seen: BTreeMap<Form, (usize, String)> = BTreeMap::new();
    for sample in members {
        let MemberEntry { sha256, code, tlsh, calls } = MemberEntry::of(&sample.artifact);
        let entry = seen.entry((code, tlsh, calls)).or_insert_with(|| (0, sha256.clone()));
        entry.0 += 1;
        if sha256 < entry.1 {
            entry.1 = sha256;
        }
    }
    let mut sorted: Vec<_> = seen.into_iter().collect();
    sorted.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.1.1.cmp(&b.1.1)));
    let entry = |((code, tlsh, calls), (_, sha256))| MemberEntry { sha256, code, tlsh, calls };
    sorted.into_iter().take(MAX_MEMBERS).map(entry).collect()
}

impl MemberEntry {
    fn of(artifact: &Artifact) -> Self {
        let attributes = &artifact.attributes;
        Self {
            sha256: artifact.sha256.clone(),
            code: attributes.normal_sha256.clone(),
            tlsh: attributes.tlsh.clone(),
            calls: attributes.calls.iter().take(MAX_CALLS).map(render_call).collect(),
        }
    }

    fn print(&self, numbers: &BTreeMap<&str, u32>) -> Print {
        let calls = self.calls.iter().take(MAX_CALLS).filter_map(|call| numbers.get(call.as_str()).copied());
        Print::new(self.code.as_deref(), self.tlsh.as_deref(), &calls.collect::<Vec<u32>>())
    }
}

impl NearMember {
    fn of(campaign: &CampaignEntry, member: &MemberEntry, nearness: &Nearness, own: &MemberEntry) -> Self {
        let theirs: BTreeSet<&str> = member.calls.iter().map(String::as_str).collect();
        let ours: BTreeSet<&str> = own.calls.iter().map(String::as_str).collect();
        Self {
            campaign: campaign.name.clone(),
            sha256: member.sha256.clone(),
            distance: nearness.distance,
            same_code: nearness.same_code,
            tlsh: nearness.tlsh,
            calls: (nearness.either > 0).then(|| nearness.shared as f64 / nearness.either as f64),
            shared_calls: ours
                .intersection(&theirs)
                .take(MAX_SHARED)
                .map(|call| (*call).to_owned())
                .collect(),
        }
    }
}

/// What a campaign is, in a sentence for readers.
#[must_use]
pub fn define_campaigns() -> String {
    format!(
        "Artifacts with the same normal form of code are one point. The distance of two points is the smaller of two: the \
         TLSH distance over 200, and 1 - J s/(s + 2), where J is the Jaccard index of their calls and of each two calls \
         that follow each other, and s how many of these both have. Points are candidates when they share a band of a \
         MinHash signature (16 bands of 4 rows) or a slice of their TLSH digests. In each component of candidates within \
         {REACH}, average linkage over mutual reachability distances is cut at {REACH}. A campaign has at least {LEAST} \
         artifacts, each of which has {LEAST} within reach, itself counted; all others are noise."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tokens::testing::{call, data_set};
    use venin_report::CallTokensReport;

    fn calls(theme: &str, count: usize) -> Vec<CallTokensReport> {
        (0..count).map(|at| call("Cs.shell", &format!("{theme}.call{at}"), &[])).collect()
    }

    fn file() -> CampaignFile {
        let data = data_set(&[("alpha", 4, calls("alpha", 12)), ("beta", 3, calls("beta", 12))]);
        CampaignFile::of(&data, "0")
    }

    #[test]
    fn a_file_reads_back_what_it_wrote_and_refuses_other_forms() {
        let file = file();
        assert_eq!(file.campaigns.len(), 2);
        assert_eq!(file.campaigns[0].members.len(), 1);
        assert_eq!(CampaignFile::parse(&file.render()).unwrap(), file);
        let other = file.render().replace(CAMPAIGNS_SCHEMA, "venin.campaigns/9");
        assert!(matches!(CampaignFile::parse(&other), Err(CampaignFileError::Schema(_))));
        assert!(matches!(CampaignFile::parse("{"), Err(CampaignFileError::Form(_))));
    }

    #[test]
    fn an_artifact_is_placed_by_its_calls_and_told_why() {
        let file = file();
        let data = data_set(&[("new", 1, calls("beta", 11))]);
        let placed = file.place(&data.samples()[0].artifact);
        assert_eq!(placed.campaign.as_deref(), Some(file.campaigns[1].name.as_str()));
        assert!(placed.reason.contains("91 % of calls shared"), "{}", placed.reason);
        assert_eq!(placed.nearest[0].shared_calls.len(), 8);
        assert_eq!(placed.nearest.len(), 2);
    }

    #[test]
    fn the_same_code_decides_before_any_distance() {
        let mut file = file();
        file.campaigns[0].codes = vec!["ab".to_owned()];
        let mut artifact = data_set(&[("new", 1, calls("beta", 12))]).samples()[0].artifact.clone();
        artifact.attributes.normal_sha256 = Some("ab".to_owned());
        let placed = file.place(&artifact);
        assert_eq!(placed.campaign.as_deref(), Some(file.campaigns[0].name.as_str()));
        assert!(placed.reason.starts_with("Its code is the same"), "{}", placed.reason);
    }

    #[test]
    fn what_is_like_nothing_is_placed_nowhere() {
        let file = file();
        let far = data_set(&[("new", 1, calls("gamma", 12))]);
        let placed = file.place(&far.samples()[0].artifact);
        assert_eq!(placed.campaign, None);
        assert!(placed.reason.contains("beyond the reach"), "{}", placed.reason);
        let blank = data_set(&[("new", 1, vec![])]);
        assert!(file.place(&blank.samples()[0].artifact).reason.contains("no code and no calls"));
        let empty = CampaignFile { campaigns: Vec::new(), ..file };
        assert!(empty.place(&far.samples()[0].artifact).reason.contains("no campaign"));
    }
}
