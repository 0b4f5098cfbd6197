//! The schemas in `docs`, for tests of several programs.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where they are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The schema of `venin.NAME/1`.
pub(crate) fn read(name: &str) -> Value {
    let path = folder().join(format!("{name}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// What of a value is not as its schema says.
pub(crate) fn misfits(name: &str, value: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&read(name)).unwrap();
    validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

/// Fails where a value does not fit.
pub(crate) fn assert_fits(name: &str, value: &Value) {
    let misfits = misfits(name, value);
    assert!(misfits.is_empty(), "venin.{name}/1: {misfits:#?}\n{value:#}");
}
