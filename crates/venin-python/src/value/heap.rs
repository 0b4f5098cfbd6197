//! The heap of one analysis: everything that nests, changes or can form cycles.

use std::rc::Rc;

use num_bigint::BigInt;
use rustc_hash::{FxHashMap, FxHashSet};

use super::share::Share;
use super::transient::Transients;
use super::{Kind, Sym, Value};
use crate::source::ir::{Code, FunctionIdx};

/// Index of an object in the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjId(pub u32);

/// Index of a scope (an [`Object::Scope`]).
pub type ScopeId = ObjId;

/// A hashable constant, as dictionary key or set member.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// `None`.
    None,
    /// Integers and booleans, which Python takes for equal.
    Int(i64),
    /// Larger integers.
    Big(Rc<BigInt>),
    /// A float, by its bits.
    Float(u64),
    /// A string.
    Str(Rc<str>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A tuple of constants.
    Tuple(Box<[Key]>),
    /// An object by identity: a function or class as a key.
    Object(ObjId),
    /// A name outside the artifact as a key.
    Name(super::NameId),
}

/// A function of the artifact.
#[derive(Debug, Clone)]
pub struct Function {
    /// The text it stands in; an index into the interpreter's list of units.
    pub unit: u32,
    /// The lowered text.
    pub code: Rc<Code>,
    /// Which function of it.
    pub index: FunctionIdx,
    /// The scope it closes over.
    pub scope: ScopeId,
    /// Values of the defaults, in parameter order where there is one.
    pub defaults: Rc<[Option<Value>]>,
    /// The class it was defined in.
    pub class: Option<ObjId>,
}

/// A class of the artifact.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: Rc<str>,
    /// The values of its bases.
    pub bases: Vec<Value>,
    /// Its namespace.
    pub scope: ScopeId,
    /// Its metaclass, if that is of the artifact, too.
    pub metaclass: Option<ObjId>,
}

/// An instance of a class of the artifact.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its class.
    pub class: ObjId,
    /// Its attributes.
    pub attributes: FxHashMap<Sym, Value>,
}

/// A callable with its first arguments and some keywords given.
#[derive(Debug, Clone)]
pub struct Partial {
    /// What is called.
    pub callee: Value,
    /// The first arguments.
    pub positional: Vec<Value>,
    /// The keywords.
    pub keywords: Vec<(Sym, Value)>,
}

/// An object.
#[derive(Debug, Clone)]
pub enum Object {
    /// Elements of a list, tuple, set, choice or slice.
    List(Vec<Value>),
    /// Keys and values in insertion order; entries whose key is not constant have none.
    Dict {
        /// Constant key to index in `entries`.
        index: FxHashMap<Key, usize>,
        /// Key and value; a deleted entry is `None`.
        entries: Vec<Option<(Value, Value)>>,
    },
    /// A bytearray.
    Bytes(Vec<u8>),
    /// Elements and the position of the next.
    Iter(Vec<Value>, usize),
    /// The elements an endless iterator goes round, and the position of the next.
    Cycle(Vec<Value>, usize),
    /// The next integer of an endless iterator, and its step.
    Count(i64, i64),
    /// A scope: names to values, and the enclosing scope.
    Scope {
        /// The names.
        names: FxHashMap<Sym, Value>,
        /// The enclosing scope; a module's has none.
        parent: Option<ScopeId>,
        /// Whether something that outlives the block refers to it: a function, a class, a namespace.
        is_held: bool,
    },
    /// A module: its dotted name and its scope.
    Module(Rc<str>, ScopeId),
    /// A function.
    Function(Rc<Function>),
    /// A class.
    Class(Rc<Class>),
    /// An instance.
    Instance(Instance),
    /// A bound method.
    Method(Value, ObjId),
    /// A method of a constant or container: receiver and name.
    Builtin(Value, Sym),
    /// A callable with some of its arguments given: `functools.partial`.
    Partial(Box<Partial>),
    /// `operator.methodcaller(name, …)`: the name as callee, and the arguments.
    MethodCaller(Box<Partial>),
    /// `operator.attrgetter(name)`.
    AttributeGetter(Rc<str>),
    /// A code object: the value it was made from.
    CodeObject(Value),
    /// A place that is free to be used again.
    Free,
}

/// The places of the heap, in blocks of one size: a growing heap never moves what it holds, and takes no more room
/// than it needs.
#[derive(Debug, Default)]
struct Places {
    blocks: Vec<Vec<Object>>,
    len: usize,
}

impl Places {
    /// Places of a block.  The first one grows to this size as any other vector does.
    const BLOCK: usize = 1024;

    fn get(&self, at: usize) -> Option<&Object> {
        self.blocks.get(at / Self::BLOCK)?.get(at % Self::BLOCK)
    }

    fn get_mut(&mut self, at: usize) -> Option<&mut Object> {
        self.blocks.get_mut(at / Self::BLOCK)?.get_mut(at % Self::BLOCK)
    }

