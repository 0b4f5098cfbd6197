//! Each way a tar or the stream around it can lie, and the honest forms that must stay silent.

mod common;

use common::tarball::{Block, tarball};
use common::{Outcome, bzip2, gzip, prose, read, read_within, xz};
use venin_archive::{AnomalyKind as Kind, Budget, EntryKind, Format};
use venin_model::GapKind;

const TEXT: &[u8] = b"print('venin')\n";

fn assert_only(outcome: &Outcome, kinds: &[Kind]) {
    let mut found = outcome.kinds();
    found.dedup();
    assert_eq!(found, kinds, "{:?}", outcome.reading.anomalies);
}

fn plain() -> Vec<u8> {
    tarball(&[
        Block::of_type(b'5', "pkg/"),
        Block::file("pkg/a.py", TEXT),
        Block::file("pkg/b.py", &prose(1, 5000)),
    ])
}

#[test]
fn an_honest_tar_is_read_in_every_compression() {
    for (bytes, format, inner) in [
        (plain(), Format::Tar, None),
        (gzip(&plain()), Format::Gzip, Some(Format::Tar)),
        (bzip2(&plain()), Format::Bzip2, Some(Format::Tar)),
        (xz(&plain()), Format::Xz, Some(Format::Tar)),
    ] {
        let outcome = read(&bytes);
        outcome.assert_clean();
        assert_eq!((outcome.reading.format, outcome.reading.inner), (format, inner));
        assert_eq!(outcome.paths(), ["pkg", "pkg/a.py", "pkg/b.py"]);
        assert_eq!(outcome.contents("pkg/b.py"), [prose(1, 5000)]);
        assert_eq!(outcome.seen[0].kind, EntryKind::Directory);
    }
}

#[test]
fn long_names_of_both_kinds_are_honest() {
    let long = "d/".repeat(120) + "x.py";
    for extension in [Block::pax(b'x', &[("path", &long), ("mtime", "1.5")]), Block::gnu(b'L', &long)] {
        let outcome = read(&tarball(&[extension, Block::file("short", TEXT)]));
        outcome.assert_clean();
        assert_eq!(outcome.contents(&long), [TEXT]);
    }
}

#[test]
fn a_global_comment_is_honest_and_a_global_path_is_not() {
    let comment = Block::pax(b'g', &[("comment", "0123456789abcdef")]);
    read(&tarball(&[comment, Block::file("a.py", TEXT)])).assert_clean();
    let path = Block::pax(b'g', &[("path", "setup.py")]);
    let outcome = read(&tarball(&[path, Block::file("a.txt", TEXT)]));
    assert_only(&outcome, &[Kind::PaxGlobal]);
    assert_eq!(outcome.contents("setup.py"), [TEXT]);
}

#[test]
fn a_pax_size_beside_another_header_size_is_seen() {
    let inner = Block::file("evil.py", TEXT).build();
    let pax = Block::pax(b'x', &[("size", &inner.len().to_string())]);
    let outcome = read(&tarball(&[pax, Block::file("a.bin", &inner).declaring(0)]));
    assert_only(&outcome, &[Kind::PaxSize]);
    assert_eq!(outcome.contents("a.bin"), [inner]);
}

#[test]
fn a_gnu_name_beside_a_pax_path_is_seen() {
    let blocks =
        [Block::gnu(b'L', "gnu.py"), Block::pax(b'x', &[("path", "pax.py")]), Block::file("a", TEXT)];
    assert_only(&read(&tarball(&blocks)), &[Kind::PaxName]);
}

#[test]
fn broken_and_repeated_extensions_are_seen() {
    let broken = Block { type_flag: b'x', ..Block::file("pax", b"99 path=x\n") };
    assert_only(&read(&tarball(&[broken, Block::file("a", TEXT)])), &[Kind::BadExtension]);
    let one = Block::pax(b'x', &[("path", "one.py")]);
    let two = Block::pax(b'x', &[("path", "two.py")]);
    assert_only(&read(&tarball(&[one, two, Block::file("a", TEXT)])), &[Kind::RepeatedExtension]);
    let both = Block::pax(b'x', &[("path", "one.py"), ("path", "two.py")]);
    assert_only(&read(&tarball(&[both, Block::file("a", TEXT)])), &[Kind::RepeatedExtension]);
}

