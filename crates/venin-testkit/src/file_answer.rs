//! Bytes as an answer: whole, in part, or not at all because the client has them.

use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::http::{Received, Reply};
use crate::negotiate::unless_known;

/// The answer to a request for these bytes, which are the same since `changed`.
pub(crate) fn answer_bytes(media_type: &str, bytes: &[u8], changed: Timestamp, request: &Received) -> Reply {
    let length = bytes.len();
    let reply = match request.header("range").and_then(|range| parse_range(range, length)) {
        None => Reply::new(200, media_type, bytes),
        Some(None) => {
            return Reply::new(416, "text/plain", "").with("content-range", format!("bytes */{length}"));
        }
        Some(Some((first, end))) => Reply::new(206, media_type, bytes.get(first..end).unwrap_or_default())
            .with("content-range", format!("bytes {first}-{}/{length}", end - 1)),
    };
    let tag: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let reply = reply
        .with("accept-ranges", "bytes")
        .with("last-modified", changed.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    unless_known(request, reply, &format!("\"{tag}\""))
}

/// One range of bytes, first and end; the inner nothing is a range that lies outside.  Several ranges at once are
/// answered whole.
fn parse_range(header: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let suffix: usize = last.trim().parse().ok()?;
        return Some((suffix > 0 && length > 0).then(|| (length.saturating_sub(suffix), length)));
    }
    let first: usize = first.trim().parse().ok()?;
    let end =
        if last.trim().is_empty() { length } else { last.trim().parse::<usize>().ok()?.saturating_add(1) };
    Some((first < length && first < end).then(|| (first, end.min(length))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_their_standard_says() {
        assert_eq!(parse_range("bytes=0-0", 10), Some(Some((0, 1))));
        assert_eq!(parse_range("bytes=4-", 10), Some(Some((4, 10))));
        assert_eq!(parse_range("bytes=-3", 10), Some(Some((7, 10))));
        assert_eq!(parse_range("bytes=-30", 10), Some(Some((0, 10))));
        assert_eq!(parse_range("bytes=8-99", 10), Some(Some((8, 10))));
        assert_eq!(parse_range("bytes=10-", 10), Some(None));
        assert_eq!(parse_range("bytes=1-2,4-5", 10), None);
        assert_eq!(parse_range("lines=1-2", 10), None);
    }
}