    fn push(&mut self, object: Object) {
        let is_first = self.blocks.is_empty();
        match self.blocks.last_mut().filter(|block| block.len() < Self::BLOCK) {
            Some(block) => block.push(object),
            None => {
                let mut block = Vec::with_capacity(if is_first { 64 } else { Self::BLOCK });
                block.push(object);
                self.blocks.push(block);
            }
        }
        self.len += 1;
    }
}

/// Where the budgets of a heap end: for the whole of it, or for a share of what is left.
#[derive(Debug, Clone, Copy)]
pub struct HeapEnds {
    spent: Share,
    worked: Share,
    objects: Share,
}

impl Default for HeapEnds {
    fn default() -> Self {
        let all = |end| Share::new(end, end);
        Self {
            spent: all(Heap::MAX_BYTES),
            worked: all(Heap::MAX_WORK),
            objects: all(Heap::MAX_OBJECTS as u64),
        }
    }
}

/// The heap.
#[derive(Debug, Default)]
pub struct Heap {
    ends: HeapEnds,
    objects: Places,
    free: Vec<ObjId>,
    /// Bytes of text and elements made so far, counted against [`Heap::MAX_BYTES`].
    spent: u64,
    /// Bytes looked at or moved so far, counted against [`Heap::MAX_WORK`]; a collection does not give it back.
    worked: u64,
    /// What was in use after the last collection; the next is worth its time when as much again was made.
    settled: u64,
    /// Elements taken from iterators one by one, in a count that only grows.
    pub drawn: u64,
    transients: Transients,
}

impl Heap {
    /// Most bytes that folding may make between two collections.
    pub const MAX_BYTES: u64 = 80 << 20;
    /// Most bytes that folding may look at or move in one analysis: some seconds of work.
    pub const MAX_WORK: u64 = 6 << 30;
    /// Most objects at one time.
    pub const MAX_OBJECTS: usize = 500_000;
    /// Most entries of one dictionary whose keys are not known.
    const MAX_UNKNOWN_KEYS: usize = 1024;
    /// What an object is taken to cost, the tables of a scope included.
    const OBJECT_BYTES: u64 = 224;

    /// Takes bytes off the budget; false when it is spent, and then nothing may be made.
    #[must_use]
    pub fn spend(&mut self, bytes: usize) -> bool {
        self.spent = self.spent.saturating_add(bytes as u64);
        self.spent <= self.ends.spent.end && (self.objects.len as u64) < self.ends.objects.end
    }

    /// Takes the bytes of a text off the budget that is probably dropped soon: at once only the work, the rest if
    /// the text is still in use later.  False when a budget is spent.
    #[must_use]
    pub fn spend_transient(&mut self, value: &Value, bytes: usize) -> bool {
        let kept = self.transients.note(value);
        self.work(bytes) && self.spend(kept)
    }

    /// Counts work that makes nothing; false when there was too much of it.
    #[must_use]
    pub fn work(&mut self, bytes: usize) -> bool {
        self.worked = self.worked.saturating_add(bytes as u64);
        self.worked <= self.ends.worked.end
    }

