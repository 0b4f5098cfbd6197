//! Archives of examples: a block describes a small zip or tar in TOML, and the bytes are built from it.
//!
//! Every header can be told to lie, since that is what the rules about archives look for.  Nothing is packed and
//! nothing is checked: what the block says is what the bytes hold.

mod tar;
mod zip;

use serde::Deserialize;

use self::tar::Tar;
use self::zip::Zip;
use crate::error::{Defect, Problem};

/// A language of blocks that describe an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArchiveLanguage {
    /// A zip.
    Zip,
    /// A tar without compression.
    Tar,
}

impl ArchiveLanguage {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "zip" => Some(Self::Zip),
            "tar" => Some(Self::Tar),
            _ => None,
        }
    }
}

/// What a member holds, or what lies around an archive: text, or another archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Archive(Box<Archive>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Archive {
    Zip(Zip),
    Tar(Tar),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Content {
    fn build(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Archive(archive) => match &**archive {
                Archive::Zip(zip) => zip.build(),
                Archive::Tar(tar) => tar.build(),
            },
        }
    }
}

/// Builds the archive that a block describes.
///
/// # Errors
/// The text is no TOML or has a key that the format does not know; the offset counts from the text's start.
pub(super) fn build_archive(language: ArchiveLanguage, text: &str) -> Result<Vec<u8>, Defect> {
    let built = match language {
        ArchiveLanguage::Zip => toml::from_str::<Zip>(text).map(|zip| zip.build()),
        ArchiveLanguage::Tar => toml::from_str::<Tar>(text).map(|tar| tar.build()),
    };
    built.map_err(|error| {
        let offset = error.span().map_or(0, |s| s.start);
        Defect::new(offset, Problem::Example(error.message().trim().to_owned()))
            .hint("docs/rules.md lists the keys of zip and tar blocks")
    })
}
