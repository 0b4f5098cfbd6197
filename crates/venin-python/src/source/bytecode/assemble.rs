//! Code objects put together from parts: `types.CodeType(…)`, `code.replace(…)`.
//!
//! The parts are written as marshalled data, so that one reader serves all code objects.  Values are written out
//! where they are referred to, with a budget of bytes; nothing is interpreted.
//!
//! Source: `Python/marshal.c` of CPython, and the signatures of `code()` in `Objects/codeobject.c` of each version.

use num_bigint::{BigInt, Sign};

use super::super::marshal::{CodeObject, Marshal, Object, ObjectId, Version, read_marshal};
use super::version::measure_fit;

/// Most bytes that are written.
const MAX_WRITTEN: usize = 4 << 20;
/// Most objects inside each other; less than what the reader takes.
const MAX_DEPTH: u32 = 200;

/// A layout of code objects, by what the constructor takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Python 2.
    Two,
    /// Python 3.0 to 3.7: keyword-only parameters.
    Seven,
    /// Python 3.8 to 3.10: positional-only parameters.
    Ten,
    /// Since 3.11: one tuple of local variables, qualified name, exception table.
    Flat,
}

impl Layout {
    const fn version(self) -> Version {
        match self {
            Self::Two => Version::new(2, 7),
            Self::Seven => Version::new(3, 7),
            Self::Ten => Version::new(3, 10),
            Self::Flat => Version::new(3, 14),
        }
    }

    const fn of(version: Version) -> Self {
        match (version.major, version.minor) {
            (2, _) => Self::Two,
            (_, ..=7) => Self::Seven,
            (_, ..=10) => Self::Ten,
            _ => Self::Flat,
        }
    }
}

/// Marshalled data that grows object by object, up to a budget.
#[derive(Debug, Clone, Default)]
pub struct Written {
    bytes: Vec<u8>,
    /// Whether something was too much to be written.
    is_spent: bool,
}

impl Written {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), is_spent: false }
    }

    /// Writes `None`.
    pub fn none(&mut self) {
        self.bytes.push(b'N');
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { b'T' } else { b'F' });
    }

    /// Writes an integer.
    pub fn int(&mut self, value: i64) {
        self.bytes.push(b'I');
        self.bytes.extend(value.to_le_bytes());
    }

    /// Writes an integer of any size: digits of 15 bits, the lowest first.
    pub fn big(&mut self, value: &BigInt) {
        let (sign, digits) = value.to_radix_le(128);
        let mut grouped: Vec<u16> = Vec::with_capacity(digits.len() / 2 + 1);
        let (mut bits, mut width) = (0_u32, 0_u32);
        for digit in digits {
            bits |= u32::from(digit) << width;
            width += 7;
            if width >= 15 {
                grouped.push((bits & 0x7fff) as u16);
                bits >>= 15;
                width -= 15;
            }
        }
        if bits != 0 {
            grouped.push(bits as u16);
        }
        let count = i32::try_from(grouped.len()).unwrap_or(0);
        self.bytes.push(b'l');
        self.bytes.extend((if sign == Sign::Minus { -count } else { count }).to_le_bytes());
        self.bytes.extend(grouped.iter().flat_map(|digit| digit.to_le_bytes()));
    }

    /// Writes a float.
    pub fn float(&mut self, value: f64) {
        self.bytes.push(b'g');
        self.bytes.extend(value.to_le_bytes());
    }

    /// Writes bytes.
    pub fn data(&mut self, value: &[u8]) {
        self.sized(b's', value);
    }

    /// Writes a string.
    pub fn text(&mut self, value: &str) {
        self.sized(b'u', value.as_bytes());
    }

    /// Writes the head of a tuple, whose elements must follow.
    pub fn tuple(&mut self, count: usize) {
        self.head(b'(', count);
    }

    /// Writes the head of a set, whose elements must follow.
    pub fn set(&mut self, count: usize) {
        self.head(b'>', count);
    }

    /// Writes an object that was read from marshalled data, with everything in it; `None` if that is too much.
    pub fn object(&mut self, marshal: &Marshal, id: ObjectId) -> Option<()> {
        let written = self.object_at(marshal, id, 0);
        self.is_spent |= written.is_none();
        written
    }

    /// Whether the budget is spent, so that the rest is missing.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_spent || self.bytes.len() > MAX_WRITTEN
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, code: u8, count: usize) {
        self.bytes.push(code);
        self.bytes.extend((count as u32).to_le_bytes());
    }

    fn sized(&mut self, code: u8, value: &[u8]) {
        self.is_spent |= value.len() > MAX_WRITTEN;
        let value = if self.is_spent { &[] } else { value };
        self.head(code, value.len());
        self.bytes.extend_from_slice(value);
    }

    fn object_at(&mut self, marshal: &Marshal, id: ObjectId, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH || self.is_full() {
            return None;
        }
        let all = |me: &mut Self, ids: &[ObjectId]| {
            ids.iter().try_for_each(|id| me.object_at(marshal, *id, depth + 1))
        };
        match marshal.get(id) {
            Object::Missing | Object::None => self.none(),
            Object::StopIteration => self.bytes.push(b'S'),
            Object::Ellipsis => self.bytes.push(b'.'),
            Object::Bool(value) => self.bool(*value),
            Object::Int(value) => self.int(*value),
            Object::BigInt(value) => self.big(value),
            Object::Float(value) => self.float(*value),
            Object::Complex(real, imaginary) => {
                self.bytes.push(b'y');
                self.bytes.extend(real.to_le_bytes());
                self.bytes.extend(imaginary.to_le_bytes());
            }
            Object::Str(text) => self.text(text),
            Object::Bytes(bytes) => self.data(bytes),
            Object::Tuple(ids) => {
                self.tuple(ids.len());
                all(self, ids)?;
            }
            Object::List(ids) => {
                self.head(b'[', ids.len());
                all(self, ids)?;
            }
            Object::Set(ids) => {
                self.set(ids.len());
                all(self, ids)?;
            }
            Object::Dict(items) => {
                self.bytes.push(b'{');
                for (key, value) in items {
                    all(self, &[*key, *value])?;
                }
                self.bytes.push(b'0');
            }
            Object::Slice(parts) => {
                self.bytes.push(b':');
                all(self, parts)?;
            }
            Object::Code(code) => {
                let layout = Layout::of(marshal.version?);
                self.bytes.extend(render_head(
                    layout,
                    code.arg_count,
                    code.positional_only_count,
                    code.keyword_only_count,
                    code.flags,
                ));
                all(self, &[code.code, code.consts, code.names, code.varnames, code.free_or_kinds])?;
                all(self, code.cellvars.as_slice())?;
                all(self, &[code.filename, code.name])?;
                all(self, code.qualname.as_slice())?;
                self.bytes.extend(code.first_line.to_le_bytes());
                all(self, &[code.lines])?;
                all(self, code.exceptions.as_slice())?;
            }
        }
        Some(())
    }
}

