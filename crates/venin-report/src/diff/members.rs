//! Members of two artifacts side by side.

use std::collections::BTreeMap;

use venin_scan::ArtifactKind;

use super::shapes::{ChangedMember, MemberChange};
use crate::artifact::{ArtifactReport, ContentsReport, MemberReport};

/// Turns a member's path into what stays the same from version to version.
pub(super) struct Paths {
    /// The top folder of a source distribution, with its slash.
    root: Option<String>,
}

impl Paths {
    /// For the members of an artifact.
    pub(super) fn of(artifact: &ArtifactReport) -> Self {
        let members =
            artifact.contents.as_ref().map(|contents| contents.members.as_slice()).unwrap_or_default();
        let is_sdist = artifact.kind == Some(ArtifactKind::Sdist);
        let first = members.first().filter(|_| is_sdist).and_then(|member| member.path.split_once('/'));
        let root = first.map(|(folder, _)| format!("{folder}/"));
        Self { root: root.filter(|root| members.iter().all(|member| member.path.starts_with(root.as_str()))) }
    }

    /// `pkg/a.py` for `pkg-1.0/pkg/a.py`, and `pkg.dist-info/RECORD` for `pkg-1.0.dist-info/RECORD`.
    pub(super) fn common(&self, path: &str) -> String {
        let path = self.root.as_deref().and_then(|root| path.strip_prefix(root)).unwrap_or(path);
        let Some((folder, rest)) = path.split_once('/') else { return path.to_owned() };
        for suffix in [".dist-info", ".egg-info", ".data"] {
            if let Some((name, _version)) = folder.strip_suffix(suffix).and_then(|stem| stem.split_once('-'))
            {
                return format!("{name}{suffix}/{rest}");
            }
        }
        path.to_owned()
    }
}

/// What came, went and changed.
pub(super) fn compare_members(
    old: &ContentsReport,
    old_paths: &Paths,
    new: &ContentsReport,
    new_paths: &Paths,
) -> MemberChange {
    let mut before = by_path(old, old_paths);
    let mut change = MemberChange::default();
    for (path, member) in by_path(new, new_paths) {
        match before.remove(&path) {
            None => change.added.push(MemberReport { path, ..member.clone() }),
            Some(same) if same.sha256 == member.sha256 => change.unchanged += 1,
            Some(other) => change.changed.push(ChangedMember {
                path,
                old_size: other.size,
                new_size: member.size,
                old_sha256: other.sha256.clone(),
                new_sha256: member.sha256.clone(),
            }),
        }
    }
    change.removed = before.into_iter().map(|(path, m)| MemberReport { path, ..m.clone() }).collect();
    change.added.sort_by_cached_key(|member| rank(&member.path));
    change.changed.sort_by_cached_key(|member| rank(&member.path));
    change
}

/// A path that an archive holds twice gets a number: which of the two wins is the archive reader's to say.
fn by_path<'a>(contents: &'a ContentsReport, paths: &Paths) -> BTreeMap<String, &'a MemberReport> {
    let mut members: BTreeMap<String, &MemberReport> = BTreeMap::new();
    for member in &contents.members {
        let path = paths.common(&member.path);
        let mut name = path.clone();
        let mut copy = 1;
        while members.contains_key(&name) {
            copy += 1;
            name = format!("{path} (copy {copy})");
        }
        members.insert(name, member);
    }
    members
}

/// What runs by itself comes first, then code, then the rest.
pub(super) fn rank(path: &str) -> u8 {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (name, extension) {
        (_, "pth") | ("sitecustomize.py" | "usercustomize.py", _) => 0,
        ("setup.py" | "pyproject.toml" | "setup.cfg", _) => 1,
        ("__init__.py", _) => 2,
        (_, "py" | "pyw" | "so" | "pyd" | "dll" | "exe" | "pyc" | "sh" | "bat" | "ps1") => 3,
        _ => 4,
    }
}

/// How many sources are new or changed.
pub(super) fn count_sources(members: &MemberChange) -> u64 {
    let added = members.added.iter().map(|m| &m.path);
    let changed = members.changed.iter().map(|m| &m.path);
    let is_source = |path: &&String| [".py", ".pyw", ".pth", ".ipynb"].iter().any(|end| path.ends_with(end));
    added.chain(changed).filter(is_source).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_with_every_version_is_left_out_of_paths() {
        let sdist = Paths { root: Some("pkg-1.0/".to_owned()) };
        assert_eq!(sdist.common("pkg-1.0/pkg/a.py"), "pkg/a.py");
        assert_eq!(Paths { root: None }.common("pkg-1.0.dist-info/RECORD"), "pkg.dist-info/RECORD");
        assert_eq!(Paths { root: None }.common("pkg/a-1.py"), "pkg/a-1.py");
    }

    #[test]
    fn what_runs_by_itself_comes_first() {
        let mut paths = ["a.txt", "pkg/a.py", "evil.pth", "setup.py", "pkg/__init__.py"];
        paths.sort_by_key(|path| rank(path));
        assert_eq!(paths, ["evil.pth", "setup.py", "pkg/__init__.py", "pkg/a.py", "a.txt"]);
    }
}
