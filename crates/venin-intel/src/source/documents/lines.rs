//! Lines of a stream, each bounded.

use std::io::{BufRead, BufReader, Read};

use super::{Found, Take};
use crate::source::{SourceError, SourceProblem};

/// Longest line, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// What happens to a line: its number from 1 on, and its bytes without the line end; `Err` when it is too long.
pub(crate) type TakeLine<'a> = dyn FnMut(u64, Result<&[u8], String>) -> Result<(), SourceError> + 'a;

/// Hands over every line that is not blank.  A line that is too long is passed over, not kept in memory.
///
/// # Errors
/// Only those of `take`; a stream that breaks off is handed over as a line that cannot be read.
pub(crate) fn read_lines(reader: impl Read, take: &mut TakeLine<'_>) -> Result<(), SourceError> {
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return take(number, Err(error.to_string())),
        }
        if line.len() as u64 >= MAX_LINE && line.last() != Some(&b'\n') {
            take(number, Err(format!("longer than {MAX_LINE} bytes")))?;
            if let Err(error) = reader.skip_until(b'\n') {
                return take(number, Err(error.to_string()));
            }
            continue;
        }
        let text = line.trim_ascii();
        let text = if number == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        if !text.is_empty() {
            take(number, Ok(text))?;
        }
    }
}

pub(super) fn read_json_lines(what: &str, reader: impl Read, take: &mut Take<'_>) -> Result<(), SourceError> {
    read_lines(reader, &mut |number, line| {
        let name = format!("{what}:{number}");
        match line {
            Ok(bytes) => take(Found::Document(&name, bytes)),
            Err(error) => take(Found::Problem(SourceProblem { what: name, error })),
        }
    })
}
