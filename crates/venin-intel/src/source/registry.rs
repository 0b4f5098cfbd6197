//! Every connector there is, in one list.

use std::path::Path;

use super::sample::SampleSource;
use super::snapshot::{DirectorySnapshots, DraftSnapshots};
use super::{
    Articles, Connector, IndexChangelog, IndexList, IndexProject, ReleaseFeed,
    datadog::Datadog,
    downloads::Downloads,
    ghsa::Ghsa,
    osv::Osv,
    pypa::Pypa,
    registry_tree::{Digests, RegistryTree},
    table::Table,
};

/// All connectors, sorted by name.  Those that must remember what they saw keep it in this folder.
#[must_use]
pub fn connectors(kept: &Path) -> Vec<Box<dyn Connector>> {
    vec![
        Box::new(Articles),
        Box::new(Datadog),
        Box::new(Downloads),
        Box::new(Ghsa),
        Box::new(IndexChangelog::default()),
        Box::new(IndexList::new(Box::new(DirectorySnapshots::new(kept.join("lists"))))),
        Box::new(IndexProject),
        Box::new(Osv),
        Box::new(Pypa),
        Box::new(RegistryTree { digests: Digests::Read }),
        Box::new(ReleaseFeed),
        Box::new(Table),
    ]
}

/// The connector of this name.
#[must_use]
pub fn find_connector(id: &str, kept: &Path) -> Option<Box<dyn Connector>> {
    connectors(kept).into_iter().find(|connector| connector.describe().id == id)
}

/// The connector of this name for a trial: it reads what was kept, and keeps nothing.
#[must_use]
pub fn find_connector_for_trial(id: &str, kept: &Path) -> Option<Box<dyn Connector>> {
    let connector = find_connector(id, kept)?;
    let snapshots = || Box::new(DraftSnapshots::over(DirectorySnapshots::new(kept.join("lists"))));
    Some(if id == "index-list" { Box::new(IndexList::new(snapshots())) } else { connector })
}

/// The samples of the connector of this name, if it has any.
#[must_use]
pub fn find_sample_source(id: &str) -> Option<Box<dyn SampleSource>> {
    match id {
        "datadog" => Some(Box::new(Datadog)),
        "registry-tree" => Some(Box::new(RegistryTree { digests: Digests::LeaveOut })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_there_is_one_of_each() {
        let kept = Path::new("kept");
        let connectors = connectors(kept);
        let ids: Vec<&str> = connectors.iter().map(|c| c.describe().id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(ids.iter().all(|id| find_connector(id, kept).is_some()));
        assert!(find_connector("elsewhere", kept).is_none());
    }
}
