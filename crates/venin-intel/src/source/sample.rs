//! Sources that hold the samples themselves, for the vault.

use std::io::Read;
use std::path::Path;

use super::{SourceError, SourceProblem};
use crate::claim::Subject;

/// One sample: an archive as bytes.  It is read, never unpacked and never run.
pub struct Sample<'a> {
    /// Project, version and file name, as far as the source tells.
    pub subject: Subject,
    /// Where it lies in the source: a path.
    pub place: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, once.
    pub bytes: &'a mut dyn Read,
}

/// What happens to a sample; an error ends the walk.
pub type TakeSample<'a> = dyn FnMut(Sample<'_>) -> Result<(), SourceError> + 'a;

/// A source of samples.
pub trait SampleSource {
    /// Hands over every sample whose place is wanted, in the order of places; gives what could not be read.
    ///
    /// # Errors
    /// The input as a whole cannot be read, or `take` refuses.
    fn read_samples(
        &self,
        input: &Path,
        is_wanted: &dyn Fn(&Subject, &str) -> bool,
        take: &mut TakeSample<'_>,
    ) -> Result<Vec<SourceProblem>, SourceError>;
}
