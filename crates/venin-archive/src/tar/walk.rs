//! The walk over the blocks of a tar.

use std::collections::BTreeSet;

use venin_model::GapKind;

use crate::anomaly::AnomalyKind;
use crate::entry::EntryKind;
use crate::names::NameIndex;
use crate::path::{Relative, escape_bytes, resolve_target};
use crate::session::{Member, Place, Session};
use crate::stream::Unpacked;
use crate::tar::extension::{Extension, Pax, parse_pax};
use crate::tar::header::{BLOCK, Header, parse_header};
use crate::tar::links::{FOLLOWED, Link, Wanted, is_link};

/// Bytes of an extension header that are read; honest ones have a few hundred.
const EXTENSION_ROOM: u64 = 1 << 20;
/// Sizes from here on do not fit the octal field, so that only PAX can tell them.
const OCTAL_LIMIT: u64 = 1 << 33;

/// A walk and what it has seen.
pub(super) struct Walk<'w, 'a> {
    place: &'w Place,
    source: &'w mut Unpacked<'a>,
    names: NameIndex,
    links: Vec<Link>,
    /// In a second walk: the files to hand over, under the names of the links to them.
    wanted: Option<Wanted>,
    found: BTreeSet<String>,
    extension: Extension,
    global: Pax,
    /// Whether the last blocks were the end mark.
    is_ended: bool,
    has_members_after_end: bool,
    /// Whether the walk looks for the next header after a damaged one.
    is_lost: bool,
    foreign: Option<u64>,
}

/// A header together with what its extensions say.
struct Described {
    raw_name: Vec<u8>,
    raw_link: Vec<u8>,
    size: u64,
    header: Header,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(place: &'w Place, source: &'w mut Unpacked<'a>, names: NameIndex) -> Self {
        Self {
            place,
            source,
            names,
            links: Vec::new(),
            wanted: None,
            found: BTreeSet::new(),
            extension: Extension::default(),
            global: Pax::default(),
            is_ended: false,
            has_members_after_end: false,
            is_lost: false,
            foreign: None,
        }
    }

    /// A walk that hands over nothing but the files that links wait for.
    pub(super) fn for_links(place: &'w Place, source: &'w mut Unpacked<'a>, wanted: Wanted) -> Self {
        Self { wanted: Some(wanted), ..Self::new(place, source, NameIndex::default()) }
    }

    /// Names, links, and where foreign bytes start behind the end mark.
    pub(super) fn finish(self) -> (NameIndex, Vec<Link>, Option<u64>) {
        (self.names, self.links, self.foreign)
    }

    /// The links whose file did not come.
    pub(super) fn into_unfound(self) -> Vec<Member> {
        let found = self.found;
        let wanted = self.wanted.unwrap_or_default().into_iter();
        wanted.filter(|(target, _)| !found.contains(target)).flat_map(|(_, links)| links).collect()
    }

    pub(super) fn run(&mut self, session: &mut Session<'_>) {
        let mut block = [0; BLOCK];
        while session.is_open() {
            let count = self.source.fill(&mut block, &mut session.ledger);
            if count < BLOCK {
                self.note_partial_block(session, block.get(..count).unwrap_or_default());
                break;
            }
            if block.iter().all(|b| *b == 0) {
                self.is_ended = true;
                continue;
            }
            match parse_header(&block) {
                Some(header) => self.read_header(session, header),
                None => self.note_bad_header(session),
            }
        }
    }

    fn note_partial_block(&mut self, session: &mut Session<'_>, rest: &[u8]) {
        if rest.iter().all(|b| *b == 0) || !self.source.outcome().is_whole() {
            return;
        }
        if self.is_ended {
            let start = self.source.position().saturating_sub(rest.len() as u64);
            self.foreign.get_or_insert(start);
        } else {
            session.note(self.place, AnomalyKind::Truncated, None, || {
                "the archive ends inside a header".to_owned()
            });
            session.gap_of_place(self.place, GapKind::Unreadable, "the archive ends inside a header");
        }
    }

