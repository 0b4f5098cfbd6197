//! `RECORD`: the list of files, digests and sizes that a wheel carries of itself.
//!
//! Compares the list with the members.  Whether a difference matters is for rules to say.

use rustc_hash::FxHashMap;
use venin_model::{Fact, Site};

use crate::layout::Layout;
use crate::path::base_name;

/// Most lines read.
const MAX_LINES: usize = 200_000;
/// Most facts of one kind.
const MAX_FACTS: usize = 20;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordLine {
    pub path: String,
    /// `algorithm=digest`, or empty.
    pub digest: String,
    pub size: Option<u64>,
}

/// Reads the lines; one with fewer than three fields is `None`.
pub(crate) fn parse_record(text: &str) -> Vec<Option<RecordLine>> {
    let lines = text.lines().filter(|l| !l.trim().is_empty()).take(MAX_LINES);
    lines.map(parse_record_line).collect()
}

fn parse_record_line(line: &str) -> Option<RecordLine> {
    let mut fields = split_csv(line).into_iter();
    let (path, digest, size) = (fields.next()?, fields.next()?, fields.next()?);
    let size = size.trim();
    if path.is_empty() || fields.next().is_some() || !(size.is_empty() || size.parse::<u64>().is_ok()) {
        return None;
    }
    Some(RecordLine { path, digest: digest.trim().to_owned(), size: size.parse().ok() })
}

/// One CSV line; a quote inside quotes is doubled.
fn split_csv(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push_char(&mut fields, '"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => push_char(&mut fields, c),
        }
    }
    fields
}

fn push_char(fields: &mut [String], c: char) {
    if let Some(last) = fields.last_mut() {
        last.push(c);
    }
}

/// Compares a wheel's RECORD, which is `text` of the member at `record`, with its members.
pub(crate) fn record_facts(layout: &Layout<'_>, record: &str, text: &str) -> Vec<Fact> {
    let mut facts = FactList::default();
    let mut listed: FxHashMap<String, RecordLine> = FxHashMap::default();
    let outside = members_outside(layout);
    for line in parse_record(text) {
        let Some(mut line) = line else {
            facts.add("record.malformed-line", None, "a line of RECORD is not path, digest, size");
            continue;
        };
        if let Some(member) = installed_outside(&outside, &line.path) {
            member.clone_into(&mut line.path);
        }
        if line.path.starts_with('/') || line.path.split('/').any(|part| part == "..") {
            // No member is at such a path: the place is the list itself.
            facts.add_at("record.escaping-path", record, &line.path, "RECORD lists a path outside the wheel");
        }
        if listed.insert(line.path.clone(), line.clone()).is_some() {
            facts.add("record.repeated-path", Some(&line.path), "RECORD lists a path twice");
        }
    }
    compare(layout, record, &mut listed, &mut facts);
    facts.into_facts()
}

/// The members below `NAME.data/`, by their path there.
fn members_outside<'a>(layout: &'a Layout<'_>) -> FxHashMap<&'a str, &'a str> {
    let inside = |rel: &'a str| {
        let (folder, rest) = rel.split_once('/')?;
        folder.ends_with(".data").then_some((rest, rel))
    };
    layout.files.iter().filter_map(|file| inside(file.rel)).collect()
}

/// The member that a line of an installed distribution's RECORD means by a path out of the folder of packages: an
/// installer puts scripts and data there, and writes where (PEP 376); the wheel keeps them under `NAME.data/` (PEP 427).
fn installed_outside<'a>(outside: &FxHashMap<&str, &'a str>, path: &str) -> Option<&'a str> {
    let rest = path.strip_prefix("../")?.trim_start_matches("../");
    if rest.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let script = rest.strip_prefix("bin/").or_else(|| rest.strip_prefix("Scripts/"));
    let place = script.map_or_else(|| format!("data/{rest}"), |name| format!("scripts/{name}"));
    outside.get(place.as_str()).copied()
}

fn compare(
    layout: &Layout<'_>,
    record: &str,
    listed: &mut FxHashMap<String, RecordLine>,
    facts: &mut FactList,
) {
    for file in layout.files.iter().filter(|f| !crate::path::is_nested(f.rel)) {
        let Some(line) = listed.remove(file.rel) else {
            if !is_exempt(file.rel, record) {
                facts.add("record.extra-member", Some(file.rel), "a member is not listed in RECORD");
            }
            continue;
        };
        if line.size.is_some_and(|size| size != file.entry.size) {
            facts.add("record.size-mismatch", Some(file.rel), "a member's size is not the one in RECORD");
        }
        check_digest(&line, file.entry.sha256.as_ref(), file.rel == record, facts);
    }
    let mut absent: Vec<&String> = listed.keys().filter(|p| !p.ends_with('/')).collect();
    absent.sort();
    for path in absent {
        facts.add("record.absent-member", Some(path), "RECORD lists a member that is not there");
    }
}

/// RECORD and its signatures are not listed with a digest; folders' entries and installers' notes are not listed.
fn is_exempt(rel: &str, record: &str) -> bool {
    rel == record
        || rel.strip_prefix(record).is_some_and(|rest| matches!(rest, ".jws" | ".p7s"))
        || (matches!(base_name(rel), "INSTALLER" | "REQUESTED" | "direct_url.json")
            && rel.contains(".dist-info/"))
}

