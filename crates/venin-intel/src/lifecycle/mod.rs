//! What happened to a release, on which surface and when, derived from all claims about it.
//!
//! Three measures are kept apart that the study blends (design, section 2): **incubation** is from release to
//! discovery, the **residual period** from discovery to the last download, **persistence** from removal to the last
//! sighting on a surface.  Each is a span with bounds, because its ends are known as spans only.

mod dates;
mod span;

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{Claim, ClaimKind, Interval, Subject, Surface};
use crate::known::fold_project;

pub use dates::Dates;
pub use span::Span;

/// What a surface was last seen to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SurfaceState {
    /// The last time that it served the file or listed it.
    pub last_seen: Option<Interval>,
    /// The first time after that at which it did not.
    pub gone: Option<Interval>,
    /// Whether it served other bytes.
    pub is_changed: bool,
}

/// The life of a release, or of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// Whose.
    pub subject: Subject,
    /// The dates with their bounds; a record that was taken back since discovers nothing.
    pub dates: Dates,
    /// Each surface on which it was looked for.
    pub surfaces: BTreeMap<Surface, SurfaceState>,
    /// All claims, in the order in which they happened; those without a date last.
    pub claims: Vec<Claim>,
}

impl Life {
    /// Folds claims; those about the project as a whole count for each of its releases.
    #[must_use]
    pub fn fold(subject: Subject, mut claims: Vec<Claim>) -> Self {
        claims.sort_by_cached_key(|claim| {
            let happened = claim.happened;
            let when = happened.not_after.or(happened.not_before);
            (when.is_none(), when, happened.not_before, claim.kind, claim.id())
        });
        let withdrawn: BTreeSet<(String, String)> =
            fold_project(&claims).into_iter().flat_map(|project| project.withdrawn).collect();
        let is_withdrawn = |claim: &Claim| {
            claim.kind.accuses() && withdrawn.contains(&(claim.source.clone(), claim.source_ref.clone()))
        };
        let mut dates = Dates::default();
        claims.iter().filter(|claim| !is_withdrawn(claim)).for_each(|claim| dates.take(claim));
        Self { dates, surfaces: fold_surfaces(&claims), subject, claims }
    }

    /// From release to discovery.
    #[must_use]
    pub fn incubation(&self) -> Option<Span> {
        self.dates.incubation()
    }

    /// From discovery to the last download.
    #[must_use]
    pub fn residual_period(&self) -> Option<Span> {
        self.dates.residual_period()
    }

    /// From removal, or quarantine where nothing was removed, to the last sighting on a surface.
    ///
    /// A surface that still serves the file gives a span without an upper bound.
    #[must_use]
    pub fn persistence(&self, surface: &Surface) -> Option<Span> {
        let removed = self.dates.removed.or(self.dates.quarantined)?;
        let state = self.surfaces.get(surface)?;
        let seen = state.last_seen?;
        let mut span = Span::between(removed, seen);
        span.most = state.gone.and_then(|gone| Span::between(removed, gone).most);
        Some(span)
    }
}

/// The state of each surface, from probes in the order in which they happened.
fn fold_surfaces(claims: &[Claim]) -> BTreeMap<Surface, SurfaceState> {
    let mut surfaces = BTreeMap::new();
    for claim in claims {
        let is_sighting = matches!(claim.kind, ClaimKind::FileSeen | ClaimKind::IndexSeen);
        let is_absence = matches!(claim.kind, ClaimKind::FileAbsent | ClaimKind::IndexAbsent);
        let is_change = claim.kind == ClaimKind::FileChanged;
        if !(is_sighting || is_absence || is_change) {
            continue;
        }
        let none = SurfaceState { last_seen: None, gone: None, is_changed: false };
        let state = surfaces.entry(claim.surface.clone()).or_insert(none);
        state.is_changed |= is_change;
        if is_sighting {
            state.last_seen = Some(claim.happened);
            state.gone = None;
        } else if is_absence && state.gone.is_none() {
            state.gone = Some(claim.happened);
        }
    }
    surfaces
}

#[cfg(test)]
mod tests;
