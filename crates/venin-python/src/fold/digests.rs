//! Digests, and keys derived from passwords.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::args::{Args, bytes_like, given};
use super::{Flow, FoldContext, Row};
use crate::value::Value;

pub(super) const TABLE: &[Row] =
    &[("hashlib.pbkdf2_hmac", Flow::Shallow, pbkdf2), ("hmac.digest", Flow::Shallow, hmac_digest)];

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// The algorithm of a name such as `sha256`.
    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" => Self::Md5,
            "sha1" | "sha" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The digest of data.
    pub(super) fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(data).to_vec(),
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha224 => Sha224::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }

    const fn block_size(self) -> usize {
        match self {
            Self::Sha384 | Self::Sha512 => 128,
            _ => 64,
        }
    }

    /// The keyed digest of data (RFC 2104).
    pub(super) fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        let size = self.block_size();
        let mut block = if key.len() > size { self.digest(key) } else { key.to_vec() };
        block.resize(size, 0);
        let inner: Vec<u8> = block.iter().map(|b| b ^ 0x36).chain(data.iter().copied()).collect();
        let outer: Vec<u8> = block.iter().map(|b| b ^ 0x5C).chain(self.digest(&inner)).collect();
        self.digest(&outer)
    }
}

/// Most rounds of a key derivation that is folded.
const MAX_ROUNDS: i64 = 1_000_000;

/// Derives a key from a password (RFC 8018, PBKDF2).
pub(super) fn derive(
    cx: &mut FoldContext<'_>,
    algorithm: Algorithm,
    password: &[u8],
    salt: &[u8],
    rounds: i64,
    length: usize,
) -> Option<Vec<u8>> {
    if !(1..=MAX_ROUNDS).contains(&rounds) || length > 256 {
        return None;
    }
    let size = algorithm.digest(&[]).len();
    let blocks = length.div_ceil(size);
    // A round is two digests of two blocks each.
    cx.work(usize::try_from(rounds).ok()?.checked_mul(blocks)?.checked_mul(512)?)?;
    let mut out = Vec::with_capacity(blocks * size);
    for block in 1..=u32::try_from(blocks).ok()? {
        let mut last = algorithm.hmac(password, &[salt, &block.to_be_bytes()].concat());
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = algorithm.hmac(password, &last);
            sum.iter_mut().zip(&last).for_each(|(a, b)| *a ^= b);
        }
        out.extend(sum);
    }
    out.truncate(length);
    Some(out)
}

fn pbkdf2(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [name, password, salt, rounds, length] =
        args.bind(cx, ["hash_name", "password", "salt", "iterations", "dklen"])?;
    let algorithm = Algorithm::find(name?.as_str()?)?;
    let (password, salt) = (bytes_like(cx, password?)?.into_owned(), bytes_like(cx, salt?)?.into_owned());
    let length = match given(length) {
        Some(length) => usize::try_from(length.as_int()?).ok()?,
        None => algorithm.digest(&[]).len(),
    };
    let key = derive(cx, algorithm, &password, &salt, rounds?.as_int()?, length)?;
    cx.make_bytes(key)
}

fn hmac_digest(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [key, data, name] = args.bind(cx, ["key", "msg", "digest"])?;
    let algorithm = Algorithm::find(name?.as_str()?)?;
    let (key, data) = (bytes_like(cx, key?)?.into_owned(), bytes_like(cx, data?)?.into_owned());
    cx.work(data.len() * 16)?;
    cx.make_bytes(algorithm.hmac(&key, &data))
}
