//! Records of every feed, from the same bytes.
//!
//! Whatever the bytes: an answer, and claims whose text is bounded and whose dates do not lie ahead.
#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_intel::claim::Moment;
use venin_intel::source::osv::{Place, Provenance, parse_record};
use venin_intel::source::{datadog, downloads, ghsa, pypa, registry_tree, table};

const NOW: Moment = Moment::from_seconds(1_800_000_000);

fuzz_target!(|data: &[u8]| {
    let from = Provenance { source: "feed", now: NOW, place: Place::Plain };
    let mut parsed = parse_record(data, "record", &from);
    parsed.extend(ghsa::parse_advisories(data, "export", &from));
    parsed.extend(pypa::parse_pysec(data, "record", &from));
    let (claims, _) = datadog::parse_manifest(data, "manifest", "feed", NOW);
    for claim in parsed.into_iter().flat_map(|parsed| parsed.claims).chain(claims) {
        assert!(claim.detail.len() < 4 << 20);
        assert!(claim.happened.not_before.is_none_or(|start| start.seconds() <= NOW.seconds() + 86_400));
        assert_eq!(claim.id(), claim.clone().id());
    }
    let text = String::from_utf8_lossy(data);
    let _ = (datadog::parse_sample_path(&text), registry_tree::parse_place(&text), downloads::parse_time(&text));
    if let Ok(date) = table::parse_happened(&text) {
        assert_eq!(table::parse_happened(&date.to_string()), Ok(date));
    }
    if let Ok(object) = serde_json::from_slice(data) {
        let _ = downloads::parse_object(&object);
    }
});
