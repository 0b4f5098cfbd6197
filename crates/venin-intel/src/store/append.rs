//! Taking claims in.

use std::ops::AddAssign;

use rusqlite::{Transaction, TransactionBehavior, params};

use super::row::{INSERT, insert_claim};
use super::{Store, StoreError};
use crate::claim::{Claim, Moment};

/// What came of taking claims in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// Claims that were not known.
    pub added: u64,
    /// Claims that were known already, and changed nothing.
    pub known: u64,
}

impl AddAssign for Appended {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
    }
}

/// How far a source has been read.
pub(super) struct Position<'a> {
    pub(super) source: &'a str,
    pub(super) input: &'a str,
    pub(super) cursor: &'a str,
    pub(super) at: Moment,
}

impl Store {
    /// Takes claims in, all or none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, claims: &[Claim]) -> Result<Appended, StoreError> {
        self.append_at(claims, None)
    }

    /// Takes claims in together with the cursor that stands behind them.
    pub(super) fn append_at(
        &mut self,
        claims: &[Claim],
        position: Option<&Position<'_>>,
    ) -> Result<Appended, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let appended = insert_all(&transaction, claims)?;
        if let Some(position) = position {
            transaction.execute(
                "INSERT INTO cursors (source, input, cursor, at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (source, input) DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
                params![position.source, position.input, position.cursor, position.at.micros()],
            )?;
        }
        transaction.commit()?;
        Ok(appended)
    }

    /// Notes how far a source has been read.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_cursor(
        &mut self,
        source: &str,
        input: &str,
        cursor: &str,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.append_at(&[], Some(&Position { source, input, cursor, at })).map(|_| ())
    }

    /// How far a source has been read, and when.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn cursor(&self, source: &str, input: &str) -> Result<Option<(String, Moment)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT cursor, at FROM cursors WHERE source = ?1 AND input = ?2")?;
        let mut rows = statement.query(params![source, input])?;
        match rows.next()? {
            Some(row) => Ok(Some((row.get(0)?, Moment::from_micros(row.get(1)?)))),
            None => Ok(None),
        }
    }
}

fn insert_all(transaction: &Transaction<'_>, claims: &[Claim]) -> Result<Appended, StoreError> {
    let mut statement = transaction.prepare_cached(INSERT)?;
    let mut appended = Appended::default();
    for claim in claims {
        if insert_claim(&mut statement, claim)? {
            appended.added += 1;
        } else {
            appended.known += 1;
        }
    }
    Ok(appended)
}
