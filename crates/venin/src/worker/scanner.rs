//! What a worker scans with: rules and options as text, made into a scanner at the worker's end.

use serde::{Deserialize, Serialize};
use venin_model::Persona;
use venin_rules::yara::{BorealMatcher, YaraSource};
use venin_rules::{RuleFile, RuleSet};
use venin_scan::{Listing, Options, Scanner};

/// What to scan with.  Travels to the workers as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ScanSetup {
    /// The operating point, by its spelling.
    persona: String,
    /// What the reports list beside the findings, by its spelling.
    listing: String,
    /// The user's internal projects, by name or glob.
    internal_names: Vec<String>,
    /// The user's own rule pages, beside the built-in ones.
    pub(crate) pages: Vec<RuleText>,
    /// The user's YARA files.
    pub(crate) yara: Vec<RuleText>,
}

/// A rule file as the parent read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleText {
    /// `/`-separated path below the directory of rules.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl ScanSetup {
    /// The built-in rules at an operating point.
    pub(crate) fn new(persona: Persona) -> Self {
        Self {
            persona: persona.as_str().to_owned(),
            listing: Listing::None.as_str().to_owned(),
            internal_names: Vec::new(),
            pages: Vec::new(),
            yara: Vec::new(),
        }
    }

    /// The same, with reports that list what the artifacts hold.
    pub(crate) fn with_contents(self) -> Self {
        Self { listing: Listing::Full.as_str().to_owned(), ..self }
    }

    /// The same, with reports that say what the code is like.
    pub(crate) fn with_attributes(self) -> Self {
        Self { listing: Listing::Attributes.as_str().to_owned(), ..self }
    }

    /// The same, with the user's own internal projects, which nothing from an index should be named like.
    pub(crate) fn with_internal_names(self, names: &[String]) -> Self {
        Self { internal_names: names.to_vec(), ..self }
    }

    /// Makes the scanner.
    ///
    /// # Errors
    /// A rule file is wrong; the text names it.  The command line checks them before, with better words.
    pub(super) fn build(&self) -> Result<Scanner, String> {
        let mut rules = RuleSet::builtin();
        if !self.pages.is_empty() {
            let files: Vec<RuleFile<'_>> =
                self.pages.iter().map(|page| RuleFile { path: &page.path, text: &page.text }).collect();
            let first = |errors: Vec<venin_rules::PageError>| {
                errors.first().map(ToString::to_string).unwrap_or_default()
            };
            rules = rules.with_pages(&files).map_err(first)?;
        }
        let persona = Persona::parse(&self.persona).unwrap_or(Persona::Team);
        let listing = Listing::parse(&self.listing).unwrap_or(Listing::None);
        // A glob names many projects; a name can be like none of them in particular.
        let internal_names =
            self.internal_names.iter().filter(|n| !n.contains(['*', '?', '['])).cloned().collect();
        let mut scanner =
            Scanner::new(rules, Options { persona, listing, internal_names, ..Options::default() });
        if !self.yara.is_empty() {
            let sources: Vec<YaraSource<'_>> =
                self.yara.iter().map(|file| YaraSource { name: &file.path, text: &file.text }).collect();
            let matcher = BorealMatcher::compile(&sources).map_err(|error| error.to_string())?;
            scanner = scanner.with_matcher(Box::new(matcher));
        }
        Ok(scanner)
    }
}
