//! The lowered form of one source text: flat arenas of expressions and statements.
//!
//! The parser's tree is not kept: a nested tree overflows the stack when it is walked or dropped.  Nodes
//! here live in vectors and refer to each other by index, so dropping is flat and walking can count its
//! depth.  Bytecode lowers to the same form.

use std::rc::Rc;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::value::Sym;

/// A word among the symbols of every artifact in which a generator delegates to another; no identifier is spelt so.
pub const DELEGATION: &str = "yield from";

/// Index of an expression in [`Code::exprs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExprId(pub u32);

/// Index of a statement in [`Code::stmts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StmtId(pub u32);

/// Index of a function or lambda in [`Code::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FunctionIdx(pub u32);

/// Index of a class in [`Code::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClassIdx(pub u32);

/// Byte offsets into [`Code::text`], half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A sequence of statements.
pub type Block = Box<[StmtId]>;

/// One source text, lowered.
///
/// It is held as long as anything may call into it, so the arenas are slices, which have no room to spare.
#[derive(Debug, Default)]
pub struct Code {
    /// The decoded text the spans refer to.
    pub text: Rc<str>,
    /// Byte offset of each line's start; the first is 0.
    pub lines: Box<[u32]>,
    /// For a text that was rendered from bytecode, the line in the source of each of its lines; 0 if unknown.
    pub origin_lines: Box<[u32]>,
    /// All expressions with their spans.
    pub exprs: Box<[(Expr, Span)]>,
    /// All statements with their spans.
    pub stmts: Box<[(Stmt, Span)]>,
    /// All functions and lambdas.
    pub functions: Box<[FunctionDef]>,
    /// All classes.
    pub classes: Box<[ClassDef]>,
    /// The module body.
    pub body: Block,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// By position.
    Positional,
    /// `*value`.
    Star,
    /// `**value`.
    DoubleStar,
    /// `name=value`.
    Keyword(Sym),
}

/// An argument of a call or a base of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arg {
    /// How it is passed.
    pub passing: Passing,
    /// Its value.
    pub value: ExprId,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Python's own")]
pub enum BinaryOp {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Python's own")]
pub enum UnaryOp {
    Invert,
    Not,
    Plus,
    Minus,
}

/// `and` / `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Python's own")]
pub enum BoolOp {
    And,
    Or,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Python's own")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// Kinds of comprehension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Python's own")]
pub enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

/// `for target in iter if …` of a comprehension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Assignment target.
    pub target: ExprId,
    /// What is iterated.
    pub iter: ExprId,
    /// Filters.
    pub ifs: Box<[ExprId]>,
}

/// A piece of an f-string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands (escapes resolved).
    Literal(Rc<str>),
    /// `{value!conversion:spec}`.
    Value {
        /// The value.
        value: ExprId,
        /// `s`, `r` or `a`.
        conversion: Option<char>,
        /// The format specification, itself an f-string expression.
        spec: Option<ExprId>,
    },
}

/// `lower:upper:step` in a subscript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Where it starts.
    pub lower: Option<ExprId>,
    /// Where it ends.
    pub upper: Option<ExprId>,
    /// How far apart its items are.
    pub step: Option<ExprId>,
}

/// A comprehension or generator expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// The element, or the key of a dictionary comprehension.
    pub element: ExprId,
    /// The value of a dictionary comprehension.
    pub value: Option<ExprId>,
    /// Its `for` clauses, outermost first.
    pub clauses: Box<[Clause]>,
}

/// An expression.  What is rare and large is boxed, see [`BYTES_OF_A_NODE`].
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of Python's own abstract grammar")]
pub enum Expr {
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    BigInt(Box<BigInt>),
    Float(f64),
    /// A complex number, of which nothing is kept.
    Complex,
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Name(Sym),
    Attribute {
        value: ExprId,
        name: Sym,
    },
    Subscript {
        value: ExprId,
        index: ExprId,
    },
    Slice(Box<Slice>),
    Call {
        callee: ExprId,
        args: Box<[Arg]>,
    },
    Binary {
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    },
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    BoolOp {
        op: BoolOp,
        values: Box<[ExprId]>,
    },
    Compare {
        left: ExprId,
        rest: Box<[(CompareOp, ExprId)]>,
    },
    IfElse {
        test: ExprId,
        body: ExprId,
        orelse: ExprId,
    },
    Lambda(FunctionIdx),
    Tuple(Box<[ExprId]>),
    List(Box<[ExprId]>),
    Set(Box<[ExprId]>),
    /// `None` as key is `**value`.
    Dict(Box<[(Option<ExprId>, ExprId)]>),
    Comprehension(Box<Comprehension>),
    /// An f-string, or an implicit concatenation with one.
    Joined(Box<[Piece]>),
    Starred(ExprId),
    Yield(Option<ExprId>),
    YieldFrom(ExprId),
    Await(ExprId),
    Walrus {
        target: Sym,
        value: ExprId,
    },
    /// What could not be parsed; it evaluates to nothing known.
    Invalid,
}

