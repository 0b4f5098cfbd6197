//! Samples of the vault: opened in memory and handed to a worker, never written anywhere in their own form.

use venin_intel::claim::Digest;
use venin_intel::vault::Vault;

use super::{Intake, SendError, Shape, Subject, problem};

/// A sample of the vault.
#[derive(Debug, Clone)]
pub(crate) struct SampleTarget {
    /// What reports call it: the release that it came from, or its digest.
    pub(crate) label: String,
    /// The name of the file as its source had it.
    pub(crate) file_name: String,
    /// Which sample.
    pub(crate) digest: Digest,
    /// Where it is.
    pub(crate) vault: Vault,
}

impl SampleTarget {
    /// Opens the sample into `intake`.
    ///
    /// # Errors
    /// [`SendError`].
    pub(super) fn send_to(&self, intake: &mut dyn Intake) -> Result<(), SendError> {
        let bytes = self.vault.read(self.digest).map_err(|error| {
            SendError::Input(problem(&self.label, error.to_string(), "`venin vault verify` checks the vault"))
        })?;
        let subject = Subject { name: self.file_name.clone(), shape: Shape::File, size: bytes.len() as u64 };
        intake.begin(&subject)?;
        for chunk in bytes.chunks(256 << 10) {
            intake.bytes(chunk)?;
        }
        Ok(())
    }
}
