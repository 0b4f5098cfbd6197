//! `cargo xtask bench`: CPU, wall and peak memory of us, of a rival and of a floor, in one run on the same files.
//!
//! The floor only decompresses, hashes and parses: what no scanner that reads everything can go below.  Runs are
//! interleaved (one round of all programs after another), so that noise on a shared machine hits all alike.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

/// Arguments of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Archives to measure; a directory stands for the files in it.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The rival's program, run as `PROGRAM audit --output-format json FILE` (wheels are copied to a .zip name).
    #[arg(long)]
    rival: Option<PathBuf>,
    /// Rounds; the least CPU of all is shown with the spread.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Run the scanner without its isolated worker.
    #[arg(long)]
    no_isolation: bool,
}

/// Runs a command and prints user+system seconds, wall seconds and peak resident KiB of it and its children.
const METER: &str = r"
import os, sys, time
null = os.open(os.devnull, os.O_RDWR)
start = time.monotonic()
pid = os.fork()
if pid == 0:
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
";

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Taken {
    cpu: f64,
    wall: f64,
    peak_mib: f64,
}

/// Runs the benchmark and prints a table.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    let release = crate::workspace_root().join("target/release");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "venin", "--package", "xtask"])
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the release build failed");
    }
    let scratch = std::env::temp_dir().join(format!("venin-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    println!(
        "{:<44} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>8}",
        "file", "ours s", "rival s", "floor s", "/rival", "/floor", "MiB", "spread"
    );
    for file in files_of(&args.files)? {
        measure_file(args, &release, &scratch, &file)?;
    }
    std::fs::remove_dir_all(&scratch)?;
    Ok(())
}

fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(path)?.flatten().map(|e| e.path()).collect();
            inside.sort();
            files.extend(inside.into_iter().filter(|p| p.is_file()));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn measure_file(args: &BenchArgs, release: &Path, scratch: &Path, file: &Path) -> Result<()> {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let text = |p: &Path| p.display().to_string();
    let mut ours =
        vec![text(&release.join("venin")), "scan".into(), "--format".into(), "json".into(), "--quiet".into()];
    if args.no_isolation {
        ours.push("--no-isolation".into());
    }
    ours.push(text(file));
    let floor = vec![text(&release.join("xtask")), "floor".into(), text(file)];
    let rival = match &args.rival {
        Some(rival) => {
            let copy = scratch.join(name.replace(".whl", ".zip"));
            std::fs::copy(file, &copy)?;
            Some(vec![text(rival), "audit".into(), "--output-format".into(), "json".into(), text(&copy)])
        }
        None => None,
    };
    let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.rounds.max(1) {
        a.push(meter(&ours)?);
        if let Some(rival) = &rival {
            b.push(meter(rival)?);
        }
        c.push(meter(&floor)?);
    }
    print_row(&name, &a, &b, &c);
    Ok(())
}

fn least(runs: &[Taken]) -> f64 {
    runs.iter().map(|t| t.cpu).fold(f64::INFINITY, f64::min)
}

fn print_row(name: &str, ours: &[Taken], rival: &[Taken], floor: &[Taken]) {
    let (mine, theirs, least_floor) = (least(ours), least(rival), least(floor));
    let most = ours.iter().map(|t| t.cpu).fold(0.0, f64::max);
    let peak = ours.iter().map(|t| t.peak_mib).fold(0.0, f64::max);
    let wall = ours.iter().map(|t| t.wall).fold(f64::INFINITY, f64::min);
    let shown = |x: f64| if x.is_finite() { format!("{x:.3}") } else { "-".to_owned() };
    println!(
        "{name:<44} {:>8} {:>8} {:>8} {:>7} {:>7} {peak:>7.0} {:>7.0}% wall {wall:.3}",
        shown(mine),
        shown(theirs),
        shown(least_floor),
        if theirs.is_finite() { format!("{:.2}", mine / theirs) } else { "-".to_owned() },
        format!("{:.2}", mine / least_floor.max(1e-3)),
        100.0 * (most - mine) / mine.max(1e-3),
    );
}

fn meter(command: &[String]) -> Result<Taken> {
    let output = Command::new("python3")
        .arg("-c")
        .arg(METER)
        .args(command)
        .output()
        .context("cannot start python3")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    match numbers.as_slice() {
        [cpu, wall, peak, code] if *code >= 0.0 => {
            Ok(Taken { cpu: *cpu, wall: *wall, peak_mib: peak / 1024.0 })
        }
        _ => bail!(
            "`{}` was killed or not started: {text}{}",
            command.join(" "),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// `cargo xtask floor FILE`: decompress, hash and parse, and nothing else.
pub(crate) fn floor(file: &Path) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let work = move || {
        let mut n_exprs = 0usize;
        let mut symbols = venin_python::value::Symbols::default();
        let budget = venin_archive::Budget::default();
        venin_archive::read_members("floor", &bytes, &budget, &mut |entry| {
            let _ = entry.sha256();
            if entry.path.ends_with(".py") {
                n_exprs += venin_python::source::parse_source(entry.bytes, &mut symbols).code.exprs.len();
            }
        });
        n_exprs
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work)?;
    match thread.join() {
        Ok(n) => println!("{n} expressions"),
        Err(_) => bail!("the parser gave up"),
    }
    Ok(())
}
