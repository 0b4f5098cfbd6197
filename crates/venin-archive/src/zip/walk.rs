//! The forward walk: every record in the order of the file, as a streaming installer meets it.
//!
//! A member's data is passed over as a range, so that a signature inside a stored archive is no record.  Only
//! where ranges lie or leave something over is the file searched for signatures.

use std::collections::HashMap;

use memchr::memmem;

use crate::budget::Ledger;
use crate::codec::{Codec, State};
use crate::format::find_zip_signature;
use crate::zip::directory::Listed;
use crate::zip::records::{
    Central, Descriptor, END, END_LEN, End, LOCAL, Local, end64_len, has_signature, is_record, parse_central,
    parse_descriptor, parse_end, parse_local,
};

/// A local header and how far its data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Walked<'a> {
    pub(super) local: Local<'a>,
    /// Where the packed data ends for a reader of local headers; at most the end of the file.
    pub(super) data_end: usize,
    pub(super) descriptor: Option<Descriptor>,
    /// Whether the declared data goes on behind the end of the file.
    pub(super) is_cut: bool,
    /// Where the content ends inside the data, if before its end.
    pub(super) slack: Option<usize>,
}

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) members: Vec<Walked<'a>>,
    /// Central records, by place.
    pub(super) centrals: Vec<usize>,
    pub(super) ends: Vec<End>,
    /// Ranges that belong to no record.
    pub(super) unclaimed: Vec<(usize, usize)>,
}

/// Walks the file.  `listed` helps where a local header leaves its size to a descriptor; at most `room` members
/// are kept.
pub(super) fn walk<'a>(
    bytes: &'a [u8],
    listed: &[Listed<'a>],
    room: usize,
    ledger: &mut Ledger,
) -> Layout<'a> {
    let mut centrals = HashMap::with_capacity(listed.len());
    for entry in listed {
        if let Some(at) = entry.local_at {
            centrals.entry(at).or_insert(entry.central);
        }
    }
    let mut walker = Walker { bytes, centrals, room, ledger, layout: Layout::default() };
    walker.run();
    walker.layout
}

struct Walker<'a, 'l> {
    bytes: &'a [u8],
    centrals: HashMap<usize, Central<'a>>,
    room: usize,
    ledger: &'l mut Ledger,
    layout: Layout<'a>,
}

impl Walker<'_, '_> {
    fn run(&mut self) {
        let (mut at, stop) = (0, self.bytes.len());
        // Ranges inside members that a streaming reader takes for more members.
        let mut slack = Vec::new();
        while at < stop && self.may_go_on() {
            let next = self.read_record(at, &mut slack).filter(|next| *next > at);
            match next {
                Some(next) => at = next,
                None => {
                    let next = find_zip_signature(self.bytes, at + 1).unwrap_or(stop);
                    self.add_unclaimed(at, next);
                    at = next;
                }
            }
        }
        for (from, to) in slack {
            self.run_slack(from, to);
        }
    }

    /// Looks for members behind the content of a member, inside its range; those found have no slack again.
    fn run_slack(&mut self, from: usize, to: usize) {
        let mut at = from;
        while self.may_go_on()
            && let Some(next) = find_zip_signature(self.bytes, at).filter(|next| *next < to)
        {
            let member = parse_local(self.bytes, next).and_then(|local| self.measure(local).map(|m| m.0));
            at = next + 1;
            if let Some(member) = member {
                at = at.max(member.data_end);
                self.layout.members.push(member);
            }
        }
    }

    fn may_go_on(&self) -> bool {
        self.layout.members.len() <= self.room && self.ledger.spent().is_none()
    }

    /// Reads the record at `at` and gives where it ends; `None` when there is none.
    fn read_record(&mut self, at: usize, slack: &mut Vec<(usize, usize)>) -> Option<usize> {
        let kind = self.bytes.get(at..at.checked_add(4)?)?;
        match kind {
            [b'P', b'K', 3, 4] => {
                let local = parse_local(self.bytes, at)?;
                let (mut member, next) = self.measure(local)?;
                member.slack = self.find_slack(&member);
                slack.extend(member.slack.map(|from| (from, member.data_end)));
                self.layout.members.push(member);
                Some(next)
            }
            [b'P', b'K', 1, 2] => {
                let end = parse_central(self.bytes, at)?.end;
                if self.layout.centrals.len() <= self.room {
                    self.layout.centrals.push(at);
                }
                Some(end)
            }
            [b'P', b'K', 5, 6] => {
                let end = parse_end(self.bytes, at)?;
                if self.layout.ends.len() <= self.room {
                    self.layout.ends.push(end);
                }
                let fixed = at + END_LEN;
                Some(fixed.checked_add(end.comment).filter(|end| *end <= self.bytes.len()).unwrap_or(fixed))
            }
            [b'P', b'K', 6, 6] => at.checked_add(end64_len(self.bytes, at)?),
            [b'P', b'K', 6, 7] => at.checked_add(20).filter(|end| *end <= self.bytes.len()),
            // A marker that some writers put before the first member.
            [b'P', b'K', 7, 8] if at == 0 && has_signature(self.bytes, 4, LOCAL) => Some(4),
            _ => None,
        }
    }

