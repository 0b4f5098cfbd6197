//! Globs over dotted names: `*` is any run of characters, `{a,b}` are alternatives, the rest stands for itself.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Glob {
    source: Arc<str>,
    alternatives: Vec<Box<str>>,
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Glob {
    /// Most alternatives that braces may multiply to.
    pub const MAX_ALTERNATIVES: usize = 64;

    /// Reads a glob.
    ///
    /// # Errors
    /// A sentence without a full stop when braces do not pair, nest, or multiply beyond [`Glob::MAX_ALTERNATIVES`].
    pub fn parse(source: &str) -> Result<Self, &'static str> {
        if source.is_empty() {
            return Err("a glob may not be empty");
        }
        let mut alternatives = vec![String::new()];
        let mut rest = source;
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            let (inside, tail) = after[1..].split_once('}').ok_or("`{` has no `}`")?;
            if before.contains('}') || inside.contains('{') {
                return Err("braces do not pair");
            }
            alternatives = multiply(&alternatives, before, inside)?;
            rest = tail;
        }
        if rest.contains('}') {
            return Err("`}` has no `{`");
        }
        let alternatives = alternatives.into_iter().map(|a| (a + rest).into_boxed_str()).collect();
        Ok(Self { source: Arc::from(source), alternatives })
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the glob takes this name, as a whole.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.alternatives.iter().any(|a| matches_wildcard(a.as_bytes(), name.as_bytes()))
    }

    /// Looks the names up that it takes, in a map in the order of names: only those are compared that begin as it does.  What two
    /// alternatives take comes twice.
    pub fn select_from<'m, T>(&'m self, names: &'m BTreeMap<&str, T>) -> impl Iterator<Item = &'m T> {
        self.alternatives.iter().flat_map(|alternative| {
            let start = alternative.split('*').next().unwrap_or(alternative);
            let from = names.range::<str, _>((Bound::Included(start), Bound::Unbounded));
            from.take_while(move |(name, _)| name.starts_with(start))
                .filter(|(name, _)| matches_wildcard(alternative.as_bytes(), name.as_bytes()))
                .map(|(_, held)| held)
        })
    }
}

fn multiply(heads: &[String], before: &str, inside: &str) -> Result<Vec<String>, &'static str> {
    let mut product = Vec::new();
    for head in heads {
        for choice in inside.split(',') {
            if product.len() >= Glob::MAX_ALTERNATIVES {
                return Err("the braces stand for more than 64 names");
            }
            product.push(format!("{head}{before}{choice}"));
        }
    }
    Ok(product)
}

/// The classic walk with one remembered star: no recursion, at most pattern times name steps.
fn matches_wildcard(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(byte) if Some(byte) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                p = after;
                n = from + 1;
            }
        }
    }
    pattern.get(p..).is_none_or(|rest| rest.iter().all(|b| *b == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(glob: &str, name: &str) -> bool {
        Glob::parse(glob).unwrap().matches(name)
    }

    #[test]
    fn a_star_crosses_dots_and_a_plain_name_is_exact() {
        assert!(takes("ctypes.windll.*", "ctypes.windll.kernel32.VirtualAlloc"));
        assert!(takes("*.VirtualAlloc*", "ctypes.windll.kernel32.VirtualAllocEx"));
        assert!(takes("socket.socket().connect", "socket.socket().connect"));
        assert!(!takes("os.system", "os.systemd"));
        assert!(!takes("ctypes.windll.*", "ctypes.windl"));
    }

    #[test]
    fn braces_are_alternatives() {
        assert!(takes("requests.{get,post}", "requests.post"));
        assert!(takes("{a,b}.{c,d}*", "b.dx"));
        assert!(!takes("requests.{get,post}", "requests.put"));
        assert!(Glob::parse("a{b").is_err());
        assert!(Glob::parse("a}b").is_err());
        assert!(Glob::parse("{a,b,c,d,e}{a,b,c,d,e}{a,b,c,d,e}").is_err());
    }

    #[test]
    fn a_map_gives_what_each_name_for_itself_would() {
        let names = [
            "",
            "os",
            "os.system",
            "os.systemd",
            "os.popen",
            "requests.get",
            "requests.getall",
            "x.os.system",
        ];
        let map: BTreeMap<&str, &str> = names.into_iter().map(|name| (name, name)).collect();
        for glob in [
            "os.system",
            "os.*",
            "*",
            "*.system",
            "{os,requests}.{system,get}*",
            "requests.get",
            "none",
            "os.{system,system*}",
        ] {
            let glob = Glob::parse(glob).unwrap();
            let mut found: Vec<&str> = glob.select_from(&map).copied().collect();
            found.sort_unstable();
            found.dedup();
            let mut expected: Vec<&str> = names.into_iter().filter(|name| glob.matches(name)).collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{}", glob.as_str());
        }
    }
}
