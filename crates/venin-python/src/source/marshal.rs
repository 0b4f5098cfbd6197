//! The `marshal` format of CPython, versions 0 to 5 (Python 2.3 to 3.14), into an arena.
//!
//! The format has back references, so a few bytes can stand for an exponentially large value: nothing is
//! expanded here, objects refer to each other by index and may even form cycles.  Damage ends the reading;
//! what was read before stays.  Nothing is interpreted.
//!
//! Source: `Python/marshal.c` of CPython for the type codes and the fields of code objects.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};
use venin_model::GapKind;

use super::Problem;

/// Most objects that are read.
const MAX_OBJECTS: usize = 2_000_000;
/// Most objects inside each other; CPython takes 2,000.
const MAX_DEPTH: u32 = 400;

/// Index of an object in a [`Marshal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub u32);

/// A Python version, as far as it decides on formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 2 or 3.
    pub major: u8,
    /// 0 to 15.
    pub minor: u8,
}

impl Version {
    /// The newest version of each layout of code objects, the most likely first.
    pub(super) const LAYOUTS: [Self; 4] =
        [Self::new(3, 14), Self::new(3, 10), Self::new(3, 7), Self::new(2, 7)];

    /// A version.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }
}

/// An object as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// Not read: the data ended, or it is the null that ends a dictionary.
    Missing,
    /// `None`.
    None,
    /// `StopIteration`.
    StopIteration,
    /// `...`.
    Ellipsis,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// A larger integer.
    BigInt(Box<BigInt>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A string; of Python 2, a `unicode` object.
    Str(Rc<str>),
    /// Bytes; of Python 2, a `str` object.
    Bytes(Rc<[u8]>),
    /// A tuple.
    Tuple(Box<[ObjectId]>),
    /// A list.
    List(Box<[ObjectId]>),
    /// A set or frozen set.
    Set(Box<[ObjectId]>),
    /// A dictionary.
    Dict(Box<[(ObjectId, ObjectId)]>),
    /// A slice: start, stop and step.
    Slice([ObjectId; 3]),
    /// A code object.
    Code(Box<CodeObject>),
}

/// A code object; its parts are objects of their own, whatever their types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeObject {
    /// Positional parameters.
    pub arg_count: u32,
    /// Positional-only parameters among them; 0 before 3.8.
    pub positional_only_count: u32,
    /// Keyword-only parameters; 0 before 3.0.
    pub keyword_only_count: u32,
    /// `co_flags`.
    pub flags: u32,
    /// The instructions, bytes.
    pub code: ObjectId,
    /// The constants, a tuple.
    pub consts: ObjectId,
    /// The names, a tuple of strings.
    pub names: ObjectId,
    /// The local variables, a tuple of strings; since 3.11 with cells and free variables.
    pub varnames: ObjectId,
    /// The free variables, a tuple of strings; since 3.11 the kinds of the local variables, bytes.
    pub free_or_kinds: ObjectId,
    /// The cell variables, a tuple of strings; since 3.11 none.
    pub cellvars: Option<ObjectId>,
    /// The file it was compiled from.
    pub filename: ObjectId,
    /// Its name.
    pub name: ObjectId,
    /// Its qualified name, since 3.11.
    pub qualname: Option<ObjectId>,
    /// Its first line.
    pub first_line: i32,
    /// The line table, in the form of its version.
    pub lines: ObjectId,
    /// The exception table, since 3.11.
    pub exceptions: Option<ObjectId>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Marshal {
    /// All objects; an object stands before those it holds.
    pub objects: Vec<Object>,
    /// The version whose layout the code objects have.
    pub version: Option<Version>,
    /// What could not be read.
    pub problem: Option<Problem>,
}

impl Marshal {
    /// The outermost object; missing if nothing could be read.
    #[must_use]
    pub fn root(&self) -> &Object {
        self.get(ObjectId(0))
    }

    /// An object.
    #[must_use]
    pub fn get(&self, id: ObjectId) -> &Object {
        self.objects.get(id.0 as usize).unwrap_or(&Object::Missing)
    }

    /// The elements of a tuple, list or set; of anything else, none.
    #[must_use]
    pub fn elements(&self, id: ObjectId) -> &[ObjectId] {
        match self.get(id) {
            Object::Tuple(ids) | Object::List(ids) | Object::Set(ids) => ids,
            _ => &[],
        }
    }

