//! Packages that a sentence accuses or clears: names that are set off or quoted, next to a word for packages.

use std::ops::Range;

use super::context::{Verdict, accuses, clears, names_packages, negates, sentences, tells_compromise};
use super::html::Passage;
use super::names::{Mention, parse_install, parse_mention, parse_name, parse_version, parse_versions};

/// Most names that one sentence sets off.
const MOST_SPANS: usize = 200;
/// Longest sentence that is read, in bytes: nobody writes longer ones.
const MOST_SENTENCE: usize = 2000;
/// Words that may stand between a word for packages and the name.
const FILLERS: &[&str] = &[
    "",
    "named",
    "called",
    "dubbed",
    "titled",
    "known",
    "as",
    "such",
    "like",
    "including",
    "include",
    "includes",
    "are",
    "is",
    "were",
    "was",
    "the",
    "namely",
    "on",
    "pypi",
    "identified",
    "eg",
    "e.g",
    "python",
    "these",
    "two",
    "three",
    "and",
    "or",
    "malicious",
    "in",
    "of",
    "version",
    "versions",
    "release",
    "releases",
];
/// What the malware does with packages of others.
const USES: &[&str] = &[
    "runs",
    "executes",
    "spawns",
    "invokes",
    "dependenc",
    "requirement",
    "imports",
    "downloads and installs",
    "prerequisite",
];

/// A package of which a sentence says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) mention: Mention,
    pub(super) verdict: Verdict,
    pub(super) form: Form,
    /// Whether the sentence tells of single poisoned releases of a real project.
    pub(super) is_compromise: bool,
    /// Where the name stands in the passage, and the sentence.
    pub(super) place: usize,
    pub(super) sentence: Range<usize>,
}

/// How the name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Named,
    Installed,
}

/// Reads the sentences of a passage.
pub(super) fn read_passage(passage: &Passage) -> Vec<Told> {
    let mut told = Vec::new();
    for (start, sentence) in sentences(&passage.text) {
        if sentence.len() > MOST_SENTENCE {
            continue;
        }
        let whole = start..start + sentence.len();
        let spans = spans_of(passage, &whole);
        read_named(&passage.text, &whole, &spans, &mut told);
        read_installed(&passage.text, &whole, &spans, &mut told);
        read_cleared(sentence, start, &mut told);
    }
    told
}

/// What is set off or quoted in a sentence, in order.
fn spans_of(passage: &Passage, sentence: &Range<usize>) -> Vec<Range<usize>> {
    let is_inside = |mark: &&Range<usize>| sentence.start <= mark.start && mark.end <= sentence.end;
    let mut spans: Vec<Range<usize>> = passage.marks.iter().filter(is_inside).cloned().collect();
    let text = passage.text.get(sentence.clone()).unwrap_or_default();
    for (open, close) in [('“', '”'), ('"', '"'), ('`', '`'), ('‘', '’')] {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(open)) {
            let begin = from + at + open.len_utf8();
            let Some(length) = text.get(begin..).and_then(|rest| rest.find(close)) else { break };
            if length <= 100 {
                spans.push(sentence.start + begin..sentence.start + begin + length);
            }
            from = begin + length + close.len_utf8();
        }
    }
    spans.sort_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, kept| next.start < kept.end);
    spans.truncate(MOST_SPANS);
    spans
}

/// Names in a row belong together: `packages a, b and c`.
fn read_named(text: &str, sentence: &Range<usize>, spans: &[Range<usize>], told: &mut Vec<Told>) {
    let get = |range: Range<usize>| text.get(range).unwrap_or_default();
    let mut group: Vec<(Mention, usize, usize)> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        if let Some(mut mention) = parse_mention(get(span.clone())) {
            let next = spans.get(at + 1).map_or(sentence.end, |next| next.start);
            if mention.versions.is_empty() {
                mention.versions = versions_after(get(span.end..next));
            }
            group.push((mention, span.start, span.end));
        }
        let next = spans.get(at + 1);
        if next.is_none_or(|next| !is_connector(get(span.end..next.start))) {
            judge_group(text, sentence, &mut group, told);
        }
    }
}

