//! What a claim says, and what kind of unwanted release it takes it for.

venin_model::spelled_enum! {
    /// What a claim says.
    pub enum ClaimKind {
        /// A file or a release was uploaded.
        Uploaded = "uploaded",
        /// The first download that statistics know.
        FirstDownload = "first-download",
        /// The last download that statistics know.
        LastDownload = "last-download",
        /// Downloads were counted; how many is in the detail.
        Downloads = "downloads",
        /// Somebody says it is malicious.
        Reported = "reported",
        /// A record about it was published.
        AdvisoryPublished = "advisory-published",
        /// The record was changed.
        AdvisoryModified = "advisory-modified",
        /// The record was taken back; the detail names it.
        AdvisoryWithdrawn = "advisory-withdrawn",
        /// The index hides it, reversibly (PEP 792).
        Quarantined = "quarantined",
        /// The index shows it again.
        QuarantineCleared = "quarantine-cleared",
        /// A release was removed from the index.
        ReleaseRemoved = "release-removed",
        /// A project was removed from the index.
        ProjectRemoved = "project-removed",
        /// A file was removed from the index.
        FileRemoved = "file-removed",
        /// A file was yanked (PEP 592).
        Yanked = "yanked",
        /// A yank was taken back.
        Unyanked = "unyanked",
        /// An index page listed it.
        IndexSeen = "index-seen",
        /// The index page did not list it, while its control probes were well.
        IndexAbsent = "index-absent",
        /// The file was served; where its bytes were digested, they were those that the subject names.
        FileSeen = "file-seen",
        /// The file was not served, while the control probes were well.
        FileAbsent = "file-absent",
        /// Other bytes were served under the file's address.
        FileChanged = "file-changed",
        /// The address leads to another host.
        FileRedirected = "file-redirected",
        /// A surface could not be judged: its control probes failed.
        SurfaceUnknown = "surface-unknown",
        /// Somebody else registered the name.
        NameReused = "name-reused",
        /// A sample was put into the vault.
        Archived = "archived",
        /// Our own scan of the bytes; the verdict is in the detail.
        Scanned = "scanned",
        /// A sample was looked for and not found; where is in the detail.
        NotFound = "not-found",
    }
}

venin_model::spelled_enum! {
    /// What kind of unwanted release it is taken for.
    pub enum Class {
        /// It harms whoever installs or runs it.
        Malware = "malware",
        /// Somebody's penetration test or research.
        Pentest = "pentest",
        /// Advertising, or a name taken for its own sake.
        Spam = "spam",
        /// It takes the name of somebody's internal package.
        DependencyConfusion = "dependency-confusion",
        /// Its own maintainer made it act against some of its users.
        Protestware = "protestware",
        /// A real project of which some releases were poisoned.
        Compromised = "compromised",
        /// Nobody says.
        Unknown = "unknown",
    }
}

impl ClaimKind {
    /// Whether the claim says that the subject is malicious.
    #[must_use]
    pub const fn accuses(self) -> bool {
        matches!(self, Self::Reported | Self::AdvisoryPublished | Self::AdvisoryModified)
    }
}
