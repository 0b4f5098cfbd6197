//! The catalogue of calls: which qualified name is in which class, from `data/calls`.
//!
//! The table is made at build time and searched by name; nothing here knows a single API itself.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use venin_model::{Action, CallClass, Family, OriginKind, Role};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
include!(concat!(env!("OUT_DIR"), "/callbacks.rs"));

/// A call that runs what it is given and is no event itself.
#[derive(Debug)]
pub(crate) struct CallbackEntry {
    /// Positions and keywords of what is run; `receiver` is the object whose inherited method is called.
    pub runs: &'static [&'static str],
    /// The methods that are run of a class or an instance, with `*` for any rest; none of them: it is called.
    pub methods: &'static [&'static str],
    /// The calls that run it; none of them: this call does.
    pub when: &'static [&'static str],
    /// The calls that run it once more, each time.
    pub again: &'static [&'static str],
    /// What it is called with, of the arguments of the call that runs it.
    pub passes: &'static [&'static str],
    /// The base of those classes of the module in course that are run, too.
    pub subclasses: Option<&'static str>,
}

/// What the catalogue says of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallEntry {
    /// Its class.
    pub class: CallClass,
    /// Roles of the positional arguments.
    pub args: &'static [Role],
    /// Roles of keyword arguments.
    pub keywords: &'static [(&'static str, Role)],
    /// Origin of the result, where it is not the class's own.
    pub returns: Option<OriginKind>,
    /// Roles, positions or marks of what the call runs.
    pub invokes: &'static [&'static str],
    /// Keyword, value (any if none) and the class the call then has.
    pub options: &'static [(&'static str, Option<&'static str>, CallClass)],
}

impl CallEntry {
    /// The origin of the call's result, by its own entry or else by its class.
    #[must_use]
    pub(crate) fn result_origin(&self) -> Option<OriginKind> {
        self.returns.or(match (self.class.family, self.class.action) {
            (Family::Cn, Action::Fetch) | (Family::Cr, Action::Receive) => Some(OriginKind::Network),
            (Family::Cf, Action::Read | Action::RegistryRead) => Some(OriginKind::File),
            (Family::Ch, Action::Env) => Some(OriginKind::Env),
            (Family::Ch, Action::Capture | Action::Input | Action::Clipboard) => Some(OriginKind::User),
            (Family::Ch, _) => Some(OriginKind::Host),
            (Family::Cs, _) => Some(OriginKind::Process),
            (Family::Ce, Action::Decode | Action::Decrypt | Action::Decompress) => Some(OriginKind::Decoded),
            _ => None,
        })
    }

    /// The role of a keyword argument.
    #[must_use]
    pub(crate) fn keyword_role(&self, keyword: &str) -> Role {
        self.keywords.iter().find(|(k, _)| *k == keyword).map_or(Role::Other, |(_, r)| *r)
    }
}

fn find(table: &'static [(&'static str, CallEntry)], name: &str) -> Option<&'static CallEntry> {
    table.binary_search_by(|(n, _)| (*n).cmp(name)).ok().and_then(|i| table.get(i)).map(|(_, e)| e)
}

/// The calls by name: of some thousand rows, a search by halves touches a dozen far apart for every name that occurs.
static CALLS_BY_NAME: LazyLock<FxHashMap<&'static str, &'static CallEntry>> =
    LazyLock::new(|| CALLS.iter().map(|(name, entry)| (*name, entry)).collect());

/// The entry of a call.
#[must_use]
pub(crate) fn find_call(name: &str) -> Option<&'static CallEntry> {
    CALLS_BY_NAME.get(name).copied().or_else(|| find_any_method(name))
}

/// The entry of a method that may have any name: `xmlrpc.client.ServerProxy().?`.
fn find_any_method(name: &str) -> Option<&'static CallEntry> {
    let (made, method) = name.rsplit_once("().")?;
    let (path, leaf) = method.rsplit_once('.').unwrap_or(("", method));
    if leaf.is_empty() || leaf.starts_with("__") || leaf.ends_with(']') {
        return None;
    }
    let dot = if path.is_empty() { "" } else { "." };
    CALLS_BY_NAME.get(format!("{made}().{path}{dot}?").as_str()).copied()
}