/// Kinds of parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// Positional (also positional-only).
    Positional,
    /// `*args`.
    Star,
    /// Keyword-only.
    Keyword,
    /// `**kwargs`.
    DoubleStar,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Sym,
    /// Its kind.
    pub kind: ParamKind,
    /// Its default.
    pub default: Option<ExprId>,
    /// The name that its annotation is, or is an option of.
    pub annotation: Option<Sym>,
}

/// A function, method or lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionDef {
    /// Its name; `<lambda>` for a lambda.
    pub name: Sym,
    /// `Class.method` or `outer.inner`; events of its body carry it.
    pub qualified: Arc<str>,
    /// Its parameters in order.
    pub params: Box<[Param]>,
    /// Its body; a lambda's is one `return`.
    pub body: Block,
    /// Decorators, outermost first.
    pub decorators: Box<[ExprId]>,
    /// Names declared `global` in its body.
    pub globals: Rc<[Sym]>,
    /// Names declared `nonlocal` in its body.
    pub nonlocals: Rc<[Sym]>,
    /// The parameters, and `return`, that are annotated with a text which holds a call.
    pub hints: Box<[(Sym, Rc<str>)]>,
    /// Whether the body yields.
    pub is_generator: bool,
    /// Whether it is `async`.
    pub is_async: bool,
    /// Where it stands.
    pub span: Span,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassDef {
    /// Its name.
    pub name: Sym,
    /// Bases and keywords such as `metaclass=`.
    pub bases: Box<[Arg]>,
    /// Names that its body annotates or describes by a call of `field` or `ib`, in order: what would be the fields of a record.
    pub fields: Box<[Sym]>,
    /// The names that its body annotates with a text which holds a call.
    pub hints: Box<[(Sym, Rc<str>)]>,
    /// Names that its body declares global.
    pub globals: Rc<[Sym]>,
    /// Names that its body declares nonlocal.
    pub nonlocals: Rc<[Sym]>,
    /// Its body.
    pub body: Block,
    /// Decorators, outermost first.
    pub decorators: Box<[ExprId]>,
    /// Where it stands.
    pub span: Span,
}

/// `except types as name:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// The exception types.
    pub types: Option<ExprId>,
    /// The bound name.
    pub name: Option<Sym>,
    /// The body.
    pub body: Block,
}

/// One `case` of a `match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The parts of the subject that the pattern takes: the subject itself first, each behind the one that it is a part of.
    pub parts: Box<[Part]>,
    /// What must hold of them.
    pub tests: Box<[PatternTest]>,
    /// Names the pattern binds, each with its part; one may stand in several alternatives.
    pub captures: Box<[(Sym, PartIdx)]>,
    /// The guard.
    pub guard: Option<ExprId>,
    /// The body.
    pub body: Block,
}

/// Index of a part in [`Case::parts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartIdx(pub u32);

/// A part of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is a part of.
    pub of: PartIdx,
    /// How it is reached from there.
    pub step: PartStep,
}

/// How a part is reached from what it is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartStep {
    /// The subject itself.
    Whole,
    /// The element of a sequence at a position.
    Element(u32),
    /// The same, counted from the end, the last being 1.
    FromEnd(u32),
    /// All elements but so many at the beginning and at the end: `*rest`.
    Middle(u32, u32),
    /// The value of a key.
    Item(ExprId),
    /// All entries but those of some keys: `**rest`.
    Without(Box<[ExprId]>),
    /// An attribute: a keyword of a class pattern.
    Attribute(Sym),
    /// What a class has at a position of its patterns.
    Positional(ExprId, u32),
}

/// What must hold of a part for a pattern to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternTest {
    /// It equals one of these values.
    IsOne(PartIdx, Box<[ExprId]>),
    /// It is a sequence of so many elements.
    Has(PartIdx, u32),
    /// It is a sequence of at least so many elements.
    HasAtLeast(PartIdx, u32),
    /// It is a mapping with these keys.
    HasKeys(PartIdx, Box<[ExprId]>),
    /// It is an object of a class.
    IsOf(PartIdx, ExprId),
    /// What is not told here: one of several patterns.
    Open,
}

/// `import a.b as c` or one name of a `from` import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The dotted name; `*` for a star import.
    pub name: Rc<str>,
    /// The name it is bound to, if stated.
    pub bound: Option<Sym>,
}

/// `while test: … else: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct While {
    /// What is tested before every round.
    pub test: ExprId,
    /// The body.
    pub body: Block,
    /// What runs when the test has failed.
    pub orelse: Block,
}

