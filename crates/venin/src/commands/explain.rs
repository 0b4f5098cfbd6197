//! `venin explain`: a rule in short, one finding of a report with what would make it harmless, or what is known of a
//! release.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use venin_model::Trigger;
use venin_report::{
    ArtifactReport, FindingReport, RunReport, TextOptions, escape_text, render_finding_text,
    render_release_text, render_shape,
};
use venin_rules::{Page, RuleSet};

use super::output::Output;
use super::page_outline::Outline;
use super::rule_files::{compile_rules, read_rule_dirs};
use super::rules::nearest_id;
use crate::cli::{ExplainArgs, RulesFormat};
use crate::diagnostics::{hinted, plain_cause};
use crate::exit::Exit;
use crate::intel::{parse_release, read_store, report_release};

/// Largest report that is read, in bytes.
const MAX_REPORT: u64 = 512 << 20;
/// Fewest digits of a finding's id that name it.
const MIN_DIGITS: usize = 4;

/// Explains a rule or a finding.
///
/// # Errors
/// The id names neither, or the report cannot be read.
pub(crate) fn run(args: &ExplainArgs, text: TextOptions) -> anyhow::Result<Exit> {
    if args.id.contains("==") {
        return explain_release(args, text);
    }
    let rules = compile_rules(&read_rule_dirs(args.from.dirs.iter().map(AsRef::<Path>::as_ref))?)?;
    let written = match (rules.page(&args.id), &args.report) {
        (Some(page), _) => explain_rule(page, args.format),
        (None, Some(path)) => {
            let artifacts = read_report(path)?;
            let found = find_in_reports(&artifacts, &args.id)?;
            explain_finding(&found, &rules, args.format, text)
        }
        (None, None) => return Err(unknown_id(&args.id, &rules)),
    };
    let mut output = Output::stdout();
    output.write(&written)?;
    output.finish()?;
    Ok(Exit::Nothing)
}

/// Claims, verdict and conflicts of a release.
fn explain_release(args: &ExplainArgs, text: TextOptions) -> anyhow::Result<Exit> {
    let subject = parse_release(&args.id)?;
    let report = report_release(&read_store(&args.store)?, &subject)?;
    let written = match args.format {
        RulesFormat::Text => render_release_text(&report, &text),
        RulesFormat::Json => render_shape(&report),
    };
    let mut output = Output::stdout();
    output.write(&written)?;
    output.finish()?;
    Ok(Exit::Nothing)
}

fn unknown_id(id: &str, rules: &RuleSet) -> anyhow::Error {
    if is_finding_id(id) {
        let hint = "a finding lives in a report: `venin scan TARGET --format json --output report.json`, then \
                    `venin explain ID --report report.json`";
        return hinted(format!("`{id}` looks like the id of a finding, and no report is named"), hint);
    }
    let hint = nearest_id(id, rules).map_or_else(
        || "`venin rules list` shows all rules".to_owned(),
        |near| format!("did you mean `{near}`? `venin rules list` shows all rules"),
    );
    hinted(format!("there is no rule `{id}`"), hint)
}

fn is_finding_id(id: &str) -> bool {
    (MIN_DIGITS..=12).contains(&id.len()) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The artifacts of a JSON report or of JSON lines; `-` is standard input.
fn read_report(path: &Path) -> anyhow::Result<Vec<ArtifactReport>> {
    let shown = path.display();
    let fail = |why: String| {
        let hint = "--report takes what `venin scan --format json` or `--format jsonl` wrote";
        hinted(format!("cannot read the report `{shown}`: {why}"), hint)
    };
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(|error| fail(plain_cause(&error)))?)
    };
    let mut text = String::new();
    source.take(MAX_REPORT + 1).read_to_string(&mut text).map_err(|error| fail(plain_cause(&error)))?;
    if text.len() as u64 > MAX_REPORT {
        return Err(fail("it is larger than 512 MiB".to_owned()));
    }
    if let Ok(run) = serde_json::from_str::<RunReport>(&text) {
        return Ok(run.artifacts);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let artifacts: Result<Vec<ArtifactReport>, _> = lines.map(serde_json::from_str).collect();
    match artifacts {
        Ok(artifacts) if !artifacts.is_empty() => Ok(artifacts),
        Ok(_) => Err(fail("it is empty".to_owned())),
        Err(error) => Err(fail(format!("it is no report of this program: {error}"))),
    }
}

/// A finding, where it was found, and why it does not count if it does not.
struct Found<'a> {
    artifact: &'a ArtifactReport,
    finding: &'a FindingReport,
    suppressed: Option<&'a str>,
}

/// All findings whose id begins so.
fn find_in_reports<'a>(artifacts: &'a [ArtifactReport], id: &str) -> anyhow::Result<Vec<Found<'a>>> {
    let mut found = Vec::new();
    let names = |finding: &FindingReport| is_finding_id(id) && finding.id.starts_with(id);
    for artifact in artifacts {
        let counted = artifact.findings.iter().filter(|f| names(f));
        found.extend(counted.map(|finding| Found { artifact, finding, suppressed: None }));
        let suppressed = artifact.suppressed.iter().filter(|s| names(&s.finding));
        found.extend(suppressed.map(|s| Found {
            artifact,
            finding: &s.finding,
            suppressed: Some(&s.reason),
        }));
    }
    if found.is_empty() {
        let hint = "ids are in `findings[].id` of the report, and in text under `--verbose`";
        return Err(hinted(format!("the report has no finding `{id}`, and there is no such rule"), hint));
    }
    Ok(found)
}

