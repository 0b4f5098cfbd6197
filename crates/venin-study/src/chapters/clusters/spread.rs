//! Campaigns: what they are, how large, and how they spread over time.

use std::collections::BTreeMap;

use super::{Found, months_of};
use crate::cluster::campaigns::{Campaign, LEAST, MAX_COMPONENT, NEAR_TLSH};
use crate::cluster::place::define_campaigns;
use crate::cluster::tokens::shorten_call;
use crate::table::{Cell, Table, Unit};

/// Campaigns with a bar of their own.
const BARS: usize = 15;
/// Campaigns with a line of their own.
const LINES: usize = 6;
/// Lower bounds of the classes of campaign sizes.
const SIZES: [usize; 6] = [LEAST, 5, 10, 20, 50, 100];

/// The row of artifacts of no campaign.
pub(super) const NO_CAMPAIGN: &str = "no campaign";

/// What is left when duplicates are taken away.
pub(super) fn duplicates_table(found: &Found<'_>, files: u64) -> Table {
    let mut table = Table::new(
        "duplicates",
        "How many artifacts are different",
        &format!(
            "Each step takes away what the one before left twice. Bytes: SHA-256 of the file. Code: SHA-256 of all Python \
             sources without comment lines, indentation and empty lines; artifacts without code count each. \
             Near-duplicates: artifacts joined by a TLSH distance of the code of at most {NEAR_TLSH}, chains counted as \
             one. Campaigns: each campaign counts once, each artifact of none too.",
        ),
        &[
            ("by", "Different by", Unit::Text),
            ("left", "Left", Unit::Count),
            ("removed", "Removed", Unit::Count),
            ("share", "Share of files left", Unit::Share),
        ],
    );
    let counts = found.campaigns.counts;
    let steps = [
        ("nothing", files),
        ("bytes", counts.artifacts as u64),
        ("code", counts.codes as u64),
        ("near-duplicates", counts.near as u64),
        ("campaigns", counts.apart as u64),
    ];
    let mut before = files;
    for (name, left) in steps {
        // Campaigns need not be coarser than chains of near-duplicates: those may be cut.
        let removed = before.checked_sub(left).map_or(Cell::Missing, Cell::from);
        table.push([Cell::from(name), Cell::from(left), removed, Cell::share(left, files)], Vec::new());
        before = left;
    }
    table
}

/// All campaigns.
pub(super) fn campaigns_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaigns",
        "Campaigns",
        &format!(
            "{} A name is the behavior of most members, the earliest trigger of most, and the start of the digest of the \
             code of the member with the first day. The rule is the one with a behavior that fires in most members. The \
             shared path is the longest run of at most 12 calls that at least half of the members with calls have. Hosts \
             are those of at least two members. Days are those on which a source first had a member, where known.",
            define_campaigns()
        ),
        &[
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("codes", "Different codes", Unit::Count),
            ("projects", "Projects", Unit::Count),
            ("first_day", "First day", Unit::Date),
            ("last_day", "Last day", Unit::Date),
            ("sources", "Sources", Unit::Text),
            ("rule", "Rule", Unit::Text),
            ("path_members", "Share the path", Unit::Count),
            ("path", "Shared path", Unit::Text),
            ("hosts", "Shared hosts", Unit::Text),
        ],
    );
    for campaign in &found.campaigns.campaigns {
        table.push(campaign_cells(campaign), campaign.samples.clone());
    }
    let counts = found.campaigns.counts;
    let mut tell = |count: usize, text: &str| {
        if count > 0 {
            table.notes.push(format!("{count} {text}"));
        }
    };
    tell(counts.noise, "artifacts are in no campaign.");
    tell(counts.blank, "artifacts have neither code nor calls to be compared by.");
    let text = format!(
        "different codes were beyond the {MAX_COMPONENT} of a component that are linked, and joined the nearest that \
         they were compared with."
    );
    tell(found.campaigns.unlinked, &text);
    table
}

fn campaign_cells(campaign: &Campaign) -> Vec<Cell> {
    let described = &campaign.described;
    let day = |day: Option<&str>| day.map_or(Cell::Missing, Cell::from);
    let path: Vec<String> = described.path.iter().map(|call| shorten_call(call).to_owned()).collect();
    let words = |words: &[String], between: &str| {
        if words.is_empty() { Cell::Missing } else { Cell::from(words.join(between)) }
    };
    vec![
        Cell::from(campaign.name.as_str()),
        Cell::from(campaign.samples.len()),
        Cell::from(campaign.codes),
        Cell::from(described.projects),
        day(described.first_day()),
        day(described.last_day()),
        words(&described.sources, ", "),
        if described.rule.is_empty() { Cell::Missing } else { Cell::from(described.rule.as_str()) },
        Cell::from(described.path_members),
        words(&path, " -> "),
        words(&described.hosts, ", "),
    ]
}

pub(super) fn largest_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "largest-campaigns",
        "The largest campaigns",
        &format!("The {BARS} campaigns of the most artifacts. Shares are of all artifacts."),
        &[
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    for campaign in found.campaigns.campaigns.iter().take(BARS) {
        let count = campaign.samples.len() as u64;
        let share = Cell::share(count, found.samples.len() as u64);
        table.push([Cell::from(campaign.name.as_str()), Cell::from(count), share], campaign.samples.clone());
    }
    table
}

