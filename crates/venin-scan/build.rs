//! Turns `data/weights.toml` into a sorted static table.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let path = Path::new("../../data/weights.toml");
    println!("cargo::rerun-if-changed={}", path.display());
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let number = |value: Option<&toml::Value>| value.and_then(toml::Value::as_float).unwrap_or(0.0);
    let prior = number(table.get("prior"));
    let mut out = format!("/// Log-odds before any evidence.\npub const PRIOR: f64 = {prior:?};\n");
    let thresholds = table.get("thresholds").and_then(toml::Value::as_table);
    for persona in ["registry", "team", "research"] {
        let pair = thresholds.and_then(|t| t.get(persona)).and_then(toml::Value::as_table);
        for level in ["malicious", "suspicious"] {
            let value = number(pair.and_then(|p| p.get(level)));
            let name = format!("{}_{}", persona.to_uppercase(), level.to_uppercase());
            let _ = writeln!(out, "pub(crate) const {name}: f64 = {value:?};");
        }
    }
    out.push_str("#[allow(clippy::approx_constant, reason = \"a fitted weight may look like a constant of nature\")]\nstatic FITTED: &[(&str, f64, f64)] = &[\n");
    let rules = table.get("rules").and_then(toml::Value::as_table);
    let mut rows: Vec<_> = rules.into_iter().flatten().collect();
    rows.sort_by(|a, b| a.0.cmp(b.0));
    for (rule, weights) in rows {
        let of = |key: &str| number(weights.get(key));
        let _ = writeln!(out, "    ({rule:?}, {:?}, {:?}),", of("automatic"), of("called"));
    }
    out.push_str("];\n");
    if let Ok(folder) = std::env::var("OUT_DIR")
        && let Err(error) = std::fs::write(Path::new(&folder).join("weights.rs"), out)
    {
        panic!("{folder}: {error}");
    }
}
