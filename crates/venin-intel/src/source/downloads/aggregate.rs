//! Sums of download statistics for each release, in bounded memory.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde_json::Value;

use super::row::DownloadRow;
use crate::claim::{Claim, ClaimKind, Class, Interval, Moment, Subject, Surface};
use crate::source::SourceError;
use crate::source::detail::Detail;
use crate::source::osv::is_ahead;

/// Most releases that are summed.
const MAX_RELEASES: usize = 250_000;
/// Most different words (installers, systems, countries, file types) that are told apart.
const MAX_WORDS: usize = 4096;
/// Most words of one kind that are told apart for one release.
const MAX_TALLY: usize = 64;

/// Clients that fill mirrors and caches: nobody installs with them.
const MIRRORS: &[&str] =
    &["artifactory", "bandersnatch", "devpi", "devpi-server", "nexus", "pulp", "proxpi", "z3c.pypimirror"];

/// Files beside a distribution: core metadata (PEP 658), signatures, attestations.
const SIDE_FILES: &[&str] = &[".metadata", ".asc", ".provenance", ".publish.attestation"];

/// 2026-08-24T00:00:00Z in seconds.  Before that day the table counted side files as downloads of their distribution
/// even where the row does not name the file; sums are kept apart there.
const SIDE_FILES_LEFT_OUT: i64 = 1_787_529_600;

/// Sums for all releases.
#[derive(Debug, Default)]
pub struct Totals {
    releases: HashMap<(String, Option<String>), Release>,
    words: Words,
    /// Rows beyond the bound on releases.
    left_out: u64,
}

#[derive(Debug, Default)]
struct Release {
    first: Option<Interval>,
    last: Option<Interval>,
    before: u64,
    after: u64,
    mirrors: u64,
    side_files: u64,
    installers: Tally,
    systems: Tally,
    countries: Tally,
    file_types: Tally,
}

impl Totals {
    /// Adds a row.
    ///
    /// # Errors
    /// The row has no date, one in the future, or a name that cannot be.
    pub fn add(&mut self, row: &DownloadRow, now: Moment) -> Result<(), String> {
        let time = row.time.ok_or("no date")?;
        if time.not_before.is_none_or(|start| is_ahead(start, now)) {
            return Err("a date lies in the future".to_owned());
        }
        let mut subject = Subject::project(&row.project).map_err(|error| error.to_string())?;
        if let Some(version) = &row.version {
            subject = subject.with_version(version).map_err(|error| error.to_string())?;
        }
        let key = (subject.name().to_owned(), subject.version().map(str::to_owned));
        if self.releases.len() >= MAX_RELEASES && !self.releases.contains_key(&key) {
            self.left_out += 1;
            return Ok(());
        }
        self.releases.entry(key).or_default().add(row, time, &mut self.words);
        Ok(())
    }

    /// Gives the claims, sorted by release: the first and the last download and the sum, of each.
    ///
    /// # Errors
    /// Those of `give`.
    pub fn give_claims(
        self,
        from: &Export<'_>,
        give: &mut dyn FnMut(Claim) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let sorted: BTreeMap<_, _> = self.releases.into_iter().collect();
        for ((name, version), release) in sorted {
            let subject = Subject::project(&name).and_then(|project| match version {
                Some(version) => project.with_version(&version),
                None => Ok(project),
            });
            let Ok(subject) = subject else { continue };
            if let Some((first, last)) = release.first.zip(release.last) {
                give(from.claim(&subject, ClaimKind::FirstDownload, first, String::new()))?;
                give(from.claim(&subject, ClaimKind::LastDownload, last, String::new()))?;
            }
            let detail = release.detail(&self.words).render();
            give(from.claim(&subject, ClaimKind::Downloads, release.period(), detail))?;
        }
        Ok(())
    }

    /// What was left out, in words.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let rows = self.left_out;
        (rows > 0).then(|| format!("{rows} rows of releases beyond the first {MAX_RELEASES}"))
    }
}

/// The export that sums are made of.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    /// The name that claims carry as their source.
    pub source: &'a str,
    /// The file's name.
    pub place: &'a str,
    /// The moment of collection.
    pub now: Moment,
}

