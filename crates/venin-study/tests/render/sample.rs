//! A study with every kind of chart and table, empty ones, and names that want to harm a reader.

use venin_study::chart::{Chart, ChartKind};
use venin_study::report::{
    ArtifactLine, Chapter, Feature, Mitigation, PortraitBox, STUDY_SCHEMA, Scope, StudyReport,
};
use venin_study::sample::Unreadable;
use venin_study::sentence::{Cited, Place, Sentence};
use venin_study::table::{Cell, Table, Unit};

/// What attackers call a package, a file or a host.
pub(crate) const HOSTILE: [&str; 6] = [
    "<script>console.error('run')</script>",
    "\"><img src=x onerror=\"console.error('run')\">",
    "exe.\u{202e}gpj\u{202c}\u{200b}\u{2066}txt",
    "{{ page }}{% for x in y %}",
    "a-name-that-is-longer-than-any-line-on-a-telephone-and-has-not-a-single-place-at-which-it-could-be-broken-in-two",
    "\u{1b}[2J\0\r\n##[error]x",
];

const ARTIFACTS: u32 = 240;

fn own(text: &str) -> String {
    text.to_owned()
}

/// A sentence that begins with what a cell of the table shows, in its row from 1.
fn told(shown: &str, table: &str, row: u64, column: &str, words: &str) -> Sentence {
    let mut sentence = Sentence::default();
    let place = Some(Place { row, column: own(column) });
    sentence.push_cited(Cited { shown: own(shown), table: own(table), place });
    sentence.push_words(words);
    sentence
}

/// The study.
pub(crate) fn study() -> StudyReport {
    StudyReport {
        schema: own(STUDY_SCHEMA),
        version: own("0.1.0"),
        scope: Scope {
            files: 2_413,
            artifacts: u64::from(ARTIFACTS),
            projects: 188,
            releases: 231,
            unreadable: 6,
            claims: 123_456,
            newest: own("2026-01-31"),
        },
        portrait: portrait(),
        chapters: vec![attributes(), behaviors(), life(), nothing()],
        mitigations: mitigations(),
        artifacts: (0..ARTIFACTS).map(artifact).collect(),
        unreadable: HOSTILE.map(|name| Unreadable { target: own(name), error: own("no archive") }).into(),
        notes: vec![
            Sentence::of_words(
                "Six files could not be scanned; they are listed at the end and counted nowhere else.",
            ),
            Sentence::of_words(&format!("A note about {}.", HOSTILE[0])),
        ],
    }
}

fn artifact(at: u32) -> ArtifactLine {
    let name = HOSTILE.get(at as usize).map_or_else(|| format!("demo-{at}"), |name| own(name));
    ArtifactLine {
        file: format!("{name}-1.0.{at}.tar.gz"),
        project: name,
        version: format!("1.0.{at}"),
        sha256: format!("{at:064x}"),
        verdict: own(["malicious", "suspicious", "benign"][at as usize % 3]),
    }
}

fn chart(table: &str, title: &str, kind: ChartKind) -> Chart {
    let alt = format!("{title}: what stands out stands in the text, and every number in the table.");
    let name = match kind {
        ChartKind::Lines { .. } => "-lines",
        _ => "",
    };
    Chart { id: format!("{table}{name}"), title: own(title), alt, table: own(table), kind }
}

