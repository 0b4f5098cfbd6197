//! Where a claim holds: the places at which a release can be got, and the feeds that speak of it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Where a claim holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// The official index: its pages.
    Index,
    /// The official file host: the files themselves.
    FileHost,
    /// A mirror, by the identifier of its operator.
    Mirror(String),
    /// A feed of advisories, by its name.
    Advisory(String),
    /// Statistics of downloads.
    Downloads,
    /// Our own vault.
    Vault,
}

/// A text that is no surface.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no surface: official-index, official-file-host, mirror:ID, advisory:FEED, downloads or vault"
)]
pub struct WrongSurface(pub String);

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index => f.pad("official-index"),
            Self::FileHost => f.pad("official-file-host"),
            Self::Mirror(id) => f.pad(&format!("mirror:{id}")),
            Self::Advisory(feed) => f.pad(&format!("advisory:{feed}")),
            Self::Downloads => f.pad("downloads"),
            Self::Vault => f.pad("vault"),
        }
    }
}

impl FromStr for Surface {
    type Err = WrongSurface;

    fn from_str(text: &str) -> Result<Self, WrongSurface> {
        let wrong = || WrongSurface(text.chars().take(64).collect());
        match text {
            "official-index" => return Ok(Self::Index),
            "official-file-host" => return Ok(Self::FileHost),
            "downloads" => return Ok(Self::Downloads),
            "vault" => return Ok(Self::Vault),
            _ => {}
        }
        let (family, id) = text.split_once(':').ok_or_else(wrong)?;
        let is_id = !id.is_empty() && id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic());
        match family {
            "mirror" if is_id => Ok(Self::Mirror(id.to_owned())),
            "advisory" if is_id => Ok(Self::Advisory(id.to_owned())),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surface_survives_being_written_and_read() {
        let all = [
            Surface::Index,
            Surface::FileHost,
            Surface::Mirror("tuna".into()),
            Surface::Advisory("osv".into()),
            Surface::Downloads,
            Surface::Vault,
        ];
        for surface in all {
            assert_eq!(surface.to_string().parse(), Ok(surface));
        }
    }

    #[test]
    fn an_empty_or_unprintable_identifier_is_refused() {
        for text in ["mirror:", "mirror:a b", "advisory:\n", "elsewhere"] {
            assert!(text.parse::<Surface>().is_err(), "{text}");
        }
    }
}
