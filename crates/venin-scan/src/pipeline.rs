//! The pipeline: members, package, events, findings, verdict.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use venin_archive::Budget;
use venin_model::{
    Behavior, Fact, Finding, Gap, GapKind, MemberPath, Persona, Site, Technique, Triggers, Vector,
};
use venin_package::{Corpus, MemberText, Package, Root, internal_name_fact, read_package};
use venin_python::source::binds_literal;
use venin_python::source::bytecode::{Comparison, compare_with_source, is_outdated};
use venin_python::{Analysis, Limits, Project, ProjectRoot, SourceFile, SourceKind};
use venin_rules::yara::ByteMatcher;
use venin_rules::{Observations, RuleSet, match_all};

use crate::attributes::measure_attributes;
use crate::collect::{Collected, Inspect, Kept, Use, collect_file, collect_tree};
use crate::contents::MemberLog;
use crate::indicators::find_indicators;
use crate::result::{ArtifactKind, Coverage, Input, Listing, Scan};
use crate::score;
use crate::sequence::find_sequences;
use crate::yara;

/// How to scan.
#[derive(Debug, Clone)]
pub struct Options {
    /// The operating point of the verdict.
    pub persona: Persona,
    /// Budget of the archive reader.
    pub budget: Budget,
    /// Budget of the interpreter.
    pub limits: Limits,
    /// Whether the scan lists what the artifact holds.
    pub listing: Listing,
    /// The user's own internal projects, by name: a release that has such a name, or one that can be mistaken for it, is
    /// what dependency confusion looks like.
    pub internal_names: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            persona: Persona::Team,
            budget: Budget::default(),
            limits: Limits::default(),
            listing: Listing::None,
            internal_names: Vec::new(),
        }
    }
}

/// Scans artifacts with one set of rules.
pub struct Scanner {
    rules: RuleSet,
    matchers: Vec<Box<dyn ByteMatcher>>,
    options: Options,
    internal_names: Corpus,
}

/// What looks at members as the collector passes them by: the YARA matchers, and the log of a full listing.
struct Onlookers<'a> {
    matchers: &'a [Box<dyn ByteMatcher>],
    log: Option<MemberLog>,
}

impl Inspect for Onlookers<'_> {
    fn inspect(&self, path: &str, bytes: &[u8]) -> Vec<Fact> {
        if let Some(log) = &self.log {
            log.note(path, bytes);
        }
        self.matchers.iter().flat_map(|m| m.match_bytes(path, bytes)).collect()
    }
}

/// What names an artifact.
struct Identity<'a> {
    name: &'a str,
    sha256: String,
    size: u64,
}

impl Scanner {
    /// A scanner with rules and options.
    #[must_use]
    pub fn new(rules: RuleSet, options: Options) -> Self {
        let internal_names = Corpus::new(options.internal_names.iter().map(String::as_str));
        Self { rules, matchers: Vec::new(), options, internal_names }
    }

    /// The same with a matcher over the bytes of every member.
    #[must_use]
    pub fn with_matcher(mut self, matcher: Box<dyn ByteMatcher>) -> Self {
        self.matchers.push(matcher);
        self
    }

    /// The rules in force.
    #[must_use]
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Scans an artifact.  Never fails: what could not be looked at is in the coverage.
    ///
    /// Must run on a thread with a stack of at least 64 MiB, see [`venin_python::analyze`].
    #[must_use]
    pub fn scan(&self, input: &Input<'_>) -> Scan {
        let log = (self.options.listing == Listing::Full).then(MemberLog::default);
        let onlookers = Onlookers { matchers: &self.matchers, log };
        let (name, sha256, size, collected) = match input {
            Input::File { name, bytes } => {
                let digest = hex(&Sha256::digest(bytes));
                (
                    *name,
                    digest,
                    bytes.len() as u64,
                    collect_file(name, bytes, &self.options.budget, &onlookers),
                )
            }
            Input::Tree { name, members } => {
                let size = members.iter().map(|m| m.bytes.len() as u64).sum();
                (*name, tree_digest(members), size, collect_tree(members, &self.options.budget, &onlookers))
            }
        };
        self.scan_collected(input, Identity { name, sha256, size }, collected, onlookers.log)
    }

