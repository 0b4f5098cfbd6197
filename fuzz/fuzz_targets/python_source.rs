//! Any bytes are a Python source, a notebook and a `.pth` file; reading them must end without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_python::source::{list_imports, parse_notebook, parse_pth, parse_source};
use venin_python::value::Symbols;

fuzz_target!(|bytes: &[u8]| {
    std::thread::scope(|scope| {
        let read = || {
            let mut symbols = Symbols::default();
            for parse in [parse_source, parse_notebook, parse_pth] {
                let parsed = parse(bytes, &mut symbols);
                let _ = list_imports(&parsed.code, &symbols);
            }
        };
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, read);
        thread.expect("a thread").join().expect("no panic");
    });
});