fn attributes() -> Chapter {
    let mut chapter = Chapter::new("attributes", "Sources and code attributes", "RQ1");
    chapter.text =
        vec![told("240", "sources", 1, "artifacts", " different artifacts are left of all files.")];
    let columns = [
        ("class", "Class", Unit::Text),
        ("source", "Source", Unit::Text),
        ("artifacts", "Artifacts", Unit::Count),
        ("only", "Only here", Unit::Count),
        ("bytes", "Size", Unit::Bytes),
        ("lines", "Lines", Unit::Lines),
        ("density", "Density", Unit::Real),
        ("share", "Share", Unit::Share),
        ("days", "Median age", Unit::Days),
        ("first", "First day", Unit::Date),
        ("last", "Last day", Unit::Date),
    ];
    let mut sources = Table::new("sources", "Where the artifacts come from", &definition(), &columns);
    for (at, name) in (0..).zip(HOSTILE.iter().chain(&["paper", "open database"])) {
        let cells = [
            Cell::from(*name),
            Cell::from(["tree", "osv"][at as usize % 2]),
            Cell::Count(at * 1_234),
            if at % 3 == 0 { Cell::Missing } else { Cell::Count(at) },
            Cell::Count(at * 123_456_789),
            Cell::Count(at * 4_321),
            Cell::Real(at as f64 * 0.012_34),
            Cell::share(at, 8),
            Cell::Real(at as f64 * 3.7),
            Cell::from("2024-01-02"),
            if at == 2 { Cell::Missing } else { Cell::from("2026-01-31") },
        ];
        sources.push(cells, (0..ARTIFACTS).filter(|of| u64::from(*of) % 8 == at).collect());
    }
    sources.notes.push(own("Artifacts of two sources count for both."));
    let edges = [("from", "From", Unit::Share), ("to", "To", Unit::Share), ("n", "Artifacts", Unit::Count)];
    let mut density = Table::new("density", "Density of malicious code", &definition(), &edges);
    for (at, count) in (0..10_u32).zip([812_u64, 340, 120, 66, 41, 0, 25, 18, 33, 95]) {
        let edge = |at: u32| Cell::Real(f64::from(at) / 10.0);
        density
            .push([edge(at), edge(at + 1), Cell::Count(count)], (0..(count as u32).min(ARTIFACTS)).collect());
    }
    let edges = [("from", "From", Unit::Days), ("to", "To", Unit::Days), ("n", "Artifacts", Unit::Count)];
    let mut ages = Table::new("ages", "Days until somebody reported it", &definition(), &edges);
    for (pair, count) in [0.0, 1.0, 2.0, 7.0, 30.0, 90.0, 365.0].windows(2).zip([120_u64, 80, 64, 30, 12, 3])
    {
        ages.push([Cell::Real(pair[0]), Cell::Real(pair[1]), Cell::Count(count)], Vec::new());
    }
    ages.push([Cell::Real(365.0), Cell::Missing, Cell::Count(1)], Vec::new());
    let histogram = || ChartKind::Histogram { from: own("from"), to: own("to"), count: own("n") };
    chapter.charts = vec![
        chart("density", "How dense malicious code is", histogram()),
        chart("ages", "How long it took", histogram()),
    ];
    chapter.tables = vec![sources, density, ages];
    chapter
}

fn definition() -> String {
    own(
        "Artifacts are different by SHA-256; one that several sources have counts for each of them. Shares are of all \
         artifacts, intervals are Wilson's at 95 %.",
    )
}

