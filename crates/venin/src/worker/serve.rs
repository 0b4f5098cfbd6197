//! The life of a worker: shut itself in, take rules, take targets, answer each, end when the parent does.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use venin_scan::Scanner;

use super::collect::Collected;
use super::confine::{grant_cpu, process_cpu_ms, raise_barriers};
use super::frame::{FrameKind, write_frame};
use super::inline::scan_collected;
use super::protocol::{Barriers, Request, read_request};
use super::{SCAN_STACK, ScanSetup};

/// Processor time that one artifact may take, in seconds.
const MAX_CPU: u64 = 600;

/// The body of the hidden command `venin worker`: serves the parent on standard input and output.
pub(crate) fn serve() -> ExitCode {
    let barriers = raise_barriers();
    let body =
        move || serve_pipes(&mut BufReader::new(io::stdin()), &mut BufWriter::new(io::stdout()), &barriers);
    let thread = std::thread::Builder::new().name("scan".to_owned()).stack_size(SCAN_STACK).spawn(body);
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Serves until the requests end.
///
/// # Errors
/// The parent is gone or talks nonsense.
fn serve_pipes(from: &mut dyn Read, to: &mut dyn Write, barriers: &Barriers) -> io::Result<()> {
    let mut scanner: Option<Scanner> = None;
    let mut collected = Collected::default();
    while let Some(request) = read_request(from, &mut collected)? {
        match request {
            Request::Setup(setup) => match serde_json::from_slice::<ScanSetup>(&setup)?.build() {
                Ok(built) => {
                    scanner = Some(built);
                    write_frame(to, FrameKind::Ready, &[&serde_json::to_vec(barriers)?])?;
                }
                Err(error) => write_frame(to, FrameKind::Failure, &[error.as_bytes()])?,
            },
            Request::Scan => {
                grant_cpu(MAX_CPU);
                let scanner = scanner.as_ref().ok_or(io::ErrorKind::InvalidData)?;
                match scan_collected(&mut collected, scanner, process_cpu_ms) {
                    Ok(report) => write_frame(to, FrameKind::Report, &[&serde_json::to_vec(&report)?])?,
                    Err(error) => write_frame(to, FrameKind::Failure, &[error.as_bytes()])?,
                }
            }
        }
        to.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use venin_model::{GapKind, Persona, Verdict};

    use super::*;
    use crate::targets::{Gap, Intake, Shape, Subject};
    use crate::worker::protocol::{Reply, RequestWriter, read_reply};

    #[test]
    fn a_target_with_a_gap_is_never_clean() {
        let mut pipe = Vec::new();
        let mut writer = RequestWriter::new(&mut pipe);
        writer.send(FrameKind::Setup, &ScanSetup::new(Persona::Team)).unwrap();
        for gap in [None, Some(Gap::of_artifact(GapKind::Input, "half of it"))] {
            writer.begin(&Subject { name: "x.py".into(), shape: Shape::File, size: 0 }).unwrap();
            writer.bytes(b"x = 1\n").unwrap();
            gap.into_iter().for_each(|gap| writer.gap(gap).unwrap());
            writer.finish(FrameKind::Scan).unwrap();
        }
        let barriers = Barriers::default();
        let body = move || {
            let mut replies = Vec::new();
            serve_pipes(&mut pipe.as_slice(), &mut replies, &barriers).unwrap();
            replies
        };
        let replies = std::thread::Builder::new().stack_size(SCAN_STACK).spawn(body).unwrap().join().unwrap();
        let mut from = replies.as_slice();
        assert!(matches!(read_reply(&mut from).unwrap(), Some(Reply::Ready(_))));
        let Some(Reply::Report(whole)) = read_reply(&mut from).unwrap() else { panic!("no report") };
        assert_eq!((whole.verdict, whole.complete, whole.file.as_str()), (Verdict::Clean, true, "x.py"));
        let Some(Reply::Report(half)) = read_reply(&mut from).unwrap() else { panic!("no report") };
        assert_eq!((half.verdict, half.complete), (Verdict::Incomplete, false));
        assert!(half.coverage.gaps.iter().any(|gap| gap.detail == "half of it"));
    }
}
