//! Names of projects by the hundred thousand: one text and the places in it.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use venin_package::normalize_name;

use crate::claim::Subject;

/// First line of a snapshot.
const HEAD: &str = "venin index list 1";
/// Most names of an index.
const MOST_NAMES: usize = 10_000_000;
/// Most errors that are kept.
const MOST_ERRORS: usize = 100;

/// Normalized names, and those of quarantined projects that are watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameList {
    /// All names one after the other.
    text: String,
    /// Where each ends in the text, in the order of the text.
    ends: Vec<u32>,
    /// The names in order, each by its place in `ends`.
    order: Vec<u32>,
    /// Quarantined names that are in no list, in order.
    watched: Vec<String>,
}

/// What differs between two lists, each part in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListDifference {
    /// In the first and not in the second.
    pub left: Vec<String>,
    /// In the second and not in the first.
    pub came: Vec<String>,
}

impl NameList {
    /// How many names are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether none is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether the name is listed; the list must be sorted.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.order.binary_search_by(|at| self.at(*at).cmp(name)).is_ok()
    }

    /// The listed names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|at| self.at(*at))
    }

    /// The quarantined names that are watched.
    pub fn watched(&self) -> impl Iterator<Item = &str> {
        self.watched.iter().map(String::as_str)
    }

    pub(super) fn is_watched(&self, name: &str) -> bool {
        self.watched.iter().any(|watched| watched == name)
    }

    pub(super) fn watch(&mut self, name: &str) {
        self.watched.push(name.to_owned());
    }

    /// Adds a name, which leaves the order to [`Self::sort`].
    pub(super) fn keep(&mut self, name: &str) {
        let fits = self.ends.len() < MOST_NAMES && self.text.len() + name.len() < u32::MAX as usize;
        if let (true, Ok(at), Ok(end)) =
            (fits, u32::try_from(self.ends.len()), u32::try_from(self.text.len() + name.len()))
        {
            self.text.push_str(name);
            self.ends.push(end);
            self.order.push(at);
        }
    }

    /// Puts the names in order, each once.
    pub(super) fn sort(&mut self) {
        let mut order = std::mem::take(&mut self.order);
        order.sort_unstable_by(|a, b| self.at(*a).cmp(self.at(*b)));
        order.dedup_by(|a, b| self.at(*a) == self.at(*b));
        self.order = order;
        self.watched.sort_unstable();
        self.watched.dedup();
    }

    fn at(&self, place: u32) -> &str {
        let place = place as usize;
        let start =
            place.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(place).map_or(start, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    /// As bytes to keep: a line for each name, then an empty line, then the watched names.
    pub(super) fn to_snapshot(&self) -> Vec<u8> {
        let mut text = String::with_capacity(self.text.len() + self.ends.len() + 64);
        text.push_str(HEAD);
        text.push('\n');
        for name in self.iter() {
            text.push_str(name);
            text.push('\n');
        }
        for name in self.watched() {
            text.push_str("\n?");
            text.push_str(name);
        }
        text.into_bytes()
    }

    /// From bytes that were kept; `None` when they are no snapshot.
    pub(super) fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return None;
        }
        let mut list = Self::default();
        for line in lines.filter(|line| !line.is_empty()) {
            match line.strip_prefix('?') {
                Some(name) => list.watch(name),
                None => list.keep(line),
            }
        }
        list.sort();
        Some(list)
    }
}

/// Compares two sorted lists in one pass.
#[must_use]
pub fn diff_lists(old: &NameList, new: &NameList) -> ListDifference {
    let mut difference = ListDifference::default();
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                difference.left.push((*a).to_owned());
                old.next();
            }
            (_, Some(b)) => {
                difference.came.push((*b).to_owned());
                new.next();
            }
            (_, None) => return difference,
        }
    }
}

/// Reads the list in JSON: the names, the serial of the index, and what is wrong with single names.
///
/// # Errors
/// What is wrong with it as a whole, one sentence.
pub fn parse_list(bytes: &[u8]) -> Result<(NameList, Option<u64>, Vec<String>), String> {
    let mut reading = Reading::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = (&mut json).deserialize_map(Top(&mut reading)).and_then(|()| json.end());
    read.map_err(|error| format!("no list of projects in JSON: {error}"))?;
    if !reading.has_projects {
        return Err("no list of projects in JSON: it names no projects".to_owned());
    }
    reading.names.sort();
    Ok((reading.names, reading.serial, reading.errors))
}

#[derive(Default)]
struct Reading {
    names: NameList,
    serial: Option<u64>,
    errors: Vec<String>,
    has_projects: bool,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default, rename = "_last-serial")]
    serial: Option<u64>,
}

#[derive(Deserialize)]
struct Project<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
}

/// The object around the list; entries are taken in one by one, so that nothing but the names is held.
struct Top<'a>(&'a mut Reading);

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with projects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                "meta" => self.0.serial = map.next_value::<Meta>()?.serial,
                "projects" => {
                    self.0.has_projects = true;
                    map.next_value_seed(Projects(self.0))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Projects<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Projects<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Projects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of projects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(project) = entries.next_element::<Project<'de>>()? {
            match Subject::project(&project.name) {
                Ok(_) => self.0.names.keep(&normalize_name(&project.name)),
                Err(error) if self.0.errors.len() < MOST_ERRORS => self.0.errors.push(error.to_string()),
                Err(_) => {}
            }
        }
        Ok(())
    }
}
