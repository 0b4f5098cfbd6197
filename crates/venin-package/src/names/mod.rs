//! Names that can be mistaken for other names: typing errors, look-alike characters, separators, word order, and
//! words that promise another edition.
//!
//! One file a kind of confusion; each compares two normalized names and says how the first can be mistaken for the
//! second.  [`Corpus`] holds the names worth imitating and finds the few that a name has to be compared with.  Nothing
//! here decides that a name is malicious: most look-alikes are chance.

pub(crate) mod borrowed;
mod corpus;
mod doubled;
mod edition;
mod glued;
mod homoglyph;
mod order;
mod separator;
mod two_errors;
mod typing_error;

use venin_model::spelled_enum;

pub use corpus::is_popular;
pub use corpus::{Corpus, popular_names};

/// Longest name that is compared, in characters; no index takes a longer one.
pub(crate) const MAX_NAME: usize = 100;

spelled_enum! {
    /// How a name can be mistaken for another.
    pub enum Confusion {
        /// The same name.
        Same = "same",
        /// Characters that look alike (`l` and `1`, `rn` and `m`, letters of other scripts).
        Homoglyph = "homoglyph",
        /// The same letters, otherwise separated.
        Separator = "separator",
        /// The same words in another order.
        Order = "order",
        /// A letter is typed too often or too rarely in a row.
        Doubled = "doubled",
        /// Two neighboring letters are exchanged.
        Transposition = "transposition",
        /// A letter is missing.
        Omission = "omission",
        /// A letter is too many.
        Insertion = "insertion",
        /// A letter is another.
        Substitution = "substitution",
        /// Two of these errors, in a long name.
        TwoErrors = "two-errors",
        /// A word or number is added that promises an edition of the same project.
        Edition = "edition",
        /// Letters are glued to it without a separator.
        Glued = "glued",
    }
}

/// A name that another can be mistaken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The name imitated, normalized.
    pub of: String,
    /// Its rank in the corpus from 1, the most popular first.
    pub rank: usize,
    /// How they can be mistaken.
    pub confusion: Confusion,
}

/// How `name` can be mistaken for `other`, both normalized (PEP 503); the most exact answer if there are several.
///
/// `None` for names that differ more, that are longer than 100 characters, or of which `other` is too short for a
/// likeness to mean anything.
#[must_use]
pub fn compare_names(name: &str, other: &str) -> Option<Confusion> {
    if name.len() > MAX_NAME || other.len() > MAX_NAME || name.is_empty() || other.is_empty() {
        return None;
    }
    if name == other {
        return Some(Confusion::Same);
    }
    if letters(other) < SHORTEST {
        return None;
    }
    separator::compare(name, other)
        .or_else(|| homoglyph::compare(name, other))
        .or_else(|| order::compare(name, other))
        .or_else(|| doubled::compare(name, other))
        .or_else(|| typing_error::compare(name, other))
        .or_else(|| two_errors::compare(name, other))
        .or_else(|| edition::compare(name, other))
        .or_else(|| glued::compare(name, other))
}

/// Fewest letters of a name that others can be mistaken for: names of four letters are near each other by chance.
const SHORTEST: usize = 5;

/// How many characters a name has, separators left out.
fn letters(name: &str) -> usize {
    name.chars().filter(|c| *c != '-').count()
}
