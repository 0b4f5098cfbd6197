//! What parent and worker say to each other, beyond the bytes of targets.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use venin_model::{Gap, GapKind};
use venin_report::ArtifactReport;

use super::frame::{FrameKind, MAX_REQUEST, read_frame, write_frame};
use crate::targets::{Intake, Subject};

/// What confines a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Barriers {
    /// Barriers in force, in the order in which they were raised.
    pub(super) raised: Vec<String>,
    /// Barriers that are not, and why.
    pub(super) missing: Vec<String>,
}

impl Barriers {
    /// As a report shows it.
    pub(super) fn to_isolation(&self) -> venin_report::Isolation {
        venin_report::Isolation {
            isolated: self.missing.is_empty() && !self.raised.is_empty(),
            how: (!self.raised.is_empty()).then(|| self.raised.join("+")),
            reason: (!self.missing.is_empty()).then(|| self.missing.join("; ")),
        }
    }
}

/// A gap on the wire.
#[derive(Serialize, Deserialize)]
struct GapMessage {
    member: Option<String>,
    kind: String,
    detail: String,
}

impl GapMessage {
    fn of(gap: &Gap) -> Self {
        let member = gap.member.as_ref().map(ToString::to_string);
        Self { member, kind: gap.kind.as_str().to_owned(), detail: gap.detail.to_string() }
    }

    fn into_gap(self) -> Gap {
        let kind = GapKind::parse(&self.kind).unwrap_or(GapKind::Input);
        Gap { member: self.member.map(Into::into), kind, detail: self.detail.into() }
    }
}

/// The parent's end of the pipe to a worker.
pub(super) struct RequestWriter<W> {
    to: W,
}

impl<W: Write> RequestWriter<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to }
    }

    /// Sends a message in JSON.
    pub(super) fn send(&mut self, kind: FrameKind, message: &impl Serialize) -> io::Result<()> {
        write_frame(&mut self.to, kind, &[&serde_json::to_vec(message)?])
    }

    /// Sends a frame without payload, and all that waits.
    pub(super) fn finish(&mut self, kind: FrameKind) -> io::Result<()> {
        write_frame(&mut self.to, kind, &[])?;
        self.to.flush()
    }

    /// Sends all that waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<W: Write> Intake for RequestWriter<W> {
    fn begin(&mut self, subject: &Subject) -> io::Result<()> {
        self.send(FrameKind::Begin, subject)
    }

    fn member(&mut self, path: &str, size: u64) -> io::Result<()> {
        write_frame(&mut self.to, FrameKind::Member, &[&size.to_le_bytes(), path.as_bytes()])
    }

    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()> {
        write_frame(&mut self.to, FrameKind::Bytes, &[chunk])
    }

    fn gap(&mut self, gap: Gap) -> io::Result<()> {
        self.send(FrameKind::Gap, &GapMessage::of(&gap))
    }
}

/// What a worker is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The rules and options, in JSON.
    Setup(Vec<u8>),
    /// Scan what was taken in.
    Scan,
}

/// Reads until something is to be done; what belongs to a target goes to `intake`.  `None` at the end.
///
/// # Errors
/// The parent is gone or talks nonsense; there is nobody left to tell.
pub(super) fn read_request(from: &mut dyn Read, intake: &mut dyn Intake) -> io::Result<Option<Request>> {
    while let Some((kind, payload)) = read_frame(from, MAX_REQUEST)? {
        match kind {
            FrameKind::Setup => return Ok(Some(Request::Setup(payload))),
            FrameKind::Scan => return Ok(Some(Request::Scan)),
            FrameKind::Begin => intake.begin(&serde_json::from_slice(&payload)?)?,
            FrameKind::Member => {
                let (size, path) = payload.split_first_chunk().ok_or(io::ErrorKind::InvalidData)?;
                intake.member(&String::from_utf8_lossy(path), u64::from_le_bytes(*size))?;
            }
            FrameKind::Bytes => intake.bytes(&payload)?,
            FrameKind::Gap => intake.gap(serde_json::from_slice::<GapMessage>(&payload)?.into_gap())?,
            FrameKind::Forget => {
                let nothing = Subject { name: String::new(), shape: crate::targets::Shape::File, size: 0 };
                intake.begin(&nothing)?;
            }
            FrameKind::Ready | FrameKind::Report | FrameKind::Failure => {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
    Ok(None)
}

/// What a worker answers.
#[derive(Debug)]
pub(super) enum Reply {
    /// Ready, and confined so.
    Ready(Barriers),
    /// A report.
    Report(Box<ArtifactReport>),
    /// No report, and why.
    Failure(String),
}

/// Reads one reply; `None` when the worker has ended.
///
/// # Errors
/// The worker talks nonsense.
pub(super) fn read_reply(from: &mut dyn Read) -> io::Result<Option<Reply>> {
    let Some((kind, payload)) = read_frame(from, super::frame::MAX_REPLY)? else { return Ok(None) };
    Ok(Some(match kind {
        FrameKind::Ready => Reply::Ready(serde_json::from_slice(&payload)?),
        FrameKind::Report => Reply::Report(serde_json::from_slice(&payload)?),
        FrameKind::Failure => Reply::Failure(String::from_utf8_lossy(&payload).into_owned()),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Shape;
    use crate::worker::collect::Collected;

    #[test]
    fn a_target_arrives_as_it_was_sent() {
        std::thread::Builder::new()
            .stack_size(crate::worker::SCAN_STACK)
            .spawn(send_and_scan)
            .unwrap()
            .join()
            .unwrap();
    }

    fn send_and_scan() {
        let mut pipe = Vec::new();
        let mut writer = RequestWriter::new(&mut pipe);
        let subject = Subject { name: "x".into(), shape: Shape::Tree, size: 3 };
        writer.begin(&subject).unwrap();
        writer.bytes(b"").unwrap();
        writer.member("b.py", 2).unwrap();
        writer.bytes(b"b").unwrap();
        writer.gap(Gap::of_member("c".into(), GapKind::Input, "gone")).unwrap();
        writer.finish(FrameKind::Scan).unwrap();
        let mut collected = Collected::default();
        let mut from = pipe.as_slice();
        // Bytes before the first member belong to nothing.
        assert!(read_request(&mut from, &mut collected).is_err());
        assert_eq!(read_request(&mut from, &mut collected).unwrap(), Some(Request::Scan));
        let scan = collected.scan(&|input| {
            assert!(
                matches!(input, venin_scan::Input::Tree { members: [member], .. } if member.bytes == b"b")
            );
            venin_scan::Scanner::new(venin_rules::RuleSet::empty(), venin_scan::Options::default())
                .scan(input)
        });
        assert!(scan.unwrap().coverage.gaps.iter().any(|gap| &*gap.detail == "gone"));
        assert_eq!(read_request(&mut from, &mut collected).unwrap(), None);
    }

    #[test]
    fn barriers_are_isolation_only_when_none_is_missing() {
        let mut barriers =
            Barriers { raised: vec!["landlock".into(), "seccomp".into()], missing: Vec::new() };
        assert!(barriers.to_isolation().isolated);
        assert_eq!(barriers.to_isolation().how.as_deref(), Some("landlock+seccomp"));
        barriers.missing.push("no limits".into());
        assert!(!barriers.to_isolation().isolated);
        assert!(!Barriers::default().to_isolation().isolated);
    }
}
