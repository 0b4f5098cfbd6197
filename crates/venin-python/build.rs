//! Turns `data/calls/*.toml` into a sorted static table, so that looking a call up costs no start-up time.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use toml::{Table, Value};
use venin_model::{CallClass, OriginKind, Role};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("../../data/calls");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut calls = BTreeMap::new();
    let mut aliases = BTreeMap::new();
    let mut callbacks = Callbacks::new();
    for path in toml_files(folder)? {
        println!("cargo::rerun-if-changed={}", path.display());
        let table = parse_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        read_calls(&table, &mut calls, &mut aliases).map_err(|e| format!("{}: {e}", path.display()))?;
        read_callbacks(&table, &mut callbacks).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("catalogue.rs"), render(&calls, &aliases))?;
    std::fs::write(Path::new(&out).join("callbacks.rs"), render_callbacks(&callbacks))?;
    Ok(())
}

fn toml_files(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    Ok(paths)
}

type Calls = BTreeMap<String, BTreeMap<&'static str, String>>;

/// Entries of callbacks: how they are reached (`call` or `store`) and by which name, to their code.
type Callbacks = BTreeMap<(&'static str, String), String>;

fn parse_file(path: &Path) -> Result<Table, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    text.parse().map_err(|e: toml::de::Error| e.to_string())
}

/// Reads the calls that run what they are given and are no events.
fn read_callbacks(table: &Table, callbacks: &mut Callbacks) -> Result<(), String> {
    for entry in table.get("callback").and_then(Value::as_array).into_iter().flatten() {
        let entry = entry.as_table().ok_or("[[callback]] is a table")?;
        let name = string(entry, "name")?;
        if string(entry, "reason")?.is_empty() {
            return Err(format!("`{name}` has no reason"));
        }
        let on = match entry.get("on").and_then(Value::as_str).unwrap_or("call") {
            "call" => "CALLBACKS",
            "store" => "STORED_CALLBACKS",
            other => return Err(format!("`{name}`: `on = \"{other}\"` is none of call, store")),
        };
        let runs = texts(entry, "runs")?;
        let methods = texts(entry, "methods")?;
        let when: Vec<String> = texts(entry, "when")?.iter().flat_map(|name| expand(name)).collect();
        let again: Vec<String> = texts(entry, "again")?.iter().flat_map(|name| expand(name)).collect();
        let passes = texts(entry, "passes")?;
        let subclasses = entry.get("subclasses").and_then(Value::as_str);
        if runs.is_empty() && subclasses.is_none() {
            return Err(format!("`{name}` runs nothing"));
        }
        let code = format!(
            "CallbackEntry {{ runs: &{runs:?}, methods: &{methods:?}, when: &{when:?}, again: &{again:?}, passes: &{passes:?}, subclasses: {subclasses:?} }}"
        );
        for name in expand(name) {
            if callbacks.insert((on, name.clone()), code.clone()).is_some() {
                return Err(format!("`{name}` is listed twice among the callbacks"));
            }
        }
    }
    Ok(())
}

/// A list of texts or positions, as texts.
fn texts(table: &Table, key: &str) -> Result<Vec<String>, String> {
    let items = table.get(key).and_then(Value::as_array).into_iter().flatten();
    items
        .map(|item| match item {
            Value::Integer(position) => Ok(position.to_string()),
            other => other.as_str().map(str::to_owned).ok_or_else(|| format!("`{key}` holds texts")),
        })
        .collect()
}

fn render_callbacks(callbacks: &Callbacks) -> String {
    let mut out = String::new();
    for table in ["CALLBACKS", "STORED_CALLBACKS"] {
        out.push_str(&format!("static {table}: &[(&str, CallbackEntry)] = &[\n"));
        for ((_, name), code) in callbacks.iter().filter(|((on, _), _)| *on == table) {
            out.push_str(&format!("    ({name:?}, {code}),\n"));
        }
        out.push_str("];\n");
    }
    out
}

fn read_calls(
    table: &Table,
    calls: &mut Calls,
    aliases: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for entry in table.get("call").and_then(Value::as_array).into_iter().flatten() {
        let entry = entry.as_table().ok_or("[[call]] is a table")?;
        let name = string(entry, "name")?;
        if string(entry, "reason")?.is_empty() {
            return Err(format!("`{name}` has no reason"));
        }
        let rendered = render_entry(entry).map_err(|e| format!("`{name}`: {e}"))?;
        let on = entry.get("on").and_then(Value::as_str).unwrap_or("call");
        let slot = match on {
            "call" => "call",
            "load" => "load",
            "store" => "store",
            other => return Err(format!("`{name}`: `on = \"{other}\"` is none of call, load, store")),
        };
        for name in expand(name) {
            if calls.entry(name.clone()).or_default().insert(slot, rendered.clone()).is_some() {
                return Err(format!("`{name}` is listed twice"));
            }
        }
    }
    for entry in table.get("alias").and_then(Value::as_array).into_iter().flatten() {
        let entry = entry.as_table().ok_or("[[alias]] is a table")?;
        let of = string(entry, "of")?;
        for name in expand(string(entry, "name")?) {
            // `a.{b,c}` of `x.*` would need a pattern; a single target is all the data has.
            if name != of {
                aliases.insert(name, of.to_owned());
            }
        }
    }
    Ok(())
}

