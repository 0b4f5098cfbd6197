//! When two texts mean the same file.
//!
//! The semantics are those of "The same thing" in `docs/pattern-language.md`.

use venin_model::{Action, Event, Family, OriginKind, Role};

use crate::lazy_regex::with_slashes;

/// A path, target or command of an event, ready for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NormalPath {
    pub(super) role: Role,
    /// Lower case, single slashes, no `./`, no quotes around it.
    text: String,
    /// Of a command: the pieces that occur in it.  Of a path: those of its last part.
    pieces: Pieces,
}

/// Which runs of four bytes occur in a text, as a set of hashes: a cheap "certainly not in it".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pieces([u64; 4]);

impl Pieces {
    fn of(text: &str) -> Self {
        let mut set = [0_u64; 4];
        for run in text.as_bytes().windows(4) {
            let word = run.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
            let hash = word.wrapping_mul(0x9E37_79B1) >> 24;
            if let Some(slot) = set.get_mut(hash as usize / 64) {
                *slot |= 1 << (hash % 64);
            }
        }
        Self(set)
    }

    /// Whether all of these can be among those of the other.
    fn may_be_in(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(mine, theirs)| mine & !theirs == 0)
    }
}

impl NormalPath {
    /// Those of all arguments of an event that name files.
    pub(super) fn all_of(event: &Event) -> Vec<Self> {
        let named =
            event.arguments.iter().filter(|a| matches!(a.role, Role::Path | Role::Target | Role::Command));
        named.filter_map(|a| Some(Self::new(a.role, &a.value.as_ref()?.text))).collect()
    }

    fn new(role: Role, text: &str) -> Self {
        let trimmed = text.trim().trim_matches(['"', '\'']).trim();
        let text = normalize(trimmed);
        let told = if role == Role::Command { text.as_str() } else { last_part(&text) };
        let pieces = Pieces::of(told);
        Self { role, text, pieces }
    }

    /// The path or command line, lowered and with `/`.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn is_file(&self) -> bool {
        matches!(self.role, Role::Path | Role::Target)
    }

    /// Whether the text says enough to be compared.  A hole that names only the kind of its origin tells something
    /// inside of one function, where it may be one parameter; elsewhere it is any value of that kind.
    fn is_telling(&self, scope: Scope) -> bool {
        self.text.len() >= 3
            && self.text != "⟨?⟩"
            && (scope == Scope::OneFunction || !is_any_of_kind(&self.text))
    }
}

pub(super) fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn normalize(text: &str) -> String {
    let lower = with_slashes(text).to_lowercase();
    let mut out = String::with_capacity(lower.len());
    for c in lower.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    let mut rest = out.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter;
    }
    rest.replace("/./", "/")
}

/// Where two events stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    OneFunction,
    Apart,
}

impl Scope {
    pub(super) fn of(one: &Event, other: &Event) -> Self {
        let is_one = one.function == other.function && one.site.member == other.site.member;
        if is_one { Self::OneFunction } else { Self::Apart }
    }
}

/// Whether a text is one hole that names nothing but the kind of an origin: `⟨process⟩`, `⟨argument⟩`.
fn is_any_of_kind(text: &str) -> bool {
    text.strip_prefix('⟨')
        .and_then(|rest| rest.strip_suffix('⟩'))
        .is_some_and(|name| OriginKind::parse(name).is_some())
}

/// Whether what `seen` names is the file that `file` made or used.
pub(super) fn is_same_file<'a>(
    seen: &(impl Iterator<Item = &'a NormalPath> + Clone),
    file: &[NormalPath],
    maker: &Event,
    scope: Scope,
) -> bool {
    let unpacks = maker.class.family == Family::Cf && maker.class.action == Action::Unpack;
    file.iter().filter(|f| f.is_file() && f.is_telling(scope)).any(|f| {
        seen.clone().filter(|s| s.is_telling(scope)).any(|s| match s.role {
            Role::Command => {
                (f.pieces.may_be_in(s.pieces) && is_in_command(&s.text, &f.text))
                    || (unpacks && is_below_in_command(&s.text, &f.text))
            }
            _ => {
                s.text == f.text
                    || ends_with_name(&s.text, &f.text)
                    || (unpacks && is_below(&s.text, &f.text))
            }
        })
    })
}

/// Whether one is a bare file name and the other ends with it.
fn ends_with_name(a: &str, b: &str) -> bool {
    let ends = |long: &str, short: &str| {
        is_bare(short) && long.strip_suffix(short).is_some_and(|head| head.ends_with('/'))
    };
    ends(a, b) || ends(b, a)
}

fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder.len() >= 3 && path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_below_in_command(command: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder.len() >= 3
        && command
            .match_indices(folder)
            .any(|(at, _)| command.get(at + folder.len()..).is_some_and(|r| r.starts_with('/')))
}

/// Whether the command names the path, or the bare file name that the path ends with.
fn is_in_command(command: &str, path: &str) -> bool {
    if path.len() < 4 {
        return false;
    }
    if is_nameless_hole(path) && command.matches('⟨').count() > 1 {
        return false;
    }
    if stands_alone_in(command, path) || stands_below_unknown_folder(command, path) {
        return true;
    }
    let name = last_part(path);
    let names = name.len() >= 5 && name.contains('.') && !name.contains('⟨') && name.len() < path.len();
    names && stands_alone_in(command, name)
}

