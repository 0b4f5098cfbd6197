//! Archives among the files of a tree: where their lies and gaps are said to lie.
#![expect(clippy::expect_used, reason = "a test without a thread to run on has failed")]

use venin_rules::RuleSet;
use venin_scan::{Input, Options, Scan, Scanner, TreeMember};

/// A gzip that ends in its header.
const CUT: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03K";

fn scan(members: Vec<TreeMember>) -> Scan {
    let run = move || {
        Scanner::new(RuleSet::builtin(), Options::default())
            .scan(&Input::Tree { name: "example", members: &members })
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the scan does not panic")
}

/// A tar of one file whose header holds this path; it declares more content than there is.
fn cut_tar(path: &str) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| {
        header.splice(at..at + bytes.len(), bytes.iter().copied());
    };
    put(0, path.as_bytes());
    put(124, b"00000004000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
    header.extend_from_slice(b"print('hello')\n");
    header
}

#[test]
fn gaps_of_an_archive_in_a_tree_name_the_archive() {
    let cut = TreeMember { path: "data/notes.gz".to_owned(), bytes: CUT.to_vec() };
    let tar = TreeMember { path: "data/src.tar".to_owned(), bytes: cut_tar("pkg/a.py") };
    let scan = scan(vec![cut, tar]);
    let places: Vec<&str> = scan.coverage.gaps.iter().filter_map(|g| g.member.as_deref()).collect();
    assert!(!places.is_empty());
    assert_eq!(places.len(), scan.coverage.gaps.len(), "{:?}", scan.coverage.gaps);
    assert!(
        places.iter().all(|p| p.starts_with("data/notes.gz") || p.starts_with("data/src.tar")),
        "{places:?}"
    );
    assert!(places.contains(&"data/src.tar!pkg/a.py"), "{places:?}");
}

#[test]
fn a_lying_archive_in_a_tree_is_no_lie_of_the_release() {
    let mut tar = cut_tar("../../a.py");
    tar.resize(512 + 2048 + 1024, 0);
    let scan = scan(vec![TreeMember { path: "tests/climbs.tar".to_owned(), bytes: tar }]);
    assert!(scan.findings.iter().all(|f| &*f.rule != "path-escape"), "{:?}", scan.findings);
}
