//! Collecting what nothing reaches any more, between two trigger roots.
//!
//! Scopes of finished calls and values that folding made are most of the heap.  Freed places are used again, so
//! that an artifact of ten thousand functions takes no more room than its largest root.

use super::heap::{Heap, ObjId, Object};
use super::{Kind, Value};

impl Kind {
    /// The object in the heap that the value refers to.
    #[must_use]
    pub const fn object(&self) -> Option<ObjId> {
        match self {
            Self::List(id)
            | Self::Tuple(id)
            | Self::Set(id)
            | Self::Dict(id)
            | Self::ByteArray(id)
            | Self::Iter(id)
            | Self::Module(id)
            | Self::Function(id)
            | Self::Class(id)
            | Self::Instance(id)
            | Self::Method(id)
            | Self::Builtin(id)
            | Self::CodeObject(id)
            | Self::Choice(id)
            | Self::Slice(id) => Some(*id),
            _ => None,
        }
    }
}

impl Heap {
    /// Frees every object that the given ones do not reach.  Walks with a list, never by recursion.
    pub fn collect(&mut self, roots: impl IntoIterator<Item = ObjId>) {
        let mut marked = vec![false; self.len()];
        let mut work: Vec<ObjId> = roots.into_iter().collect();
        while let Some(id) = work.pop() {
            match marked.get_mut(id.0 as usize) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            if let Some(object) = self.get(id) {
                references(object, &mut work);
            }
        }
        for (at, mark) in marked.into_iter().enumerate() {
            if !mark {
                self.free(ObjId(at as u32));
            }
        }
        self.settle();
    }
}

/// The objects that an object refers to.
fn references(object: &Object, out: &mut Vec<ObjId>) {
    let mut visit = |value: &Value| out.extend(value.kind.object());
    match object {
        Object::List(items) | Object::Iter(items, _) | Object::Cycle(items, _) => {
            items.iter().for_each(visit);
        }
        Object::Dict { entries, .. } => entries.iter().flatten().for_each(|(k, v)| {
            visit(k);
            visit(v);
        }),
        Object::Scope { names, parent, .. } => {
            names.values().for_each(&mut visit);
            out.extend(*parent);
        }
        Object::Module(_, scope) => out.push(*scope),
        Object::Function(function) => {
            function.defaults.iter().flatten().for_each(&mut visit);
            out.push(function.scope);
            out.extend(function.class);
        }
        Object::Class(class) => {
            class.bases.iter().for_each(&mut visit);
            out.push(class.scope);
            out.extend(class.metaclass);
        }
        Object::Instance(instance) => {
            instance.attributes.values().for_each(&mut visit);
            out.push(instance.class);
        }
        Object::Method(receiver, function) => {
            visit(receiver);
            out.push(*function);
        }
        Object::Builtin(receiver, _) | Object::CodeObject(receiver) => visit(receiver),
        Object::Partial(partial) | Object::MethodCaller(partial) => {
            visit(&partial.callee);
            partial.positional.iter().chain(partial.keywords.iter().map(|(_, v)| v)).for_each(visit);
        }
        Object::Bytes(_) | Object::Count(..) | Object::AttributeGetter(_) | Object::Free => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_stays_and_the_rest_is_used_again() {
        let mut heap = Heap::default();
        let inner = heap.list(vec![Value::int(1)]);
        let outer = heap.list(vec![inner.clone()]);
        let lost = heap.list(vec![Value::int(2)]);
        heap.collect(outer.kind.object());
        assert_eq!(heap.elements(inner.kind.object().expect("a list")).len(), 1);
        let next = heap.list(Vec::new());
        assert_eq!(next.kind.object(), lost.kind.object());
    }

    #[test]
    fn a_cycle_that_nothing_reaches_goes() {
        let mut heap = Heap::default();
        let list = heap.list(Vec::new());
        let id = list.kind.object().expect("a list");
        heap.elements_mut(id).expect("a list").push(list);
        heap.collect([]);
        assert!(matches!(heap.get(id), Some(Object::Free)));
    }
}