fn behaviors() -> Chapter {
    let mut chapter = Chapter::new("behaviors", "Behaviors and evasion", "RQ2");
    let columns = [
        ("behavior", "Behavior", Unit::Text),
        ("share", "Share", Unit::Share),
        ("paper", "Paper", Unit::Share),
        ("low", "95 % from", Unit::Share),
        ("high", "95 % to", Unit::Share),
        ("n", "Artifacts", Unit::Count),
    ];
    let mut kinds = Table::new("kinds", "Behaviors", &definition(), &columns);
    let names =
        ["information stealing", "command execution", "unauthorized file operation", HOSTILE[4], HOSTILE[0]];
    for (at, name) in (1..).zip(names) {
        let share = 0.9 / f64::from(at);
        let numbers = [share, share * 0.8, share * 0.85, (share * 1.1).min(1.0)].map(Cell::Real);
        let cells = [Cell::from(name)].into_iter().chain(numbers).chain([Cell::Count(240 / at as u64)]);
        kinds.push(cells, (0..ARTIFACTS / at as u32).collect());
    }
    let mut techniques = Table::new("techniques", "Evasion techniques", &definition(), &columns);
    for at in 0..40_u64 {
        let cells = [Cell::from(format!("technique number {at}")), Cell::share(40 - at, 60)];
        let rest = [Cell::Missing, Cell::Missing, Cell::Missing, Cell::Count((40 - at) * 30)];
        techniques.push(cells.into_iter().chain(rest), vec![at as u32]);
    }
    let columns = [("sets", "Behaviors together", Unit::Text), ("n", "Artifacts", Unit::Count)];
    let mut sets = Table::new("sets", "Which behaviors come together", &definition(), &columns);
    let all = ["information stealing", "command execution", "file operation", "network attack", HOSTILE[4]];
    for mask in 1_u32..32 {
        let members: Vec<&str> =
            all.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, name)| *name).collect();
        sets.push(
            [Cell::from(members.join(" + ")), Cell::Count(u64::from(1_500 / (mask * mask)))],
            Vec::new(),
        );
    }
    let columns = [
        ("x", "First component", Unit::Real),
        ("y", "Second component", Unit::Real),
        ("campaign", "Campaign", Unit::Text),
        ("n", "Artifacts", Unit::Count),
    ];
    let mut map = Table::new("map", "Campaigns on a map", &definition(), &columns);
    for at in 0..60_u32 {
        let (angle, group) = (f64::from(at) * 0.7, at % 7);
        let center = f64::from(group);
        let cells = [
            Cell::Real(center * 1.3 + angle.cos() * 0.6),
            Cell::Real((center * 2.1).sin() * 4.0 + angle.sin()),
            Cell::from(["alpha", "beta", "gamma", HOSTILE[2], "epsilon", "zeta", "eta"][group as usize]),
            Cell::Count(u64::from(at * at % 90 + 1)),
        ];
        map.push(cells, vec![at]);
    }
    let bars = |low: Option<&str>, values: &[&str]| ChartKind::Bars {
        label: own("behavior"),
        values: values.iter().map(|value| own(value)).collect(),
        low: low.map(own),
        high: low.map(|_| own("high")),
    };
    let scatter =
        ChartKind::Scatter { x: own("x"), y: own("y"), series: own("campaign"), weight: Some(own("n")) };
    chapter.charts = vec![
        chart("kinds", "Behaviors beside the paper's", bars(Some("low"), &["share", "paper"])),
        chart("techniques", "Evasion techniques by artifacts", bars(None, &["n"])),
        chart(
            "sets",
            "Combinations of behaviors",
            ChartKind::Combinations { sets: own("sets"), count: own("n") },
        ),
        chart("map", "Campaigns", scatter),
    ];
    chapter.tables = vec![kinds, techniques, sets, map];
    chapter
}

fn life() -> Chapter {
    let mut chapter = Chapter::new("life", "Life cycle", "RQ4");
    chapter.text = vec![told("0 days", "ages", 1, "from", " pass at the median between upload and report.")];
    let columns = [
        ("month", "Month", Unit::Date),
        ("technique", "Technique", Unit::Text),
        ("share", "Share", Unit::Share),
    ];
    let mut trend = Table::new("trend", "Techniques by month", &definition(), &columns);
    for (line, name) in (1_u32..).zip(["encoding", "renaming", HOSTILE[2]]) {
        for month in 0..26_u32 {
            let share = ((f64::from(month * line) * 0.3).sin() + 1.2) / 4.0;
            let cell = if month == 9 { Cell::Missing } else { Cell::Real(share) };
            let day = format!("{}-{:02}", 2024 + month / 12, month % 12 + 1);
            trend.push([Cell::from(day), Cell::from(name), cell], Vec::new());
        }
    }
    let columns = [
        ("days", "Days since the removal", Unit::Days),
        ("left", "Still served", Unit::Share),
        ("low", "From", Unit::Share),
        ("high", "To", Unit::Share),
        ("surface", "Surface", Unit::Text),
    ];
    let mut survival = Table::new("survival", "How long mirrors keep it", &definition(), &columns);
    for (line, name) in (1_u32..).zip(["mirror one", "mirror two", "mirror three"]) {
        for day in 1..30_u32 {
            let left = (-f64::from(day * line) / 20.0).exp();
            let numbers = [f64::from(day * 3), left, left * 0.85, (left * 1.1).min(1.0)].map(Cell::Real);
            survival.push(numbers.into_iter().chain([Cell::from(name)]), Vec::new());
        }
    }
    let columns =
        [("mirror", "Mirror", Unit::Text), ("month", "Month", Unit::Date), ("live", "Live", Unit::Share)];
    let mut mirrors = Table::new("mirrors", "Mirrors by month", &definition(), &columns);
    for (at, name) in (0_u32..).zip(["mirror.example", "cache.invalid", HOSTILE[4], HOSTILE[1]]) {
        for month in 0..14_u32 {
            let cell = if (at + month) % 5 == 4 {
                Cell::Missing
            } else {
                Cell::share(u64::from(month * (at + 1) % 14), 14)
            };
            let day = format!("{}-{:02}", 2025 + month / 12, month % 12 + 1);
            mirrors.push([Cell::from(name), Cell::from(day), cell], Vec::new());
        }
    }
    let columns =
        [("source", "Source", Unit::Text), ("other", "Other", Unit::Text), ("n", "Both", Unit::Count)];
    let mut overlap = Table::new("overlap", "Overlap of sources", &definition(), &columns);
    for row in ["advisories", "reports", "block lists"] {
        for column in ["advisories", "reports", "block lists"] {
            overlap.push(
                [Cell::from(row), Cell::from(column), Cell::from(row.len() * column.len() * 17)],
                vec![1],
            );
        }
    }
    let heat = |row: &str, column: &str, value: &str| ChartKind::HeatMap {
        row: own(row),
        column: own(column),
        value: own(value),
    };
    let steps = ChartKind::Survival {
        time: own("days"),
        survival: own("left"),
        low: Some(own("low")),
        high: Some(own("high")),
        series: Some(own("surface")),
    };
    let lines = ChartKind::Lines { x: own("month"), y: own("share"), series: Some(own("technique")) };
    chapter.charts = vec![
        chart("trend", "Techniques over time", lines),
        chart("survival", "Share of mirrors that still serve a removed release", steps),
        chart("mirrors", "What mirrors serve", heat("mirror", "month", "live")),
        chart("overlap", "Sources that know the same", heat("source", "other", "n")),
    ];
    chapter.tables = vec![trend, survival, mirrors, overlap];
    chapter
}

