//! Everything the descriptive members declare, gathered: metadata, project files, requirements, entry points.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use venin_model::{Fact, Gap, GapKind, MemberPath, Site};

use crate::MemberText;
use crate::entry_points::{EntryPoint, parse_entry_points};
use crate::layout::{File, Layout};
use crate::metadata::{CoreMetadata, parse_metadata};
use crate::package::PackageKind;
use crate::path::{base_name, depth, has_extension, is_nested};
use crate::pyproject::{ProjectFile, first_name, parse_pyproject};
use crate::requirement::{
    IndexOption, Requirement, Scope, normalize_name, parse_requirement, parse_requirements_file,
};
use crate::requirement_facts::{index_fact, requirement_facts};
use crate::setup_cfg::{parse_requires_txt, parse_setup_cfg};
use crate::setup_script::parse_setup_script;

/// Longest descriptive text that is read, in bytes; RECORD of the largest wheels stays far below it.
const MAX_TEXT: usize = 16 << 20;
/// Most requirements and entry points kept.
const MAX_ITEMS: usize = 10_000;
/// Most source folders believed.
const MAX_FOLDERS: usize = 32;
/// Most `.egg-info` folders and requirements files read.
const MAX_FILES: usize = 64;

/// The descriptive bytes by path below the base.
#[derive(Debug)]
pub(crate) struct Texts<'a> {
    by_rel: FxHashMap<&'a str, &'a [u8]>,
}

impl<'a> Texts<'a> {
    /// Joins the bytes to the layout's members.
    pub(crate) fn new(layout: &Layout<'a>, descriptive: &[MemberText<'a>]) -> Self {
        let bytes: FxHashMap<&str, &'a [u8]> = descriptive.iter().map(|t| (t.path, t.bytes)).collect();
        let known = layout.files.iter().filter_map(|f| Some((f.rel, *bytes.get(&*f.entry.path)?)));
        Self { by_rel: known.collect() }
    }

    /// The text of a member; bytes that are no UTF-8 become replacement characters.
    pub(crate) fn text(&self, rel: &str) -> Option<Cow<'a, str>> {
        self.bytes(rel).map(String::from_utf8_lossy)
    }

    /// Its bytes, cut at 16 MiB.
    pub(crate) fn bytes(&self, rel: &str) -> Option<&'a [u8]> {
        let bytes = self.by_rel.get(rel)?;
        Some(bytes.get(..MAX_TEXT).unwrap_or(bytes))
    }
}

/// What the descriptive members declare.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub metadata: CoreMetadata,
    /// `pyproject.toml` and `setup.cfg` at the base, in this order.
    pub files: Vec<(MemberPath, ProjectFile)>,
    pub requirements: Vec<Requirement>,
    pub entry_points: Vec<EntryPoint>,
    /// First names of packages and modules that are installed.
    pub top_level: Vec<String>,
    pub facts: Vec<Fact>,
    pub gaps: Vec<Gap>,
}

impl Declared {
    /// Reads every descriptive member that belongs to the project.
    pub(crate) fn read(layout: &Layout<'_>, texts: &Texts<'_>) -> Self {
        let mut declared = Self::default();
        declared.read_metadata(layout, texts);
        declared.read_project_files(layout, texts);
        declared.read_info_folders(layout, texts);
        declared.read_requirements_files(layout, texts);
        declared.note_long_texts(layout, texts);
        declared.drop_repetitions();
        declared.facts.extend(requirement_facts(&declared.requirements));
        declared
    }

    /// The folders below the base that a build imports from, each with its slash.
    pub(crate) fn backend_folders(&self) -> Vec<String> {
        let folders = self.files.iter().flat_map(|(_, f)| f.backend_path.iter()).take(MAX_FOLDERS);
        let clean = folders.filter_map(|path| crate::path::clean_relative(path));
        clean.filter(|path| !path.is_empty()).map(|path| format!("{path}/")).collect()
    }

    /// Folders in which project files say that packages lie.
    pub(crate) fn source_folders(&self) -> Vec<String> {
        self.files.iter().flat_map(|(_, f)| f.source_folders.iter()).take(MAX_FOLDERS).cloned().collect()
    }

