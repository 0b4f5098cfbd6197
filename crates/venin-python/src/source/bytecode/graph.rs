//! The graph of blocks: order, loops, and what can be reached from where.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::blocks::Blocks;

/// Facts about the graph of one code object.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Position of each block in reverse postorder; `u32::MAX` if nothing leads to it.
    pub(super) order: Vec<u32>,
    /// The blocks each block leads to without going back to the start of a loop, itself included.
    pub(super) reach: Vec<Bits>,
    /// The blocks of each loop by its first block.
    pub(super) loops: BTreeMap<u32, Bits>,
    /// The blocks that lead to each block.
    pub(super) before: Vec<Vec<u32>>,
    /// Handlers whose protection begins at a block.
    pub(super) opens: Vec<Vec<u32>>,
}

/// Looks at the graph of some blocks.
pub(super) fn examine(blocks: &Blocks) -> Graph {
    let n = blocks.blocks.len();
    let opens = openings(blocks);
    let successors: Vec<Vec<u32>> = blocks
        .blocks
        .iter()
        .zip(&opens)
        .map(|(block, opened)| {
            // Handlers are visited first, so that they come last in the order.
            let normal: Vec<u32> = block.exit.successors().collect();
            opened.iter().copied().chain(normal.into_iter().rev()).collect()
        })
        .collect();
    let (order, back) = postorder(&successors);
    let mut by_order: Vec<u32> = (0..n as u32).filter(|b| at(&order, *b) != u32::MAX).collect();
    by_order.sort_unstable_by_key(|b| at(&order, *b));
    let mut reach = vec![Bits::new(n); n];
    for block in by_order.iter().rev() {
        let mut set = Bits::new(n);
        set.insert(*block);
        for next in successors.get(*block as usize).into_iter().flatten() {
            if at(&order, *next) > at(&order, *block)
                && let Some(more) = reach.get(*next as usize)
            {
                set.union_with(more);
            }
        }
        if let Some(slot) = reach.get_mut(*block as usize) {
            *slot = set;
        }
    }
    let before = predecessors(&successors);
    let loops = loops_of(&before, &back);
    Graph { order, reach, loops, before, opens }
}

fn at(order: &[u32], block: u32) -> u32 {
    order.get(block as usize).copied().unwrap_or(u32::MAX)
}

/// For each block the handlers that protect it but not a block before it.
fn openings(blocks: &Blocks) -> Vec<Vec<u32>> {
    let mut opens: Vec<Vec<u32>> = vec![Vec::new(); blocks.blocks.len()];
    let mut open = |to: u32, from: &[u32]| {
        let Some(chain) = blocks.blocks.get(to as usize).map(|b| &b.chain) else { return };
        let Some(opened) = opens.get_mut(to as usize) else { return };
        for handler in chain {
            if !from.contains(handler) && !opened.contains(handler) {
                opened.push(*handler);
            }
        }
    };
    open(0, &[]);
    for block in &blocks.blocks {
        for next in block.exit.successors() {
            open(next, &block.chain);
        }
    }
    // A handler is entered from the blocks it protects.
    for block in &blocks.blocks {
        for handler in &block.chain {
            open(*handler, &block.chain);
        }
    }
    opens
}

/// Positions in reverse postorder from the first block, and the edges that go back to a block on the way there.
fn postorder(successors: &[Vec<u32>]) -> (Vec<u32>, Vec<(u32, u32)>) {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let n = successors.len();
    let mut marks = vec![Mark::New; n];
    let mut finished = Vec::with_capacity(n);
    let mut back = Vec::new();
    let mut stack: Vec<(u32, usize)> = Vec::new();
    if let Some(mark) = marks.first_mut() {
        *mark = Mark::Open;
        stack.push((0, 0));
    }
    while let Some((block, position)) = stack.last_mut() {
        let from = *block;
        let next = successors.get(from as usize).and_then(|list| list.get(*position)).copied();
        *position += 1;
        match next {
            Some(next) => match marks.get_mut(next as usize) {
                Some(mark) if *mark == Mark::New => {
                    *mark = Mark::Open;
                    stack.push((next, 0));
                }
                Some(Mark::Open) => back.push((from, next)),
                _ => {}
            },
            None => {
                if let Some(mark) = marks.get_mut(from as usize) {
                    *mark = Mark::Done;
                }
                finished.push(from);
                stack.pop();
            }
        }
    }
    let mut order = vec![u32::MAX; n];
    for (position, block) in finished.iter().rev().enumerate() {
        if let Some(slot) = order.get_mut(*block as usize) {
            *slot = position as u32;
        }
    }
    (order, back)
}

fn predecessors(successors: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); successors.len()];
    for (from, list) in successors.iter().enumerate() {
        for to in list {
            if let Some(slot) = before.get_mut(*to as usize) {
                slot.push(from as u32);
            }
        }
    }
    before
}

/// The natural loops: what reaches an edge back without passing the block it goes back to.
fn loops_of(before: &[Vec<u32>], back: &[(u32, u32)]) -> BTreeMap<u32, Bits> {
    let mut loops: BTreeMap<u32, Bits> = BTreeMap::new();
    for (from, header) in back {
        let members = loops.entry(*header).or_insert_with(|| {
            let mut members = Bits::new(before.len());
            members.insert(*header);
            members
        });
        let mut work = vec![*from];
        while let Some(block) = work.pop() {
            if !members.contains(block) {
                members.insert(block);
                work.extend(before.get(block as usize).into_iter().flatten());
            }
        }
    }
    loops
}

impl Graph {
    /// Everything a block leads to.
    pub(super) fn reach_of(&self, block: u32) -> Bits {
        self.reach.get(block as usize).cloned().unwrap_or_default()
    }

    /// Whether a block leads to another.
    pub(super) fn leads_to(&self, from: u32, to: u32) -> bool {
        self.reach.get(from as usize).is_some_and(|set| set.contains(to))
    }

    /// The first block of a set in the order of execution.
    pub(super) fn first_of(&self, set: &Bits) -> Option<u32> {
        set.iter().min_by_key(|block| at(&self.order, *block))
    }

    /// Whether something leads to a block.
    pub(super) fn is_reached(&self, block: u32) -> bool {
        at(&self.order, block) != u32::MAX
    }
}
