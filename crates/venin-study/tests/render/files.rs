//! The list of files.

use venin_study::render::{render_files, render_study_text};

use crate::sample;

#[test]
fn a_study_is_the_same_files_with_the_same_bytes_each_time() {
    let study = sample::study();
    let files = render_files(&study);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for name in
        ["study.html", "study.json", "artifacts.csv", "artifacts.parquet", "behind.csv", "behind.parquet"]
    {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    for (_, table) in study.tables() {
        assert!(names.contains(&format!("tables/{}.csv", table.id).as_str()));
        assert!(names.contains(&format!("tables/{}.parquet", table.id).as_str()));
    }
    assert!(files.iter().all(|(_, bytes)| !bytes.is_empty()));
    let page = files.iter().find(|(name, _)| name == "study.html").map(|(_, bytes)| bytes.as_slice());
    assert!(
        page.is_some_and(|page| page.ends_with(b"</html>") || page.ends_with(b"</html>\n")),
        "half a page"
    );
    assert!(files == render_files(&study), "the files differ from one time to the next");
}

#[test]
fn no_name_of_a_table_leads_out_of_the_folder() {
    let mut study = sample::study();
    study.chapters[0].tables[0].id = "../../x\0/y".to_owned();
    let files = render_files(&study);
    let outside = files.iter().find(|(name, _)| name.contains("..") || name.contains('\0'));
    assert!(outside.is_none(), "{:?}", outside.map(|(name, _)| name));
}

#[test]
fn the_text_has_the_sentences_and_no_character_that_acts() {
    let text = render_study_text(&sample::study());
    assert!(text.starts_with("240 artifacts of 188 projects"), "{text}");
    assert!(text.contains("0 days pass at the median") && text.contains("venin mirror audit"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\0']), "{text}");
}
