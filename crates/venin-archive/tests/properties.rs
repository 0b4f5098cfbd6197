//! Mutated archives never panic, never break a budget, and read the same twice; honest ones read as other
//! readers read them.
#![allow(clippy::unwrap_used, reason = "a fixture that cannot be built fails its test")]

mod common;

use common::forge::{Forge, Piece};
use common::tarball::{Block, tarball};
use common::{bzip2, gzip, prose, read, read_twice, xz};
use proptest::prelude::*;
use venin_archive::Budget;

fn seeds() -> Vec<Vec<u8>> {
    let zip = Forge::of([
        Piece::deflated("pkg/a.py", &prose(1, 900)),
        Piece::stored("pkg/b.txt", b"text"),
        Piece::deflated("pkg/c.py", &prose(2, 300)).streamed(),
        Piece::new("d.bz2", 12, bzip2(b"dddd"), b"dddd"),
    ]);
    let tar = tarball(&[
        Block::of_type(b'5', "pkg/"),
        Block::pax(b'x', &[("path", "pkg/long.py"), ("size", "600")]),
        Block::file("short", &prose(3, 600)),
        Block::gnu(b'L', "pkg/other.py"),
        Block::file("short", b"x = 1\n"),
        Block::link(b'2', "link.py", "pkg/other.py"),
        Block::file("inner.zip", &zip.build()),
    ]);
    let zip64 = Forge { has_zip64_end: true, prefix: b"#!".to_vec(), ..zip.clone() };
    let nested =
        Forge::of([Piece::stored("in.tar.gz", &gzip(&tar)), Piece::deflated("in.zip", &zip.build())]);
    let two = [zip.build(), zip.build()].concat();
    let compressed = [gzip(&tar), bzip2(&tar), xz(&tar), [gzip(&tar), gzip(b"x")].concat()];
    [zip.build(), zip64.build(), nested.build(), two, tar].into_iter().chain(compressed).collect()
}

#[derive(Debug, Clone)]
enum Mutation {
    Set(u16, u8),
    Flip(u16, u8),
    Cut(u16),
    Drop(u16, u8),
    Repeat(u16, u8),
    Fill(u16, u8),
    Swap(u16, u16),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let interesting = prop_oneof![Just(0), Just(1), Just(0x7f), Just(0x80), Just(0xff), any::<u8>()];
    prop_oneof![
        (any::<u16>(), interesting).prop_map(|(at, value)| Mutation::Set(at, value)),
        (any::<u16>(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        any::<u16>().prop_map(Mutation::Cut),
        (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Mutation::Drop(at, n)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Mutation::Repeat(at, n)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Mutation::Fill(at, n)),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Mutation::Swap(a, b)),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    let place = |at: u16| usize::from(at) % bytes.len();
    let range = |at: u16, n: u8| place(at)..(place(at) + usize::from(n)).min(bytes.len());
    match *mutation {
        Mutation::Set(at, value) => {
            let at = place(at);
            bytes[at] = value;
        }
        Mutation::Flip(at, bit) => {
            let at = place(at);
            bytes[at] ^= 1 << bit;
        }
        Mutation::Cut(at) => {
            let at = place(at);
            bytes.truncate(at);
        }
        Mutation::Drop(at, n) => {
            let range = range(at, n);
            bytes.drain(range);
        }
        Mutation::Repeat(at, n) => {
            let range = range(at, n);
            let copy = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, copy);
        }
        Mutation::Fill(at, n) => {
            let range = range(at, n);
            bytes[range].fill(0xff);
        }
        Mutation::Swap(a, b) => {
            let (a, b) = (place(a), place(b));
            bytes.swap(a, b);
        }
    }
}

const BUDGET: Budget =
    Budget { total_bytes: 40_000, member_bytes: 4_000, ratio: 200, members: 40, depth: 3, path_len: 100 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_archive_keeps_the_budgets(
        seed in 0..9_usize,
        mutations in prop::collection::vec(mutation(), 1..12),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        let outcome = read_twice(&bytes, &BUDGET);
        prop_assert!(outcome.reading.members <= BUDGET.members);
        // The byte that shows that the total is spent, and a stored member that was in memory anyway.
        prop_assert!(outcome.reading.bytes <= BUDGET.total_bytes + BUDGET.member_bytes + 1);
        for seen in &outcome.seen {
            prop_assert!(seen.bytes.len() as u64 <= BUDGET.member_bytes);
            prop_assert!(seen.path.len() <= BUDGET.path_len);
            prop_assert!(seen.depth <= BUDGET.depth);
            prop_assert!(!seen.path.contains(char::is_control));
        }
        for anomaly in &outcome.reading.anomalies {
            prop_assert!(!anomaly.detail.contains(char::is_control));
        }
        if outcome.seen.iter().any(|s| !s.is_whole) {
            prop_assert!(!outcome.reading.gaps.is_empty());
        }
    }

    #[test]
    fn noise_is_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        for magic in [b"PK\x03\x04".as_slice(), b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b""] {
            read_twice(&[magic, &bytes].concat(), &BUDGET);
        }
    }

    #[test]
    fn what_the_directory_lists_is_read_whatever_happened_to_it(
        mutations in prop::collection::vec(mutation(), 0..4),
    ) {
        let mut bytes = seeds().swap_remove(0);
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        let Ok(archive) = rawzip::ZipArchive::from_slice(&bytes) else { return Ok(()) };
        let outcome = read(&bytes);
        for entry in archive.entries().map_while(Result::ok) {
            let Ok(name) = std::str::from_utf8(entry.file_path().as_bytes()) else { continue };
            let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'.')
                && !name.contains("./") && !name.contains("//") && !name.starts_with('/') && !name.ends_with(['/', '.']);
            if is_plain && !name.is_empty() {
                let is_seen = outcome.paths().contains(&name)
                    || outcome.reading.gaps.iter().any(|g| g.member.as_deref() == Some(name));
                prop_assert!(is_seen, "{name} in {:?}", outcome.reading);
            }
        }
    }

    #[test]
    fn honest_archives_of_other_writers_are_read_whole(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 1..8),
        is_stored in any::<bool>(),
    ) {
        let named = || contents.iter().enumerate().map(|(i, c)| (format!("pkg/{i}.py"), c));
        for bytes in [zip_of(named(), is_stored), tar_of(named()), gzip(&tar_of(named()))] {
            let outcome = read(&bytes);
            prop_assert_eq!(&outcome.reading.anomalies, &vec![]);
            prop_assert_eq!(&outcome.reading.gaps, &vec![]);
            for (name, content) in named() {
                prop_assert_eq!(outcome.contents(&name), [content.as_slice()]);
            }
        }
    }
}

fn zip_of<'a>(members: impl Iterator<Item = (String, &'a Vec<u8>)>, is_stored: bool) -> Vec<u8> {
    let method = if is_stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut writer, content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar_of<'a>(members: impl Iterator<Item = (String, &'a Vec<u8>)>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}
