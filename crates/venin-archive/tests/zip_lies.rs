//! Each way a zip can lie, and the honest forms that must stay silent.

mod common;

use common::forge::{Forge, Piece, end};
use common::{Outcome, deflate, read};
use venin_archive::{AnomalyKind as Kind, EntryKind, Format};
use venin_model::GapKind;

const TEXT: &[u8] = b"print('venin')\n";

fn assert_only(outcome: &Outcome, kinds: &[Kind]) {
    let mut found = outcome.kinds();
    found.dedup();
    assert_eq!(found, kinds, "{:?}", outcome.reading.anomalies);
}

fn two() -> [Piece; 2] {
    [Piece::deflated("a.py", TEXT), Piece::stored("b.py", b"b = 1\n")]
}

#[test]
fn an_honest_zip_is_read_without_a_word() {
    for forge in [
        Forge::of(two()),
        Forge::of([Piece::deflated("a.py", TEXT).streamed(), Piece::stored("b.py", b"").streamed()]),
        Forge { comment: b"made by a tool".to_vec(), ..Forge::of(two()) },
        Forge { has_zip64_end: true, ..Forge::of(two()) },
        Forge::of([]),
    ] {
        let outcome = read(&forge.build());
        outcome.assert_clean();
        assert_eq!(outcome.reading.format, Format::Zip);
        assert_eq!(outcome.seen.len(), forge.pieces.len());
        assert!(outcome.seen.iter().all(|s| s.is_whole));
    }
}

#[test]
fn a_stored_zip_inside_a_zip_is_no_second_end_record() {
    let inner = Forge::of(two()).build();
    let outcome = read(&Forge::of([Piece::stored("data/inner.zip", &inner)]).build());
    outcome.assert_clean();
    assert_eq!(outcome.paths(), ["data/inner.zip", "data/inner.zip!a.py", "data/inner.zip!b.py"]);
    assert_eq!(outcome.seen[1].depth, 1);
}

#[test]
fn a_deflated_zip_inside_a_zip_is_no_slack() {
    let inner = Forge::of([Piece::stored("x", &common::prose(1, 3000))]).build();
    let packed = {
        // Stored deflate blocks keep the signatures of the inner zip visible.
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, &inner).unwrap();
        encoder.finish().unwrap()
    };
    read(&Forge::of([Piece::new("inner.zip", 8, packed, &inner)]).build()).assert_clean();
}

#[test]
fn two_names_for_one_member_give_both() {
    let piece = Piece::stored("innocent.txt", TEXT).with_local(|h| h.name = b"setup.py".to_vec());
    let outcome = read(&Forge::of([piece]).build());
    assert!(outcome.has(Kind::HeaderName));
    assert_eq!(outcome.contents("setup.py"), [TEXT]);
    assert_eq!(outcome.contents("innocent.txt"), [TEXT]);
}

#[test]
fn a_unicode_path_field_gives_a_second_name() {
    let field = |name: &[u8], other: &[u8]| {
        let mut field = vec![0x75, 0x70, 5 + other.len() as u8, 0, 1];
        field.extend_from_slice(&crc32fast::hash(name).to_le_bytes());
        field.extend_from_slice(other);
        field
    };
    let piece = Piece::stored("notes.txt", TEXT).with_both(|h| h.extra = field(&h.name, b"setup.py"));
    let outcome = read(&Forge::of([piece]).build());
    assert_only(&outcome, &[Kind::HeaderName]);
    assert_eq!(outcome.contents("setup.py"), [TEXT]);
    let piece = Piece::stored("notes.txt", TEXT).with_both(|h| h.extra = field(b"another", b"setup.py"));
    read(&Forge::of([piece]).build()).assert_clean();
}

#[test]
fn two_sizes_give_both_contents() {
    let piece = Piece::stored("a.py", b"x = 1\nimport os\n").with_central(|h| {
        (h.packed, h.unpacked, h.checksum) = (6, 6, crc32fast::hash(b"x = 1\n"));
    });
    let outcome = read(&Forge::of([piece]).build());
    assert!(outcome.has(Kind::HeaderSize) && outcome.has(Kind::HeaderChecksum));
    assert_eq!(outcome.contents("a.py"), [b"x = 1\n".as_slice(), b"x = 1\nimport os\n"]);
}

