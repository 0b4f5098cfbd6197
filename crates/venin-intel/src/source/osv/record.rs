//! OSV records, schema 1.x, and the additions of the feeds of malicious packages.
//!
//! Only what claims are made of is read; unknown fields are passed over.  A field of the schema with another type
//! makes the record a problem; what is under `database_specific` is anybody's and read as far as it fits.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Most merged reports of one record that are read; real ones have a dozen.
const MAX_ORIGINS: usize = 1024;

/// A record.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Record {
    /// `MAL-2026-1`, `GHSA-...`, `PYSEC-2026-2`.
    pub id: String,
    /// RFC 3339.
    #[serde(deserialize_with = "null_is_default")]
    pub modified: String,
    /// RFC 3339; empty when the record does not say.
    #[serde(deserialize_with = "null_is_default")]
    pub published: String,
    /// RFC 3339; empty when the record stands.
    #[serde(deserialize_with = "null_is_default")]
    pub withdrawn: String,
    /// Identifiers of the same thing elsewhere.
    #[serde(deserialize_with = "null_is_default")]
    pub aliases: Vec<String>,
    /// One line.
    #[serde(deserialize_with = "null_is_default")]
    pub summary: String,
    /// The text.
    #[serde(deserialize_with = "null_is_default")]
    pub details: String,
    /// What is affected.
    #[serde(deserialize_with = "null_is_default")]
    pub affected: Vec<Affected>,
    /// Where more is said.
    #[serde(deserialize_with = "null_is_default")]
    pub references: Vec<Reference>,
    /// Who found it.
    #[serde(deserialize_with = "null_is_default")]
    pub credits: Vec<Credit>,
    /// What the feed adds.
    pub database_specific: Value,
}

/// A package and which of its versions are affected.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Affected {
    /// The package.
    #[serde(deserialize_with = "null_is_default")]
    pub package: Package,
    /// The versions, one by one.
    #[serde(deserialize_with = "null_is_default")]
    pub versions: Vec<String>,
    /// The versions, as ranges.
    #[serde(deserialize_with = "null_is_default")]
    pub ranges: Vec<Range>,
    /// What the feed adds.
    pub database_specific: Value,
}

/// A package.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Package {
    /// `PyPI` for ours.
    pub ecosystem: String,
    /// As its owner writes it.
    pub name: String,
}

/// A range of versions.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Range {
    /// `ECOSYSTEM`, `SEMVER` or `GIT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Objects with one key each: `introduced`, `fixed`, `last_affected` or `limit`.
    #[serde(deserialize_with = "null_is_default")]
    pub events: Vec<Value>,
}

/// A link.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The address, as text.
    pub url: String,
}

/// Somebody who found, reported or analyzed it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Credit {
    /// Their name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// `FINDER`, `REPORTER`, `ANALYST`.
    #[serde(rename = "type", deserialize_with = "null_is_default")]
    pub role: String,
}

/// One source's own report that was merged into a record.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The source's key: `reversing-labs`.
    pub source: String,
    /// The digest of the source's own record.
    pub sha256: String,
    /// The source's own identifier.
    #[serde(deserialize_with = "null_is_default")]
    pub id: String,
    /// When it was merged, RFC 3339.
    #[serde(deserialize_with = "null_is_default")]
    pub import_time: String,
    /// When the source last changed it, RFC 3339.
    #[serde(deserialize_with = "null_is_default")]
    pub modified_time: String,
    /// The source's versions.
    #[serde(deserialize_with = "null_is_default")]
    pub versions: Vec<String>,
    /// The source's ranges.
    #[serde(deserialize_with = "null_is_default")]
    pub ranges: Vec<Range>,
}

/// A file that a record names with its digest.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The file's name.
    pub file_name: String,
    /// 64 hexadecimal digits, unchecked.
    pub sha256: String,
}

impl Record {
    /// The reports that were merged into it, with the position of those that cannot be read.
    #[must_use]
    pub fn origins(&self) -> Vec<Result<Origin, usize>> {
        let origins = self.database_specific.get("malicious-packages-origins").and_then(Value::as_array);
        let origins = origins.map(Vec::as_slice).unwrap_or_default().iter().enumerate().take(MAX_ORIGINS);
        origins.map(|(at, value)| Origin::deserialize(value).map_err(|_| at)).collect()
    }

    /// The weaknesses named anywhere in the record: `CWE-506`.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<String> {
        let mut found = Vec::new();
        let affected = self.affected.iter().map(|affected| &affected.database_specific);
        for place in std::iter::once(&self.database_specific).chain(affected) {
            let ids = place.get("cwe_ids").and_then(Value::as_array).into_iter().flatten();
            found.extend(ids.filter_map(Value::as_str).map(str::to_ascii_uppercase));
            let objects = place.get("cwes").and_then(Value::as_array).into_iter().flatten();
            let ids = objects.filter_map(|cwe| cwe.get("cweId").or_else(|| cwe.get("cwe_id"))?.as_str());
            found.extend(ids.map(str::to_ascii_uppercase));
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Affected {
    /// The files that are named with their digests.
    #[must_use]
    pub fn files(&self) -> Vec<NamedFile> {
        let files = self.database_specific.pointer("/indicators/package_integrity");
        let files = files.and_then(Value::as_array).into_iter().flatten();
        let read = |file: &Value| {
            let file_name = file.get("filename")?.as_str()?.to_owned();
            let sha256 = file.pointer("/hashes/sha256")?.as_str()?.to_owned();
            Some(NamedFile { file_name, sha256 })
        };
        files.filter_map(read).collect()
    }
}

fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
