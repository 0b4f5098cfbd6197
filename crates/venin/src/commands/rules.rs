//! `venin rules`: what is looked for, and whether pages keep their word.

use std::path::{Path, PathBuf};

use serde::Serialize;
use venin_model::{Behavior, Technique};
use venin_report::escape_text;
use venin_rules::{Page, RuleMeta, RuleSet};
use venin_scan::{Options, PageFailure, Scanner, check_page};

use super::output::Output;
use super::rule_files::{compile_rules, compile_yara, read_rule_dirs, read_yara_files};
use crate::cli::{RulesCommand, RulesFormat};
use crate::diagnostics::hinted;
use crate::exit::Exit;

/// Stack of the thread that scans examples: as much as a worker has.
const STACK: usize = 256 << 20;

/// Runs a subcommand.
///
/// # Errors
/// Pages that cannot be read, an unknown rule, an output that cannot be written.
pub(crate) fn run(command: RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::List { from, format } => list(&from.dirs, format),
        RulesCommand::Show { id, from, format } => show(&id, &from.dirs, format),
        RulesCommand::Test { dir, yara, format } => test(dir.as_deref(), &yara, format),
    }
}

fn read_rules(dirs: &[PathBuf]) -> anyhow::Result<RuleSet> {
    compile_rules(&read_rule_dirs(dirs.iter().map(PathBuf::as_path))?)
}

/// A rule as `--format json` shows it.
#[derive(Serialize)]
struct RuleShape<'a> {
    id: &'a str,
    title: &'a str,
    behavior: Option<&'static str>,
    technique: Option<&'static str>,
    severity: &'static str,
    confidence: &'static str,
    weight: f64,
    attack: Vec<&'a str>,
    since: &'a str,
    /// Where the page is, below its directory of rules.
    path: &'a str,
    /// The page's prose; only of `show`.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
}

impl<'a> RuleShape<'a> {
    fn of(page: &'a Page) -> Self {
        let RuleMeta { id, title, behavior, technique, severity, confidence, weight, attack, since, .. } =
            &page.rule;
        Self {
            id,
            title,
            behavior: behavior.map(Behavior::as_str),
            technique: technique.map(Technique::as_str),
            severity: severity.as_str(),
            confidence: confidence.as_str(),
            weight: *weight,
            attack: attack.iter().map(AsRef::as_ref).collect(),
            since,
            path: &page.path,
            page: None,
        }
    }

    /// What the rule speaks for.
    fn subject(&self) -> &'static str {
        self.behavior.or(self.technique).unwrap_or_default()
    }
}

fn list(dirs: &[PathBuf], format: RulesFormat) -> anyhow::Result<Exit> {
    let rules = read_rules(dirs)?;
    let shapes: Vec<RuleShape<'_>> = rules.pages().map(RuleShape::of).collect();
    print(&match format {
        RulesFormat::Json => to_json(&shapes)?,
        RulesFormat::Text => render_list(&shapes),
    })
}

/// One line a rule, in columns.
fn render_list(shapes: &[RuleShape<'_>]) -> String {
    let id_width = shapes.iter().map(|s| s.id.chars().count()).max().unwrap_or(0);
    let subject_width = shapes.iter().map(|s| s.subject().len()).max().unwrap_or(0);
    let line = |s: &RuleShape<'_>| {
        let grade = format!("{}/{}", s.severity, s.confidence);
        let (id, title) = (escape_text(s.id), escape_text(s.title));
        format!("{id:<id_width$}  {grade:<15}  {:<subject_width$}  {title}\n", s.subject())
    };
    let lines: String = shapes.iter().map(line).collect();
    format!("{lines}{} rules\n", shapes.len())
}

fn show(id: &str, dirs: &[PathBuf], format: RulesFormat) -> anyhow::Result<Exit> {
    let rules = read_rules(dirs)?;
    let Some(page) = rules.page(id) else {
        let hint = nearest_id(id, &rules).map_or_else(
            || "`venin rules list` shows all rules".to_owned(),
            |near| format!("did you mean `{near}`? `venin rules list` shows all rules"),
        );
        return Err(hinted(format!("there is no rule `{id}`"), hint));
    };
    let shape = RuleShape::of(page);
    print(&match format {
        RulesFormat::Json => to_json(&RuleShape { page: Some(page.body()), ..shape })?,
        RulesFormat::Text => render_page(&shape, page),
    })
}

