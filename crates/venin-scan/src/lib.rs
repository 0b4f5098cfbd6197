//! An artifact goes in, a [`Scan`] comes out: the library's face.
//!
//! The pipeline reads members under a budget, finds out what runs when, interprets the code, matches the
//! rules and adds the evidence up.  It knows no clock, no environment, no network and no file system, and
//! it never knows what others claim about a release.

mod aside;
mod attributes;
mod collect;
mod contents;
mod indicators;
mod pages;
mod pipeline;
mod result;
mod score;
mod sequence;
mod weights;
mod yara;

pub use attributes::{Attributes, CallTokens, MaliciousFile};
pub use pages::{PageFailure, check_page, scan_files};
pub use pipeline::{Options, Scanner};
pub use result::{
    ArtifactKind, CallSeen, Contents, Coverage, Indicators, Input, Listing, MemberDigest, Scan, Sequence,
    SequenceStep, Share, TreeMember,
};
pub use score::{Score, Thresholds, add_up, bound_by_evidence, dilution, judge, thresholds};
pub use weights::{PRIOR, RuleWeight, rule_weight};
