//! BLAKE2b-256 digests: the addresses of files on warehouse-like file hosts and on most mirrors.

use std::fmt;

use blake2::{Blake2b256, Digest as _};

use super::Digest;

/// The BLAKE2b-256 digest of a file, which is also its address on a file host: `ab/cd/REST/FILE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blake2(pub [u8; 32]);

impl Blake2 {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Blake2b256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Digest>().ok().map(|digest| Self(digest.0))
    }

    /// The address below `packages/`: two digits, two digits, the other sixty, the file's name.
    #[must_use]
    pub fn path(&self, file_name: &str) -> String {
        let hex = self.to_string();
        let (first, rest) = hex.split_at(2);
        let (second, rest) = rest.split_at(2);
        format!("packages/{first}/{second}/{rest}/{file_name}")
    }

    /// Reads the digest out of an address that ends in `ab/cd/REST/FILE`.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/').skip(1);
        let (rest, second, first) = (parts.next()?, parts.next()?, parts.next()?);
        if (first.len(), second.len(), rest.len()) != (2, 2, 60) {
            return None;
        }
        Self::parse(&format!("{first}{second}{rest}"))
    }
}

impl fmt::Display for Blake2 {
    /// 64 hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // RFC 7693 gives no vector of 256 bits; this one is what b2sum -l 256 prints of nothing.
        let of_nothing = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
        assert_eq!(Blake2::of(b"").to_string(), of_nothing);
    }

    #[test]
    fn a_file_host_address_is_made_of_the_digest_and_read_back() {
        let blake2 = Blake2::parse(&"ab".repeat(32)).unwrap();
        let path = blake2.path("x-1.tar.gz");
        assert!(path.starts_with("packages/ab/ab/abab") && path.ends_with("/x-1.tar.gz"));
        assert_eq!(Blake2::of_path(&path), Some(blake2));
        for path in ["", "x", "packages/ab/ab/x-1.tar.gz", "packages/source/x/x/x-1.tar.gz"] {
            assert_eq!(Blake2::of_path(path), None);
        }
    }
}
