//! Lists the files of `rules/` for the compiler to embed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = manifest.join("../../rules");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect_files(&root, &root, &mut files)?;
    files.sort();
    let mut source =
        String::from("/// The files of the rules folder.\nstatic BUILTIN_FILES: &[RuleFile<'static>] = &[\n");
    for (name, path) in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let path = path.canonicalize()?;
        let _ = writeln!(
            source,
            "    RuleFile {{ path: {name:?}, text: include_str!({:?}) }},",
            path.display().to_string()
        );
    }
    source.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("builtin.rs");
    // An unchanged list must not make the crate compile again.
    if fs::read_to_string(&out).is_ok_and(|old| old == source) {
        return Ok(());
    }
    fs::write(out, source)
}

/// Pages, lists and the kinds below a folder, with their paths relative to the root.
fn collect_files(root: &Path, folder: &Path, into: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect_files(root, &path, into)?;
        } else if path.extension().is_some_and(|e| e == "md" || e == "txt" || e == "toml") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
            let name = format!("rules/{}", parts.join("/"));
            into.push((name, path));
        }
    }
    Ok(())
}