/// `for target in iter: … else: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct For {
    /// Assignment target.
    pub target: ExprId,
    /// What is iterated.
    pub iter: ExprId,
    /// The body.
    pub body: Block,
    /// What runs when there are no more items.
    pub orelse: Block,
}

/// `try: … except …: … else: … finally: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// The protected code.
    pub body: Block,
    /// The `except` clauses in order.
    pub handlers: Box<[Handler]>,
    /// What runs when nothing was raised.
    pub orelse: Block,
    /// What runs in any case.
    pub finally: Block,
}

/// `with context as target, …: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct With {
    /// The context managers and the targets of what they give.
    pub items: Box<[(ExprId, Option<ExprId>)]>,
    /// The body.
    pub body: Block,
}

/// `from module import names`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFrom {
    /// Dotted module without the leading dots.
    pub module: Rc<str>,
    /// Number of leading dots.
    pub level: u32,
    /// What is imported of it.
    pub names: Box<[Alias]>,
}

/// A statement.  What is rare and large is boxed, see [`BYTES_OF_A_NODE`].
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of Python's own abstract grammar")]
pub enum Stmt {
    Expr(ExprId),
    Assign {
        targets: Box<[ExprId]>,
        value: ExprId,
    },
    AugAssign {
        target: ExprId,
        op: BinaryOp,
        value: ExprId,
    },
    /// `if`/`elif`/`else`, flat: `None` as test is `else`.
    If(Box<[(Option<ExprId>, Block)]>),
    While(Box<While>),
    For(Box<For>),
    Try(Box<Try>),
    With(Box<With>),
    Function(FunctionIdx),
    Class(ClassIdx),
    Return(Option<ExprId>),
    Raise(Option<ExprId>),
    Import(Box<[Alias]>),
    ImportFrom(Box<ImportFrom>),
    Delete(Box<[ExprId]>),
    Assert {
        test: ExprId,
        message: Option<ExprId>,
    },
    Match {
        subject: ExprId,
        cases: Box<[Case]>,
    },
    Break,
    Continue,
    Pass,
}

/// The most that an expression or a statement takes in its arena, without its span.
///
/// The arenas are most of what is held of a module, and every entry has the size of the largest variant.  An index and
/// a boxed slice, which calls and assignments need, fit; whatever takes more goes in a box of its own.
pub const BYTES_OF_A_NODE: usize = 24;

const _: () = assert!(size_of::<Expr>() <= BYTES_OF_A_NODE && size_of::<Stmt>() <= BYTES_OF_A_NODE);

impl Code {
    /// An expression with its span; an index out of range is [`Expr::Invalid`].
    #[must_use]
    pub fn expr(&self, id: ExprId) -> &Expr {
        const INVALID: &Expr = &Expr::Invalid;
        self.exprs.get(id.0 as usize).map_or(INVALID, |(e, _)| e)
    }

    /// The span of an expression.
    #[must_use]
    pub fn span(&self, id: ExprId) -> Span {
        self.exprs.get(id.0 as usize).map_or_else(Span::default, |(_, s)| *s)
    }

    /// The text that a body begins with: its documentation.
    #[must_use]
    pub fn documentation(&self, body: &Block) -> Option<&Rc<str>> {
        let (Stmt::Expr(first), _) = self.stmts.get(body.first()?.0 as usize)? else { return None };
        match self.expr(*first) {
            Expr::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0) as usize;
        let offset = (offset as usize).min(self.text.len());
        // A line of megabytes is one of the ways to hide code; counting its characters for every event is not free.
        let column = match self.text.get(start..offset) {
            Some(before) if before.len() < 100_000 => before.chars().count() + 1,
            _ => offset - start + 1,
        };
        (line as u32, column as u32)
    }

    /// The byte offset at which a line (from 1) begins.
    #[must_use]
    pub fn line_start(&self, line: u32) -> u32 {
        self.lines.get(line.max(1) as usize - 1).copied().unwrap_or(0)
    }

    /// The line in the source that a line of the text stands for: itself, unless the text was rendered from
    /// bytecode that knows better.
    #[must_use]
    pub fn source_line(&self, line: u32) -> u32 {
        let origin = self.origin_lines.get(line.max(1) as usize - 1).copied();
        origin.filter(|origin| *origin > 0).unwrap_or(line)
    }

    /// The text of a line (from 1) without its line end.
    #[must_use]
    pub fn line_text(&self, line: u32) -> &str {
        let index = line.max(1) as usize - 1;
        let start = self.lines.get(index).copied().unwrap_or(0) as usize;
        let end = self.lines.get(index + 1).map_or(self.text.len(), |e| *e as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\r', '\n'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_with_its_span_takes_thirty_two_bytes() {
        assert_eq!(size_of::<(Expr, Span)>(), 32);
        assert_eq!(size_of::<(Stmt, Span)>(), 32);
    }
}
