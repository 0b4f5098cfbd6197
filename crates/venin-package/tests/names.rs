//! Names compared: nothing panics, confusions are the same from either side, and honest families are silent.

use proptest::prelude::*;
use venin_package::{Confusion, Corpus, compare_names, normalize_name, popular_names};

/// How the second name is mistaken for the first, when the first is mistaken for the second.
fn inverse(confusion: Confusion) -> Confusion {
    match confusion {
        Confusion::Omission => Confusion::Insertion,
        Confusion::Insertion => Confusion::Omission,
        same => same,
    }
}

/// Names of words of three to eight letters.
fn names() -> impl Strategy<Value = String> {
    "[a-z]{3,8}(-[a-z]{3,8}){0,2}"
}

proptest! {
    #[test]
    fn any_text_can_be_compared(name in "\\PC{0,120}", other in "\\PC{0,120}") {
        let _ = compare_names(&name, &other);
        let _ = popular_names().find_likeness(&name);
        let _ = Corpus::new([other.as_str()]).find_likeness(&name);
    }

    #[test]
    fn names_of_any_bytes_can_be_compared(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let name = String::from_utf8_lossy(&bytes);
        let _ = popular_names().find_likeness(&name);
    }

    #[test]
    fn exchanged_letters_are_found_from_either_side(name in "[a-z]{6,16}", at in 0_usize..15) {
        let mut letters: Vec<char> = name.chars().collect();
        let at = at % (letters.len() - 1);
        letters.swap(at, at + 1);
        let swapped: String = letters.into_iter().collect();
        let (there, back) = (compare_names(&swapped, &name), compare_names(&name, &swapped));
        prop_assert_eq!(there.map(inverse), back);
        prop_assert!(there.is_some());
    }

    #[test]
    fn words_in_another_order_and_separators_are_found_from_either_side(name in names()) {
        let mut words: Vec<&str> = name.split('-').collect();
        words.reverse();
        let (turned, joined) = (words.join("-"), name.replace('-', ""));
        for other in [turned, joined] {
            if other != name && name.len() >= 7 {
                let (there, back) = (compare_names(&other, &name), compare_names(&name, &other));
                prop_assert!(there.is_some(), "{} {}", other, name);
                prop_assert_eq!(there.map(inverse), back);
            }
        }
    }

    #[test]
    fn a_corpus_finds_what_a_comparison_finds(name in names(), other in names(), at in 0_usize..20) {
        let mut misspelt = other.clone();
        misspelt.remove(at % other.len());
        let corpus = Corpus::new([other.as_str()]);
        for name in [name, misspelt] {
            let name = normalize_name(&name);
            let found = corpus.find_likeness(&name).map(|likeness| likeness.confusion);
            prop_assert_eq!(found, compare_names(&name, &other), "{} {}", name, other);
        }
    }
}

#[test]
fn every_popular_name_is_itself_only() {
    let popular = popular_names();
    for name in ["requests", "Flask", "PyYAML", "python_dateutil", "zope.interface", "urllib3", "websockets"]
    {
        let likeness = popular.find_likeness(name).map(|l| (l.of, l.confusion));
        assert_eq!(likeness, Some((normalize_name(name), Confusion::Same)));
    }
    assert!(popular.len() >= 5_000 && !popular.is_empty());
}

#[test]
fn honest_families_are_silent() {
    const FAMILIES: &[&str] = &[
        "types-{}",
        "{}-stubs",
        "pytest-{}",
        "django-{}",
        "flask-{}",
        "opentelemetry-instrumentation-{}",
        "azure-{}",
        "google-cloud-{}",
        "python-{}",
        "{}-client",
        "{}-cli",
        "sphinx-{}",
        "mkdocs-{}",
        "{}-plugin-inert",
    ];
    for family in FAMILIES {
        for name in ["requests", "zzinert", "sqlalchemy", "celery"] {
            let name = family.replace("{}", name);
            let likeness = popular_names().find_likeness(&name);
            let is_silent =
                likeness.as_ref().is_none_or(|l| l.confusion == Confusion::Same || l.rank > 3_000);
            assert!(is_silent, "{name}: {likeness:?}");
        }
    }
}
