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
const MAX_MEMBERS: usize = 16;
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
    /// The calls that members point to by position, sorted.
    pub calls: Vec<String>,
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
    /// Members to compare with, at most 16, all different.
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
    /// Its calls in order, as positions in the file's list; what is beyond that list counts as a call of its own.
    #[serde(default)]
    pub calls: Vec<u32>,
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
        let found = Campaigns::find(data.samples(), &sequences, SEED);
        Self::of_campaigns(&found, &sequences, data.samples(), version)
    }

    /// Campaigns that were found already as a file.
    #[must_use]
    pub fn of_campaigns(found: &Campaigns, sequences: &Sequences, samples: &[Sample], version: &str) -> Self {
        let calls_of = |at: u32| sequences.of_sample(at as usize).map_or(&[][..], |s| s.calls.as_slice());
        let chosen: Vec<Vec<u32>> =
            found.campaigns.iter().map(|campaign| choose_members(campaign, samples, calls_of)).collect();
        let used: BTreeSet<u32> = chosen.iter().flatten().flat_map(|at| calls_of(*at)).copied().collect();
        let numbers: BTreeMap<u32, u32> = used.iter().copied().zip(0u32..).collect();
        let member = |at: &u32| {
            let calls = calls_of(*at).iter().filter_map(|call| numbers.get(call).copied()).collect();
            Some(MemberEntry::of(&samples.get(*at as usize)?.artifact, calls))
        };
        let campaigns = found.campaigns.iter().zip(&chosen).map(|(campaign, chosen)| {
            CampaignEntry::of(campaign, samples, chosen.iter().filter_map(member).collect())
        });
        let campaigns = campaigns.collect();
        let calls = used.iter().filter_map(|call| sequences.calls.get(*call as usize)).cloned().collect();
        Self { schema: CAMPAIGNS_SCHEMA.to_owned(), version: version.to_owned(), calls, campaigns }
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
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
        let own = self.number_calls(artifact);
        let attributes = &artifact.attributes;
        let print = Print::new(attributes.normal_sha256.as_deref(), attributes.tlsh.as_deref(), &own);
        if print.is_blank() {
            let reason = "It has no code and no calls to be compared by.".to_owned();
            return Placement { campaign: None, reason, nearest: Vec::new() };
        }
        let mut compared: Vec<(Nearness, &CampaignEntry, &MemberEntry)> = self
            .members()
            .map(|(campaign, member)| (print.compare(&member.print()), campaign, member))
            .collect();
        compared.sort_by(|a, b| a.0.distance.total_cmp(&b.0.distance));
        compared.truncate(MAX_NEAREST);
        let tell = |(nearness, campaign, member): &(Nearness, &CampaignEntry, &MemberEntry)| {
            self.tell_nearness(campaign, member, nearness, &own)
        };
        let nearest: Vec<NearMember> = compared.iter().map(tell).collect();
        // A digest of code may be that of a member which is not kept for comparison.
        let known = print.code.as_ref().and_then(|code| {
            self.campaigns.iter().find(|campaign| campaign.codes.iter().any(|known| known == code))
        });
        let by_distance = nearest.first().filter(|member| member.distance <= REACH);
        let campaign =
            known.map(|c| c.name.clone()).or_else(|| by_distance.map(|member| member.campaign.clone()));
        let reason = explain(known, nearest.first());
        Placement { campaign, reason, nearest }
    }

    /// The calls of an artifact by their positions in the file's list; calls that are not in it get numbers beyond.
    fn number_calls(&self, artifact: &Artifact) -> Vec<u32> {
        let mut numbers: BTreeMap<&str, u32> = self.calls.iter().map(String::as_str).zip(0u32..).collect();
        let calls = calls_of(artifact);
        let beyond = u32::MAX - 1;
        let number = |(at, call): (u32, _)| *numbers.entry(call).or_insert(beyond - at);
        (0u32..).zip(calls.iter().map(String::as_str)).map(number).collect()
    }

    fn tell_nearness(
        &self,
        campaign: &CampaignEntry,
        member: &MemberEntry,
        nearness: &Nearness,
        own: &[u32],
    ) -> NearMember {
        let theirs: BTreeSet<u32> = member.calls.iter().copied().collect();
        let ours: BTreeSet<u32> = own.iter().copied().collect();
        let shared = ours.intersection(&theirs).filter_map(|call| self.calls.get(*call as usize));
        NearMember {
            campaign: campaign.name.clone(),
            sha256: member.sha256.clone(),
            distance: nearness.distance,
            same_code: nearness.same_code,
            tlsh: nearness.tlsh,
            calls: (nearness.either > 0).then(|| nearness.shared as f64 / nearness.either as f64),
            shared_calls: shared.take(MAX_SHARED).cloned().collect(),
        }
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
    fn of(campaign: &Campaign, samples: &[Sample], kept: Vec<MemberEntry>) -> Self {
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
            members: kept,
        }
    }
}

