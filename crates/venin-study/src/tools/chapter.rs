//! The tables of a comparison of tools, with the paper's own beside them.

use std::collections::{BTreeMap, BTreeSet};

use venin_model::{Behavior, Technique};

use super::score::{RESAMPLES, Score, campaign_mean};
use super::trial::{Label, Outcome, Trial};
use crate::chapters::Distribution;
use crate::chapters::paper::{TOOL_BENIGN, TOOL_MALICIOUS, TOOL_SECTION, TOOLS};
use crate::chapters::prevalence::{INTERVAL, SHARE_COLUMNS, share_cells};
use crate::chart::{Chart, ChartKind};
use crate::lookup::{Look, Tables};
use crate::report::Chapter;
use crate::sentence::Sentence;
use crate::table::{Cell, Table, Unit};

/// Most reasons of failures that are listed for a tool.
const MAX_REASONS: usize = 20;
/// Most characters of a reason.
const MAX_REASON: usize = 200;

/// The chapter on tools.  Tools stand in the order in which they are first named.
#[must_use]
pub fn make_tools_chapter(trials: &[Trial]) -> Chapter {
    let tools = list_tools(trials);
    let mut chapter = Chapter::new("tools", "How well scanners do", "RQ3");
    let behaviors: Vec<&str> = Behavior::ALL.iter().map(|behavior| behavior.as_str()).collect();
    let techniques: Vec<&str> = Technique::ALL.iter().map(|technique| technique.as_str()).collect();
    chapter.tables = vec![
        tools_table(trials, &tools),
        paper_table(),
        split_table("behavior", &behaviors, trials, &tools, |trial| &trial.behaviors),
        split_table("technique", &techniques, trials, &tools, |trial| &trial.techniques),
        campaigns_table(trials, &tools),
        times_table(trials, &tools),
        failures_table(trials, &tools),
        list_table(trials),
    ];
    chapter.text = sentences(&Tables::of(&chapter.tables));
    chapter.charts = charts(&chapter.text);
    chapter
}

fn charts(text: &[Sentence]) -> Vec<Chart> {
    let rates = |id: &str, title: &str, alt: &str| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: alt.to_owned(),
        table: id.to_owned(),
        kind: ChartKind::Bars {
            label: "tool".into(),
            values: vec!["tpr".into(), "fpr".into()],
            low: (id == "tools").then(|| "tpr_low".into()),
            high: (id == "tools").then(|| "tpr_high".into()),
        },
    };
    let map = |id: &str, title: &str, column: &str| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        alt: "The share of malicious files that each tool detects, by what our own scan shows in them."
            .to_owned(),
        table: id.to_owned(),
        kind: ChartKind::HeatMap { row: "tool".into(), column: column.to_owned(), value: "share".into() },
    };
    let spoken: Vec<String> = text.iter().map(ToString::to_string).collect();
    vec![
        rates("tools", "What tools detect, and what they take for it", &spoken.join(" ")),
        rates("tools-paper", "The same in the paper", "The paper's printed rates of eight tools."),
        map("tools-by-behavior", "What tools detect, by behavior", "behavior"),
        map("tools-by-technique", "What tools detect, by technique", "technique"),
    ]
}

fn list_tools(trials: &[Trial]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let named = trials.iter().flat_map(|trial| &trial.runs).map(|run| run.tool.as_str());
    named.filter(|name| seen.insert(*name)).collect()
}

fn sentences(tables: &Tables<'_>) -> Vec<Sentence> {
    if !tables.has(Look::Rows("tools")) {
        return vec![Sentence::of_words("No tool was run; the paper's own numbers stand here alone.")];
    }
    let files = |label: Label| Look::At("tools-list", label.as_str(), "files");
    let mut text = vec![tables.tell(
        "{} tools were run over {} malicious and {} benign files.",
        &[Look::Rows("tools"), files(Label::Malicious), files(Label::Benign)],
    )];
    if let Some(best) = tables.find_most("tools", "f1") {
        let places = ["f1", "tool", "tpr", "fpr"].map(|column| Look::Nth("tools", best, column));
        text.push(tables.tell(
            "The highest F1 is {}, of {}: it detects {} of the malicious files and {} of the benign ones.",
            &places,
        ));
    }
    text
}

