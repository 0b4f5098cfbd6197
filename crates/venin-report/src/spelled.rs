//! Serialization of the vocabulary's enums by their one spelling.

use serde::{Deserialize, Deserializer, Serializer};
use venin_model::{Behavior, Confidence, GapKind, Persona, Severity, Technique, Trigger, Vector, Verdict};
use venin_scan::ArtifactKind;

/// An enum whose values have one spelling each.
pub(crate) trait Spelled: Sized + Copy {
    /// The spelling.
    fn spelling(self) -> &'static str;
    /// The value spelled so, if any.
    fn parse_spelling(text: &str) -> Option<Self>;
}

macro_rules! impl_spelled {
    ($($name:ident),+) => {
        $(impl Spelled for $name {
            fn spelling(self) -> &'static str { self.as_str() }
            fn parse_spelling(text: &str) -> Option<Self> { Self::parse(text) }
        })+
    };
}

impl_spelled!(
    ArtifactKind,
    Behavior,
    Confidence,
    GapKind,
    Persona,
    Severity,
    Technique,
    Trigger,
    Vector,
    Verdict
);

fn parse_or_error<T: Spelled, E: serde::de::Error>(text: &str) -> Result<T, E> {
    T::parse_spelling(text).ok_or_else(|| E::custom(format!("`{text}` is not in the vocabulary")))
}

/// For `#[serde(with = "spelled::one")]`.
pub(crate) mod one {
    use super::{Deserialize, Deserializer, Serializer, Spelled, parse_or_error};

    pub(crate) fn serialize<T: Spelled, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.spelling())
    }

    pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        parse_or_error(&String::deserialize(deserializer)?)
    }
}

/// For `#[serde(with = "spelled::option")]`.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serializer, Spelled, parse_or_error};

    pub(crate) fn serialize<T: Spelled, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(value.spelling()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| parse_or_error(&text)).transpose()
    }
}

/// For `#[serde(with = "spelled::list")]`.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Serializer, Spelled, parse_or_error};
    use serde::ser::SerializeSeq;

    pub(crate) fn serialize<T: Spelled, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(values.len()))?;
        for value in values {
            sequence.serialize_element(value.spelling())?;
        }
        sequence.end()
    }

    pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| parse_or_error(text)).collect()
    }
}
