//! Values of the abstract interpreter.
//!
//! A [`Value`] is a constant, a text that is partly known, a qualified name outside the artifact, an object
//! of the artifact, or unknown; always with the set of its origins.  Objects that can nest or be changed
//! live in the [`Heap`], so values are flat: dropping them never recurses and cycles leak nothing.

mod collect;
mod heap;
mod names;
mod origins;
mod share;
mod text;
mod transient;

use std::rc::Rc;

use num_bigint::BigInt;
use venin_model::EventId;

pub use heap::{Class, Function, Heap, HeapEnds, Instance, Key, ObjId, Object, Partial, ScopeId};
pub use names::{NameId, Names, Step, Sym, Symbols};
pub use origins::{OriginSet, OriginTable};
pub use share::Share;
pub use text::{Part, PartialText, PyStr};

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Nothing is known.
    Unknown,
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// A larger integer.
    Big(Rc<BigInt>),
    /// A float.
    Float(f64),
    /// A string.
    Str(PyStr),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// Text or bytes of which parts are known.
    Partial(Rc<PartialText>),
    /// A list ([`Object::List`]).
    List(ObjId),
    /// A tuple ([`Object::List`]).
    Tuple(ObjId),
    /// A set ([`Object::List`], without duplicates among constants).
    Set(ObjId),
    /// A dictionary ([`Object::Dict`]).
    Dict(ObjId),
    /// A bytearray ([`Object::Bytes`]).
    ByteArray(ObjId),
    /// `range(start, stop, step)`.
    Range(i64, i64, i64),
    /// A one-shot iterator: over what is left of a list ([`Object::Iter`]), or endless ([`Object::Cycle`],
    /// [`Object::Count`]).
    Iter(ObjId),
    /// A name outside the artifact, or something reached from one: `os.system`, `requests.get().text`.
    External {
        /// The qualified name.
        name: NameId,
        /// The event that made it, if it is (reached from) the result of one.
        made_by: Option<EventId>,
    },
    /// A module of the artifact ([`Object::Module`]).
    Module(ObjId),
    /// A function of the artifact ([`Object::Function`]).
    Function(ObjId),
    /// A class of the artifact ([`Object::Class`]).
    Class(ObjId),
    /// An instance of a class of the artifact ([`Object::Instance`]).
    Instance(ObjId),
    /// A bound method: receiver and function ([`Object::Method`]).
    Method(ObjId),
    /// A method of a constant or container: `"".join` ([`Object::Builtin`]).
    Builtin(ObjId),
    /// A code object that `compile` or `marshal` gave: its source text or bytes ([`Object::CodeObject`]).
    CodeObject(ObjId),
    /// One of several values ([`Object::List`], 2 to 8).
    Choice(ObjId),
    /// A slice ([`Object::List`] of three).
    Slice(ObjId),
}

/// A value with its origins.
#[derive(Debug, Clone)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it came from.
    pub origins: OriginSet,
}

impl Value {
    /// A value without origins.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, origins: OriginSet::EMPTY }
    }

    /// Nothing known.
    #[must_use]
    pub const fn unknown() -> Self {
        Self::new(Kind::Unknown)
    }

    /// Python's `None`.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(Kind::None)
    }

    /// A boolean.
    #[must_use]
    pub const fn bool(value: bool) -> Self {
        Self::new(Kind::Bool(value))
    }

    /// An integer.
    #[must_use]
    pub const fn int(value: i64) -> Self {
        Self::new(Kind::Int(value))
    }

    /// An integer of any size, small if it fits.
    #[must_use]
    pub fn big(value: BigInt) -> Self {
        match i64::try_from(&value) {
            Ok(small) => Self::int(small),
            Err(_) => Self::new(Kind::Big(Rc::new(value))),
        }
    }

    /// A string.
    #[must_use]
    pub fn str(text: impl Into<PyStr>) -> Self {
        Self::new(Kind::Str(text.into()))
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Rc<[u8]>>) -> Self {
        Self::new(Kind::Bytes(bytes.into()))
    }

    /// The same with other origins.
    #[must_use]
    pub fn with_origins(mut self, origins: OriginSet) -> Self {
        self.origins = origins;
        self
    }

    /// The known beginning of a text; the whole of it when no part is unknown.
    pub fn known_start(&self) -> Option<&str> {
        match &self.kind {
            Kind::Partial(text) => match text.parts.first() {
                Some(Part::Known(known)) => Some(known),
                _ => None,
            },
            _ => self.as_str(),
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(s) => Some(s.as_str()),
            _ => None,
        }
    }

    /// The bytes of a `bytes` object.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// The integer (or boolean) if it fits 64 bits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(i) => Some(i),
            Kind::Bool(b) => Some(i64::from(b)),
            _ => None,
        }
    }

    /// Whether it is a known text, bytes or a small integer: what decoded data is made of.
    #[must_use]
    pub const fn is_datum(&self) -> bool {
        matches!(self.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Int(_))
    }

    /// Whether it is a scalar constant: nothing in it is unknown and nothing can change it.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        matches!(
            self.kind,
            Kind::None
                | Kind::Ellipsis
                | Kind::Bool(_)
                | Kind::Int(_)
                | Kind::Big(_)
                | Kind::Float(_)
                | Kind::Str(_)
                | Kind::Bytes(_)
                | Kind::Range(..)
        )
    }
}