/// The parts of a code object; those that are not numbers are marshalled objects.
#[derive(Debug, Clone)]
pub struct CodeParts {
    /// `co_argcount`.
    pub arg_count: u32,
    /// `co_posonlyargcount`.
    pub positional_only_count: u32,
    /// `co_kwonlyargcount`.
    pub keyword_only_count: u32,
    /// `co_flags`.
    pub flags: u32,
    /// `co_code`, bytes.
    pub code: Written,
    /// `co_consts`, a tuple.
    pub consts: Written,
    /// `co_names`, a tuple.
    pub names: Written,
    /// `co_varnames`, a tuple; since 3.11 with cells and free variables.
    pub varnames: Written,
    /// `co_freevars`, a tuple; since 3.11 the kinds of the local variables, bytes.
    pub free_or_kinds: Written,
    /// `co_cellvars`, a tuple; not written since 3.11.
    pub cellvars: Written,
    /// `co_filename`.
    pub filename: Written,
    /// `co_name`.
    pub name: Written,
    /// `co_firstlineno`.
    pub first_line: i32,
    /// `co_lnotab` or `co_linetable`, bytes.
    pub lines: Written,
    /// `co_exceptiontable`, bytes; not written before 3.11.
    pub exceptions: Written,
}

impl Default for CodeParts {
    fn default() -> Self {
        let empty = Written::of(b"s\0\0\0\0");
        let nothing = Written::of(b"(\0\0\0\0");
        let name = Written::of(b"u\0\0\0\0");
        Self {
            arg_count: 0,
            positional_only_count: 0,
            keyword_only_count: 0,
            flags: 0,
            code: empty.clone(),
            consts: nothing.clone(),
            names: nothing.clone(),
            varnames: nothing.clone(),
            free_or_kinds: nothing.clone(),
            cellvars: nothing,
            filename: name.clone(),
            name,
            first_line: 1,
            lines: empty.clone(),
            exceptions: empty,
        }
    }
}

impl CodeParts {
    /// The parts of the outermost code object of marshalled bytes, and their layout.
    #[must_use]
    pub fn of_marshalled(bytes: &[u8]) -> Option<(Self, Layout)> {
        let marshal = read_marshal(bytes, None);
        match marshal.root() {
            Object::Code(code) => Some((Self::read(&marshal, code, 0)?, Layout::of(marshal.version?))),
            _ => None,
        }
    }

