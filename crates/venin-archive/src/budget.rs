//! How much a reading may cost, and the ledger that counts it.

/// Below this many bytes of output no compression ratio is too high: small text compresses well.
pub const RATIO_FLOOR: u64 = 16 << 20;

/// The call stack grows with the depth, so no budget may exceed this.
const MAX_DEPTH: u8 = 32;

/// Limits of one reading, shared by the archive and everything nested in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes unpacked in all.
    pub total_bytes: u64,
    /// Bytes of one member that are handed over; the rest of a larger member is not.
    pub member_bytes: u64,
    /// Unpacked bytes per packed byte, applied to a member, stream or archive above [`RATIO_FLOOR`].
    pub ratio: u64,
    /// Members in all.
    pub members: u64,
    /// How many archives may lie inside one another below the outermost; more than 32 counts as 32.
    pub depth: u8,
    /// Bytes of a member's path, the paths of the archives around it included.
    pub path_len: usize,
}

impl Default for Budget {
    /// Room for every honest release known, an end to every bomb.
    fn default() -> Self {
        Self {
            total_bytes: 1 << 30,
            member_bytes: 64 << 20,
            ratio: 200,
            members: 200_000,
            depth: 4,
            path_len: 4096,
        }
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// [`Budget::total_bytes`].
    TotalBytes,
    /// [`Budget::members`].
    Members,
    /// [`Budget::ratio`].
    Ratio,
    /// The memory that a decoder may ask for.
    Memory,
}

/// Counts what a reading has cost so far.
#[derive(Debug)]
pub(crate) struct Ledger {
    budget: Budget,
    bytes: u64,
    /// Bytes decoded only to find where something ends; they count against the total, not as content.
    effort: u64,
    members: u64,
    spent: Option<Limit>,
}

impl Ledger {
    pub(crate) const fn new(budget: Budget) -> Self {
        let budget =
            Budget { depth: if budget.depth > MAX_DEPTH { MAX_DEPTH } else { budget.depth }, ..budget };
        Self { budget, bytes: 0, effort: 0, members: 0, spent: None }
    }

    pub(crate) const fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) const fn members(&self) -> u64 {
        self.members
    }

    /// The limit that ended the whole reading, if one did.
    pub(crate) const fn spent(&self) -> Option<Limit> {
        self.spent
    }

    /// Books unpacked bytes; `false` once the total is spent.
    pub(crate) fn book_bytes(&mut self, count: u64) -> bool {
        self.bytes = self.bytes.saturating_add(count);
        self.check_total()
    }

    /// Books work that gives no content; `false` once the total is spent.
    pub(crate) fn book_effort(&mut self, count: u64) -> bool {
        self.effort = self.effort.saturating_add(count);
        self.check_total()
    }

    fn check_total(&mut self) -> bool {
        if self.bytes.saturating_add(self.effort) > self.budget.total_bytes {
            self.spent = self.spent.or(Some(Limit::TotalBytes));
        }
        self.spent.is_none()
    }

    /// Bytes that may still be unpacked, and one more, so that going over is noticed.
    pub(crate) fn room(&self) -> u64 {
        self.budget.total_bytes.saturating_sub(self.bytes).saturating_sub(self.effort).saturating_add(1)
    }

    /// Books one member; `false` once no more are allowed.
    pub(crate) fn book_member(&mut self) -> bool {
        if self.members >= self.budget.members {
            self.spent = self.spent.or(Some(Limit::Members));
        } else if self.spent.is_none() {
            self.members += 1;
        }
        self.spent.is_none()
    }

    /// Whether `produced` bytes from `consumed` packed ones are too many.
    pub(crate) const fn is_bomb(&self, produced: u64, consumed: u64) -> bool {
        produced > RATIO_FLOOR && produced > consumed.saturating_mul(self.budget.ratio)
    }
}