    fn scan_collected(
        &self,
        input: &Input<'_>,
        identity: Identity<'_>,
        mut collected: Collected,
        log: Option<MemberLog>,
    ) -> Scan {
        let Identity { name, sha256, size } = identity;
        let mut package = self.read_package(name, &collected);
        drop_spared_roots(&mut package, &collected);
        let analysis = analyze_members(&collected, &package, self.options.limits);
        let mut facts = std::mem::take(&mut collected.facts);
        facts.extend(package.facts.iter().cloned());
        facts.extend(internal_name_fact(&package, &self.internal_names));
        facts.extend(analysis.facts.iter().cloned());
        let observations = Observations { events: &analysis.events, facts: &facts };
        let matches = match_all(&self.rules, &observations);
        let mut findings = matches.findings;
        findings.extend(yara::findings_of_matches(&facts, &findings));
        sort_findings(&mut findings);
        let scored = score::add_up(&findings, analysis.files);
        let mut coverage = coverage_of(&collected, &package, &analysis);
        coverage.gaps.extend(matches.unfinished.iter().map(|rule| {
            Gap::of_artifact(GapKind::AnalysisBudget, format!("rule `{rule}` was not matched to the end"))
        }));
        let verdict = score::judge(scored.total, self.options.persona, coverage.is_complete());
        let verdict = score::bound_by_evidence(verdict, &findings);
        let triggers: Triggers = findings.iter().map(|f| f.trigger).collect();
        Scan {
            name: package.name.clone(),
            version: package.version.clone(),
            file: name.to_owned(),
            sha256,
            size,
            kind: artifact_kind(input, &package),
            verdict,
            score: scored.total,
            prior: crate::weights::PRIOR,
            shares: scored.shares,
            behaviors: Behavior::ALL
                .iter()
                .copied()
                .filter(|b| findings.iter().any(|f| f.behavior == Some(*b)))
                .collect(),
            vectors: Vector::ALL
                .iter()
                .copied()
                .filter(|v| triggers.iter().any(|t| t.vector() == Some(*v)))
                .collect(),
            triggers,
            techniques: Technique::ALL
                .iter()
                .copied()
                .filter(|t| findings.iter().any(|f| f.technique == Some(*t)))
                .collect(),
            sequences: find_sequences(&findings, &analysis.events),
            indicators: find_indicators(&findings, &analysis.events),
            attributes: (self.options.listing == Listing::Attributes)
                .then(|| measure_attributes(&collected, &findings, &analysis.events)),
            contents: log.map(|log| log.into_contents(&package, &analysis.events)),
            findings,
            coverage,
        }
    }

    fn read_package(&self, name: &str, collected: &Collected) -> Package {
        let texts: Vec<MemberText<'_>> = collected
            .kept
            .iter()
            .filter(|k| k.is_descriptive)
            .map(|k| MemberText { path: &k.path, bytes: k.content.as_bytes() })
            .collect();
        read_package(name, &collected.members, &texts)
    }
}

/// Drops the roots that run for a value alone which can be read without running them.
fn drop_spared_roots(package: &mut Package, collected: &Collected) {
    let is_spared = |root: &Root| {
        root.unless_literal.as_ref().is_some_and(|name| {
            let mut sources = collected.kept.iter().filter(|k| k.use_ == Use::Source(SourceKind::Python));
            let source = sources.find(|k| k.path == root.member);
            source.is_some_and(|source| binds_literal(source.content.as_bytes(), name))
        })
    };
    package.roots.retain(|root| !is_spared(root));
    package.roots.dedup_by(|a, b| (a.trigger, &a.member, &a.object) == (b.trigger, &b.member, &b.object));
}

/// Interprets all code of the artifact.
fn analyze_members(collected: &Collected, package: &Package, limits: Limits) -> Analysis {
    let compiled = compare_bytecode(collected);
    let mut project = Project::default();
    let mut index: FxHashMap<MemberPath, usize> = FxHashMap::default();
    for kept in &collected.kept {
        match kept.use_ {
            Use::Source(_) if compiled.skipped.contains(&kept.path) => {}
            Use::Source(kind) => {
                index.insert(Arc::clone(&kept.path), project.files.len());
                let (bytes, text) = (kept.content.as_bytes(), kept.content.text());
                project.files.push(SourceFile { path: Arc::clone(&kept.path), bytes, text, kind });
            }
            Use::Script => project.scripts.push((Arc::clone(&kept.path), kept.content.as_bytes())),
            Use::Pickle => project.pickles.push((Arc::clone(&kept.path), kept.content.as_bytes())),
            Use::Data => project.data.push((Arc::clone(&kept.path), kept.content.as_bytes())),
        }
    }
    for (module, members) in package.modules.iter() {
        if let Some(file) = members.iter().find_map(|m| index.get(m)) {
            project.modules.insert(module.to_owned(), *file);
        }
    }
    for root in &package.roots {
        if let Some(file) = index.get(&root.member) {
            project.roots.push(ProjectRoot {
                trigger: root.trigger,
                file: *file,
                object: root.object.clone(),
            });
        }
    }
    let mut analysis = venin_python::analyze(&project, limits);
    analysis.facts.extend(compiled.facts);
    analysis.gaps.extend(compiled.gaps);
    analysis
}

