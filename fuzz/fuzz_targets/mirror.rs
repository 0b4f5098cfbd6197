//! Pages of mirrors' trees, values of devpi's database and stored plans, all from the same bytes.
//!
//! Every reader must answer, whatever the bytes, and a plan that is read must be written back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_mirror::clean::{Plan, render_plan};
use venin_mirror::local::{PageForm, is_inside, parse_dump, parse_listing};

fuzz_target!(|data: &[u8]| {
    for form in PageForm::ALL {
        if let Ok(content) = parse_listing(*form, "simple/demo/index.html", "demo", data) {
            assert!(content.listed.iter().filter_map(|listed| listed.path.as_deref()).all(is_inside));
        }
    }
    let _ = parse_dump(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(plan) = Plan::parse(text) {
        let again = Plan::parse(&plan.to_json()).expect("a plan that was read can be read again");
        assert_eq!(again, plan);
        assert!(!render_plan(&plan).is_empty());
    }
});
