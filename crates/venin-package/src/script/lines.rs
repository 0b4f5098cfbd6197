//! Where the lines of a text begin, looked for once: a line per call would cost the text per call.

/// The offsets at which the lines of a text begin.
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    /// Those of a text.
    pub(super) fn of(text: &str) -> Self {
        let behind = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self(std::iter::once(0).chain(behind).collect())
    }

    /// The number of the line that holds an offset, from 1, and where it begins.
    pub(super) fn line_of(&self, offset: usize) -> (usize, usize) {
        let number = self.0.partition_point(|start| *start <= offset);
        (number, self.0.get(number.saturating_sub(1)).copied().unwrap_or(0))
    }
}
