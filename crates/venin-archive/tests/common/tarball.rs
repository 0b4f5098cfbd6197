//! A tar writer in which every header can be told to lie.

/// One header block and what follows it.
#[derive(Debug, Clone)]
pub struct Block {
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub size: u64,
    pub type_flag: u8,
    pub content: Vec<u8>,
}

impl Block {
    pub fn file(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            link: vec![],
            size: content.len() as u64,
            type_flag: b'0',
            content: content.to_vec(),
        }
    }

    pub fn of_type(type_flag: u8, name: &str) -> Self {
        Self { type_flag, ..Self::file(name, b"") }
    }

    pub fn link(type_flag: u8, name: &str, target: &str) -> Self {
        Self { link: target.as_bytes().to_vec(), ..Self::of_type(type_flag, name) }
    }

    /// A PAX header with these records.
    pub fn pax(type_flag: u8, records: &[(&str, &str)]) -> Self {
        let content: Vec<u8> = records.iter().flat_map(|(k, v)| pax_record(k, v)).collect();
        Self { type_flag, ..Self::file("pax", &content) }
    }

    /// A GNU long name (`L`) or long link (`K`).
    pub fn gnu(type_flag: u8, text: &str) -> Self {
        Self { type_flag, ..Self::file("././@LongLink", format!("{text}\0").as_bytes()) }
    }

    pub fn declaring(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let mut block = vec![0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        put(100, b"0000644\0");
        put(124, format!("{:011o}\0", self.size).as_bytes());
        put(148, b"        ");
        put(156, &[self.type_flag]);
        put(157, &self.link);
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.extend_from_slice(&self.content);
        block.resize(block.len().div_ceil(512) * 512, 0);
        block
    }
}

fn pax_record(keyword: &str, value: &str) -> Vec<u8> {
    let body = format!(" {keyword}={value}\n");
    let length = (1..6).map(|digits| body.len() + digits).find(|n| n.to_string().len() + body.len() == *n);
    format!("{}{body}", length.unwrap()).into_bytes()
}

pub const END: [u8; 1024] = [0; 1024];

/// The blocks and the end mark.
pub fn tarball(blocks: &[Block]) -> Vec<u8> {
    let mut out: Vec<u8> = blocks.iter().flat_map(Block::build).collect();
    out.extend_from_slice(&END);
    out
}
