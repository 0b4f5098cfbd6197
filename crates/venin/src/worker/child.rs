//! A worker process as its parent sees it.

use std::io::{self, BufReader, BufWriter};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use venin_report::{ArtifactReport, Problem};

use super::WorkerOptions;
use super::frame::FrameKind;
use super::protocol::{Barriers, Reply, RequestWriter, read_reply};
use super::watchdog::{Watchdog, Watched};
use crate::targets::{Gap, Intake, SendError, Subject, Target};

/// A worker process.
#[derive(Debug)]
pub(super) struct Worker {
    watched: Arc<Watched>,
    requests: RequestWriter<BufWriter<ChildStdin>>,
    replies: BufReader<ChildStdout>,
    /// What confines it, once it has said so.
    barriers: Option<Barriers>,
    patience: Duration,
}

impl<W> std::fmt::Debug for RequestWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestWriter")
    }
}

/// Why there is no report.
#[derive(Debug)]
pub(super) enum WorkerError {
    /// The target cannot be read; the worker goes on.
    Input(Problem),
    /// The scanner failed on this target and said so; the worker goes on.
    Failed(String),
    /// The worker is no more, and why.
    Died(String),
}

/// The allocator takes memory in small steps, and what is small it gives back only after a second: a worker lives for many
/// artifacts that are much alike, and to give back after each what the next one needs takes a tenth of the processor
/// time.  What is large comes from the system and goes back to it at once.
const ALLOCATOR_OPTIONS: [(&str, &str); 3] = [
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
    ("MIMALLOC_PURGE_DELAY", "1000"),
    ("MIMALLOC_ARENA_MAX_OBJECT_SIZE", "1M"),
];

impl Worker {
    /// Starts a process and hands it the rules; does not wait for it.
    ///
    /// # Errors
    /// The process cannot be started.
    pub(super) fn start(options: &WorkerOptions, watchdog: &Watchdog) -> io::Result<Self> {
        let mut command = match options.command.as_deref() {
            Some([program, arguments @ ..]) => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
            _ => Command::new(own_program()?),
        };
        command
            .arg("worker")
            .env_clear()
            .envs(ALLOCATOR_OPTIONS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a worker without pipes"));
        };
        let watched = Watched::new(child);
        watchdog.add(Arc::clone(&watched));
        let mut worker = Self {
            watched,
            requests: RequestWriter::new(BufWriter::with_capacity(1 << 16, stdin)),
            replies: BufReader::with_capacity(1 << 16, stdout),
            barriers: None,
            patience: options.patience,
        };
        // If the worker is gone already, the first scan finds out and tells how it ended.
        let _ = worker.requests.send(FrameKind::Setup, &options.setup).and_then(|()| worker.requests.flush());
        Ok(worker)
    }

    /// What confines it, as far as it has said so.
    pub(super) fn barriers(&self) -> Option<&Barriers> {
        self.barriers.as_ref()
    }

    /// Sends a target and waits for the report on it.
    ///
    /// # Errors
    /// [`WorkerError`]; after [`WorkerError::Died`] the worker is useless.
    pub(super) fn scan(&mut self, target: &Target) -> Result<ArtifactReport, WorkerError> {
        let result = self.converse(target);
        self.watched.expect_within(None);
        result.map_err(|error| match error {
            Broken::Input(problem) => WorkerError::Input(problem),
            Broken::Failed(detail) => WorkerError::Failed(detail),
            Broken::Pipe(error) => WorkerError::Died(self.cause_of_death(&error)),
        })
    }