fn render_page(shape: &RuleShape<'_>, page: &Page) -> String {
    let facts = [
        ("behavior", shape.behavior.unwrap_or_default().to_owned()),
        ("technique", shape.technique.unwrap_or_default().to_owned()),
        ("severity", shape.severity.to_owned()),
        ("confidence", shape.confidence.to_owned()),
        ("weight", shape.weight.to_string()),
        ("attack", shape.attack.join(", ")),
        ("since", shape.since.to_owned()),
    ];
    let mut text = format!("{} [{}]\n\n", escape_text(shape.title), escape_text(shape.id));
    for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("  {label:<12}{}\n", escape_text(value)));
    }
    text.push('\n');
    for line in page.body().trim().lines() {
        text.push_str(&escape_text(line));
        text.push('\n');
    }
    text
}

/// The id that shares the most words with a misspelled one.
pub(super) fn nearest_id<'a>(id: &str, rules: &'a RuleSet) -> Option<&'a str> {
    let shared = |other: &str| id.split('-').filter(|word| other.split('-').any(|o| o == *word)).count();
    rules.rules().map(|rule| &*rule.id).filter(|other| shared(other) > 0).max_by_key(|other| shared(other))
}

/// What `venin rules test --format json` prints.
#[derive(Serialize)]
struct TestShape<'a> {
    pages: usize,
    failures: Vec<FailureShape<'a>>,
}

#[derive(Serialize)]
struct FailureShape<'a> {
    rule: &'a str,
    example: &'a str,
    line: u32,
    message: &'a str,
}

fn test(dir: Option<&Path>, yara: &[PathBuf], format: RulesFormat) -> anyhow::Result<Exit> {
    let files = read_rule_dirs(dir)?;
    let rules = compile_rules(&files)?;
    let is_own = |page: &Page| files.is_empty() || files.iter().any(|file| *file.path == *page.path);
    let pages: Vec<Page> = rules.pages().filter(|page| is_own(page)).cloned().collect();
    let n_pages = pages.len();
    let yara = read_yara_files(yara.iter().map(PathBuf::as_path))?;
    let mut scanner = Scanner::new(rules, Options::default());
    if !yara.is_empty() {
        scanner = scanner.with_matcher(Box::new(compile_yara(&yara)?));
    }
    let failures = check_pages(pages, scanner)?;
    let exit = if failures.is_empty() { Exit::Nothing } else { Exit::Found };
    print(&match format {
        RulesFormat::Json => {
            to_json(&TestShape { pages: n_pages, failures: failures.iter().map(shape_of).collect() })?
        }
        RulesFormat::Text => render_test(n_pages, &failures),
    })?;
    Ok(exit)
}

fn check_pages(pages: Vec<Page>, scanner: Scanner) -> anyhow::Result<Vec<PageFailure>> {
    let body = move || pages.iter().flat_map(|page| check_page(page, &scanner)).collect::<Vec<_>>();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(body)?;
    thread.join().map_err(|_| anyhow::anyhow!("the scanner failed on an example"))
}

fn shape_of(failure: &PageFailure) -> FailureShape<'_> {
    let PageFailure { rule, example, line, message } = failure;
    FailureShape { rule, example, line: *line, message }
}

fn render_test(n_pages: usize, failures: &[PageFailure]) -> String {
    let mut text: String =
        failures.iter().map(|failure| format!("{}\n", escape_text(&failure.to_string()))).collect();
    let pages = if n_pages == 1 { "1 page".to_owned() } else { format!("{n_pages} pages") };
    text.push_str(&match failures.len() {
        0 => format!("{pages}: every example comes out as its page says\n"),
        1 => format!("{pages}: 1 example does not come out as its page says\n"),
        n => format!("{pages}: {n} examples do not come out as their pages say\n"),
    });
    text
}

fn to_json(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn print(text: &str) -> anyhow::Result<Exit> {
    let mut output = Output::stdout();
    output.write(text)?;
    output.finish()?;
    Ok(Exit::Nothing)
}