    fn note_bad_header(&mut self, session: &mut Session<'_>) {
        let start = self.source.position().saturating_sub(BLOCK as u64);
        if self.is_ended {
            self.foreign.get_or_insert(start);
        } else if !self.is_lost {
            self.is_lost = true;
            session.note(self.place, AnomalyKind::BadHeader, None, || {
                format!("the header at {start} is invalid")
            });
            session.gap_of_place(
                self.place,
                GapKind::Unreadable,
                format!("no member could be read from {start} to the next valid header"),
            );
        }
    }

    fn read_header(&mut self, session: &mut Session<'_>, header: Header) {
        self.is_lost = false;
        if self.is_ended && !self.has_members_after_end {
            self.has_members_after_end = true;
            session.note(self.place, AnomalyKind::DataAfterEnd, None, || {
                "members follow the end mark".to_owned()
            });
        }
        self.is_ended = false;
        match header.type_flag {
            b'x' | b'X' | b'g' | b'L' | b'K' => self.read_extension(session, &header),
            _ => self.read_member(session, header),
        }
    }

    fn read_extension(&mut self, session: &mut Session<'_>, header: &Header) {
        let mut buffer = session.take_buffer();
        if let Some(length) = self.read_extension_content(session, header.size, &mut buffer) {
            let content = buffer.get(..length).unwrap_or_default();
            self.keep_extension(session, header.type_flag, content);
        }
        session.return_buffer(buffer);
    }

    fn keep_extension(&mut self, session: &mut Session<'_>, type_flag: u8, content: &[u8]) {
        let is_repeated = match type_flag {
            b'L' => self.extension.long_name.replace(until_nul(content)).is_some(),
            b'K' => self.extension.long_link.replace(until_nul(content)).is_some(),
            b'g' => {
                self.keep_global(session, content);
                false
            }
            _ => {
                let pax = parse_pax(content);
                self.note_pax(session, &pax);
                self.extension.pax.replace(pax).is_some()
            }
        };
        if is_repeated {
            session.note(self.place, AnomalyKind::RepeatedExtension, None, || {
                "one member has two extension headers of a kind".to_owned()
            });
        }
    }

    fn keep_global(&mut self, session: &mut Session<'_>, content: &[u8]) {
        let global = parse_pax(content);
        self.note_pax(session, &global);
        if global.has_effect() {
            session.note(self.place, AnomalyKind::PaxGlobal, None, || {
                "a global header sets a path, link or size".to_owned()
            });
            self.global = global;
        }
    }

    fn note_pax(&self, session: &mut Session<'_>, pax: &Pax) {
        if pax.is_damaged {
            session
                .note(self.place, AnomalyKind::BadExtension, None, || "a PAX record is malformed".to_owned());
        }
        if pax.is_ambiguous {
            session.note(self.place, AnomalyKind::RepeatedExtension, None, || {
                "a PAX header gives one keyword two values".to_owned()
            });
        }
    }

    /// Reads the content of an extension header into `buffer`; gives its length if it is all there.
    fn read_extension_content(
        &mut self,
        session: &mut Session<'_>,
        size: u64,
        buffer: &mut Vec<u8>,
    ) -> Option<usize> {
        let room = session.member_room();
        let filled = self.source.fill_growing(buffer, size.min(EXTENSION_ROOM), room, &mut session.ledger);
        let rest = size - filled as u64;
        if rest > 0 && session.is_open() && self.source.outcome().is_whole() {
            session.note(self.place, AnomalyKind::BadExtension, None, || {
                format!("an extension header declares {size} bytes")
            });
            session.gap_of_place(self.place, GapKind::Unreadable, "an extension header could not be read");
        }
        self.source.skip(rest, &mut session.ledger);
        self.skip_padding(session, size);
        (rest == 0).then_some(filled)
    }

