//! Notebooks: any bytes as the document, and any text as the lines of a code cell.
//!
//! The second form gets past JSON, to the escapes of cells.  Spans must lie inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_python::source::{Parsed, list_imports, parse_notebook};
use venin_python::value::Symbols;

fuzz_target!(|bytes: &[u8]| {
    std::thread::scope(|scope| {
        let read = || {
            let cell = String::from_utf8_lossy(bytes);
            let lines: Vec<&str> = cell.split_inclusive('\n').collect();
            let document = serde_json::json!({
                "cells": [{ "cell_type": "code", "source": lines }, { "cell_type": "code", "source": cell }],
            });
            let mut symbols = Symbols::default();
            for document in [bytes, document.to_string().as_bytes()] {
                let parsed = parse_notebook(document, &mut symbols);
                assert_spans(&parsed);
                let _ = list_imports(&parsed.code, &symbols);
            }
        };
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, read);
        thread.expect("a thread").join().expect("no panic");
    });
});

fn assert_spans(parsed: &Parsed) {
    for (_, span) in &parsed.code.exprs {
        assert!(parsed.code.text.get(span.start as usize..span.end as usize).is_some());
    }
}