#[test]
fn two_methods_give_both_contents() {
    let packed = deflate(TEXT);
    let piece = Piece::new("a.py", 8, packed.clone(), TEXT).with_local(|h| h.method = 0);
    let outcome = read(&Forge::of([piece]).build());
    assert!(outcome.has(Kind::HeaderMethod));
    assert_eq!(outcome.contents("a.py"), [TEXT, packed.as_slice()]);
}

#[test]
fn a_descriptor_that_lies_is_a_header_conflict() {
    let mut piece = Piece::deflated("a.py", TEXT).streamed();
    piece.after[4] ^= 1;
    assert_only(&read(&Forge::of([piece]).build()), &[Kind::HeaderChecksum]);
    let mut piece = Piece::deflated("a.py", TEXT).streamed();
    piece.after[12] ^= 1;
    assert_only(&read(&Forge::of([piece]).build()), &[Kind::HeaderSize]);
    let mut piece = Piece::deflated("a.py", TEXT).streamed();
    piece.after.clear();
    assert_only(&read(&Forge::of([piece]).build()), &[Kind::HeaderSize]);
}

#[test]
fn an_encryption_flag_in_one_header_does_not_hide_the_content() {
    let outcome = read(&Forge::of([Piece::deflated("a.py", TEXT).with_central(|h| h.flags |= 1)]).build());
    assert_only(&outcome, &[Kind::HeaderEncryption]);
    assert_eq!(outcome.contents("a.py"), [TEXT]);
}

#[test]
fn an_encrypted_member_is_a_gap() {
    let outcome = read(&Forge::of([Piece::deflated("a.py", TEXT).with_both(|h| h.flags |= 1)]).build());
    assert_only(&outcome, &[Kind::EncryptedMember]);
    assert!(outcome.has_gap(GapKind::Unreadable));
    assert!(!outcome.seen[0].is_whole);
}

#[test]
fn a_member_that_no_directory_lists_is_read() {
    let mut hidden = Piece::deflated("hidden.py", TEXT);
    hidden.central = None;
    let [a, b] = two();
    let outcome = read(&Forge::of([a, hidden, b]).build());
    assert_only(&outcome, &[Kind::LocalOnly]);
    assert_eq!(outcome.contents("hidden.py"), [TEXT]);
}

#[test]
fn a_listed_member_without_local_header_is_a_gap() {
    let mut ghost = Piece::stored("ghost.py", TEXT);
    (ghost.local, ghost.offset) = (None, Some(1));
    let outcome = read(&Forge::of([Piece::stored("a.py", TEXT), ghost]).build());
    assert_only(&outcome, &[Kind::CentralOnly]);
    assert!(outcome.has_gap(GapKind::Unreadable));
}