#[test]
fn clashing_names_are_seen() {
    assert_only(&read(&tarball(&[Block::file("a", b"1"), Block::file("a", b"2")])), &[Kind::DuplicateName]);
    assert_only(&read(&tarball(&[Block::file("a", b"1"), Block::file("a", b"1")])), &[Kind::RepeatedMember]);
    assert_only(&read(&tarball(&[Block::file("a", b"1"), Block::file("A", b"1")])), &[Kind::CaseCollision]);
}

#[test]
fn a_link_carries_the_content_of_its_target() {
    let outcome = read(&gzip(&tarball(&[
        Block::link(b'2', "pkg/setup.py", "../data/notes.txt"),
        Block::link(b'1', "hard.py", "data/notes.txt"),
        Block::link(b'2', "chain.py", "pkg/setup.py"),
        Block::link(b'2', "loop.py", "loop.py"),
        Block::link(b'2', "missing.py", "nowhere"),
        Block::file("data/notes.txt", TEXT),
    ])));
    outcome.assert_clean();
    for path in ["pkg/setup.py", "hard.py", "chain.py", "data/notes.txt"] {
        assert_eq!(outcome.contents(path), [TEXT], "{path}");
    }
    assert_eq!(outcome.contents("loop.py"), [b""]);
    assert_eq!(outcome.contents("missing.py"), [b""]);
    assert_eq!(outcome.reading.members, 6);
}

#[test]
fn links_that_leave_the_archive_and_paths_through_links_are_seen() {
    let outcome = read(&tarball(&[
        Block::link(b'2', "out", "../../etc"),
        Block::link(b'1', "abs", "/etc/passwd"),
        Block::file("out/cron", TEXT),
    ]));
    assert_eq!(outcome.kinds(), [Kind::EscapingLink, Kind::EscapingLink, Kind::PathThroughLink]);
}

#[test]
fn devices_and_pipes_are_seen() {
    let blocks = [Block::of_type(b'3', "tty"), Block::of_type(b'4', "disk"), Block::of_type(b'6', "pipe")];
    let outcome = read(&tarball(&blocks));
    assert_eq!(outcome.kinds(), [Kind::DeviceNode; 3]);
    assert_eq!(outcome.seen[0].kind, EntryKind::Device);
    assert_eq!(outcome.seen[2].kind, EntryKind::Other);
}

#[test]
fn odd_types_are_seen() {
    let outcome = read(&tarball(&[Block { type_flag: b'Q', ..Block::file("a.py", TEXT) }]));
    assert_only(&outcome, &[Kind::UnknownMemberType]);
    assert_eq!(outcome.contents("a.py"), [TEXT]);
    assert_only(
        &read(&tarball(&[Block { type_flag: b'S', ..Block::file("a.py", TEXT) }])),
        &[Kind::SparseMember],
    );
}

#[test]
fn a_link_that_declares_content_hides_no_member() {
    let hidden = Block::file("hidden.py", TEXT);
    let link = Block::link(b'2', "link", "hidden.py").declaring(1024);
    let outcome = read(&tarball(&[link, hidden]));
    assert_only(&outcome, &[Kind::SizedLink]);
    assert_eq!(outcome.contents("hidden.py"), [TEXT]);
    // Where the content is really there it is passed over.
    let link = Block { type_flag: b'1', ..Block::file("link", TEXT) };
    assert_only(&read(&tarball(&[link, Block::file("a.py", TEXT)])), &[Kind::SizedLink]);
}

#[test]
fn members_behind_the_end_mark_are_read() {
    let mut bytes = plain();
    bytes.extend_from_slice(&tarball(&[Block::file("second.py", TEXT)]));
    let outcome = read(&gzip(&bytes));
    assert_only(&outcome, &[Kind::DataAfterEnd]);
    assert_eq!(outcome.contents("second.py"), [TEXT]);
}

#[test]
fn foreign_bytes_behind_the_end_mark_are_seen() {
    let mut bytes = plain();
    bytes.extend_from_slice(&[b'x'; 700]);
    assert_only(&read(&bytes), &[Kind::DataAfterEnd]);
    bytes.truncate(plain().len() + 20);
    assert_only(&read(&bytes), &[Kind::DataAfterEnd]);
}

#[test]
fn a_damaged_header_does_not_end_the_walk() {
    let mut bytes =
        tarball(&[Block::file("a.py", TEXT), Block::file("b.py", TEXT), Block::file("c.py", TEXT)]);
    bytes[1024 + 150] ^= 1;
    let outcome = read(&bytes);
    assert_only(&outcome, &[Kind::BadHeader]);
    assert!(outcome.has_gap(GapKind::Unreadable));
    assert_eq!(outcome.paths(), ["a.py", "c.py"]);
}

