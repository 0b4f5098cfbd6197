//! Values on the stack of the machine.

/// Index of a node.
pub(super) type NodeId = u32;

/// One value.  Containers hold indices, so nothing nests and dropping never recurses.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    None,
    Bool(bool),
    /// A number in Python's spelling.
    Number(String),
    Text(String),
    Bytes(&'a [u8]),
    /// Bytes that were decoded out of a text.
    OwnBytes(Vec<u8>),
    Tuple(Vec<NodeId>),
    List(Vec<NodeId>),
    Set(Vec<NodeId>),
    Dict(Vec<NodeId>),
    /// An imported object: module and qualified name.
    Global(String, String),
    /// The result of a call, by its index in [`super::machine::Machine::calls`].
    Result(usize),
    /// An array of joblib, whose bytes follow.
    Wrapper,
    /// Instances of plain types, persistent objects, buffers.
    Unknown,
}

/// One call that unpickling makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// What is called.
    pub(super) callee: NodeId,
    /// An attribute of it, for `__setstate__`.
    pub(super) method: Option<&'static str>,
    /// Its arguments.
    pub(super) arguments: Vec<NodeId>,
}
