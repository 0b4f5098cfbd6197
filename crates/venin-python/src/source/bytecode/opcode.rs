//! Opcodes: the numbers of each version, and one set of operations for all of them.
//!
//! What differs between versions only in speed (`LOAD_FAST_BORROW`) is one operation here.

use std::sync::OnceLock;

use super::super::ir::{BinaryOp, UnaryOp};
use super::super::marshal::Version;

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

/// The operation that a name of `Lib/opcode.py` stands for.
fn op_of(name: &str) -> Op {
    stack_op(name).or_else(|| data_op(name)).or_else(|| flow_op(name)).unwrap_or(Op::Unknown)
}

fn stack_op(name: &str) -> Option<Op> {
    if let Some(op) = name.strip_prefix("BINARY_").and_then(arithmetic) {
        return Some(Op::Binary(op));
    }
    if let Some(op) = name.strip_prefix("INPLACE_").and_then(arithmetic) {
        return Some(Op::Inplace(op));
    }
    Some(match name {
        "NOP" | "STOP_CODE" | "RESUME" | "MAKE_CELL" | "COPY_FREE_VARS" | "SETUP_ANNOTATIONS"
        | "NOT_TAKEN" | "ASYNC_GEN_WRAP" | "CALL_FINALLY" => Op::Nop,
        "POP_FINALLY" => Op::PopFinally,
        "PRECALL" => Op::Precall,
        "TO_BOOL" => Op::ToBool,
        "CACHE" => Op::Cache,
        "EXTENDED_ARG" => Op::ExtendedArg,
        "POP_TOP" => Op::Pop,
        "POP_ITER" | "GEN_START" => Op::PopIter,
        "PUSH_NULL" => Op::PushNull,
        "ROT_TWO" => Op::Rotate(2),
        "ROT_THREE" => Op::Rotate(3),
        "ROT_FOUR" => Op::Rotate(4),
        "ROT_N" => Op::RotateN,
        "DUP_TOP" => Op::Duplicate(1),
        "DUP_TOP_TWO" => Op::Duplicate(2),
        "DUP_TOPX" => Op::DuplicateX,
        "COPY" => Op::Copy,
        "SWAP" => Op::Swap,
        "UNARY_POSITIVE" => Op::Unary(UnaryOp::Plus),
        "UNARY_NEGATIVE" => Op::Unary(UnaryOp::Minus),
        "UNARY_NOT" => Op::Unary(UnaryOp::Not),
        "UNARY_INVERT" => Op::Unary(UnaryOp::Invert),
        "UNARY_CONVERT" => Op::Convert,
        "BINARY_OP" => Op::BinaryNumbered,
        "BINARY_SUBSCR" => Op::Subscript,
        "STORE_SUBSCR" => Op::StoreSubscript,
        "DELETE_SUBSCR" => Op::DeleteSubscript,
        "BINARY_SLICE" => Op::BinarySlice,
        "STORE_SLICE" => Op::StoreSlice,
        "SLICE+0" => Op::OldSlice(0),
        "SLICE+1" => Op::OldSlice(1),
        "SLICE+2" => Op::OldSlice(2),
        "SLICE+3" => Op::OldSlice(3),
        "STORE_SLICE+0" => Op::OldStoreSlice(0),
        "STORE_SLICE+1" => Op::OldStoreSlice(1),
        "STORE_SLICE+2" => Op::OldStoreSlice(2),
        "STORE_SLICE+3" => Op::OldStoreSlice(3),
        "DELETE_SLICE+0" => Op::OldDeleteSlice(0),
        "DELETE_SLICE+1" => Op::OldDeleteSlice(1),
        "DELETE_SLICE+2" => Op::OldDeleteSlice(2),
        "DELETE_SLICE+3" => Op::OldDeleteSlice(3),
        "COMPARE_OP" => Op::Compare,
        "IS_OP" => Op::Is,
        "CONTAINS_OP" => Op::Contains,
        _ => return None,
    })
}

