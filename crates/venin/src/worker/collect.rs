//! A target in memory, as the scanner takes it.

use std::io;

use venin_model::{Gap, Verdict};
use venin_scan::{Input, Scan, TreeMember};

use crate::targets::{Intake, Shape, Subject};

/// Most bytes reserved because somebody announced them; the rest comes as the bytes do.
const MAX_RESERVED: u64 = 1 << 30;

/// A target in memory.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    subject: Option<Subject>,
    file: Vec<u8>,
    members: Vec<TreeMember>,
    gaps: Vec<Gap>,
}

impl Collected {
    /// Scans what was collected and forgets it.  `None` when nothing was begun.
    pub(crate) fn scan(&mut self, scanner: &dyn Fn(&Input<'_>) -> Scan) -> Option<Scan> {
        let mut taken = std::mem::take(self);
        let subject = taken.subject.take()?;
        taken.members.sort_by(|a, b| a.path.cmp(&b.path));
        let mut scan = scanner(&match subject.shape {
            Shape::File => Input::File { name: &subject.name, bytes: &taken.file },
            Shape::Tree => Input::Tree { name: &subject.name, members: &taken.members },
        });
        add_gaps(&mut scan, taken.gaps);
        Some(scan)
    }
}

/// What could not be read belongs to the coverage, and keeps a scan from being clean.
fn add_gaps(scan: &mut Scan, gaps: Vec<Gap>) {
    scan.coverage.gaps.extend(gaps);
    if scan.verdict == Verdict::Clean && !scan.coverage.is_complete() {
        scan.verdict = Verdict::Incomplete;
    }
}

/// Room for announced bytes, as far as the announcement can be believed.
fn reserved(size: u64) -> Vec<u8> {
    Vec::with_capacity(usize::try_from(size.min(MAX_RESERVED)).unwrap_or(0))
}

impl Intake for Collected {
    fn begin(&mut self, subject: &Subject) -> io::Result<()> {
        *self = Self { subject: Some(subject.clone()), ..Self::default() };
        if subject.shape == Shape::File {
            self.file = reserved(subject.size);
        }
        Ok(())
    }

    fn member(&mut self, path: &str, size: u64) -> io::Result<()> {
        self.members.push(TreeMember { path: path.to_owned(), bytes: reserved(size) });
        Ok(())
    }

    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()> {
        match (self.subject.as_ref().map(|s| s.shape), self.members.last_mut()) {
            (Some(Shape::Tree), Some(member)) => member.bytes.extend_from_slice(chunk),
            (Some(Shape::File), _) => self.file.extend_from_slice(chunk),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "bytes that belong to nothing")),
        }
        Ok(())
    }

    fn gap(&mut self, gap: Gap) -> io::Result<()> {
        self.gaps.push(gap);
        Ok(())
    }
}
