//! What the words around a name say: which ecosystem it belongs to, and whether it is accused.
//!
//! Articles name far more packages than they accuse: the ones that are imitated, those that the malware uses, and
//! those of other ecosystems.  A name counts only where the words next to it leave no doubt.

/// How far around a name an ecosystem is looked for, in bytes.
const NEAR: usize = 600;

/// Whose packages a text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ecosystem {
    Python,
    Other,
    /// Of several.
    Mixed,
}

const PYTHON: &[&str] = &[
    "pypi",
    "python package",
    "python library",
    "python libraries",
    "pip install",
    "pip3 install",
    "python module",
];
const OTHER: &[&str] = &[
    "npm",
    "rubygems",
    "ruby gem",
    "crate",
    "nuget",
    "packagist",
    "maven",
    "go module",
    "cocoapods",
    "vs code extension",
    "vscode extension",
    "vscode marketplace",
    "open vsx",
    "docker hub",
    "hex package",
    "dart package",
    "chrome extension",
    "composer package",
    "node package",
    "javascript package",
    "yarn add",
];
/// Words that accuse.
const ACCUSING: &[&str] = &[
    "malicious",
    "malware",
    "trojan",
    "backdoor",
    "typosquat",
    "typo-squat",
    "infected",
    "compromised",
    "hijack",
    "rogue",
    "poisoned",
    "infostealer",
    "stealer",
    "steals",
    "exfiltrat",
    "counterfeit",
    "fake",
    "brandjack",
    "starjack",
    "indicators of compromise",
    "indicator of compromise",
    "ioc",
    "weaponized",
    "booby-trapped",
    "cryptominer",
    "dropper",
    "ransomware",
    "wiper",
];
/// Words that say that the package next to them is not the bad one.
const CLEARING: &[&str] = &[
    "legitimate",
    "legit",
    "popular",
    "genuine",
    "official",
    "original",
    "benign",
    "well-known",
    "widely",
    "trusted",
    "impersonat",
    "mimic",
    "imitat",
    "masquerad",
    "resembl",
    "target",
    "similar to",
    "instead of",
    "dependency",
    "dependencies",
    "depends on",
    "uses the",
    "using the",
    "requires the",
    "imports the",
    "based on",
    "the real",
    "not malicious",
    "harmless",
    "clean",
    "safe",
    "typosquat of",
    "typosquats of",
    "typosquatting of",
    "typosquatting the",
    "typosquats the",
    "trojanized version of",
    "trojanized versions of",
    "fork of",
    "clone of",
    "copy of",
    "unrelated",
    "not affected",
    "unaffected",
    "false positive",
];
/// Words that tell a real project of which single releases were poisoned.
const COMPROMISED: &[&str] = &[
    "compromis",
    "hijack",
    "takeover",
    "taken over",
    "poisoned",
    "malicious version",
    "backdoored version",
    "malicious release",
];

/// Which ecosystems the text names.
pub(super) fn ecosystem_of(text: &str) -> Option<Ecosystem> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| has_word(&lower, word));
    match (has(PYTHON), has(OTHER)) {
        (true, true) => Some(Ecosystem::Mixed),
        (true, false) => Some(Ecosystem::Python),
        (false, true) => Some(Ecosystem::Other),
        (false, false) => None,
    }
}

/// The ecosystem that is named last before this place, else first after it.
pub(super) fn nearest_ecosystem(text: &str, place: usize) -> Option<Ecosystem> {
    let (before, after) = text.split_at_checked(place).unwrap_or((text, ""));
    let (before, after) = (last_part(before, NEAR).to_lowercase(), first_part(after, NEAR).to_lowercase());
    let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
    let first = |words: &[&str]| words.iter().filter_map(|word| after.find(word)).min();
    match (last(PYTHON), last(OTHER)) {
        (None, None) => match (first(PYTHON), first(OTHER)) {
            (Some(python), other) if other.is_none_or(|other| python < other) => Some(Ecosystem::Python),
            (_, Some(_)) => Some(Ecosystem::Other),
            _ => None,
        },
        (python, other) if python > other => Some(Ecosystem::Python),
        _ => Some(Ecosystem::Other),
    }
}

pub(super) fn accuses(text: &str) -> bool {
    let lower = text.to_lowercase();
    ACCUSING.iter().any(|word| {
        if *word == "ioc" {
            has_word(&lower, "ioc") || has_word(&lower, "iocs")
        } else {
            lower.contains(word)
        }
    })
}

pub(super) fn clears(text: &str) -> bool {
    let lower = text.to_lowercase();
    CLEARING.iter().any(|word| lower.contains(word))
}

