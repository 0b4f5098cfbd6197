//! Extension headers before a member: PAX records (POSIX.1-2001) and GNU long names.

/// What the extension headers before one member say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extension {
    /// From a PAX header.
    pub(super) pax: Option<Pax>,
    /// From a GNU `L` header.
    pub(super) long_name: Option<Vec<u8>>,
    /// From a GNU `K` header.
    pub(super) long_link: Option<Vec<u8>>,
}

impl Extension {
    pub(super) const fn is_empty(&self) -> bool {
        self.pax.is_none() && self.long_name.is_none() && self.long_link.is_none()
    }
}

/// The PAX keywords that change how an archive is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) is_sparse: bool,
    /// Whether a record could not be read.
    pub(super) is_damaged: bool,
    /// Whether a keyword stands there twice with different values.
    pub(super) is_ambiguous: bool,
}

impl Pax {
    /// Whether a keyword is set that changes names or sizes.
    pub(super) const fn has_effect(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some()
    }
}

/// Reads `length keyword=value\n` records; stops at the first that is damaged.
pub(super) fn parse_pax(mut bytes: &[u8]) -> Pax {
    let mut pax = Pax::default();
    while bytes.first().is_some_and(|b| *b != 0) {
        let Some((keyword, value, rest)) = parse_record(bytes) else {
            pax.is_damaged = true;
            break;
        };
        apply_record(&mut pax, keyword, value);
        bytes = rest;
    }
    pax
}

fn apply_record(pax: &mut Pax, keyword: &[u8], value: &[u8]) {
    let mut is_repeated = false;
    match keyword {
        b"path" => is_repeated = pax.path.replace(value.to_vec()).is_some_and(|old| old != value),
        b"linkpath" => is_repeated = pax.link.replace(value.to_vec()).is_some_and(|old| old != value),
        b"size" => match parse_decimal(value) {
            Some(size) => is_repeated = pax.size.replace(size).is_some_and(|old| old != size),
            None => pax.is_damaged = true,
        },
        b"GNU.sparse.name" => pax.path = Some(value.to_vec()),
        _ => {}
    }
    pax.is_sparse |= keyword.starts_with(b"GNU.sparse.");
    pax.is_ambiguous |= is_repeated;
}

/// The first record: keyword, value, and what follows it.
fn parse_record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', bytes)?;
    let length = usize::try_from(parse_decimal(bytes.get(..space)?)?).ok()?;
    let record = bytes.get(..length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = memchr::memchr(b'=', body)?;
    Some((body.get(..equals)?, body.get(equals + 1..)?, bytes.get(length..)?))
}

fn parse_decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 20 {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_unknown_keywords_passed_over() {
        let pax = parse_pax(b"13 path=a.py\n26 mtime=1700000000.12345\n9 size=7\n");
        assert_eq!(pax.path.as_deref(), Some(b"a.py".as_slice()));
        assert_eq!((pax.size, pax.is_damaged), (Some(7), false));
    }

    #[test]
    fn a_keyword_with_two_values_is_ambiguous() {
        assert!(parse_pax(b"13 path=a.py\n13 path=b.py\n").is_ambiguous);
        assert!(!parse_pax(b"13 path=a.py\n13 path=a.py\n").is_ambiguous);
    }

    #[test]
    fn a_length_that_lies_is_damage() {
        assert!(parse_pax(b"99 path=a.py\n").is_damaged);
        assert!(parse_pax(b"0 path=a.py\n").is_damaged);
        assert!(parse_pax(b"18446744073709551616 path=a.py\n").is_damaged);
    }
}