fn arithmetic(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "ADD" => BinaryOp::Add,
        "SUBTRACT" => BinaryOp::Sub,
        "MULTIPLY" => BinaryOp::Mult,
        "MATRIX_MULTIPLY" => BinaryOp::MatMult,
        "DIVIDE" | "TRUE_DIVIDE" => BinaryOp::Div,
        "FLOOR_DIVIDE" => BinaryOp::FloorDiv,
        "MODULO" => BinaryOp::Mod,
        "POWER" => BinaryOp::Pow,
        "LSHIFT" => BinaryOp::LShift,
        "RSHIFT" => BinaryOp::RShift,
        "AND" => BinaryOp::BitAnd,
        "OR" => BinaryOp::BitOr,
        "XOR" => BinaryOp::BitXor,
        _ => return None,
    })
}

fn data_op(name: &str) -> Option<Op> {
    Some(match name {
        "LOAD_NAME" => Op::Load(Place::Name),
        "LOAD_GLOBAL" => Op::Load(Place::Global),
        "LOAD_FAST" | "LOAD_FAST_CHECK" | "LOAD_FAST_BORROW" => Op::Load(Place::Fast),
        "LOAD_DEREF" | "LOAD_CLASSDEREF" => Op::Load(Place::Deref),
        "LOAD_FAST_LOAD_FAST" | "LOAD_FAST_BORROW_LOAD_FAST_BORROW" => Op::LoadTwo,
        "STORE_NAME" => Op::Store(Place::Name),
        "STORE_GLOBAL" => Op::Store(Place::Global),
        "STORE_FAST" => Op::Store(Place::Fast),
        "STORE_DEREF" => Op::Store(Place::Deref),
        "STORE_FAST_LOAD_FAST" => Op::StoreLoad,
        "STORE_FAST_STORE_FAST" => Op::StoreTwo,
        "DELETE_NAME" => Op::Delete(Place::Name),
        "DELETE_GLOBAL" => Op::Delete(Place::Global),
        "DELETE_FAST" => Op::Delete(Place::Fast),
        "DELETE_DEREF" => Op::Delete(Place::Deref),
        "LOAD_FAST_AND_CLEAR" => Op::LoadClear,
        "LOAD_FROM_DICT_OR_GLOBALS" => Op::LoadFromDict(Place::Name),
        "LOAD_FROM_DICT_OR_DEREF" => Op::LoadFromDict(Place::Deref),
        "LOAD_CLOSURE" => Op::LoadClosure,
        "LOAD_CONST" => Op::LoadConst,
        "LOAD_SMALL_INT" => Op::LoadSmallInt,
        "LOAD_COMMON_CONSTANT" => Op::LoadCommon,
        "LOAD_ASSERTION_ERROR" => Op::LoadAssertion,
        "LOAD_BUILD_CLASS" => Op::LoadBuildClass,
        "LOAD_LOCALS" => Op::LoadLocals,
        "LOAD_ATTR" => Op::LoadAttribute,
        "LOAD_METHOD" => Op::LoadMethod,
        "LOAD_SUPER_ATTR" => Op::LoadSuper,
        "LOAD_SPECIAL" => Op::LoadSpecial,
        "STORE_ATTR" => Op::StoreAttribute,
        "DELETE_ATTR" => Op::DeleteAttribute,
        "STORE_ANNOTATION" => Op::StoreAnnotation,
        "BUILD_TUPLE" => Op::Build(Display::Tuple),
        "BUILD_LIST" => Op::Build(Display::List),
        "BUILD_SET" => Op::Build(Display::Set),
        "BUILD_MAP" => Op::Build(Display::Map),
        "BUILD_CONST_KEY_MAP" => Op::Build(Display::ConstKeyMap),
        "BUILD_STRING" => Op::Build(Display::String),
        "BUILD_SLICE" => Op::Build(Display::Slice),
        "BUILD_TUPLE_UNPACK" | "BUILD_TUPLE_UNPACK_WITH_CALL" => Op::Build(Display::TupleUnpack),
        "BUILD_LIST_UNPACK" => Op::Build(Display::ListUnpack),
        "BUILD_SET_UNPACK" => Op::Build(Display::SetUnpack),
        "BUILD_MAP_UNPACK" => Op::Build(Display::MapUnpack),
        "BUILD_MAP_UNPACK_WITH_CALL" => Op::Build(Display::MapUnpackWithCall),
        "LIST_APPEND" => Op::Add(Addition::ListAppend),
        "SET_ADD" => Op::Add(Addition::SetAdd),
        "MAP_ADD" => Op::Add(Addition::MapAdd),
        "LIST_EXTEND" => Op::Add(Addition::ListExtend),
        "SET_UPDATE" => Op::Add(Addition::SetUpdate),
        "DICT_UPDATE" | "DICT_MERGE" => Op::Add(Addition::DictUpdate),
        "STORE_MAP" => Op::Add(Addition::StoreMap),
        "LIST_TO_TUPLE" => Op::ListToTuple,
        "FORMAT_VALUE" => Op::FormatValue,
        "FORMAT_SIMPLE" => Op::FormatSimple,
        "FORMAT_WITH_SPEC" => Op::FormatWithSpec,
        "CONVERT_VALUE" => Op::ConvertValue,
        "BUILD_TEMPLATE" => Op::BuildTemplate,
        "BUILD_INTERPOLATION" => Op::BuildInterpolation,
        "MAKE_FUNCTION" => Op::MakeFunction,
        "MAKE_CLOSURE" => Op::MakeClosure,
        "SET_FUNCTION_ATTRIBUTE" => Op::SetFunctionAttribute,
        "BUILD_CLASS" => Op::BuildClass,
        "IMPORT_NAME" => Op::ImportName,
        "IMPORT_FROM" => Op::ImportFrom,
        "IMPORT_STAR" => Op::ImportStar,
        "UNPACK_SEQUENCE" => Op::Unpack,
        "UNPACK_EX" => Op::UnpackEx,
        "PRINT_EXPR" => Op::PrintExpression,
        "PRINT_ITEM" => Op::PrintItem,
        "PRINT_ITEM_TO" => Op::PrintItemTo,
        "PRINT_NEWLINE" => Op::PrintNewline,
        "PRINT_NEWLINE_TO" => Op::PrintNewlineTo,
        "EXEC_STMT" => Op::Exec,
        "GET_LEN" => Op::GetLen,
        "MATCH_MAPPING" | "MATCH_SEQUENCE" => Op::MatchKind,
        "MATCH_KEYS" => Op::MatchKeys,
        "MATCH_CLASS" => Op::MatchClass,
        "COPY_DICT_WITHOUT_KEYS" => Op::CopyDictWithoutKeys,
        _ => return call_op(name),
    })
}

