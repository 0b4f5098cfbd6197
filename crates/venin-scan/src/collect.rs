//! Members of an artifact: what is kept for analysis, and what is only looked at while it passes.
//!
//! Everything is handed over once.  Python and small texts are kept, native members are reduced to facts, the
//! rest leaves its path, size and, in wheels, its digest.

use std::rc::Rc;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use venin_archive::{Anomaly, Budget, Entry, EntryKind, Format, Reading, read_members};
use venin_model::{Fact, Gap, GapKind, MemberPath};
use venin_package::MemberEntry;
use venin_python::SourceKind;
use venin_python::source::pyc::is_pyc;

use crate::result::TreeMember;

/// Longest source that is analysed, in bytes.
const MAX_SOURCE: usize = 16 << 20;
/// Longest script of a shell or of the host, in bytes.
const MAX_SCRIPT: usize = 2 << 20;
/// Longest other text that code may read, in bytes.
const MAX_DATA: usize = 256 << 10;
/// Bytes of texts that are neither code nor describe the package, all members together.
const MAX_ALL_DATA: usize = 8 << 20;
/// Bytes kept of one artifact, all members together.
const MAX_KEPT: usize = 64 << 20;

/// What a member is to the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Code for the interpreter.
    Source(SourceKind),
    /// A script of a shell or of the host (PowerShell, JavaScript, VBScript), or a source in C, C++ or Rust.
    Script,
    /// A pickle; what is kept are its calls as a Python text.
    Pickle,
    /// Data that code may read.
    Data,
}

/// The bytes of a member; sources that are UTF-8 are shared with what is made of them.
#[derive(Debug)]
pub(crate) enum Content {
    Text(Rc<str>),
    Bytes(Vec<u8>),
}

impl Content {
    fn of(bytes: &[u8], use_: Use) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if matches!(use_, Use::Source(_)) => Self::Text(Rc::from(text)),
            _ => Self::Bytes(bytes.to_vec()),
        }
    }

    /// The bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The text, if it is shared.
    pub(crate) fn text(&self) -> Option<Rc<str>> {
        match self {
            Self::Text(text) => Some(Rc::clone(text)),
            Self::Bytes(_) => None,
        }
    }
}

/// A member whose bytes are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) path: MemberPath,
    pub(crate) content: Content,
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
    data_bytes: usize,
}

/// Looks at members as they pass.
pub(crate) trait Inspect {
    /// Facts about one member's bytes (YARA).
    fn inspect(&self, path: &str, bytes: &[u8]) -> Vec<Fact>;
}

/// What lies around an archive that is read.
#[derive(Debug, Clone, Copy)]
enum Around<'a> {
    /// It is the artifact.
    Nothing,
    /// It is this member of a tree.
    Member(&'a MemberPath),
}

impl Around<'_> {
    /// The path of a member of the archive in the artifact.
    fn place_path(self, path: &str) -> MemberPath {
        match self {
            Self::Nothing => Arc::from(path),
            Self::Member(outer) => Arc::from(format!("{outer}!{path}")),
        }
    }

    fn place_member(self, member: Option<&MemberPath>) -> Option<MemberPath> {
        match (self, member) {
            (_, Some(path)) => Some(self.place_path(path)),
            (Self::Member(outer), None) => Some(Arc::clone(outer)),
            (Self::Nothing, None) => None,
        }
    }

    /// A lie of an archive in a tree is as far from what is installed as one of an archive in an archive.
    fn place_anomaly(self, anomaly: Anomaly) -> Anomaly {
        let deeper = u8::from(matches!(self, Self::Member(_)));
        Anomaly {
            member: self.place_member(anomaly.member.as_ref()),
            depth: anomaly.depth.saturating_add(deeper),
            ..anomaly
        }
    }

    fn place_gap(self, gap: Gap) -> Gap {
        Gap { member: self.place_member(gap.member.as_ref()), ..gap }
    }
}

/// Reads a file: the members of an archive, or the file itself as its only member.
pub(crate) fn collect_file(name: &str, bytes: &[u8], budget: &Budget, inspect: &dyn Inspect) -> Collected {
    let mut out = Collected::default();
    let reading = read_members(name, bytes, budget, &mut |entry| {
        out.take_entry(Around::Nothing, entry, inspect);
    });
    if reading.format == Format::NotArchive {
        out.take(Arc::from(base_name(name)), bytes, None, inspect);
        out.n_members = 1;
        out.bytes = bytes.len() as u64;
        return out;
    }
    out.finish(Around::Nothing, reading);
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
            let around = Around::Member(&path);
            let reading = read_members(base_name(&member.path), &member.bytes, budget, &mut |entry| {
                out.take_entry(around, entry, inspect);
            });
            out.finish(around, reading);
        }
    }
    out
}

impl Collected {
    fn finish(&mut self, around: Around<'_>, reading: Reading) {
        self.facts.extend(reading.anomalies.into_iter().map(|a| around.place_anomaly(a).to_fact()));
        self.gaps.extend(reading.gaps.into_iter().map(|g| around.place_gap(g)));
        self.n_members += reading.members;
        self.bytes += reading.bytes;
    }

