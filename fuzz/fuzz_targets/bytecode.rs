//! Any bytes are a compiled file and a marshalled code object; lowering them must end without a panic, with every
//! span inside the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_python::source::bytecode::{parse_marshalled, parse_pyc};
use venin_python::value::Symbols;

fuzz_target!(|bytes: &[u8]| {
    std::thread::scope(|scope| {
        let read = || {
            let mut symbols = Symbols::default();
            let parsed = [Some(parse_pyc(bytes, &mut symbols)), parse_marshalled(bytes, &mut symbols)];
            for parsed in parsed.into_iter().flatten() {
                for (_, span) in &parsed.code.exprs {
                    assert!(parsed.code.text.get(span.start as usize..span.end as usize).is_some());
                }
            }
        };
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, read);
        thread.expect("a thread").join().expect("no panic");
    });
});