    fn read(marshal: &Marshal, code: &CodeObject, depth: u32) -> Option<Self> {
        let written = |id: ObjectId| {
            let mut out = Written::default();
            out.object_at(marshal, id, depth)?;
            Some(out)
        };
        let optional = |id: Option<ObjectId>| id.map_or_else(|| Some(Written::default()), written);
        Some(Self {
            arg_count: code.arg_count,
            positional_only_count: code.positional_only_count,
            keyword_only_count: code.keyword_only_count,
            flags: code.flags,
            code: written(code.code)?,
            consts: written(code.consts)?,
            names: written(code.names)?,
            varnames: written(code.varnames)?,
            free_or_kinds: written(code.free_or_kinds)?,
            cellvars: optional(code.cellvars)?,
            filename: written(code.filename)?,
            name: written(code.name)?,
            first_line: code.first_line,
            lines: written(code.lines)?,
            exceptions: optional(code.exceptions)?,
        })
    }

    /// Marshalled data of the code object.  The sizes of stack and locals are left at 0: nothing reads them.
    #[must_use]
    pub fn render(&self, layout: Layout) -> Vec<u8> {
        let mut out = render_head(
            layout,
            self.arg_count,
            self.positional_only_count,
            self.keyword_only_count,
            self.flags,
        );
        let shared = [&self.code, &self.consts, &self.names, &self.varnames, &self.free_or_kinds];
        let own: &[&Written] = match layout {
            Layout::Flat => &[&self.filename, &self.name, &self.name],
            _ => &[&self.cellvars, &self.filename, &self.name],
        };
        for part in shared.iter().chain(own) {
            out.extend_from_slice(&part.bytes);
        }
        out.extend(self.first_line.to_le_bytes());
        out.extend_from_slice(&self.lines.bytes);
        if layout == Layout::Flat {
            out.extend_from_slice(&self.exceptions.bytes);
        }
        out
    }

    /// The layout under which the instructions make most sense, of those that have `replace`.
    #[must_use]
    pub fn find_layout(&self) -> Layout {
        let misfit = |layout: &Layout| {
            let marshal = read_marshal(&self.render(*layout), Some(layout.version()));
            measure_fit(&marshal).map_or(u64::MAX, |(misfits, _)| misfits)
        };
        [Layout::Flat, Layout::Ten].into_iter().min_by_key(misfit).unwrap_or(Layout::Flat)
    }
}

/// The numbers that a code object begins with.
fn render_head(
    layout: Layout,
    arg_count: u32,
    positional_only: u32,
    keyword_only: u32,
    flags: u32,
) -> Vec<u8> {
    let mut out = vec![b'c'];
    let mut number = |n: u32| out.extend(n.to_le_bytes());
    number(arg_count);
    if matches!(layout, Layout::Ten | Layout::Flat) {
        number(positional_only);
    }
    if layout != Layout::Two {
        number(keyword_only);
    }
    if layout != Layout::Flat {
        number(0);
    }
    number(0);
    number(flags);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_they_were_written() {
        for text in
            ["0", "-1", "32768", "-4294967296", "123456789012345678901234567890", "-99999999999999999999"]
        {
            let value: BigInt = text.parse().expect("an integer");
            let mut written = Written::default();
            written.big(&value);
            let read = read_marshal(&written.into_bytes(), Some(Version::new(3, 12)));
            let expected =
                i64::try_from(&value).map_or_else(|_| Object::BigInt(Box::new(value)), Object::Int);
            assert_eq!(*read.root(), expected, "{text}");
        }
    }

    #[test]
    fn objects_are_read_as_they_were_written() {
        let bytes = b")\x05\xfa\x01ar\0\0\0\0{z\x01kN0<\x02\0\0\0TF:NNN";
        let read = read_marshal(bytes, Some(Version::new(3, 14)));
        assert_eq!(read.problem, None);
        let mut written = Written::default();
        assert_eq!(written.object(&read, ObjectId(0)), Some(()));
        let again = read_marshal(&written.into_bytes(), Some(Version::new(3, 14)));
        assert_eq!(again.problem, None);
        assert_eq!(again.elements(ObjectId(0)).len(), 5);
    }

    #[test]
    fn references_that_multiply_end_at_the_budget() {
        let mut bomb = vec![0xa9, 2, b'N', b'N'];
        for index in 0..60_u8 {
            // Each tuple holds the one before twice.
            let mut next = vec![0xa9, 2];
            next.extend(bomb);
            next.extend([b'r', 60 - index, 0, 0, 0]);
            bomb = next;
        }
        let read = read_marshal(&bomb, Some(Version::new(3, 12)));
        let mut written = Written::default();
        let _ = written.object(&read, ObjectId(0));
        assert!(written.into_bytes().len() < MAX_WRITTEN + 1_000);
    }

    #[test]
    fn parts_of_every_layout_are_read_back() {
        for layout in [Layout::Two, Layout::Seven, Layout::Ten, Layout::Flat] {
            let parts = CodeParts { arg_count: 1, flags: 64, ..CodeParts::default() };
            let bytes = parts.render(layout);
            let read = read_marshal(&bytes, Some(layout.version()));
            assert_eq!(read.problem, None, "{layout:?}");
            let Object::Code(code) = read.root() else { panic!("a code object") };
            assert_eq!((code.arg_count, code.flags, code.first_line), (1, 64, 1));
        }
    }
}
