//! The plan as text for a person to review.

use std::fmt::Write as _;

use super::plan::{Action, Plan};

/// The plan, one step a paragraph.
#[must_use]
pub fn render_plan(plan: &Plan) -> String {
    let mut out = String::new();
    let (files, bytes) = plan.steps.iter().fold((0, 0), |(files, bytes), step| match step.action {
        Action::DeleteFile { size, .. } => (files + 1, bytes + size),
        _ => (files, bytes),
    });
    let rewritten =
        plan.steps.iter().filter(|step| matches!(step.action, Action::RewritePage { .. })).count();
    let pages = plan.steps.iter().filter(|step| matches!(step.action, Action::DeletePage { .. })).count();
    let _ = writeln!(out, "Plan {} for a tree of layout {}, made {}", plan.id(), plan.layout, plan.made);
    let _ = writeln!(
        out,
        "{files} files to delete ({bytes} bytes), {pages} pages to delete, {rewritten} pages to rewrite, {} left",
        plan.left.len()
    );
    for (at, step) in plan.steps.iter().enumerate() {
        let (verb, digest) = match &step.action {
            Action::DeleteFile { sha256, .. } => ("delete file", format!("sha256 {sha256}")),
            Action::DeletePage { sha256 } => ("delete page", format!("sha256 {sha256}")),
            Action::DeleteLink { target } => ("delete link", format!("to {}", shown(target))),
            Action::RewritePage { before, after, .. } => {
                ("rewrite page", format!("sha256 {before}\n       to sha256 {after}"))
            }
        };
        let _ = writeln!(out, "\n{:>4}  {verb} {}", at + 1, shown(&step.path));
        let _ = writeln!(out, "       {digest}");
        let _ = writeln!(out, "       why: {}", shown(&step.reason));
        let _ = writeln!(out, "       proof: {}", shown(&step.proof));
        if let Action::RewritePage { entries, .. } = &step.action {
            for entry in entries {
                let _ = writeln!(out, "       without {}", shown(entry));
            }
        }
    }
    if !plan.left.is_empty() {
        out.push_str("\nNot touched:\n");
        for left in &plan.left {
            let path = if left.path.is_empty() { "-" } else { &left.path };
            let _ = writeln!(out, "  {}: {}", shown(path), shown(&left.reason));
        }
    }
    if !plan.commands.is_empty() {
        out.push_str("\nWith the mirror's own tool instead:\n");
        for command in &plan.commands {
            let _ = writeln!(out, "  {}", shown(command));
        }
    }
    out
}

/// Text of a tree that may be hostile: control characters are escaped.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped: Vec<char> = if c.is_control() { c.escape_default().collect() } else { vec![c] };
            escaped
        })
        .collect()
}