fn judge_group(
    text: &str,
    sentence: &Range<usize>,
    group: &mut Vec<(Mention, usize, usize)>,
    told: &mut Vec<Told>,
) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let before = text.get(sentence.start..first.1).unwrap_or_default();
    let after = text.get(last.2..sentence.end).unwrap_or_default();
    let whole = text.get(sentence.clone()).unwrap_or_default();
    let before_versions = versions_before(before);
    let Some(near) = words_near(before, after) else {
        group.clear();
        return;
    };
    let is_compromise = tells_compromise(whole);
    let verdict = match (clears(&near) || negates(whole), accuses(whole)) {
        (true, _) => Some(Verdict::Cleared),
        (false, true) => Some(Verdict::Accused),
        (false, false) => None,
    };
    for (mut mention, place, _) in group.drain(..) {
        if mention.versions.is_empty() {
            mention.versions.clone_from(&before_versions);
        }
        let is_release = is_compromise && !mention.versions.is_empty();
        let Some(verdict) = (if is_release { Some(Verdict::Accused) } else { verdict }) else { continue };
        told.push(Told {
            mention,
            verdict,
            form: Form::Named,
            is_compromise,
            place,
            sentence: sentence.clone(),
        });
    }
}

/// The words around a name that tell what it is; `None` when no word for packages is next to it.
fn words_near(before: &str, after: &str) -> Option<String> {
    let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let before: Vec<String> = before.split_whitespace().map(clean).collect();
    let after: Vec<String> = after.split_whitespace().take(5).map(clean).collect();
    let is_filler = |word: &str| FILLERS.contains(&word) || parse_version(word).is_some();
    let at = before.iter().rposition(|word| !is_filler(word));
    let named = at.filter(|at| before.get(*at).is_some_and(|word| names_packages(word)));
    let described = after.iter().position(|word| names_packages(word)).filter(|at| *at <= 3);
    let described = described
        .filter(|at| after.iter().take(*at).all(|word| is_filler(word) || accuses(word) || clears(word)));
    let from = match (named, described) {
        (Some(at), _) => at,
        (None, Some(_)) => before.len(),
        (None, None) => return None,
    };
    let mut near: Vec<&str> =
        before.get(from.saturating_sub(5)..).unwrap_or_default().iter().map(String::as_str).collect();
    if let Some(at) = described {
        near.extend(after.iter().take(at + 1).map(String::as_str));
    }
    Some(near.join(" "))
}

/// Whether nothing stands between two names but commas, `and` and versions.
fn is_connector(text: &str) -> bool {
    let words = text.split(|c: char| {
        c.is_whitespace()
            || matches!(c, ',' | ';' | '(' | ')' | '&' | '/' | '"' | '“' | '”' | '`' | '‘' | '’')
    });
    words.into_iter().all(|word| {
        word.is_empty()
            || matches!(word, "and" | "or" | "version" | "versions" | "as" | "well")
            || parse_version(word).is_some()
    })
}

/// Versions directly after a name: `(1.0, 1.1)`, `version 1.0`, `versions 1.0 and 1.1`.
fn versions_after(text: &str) -> Vec<String> {
    let text = text.trim_start_matches(['"', '”', '’', '`']).trim_start();
    if let Some((inner, _)) = text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        let is_only = inner.split([' ', ',']).all(|word| {
            word.is_empty()
                || matches!(word, "version" | "versions" | "and" | "v")
                || parse_version(word).is_some()
        });
        return if is_only { parse_versions(inner) } else { Vec::new() };
    }
    let Some(rest) = text.strip_prefix("versions ").or_else(|| text.strip_prefix("version ")) else {
        return Vec::new();
    };
    let is_version_or_and =
        |word: &&str| matches!(*word, "and" | "or" | "to") || parse_version(word).is_some();
    parse_versions(&rest.split_whitespace().take_while(is_version_or_and).collect::<Vec<_>>().join(" "))
}

/// Versions directly before a name: `versions 1.0 and 1.1 of`.
fn versions_before(text: &str) -> Vec<String> {
    let Some((text, tail)) = text.rsplit_once(" of ") else { return Vec::new() };
    if tail.split_whitespace().count() > 6 {
        return Vec::new();
    }
    let is_part = |word: &&str| *word == "and" || *word == "or" || parse_version(word).is_some();
    let mut words: Vec<&str> = text.split_whitespace().rev().take_while(is_part).collect();
    words.reverse();
    parse_versions(&words.join(" "))
}