    fn converse(&mut self, target: &Target) -> Result<ArtifactReport, Broken> {
        self.await_ready()?;
        self.watched.expect_within(Some(self.patience));
        let mut intake =
            Alive { requests: &mut self.requests, watched: &self.watched, patience: self.patience };
        match target.send_to(&mut intake) {
            Ok(()) => {}
            Err(SendError::Intake(error)) => return Err(Broken::Pipe(error)),
            Err(SendError::Input(problem)) => {
                self.requests.finish(FrameKind::Forget)?;
                return Err(Broken::Input(problem));
            }
        }
        self.requests.finish(FrameKind::Scan)?;
        self.watched.expect_within(Some(self.patience));
        match read_reply(&mut self.replies)? {
            Some(Reply::Report(report)) => Ok(*report),
            Some(Reply::Failure(detail)) => Err(Broken::Failed(detail)),
            Some(Reply::Ready(_)) => Err(Broken::Pipe(io::ErrorKind::InvalidData.into())),
            None => Err(Broken::Pipe(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// The first reply says what confines the worker, or that the rules are wrong.
    fn await_ready(&mut self) -> Result<(), Broken> {
        if self.barriers.is_some() {
            return Ok(());
        }
        self.watched.expect_within(Some(self.patience));
        match read_reply(&mut self.replies)? {
            Some(Reply::Ready(barriers)) => {
                self.barriers = Some(barriers);
                Ok(())
            }
            Some(Reply::Failure(detail)) => Err(Broken::Pipe(io::Error::other(detail))),
            Some(Reply::Report(_)) => Err(Broken::Pipe(io::ErrorKind::InvalidData.into())),
            None => Err(Broken::Pipe(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Why the pipe broke, in words.
    fn cause_of_death(&self, error: &io::Error) -> String {
        let status = self.watched.wait_a_moment();
        if self.watched.is_late() {
            return format!("the worker made no progress for {} s and was ended", self.patience.as_secs());
        }
        match error.kind() {
            io::ErrorKind::InvalidData => "the worker answered nonsense and was ended".to_owned(),
            io::ErrorKind::Other => format!("the worker cannot start: {error}"),
            _ => status.map_or_else(|| format!("the worker is gone: {error}"), describe_status),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.watched.end();
    }
}

/// Why a conversation ended.
enum Broken {
    Input(Problem),
    Failed(String),
    Pipe(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        // JSON that cannot be read arrives as an error of its own kind; all of it is nonsense.
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                Self::Pipe(error)
            }
            _ => Self::Pipe(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}

/// Bytes on their way to a worker; each is a sign of life.
struct Alive<'a> {
    requests: &'a mut RequestWriter<BufWriter<ChildStdin>>,
    watched: &'a Watched,
    patience: Duration,
}

impl Alive<'_> {
    fn after<T>(&self, result: T) -> T {
        self.watched.expect_within(Some(self.patience));
        result
    }
}

impl Intake for Alive<'_> {
    fn begin(&mut self, subject: &Subject) -> io::Result<()> {
        let result = self.requests.begin(subject);
        self.after(result)
    }

    fn member(&mut self, path: &str, size: u64) -> io::Result<()> {
        let result = self.requests.member(path, size);
        self.after(result)
    }

    fn bytes(&mut self, chunk: &[u8]) -> io::Result<()> {
        let result = self.requests.bytes(chunk);
        self.after(result)
    }

    fn gap(&mut self, gap: Gap) -> io::Result<()> {
        let result = self.requests.gap(gap);
        self.after(result)
    }
}

/// The running program itself, even if its file was replaced in the meantime.
fn own_program() -> io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() { Ok(own) } else { std::env::current_exe() }
}

#[cfg(unix)]
fn describe_status(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("the worker was ended by signal {signal}{}", signal_name(signal)),
        (None, Some(code)) => format!("the worker ended with status {code}"),
        (None, None) => "the worker ended".to_owned(),
    }
}

#[cfg(not(unix))]
fn describe_status(status: ExitStatus) -> String {
    format!("the worker ended: {status}")
}

/// The signals that a scan can meet, with what they mean there.
#[cfg(unix)]
fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT: out of memory or stack, or a defect)",
        7 => " (SIGBUS)",
        9 => " (SIGKILL: by the system, usually for want of memory)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        24 => " (SIGXCPU: too much processor time)",
        31 => " (SIGSYS)",
        _ => "",
    }
}
