//! What an article says: the packages that it accuses, each with the place, and its indicators.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{
    Ecosystem, Verdict, accuses, clears, ecosystem_of, first_part, judge_introduction, last_part,
    lists_indicators, names_packages, nearest_ecosystem, tells_compromise,
};
use super::html::{Block, BlockKind, Page, Passage};
use super::indicators::{Indicator, Setting, find_indicators};
use super::names::{
    Mention, is_well_known, parse_install, parse_item, parse_mention, parse_name, parse_versions,
};
use super::sentence::{Form, read_passage};
use super::{Article, NamedPackage, Place};
use crate::claim::{Class, Digest, Interval};

/// Most packages of one article.
const MOST_PACKAGES: usize = 5000;
/// How much of a paragraph introduces what follows it, and how much of a heading is read, in bytes.
const MOST_LEAD: usize = 1000;
const MOST_HEADING: usize = 300;
/// Most versions of one package.
const MOST_VERSIONS: usize = 500;
/// Longest quotation in characters.
const MOST_QUOTE: usize = 200;

/// Reads the article of a page.
pub(super) fn read_article(page: &Page) -> Article {
    let mut walk = Walk::new(page);
    for block in &page.blocks {
        walk.take(block);
    }
    let mut indicators = walk.indicators;
    let packages = merge(walk.found, &walk.cleared);
    for package in &packages {
        indicators.extend(package.indicators.iter().cloned());
    }
    Article {
        title: page.title.clone(),
        date: page.date.as_deref().and_then(|date| Interval::parse(date).ok()),
        packages,
        indicators: indicators.into_iter().collect(),
    }
}

/// The state of reading a page from top to bottom.
struct Walk<'a> {
    title: &'a str,
    /// What the page as a whole speaks of.
    whole: Option<Ecosystem>,
    /// The headings above, outermost first.
    headings: Vec<(u8, &'a str)>,
    /// The last paragraph since the last heading.
    lead: &'a str,
    /// What the texts above say, until one of them changes.
    known: Option<Surroundings>,
    columns: Option<(usize, Columns)>,
    cleared: BTreeSet<String>,
    found: Vec<NamedPackage>,
    indicators: BTreeSet<Indicator>,
}

/// What the texts above a block say of it.
#[derive(Debug, Clone, Copy)]
struct Surroundings {
    ecosystem: Option<Ecosystem>,
    introduction: Option<Verdict>,
    class: Class,
    setting: Setting,
}

/// What the columns of a table hold, by number.
#[derive(Debug, Clone, Default)]
struct Columns {
    name: Option<usize>,
    version: Option<usize>,
    ecosystem: Option<usize>,
    /// What the name is the name of, in tables of indicators of all kinds.
    kind: Option<usize>,
    /// Names that are imitated.
    cleared: Vec<usize>,
    is_accused: bool,
}

impl<'a> Walk<'a> {
    fn new(page: &'a Page) -> Self {
        let all: Vec<&str> = page.blocks.iter().map(|block| block.passage.text.as_str()).collect();
        Self {
            title: first_part(&page.title, MOST_HEADING),
            whole: ecosystem_of(&all.join("\n")),
            headings: Vec::new(),
            lead: "",
            known: None,
            columns: None,
            cleared: BTreeSet::new(),
            found: Vec::new(),
            indicators: BTreeSet::new(),
        }
    }

