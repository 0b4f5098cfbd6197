//! Where a sample came from, as the note beside it says.

use serde::{Deserialize, Serialize};

use crate::claim::{Blake2, Digest, Moment, Subject};

/// The form of the note.
const FORM: u32 = 1;
/// Most origins noted of one sample: the same bytes are uploaded under many names.
const MOST_ORIGINS: usize = 10_000;

/// Where a sample came from, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The release, and the name of the file.
    pub subject: Subject,
    /// Who gave it: a source's name.
    pub source: String,
    /// Where it was got: a URL without credentials, a path inside a collection.
    pub place: String,
    /// When.
    pub at: Moment,
}

/// The note of one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The sample.
    pub sha256: Digest,
    /// Its BLAKE2b-256, which older notes do not have.
    pub blake2: Option<Blake2>,
    /// Its size in bytes.
    pub size: u64,
    /// Each place that it came from, the first one first.
    pub origins: Vec<Origin>,
}

#[derive(Serialize, Deserialize)]
struct Note {
    form: u32,
    sha256: String,
    #[serde(default, rename = "blake2b-256", skip_serializing_if = "Option::is_none")]
    blake2: Option<String>,
    size: u64,
    origins: Vec<NoteOrigin>,
}

#[derive(Serialize, Deserialize)]
struct NoteOrigin {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    source: String,
    place: String,
    at: String,
}

impl Provenance {
    pub(super) fn new(sha256: Digest, size: u64) -> Self {
        Self { sha256, blake2: None, size, origins: Vec::new() }
    }

    /// Adds an origin; `false` when the same one, whenever it was, is there already, or there are too many.
    pub(super) fn add(&mut self, origin: &Origin) -> bool {
        let is_same = |known: &Origin| {
            (&known.subject, &known.source, &known.place) == (&origin.subject, &origin.source, &origin.place)
        };
        let is_new = self.origins.len() < MOST_ORIGINS && !self.origins.iter().any(is_same);
        if is_new {
            self.origins.push(origin.clone());
        }
        is_new
    }

    /// Whether the sample came from this release; a subject without a version means any.
    #[must_use]
    pub fn is_of(&self, subject: &Subject) -> bool {
        self.origins.iter().any(|origin| {
            let is_version = subject.version().is_none() || origin.subject.version() == subject.version();
            origin.subject.name() == subject.name() && is_version
        })
    }

    pub(super) fn render(&self) -> String {
        let origins = self.origins.iter().map(|origin| NoteOrigin {
            name: origin.subject.name().to_owned(),
            version: origin.subject.version().map(ToOwned::to_owned),
            file_name: origin.subject.file_name().map(ToOwned::to_owned),
            source: origin.source.clone(),
            place: origin.place.clone(),
            at: origin.at.to_string(),
        });
        let note = Note {
            form: FORM,
            sha256: self.sha256.to_string(),
            blake2: self.blake2.map(|digest| digest.to_string()),
            size: self.size,
            origins: origins.collect(),
        };
        serde_json::to_string_pretty(&note).unwrap_or_default() + "\n"
    }

    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let note: Note = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if note.form != FORM {
            return Err(format!("the note has the form {}, known is {FORM}", note.form));
        }
        let sha256 = note.sha256.parse::<Digest>().map_err(|error| error.to_string())?;
        let origins = note.origins.into_iter().map(parse_origin).collect::<Result<_, String>>()?;
        let blake2 = note.blake2.as_deref().and_then(Blake2::parse);
        Ok(Self { sha256, blake2, size: note.size, origins })
    }
}

fn parse_origin(origin: NoteOrigin) -> Result<Origin, String> {
    let wrong = |error: crate::claim::WrongSubject| error.to_string();
    let mut subject = Subject::project(&origin.name).map_err(wrong)?;
    if let Some(version) = &origin.version {
        subject = subject.with_version(version).map_err(wrong)?;
    }
    if let Some(file) = &origin.file_name {
        subject = subject.with_file(file).map_err(wrong)?;
    }
    let at = Moment::parse(&origin.at).map_err(|error| error.to_string())?;
    Ok(Origin { subject, source: origin.source, place: origin.place, at })
}
