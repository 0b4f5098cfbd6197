//! A difference for people: what is new and dangerous first, what is new at all after it.

use venin_model::Verdict;

use super::members::rank;
use super::shapes::{Change, DiffReport, SideReport};
use crate::artifact::Explanation;
use crate::escape::{escape_text, shorten};
use crate::text::{
    Ink, Painter, TextOptions, plural, push_finding_block, push_wrapped, render_log_odds, verdict_ink,
};

/// Most entries of a list.
const MAX_LISTED: usize = 12;
/// Longest entry, in characters.
const MAX_ENTRY: usize = 240;

/// The difference as text, with an empty line at its end.
#[must_use]
pub fn render_diff_text(diff: &DiffReport, options: &TextOptions) -> String {
    let mut page = Page { out: String::new(), options, painter: Painter(options.color) };
    page.push_headline(diff);
    if !diff.summary.is_empty() {
        page.out.push('\n');
        push_wrapped(&mut page.out, "  New: ", "  ", &diff.summary, options.page());
    }
    page.push_startup_members(diff);
    for finding in diff.new_findings.iter().take(options.limit(MAX_LISTED)) {
        page.out.push('\n');
        push_finding_block(&mut page.out, finding, options);
    }
    page.push_more(diff.new_findings.len(), "new finding");
    page.push_calls(diff);
    let changes = [
        ("capabilities (call classes by trigger)", &diff.capabilities),
        ("behaviors", &diff.behaviors),
        ("triggers", &diff.triggers),
        ("techniques", &diff.techniques),
        ("indicators", &diff.indicators),
        ("dependencies", &diff.dependencies),
        ("entry points", &diff.entry_points),
    ];
    for (heading, change) in changes {
        page.push_change(heading, change);
    }
    page.push_members(diff);
    page.push_counts(diff);
    if options.explain {
        page.push_explanation(&diff.explanation, diff.score);
    }
    page.out.push('\n');
    page.out
}

struct Page<'a> {
    out: String,
    options: &'a TextOptions,
    painter: Painter,
}

