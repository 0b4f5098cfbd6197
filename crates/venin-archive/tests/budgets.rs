//! Every budget ends a reading with an anomaly and a gap, and hands over what it allows.

mod common;

use common::forge::{Forge, Piece};
use common::tarball::{Block, tarball};
use common::{Outcome, bzip2, gzip, prose, read, read_within, xz};
use venin_archive::{AnomalyKind as Kind, Budget, RATIO_FLOOR};
use venin_model::GapKind;

fn small() -> Budget {
    Budget {
        total_bytes: 10_000,
        member_bytes: 2_000,
        members: 5,
        depth: 2,
        path_len: 64,
        ..Budget::default()
    }
}

fn assert_spent(outcome: &Outcome, kind: Kind) {
    assert!(outcome.has(kind), "{:?}", outcome.reading.anomalies);
    assert!(outcome.has_gap(GapKind::ArchiveBudget), "{:?}", outcome.reading.gaps);
}

#[test]
fn the_total_ends_a_zip_and_a_tar() {
    let budget = Budget { member_bytes: 100_000, ..small() };
    let content = prose(1, 3_000);
    let zip = Forge::of((0..9).map(|i| Piece::deflated(&format!("{i}"), &content))).build();
    let tar = tarball(&[
        Block::file("a", &content),
        Block::file("b", &content),
        Block::file("c", &prose(2, 9_000)),
    ]);
    for bytes in [zip, gzip(&tar), bzip2(&tar), xz(&tar), tar] {
        let outcome = read_within("x", &bytes, &Budget { members: 100, ..budget });
        assert_spent(&outcome, Kind::TotalBytes);
        assert!(outcome.reading.bytes <= budget.total_bytes + 3_000);
        assert_eq!(outcome.seen[0].bytes, content);
    }
}

#[test]
fn the_member_budget_cuts_one_member_only() {
    let (big, little) = (prose(1, 5_000), prose(2, 100));
    let zip = Forge::of([
        Piece::deflated("big", &big),
        Piece::stored("raw", &big),
        Piece::stored("little", &little),
    ]);
    let tar = tarball(&[Block::file("big", &big), Block::file("little", &little)]);
    for bytes in [zip.build(), tar] {
        let outcome = read_within("x", &bytes, &Budget { total_bytes: 1 << 20, ..small() });
        assert!(outcome.has_gap(GapKind::ArchiveBudget));
        assert_eq!(outcome.contents("big"), [&big[..2_000]]);
        assert_eq!(outcome.contents("little"), [little.as_slice()]);
        assert_eq!((outcome.seen[0].is_whole, outcome.seen.last().map(|s| s.is_whole)), (false, Some(true)));
        assert!(outcome.kinds().is_empty());
    }
}

#[test]
fn a_member_of_exactly_the_budget_is_whole() {
    let content = prose(1, 2_000);
    let mut declared_less = Piece::deflated("b", &content);
    declared_less = declared_less.with_both(|h| h.unpacked = 10);
    let forge = Forge::of([Piece::deflated("a", &content), declared_less]);
    let outcome = read_within("x", &forge.build(), &small());
    assert!(outcome.seen.iter().all(|s| s.is_whole && s.bytes == content));
    let outcome = read_within("x.gz", &gzip(&content), &small());
    assert!(outcome.seen[0].is_whole);
    outcome.assert_clean();
}

#[test]
fn the_ratio_ends_bombs_of_every_format() {
    let zeros = vec![0; 40 << 20];
    let bomb = Forge::of([Piece::deflated("zeros", &zeros), Piece::stored("after.py", b"x = 1\n")]).build();
    let outcome = read(&bomb);
    assert_spent(&outcome, Kind::CompressionBomb);
    assert!(!outcome.seen[0].is_whole);
    assert_eq!(outcome.contents("after.py"), [b"x = 1\n"]);
    let tar = tarball(&[Block::file("a.py", b"a = 1\n"), Block::file("zeros", &zeros)]);
    for bytes in [gzip(&tar), bzip2(&tar), xz(&tar)] {
        let outcome = read(&bytes);
        assert_spent(&outcome, Kind::CompressionBomb);
        assert!(outcome.reading.bytes < 2 * RATIO_FLOOR);
        assert_eq!(outcome.contents("a.py"), [b"a = 1\n"]);
    }
    let outcome = read_within("zeros.gz", &gzip(&zeros), &Budget::default());
    assert_spent(&outcome, Kind::CompressionBomb);
    assert!(!outcome.seen[0].is_whole);
}

#[test]
fn many_names_for_one_kernel_are_a_bomb() {
    let kernel = Piece::deflated("k0", &vec![0; 1 << 20]);
    let mut pieces = vec![kernel.clone()];
    for i in 1..300 {
        let mut alias = kernel.clone().with_central(|h| h.name = format!("k{i}").into_bytes());
        (alias.local, alias.offset) = (None, Some(0));
        pieces.push(alias);
    }
    let outcome = read(&Forge::of(pieces).build());
    assert_spent(&outcome, Kind::CompressionBomb);
    assert!(outcome.has(Kind::OverlappingEntries));
    assert!(outcome.reading.bytes < 3 * RATIO_FLOOR);
}