    fn read_metadata(&mut self, layout: &Layout<'_>, texts: &Texts<'_>) {
        let candidates = metadata_candidates(layout);
        let Some(file) = candidates.iter().find_map(|rel| layout.get(rel)) else { return };
        let Some(bytes) = texts.bytes(file.rel) else { return };
        self.metadata = parse_metadata(bytes);
        self.metadata.member = Some(file.entry.path.clone());
        if layout.dist_infos.len() > 1 && layout.kind == PackageKind::Wheel {
            let fact = Fact::new("metadata.several", "the wheel holds several metadata folders");
            self.facts.push(fact.with("count", layout.dist_infos.len().to_string()));
        }
        for text in self.metadata.requires_dist.clone().iter().take(MAX_ITEMS) {
            let Some(requirement) = parse_requirement(text) else { continue };
            let is_extra = requirement.marker.as_deref().is_some_and(|m| m.contains("extra"));
            let scope = if is_extra { Scope::Extra } else { Scope::Runtime };
            self.requirements.push(requirement.placed(scope, &file.entry.path, 0));
        }
    }

    fn read_project_files(&mut self, layout: &Layout<'_>, texts: &Texts<'_>) {
        if matches!(layout.kind, PackageKind::Wheel | PackageKind::Egg) {
            return;
        }
        for (rel, parse) in [
            ("pyproject.toml", parse_pyproject as fn(&str) -> ProjectFile),
            ("setup.cfg", parse_setup_cfg),
            ("setup.py", parse_setup_script),
        ] {
            let (Some(file), Some(text)) = (layout.get(rel), texts.text(rel)) else { continue };
            self.add_project_file(file, parse(&text));
        }
    }

    fn add_project_file(&mut self, file: File<'_>, mut project: ProjectFile) {
        let member = &file.entry.path;
        if let Some(problem) = &project.problem {
            let detail = format!("{} is no TOML: {problem}", file.rel);
            self.gaps.push(Gap::of_member(member.clone(), GapKind::Unsupported, detail.clone()));
            self.facts
                .push(Fact::new("metadata.malformed-pyproject", detail).at(Site::whole(member.clone())));
        }
        let requirements = std::mem::take(&mut project.requirements);
        self.requirements.extend(requirements.into_iter().map(|r| {
            let scope = r.scope;
            r.placed(scope, member, 0)
        }));
        for (tool, url) in &project.indexes {
            let option = IndexOption { option: tool, value: url.clone(), line: 0 };
            self.facts.push(index_fact(member, &option));
        }
        self.entry_points.append(&mut project.entry_points);
        self.top_level.extend(project.top_level.iter().cloned());
        self.files.push((member.clone(), project));
    }

    /// `entry_points.txt`, `top_level.txt`, `requires.txt`, ... of metadata folders.
    fn read_info_folders(&mut self, layout: &Layout<'_>, texts: &Texts<'_>) {
        let dist_infos = layout.dist_infos.iter().map(|info| format!("{info}/"));
        let egg_infos = layout.egg_infos.iter().map(|info| (*info).to_owned());
        let folders: Vec<String> =
            dist_infos.chain(egg_infos).chain(["EGG-INFO/".to_owned()]).take(MAX_FILES).collect();
        for folder in folders {
            if let Some(text) = texts.text(&format!("{folder}entry_points.txt")) {
                self.entry_points.extend(parse_entry_points(&text).into_iter().take(MAX_ITEMS));
            }
            if let Some(text) = texts.text(&format!("{folder}top_level.txt")) {
                self.top_level.extend(text.lines().take(MAX_ITEMS).filter_map(first_name));
            }
            self.read_requires_txt(layout, texts, &format!("{folder}requires.txt"));
            self.read_dependency_links(layout, texts, &format!("{folder}dependency_links.txt"));
            self.read_direct_url(layout, texts, &format!("{folder}direct_url.json"));
        }
    }

