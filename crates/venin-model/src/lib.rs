//! The vocabulary of Venin as types: what every other crate passes around.
//!
//! A reader of bytes produces [`Event`]s (calls the analysis reached) and [`Fact`]s (observations that
//! are no call); rules turn them into [`Finding`]s; findings add up to a [`Verdict`].  What nobody looked
//! at is a [`Gap`].
//!
//! This crate never reads anything, never decides anything and depends on nothing of ours.

mod behavior;
mod class;
mod decoding;
mod event;
mod fact;
mod finding;
mod gap;
mod origin;
mod site;
mod snippet;
mod trigger;
mod verdict;

pub use behavior::{Behavior, Technique};
pub use class::{Action, CallClass, Family, UnknownClass};
pub use decoding::{MOST_DECODINGS, trace_decodings};
pub use event::{Argument, Condition, Event, EventId, KnownText, Role, RootId};
pub use fact::Fact;
pub use finding::{Confidence, Evidence, Finding, Severity};
pub use gap::{Gap, GapKind};
pub use origin::{OriginKind, OriginKinds, Origins};
pub use site::{MemberPath, Site};
pub use snippet::Snippet;
pub use trigger::{Trigger, Triggers, Vector};
pub use verdict::{Persona, Verdict};

/// Declares a field-less enum whose variants have one fixed spelling each, with `as_str`, `parse` and `ALL`.
///
/// With the feature `serde` it is written and read by its spelling.
#[macro_export]
macro_rules! spelled_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The one spelling used in output, rules and data files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the spelling back; `None` when no value is spelled so.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        $crate::spelled_in_serde!($name);
    };
}

/// Gives an enum of [`spelled_enum`] its spelling in serde's formats.  Without the feature `serde` it gives nothing.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! spelled_in_serde {
    ($name:ident) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::string::String as $crate::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| {
                    $crate::serde::de::Error::custom(::std::format!("`{text}` is not in the vocabulary"))
                })
            }
        }
    };
}

/// Gives an enum of [`spelled_enum`] its spelling in serde's formats.  Without the feature `serde` it gives nothing.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! spelled_in_serde {
    ($name:ident) => {};
}

#[cfg(feature = "serde")]
#[doc(hidden)]
pub use serde;
