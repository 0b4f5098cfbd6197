//! The stack machine over symbols.

use rustc_hash::FxHashMap;

use super::array::skip_array;
use super::node::{Call, Node, NodeId};
use super::opcode::{Cursor, parse_decimal, parse_escaped, parse_long, without_quotes};

/// Most opcodes run.
const MAX_STEPS: usize = 1_000_000;
/// Most calls written down.
const MAX_CALLS: usize = 200_000;
/// Most bytes of texts and of lists of arguments that are copied.
const MAX_COPIED: usize = 64 << 20;
/// Longest name of a module or an object.
const MAX_NAME: usize = 1024;

/// Why the machine stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// `STOP`.
    Stop,
    /// An unknown opcode, the end of the bytes, or a stack that is too short: an unpickler fails here.
    Broken,
    /// A budget ended.
    Budget,
}

/// The machine: a stack with marks, a memo, and what was called.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) nodes: Vec<Node<'a>>,
    stack: Vec<NodeId>,
    marks: Vec<usize>,
    memo: FxHashMap<usize, NodeId>,
    /// Imported objects in order.
    pub(super) globals: Vec<NodeId>,
    /// Calls in order.
    pub(super) calls: Vec<Call>,
    /// Whether something was left out.
    pub(super) is_cut: bool,
    /// Pickles that the one in course lies in.
    pub(super) nested: u32,
    steps: usize,
    copied: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(bytes),
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: FxHashMap::default(),
            globals: Vec::new(),
            calls: Vec::new(),
            is_cut: false,
            nested: 0,
            steps: 0,
            copied: 0,
        }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<'a> {
        self.nodes.get(id as usize).unwrap_or(&Node::Unknown)
    }

    /// Runs one stream.
    pub(super) fn run(&mut self) -> Ending {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        loop {
            if self.steps >= MAX_STEPS || self.calls.len() >= MAX_CALLS || self.copied >= MAX_COPIED {
                return Ending::Budget;
            }
            self.steps += 1;
            match self.cursor.byte() {
                Some(b'.') => return Ending::Stop,
                Some(opcode) if self.step(opcode).is_some() => {}
                _ => return Ending::Broken,
            }
        }
    }

    /// Runs a stream that lies between the opcodes of another.
    pub(super) fn run_inside(&mut self) -> Ending {
        let stack = std::mem::take(&mut self.stack);
        let marks = std::mem::take(&mut self.marks);
        let memo = std::mem::take(&mut self.memo);
        let ending = self.run();
        (self.stack, self.marks, self.memo) = (stack, marks, memo);
        ending
    }

    /// Runs one opcode; `None` where an unpickler fails.
    fn step(&mut self, opcode: u8) -> Option<()> {
        match opcode {
            b'N' | 0x88 | 0x89 | b'F' | b'G' | b'I' | b'J' | b'K' | b'L' | b'M' | 0x8a | 0x8b => {
                self.push_number(opcode)
            }
            b'S' | b'T' | b'U' | b'V' | b'X' | 0x8c | 0x8d => self.push_text(opcode),
            b'B' | b'C' | 0x8e | 0x96 => self.push_bytes(opcode),
            b'(' | b'0' | b'1' | b'2' => self.shape_stack(opcode),
            b'g' | b'h' | b'j' | b'p' | b'q' | b'r' | 0x94 => self.step_memo(opcode),
            b'c' | 0x93 | b'i' | b'o' | b'R' | b'b' | 0x81 | 0x92 => self.step_object(opcode),
            0x80 => self.cursor.take(1).map(drop),
            0x95 => self.cursor.take(8).map(drop),
            b'P' => self.cursor.line().map(|_| self.push(Node::Unknown)),
            b'Q' => self.pop().map(|_| self.push(Node::Unknown)),
            0x82 => self.cursor.take(1).map(|_| self.push(Node::Unknown)),
            0x83 => self.cursor.take(2).map(|_| self.push(Node::Unknown)),
            0x84 => self.cursor.take(4).map(|_| self.push(Node::Unknown)),
            0x97 => {
                self.push(Node::Unknown);
                Some(())
            }
            0x98 => Some(()),
            _ => self.step_container(opcode),
        }
    }

    fn push(&mut self, node: Node<'a>) {
        let id = self.new_node(node);
        self.stack.push(id);
    }

    fn new_node(&mut self, node: Node<'a>) -> NodeId {
        let id = self.nodes.len() as NodeId;
        self.nodes.push(node);
        id
    }

    /// Nothing below the last mark can be popped.
    fn pop(&mut self) -> Option<NodeId> {
        let floor = self.marks.last().copied().unwrap_or(0);
        (self.stack.len() > floor).then(|| self.stack.pop()).flatten()
    }

    fn pop_to_mark(&mut self) -> Option<Vec<NodeId>> {
        let mark = self.marks.pop()?;
        Some(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn pop_several(&mut self, count: usize) -> Option<Vec<NodeId>> {
        let mut popped: Vec<NodeId> = (0..count).map(|_| self.pop()).collect::<Option<_>>()?;
        popped.reverse();
        Some(popped)
    }

    fn top(&self) -> Option<NodeId> {
        self.stack.last().copied()
    }

    fn push_number(&mut self, opcode: u8) -> Option<()> {
        let cursor = &mut self.cursor;
        let number = |text: Option<String>| text.map_or(Node::Unknown, Node::Number);
        let node = match opcode {
            b'N' => Node::None,
            0x88 => Node::Bool(true),
            0x89 => Node::Bool(false),
            b'I' => match cursor.line()? {
                b"00" => Node::Bool(false),
                b"01" => Node::Bool(true),
                line => Node::Number(parse_decimal(line)?),
            },
            b'L' => Node::Number(parse_decimal(cursor.line()?)?),
            b'F' => number(float_text(std::str::from_utf8(cursor.line()?).ok()?.trim().parse().ok()?)),
            b'G' => number(float_text(f64::from_be_bytes(cursor.take(8)?.try_into().ok()?))),
            b'J' => Node::Number(i32::from_le_bytes(cursor.take(4)?.try_into().ok()?).to_string()),
            b'K' => Node::Number(cursor.number(1)?.to_string()),
            b'M' => Node::Number(cursor.number(2)?.to_string()),
            0x8a => number(parse_long(cursor.counted(1)?)),
            _ => number(parse_long(cursor.counted(4)?)),
        };
        self.push(node);
        Some(())
    }

    fn push_text(&mut self, opcode: u8) -> Option<()> {
        let cursor = &mut self.cursor;
        let text = match opcode {
            b'S' => parse_escaped(without_quotes(cursor.line()?)?),
            b'V' => parse_escaped(cursor.line()?),
            b'T' => latin1(cursor.counted(4)?),
            b'U' => latin1(cursor.counted(1)?),
            b'X' => String::from_utf8_lossy(cursor.counted(4)?).into_owned(),
            0x8c => String::from_utf8_lossy(cursor.counted(1)?).into_owned(),
            _ => String::from_utf8_lossy(cursor.counted(8)?).into_owned(),
        };
        self.copied += text.len();
        self.push(Node::Text(text));
        Some(())
    }

    fn push_bytes(&mut self, opcode: u8) -> Option<()> {
        let width = match opcode {
            b'C' => 1,
            b'B' => 4,
            _ => 8,
        };
        let bytes = self.cursor.counted(width)?;
        self.push(Node::Bytes(bytes));
        Some(())
    }

    fn shape_stack(&mut self, opcode: u8) -> Option<()> {
        match opcode {
            b'(' => self.marks.push(self.stack.len()),
            // POP takes a mark away when nothing lies on it.
            b'0' => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => drop(self.pop_to_mark()?),
            _ => self.stack.push(self.top()?),
        }
        Some(())
    }

    fn step_memo(&mut self, opcode: u8) -> Option<()> {
        let index = match opcode {
            b'g' | b'p' => std::str::from_utf8(self.cursor.line()?).ok()?.trim().parse().ok()?,
            b'h' | b'q' => self.cursor.number(1)?,
            b'j' | b'r' => self.cursor.number(4)?,
            _ => self.memo.len(),
        };
        if matches!(opcode, b'g' | b'h' | b'j') {
            self.stack.push(*self.memo.get(&index)?);
        } else {
            self.memo.insert(index, self.top()?);
        }
        Some(())
    }

    fn step_container(&mut self, opcode: u8) -> Option<()> {
        let node = match opcode {
            b')' => Node::Tuple(Vec::new()),
            b']' => Node::List(Vec::new()),
            b'}' => Node::Dict(Vec::new()),
            0x8f => Node::Set(Vec::new()),
            b't' => Node::Tuple(self.pop_to_mark()?),
            b'l' => Node::List(self.pop_to_mark()?),
            b'd' => Node::Dict(self.pop_to_mark()?),
            0x91 => Node::Set(self.pop_to_mark()?),
            0x85 => Node::Tuple(self.pop_several(1)?),
            0x86 => Node::Tuple(self.pop_several(2)?),
            0x87 => Node::Tuple(self.pop_several(3)?),
            b'a' => return self.pop_several(1).and_then(|items| self.extend_top(items)),
            b's' => return self.pop_several(2).and_then(|items| self.extend_top(items)),
            b'e' | b'u' | 0x90 => return self.pop_to_mark().and_then(|items| self.extend_top(items)),
            _ => return None,
        };
        self.push(node);
        Some(())
    }

    fn extend_top(&mut self, items: Vec<NodeId>) -> Option<()> {
        let top = self.top()?;
        if let Some(Node::List(own) | Node::Set(own) | Node::Dict(own)) = self.nodes.get_mut(top as usize) {
            own.extend(items);
        }
        Some(())
    }

    fn step_object(&mut self, opcode: u8) -> Option<()> {
        match opcode {
            b'c' => {
                let (module, name) = (self.cursor.line()?, self.cursor.line()?);
                self.push_global(name_text(module)?, name_text(name)?);
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text = |id| match self.node(id) {
                    Node::Text(text) if text.len() <= MAX_NAME => Some(text.clone()),
                    _ => None,
                };
                match (text(module), text(name)) {
                    (Some(module), Some(name)) => self.push_global(module, name),
                    _ => self.push(Node::Unknown),
                }
            }
            b'i' => {
                let (module, name) = (self.cursor.line()?, self.cursor.line()?);
                let arguments = self.pop_to_mark()?;
                self.push_global(name_text(module)?, name_text(name)?);
                let callee = self.pop()?;
                self.call(callee, None, arguments);
            }
            b'o' => {
                let mut arguments = self.pop_to_mark()?;
                if arguments.is_empty() {
                    return None;
                }
                let callee = arguments.remove(0);
                self.call(callee, None, arguments);
            }
            b'R' => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                let arguments = match self.node(arguments) {
                    Node::Tuple(items) | Node::List(items) => items.clone(),
                    _ => vec![arguments],
                };
                self.call(callee, None, arguments);
            }
            b'b' => {
                let state = self.pop()?;
                let instance = self.top()?;
                if *self.node(instance) == Node::Wrapper {
                    return skip_array(self, state);
                }
                if let Node::Result(_) | Node::Global(..) = self.node(instance) {
                    self.calls.push(Call {
                        callee: instance,
                        method: Some("__setstate__"),
                        arguments: vec![state],
                    });
                }
            }
            // `cls.__new__` makes an instance and initializes nothing.
            0x81 => {
                let (_, class) = (self.pop()?, self.pop()?);
                let is_wrapper = matches!(
                    self.node(class),
                    Node::Global(module, name) if module.starts_with("joblib.") && name == "NumpyArrayWrapper"
                );
                self.push(if is_wrapper { Node::Wrapper } else { Node::Unknown });
            }
            _ => self.pop_several(3).map(|_| self.push(Node::Unknown))?,
        }
        Some(())
    }

    fn push_global(&mut self, module: String, name: String) {
        self.copied += module.len() + name.len();
        let id = self.new_node(Node::Global(module, name));
        self.globals.push(id);
        self.stack.push(id);
    }

    fn call(&mut self, callee: NodeId, method: Option<&'static str>, arguments: Vec<NodeId>) {
        // Protocol 2 writes bytes as a text that is encoded again.
        if let (Node::Global(module, name), [text, ..]) = (self.node(callee), arguments.as_slice())
            && (module.as_str(), name.as_str()) == ("_codecs", "encode")
            && let Node::Text(text) = self.node(*text)
            && let Some(bytes) = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
        {
            let bytes: Vec<u8> = bytes;
            self.copied += bytes.len();
            self.push(Node::OwnBytes(bytes));
            return;
        }
        // A memo may give the same arguments to any number of calls.
        self.copied += arguments.len() * size_of::<NodeId>();
        let result = Node::Result(self.calls.len());
        self.calls.push(Call { callee, method, arguments });
        self.push(result);
    }
}

/// A finite float in Python's spelling.
fn float_text(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{value:?}"))
}

fn latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The name of a module or an object: printable, of any script.
fn name_text(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    (!text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control))
        .then(|| text.to_owned())
}
