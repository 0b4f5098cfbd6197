//! Ciphers on bytes: AES in its modes, RC4, ChaCha20.  Tags are not checked, except by Fernet.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

const BLOCK: usize = 16;

/// AES with a key of any of its sizes.
pub(super) enum Aes {
    Short(Aes128),
    Middle(Aes192),
    Long(Aes256),
}

type Block = [u8; BLOCK];

impl Aes {
    /// The cipher of a key of 16, 24 or 32 bytes.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(Self::Short),
            24 => Aes192::new_from_slice(key).ok().map(Self::Middle),
            32 => Aes256::new_from_slice(key).ok().map(Self::Long),
            _ => None,
        }
    }

    fn encrypt(&self, block: Block) -> Block {
        let mut block = Array::from(block);
        match self {
            Self::Short(aes) => aes.encrypt_block(&mut block),
            Self::Middle(aes) => aes.encrypt_block(&mut block),
            Self::Long(aes) => aes.encrypt_block(&mut block),
        }
        block.into()
    }

    fn decrypt(&self, block: Block) -> Block {
        let mut block = Array::from(block);
        match self {
            Self::Short(aes) => aes.decrypt_block(&mut block),
            Self::Middle(aes) => aes.decrypt_block(&mut block),
            Self::Long(aes) => aes.decrypt_block(&mut block),
        }
        block.into()
    }

    /// Decrypts whole blocks independently of each other.
    pub(super) fn decrypt_ecb(&self, data: &[u8]) -> Option<Vec<u8>> {
        let blocks: Option<Vec<Block>> = data.chunks(BLOCK).map(|b| b.try_into().ok()).collect();
        Some(blocks?.into_iter().flat_map(|b| self.decrypt(b)).collect())
    }

    /// Decrypts whole blocks chained to their predecessors.
    pub(super) fn decrypt_cbc(&self, iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let mut previous: Block = iv.try_into().ok()?;
        let mut out = Vec::with_capacity(data.len());
        for chunk in data.chunks(BLOCK) {
            let block: Block = chunk.try_into().ok()?;
            out.extend(xor(&self.decrypt(block), &previous));
            previous = block;
        }
        Some(out)
    }

    /// Decrypts in cipher feedback mode with segments of one byte or of a block.
    pub(super) fn decrypt_cfb(&self, iv: &[u8], data: &[u8], segment: usize) -> Option<Vec<u8>> {
        let mut register: Block = iv.try_into().ok()?;
        if segment != 1 && segment != BLOCK {
            return None;
        }
        let mut out = Vec::with_capacity(data.len());
        for chunk in data.chunks(segment) {
            out.extend(xor(chunk, &self.encrypt(register)));
            register.rotate_left(chunk.len());
            let tail = register.get_mut(BLOCK - chunk.len()..)?;
            tail.copy_from_slice(chunk);
        }
        Some(out)
    }

    /// Decrypts (or encrypts) in output feedback mode.
    pub(super) fn apply_ofb(&self, iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let mut register: Block = iv.try_into().ok()?;
        let mut out = Vec::with_capacity(data.len());
        for chunk in data.chunks(BLOCK) {
            register = self.encrypt(register);
            out.extend(xor(chunk, &register));
        }
        Some(out)
    }

    /// Decrypts (or encrypts) in counter mode from a first counter block; `width` bytes at its end count.
    pub(super) fn apply_ctr(&self, start: Block, data: &[u8], width: usize) -> Vec<u8> {
        let mut counter = start;
        let mut out = Vec::with_capacity(data.len());
        for chunk in data.chunks(BLOCK) {
            out.extend(xor(chunk, &self.encrypt(counter)));
            for byte in counter.iter_mut().rev().take(width) {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
        out
    }

    /// Decrypts in Galois/counter mode without looking at the tag.
    pub(super) fn apply_gcm(&self, nonce: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let start = if nonce.len() == 12 {
            let mut start = [0; BLOCK];
            start.get_mut(..12)?.copy_from_slice(nonce);
            u128::from_be_bytes(start) + 2
        } else {
            let hash = self.ghash(nonce);
            let low = (hash as u32).wrapping_add(1);
            (hash & !u128::from(u32::MAX)) | u128::from(low)
        };
        Some(self.apply_ctr(start.to_be_bytes(), data, 4))
    }

    /// The hash of a nonce of unusual length (NIST SP 800-38D, section 7.1).
    fn ghash(&self, nonce: &[u8]) -> u128 {
        let key = u128::from_be_bytes(self.encrypt([0; BLOCK]));
        let mut state = 0u128;
        for chunk in nonce.chunks(BLOCK) {
            let mut block = [0; BLOCK];
            block.iter_mut().zip(chunk).for_each(|(a, b)| *a = *b);
            state = multiply(state ^ u128::from_be_bytes(block), key);
        }
        multiply(state ^ (nonce.len() as u128 * 8), key)
    }

    /// Decrypts in EAX mode without looking at the tag.
    pub(super) fn apply_eax(&self, nonce: &[u8], data: &[u8]) -> Vec<u8> {
        let prefixed = [&[0; BLOCK], nonce].concat();
        self.apply_ctr(self.cmac(&prefixed), data, BLOCK)
    }

    /// The authentication code of a message (RFC 4493).
    fn cmac(&self, message: &[u8]) -> Block {
        let double = |v: u128| (v << 1) ^ if v >> 127 == 1 { 0x87 } else { 0 };
        let first = double(u128::from_be_bytes(self.encrypt([0; BLOCK])));
        let n_blocks = message.len().div_ceil(BLOCK).max(1);
        let mut state = [0; BLOCK];
        for at in 0..n_blocks {
            let chunk = message.chunks(BLOCK).nth(at).unwrap_or(&[]);
            let mut block = [0; BLOCK];
            block.iter_mut().zip(chunk).for_each(|(a, b)| *a = *b);
            if at + 1 == n_blocks {
                if let Some(slot) = block.get_mut(chunk.len()) {
                    *slot = 0x80;
                }
                let mask = if chunk.len() == BLOCK { first } else { double(first) };
                block = (u128::from_be_bytes(block) ^ mask).to_be_bytes();
            }
            let mixed = u128::from_be_bytes(state) ^ u128::from_be_bytes(block);
            state = self.encrypt(mixed.to_be_bytes());
        }
        state
    }
}

/// Multiplication in the field of Galois/counter mode.
fn multiply(x: u128, y: u128) -> u128 {
    let (mut z, mut v) = (0, y);
    for bit in (0..128).rev() {
        if (x >> bit) & 1 == 1 {
            z ^= v;
        }
        v = (v >> 1) ^ if v & 1 == 1 { 0xE1 << 120 } else { 0 };
    }
    z
}

fn xor(data: &[u8], key: &[u8]) -> Vec<u8> {
    data.iter().zip(key).map(|(a, b)| a ^ b).collect()
}

/// XOR with a key that repeats.
pub(super) fn apply_xor(key: &[u8], data: &[u8]) -> Vec<u8> {
    data.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b).collect()
}