    fn take_entry(&mut self, around: Around<'_>, entry: &Entry<'_>, inspect: &dyn Inspect) {
        // A link in a tar that points at a file of the archive carries that file's content.
        let is_link = matches!(entry.kind, EntryKind::Symlink { .. } | EntryKind::Hardlink { .. });
        if !matches!(entry.kind, EntryKind::File) && (!is_link || entry.bytes.is_empty()) {
            return;
        }
        let path = around.place_path(entry.path);
        // Digests are only compared with a RECORD, which archives other than wheels do not have.
        self.take(Arc::clone(&path), entry.bytes, entry.sha256(), inspect);
        if !entry.is_whole && wanted_use(entry.path, entry.bytes).is_some() {
            let detail = format!("only {} of {} bytes were read", entry.bytes.len(), entry.size);
            self.gaps.push(Gap::of_member(path, GapKind::ArchiveBudget, detail));
        }
    }

    fn take(&mut self, path: MemberPath, bytes: &[u8], sha256: Option<[u8; 32]>, inspect: &dyn Inspect) {
        self.members.push(MemberEntry { path: Arc::clone(&path), size: bytes.len() as u64, sha256 });
        self.facts.extend(inspect.inspect(&path, bytes));
        if let Some(native) = venin_package::read_native(&path, bytes) {
            self.facts.extend(native.facts);
            return;
        }
        let payload = venin_package::payload_facts(&path, bytes);
        let has_payload = !payload.is_empty();
        self.facts.extend(payload);
        if let Some(pickle) = venin_package::read_pickle(bytes) {
            self.take_pickle(&path, pickle);
        }
        let is_descriptive = venin_package::is_descriptive(&path);
        let use_ = match wanted_use(&path, bytes) {
            Some(use_) => use_,
            None if is_descriptive || has_payload => Use::Data,
            None => return,
        };
        let limit = match use_ {
            Use::Source(_) => MAX_SOURCE,
            Use::Script => MAX_SCRIPT,
            Use::Pickle | Use::Data => MAX_DATA,
        };
        let is_too_much_data =
            use_ == Use::Data && !is_descriptive && self.data_bytes + bytes.len() > MAX_ALL_DATA;
        if bytes.len() > limit || self.kept_bytes + bytes.len() > MAX_KEPT || is_too_much_data {
            if use_ != Use::Data || is_descriptive {
                let detail = format!("{} bytes are more than is analysed", bytes.len());
                self.gaps.push(Gap::of_member(path, GapKind::AnalysisBudget, detail));
            }
            return;
        }
        self.kept_bytes += bytes.len();
        self.data_bytes += if use_ == Use::Data { bytes.len() } else { 0 };
        self.kept.push(Kept { path, content: Content::of(bytes, use_), use_, is_descriptive });
    }

    /// Keeps the calls of a pickle, which are few beside its data.
    fn take_pickle(&mut self, path: &MemberPath, pickle: venin_package::PickleReading) {
        self.facts.extend(pickle.facts(path));
        self.gaps.extend(pickle.gaps(path));
        if !pickle.source.is_empty() {
            let bytes = pickle.source.into_bytes();
            self.kept_bytes += bytes.len();
            let path = Arc::clone(path);
            self.kept.push(Kept {
                path,
                content: Content::Bytes(bytes),
                use_: Use::Pickle,
                is_descriptive: false,
            });
        }
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
    if venin_package::is_host_script(path, bytes) || venin_package::is_program_source(path, bytes) {
        return Some(Use::Script);
    }
    if is_pyc(bytes) {
        // A loader does not mind what compiled code is called.
        return Some(Use::Source(SourceKind::Bytecode));
    }
    let is_text = !bytes.get(..bytes.len().min(1024)).unwrap_or(&[]).contains(&0);
    let may_be_read = is_text || may_hold_code(bytes) || !venin_package::is_known_format(bytes);
    (may_be_read && bytes.len() <= MAX_DATA).then_some(Use::Data)
}

/// Whether a pickle or a marshalled code object may begin soon after the start: code may skip what stands before it.
fn may_hold_code(bytes: &[u8]) -> bool {
    const SKIPPED: usize = 64;
    const CODE: [u8; 5] = [0xe3, 0, 0, 0, 0];
    let start = bytes.get(..bytes.len().min(SKIPPED + CODE.len())).unwrap_or_default();
    start.windows(CODE.len()).any(|w| {
        w == CODE || matches!(w, [0x80, 4 | 5, 0x95, ..] | [0x80, 2 | 3, b'c' | b'}' | b']' | b'(', ..])
    })
}

fn shebang(bytes: &[u8]) -> Option<&str> {
    let line = bytes.strip_prefix(b"#!")?;
    let end = line.iter().position(|b| *b == b'\n').unwrap_or(line.len()).min(120);
    std::str::from_utf8(line.get(..end)?).ok()
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '!', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_code_is_read_under_any_name() {
        let compiled = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3\0\0\0\0";
        for name in ["pkg/_core.bin", "pkg/_core.pyc", "pkg/_core"] {
            assert_eq!(wanted_use(name, compiled), Some(Use::Source(SourceKind::Bytecode)), "{name}");
        }
    }

    #[test]
    fn binary_members_are_kept_if_code_may_begin_in_them() {
        for (bytes, use_) in [
            (&b"TSM1\x80\x04\x95\x1d\0\0\0"[..], Some(Use::Data)),
            (b"\0\x80\x02cos\nsystem", Some(Use::Data)),
            (b"KEY\0\xe3\0\0\0\0\0", Some(Use::Data)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
            (b"\0\x13\x07\0\x0c", Some(Use::Data)),
        ] {
            assert_eq!(wanted_use("pkg/table.dat", bytes), use_, "{bytes:?}");
        }
    }
}
