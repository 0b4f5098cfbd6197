//! Distributions that do nothing and that installers accept.

use std::io::{Cursor, Write};

use base64::Engine;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::upload::module_name;

/// The build backend of the source distributions: it writes a wheel with the standard library alone, so that
/// installers build without any download.
const BACKEND: &str = r#""""Writes the wheel of this project; needs nothing but the standard library."""
import base64
import hashlib
import zipfile

NAME, MODULE, VERSION = "@NAME@", "@MODULE@", "@VERSION@"
METADATA = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (NAME, VERSION)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = "%s-%s.dist-info" % (MODULE, VERSION)
    members = [
        ("%s/__init__.py" % MODULE, ""),
        ("%s/METADATA" % info, METADATA),
        ("%s/WHEEL" % info, "Wheel-Version: 1.0\nGenerator: inert\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    ]
    record = ""
    for path, text in members:
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += "%s,sha256=%s,%d\n" % (path, digest, len(text))
    members.append(("%s/RECORD" % info, record + "%s/RECORD,,\n" % info))
    name = "%s-%s-py3-none-any.whl" % (MODULE, VERSION)
    with zipfile.ZipFile("%s/%s" % (wheel_directory, name), "w") as wheel:
        for path, text in members:
            wheel.writestr(path, text)
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError
"#;

const PYPROJECT: &str =
    "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";

/// Core metadata of a release, in the form of a `METADATA` file.
pub fn core_metadata(
    name: &str,
    version: &str,
    requires_python: Option<&str>,
    requires: &[String],
) -> String {
    let mut text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: Inert\n");
    if let Some(requirement) = requires_python {
        text.push_str(&format!("Requires-Python: {requirement}\n"));
    }
    for requirement in requires {
        text.push_str(&format!("Requires-Dist: {requirement}\n"));
    }
    text
}

/// A wheel with an empty package and this metadata; the same arguments give the same bytes.
pub fn inert_wheel(name: &str, version: &str, metadata: &str) -> Vec<u8> {
    let module = module_name(name);
    let info = format!("{module}-{version}.dist-info");
    let members = [
        (format!("{module}/__init__.py"), format!("\"\"\"Inert release {version} of {name}.\"\"\"\n")),
        (format!("{info}/METADATA"), metadata.to_owned()),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: inert\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
        ),
    ];
    let mut record = String::new();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |path: &str, text: &str| {
        archive.start_file(path, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    for (path, text) in &members {
        let digest = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(text));
        record.push_str(&format!("{path},sha256={digest},{}\n", text.len()));
        add(path, text);
    }
    record.push_str(&format!("{info}/RECORD,,\n"));
    add(&format!("{info}/RECORD"), &record);
    archive.finish().unwrap().into_inner()
}

/// A source distribution with an empty package; the same arguments give the same bytes.
pub fn inert_sdist(name: &str, version: &str) -> Vec<u8> {
    let module = module_name(name);
    let backend = BACKEND.replace("@NAME@", name).replace("@MODULE@", &module).replace("@VERSION@", version);
    let members = [
        ("PKG-INFO", core_metadata(name, version, None, &[])),
        ("pyproject.toml", PYPROJECT.to_owned()),
        ("backend.py", backend),
        (&format!("{module}/__init__.py"), String::new()),
    ];
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (path, text) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, format!("{module}-{version}/{path}"), text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}
