//! Which release of a project is meant, and which of its files are scanned.
//!
//! The release: the newest that the specifier allows, that is no pre-release (unless the specifier names one or there
//! is nothing else) and not yanked (unless pinned by `==`), as PEP 440 and PEP 592 have it.
//!
//! The files, by default: every source distribution, and one wheel, namely the pure one if there is one, else the
//! one for this machine with the newest Python, else the first by name.  Malware that ships different wheels for
//! different machines is found by [`FileChoice::All`].

use std::cmp::Reverse;
use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifiers};
use venin_package::{FileForm, normalize_name, parse_file_name};

use super::page::{IndexFile, ProjectPage};

/// Which files of a release are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileChoice {
    /// The source distribution and one wheel.
    #[default]
    Usual,
    /// Every file.
    All,
}

/// What is asked of a project.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The version specifier (PEP 440); empty for any.
    pub specifier: String,
    /// SHA-256 digests, one of which every file must have; empty when none are demanded.
    pub hashes: Vec<String>,
    /// Which files.
    pub choice: FileChoice,
}

/// A release and the files to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The files, source distributions first.
    pub files: Vec<IndexFile>,
    /// How many files of the release were left out.
    pub left_out: usize,
    /// Why it was yanked, if it was.
    pub yanked: Option<String>,
}

/// A file with what its name says.
struct Named<'a> {
    file: &'a IndexFile,
    version: Version,
    form: FileForm,
    tags: String,
}

/// Chooses the release and its files.
///
/// # Errors
/// What is wrong, one sentence: a specifier that is none, no release that fits, no file with a demanded digest.
pub fn select_release(page: &ProjectPage, wanted: &Wanted) -> Result<Release, String> {
    let specifiers = VersionSpecifiers::from_str(&wanted.specifier)
        .map_err(|_| format!("`{}` is no version specifier", wanted.specifier))?;
    let named: Vec<Named<'_>> = page.files.iter().filter_map(|file| name_file(&page.name, file)).collect();
    let version =
        select_version(&named, &specifiers).ok_or_else(|| no_release(page, &named, &wanted.specifier))?;
    let of_release: Vec<&Named<'_>> = named.iter().filter(|n| n.version == version).collect();
    let fitting: Vec<&Named<'_>> =
        of_release.iter().copied().filter(|n| may_match(n.file, &wanted.hashes)).collect();
    if fitting.is_empty() {
        return Err(format!("no file of {} {version} has a digest that the requirement demands", page.name));
    }
    let files = match wanted.choice {
        FileChoice::All => order_files(fitting.clone()),
        FileChoice::Usual => order_files(select_usual(&fitting)),
    };
    let yanked = of_release.iter().find_map(|n| n.file.yanked.clone());
    Ok(Release { version: version.to_string(), left_out: of_release.len() - files.len(), files, yanked })
}

/// Without a digest on the page only the download can tell.
fn may_match(file: &IndexFile, hashes: &[String]) -> bool {
    hashes.is_empty() || file.sha256.as_ref().is_none_or(|digest| hashes.contains(digest))
}

