//! `venin vault`: samples in, out, listed, checked and scanned, without any of them lying about in its own form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use venin_intel::claim::{Digest, Moment, Subject};
use venin_intel::store::Store;
use venin_intel::vault::{MOST_BYTES, Origin, Stored, Vault};
use venin_model::Persona;
use venin_report::{Problem, TextOptions, escape_text, render_shape};

use super::output::Output;
use super::report_writer::{Frame, ReportWriter};
use crate::cli::{FailOn, Format, RulesFormat, TalkArgs, VaultArgs, VaultCommand};
use crate::diagnostics::{Talk, choose_text, hinted};
use crate::exit::Exit;
use crate::intel::{
    archived_claim, is_archived, list_archives, locate_vault, now, open_store, parse_release, sample_target,
    scanned_claims, subject_of,
};
use crate::progress::Progress;
use crate::worker::{Outcome, Pool, ScanSetup, WorkerOptions};

/// The schema of `venin vault list --format json`.
const VAULT_SCHEMA: &str = "venin.vault/1";

/// Works on the vault.
///
/// # Errors
/// The vault cannot be used, or a sample is not there.
pub(crate) fn run(command: VaultCommand, talk_args: TalkArgs, talk: Talk) -> anyhow::Result<Exit> {
    match command {
        VaultCommand::Import { paths, source, vault, store } => {
            import(&paths, &source, &open(&vault)?, &mut open_store(&store)?, talk)
        }
        VaultCommand::List { release, format, vault } => {
            list(release.as_deref(), format, &open(&vault)?, talk)
        }
        VaultCommand::Export { samples, to, vault } => export(&samples, &to, &open(&vault)?),
        VaultCommand::Verify { vault } => verify(&open(&vault)?),
        VaultCommand::Scan { samples, vault, store } => {
            let text = choose_text(talk_args);
            scan(&samples, &open(&vault)?, &mut open_store(&store)?, text, talk)
        }
    }
}

fn open(args: &VaultArgs) -> anyhow::Result<Vault> {
    let folder = locate_vault(args)?;
    Vault::open(&folder).map_err(|error| hinted(error.to_string(), "--vault names another folder"))
}

fn import(
    paths: &[PathBuf],
    source: &str,
    vault: &Vault,
    store: &mut Store,
    talk: Talk,
) -> anyhow::Result<Exit> {
    let (mut new, mut known, mut failed) = (0u64, 0u64, 0u64);
    for root in paths {
        let listed = list_archives(root);
        for (path, error) in &listed.problems {
            failed += 1;
            talk.error(&format!("{}: {error}", path.display()), None);
        }
        for file in listed.archives {
            match import_file(root, &file, source, vault, store) {
                Ok(Stored::New) => new += 1,
                Ok(Stored::NewOrigin | Stored::Known) => known += 1,
                Err(error) => {
                    failed += 1;
                    talk.error(&format!("{}: {error:#}", file.display()), None);
                }
            }
        }
    }
    let mut output = Output::stdout();
    output.write(&format!("{new} new samples, {known} known, {failed} not taken in\n"))?;
    output.finish()?;
    Ok(if failed > 0 { Exit::Failed } else { Exit::Nothing })
}

fn import_file(
    root: &Path,
    file: &Path,
    source: &str,
    vault: &Vault,
    store: &mut Store,
) -> anyhow::Result<Stored> {
    let size = file.metadata()?.len();
    if size > MOST_BYTES {
        anyhow::bail!("a sample of {size} bytes is too large for the vault");
    }
    let subject = subject_of(root, file)?;
    let bytes = std::fs::read(file)?;
    let place = file.strip_prefix(root).ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(file);
    let origin =
        Origin { subject, source: source.to_owned(), place: place.to_string_lossy().into_owned(), at: now() };
    let (digest, stored) = vault.store(&bytes, &origin)?;
    // A run that was killed between the two has left a sample of which the store knows nothing.
    let claim = archived_claim(&origin, digest);
    if !is_archived(store, &claim)? {
        store.append(&[claim])?;
    }
    Ok(stored)
}

#[derive(Serialize)]
struct VaultReport {
    schema: &'static str,
    samples: Vec<SampleReport>,
}

#[derive(Serialize)]
struct SampleReport {
    sha256: String,
    size: u64,
    origins: Vec<OriginReport>,
}

#[derive(Serialize)]
struct OriginReport {
    release: String,
    source: String,
    place: String,
    at: String,
}

