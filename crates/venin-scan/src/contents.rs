//! What an artifact holds, listed for a comparison of two versions.
//!
//! The lists are bounded and say when they were cut; nothing here is judged.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use venin_model::{Event, Trigger};
use venin_package::Package;

use crate::result::{CallSeen, Contents, MemberDigest};

/// Most members, requirements, entry points and calls listed.
const MAX_MEMBERS: usize = 100_000;
const MAX_DECLARED: usize = 10_000;
const MAX_CALLS: usize = 20_000;

/// Takes digests of members as they pass.
#[derive(Debug, Default)]
pub(crate) struct MemberLog {
    members: RefCell<Vec<MemberDigest>>,
}

impl MemberLog {
    /// Notes one member.
    pub(crate) fn note(&self, path: &str, bytes: &[u8]) {
        let mut members = self.members.borrow_mut();
        // One more than the bound tells that there were more.
        if members.len() <= MAX_MEMBERS {
            let sha256 = super::pipeline::hex(&Sha256::digest(bytes));
            members.push(MemberDigest { path: path.to_owned(), size: bytes.len() as u64, sha256 });
        }
    }

    /// The members with what the package declares and the calls that were reached.
    pub(crate) fn into_contents(self, package: &Package, events: &[Event]) -> Contents {
        let mut members = self.members.into_inner();
        let dependencies = package.dependencies.iter().map(|d| format!("{} ({})", d.text, d.scope));
        let entry_points = package.entry_points.iter().map(|e| {
            let object = if e.object.is_empty() { String::new() } else { format!(":{}", e.object) };
            format!("{}: {} = {}{object}", e.group, e.name, e.module)
        });
        let (calls, is_cut) = list_calls(events);
        let is_cut = is_cut || members.len() > MAX_MEMBERS;
        members.truncate(MAX_MEMBERS);
        Contents {
            members,
            dependencies: sorted(dependencies),
            entry_points: sorted(entry_points),
            calls,
            is_cut,
        }
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.take(MAX_DECLARED).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// The calls by trigger, class, name and member, each with its first place; and whether there were too many.
fn list_calls(events: &[Event]) -> (Vec<CallSeen>, bool) {
    let mut seen: BTreeMap<(Trigger, String, &str, &str), CallSeen> = BTreeMap::new();
    let mut is_cut = false;
    for event in events {
        let key = (event.trigger, event.class.to_string(), &*event.name, &*event.site.member);
        if let Some(call) = seen.get_mut(&key) {
            call.count += 1;
        } else if seen.len() < MAX_CALLS {
            let call = CallSeen {
                trigger: event.trigger,
                class: event.class,
                name: Arc::clone(&event.name),
                site: event.site.clone(),
                count: 1,
            };
            seen.insert(key, call);
        } else {
            is_cut = true;
        }
    }
    (seen.into_values().collect(), is_cut)
}
