//! The container of one sample: a ZIP with one member under AES-256, as the field exchanges samples.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipArchive, ZipWriter};

use super::MOST_BYTES;
use crate::claim::Digest;

/// The password that the field uses for samples.
pub const PASSWORD: &str = "infected";

/// Seals bytes; the member is named by the digest and has no run bit.
pub(super) fn seal(digest: Digest, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o400)
        .last_modified_time(zip::DateTime::default())
        .with_aes_encryption(AesMode::Aes256, PASSWORD);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let sealed = writer
        .start_file(digest.to_string(), options)
        .and_then(|()| Ok(writer.write_all(bytes)?))
        .and_then(|()| writer.finish());
    Ok(sealed.map_err(|error| error.to_string())?.into_inner())
}

/// Opens a container: ours, or one of another collection with the same password.
///
/// # Errors
/// It is no ZIP, has not exactly one file, another password, or more than [`MOST_BYTES`].
pub(super) fn open(container: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive = ZipArchive::new(Cursor::new(container)).map_err(|error| error.to_string())?;
    if archive.len() != 1 {
        return Err(format!("it holds {} files instead of one", archive.len()));
    }
    let file = archive.by_index_decrypt(0, PASSWORD.as_bytes()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it holds more than a sample may have".to_owned());
    }
    Ok(bytes)
}
