//! A tar writer in which every header can lie (POSIX.1-2001 pax, and GNU long names).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Content;

const BLOCK: usize = 512;

/// A tar as a block describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tar {
    #[serde(default, rename = "member")]
    members: Vec<Member>,
    /// What lies before the first header.
    #[serde(default)]
    before: Content,
    /// What lies behind the end mark.
    #[serde(default)]
    behind: Content,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    /// At most 100 bytes of it fit a header.
    path: String,
    #[serde(default)]
    content: Content,
    #[serde(default, rename = "type")]
    kind: Kind,
    /// The target of a link.
    #[serde(default)]
    link: String,
    /// The size in the header, if not the true one.
    size: Option<u64>,
    /// The records of a pax header.
    #[serde(default)]
    records: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    File,
    Hardlink,
    Symlink,
    Device,
    Directory,
    Pipe,
    Pax,
    GlobalPax,
    GnuName,
}

impl Kind {
    const fn flag(self) -> u8 {
        match self {
            Self::File => b'0',
            Self::Hardlink => b'1',
            Self::Symlink => b'2',
            Self::Device => b'3',
            Self::Directory => b'5',
            Self::Pipe => b'6',
            Self::Pax => b'x',
            Self::GlobalPax => b'g',
            Self::GnuName => b'L',
        }
    }
}

impl Tar {
    /// The bytes of the archive.
    pub(super) fn build(&self) -> Vec<u8> {
        let mut out = self.before.build();
        for member in &self.members {
            member.put(&mut out);
        }
        out.resize(out.len() + 2 * BLOCK, 0);
        out.extend_from_slice(&self.behind.build());
        out
    }
}

impl Member {
    fn put(&self, out: &mut Vec<u8>) {
        let content = self.stored();
        let size = self.size.unwrap_or(content.len() as u64);
        let mut header = Vec::with_capacity(BLOCK);
        put_field(&mut header, self.path.as_bytes(), 100);
        put_field(&mut header, b"0000644", 8);
        put_field(&mut header, b"0000000", 8);
        put_field(&mut header, b"0000000", 8);
        put_field(&mut header, format!("{size:011o}").as_bytes(), 12);
        put_field(&mut header, b"00000000000", 12);
        let checksum_at = header.len();
        // The checksum is summed over a header that has blanks in its place.
        put_field(&mut header, b"        ", 8);
        put_field(&mut header, &[self.kind.flag()], 1);
        put_field(&mut header, self.link.as_bytes(), 100);
        put_field(&mut header, b"ustar\x0000", 8);
        header.resize(BLOCK, 0);
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header.splice(checksum_at..checksum_at + 8, format!("{sum:06o}\0 ").into_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(&content);
        out.resize(out.len() + content.len().next_multiple_of(BLOCK) - content.len(), 0);
    }

    fn stored(&self) -> Vec<u8> {
        match self.kind {
            Kind::Pax | Kind::GlobalPax => {
                self.records.iter().flat_map(|(k, v)| pax_record(k, v).into_bytes()).collect()
            }
            Kind::GnuName => {
                let mut name = self.content.build();
                name.push(0);
                name
            }
            _ => self.content.build(),
        }
    }
}

fn put_field(out: &mut Vec<u8>, bytes: &[u8], width: usize) {
    let end = out.len() + width;
    out.extend(bytes.iter().take(width));
    out.resize(end, 0);
}

/// `12 path=a.py` and a line break; the number counts the whole record, its own digits included.
fn pax_record(keyword: &str, value: &str) -> String {
    let rest = format!(" {keyword}={value}\n");
    let mut length = rest.len();
    while length < rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pax_record_counts_its_own_digits() {
        assert_eq!(pax_record("path", "a.py"), "13 path=a.py\n");
        assert_eq!(pax_record("a", "b"), "6 a=b\n");
        let nearly_100 = pax_record("k", &"v".repeat(94));
        assert!(nearly_100.starts_with(&format!("{} ", nearly_100.len())), "{nearly_100}");
    }
}