/// Whether a name without dots is a module that has catalogued calls: `os`, `requests`.
#[must_use]
pub(crate) fn is_module(name: &str) -> bool {
    let Some((call, _)) = CALLS.get(CALLS.partition_point(|(n, _)| below_module(n, name))) else {
        return false;
    };
    call.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a call comes before all calls of a module in the order of the table.
fn below_module(call: &str, module: &str) -> bool {
    match call.strip_prefix(module) {
        Some(rest) => rest.as_bytes().first().is_none_or(|b| *b < b'.'),
        None => call < module,
    }
}

/// Whether a name leads to another one: `os` to `os.system`, `os.environ` to `os.environ[]`.
pub(crate) fn leads_to(name: &str, longer: &str) -> bool {
    longer.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[', '(']))
}

/// Whether a name leads to one that the catalogue lists.
#[must_use]
pub(crate) fn leads_on(name: &str) -> bool {
    [CALLS, LOADS, STORES].iter().any(|table| {
        // What leads on sorts behind the name, and only names that are longer by other letters stand between.
        let behind = table.get(table.partition_point(|(known, _)| *known <= name)..).unwrap_or_default();
        let longer = behind.iter().take_while(|(known, _)| known.starts_with(name));
        longer.take(64).any(|(known, _)| leads_to(name, known))
    })
}

/// The entry of a name whose reading is the event.
#[must_use]
pub(crate) fn find_load(name: &str) -> Option<&'static CallEntry> {
    find(LOADS, name)
}

/// The entry of a name whose assignment is the event.
#[must_use]
pub(crate) fn find_store(name: &str) -> Option<&'static CallEntry> {
    find(STORES, name)
}

fn find_entry(table: &'static [(&'static str, CallbackEntry)], name: &str) -> Option<&'static CallbackEntry> {
    table.binary_search_by(|(n, _)| (*n).cmp(name)).ok().and_then(|i| table.get(i)).map(|(_, e)| e)
}

/// What a call runs that is no event.
#[must_use]
pub(crate) fn find_callback(name: &str) -> Option<&'static CallbackEntry> {
    find_entry(CALLBACKS, name)
}

/// What assigning to a name makes run.
#[must_use]
pub(crate) fn find_stored_callback(name: &str) -> Option<&'static CallbackEntry> {
    find_entry(STORED_CALLBACKS, name)
}

/// The canonical spelling of a name that has another.  Chains of aliases are followed, a few links at most.
#[must_use]
pub(crate) fn resolve_alias(name: &str) -> Option<&'static str> {
    let step = |n: &str| ALIASES.binary_search_by(|(a, _)| (*a).cmp(n)).ok().and_then(|i| ALIASES.get(i));
    let mut of = step(name)?.1;
    for _ in 0..4 {
        match step(of) {
            Some((_, next)) => of = next,
            None => break,
        }
    }
    Some(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for table in [CALLS, LOADS, STORES] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert!(ALIASES.is_sorted_by(|a, b| a.0 < b.0));
        for table in [CALLBACKS, STORED_CALLBACKS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
    }

    #[test]
    fn no_callback_is_listed_under_another_spelling_than_its_own() {
        for (name, entry) in CALLBACKS.iter().chain(STORED_CALLBACKS) {
            assert_eq!(resolve_alias(name), None, "{name}");
            for until in entry.when.iter().chain(entry.again) {
                assert_eq!(resolve_alias(until), None, "{until} of {name}");
            }
        }
    }

    #[test]
    fn modules_are_known_by_their_calls() {
        for name in ["os", "requests", "urllib", "subprocess", "base64", "webbrowser"] {
            assert!(is_module(name), "{name}");
        }
        for name in ["", "o", "reques", "session", "client", "data", "url", "open", "self"] {
            assert!(!is_module(name), "{name}");
        }
    }

    #[test]
    fn a_remote_procedure_may_have_any_name() {
        assert!(find_any_method("xmlrpc.client.ServerProxy().put").is_some());
        for name in
            ["xmlrpc.client.ServerProxy().__init__", "xmlrpc.client.ServerProxy", "requests.Session().put"]
        {
            assert!(find_any_method(name).is_none(), "{name}");
        }
    }

    #[test]
    fn no_alias_hides_a_catalogued_call() {
        for (name, of) in ALIASES {
            assert!(find_call(name).is_none(), "`{name}` is catalogued and an alias of `{of}`");
        }
    }
}
