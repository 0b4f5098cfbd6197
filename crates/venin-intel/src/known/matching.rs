//! Whether a release at hand is one that is known: by its bytes first, its name and version second, its name last.

use std::str::FromStr;

use pep440_rs::Version;
use venin_package::same_version;

use super::{Accusation, Known, KnownProject};
use crate::claim::{Digest, Moment};

/// A release at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The normalized name.
    pub name: &'a str,
    /// The version.
    pub version: Option<&'a str>,
    /// The file's digest.
    pub sha256: Option<Digest>,
    /// When it was uploaded.
    pub uploaded: Option<Moment>,
}

/// By what a release is known; the stronger one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The same bytes.
    Digest,
    /// The same name and version.
    Release,
    /// The same name, of which every version is accused.
    Name,
}

/// One accusation that meets a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match<'a> {
    /// By what.
    pub strength: Strength,
    /// The project that is accused; another than the candidate's when only the bytes are the same.
    pub project: &'a str,
    /// What is said.
    pub accusation: &'a Accusation,
}

impl Known {
    /// Everything that is said of a release, the strongest first.
    #[must_use]
    pub fn match_release(&self, candidate: &Candidate<'_>) -> Vec<Match<'_>> {
        let mut matches = Vec::new();
        if let Some(digest) = candidate.sha256 {
            let owners = self.digests.get(&digest).into_iter().flatten();
            for project in owners.filter_map(|name| self.projects.get(name)) {
                let of_bytes = project.accusations.iter().filter(|a| a.digests.contains(&digest));
                matches.extend(of_bytes.map(|a| Match {
                    strength: Strength::Digest,
                    project: &project.name,
                    accusation: a,
                }));
            }
        }
        if let Some(project) = self.projects.get(candidate.name)
            && !belongs_to_another_owner(project, candidate)
        {
            for accusation in &project.accusations {
                let is_there = matches.iter().any(|found| std::ptr::eq(found.accusation, accusation));
                let strength = strength_by_name(accusation, candidate).filter(|_| !is_there);
                matches.extend(strength.map(|strength| Match {
                    strength,
                    project: &project.name,
                    accusation,
                }));
            }
        }
        matches.sort_by_key(|found| found.strength);
        matches
    }
}

fn strength_by_name(accusation: &Accusation, candidate: &Candidate<'_>) -> Option<Strength> {
    let is_named = |version: &str| accusation.versions.iter().any(|accused| same_version(accused, version));
    if candidate.version.is_some_and(is_named) || is_in_range(accusation, candidate) {
        return Some(Strength::Release);
    }
    accusation.is_whole_project.then_some(Strength::Name)
}

fn is_in_range(accusation: &Accusation, candidate: &Candidate<'_>) -> bool {
    let version = candidate.version.and_then(|version| Version::from_str(version).ok());
    version.is_some_and(|version| accusation.ranges.iter().any(|range| range.contains(&version)))
}

/// Whether the name changed hands and the release may be the new owner's.
fn belongs_to_another_owner(project: &KnownProject, candidate: &Candidate<'_>) -> bool {
    let Some(since) = project.reused_since else { return false };
    candidate.uploaded.is_none_or(|uploaded| uploaded >= since)
}