/// What the tools were run over.
fn list_table(trials: &[Trial]) -> Table {
    let mut table = Table::new(
        "tools-list",
        "What tools were run over",
        "Files of the list by their label, those on which tools failed too.",
        &[("label", "Label", Unit::Text), ("files", "Files", Unit::Count)],
    );
    for label in [Label::Malicious, Label::Benign] {
        let files = trials.iter().filter(|trial| trial.item.label == label).count();
        table.push([Cell::from(label.as_str()), Cell::from(files)], Vec::new());
    }
    table
}

fn tools_table(trials: &[Trial], tools: &[&str]) -> Table {
    let definition = format!(
        "TPR: malicious files detected out of malicious files with an answer; FPR: benign files detected out of benign files \
         with an answer; F1: 2 hits over (2 hits + alarms + misses). A file on which a tool failed or ran out of time is \
         neither hit nor miss; such files have columns of their own. F1 depends on how many benign files the list has. Its \
         interval is by {RESAMPLES} bootstrap samples with a fixed seed, malicious and benign files each drawn from their \
         own. Mean of campaigns: the share detected of each campaign, averaged over campaigns, a file without one being a \
         campaign of its own. {INTERVAL}"
    );
    let mut table = Table::new(
        "tools",
        "Tools over the same list",
        &definition,
        &[
            ("tool", "Tool", Unit::Text),
            ("malicious", "Malicious, with answer", Unit::Count),
            ("benign", "Benign, with answer", Unit::Count),
            ("hits", "Hits", Unit::Count),
            ("alarms", "False alarms", Unit::Count),
            ("tpr", "TPR", Unit::Share),
            ("tpr_low", "TPR, lower end", Unit::Share),
            ("tpr_high", "TPR, upper end", Unit::Share),
            ("fpr", "FPR", Unit::Share),
            ("fpr_low", "FPR, lower end", Unit::Share),
            ("fpr_high", "FPR, upper end", Unit::Share),
            ("f1", "F1", Unit::Real),
            ("f1_low", "F1, lower end", Unit::Real),
            ("f1_high", "F1, upper end", Unit::Real),
            ("campaigns", "Campaigns", Unit::Count),
            ("campaign_mean", "Mean of campaigns", Unit::Share),
            ("malicious_failures", "Malicious, failed", Unit::Count),
            ("benign_failures", "Benign, failed", Unit::Count),
            ("malicious_timeouts", "Malicious, out of time", Unit::Count),
            ("benign_timeouts", "Benign, out of time", Unit::Count),
            ("not_run", "Not run", Unit::Count),
        ],
    );
    for tool in tools {
        let score = Score::of(trials, tool);
        let interval = score.f1_interval();
        let campaigns = campaign_mean(trials, tool);
        let run = trials.iter().filter(|trial| trial.runs.iter().any(|run| run.tool == *tool)).count();
        let mut cells = vec![Cell::from(*tool)];
        cells.extend([score.malicious(), score.benign(), score.hits, score.alarms].map(Cell::from));
        cells.extend(share_cells(score.hits, score.malicious()));
        cells.extend(share_cells(score.alarms, score.benign()));
        cells.push(Cell::from(score.f1()));
        cells.extend([interval.map(|(low, _)| low), interval.map(|(_, high)| high)].map(Cell::from));
        cells.push(Cell::from(campaigns.map_or(0, |(_, count)| count)));
        cells.push(Cell::from(campaigns.map(|(mean, _)| mean)));
        cells.extend([score.malicious_failures, score.benign_failures].map(Cell::from));
        cells.extend([score.malicious_timeouts, score.benign_timeouts].map(Cell::from));
        cells.push(Cell::from(trials.len() - run));
        table.push(cells, Vec::new());
    }
    table
}