/// A chapter whose tables are empty.
fn nothing() -> Chapter {
    let mut chapter = Chapter::new("nothing", "What nobody knows", "");
    chapter.text = vec![Sentence::of_words("There is no event store: nothing is said of downloads.")];
    chapter.tables =
        vec![Table::new("downloads", "Downloads", &definition(), &[("n", "Downloads", Unit::Count)])];
    let kind = ChartKind::Bars { label: own("n"), values: vec![own("n")], low: None, high: None };
    chapter.charts = vec![chart("downloads", "Downloads by country", kind)];
    chapter
}

fn portrait() -> Vec<PortraitBox> {
    let feature = |label: &str, value: &str, table: &str| Feature {
        label: own(label),
        value: told(value, table, 1, "share", ""),
    };
    let of = |party: &str, stage: &str, features: Vec<Feature>| PortraitBox {
        party: own(party),
        stage: own(stage),
        features,
    };
    vec![
        of(
            "contributor",
            "generation",
            vec![
                feature("most common behavior", "62.1 %", "kinds"),
                feature("from a copy", "31.0 %", "sources"),
            ],
        ),
        of("contributor", "evolution", vec![feature("projects with several versions", "41", "sources")]),
        of("contributor", "distribution", vec![feature("typosquats", "18.2 %", "sources")]),
        of("platform", "distribution", vec![feature("until a report, median", "3.2 days", "ages")]),
        of(
            "platform",
            "diffusion",
            vec![
                feature("mirrors that still serve", "12.5 %", "survival"),
                feature("feeds", "not known", "none"),
            ],
        ),
        of("end user", "infection", vec![feature("runs at install", "55.0 %", "kinds")]),
        of(
            "end user",
            "execution",
            vec![feature("steals information", "48.3 %", "kinds"), feature(HOSTILE[4], HOSTILE[0], "kinds")],
        ),
        of(
            "",
            "anti-detection",
            vec![
                feature("encoding", "33.3 %", "techniques"),
                feature("renaming", "12.0 %", "techniques"),
                feature("imports at run time", "8.9 %", "techniques"),
            ],
        ),
    ]
}

fn mitigations() -> Vec<Mitigation> {
    let of = |party: &str, action: &str, command: &str| Mitigation {
        party: own(party),
        action: own(action),
        reason: told("55.0 %", "kinds", 2, "share", " run at install, before anybody imports them."),
        command: own(command),
    };
    vec![
        of(
            "users",
            "Scan what you are about to install.",
            "venin scan --format text downloads/*.whl --fail-on suspicious --and-a-long-option value",
        ),
        of("registry", "Scan at upload.", "venin scan -"),
        of("users", "Wait some days before you take a new release.", ""),
        of("mirrors", "Follow removals.", "venin mirror audit mirror.toml"),
    ]
}