    fn add_unclaimed(&mut self, from: usize, to: usize) {
        match self.layout.unclaimed.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => self.layout.unclaimed.push((from, to)),
        }
    }
}

impl<'a> Walker<'a, '_> {
    /// How far the data of a member goes, and where the next record is looked for.
    fn measure(&mut self, local: Local<'a>) -> Option<(Walked<'a>, usize)> {
        let member = Walked { local, data_end: local.data, descriptor: None, is_cut: false, slack: None };
        if local.claim.has_descriptor() {
            return Some(self.measure_described(member));
        }
        let by_central = self.centrals.get(&local.at).and_then(|c| self.data_end(&local, c.claim.packed));
        let by_local = self.data_end(&local, local.claim.packed);
        let fits = |end: &usize| is_record(self.bytes, *end);
        let next = by_local.filter(fits).or(by_central.filter(fits)).or(by_local);
        let is_cut = by_local.is_none();
        let data_end = by_local.unwrap_or(self.bytes.len());
        // A size that goes behind the end of the file hides nothing: the search goes on in the data.
        let next = next.unwrap_or(local.data.max(local.at + 4));
        Some((Walked { data_end, is_cut, ..member }, next))
    }

    fn data_end(&self, local: &Local<'_>, packed: u64) -> Option<usize> {
        local.data.checked_add(usize::try_from(packed).ok()?).filter(|end| *end <= self.bytes.len())
    }

    /// The size stands behind the data: where the directory or the header say, where the content ends, or
    /// where a descriptor fits.
    fn measure_described(&mut self, member: Walked<'a>) -> (Walked<'a>, usize) {
        let local = member.local;
        let claimed = self.centrals.get(&local.at).map(|c| c.claim.packed);
        for packed in [claimed, Some(local.claim.packed)].into_iter().flatten() {
            if let Some(found) = self.described_by(member, packed) {
                return found;
            }
        }
        if local.claim.method == super::extract::DEFLATED
            && let Some(packed) = self.measure_deflated(local.data)
        {
            if let Some(found) = self.described_by(member, packed) {
                return found;
            }
            let end = local.data.saturating_add(usize::try_from(packed).unwrap_or(0)).min(self.bytes.len());
            return (Walked { data_end: end, ..member }, end);
        }
        self.search_descriptor(member).unwrap_or_else(|| {
            let end = claimed
                .and_then(|packed| self.data_end(&local, packed))
                .or_else(|| find_zip_signature(self.bytes, local.data))
                .unwrap_or(self.bytes.len());
            (Walked { data_end: end, is_cut: end == self.bytes.len(), ..member }, end)
        })
    }

    fn described_by(&self, member: Walked<'a>, packed: u64) -> Option<(Walked<'a>, usize)> {
        let data_end = self.data_end(&member.local, packed)?;
        let descriptor = parse_descriptor(self.bytes, data_end, packed)?;
        Some((Walked { data_end, descriptor: Some(descriptor), ..member }, descriptor.end))
    }

    /// The first descriptor signature behind the data start whose packed size is the distance to it.
    fn search_descriptor(&mut self, member: Walked<'a>) -> Option<(Walked<'a>, usize)> {
        const CANDIDATES: usize = 256;

        let data = self.bytes.get(member.local.data..)?;
        let found = memmem::find_iter(data, b"PK\x07\x08")
            .take(CANDIDATES)
            .find_map(|packed| self.described_by(member, packed as u64));
        let searched = found.map_or(data.len(), |(member, _)| member.data_end - member.local.data);
        self.ledger.book_effort(searched as u64);
        found
    }

    /// Packed bytes of the deflate stream at `at`; `None` when it is invalid or cut.
    fn measure_deflated(&mut self, at: usize) -> Option<u64> {
        let input = self.bytes.get(at..)?;
        deflate_len(input, self.ledger)
    }

    /// Where the content of a deflated member ends, if its range holds what looks like another member behind.
    fn find_slack(&mut self, member: &Walked<'_>) -> Option<usize> {
        if member.local.claim.method != super::extract::DEFLATED || member.is_cut {
            return None;
        }
        let data = self.bytes.get(member.local.data..member.data_end)?;
        let last = memmem::rfind(data, &LOCAL).max(memmem::rfind(data, &END))?;
        let length = usize::try_from(deflate_len(data, self.ledger)?).ok()?;
        (length <= last).then(|| member.local.data + length)
    }
}

/// Packed bytes that a deflate stream takes; `None` when it does not end within `input` or the budget.
pub(super) fn deflate_len(input: &[u8], ledger: &mut Ledger) -> Option<u64> {
    // Setting up the decoder costs too: a flood of tiny members must end.
    ledger.book_effort(1 << 14);
    let mut codec = Codec::deflate();
    let mut out = vec![0; 1 << 15];
    let mut at = 0;
    loop {
        let step = codec.step(input.get(at..)?, &mut out);
        at += step.read;
        if !ledger.book_effort(step.wrote as u64) {
            return None;
        }
        match step.state {
            State::Ended => return Some(at as u64),
            State::Going if step.read + step.wrote > 0 => {}
            _ => return None,
        }
    }
}