fn check_digest(line: &RecordLine, actual: Option<&[u8; 32]>, is_record: bool, facts: &mut FactList) {
    let (algorithm, digest) = line.digest.split_once('=').unwrap_or((&line.digest, ""));
    if algorithm.is_empty() {
        let is_signature =
            line.path.ends_with(".jws") || line.path.ends_with(".p7s") || line.path.ends_with(".pyc");
        if !is_record && !is_signature {
            facts.add("record.no-digest", Some(&line.path), "RECORD gives no digest of a member");
        }
    } else if !algorithm.eq_ignore_ascii_case("sha256") {
        if matches!(algorithm.to_ascii_lowercase().as_str(), "md5" | "sha1") {
            facts.add(
                "record.weak-digest",
                Some(&line.path),
                "RECORD uses a digest that the wheel format forbids",
            );
        }
    } else if actual.is_some_and(|actual| encode_digest(actual) != digest.trim_end_matches('=')) {
        facts.add("record.digest-mismatch", Some(&line.path), "a member's digest is not the one in RECORD");
    }
}

/// URL-safe base64 without padding.
fn encode_digest(bytes: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(43);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0u32, |group, (at, byte)| group | u32::from(*byte) << (16 - 8 * at));
        for position in 0..=chunk.len() {
            let index = (group >> (18 - 6 * position)) & 63;
            text.push(char::from(ALPHABET.get(index as usize).copied().unwrap_or(b'A')));
        }
    }
    text
}

/// Facts by kind, capped, with the number left out in the last one of each kind.
#[derive(Default)]
struct FactList {
    facts: Vec<Fact>,
    counts: FxHashMap<&'static str, usize>,
}

impl FactList {
    fn add(&mut self, kind: &'static str, path: Option<&str>, message: &str) {
        match path {
            Some(path) => self.add_at(kind, path, path, message),
            None => self.push(kind, || Fact::new(kind, message)),
        }
    }

    /// Adds a fact about a listed path that lies in another member.
    fn add_at(&mut self, kind: &'static str, member: &str, path: &str, message: &str) {
        self.push(kind, || Fact::new(kind, message).with("path", path).at(Site::whole(member.into())));
    }

    fn push(&mut self, kind: &'static str, fact: impl FnOnce() -> Fact) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= MAX_FACTS {
            self.facts.push(fact());
        }
    }

    /// Every fact says how many of its kind there are.
    fn into_facts(self) -> Vec<Fact> {
        let Self { facts, counts } = self;
        let count = |kind: &str| counts.get(kind).copied().unwrap_or(1).to_string();
        facts
            .into_iter()
            .map(|fact| {
                let total = count(&fact.kind);
                fact.with("count", total)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemberEntry;

    fn member(path: &str, size: u64) -> MemberEntry {
        MemberEntry { path: path.into(), size, sha256: Some([0; 32]) }
    }

    fn kinds(members: &[MemberEntry], text: &str) -> Vec<String> {
        let layout = Layout::new("a-1-py3-none-any.whl", members);
        record_facts(&layout, "a-1.dist-info/RECORD", text).iter().map(|f| f.kind.to_string()).collect()
    }

    #[test]
    fn an_honest_record_gives_no_facts() {
        let members = [
            member("a.py", 3),
            member("b,c.py", 1),
            member("a-1.dist-info/RECORD", 90),
            member("a-1.dist-info/METADATA", 9),
        ];
        let digest = format!("sha256={}", encode_digest(&[0; 32]));
        let text = format!(
            "a.py,{digest},3\n\"b,c.py\",{digest},1\na-1.dist-info/METADATA,{digest},9\na-1.dist-info/RECORD,,\n"
        );
        assert_eq!(kinds(&members, &text), [""; 0]);
    }

    #[test]
    fn what_an_installer_put_outside_is_the_member_that_the_wheel_kept() {
        let members = [
            member("a.py", 3),
            member("a-1.data/scripts/tool", 5),
            member("a-1.data/data/share/man/tool.1", 7),
            member("a-1.dist-info/RECORD", 90),
        ];
        let digest = format!("sha256={}", encode_digest(&[0; 32]));
        let lines = |script: &str| {
            format!(
                "a.py,{digest},3\n{script},{digest},5\n../../../share/man/tool.1,{digest},7\na-1.dist-info/RECORD,,\n"
            )
        };
        assert_eq!(kinds(&members, &lines("../../../bin/tool")), [""; 0]);
        let other = kinds(&members, &lines("../../../bin/other"));
        assert!(other.contains(&"record.escaping-path".to_owned()), "{other:?}");
        assert!(other.contains(&"record.extra-member".to_owned()), "{other:?}");
        let climbing = kinds(&members, &lines("../../../etc/../bin/tool"));
        assert!(climbing.contains(&"record.escaping-path".to_owned()), "{climbing:?}");
    }

    #[test]
    fn every_way_a_record_lies_has_its_fact() {
        let members = [
            member("a.py", 3),
            member("extra.py", 1),
            member("a-1.dist-info/RECORD", 9),
            member("a-1.dist-info/METADATA", 9),
        ];
        let wrong = format!("sha256={}", encode_digest(&[1; 32]));
        let text = format!(
            "a.py,{wrong},4\na.py,{wrong},4\n../up.py,{wrong},1\nbroken\na-1.dist-info/METADATA,md5=00,9\na-1.dist-info/RECORD,,\n"
        );
        let found = kinds(&members, &text);
        for kind in [
            "record.repeated-path",
            "record.escaping-path",
            "record.malformed-line",
            "record.size-mismatch",
            "record.digest-mismatch",
            "record.extra-member",
            "record.weak-digest",
            "record.absent-member",
        ] {
            assert!(found.iter().any(|k| k == kind), "{kind} in {found:?}");
        }
    }

    #[test]
    fn the_digest_is_spelled_as_the_wheel_format_asks() {
        assert_eq!(encode_digest(&[0xff; 32]), format!("{}8", "_".repeat(42)));
    }
}
