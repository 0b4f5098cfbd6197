//! What a test uploads, and what it gets back.

use std::collections::btree_map::Entry;

use base64::Engine;
use blake2::digest::consts::U32;
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Index;
use super::artifact::{core_metadata, inert_sdist, inert_wheel};
use super::state::{File, Project, Release, State, Status, Stored, normalize};

/// One file to upload, with what the form says of its release.
#[derive(Debug, Clone)]
pub struct Upload {
    name: String,
    version: String,
    file_name: String,
    bytes: Vec<u8>,
    summary: String,
    requires_python: Option<String>,
    requires_dist: Vec<String>,
    metadata: Option<Vec<u8>>,
    publisher: Option<String>,
}

impl Upload {
    /// An inert wheel that installers install; nothing in it does anything.
    pub fn wheel(name: &str, version: &str) -> Self {
        let file_name = format!("{}-{version}-py3-none-any.whl", module_name(name));
        let metadata = core_metadata(name, version, None, &[]);
        Self::file(name, version, &file_name, inert_wheel(name, version, &metadata))
            .with_core_metadata(metadata.into_bytes())
    }

    /// An inert source distribution that builds without the network.
    pub fn sdist(name: &str, version: &str) -> Self {
        let file_name = format!("{}-{version}.tar.gz", module_name(name));
        Self::file(name, version, &file_name, inert_sdist(name, version))
    }

    /// Any bytes under any file name.
    pub fn file(name: &str, version: &str, file_name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            file_name: file_name.to_owned(),
            bytes: bytes.into(),
            summary: format!("Inert release {version} of {name}"),
            requires_python: None,
            requires_dist: Vec::new(),
            metadata: None,
            publisher: None,
        }
    }

    /// The one-line summary of the release.
    pub fn with_summary(mut self, summary: &str) -> Self {
        summary.clone_into(&mut self.summary);
        self
    }

    /// The Python versions the release says it runs on; of a wheel, in its metadata too.
    pub fn with_requires_python(mut self, requirement: &str) -> Self {
        self.requires_python = Some(requirement.to_owned());
        self.rebuilt()
    }

    /// What the release depends on; of a wheel, in its metadata too.
    pub fn with_requirements(mut self, requirements: &[&str]) -> Self {
        self.requires_dist = requirements.iter().map(|&text| text.to_owned()).collect();
        self.rebuilt()
    }

    /// The core metadata that is served beside the file (PEP 658).
    pub fn with_core_metadata(mut self, metadata: impl Into<Vec<u8>>) -> Self {
        self.metadata = Some(metadata.into());
        self
    }

    /// No core metadata beside the file.
    pub fn without_core_metadata(mut self) -> Self {
        self.metadata = None;
        self
    }

    /// Provenance (PEP 740) that names this repository, as `owner/name`; its signature proves nothing.
    pub fn with_provenance(mut self, repository: &str) -> Self {
        self.publisher = Some(repository.to_owned());
        self
    }

    /// A generated wheel again, with the metadata that is now known.
    fn rebuilt(mut self) -> Self {
        if self.metadata.is_some() {
            let metadata = core_metadata(
                &self.name,
                &self.version,
                self.requires_python.as_deref(),
                &self.requires_dist,
            );
            self.bytes = inert_wheel(&self.name, &self.version, &metadata);
            self.metadata = Some(metadata.into_bytes());
        }
        self
    }
}

/// A file that is on the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The project as its owner writes it.
    pub name: String,
    /// The release.
    pub version: String,
    /// The file's name.
    pub file_name: String,
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// BLAKE2b with 256 bits in lower-case hexadecimal: the path on the file host.
    pub blake2b: String,
    /// `/packages/ab/cd/REST/FILE`.
    pub path: String,
    /// The path at the file host.
    pub url: String,
    /// In bytes.
    pub size: usize,
}

impl Index {
    /// Takes in a file; its project and its release come into being with it.
    pub fn upload(&self, upload: Upload) -> Uploaded {
        self.state().take_in(upload)
    }
}