    fn skip_padding(&mut self, session: &mut Session<'_>, size: u64) {
        let unit = BLOCK as u64;
        self.source.skip((unit - size % unit) % unit, &mut session.ledger);
    }

    fn read_member(&mut self, session: &mut Session<'_>, header: Header) {
        let extension = std::mem::take(&mut self.extension);
        let has_extension = !extension.is_empty();
        let is_conflict =
            extension.long_name.is_some() && extension.pax.as_ref().is_some_and(|p| p.path.is_some());
        let is_sparse = header.type_flag == b'S' || extension.pax.as_ref().is_some_and(|p| p.is_sparse);
        let described = self.describe(header, extension);
        let Some(path) = session.admit(self.place, &described.raw_name) else { return };
        if is_conflict {
            session.note(self.place, AnomalyKind::PaxName, Some(&path), || {
                "a GNU long name and a PAX path name the same member".to_owned()
            });
        }
        if has_extension && described.size != described.header.size && described.size < OCTAL_LIMIT {
            session.note(self.place, AnomalyKind::PaxSize, Some(&path), || {
                format!("the header says {} bytes, PAX says {}", described.header.size, described.size)
            });
        }
        if is_sparse {
            session.note(self.place, AnomalyKind::SparseMember, Some(&path), || {
                "the content is stored without its holes".to_owned()
            });
            self.skip_sparse_map(session, &described.header);
        }
        let kind = self.kind_of(session, &path, &described);
        let member = Member { path, kind, mode: described.header.mode, size: described.size, is_whole: true };
        if member.kind == EntryKind::File {
            self.read_file(session, member);
        } else {
            self.skip_undue_content(session, &member);
            self.pass_on(session, member, &described);
        }
    }

    fn describe(&self, header: Header, extension: Extension) -> Described {
        let pax = extension.pax.unwrap_or_default();
        let raw_name = pax
            .path
            .or(extension.long_name)
            .or_else(|| self.global.path.clone())
            .unwrap_or_else(|| header.name.clone());
        let raw_link = pax
            .link
            .or(extension.long_link)
            .or_else(|| self.global.link.clone())
            .unwrap_or_else(|| header.link.clone());
        let size = pax.size.or(self.global.size).unwrap_or(header.size);
        Described { raw_name, raw_link, size, header }
    }

    fn kind_of(&self, session: &mut Session<'_>, path: &str, described: &Described) -> EntryKind {
        let target = || escape_bytes(&described.raw_link);
        match described.header.type_flag {
            0 if described.raw_name.ends_with(b"/") => EntryKind::Directory,
            0 | b'0' | b'7' | b'S' => EntryKind::File,
            b'1' => EntryKind::Hardlink { target: target() },
            b'2' => EntryKind::Symlink { target: target() },
            b'3' | b'4' => EntryKind::Device,
            b'5' => EntryKind::Directory,
            b'6' => EntryKind::Other,
            flag => {
                session.note(self.place, AnomalyKind::UnknownMemberType, Some(path), || {
                    format!("the member's type is `{}`", escape_bytes(&[flag]))
                });
                EntryKind::File
            }
        }
    }

    fn skip_sparse_map(&mut self, session: &mut Session<'_>, header: &Header) {
        let mut has_more = header.has_more_map;
        let mut block = [0; BLOCK];
        while has_more && self.source.fill(&mut block, &mut session.ledger) == BLOCK {
            has_more = block[504] != 0;
        }
    }

    fn read_file(&mut self, session: &mut Session<'_>, mut member: Member) {
        let declared = member.size;
        let mut buffer = session.take_buffer();
        let room = session.member_room();
        let filled = self.source.fill_growing(&mut buffer, declared, room, &mut session.ledger);
        let skipped = self.source.skip(declared - filled as u64, &mut session.ledger);
        let there = filled as u64 + skipped;
        member.is_whole = filled as u64 == declared;
        if there < declared {
            self.note_short_content(session, &member.path, there, declared);
            member.size = there;
        } else if !member.is_whole {
            let detail = format!("only the first {filled} of {declared} bytes were handed over");
            session.gap(&member.path, GapKind::ArchiveBudget, detail);
        }
        let content = buffer.get(..filled).unwrap_or_default();
        self.hand_over(session, &member, content);
        session.return_buffer(buffer);
        self.skip_padding(session, declared);
    }