fn coverage_of(collected: &Collected, package: &Package, analysis: &Analysis) -> Coverage {
    let mut gaps: Vec<Gap> = collected.gaps.clone();
    gaps.extend(package.gaps.iter().cloned());
    gaps.extend(analysis.gaps.iter().cloned());
    gaps.sort();
    gaps.dedup();
    Coverage {
        members: collected.n_members,
        bytes: collected.bytes,
        python: analysis.files,
        layers: analysis.layers,
        gaps,
    }
}

/// What bytecode is beside its source: the source is analysed, and the bytecode only if it holds more.
#[derive(Debug, Default)]
struct Compiled {
    /// Members that are not analysed.
    skipped: FxHashSet<MemberPath>,
    facts: Vec<Fact>,
    gaps: Vec<Gap>,
}

/// Compares bytecode with the source that lies beside it.
fn compare_bytecode(collected: &Collected) -> Compiled {
    let mut out = Compiled::default();
    let is_bytecode = |kept: &&Kept| kept.use_ == Use::Source(SourceKind::Bytecode);
    let sources: FxHashMap<&str, &Kept> =
        collected.kept.iter().filter(|kept| !is_bytecode(kept)).map(|kept| (&*kept.path, kept)).collect();
    for compiled in collected.kept.iter().filter(is_bytecode) {
        let Some(source) = sources.get(source_of_bytecode(&compiled.path).as_str()) else { continue };
        let path = || Arc::clone(&compiled.path);
        match compare_with_source(compiled.content.as_bytes(), source.content.as_bytes()) {
            Comparison::Same => drop(out.skipped.insert(path())),
            Comparison::Unreadable => {
                out.skipped.insert(path());
                let detail = "bytecode beside its source was not compared with it";
                out.gaps.push(Gap::of_member(path(), GapKind::Unsupported, detail));
            }
            Comparison::Differs(_)
                if is_outdated(&compiled.path, compiled.content.as_bytes(), source.content.as_bytes()) => {}
            Comparison::Differs(what) => {
                let message =
                    format!("bytecode names what the source beside it does not: {}", what.join(", "));
                let fact = Fact::new("source.bytecode-differs", message).at(Site::whole(path()));
                out.facts.push(fact.with("count", what.len().to_string()).with("names", what.join(", ")));
            }
        }
    }
    out
}

/// Where the source of a bytecode file would lie: `a/__pycache__/b.cpython-312.pyc` comes from `a/b.py` (PEP 3147).
fn source_of_bytecode(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    let folder = folder.strip_suffix("__pycache__").map_or(folder, |f| f.trim_end_matches('/'));
    if folder.is_empty() { format!("{stem}.py") } else { format!("{folder}/{stem}.py") }
}

fn artifact_kind(input: &Input<'_>, package: &Package) -> ArtifactKind {
    if let Input::Tree { .. } = input {
        return ArtifactKind::Tree;
    }
    ArtifactKind::parse(package.kind.as_str()).unwrap_or(ArtifactKind::Archive)
}

/// The most important first: what weighs most, runs earliest, stands first.
fn sort_findings(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        b.weight
            .total_cmp(&a.weight)
            .then(b.severity.cmp(&a.severity))
            .then(a.trigger.cmp(&b.trigger))
            .then_with(|| a.site.cmp(&b.site))
            .then_with(|| a.rule.cmp(&b.rule))
    });
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
        out
    })
}

/// The digest of a tree: over its sorted paths and the digests of its files.
fn tree_digest(members: &[crate::result::TreeMember]) -> String {
    let mut rows: Vec<(&str, [u8; 32])> =
        members.iter().map(|m| (m.path.as_str(), <[u8; 32]>::from(Sha256::digest(&m.bytes)))).collect();
    rows.sort_unstable();
    let mut digest = Sha256::new();
    for (path, sha256) in rows {
        digest.update(path.as_bytes());
        digest.update([0]);
        digest.update(sha256);
    }
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytecode_belongs_to_the_source_beside_its_cache_folder() {
        assert_eq!(source_of_bytecode("pkg/__pycache__/mod.cpython-312.pyc"), "pkg/mod.py");
        assert_eq!(source_of_bytecode("__pycache__/mod.cpython-39.opt-1.pyc"), "mod.py");
        assert_eq!(source_of_bytecode("pkg/mod.pyc"), "pkg/mod.py");
    }
}
