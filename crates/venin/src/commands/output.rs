//! Where data goes: standard output or a file.

use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use crate::diagnostics::{hinted, plain_cause};

/// A sink for reports.
///
/// A reader that closes the pipe has seen enough: from then on nothing is written, and that is no error.
#[derive(Debug)]
pub(crate) struct Output {
    sink: Sink,
    is_closed: bool,
}

#[derive(Debug)]
enum Sink {
    Stdout(BufWriter<Stdout>),
    File { file: BufWriter<File>, path: PathBuf },
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Self { sink: Sink::Stdout(BufWriter::new(io::stdout())), is_closed: false }
    }

    /// A file, made or emptied now, so that a wrong path is known before hours of work.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn file(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).map_err(|error| {
            let message = format!("cannot write `{}`: {}", path.display(), plain_cause(&error));
            hinted(message, "name a file in a directory that exists and can be written")
        })?;
        let sink = Sink::File { file: BufWriter::new(file), path: path.to_owned() };
        Ok(Self { sink, is_closed: false })
    }

    /// Whether the reader is gone.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Writes at once, so that a reader sees each piece when it is ready.
    ///
    /// # Errors
    /// Anything but a closed pipe.
    pub(crate) fn write(&mut self, text: &str) -> anyhow::Result<()> {
        self.write_bytes(text.as_bytes())
    }

    /// Like [`Output::write`] for what is no text.
    ///
    /// # Errors
    /// Anything but a closed pipe.
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let written = match &mut self.sink {
            Sink::Stdout(out) => out.write_all(bytes).and_then(|()| out.flush()),
            Sink::File { file, .. } => file.write_all(bytes),
        };
        self.check(written)
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// Anything but a closed pipe.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        let written = match &mut self.sink {
            Sink::Stdout(_) => return Ok(()),
            Sink::File { file, .. } => file.flush(),
        };
        self.check(written)
    }

    fn check(&mut self, written: io::Result<()>) -> anyhow::Result<()> {
        match written {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            Err(error) => {
                let name = match &self.sink {
                    Sink::Stdout(_) => "standard output".to_owned(),
                    Sink::File { path, .. } => format!("`{}`", path.display()),
                };
                let message = format!("cannot write {name}: {}", plain_cause(&error));
                Err(hinted(message, "free space on the disk, or write elsewhere with --output"))
            }
        }
    }
}

/// An output as the writer that libraries want; what went wrong is kept with its hint.
#[derive(Debug)]
pub(crate) struct Bytes<'a> {
    output: &'a mut Output,
    failure: Option<anyhow::Error>,
}

impl<'a> Bytes<'a> {
    /// Of an output.
    pub(crate) const fn new(output: &'a mut Output) -> Self {
        Self { output, failure: None }
    }

    /// What a library says of its writing: the output's own failure, where that was the cause.
    ///
    /// # Errors
    /// It failed.
    pub(crate) fn check(self, written: io::Result<()>) -> anyhow::Result<()> {
        self.failure.map_or(Ok(()), Err)?;
        Ok(written?)
    }
}

impl Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.output.write_bytes(bytes) {
            let cause = io::Error::other(error.to_string());
            self.failure = Some(error);
            return Err(cause);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