/// Whether a bare file name occurs behind a folder of which only the kind is known, such as the current or the user's:
/// the program may have written it there, or moved it.
fn stands_below_unknown_folder(command: &str, name: &str) -> bool {
    is_bare(name)
        && ["⟩/", "~/"].iter().any(|folder| {
            command.match_indices(&format!("{folder}{name}")).any(|(at, found)| {
                let next = command.get(at + found.len()..).and_then(|rest| rest.chars().next());
                next.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/'))
            })
        })
}

/// A hole that says only where its value comes from, as `⟨argument⟩` and `⟨os.path.join()⟩` do: among several of a
/// command nothing tells which one is the file.
fn is_nameless_hole(path: &str) -> bool {
    path.strip_prefix('⟨')
        .and_then(|rest| rest.strip_suffix('⟩'))
        .is_some_and(|name| !name.contains(['⟨', '[']) && !name.starts_with("tempfile."))
}

/// A file name without a folder that is long enough to tell.
fn is_bare(name: &str) -> bool {
    name.len() >= 5 && name.contains('.') && !name.contains(['/', '⟨'])
}

/// Whether the needle occurs with nothing on either side that would make it part of a longer word or name.
fn stands_alone_in(command: &str, needle: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    command.match_indices(needle).any(|(at, _)| {
        let before = command.get(..at).and_then(|s| s.chars().next_back());
        let mut after = command.get(at + needle.len()..).unwrap_or_default().chars();
        let next = after.next();
        // A full stop that ends a sentence or a command does not go on.
        let ends = match next {
            Some('.') => !after.next().is_some_and(char::is_alphanumeric),
            Some(c) => !goes_on(c) && c != '/',
            None => true,
        };
        let begins = needle.starts_with(['/', '⟨']) || !before.is_some_and(goes_on);
        // `./tool` names the same file as `tool`; any other folder in front does not.
        let is_own = before != Some('/')
            || needle.starts_with('/')
            || command.get(..at).is_some_and(|s| s.ends_with("./"));
        ends && begins && is_own
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(seen: &str, file: &str) -> bool {
        let (seen, file) = (NormalPath::new(Role::Path, seen), NormalPath::new(Role::Path, file));
        seen.text == file.text && seen.is_telling(Scope::Apart) || ends_with_name(&seen.text, &file.text)
    }

    #[test]
    fn separators_case_and_leading_dots_do_not_matter() {
        assert!(same("C:\\Temp\\A.exe", "c:/temp//a.EXE"));
        assert!(same("./run.sh", "run.sh"));
        assert!(same("⟨os.environ[APPDATA]⟩\\x.exe", "⟨os.environ[APPDATA]⟩/x.exe"));
        assert!(!same("⟨os.environ[APPDATA]⟩/x.exe", "⟨os.environ[TEMP]⟩/x.exe"));
    }

    #[test]
    fn trivial_texts_are_never_the_same() {
        assert!(!same("a", "a"));
        assert!(!same("⟨?⟩", "⟨?⟩"));
        assert!(!same("x/b.c", "b.c"));
    }

    #[test]
    fn a_value_of_which_only_the_kind_is_known_is_the_same_in_one_function_only() {
        let hole = NormalPath::new(Role::Path, "⟨argument⟩");
        assert!(hole.is_telling(Scope::OneFunction));
        assert!(!hole.is_telling(Scope::Apart));
        assert!(!NormalPath::new(Role::Command, "⟨process⟩").is_telling(Scope::Apart));
        assert!(NormalPath::new(Role::Path, "⟨sys.argv[1]⟩").is_telling(Scope::Apart));
        assert!(NormalPath::new(Role::Path, "⟨argument⟩/a.exe").is_telling(Scope::Apart));
    }

    #[test]
    fn a_bare_name_is_the_same_file_after_a_change_of_folder() {
        assert!(same("update.exe", "⟨tempfile.gettempdir()⟩/update.exe"));
        assert!(!same("update.exe", "/tmp/my-update.exe"));
    }

    #[test]
    fn a_command_names_a_path_but_not_inside_a_longer_one() {
        let runs = |command: &str, path: &str| is_in_command(&normalize(command), &normalize(path));
        assert!(runs("start /b C:\\Temp\\a.exe", "c:/temp/a.exe"));
        assert!(runs("chmod +x /tmp/x1 && /tmp/x1", "/tmp/x1"));
        assert!(runs("cd /tmp; ./stage.py", "/tmp/stage.py"));
        assert!(runs("cd /tmp; sh stage.py", "/tmp/stage.py"));
        assert!(runs("python \"⟨tempfile.mktemp()⟩\"", "⟨tempfile.mktemp()⟩"));
        assert!(runs("python ⟨argument⟩", "⟨argument⟩"));
        assert!(!runs("svn checkout ⟨argument⟩ ⟨argument⟩", "⟨argument⟩"));
        assert!(!runs("svn checkout ⟨argument⟩ ⟨os.path.join()⟩", "⟨os.path.join()⟩"));
        assert!(runs("sh ⟨tempfile.mktemp()⟩ ⟨argument⟩", "⟨tempfile.mktemp()⟩"));
        assert!(runs("⟨os.getcwd()⟩\\update.exe", "update.exe"));
        assert!(runs("python3 ~/stage.py", "stage.py"));
        assert!(!runs("python3 ~/stage.py.txt", "stage.py"));
        assert!(!runs("python3 ⟨home⟩/other/stage.py", "stage.py"));
        assert!(!runs("cat /tmp/x11", "/tmp/x1"));
        assert!(!runs("python3 /opt/stage.py", "/tmp/stage.py"));
    }
}
