//! The plan: what to delete and what to rewrite, with reasons and proofs; readable, storable, versioned.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use venin_intel::claim::Digest;

use crate::local::is_inside;

/// The version of the plan's form; a plan of another version is not applied.
pub const PLAN_VERSION: u32 = 1;

/// What to do to a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// How the tree is laid out.
    pub layout: String,
    /// When the plan was made (RFC 3339).
    pub made: String,
    /// What to do, in this order: entries go before the files that they list.
    pub steps: Vec<Step>,
    /// What is stale but not touched, and why.
    pub left: Vec<Left>,
    /// Folders that stay even when they become empty.
    pub kept_folders: Vec<String>,
    /// Commands of the mirror's own tool that do as much as it can.
    pub commands: Vec<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is done to, relative to the root.
    pub path: String,
    /// What is done.
    pub action: Action,
    /// Why, one clause.
    pub reason: String,
    /// What proves it.
    pub proof: String,
    /// The known files that it is done for, as package URLs.
    pub subjects: Vec<String>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// A distribution file, or one that belongs to it, goes away.
    DeleteFile {
        /// SHA-256 of its bytes.
        sha256: String,
        /// Bytes.
        size: u64,
    },
    /// A page that lists nothing else goes away.
    DeletePage {
        /// SHA-256 of its bytes.
        sha256: String,
    },
    /// A symbolic link to something that goes away.
    DeleteLink {
        /// Its text.
        target: String,
    },
    /// Entries are cut out of a page; everything else of it stays byte for byte.
    RewritePage {
        /// SHA-256 of the page as it is.
        before: String,
        /// SHA-256 of the page as it shall be.
        after: String,
        /// The bytes cut out: start and end, in order, not touching each other.
        cuts: Vec<[u64; 2]>,
        /// The names of the files whose entries are cut out.
        entries: Vec<String>,
    },
}

/// Something stale that the plan does not touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Relative to the root.
    pub path: String,
    /// Why, one clause.
    pub reason: String,
}

/// A text that is no plan.
#[derive(Debug, Error)]
pub enum WrongPlan {
    /// Not the form of a plan.
    #[error("no clean plan: {0}")]
    Form(#[from] serde_json::Error),
    /// Of another version.
    #[error("the plan has version {0}, and only version {PLAN_VERSION} is read; make it again")]
    Version(u32),
    /// A path that leads out of the tree, a digest that is none, cuts that overlap.
    #[error("step {step} of the plan is wrong: {detail}")]
    Step {
        /// Counted from 1.
        step: usize,
        /// What is wrong.
        detail: String,
    },
}

impl Plan {
    /// Reads a stored plan and checks it: it may have been edited, or made by somebody else.
    ///
    /// # Errors
    /// [`WrongPlan`].
    pub fn parse(text: &str) -> Result<Self, WrongPlan> {
        let plan: Self = serde_json::from_str(text)?;
        plan.check()?;
        Ok(plan)
    }

    /// As JSON, indented, always the same for the same plan.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The plan's name: the first digits of its digest.
    #[must_use]
    pub fn id(&self) -> String {
        Digest::of(self.to_json().as_bytes()).to_string().chars().take(16).collect()
    }

    pub(super) fn check(&self) -> Result<(), WrongPlan> {
        if self.version != PLAN_VERSION {
            return Err(WrongPlan::Version(self.version));
        }
        for (at, step) in self.steps.iter().enumerate() {
            check_step(step).map_err(|detail| WrongPlan::Step { step: at + 1, detail })?;
        }
        let kept = self.kept_folders.iter().find(|folder| !folder.is_empty() && !is_inside(folder));
        match kept {
            Some(folder) => Err(WrongPlan::Step { step: 0, detail: format!("`{folder}` is no folder") }),
            None => Ok(()),
        }
    }
}

fn check_step(step: &Step) -> Result<(), String> {
    if !is_inside(&step.path) {
        return Err("its path leads out of the tree".to_owned());
    }
    let digests = match &step.action {
        Action::DeleteFile { sha256, .. } | Action::DeletePage { sha256 } => vec![sha256],
        Action::RewritePage { before, after, .. } => vec![before, after],
        Action::DeleteLink { .. } => Vec::new(),
    };
    if digests.iter().any(|digest| digest.parse::<Digest>().is_err()) {
        return Err("a digest is none".to_owned());
    }
    if let Action::RewritePage { cuts, .. } = &step.action {
        let mut end = 0;
        for [from, to] in cuts {
            if *from < end || to <= from {
                return Err("its cuts are not in order".to_owned());
            }
            end = *to;
        }
    }
    Ok(())
}
