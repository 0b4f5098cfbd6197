//! Facts about the shape of an artifact: how much Python there is, and what lies beside it.

use venin_model::{Fact, Site};

use crate::declared::Texts;
use crate::layout::{File, Layout, is_init};
use crate::modules::ModuleMap;
use crate::package::PackageKind;
use crate::path::{base_name, extension, has_extension, is_nested, is_python_source, lists};

/// Most facts of one kind.
const MAX_FACTS: usize = 20;
/// A release with this few Python files is tiny.
const FEW_FILES: usize = 3;
/// Modules that together have this few bytes do next to nothing.
const LITTLE_CODE: u64 = 1500;

/// Every fact about the layout but those of start-up members.
pub(crate) fn layout_facts(layout: &Layout<'_>, texts: &Texts<'_>, modules: &ModuleMap) -> Vec<Fact> {
    if layout.kind == PackageKind::File {
        return Vec::new();
    }
    let mut facts = python_facts(layout, modules);
    let own = || layout.files.iter().filter(|f| !is_nested(f.rel));
    facts.extend(capped(own(), is_program, "layout.executable", "a program lies among the members"));
    facts.extend(capped(
        own(),
        is_script,
        "layout.script-extension",
        "a shell or host script lies among the members",
    ));
    facts.extend(capped(
        own(),
        has_two_extensions,
        "layout.double-extension",
        "a program or script hides behind another extension",
    ));
    facts.extend(capped(
        own(),
        is_hidden_python,
        "layout.hidden-python",
        "a Python file has a name that listings hide",
    ));
    facts.extend(data_file_facts(layout));
    facts.extend(wheel_flags(layout, texts));
    facts
}

fn python_facts(layout: &Layout<'_>, modules: &ModuleMap) -> Vec<Fact> {
    let sources: Vec<&File<'_>> =
        layout.files.iter().filter(|f| is_python_source(f.rel) && !is_nested(f.rel)).collect();
    let code: Vec<&&File<'_>> = sources.iter().filter(|f| f.rel != "setup.py").collect();
    let native = || layout.files.iter().filter(|f| is_native_source(f) && !is_nested(f.rel));
    let written = code.iter().filter(|f| f.entry.size > 0).count() + native().count();
    let count = |fact: Fact| {
        fact.with("files", layout.files.len().to_string()).with("python", sources.len().to_string())
    };
    let mut facts = Vec::new();
    if sources.is_empty() {
        facts.push(count(Fact::new("layout.no-python", "there is no Python source")));
    } else if sources.len() <= FEW_FILES {
        facts.push(count(Fact::new("layout.few-files", format!("there are {} Python files", sources.len()))));
    }
    if layout.has("setup.py") && written == 0 && layout.kind == PackageKind::Sdist {
        facts.push(count(Fact::new("layout.setup-only", "all code of the sdist is in setup.py")));
    } else if !sources.is_empty() && written == 0 {
        facts.push(count(Fact::new("layout.empty-code", "every Python file is empty")));
    }
    let bytes: u64 = code.iter().copied().copied().chain(native()).map(|f| f.entry.size).sum();
    if written > 0 && bytes <= LITTLE_CODE {
        let message = format!("all modules together have {bytes} bytes");
        facts.push(count(Fact::new("layout.little-code", message)).with("bytes", bytes.to_string()));
    }
    if let [only] = code.as_slice() {
        let name = modules.name(&only.entry.path).unwrap_or("").to_owned();
        let message = "there is one Python file beside setup.py";
        facts.push(
            Fact::new("layout.single-module", message)
                .with("module", name)
                .at(Site::whole(only.entry.path.clone())),
        );
    }
    facts.extend(bytecode_facts(layout, modules));
    facts
}

/// Bytecode whose source is missing.
fn bytecode_facts(layout: &Layout<'_>, modules: &ModuleMap) -> Vec<Fact> {
    let is_alone = |file: &File<'_>| {
        has_extension(file.rel, "pyc")
            && modules
                .name(&file.entry.path)
                .is_some_and(|name| !modules.members(name).iter().any(|m| is_python_source(m)))
    };
    let own = layout.files.iter().filter(|f| !is_nested(f.rel));
    capped(own, is_alone, "layout.bytecode-only", "a module is there as bytecode without source")
}

