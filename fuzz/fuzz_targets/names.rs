//! Names of projects, files and requirements, one a line: what they are like, and what they ask for.
//!
//! Likeness has no direction that may panic, and a name is taken for nothing but itself where it is listed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_package::{
    Confusion, MemberEntry, MemberText, compare_names, is_popular, normalize_name, parse_file_name, parse_requirement, popular_names,
    read_package,
};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().take(16).collect();
    let corpus = popular_names();
    for line in &lines {
        let name = normalize_name(line);
        assert_eq!(normalize_name(&name), name);
        assert!(matches!(compare_names(&name, &name), None | Some(Confusion::Same)));
        let likeness = corpus.find_likeness(line);
        let is_other = likeness.is_some_and(|likeness| likeness.confusion != Confusion::Same);
        assert!(!is_other || !is_popular(&name));
        let _ = (parse_file_name(line), parse_requirement(line));
    }
    for pair in lines.windows(2) {
        if let [one, other] = pair {
            let _ = (compare_names(one, other), compare_names(other, one));
        }
    }
    let requires: String = lines.iter().skip(1).map(|line| format!("Requires-Dist: {line}\n")).collect();
    let name = lines.first().copied().unwrap_or("demo");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}");
    let path = "demo-1.0/PKG-INFO";
    let members = [MemberEntry { path: path.into(), size: metadata.len() as u64, sha256: None }];
    let _ = read_package("demo-1.0.tar.gz", &members, &[MemberText { path, bytes: metadata.as_bytes() }]);
});