    /// Whether the budget is spent.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        let HeapEnds { spent, worked, objects } = self.ends;
        self.spent > spent.end || self.worked > worked.end || self.objects.len as u64 >= objects.end
    }

    /// Where the budgets end now.
    #[must_use]
    pub const fn ends(&self) -> HeapEnds {
        self.ends
    }

    /// Sets where the budgets end.
    pub const fn set_ends(&mut self, ends: HeapEnds) {
        self.ends = ends;
    }

    /// Narrows the budgets to the share of a user inside of so many others.
    pub const fn take_share(&mut self, level: u64) {
        let HeapEnds { spent, worked, objects } = self.ends;
        self.ends = HeapEnds {
            spent: spent.at_level(self.spent, level),
            worked: worked.at_level(self.worked, level),
            objects: objects.at_level(self.objects.len as u64, level),
        };
    }

    /// Stores an object.
    pub fn insert(&mut self, object: Object) -> ObjId {
        self.spent = self.spent.saturating_add(Self::OBJECT_BYTES);
        if let Some(id) = self.free.pop()
            && let Some(place) = self.objects.get_mut(id.0 as usize)
        {
            *place = object;
            return id;
        }
        let id = ObjId(self.objects.len as u32);
        self.objects.push(object);
        id
    }

    /// Number of places, free ones included.
    pub(super) const fn len(&self) -> usize {
        self.objects.len
    }

    /// Objects made since the last collection, as far as they took new places or freed ones.
    #[must_use]
    pub const fn is_worth_collecting(&self) -> bool {
        self.spent > self.settled.saturating_add(Self::MAX_BYTES / 4)
    }

    /// Frees a place and gives its share of the budget back.
    pub(super) fn free(&mut self, id: ObjId) {
        let Some(place) = self.objects.get_mut(id.0 as usize) else { return };
        if !matches!(place, Object::Free) {
            *place = Object::Free;
            self.free.push(id);
        }
    }

    /// Starts the budget anew with what is still in use.
    pub(super) fn settle(&mut self) {
        let live = self.objects.len.saturating_sub(self.free.len()) as u64;
        self.spent = live.saturating_mul(Self::OBJECT_BYTES);
        self.settled = self.spent;
    }

    /// An object.
    #[must_use]
    pub fn get(&self, id: ObjId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }

    /// An object to change.
    pub fn get_mut(&mut self, id: ObjId) -> Option<&mut Object> {
        self.objects.get_mut(id.0 as usize)
    }

    /// The elements of a list, tuple, set, choice or slice.
    #[must_use]
    pub fn elements(&self, id: ObjId) -> &[Value] {
        match self.get(id) {
            Some(Object::List(items)) => items,
            _ => &[],
        }
    }

    /// The elements to change.
    pub fn elements_mut(&mut self, id: ObjId) -> Option<&mut Vec<Value>> {
        match self.get_mut(id) {
            Some(Object::List(items)) => Some(items),
            _ => None,
        }
    }

    /// A new list.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        self.spent = self.spent.saturating_add(items.len() as u64 * 32);
        Value::new(Kind::List(self.insert(Object::List(items))))
    }

    /// A new tuple.
    pub fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.spent = self.spent.saturating_add(items.len() as u64 * 32);
        Value::new(Kind::Tuple(self.insert(Object::List(items))))
    }

    /// A new set.  Of members with a constant key it holds each once, as Python does, so that what works on a set need not
    /// look for repetitions each time.
    pub fn set(&mut self, mut items: Vec<Value>) -> Value {
        if items.len() > 1 {
            let mut seen = FxHashSet::default();
            items.retain(|item| self.key_of(item).is_none_or(|key| seen.insert(key)));
        }
        self.spent = self.spent.saturating_add(items.len() as u64 * 32);
        Value::new(Kind::Set(self.insert(Object::List(items))))
    }

    /// A new dictionary.
    pub fn dict(&mut self, items: Vec<(Value, Value)>) -> Value {
        let id = self.insert(Object::Dict { index: FxHashMap::default(), entries: Vec::new() });
        for (key, value) in items {
            self.dict_set(id, key, value);
        }
        Value::new(Kind::Dict(id))
    }

    /// The constant key of a value, if it has one.
    #[must_use]
    pub fn key_of(&self, value: &Value) -> Option<Key> {
        self.key_at(value, 0)
    }

    fn key_at(&self, value: &Value, depth: u8) -> Option<Key> {
        Some(match &value.kind {
            Kind::None => Key::None,
            Kind::Bool(b) => Key::Int(i64::from(*b)),
            Kind::Int(i) => Key::Int(*i),
            Kind::Big(b) => Key::Big(Rc::clone(b)),
            // Python takes 2.0 and 2 for the same key.
            Kind::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Key::Int(*f as i64),
            Kind::Float(f) => Key::Float(f.to_bits()),
            Kind::Str(s) => Key::Str(s.shared()),
            Kind::Bytes(b) => Key::Bytes(Rc::clone(b)),
            Kind::Function(id) | Kind::Class(id) => Key::Object(*id),
            Kind::External { name, made_by: None } => Key::Name(*name),
            Kind::Tuple(id) if depth < 8 => {
                let items: Option<Vec<Key>> =
                    self.elements(*id).iter().map(|v| self.key_at(v, depth + 1)).collect();
                Key::Tuple(items?.into())
            }
            _ => return None,
        })
    }

    /// Sets a dictionary entry.  An unknown key is appended, as long as there are not too many of them: a loop that
    /// updates a dictionary with itself would double it each time.
    pub fn dict_set(&mut self, id: ObjId, key: Value, value: Value) {
        let constant = self.key_of(&key);
        self.spent = self.spent.saturating_add(96);
        let Some(Object::Dict { index, entries }) = self.get_mut(id) else { return };
        match constant {
            Some(constant) => match index.get(&constant).copied() {
                Some(at) => {
                    // An equal key that is there already stays, as `{1: a}` keeps its 1 when True is assigned.
                    if let Some(slot) = entries.get_mut(at) {
                        let key = slot.take().map_or(key, |(old, _)| old);
                        *slot = Some((key, value));
                    }
                }
                None => {
                    index.insert(constant, entries.len());
                    entries.push(Some((key, value)));
                }
            },
            None if entries.len() < index.len() + Self::MAX_UNKNOWN_KEYS => entries.push(Some((key, value))),
            None => {}
        }
    }

    /// A dictionary entry by constant key.
    #[must_use]
    pub fn dict_get(&self, id: ObjId, key: &Key) -> Option<&Value> {
        match self.get(id) {
            Some(Object::Dict { index, entries }) => {
                index.get(key).and_then(|at| entries.get(*at)).and_then(Option::as_ref).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// Removes a dictionary entry.
    pub fn dict_remove(&mut self, id: ObjId, key: &Key) -> Option<Value> {
        match self.get_mut(id) {
            Some(Object::Dict { index, entries }) => {
                let at = index.remove(key)?;
                entries.get_mut(at)?.take().map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// All entries of a dictionary.
    pub fn dict_entries(&self, id: ObjId) -> impl Iterator<Item = &(Value, Value)> {
        let entries: &[Option<(Value, Value)>] = match self.get(id) {
            Some(Object::Dict { entries, .. }) => entries,
            _ => &[],
        };
        entries.iter().flatten()
    }
}