/// A rule as `--format json` explains it.
#[derive(Serialize)]
struct RuleShape<'a> {
    rule: &'a str,
    title: &'a str,
    #[serde(flatten)]
    outline: Outline,
}

fn explain_rule(page: &Page, format: RulesFormat) -> String {
    let outline = Outline::parse(page.body());
    let shape = RuleShape { rule: &page.rule.id, title: &page.rule.title, outline };
    match format {
        RulesFormat::Json => render_shape(&shape),
        RulesFormat::Text => {
            let mut text = format!("{} [{}]\n", escape_text(shape.title), escape_text(shape.rule));
            push_section(&mut text, "what it detects", &shape.outline.detects);
            push_section(&mut text, "why it matters", &shape.outline.matters);
            push_list(&mut text, "what looks alike and is harmless", &shape.outline.look_alikes);
            push_list(&mut text, "what it does not see", &shape.outline.misses);
            text.push_str(&format!(
                "\n`venin rules show {}` shows the whole page\n",
                escape_text(shape.rule)
            ));
            text
        }
    }
}

/// A finding as `--format json` explains it.
#[derive(Serialize)]
struct FindingShape<'a> {
    artifact: &'a str,
    finding: &'a FindingReport,
    suppressed: Option<&'a str>,
    rule: Option<RuleShape<'a>>,
    benign_if: Vec<String>,
}

fn explain_finding(
    found: &[Found<'_>],
    rules: &RuleSet,
    format: RulesFormat,
    options: TextOptions,
) -> String {
    let shapes: Vec<FindingShape<'_>> = found.iter().map(|found| shape_of(found, rules)).collect();
    match format {
        RulesFormat::Json => render_shape(&shapes),
        RulesFormat::Text => {
            let texts: Vec<String> = shapes.iter().map(|shape| render_finding(shape, options)).collect();
            texts.join("\n")
        }
    }
}

fn shape_of<'a>(found: &Found<'a>, rules: &'a RuleSet) -> FindingShape<'a> {
    let page = rules.page(&found.finding.rule);
    let rule = page.map(|page| RuleShape {
        rule: &page.rule.id,
        title: &page.rule.title,
        outline: Outline::parse(page.body()),
    });
    let look_alikes = rule.as_ref().map(|rule| rule.outline.look_alikes.clone()).unwrap_or_default();
    FindingShape {
        artifact: found.artifact.shown_name(),
        finding: found.finding,
        suppressed: found.suppressed,
        benign_if: list_excuses(found.finding, look_alikes),
        rule,
    }
}

/// What a reviewer would have to see to call the finding harmless: the rule's look-alikes, and what the finding's own
/// origins, trigger and layer leave open.
fn list_excuses(finding: &FindingReport, look_alikes: Vec<String>) -> Vec<String> {
    let mut excuses: Vec<String> =
        look_alikes.into_iter().map(|entry| format!("it is the look-alike: {entry}")).collect();
    let comes_from = |kind: &str| finding.origins.iter().any(|origin| origin.starts_with(kind));
    let mut add = |holds: bool, text: &str| {
        if holds {
            excuses.push(text.to_owned());
        }
    };
    add(
        comes_from("network"),
        "the bytes from the network are checked against a digest or signature before use",
    );
    add(
        comes_from("decoded"),
        "what is decoded is data that the project documents, and it can be read in its repository",
    );
    add(comes_from("argument"), "every caller passes a value that the user gave for this purpose");
    add(
        comes_from("env"),
        "the variables are the project's own settings, and go only to the project's own service",
    );
    add(
        matches!(finding.trigger, Trigger::Run | Trigger::Entry),
        "it runs only when the user asks for exactly this",
    );
    add(finding.trigger.is_automatic(), "the project says that it does this by itself, and why it must");
    add(finding.place.as_ref().is_some_and(|place| place.layer > 0), "there is a reason to hide the code");
    excuses
}

fn render_finding(shape: &FindingShape<'_>, options: TextOptions) -> String {
    let mut text = format!("{}\n\n", escape_text(shape.artifact));
    text.push_str(&render_finding_text(shape.finding, &options));
    if let Some(reason) = shape.suppressed {
        push_section(&mut text, "suppressed, because", reason);
    }
    match &shape.rule {
        Some(rule) => {
            push_section(&mut text, "what the rule detects", &rule.outline.detects);
            push_section(&mut text, "why it matters", &rule.outline.matters);
        }
        None => {
            push_section(&mut text, "the rule", "is not among those in force; name its folder with --rules");
        }
    }
    push_list(&mut text, "it would be harmless if", &shape.benign_if);
    text
}

fn push_section(text: &mut String, heading: &str, prose: &str) {
    if !prose.is_empty() {
        text.push_str(&format!("\n{heading}\n  {}\n", escape_text(prose)));
    }
}

fn push_list(text: &mut String, heading: &str, entries: &[String]) {
    if !entries.is_empty() {
        text.push_str(&format!("\n{heading}\n"));
        entries.iter().for_each(|entry| text.push_str(&format!("  - {}\n", escape_text(entry))));
    }
}