fn string<'a>(table: &'a Table, key: &str) -> Result<&'a str, String> {
    table.get(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is missing or no text"))
}

/// Expands `a.{b,c}.d` into `a.b.d` and `a.c.d`.
fn expand(name: &str) -> Vec<String> {
    let (Some(open), Some(close)) = (name.find('{'), name.find('}')) else { return vec![name.to_owned()] };
    let (head, rest) = name.split_at(open);
    let (choices, tail) = (&rest[1..close - open], &name[close + 1..]);
    choices.split(',').flat_map(|c| expand(&format!("{head}{}{tail}", c.trim()))).collect()
}

fn class_code(text: &str) -> Result<String, String> {
    let class = CallClass::parse(text).map_err(|e| e.to_string())?;
    Ok(format!("CallClass::new(Family::{:?}, Action::{:?})", class.family, class.action))
}

fn role_code(text: &str) -> Result<String, String> {
    Role::parse(text).map(|r| format!("Role::{r:?}")).ok_or_else(|| format!("`{text}` is no role"))
}

fn render_entry(entry: &Table) -> Result<String, String> {
    let mut args = String::new();
    for role in entry.get("args").and_then(Value::as_array).into_iter().flatten() {
        args.push_str(&role_code(role.as_str().ok_or("roles are texts")?)?);
        args.push_str(", ");
    }
    let mut keywords = String::new();
    for (keyword, role) in entry.get("keywords").and_then(Value::as_table).into_iter().flatten() {
        let role = role_code(role.as_str().ok_or("roles are texts")?)?;
        keywords.push_str(&format!("({keyword:?}, {role}), "));
    }
    let returns = match entry.get("returns").and_then(Value::as_str) {
        None => "None".to_owned(),
        Some(kind) => {
            let kind = OriginKind::parse(kind).ok_or_else(|| format!("`{kind}` is no origin"))?;
            format!("Some(OriginKind::{kind:?})")
        }
    };
    let mut invokes = String::new();
    for what in entry.get("invokes").and_then(Value::as_array).into_iter().flatten() {
        let what = match what {
            Value::Integer(i) => i.to_string(),
            other => other.as_str().ok_or("invokes holds texts")?.to_owned(),
        };
        invokes.push_str(&format!("{what:?}, "));
    }
    let mut options = String::new();
    for option in entry.get("options").and_then(Value::as_array).into_iter().flatten() {
        let option = option.as_table().ok_or("options holds tables")?;
        let keyword = string(option, "keyword")?;
        let value = option.get("value").and_then(Value::as_str);
        let class = class_code(string(option, "class")?)?;
        options.push_str(&format!("({keyword:?}, {value:?}, {class}), "));
    }
    let class = class_code(string(entry, "class")?)?;
    Ok(format!(
        "CallEntry {{ class: {class}, args: &[{args}], keywords: &[{keywords}], returns: {returns}, \
         invokes: &[{invokes}], options: &[{options}] }}"
    ))
}

fn render(calls: &Calls, aliases: &BTreeMap<String, String>) -> String {
    let mut out = String::from("static CALLS: &[(&str, CallEntry)] = &[\n");
    let mut tables = [String::new(), String::new()];
    for (name, slots) in calls {
        for (slot, entry) in slots {
            let line = format!("    ({name:?}, {entry}),\n");
            match *slot {
                "call" => out.push_str(&line),
                "load" => tables[0].push_str(&line),
                _ => tables[1].push_str(&line),
            }
        }
    }
    out.push_str("];\n");
    for (title, lines) in ["LOADS", "STORES"].iter().zip(&tables) {
        out.push_str(&format!("static {title}: &[(&str, CallEntry)] = &[\n{lines}];\n"));
    }
    out.push_str("static ALIASES: &[(&str, &str)] = &[\n");
    for (name, of) in aliases {
        out.push_str(&format!("    ({name:?}, {of:?}),\n"));
    }
    out.push_str("];\n");
    out
}
