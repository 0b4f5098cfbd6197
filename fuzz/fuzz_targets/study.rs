//! What users hand to a study and to block lists: labelled lists, descriptions of tools, campaigns, earlier studies, ranges.

#![no_main]

use libfuzzer_sys::fuzz_target;
use venin_intel::known::{BlockList, VersionRange};
use venin_study::cluster::place::CampaignFile;
use venin_study::compare::{Baseline, compare};
use venin_study::render::{render_each_file, render_study_text};
use venin_study::report::StudyReport;
use venin_study::tools::{parse_list, parse_tools};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = parse_list(text);
    if let Ok(tools) = parse_tools(text) {
        for tool in tools {
            let _ = tool.mapping.read(Some(0), data);
        }
    }
    let _ = CampaignFile::parse(text);
    if let Ok(range) = text.parse::<VersionRange>() {
        let again: VersionRange = range.to_string().parse().unwrap();
        assert_eq!(again, range);
    }
    let _ = BlockList::parse(text);
    if let Ok(study) = serde_json::from_str::<StudyReport>(text) {
        let _ = compare(&study, Baseline::Paper);
        let _ = compare(&study, Baseline::Study { name: "itself", study: &study });
        let _ = render_study_text(&study);
        assert!(render_each_file(&study).all(|(_, bytes)| !bytes.is_empty()));
    }
});