fn no_release(page: &ProjectPage, named: &[Named<'_>], specifier: &str) -> String {
    match (page.files.len(), named.iter().map(|n| &n.version).max()) {
        (0, _) => format!("the index lists no files of {}", page.name),
        (_, None) => format!("no file of {} is named like a distribution", page.name),
        (_, Some(newest)) if specifier.is_empty() => {
            format!("every release of {} is yanked, up to {newest}", page.name)
        }
        (_, Some(newest)) => {
            format!("no release of {} fits `{specifier}`; the newest is {newest}", page.name)
        }
    }
}

fn select_version(named: &[Named<'_>], specifiers: &VersionSpecifiers) -> Option<Version> {
    let is_pin = specifiers.iter().any(|s| matches!(s.operator(), Operator::Equal | Operator::ExactEqual));
    let names_prerelease = specifiers.iter().any(pep440_rs::VersionSpecifier::any_prerelease);
    let is_allowed = |n: &&Named<'_>| specifiers.contains(&n.version) && (is_pin || n.file.yanked.is_none());
    let allowed: Vec<&Named<'_>> = named.iter().filter(is_allowed).collect();
    let stable =
        allowed.iter().filter(|n| names_prerelease || !n.version.any_prerelease()).map(|n| &n.version).max();
    stable.or_else(|| allowed.iter().map(|n| &n.version).max()).cloned()
}

/// What a file's name says, if it is a file of this project at all.
fn name_file<'a>(project: &str, file: &'a IndexFile) -> Option<Named<'a>> {
    let parsed = parse_file_name(&file.name)?;
    if parsed.form != FileForm::Source {
        let version =
            Version::from_str(&parsed.version).ok().filter(|_| normalize_name(&parsed.name) == project)?;
        return Some(Named { file, version, form: parsed.form, tags: parsed.tags });
    }
    // Names and versions of source distributions may both hold dashes; the project's name decides.
    let stem = format!("{}-{}", parsed.name, parsed.version);
    let dashes = stem.match_indices('-').map(|(at, _)| stem.split_at(at));
    let fits = |(name, rest): (&str, &str)| {
        let version = rest.strip_prefix('-')?;
        if normalize_name(name) == project { Version::from_str(version).ok() } else { None }
    };
    let version = dashes.filter_map(fits).next()?;
    Some(Named { file, version, form: FileForm::Source, tags: String::new() })
}

/// Source distributions (in the format most used, if there are several) and one wheel; eggs when there is no wheel.
fn select_usual<'a>(files: &[&'a Named<'a>]) -> Vec<&'a Named<'a>> {
    let of_form = |form| files.iter().copied().filter(move |n: &&Named<'_>| n.form == form);
    let mut chosen: Vec<&Named<'_>> = of_form(FileForm::Source).collect();
    let wheel = of_form(FileForm::Wheel).min_by_key(|n| wheel_rank(n));
    chosen.extend(wheel.or_else(|| of_form(FileForm::Egg).max_by_key(|n| n.file.name.clone())));
    chosen
}

/// Pure wheels first, then those for this machine, each with the newest Python first; the name settles the rest.
fn wheel_rank(named: &Named<'_>) -> (u8, Reverse<(u32, u32)>, String) {
    let mut tags = named.tags.rsplitn(3, '-');
    let platform = tags.next().unwrap_or_default();
    let (_abi, python) = (tags.next(), tags.next().unwrap_or_default());
    let place = match platform {
        "any" => 0,
        platform if is_for_this_machine(platform) => 1,
        _ => 2,
    };
    (place, Reverse(newest_python(python)), named.file.name.clone())
}

fn is_for_this_machine(platform: &str) -> bool {
    let (system, architectures): (&[&str], &[&str]) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => (&["macosx_"], &["_arm64", "_universal2"]),
        ("macos", _) => (&["macosx_"], &["_x86_64", "_universal2"]),
        ("windows", "aarch64") => (&["win"], &["_arm64"]),
        ("windows", "x86") => (&["win32"], &["win32"]),
        ("windows", _) => (&["win"], &["_amd64"]),
        (_, "aarch64") => (&["manylinux", "linux"], &["_aarch64"]),
        (_, "x86") => (&["manylinux", "linux"], &["_i686"]),
        (_, _) => (&["manylinux", "linux"], &["_x86_64"]),
    };
    platform.split('.').any(|tag| {
        system.iter().any(|start| tag.starts_with(start))
            && architectures.iter().any(|end| tag.ends_with(end))
    })
}

/// `cp312` is (3, 12), `py2.py3` is (3, 0).
fn newest_python(tags: &str) -> (u32, u32) {
    let parse = |tag: &str| {
        let digits = tag.trim_start_matches(|c: char| !c.is_ascii_digit());
        let (major, minor) = digits.split_at_checked(1)?;
        Some((major.parse().ok()?, minor.parse().unwrap_or(0)))
    };
    tags.split('.').filter_map(parse).max().unwrap_or((0, 0))
}

