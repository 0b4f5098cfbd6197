//! A user's own rules, read from disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use venin_report::RuleHelp;
use venin_rules::yara::{BorealMatcher, YaraSource};
use venin_rules::{PageError, RuleFile, RuleSet};

use crate::diagnostics::{hinted, plain_cause};
use crate::worker::RuleText;

/// Deepest folder, most files and largest file of a directory of rules; more is a wrong path.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 10_000;
const MAX_FILE: u64 = 4 << 20;

/// Reads the pages, lists and kinds of directories.
///
/// # Errors
/// A directory cannot be read or holds no rule page.
pub(crate) fn read_rule_dirs<'a>(dirs: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<Vec<RuleText>> {
    let mut all = Vec::new();
    for dir in dirs {
        let mut files = Vec::new();
        read_dir(dir, "", 0, &mut files)?;
        if !files.iter().any(|file| id_of_page(&file.path).is_some()) {
            let message = format!("no rule page in `{}`", dir.display());
            return Err(hinted(
                message,
                "a rule page is a file such as <family>/<rule>.md; see `venin rules show ID`",
            ));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        all.append(&mut files);
    }
    Ok(all)
}

fn read_dir(dir: &Path, below: &str, depth: usize, files: &mut Vec<RuleText>) -> anyhow::Result<()> {
    let unreadable = |error: std::io::Error| {
        hinted(
            format!("cannot read `{}`: {}", dir.display(), plain_cause(&error)),
            "--rules takes a directory of rule pages",
        )
    };
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        // Links are not followed: a folder of rules has none, and one that leads upwards would not end.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && depth < MAX_DEPTH && !name.starts_with('.') {
            read_dir(&entry.path(), &path, depth + 1, files)?;
        } else if kind.is_file() && has_rule_suffix(&name) && files.len() < MAX_FILES {
            files.push(RuleText { path, text: read_text(&entry.path())? });
        }
    }
    Ok(())
}

fn has_rule_suffix(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["md", "txt", "toml"].contains(&extension)
}

/// Reads YARA files.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn read_yara_files<'a>(
    paths: impl IntoIterator<Item = &'a Path>,
) -> anyhow::Result<Vec<RuleText>> {
    let read =
        |path: &Path| Ok(RuleText { path: path.to_string_lossy().into_owned(), text: read_text(path)? });
    paths.into_iter().map(read).collect()
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let fail = |why: &str| hinted(format!("cannot read `{shown}`: {why}"), "rules are text files in UTF-8");
    let size = fs::metadata(path).map_err(|error| fail(&plain_cause(&error)))?.len();
    if size > MAX_FILE {
        return Err(fail("it is larger than 4 MiB"));
    }
    let bytes = fs::read(path).map_err(|error| fail(&plain_cause(&error)))?;
    String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8"))
}

/// The built-in rules with these pages added.
///
/// # Errors
/// All that is wrong with the pages, in one error.
pub(crate) fn compile_rules(pages: &[RuleText]) -> anyhow::Result<RuleSet> {
    if pages.is_empty() {
        return Ok(RuleSet::builtin());
    }
    let files: Vec<RuleFile<'_>> =
        pages.iter().map(|page| RuleFile { path: &page.path, text: &page.text }).collect();
    RuleSet::builtin().with_pages(&files).map_err(|errors| describe(&errors))
}

/// Compiles YARA files.
///
/// # Errors
/// What the engine says of the first that is wrong.
pub(crate) fn compile_yara(files: &[RuleText]) -> anyhow::Result<BorealMatcher> {
    let sources: Vec<YaraSource<'_>> =
        files.iter().map(|file| YaraSource { name: &file.path, text: &file.text }).collect();
    BorealMatcher::compile(&sources).map_err(|error| {
        hinted(error.to_string(), "the rule must compile without `include` and external variables")
    })
}

fn describe(errors: &[PageError]) -> anyhow::Error {
    let lines: Vec<String> = errors
        .iter()
        .map(|e| format!("{}:{}:{}: {}{}", e.path, e.line, e.column, e.problem, hint_of(e)))
        .collect();
    hinted(lines.join("\n"), "docs/rules.md describes rule pages, `venin rules test DIR` checks them")
}

fn hint_of(error: &PageError) -> String {
    error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default()
}

/// The rule whose page is at this path: a page is named for its rule.
fn id_of_page(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".md").filter(|id| *id != "README")
}

/// Whether there is such a rule, without compiling any.
pub(crate) fn is_rule(id: &str, pages: &[RuleText]) -> bool {
    let built_in = RuleSet::builtin_files().iter().filter_map(|file| id_of_page(file.path));
    let own = pages.iter().filter_map(|page| id_of_page(&page.path));
    built_in.chain(own).any(|known| known == id)
}

/// How many rules are in force, without compiling them.
pub(crate) fn count_rules(pages: &[RuleText]) -> u64 {
    let built_in = RuleSet::builtin_files().iter().filter_map(|file| id_of_page(file.path));
    let own = pages.iter().filter_map(|page| id_of_page(&page.path));
    built_in.chain(own).collect::<BTreeSet<_>>().len() as u64
}

/// The prose of these rules' pages.
pub(crate) fn read_help<'a>(used: impl Iterator<Item = &'a str>, pages: &[RuleText]) -> Vec<RuleHelp> {
    let used: BTreeSet<&str> = used.collect();
    let own = pages.iter().map(|page| (page.path.as_str(), page.text.as_str()));
    let built_in = RuleSet::builtin_files().iter().map(|file| (file.path, file.text));
    // The user's own page comes first, and the first of an id wins, as it does in the scanner.
    own.chain(built_in)
        .filter(|(path, _)| id_of_page(path).is_some_and(|id| used.contains(id)))
        .filter_map(|(path, text)| venin_rules::parse_page(path, text).ok())
        .map(|page| RuleHelp { id: page.rule.id.to_string(), markdown: page.body().trim().to_owned() })
        .collect()
}
