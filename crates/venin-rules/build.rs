//! Embeds the files of `rules/`, and reads ahead what every start would read again: the front matter of the pages, where
//! their patterns stand, and the kinds.  The pages stay the source; a page that is not read ahead is parsed at run time,
//! and a test holds that both give the same.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use toml::de::{DeTable, DeValue};

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the library's own file, of which splitting a page needs a part"
)]
#[path = "src/error.rs"]
mod error;
#[path = "src/page/fences.rs"]
mod fences;

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = manifest.join("../../rules");
    for watched in ["build.rs", "src/error.rs", "src/page/fences.rs"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect_files(&root, &root, &mut files)?;
    files.sort();
    let mut embedded = String::new();
    let mut ahead = String::new();
    let mut kinds = String::new();
    for (name, path) in &files {
        println!("cargo::rerun-if-changed={}", path.display());
        let shown = path.canonicalize()?.display().to_string();
        let _ = writeln!(embedded, "    RuleFile {{ path: {name:?}, text: include_str!({shown:?}) }},");
        let text = fs::read_to_string(path)?;
        let is_page =
            path.extension().is_some_and(|e| e == "md") && path.file_stem().is_some_and(|s| s != "README");
        let page = if is_page { render_page(&text) } else { None };
        let _ = writeln!(ahead, "    {},", page.map_or("None".to_owned(), |p| format!("Some({p})")));
        if name == "rules/kinds.toml" {
            kinds = render_kinds(&text).unwrap_or_default();
        }
    }
    let source = format!(
        "/// The files of the rules folder.\nstatic BUILTIN_FILES: &[RuleFile<'static>] = &[\n{embedded}];\n\
         /// What was read ahead of each of them.\nstatic READ_AHEAD: &[Option<PageAhead>] = &[\n{ahead}];\n\
         /// The kinds.\nstatic KINDS_AHEAD: &[KindAhead] = &[\n{kinds}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("builtin.rs");
    // An unchanged list must not make the crate compile again.
    if fs::read_to_string(&out).is_ok_and(|old| old == source) {
        return Ok(());
    }
    Ok(fs::write(out, source)?)
}

/// What is read ahead of a page; `None` for one that is not what a page should be, which the library tells.
fn render_page(text: &str) -> Option<String> {
    let rest = text.strip_prefix("+++\n")?;
    let front = rest.get(..rest.find("\n+++\n")? + 1)?;
    let start = text.len() - rest.len();
    let body_offset = start + front.len() + "+++\n".len();
    let table = DeTable::parse(front).ok()?;
    let table = table.get_ref();
    let string = |key: &str| table.get(key).and_then(|v| v.get_ref().as_str()).map(str::trim);
    let weight = match table.get("weight")?.get_ref() {
        DeValue::Float(number) => number.as_str().parse::<f64>().ok()?,
        DeValue::Integer(number) => f64::from(number.as_str().parse::<i32>().ok()?),
        _ => return None,
    };
    let attack: Option<Vec<&str>> = match table.get("attack").map(toml::Spanned::get_ref) {
        None => Some(Vec::new()),
        Some(DeValue::Array(ids)) => ids.iter().map(|id| id.get_ref().as_str().map(str::trim)).collect(),
        Some(_) => None,
    };
    let message_offset = start + table.get("message").map_or(0, |m| m.span().start);
    let body = text.get(body_offset..)?;
    let mut patterns = Vec::new();
    for piece in fences::parse_pieces(body, body_offset).ok()? {
        if let fences::Content::Block(block) = piece.content
            && block.info == "pattern"
        {
            patterns.push((block.text_offset, block.text_offset + block.text.len()));
        }
    }
    Some(format!(
        "PageAhead {{ id: {:?}, title: {:?}, behavior: {:?}, technique: {:?}, severity: {:?}, confidence: {:?}, \
         weight: {weight:?}, attack: &{:?}, since: {:?}, message: {:?}, primary: {:?}, \
         message_offset: {message_offset}, body_offset: {body_offset}, patterns: &{patterns:?} }}",
        string("id")?,
        string("title")?,
        string("behavior"),
        string("technique"),
        string("severity")?,
        string("confidence")?,
        attack?,
        string("since")?,
        string("message"),
        string("primary"),
    ))
}

/// The kinds, ready to be added; `None` for a file that is not what it should be.
fn render_kinds(text: &str) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let DeValue::Array(entries) = table.get_ref().get("kind")?.get_ref() else { return None };
    let mut out = String::new();
    for entry in entries {
        let DeValue::Table(entry) = entry.get_ref() else { return None };
        let texts = |key: &str| match entry.get(key).map(toml::Spanned::get_ref) {
            None => Some(Vec::new()),
            Some(DeValue::Array(items)) => {
                items.iter().map(|i| i.get_ref().as_str()).collect::<Option<Vec<&str>>>()
            }
            Some(_) => None,
        };
        let string = |key: &str| entry.get(key).and_then(|v| v.get_ref().as_str());
        let _ = writeln!(
            out,
            "    KindAhead {{ name: {:?}, roles: &{:?}, found: &{:?}, lists: &{:?}, never: &{:?}, reason: {:?} }},",
            string("name")?,
            texts("roles")?,
            texts("found")?,
            texts("lists")?,
            texts("never")?,
            string("reason")?,
        );
    }
    Some(out)
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
