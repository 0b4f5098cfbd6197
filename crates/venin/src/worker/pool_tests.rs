//! Workers that misbehave in every way: the artifact is never lost and the run goes on.
#![cfg(unix)]

use std::ffi::OsString;
use std::time::Duration;

use venin_model::{Persona, Verdict};

use super::*;
use crate::targets::FileTarget;
use crate::worker::ScanSetup;

/// Runs a pool whose workers are shell scripts, over two small files and a problem; gives the outcomes in order.
fn run_with(script: &str, confinement: Confinement) -> Vec<Outcome> {
    let root = tempfile::tempdir().unwrap();
    let mut items = vec![Resolved::Problem(crate::targets::problem("gone", "no such file", ""))];
    for name in ["a.py", "b.py"] {
        let path = root.path().join(name);
        std::fs::write(&path, "x = 1\n").unwrap();
        items.push(Resolved::Target(Target::File(FileTarget { label: format!("dir/{name}"), path })));
    }
    let mut options = WorkerOptions::new(ScanSetup::new(Persona::Team));
    options.command = Some(["/bin/sh", "-c", script].map(OsString::from).to_vec());
    options.patience = Duration::from_millis(400);
    options.confinement = confinement;
    let mut outcomes = Vec::new();
    Pool::start(&options)
        .unwrap()
        .run(items.into_iter(), &mut |order, outcome| outcomes.push((order, outcome)));
    outcomes.sort_by_key(|(order, _)| *order);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// The gap of the two artifacts, which must be the same.
fn cause_of_death(script: &str) -> String {
    let outcomes = run_with(script, Confinement::Process);
    assert_eq!(outcomes.len(), 3);
    assert!(matches!(&outcomes[0], Outcome::Problem(problem) if problem.target == "gone"));
    let gaps: Vec<String> = outcomes[1..]
        .iter()
        .map(|outcome| {
            let Outcome::Report(report) = outcome else { panic!("no report but {outcome:?}") };
            assert_eq!((report.verdict, report.complete), (Verdict::Incomplete, false));
            assert!(report.target.starts_with("dir/") && report.file.ends_with(".py"), "{report:?}");
            assert_eq!(report.coverage.gaps[0].kind, GapKind::Crash);
            report.coverage.gaps[0].detail.clone()
        })
        .collect();
    assert_eq!(gaps[0], gaps[1]);
    gaps[0].clone()
}

#[test]
fn a_worker_that_is_killed_costs_its_artifact_only() {
    assert!(cause_of_death("kill -9 $$").contains("signal 9 (SIGKILL"));
    assert!(cause_of_death("exit 7").contains("status 7"));
}

#[test]
fn a_worker_that_hangs_is_ended() {
    assert!(cause_of_death("exec /bin/sleep 60").contains("made no progress"));
}

#[test]
fn a_worker_that_talks_nonsense_is_ended() {
    assert!(cause_of_death("echo hello; echo world; exec /bin/sleep 60").contains("nonsense"));
}

#[test]
fn without_confinement_the_scan_runs_here_and_the_report_says_so() {
    let outcomes = run_with("exit 7", Confinement::None);
    for outcome in &outcomes[1..] {
        let Outcome::Report(report) = outcome else { panic!("no report") };
        assert_eq!((report.verdict, report.isolated.isolated), (Verdict::Clean, false));
        assert!(report.isolated.reason.is_some() && report.timings.wall_ms > 0.0);
    }
}
