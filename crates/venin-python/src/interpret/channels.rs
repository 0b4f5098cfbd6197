//! Ends of a pipe between two processes, and who waits at an empty queue.
//!
//! Nobody waits here.  Who takes from an empty queue goes on with nothing known, and is run once more when the root is
//! through, if something was put by then.

use std::rc::Rc;

use super::function::Arguments;
use super::occasions::Occasion;
use super::{Frame, Interpreter};
use crate::source::ir::{Block, Code};
use crate::value::{Class, Instance, Kind, ObjId, Object, Value};

/// Most functions that wait at empty queues.
const MOST_TAKERS: usize = 16;

/// A function that took from an empty queue, with its names as they were.
#[derive(Debug)]
pub(super) struct Taker {
    queue: ObjId,
    frame: Frame,
    code: Rc<Code>,
    body: Block,
    /// What it took under.
    occasion: Occasion,
}

/// `multiprocessing.Pipe()`: two ends, of which each is sent what the other receives.
pub(super) fn pipe(me: &mut Interpreter<'_>, _: &str, _: &Arguments) -> Option<Value> {
    let (there, back) = (me.heap.list(Vec::new()), me.heap.list(Vec::new()));
    let ends = vec![me.end_of_pipe(&there, &back), me.end_of_pipe(&back, &there)];
    Some(me.heap.tuple(ends))
}

impl Interpreter<'_> {
    /// An object that puts into one queue and gets from another.
    fn end_of_pipe(&mut self, sent: &Value, received: &Value) -> Value {
        let scope = self.new_scope(None);
        let class = Class { name: Rc::from("Connection"), bases: Vec::new(), metaclass: None, scope };
        let class = self.heap.insert(Object::Class(Rc::new(class)));
        let methods = [
            ("send", sent, "put"),
            ("send_bytes", sent, "put"),
            ("recv", received, "get"),
            ("recv_bytes", received, "get"),
        ];
        let mut attributes = rustc_hash::FxHashMap::default();
        for (name, queue, method) in methods {
            let method = self.symbols.intern(method);
            let method = self.heap.insert(Object::Builtin(queue.clone(), method));
            attributes.insert(self.symbols.intern(name), Value::new(Kind::Builtin(method)));
        }
        Value::new(Kind::Instance(self.heap.insert(Object::Instance(Instance { class, attributes }))))
    }

    /// Remembers the function in course, which takes from an empty queue.
    pub(super) fn note_taker(&mut self, queue: ObjId) {
        if !self.heap.elements(queue).is_empty() {
            return;
        }
        let Some(taker) = self.taker_in_course(queue) else { return };
        let takers = &mut self.pending.takers;
        if let Some(known) = takers.iter_mut().find(|t| t.frame.function == taker.frame.function) {
            if taker.occasion.is_before(&known.occasion) {
                *known = taker;
            } else {
                known.occasion.take_in(&taker.occasion);
            }
        } else if takers.len() < MOST_TAKERS {
            takers.push(taker);
        }
    }

    fn taker_in_course(&mut self, queue: ObjId) -> Option<Taker> {
        let frame = self.frame()?;
        let (unit, function) = frame.function?;
        let frame = frame.emptied();
        let code = self.modules.units.get(unit as usize).map(|unit| Rc::clone(&unit.code))?;
        let body = code.functions.get(function.0 as usize).map(|f| f.body.clone())?;
        self.hold_scope(frame.scope);
        Some(Taker { queue, frame, code, body, occasion: self.occasion() })
    }

    /// Runs the functions whose queues are no longer empty.
    pub(super) fn run_takers(&mut self) {
        for taker in std::mem::take(&mut self.pending.takers) {
            if self.heap.elements(taker.queue).is_empty() {
                continue;
            }
            self.frames.push(taker.frame);
            self.on_occasion(&taker.occasion, |me| {
                let _ = me.in_branch(|me| me.exec_block(&taker.code, &taker.body));
            });
            self.frames.pop();
        }
        self.pending.takers.clear();
    }
}
