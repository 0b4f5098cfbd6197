//! Reading claims back.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Params, params_from_iter};

use super::row::{COLUMNS, read_claim};
use super::{Store, StoreError};
use crate::claim::{Claim, Digest};

/// Which claims are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of this project, by its normalized name.
    pub name: Option<String>,
    /// Of this version; claims about the project as a whole are not among them.
    pub version: Option<String>,
    /// Of a file with this digest.
    pub sha256: Option<Digest>,
    /// Of this source.
    pub source: Option<String>,
    /// Of this kind.
    pub kind: Option<crate::claim::ClaimKind>,
    /// Taken in after this row.
    pub after: i64,
}

/// How many rows the store has, by source and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All claims.
    pub claims: u64,
    /// Projects that any claim is about.
    pub projects: u64,
    /// Claims by source and kind.
    pub by_source: BTreeMap<(String, String), u64>,
}

impl Selection {
    /// All claims of a project.
    #[must_use]
    pub fn of_project(name: &str) -> Self {
        Self { name: Some(venin_package::normalize_name(name)), ..Self::default() }
    }

    fn conditions(&self) -> (String, Vec<Value>) {
        let mut text = "seq > ?1".to_owned();
        let mut values = vec![Value::Integer(self.after)];
        let mut require = |column: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                text.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        };
        let of_text = |text: &Option<String>| text.clone().map(Value::Text);
        require("name", of_text(&self.name));
        require("version", of_text(&self.version));
        require("sha256", self.sha256.map(|digest| Value::Blob(digest.0.to_vec())));
        require("source", of_text(&self.source));
        require("kind", self.kind.map(|kind| Value::Text(kind.as_str().to_owned())));
        (text, values)
    }
}

impl Store {
    /// The claims selected, in the order in which they were taken in.
    ///
    /// # Errors
    /// The file cannot be read, or a row is damaged.
    pub fn claims(&self, selection: &Selection) -> Result<Vec<Claim>, StoreError> {
        let mut claims = Vec::new();
        self.visit_claims(selection, |_, claim| claims.push(claim))?;
        Ok(claims)
    }

    /// Gives each selected claim with its row number to a function, one at a time.
    ///
    /// # Errors
    /// The file cannot be read, or a row is damaged.
    pub fn visit_claims(
        &self,
        selection: &Selection,
        visit: impl FnMut(i64, Claim),
    ) -> Result<(), StoreError> {
        let (conditions, values) = selection.conditions();
        let text = format!("SELECT {COLUMNS} FROM claims WHERE {conditions} ORDER BY seq");
        self.visit(&text, params_from_iter(values), visit)
    }

    /// Like [`Store::visit_claims`] for all claims, project by project.
    ///
    /// # Errors
    /// The file cannot be read, or a row is damaged.
    pub fn visit_by_project(&self, visit: impl FnMut(i64, Claim)) -> Result<(), StoreError> {
        self.visit(&format!("SELECT {COLUMNS} FROM claims ORDER BY name, seq"), [], visit)
    }

    fn visit(
        &self,
        text: &str,
        parameters: impl Params,
        mut visit: impl FnMut(i64, Claim),
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(text)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            let (seq, claim) = read_claim(row)?;
            visit(seq, claim);
        }
        Ok(())
    }

    /// The number of the last row.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_row(&self) -> Result<i64, StoreError> {
        let text = "SELECT coalesce(max(seq), 0) FROM claims";
        Ok(self.connection.query_row(text, [], |row| row.get(0))?)
    }

    /// Counts of what the store holds.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let unsigned = |count: i64| u64::try_from(count).unwrap_or_default();
        let mut counts = Counts::default();
        let text = "SELECT source, kind, count(*) FROM claims GROUP BY source, kind";
        let mut statement = self.connection.prepare_cached(text)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let count = unsigned(row.get(2)?);
            counts.claims += count;
            counts.by_source.insert((row.get(0)?, row.get(1)?), count);
        }
        let projects = "SELECT count(DISTINCT name) FROM claims";
        counts.projects = unsigned(self.connection.query_row(projects, [], |row| row.get(0))?);
        Ok(counts)
    }

    /// Checks the file and every row; gives what is wrong, in words.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        let mut statement = self.connection.prepare("PRAGMA integrity_check(20)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                wrong.push(line);
            }
        }
        let text = format!("SELECT {COLUMNS} FROM claims ORDER BY seq");
        let mut statement = self.connection.prepare(&text)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(error) = read_claim(row) {
                wrong.push(error.to_string());
            }
        }
        Ok(wrong)
    }
}