/// One fact a file up to a limit, each with the count of all.
fn capped<'f, 'm: 'f>(
    files: impl Iterator<Item = &'f File<'m>>,
    is_wanted: impl Fn(&File<'_>) -> bool,
    kind: &str,
    message: &str,
) -> Vec<Fact> {
    let wanted: Vec<&File<'_>> = files.filter(|f| is_wanted(f)).collect();
    let count = wanted.len().to_string();
    let fact = |file: &&File<'_>| {
        Fact::new(kind, message)
            .with("count", count.as_str())
            .with("extension", extension(file.rel).to_ascii_lowercase())
            .with("path", file.rel)
            .at(Site::whole(file.entry.path.clone()))
    };
    wanted.iter().take(MAX_FACTS).map(fact).collect()
}

fn is_one_of(path: &str, extensions: &str) -> bool {
    let own = extension(path);
    !own.is_empty() && lists(extensions, &own.to_ascii_lowercase())
}

/// Programs by extension; those without one are found by their first bytes when they are read.
fn is_program(file: &File<'_>) -> bool {
    const EXTENSIONS: &str = "exe scr com msi cpl pif appimage dmg pkg deb rpm apk jar";
    is_one_of(file.rel, EXTENSIONS)
}

/// The source of an extension module: a release that is all C installs something, too.
fn is_native_source(file: &File<'_>) -> bool {
    const EXTENSIONS: &str = "c cc cpp cxx cu f f90 go pyx rs zig";
    file.entry.size > 0 && is_one_of(file.rel, EXTENSIONS)
}

fn is_script(file: &File<'_>) -> bool {
    const EXTENSIONS: &str = "sh bash zsh csh bat cmd ps1 psm1 vbs vbe jse wsf wsh hta lnk scpt applescript command reg \
        desktop";
    is_one_of(file.rel, EXTENSIONS)
}

/// `picture.png.exe`, `notes.txt.bat`.
fn has_two_extensions(file: &File<'_>) -> bool {
    const SHOWN: &str = "png jpg jpeg gif bmp pdf doc docx xls xlsx txt mp3 mp4 zip";
    let inner = crate::path::stem(file.rel);
    (is_program(file) || is_script(file)) && is_one_of(inner, SHOWN)
}

fn is_hidden_python(file: &File<'_>) -> bool {
    base_name(file.rel).starts_with('.') && is_python_source(file.rel)
}

/// Members of a wheel that installers put anywhere below the prefix.
fn data_file_facts(layout: &Layout<'_>) -> Vec<Fact> {
    if layout.kind != PackageKind::Wheel {
        return Vec::new();
    }
    let is_data = |file: &File<'_>| {
        layout
            .dist_infos
            .iter()
            .filter_map(|i| i.strip_suffix(".dist-info"))
            .any(|stem| file.rel.strip_prefix(stem).is_some_and(|rest| rest.starts_with(".data/data/")))
    };
    capped(
        layout.files.iter(),
        is_data,
        "layout.data-files",
        "a member is installed below the prefix, outside site-packages",
    )
}

/// A wheel whose packages are all empty, or that holds tests at its top, which collide with those of others.
fn wheel_flags(layout: &Layout<'_>, texts: &Texts<'_>) -> Vec<Fact> {
    if layout.kind != PackageKind::Wheel {
        return Vec::new();
    }
    let mut facts = Vec::new();
    let has_wheel_file = layout.dist_infos.iter().any(|info| layout.has(&format!("{info}/WHEEL")));
    if !has_wheel_file {
        facts.push(Fact::new("layout.no-wheel-file", "the wheel has no WHEEL file"));
    }
    let has_metadata =
        layout.dist_infos.iter().any(|info| texts.bytes(&format!("{info}/METADATA")).is_some());
    let inits = layout.files.iter().filter(|f| is_init(f.rel)).count();
    if !has_metadata && inits == 0 {
        facts.push(Fact::new("layout.hollow-wheel", "the wheel holds neither metadata nor packages"));
    }
    facts
}
