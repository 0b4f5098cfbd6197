//! The audit of a mirror's folder, and its claims.

use std::path::Path;

use venin_intel::claim::Claim;
use venin_intel::store::{Selection, Store};
use venin_mirror::audit::{PriorClaims, claim_source, claims_of, finding_on_disk};
use venin_mirror::clean::{Plan, PlanOptions, Trust, make_plan};
use venin_mirror::known::KnownSet;
use venin_mirror::local::{Depth, LocalAudit, Tree, audit_tree};

use super::{check_id, observed_now};
use crate::cli::{DepthArg, TrustArg};
use crate::diagnostics::{hinted, plain_cause};

/// Looks for what is known below a folder.
///
/// # Errors
/// There is no such folder, or it is no mirror.
pub(super) fn audit_folder(folder: &Path, known: &KnownSet, depth: DepthArg) -> anyhow::Result<LocalAudit> {
    let depth = match depth {
        DepthArg::Addresses => Depth::Addresses,
        DepthArg::Names => Depth::Names,
        DepthArg::Everything => Depth::Everything,
    };
    audit_tree(folder, known, depth).map_err(|error| {
        let message = format!("cannot audit `{}`: {}", folder.display(), plain_cause(&error));
        hinted(message, "name the folder that bandersnatch, devpi or a web server keeps the mirror in")
    })
}

/// What to delete from a folder, by an audit of it.
///
/// # Errors
/// There is no such folder.
pub(super) fn plan_folder(folder: &Path, audit: &LocalAudit, trust: TrustArg) -> anyhow::Result<Plan> {
    let trust = match trust {
        TrustArg::Digest => Trust::Digest,
        TrustArg::Release => Trust::Release,
    };
    Ok(make_plan(&Tree::open(folder)?, audit, &PlanOptions { trust, now: observed_now() }))
}

/// The name of a folder's mirror in the store.
///
/// # Errors
/// It cannot be one.
pub(super) fn folder_id(folder: &Path, id: Option<&str>) -> anyhow::Result<String> {
    let name = || {
        let folder = folder.canonicalize().ok()?;
        let name = folder.file_name()?.to_string_lossy().into_owned();
        check_id(name).ok()
    };
    match id {
        Some(id) => check_id(id.to_owned()),
        None => name().ok_or_else(|| hinted("the folder's name cannot name a mirror", "name it with --id")),
    }
}

/// Keeps what an audit of a folder saw.
///
/// # Errors
/// The store cannot be used.
pub(super) fn keep(store: &mut Store, id: &str, audit: &LocalAudit) -> anyhow::Result<()> {
    let selection = Selection { source: Some(claim_source().to_owned()), ..Selection::default() };
    let mut prior = PriorClaims::default();
    store.visit_claims(&selection, |_, claim| prior.take(&claim))?;
    let now = observed_now();
    let claims: Vec<Claim> = audit
        .findings
        .iter()
        .flat_map(|finding| claims_of(&finding_on_disk(id, finding, now), &prior))
        .collect();
    store.append(&claims)?;
    Ok(())
}