#[test]
fn records_beyond_the_count_are_read() {
    let outcome = read(&Forge { count: Some(1), ..Forge::of(two()) }.build());
    assert_only(&outcome, &[Kind::DirectoryCount]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn a_directory_size_of_zero_does_not_empty_the_list() {
    let outcome = read(&Forge { directory_size: Some(0), ..Forge::of(two()) }.build());
    assert_only(&outcome, &[Kind::DirectorySize]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn a_directory_offset_that_lies_is_seen() {
    let outcome = read(&Forge { directory_offset: Some(3), ..Forge::of(two()) }.build());
    assert_only(&outcome, &[Kind::DirectoryOffset]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
    let outcome = read(
        &Forge { directory_offset: Some(9_999_999), directory_size: Some(3), ..Forge::of(two()) }.build(),
    );
    assert!(outcome.has(Kind::DirectoryOffset));
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn a_zip64_record_that_contradicts_the_classic_one_is_seen() {
    let forge = Forge { has_zip64_end: true, count: Some(7), ..Forge::of(two()) };
    assert!(read(&forge.build()).has(Kind::Zip64Conflict));
    let mut bytes = Forge { has_zip64_end: true, ..Forge::of(two()) }.build();
    let record = bytes.len() - 22 - 20 - 56;
    bytes[record] = b'X';
    let outcome = read(&bytes);
    assert!(outcome.has(Kind::Zip64Conflict));
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn an_empty_end_record_behind_the_archive_hides_nothing() {
    let mut bytes = Forge::of(two()).build();
    bytes.extend_from_slice(&end(0, 0, 0, b""));
    let outcome = read(&bytes);
    assert_only(&outcome, &[Kind::SeveralEndRecords]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn an_end_record_in_the_comment_hides_nothing() {
    let outcome = read(&Forge { comment: end(0, 0, 0, b""), ..Forge::of(two()) }.build());
    assert_only(&outcome, &[Kind::SeveralEndRecords, Kind::EndRecordInComment]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
}

#[test]
fn concatenated_zips_are_both_read() {
    let mut bytes = Forge::of([Piece::stored("first.py", b"first = 1\n")]).build();
    bytes.extend_from_slice(&Forge::of([Piece::deflated("second.py", TEXT).streamed()]).build());
    let outcome = read(&bytes);
    assert!(outcome.has(Kind::SeveralEndRecords));
    assert!(!outcome.has(Kind::OverlappingEntries) && !outcome.has(Kind::CentralOnly));
    let mut paths = outcome.paths();
    paths.sort_unstable();
    assert_eq!(paths, ["first.py", "second.py"]);
}

#[test]
fn a_zip_without_end_record_is_read_by_its_local_headers() {
    let outcome = read(&Forge { has_no_end: true, ..Forge::of(two()) }.build());
    assert_only(&outcome, &[Kind::NoEndRecord]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
    let streamed = Forge::of([Piece::deflated("a.py", TEXT).streamed(), Piece::stored("b", TEXT).streamed()]);
    let bytes = streamed.build();
    let members = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let outcome = read(&bytes[..members]);
    assert_only(&outcome, &[Kind::NoEndRecord]);
    assert_eq!((outcome.contents("a.py"), outcome.contents("b")), (vec![TEXT], vec![TEXT]));
}

#[test]
fn a_truncated_zip_gives_what_is_there() {
    let bytes = Forge::of([Piece::stored("a.py", TEXT), Piece::stored("b.py", TEXT)]).build();
    let outcome = read(&bytes[..30 + 4 + TEXT.len() + 30 + 4 + 5]);
    assert!(outcome.has(Kind::NoEndRecord) && outcome.has(Kind::Truncated));
    assert!(outcome.has_gap(GapKind::Unreadable));
    assert_eq!((outcome.contents("a.py"), outcome.contents("b.py")), (vec![TEXT], vec![&TEXT[..5]]));
    assert_eq!(outcome.seen.iter().map(|s| s.is_whole).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn overlapping_members_are_seen() {
    let first = Piece::stored("a.py", TEXT);
    let mut second = Piece::stored("b.py", TEXT).with_central(|h| h.name = b"a.py".to_vec());
    (second.local, second.offset) = (None, Some(0));
    assert!(read(&Forge::of([first, second]).build()).has(Kind::OverlappingEntries));
}

#[test]
fn bytes_around_and_between_are_seen() {
    let prefix = Forge { prefix: b"#!/bin/sh\n".to_vec(), is_shifted: true, ..Forge::of(two()) };
    let outcome = read(&prefix.build());
    assert_only(&outcome, &[Kind::PrefixBytes]);
    assert_eq!(outcome.paths(), ["a.py", "b.py"]);
    // Offsets that count the prefix are as common.
    assert_only(&read(&Forge { is_shifted: false, ..prefix }.build()), &[Kind::PrefixBytes]);

    let [mut a, b] = two();
    a.after = b"hidden payload".to_vec();
    assert_only(&read(&Forge::of([a, b]).build()), &[Kind::HiddenBytes]);

    let mut bytes = Forge::of(two()).build();
    bytes.extend_from_slice(b"behind");
    assert_only(&read(&bytes), &[Kind::TrailingBytes]);
}

#[test]
fn a_member_behind_the_content_of_another_is_read() {
    let hidden = Forge { has_no_end: true, ..Forge::of([Piece::stored("evil.py", TEXT)]) };
    let mut piece = Piece::deflated("a.py", b"a = 1\n");
    piece.data.extend_from_slice(&hidden.build());
    let packed = piece.data.len() as u32;
    let outcome = read(&Forge::of([piece.with_both(|h| h.packed = packed)]).build());
    assert!(outcome.has(Kind::SlackBytes) && outcome.has(Kind::LocalOnly));
    assert_eq!(outcome.contents("evil.py"), [TEXT]);
    assert_eq!(outcome.contents("a.py"), [b"a = 1\n"]);
}

#[test]
fn a_zip_that_is_another_format_too_is_read_as_both() {
    let tar = common::tarball::tarball(&[common::tarball::Block::file("in_tar.py", TEXT)]);
    let prefix = common::gzip(&tar);
    let outcome = read(&Forge { prefix: tar, ..Forge::of(two()) }.build());
    // A tar comes first: it decides the format.
    assert_eq!(outcome.reading.format, Format::Tar);
    assert!(outcome.has(Kind::Polyglot) && outcome.has(Kind::DataAfterEnd));
    assert!(["in_tar.py", "a.py", "b.py"].iter().all(|p| outcome.paths().contains(p)));

    let outcome = read(&Forge { prefix, ..Forge::of(two()) }.build());
    assert_eq!(outcome.reading.format, Format::Gzip);
    assert!(outcome.has(Kind::Polyglot) && outcome.has(Kind::TrailingBytes));
    assert!(["in_tar.py", "a.py", "b.py"].iter().all(|p| outcome.paths().contains(p)));

    let mut bytes = Forge::of(two()).build();
    bytes.extend_from_slice(&common::gzip(TEXT));
    let outcome = read(&bytes);
    assert!(outcome.has(Kind::Polyglot));
    assert_eq!(outcome.contents("content"), [TEXT]);
}

#[test]
fn an_unknown_method_is_a_gap() {
    let outcome = read(&Forge::of([Piece::new("a.py", 97, vec![1, 2, 3], TEXT)]).build());
    assert_only(&outcome, &[Kind::UnknownCompression]);
    assert!(outcome.has_gap(GapKind::Unreadable));
}

#[test]
fn bzip2_xz_and_lzma_members_are_read() {
    let lzma = {
        let options = liblzma::stream::LzmaOptions::new_preset(1).unwrap();
        let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
        let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
        std::io::Write::write_all(&mut encoder, TEXT).unwrap();
        let alone = encoder.finish().unwrap();
        [&[9, 4, 5, 0], &alone[..5], &alone[13..]].concat()
    };
    let pieces = [
        Piece::new("a.bz2", 12, common::bzip2(TEXT), TEXT),
        Piece::new("a.xz", 95, common::xz(TEXT), TEXT),
        Piece::new("a.lzma", 14, lzma, TEXT).with_both(|h| h.flags |= 2),
    ];
    let outcome = read(&Forge::of(pieces).build());
    outcome.assert_clean();
    assert!(outcome.seen.iter().all(|s| s.bytes == TEXT && s.is_whole), "{:?}", outcome.seen);
}

#[test]
fn wrong_checksums_and_sizes_are_seen() {
    let outcome = read(&Forge::of([Piece::deflated("a.py", TEXT).with_both(|h| h.checksum ^= 1)]).build());
    assert_only(&outcome, &[Kind::ChecksumMismatch]);
    for unpacked in [3, 4000] {
        let piece = Piece::deflated("a.py", TEXT).with_both(|h| h.unpacked = unpacked);
        let outcome = read(&Forge::of([piece]).build());
        assert_only(&outcome, &[Kind::SizeMismatch]);
        assert_eq!(outcome.contents("a.py"), [TEXT]);
    }
}

#[test]
fn damaged_data_is_a_gap_and_the_start_is_kept() {
    let content = common::prose(3, 40_000);
    let mut piece = Piece::deflated("a.py", &content);
    let middle = piece.data.len() / 2;
    piece.data.truncate(middle);
    piece.data.extend_from_slice(&[0xff; 64]);
    let packed = piece.data.len() as u32;
    let outcome = read(&Forge::of([piece.with_both(|h| h.packed = packed)]).build());
    assert_only(&outcome, &[Kind::DamagedData]);
    assert!(outcome.has_gap(GapKind::Unreadable));
    assert!(outcome.seen[0].bytes.len() > 1000 && content.starts_with(&outcome.seen[0].bytes[..1000]));
    let outcome = read(b"PK\x03\x04garbage that is no zip");
    assert!(outcome.has(Kind::DamagedData) && outcome.has_gap(GapKind::Unreadable));
}

#[test]
fn a_directory_entry_with_content_is_seen() {
    let outcome = read(&Forge::of([Piece::stored("pkg/", TEXT), Piece::stored("lib/", b"")]).build());
    assert_only(&outcome, &[Kind::DirectoryData]);
    assert_eq!(outcome.seen[0].kind, EntryKind::Directory);
}

#[test]
fn links_in_a_zip_are_seen() {
    let mut inside = Piece::stored("pkg/link", b"../data/x");
    inside.mode = 0o120_777;
    let mut outside = Piece::stored("pkg/out", b"../../etc/x");
    outside.mode = 0o120_777;
    let outcome = read(&Forge::of([inside, outside]).build());
    assert_eq!(outcome.kinds(), [Kind::ZipSymlink, Kind::ZipSymlink, Kind::EscapingLink]);
    assert_eq!(outcome.seen[0].kind, EntryKind::Symlink { target: "../data/x".to_owned() });
}

#[test]
fn names_that_deceive_are_seen_and_normalized() {
    for (name, kind, path) in [
        ("../../evil.py", Kind::ParentPath, "../../evil.py"),
        ("/etc/evil.py", Kind::AbsolutePath, "etc/evil.py"),
        ("C:/evil.py", Kind::DrivePath, "C:/evil.py"),
        ("pkg\\evil.py", Kind::BackslashPath, "pkg/evil.py"),
        ("evil.py\0.txt", Kind::NulInName, "evil.py"),
        ("evil\u{202e}yp.txt", Kind::ControlInName, "evil\\u{202e}yp.txt"),
        ("", Kind::EmptyName, "."),
    ] {
        let outcome = read(&Forge::of([Piece::stored(name, TEXT)]).build());
        assert_only(&outcome, &[kind]);
        assert_eq!(outcome.contents(path), [TEXT]);
        assert!(!outcome.reading.anomalies[0].detail.contains(char::is_control));
    }
    let piece = Piece::stored("x", TEXT).with_both(|h| h.name = b"\xe9.py".to_vec());
    assert_only(&read(&Forge::of([piece]).build()), &[Kind::NameEncoding]);
}

#[test]
fn clashing_names_are_seen() {
    let outcome = read(&Forge::of([Piece::stored("a.py", TEXT), Piece::stored("a.py", b"other")]).build());
    assert_only(&outcome, &[Kind::DuplicateName]);
    assert_eq!(outcome.contents("a.py"), [TEXT, b"other"]);
    assert_only(
        &read(&Forge::of([Piece::stored("a.py", TEXT), Piece::stored("a.py", TEXT)]).build()),
        &[Kind::RepeatedMember],
    );
    assert_only(
        &read(&Forge::of([Piece::stored("a.py", TEXT), Piece::stored("A.py", TEXT)]).build()),
        &[Kind::CaseCollision],
    );
}

#[test]
fn an_anomaly_becomes_a_fact_of_its_member() {
    let outcome = read(&Forge::of([Piece::stored("/x.py", TEXT)]).build());
    let fact = outcome.reading.anomalies[0].to_fact();
    assert_eq!(&*fact.kind, "archive.absolute-path");
    assert_eq!(fact.detail("depth"), Some("0"));
    assert_eq!(fact.site.map(|s| s.member.to_string()).as_deref(), Some("x.py"));
}

#[test]
fn lies_that_are_only_counted_keep_their_depth() {
    let many = (0..70).flat_map(|n| {
        let name = format!("{n}.txt");
        [Piece::stored(&name, b"1"), Piece::stored(&name, b"2")]
    });
    let inner = Forge::of(many).build();
    let outcome = read(&Forge::of([Piece::stored("tests/inner.zip", &inner)]).build());
    let last = outcome.reading.anomalies.last().unwrap();
    assert_eq!((last.kind, last.depth), (Kind::DuplicateName, 1), "{last:?}");
    assert!(last.detail.contains("more of this kind"));
}
