//! Members in a well-known binary format: pictures, sounds, fonts, archives, documents, tables of numbers.
//!
//! Only their first bytes are looked at.  What begins with none of these may be anything, such as a program that was
//! encrypted, whose bytes say nothing.  Formats that merely wrap other bytes (gzip, zlib, xz) are not among them.

/// First bytes of formats that begin with them.
const BEGINNINGS: &[&[u8]] = &[
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"\0\0\x02\0",
    b"RIFF",
    b"8BPS",
    b"ID3",
    b"OggS",
    b"fLaC",
    b"FORM",
    b"MThd",
    b"\x1a\x45\xdf\xa3",
    b"wOFF",
    b"wOF2",
    b"OTTO",
    b"ttcf",
    b"true",
    b"\0\x01\0\0",
    b"%PDF",
    b"%!PS",
    b"\xd0\xcf\x11\xe0",
    b"{\\rtf",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf",
    b"!<arch>",
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa",
    b"\xca\xfe\xba\xbe",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\0asm",
    b"dex\n",
    b"\xde\x12\x04\x95",
    b"\x95\x04\x12\xde",
    b"TZif",
    b"SQLite format 3\0",
    b"\x93NUMPY",
    b"\x89HDF",
    b"CDF\x01",
    b"CDF\x02",
    b"CDF\x05",
    b"SIMPLE  =",
    b"PAR1",
    b"ARROW1",
    b"ORC",
    b"Obj\x01",
    b"\0\0\x27\x0a",
    b"glTF",
    b"DDS ",
    b"\xabKTX",
    b"GRIB",
    b"BM",
    b"\0\0\0\x0cjP",
    b"\xffO\xffQ",
];

/// Whether the bytes begin as a file of a well-known format does.
#[must_use]
pub fn is_known_format(bytes: &[u8]) -> bool {
    let after = |at: usize, marks: &[&[u8]]| {
        bytes.get(at..).is_some_and(|rest| marks.iter().any(|mark| rest.starts_with(mark)))
    };
    BEGINNINGS.iter().any(|mark| bytes.starts_with(mark))
        // MP4 and its relatives, TensorFlow Lite, tar, DICOM.
        || after(4, &[b"ftyp", b"moov", b"mdat", b"TFL3"])
        || after(257, &[b"ustar"])
        || after(128, &[b"DICM"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fonts_and_archives_are_known_by_their_first_bytes() {
        for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"wOF2\0\x01", b"PK\x03\x04\x14\0", b"\0\0\0\x18ftypmp42"] {
            assert!(is_known_format(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn encrypted_and_packed_bytes_are_of_no_known_format() {
        for bytes in [&b""[..], b"\x1f\x8b\x08\0", b"x\x9c\x03\0", b"\0\x13\x07\0\x0c", b"\xe3\0\0\0\0"] {
            assert!(!is_known_format(bytes), "{bytes:?}");
        }
    }
}
