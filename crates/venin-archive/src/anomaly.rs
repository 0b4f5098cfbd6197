//! The ways an archive lies, and the log that collects them without growing with the attack.

use std::collections::BTreeMap;

use venin_model::{Fact, Gap, GapKind, MemberPath, Site, spelled_enum};

spelled_enum! {
    /// A way an archive lies, or differs between readers.
    pub enum AnomalyKind {
        /// The local header and the central directory name a member differently: two installers unpack two files.
        HeaderName = "header-name",
        /// They declare different sizes: one reader sees more content than the other.
        HeaderSize = "header-size",
        /// They declare different checksums: at least one was written for other content.
        HeaderChecksum = "header-checksum",
        /// They declare different compression methods: the content depends on the reader.
        HeaderMethod = "header-method",
        /// They disagree on encryption: scanners that honor the flag give up, others read on.
        HeaderEncryption = "header-encryption",
        /// A member has a local header only: streaming installers unpack it, directory readers never see it.
        LocalOnly = "local-only",
        /// The directory lists a member that has no local header: content that nobody can read, or a decoy.
        CentralOnly = "central-only",
        /// The end record counts other than the directory holds: readers that trust the count miss members.
        DirectoryCount = "directory-count",
        /// The end record's directory size is wrong: readers that trust it see an empty or shortened list.
        DirectorySize = "directory-size",
        /// The directory does not start where the end record says: readers find different directories.
        DirectoryOffset = "directory-offset",
        /// The zip64 records contradict the classic ones or each other: readers choose differently.
        Zip64Conflict = "zip64-conflict",
        /// More than one end record: each reader picks its own archive.
        SeveralEndRecords = "several-end-records",
        /// An end record inside the comment of another: CPython takes the inner one, others the outer one.
        EndRecordInComment = "end-record-in-comment",
        /// No end record: directory readers refuse what streaming readers unpack.
        NoEndRecord = "no-end-record",
        /// Members share bytes of the archive: a bomb, or content hidden in other content.
        OverlappingEntries = "overlapping-entries",
        /// Bytes before the archive: a second format, or a program with an archive behind it.
        PrefixBytes = "prefix-bytes",
        /// Bytes between members that belong to none of them: a place to hide a payload.
        HiddenBytes = "hidden-bytes",
        /// Bytes after the archive's end: a place to hide a payload.
        TrailingBytes = "trailing-bytes",
        /// A member's packed range goes on after its content ended: streaming readers take it for more members.
        SlackBytes = "slack-bytes",
        /// The bytes are an archive of two formats at once: two tools unpack two packages.
        Polyglot = "polyglot",
        /// A member is encrypted: nobody can check it, and pip cannot install it.
        EncryptedMember = "encrypted-member",
        /// A compression method that installers do not read: content kept from scanners.
        UnknownCompression = "unknown-compression",
        /// The content does not fit its checksum: damaged or changed after packing.
        ChecksumMismatch = "checksum-mismatch",
        /// The content is not as long as declared: a reader that trusts the size stops early.
        SizeMismatch = "size-mismatch",
        /// The packed data is invalid: damaged, or made so that scanners give up.
        DamagedData = "damaged-data",
        /// The archive ends before its content does.
        Truncated = "truncated",
        /// A directory entry carries data: content where nobody looks for it.
        DirectoryData = "directory-data",
        /// Two members have one name and different content: readers keep different ones.
        DuplicateName = "duplicate-name",
        /// Two members have one name and the same content: untidy, seldom more.
        RepeatedMember = "repeated-member",
        /// Two names differ in case only: on some systems one file replaces the other.
        CaseCollision = "case-collision",
        /// A path starts at the root: it unpacks outside the target folder.
        AbsolutePath = "absolute-path",
        /// A path has `..` segments: it may unpack outside the target folder.
        ParentPath = "parent-path",
        /// A path starts with a drive or network share: it unpacks outside the target folder on Windows.
        DrivePath = "drive-path",
        /// A path is written with backslashes: it is one file here and a tree on Windows.
        BackslashPath = "backslash-path",
        /// A name holds a NUL: readers that stop there see another name, and another type of file.
        NulInName = "nul-in-name",
        /// A name holds control or direction characters: what people see is not what it is.
        ControlInName = "control-in-name",
        /// A name is not UTF-8: readers decode it to different names.
        NameEncoding = "name-encoding",
        /// A path is longer than the budget and was cut in this report.
        LongPath = "long-path",
        /// A member has no name.
        EmptyName = "empty-name",
        /// A zip holds a symbolic link: some tools make it, some write its target as text.
        ZipSymlink = "zip-symlink",
        /// A link points out of the archive: what is written through it lands elsewhere.
        EscapingLink = "escaping-link",
        /// A member's path goes through a link of the same archive: it is written to where the link points.
        PathThroughLink = "path-through-link",
        /// A device node or pipe: no package needs one.
        DeviceNode = "device-node",
        /// The PAX size differs from the header's size: readers disagree where the next member starts.
        PaxSize = "pax-size",
        /// A member has a GNU long name and another PAX path: readers disagree on its name.
        PaxName = "pax-name",
        /// A global PAX header sets a path or size for all members: readers disagree on whether it counts.
        PaxGlobal = "pax-global",
        /// A PAX or GNU extension header that cannot be read, so that readers differ in what they ignore.
        BadExtension = "bad-extension",
        /// Two extension headers of a kind before one member: readers keep different ones.
        RepeatedExtension = "repeated-extension",
        /// A tar header whose checksum is wrong: CPython silently stops there, other readers go on or fail.
        BadHeader = "bad-header",
        /// Members or data after the end mark of a tar: invisible to most readers.
        DataAfterEnd = "data-after-end",
        /// A link, directory or device declares content: readers disagree where the next member starts.
        SizedLink = "sized-link",
        /// A sparse member: its content is not stored as it will be unpacked.
        SparseMember = "sparse-member",
        /// A member type that no standard knows: CPython unpacks it as a file, others skip it.
        UnknownMemberType = "unknown-member-type",
        /// Several compressed streams one after the other: readers that stop at the first miss the others.
        SeveralStreams = "several-streams",
        /// It unpacks to far more bytes than any release has.
        TotalBytes = "total-bytes",
        /// It unpacks to far more bytes than it has: a decompression bomb.
        CompressionBomb = "compression-bomb",
        /// It has more members than any release has.
        MemberCount = "member-count",
        /// Archives inside archives, deeper than any release has.
        NestingDepth = "nesting-depth",
    }
}

