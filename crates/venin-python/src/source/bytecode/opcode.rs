//! Opcodes: the numbers of each version, and one set of operations for all of them.
//!
//! What differs between versions only in speed (`LOAD_FAST_BORROW`) is one operation here.

use std::sync::OnceLock;

use super::super::ir::{BinaryOp, UnaryOp};
use super::super::marshal::Version;
use super::opcode_names::op_of;

/// The table of numbers.
const TABLE: &str = include_str!("opcodes.txt");

/// The versions whose instructions are understood, in the order of the table.
const VERSIONS: [(Version, &str); 10] = [
    (Version::new(2, 7), "2.7"),
    (Version::new(3, 6), "3.6"),
    (Version::new(3, 7), "3.7"),
    (Version::new(3, 8), "3.8"),
    (Version::new(3, 9), "3.9"),
    (Version::new(3, 10), "3.10"),
    (Version::new(3, 11), "3.11"),
    (Version::new(3, 12), "3.12"),
    (Version::new(3, 13), "3.13"),
    (Version::new(3, 14), "3.14"),
];

/// Which kind of variable an instruction names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// By `co_names`, in the scope of the code.
    Name,
    /// By `co_names`, in the module.
    Global,
    /// By `co_varnames`.
    Fast,
    /// By the cells and free variables.
    Deref,
}

/// When a conditional jump jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    True,
    False,
    IsNone,
    IsNotNone,
    /// If false, and then the value stays on the stack.
    FalseKeeping,
    /// If true, and then the value stays on the stack.
    TrueKeeping,
    /// If the exception does not match the type.
    NotMatching,
}

/// How a call takes its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    /// 2.7: positional and keyword counts in the argument; with `*` and `**` below.
    Old { star: u8, double_star: u8 },
    /// 3.6 to 3.10: positional only.
    Plain,
    /// 3.6 to 3.10: a tuple of keyword names on top.
    Keywords,
    /// 3.6 and later: a sequence and perhaps a mapping.
    Spread,
    /// 3.7 to 3.10: a method and its arguments.
    Method,
    /// 3.11 and later: two slots below the arguments.
    Modern,
    /// 3.13 and later: the same with a tuple of keyword names on top.
    ModernKeywords,
}

/// What is built of values on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    Tuple,
    List,
    Set,
    Map,
    ConstKeyMap,
    String,
    Slice,
    /// Displays with `*` or `**` (3.6 to 3.8).
    TupleUnpack,
    ListUnpack,
    SetUnpack,
    MapUnpack,
    MapUnpackWithCall,
}

/// What is added to a container further down the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addition {
    ListAppend,
    SetAdd,
    MapAdd,
    ListExtend,
    SetUpdate,
    DictUpdate,
    /// `STORE_MAP` of 2.7.
    StoreMap,
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Nop,
    Precall,
    ToBool,
    Cache,
    ExtendedArg,
    Unknown,
    Pop,
    PopIter,
    PushNull,
    /// Rotates so many values: the top goes down.
    Rotate(u8),
    RotateN,
    Duplicate(u8),
    DuplicateX,
    Copy,
    Swap,
    Unary(UnaryOp),
    Convert,
    Binary(BinaryOp),
    Inplace(BinaryOp),
    BinaryNumbered,
    Subscript,
    StoreSubscript,
    DeleteSubscript,
    BinarySlice,
    StoreSlice,
    OldSlice(u8),
    OldStoreSlice(u8),
    OldDeleteSlice(u8),
    Compare,
    Is,
    Contains,
    Load(Place),
    LoadTwo,
    Store(Place),
    StoreLoad,
    StoreTwo,
    Delete(Place),
    LoadClear,
    LoadFromDict(Place),
    LoadClosure,
    LoadConst,
    LoadSmallInt,
    LoadCommon,
    LoadAssertion,
    LoadBuildClass,
    LoadLocals,
    LoadAttribute,
    LoadMethod,
    LoadSuper,
    LoadSpecial,
    StoreAttribute,
    DeleteAttribute,
    Build(Display),
    Add(Addition),
    ListToTuple,
    FormatValue,
    FormatSimple,
    FormatWithSpec,
    ConvertValue,
    BuildTemplate,
    BuildInterpolation,
    Call(Convention),
    KeywordNames,
    Intrinsic1,
    Intrinsic2,
    MakeFunction,
    MakeClosure,
    SetFunctionAttribute,
    BuildClass,
    ImportName,
    ImportFrom,
    ImportStar,
    Unpack,
    UnpackEx,
    GetIter,
    GetYieldFrom,
    GetAwaitable,
    GetAiter,
    GetAnext,
    EndAsyncFor,
    Yield,
    YieldFrom,
    Send,
    EndSend,
    ReturnGenerator,
    Return,
    ReturnConst,
    Raise,
    Reraise,
    JumpForward,
    JumpAbsolute,
    JumpBackward,
    /// Without a look at signals.
    JumpBackwardQuietly,
    Branch(When),
    BranchBackward(When),
    ForIter,
    EndFor,
    SetupLoop,
    SetupExcept,
    SetupFinally,
    SetupWith,
    BreakLoop,
    ContinueLoop,
    PopBlock,
    PopExcept,
    EndFinally,
    BeginFinally,
    PopFinally,
    WithCleanup,
    WithCleanupFinish,
    BeforeWith,
    WithExceptStart,
    PushExceptionInfo,
    CheckExceptionMatch,
    CheckGroupMatch,
    PrintExpression,
    PrintItem,
    PrintItemTo,
    PrintNewline,
    PrintNewlineTo,
    Exec,
    GetLen,
    MatchKind,
    MatchKeys,
    MatchClass,
    CopyDictWithoutKeys,
    CleanupThrow,
    StoreAnnotation,
}