/// Campaigns by size.
pub(super) fn sizes_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-sizes",
        "How large campaigns are",
        "Campaigns by how many artifacts they have, and how many artifacts these are together. Shares are of all artifacts.",
        &[
            ("size", "Artifacts of a campaign", Unit::Text),
            ("campaigns", "Campaigns", Unit::Count),
            ("artifacts", "Artifacts", Unit::Count),
            ("share", "Share", Unit::Share),
        ],
    );
    let all = found.samples.len() as u64;
    let mut push = |name: String, campaigns: usize, behind: Vec<u32>| {
        let count = behind.len() as u64;
        table.push(
            [Cell::from(name), Cell::from(campaigns), Cell::from(count), Cell::share(count, all)],
            behind,
        );
    };
    for (at, from) in SIZES.iter().enumerate() {
        let next = SIZES.get(at + 1).copied();
        let is_of = |campaign: &&Campaign| {
            let size = campaign.samples.len();
            size >= *from && next.is_none_or(|next| size < next)
        };
        let chosen: Vec<&Campaign> = found.campaigns.campaigns.iter().filter(is_of).collect();
        let mut behind: Vec<u32> =
            chosen.iter().flat_map(|campaign| campaign.samples.iter().copied()).collect();
        behind.sort_unstable();
        let name = next.map_or(format!("{from} and more"), |next| format!("{from} to {}", next - 1));
        push(name, chosen.len(), behind);
    }
    let labels = (0u32..).zip(&found.campaigns.of_sample);
    push(NO_CAMPAIGN.to_owned(), 0, labels.filter(|(_, c)| c.is_none()).map(|(at, _)| at).collect());
    table
}

/// Artifacts of the largest campaigns by month.
pub(super) fn months_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-months",
        "Campaigns by month",
        &format!(
            "Artifacts by the month of the day on which a source first had them, those of the {LINES} largest campaigns \
             apart. Artifacts without a day are left out; months without any artifact have no row.",
        ),
        &[
            ("month", "Month", Unit::Date),
            ("campaign", "Campaign", Unit::Text),
            ("artifacts", "Artifacts", Unit::Count),
        ],
    );
    let mut series: Vec<&str> =
        found.campaigns.campaigns.iter().take(LINES).map(|campaign| campaign.name.as_str()).collect();
    series.extend(["other campaigns", NO_CAMPAIGN]);
    let series_of = |campaign: Option<u32>| match campaign {
        Some(at) => (at as usize).min(series.len() - 2),
        None => series.len() - 1,
    };
    let mut behind: BTreeMap<&str, Vec<Vec<u32>>> = BTreeMap::new();
    for ((at, month), campaign) in (0u32..).zip(months_of(found.samples)).zip(&found.campaigns.of_sample) {
        let Some(month) = month else { continue };
        let lists = behind.entry(month).or_insert_with(|| vec![Vec::new(); series.len()]);
        if let Some(list) = lists.get_mut(series_of(*campaign)) {
            list.push(at);
        }
    }
    for (month, lists) in behind {
        for (name, list) in series.iter().zip(lists) {
            table.push([Cell::from(month), Cell::from(*name), Cell::from(list.len())], list);
        }
    }
    let undated = months_of(found.samples).iter().filter(|month| month.is_none()).count();
    if undated > 0 {
        table.notes.push(format!("{undated} artifacts have no day."));
    }
    table
}

/// What campaigns do in a month.
#[derive(Default)]
struct Activity {
    begin: u64,
    seen: u64,
    behind: Vec<u32>,
}

/// Campaigns that begin and that are seen, by month.
pub(super) fn activity_table(found: &Found<'_>) -> Table {
    let mut table = Table::new(
        "campaign-activity",
        "Campaigns that begin and that are seen",
        "By month: campaigns whose first day lies in it, campaigns of which a source first had a member in it, and these \
         members. Members without a day are left out.",
        &[
            ("month", "Month", Unit::Date),
            ("begin", "Begin", Unit::Count),
            ("seen", "Seen", Unit::Count),
            ("artifacts", "Artifacts", Unit::Count),
        ],
    );
    let mut months: BTreeMap<&str, Activity> = BTreeMap::new();
    let of_sample = months_of(found.samples);
    for campaign in &found.campaigns.campaigns {
        let mut members: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for at in &campaign.samples {
            if let Some(month) = of_sample.get(*at as usize).copied().flatten() {
                members.entry(month).or_default().push(*at);
            }
        }
        for (at, (month, behind)) in members.into_iter().enumerate() {
            let activity = months.entry(month).or_default();
            activity.begin += u64::from(at == 0);
            activity.seen += 1;
            activity.behind.extend(behind);
        }
    }
    for (month, Activity { begin, seen, mut behind }) in months {
        behind.sort_unstable();
        let cells = [Cell::from(month), Cell::from(begin), Cell::from(seen), Cell::from(behind.len())];
        table.push(cells, behind);
    }
    table
}
