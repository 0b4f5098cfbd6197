//! Decodings: how a value was hidden, told from its origins.

use std::sync::Arc;

use crate::{Action, Event, EventId, Family, Origins};

/// Most decodings told of one value.
pub const MOST_DECODINGS: usize = 64;

impl Event {
    /// Whether the call turns hidden bytes or text into readable ones: it decodes, decompresses, decrypts, or reads
    /// a code object.
    #[must_use]
    pub fn is_decoding(&self) -> bool {
        match self.class.family {
            Family::Ce => {
                matches!(self.class.action, Action::Decode | Action::Decompress | Action::Decrypt)
            }
            Family::Cc => self.class.action == Action::Deserialize,
            _ => false,
        }
    }
}

/// The names of the decodings that a value with these origins went through, outermost first: the one that read what
/// is stored comes before the one that read its result.
///
/// Where a value was put together of several decoded parts, the part with the longest chain is told.
#[must_use]
pub fn trace_decodings<'a>(
    origins: &Origins,
    find_event: impl Fn(EventId) -> Option<&'a Event>,
) -> Vec<Arc<str>> {
    let decodings: Vec<&Event> =
        origins.events.iter().filter_map(|id| find_event(*id)).filter(|e| e.is_decoding()).collect();
    // The length of the longest chain that ends with each decoding, and the decoding before it.
    let mut chains: Vec<(usize, Option<usize>)> = Vec::with_capacity(decodings.len());
    for event in &decodings {
        let earlier = decodings.iter().zip(&chains).enumerate();
        let before = earlier
            .filter(|(_, (other, _))| event.input.events.binary_search(&other.id).is_ok())
            .max_by_key(|(at, (_, (length, _)))| (*length, *at))
            .map(|(at, (_, (length, _)))| (*length, at));
        chains.push((before.map_or(1, |(length, _)| length + 1), before.map(|(_, at)| at)));
    }
    let mut at = (0..chains.len()).max_by_key(|at| (chains.get(*at).map_or(0, |(length, _)| *length), *at));
    let mut names = Vec::new();
    while let Some(event) = at.and_then(|at| decodings.get(at)) {
        names.push(Arc::clone(&event.name));
        at = at.and_then(|at| chains.get(at)).and_then(|(_, before)| *before);
    }
    names.reverse();
    names.truncate(MOST_DECODINGS);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallClass, RootId, Site, Trigger};

    fn event(id: u32, name: &str, class: &str, from: &[u32]) -> Event {
        Event {
            id: EventId(id),
            root: RootId(0),
            trigger: Trigger::Import,
            name: Arc::from(name),
            class: CallClass::parse(class).unwrap(),
            arguments: Vec::new(),
            input: origins(from),
            site: Site::whole(Arc::from("a.py")),
            decoding: Vec::new(),
            conditions: Vec::new(),
            is_unused: false,
            function: None,
        }
    }

    fn origins(events: &[u32]) -> Origins {
        Origins { events: events.iter().map(|e| EventId(*e)).collect(), ..Origins::default() }
    }

    fn trace(events: &[Event], of: &[u32]) -> Vec<String> {
        trace_decodings(&origins(of), |id| events.get(id.0 as usize))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_stored_form_comes_first() {
        let events = [
            event(0, "base64.b64decode", "Ce.decode", &[]),
            event(1, "zlib.decompress", "Ce.decompress", &[0]),
            event(2, "marshal.loads", "Cc.deserialize", &[0, 1]),
        ];
        assert_eq!(trace(&events, &[0, 1, 2]), ["base64.b64decode", "zlib.decompress", "marshal.loads"]);
    }

    #[test]
    fn parts_that_are_joined_are_no_chain() {
        let events = [
            event(0, "base64.b64decode", "Ce.decode", &[]),
            event(1, "base64.b64decode", "Ce.decode", &[]),
            event(2, "zlib.decompress", "Ce.decompress", &[1]),
        ];
        assert_eq!(trace(&events, &[0, 1]), ["base64.b64decode"]);
        assert_eq!(trace(&events, &[0, 1, 2]), ["base64.b64decode", "zlib.decompress"]);
    }

    #[test]
    fn what_encodes_or_fetches_is_no_decoding() {
        let events =
            [event(0, "requests.get", "Cn.fetch", &[]), event(1, "base64.b64encode", "Ce.encode", &[0])];
        assert_eq!(trace(&events, &[0, 1]), [""; 0]);
    }
}
