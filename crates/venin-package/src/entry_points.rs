//! Entry points: console scripts and plugins (the entry points specification of the packaging guides).

use crate::ini::parse_ini;

/// One entry point.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryPoint {
    /// `console_scripts`, `gui_scripts`, `pytest11`, ...
    pub group: String,
    /// The name in the group: the command's or the plugin's.
    pub name: String,
    /// The dotted module.
    pub module: String,
    /// The attribute path inside the module; empty when the module itself is meant.
    pub object: String,
}

impl EntryPoint {
    /// Reads the right-hand side, `module:object [extras]`.
    pub(crate) fn new(group: &str, name: &str, reference: &str) -> Self {
        let reference = reference.split('[').next().unwrap_or(reference).trim();
        let (module, object) = reference.split_once(':').unwrap_or((reference, ""));
        Self {
            group: group.trim().to_owned(),
            name: name.trim().to_owned(),
            module: module.trim().to_owned(),
            object: object.trim().to_owned(),
        }
    }

    /// Whether installers make a command of it.
    #[must_use]
    pub fn is_script(&self) -> bool {
        matches!(self.group.as_str(), "console_scripts" | "gui_scripts")
    }
}

/// Reads `entry_points.txt`, or the inline text that `setup.cfg` holds.
pub(crate) fn parse_entry_points(text: &str) -> Vec<EntryPoint> {
    let ini = parse_ini(text);
    let entries = ini.sections.iter().flat_map(|s| s.entries.iter().map(move |e| (s, e)));
    entries.map(|(s, e)| EntryPoint::new(&s.name, &e.key, &e.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_plugins_are_read_with_and_without_objects() {
        let points = parse_entry_points(
            "[console_scripts]\nDemo = demo.cli:App.main [extra]\n\n[pytest11]\ndemo=demo.plugin\n",
        );
        assert_eq!(points[0], EntryPoint::new("console_scripts", "Demo", "demo.cli:App.main"));
        assert_eq!(points[0].object, "App.main");
        assert!(points[0].is_script());
        assert_eq!((points[1].module.as_str(), points[1].object.as_str()), ("demo.plugin", ""));
    }
}