    fn read_requires_txt(&mut self, layout: &Layout<'_>, texts: &Texts<'_>, rel: &str) {
        let (Some(file), Some(text)) = (layout.get(rel), texts.text(rel)) else { return };
        for requirement in parse_requires_txt(&text).requirements.into_iter().take(MAX_ITEMS) {
            let scope = requirement.scope;
            self.requirements.push(requirement.placed(scope, &file.entry.path, 0));
        }
    }

    fn read_dependency_links(&mut self, layout: &Layout<'_>, texts: &Texts<'_>, rel: &str) {
        let (Some(file), Some(text)) = (layout.get(rel), texts.text(rel)) else { return };
        for (line, link) in (1u32..).zip(text.lines().take(MAX_FILES)) {
            if let Some(requirement) = parse_requirement(link).filter(|r| r.url.is_some()) {
                self.requirements.push(requirement.placed(Scope::Runtime, &file.entry.path, line));
            }
        }
    }

    /// PEP 610: where an installed distribution came from.
    fn read_direct_url(&mut self, layout: &Layout<'_>, texts: &Texts<'_>, rel: &str) {
        let (Some(file), Some(text)) = (layout.get(rel), texts.text(rel)) else { return };
        let url = text.split("\"url\"").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or("");
        let fact =
            Fact::new("metadata.direct-url", "the distribution was installed from a URL, not from an index");
        self.facts.push(fact.with("url", url).at(Site::whole(file.entry.path.clone())));
    }

    fn read_requirements_files(&mut self, layout: &Layout<'_>, texts: &Texts<'_>) {
        let is_requirements = |f: &&File<'_>| {
            has_extension(f.rel, "txt")
                && depth(f.rel) <= 1
                && !is_nested(f.rel)
                && crate::is_descriptive(f.rel)
                && !matches!(
                    base_name(f.rel),
                    "entry_points.txt" | "top_level.txt" | "requires.txt" | "dependency_links.txt"
                )
        };
        for file in layout.files.iter().filter(is_requirements).take(MAX_FILES) {
            let Some(text) = texts.text(file.rel) else { continue };
            let read = parse_requirements_file(&text);
            self.facts.extend(read.options.iter().map(|option| index_fact(&file.entry.path, option)));
            let requirements = read.requirements.into_iter().take(MAX_ITEMS);
            self.requirements
                .extend(requirements.map(|(line, r)| r.placed(Scope::File, &file.entry.path, line)));
        }
    }

    fn note_long_texts(&mut self, layout: &Layout<'_>, texts: &Texts<'_>) {
        let long =
            layout.files.iter().filter(|f| texts.by_rel.get(f.rel).is_some_and(|b| b.len() > MAX_TEXT));
        self.gaps.extend(long.map(|f| {
            Gap::of_member(f.entry.path.clone(), GapKind::AnalysisBudget, "only the first 16 MiB were read")
        }));
    }

    /// The same requirement or entry point is often stated in several files; the first statement stays.
    fn drop_repetitions(&mut self) {
        let mut seen = FxHashSet::default();
        self.requirements.retain(|r| {
            let specifier: String = r.specifier.split_whitespace().collect();
            seen.insert((normalize_name(&r.name), specifier, r.url.clone(), r.scope, r.extras.clone()))
        });
        self.requirements.truncate(MAX_ITEMS);
        let mut seen = FxHashSet::default();
        self.entry_points.retain(|point| seen.insert(point.clone()));
        self.entry_points.truncate(MAX_ITEMS);
        let mut seen = FxHashSet::default();
        self.top_level.retain(|name| seen.insert(name.clone()));
    }
}

/// Where core metadata lies, the most authoritative place first.
fn metadata_candidates(layout: &Layout<'_>) -> Vec<String> {
    let dist_infos = layout.dist_infos.iter().map(|info| format!("{info}/METADATA"));
    let egg_infos = layout.egg_infos.iter().map(|info| format!("{info}PKG-INFO"));
    let own = ["PKG-INFO".to_owned(), "EGG-INFO/PKG-INFO".to_owned()];
    match layout.kind {
        PackageKind::Wheel => dist_infos.chain(egg_infos).collect(),
        PackageKind::Tree if layout.dist_infos.len() > 1 => Vec::new(),
        _ => own.into_iter().chain(egg_infos).chain(dist_infos).collect(),
    }
}