#[test]
fn small_text_may_compress_as_well_as_it_likes() {
    read(&gzip(&tarball(&[Block::file("a.txt", &vec![b' '; 10 << 20])]))).assert_clean();
}

#[test]
fn the_member_count_ends_a_reading() {
    let blocks: Vec<Block> = (0..9).map(|i| Block::file(&format!("{i}"), b"")).collect();
    let zip = Forge::of((0..9).map(|i| Piece::stored(&format!("{i}"), b""))).build();
    for bytes in [zip, tarball(&blocks)] {
        let outcome = read_within("x", &bytes, &small());
        assert_spent(&outcome, Kind::MemberCount);
        assert_eq!((outcome.reading.members, outcome.seen.len()), (5, 5));
    }
}

#[test]
fn a_million_empty_members_are_bounded() {
    let block = Block::file("empty", b"").build();
    let mut bytes = block.repeat(300_000);
    bytes.extend_from_slice(&[0; 1024]);
    let mut visited = 0_u64;
    let reading = venin_archive::read_members("x", &bytes, &Budget::default(), &mut |_| visited += 1);
    assert_eq!((reading.members, visited), (200_000, 200_000));
    assert!(reading.anomalies.len() < 200 && reading.gaps.len() < 200);
    assert!(reading.anomalies.iter().any(|a| a.kind == Kind::MemberCount));
}

#[test]
fn nesting_ends_at_the_depth() {
    let mut bytes = Forge::of([Piece::stored("core.py", b"x = 1\n")]).build();
    for _ in 0..5 {
        bytes = Forge::of([Piece::stored("in.zip", &bytes)]).build();
    }
    let outcome = read_within("x", &bytes, &Budget { depth: 2, ..Budget::default() });
    assert_spent(&outcome, Kind::NestingDepth);
    assert_eq!(outcome.paths(), ["in.zip", "in.zip!in.zip", "in.zip!in.zip!in.zip"]);
    let outcome = read_within("x", &bytes, &Budget { depth: 5, ..Budget::default() });
    outcome.assert_clean();
    assert_eq!(outcome.seen.last().map(|s| s.depth), Some(5));
}

#[test]
fn archives_that_hold_many_archives_share_one_budget() {
    let mut bytes = Forge::of([Piece::stored("x", b"x")]).build();
    for _ in 0..4 {
        bytes = Forge::of((0..20).map(|i| Piece::deflated(&format!("{i}.zip"), &bytes))).build();
    }
    let outcome = read_within("x", &bytes, &Budget { members: 1_000, ..Budget::default() });
    assert_spent(&outcome, Kind::MemberCount);
    assert_eq!(outcome.reading.members, 1_000);
}

#[test]
fn long_paths_are_cut() {
    let outcome = read_within("x", &Forge::of([Piece::stored(&"é".repeat(50), b"")]).build(), &small());
    assert!(outcome.has(Kind::LongPath));
    assert!(outcome.seen[0].path.len() <= 64);
}

#[test]
fn a_flood_of_empty_streams_ends() {
    let bytes = gzip(b"").repeat(100_000);
    let outcome = read(&bytes);
    assert_spent(&outcome, Kind::TotalBytes);
}

/// An xz whose block header asks for a dictionary of `2 << (code / 2 + 11)` bytes.
fn xz_with_dictionary(code: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = xz(content);
    assert_eq!(bytes[12..16], [2, 0, 0x21, 1]);
    bytes[16] = code;
    let checksum = crc32fast::hash(&bytes[12..20]);
    bytes[20..24].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn a_decoder_that_wants_too_much_memory_is_a_gap() {
    read(&xz_with_dictionary(28, b"x = 1\n")).assert_clean();
    let outcome = read(&xz_with_dictionary(36, b"x = 1\n"));
    assert!(outcome.has_gap(GapKind::ArchiveBudget));
    let lzma = [9, 4, 5, 0, 0x5d, 0, 0, 0, 0x40, 0, 0, 0];
    let outcome = read(&Forge::of([Piece::new("a", 14, lzma.to_vec(), b"x")]).build());
    assert!(outcome.has_gap(GapKind::ArchiveBudget));
}

#[test]
fn a_decoder_inside_another_has_less_memory() {
    let outcome = read(&xz(&xz_with_dictionary(28, b"x = 1\n")));
    assert!(outcome.has_gap(GapKind::ArchiveBudget));
    read(&xz(&xz_with_dictionary(22, b"x = 1\n"))).assert_clean();
    read(&gzip(&xz_with_dictionary(28, b"x = 1\n"))).assert_clean();
}
