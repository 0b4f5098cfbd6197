//! `venin mirror clean`: a plan to review, its application with an undo journal, and the way back.

use std::path::{Path, PathBuf};

use serde::Serialize;
use venin_mirror::clean::{CleanError, Outcome, Plan, apply, purge, render_plan, undo};
use venin_mirror::local::KEPT_FOLDER;
use venin_report::{escape_text, render_shape};

use super::sought::read_known;
use super::text::{count_of, escape_lines};
use super::tree;
use crate::cli::{MirrorCleanArgs, RulesFormat};
use crate::commands::output::Output;
use crate::diagnostics::{hinted, plain_cause};
use crate::exit::Exit;

/// The schema of [`CleanReport`].
const CLEAN_SCHEMA: &str = "venin.mirror-clean/1";
/// Largest plan that is read, in bytes.
const MOST_PLAN: u64 = 1 << 30;

/// Plans, applies, takes back or makes final.
///
/// # Errors
/// The plan, the folder or the journal cannot be used.
pub(super) fn run(args: &MirrorCleanArgs) -> anyhow::Result<Exit> {
    let act = &args.act;
    match (&act.plan, &act.apply, &act.undo, &act.purge) {
        (Some(folder), ..) => make(args, folder),
        (_, Some(plan), ..) => apply_plan(args, plan),
        (_, _, Some(journal), _) => take_back(args, journal),
        (_, _, _, Some(journal)) => make_final(journal),
        _ => Err(hinted("nothing to do", "--plan DIR makes a plan")),
    }
}

fn make(args: &MirrorCleanArgs, folder: &Path) -> anyhow::Result<Exit> {
    let known = read_known(&args.sought)?;
    let audit = tree::audit_folder(folder, &known, args.depth.depth)?;
    let plan = tree::plan_folder(folder, &audit, args.trust)?;
    if let Some(path) = &args.output {
        let mut file = Output::file(path)?;
        file.write(&plan.to_json())?;
        file.finish()?;
    }
    let mut output = Output::stdout();
    output.write(&match args.format {
        RulesFormat::Json => format!("{}\n", plan.to_json()),
        RulesFormat::Text => escape_lines(&render_plan(&plan)),
    })?;
    if let (RulesFormat::Text, Some(path), false) = (args.format, &args.output, plan.steps.is_empty()) {
        let (plan, folder) = (path.display().to_string(), folder.display().to_string());
        let command = format!("venin mirror clean --apply {plan} {folder}");
        output.write(&format!("\nTo do this: {}\n", escape_text(&command)))?;
    }
    for gap in &audit.gaps {
        let gap = format!("not looked at: {}: {}", gap.path, gap.reason);
        if args.format == RulesFormat::Text {
            output.write(&format!("{}\n", escape_text(&gap)))?;
        }
    }
    output.finish()?;
    Ok(if !plan.steps.is_empty() {
        Exit::Found
    } else if !plan.left.is_empty() || !audit.gaps.is_empty() {
        Exit::Incomplete
    } else {
        Exit::Nothing
    })
}

fn apply_plan(args: &MirrorCleanArgs, path: &Path) -> anyhow::Result<Exit> {
    let Some(folder) = &args.tree else {
        return Err(hinted("the folder is missing", "venin mirror clean --apply PLAN DIR"));
    };
    let plan = read_plan(path)?;
    let outcome = apply(&plan, folder, &|| false).map_err(|error| clean_error(folder, &error))?;
    let journal = folder.join(KEPT_FOLDER).join(plan.id());
    report(args, &plan, &outcome, &journal, Done::Applied)
}

fn take_back(args: &MirrorCleanArgs, journal: &Path) -> anyhow::Result<Exit> {
    let (folder, id) = split_journal(journal)?;
    let plan = read_plan(&journal.join("plan.json"))?;
    let outcome = undo(&id, &folder, &|| false).map_err(|error| clean_error(&folder, &error))?;
    report(args, &plan, &outcome, journal, Done::TakenBack)
}

fn make_final(journal: &Path) -> anyhow::Result<Exit> {
    let (folder, id) = split_journal(journal)?;
    purge(&id, &folder).map_err(|error| clean_error(&folder, &error))?;
    let mut output = Output::stdout();
    output.write(&format!("what plan {} took away is deleted for good\n", escape_text(&id)))?;
    output.finish()?;
    Ok(Exit::Nothing)
}