fn list(release: Option<&str>, format: RulesFormat, vault: &Vault, talk: Talk) -> anyhow::Result<Exit> {
    let digests = match release {
        Some(release) => vault.of_release(&parse_release(release)?)?,
        None => vault.digests()?,
    };
    let mut report = VaultReport { schema: VAULT_SCHEMA, samples: Vec::new() };
    for digest in digests {
        let provenance = match vault.provenance(digest) {
            Ok(provenance) => provenance,
            Err(error) => {
                talk.warning(&format!("the note of {digest} cannot be read: {error}"));
                continue;
            }
        };
        let origins = provenance.origins.iter().map(|origin| OriginReport {
            release: origin.subject.to_string(),
            source: origin.source.clone(),
            place: origin.place.clone(),
            at: origin.at.to_string(),
        });
        let (sha256, size) = (digest.to_string(), provenance.size);
        report.samples.push(SampleReport { sha256, size, origins: origins.collect() });
    }
    let mut output = Output::stdout();
    match format {
        RulesFormat::Json => output.write(&render_shape(&report))?,
        RulesFormat::Text => {
            for sample in &report.samples {
                for origin in &sample.origins {
                    let line =
                        format!("{}  {}  {}  {}", sample.sha256, origin.release, origin.source, origin.place);
                    output.write(&format!("{}\n", escape_text(&line)))?;
                }
            }
        }
    }
    output.finish()?;
    Ok(Exit::Nothing)
}

/// The samples that the user names by digest or by release.
fn choose(samples: &[String], vault: &Vault) -> anyhow::Result<Vec<Digest>> {
    let mut chosen = BTreeSet::new();
    for text in samples {
        if let Ok(digest) = text.parse::<Digest>() {
            chosen.insert(digest);
            continue;
        }
        let found = vault.of_release(&parse_release(text)?)?;
        if found.is_empty() {
            let hint = "`venin vault list` shows what is there";
            return Err(hinted(format!("the vault has no sample of `{text}`"), hint));
        }
        chosen.extend(found);
    }
    Ok(chosen.into_iter().collect())
}

fn export(samples: &[String], to: &Path, vault: &Vault) -> anyhow::Result<Exit> {
    let mut output = Output::stdout();
    for digest in choose(samples, vault)? {
        let path = vault.export(digest, to)?;
        output.write(&format!("{}\n", escape_text(&path.display().to_string())))?;
    }
    output.finish()?;
    Ok(Exit::Nothing)
}

fn verify(vault: &Vault) -> anyhow::Result<Exit> {
    let mut count = 0u64;
    let wrong = vault.verify(|_| count += 1)?;
    let mut output = Output::stdout();
    for line in &wrong {
        output.write(&format!("{}\n", escape_text(line)))?;
    }
    output.write(&format!("{count} samples, {} wrong\n", wrong.len()))?;
    output.finish()?;
    Ok(if wrong.is_empty() { Exit::Nothing } else { Exit::Found })
}

fn scan(
    samples: &[String],
    vault: &Vault,
    store: &mut Store,
    text: TextOptions,
    talk: Talk,
) -> anyhow::Result<Exit> {
    let digests = if samples.is_empty() { vault.digests()? } else { choose(samples, vault)? };
    let frame = Frame {
        format: Format::Text,
        text,
        is_quiet: talk.is_quiet(),
        persona: Persona::Team,
        pages: Vec::new(),
    };
    let mut writer = ReportWriter::new(frame, Output::stdout());
    let progress = if talk.is_quiet() { Progress::none() } else { Progress::on_terminal() };
    let pool = Pool::start(&WorkerOptions::new(ScanSetup::new(Persona::Team)))?;
    let targets = digests.iter().map(|digest| sample_target(vault, *digest));
    let mut failure = None;
    let at = now();
    pool.run(targets, &mut |order, outcome| {
        let taken = match outcome {
            Outcome::Report(report) => note_scan(vault, store, &report, at).and_then(|()| {
                progress.advance(&report, writer.summary());
                progress.aside(|| writer.accept(order, *report))
            }),
            Outcome::Problem(problem) => {
                tell(&progress, talk, &problem);
                writer.accept_problem(order, problem)
            }
            Outcome::Note(_) => writer.pass(order),
        };
        failure = failure.take().or(taken.err());
    });
    progress.finish();
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok(Exit::of_scan(&writer.finish()?, FailOn::Never))
}

fn tell(progress: &Progress, talk: Talk, problem: &Problem) {
    let message = format!("{}: {}", problem.target, problem.error);
    progress.aside(|| talk.error(&message, problem.hint.as_deref()));
}

/// Writes down what the scan says of every release that the sample came from.
fn note_scan(
    vault: &Vault,
    store: &mut Store,
    report: &venin_report::ArtifactReport,
    at: Moment,
) -> anyhow::Result<()> {
    let Some(digest) = report.sha256.as_ref().and_then(|text| text.parse::<Digest>().ok()) else {
        return Ok(());
    };
    let origins = vault.provenance(digest)?.origins;
    let subjects: Vec<Subject> = origins.into_iter().map(|origin| origin.subject).collect();
    let claims = scanned_claims(store, &subjects, digest, report, at)?;
    store.append(&claims)?;
    Ok(())
}
