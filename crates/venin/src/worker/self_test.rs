//! `venin worker --self-test`: what a confined worker can still do, tried from the inside.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Command, ExitCode};
use std::time::Duration;

use serde::Serialize;

use super::confine::raise_barriers;
use super::protocol::Barriers;

/// What the self-test prints.
#[derive(Serialize)]
struct SelfTest {
    barriers: Barriers,
    attempts: Vec<Attempt>,
}

/// One thing that a worker must not be able to do.
#[derive(Serialize)]
struct Attempt {
    name: &'static str,
    is_possible: bool,
    /// The error that it met.
    error: Option<String>,
}

/// The body of the hidden command `venin worker --self-test`: raises the barriers, runs into each, and prints the
/// outcome as JSON.  Fails when anything was possible.
pub(crate) fn self_test() -> ExitCode {
    let own_path = std::env::current_exe().unwrap_or_else(|_| "/".into());
    let temporary = std::env::temp_dir();
    let barriers = raise_barriers();
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let attempts = vec![
        attempt("read a file", || File::open(&own_path).map(drop)),
        attempt("list a directory", || std::fs::read_dir("/").map(drop)),
        attempt("write a file", || {
            let path = temporary.join("venin-self-test");
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)
                .and_then(|_| std::fs::remove_file(&path))
        }),
        attempt("remove a file", || no_such_file(std::fs::remove_file(temporary.join("venin-self-test")))),
        attempt("listen on TCP", || TcpListener::bind("127.0.0.1:0").map(drop)),
        attempt("connect by TCP", || {
            refused(TcpStream::connect_timeout(&nowhere, Duration::from_secs(1)).map(drop))
        }),
        attempt("open a UDP socket", || UdpSocket::bind("127.0.0.1:0").map(drop)),
        attempt("run a program", || {
            no_such_file(Command::new(&own_path).arg("--version").output().map(drop))
        }),
    ];
    let is_shut_in = attempts.iter().all(|attempt| !attempt.is_possible);
    let text = serde_json::to_string_pretty(&SelfTest { barriers, attempts }).unwrap_or_default();
    let printed = writeln!(io::stdout(), "{text}");
    if is_shut_in && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn attempt(name: &'static str, act: impl FnOnce() -> io::Result<()>) -> Attempt {
    let error = act().err();
    Attempt { name, is_possible: error.is_none(), error: error.map(|error| error.to_string()) }
}

/// Getting as far as "there is no such file" means that nothing stopped the attempt.
fn no_such_file(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Getting as far as a refused connection means that nothing stopped the attempt.
fn refused(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::ConnectionRefused { Ok(()) } else { Err(error) })
}