/// `pip install NAME` in a sentence that speaks of a malicious package, and not of what the malware installs.
fn read_installed(text: &str, sentence: &Range<usize>, spans: &[Range<usize>], told: &mut Vec<Told>) {
    let whole = text.get(sentence.clone()).unwrap_or_default();
    let lower = whole.to_lowercase();
    let is_use = USES.iter().any(|word| lower.contains(word));
    if !accuses(whole) || negates(whole) || clears(whole) || !names_packages(whole) || is_use {
        return;
    }
    for span in spans {
        for mention in parse_install(text.get(span.clone()).unwrap_or_default()) {
            told.push(Told {
                mention,
                verdict: Verdict::Accused,
                form: Form::Installed,
                is_compromise: false,
                place: span.start,
                sentence: sentence.clone(),
            });
        }
    }
}

/// `the legitimate package NAME`, `the popular NAME library`: cleared even where nothing sets the name off.
fn read_cleared(sentence: &str, start: usize, told: &mut Vec<Told>) {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let is_one = |at: usize| {
        words.get(at).is_some_and(|word| names_packages(word) || matches!(*word, "module" | "project"))
    };
    for (at, word) in words.iter().enumerate() {
        let lower = clean(word).to_lowercase();
        if !matches!(
            lower.as_str(),
            "legitimate" | "popular" | "genuine" | "official" | "original" | "real" | "well-known"
        ) {
            continue;
        }
        let skip = usize::from(
            words.get(at + 1).is_some_and(|w| matches!(clean(w).to_lowercase().as_str(), "python" | "pypi")),
        );
        let name_at = if is_one(at + 1 + skip) { at + 2 + skip } else { at + 1 + skip };
        let is_framed = name_at == at + 2 + skip || is_one(name_at + 1);
        let name = words.get(name_at).filter(|_| is_framed).and_then(|word| parse_name(&clean(word)));
        if let Some(name) = name {
            told.push(Told {
                mention: Mention { name, versions: Vec::new() },
                verdict: Verdict::Cleared,
                form: Form::Named,
                is_compromise: false,
                place: start,
                sentence: start..start + sentence.len(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::html::parse_html;
    use super::*;

    fn told(html: &str) -> Vec<String> {
        let page = parse_html(format!("<p>{html}</p>").as_bytes());
        let mut said: Vec<String> = read_passage(&page.blocks[0].passage)
            .into_iter()
            .map(|t| format!("{} {} {:?}", t.mention.name, t.mention.versions.join(","), t.verdict))
            .collect();
        said.sort();
        said.dedup();
        said
    }

    #[test]
    fn names_next_to_a_word_for_packages_are_accused_by_their_sentence() {
        let cases = [
            ("We found a malicious package named <code>demo-tool</code>.", "demo-tool  Accused"),
            (
                "The trojanized <code>demo-tool</code> package (since removed) calls home.",
                "demo-tool  Accused",
            ),
            ("A malicious PyPI package, “demo-tool” (1.0, 1.1), was found.", "demo-tool 1.0,1.1 Accused"),
            (
                "Running <code>pip install demo-tool</code> fetches the malicious package.",
                "demo-tool  Accused",
            ),
        ];
        for (html, expected) in cases {
            assert_eq!(told(html), [expected], "{html}");
        }
        let all =
            told("Versions 8.3.41 and 8.3.42 of the popular package <b>demo-tool</b> were compromised.");
        assert!(all.contains(&"demo-tool 8.3.41,8.3.42 Accused".to_owned()), "{all:?}");
        let all = told(
            "The malicious packages <code>aa1</code>, <code>bb2</code> (0.1) and <code>cc3</code> steal tokens.",
        );
        assert_eq!(all, ["aa1  Accused", "bb2 0.1 Accused", "cc3  Accused"]);
    }

    #[test]
    fn what_is_imitated_or_used_is_not_accused() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "It typosquats the legitimate package <code>demo-tool</code> with malware.",
                &["demo-tool  Cleared"],
            ),
            ("The malware mimics the popular demo-tool library.", &["demo-tool  Cleared"]),
            ("The malware calls <code>exec</code> and <code>os.system</code>.", &[]),
            ("The malicious code runs <code>pip install demo-tool</code> to get a package.", &[]),
            ("We like the package <code>demo-tool</code>.", &[]),
            ("The malicious code imports the package <code>demo-tool</code>.", &["demo-tool  Cleared"]),
        ];
        for (html, expected) in cases {
            assert_eq!(told(html), expected, "{html}");
        }
    }
}
