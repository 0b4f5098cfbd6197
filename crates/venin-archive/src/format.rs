//! Which format bytes are in, found by content alone.

use memchr::memmem;
use venin_model::spelled_enum;

use crate::tar::is_header;
use crate::zip::has_directory_at_the_end;

spelled_enum! {
    /// An archive or compression format.
    pub enum Format {
        /// Zip, which wheels and eggs are.
        Zip = "zip",
        /// Tar without compression.
        Tar = "tar",
        /// Gzip, with or without a tar inside.
        Gzip = "gzip",
        /// Bzip2, with or without a tar inside.
        Bzip2 = "bzip2",
        /// Xz, with or without a tar inside.
        Xz = "xz",
        /// Zstandard: recognised, not read.
        Zstd = "zstd",
        /// None of these.
        NotArchive = "not an archive",
    }
}

impl Format {
    /// Whether the format compresses one stream rather than holding members.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Gzip | Self::Bzip2 | Self::Xz)
    }
}

/// Finds the format by magic numbers, a tar by the checksum of its first header, and a zip with bytes before
/// it by the directory at its end.
#[must_use]
pub fn detect_format(bytes: &[u8]) -> Format {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Format::Zip,
        [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Format::Zip,
        [0x1f, 0x8b, 8, ..] => Format::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if is_bzip2_block(rest) => Format::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Format::Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::Zstd,
        _ if is_header(bytes) => Format::Tar,
        _ if has_directory_at_the_end(bytes) => Format::Zip,
        _ => Format::NotArchive,
    }
}

/// A bzip2 stream goes on with a block or, when empty, with its end mark.
fn is_bzip2_block(rest: &[u8]) -> bool {
    rest.starts_with(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
        || rest.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
}

/// The first place at or after `from` where a zip record signature stands.
pub(crate) fn find_zip_signature(bytes: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    memmem::find_iter(tail, b"PK").map(|i| from + i).find(|&at| {
        matches!(bytes.get(at + 2..at + 4), Some([3, 4] | [1, 2] | [5, 6] | [6, 6] | [6, 7] | [7, 8]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_decide() {
        assert_eq!(detect_format(b"PK\x03\x04rest"), Format::Zip);
        assert_eq!(detect_format(b"\x1f\x8b\x08\x00"), Format::Gzip);
        assert_eq!(detect_format(b"BZh91AY&SY"), Format::Bzip2);
        assert_eq!(detect_format(b"\xfd7zXZ\x00"), Format::Xz);
        assert_eq!(detect_format(b"\x28\xb5\x2f\xfd"), Format::Zstd);
    }

    #[test]
    fn text_zeros_and_nothing_are_no_archive() {
        for bytes in [b"".as_slice(), b"import os\n", &[0; 2048], b"BZhello", b"PK"] {
            assert_eq!(detect_format(bytes), Format::NotArchive);
        }
    }
}
