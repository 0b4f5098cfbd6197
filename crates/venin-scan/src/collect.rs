//! Members of an artifact: what is kept for analysis, and what is only looked at while it passes.
//!
//! Everything is handed over once.  Python and small texts are kept, native members are reduced to facts, the
//! rest leaves its path, size and, in wheels, its digest.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use venin_archive::{Budget, Entry, EntryKind, Format, Reading, read_members};
use venin_model::{Fact, Gap, GapKind, MemberPath};
use venin_package::MemberEntry;
use venin_python::SourceKind;

use crate::result::TreeMember;

/// Longest source that is analysed, in bytes.
const MAX_SOURCE: usize = 24 << 20;
/// Longest other text that code may read, in bytes.
const MAX_DATA: usize = 256 << 10;
/// Bytes kept of one artifact, all members together.
const MAX_KEPT: usize = 96 << 20;

/// What a member is to the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Code for the interpreter.
    Source(SourceKind),
    /// A shell, batch or PowerShell script.
    Script,
    /// Data that code may read.
    Data,
}

/// A member whose bytes are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) path: MemberPath,
    pub(crate) bytes: Vec<u8>,
    pub(crate) use_: Use,
    pub(crate) is_descriptive: bool,
}

/// All that reading an artifact gave.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) members: Vec<MemberEntry>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) n_members: u64,
    pub(crate) bytes: u64,
    kept_bytes: usize,
}

/// Looks at members as they pass.
pub(crate) trait Inspect {
    /// Facts about one member's bytes (YARA).
    fn inspect(&self, path: &str, bytes: &[u8]) -> Vec<Fact>;
}

/// Reads a file: the members of an archive, or the file itself as its only member.
pub(crate) fn collect_file(name: &str, bytes: &[u8], budget: &Budget, inspect: &dyn Inspect) -> Collected {
    let mut out = Collected::default();
    let reading = read_members(name, bytes, budget, &mut |entry| out.take_entry(entry, inspect));
    if reading.format == Format::NotArchive {
        out.take(Arc::from(base_name(name)), bytes, None, inspect);
        out.n_members = 1;
        out.bytes = bytes.len() as u64;
        return out;
    }
    out.finish(reading);
    out
}

/// Reads the files of a tree; archives in it are opened too.
pub(crate) fn collect_tree(members: &[TreeMember], budget: &Budget, inspect: &dyn Inspect) -> Collected {
    let mut out = Collected::default();
    for member in members {
        let path: MemberPath = Arc::from(member.path.as_str());
        let digest = (!member.path.ends_with(".py")).then(|| <[u8; 32]>::from(Sha256::digest(&member.bytes)));
        out.n_members += 1;
        out.bytes += member.bytes.len() as u64;
        out.take(Arc::clone(&path), &member.bytes, digest, inspect);
        if venin_archive::detect_format(&member.bytes) != Format::NotArchive {
            let prefix = format!("{}!", member.path);
            let reading = read_members(base_name(&member.path), &member.bytes, budget, &mut |entry| {
                out.take_nested(&prefix, entry, inspect);
            });
            out.finish(reading);
        }
    }
    out
}

impl Collected {
    fn finish(&mut self, reading: Reading) {
        self.facts.extend(reading.anomalies.iter().map(venin_archive::Anomaly::to_fact));
        self.gaps.extend(reading.gaps);
        self.n_members += reading.members;
        self.bytes += reading.bytes;
    }

    fn take_entry(&mut self, entry: &Entry<'_>, inspect: &dyn Inspect) {
        self.take_nested("", entry, inspect);
    }

    fn take_nested(&mut self, prefix: &str, entry: &Entry<'_>, inspect: &dyn Inspect) {
        // A link in a tar that points at a file of the archive carries that file's content.
        let is_link = matches!(entry.kind, EntryKind::Symlink { .. } | EntryKind::Hardlink { .. });
        if !matches!(entry.kind, EntryKind::File) && (!is_link || entry.bytes.is_empty()) {
            return;
        }
        let path: MemberPath = Arc::from(format!("{prefix}{}", entry.path));
        // Digests are only compared with a RECORD, which archives other than wheels do not have.
        self.take(path, entry.bytes, entry.sha256(), inspect);
        if !entry.is_whole && wanted_use(entry.path, entry.bytes).is_some() {
            let detail = format!("only {} of {} bytes were read", entry.bytes.len(), entry.size);
            self.gaps.push(Gap::of_member(Arc::from(entry.path), GapKind::ArchiveBudget, detail));
        }
    }

    fn take(&mut self, path: MemberPath, bytes: &[u8], sha256: Option<[u8; 32]>, inspect: &dyn Inspect) {
        self.members.push(MemberEntry { path: Arc::clone(&path), size: bytes.len() as u64, sha256 });
        self.facts.extend(inspect.inspect(&path, bytes));
        if let Some(native) = venin_package::read_native(&path, bytes) {
            self.facts.extend(native.facts);
            return;
        }
        let is_descriptive = venin_package::is_descriptive(&path);
        let use_ = match wanted_use(&path, bytes) {
            Some(use_) => use_,
            None if is_descriptive => Use::Data,
            None => return,
        };
        let limit = if matches!(use_, Use::Source(_)) { MAX_SOURCE } else { MAX_DATA };
        if bytes.len() > limit || self.kept_bytes + bytes.len() > MAX_KEPT {
            if use_ != Use::Data || is_descriptive {
                let detail = format!("{} bytes are more than is analysed", bytes.len());
                self.gaps.push(Gap::of_member(path, GapKind::AnalysisBudget, detail));
            }
            return;
        }
        self.kept_bytes += bytes.len();
        self.kept.push(Kept { path, bytes: bytes.to_vec(), use_, is_descriptive });
    }
}

/// What a member is used for, by its name and its first bytes; `None` when nothing reads it.
fn wanted_use(path: &str, bytes: &[u8]) -> Option<Use> {
    let name = base_name(path);
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match extension.as_str() {
        "py" | "pyw" => return Some(Use::Source(SourceKind::Python)),
        "ipynb" => return Some(Use::Source(SourceKind::Notebook)),
        "pth" => return Some(Use::Source(SourceKind::Pth)),
        "pyc" | "pyo" => return Some(Use::Source(SourceKind::Bytecode)),
        "sh" | "bash" | "bat" | "cmd" | "ps1" => return Some(Use::Script),
        _ => {}
    }
    match shebang(bytes) {
        Some(line) if line.contains("python") => return Some(Use::Source(SourceKind::Python)),
        Some(line) if line.contains("sh") => return Some(Use::Script),
        _ => {}
    }
    let is_text = !bytes.get(..bytes.len().min(1024)).unwrap_or(&[]).contains(&0);
    (is_text && bytes.len() <= MAX_DATA).then_some(Use::Data)
}

fn shebang(bytes: &[u8]) -> Option<&str> {
    let line = bytes.strip_prefix(b"#!")?;
    let end = line.iter().position(|b| *b == b'\n').unwrap_or(line.len()).min(120);
    std::str::from_utf8(line.get(..end)?).ok()
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '!', '\\']).next().unwrap_or(path)
}
