//! Functions that only compute: how much of an artifact is code that touches nothing outside of it.
//!
//! Attackers put their lines into a project that works, so that it does what it promises.  That is no evidence of anything by
//! itself; it says how a harmful spot is hidden.  Nothing is judged here.

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Event, Fact, MemberPath};

use crate::source::ir::{Code, Stmt, StmtId};

/// An artifact with fewer such functions has no body that could hide anything.
const FEW: usize = 10;

/// Counts functions that give something back, a member each.
#[derive(Debug, Default)]
pub(super) struct Bystanders {
    of_members: FxHashMap<MemberPath, usize>,
}

impl Bystanders {
    /// Notes the functions of a member that is read for the first time.
    pub(super) fn note(&mut self, member: &MemberPath, code: &Code) {
        let gives_back = |statement: &StmtId| {
            matches!(code.stmts.get(statement.0 as usize), Some((Stmt::Return(Some(_)), _)))
        };
        // A lambda is one expression; it is no work of its own.
        let works = |body: &[StmtId]| body.last().is_some_and(gives_back);
        let named = code.functions.iter().filter(|function| !function.qualified.ends_with("<lambda>"));
        let count = named.filter(|function| works(&function.body)).count();
        if count > 0 {
            self.of_members.insert(member.clone(), count);
        }
    }

    /// `source.bystanders`: how many functions in how many members nothing was recorded of, if there are many.
    pub(super) fn fact(&self, events: &[Event]) -> Option<Fact> {
        let acting: FxHashSet<(&str, &str)> = events
            .iter()
            .filter_map(|event| Some((&*event.site.member, event.function.as_deref()?)))
            .collect();
        let mut acting_of: FxHashMap<&str, usize> = FxHashMap::default();
        for (member, _) in acting {
            *acting_of.entry(member).or_default() += 1;
        }
        let quiet = self
            .of_members
            .iter()
            .map(|(member, all)| all.saturating_sub(acting_of.get(&**member).copied().unwrap_or(0)));
        let quiet: Vec<usize> = quiet.filter(|count| *count > 0).collect();
        let functions: usize = quiet.iter().sum();
        let message = format!("{functions} functions in {} files only compute", quiet.len());
        (functions >= FEW).then(|| {
            Fact::new("source.bystanders", message)
                .with("functions", functions.to_string())
                .with("files", quiet.len().to_string())
        })
    }
}