/// The paper's own comparison, as it was printed.
fn paper_table() -> Table {
    let definition = format!(
        "What the paper printed ({TOOL_SECTION}) over its list of {TOOL_MALICIOUS} malicious and {TOOL_BENIGN} benign \
         packages; F1 is computed from these. The list is another one, and so are the tools' versions: the numbers stand \
         beside ours and are not compared with them."
    );
    let mut table = Table::new(
        "tools-paper",
        "Tools in the paper",
        &definition,
        &[
            ("tool", "Tool", Unit::Text),
            ("principle", "How it works", Unit::Text),
            ("tpr", "TPR", Unit::Share),
            ("fpr", "FPR", Unit::Share),
            ("f1", "F1", Unit::Real),
        ],
    );
    for tool in TOOLS {
        let cells = [
            Cell::from(tool.name),
            Cell::from(tool.principle),
            Cell::real(tool.tpr),
            Cell::real(tool.fpr),
            Cell::real(tool.f1()),
        ];
        table.push(cells, Vec::new());
    }
    table
}

/// What is detected, by what our own scan shows in the malicious files.
fn split_table(
    by: &str,
    names: &[&str],
    trials: &[Trial],
    tools: &[&str],
    shown: fn(&Trial) -> &[String],
) -> Table {
    let mut columns = vec![
        ("tool", "Tool", Unit::Text),
        (by, if by == "behavior" { "Behavior" } else { "Technique" }, Unit::Text),
        ("files", "Malicious, with answer", Unit::Count),
        ("hits", "Hits", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    let definition = format!(
        "Malicious files by each {by} that our own scan of the same files shows, and how many of them a tool detects; a file \
         counts for each {by} it has. `none shown` are malicious files in which our scan shows none. What none has is left \
         out. {INTERVAL}"
    );
    let mut table =
        Table::new(&format!("tools-by-{by}"), &format!("What tools detect, by {by}"), &definition, &columns);
    const NONE: &str = "none shown";
    let of_name = |name: &str| -> Vec<&Trial> {
        let malicious = trials.iter().filter(|trial| trial.item.label == Label::Malicious);
        let has = |trial: &&Trial| match name {
            NONE => shown(trial).is_empty(),
            _ => shown(trial).iter().any(|known| known == name),
        };
        malicious.filter(has).collect()
    };
    let groups: Vec<(&str, Vec<&Trial>)> =
        names.iter().copied().chain([NONE]).map(|name| (name, of_name(name))).collect();
    for tool in tools {
        for (name, of_group) in groups.iter().filter(|(_, of_group)| !of_group.is_empty()) {
            let score = Score::of(of_group.iter().copied(), tool);
            let mut cells = vec![Cell::from(*tool), Cell::from(*name)];
            cells.extend([Cell::from(score.malicious()), Cell::from(score.hits)]);
            cells.extend(share_cells(score.hits, score.malicious()));
            table.push(cells, Vec::new());
        }
    }
    table
}

/// What is detected of each campaign that the list names.
fn campaigns_table(trials: &[Trial], tools: &[&str]) -> Table {
    let mut columns = vec![
        ("tool", "Tool", Unit::Text),
        ("campaign", "Campaign", Unit::Text),
        ("files", "Malicious, with answer", Unit::Count),
        ("hits", "Hits", Unit::Count),
    ];
    columns.extend(SHARE_COLUMNS);
    let definition = format!(
        "Malicious files by the campaign that the list gives them, the largest first; at most {MAX_CAMPAIGNS}. Files without \
         one are left out. {INTERVAL}"
    );
    let mut table = Table::new("tools-by-campaign", "What tools detect, by campaign", &definition, &columns);
    let mut campaigns: BTreeMap<&str, Vec<&Trial>> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| trial.item.label == Label::Malicious) {
        if let Some(name) = &trial.item.campaign {
            campaigns.entry(name).or_default().push(trial);
        }
    }
    let mut campaigns: Vec<(&str, Vec<&Trial>)> = campaigns.into_iter().collect();
    campaigns.sort_by_key(|(_, of_campaign)| std::cmp::Reverse(of_campaign.len()));
    if campaigns.len() > MAX_CAMPAIGNS {
        table.notes.push(format!("{} further campaigns are not listed.", campaigns.len() - MAX_CAMPAIGNS));
    }
    for (name, of_campaign) in campaigns.iter().take(MAX_CAMPAIGNS) {
        for tool in tools {
            let score = Score::of(of_campaign.iter().copied(), tool);
            let mut cells = vec![Cell::from(*tool), Cell::from(*name)];
            cells.extend([Cell::from(score.malicious()), Cell::from(score.hits)]);
            cells.extend(share_cells(score.hits, score.malicious()));
            table.push(cells, Vec::new());
        }
    }
    table
}

/// Most campaigns that are listed.
const MAX_CAMPAIGNS: usize = 200;

fn times_table(trials: &[Trial], tools: &[&str]) -> Table {
    let mut columns = vec![("tool", "Tool", Unit::Text)];
    columns.extend(Distribution::columns(Unit::Real));
    let mut table = Table::new(
        "tools-time",
        "How long tools take",
        "Seconds of wall time for a file, from the start of the program to its end, where it gave an answer; files that \
         failed or ran out of time are left out. Times depend on the machine and on what else it did.",
        &columns,
    );
    for tool in tools {
        let runs = trials.iter().flat_map(|trial| &trial.runs).filter(|run| run.tool == *tool);
        let answered = runs.filter(|run| matches!(run.outcome, Outcome::Detected | Outcome::Silent));
        let seconds = answered.filter_map(|run| run.millis).map(|millis| millis as f64 / 1000.0);
        let mut cells = vec![Cell::from(*tool)];
        cells.extend(Distribution::of(seconds).cells());
        table.push(cells, Vec::new());
    }
    table
}

/// Why tools gave no answer.
fn failures_table(trials: &[Trial], tools: &[&str]) -> Table {
    let definition = format!(
        "Files on which a tool gave no answer that can be read, by the reason, the most common first; at most {MAX_REASONS} \
         reasons a tool. Such files are neither hit nor miss."
    );
    let mut table = Table::new(
        "tools-failures",
        "Where tools failed",
        &definition,
        &[
            ("tool", "Tool", Unit::Text),
            ("reason", "Reason", Unit::Text),
            ("malicious", "Malicious", Unit::Count),
            ("benign", "Benign", Unit::Count),
        ],
    );
    for tool in tools {
        let mut reasons: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        for trial in trials {
            let reason = match trial.runs.iter().find(|run| run.tool == *tool).map(|run| &run.outcome) {
                Some(Outcome::Failed { reason }) => reason.chars().take(MAX_REASON).collect(),
                Some(Outcome::TimedOut) => "it did not end in time".to_owned(),
                _ => continue,
            };
            let [malicious, benign] = reasons.entry(reason).or_default();
            *(if trial.item.label == Label::Malicious { malicious } else { benign }) += 1;
        }
        let mut reasons: Vec<(String, [u64; 2])> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, [malicious, benign])| std::cmp::Reverse(malicious + benign));
        let omitted = reasons.len().saturating_sub(MAX_REASONS);
        if omitted > 0 {
            table.notes.push(format!("{omitted} further reasons of {tool} are not listed."));
        }
        for (reason, [malicious, benign]) in reasons.into_iter().take(MAX_REASONS) {
            table.push([Cell::from(*tool), Cell::from(reason), malicious.into(), benign.into()], Vec::new());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapters::prevalence::testing::{assert_sound, cell, table};
    use crate::tools::trial::{Labelled, Run};

    fn trial(path: &str, label: Label, campaign: Option<&str>, outcomes: &[(&str, Outcome)]) -> Trial {
        let item = Labelled { path: path.to_owned(), label, campaign: campaign.map(ToOwned::to_owned) };
        let mut trial = Trial::of(item, None);
        let run = |(tool, outcome): &(&str, Outcome)| Run {
            tool: (*tool).to_owned(),
            outcome: outcome.clone(),
            millis: Some(1500),
        };
        trial.runs = outcomes.iter().map(run).collect();
        trial
    }

    fn known() -> Vec<Trial> {
        let one = |outcome| [("one", outcome)];
        let failed = Outcome::Failed { reason: "it ended with 2".to_owned() };
        let mut trials = vec![
            trial("a", Label::Malicious, Some("x"), &one(Outcome::Detected)),
            trial("b", Label::Malicious, Some("x"), &one(Outcome::Detected)),
            trial("c", Label::Malicious, Some("x"), &one(Outcome::Detected)),
            trial("d", Label::Malicious, None, &one(Outcome::Silent)),
            trial("e", Label::Malicious, Some("y"), &one(failed)),
            trial("f", Label::Benign, None, &one(Outcome::Detected)),
            trial("g", Label::Benign, None, &one(Outcome::Silent)),
            trial("h", Label::Benign, None, &one(Outcome::TimedOut)),
            trial("i", Label::Benign, None, &[("two", Outcome::Silent)]),
        ];
        trials[0].behaviors = vec!["information stealing".to_owned()];
        trials[3].behaviors = trials[0].behaviors.clone();
        trials[3].techniques = vec!["code obfuscation".to_owned()];
        trials
    }

    #[test]
    fn rates_leave_out_what_gave_no_answer_and_count_it() {
        let made = make_tools_chapter(&known());
        assert_sound(&made, 0);
        let count = |column| cell(&made, "tools", "one", column);
        assert_eq!((count("malicious"), count("hits")), (Cell::Count(4), Cell::Count(3)));
        assert_eq!((count("tpr"), count("fpr")), (Cell::Real(0.75), Cell::Real(0.5)));
        assert_eq!(count("f1"), Cell::Real(0.75));
        assert_eq!((count("malicious_failures"), count("benign_timeouts")), (Cell::Count(1), Cell::Count(1)));
        assert_eq!((count("not_run"), count("campaigns")), (Cell::Count(1), Cell::Count(2)));
        assert_eq!(count("campaign_mean"), Cell::Real(0.5));
        assert_eq!(cell(&made, "tools", "two", "tpr"), Cell::Missing);
        assert_eq!(cell(&made, "tools-time", "one", "median"), Cell::Real(1.5));
        assert_eq!(made.text[0].to_string(), "2 tools were run over 5 malicious and 4 benign files.");
        assert!(made.text[1].to_string().starts_with("The highest F1 is 0.75, of one: it detects 75.0 %"));
    }

    #[test]
    fn detection_is_split_by_what_our_own_scan_shows() {
        let made = make_tools_chapter(&known());
        let rows: Vec<Vec<Cell>> =
            table(&made, "tools-by-behavior").rows.iter().map(|r| r.cells[..4].to_vec()).collect();
        let row = |name: &str, files: u64, hits: u64| {
            vec![Cell::from("one"), Cell::from(name), Cell::from(files), Cell::from(hits)]
        };
        assert_eq!(rows[..2], [row("information stealing", 2, 1), row("none shown", 2, 2)]);
        let rows = &table(&made, "tools-by-technique").rows;
        assert_eq!(rows[0].cells[..4], row("code obfuscation", 1, 0));
        let rows = &table(&made, "tools-by-campaign").rows;
        assert_eq!(rows[0].cells[..4], [Cell::from("one"), Cell::from("x"), Cell::Count(3), Cell::Count(3)]);
        let rows = &table(&made, "tools-failures").rows;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().any(|row| row.cells[1] == Cell::from("it ended with 2")));
    }

    #[test]
    fn without_a_run_the_papers_table_stands_alone() {
        let made = make_tools_chapter(&[]);
        assert_sound(&made, 0);
        assert_eq!(cell(&made, "tools-paper", "VirusTotal", "tpr"), Cell::Real(0.46));
        assert!(table(&made, "tools").rows.is_empty());
        assert!(made.text[0].to_string().starts_with("No tool was run"));
    }
}