/// Members that differ in code or calls, those of the most copies first.
fn choose_members<'a>(
    campaign: &Campaign,
    samples: &'a [Sample],
    calls_of: impl Fn(u32) -> &'a [u32],
) -> Vec<u32> {
    type Form<'a> = (Option<&'a str>, Option<&'a str>, &'a [u32]);
    let digest = |at: u32| samples.get(at as usize).map_or("", |sample| sample.artifact.sha256.as_str());
    let mut seen: BTreeMap<Form<'_>, Vec<u32>> = BTreeMap::new();
    for at in &campaign.samples {
        let Some(sample) = samples.get(*at as usize) else { continue };
        let attributes = &sample.artifact.attributes;
        let form = (attributes.normal_sha256.as_deref(), attributes.tlsh.as_deref(), calls_of(*at));
        seen.entry(form).or_default().push(*at);
    }
    let least = |copies: &Vec<u32>| copies.iter().copied().min_by_key(|at| digest(*at));
    let mut sorted: Vec<(usize, u32)> =
        seen.values().filter_map(|copies| Some((copies.len(), least(copies)?))).collect();
    sorted.sort_by_key(|(copies, at)| (std::cmp::Reverse(*copies), digest(*at)));
    sorted.into_iter().take(MAX_MEMBERS).map(|(_, at)| at).collect()
}

impl MemberEntry {
    fn of(artifact: &Artifact, calls: Vec<u32>) -> Self {
        Self {
            sha256: artifact.sha256.clone(),
            code: artifact.attributes.normal_sha256.clone(),
            tlsh: artifact.attributes.tlsh.clone(),
            calls,
        }
    }

    fn print(&self) -> Print {
        let calls = self.calls.get(..self.calls.len().min(MAX_CALLS)).unwrap_or_default();
        Print::new(self.code.as_deref(), self.tlsh.as_deref(), calls)
    }
}

fn calls_of(artifact: &Artifact) -> Vec<String> {
    artifact.attributes.calls.iter().take(MAX_CALLS).map(render_call).collect()
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
    fn code_that_is_nearly_the_same_is_placed_by_its_fuzzy_digest() {
        let digest = |tail: &str| format!("T1{}{tail}", "1A2B3C4D5E".repeat(7).get(..66).unwrap());
        let mut samples = data_set(&[("alpha", 3, vec![]), ("new", 1, vec![])]).samples().to_vec();
        for (at, sample) in samples.iter_mut().enumerate() {
            sample.artifact.attributes.normal_sha256 = Some(format!("c0de{at}"));
            sample.artifact.attributes.tlsh = Some(digest(["1111", "1112", "1113", "1114"][at]));
        }
        let new = samples.pop().unwrap().artifact;
        let sequences = Sequences::of(&samples);
        let found = Campaigns::find(&samples, &sequences, SEED);
        assert_eq!((found.campaigns.len(), found.counts.near, found.counts.codes), (1, 1, 3));
        let placed = CampaignFile::of_campaigns(&found, &sequences, &samples, "0").place(&new);
        assert_eq!(placed.campaign.as_deref(), Some("unexplained-c0de"));
        assert!(placed.reason.contains("TLSH distance"), "{}", placed.reason);
        assert!(placed.nearest.iter().all(|near| near.calls.is_none() && !near.same_code));
    }

    #[test]
    fn a_file_with_positions_beyond_its_list_is_no_failure() {
        let mut file = file();
        file.campaigns[0].members[0].calls = vec![u32::MAX, 7, u32::MAX - 1, 4_000_000];
        file.campaigns[1].members[0].tlsh = Some("T1\u{e9}".repeat(18));
        let data = data_set(&[("new", 1, calls("gamma", 3))]);
        assert_eq!(file.place(&data.samples()[0].artifact).campaign, None);
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
