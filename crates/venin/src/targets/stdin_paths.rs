//! Paths on standard input, one a line or separated by NUL.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

/// Longest path taken in; longer ones are cut and then not found.
const MAX_PATH: u64 = 1 << 16;

/// Reads paths one by one.
pub(super) struct PathReader {
    source: Box<dyn BufRead + Send>,
    separator: Option<u8>,
}

impl PathReader {
    /// Paths of standard input.
    pub(super) fn of_stdin() -> Self {
        Self::new(Box::new(BufReader::new(std::io::stdin())))
    }

    pub(super) fn new(source: Box<dyn BufRead + Send>) -> Self {
        Self { source, separator: None }
    }

    /// NUL if the first stretch of input holds one (`find -print0`), else the line feed.
    fn separator(&mut self) -> std::io::Result<u8> {
        if let Some(separator) = self.separator {
            return Ok(separator);
        }
        let separator = if self.source.fill_buf()?.contains(&0) { 0 } else { b'\n' };
        self.separator = Some(separator);
        Ok(separator)
    }

    /// The next path that is not empty; `None` at the end.
    pub(super) fn next_path(&mut self) -> std::io::Result<Option<PathBuf>> {
        let separator = self.separator()?;
        loop {
            let mut bytes = Vec::new();
            if (&mut self.source).take(MAX_PATH).read_until(separator, &mut bytes)? == 0 {
                return Ok(None);
            }
            if bytes.last() == Some(&separator) {
                bytes.pop();
            }
            if separator == b'\n' && bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            if !bytes.is_empty() {
                return Ok(Some(path_of(bytes)));
            }
        }
    }
}

impl std::fmt::Debug for PathReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PathReader").field("separator", &self.separator).finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &'static str) -> Vec<String> {
        let mut reader = PathReader::new(Box::new(text.as_bytes()));
        let mut paths = Vec::new();
        while let Some(path) = reader.next_path().unwrap() {
            paths.push(path.to_string_lossy().into_owned());
        }
        paths
    }

    #[test]
    fn lines_are_paths_and_empty_lines_are_not() {
        assert_eq!(read_all("a.whl\n\nb c.whl\r\nlast"), ["a.whl", "b c.whl", "last"]);
    }

    #[test]
    fn with_nul_a_line_feed_belongs_to_the_path() {
        assert_eq!(read_all("a\nb\0c\0"), ["a\nb", "c"]);
    }
}