/// Decrypts (or encrypts) with RC4, after dropping the first bytes of the key stream.
pub(super) fn apply_rc4(key: &[u8], data: &[u8], drop: usize) -> Option<Vec<u8>> {
    if key.is_empty() || drop > 1 << 20 {
        return None;
    }
    let mut state: [u8; 256] = std::array::from_fn(|i| i as u8);
    let mut j = 0u8;
    for (i, key_byte) in (0..=255u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(*state.get(usize::from(i))?).wrapping_add(*key_byte);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    let mut next = || {
        i = i.wrapping_add(1);
        let at_i = state.get(usize::from(i)).copied().unwrap_or(0);
        j = j.wrapping_add(at_i);
        let at_j = state.get(usize::from(j)).copied().unwrap_or(0);
        state.swap(usize::from(i), usize::from(j));
        state.get(usize::from(at_i.wrapping_add(at_j))).copied().unwrap_or(0)
    };
    for _ in 0..drop {
        next();
    }
    Some(data.iter().map(|b| b ^ next()).collect())
}

fn quarter(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    let mut step = |x: usize, y: usize, z: usize, rotation: u32| {
        let (vy, vz) = (state.get(y).copied().unwrap_or(0), state.get(z).copied().unwrap_or(0));
        let Some(slot) = state.get_mut(x) else { return };
        *slot = slot.wrapping_add(vy);
        let sum = *slot;
        if let Some(slot) = state.get_mut(z) {
            *slot = (vz ^ sum).rotate_left(rotation);
        }
    };
    step(a, b, d, 16);
    step(c, d, b, 12);
    step(a, b, d, 8);
    step(c, d, b, 7);
}

/// Decrypts (or encrypts) with ChaCha20 (RFC 8439); a nonce of 8 bytes has a counter of 64 bits.
pub(super) fn apply_chacha20(key: &[u8], nonce: &[u8], counter: u64, data: &[u8]) -> Option<Vec<u8>> {
    if key.len() != 32 {
        return None;
    }
    let mut start = [0u8; 16];
    start.get_mut(..8)?.copy_from_slice(&counter.to_le_bytes());
    match nonce.len() {
        8 => start.get_mut(8..)?.copy_from_slice(nonce),
        12 => start.get_mut(4..)?.copy_from_slice(nonce),
        _ => return None,
    }
    let head = [b"expand 32-byte k".as_slice(), key, &start].concat();
    let mut state: [u32; 16] = [0; 16];
    for (slot, word) in state.iter_mut().zip(head.chunks(4)) {
        *slot = u32::from_le_bytes(word.try_into().ok()?);
    }
    let mut out = Vec::with_capacity(data.len());
    for chunk in data.chunks(64) {
        let mut working = state;
        for _ in 0..10 {
            for columns in [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]] {
                quarter(&mut working, columns);
            }
            for diagonals in [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]] {
                quarter(&mut working, diagonals);
            }
        }
        let stream: Vec<u8> =
            working.iter().zip(&state).flat_map(|(a, b)| a.wrapping_add(*b).to_le_bytes()).collect();
        out.extend(xor(chunk, &stream));
        let counter = state.get_mut(12)?;
        *counter = counter.wrapping_add(1);
        if *counter == 0 && nonce.len() == 8 {
            let high = state.get_mut(13)?;
            *high = high.wrapping_add(1);
        }
    }
    Some(out)
}