    /// The text of a string, or of bytes that are UTF-8 as names of Python 2 are.
    #[must_use]
    pub fn text(&self, id: ObjectId) -> Option<&str> {
        match self.get(id) {
            Object::Str(text) => Some(text),
            Object::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The texts of a tuple of names.
    pub fn texts(&self, id: ObjectId) -> impl Iterator<Item = &str> {
        self.elements(id).iter().filter_map(|id| self.text(*id))
    }

    /// All code objects, outer ones before inner ones.
    pub fn codes(&self) -> impl Iterator<Item = &CodeObject> {
        self.objects.iter().filter_map(|object| match object {
            Object::Code(code) => Some(&**code),
            _ => None,
        })
    }
}

/// Reads one marshalled object.
///
/// Without a version, the layouts of code objects are tried and the first is taken that reads all of it.
#[must_use]
pub fn read_marshal(bytes: &[u8], version: Option<Version>) -> Marshal {
    if let Some(version) = version {
        return read_layout(bytes, version);
    }
    let mut best = Marshal::default();
    for version in Version::LAYOUTS {
        let read = read_layout(bytes, version);
        if read.problem.is_none() {
            return read;
        }
        if read.objects.len() > best.objects.len() {
            best = read;
        }
    }
    best
}

fn read_layout(bytes: &[u8], version: Version) -> Marshal {
    let mut reader =
        Reader { bytes, at: 0, version, objects: Vec::new(), refs: Vec::new(), interned: Vec::new() };
    let problem = reader.object(0).err().map(|fault| {
        let detail = format!("marshalled data: {} at byte {}", fault.0, reader.at);
        Problem::new(fault.1, 1, detail)
    });
    let version = reader.objects.iter().any(|o| matches!(o, Object::Code(_))).then_some(version);
    Marshal { objects: reader.objects, version, problem }
}

/// Why the reading ends.
struct Fault(&'static str, GapKind);

const ENDS: Fault = Fault("the data ends", GapKind::Unreadable);

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    version: Version,
    objects: Vec<Object>,
    refs: Vec<ObjectId>,
    interned: Vec<ObjectId>,
}

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(ENDS)?;
        let taken = self.bytes.get(self.at..end).ok_or(ENDS)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| ENDS)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn int(&mut self) -> Result<i32, Fault> {
        self.array().map(i32::from_le_bytes)
    }

    fn count(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    fn float(&mut self) -> Result<f64, Fault> {
        self.array().map(f64::from_le_bytes)
    }

    /// A length, which the data must at least have bytes for.
    fn length(&mut self) -> Result<usize, Fault> {
        let length =
            usize::try_from(self.int()?).map_err(|_| Fault("a negative length", GapKind::Unreadable))?;
        if length > self.bytes.len() - self.at.min(self.bytes.len()) {
            return Err(Fault("a length beyond the data", GapKind::Unreadable));
        }
        Ok(length)
    }

    fn sized(&mut self) -> Result<&'b [u8], Fault> {
        let length = self.length()?;
        self.take(length)
    }

    fn short(&mut self) -> Result<&'b [u8], Fault> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    /// Reads an object and what it holds.
    fn object(&mut self, depth: u32) -> Result<ObjectId, Fault> {
        const REFERABLE: u8 = 0x80;
        if depth > MAX_DEPTH {
            return Err(Fault("too many objects inside each other", GapKind::Nesting));
        }
        if self.objects.len() >= MAX_OBJECTS {
            return Err(Fault("too many objects", GapKind::AnalysisBudget));
        }
        let code = self.byte()?;
        let kind = code & !REFERABLE;
        match kind {
            b'r' => return self.count().and_then(|index| referred(&self.refs, index)),
            b'R' => return self.count().and_then(|index| referred(&self.interned, index)),
            _ => {}
        }
        let id = ObjectId(self.objects.len() as u32);
        self.objects.push(Object::Missing);
        if code & REFERABLE != 0 {
            self.refs.push(id);
        }
        if kind == b't' && self.version.major == 2 {
            self.interned.push(id);
        }
        let object = self.value(kind, depth)?;
        if let Some(slot) = self.objects.get_mut(id.0 as usize) {
            *slot = object;
        }
        Ok(id)
    }

