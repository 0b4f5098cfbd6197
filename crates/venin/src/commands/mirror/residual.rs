//! `venin mirror residual`: what is left on mirrors by the last audit of each, and for how long they keep it.

use venin_intel::claim::{Claim, ClaimKind, Surface};
use venin_mirror::residual::Unit;
use venin_mirror::summary::ResidualReport;
use venin_report::render_shape;

use super::text::render_residual;
use crate::cli::{CountedUnit, RulesFormat, StoreArgs};
use crate::commands::output::Output;
use crate::diagnostics::hinted;
use crate::exit::Exit;
use crate::intel::read_store;

/// Shows residual rates.
///
/// # Errors
/// There is no store, or no mirror was audited.
pub(super) fn run(unit: CountedUnit, format: RulesFormat, store: &StoreArgs) -> anyhow::Result<Exit> {
    let mut claims: Vec<Claim> = Vec::new();
    read_store(store)?.visit_by_project(|_, claim| {
        let is_removal = matches!(
            claim.kind,
            ClaimKind::Quarantined
                | ClaimKind::ReleaseRemoved
                | ClaimKind::ProjectRemoved
                | ClaimKind::FileRemoved
        );
        if is_removal || matches!(claim.surface, Surface::Mirror(_)) {
            claims.push(claim);
        }
    })?;
    if !claims.iter().any(|claim| matches!(claim.surface, Surface::Mirror(_))) {
        return Err(hinted(
            "the event store knows of no audit of a mirror",
            "`venin mirror audit` makes one",
        ));
    }
    let unit = match unit {
        CountedUnit::Project => Unit::Project,
        CountedUnit::Release => Unit::Release,
        CountedUnit::File => Unit::File,
    };
    let report = ResidualReport::of(&claims, unit);
    let mut output = Output::stdout();
    output.write(&match format {
        RulesFormat::Json => render_shape(&report),
        RulesFormat::Text => render_residual(&report),
    })?;
    output.finish()?;
    Ok(Exit::Nothing)
}