/// The operations of one version by number.
pub(super) type Opcodes = [Op; 256];

/// The operations of a version; `None` if its instructions are not understood.
pub(super) fn opcodes(version: Version) -> Option<&'static Opcodes> {
    static TABLES: OnceLock<Vec<Opcodes>> = OnceLock::new();
    let at = VERSIONS.iter().position(|(known, _)| *known == version)?;
    TABLES.get_or_init(|| (0..VERSIONS.len()).map(parse_table).collect()).get(at)
}

/// All versions whose instructions are understood.
pub(super) fn versions() -> impl DoubleEndedIterator<Item = Version> {
    VERSIONS.iter().map(|(version, _)| *version)
}

/// Reads the column of one version.
fn parse_table(version: usize) -> Opcodes {
    let mut table = [Op::Unknown; 256];
    let index_of = |label: &str| VERSIONS.iter().position(|(_, known)| *known == label);
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        for range in words {
            let Some((number, labels)) = range.split_once('@') else { continue };
            let (first, last) = labels.split_once('-').unwrap_or((labels, labels));
            let (Some(first), Some(last)) = (index_of(first), index_of(last)) else { continue };
            if (first..=last).contains(&version)
                && let Some(slot) = number.parse::<usize>().ok().and_then(|n| table.get_mut(n))
            {
                *slot = op_of(name);
            }
        }
    }
    table
}

/// Cache entries that follow an instruction; the interpreter skips them and so does the decoder.
///
/// Source: `_inline_cache_entries` of `Lib/opcode.py` (3.11, 3.12) and `Lib/_opcode_metadata.py`.
pub(super) fn cache_entries(version: Version, op: Op) -> usize {
    let minor = if version.major == 3 { version.minor } else { 0 };
    match (op, minor) {
        (_, 0..=10) => 0,
        (Op::Load(Place::Global), 11) => 5,
        (Op::Load(Place::Global), _) => 4,
        (Op::BinaryNumbered, 14..) => 5,
        (Op::BinaryNumbered | Op::StoreSubscript | Op::Unpack, _) => 1,
        (Op::Subscript, 11) => 4,
        (Op::Subscript, _) => 1,
        (Op::Compare, 11) => 2,
        (Op::Compare, _) => 1,
        (Op::StoreAttribute, _) => 4,
        (Op::LoadAttribute, 11) => 4,
        (Op::LoadAttribute, _) => 9,
        (Op::LoadMethod, _) => 10,
        (Op::Call(Convention::Modern), 11) => 4,
        (Op::Call(Convention::Modern), _) => 3,
        (Op::Call(Convention::ModernKeywords), 14..) => 3,
        (Op::ForIter | Op::Send | Op::LoadSuper, 12..) => 1,
        (Op::Contains | Op::Branch(_) | Op::JumpBackward, 13..) => 1,
        (Op::ToBool, _) => 3,
        (Op::Precall, _) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_is_an_operation() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split_whitespace().next().unwrap();
            assert_ne!(op_of(name), Op::Unknown, "{name}");
        }
    }

    #[test]
    fn every_range_of_the_table_names_known_versions() {
        for word in TABLE.lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split_whitespace().skip(1)) {
            let (number, labels) = word.split_once('@').unwrap();
            assert!(number.parse::<u8>().is_ok());
            assert!(
                labels.split('-').all(|label| VERSIONS.iter().any(|(_, known)| *known == label)),
                "{word}"
            );
        }
    }

    #[test]
    fn a_version_before_those_known_has_no_table() {
        assert!(opcodes(Version::new(3, 3)).is_none());
        assert!(versions().all(|version| opcodes(version).is_some()));
    }
}
