//! Directories of installed packages: one tree for each distribution, and one for each module that belongs to none.
//!
//! Which file belongs to which distribution is what its `RECORD` says (PEP 376, PEP 627).  A `RECORD` may claim
//! anything, so a claim only ever adds a file to a tree: a file that two distributions claim is scanned twice, and
//! paths that leave the environment's own directory are not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use venin_model::{Gap, GapKind};

use super::tree::{Installed, Listing, display_name, is_installed_name, join_member};
use super::unrecorded::{self, Group};
use super::{TreeFile, TreeTarget};

/// Largest `RECORD` read.
const MAX_RECORD: u64 = 32 << 20;
/// How far above the directory of packages an environment begins: `lib/python3.x/site-packages`.
const LEVELS_UP: usize = 3;

/// One installed distribution.
struct Distribution {
    /// `name-version`.
    stem: String,
    /// Where its metadata directory is, relative to the directory of packages.
    info: String,
    /// Paths that its `RECORD` lists, as listed.
    listed: BTreeSet<String>,
    files: Vec<TreeFile>,
    gaps: Vec<Gap>,
}

/// Whether a directory is one into which packages are installed: it is called so and has one, or it has several.
pub(super) fn holds_installed(directory: &Path, entries: &[(PathBuf, String, fs::FileType)]) -> bool {
    let recorded = entries
        .iter()
        .filter(|(path, name, _)| name.ends_with(".dist-info") && path.join("RECORD").is_file());
    match recorded.take(2).count() {
        0 => false,
        1 => directory.file_name().is_some_and(is_installed_name),
        _ => true,
    }
}

/// The distributions installed in a directory, ascending by name, then the modules and files that belong to none.
pub(super) fn list_installed(directory: &Path, label: &str) -> Vec<TreeTarget> {
    let mut listing = Listing::new(directory);
    listing.walk(directory, "", Installed::Inside);
    let mut distributions = find_distributions(directory, &listing.files);
    let owners = index_owners(&distributions);
    let files = std::mem::take(&mut listing.files);
    let mut unowned = Vec::new();
    for file in files {
        let owned_by = owners_of(&file.member, &owners);
        if owned_by.is_empty() {
            unowned.push(file);
            continue;
        }
        for at in owned_by {
            if let Some(distribution) = distributions.get_mut(at) {
                distribution.files.push(file.clone());
            }
        }
    }
    for distribution in &mut distributions {
        add_outside_files(distribution, directory);
    }
    let mut targets: Vec<TreeTarget> = distributions.into_iter().map(|d| d.into_target(label)).collect();
    let (groups, others) = unrecorded::group(unowned);
    targets.extend(groups.into_iter().map(|group| group.into_target(label)));
    listing.files = others;
    if !listing.files.is_empty() || !listing.gaps.is_empty() {
        let name = format!("{} (files of no distribution)", display_name(directory));
        targets.push(listing.into_target(format!("{label} (files of no distribution)"), name));
    }
    targets
}

impl Group {
    fn into_target(self, label: &str) -> TreeTarget {
        let name =
            if self.is_distribution { self.name } else { format!("{} (of no distribution)", self.name) };
        let label = join_member(label.trim_end_matches('/'), &name);
        TreeTarget { label, name, files: self.files, gaps: Vec::new() }
    }
}

impl Distribution {
    fn into_target(mut self, label: &str) -> TreeTarget {
        self.files.sort();
        self.gaps.sort();
        let label = join_member(label.trim_end_matches('/'), &self.stem);
        TreeTarget { label, name: self.stem, files: self.files, gaps: self.gaps }
    }
}

fn find_distributions(directory: &Path, files: &[TreeFile]) -> Vec<Distribution> {
    let records = files.iter().filter_map(|f| {
        let info = f.member.strip_suffix("/RECORD")?;
        let stem = info.strip_suffix(".dist-info").filter(|stem| !stem.contains('/'))?;
        Some((stem, info))
    });
    let mut found: Vec<Distribution> =
        records.map(|(stem, info)| read_distribution(directory, stem, info)).collect();
    found.sort_by(|a, b| a.stem.cmp(&b.stem));
    found
}

fn read_distribution(directory: &Path, stem: &str, info: &str) -> Distribution {
    let path = directory.join(info).join("RECORD");
    let is_small = fs::metadata(&path).is_ok_and(|m| m.len() <= MAX_RECORD);
    let text = if is_small { fs::read(&path).ok() } else { None };
    let mut gaps = Vec::new();
    if text.is_none() {
        let detail = "the list of installed files cannot be read";
        gaps.push(Gap::of_member(format!("{info}/RECORD").into(), GapKind::Input, detail));
    }
    let text = text.unwrap_or_default();
    let listed = String::from_utf8_lossy(&text).lines().filter_map(first_field).collect();
    Distribution { stem: stem.to_owned(), info: info.to_owned(), listed, files: Vec::new(), gaps }
}

/// The path of a line of `RECORD`, which is CSV with doubled quotes.
fn first_field(line: &str) -> Option<String> {
    let path = match line.strip_prefix('"') {
        None => line.split(',').next().unwrap_or_default().to_owned(),
        Some(quoted) => {
            let mut path = String::new();
            let mut chars = quoted.chars().peekable();
            while let Some(c) = chars.next() {
                if c == '"' && chars.next_if_eq(&'"').is_none() {
                    break;
                }
                path.push(c);
            }
            path
        }
    };
    (!path.trim().is_empty()).then(|| path.replace('\\', "/"))
}

