//! Branches of a setup script for a word that a developer types: `if sys.argv[-1] == "publish":`.
//!
//! Only tests are taken for such guards that hold for no words that a frontend passes: a comparison with texts that stand
//! in the source, none of which is a command of a build.  Whatever else is asked of the words stays open, and so does the
//! other side of the branch.

use std::rc::Rc;

use venin_model::{Condition, Trigger};
use venin_package::is_run_by_builds;

use super::scope::Written;
use super::setup_script::{AskedBranch, MOST_KEPT};
use super::{Flow, Frame, Interpreter};
use crate::source::ir::{BinaryOp, Block, BoolOp, Code, CompareOp, Expr, ExprId, UnaryOp};
use crate::value::Kind;

/// Deepest nesting of a test that is looked through.
const DEPTH: u8 = 8;
/// Words that frontends pass beside the commands: formats, the script itself.
const PASSED: &[&str] = &["gztar", "zip", "tar", "setup"];
/// Parts of names that frontends pass: folders that they make.
const PASSED_PARTS: &[&str] = &["pip", "egg", "tmp", "temp"];

impl Interpreter<'_> {
    /// Whether a test of a setup script holds only for a word that its developers type.
    pub(super) fn asks_for_developer(&mut self, code: &Rc<Code>, test: ExprId) -> bool {
        self.trigger == Trigger::Install
            && !self.setup.is_open
            && self.loops.depth == 0
            && self.setup.branches.len() < MOST_KEPT
            && self.is_setup_script(self.unit_index())
            && self.asks_for_word(code, test, DEPTH)
    }

    /// Takes a branch that developers run.  It is kept: something that runs by itself may run it yet.
    pub(super) fn take_branch_of_developer(
        &mut self,
        code: &Rc<Code>,
        body: &Block,
        conditions: Vec<Condition>,
    ) -> (Flow, Written) {
        if let Some(frame) = self.frames.last().map(Frame::emptied) {
            self.hold_scope(frame.scope);
            let branch = AskedBranch { frame, code: Rc::clone(code), body: body.clone() };
            self.setup.branches.push(branch);
        }
        let trigger = std::mem::replace(&mut self.trigger, Trigger::Run);
        let taken = self.take_branch(code, body, conditions);
        self.trigger = trigger;
        taken
    }

    fn asks_for_word(&mut self, code: &Rc<Code>, test: ExprId, depth: u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match code.expr(test) {
            Expr::BoolOp { op: BoolOp::And, values } => {
                values.iter().any(|value| self.asks_for_word(code, *value, depth))
            }
            Expr::BoolOp { op: BoolOp::Or, values } => {
                values.iter().all(|value| self.asks_for_word(code, *value, depth))
            }
            Expr::Compare { left, rest } => match **rest {
                [(CompareOp::Eq, right)] => {
                    self.is_word_given(code, *left) && is_word(code, right)
                        || self.is_word_given(code, right) && is_word(code, *left)
                }
                [(CompareOp::In, right)] => {
                    self.are_words_given(code, right) && is_word(code, *left)
                        || self.is_word_given(code, *left) && are_words(code, right)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether an expression is one of the words behind the name of the script.
    fn is_word_given(&mut self, code: &Rc<Code>, id: ExprId) -> bool {
        let Expr::Subscript { value, index } = *code.expr(id) else { return false };
        let is_behind = match *code.expr(index) {
            Expr::Int(at) => at != 0,
            Expr::Unary { op: UnaryOp::Minus, operand } => matches!(*code.expr(operand), Expr::Int(1..)),
            _ => false,
        };
        is_behind && self.is_list_of_words(code, value)
    }

    /// Whether an expression is all words of the script, or a part of them.
    fn are_words_given(&mut self, code: &Rc<Code>, id: ExprId) -> bool {
        match *code.expr(id) {
            Expr::Subscript { value, index } => {
                matches!(code.expr(index), Expr::Slice(_)) && self.is_list_of_words(code, value)
            }
            _ => self.is_list_of_words(code, id),
        }
    }

    fn is_list_of_words(&mut self, code: &Rc<Code>, id: ExprId) -> bool {
        let is_plain = match *code.expr(id) {
            Expr::Name(_) => true,
            Expr::Attribute { value, .. } => matches!(code.expr(value), Expr::Name(_)),
            _ => false,
        };
        if !is_plain {
            return false;
        }
        let value = self.eval(code, id);
        matches!(value.kind, Kind::External { name, .. } if &*self.names.text(name) == "sys.argv")
    }
}

/// Whether an expression is a text that is no word of a frontend.
fn is_word(code: &Code, id: ExprId) -> bool {
    text_of(code, id, DEPTH).is_some_and(|text| is_typed(&text))
}

/// Whether an expression lists such texts alone.
fn are_words(code: &Code, id: ExprId) -> bool {
    match code.expr(id) {
        Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) => {
            !items.is_empty() && items.iter().all(|item| is_word(code, *item))
        }
        _ => false,
    }
}

/// A text that stands in the source, in one piece or in several.
fn text_of(code: &Code, id: ExprId, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match code.expr(id) {
        Expr::Str(text) => Some(text.to_string()),
        Expr::Binary { op: BinaryOp::Add, left, right } => {
            Some(text_of(code, *left, depth)? + &text_of(code, *right, depth)?)
        }
        _ => None,
    }
}

/// Whether a word is one that somebody types: neither a command of a build, nor an option, nor a path.
fn is_typed(word: &str) -> bool {
    let is_plain = word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let lower = word.to_ascii_lowercase();
    is_plain
        && !is_run_by_builds(&lower)
        && !PASSED.contains(&&*lower)
        && !PASSED_PARTS.iter().any(|part| lower.contains(part))
}