    fn value(&mut self, kind: u8, depth: u32) -> Result<Object, Fault> {
        Ok(match kind {
            b'0' => Object::Missing,
            b'N' => Object::None,
            b'S' => Object::StopIteration,
            b'.' => Object::Ellipsis,
            b'F' => Object::Bool(false),
            b'T' => Object::Bool(true),
            b'i' => Object::Int(i64::from(self.int()?)),
            b'I' => Object::Int(i64::from_le_bytes(self.array()?)),
            b'l' => self.long()?,
            b'f' => Object::Float(decimal(self.short()?)),
            b'g' => Object::Float(self.float()?),
            b'x' => Object::Complex(decimal(self.short()?), decimal(self.short()?)),
            b'y' => Object::Complex(self.float()?, self.float()?),
            b's' => Object::Bytes(self.sized()?.into()),
            b't' if self.version.major == 2 => Object::Bytes(self.sized()?.into()),
            b't' | b'u' | b'a' | b'A' => text(self.sized()?),
            b'z' | b'Z' => text(self.short()?),
            b')' => {
                let count = usize::from(self.byte()?);
                Object::Tuple(self.items(count, depth)?)
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.length()?;
                let items = self.items(count, depth)?;
                match kind {
                    b'(' => Object::Tuple(items),
                    b'[' => Object::List(items),
                    _ => Object::Set(items),
                }
            }
            b'{' => self.dict(depth)?,
            b':' => {
                Object::Slice([self.object(depth + 1)?, self.object(depth + 1)?, self.object(depth + 1)?])
            }
            b'c' => Object::Code(Box::new(self.code(depth)?)),
            _ => return Err(Fault("an unknown type code", GapKind::Unreadable)),
        })
    }

    fn items(&mut self, count: usize, depth: u32) -> Result<Box<[ObjectId]>, Fault> {
        (0..count).map(|_| self.object(depth + 1)).collect()
    }

    fn dict(&mut self, depth: u32) -> Result<Object, Fault> {
        let mut items = Vec::new();
        loop {
            if self.bytes.get(self.at) == Some(&b'0') {
                self.at += 1;
                return Ok(Object::Dict(items.into()));
            }
            items.push((self.object(depth + 1)?, self.object(depth + 1)?));
        }
    }

    /// An integer in digits of 15 bits, the lowest first; the sign is that of their number.
    fn long(&mut self) -> Result<Object, Fault> {
        let count = self.int()?;
        let digits = self.take((count.unsigned_abs() as usize).saturating_mul(2))?;
        let mut bytes = Vec::with_capacity(digits.len());
        let (mut bits, mut width) = (0_u32, 0_u32);
        for pair in digits.chunks_exact(2) {
            bits |= u32::from(u16::from_le_bytes([pair[0], pair[1]]) & 0x7fff) << width;
            width += 15;
            while width >= 8 {
                bytes.push(bits as u8);
                bits >>= 8;
                width -= 8;
            }
        }
        bytes.push(bits as u8);
        let sign = if count < 0 { Sign::Minus } else { Sign::Plus };
        let big = BigInt::from_bytes_le(sign, &bytes);
        Ok(i64::try_from(&big).map_or_else(|_| Object::BigInt(Box::new(big)), Object::Int))
    }

    /// A code object, in the layout of the version.
    fn code(&mut self, depth: u32) -> Result<CodeObject, Fault> {
        let (has_positional_only, is_flat) =
            (self.version >= Version::new(3, 8), self.version >= Version::new(3, 11));
        let arg_count = self.count()?;
        let positional_only_count = if has_positional_only { self.count()? } else { 0 };
        let keyword_only_count = if self.version.major >= 3 { self.count()? } else { 0 };
        if !is_flat {
            self.count()?;
        }
        self.count()?;
        let flags = self.count()?;
        let inner = depth + 1;
        Ok(CodeObject {
            arg_count,
            positional_only_count,
            keyword_only_count,
            flags,
            code: self.object(inner)?,
            consts: self.object(inner)?,
            names: self.object(inner)?,
            varnames: self.object(inner)?,
            free_or_kinds: self.object(inner)?,
            cellvars: if is_flat { None } else { Some(self.object(inner)?) },
            filename: self.object(inner)?,
            name: self.object(inner)?,
            qualname: if is_flat { Some(self.object(inner)?) } else { None },
            first_line: self.int()?,
            lines: self.object(inner)?,
            exceptions: if is_flat { Some(self.object(inner)?) } else { None },
        })
    }
}

