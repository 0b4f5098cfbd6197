//! What can be named on the command line.

use serde_json::Value;

use crate::{run, samples, venin};

fn targets_of(stdout: &str) -> Vec<String> {
    let mut targets: Vec<String> = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["target"].as_str().unwrap().to_owned())
        .collect();
    targets.sort();
    targets
}

#[test]
fn paths_can_come_on_standard_input() {
    let folder = samples();
    let mut command = venin(&["scan", "-", "--format", "jsonl"]);
    let run = run(command.current_dir(folder.path()).write_stdin("good.py\nhalf.zip\n"));
    assert_eq!(targets_of(&run.stdout), ["good.py", "half.zip"]);
}

#[test]
fn the_order_of_text_is_the_order_of_the_targets() {
    let folder = samples();
    let names: Vec<String> = (0..12).map(|n| format!("m{n:02}.py")).collect();
    for name in &names {
        std::fs::copy(folder.path().join("good.py"), folder.path().join(name)).unwrap();
    }
    let mut command = venin(&["scan", "--jobs", "4"]);
    let run = run(command.args(&names).current_dir(folder.path()));
    let shown: Vec<&str> =
        run.stdout.lines().filter_map(|line| line.strip_prefix("clean       ")?.split(' ').next()).collect();
    assert_eq!(shown, names);
}

#[test]
fn a_scan_without_isolation_says_so_in_the_report() {
    let folder = samples();
    let mut command = venin(&["scan", "good.py", "--no-isolation", "--format", "jsonl"]);
    let run = run(command.current_dir(folder.path()));
    let report: Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!(report["isolated"]["isolated"], false);
    assert!(report["isolated"]["reason"].is_string());
    assert!(report["timings"]["wall_ms"].as_f64().unwrap() > 0.0);
}
