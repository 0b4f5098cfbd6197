//! One scan on the current thread: what a worker process does for its parent, and what a thread does without one.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Instant;

use venin_report::{ArtifactReport, Timings};
use venin_scan::Scanner;

use super::collect::Collected;

/// Longest message of a panic that is kept, in characters: it may quote what the scanner was reading.
const MAX_MESSAGE: usize = 200;

thread_local! {
    /// On a thread that scans: where the last panic was.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static IS_SCANNING: RefCell<bool> = const { RefCell::new(false) };
}

/// Scans what was collected.
///
/// # Errors
/// A defect of the scanner was caught; the text says where.
pub(super) fn scan_collected(
    collected: &mut Collected,
    scanner: &Scanner,
    cpu_clock: fn() -> Option<f64>,
) -> Result<ArtifactReport, String> {
    keep_panics();
    let (start, cpu_start) = (Instant::now(), cpu_clock());
    IS_SCANNING.set(true);
    let scan = catch_unwind(AssertUnwindSafe(|| collected.scan(&|input| scanner.scan(input))));
    IS_SCANNING.set(false);
    let scan = match scan {
        Ok(Some(scan)) => scan,
        Ok(None) => return Err("nothing was handed over".to_owned()),
        Err(_) => return Err(PANIC.take().unwrap_or_else(|| "the scanner failed".to_owned())),
    };
    let mut report = ArtifactReport::from(&scan);
    let cpu_ms = cpu_start.zip(cpu_clock()).map(|(before, after)| after - before);
    report.timings = Timings { wall_ms: start.elapsed().as_secs_f64() * 1000.0, cpu_ms };
    Ok(report)
}

/// Panics while scanning are kept for the report instead of printed; others go where they always went.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !IS_SCANNING.with_borrow(|is| *is) {
                previous(info);
                return;
            }
            let place =
                info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
            let message = info.payload_as_str().unwrap_or_default();
            let message: String = message.chars().take(MAX_MESSAGE).collect();
            PANIC.set(Some(format!("the scanner failed{place}: {message}")));
        }));
    });
}