impl Export<'_> {
    fn claim(&self, subject: &Subject, kind: ClaimKind, happened: Interval, detail: String) -> Claim {
        Claim {
            subject: subject.clone(),
            surface: Surface::Downloads,
            kind,
            happened,
            observed: self.now,
            source: self.source.to_owned(),
            source_ref: self.place.chars().filter(|c| !c.is_control()).take(256).collect(),
            evidence: None,
            class: Class::Unknown,
            confidence: None,
            detail,
        }
    }
}

impl Release {
    fn add(&mut self, row: &DownloadRow, time: Interval, words: &mut Words) {
        let installer = row.installer.as_deref().unwrap_or("(unknown)");
        if MIRRORS.iter().any(|mirror| mirror.eq_ignore_ascii_case(installer)) {
            self.mirrors = self.mirrors.saturating_add(row.count);
            return;
        }
        if row.file_name.as_deref().is_some_and(is_side_file) {
            self.side_files = self.side_files.saturating_add(row.count);
            return;
        }
        let is_before = time.not_after.is_some_and(|end| end.seconds() < SIDE_FILES_LEFT_OUT);
        let sum = if is_before { &mut self.before } else { &mut self.after };
        *sum = sum.saturating_add(row.count);
        self.first = Some(self.first.map_or(time, |first| earlier(first, time)));
        self.last = Some(self.last.map_or(time, |last| later(last, time)));
        self.installers.add(words.number(installer), row.count);
        for (tally, word) in [
            (&mut self.systems, &row.system),
            (&mut self.countries, &row.country),
            (&mut self.file_types, &row.file_type),
        ] {
            if let Some(word) = word {
                tally.add(words.number(word), row.count);
            }
        }
    }

    /// From the start of the first download to the end of the last.
    fn period(&self) -> Interval {
        let start = self.first.and_then(|first| first.not_before);
        let end = self.last.and_then(|last| last.not_after);
        start.zip(end).map_or(Interval::UNKNOWN, |(start, end)| Interval::between(start, end))
    }

    fn detail(&self, words: &Words) -> Detail {
        let some = |count: u64| if count == 0 { Value::Null } else { Value::from(count) };
        Detail::default()
            .with("count", self.before.saturating_add(self.after))
            .with("countries", self.countries.render(words))
            .with("file_types", self.file_types.render(words))
            .with("installers", self.installers.render(words))
            .with("mirrors", some(self.mirrors))
            .with("side_files", some(self.side_files))
            .with("since_side_files_left_out", some(self.after))
            .with("systems", self.systems.render(words))
            .with("while_side_files_counted", some(self.before))
    }
}

fn is_side_file(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    SIDE_FILES.iter().any(|suffix| lower.ends_with(suffix))
}

fn earlier(a: Interval, b: Interval) -> Interval {
    if (b.not_before, b.not_after) < (a.not_before, a.not_after) { b } else { a }
}

fn later(a: Interval, b: Interval) -> Interval {
    if (b.not_after, b.not_before) > (a.not_after, a.not_before) { b } else { a }
}

/// Words as small numbers; 0 stands for all beyond the bound.
#[derive(Debug, Default)]
struct Words {
    numbers: HashMap<String, u16>,
    texts: Vec<String>,
}

impl Words {
    fn number(&mut self, word: &str) -> u16 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let next = u16::try_from(self.texts.len() + 1).ok().filter(|n| usize::from(*n) < MAX_WORDS);
        let Some(next) = next else { return 0 };
        self.texts.push(word.to_owned());
        self.numbers.insert(word.to_owned(), next);
        next
    }

    fn text(&self, number: u16) -> &str {
        let at = usize::from(number).checked_sub(1);
        at.and_then(|at| self.texts.get(at)).map_or("(other)", String::as_str)
    }
}

/// How often each word came.
#[derive(Debug, Default)]
struct Tally(Vec<(u16, u64)>);

impl Tally {
    fn add(&mut self, word: u16, count: u64) {
        let word =
            if self.0.len() >= MAX_TALLY && !self.0.iter().any(|(w, _)| *w == word) { 0 } else { word };
        match self.0.iter_mut().find(|(w, _)| *w == word) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((word, count)),
        }
    }

    fn render(&self, words: &Words) -> Value {
        let entries = self.0.iter().map(|(word, count)| (words.text(*word).to_owned(), Value::from(*count)));
        Value::Object(entries.collect())
    }
}