    fn note_short_content(&self, session: &mut Session<'_>, path: &str, there: u64, declared: u64) {
        let outcome = self.source.outcome();
        // A spent budget or a broken stream around the tar is reported where it happened.
        if session.is_open() && outcome.is_whole() {
            session.note(self.place, AnomalyKind::Truncated, Some(path), || {
                format!("the archive ends after {there} of {declared} bytes")
            });
        }
        let is_budget = !session.is_open() || outcome.limit.is_some();
        let kind = if is_budget { GapKind::ArchiveBudget } else { GapKind::Unreadable };
        session.gap(path, kind, format!("only {there} of {declared} bytes could be read"));
    }

    /// Delivers a file, or in a second walk the links to it.
    fn hand_over(&mut self, session: &mut Session<'_>, member: &Member, content: &[u8]) {
        let Some(wanted) = &self.wanted else {
            session.deliver(self.place, &mut self.names, member, content);
            return;
        };
        for link in wanted.get(&member.path).into_iter().flatten() {
            let link = Member { size: member.size, is_whole: member.is_whole, ..link.clone() };
            session.deliver(self.place, &mut self.names, &link, content);
            self.found.insert(member.path.clone());
        }
    }

    /// CPython gives links, directories and devices no content; writers that store some are followed only where
    /// no header comes next.
    fn skip_undue_content(&mut self, session: &mut Session<'_>, member: &Member) {
        if member.size == 0 {
            return;
        }
        session.note(self.place, AnomalyKind::SizedLink, Some(&member.path), || {
            format!("a member that is no file declares {} bytes", member.size)
        });
        let next = self.source.peek(BLOCK, &mut session.ledger);
        let is_block = next.first_chunk().is_some_and(|block| parse_header(block).is_some());
        if !is_block && next.iter().any(|b| *b != 0) {
            self.source.skip(member.size, &mut session.ledger);
            self.skip_padding(session, member.size);
        }
    }

    /// Delivers what has no content; links wait for the end of the walk.
    fn pass_on(&mut self, session: &mut Session<'_>, mut member: Member, described: &Described) {
        member.size = 0;
        if is_link(&member.kind) {
            if self.wanted.is_none() {
                self.keep_link(session, member, &described.raw_link);
            }
            return;
        }
        if matches!(member.kind, EntryKind::Device | EntryKind::Other) {
            session.note(self.place, AnomalyKind::DeviceNode, Some(&member.path), || {
                "a device node or pipe".to_owned()
            });
        }
        if self.wanted.is_none() {
            session.deliver(self.place, &mut self.names, &member, b"");
        }
    }

    fn keep_link(&mut self, session: &mut Session<'_>, member: Member, raw_target: &[u8]) {
        let relative = match member.kind {
            EntryKind::Symlink { .. } => Relative::ToLink,
            _ => Relative::ToRoot,
        };
        let target = resolve_target(self.place.local(&member.path), raw_target, relative);
        if target.is_none() {
            session.note(self.place, AnomalyKind::EscapingLink, Some(&member.path), || {
                format!("it points to `{}`", escape_bytes(raw_target))
            });
        }
        session.check_names(self.place, &mut self.names, &member, raw_target);
        if relative == Relative::ToLink {
            self.names.add_link(&member.path);
        }
        if self.links.len() >= FOLLOWED || raw_target.len() > session.ledger.budget().path_len {
            session.deliver(self.place, &mut NameIndex::default(), &member, b"");
            return;
        }
        let target = target.map(|t| self.place.full(&t));
        self.links.push(Link { member, target });
    }
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.split(|b| *b == 0).next().unwrap_or_default().to_vec()
}