fn call_op(name: &str) -> Option<Op> {
    Some(match name {
        "CALL_FUNCTION" => Op::Call(Convention::Plain),
        "CALL_FUNCTION_KW" => Op::Call(Convention::Keywords),
        "CALL_FUNCTION_VAR" => Op::Call(Convention::Old { star: 1, double_star: 0 }),
        "CALL_FUNCTION_VAR_KW" => Op::Call(Convention::Old { star: 1, double_star: 1 }),
        "CALL_FUNCTION_EX" => Op::Call(Convention::Spread),
        "CALL_METHOD" => Op::Call(Convention::Method),
        "CALL" => Op::Call(Convention::Modern),
        "CALL_KW" => Op::Call(Convention::ModernKeywords),
        "KW_NAMES" => Op::KeywordNames,
        "CALL_INTRINSIC_1" => Op::Intrinsic1,
        "CALL_INTRINSIC_2" | "PREP_RERAISE_STAR" => Op::Intrinsic2,
        _ => return None,
    })
}

fn flow_op(name: &str) -> Option<Op> {
    Some(match name {
        "GET_ITER" => Op::GetIter,
        "GET_YIELD_FROM_ITER" => Op::GetYieldFrom,
        "GET_AWAITABLE" => Op::GetAwaitable,
        "GET_AITER" => Op::GetAiter,
        "GET_ANEXT" => Op::GetAnext,
        "END_ASYNC_FOR" => Op::EndAsyncFor,
        "YIELD_VALUE" => Op::Yield,
        "YIELD_FROM" => Op::YieldFrom,
        "SEND" => Op::Send,
        "END_SEND" => Op::EndSend,
        "CLEANUP_THROW" => Op::CleanupThrow,
        "RETURN_GENERATOR" => Op::ReturnGenerator,
        "RETURN_VALUE" => Op::Return,
        "RETURN_CONST" => Op::ReturnConst,
        "RAISE_VARARGS" => Op::Raise,
        "RERAISE" => Op::Reraise,
        "JUMP_FORWARD" => Op::JumpForward,
        "JUMP_ABSOLUTE" => Op::JumpAbsolute,
        "JUMP_BACKWARD" => Op::JumpBackward,
        "JUMP_BACKWARD_NO_INTERRUPT" => Op::JumpBackwardQuietly,
        "JUMP_IF_FALSE_OR_POP" => Op::Branch(When::FalseKeeping),
        "JUMP_IF_TRUE_OR_POP" => Op::Branch(When::TrueKeeping),
        "JUMP_IF_NOT_EXC_MATCH" => Op::Branch(When::NotMatching),
        "POP_JUMP_IF_FALSE" | "POP_JUMP_FORWARD_IF_FALSE" => Op::Branch(When::False),
        "POP_JUMP_IF_TRUE" | "POP_JUMP_FORWARD_IF_TRUE" => Op::Branch(When::True),
        "POP_JUMP_IF_NONE" | "POP_JUMP_FORWARD_IF_NONE" => Op::Branch(When::IsNone),
        "POP_JUMP_IF_NOT_NONE" | "POP_JUMP_FORWARD_IF_NOT_NONE" => Op::Branch(When::IsNotNone),
        "POP_JUMP_BACKWARD_IF_FALSE" => Op::BranchBackward(When::False),
        "POP_JUMP_BACKWARD_IF_TRUE" => Op::BranchBackward(When::True),
        "POP_JUMP_BACKWARD_IF_NONE" => Op::BranchBackward(When::IsNone),
        "POP_JUMP_BACKWARD_IF_NOT_NONE" => Op::BranchBackward(When::IsNotNone),
        "FOR_ITER" => Op::ForIter,
        "END_FOR" => Op::EndFor,
        "SETUP_LOOP" => Op::SetupLoop,
        "SETUP_EXCEPT" => Op::SetupExcept,
        "SETUP_FINALLY" => Op::SetupFinally,
        "SETUP_WITH" | "SETUP_ASYNC_WITH" => Op::SetupWith,
        "BREAK_LOOP" => Op::BreakLoop,
        "CONTINUE_LOOP" => Op::ContinueLoop,
        "POP_BLOCK" => Op::PopBlock,
        "POP_EXCEPT" => Op::PopExcept,
        "END_FINALLY" => Op::EndFinally,
        "BEGIN_FINALLY" => Op::BeginFinally,
        "WITH_CLEANUP" | "WITH_CLEANUP_START" => Op::WithCleanup,
        "WITH_CLEANUP_FINISH" => Op::WithCleanupFinish,
        "BEFORE_WITH" | "BEFORE_ASYNC_WITH" => Op::BeforeWith,
        "WITH_EXCEPT_START" => Op::WithExceptStart,
        "PUSH_EXC_INFO" => Op::PushExceptionInfo,
        "CHECK_EXC_MATCH" => Op::CheckExceptionMatch,
        "CHECK_EG_MATCH" => Op::CheckGroupMatch,
        _ => return None,
    })
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