fn read_plan(path: &Path) -> anyhow::Result<Plan> {
    let fail = |why: String| {
        let hint = "`venin mirror clean --plan DIR --output plan.json` writes a plan";
        hinted(format!("cannot use the plan `{}`: {why}", path.display()), hint)
    };
    let size = path.metadata().map_err(|error| fail(plain_cause(&error)))?.len();
    if size > MOST_PLAN {
        return Err(fail("it is too large".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(plain_cause(&error)))?;
    Plan::parse(&text).map_err(|error| fail(error.to_string()))
}

fn clean_error(folder: &Path, error: &CleanError) -> anyhow::Error {
    hinted(
        format!("cannot clean `{}`: {error}", folder.display()),
        "nothing is lost: run it again to go on, or take it back with --undo",
    )
}

/// The mirror's folder and the plan's name in `DIR/.venin-clean/PLAN-ID`.
fn split_journal(journal: &Path) -> anyhow::Result<(PathBuf, String)> {
    let wrong = || {
        let hint = format!("a journal is a folder DIR/{KEPT_FOLDER}/PLAN-ID; applying a plan prints it");
        hinted(format!("`{}` is no journal", journal.display()), hint)
    };
    let real = journal.canonicalize().map_err(|_| wrong())?;
    let id = real.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(wrong)?;
    let kept = real.parent().filter(|kept| kept.ends_with(KEPT_FOLDER)).ok_or_else(wrong)?;
    let folder = kept.parent().ok_or_else(wrong)?;
    Ok((folder.to_owned(), id))
}

/// What was done with a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Done {
    Applied,
    TakenBack,
}

/// What became of a plan.
#[derive(Serialize)]
struct CleanReport {
    schema: &'static str,
    plan: String,
    journal: String,
    what: Done,
    /// Steps of the plan.
    steps: u64,
    /// Steps done in this run.
    done: u64,
    /// Steps that an earlier run had done.
    done_before: u64,
    /// Steps not done because something is not as the plan says.
    skipped: Vec<StepReport>,
    /// Steps that the file system refused.
    failed: Vec<StepReport>,
}

#[derive(Serialize)]
struct StepReport {
    path: String,
    reason: String,
}

fn report(
    args: &MirrorCleanArgs,
    plan: &Plan,
    outcome: &Outcome,
    journal: &Path,
    what: Done,
) -> anyhow::Result<Exit> {
    let steps = |steps: &[(usize, String)]| {
        let path = |at: usize| plan.steps.get(at).map(|step| step.path.clone()).unwrap_or_default();
        steps.iter().map(|(at, reason)| StepReport { path: path(*at), reason: reason.clone() }).collect()
    };
    let report = CleanReport {
        schema: CLEAN_SCHEMA,
        plan: plan.id(),
        journal: journal.display().to_string(),
        what,
        steps: plan.steps.len() as u64,
        done: outcome.done.len() as u64,
        done_before: outcome.done_before.len() as u64,
        skipped: steps(&outcome.skipped),
        failed: steps(&outcome.failed),
    };
    let mut output = Output::stdout();
    output.write(&match args.format {
        RulesFormat::Json => render_shape(&report),
        RulesFormat::Text => render_report(&report),
    })?;
    output.finish()?;
    Ok(if report.failed.is_empty() && report.skipped.is_empty() {
        Exit::Nothing
    } else if report.failed.is_empty() {
        Exit::Incomplete
    } else {
        Exit::Failed
    })
}

fn render_report(report: &CleanReport) -> String {
    let steps = count_of(report.done, "step", "steps");
    let mut text = match report.what {
        Done::Applied => format!("plan {}: {steps} done", report.plan),
        Done::TakenBack => format!("plan {}: {steps} taken back", report.plan),
    };
    if report.done_before > 0 {
        text.push_str(&format!(", {} done before", report.done_before));
    }
    text.push_str(&format!(" of {}\n", report.steps));
    for (label, steps) in [("skipped", &report.skipped), ("failed", &report.failed)] {
        for step in steps {
            let line = format!("{}: {}", step.path, step.reason);
            text.push_str(&format!("  {label}: {}\n", escape_text(&line)));
        }
    }
    if report.what == Done::Applied {
        let journal = escape_text(&report.journal);
        text.push_str(&format!("what was taken away is kept in {journal}\n"));
        text.push_str(&format!("  to take it back:   venin mirror clean --undo {journal}\n"));
        text.push_str(&format!("  to make it final:  venin mirror clean --purge {journal}\n"));
    }
    text
}
