//! Every connector there is, in one list.

use super::{
    Connector, datadog::Datadog, downloads::Downloads, ghsa::Ghsa, osv::Osv, pypa::Pypa,
    registry_tree::{Digests, RegistryTree}, table::Table,
};

/// All connectors, sorted by name.
#[must_use]
pub fn connectors() -> &'static [&'static dyn Connector] {
    &[&Datadog, &Downloads, &Ghsa, &Osv, &Pypa, &RegistryTree { digests: Digests::Read }, &Table]
}

/// The connector of this name.
#[must_use]
pub fn find_connector(id: &str) -> Option<&'static dyn Connector> {
    connectors().iter().copied().find(|connector| connector.describe().id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_there_is_one_of_each() {
        let ids: Vec<&str> = connectors().iter().map(|c| c.describe().id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(ids.iter().all(|id| find_connector(id).is_some()));
        assert!(find_connector("elsewhere").is_none());
    }
}
