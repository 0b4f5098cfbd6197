//! Programs that run to their end, and servers that run until they are dropped.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::http::get;

/// Longest start of a server.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs a program to its end.
///
/// # Errors
/// What it said, if it could not be started or did not succeed.
pub(super) fn run(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{command:?} ended with {}\n{out}{err}", output.status))
}

/// A server that ends when it is dropped, or when this process does: its standard input ends then.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a server and waits until `url` answers 200; what it says goes into the file `log`.
    ///
    /// # Panics
    /// It cannot be started, ends, or does not answer in time.
    pub(super) fn start(command: &mut Command, url: &str, log: &Path) -> Self {
        let file = File::create(log).unwrap();
        let errors = file.try_clone().unwrap();
        let child = command.stdin(Stdio::piped()).stdout(file).stderr(errors).spawn().unwrap();
        let mut server = Self { child, log: log.to_owned() };
        let begin = Instant::now();
        while !get(url).is_ok_and(|answer| answer.status == 200) {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "{command:?} ended with {ended:?}\n{}", server.said());
            assert!(begin.elapsed() < PATIENCE, "{url} does not answer\n{}", server.said());
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    /// What the server has said so far.
    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