    fn take(&mut self, block: &'a Block) {
        let passage = &block.passage;
        match &block.kind {
            BlockKind::Heading(level) => {
                self.headings.retain(|(above, _)| above < level);
                self.headings.push((*level, first_part(&passage.text, MOST_HEADING)));
                self.lead = "";
                self.known = None;
            }
            BlockKind::Paragraph => {
                self.take_sentences(passage);
                self.lead = last_part(&passage.text, MOST_LEAD);
                self.known = None;
            }
            BlockKind::Item => {
                if !self.take_item(passage) {
                    self.take_sentences(passage);
                }
            }
            BlockKind::Code => self.take_code(passage),
            BlockKind::Row { cells, is_head, table } => self.take_row(cells, *is_head, *table, passage),
        }
        let is_listed = !matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading(_));
        let setting = if is_listed { self.surroundings().setting } else { Setting::Prose };
        find_indicators(&passage.text, setting, &mut self.indicators);
    }

    fn surroundings(&mut self) -> Surroundings {
        *self.known.get_or_insert_with(|| {
            let above = self.headings.iter().map(|(_, heading)| *heading);
            let is_setting = above.chain([self.lead]).any(lists_indicators);
            Surroundings {
                ecosystem: Self::find_ecosystem(&self.headings, self.lead, self.title).or(self.whole),
                introduction: Self::find_introduction(&self.headings, self.lead),
                class: Self::find_class(&self.headings, self.lead, self.title),
                setting: if is_setting { Setting::Indicators } else { Setting::Prose },
            }
        })
    }

    /// The ecosystem of what stands here: the nearest text that names one decides.
    fn find_ecosystem(headings: &[(u8, &str)], lead: &str, title: &str) -> Option<Ecosystem> {
        let above = headings.iter().rev().map(|(_, heading)| *heading);
        let texts = std::iter::once(lead).chain(above).chain([title]);
        texts.into_iter().find_map(ecosystem_of)
    }

    /// What introduces the list, the table or the code here.
    fn find_introduction(headings: &[(u8, &str)], lead: &str) -> Option<Verdict> {
        let headings = headings.iter().map(|(_, heading)| *heading).collect::<Vec<_>>().join(": ");
        // A lead that names no packages belongs to something else; then the headings introduce.
        if names_packages(lead) {
            return judge_introduction(lead)
                .or_else(|| (accuses(&headings) && !clears(&headings)).then_some(Verdict::Accused));
        }
        if names_packages(&headings) { judge_introduction(&headings) } else { None }
    }

    fn take_sentences(&mut self, passage: &Passage) {
        let near = ecosystem_of(&passage.text);
        for told in read_passage(passage) {
            let sentence = passage.text.get(told.sentence.clone()).unwrap_or_default();
            let ecosystem = match ecosystem_of(sentence).or(near) {
                Some(Ecosystem::Mixed) => nearest_ecosystem(&passage.text, told.place),
                Some(one) => Some(one),
                None => self.surroundings().ecosystem,
            };
            if told.verdict == Verdict::Cleared {
                self.cleared.insert(told.mention.name);
            } else if ecosystem == Some(Ecosystem::Python) || told.form == Form::Installed {
                let place = if told.form == Form::Installed { Place::Command } else { Place::Sentence };
                let class = if told.is_compromise { Class::Compromised } else { Class::Malware };
                self.keep(told.mention, place, class, sentence);
            }
        }
    }

    /// Whether the item is one of a list of packages.
    fn take_item(&mut self, passage: &Passage) -> bool {
        let above = self.surroundings();
        let text = passage.text.trim();
        let own = ecosystem_of(text);
        let is_python = own.or(above.ecosystem) == Some(Ecosystem::Python);
        let marked = || {
            let mark = passage
                .marks
                .first()
                .filter(|mark| passage.text.get(..mark.start).is_some_and(|t| t.trim().is_empty()))?;
            parse_mention(passage.text.get(mark.clone())?)
        };
        let Some(mention) = parse_item(text).or_else(marked) else { return false };
        match above.introduction {
            Some(Verdict::Accused) if is_python => {
                self.keep(mention, Place::List, above.class, text);
                true
            }
            Some(Verdict::Cleared) => {
                self.cleared.insert(mention.name);
                true
            }
            _ => false,
        }
    }

    fn take_code(&mut self, passage: &Passage) {
        let above = self.surroundings();
        if above.introduction != Some(Verdict::Accused) {
            return;
        }
        let lines: Vec<&str> = passage.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let installed: Vec<(Mention, &str)> = lines
            .iter()
            .flat_map(|line| parse_install(line).into_iter().map(|mention| (mention, *line)))
            .collect();
        if !installed.is_empty() {
            for (mention, line) in installed {
                self.keep(mention, Place::Command, above.class, line);
            }
            return;
        }
        // A block of names has nothing else in it; code has.
        let mentions: Option<Vec<Mention>> = lines.iter().map(|line| parse_mention(line)).collect();
        if above.ecosystem != Some(Ecosystem::Python) {
            return;
        }
        for (mention, line) in mentions.into_iter().flatten().zip(&lines) {
            self.keep(mention, Place::Code, above.class, line);
        }
    }

    fn take_row(&mut self, cells: &[Passage], is_head: bool, table: usize, passage: &Passage) {
        let above = self.surroundings();
        let known =
            self.columns.as_ref().filter(|(number, _)| *number == table).map(|(_, columns)| columns.clone());
        let Some(columns) = known else {
            self.columns = Some((table, self.read_columns(cells)));
            return;
        };
        if is_head && cells.len() > 1 && cells.iter().all(|cell| parse_name(&cell.text).is_none()) {
            return;
        }
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell| cell.text.trim());
        for at in &columns.cleared {
            self.cleared.extend(cell(Some(*at)).and_then(parse_item).map(|mention| mention.name));
        }
        let kind = cell(columns.kind);
        let own = cell(columns.ecosystem).map(|text| ecosystem_of(text).unwrap_or(Ecosystem::Other));
        let own = own.or_else(|| kind.and_then(ecosystem_of));
        let is_python = own.or(above.ecosystem) == Some(Ecosystem::Python);
        if !columns.is_accused || !is_python || kind.is_some_and(|kind| !names_packages(kind)) {
            return;
        }
        let Some(mut mention) = cell(columns.name).and_then(parse_item) else { return };
        if let Some(versions) = cell(columns.version) {
            mention.versions = parse_versions(versions);
        }
        self.keep(mention, Place::Table, above.class, &passage.text);
    }

    fn read_columns(&mut self, cells: &[Passage]) -> Columns {
        let heads: Vec<String> = cells.iter().map(|cell| cell.text.trim().to_lowercase()).collect();
        let find = |is: &dyn Fn(&str) -> bool| heads.iter().position(|head| is(head));
        let is_name = |head: &str| {
            let is_other =
                ["file", "domain", "author", "user", "display", "version", "count", "number", "type", "hash"];
            let is_named =
                names_packages(head) || matches!(head, "name" | "names" | "project" | "library" | "module");
            is_named && !clears(head) && !is_other.iter().any(|word| head.contains(word))
        };
        let kind = find(&|head| matches!(head, "type" | "kind" | "indicator type" | "ioc type"));
        let value = find(&|head| matches!(head, "value" | "indicator" | "ioc")).filter(|_| kind.is_some());
        let name = find(&|head| is_name(head) && accuses(head)).or_else(|| find(&is_name));
        let all = heads.join(" ");
        let headings: String = self.headings.iter().map(|(_, heading)| format!("{heading} ")).collect();
        let is_accused = match self.surroundings().introduction {
            Some(Verdict::Cleared) => name.and_then(|at| heads.get(at)).is_some_and(|head| accuses(head)),
            Some(Verdict::Accused) => true,
            None => accuses(&all) || accuses(self.lead) || accuses(&headings) || lists_indicators(&headings),
        };
        Columns {
            kind: kind.filter(|_| name.is_none()),
            name: name.or(value),
            version: find(&|head| head.contains("version")),
            ecosystem: find(&|head| {
                matches!(head, "ecosystem" | "registry" | "platform" | "repository" | "package manager")
            }),
            cleared: heads.iter().enumerate().filter(|(_, head)| clears(head)).map(|(at, _)| at).collect(),
            is_accused,
        }
    }

    fn find_class(headings: &[(u8, &str)], lead: &str, title: &str) -> Class {
        let tells = headings.iter().any(|(_, heading)| tells_compromise(heading));
        if tells || tells_compromise(lead) || tells_compromise(title) {
            Class::Compromised
        } else {
            Class::Malware
        }
    }

    fn keep(&mut self, mention: Mention, place: Place, class: Class, text: &str) {
        let is_release = !mention.versions.is_empty() && class == Class::Compromised;
        if self.found.len() >= MOST_PACKAGES || (is_well_known(&mention.name) && !is_release) {
            return;
        }
        let mut indicators = BTreeSet::new();
        if place == Place::Table {
            find_indicators(text, Setting::Prose, &mut indicators);
        }
        self.found.push(NamedPackage {
            quote: quote(text, &mention.name),
            quote_sha256: Digest::of(text.as_bytes()),
            name: mention.name,
            versions: mention.versions,
            class: if class == Class::Compromised && !is_release { Class::Malware } else { class },
            place,
            indicators: indicators.into_iter().collect(),
        });
    }
}

