//! Reads a real input with a connector and says what came of it, how fast, and in how much memory.
//!
//! `cargo run -p venin-intel --example collect -- CONNECTOR PATH`, or `-- make-records COUNT FILE.jsonl` for a stream of
//! made-up records to read, `-- make-table COUNT FILE.csv` for a table of made-up claims.  `listing PATH` lists a tree of samples without reading any; `check-digests PATH LIST.jsonl`
//! reads only those that the list names with `path` and `sha256`, and compares.

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use venin_intel::claim::{Claim, Moment};
use venin_intel::http::{Fetch, FetchError, FetchRequest, Fetched};
use venin_intel::source::registry_tree::{Digests, RegistryTree};
use venin_intel::source::{
    Connector, Input, Request, SampleSource as _, Sink, SourceError, SourceProblem, datadog, downloads, ghsa,
    osv, pypa, table,
};

#[derive(Default)]
struct Counts {
    kinds: BTreeMap<String, u64>,
    classes: BTreeMap<String, u64>,
    problems: Vec<SourceProblem>,
    problem_count: u64,
    skipped: BTreeMap<&'static str, u64>,
    cursor: String,
    dated: u64,
    detail_bytes: u64,
}

impl Sink for Counts {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        *self.kinds.entry(claim.kind.to_string()).or_default() += 1;
        *self.classes.entry(claim.class.to_string()).or_default() += 1;
        self.dated += u64::from(claim.happened.not_after.is_some());
        self.detail_bytes += claim.detail.len() as u64;
        Ok(())
    }

    fn problem(&mut self, problem: SourceProblem) {
        self.problem_count += 1;
        if self.problems.len() < 20 {
            self.problems.push(problem);
        }
    }

    fn skipped(&mut self, why: &'static str, count: u64) {
        self.skipped.insert(why, count);
    }

    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        cursor.clone_into(&mut self.cursor);
        Ok(())
    }
}

struct NoNetwork;

impl Fetch for NoNetwork {
    fn fetch(&self, _: &FetchRequest) -> Result<Fetched, FetchError> {
        Err(FetchError::Unreachable { url: String::new(), detail: "the example is offline".to_owned() })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make-records", count, path] => make_records(count.parse()?, path),
        ["make-table", count, path] => make_table(count.parse()?, path),
        ["check-digests", path, list] => check_digests(path, list),
        [connector, path] => read(connector, path),
        _ => Err("give CONNECTOR PATH, or make-records COUNT FILE".into()),
    }
}

fn read(connector: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let connector: &dyn Connector = match connector {
        "datadog" => &datadog::Datadog,
        "downloads" => &downloads::Downloads,
        "ghsa" => &ghsa::Ghsa,
        "listing" => &RegistryTree { digests: Digests::LeaveOut },
        "osv" => &osv::Osv,
        "pypa" => &pypa::Pypa,
        "registry-tree" => &RegistryTree { digests: Digests::Read },
        "table" => &table::Table,
        _ => return Err("no such connector".into()),
    };
    let input = Input::Path(path.into());
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let now = Moment::from_seconds(now);
    let source = connector.describe().id;
    let request = Request { input: &input, source, since: None, cursor: None, now, http: &NoNetwork };
    let mut counts = Counts::default();
    let start = Instant::now();
    let ended = connector.collect(&request, &mut counts);
    println!("{:.2?}; {} problems; skipped {:?}", start.elapsed(), counts.problem_count, counts.skipped);
    println!("kinds {:?}; classes {:?}; dated {}", counts.kinds, counts.classes, counts.dated);
    println!("{} bytes of detail; cursor {:?}", counts.detail_bytes, counts.cursor);
    for problem in &counts.problems {
        println!("  {}: {}", problem.what, problem.error);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(ended?)
}

/// Compares the digests of listed samples with those of the list.
fn check_digests(path: &str, list: &str) -> Result<(), Box<dyn Error>> {
    let mut listed = BTreeMap::new();
    for line in fs::read_to_string(list)?.lines() {
        let entry: serde_json::Value = serde_json::from_str(line)?;
        let text =
            |key: &str| entry.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        listed.insert(text("path"), text("sha256"));
    }
    let (mut same, mut other) = (0, 0);
    let start = Instant::now();
    let source = RegistryTree { digests: Digests::LeaveOut };
    let problems =
        source.read_samples(path.as_ref(), &|_, place| listed.contains_key(place), &mut |sample| {
            let digest = sample.subject.sha256().map(|digest| digest.to_string());
            let is_same = digest.as_ref() == listed.get(&sample.place);
            *(if is_same { &mut same } else { &mut other }) += 1;
            Ok(())
        })?;
    println!("{} listed; {same} the same; {other} other; {} problems", listed.len(), problems.len());
    println!("{:.2?}", start.elapsed());
    Ok(())
}

/// A claim a line, four versions a project.
fn make_table(count: u64, path: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "name,version,file,sha256,date,source_ref,class")?;
    for n in 0..count {
        let (project, patch) = (n / 4, n % 4);
        let file = format!("demo_{project}-1.{patch}.tar.gz");
        writeln!(out, "demo-{project},1.{patch},{file},{n:064x},2026-01-02,REF-{n},malware")?;
    }
    Ok(out.flush()?)
}

/// Records of about the size and shape of real ones.
fn make_records(count: u64, path: &str) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(path)?);
    for n in 0..count {
        let versions: Vec<String> = (0..=n % 11).map(|patch| format!("1.{}.{patch}", n % 7)).collect();
        let digest = format!("{n:064x}");
        let record = serde_json::json!({
            "id": format!("MAL-2026-{n}"), "schema_version": "1.7.4",
            "modified": "2026-01-02T00:00:00Z", "published": "2026-01-01T00:00:00Z",
            "summary": format!("Malicious code in demo-{n} (PyPI)"),
            "details": format!("## Source: one ({digest})\n{}\nCategory: MALICIOUS - made up.\n", "Text. ".repeat(250)),
            "affected": [{"package": {"ecosystem": "PyPI", "name": format!("demo-{n}")}, "versions": versions}],
            "references": [{"type": "WEB", "url": "https://feed.example/"}],
            "credits": [{"name": "One", "type": "FINDER", "contact": ["https://feed.example/"]}],
            "database_specific": {"malicious-packages-origins": [
                {"source": "one", "sha256": digest, "id": format!("ONE-{n}"), "versions": versions,
                 "import_time": "2026-01-01T01:00:00.123456789Z", "modified_time": "2026-01-01T00:00:00Z"}]},
        });
        writeln!(out, "{record}")?;
    }
    Ok(out.flush()?)
}
