//! The work of a watch: uploads that were seen and not scanned yet, and notices that were not delivered yet.
//!
//! Uploads are derived from claims, so that a kill between reading the index and planning the work loses nothing.

use rusqlite::{Transaction, TransactionBehavior, params};

use super::row::{INSERT, insert_claim};
use super::{Store, StoreError};
use crate::claim::{Claim, Moment, Subject};

/// Made when a watch first needs them; a store that never watched has none.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS uploads (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT NOT NULL,
    version   TEXT NOT NULL,
    uploaded  INTEGER,
    attempts  INTEGER NOT NULL DEFAULT 0,
    not_until INTEGER NOT NULL DEFAULT 0,
    error     TEXT NOT NULL DEFAULT '',
    UNIQUE (name, version)
) STRICT;
CREATE TABLE IF NOT EXISTS notices (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    body      TEXT NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    not_until INTEGER NOT NULL DEFAULT 0
) STRICT;
";

/// A release that was uploaded and is to be scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its number in the order in which uploads were seen.
    pub seq: i64,
    /// The release; a project without a version where the source told none.
    pub subject: Subject,
    /// When it was uploaded, as far as is known.
    pub uploaded: Option<Moment>,
    /// How often its scan failed.
    pub attempts: u32,
}

/// A notice that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub seq: i64,
    /// What is sent.
    pub body: String,
    /// How often the delivery failed.
    pub attempts: u32,
}

/// How far a watch is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Releases that were seen and not scanned.
    pub releases: u64,
    /// When the first of them was uploaded.
    pub oldest: Option<Moment>,
    /// Notices that were not delivered.
    pub notices: u64,
}

/// Which claims of a source are uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadForm {
    /// Every upload names its release: a changelog.
    Releases,
    /// Some entries name a project only: a feed of new projects.
    ProjectsToo,
}

impl Store {
    /// Puts the uploads among the claims of a source that came since the last call on the work list.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn plan_uploads(&mut self, source: &str, form: UploadForm, now: Moment) -> Result<u64, StoreError> {
        self.connection.execute_batch(TABLES)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mark, last) = read_marks(&transaction, source)?;
        let mut added = transaction.execute(
            "INSERT INTO uploads (name, version, uploaded) \
             SELECT name, version, min(not_before) FROM claims \
             WHERE seq > ?1 AND seq <= ?2 AND source = ?3 AND kind = 'uploaded' AND version IS NOT NULL \
             GROUP BY name, version ORDER BY min(seq) ON CONFLICT (name, version) DO NOTHING",
            params![mark, last, source],
        )?;
        if form == UploadForm::ProjectsToo {
            added += transaction.execute(
                "INSERT INTO uploads (name, version, uploaded) \
                 SELECT name, '', min(not_before) FROM claims AS seen \
                 WHERE seq > ?1 AND seq <= ?2 AND source = ?3 AND kind = 'index-seen' AND version IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM claims WHERE name = seen.name AND version IS NOT NULL \
                 AND kind = 'uploaded' AND source = ?3) \
                 GROUP BY name ORDER BY min(seq) ON CONFLICT (name, version) DO NOTHING",
                params![mark, last, source],
            )?;
        }
        transaction.execute(
            "INSERT INTO cursors (source, input, cursor, at) VALUES ('uploads', ?1, ?2, ?3) \
             ON CONFLICT (source, input) DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
            params![source, last.to_string(), now.micros()],
        )?;
        transaction.commit()?;
        Ok(added as u64)
    }

    /// The next uploads whose time has come, the first seen first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_uploads(&self, now: Moment, most: usize) -> Result<Vec<Upload>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, name, version, uploaded, attempts FROM uploads WHERE not_until <= ?1 \
             ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = statement.query(params![now.micros(), i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut uploads = Vec::new();
        while let Some(row) = rows.next()? {
            let (name, version): (String, String) = (row.get(1)?, row.get(2)?);
            let Ok(project) = Subject::project(&name) else { continue };
            let subject = if version.is_empty() { Ok(project) } else { project.with_version(&version) };
            let Ok(subject) = subject else { continue };
            let uploaded = row.get::<_, Option<i64>>(3)?.map(Moment::from_micros);
            uploads.push(Upload { seq: row.get(0)?, subject, uploaded, attempts: row.get(4)? });
        }
        Ok(uploads)
    }

    /// Takes an upload off the list, with what its scan says and what is to be sent.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish_upload(
        &mut self,
        upload: &Upload,
        claims: &[Claim],
        notices: &[String],
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statement = transaction.prepare_cached(INSERT)?;
            for claim in claims {
                insert_claim(&mut statement, claim)?;
            }
        }
        for body in notices {
            transaction.execute("INSERT INTO notices (body) VALUES (?1)", params![body])?;
        }
        transaction.execute("DELETE FROM uploads WHERE seq = ?1", params![upload.seq])?;
        transaction.commit()?;
        Ok(())
    }

    /// Notes that an upload could not be scanned, and from when on it is tried again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn delay_upload(
        &mut self,
        upload: &Upload,
        error: &str,
        not_until: Moment,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE uploads SET attempts = attempts + 1, error = ?2, not_until = ?3 WHERE seq = ?1",
            params![upload.seq, error, not_until.micros()],
        )?;
        Ok(())
    }

    /// How far the watch is behind.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn upload_backlog(&self) -> Result<Backlog, StoreError> {
        let unsigned = |count: i64| u64::try_from(count).unwrap_or_default();
        let (releases, oldest): (i64, Option<i64>) =
            self.connection.query_row("SELECT count(*), min(uploaded) FROM uploads", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let notices: i64 = self.connection.query_row("SELECT count(*) FROM notices", [], |row| row.get(0))?;
        Ok(Backlog {
            releases: unsigned(releases),
            oldest: oldest.map(Moment::from_micros),
            notices: unsigned(notices),
        })
    }

    /// The next notices whose time has come, the first written first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_notices(&self, now: Moment, most: usize) -> Result<Vec<Notice>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, body, attempts FROM notices WHERE not_until <= ?1 ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = statement.query(params![now.micros(), i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut notices = Vec::new();
        while let Some(row) = rows.next()? {
            notices.push(Notice { seq: row.get(0)?, body: row.get(1)?, attempts: row.get(2)? });
        }
        Ok(notices)
    }

    /// A notice was delivered, or is given up.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn drop_notice(&mut self, notice: &Notice) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM notices WHERE seq = ?1", params![notice.seq])?;
        Ok(())
    }

    /// A notice could not be delivered; from when on it is tried again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn delay_notice(&mut self, notice: &Notice, not_until: Moment) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE notices SET attempts = attempts + 1, not_until = ?2 WHERE seq = ?1",
            params![notice.seq, not_until.micros()],
        )?;
        Ok(())
    }
}

