//! Exports in the forms of the public table.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::claim::{Claim, ClaimKind};
use crate::source::collected::{Collected, collect};

fn read(name: &str, bytes: &[u8]) -> Result<Collected, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    collect(&Downloads, &path)
}

fn detail_of(collected: &Collected, subject: &str) -> String {
    let is_sum = |claim: &&Claim| claim.kind == ClaimKind::Downloads && claim.subject.to_string() == subject;
    collected.claims.iter().find(is_sum).unwrap().detail.clone()
}

const ROWS: &str = "timestamp,country_code,file.project,file.version,file.filename,file.type,details.installer.name,details.system.name
2026-01-03 10:00:00 UTC,DE,Demo,1.0,demo-1.0.tar.gz,sdist,pip,Linux
2026-01-02 09:00:00.5 UTC,US,demo,1.0,demo-1.0.tar.gz,sdist,pip,Windows
2026-09-02 09:00:00 UTC,US,demo,1.0,demo-1.0-py3-none-any.whl,bdist_wheel,uv,
2026-01-01 00:00:00 UTC,US,demo,1.0,demo-1.0.tar.gz,sdist,bandersnatch,
2026-01-01 00:00:00 UTC,US,demo,1.0,demo-1.0-py3-none-any.whl.metadata,bdist_wheel,pip,
2026-01-01 00:00:00 UTC,CN,mirrored,2.0,mirrored-2.0.tar.gz,sdist,Artifactory,
";

#[test]
fn rows_are_summed_for_each_release_with_mirrors_and_side_files_apart() {
    let collected = read("downloads.csv", ROWS.as_bytes()).unwrap();
    assert_eq!(collected.problems, []);
    assert_eq!(
        collected.lines(),
        [
            "first-download demo==1.0 2026-01-02T09:00:00.5Z unknown",
            "last-download demo==1.0 2026-09-02T09:00:00Z unknown",
            "downloads demo==1.0 2026-01-02T09:00:00.5Z to 2026-09-02T09:00:00Z unknown",
            "downloads mirrored==2.0 unknown unknown",
        ]
    );
    assert_eq!(
        detail_of(&collected, "demo==1.0"),
        r#"{"count":3,"countries":{"DE":1,"US":2},"file_types":{"bdist_wheel":1,"sdist":2},"installers":{"pip":2,"uv":1},"mirrors":1,"side_files":1,"since_side_files_left_out":1,"systems":{"Linux":1,"Windows":1},"while_side_files_counted":2}"#
    );
    assert_eq!(detail_of(&collected, "mirrored==2.0"), r#"{"count":0,"mirrors":1}"#);
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rows: Vec<&str> = ROWS.lines().skip(1).collect();
    rows.reverse();
    let turned = format!("{}\n{}\n", ROWS.lines().next().unwrap(), rows.join("\n"));
    let [a, b] = [ROWS, &turned].map(|text| read("downloads.csv", text.as_bytes()).unwrap().claims);
    assert_eq!(a, b);
}

#[test]
fn nested_json_and_days_with_counts_are_read_too() {
    let text = r#"{"timestamp":"2026-01-02T09:00:00Z","country_code":"DE","file":{"project":"demo","version":"1.0","filename":"demo-1.0.tar.gz"},"details":{"installer":{"name":"pip","version":"26"},"system":{"name":"Linux"}}}
{"day":"2026-01-05","project":"demo","version":"1.0","count":40}
{"day":"2026-01-04","project":"demo","version":"1.0","count":"2"}
"#;
    let collected = read("downloads.jsonl", text.as_bytes()).unwrap();
    assert_eq!(collected.problems, []);
    assert_eq!(collected.claims[1].happened.to_string(), "2026-01-05");
    assert!(detail_of(&collected, "demo==1.0").contains(r#""count":43"#));
}

#[test]
fn rows_that_do_not_fit_are_problems_with_their_line() {
    let text = "day,project,version,count\n2026-02-30,a,1,1\n2026-01-01,../a,1,1\n2026-01-01,a,1 2,1\n\
        2999-01-01,a,1,1\n2026-01-01,a,1,-1\n,a,1,1\n2026-01-01,a,1,1\n";
    let collected = read("downloads.csv", text.as_bytes()).unwrap();
    assert_eq!((collected.problems.len(), collected.claims.len()), (6, 3));
    for header in ["day,version", "project", "day,date,project"] {
        assert!(read("downloads.csv", format!("{header}\n").as_bytes()).is_err());
    }
}

#[test]
fn sums_do_not_overflow_and_words_do_not_pile_up() {
    let mut text = "day,project,installer,count\n".to_owned();
    for n in 0..10_000 {
        text += &format!("2026-01-01,a,client-{n},{}\n", u64::MAX / 2);
    }
    let detail = detail_of(&read("downloads.csv", text.as_bytes()).unwrap(), "a");
    assert!(detail.contains(&format!(r#""count":{}"#, u64::MAX)) && detail.len() < 4_000, "{}", detail.len());
    assert!(detail.contains("(other)"));
}

/// A Parquet file with the nested columns of the public table.
fn parquet_file() -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = "message downloads {
        required int64 timestamp (TIMESTAMP(MICROS,true));
        optional group file { optional binary project (UTF8); optional binary version (UTF8); }
        required int64 count;
    }";
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let properties = std::sync::Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = [["demo", "demo"], ["1.0", "1.1"]].map(|pair| pair.map(ByteArray::from));
    let mut column = group.next_column().unwrap().unwrap();
    let times = [1_767_344_400_000_000, 1_767_430_800_000_000];
    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
    column.close().unwrap();
    for text in &texts {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(text, Some(&[2, 2]), None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[3, 4], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_with_nested_columns_is_read() {
    let collected = read("downloads.parquet", &parquet_file()).unwrap();
    assert_eq!(collected.problems, []);
    assert_eq!(collected.lines()[0], "first-download demo==1.0 2026-01-02T09:00:00Z unknown");
    assert!(detail_of(&collected, "demo==1.1").contains(r#""count":4"#));
}

#[test]
fn a_broken_parquet_file_is_an_error() {
    let bytes = parquet_file();
    assert!(read("downloads.parquet", b"").is_err());
    for end in [10, bytes.len() / 2, bytes.len() - 1] {
        assert!(read("downloads.parquet", &bytes[..end]).is_err());
    }
    for at in (4..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x15;
        let _ = read("downloads.parquet", &damaged);
    }
}
