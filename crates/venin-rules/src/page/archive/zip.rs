//! A zip writer in which every header can lie (APPNOTE.TXT 4.3).

use serde::Deserialize;

use super::Content;

/// A zip as a block describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zip {
    #[serde(default, rename = "member")]
    members: Vec<Member>,
    /// What lies before the first member.  Offsets count from the end of it.
    #[serde(default)]
    before: Content,
    /// What lies behind the end record.
    #[serde(default)]
    behind: Content,
    #[serde(default)]
    comment: String,
    /// The number of members by the end record, if not the true one.
    count: Option<u16>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    path: String,
    #[serde(default)]
    content: Content,
    /// What lies between this member's data and the next header.
    #[serde(default)]
    gap: Content,
    #[serde(default)]
    method: u16,
    #[serde(default)]
    encrypted: bool,
    #[serde(default)]
    symlink: bool,
    /// Whether the central directory lists the member.
    #[serde(default = "yes")]
    listed: bool,
    /// What the local header says otherwise.
    #[serde(default)]
    local: Local,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Local {
    path: Option<String>,
    method: Option<u16>,
    encrypted: Option<bool>,
    /// Bytes of content; the rest of the data is still there.
    size: Option<u32>,
}

const fn yes() -> bool {
    true
}

/// The fields that local header and central record share.
struct Head<'a> {
    path: &'a str,
    method: u16,
    encrypted: bool,
    checksum: u32,
    size: u32,
}

impl Head<'_> {
    /// Needed version to sizes, in the order of both headers.
    fn put_shared(&self, out: &mut Vec<u8>) {
        // Flag 1 is encryption; bit 11 says that the name is UTF-8.
        let flags = u16::from(self.encrypted) | 1 << 11;
        // The time is midnight of the format's first day.
        put16(out, &[20, flags, self.method, 0, 33]);
        put32(out, &[self.checksum, self.size, self.size]);
        put16(out, &[length16(self.path.as_bytes()), 0]);
    }

    fn put_local(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"PK\x03\x04");
        self.put_shared(out);
        out.extend_from_slice(self.path.as_bytes());
    }

    fn put_central(&self, out: &mut Vec<u8>, mode: u32, offset: u32) {
        const MADE_BY_UNIX: u16 = 3 << 8 | 20;

        out.extend_from_slice(b"PK\x01\x02");
        put16(out, &[MADE_BY_UNIX]);
        self.put_shared(out);
        put16(out, &[0, 0, 0]);
        put32(out, &[mode << 16, offset]);
        out.extend_from_slice(self.path.as_bytes());
    }
}

impl Zip {
    /// The bytes of the archive.
    pub(super) fn build(&self) -> Vec<u8> {
        let mut members = Vec::new();
        let mut directory = Vec::new();
        let mut count = 0_u16;
        for member in &self.members {
            let offset = length32(&members);
            let content = member.content.build();
            let head = member.head(&content);
            member.local_head(&content).put_local(&mut members);
            members.extend_from_slice(&content);
            members.extend_from_slice(&member.gap.build());
            if member.listed {
                head.put_central(&mut directory, member.mode(), offset);
                count = count.saturating_add(1);
            }
        }
        let mut out = self.before.build();
        out.extend_from_slice(&members);
        out.extend_from_slice(&directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        put16(&mut out, &[self.count.unwrap_or(count), self.count.unwrap_or(count)]);
        put32(&mut out, &[length32(&directory), length32(&members)]);
        put16(&mut out, &[length16(self.comment.as_bytes())]);
        out.extend_from_slice(self.comment.as_bytes());
        out.extend_from_slice(&self.behind.build());
        out
    }
}

impl Member {
    fn head(&self, content: &[u8]) -> Head<'_> {
        Head {
            path: &self.path,
            method: self.method,
            encrypted: self.encrypted,
            checksum: crc32fast::hash(content),
            size: length32(content),
        }
    }

    fn local_head(&self, content: &[u8]) -> Head<'_> {
        let head = self.head(content);
        let size = self.local.size.unwrap_or(head.size);
        let shown = usize::try_from(size).ok().and_then(|n| content.get(..n)).unwrap_or(content);
        Head {
            path: self.local.path.as_deref().unwrap_or(head.path),
            method: self.local.method.unwrap_or(head.method),
            encrypted: self.local.encrypted.unwrap_or(head.encrypted),
            checksum: crc32fast::hash(shown),
            size,
        }
    }

    /// The Unix mode: a link or a file, and a folder by its name.
    fn mode(&self) -> u32 {
        match (self.symlink, self.path.ends_with('/')) {
            (true, _) => 0o120_777,
            (false, true) => 0o040_755,
            (false, false) => 0o100_644,
        }
    }
}

fn length16(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

fn length32(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}
