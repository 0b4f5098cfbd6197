//! Trees of mirrors for tests, made as the tools make them, with files that hold a word.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use venin_intel::claim::{Class, Digest, Subject};

use crate::known::{KnownFile, KnownSet};
use crate::local::hash_file;

/// Where a test file lies below `web`, as bandersnatch places it.
pub(crate) fn stored_path(bytes: &[u8], file_name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, bytes).unwrap();
    hash_file(&path).unwrap().blake2.path(file_name)
}

/// Writes a file and the folders above it.
pub(crate) fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// One file of a test project: its name and bytes.
pub(crate) type TestFile = (&'static str, &'static str);

/// Puts a project into a tree of bandersnatch: files with their metadata beside, pages in both forms, project JSON.
pub(crate) fn add_bandersnatch_project(root: &Path, name: &str, files: &[TestFile]) {
    let mut html = format!(
        "<!DOCTYPE html>\n<html>\n  <head>\n    <meta name=\"pypi:repository-version\" content=\"1.0\">\n    \
         <title>Links for {name}</title>\n  </head>\n  <body>\n    <h1>Links for {name}</h1>\n"
    );
    let (mut lines, mut listed, mut releases) =
        (Vec::new(), Vec::new(), BTreeMap::<&str, Vec<String>>::new());
    for (file_name, bytes) in files {
        let (path, sha256) = (stored_path(bytes.as_bytes(), file_name), Digest::of(bytes.as_bytes()));
        let version = file_name.rsplit('-').next().unwrap().split(".tar").next().unwrap();
        write(root, &format!("web/{path}"), bytes);
        write(root, &format!("web/{path}.metadata"), format!("Name: {name}\n"));
        lines.push(format!("    <a href=\"../../{path}#sha256={sha256}\">{file_name}</a><br/>"));
        listed.push(format!(
            "{{\"filename\": \"{file_name}\", \"hashes\": {{\"sha256\": \"{sha256}\"}}, \"size\": {}, \"url\": \
             \"../../{path}\", \"yanked\": false}}",
            bytes.len()
        ));
        releases.entry(version).or_default().push(format!(
            "{{\n    \"digests\": {{\"sha256\": \"{sha256}\"}},\n    \"filename\": \"{file_name}\",\n    \"url\": \
             \"https://files.example/{path}\"\n   }}"
        ));
    }
    html.push_str(&lines.join("\n"));
    html.push_str("\n  </body>\n</html>\n<!--SERIAL 7-->");
    let versions: Vec<String> = releases.keys().map(|version| format!("\"{version}\"")).collect();
    let json = format!(
        "{{\"files\": [{}], \"meta\": {{\"api-version\": \"1.1\", \"_last-serial\": \"7\"}}, \"name\": \"{name}\", \
         \"versions\": [{}]}}",
        listed.join(", "),
        versions.join(", ")
    );
    let project: Vec<String> =
        releases.iter().map(|(version, files)| format!("  \"{version}\": [{}]", files.join(", "))).collect();
    let project = format!(
        "{{\n \"info\": {{\"name\": \"{name}\"}},\n \"releases\": {{\n{}\n }},\n \"urls\": []\n}}",
        project.join(",\n")
    );
    for page in ["index.html", "index.v1_html"] {
        write(root, &format!("web/simple/{name}/{page}"), &html);
    }
    write(root, &format!("web/simple/{name}/index.v1_json"), json);
    write(root, &format!("web/json/{name}"), &project);
    write(root, &format!("web/pypi/{name}/json"), project);
}

/// A tree of three projects: `bad` is malicious as a whole, of `mixed` one release, `good` not at all.
pub(crate) fn bandersnatch_tree(root: &Path) {
    let projects: [(&str, &[TestFile]); 3] = [
        ("bad", &[("bad-1.0.tar.gz", "bad one"), ("bad-2.0.tar.gz", "bad two")]),
        ("mixed", &[("mixed-1.0.tar.gz", "good"), ("mixed-1.1.tar.gz", "poisoned")]),
        ("good", &[("good-1.0.tar.gz", "hello")]),
    ];
    let (mut html, mut json) = (String::from("<html>\n  <body>\n"), Vec::new());
    for (name, files) in projects {
        add_bandersnatch_project(root, name, files);
        html.push_str(&format!("    <a href=\"{name}/\">{name}</a><br/>\n"));
        json.push(format!("{{\"name\": \"{name}\"}}"));
    }
    html.push_str("  </body>\n</html>");
    write(root, "web/simple/index.html", html);
    write(
        root,
        "web/simple/index.v1_json",
        format!("{{\"meta\": {{}}, \"projects\": [{}]}}", json.join(", ")),
    );
}

/// What is known of [`bandersnatch_tree`].
pub(crate) fn known() -> KnownSet {
    let file = |name: &str, version: &str, bytes: &str| {
        let subject = Subject::project(name).unwrap().with_version(version).unwrap();
        let subject = subject.with_file(&format!("{name}-{version}.tar.gz")).unwrap();
        KnownFile::new(subject.with_sha256(Digest::of(bytes.as_bytes())), Class::Malware)
    };
    KnownSet::new([
        file("bad", "1.0", "bad one"),
        file("bad", "2.0", "bad two"),
        file("mixed", "1.1", "poisoned"),
        file("absent", "1.0", "absent"),
    ])
}

/// Every path of a tree with its bytes and permissions, what cleaning keeps left out.
pub(crate) fn snapshot(root: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let bytes = if metadata.is_symlink() {
                fs::read_link(&path).unwrap().to_str().unwrap().as_bytes().to_vec()
            } else if metadata.is_dir() {
                if name == crate::local::KEPT_FOLDER {
                    continue;
                }
                folders.push(path);
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(name, (metadata.permissions().mode(), bytes));
        }
    }
    found
}
