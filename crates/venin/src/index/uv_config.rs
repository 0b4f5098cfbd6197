//! uv's environment variables and configuration files.
//!
//! Order as in uv's documentation: the environment; then `uv.toml` or `[tool.uv]` of the project around the current
//! directory, the user's `uv.toml`, and the machine's.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::settings::{Configured, Surroundings, read_text};

/// What uv's environment variables say.
pub(super) fn read_environment(around: &Surroundings) -> Configured {
    let index = ["UV_DEFAULT_INDEX", "UV_INDEX_URL"].iter().find_map(|name| {
        around.variable(name).map(|value| (without_name(value).to_owned(), (*name).to_owned()))
    });
    let lists = ["UV_INDEX", "UV_EXTRA_INDEX_URL"].iter().filter_map(|name| around.variable(name));
    let others = lists.flat_map(str::split_whitespace).map(|url| without_name(url).to_owned()).collect();
    Configured { index, others, ..Configured::default() }
}

/// uv allows `name=url` for an index.
fn without_name(value: &str) -> &str {
    match value.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url,
        _ => value,
    }
}

/// What uv's configuration files say.
pub(super) fn read_files(around: &Surroundings) -> Configured {
    if let Some(named) = around.variable("UV_CONFIG_FILE") {
        return read_config(Path::new(named)).unwrap_or_default();
    }
    let found = around.current_and_above().find_map(read_project).unwrap_or_default();
    let read = |path: PathBuf| read_config(&path);
    user_files(around).into_iter().filter_map(read).fold(found, Configured::or)
}

fn user_files(around: &Surroundings) -> Vec<PathBuf> {
    let mut files = Vec::new();
    files.extend(around.user_directory("XDG_CONFIG_HOME", ".config").map(|config| config.join("uv/uv.toml")));
    files.extend(around.variable("APPDATA").map(|data| Path::new(data).join("uv/uv.toml")));
    let machine = around.variable("XDG_CONFIG_DIRS").unwrap_or_default();
    files.extend(
        machine.split(':').filter(|dir| !dir.is_empty()).map(|dir| Path::new(dir).join("uv/uv.toml")),
    );
    files.push(around.root.join("etc/xdg/uv/uv.toml"));
    files.push(around.root.join("etc/uv/uv.toml"));
    files.extend(around.variable("PROGRAMDATA").map(|data| Path::new(data).join("uv/uv.toml")));
    files
}

/// `uv.toml` or else `pyproject.toml` with a `[tool.uv]` table in a directory.
fn read_project(directory: &Path) -> Option<Configured> {
    if let Some(configured) = read_config(&directory.join("uv.toml")) {
        return Some(configured);
    }
    let path = directory.join("pyproject.toml");
    let table: Table = toml::from_str(&read_text(&path)?).ok()?;
    let uv = table.get("tool")?.get("uv")?.as_table()?;
    Some(configured_by(uv, &path))
}

fn read_config(path: &Path) -> Option<Configured> {
    let table: Table = toml::from_str(&read_text(path)?).ok()?;
    Some(configured_by(&table, path))
}

/// `[[index]]` with `default`, and the older `index-url`; both may also stand in `[pip]`.
fn configured_by(table: &Table, path: &Path) -> Configured {
    let source = path.display().to_string();
    let pip = table.get("pip").and_then(Value::as_table);
    let mut configured = Configured::default();
    for table in [Some(table), pip].into_iter().flatten() {
        for index in table.get("index").and_then(Value::as_array).into_iter().flatten() {
            add_index(index, &source, &mut configured);
        }
        if let (None, Some(url)) = (&configured.index, table.get("index-url").and_then(Value::as_str)) {
            configured.index = Some((url.to_owned(), source.clone()));
        }
        let extra = table.get("extra-index-url").and_then(Value::as_array).into_iter().flatten();
        configured.others.extend(extra.filter_map(Value::as_str).map(ToOwned::to_owned));
    }
    configured
}

fn add_index(index: &Value, source: &str, configured: &mut Configured) {
    let is_set = |name| index.get(name).and_then(Value::as_bool).unwrap_or(false);
    let Some(url) = index.get("url").and_then(Value::as_str) else { return };
    if is_set("default") {
        configured.index.get_or_insert_with(|| (url.to_owned(), source.to_owned()));
    } else if !is_set("explicit") {
        configured.others.push(url.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_index_and_the_others_are_told_apart() {
        let text = "[[index]]\nurl = 'https://a.example'\n[[index]]\nurl = 'https://b.example'\ndefault = true\n\
                    [[index]]\nurl = 'https://c.example'\nexplicit = true\n";
        let configured = configured_by(&toml::from_str(text).unwrap(), Path::new("uv.toml"));
        assert_eq!(configured.index, Some(("https://b.example".into(), "uv.toml".into())));
        assert_eq!(configured.others, ["https://a.example"]);
    }

    #[test]
    fn a_project_s_pyproject_is_found_from_below() {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        let text = "[tool.uv]\nindex-url = 'https://old.example/simple'\n";
        std::fs::write(root.path().join("pyproject.toml"), text).unwrap();
        let around =
            Surroundings { current: Some(below), root: root.path().to_owned(), ..Surroundings::default() };
        assert_eq!(read_files(&around).index.unwrap().0, "https://old.example/simple");
    }

    #[test]
    fn an_index_may_carry_a_name() {
        let variables =
            [("UV_DEFAULT_INDEX".to_owned(), "inner=https://a.example/simple?x=y".to_owned())].into();
        let around = Surroundings { variables, ..Surroundings::default() };
        assert_eq!(read_environment(&around).index.unwrap().0, "https://a.example/simple?x=y");
        assert_eq!(without_name("https://a.example/?x=y"), "https://a.example/?x=y");
    }
}
