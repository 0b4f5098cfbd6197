//! Spans of bytes, and a page without some of them.

/// A span of bytes: start and end.
pub(super) type Span = (usize, usize);

/// The page without these spans; `None` when a span lies outside of it.
pub(super) fn without(bytes: &[u8], cuts: &[Span]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (start, end) in cuts {
        kept.extend_from_slice(bytes.get(at..*start)?);
        at = *end;
    }
    kept.extend_from_slice(bytes.get(at..)?);
    Some(kept)
}

/// Puts spans in order and joins those that overlap or touch.
pub(super) fn joined(mut cuts: Vec<Span>) -> Vec<Span> {
    cuts.retain(|(start, end)| start < end);
    cuts.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(cuts.len());
    for (start, end) in cuts {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// The spans to cut so that a sequence with separators loses some of its items and stays a sequence.
///
/// An item goes with the separator before it; those before the first kept item go with the separator after them.
pub(super) fn cuts_of_items(items: &[(Span, Fate)]) -> Vec<Span> {
    let first_kept = items.iter().position(|(_, fate)| *fate == Fate::Kept).unwrap_or(items.len());
    let mut cuts = Vec::new();
    for (at, ((start, end), fate)) in items.iter().enumerate() {
        if *fate == Fate::Kept {
            continue;
        }
        let next = items.get(at + 1).map_or(*end, |((next, _), _)| *next);
        let before =
            at.checked_sub(1).and_then(|before| items.get(before)).map_or(*start, |((_, end), _)| *end);
        cuts.push(if at < first_kept { (*start, next) } else { (before, *end) });
    }
    joined(cuts)
}

/// What happens to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Kept,
    /// It goes.
    Cut,
}