/// One lie of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Which.
    pub kind: AnomalyKind,
    /// The member, or the nested archive as a whole; `None` for the outermost archive as a whole.
    pub member: Option<MemberPath>,
    /// What exactly, one sentence without a full stop; names in it have control characters escaped.
    pub detail: String,
    /// How many archives lie around the one that lies: 0 for the outermost.  Lies of nested archives are often
    /// test data of archive tools.
    pub depth: u8,
}

impl Anomaly {
    /// The anomaly as a fact of kind `archive.<kind>`, with its depth as a detail.
    #[must_use]
    pub fn to_fact(&self) -> Fact {
        let fact = Fact::new(&format!("archive.{}", self.kind), self.detail.as_str())
            .with("depth", self.depth.to_string());
        match &self.member {
            Some(member) => fact.at(Site::whole(member.clone())),
            None => fact,
        }
    }
}

/// Anomalies and gaps kept of each kind; the others are counted.
const KEPT_OF_EACH_KIND: u64 = 64;

/// Collects anomalies and gaps; an attack with a million of them costs a counter.
#[derive(Debug, Default)]
pub(crate) struct Log {
    anomalies: Vec<Anomaly>,
    gaps: Vec<Gap>,
    seen_anomalies: BTreeMap<AnomalyKind, u64>,
    /// The least depth of the anomalies that are only counted.
    counted_depth: BTreeMap<AnomalyKind, u8>,
    seen_gaps: BTreeMap<GapKind, u64>,
}

impl Log {
    pub(crate) fn add_anomaly(&mut self, kind: AnomalyKind, depth: u8, anomaly: impl FnOnce() -> Anomaly) {
        let seen = self.seen_anomalies.entry(kind).or_default();
        *seen += 1;
        if *seen <= KEPT_OF_EACH_KIND {
            self.anomalies.push(anomaly());
        } else {
            let least = self.counted_depth.entry(kind).or_insert(depth);
            *least = depth.min(*least);
        }
    }

    pub(crate) fn add_gap(&mut self, gap: Gap) {
        let seen = self.seen_gaps.entry(gap.kind).or_default();
        *seen += 1;
        if *seen <= KEPT_OF_EACH_KIND {
            self.gaps.push(gap);
        }
    }

    /// The lists, with one line for what was only counted.
    pub(crate) fn finish(mut self) -> (Vec<Anomaly>, Vec<Gap>) {
        for (kind, seen) in self.seen_anomalies {
            if let Some(more) = seen.checked_sub(KEPT_OF_EACH_KIND).filter(|n| *n > 0) {
                let detail = format!("{more} more of this kind");
                let depth = self.counted_depth.get(&kind).copied().unwrap_or_default();
                self.anomalies.push(Anomaly { kind, member: None, detail, depth });
            }
        }
        for (kind, seen) in self.seen_gaps {
            if let Some(more) = seen.checked_sub(KEPT_OF_EACH_KIND).filter(|n| *n > 0) {
                self.gaps.push(Gap::of_artifact(kind, format!("{more} more members with this gap")));
            }
        }
        (self.anomalies, self.gaps)
    }
}
