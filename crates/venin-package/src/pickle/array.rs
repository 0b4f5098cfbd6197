//! Arrays that joblib writes between the opcodes of a pickle.
//!
//! Behind the `BUILD` of a `NumpyArrayWrapper` lie the raw bytes of the array, or another pickle when its elements are
//! objects.  Both are stepped over or read as the unpickler does, so that what stands behind them is not lost.

use super::machine::{Ending, Machine};
use super::node::{Node, NodeId};

/// Pickles in arrays of objects, one in another.
const MAX_NESTED: u32 = 8;

/// Steps over the array that a wrapper with this state describes; `None` where the bytes end.
pub(super) fn skip_array(machine: &mut Machine<'_>, state: NodeId) -> Option<()> {
    let Some((item, count)) = item_and_count(machine, state) else { return Some(()) };
    if item.starts_with('O') {
        if machine.nested >= MAX_NESTED {
            machine.is_cut = true;
            return None;
        }
        machine.nested += 1;
        let ending = machine.run_inside();
        machine.nested -= 1;
        return (ending == Ending::Stop).then_some(());
    }
    let size: usize = item.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    if let Some(Node::Number(_)) = entry(machine, state, "numpy_array_alignment_bytes") {
        machine.cursor.counted(1)?;
    }
    machine.cursor.take(size.checked_mul(count)?).map(drop)
}

/// The element type as numpy spells it (`f8`) and the number of elements.
fn item_and_count(machine: &Machine<'_>, state: NodeId) -> Option<(String, usize)> {
    let Some(Node::Result(call)) = entry(machine, state, "dtype") else { return None };
    let first = machine.calls.get(*call)?.arguments.first()?;
    let Node::Text(item) = machine.node(*first) else { return None };
    let Some(Node::Tuple(shape)) = entry(machine, state, "shape") else { return None };
    let mut sizes = shape.iter().map(|id| match machine.node(*id) {
        Node::Number(number) => number.parse::<usize>().ok(),
        _ => None,
    });
    let count = sizes.try_fold(1_usize, |product, size| product.checked_mul(size?))?;
    Some((item.clone(), count))
}

fn entry<'m, 'a>(machine: &'m Machine<'a>, state: NodeId, key: &str) -> Option<&'m Node<'a>> {
    let Node::Dict(items) = machine.node(state) else { return None };
    let pair = items.chunks_exact(2).find(|pair| {
        let own = pair.first().map(|id| machine.node(*id));
        matches!(own, Some(Node::Text(text)) if text == key)
    })?;
    pair.get(1).map(|id| machine.node(*id))
}
