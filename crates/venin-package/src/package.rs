//! The package reader: member list and descriptive bytes in, everything the release says of itself out.

use venin_model::{Fact, Gap, MemberPath, spelled_enum};

use crate::declared::{Declared, Texts};
use crate::entry_points::EntryPoint;
use crate::filename::{DistributionName, parse_file_name};
use crate::layout::Layout;
use crate::layout_facts::layout_facts;
use crate::metadata::CoreMetadata;
use crate::metadata_facts::metadata_facts;
use crate::modules::{ModuleMap, source_roots};
use crate::name_facts::name_facts;
use crate::occupied_module::occupied_module;
use crate::path::{base_name, folder, has_extension, lists};
use crate::record::record_facts;
use crate::requirement::Requirement;
use crate::requirement_name_facts::requirement_name_facts;
use crate::trigger::{Root, find_roots};

spelled_enum! {
    /// What an artifact is, by its content.
    pub enum PackageKind {
        /// A source distribution, packed or unpacked.
        Sdist = "sdist",
        /// A wheel, whatever it is wrapped in.
        Wheel = "wheel",
        /// An egg.
        Egg = "egg",
        /// An archive that is none of these.
        Archive = "archive",
        /// One file.
        File = "file",
        /// Members of a folder that is none of these, such as a site-packages folder.
        Tree = "tree",
    }
}

/// A member of the artifact, folders left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberEntry {
    /// Its path as the archive states it.
    pub path: MemberPath,
    /// Its size in bytes once unpacked.
    pub size: u64,
    /// SHA-256 of its bytes, when the caller has it; compared with `RECORD`.
    pub sha256: Option<[u8; 32]>,
}

/// The bytes of a descriptive member.
#[derive(Debug, Clone, Copy)]
pub struct MemberText<'a> {
    /// Its path, spelled as in its [`MemberEntry`].
    pub path: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What a release says of itself, and what runs when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// What the artifact is.
    pub kind: PackageKind,
    /// The project's name: metadata, then project files, then the file name.
    pub name: Option<String>,
    /// The version, from the same places.
    pub version: Option<String>,
    /// Core metadata.
    pub metadata: CoreMetadata,
    /// Every requirement, without repetitions.
    pub dependencies: Vec<Requirement>,
    /// Scripts and plugins.
    pub entry_points: Vec<EntryPoint>,
    /// What runs at which trigger, the earliest trigger first.
    pub roots: Vec<Root>,
    /// Dotted module names and their members.
    pub modules: ModuleMap,
    /// Every member, in artifact order.
    pub members: Vec<MemberPath>,
    /// Observations for rules; kinds are listed in `facts.md`.
    pub facts: Vec<Fact>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
}

/// Whether the package reader wants this member's bytes.
#[must_use]
pub fn is_descriptive(path: &str) -> bool {
    const NAMES: &str = "METADATA PKG-INFO RECORD entry_points.txt top_level.txt requires.txt dependency_links.txt \
        direct_url.json pyproject.toml setup.cfg setup.py";
    let name = base_name(path);
    let is_requirements = || {
        has_extension(path, "txt")
            && (name.starts_with("requirements")
                || name.ends_with("requirements.txt")
                || folder(path).ends_with("requirements/"))
    };
    lists(NAMES, name) || has_extension(path, "pth") || is_requirements()
}

/// Reads an artifact.
///
/// `members` lists every file; `descriptive` holds the bytes of those for which [`is_descriptive`] is true.  Missing
/// bytes are no error: what they would have said is not known.  Time and memory are linear in the input.
#[must_use]
pub fn read_package(file_name: &str, members: &[MemberEntry], descriptive: &[MemberText<'_>]) -> Package {
    let layout = Layout::new(file_name, members);
    let texts = Texts::new(&layout, descriptive);
    let mut declared = Declared::read(&layout, &texts);
    let claimed = parse_file_name(file_name);
    let (name, version) = identity(&declared, claimed.as_ref());
    let source_roots = source_roots(&layout, &declared.source_folders(), &declared.top_level);
    // A build imports what lies beside its backend; nothing of that is installed.
    let module_roots: Vec<String> = source_roots.iter().cloned().chain(declared.backend_folders()).collect();
    let modules = ModuleMap::new(&layout, &module_roots);
    let found = find_roots(&layout, &texts, &declared, &modules, &source_roots, name.as_deref());

    let mut facts = std::mem::take(&mut declared.facts);
    facts.extend(metadata_facts(&layout, &declared, claimed.as_ref(), version.as_deref()));
    facts.extend(name_facts(name.as_deref(), claimed.as_ref(), &declared.metadata, &declared.requirements));
    facts.extend(requirement_name_facts(name.as_deref(), &declared.requirements));
    facts.extend(occupied_module(name.as_deref(), &modules));
    facts.extend(layout_facts(&layout, &texts, &modules));
    facts.extend(wheel_record_facts(&layout, &texts));
    facts.extend(found.facts);
    Package {
        kind: layout.kind,
        name,
        version,
        metadata: declared.metadata,
        dependencies: declared.requirements,
        entry_points: declared.entry_points,
        roots: found.roots,
        modules,
        members: members.iter().map(|m| m.path.clone()).collect(),
        facts,
        gaps: declared.gaps,
    }
}

/// Name and version, from the most authoritative place that states each.
fn identity(declared: &Declared, claimed: Option<&DistributionName>) -> (Option<String>, Option<String>) {
    let files = || declared.files.iter().map(|(_, file)| file);
    let name = declared.metadata.name.clone();
    let version = declared.metadata.version.clone();
    (
        name.or_else(|| files().find_map(|f| f.name.clone())).or_else(|| claimed.map(|c| c.name.clone())),
        version
            .or_else(|| files().find_map(|f| f.version.clone()))
            .or_else(|| claimed.map(|c| c.version.clone())),
    )
}

/// RECORD belongs to wheels; in a site-packages tree it lists what the installer wrote, other packages apart.
fn wheel_record_facts(layout: &Layout<'_>, texts: &Texts<'_>) -> Vec<Fact> {
    if layout.kind != PackageKind::Wheel {
        return Vec::new();
    }
    let records = layout.dist_infos.iter().map(|info| format!("{info}/RECORD"));
    let Some(record) = records.into_iter().find(|r| layout.has(r)) else {
        return vec![Fact::new("record.missing", "the wheel has no RECORD")];
    };
    match texts.text(&record) {
        Some(text) => record_facts(layout, &record, &text),
        None => Vec::new(),
    }
}