fn order_files(mut files: Vec<&Named<'_>>) -> Vec<IndexFile> {
    files.sort_by_key(|n| (n.form != FileForm::Source, n.file.name.clone()));
    files.into_iter().map(|n| n.file.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::url::HttpUrl;

    fn page(name: &str, files: &[&str]) -> ProjectPage {
        let base = HttpUrl::parse("http://index.example/simple/x/").unwrap();
        let file = |name: &&str| {
            IndexFile::new(&base, name.trim_end_matches('!'), None).map(|mut file| {
                file.yanked = name.ends_with('!').then(String::new);
                file
            })
        };
        ProjectPage {
            name: name.into(),
            files: files.iter().filter_map(file).collect(),
            status: None,
            status_reason: None,
        }
    }

    fn select(
        page: &ProjectPage,
        specifier: &str,
        choice: FileChoice,
    ) -> Result<(String, Vec<String>), String> {
        let wanted = Wanted { specifier: specifier.into(), hashes: Vec::new(), choice };
        let release = select_release(page, &wanted)?;
        Ok((release.version, release.files.into_iter().map(|f| f.name).collect()))
    }

    #[test]
    fn the_newest_stable_release_that_is_not_yanked_is_meant() {
        let page =
            page("x", &["x-1.0.tar.gz", "x-1.10.tar.gz", "x-1.9.tar.gz", "x-2.0rc1.tar.gz", "x-3.0.tar.gz!"]);
        let version = |specifier| select(&page, specifier, FileChoice::Usual).map(|(version, _)| version);
        assert_eq!(version(""), Ok("1.10".into()));
        assert_eq!(version("<1.10"), Ok("1.9".into()));
        assert_eq!(version(">=2.0rc0"), Ok("2.0rc1".into()));
        assert_eq!(version("==3.0"), Ok("3.0".into()));
        assert_eq!(version("==1.*"), Ok("1.10".into()));
        assert!(version("==9").unwrap_err().contains("newest is 3.0"));
        assert!(version("=>1").unwrap_err().contains("no version specifier"));
    }

    #[test]
    fn usually_the_sources_and_one_wheel_are_scanned() {
        let files = [
            "x-1-cp310-cp310-win_amd64.whl",
            "x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "x-1-cp312-cp312-manylinux_2_17_x86_64.whl",
            "x-1-cp312-cp312-manylinux_2_17_aarch64.whl",
            "x-1.tar.gz",
        ];
        let (_, chosen) = select(&page("x", &files), "", FileChoice::Usual).unwrap();
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            assert_eq!(chosen, ["x-1.tar.gz", "x-1-cp312-cp312-manylinux_2_17_x86_64.whl"]);
        }
        let mut with_pure = files.to_vec();
        with_pure.push("x-1-py2.py3-none-any.whl");
        let (_, chosen) = select(&page("x", &with_pure), "", FileChoice::Usual).unwrap();
        assert_eq!(chosen, ["x-1.tar.gz", "x-1-py2.py3-none-any.whl"]);
        assert_eq!(select(&page("x", &with_pure), "", FileChoice::All).unwrap().1.len(), 6);
    }

    #[test]
    fn the_project_s_name_tells_where_a_version_begins() {
        let page = page("x-2-y", &["x-2-y-1.0-1.tar.gz", "x_2_y-1.0.zip", "other-9.0.tar.gz", "junk"]);
        assert_eq!(
            select(&page, "", FileChoice::Usual).unwrap(),
            ("1.0.post1".into(), vec!["x-2-y-1.0-1.tar.gz".into()])
        );
    }

    #[test]
    fn a_demanded_digest_chooses_the_file() {
        let mut page = page("x", &["x-1.tar.gz", "x-1-py3-none-any.whl"]);
        for (file, digit) in page.files.iter_mut().zip(["a", "b"]) {
            file.sha256 = Some(digit.repeat(64));
        }
        let wanted = Wanted { hashes: vec!["b".repeat(64)], ..Wanted::default() };
        assert_eq!(select_release(&page, &wanted).unwrap().files[0].name, "x-1-py3-none-any.whl");
        let wanted = Wanted { hashes: vec!["c".repeat(64)], ..Wanted::default() };
        assert!(select_release(&page, &wanted).is_err());
    }
}
