//! A claim as a row, and a row as a claim.

use std::str::FromStr;

use rusqlite::{Row, Statement, params};

use super::StoreError;
use crate::claim::{Claim, ClaimKind, Class, Digest, Interval, Moment, Subject, Surface};

/// What wrote the row.
const COLLECTOR: &str = concat!("venin ", env!("CARGO_PKG_VERSION"));

/// The columns in the order that [`read_claim`] takes them in.
pub(super) const COLUMNS: &str = "seq, id, name, version, file_name, sha256, surface, kind, not_before, not_after, \
                                  observed, source, source_ref, evidence, class, confidence, detail";

/// Adds a row unless it is there.
pub(super) const INSERT: &str = "INSERT INTO claims (id, name, version, file_name, sha256, surface, kind, not_before, \
     not_after, observed, collector, source, source_ref, evidence, class, confidence, detail) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (id) DO NOTHING";

/// Whether the row was new.
pub(super) fn insert_claim(statement: &mut Statement<'_>, claim: &Claim) -> Result<bool, StoreError> {
    let subject = &claim.subject;
    let added = statement.execute(params![
        &claim.id().0.0[..],
        subject.name(),
        subject.version(),
        subject.file_name(),
        subject.sha256().as_ref().map(|digest| &digest.0[..]),
        claim.surface.to_string(),
        claim.kind.as_str(),
        claim.happened.not_before.map(Moment::micros),
        claim.happened.not_after.map(Moment::micros),
        claim.observed.micros(),
        COLLECTOR,
        claim.source,
        claim.source_ref,
        claim.evidence.as_ref().map(|digest| &digest.0[..]),
        claim.class.as_str(),
        claim.confidence,
        claim.detail,
    ])?;
    Ok(added == 1)
}

/// Reads a row of [`COLUMNS`], and checks that it still is what was written.
pub(super) fn read_claim(row: &Row<'_>) -> Result<(i64, Claim), StoreError> {
    let seq: i64 = row.get(0)?;
    let damaged = |error: String| StoreError::Damaged { seq, error };
    let claim = Claim {
        subject: read_subject(row).map_err(damaged)?,
        surface: spelled(row, 6, |text| Surface::from_str(text).ok()).map_err(damaged)?,
        kind: spelled(row, 7, ClaimKind::parse).map_err(damaged)?,
        happened: Interval {
            not_before: row.get::<_, Option<i64>>(8)?.map(Moment::from_micros),
            not_after: row.get::<_, Option<i64>>(9)?.map(Moment::from_micros),
        },
        observed: Moment::from_micros(row.get(10)?),
        source: row.get(11)?,
        source_ref: row.get(12)?,
        evidence: read_digest(row, 13)?,
        class: spelled(row, 14, Class::parse).map_err(damaged)?,
        confidence: row.get(15)?,
        detail: row.get(16)?,
    };
    let id = read_digest(row, 1)?;
    if id != Some(claim.id().0) {
        return Err(damaged("its content does not have its digest".to_owned()));
    }
    Ok((seq, claim))
}

fn read_subject(row: &Row<'_>) -> Result<Subject, String> {
    let text = |at: usize| row.get::<_, Option<String>>(at).map_err(|error| error.to_string());
    let mut subject = Subject::project(&text(2)?.unwrap_or_default()).map_err(|error| error.to_string())?;
    if let Some(version) = text(3)? {
        subject = subject.with_version(&version).map_err(|error| error.to_string())?;
    }
    if let Some(file) = text(4)? {
        subject = subject.with_file(&file).map_err(|error| error.to_string())?;
    }
    if let Some(digest) = read_digest(row, 5).map_err(|error| error.to_string())? {
        subject = subject.with_sha256(digest);
    }
    Ok(subject)
}

fn read_digest(row: &Row<'_>, at: usize) -> Result<Option<Digest>, rusqlite::Error> {
    Ok(row.get::<_, Option<[u8; 32]>>(at)?.map(Digest))
}

fn spelled<T>(row: &Row<'_>, at: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let text: String = row.get(at).map_err(|error| error.to_string())?;
    parse(&text).ok_or_else(|| format!("`{}` is no word of ours", text.escape_debug()))
}
