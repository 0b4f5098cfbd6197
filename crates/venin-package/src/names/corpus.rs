//! The names worth imitating, and the few of them that a name has to be compared with.

use std::hash::BuildHasher as _;
use std::sync::LazyLock;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{
    Confusion, Likeness, MAX_NAME, compare_names, doubled, edition, glued, homoglyph, order, separator,
};
use crate::requirement::normalize_name;

/// How many names at the top are well known, so that a likeness to one counts before one to others.
const WELL_KNOWN: usize = 1_000;

/// Names in order of popularity, with what finds them.
#[derive(Debug, Default)]
pub struct Corpus {
    names: Vec<Entry>,
    /// Digest of a spelling, of one sort, to the first name that has it.  A scan that looks up one name must not pay for
    /// thirty thousand texts, and whoever is found is compared in full.
    by_spelling: FxHashMap<u64, u32>,
}

/// The sorts of spelling that find a name.
#[derive(Debug, Clone, Copy, Hash)]
enum Spelling {
    Exact,
    Skeleton,
    Squeezed,
    Words,
}

impl Spelling {
    fn digest(self, text: &str) -> u64 {
        FxBuildHasher.hash_one((self, text))
    }
}

#[derive(Debug)]
struct Entry {
    name: String,
    signature: Signature,
}

/// What tells most names apart without comparing them.
#[derive(Debug, Clone, Copy)]
struct Signature {
    length: usize,
    /// One bit a letter or digit, one for the others.
    letters: u64,
}

impl Signature {
    fn of(name: &str) -> Self {
        let bit = |c: char| c.to_digit(36).map_or(1 << 36, |digit| 1_u64 << digit);
        let mut length = 0;
        let letters = name.chars().inspect(|_| length += 1).fold(0, |bits, c| bits | bit(c));
        Self { length, letters }
    }

    /// Whether two errors can lie between names of these signatures.
    const fn can_be_near(self, other: Self) -> bool {
        self.length.abs_diff(other.length) <= 2 && (self.letters ^ other.letters).count_ones() <= 4
    }
}

/// The popular names shipped with this crate; the date and method of the list stand in its head.
pub fn popular_names() -> &'static Corpus {
    static POPULAR: LazyLock<Corpus> =
        LazyLock::new(|| Corpus::new(POPULAR_TEXT.lines().filter(|line| !line.starts_with('#'))));
    &POPULAR
}

const POPULAR_TEXT: &str = include_str!("../../../../data/names/popular.txt");

/// Whether a name is one of the popular ones, without making the corpus: most releases that people scan are.
pub fn is_popular(name: &str) -> bool {
    let line = format!("\n{}\n", normalize_name(name));
    line.len() > 2 && memchr::memmem::find(POPULAR_TEXT.as_bytes(), line.as_bytes()).is_some()
}

impl Corpus {
    /// A corpus of names in order of popularity; white space, empty and overlong names are left out.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut corpus = Self::default();
        let names = names.into_iter();
        corpus.by_spelling.reserve(names.size_hint().1.unwrap_or(0).min(1 << 20) * 4);
        for name in names {
            let name = normalize_name(name);
            if !name.is_empty() && name.len() <= MAX_NAME {
                corpus.insert(name);
            }
        }
        corpus
    }

    fn insert(&mut self, name: String) {
        if self.find_exact(&name).is_some() {
            return;
        }
        let at = self.names.len() as u32;
        let words = order::sorted_words(&name).map(|words| Spelling::Words.digest(&words));
        let skeleton = Spelling::Skeleton.digest(&homoglyph::skeleton(&name));
        let squeezed = Spelling::Squeezed.digest(&doubled::squeezed(&name));
        for digest in [Spelling::Exact.digest(&name), skeleton, squeezed].into_iter().chain(words) {
            self.by_spelling.entry(digest).or_insert(at);
        }
        self.names.push(Entry { signature: Signature::of(&name), name });
    }

    fn find_exact(&self, name: &str) -> Option<usize> {
        let at = self.find(Spelling::Exact, name)?;
        self.names.get(at).is_some_and(|entry| entry.name == name).then_some(at)
    }

    fn find(&self, spelling: Spelling, text: &str) -> Option<usize> {
        self.by_spelling.get(&spelling.digest(text)).map(|at| *at as usize)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The rank of a name from 1, the most popular first; `None` when it is not listed.
    #[must_use]
    pub fn rank(&self, name: &str) -> Option<usize> {
        self.find_exact(&normalize_name(name)).map(|at| at + 1)
    }

    /// What a name can be mistaken for: of the thousand most popular names, then of the others, the most exact confusion.
    ///
    /// A name that is listed can be mistaken for itself only.
    #[must_use]
    pub fn find_likeness(&self, name: &str) -> Option<Likeness> {
        let name: String = name.chars().take(MAX_NAME + 1).collect();
        let name = normalize_name(&name);
        if name.is_empty() || name.len() > MAX_NAME {
            return None;
        }
        let mut found: Vec<(Confusion, usize)> =
            self.candidates(&name).into_iter().filter_map(|at| self.compare(&name, at)).collect();
        found.sort_unstable_by_key(|(confusion, at)| (*at >= WELL_KNOWN, *confusion, *at));
        let (confusion, at) = found.first().copied()?;
        let of = self.names.get(at)?.name.clone();
        Some(Likeness { of, rank: at + 1, confusion })
    }

    fn compare(&self, name: &str, at: usize) -> Option<(Confusion, usize)> {
        let entry = self.names.get(at)?;
        compare_names(name, &entry.name).map(|confusion| (confusion, at))
    }

    /// The names that can be near, by index.
    fn candidates(&self, name: &str) -> Vec<usize> {
        if let Some(at) = self.find_exact(name) {
            return vec![at];
        }
        let signature = Signature::of(name);
        let near = self.names.iter().enumerate().filter(|(_, entry)| entry.signature.can_be_near(signature));
        let mut found: Vec<usize> = near.map(|(at, _)| at).collect();
        found.extend(self.find(Spelling::Skeleton, &homoglyph::skeleton(name)));
        found.extend(self.find(Spelling::Squeezed, &doubled::squeezed(name)));
        found.extend(order::sorted_words(name).and_then(|words| self.find(Spelling::Words, &words)));
        found.extend(self.find_exact(&separator::joined(name)));
        found.extend(edition::candidates(name).filter_map(|rest| self.find_exact(rest)));
        found.extend(glued::candidates(name).filter_map(|part| self.find_exact(part)));
        found
    }
}
