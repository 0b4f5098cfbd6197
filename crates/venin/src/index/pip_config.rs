//! pip's environment variables and configuration files.
//!
//! Order as in pip's documentation of its configuration: the environment first; then the file that
//! `PIP_CONFIG_FILE` names, the environment's own, the user's, and the machine's.  In a file, the section of the
//! command wins over `[global]`.

use std::path::{Path, PathBuf};

use super::ini::parse_ini;
use super::settings::{Configured, Surroundings, read_text};

/// What pip's environment variables say.
pub(super) fn read_environment(around: &Surroundings) -> Configured {
    let index = ["PIP_INDEX_URL", "PIP_PYPI_URL"]
        .iter()
        .find_map(|name| around.variable(name).map(|value| (value.to_owned(), (*name).to_owned())));
    Configured {
        index,
        others: split_list(around.variable("PIP_EXTRA_INDEX_URL").unwrap_or_default()),
        certificates: around.variable("PIP_CERT").map(PathBuf::from),
        proxy: around.variable("PIP_PROXY").map(ToOwned::to_owned),
    }
}

/// What pip's configuration files say.
pub(super) fn read_files(around: &Surroundings) -> Configured {
    let read = |path: PathBuf| read_text(&path).map(|text| parse_config(&text, &path));
    config_files(around).into_iter().filter_map(read).fold(Configured::default(), Configured::or)
}

/// The files that pip would read, the one that matters most first.
fn config_files(around: &Surroundings) -> Vec<PathBuf> {
    let named = around.variable("PIP_CONFIG_FILE").map(PathBuf::from);
    if named.as_deref().is_some_and(|path| path == Path::new("/dev/null") || path == Path::new("nul")) {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = named.into_iter().collect();
    files.extend(around.variable("VIRTUAL_ENV").map(|environment| Path::new(environment).join("pip.conf")));
    files.extend(around.variable("CONDA_PREFIX").map(|environment| Path::new(environment).join("pip.conf")));
    files.extend(
        around.user_directory("XDG_CONFIG_HOME", ".config").map(|config| config.join("pip/pip.conf")),
    );
    if let Some(home) = &around.home {
        files.push(home.join("Library/Application Support/pip/pip.conf"));
        files.push(home.join(".pip/pip.conf"));
        files.push(home.join("pip/pip.ini"));
    }
    files.extend(around.variable("APPDATA").map(|data| Path::new(data).join("pip/pip.ini")));
    let machine = around.variable("XDG_CONFIG_DIRS").unwrap_or_default();
    files.extend(
        machine.split(':').filter(|dir| !dir.is_empty()).map(|dir| Path::new(dir).join("pip/pip.conf")),
    );
    files.push(around.root.join("etc/xdg/pip/pip.conf"));
    files.push(around.root.join("etc/pip.conf"));
    files.push(around.root.join("Library/Application Support/pip/pip.conf"));
    files.extend(around.variable("PROGRAMDATA").map(|data| Path::new(data).join("pip/pip.ini")));
    files
}

fn parse_config(text: &str, path: &Path) -> Configured {
    let options = parse_ini(text);
    let option = |name: &str| {
        ["install", "download", "global"].iter().find_map(|section| {
            let found = options
                .iter()
                .rev()
                .find(|(s, n, value)| s == section && n == name && !value.trim().is_empty());
            found.map(|(_, _, value)| value.trim().to_owned())
        })
    };
    let source = path.display().to_string();
    Configured {
        index: option("index-url").or_else(|| option("index")).map(|url| (url, source)),
        others: split_list(&option("extra-index-url").unwrap_or_default()),
        certificates: option("cert").map(PathBuf::from),
        proxy: option("proxy"),
    }
}

fn split_list(text: &str) -> Vec<String> {
    text.split_whitespace().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_of_the_command_wins() {
        let text = "[install]\nindex-url = https://a.example/simple\n[global]\nindex-url = https://b.example/simple\n\
                    extra-index-url = https://c.example\n  https://d.example\ncert = /etc/c.pem\n";
        let configured = parse_config(text, Path::new("pip.conf"));
        assert_eq!(configured.index, Some(("https://a.example/simple".into(), "pip.conf".into())));
        assert_eq!(configured.others, ["https://c.example", "https://d.example"]);
        assert_eq!(configured.certificates, Some("/etc/c.pem".into()));
    }

    #[test]
    fn the_user_s_file_wins_over_the_machine_s() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        for (path, host) in
            [(home.join(".pip/pip.conf"), "user"), (root.path().join("etc/pip.conf"), "machine")]
        {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("[global]\nindex-url=https://{host}.example/simple\n")).unwrap();
        }
        let mut around =
            Surroundings { home: Some(home), root: root.path().to_owned(), ..Surroundings::default() };
        assert_eq!(read_files(&around).index.unwrap().0, "https://user.example/simple");
        around.home = None;
        assert_eq!(read_files(&around).index.unwrap().0, "https://machine.example/simple");
        around.variables.insert("PIP_CONFIG_FILE".into(), "/dev/null".into());
        assert_eq!(read_files(&around).index, None);
    }
}