/// The row up to which the claims of a source were looked at, and the last row there is.
fn read_marks(transaction: &Transaction<'_>, source: &str) -> Result<(i64, i64), StoreError> {
    let mark: Option<String> = transaction
        .prepare_cached("SELECT cursor FROM cursors WHERE source = 'uploads' AND input = ?1")?
        .query(params![source])?
        .next()?
        .map(|row| row.get(0))
        .transpose()?;
    let last: i64 =
        transaction.query_row("SELECT coalesce(max(seq), 0) FROM claims", [], |row| row.get(0))?;
    Ok((mark.and_then(|mark| mark.parse().ok()).unwrap_or(0), last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{ClaimKind, Class, Interval, Surface};

    fn claim(name: &str, version: Option<&str>, kind: ClaimKind, serial: i64) -> Claim {
        let project = Subject::project(name).unwrap();
        let subject = version.map_or(Ok(project.clone()), |v| project.clone().with_version(v)).unwrap();
        Claim {
            subject,
            surface: Surface::Index,
            kind,
            happened: Interval::at(Moment::from_seconds(serial)),
            observed: Moment::from_seconds(100),
            source: "log".into(),
            source_ref: serial.to_string(),
            evidence: None,
            class: Class::Unknown,
            confidence: None,
            detail: String::new(),
        }
    }

    #[test]
    fn each_upload_is_listed_once_until_it_is_done_and_again_when_another_file_comes() {
        let mut store = Store::in_memory().unwrap();
        let now = Moment::from_seconds(200);
        let uploaded = ClaimKind::Uploaded;
        let first = [claim("b", Some("1"), uploaded, 5), claim("b", Some("1"), uploaded, 6)];
        store.append(&first).unwrap();
        assert_eq!(store.plan_uploads("log", UploadForm::Releases, now).unwrap(), 1);
        assert_eq!(store.plan_uploads("log", UploadForm::Releases, now).unwrap(), 0);
        let upload = store.next_uploads(now, 9).unwrap().remove(0);
        assert_eq!(store.upload_backlog().unwrap().oldest, Some(Moment::from_seconds(5)));
        store.delay_upload(&upload, "busy", Moment::from_seconds(300)).unwrap();
        assert!(store.next_uploads(now, 9).unwrap().is_empty());
        store.finish_upload(&upload, &[], &["{}".to_owned()]).unwrap();
        assert_eq!(store.upload_backlog().unwrap(), Backlog { notices: 1, ..Backlog::default() });
        store.append(&[claim("b", Some("1"), uploaded, 7)]).unwrap();
        assert_eq!(store.plan_uploads("log", UploadForm::Releases, now).unwrap(), 1);
    }

    #[test]
    fn a_new_project_of_a_feed_is_listed_unless_the_feed_names_its_release() {
        let mut store = Store::in_memory().unwrap();
        let claims = [
            claim("a", None, ClaimKind::IndexSeen, 1),
            claim("b", None, ClaimKind::IndexSeen, 2),
            claim("b", Some("1"), ClaimKind::Uploaded, 3),
        ];
        store.append(&claims).unwrap();
        let now = Moment::from_seconds(200);
        assert_eq!(store.plan_uploads("log", UploadForm::ProjectsToo, now).unwrap(), 2);
        let listed: Vec<String> =
            store.next_uploads(now, 9).unwrap().iter().map(|u| u.subject.to_string()).collect();
        assert_eq!(listed, ["b==1", "a"]);
    }

    #[test]
    fn an_undelivered_notice_comes_back() {
        let mut store = Store::in_memory().unwrap();
        let now = Moment::from_seconds(200);
        store.plan_uploads("log", UploadForm::Releases, now).unwrap();
        let upload = Upload { seq: 1, subject: Subject::project("a").unwrap(), uploaded: None, attempts: 0 };
        store.finish_upload(&upload, &[], &["x".to_owned()]).unwrap();
        let notice = store.next_notices(now, 9).unwrap().remove(0);
        store.delay_notice(&notice, Moment::from_seconds(201)).unwrap();
        assert!(store.next_notices(now, 9).unwrap().is_empty());
        let later = store.next_notices(Moment::from_seconds(201), 9).unwrap().remove(0);
        assert_eq!((later.body.as_str(), later.attempts), ("x", 1));
        store.drop_notice(&later).unwrap();
        assert_eq!(store.upload_backlog().unwrap().notices, 0);
    }
}