fn referred(refs: &[ObjectId], index: u32) -> Result<ObjectId, Fault> {
    refs.get(index as usize).copied().ok_or(Fault("a reference to nothing", GapKind::Unreadable))
}

/// Text is UTF-8 in which lone surrogates may stand; those are replaced.
fn text(bytes: &[u8]) -> Object {
    Object::Str(String::from_utf8_lossy(bytes).into())
}

fn decimal(bytes: &[u8]) -> f64 {
    std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Marshal {
        read_marshal(bytes, Some(Version::new(3, 12)))
    }

    #[test]
    fn every_plain_type_is_read() {
        let cases: &[(&[u8], Object)] = &[
            (b"N", Object::None),
            (b".", Object::Ellipsis),
            (b"T", Object::Bool(true)),
            (b"i\xff\xff\xff\xff", Object::Int(-1)),
            (b"I\0\0\0\0\x01\0\0\0", Object::Int(1 << 32)),
            (b"l\x02\0\0\0\x01\0\x02\0", Object::Int(65_537)),
            (b"l\xfe\xff\xff\xff\x01\0\x02\0", Object::Int(-65_537)),
            (b"f\x031.5", Object::Float(1.5)),
            (b"g\0\0\0\0\0\0\xf8\x3f", Object::Float(1.5)),
            (b"y\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf8\x3f", Object::Complex(0.0, 1.5)),
            (b"s\x02\0\0\0\xff\0", Object::Bytes(Rc::from([255, 0]))),
            (b"u\x02\0\0\0\xc3\xa9", Object::Str(Rc::from("\u{e9}"))),
            (b"z\x02ab", Object::Str(Rc::from("ab"))),
            (b"\xda\x02ab", Object::Str(Rc::from("ab"))),
        ];
        for (bytes, object) in cases {
            let read = read(bytes);
            assert_eq!(read.root(), object);
            assert_eq!(read.problem, None);
        }
        let big = read(b"l\x05\0\0\0\0\0\0\0\0\0\0\0\x10\0");
        assert_eq!(*big.root(), Object::BigInt(Box::new(BigInt::from(1) << 64)));
    }

    #[test]
    fn containers_hold_ids_and_references_are_not_expanded() {
        let read = read(b")\x03\xfa\x01ar\0\0\0\0{z\x01kN0");
        assert_eq!(read.problem, None);
        let ids = read.elements(ObjectId(0));
        assert_eq!(ids.first(), ids.get(1));
        assert!(matches!(ids.get(2).map(|id| read.get(*id)), Some(Object::Dict(items)) if items.len() == 1));
        let mut bomb = vec![0xa9, 2, 0xa9, 2, b'N', b'N', b'r', 1, 0, 0, 0];
        for index in 2..200_u8 {
            bomb.splice(0..0, [0xa9, 2]);
            bomb.extend([b'r', index, 0, 0, 0]);
        }
        assert!(self::read(&bomb).objects.len() < 1_000);
    }

    #[test]
    fn damage_ends_the_reading_and_keeps_what_was_read() {
        let cases: &[(&[u8], GapKind)] = &[
            (b"", GapKind::Unreadable),
            (b")\x03N", GapKind::Unreadable),
            (b"(\xff\xff\xff\x7fN", GapKind::Unreadable),
            (b"s\xff\xff\xff\xff", GapKind::Unreadable),
            (b"l\0\0\0\x80", GapKind::Unreadable),
            (b"r\x05\0\0\0", GapKind::Unreadable),
            (b"?", GapKind::Unreadable),
        ];
        for (bytes, kind) in cases {
            assert_eq!(read(bytes).problem.map(|p| p.kind), Some(*kind), "{bytes:?}");
        }
        assert_eq!(read(&b")\x01".repeat(1_000)).problem.map(|p| p.kind), Some(GapKind::Nesting));
        assert_eq!(read(b")\x02Tq").get(ObjectId(1)), &Object::Bool(true));
    }

    #[test]
    fn arbitrary_bytes_end() {
        let mut seed = 1_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        const CODES: &[u8] = b"NTFSi.lfgxystuaAzZ()[]{}<>:cr0R\xe3\xa9\xda\x01\x02\0";
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..60)
                .map(|_| {
                    let byte = random();
                    CODES.get(usize::from(byte % 48)).copied().unwrap_or(byte & 3)
                })
                .collect();
            let read = read_marshal(&bytes, None);
            assert!(read.objects.len() <= bytes.len());
        }
    }
}