/// Which distributions claim a path or a metadata directory.
type Owners = BTreeMap<String, Vec<usize>>;

fn index_owners(distributions: &[Distribution]) -> Owners {
    let mut owners = Owners::new();
    for (at, distribution) in distributions.iter().enumerate() {
        owners.entry(distribution.info.clone()).or_default().push(at);
        for path in &distribution.listed {
            owners.entry(path.clone()).or_default().push(at);
        }
    }
    owners
}

/// The owners of a file: those that list it, list the source it was compiled from, or keep their metadata there.
fn owners_of(member: &str, owners: &Owners) -> BTreeSet<usize> {
    let info = member.split_once('/').map(|(first, _)| first).filter(|first| first.ends_with(".dist-info"));
    let source = compiled_from(member);
    let keys = [Some(member), info, source.as_deref()];
    keys.into_iter().flatten().filter_map(|key| owners.get(key)).flatten().copied().collect()
}

/// `pkg/__pycache__/mod.cpython-312.pyc` was compiled from `pkg/mod.py` (PEP 3147).
fn compiled_from(member: &str) -> Option<String> {
    let (directory, file) = member.rsplit_once('/').unwrap_or(("", member));
    let parent = directory.strip_suffix("__pycache__")?;
    let module = file.strip_suffix(".pyc")?.split('.').next()?;
    Some(format!("{parent}{module}.py"))
}

/// Scripts and data lie outside of the directory of packages; they are shown where a wheel keeps them.
fn add_outside_files(distribution: &mut Distribution, directory: &Path) {
    let outside: Vec<&String> = distribution.listed.iter().filter(|p| is_outside(p)).collect();
    let Some(environment) = find_environment(directory) else { return };
    for listed in outside {
        let Ok(path) = fs::canonicalize(directory.join(listed)) else { continue };
        let inside = path.strip_prefix(&environment).ok();
        match (inside, fs::metadata(&path)) {
            (Some(below), Ok(metadata)) if metadata.is_file() => {
                let member = format!("{}.data/{}", distribution.stem, place_in_wheel(below));
                distribution.files.push(TreeFile { member, path, size: metadata.len() });
            }
            _ => {
                let detail = "an installed file outside of the environment was not read";
                distribution.gaps.push(Gap::of_member(listed.as_str().into(), GapKind::Input, detail));
            }
        }
    }
}

fn is_outside(listed: &str) -> bool {
    let path = Path::new(listed);
    path.is_absolute() || path.components().any(|part| part == Component::ParentDir)
}

fn find_environment(directory: &Path) -> Option<PathBuf> {
    let directory = fs::canonicalize(directory).ok()?;
    let environment = directory.ancestors().nth(LEVELS_UP)?;
    environment.parent().is_some().then(|| environment.to_owned())
}

/// `bin/tool` is a script of the wheel, anything else data.
fn place_in_wheel(below: &Path) -> String {
    let text = below.to_string_lossy().replace('\\', "/");
    match text.split_once('/') {
        Some(("bin" | "Scripts", script)) => format!("scripts/{script}"),
        _ => format!("data/{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn members(target: &TreeTarget) -> Vec<&str> {
        target.files.iter().map(|f| f.member.as_str()).collect()
    }

    #[test]
    fn every_distribution_is_a_tree_and_the_rest_is_one_more() {
        let environment = tempfile::tempdir().unwrap();
        let root = environment.path().join("lib/python3/site-packages");
        write(
            &root,
            "a-1.dist-info/RECORD",
            "a.py,sha256=x,1\n\"odd,name.py\",,\n../../../bin/a,,\n../../../../x,,\n",
        );
        write(&root, "a-1.dist-info/INSTALLER", "pip");
        write(&root, "a.py", "");
        write(&root, "odd,name.py", "");
        write(&root, "__pycache__/a.cpython-312.pyc", "");
        write(&root, "b-2.dist-info/RECORD", "b/__init__.py,,\nb/gone.py,,\n");
        write(&root, "b/__init__.py", "");
        write(&root, "startup.pth", "");
        write(environment.path(), "bin/a", "");
        let targets = list_installed(&root, "env");
        assert_eq!(
            members(&targets[0]),
            [
                "__pycache__/a.cpython-312.pyc",
                "a-1.data/scripts/a",
                "a-1.dist-info/INSTALLER",
                "a-1.dist-info/RECORD",
                "a.py",
                "odd,name.py"
            ]
        );
        assert_eq!(targets[1].label, "env/b-2");
        assert_eq!(members(&targets[1]), ["b-2.dist-info/RECORD", "b/__init__.py"]);
        assert_eq!(members(&targets[2]), ["startup.pth"]);
        assert_eq!(targets.len(), 3);
    }

    #[test]
    fn a_record_that_points_out_of_the_environment_is_not_followed() {
        let base = tempfile::tempdir().unwrap();
        write(base.path(), "secret", "x");
        let root = base.path().join("env/lib/python3/site-packages");
        write(&root, "a-1.dist-info/RECORD", "../../../../secret,,\n");
        let targets = list_installed(&root, "env");
        assert_eq!(members(&targets[0]), ["a-1.dist-info/RECORD"]);
        assert_eq!(targets[0].gaps.len(), 1);
    }
}