#[test]
fn a_truncated_last_member_is_a_gap() {
    let bytes = Block::file("a.py", &prose(1, 2000)).build();
    let outcome = read(&bytes[..512 + 564]);
    assert_only(&outcome, &[Kind::Truncated]);
    assert!(outcome.has_gap(GapKind::Unreadable));
    assert_eq!((outcome.seen[0].bytes.len(), outcome.seen[0].is_whole), (564, false));
}

#[test]
fn a_truncated_gzip_is_a_gap_not_an_error() {
    let bytes = gzip(&tarball(&[Block::file("a.py", TEXT), Block::file("b.py", &prose(2, 60_000))]));
    for keep in [bytes.len() / 2, bytes.len() - 9, bytes.len() - 3, 30] {
        let outcome = read(&bytes[..keep]);
        assert_only(&outcome, &[Kind::Truncated]);
        assert!(outcome.has_gap(GapKind::Unreadable), "{keep}");
    }
    assert_eq!(read(&bytes[..bytes.len() / 2]).contents("a.py"), [TEXT]);
    assert!(read(&bytes[..5]).has(Kind::Truncated));
}

#[test]
fn damage_inside_a_gzip_is_a_gap() {
    let mut bytes = gzip(&tarball(&[Block::file("a.py", TEXT), Block::file("b.py", &prose(2, 90_000))]));
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].fill(0xff);
    let outcome = read(&bytes);
    assert!(outcome.has(Kind::DamagedData) || outcome.has(Kind::ChecksumMismatch));
    assert_eq!(outcome.contents("a.py"), [TEXT]);
}

#[test]
fn a_wrong_gzip_trailer_is_seen() {
    let mut bytes = gzip(&plain());
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    assert_only(&read(&bytes), &[Kind::ChecksumMismatch]);
    bytes[at] ^= 1;
    bytes[at + 4] ^= 1;
    assert_only(&read(&bytes), &[Kind::SizeMismatch]);
}

#[test]
fn several_streams_are_read_as_one() {
    let whole = plain();
    let (front, back) = whole.split_at(700);
    for bytes in [[gzip(front), gzip(back)], [bzip2(front), bzip2(back)], [xz(front), xz(back)]] {
        let outcome = read(&bytes.concat());
        assert_only(&outcome, &[Kind::SeveralStreams]);
        assert_eq!(outcome.paths(), ["pkg", "pkg/a.py", "pkg/b.py"]);
    }
}

#[test]
fn bytes_behind_a_stream_are_seen_and_zero_padding_is_not() {
    let mut bytes = gzip(&plain());
    bytes.extend_from_slice(&[0; 512]);
    read(&bytes).assert_clean();
    bytes.extend_from_slice(b"behind");
    assert_only(&read(&bytes), &[Kind::TrailingBytes]);
}

#[test]
fn one_compressed_file_is_one_member() {
    let outcome = read_within("dir/notes.py.gz", &gzip(TEXT), &Budget::default());
    outcome.assert_clean();
    assert_eq!(outcome.reading.inner, Some(Format::NotArchive));
    assert_eq!(outcome.contents("notes.py"), [TEXT]);
}

#[test]
fn archives_inside_archives_are_followed() {
    let outcome = read(&gzip(&tarball(&[
        Block::file("dist/inner.tar.gz", &gzip(&plain())),
        Block::file("dist/data.json.xz", &xz(b"{}")),
    ])));
    outcome.assert_clean();
    assert_eq!(
        outcome.paths(),
        [
            "dist/inner.tar.gz",
            "dist/inner.tar.gz!pkg",
            "dist/inner.tar.gz!pkg/a.py",
            "dist/inner.tar.gz!pkg/b.py",
            "dist/data.json.xz",
            "dist/data.json.xz!data.json",
        ]
    );
}

#[test]
fn zstd_is_recognized_and_said_to_be_unread() {
    let outcome = read(b"\x28\xb5\x2f\xfd rest");
    assert_eq!(outcome.reading.format, Format::Zstd);
    assert!(outcome.has_gap(GapKind::Unsupported));
}

#[test]
fn what_is_no_archive_has_no_member_and_no_gap() {
    let outcome = read(b"import os\n");
    outcome.assert_clean();
    assert_eq!((outcome.reading.format, outcome.seen.len()), (Format::NotArchive, 0));
}