impl State {
    fn take_in(&mut self, upload: Upload) -> Uploaded {
        let (name, version, now) = (upload.name.clone(), upload.version.clone(), self.now);
        if let Entry::Vacant(place) = self.projects.entry(normalize(&name)) {
            place.insert(Project {
                name: name.clone(),
                created: now,
                last_serial: 0,
                status: Status::Active,
                releases: vec![],
            });
            self.record(&name, None, "create");
            self.record(&name, None, "add Owner somebody");
        }
        if !self.project(&name).releases.iter().any(|release| release.version == version) {
            self.project(&name).releases.push(Release {
                version: version.clone(),
                created: now,
                summary: upload.summary.clone(),
                requires_python: upload.requires_python.clone(),
                requires_dist: upload.requires_dist.clone(),
                yanked: None,
                status: Status::Active,
                files: vec![],
            });
            self.record(&name, Some(&version), "new release");
        }
        self.store(upload)
    }

    fn store(&mut self, upload: Upload) -> Uploaded {
        let now = self.now;
        let blake2b = hexadecimal(&blake2::Blake2b::<U32>::digest(&upload.bytes));
        let (first, rest) = blake2b.split_at(2);
        let (second, rest) = rest.split_at(2);
        let path = format!("/packages/{first}/{second}/{rest}/{}", upload.file_name);
        let file = File {
            name: upload.file_name.clone(),
            path: path.clone(),
            sha256: hexadecimal(&Sha256::digest(&upload.bytes)),
            md5: hexadecimal(&Md5::digest(&upload.bytes)),
            blake2b: blake2b.clone(),
            size: upload.bytes.len(),
            uploaded: now,
            metadata_sha256: upload.metadata.as_ref().map(|bytes| hexadecimal(&Sha256::digest(bytes))),
            provenance: upload.publisher.as_deref().map(|repository| provenance(repository, &upload)),
        };
        let uploaded = Uploaded {
            name: upload.name.clone(),
            version: upload.version.clone(),
            file_name: upload.file_name.clone(),
            sha256: file.sha256.clone(),
            url: format!("{}{path}", self.file_base),
            size: file.size,
            path: path.clone(),
            blake2b,
        };
        let release = self.release(&upload.name, &upload.version);
        release.files.retain(|other| other.name != file.name);
        release.files.push(file);
        if let Some(bytes) = upload.metadata {
            self.stored.insert(format!("{path}.metadata"), Stored { bytes, since: now });
        }
        self.stored.insert(path, Stored { bytes: upload.bytes, since: now });
        let action = format!("add {} file {}", python_version(&upload.file_name), upload.file_name);
        self.record(&upload.name, Some(&upload.version), &action);
        uploaded
    }
}

/// What Warehouse calls the Python version of a file: a wheel's tag, or `source`.
pub(super) fn python_version(file_name: &str) -> &str {
    match file_name.strip_suffix(".whl") {
        Some(stem) => stem.rsplit('-').nth(2).unwrap_or("py3"),
        None => "source",
    }
}

/// The name as it stands in file names.
pub(super) fn module_name(name: &str) -> String {
    normalize(name).replace('-', "_")
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A provenance object in the form of the integrity API.
fn provenance(repository: &str, upload: &Upload) -> Value {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{
            "name": upload.file_name,
            "digest": {"sha256": hexadecimal(&Sha256::digest(&upload.bytes))},
        }],
        "predicateType": "https://attestations.example/publish/v1",
        "predicate": null,
    });
    json!({
        "version": 1,
        "attestation_bundles": [{
            "publisher": {
                "kind": "GitHub",
                "claims": null,
                "environment": null,
                "repository": repository,
                "workflow": "release.yml",
            },
            "attestations": [{
                "version": 1,
                "envelope": {"statement": encode(&statement.to_string()), "signature": encode("no signature")},
                "verification_material": {"certificate": encode("no certificate"), "transparency_entries": [{}]},
            }],
        }],
    })
}
