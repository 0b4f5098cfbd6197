//! What a study is made of: archives of folders and samples of the vault, each with where it came from.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use venin_intel::claim::Digest;
use venin_intel::vault::Vault;
use venin_study::sample::{Origin, SourceClass, Unreadable};

use crate::cli::MakeArgs;
use crate::diagnostics::{Talk, hinted, plain_cause};
use crate::intel::{list_archives, locate_vault, sample_target, subject_of};
use crate::targets::{FileTarget, Resolved, Target};

/// Everything that is to be studied.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What can be scanned, in order.
    pub(super) items: Vec<Item>,
    /// What cannot even be read.
    pub(super) unreadable: Vec<Unreadable>,
}

/// One artifact.
#[derive(Debug)]
pub(super) struct Item {
    /// SHA-256 of its bytes in hexadecimal.
    pub(super) sha256: String,
    /// What a worker reads.
    pub(super) target: Target,
    /// Where it came from; never empty.
    pub(super) origins: Vec<Origin>,
}

/// Gathers what the user named.
///
/// # Errors
/// A class is wrong, a path is not there, or the vault cannot be read.
pub(super) fn gather(args: &MakeArgs, talk: Talk) -> anyhow::Result<Gathered> {
    let classes = parse_classes(&args.classes)?;
    let mut gathered = Gathered::default();
    for root in &args.paths {
        gather_files(root, &args.source, &classes, &mut gathered, talk)?;
    }
    if args.paths.is_empty() || args.with_vault {
        gather_samples(args, &classes, &mut gathered)?;
    }
    if gathered.items.is_empty() && gathered.unreadable.is_empty() {
        talk.warning("there are no artifacts: the study says what can be said without any");
    }
    Ok(gathered)
}

/// The archives at paths, without a word about where they came from.
///
/// # Errors
/// A path is not there.
pub(super) fn gather_paths(paths: &[PathBuf], talk: Talk) -> anyhow::Result<Gathered> {
    let mut gathered = Gathered::default();
    for root in paths {
        gather_files(root, "files", &BTreeMap::new(), &mut gathered, talk)?;
    }
    Ok(gathered)
}

/// One file.
///
/// # Errors
/// It cannot be read.
pub(super) fn item_of(path: PathBuf) -> io::Result<Item> {
    let label = path.display().to_string();
    let origin = Origin {
        source: "files".to_owned(),
        class: SourceClass::Other.to_string(),
        place: label.clone(),
        project: String::new(),
        version: String::new(),
        day: String::new(),
    };
    let sha256 = digest_file(&path)?;
    Ok(Item { sha256, target: Target::File(FileTarget { label, path }), origins: vec![origin] })
}

/// `NAME=CLASS`, by source.
fn parse_classes(texts: &[String]) -> anyhow::Result<BTreeMap<String, SourceClass>> {
    let known = || SourceClass::ALL.iter().map(|class| class.as_str()).collect::<Vec<_>>().join(", ");
    let parse = |text: &String| {
        let parsed = text.split_once('=').and_then(|(name, class)| {
            Some((name.to_owned(), SourceClass::parse(&class.trim().to_lowercase())?))
        });
        parsed.ok_or_else(|| {
            hinted(
                format!("`{}` names no class of sources", text.escape_debug()),
                format!("written NAME=CLASS; the classes are {}", known()),
            )
        })
    };
    texts.iter().map(parse).collect()
}

fn class_of(source: &str, classes: &BTreeMap<String, SourceClass>) -> String {
    classes.get(source).copied().unwrap_or_else(|| SourceClass::of_source(source)).to_string()
}

fn gather_files(
    root: &Path,
    source: &str,
    classes: &BTreeMap<String, SourceClass>,
    gathered: &mut Gathered,
    talk: Talk,
) -> anyhow::Result<()> {
    if !root.exists() {
        let hint = "name archives, or folders that hold some";
        return Err(hinted(format!("there is no `{}`", root.display()), hint));
    }
    let listed = list_archives(root);
    if listed.passed_over > 0 {
        talk.note(&format!(
            "{}: {} files are no archives and were passed over",
            root.display(),
            listed.passed_over
        ));
    }
    gathered.unreadable.extend(
        listed
            .problems
            .into_iter()
            .map(|(path, error)| Unreadable { target: path.display().to_string(), error }),
    );
    for path in listed.archives {
        let label = path.display().to_string();
        let inside = path.strip_prefix(root).ok().filter(|inside| !inside.as_os_str().is_empty());
        match digest_file(&path) {
            Ok(sha256) => {
                let subject = subject_of(root, &path).ok();
                let origin = Origin {
                    source: source.to_owned(),
                    class: class_of(source, classes),
                    place: inside.unwrap_or(&path).to_string_lossy().into_owned(),
                    project: subject.as_ref().map(|s| s.name().to_owned()).unwrap_or_default(),
                    version: subject.and_then(|s| s.version().map(ToOwned::to_owned)).unwrap_or_default(),
                    day: String::new(),
                };
                let target = Target::File(FileTarget { label, path });
                gathered.items.push(Item { sha256, target, origins: vec![origin] });
            }
            Err(error) => {
                gathered.unreadable.push(Unreadable { target: label, error: plain_cause(&error) });
            }
        }
    }
    Ok(())
}

/// SHA-256 of a file in hexadecimal, read in pieces.
pub(super) fn digest_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(Digest(digest.finalize().into()).to_string())
}

fn gather_samples(
    args: &MakeArgs,
    classes: &BTreeMap<String, SourceClass>,
    gathered: &mut Gathered,
) -> anyhow::Result<()> {
    let folder = locate_vault(&args.vault)?;
    if !folder.exists() {
        if args.vault.vault.is_none() && !args.with_vault {
            let hint =
                "name archives or folders, or fill the vault with `venin vault import` or `venin collect`";
            return Err(hinted("there is nothing to study: no path is named and there is no vault", hint));
        }
        return Err(hinted(
            format!("there is no vault at `{}`", folder.display()),
            "--vault names another folder",
        ));
    }
    let vault = Vault::open(&folder)?;
    for digest in vault.digests()? {
        match vault.provenance(digest) {
            Ok(provenance) => {
                let origins: Vec<Origin> = provenance
                    .origins
                    .iter()
                    .map(|origin| Origin {
                        source: origin.source.clone(),
                        class: class_of(&origin.source, classes),
                        place: origin.place.clone(),
                        project: origin.subject.name().to_owned(),
                        version: origin.subject.version().unwrap_or_default().to_owned(),
                        day: String::new(),
                    })
                    .collect();
                let sha256 = digest.to_string();
                match sample_target(&vault, digest) {
                    Resolved::Target(target) if !origins.is_empty() => {
                        gathered.items.push(Item { sha256, target, origins });
                    }
                    _ => {
                        let error = "its note does not say where it came from".to_owned();
                        gathered.unreadable.push(Unreadable { target: sha256, error });
                    }
                }
            }
            Err(error) => {
                gathered.unreadable.push(Unreadable { target: digest.to_string(), error: error.to_string() });
            }
        }
    }
    Ok(())
}