/// Whether the sentence says of somebody that he is not what others are accused of.
pub(super) fn negates(text: &str) -> bool {
    const NEGATING: &[&str] = &[
        "not malicious",
        "no malicious",
        "not compromised",
        "not affected",
        "not infected",
        "not contain",
        "unaffected",
        "benign",
        "harmless",
        "false positive",
        "isn't malicious",
        "aren't malicious",
        "never malicious",
        "no longer malicious",
    ];
    let lower = text.to_lowercase().replace('’', "'");
    NEGATING.iter().any(|words| lower.contains(words))
}

pub(super) fn tells_compromise(text: &str) -> bool {
    let lower = text.to_lowercase();
    // The heading of every list of indicators has the word too.
    let lower = lower.replace("indicators of compromise", "").replace("indicator of compromise", "");
    COMPROMISED.iter().any(|word| lower.contains(word))
}

/// Whether the text speaks of packages at all.
pub(super) fn names_packages(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["package", "librar", "modules", "projects"].iter().any(|word| lower.contains(word))
}

/// Whether the text introduces indicators of compromise.
pub(super) fn lists_indicators(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["indicators", "ioc", "iocs", "c2", "c&c", "command and control", "network"]
        .iter()
        .any(|word| has_word(&lower, word))
}

/// What a text says of the packages that it introduces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accused,
    Cleared,
}

/// What an introduction (`the malicious packages are:`) says of what follows.  Of several kinds of packages the last
/// is the one that follows; `None` when it speaks of no packages, or says nothing of them.
pub(super) fn judge_introduction(text: &str) -> Option<Verdict> {
    if !names_packages(text) {
        return None;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut verdict = None;
    for (at, _) in words.iter().enumerate().filter(|(_, word)| names_packages(word)) {
        let near = words.get(at.saturating_sub(4)..at).unwrap_or_default().join(" ");
        // What belongs to the packages named before does not belong to these.
        let near = near.rsplit("package").next().unwrap_or_default();
        match (clears(near), accuses(near)) {
            (true, _) => verdict = Some(Verdict::Cleared),
            (false, true) => verdict = Some(Verdict::Accused),
            (false, false) => {}
        }
    }
    verdict.or_else(|| match (clears(&lower), accuses(&lower)) {
        (true, _) => Some(Verdict::Cleared),
        (false, true) => Some(Verdict::Accused),
        (false, false) => None,
    })
}

/// At most so many bytes from the beginning.
pub(super) fn first_part(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// At most so many bytes from the end.
pub(super) fn last_part(text: &str, most: usize) -> &str {
    let from = text.len().saturating_sub(most);
    let start = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// Whether a lower-case text has the word, not as a part of another.
fn has_word(lower: &str, word: &str) -> bool {
    lower.match_indices(word).any(|(at, _)| {
        let before = lower.get(..at).and_then(|text| text.chars().next_back());
        let after = lower.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && after.is_none_or(|c| !c.is_alphanumeric() || c == 's')
    })
}

/// The sentences of a text with the place of each; dots inside of names and numbers end none.
pub(super) fn sentences(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?') && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends || c == '\n' {
            let end = at + c.len_utf8();
            found.push((start, text.get(start..end).unwrap_or_default()));
            start = end;
        }
    }
    found.push((start, text.get(start..).unwrap_or_default()));
    found.retain(|(_, sentence)| !sentence.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_of_an_ecosystem_decides() {
        let text = "the npm package a and the PyPI package b";
        assert_eq!(ecosystem_of(text), Some(Ecosystem::Mixed));
        assert_eq!(nearest_ecosystem(text, 16), Some(Ecosystem::Other));
        assert_eq!(nearest_ecosystem(text, 39), Some(Ecosystem::Python));
        assert_eq!(ecosystem_of("an npmlike thing"), None);
    }

    #[test]
    fn of_several_kinds_of_packages_the_last_is_introduced() {
        let cases = [
            ("The following malicious packages were found:", Some(Verdict::Accused)),
            ("The packages below are backdoored", Some(Verdict::Accused)),
            ("These malicious packages imitate the following popular packages:", Some(Verdict::Cleared)),
            ("The popular packages were imitated by these malicious PyPI packages:", Some(Verdict::Accused)),
            ("Legitimate package names that were targeted", Some(Verdict::Cleared)),
            ("The packages that we looked at", None),
            ("Malicious domains", None),
        ];
        for (text, verdict) in cases {
            assert_eq!(judge_introduction(text), verdict, "{text}");
        }
    }

    #[test]
    fn versions_do_not_end_sentences() {
        let all: Vec<&str> =
            sentences("It is 1.0.2. Is it? Yes").into_iter().map(|(_, s)| s.trim()).collect();
        assert_eq!(all, ["It is 1.0.2.", "Is it?", "Yes"]);
    }
}
