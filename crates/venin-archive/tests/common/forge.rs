//! A zip writer in which every header can be told to lie.

use super::deflate;

/// The fields that local header and central record share.
#[derive(Debug, Clone)]
pub struct Head {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub checksum: u32,
    pub packed: u32,
    pub unpacked: u32,
    pub extra: Vec<u8>,
}

/// One member.
#[derive(Debug, Clone)]
pub struct Piece {
    pub local: Option<Head>,
    pub central: Option<Head>,
    pub data: Vec<u8>,
    /// Bytes right behind the data, such as a descriptor.
    pub after: Vec<u8>,
    pub mode: u32,
    /// The offset that the directory gives, if not the true one.
    pub offset: Option<u32>,
}

/// A whole archive.
#[derive(Debug, Clone, Default)]
pub struct Forge {
    pub pieces: Vec<Piece>,
    pub prefix: Vec<u8>,
    /// Whether offsets count from the end of the prefix.
    pub is_shifted: bool,
    /// Records that the end record counts, if not the true number.
    pub count: Option<u16>,
    pub directory_size: Option<u32>,
    pub directory_offset: Option<u32>,
    pub comment: Vec<u8>,
    pub has_no_end: bool,
    pub has_zip64_end: bool,
}

impl Head {
    fn new(name: &str, method: u16, data: &[u8], content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            flags: 0,
            method,
            checksum: crc32fast::hash(content),
            packed: data.len() as u32,
            unpacked: content.len() as u32,
            extra: Vec::new(),
        }
    }
}

impl Piece {
    pub fn new(name: &str, method: u16, data: Vec<u8>, content: &[u8]) -> Self {
        let head = Head::new(name, method, &data, content);
        Self {
            local: Some(head.clone()),
            central: Some(head),
            data,
            after: vec![],
            mode: 0o100_644,
            offset: None,
        }
    }

    pub fn stored(name: &str, content: &[u8]) -> Self {
        Self::new(name, 0, content.to_vec(), content)
    }

    pub fn deflated(name: &str, content: &[u8]) -> Self {
        Self::new(name, 8, deflate(content), content)
    }

    /// Sizes and checksum move behind the data.
    pub fn streamed(mut self) -> Self {
        let (local, central) = (self.local.as_mut().unwrap(), self.central.as_mut().unwrap());
        self.after = b"PK\x07\x08".to_vec();
        for number in [local.checksum, local.packed, local.unpacked] {
            self.after.extend_from_slice(&number.to_le_bytes());
        }
        (local.checksum, local.packed, local.unpacked) = (0, 0, 0);
        (local.flags, central.flags) = (local.flags | 8, central.flags | 8);
        self
    }

    pub fn with_local(mut self, change: impl FnOnce(&mut Head)) -> Self {
        change(self.local.as_mut().unwrap());
        self
    }

    pub fn with_central(mut self, change: impl FnOnce(&mut Head)) -> Self {
        change(self.central.as_mut().unwrap());
        self
    }

    pub fn with_both(self, change: impl Fn(&mut Head)) -> Self {
        self.with_local(&change).with_central(&change)
    }
}

impl Forge {
    pub fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self { pieces: pieces.into_iter().collect(), ..Self::default() }
    }

    pub fn build(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let base = if self.is_shifted { self.prefix.len() } else { 0 };
        let mut directory = Vec::new();
        let mut count = 0;
        for piece in &self.pieces {
            let at = (out.len() - base) as u32;
            if let Some(local) = &piece.local {
                put_local(&mut out, local);
                out.extend_from_slice(&piece.data);
                out.extend_from_slice(&piece.after);
            }
            if let Some(central) = &piece.central {
                put_central(&mut directory, central, piece.mode, piece.offset.unwrap_or(at));
                count += 1;
            }
        }
        let start = (out.len() - base) as u32;
        let size = directory.len() as u32;
        out.extend_from_slice(&directory);
        if self.has_zip64_end {
            put_zip64_end(&mut out, u64::from(count), u64::from(size), u64::from(start));
        }
        if !self.has_no_end {
            out.extend_from_slice(&end(
                self.count.unwrap_or(count),
                self.directory_size.unwrap_or(size),
                self.directory_offset.unwrap_or(start),
                &self.comment,
            ));
        }
        out
    }
}

pub fn end(count: u16, size: u32, offset: u32, comment: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    put16(&mut out, &[count, count]);
    put32(&mut out, &[size, offset]);
    put16(&mut out, &[comment.len() as u16]);
    out.extend_from_slice(comment);
    out
}

fn put_local(out: &mut Vec<u8>, head: &Head) {
    out.extend_from_slice(b"PK\x03\x04");
    put16(out, &[20, head.flags, head.method, 0, 33]);
    put32(out, &[head.checksum, head.packed, head.unpacked]);
    put16(out, &[head.name.len() as u16, head.extra.len() as u16]);
    out.extend_from_slice(&head.name);
    out.extend_from_slice(&head.extra);
}

fn put_central(out: &mut Vec<u8>, head: &Head, mode: u32, offset: u32) {
    const MADE_BY_UNIX: u16 = 3 << 8 | 20;

    out.extend_from_slice(b"PK\x01\x02");
    put16(out, &[MADE_BY_UNIX, 20, head.flags, head.method, 0, 33]);
    put32(out, &[head.checksum, head.packed, head.unpacked]);
    put16(out, &[head.name.len() as u16, head.extra.len() as u16, 0, 0, 0]);
    put32(out, &[mode << 16, offset]);
    out.extend_from_slice(&head.name);
    out.extend_from_slice(&head.extra);
}

fn put_zip64_end(out: &mut Vec<u8>, count: u64, size: u64, offset: u64) {
    let at = out.len() as u64;
    out.extend_from_slice(b"PK\x06\x06");
    put64(out, &[44]);
    put16(out, &[45, 45]);
    put32(out, &[0, 0]);
    put64(out, &[count, count, size, offset]);
    out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    put64(out, &[at]);
    put32(out, &[1]);
}

fn put16(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}

fn put64(out: &mut Vec<u8>, numbers: &[u64]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}
