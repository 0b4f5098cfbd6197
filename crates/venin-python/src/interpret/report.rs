//! What an analysis tells beside its events: facts, and the gaps of what it did not look at.

use std::sync::Arc;

use venin_model::{Fact, Gap, GapKind, MemberPath};

use super::Interpreter;
use super::bystanders::Bystanders;
use crate::project::Analysis;

/// Most gaps that are told.
const MOST_GAPS: usize = 1000;

/// What is told at the end.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) facts: Vec<Fact>,
    pub(super) gaps: Vec<Gap>,
    /// How many layers were decoded and run.
    pub(super) n_layers: u64,
    /// Functions of the artifact that give something back.
    pub(super) bystanders: Bystanders,
}

impl Interpreter<'_> {
    /// Ends the analysis: tells which budgets are spent, and gives all that was found.
    pub(super) fn finish(mut self) -> Analysis {
        if self.budget.steps >= self.limits.steps {
            self.gap(
                GapKind::AnalysisBudget,
                None,
                format!("stopped after {} evaluation steps", self.budget.steps),
            );
        }
        if self.heap.is_exhausted() {
            self.gap(GapKind::AnalysisBudget, None, "decoded data reached the memory budget".to_owned());
        }
        if self.budget.iterations >= self.limits.iterations {
            let detail = format!("loops stopped after {} rounds", self.limits.iterations);
            self.gap(GapKind::AnalysisBudget, None, detail);
        }
        if self.budget.is_root_cut {
            self.gap(GapKind::AnalysisBudget, None, "a function was not followed to its end".to_owned());
        }
        if self.log.is_full {
            self.gap(GapKind::AnalysisBudget, None, format!("more than {} events", self.limits.events));
        }
        self.report.gaps.sort();
        self.report.gaps.dedup();
        self.report.facts.extend(self.report.bystanders.fact(&self.log.events));
        Analysis {
            events: self.log.events,
            facts: self.report.facts,
            gaps: self.report.gaps,
            files: self.modules.files_read.len() as u64,
            layers: self.report.n_layers,
            steps: self.budget.steps,
        }
    }

    /// Tells what was not looked at.
    pub(super) fn gap(&mut self, kind: GapKind, member: Option<MemberPath>, detail: String) {
        if self.report.gaps.len() < MOST_GAPS {
            self.report.gaps.push(Gap { member, kind, detail: Arc::from(detail) });
        }
    }
}
