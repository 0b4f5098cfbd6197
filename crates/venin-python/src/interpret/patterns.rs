//! `match`: which case is taken, and what its names are bound to.
//!
//! A case that what is known of the subject rules out is looked at as code that nothing runs; of the others all are taken, up
//! to the first that surely matches.

use std::rc::Rc;

use super::{Flow, Interpreter};
use crate::fold;
use crate::source::ir::{Case, Code, CompareOp, ExprId, Part, PartIdx, PartStep, PatternTest, StmtId};
use crate::value::{Kind, Object, Sym, Value};

use rustc_hash::FxHashMap;

/// What the parts of a subject are, in the order of the pattern; `None` where there is no such part.
type Parts = Vec<Option<Value>>;

impl Interpreter<'_> {
    pub(super) fn exec_match(&mut self, code: &Rc<Code>, subject: ExprId, cases: &[Case]) -> Flow {
        let subject = self.eval(code, subject);
        let mut taken = Vec::new();
        let mut is_total = false;
        for case in cases {
            let (parts, truth) =
                if is_total { (Parts::new(), Some(false)) } else { self.match_case(code, &subject, case) };
            let Some(first) = case.body.first() else { continue };
            if truth == Some(false) {
                self.look_at_ruled_out(code, *first, case);
                continue;
            }
            if truth == Some(true) {
                self.note_live_branch(*first, &case.body);
            }
            let result = self.in_branch(|me| {
                me.bind_captures(&subject, case, &parts);
                if let Some(guard) = case.guard {
                    me.eval(code, guard);
                }
                me.exec_block(code, &case.body)
            });
            taken.push(result);
            is_total = truth == Some(true) && case.guard.is_none();
        }
        self.join_branches(taken, is_total)
    }

    /// Looks at a case that is not taken; what it would return is not returned.
    fn look_at_ruled_out(&mut self, code: &Rc<Code>, first: StmtId, case: &Case) {
        let before = self.frame().map(|frame| (frame.returns.len(), frame.yields.len()));
        self.look_at_dead_branch(code, first, &case.body, false);
        if let (Some(frame), Some((n_returns, n_yields))) = (self.frames.last_mut(), before) {
            frame.returns.truncate(n_returns);
            frame.yields.truncate(n_yields);
        }
    }

    /// The parts of the subject that a case takes, and whether it matches, if that is known.
    fn match_case(&mut self, code: &Rc<Code>, subject: &Value, case: &Case) -> (Parts, Option<bool>) {
        let mut parts: Parts = vec![Some(subject.clone())];
        for part in case.parts.iter().skip(1) {
            let of = parts.get(part.of.0 as usize).cloned().flatten();
            let value = of.and_then(|of| self.part_of(code, &of, part));
            parts.push(value);
        }
        let mut truth = Some(true);
        for test in &case.tests {
            match self.test_part(code, &parts, test) {
                Some(true) => {}
                Some(false) => return (parts, Some(false)),
                None => truth = None,
            }
        }
        (parts, truth)
    }

    fn test_part(&mut self, code: &Rc<Code>, parts: &Parts, test: &PatternTest) -> Option<bool> {
        let part = |index: &PartIdx| parts.get(index.0 as usize).cloned().flatten();
        match test {
            PatternTest::Open => None,
            PatternTest::Has(index, n) => self.test_length(&part(index)?, |len| len == *n as usize),
            PatternTest::HasAtLeast(index, n) => self.test_length(&part(index)?, |len| len >= *n as usize),
            PatternTest::HasKeys(index, keys) => {
                let part = part(index)?;
                self.test_keys(code, &part, keys)
            }
            PatternTest::IsOf(index, class) => {
                let (part, class) = (part(index)?, self.eval(code, *class));
                self.test_class(&part, &class)
            }
            PatternTest::IsOne(index, literals) => {
                let part = part(index)?;
                let mut truth = Some(false);
                for literal in literals {
                    let literal = self.eval(code, *literal);
                    match self.with_fold(|cx| fold::fold_compare(cx, CompareOp::Eq, &part, &literal)) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => truth = None,
                    }
                }
                truth
            }
        }
    }

    /// Whether the length of a sequence is as a pattern wants it.
    fn test_length(&self, part: &Value, is_wanted: impl FnOnce(usize) -> bool) -> Option<bool> {
        match part.kind {
            Kind::List(id) | Kind::Tuple(id) => Some(is_wanted(self.heap.elements(id).len())),
            Kind::Instance(_) => self.elements_of_record(part).map(|elements| is_wanted(elements.len())),
            Kind::Dict(_) | Kind::Set(_) | Kind::ByteArray(_) => Some(false),
            // A text is a sequence, but for no pattern.
            _ => part.is_scalar().then_some(false),
        }
    }

    fn test_keys(&mut self, code: &Rc<Code>, part: &Value, keys: &[ExprId]) -> Option<bool> {
        let Kind::Dict(id) = part.kind else {
            let is_none = matches!(part.kind, Kind::List(_) | Kind::Tuple(_) | Kind::Set(_));
            return (is_none || part.is_scalar()).then_some(false);
        };
        let keys: Vec<Value> = keys.iter().map(|key| self.eval(code, *key)).collect();
        let is_there = |key: &Value| Some(self.heap.dict_get(id, &self.heap.key_of(key)?).is_some());
        // What is missing may have been put there where it was not seen.
        keys.iter().all(|key| is_there(key) == Some(true)).then_some(true)
    }

    fn test_class(&mut self, part: &Value, class: &Value) -> Option<bool> {
        if let Kind::Instance(id) = part.kind {
            let Some(Object::Instance(instance)) = self.heap.get(id) else { return None };
            let own = instance.class;
            return match class.kind {
                Kind::Class(class) => Some(self.derives_from(own, class)),
                // What a base from outside is derived from is not known here.
                Kind::External { name, .. } => {
                    let is_builtin = fold::is_builtin_class(&self.names.text(name));
                    (is_builtin && self.external_bases(own).is_empty()).then_some(false)
                }
                _ => None,
            };
        }
        let passed = [part.clone(), class.clone()];
        let answer = self.with_fold(|cx| fold::fold_call(cx, "isinstance", &passed, &[]))?;
        match answer.kind {
            Kind::Bool(is_of) => Some(is_of),
            _ => None,
        }
    }

    fn part_of(&mut self, code: &Rc<Code>, of: &Value, part: &Part) -> Option<Value> {
        if let Kind::Choice(_) = of.kind {
            let alternatives = self.alternatives(of);
            let found: Vec<Value> =
                alternatives.iter().filter_map(|one| self.part_of_one(code, one, part)).collect();
            return (!found.is_empty()).then(|| self.join_values(found));
        }
        self.part_of_one(code, of, part)
    }

    fn part_of_one(&mut self, code: &Rc<Code>, of: &Value, part: &Part) -> Option<Value> {
        match &part.step {
            PartStep::Whole => Some(of.clone()),
            PartStep::Element(at) => self.element_at(of, |_| Some(*at as usize)),
            PartStep::FromEnd(at) => self.element_at(of, |len| len.checked_sub(*at as usize)),
            PartStep::Middle(before, behind) => self.middle_of(of, *before as usize, *behind as usize),
            PartStep::Item(key) => {
                let span = code.span(*key);
                let key = self.eval(code, *key);
                if let Kind::Dict(id) = of.kind
                    && let Some(key) = self.heap.key_of(&key)
                    && !self.is_of_object(id)
                {
                    return self.heap.dict_get(id, &key).cloned();
                }
                Some(self.subscript(code, span, of, &key))
            }
            PartStep::Without(keys) => self.without_keys(code, of, keys),
            PartStep::Attribute(name) => Some(self.get_attribute(of, *name)),
            PartStep::Positional(class, at) => {
                let class = self.eval(code, *class);
                self.positional_of(of, &class, *at as usize)
            }
        }
    }

    fn element_at(&mut self, of: &Value, at: impl FnOnce(usize) -> Option<usize>) -> Option<Value> {
        match of.kind {
            Kind::List(id) | Kind::Tuple(id) => {
                let elements = self.heap.elements(id);
                elements.get(at(elements.len())?).cloned()
            }
            _ => match self.elements_of_record(of) {
                Some(elements) => elements.get(at(elements.len())?).cloned(),
                None => Some(self.element_of(of)),
            },
        }
    }

    fn middle_of(&mut self, of: &Value, before: usize, behind: usize) -> Option<Value> {
        let elements = match of.kind {
            Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id),
            _ => return Some(Value::unknown().with_origins(of.origins)),
        };
        let middle = elements.get(before..elements.len().checked_sub(behind)?)?.to_vec();
        let origins = self.origins_of(&middle);
        Some(self.heap.list(middle).with_origins(origins))
    }

    /// What `**rest` takes of a mapping.
    fn without_keys(&mut self, code: &Rc<Code>, of: &Value, keys: &[ExprId]) -> Option<Value> {
        let Kind::Dict(id) = of.kind else { return Some(Value::unknown().with_origins(of.origins)) };
        let entries: Vec<(Value, Value)> = self.heap.dict_entries(id).cloned().collect();
        let rest = self.heap.dict(entries);
        let Kind::Dict(copy) = rest.kind else { return None };
        for key in keys {
            let key = self.eval(code, *key);
            if let Some(key) = self.heap.key_of(&key) {
                self.heap.dict_remove(copy, &key);
            }
        }
        Some(rest.with_origins(of.origins))
    }

    /// What a class pattern takes by position: the attribute that the class names there, or the subject of a builtin class.
    fn positional_of(&mut self, of: &Value, class: &Value, at: usize) -> Option<Value> {
        let unknown = Value::unknown().with_origins(of.origins);
        let Kind::Class(class) = class.kind else {
            let is_builtin = match class.kind {
                Kind::External { name, .. } => fold::is_builtin_class(&self.names.text(name)),
                _ => false,
            };
            return Some(if is_builtin && at == 0 { of.clone() } else { unknown });
        };
        let listed =
            self.symbols.find("__match_args__").and_then(|name| self.class_attribute(class, name, 0));
        let name = match listed {
            Some(Value { kind: Kind::Tuple(id), .. }) => {
                let name = self.heap.elements(id).get(at)?.as_str()?.to_owned();
                self.symbols.intern(&name)
            }
            _ => match self.fields_of(class).and_then(|fields| fields.get(at).map(|(name, _)| *name)) {
                Some(name) => name,
                None => return Some(unknown),
            },
        };
        Some(self.get_attribute(of, name))
    }

    /// Binds the names of a case to their parts; a name of several alternatives to what it may be in any.
    fn bind_captures(&mut self, subject: &Value, case: &Case, parts: &Parts) {
        let mut found: Vec<(Sym, Vec<Value>)> = Vec::with_capacity(case.captures.len());
        let mut places = FxHashMap::default();
        for (name, part) in &case.captures {
            let at = *places.entry(*name).or_insert(found.len());
            if at == found.len() {
                found.push((*name, Vec::new()));
            }
            let value = parts.get(part.0 as usize).cloned().flatten();
            if let Some((_, values)) = found.get_mut(at) {
                values.extend(value);
            }
        }
        for (name, values) in found {
            let value = if values.is_empty() {
                Value::unknown().with_origins(subject.origins)
            } else {
                self.join_values(values)
            };
            self.assign_name(name, value);
        }
    }
}
