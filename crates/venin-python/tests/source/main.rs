//! The front end from outside: what a text is lowered to, and what hostile texts do to it.

mod depth;
mod forms;
mod properties;
mod python2;
mod render;

use venin_python::source::{Parsed, parse_text};
use venin_python::value::Symbols;

/// Runs on a thread with the stack the front end asks for.
fn on_large_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, run);
        match spawned.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(value)) => value,
            _ => panic!("the thread did not end well"),
        }
    })
}

/// Parses a text and renders it, one statement a line.
fn lowered(text: &str) -> String {
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        let parsed = parse_text(text, &mut symbols);
        render::code(&parsed.code, &symbols)
    })
}

/// Parses a text and gives what a closure reads from it.
fn inspected<T: Send>(text: &str, read: impl FnOnce(&Parsed, &Symbols) -> T + Send) -> T {
    on_large_stack(|| {
        let mut symbols = Symbols::default();
        let parsed = parse_text(text, &mut symbols);
        read(&parsed, &symbols)
    })
}