/// A short part of the text around the name.
fn quote(text: &str, name: &str) -> String {
    let text = text.trim();
    let at = text.to_lowercase().find(name).unwrap_or(0);
    let before = text.get(..at).map_or(0, |before| before.chars().count());
    let skipped = before.saturating_sub(MOST_QUOTE / 2);
    text.chars().skip(skipped).take(MOST_QUOTE).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One entry for each name, from its surest place, with all versions; without the names that the article clears.
fn merge(found: Vec<NamedPackage>, cleared: &BTreeSet<String>) -> Vec<NamedPackage> {
    let mut merged: BTreeMap<String, NamedPackage> = BTreeMap::new();
    for package in found {
        let is_release = package.class == Class::Compromised;
        if cleared.contains(&package.name) && !is_release && package.place != Place::Table {
            continue;
        }
        match merged.get_mut(&package.name) {
            None => {
                merged.insert(package.name.clone(), package);
            }
            Some(kept) => {
                let mut versions: Vec<String> =
                    kept.versions.iter().chain(&package.versions).cloned().collect();
                versions.sort();
                versions.dedup();
                versions.truncate(MOST_VERSIONS);
                let mut indicators = std::mem::take(&mut kept.indicators);
                if indicators.len() < MOST_VERSIONS {
                    indicators.extend(package.indicators.iter().cloned());
                }
                if package.place.confidence() > kept.place.confidence() {
                    *kept = package;
                }
                (kept.versions, kept.indicators) = (versions, indicators);
            }
        }
    }
    merged.into_values().collect()
}
