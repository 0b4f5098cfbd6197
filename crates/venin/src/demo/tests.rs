//! The packed examples are what the readable sources say.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::{EXAMPLES, Example};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// `malicious` of `demo_malicious-1.0.0.tar.gz`.
fn kind_of(example: &Example) -> &str {
    example.file.trim_start_matches("demo_").split('-').next().unwrap()
}

/// The members that an example should have, by path, from the readable sources.
fn read_sources(example: &Example) -> BTreeMap<String, Vec<u8>> {
    let mut members = BTreeMap::new();
    let base = root().join("demo").join(kind_of(example));
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let below = entry.path().strip_prefix(&base).unwrap().to_string_lossy().replace('\\', "/");
            let member =
                format!("{}/{}", example.file.trim_end_matches(".tar.gz"), below.trim_end_matches(".txt"));
            members.insert(member, fs::read(entry.path()).unwrap());
        }
    }
    members
}

fn pack(members: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (path, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        tar.append_data(&mut header, path, Cursor::new(bytes)).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut tar = tar::Archive::new(GzDecoder::new(bytes));
    let read = |mut entry: tar::Entry<'_, GzDecoder<&[u8]>>| {
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), content)
    };
    tar.entries().unwrap().map(|entry| read(entry.unwrap())).collect()
}

fn update(example: &Example) {
    let text = STANDARD.encode(pack(&read_sources(example)));
    let lines: Vec<&str> =
        text.as_bytes().chunks(100).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let path = root().join("src/demo").join(format!("{}.b64", kind_of(example)));
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn the_packed_examples_are_what_the_readable_sources_say() {
    for example in &EXAMPLES {
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            update(example);
        } else {
            let packed = unpack(&example.decode().unwrap());
            assert_eq!(packed, read_sources(example), "run the test with UPDATE_EXAMPLES=1");
        }
    }
}

#[test]
fn the_encoded_layer_is_what_the_readable_layer_says() {
    let setup = fs::read_to_string(root().join("demo/malicious/setup.py.txt")).unwrap();
    let lines = setup.lines().filter_map(|line| line.trim().strip_prefix("b\"")?.strip_suffix('"'));
    let bytes = STANDARD.decode(lines.collect::<String>()).unwrap();
    let mut layer = String::new();
    flate2::read::ZlibDecoder::new(bytes.as_slice()).read_to_string(&mut layer).unwrap();
    assert_eq!(layer, fs::read_to_string(root().join("demo/layer.py.txt")).unwrap());
}

#[test]
fn every_host_of_the_examples_is_a_reserved_name() {
    for example in &EXAMPLES {
        let mut texts: Vec<String> =
            read_sources(example).values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        texts.push(fs::read_to_string(root().join("demo/layer.py.txt")).unwrap());
        for text in texts {
            for url in text.split("://").skip(1) {
                let host = url.split(['/', '"']).next().unwrap();
                assert!(host.ends_with(".invalid") || host.ends_with(".example"), "{host}");
            }
        }
    }
}