impl Page<'_> {
    /// `malicious   demo 1.0 -> 1.1  demo-1.1.whl  score +4.45 for what is new`.
    fn push_headline(&mut self, diff: &DiffReport) {
        let verdict = self.painter.paint(verdict_ink(diff.verdict), diff.verdict.as_str());
        let padding = " ".repeat(12_usize.saturating_sub(diff.verdict.as_str().len()));
        let names = format!("{} -> {}", name_side(&diff.old), name_side(&diff.new));
        let names = self.painter.paint(Ink::Strong, &escape_text(&names));
        let score =
            self.painter.paint(Ink::Faint, &format!("score {} for what is new", render_log_odds(diff.score)));
        self.out.push_str(&format!("{verdict}{padding}{names}  {score}\n"));
        let whole = format!(
            "as a whole: old {} ({}), new {} ({})",
            diff.old.verdict,
            render_log_odds(diff.old.score),
            diff.new.verdict,
            render_log_odds(diff.new.score)
        );
        self.out.push_str(&format!("            {}\n", self.painter.paint(Ink::Faint, &whole)));
        if diff.verdict < Verdict::Malicious && diff.new.verdict == Verdict::Malicious {
            self.push_line("! ", "the new artifact is malicious, and the old one was no better", Ink::Alarm);
        }
    }

    fn push_heading(&mut self, heading: &str) {
        let heading = self.painter.paint(Ink::Strong, heading);
        self.out.push_str(&format!("\n{heading}\n"));
    }

    fn push_line(&mut self, mark: &str, text: &str, ink: Ink) {
        let first = format!("  {}", self.painter.paint(ink, mark));
        push_wrapped(&mut self.out, &first, "    ", &shorten(text, MAX_ENTRY), self.options.page());
    }

    fn push_more(&mut self, count: usize, noun: &str) {
        let limit = self.options.limit(MAX_LISTED);
        if count > limit {
            let left = plural((count - limit) as u64, noun);
            self.out.push_str(&format!("  and {left} more; `--verbose` shows all\n"));
        }
    }

    /// A file that every interpreter start runs is news whatever it holds.
    fn push_startup_members(&mut self, diff: &DiffReport) {
        let added = diff.members.added.iter().map(|m| (&m.path, "is new"));
        let changed = diff.members.changed.iter().map(|m| (&m.path, "has changed"));
        let starting: Vec<_> = added.chain(changed).filter(|(path, _)| rank(path) == 0).collect();
        if starting.is_empty() {
            return;
        }
        self.out.push('\n');
        for (path, what) in starting.into_iter().take(MAX_LISTED) {
            self.push_line("! ", &format!("{path} {what}: it runs at every interpreter start"), Ink::Alarm);
        }
    }

    fn push_calls(&mut self, diff: &DiffReport) {
        if diff.new_calls.is_empty() {
            return;
        }
        self.push_heading("new calls");
        for call in diff.new_calls.iter().take(self.options.limit(MAX_LISTED)) {
            let text =
                format!("{}: {} {}  {}:{}", call.trigger, call.class, call.call, call.member, call.line);
            self.push_line("+ ", &text, Ink::Warning);
            if !call.snippet.trim().is_empty() {
                push_wrapped(
                    &mut self.out,
                    "      ",
                    "      ",
                    &shorten(&call.snippet, MAX_ENTRY),
                    self.options.page(),
                );
            }
        }
        self.push_more(diff.new_calls.len(), "call");
    }

    fn push_change(&mut self, heading: &str, change: &Change) {
        if change.added.is_empty() && change.removed.is_empty() {
            return;
        }
        self.push_heading(heading);
        for (mark, ink, list) in [("+ ", Ink::Warning, &change.added), ("- ", Ink::Faint, &change.removed)] {
            for entry in list.iter().take(self.options.limit(MAX_LISTED)) {
                self.push_line(mark, entry, ink);
            }
            self.push_more(list.len(), "entry");
        }
    }

    fn push_members(&mut self, diff: &DiffReport) {
        let members = &diff.members;
        let counts = format!(
            "members: {} added, {} changed, {} removed, {} the same",
            members.added.len(),
            members.changed.len(),
            members.removed.len(),
            members.unchanged
        );
        self.push_heading(&counts);
        let limit = self.options.limit(MAX_LISTED);
        for member in members.added.iter().take(limit) {
            self.push_line("+ ", &format!("{} ({})", member.path, plural(member.size, "byte")), Ink::Warning);
        }
        self.push_more(members.added.len(), "added member");
        for member in members.changed.iter().take(limit) {
            let text = format!("{} ({} -> {} bytes)", member.path, member.old_size, member.new_size);
            self.push_line("~ ", &text, Ink::Label);
        }
        self.push_more(members.changed.len(), "changed member");
        for member in members.removed.iter().take(limit) {
            self.push_line("- ", &member.path, Ink::Faint);
        }
        self.push_more(members.removed.len(), "removed member");
    }

    fn push_counts(&mut self, diff: &DiffReport) {
        let removed = diff.removed_findings.len() as u64;
        let line = format!(
            "findings: {} new, {} that both have and that count nothing, {removed} gone",
            diff.new_findings.len(),
            diff.kept_findings
        );
        self.push_heading(&line);
        for grown in &diff.grown_rules {
            let text = format!("{}: {} before, {} now", grown.rule, plural(grown.old, "place"), grown.new);
            self.push_line("+ ", &text, Ink::Warning);
        }
        if !diff.complete {
            let text = "not everything of both was looked at; scan each for what is missing";
            self.push_line("? ", text, Ink::Doubt);
        }
    }

    fn push_explanation(&mut self, explanation: &Explanation, score: f64) {
        self.push_heading("how the score of what is new adds up (log-odds)");
        self.out.push_str(&format!("  {:>8}  before any evidence\n", render_log_odds(explanation.prior)));
        for share in &explanation.shares {
            let reason = share.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let line = format!("{}{reason}", share.rule);
            self.out.push_str(&format!("  {:>8}  {}\n", render_log_odds(share.log_odds), escape_text(&line)));
        }
        self.out.push_str(&format!("  {:>8}  score\n", render_log_odds(score)));
    }
}

fn name_side(side: &SideReport) -> String {
    match (&side.name, &side.version) {
        (Some(name), Some(version)) => format!("{} {}", shorten(name, 100), shorten(version, 100)),
        _ => shorten(&side.file, 100).into_owned(),
    }
}
