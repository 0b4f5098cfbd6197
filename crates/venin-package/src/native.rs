//! Native members: what the headers of ELF, PE and Mach-O files say.
//!
//! Reads tables only, through the `object` crate; code is never decoded and never run.  Counts and lengths are
//! bounded, because hostile tables overlap and point at themselves.

use object::read::NameOrOrdinal;
use object::{BinaryFormat, Object, ObjectKind, ObjectSection, ObjectSegment, SectionFlags, elf, macho, pe};
use venin_model::{Fact, spelled_enum};

use crate::native_facts::native_facts;

/// Most imports, exports and libraries read.
const MAX_NAMES: usize = 20_000;
/// Most bytes of names read.
const MAX_NAME_BYTES: usize = 4 << 20;
/// Longest name kept, in bytes.
const MAX_NAME: usize = 512;
/// Most broken entries before a table is given up.
const MAX_BROKEN: usize = 64;
/// Most sections read.
const MAX_SECTIONS: usize = 256;
/// Bytes of a section that its entropy is measured on.
const ENTROPY_SAMPLE: usize = 64 << 10;

spelled_enum! {
    /// The container format.
    pub enum NativeFormat {
        /// Linux and most Unix systems.
        Elf = "elf",
        /// Windows.
        Pe = "pe",
        /// macOS, one architecture.
        MachO = "macho",
        /// macOS, several architectures in one file; the first is described.
        FatMachO = "fat-macho",
    }
}

spelled_enum! {
    /// What the file is for.
    pub enum NativeForm {
        /// Exports the initializer of a Python extension module.
        Extension = "extension",
        /// A shared library.
        Library = "library",
        /// A program.
        Executable = "executable",
        /// An object file, a core dump or something unknown.
        Other = "other",
    }
}

/// One section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name; bytes that are no UTF-8 become replacement characters.
    pub name: String,
    /// Size in memory, in bytes.
    pub size: u64,
    /// Offset and size in the file; zero when nothing is stored.
    pub stored: (u64, u64),
    /// Shannon entropy in bits a byte, from 0 to 8, of at most the first 64 KiB.
    pub entropy: f64,
    /// Whether it is mapped as code.
    pub is_executable: bool,
    /// Whether it is mapped writable.
    pub is_writable: bool,
}

/// What the headers of a native member say.
#[derive(Debug, Clone, PartialEq)]
pub struct NativeReport {
    /// The container format.
    pub format: NativeFormat,
    /// What the file is for.
    pub form: NativeForm,
    /// The processor architecture, lower case: `x86_64`, `aarch64`.
    pub architecture: String,
    /// Names of imported functions, sorted.
    pub imports: Vec<String>,
    /// Libraries that are asked for, sorted.
    pub libraries: Vec<String>,
    /// Names of exported functions, sorted.
    pub exports: Vec<String>,
    /// Sections in file order.
    pub sections: Vec<Section>,
    /// Bytes behind everything that the headers describe, signatures left out.
    pub overlay: u64,
    /// Whether a table was broken or cut.
    pub is_partial: bool,
    /// Facts for rules, `native.*`.
    pub facts: Vec<Fact>,
}

/// Reads a native member.  `None` when the bytes are of none of the formats.
///
/// A file that starts as one and cannot be read further still gives a report, marked partial.
#[must_use]
pub fn read_native(path: &str, bytes: &[u8]) -> Option<NativeReport> {
    let (format, image) = identify(bytes)?;
    let mut report = NativeReport {
        format,
        form: NativeForm::Other,
        architecture: String::new(),
        imports: Vec::new(),
        libraries: Vec::new(),
        exports: Vec::new(),
        sections: Vec::new(),
        overlay: 0,
        is_partial: true,
        facts: Vec::new(),
    };
    if let Ok(file) = object::File::parse(image) {
        describe(&file, image, &mut report);
    }
    report.facts = native_facts(path, bytes, &report);
    Some(report)
}

/// The format by the first bytes, and the image to read.
fn identify(bytes: &[u8]) -> Option<(NativeFormat, &[u8])> {
    const MACH_O: [[u8; 4]; 4] = [
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
    ];
    let magic = bytes.first_chunk::<4>()?;
    if magic == b"\x7fELF" {
        Some((NativeFormat::Elf, bytes))
    } else if magic.starts_with(b"MZ") {
        is_pe(bytes).then_some((NativeFormat::Pe, bytes))
    } else if MACH_O.contains(magic) {
        Some((NativeFormat::MachO, bytes))
    } else {
        Some((NativeFormat::FatMachO, first_architecture(bytes)?))
    }
}

/// DOS programs have no PE header and are nothing that a package ships.
fn is_pe(bytes: &[u8]) -> bool {
    let offset = bytes.get(0x3c..0x40).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    offset.and_then(|at| bytes.get(at as usize..)).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

/// The first image of a fat file.  Java class files share its magic; they have no such table.
fn first_architecture(bytes: &[u8]) -> Option<&[u8]> {
    use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
    let image = match bytes.first_chunk::<4>()? {
        [0xca, 0xfe, 0xba, 0xbe] => MachOFatFile32::parse(bytes).ok()?.arches().first()?.data(bytes).ok()?,
        [0xca, 0xfe, 0xba, 0xbf] => MachOFatFile64::parse(bytes).ok()?.arches().first()?.data(bytes).ok()?,
        _ => return None,
    };
    matches!(image.first_chunk::<4>()?, [0xfe, 0xed, 0xfa, _] | [_, 0xfa, 0xed, 0xfe]).then_some(image)
}

fn describe(file: &object::File<'_>, image: &[u8], report: &mut NativeReport) {
    let mut names = NameBudget::default();
    report.architecture = format!("{:?}", file.architecture()).to_lowercase();
    report.sections = file.sections().take(MAX_SECTIONS).map(|s| read_section(&s)).collect();
    if let Ok(libraries) = file.import_libraries() {
        report.libraries = names.collect(libraries.map(|l| l.map(|l| Some(l.name().to_vec()))));
    }
    if let Ok(imports) = file.imports() {
        report.imports = names.collect(imports.map(|i| i.map(|i| own_name(&i.name()))));
    }
    if let Ok(exports) = file.exports() {
        report.exports = names.collect(exports.map(|e| e.map(|e| own_name(&e.name()))));
    }
    report.is_partial = names.is_exhausted;
    report.form = form(file, report);
    report.overlay = overlay(file, image, report);
}

fn own_name<T: AsRef<[u8]>>(name: &NameOrOrdinal<T>) -> Option<Vec<u8>> {
    match name {
        NameOrOrdinal::Name(name) => Some(name.as_ref().to_vec()),
        NameOrOrdinal::Ordinal(_) => None,
    }
}

/// Counts what all name tables of a file give.
#[derive(Default)]
struct NameBudget {
    names: usize,
    bytes: usize,
    broken: usize,
    is_exhausted: bool,
}

impl NameBudget {
    /// Collects names, sorted and without repetitions, until a budget ends.
    fn collect(&mut self, names: impl Iterator<Item = object::Result<Option<Vec<u8>>>>) -> Vec<String> {
        let mut collected = Vec::new();
        for name in names {
            if self.names >= MAX_NAMES || self.bytes >= MAX_NAME_BYTES || self.broken >= MAX_BROKEN {
                self.is_exhausted = true;
                break;
            }
            self.names += 1;
            match name {
                Ok(Some(name)) => {
                    self.bytes += name.len();
                    let kept = name.get(..MAX_NAME).unwrap_or(&name);
                    collected.push(String::from_utf8_lossy(kept).into_owned());
                }
                Ok(None) => {}
                Err(_) => self.broken += 1,
            }
        }
        collected.sort();
        collected.dedup();
        collected
    }
}

fn read_section<'d>(section: &impl ObjectSection<'d>) -> Section {
    let data = section.data().unwrap_or(&[]);
    let name = section.name_bytes().unwrap_or(b"");
    let (is_executable, is_writable) = permissions(section.flags());
    Section {
        name: String::from_utf8_lossy(name.get(..64).unwrap_or(name)).into_owned(),
        size: section.size(),
        stored: section.file_range().unwrap_or((0, 0)),
        entropy: entropy(data.get(..ENTROPY_SAMPLE).unwrap_or(data)),
        is_executable,
        is_writable,
    }
}

/// Executable and writable, by the format's own flags.
fn permissions(flags: SectionFlags) -> (bool, bool) {
    match flags {
        SectionFlags::Elf { sh_flags, .. } => {
            (sh_flags.contains(elf::SHF_EXECINSTR), sh_flags.contains(elf::SHF_WRITE))
        }
        SectionFlags::Coff { characteristics: flags } => {
            (flags.contains(pe::IMAGE_SCN_MEM_EXECUTE), flags.contains(pe::IMAGE_SCN_MEM_WRITE))
        }
        SectionFlags::MachO { flags, .. } => {
            (flags.intersects(macho::S_ATTR_PURE_INSTRUCTIONS | macho::S_ATTR_SOME_INSTRUCTIONS), false)
        }
        _ => (false, false),
    }
}

/// Shannon entropy in bits a byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = bytes.len() as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

fn form(file: &object::File<'_>, report: &NativeReport) -> NativeForm {
    let is_initializer = |name: &String| name.strip_prefix('_').unwrap_or(name).starts_with("PyInit_");
    let has_interpreter = || report.sections.iter().any(|s| s.name == ".interp");
    match file.kind() {
        ObjectKind::Executable => NativeForm::Executable,
        ObjectKind::Dynamic if report.exports.iter().any(is_initializer) => NativeForm::Extension,
        // Position-independent programs are stored as shared objects.
        ObjectKind::Dynamic
            if file.format() == BinaryFormat::Elf && has_interpreter() && file.entry() != 0 =>
        {
            NativeForm::Executable
        }
        ObjectKind::Dynamic
            if file.format() == BinaryFormat::Elf && report.sections.is_empty() && file.entry() != 0 =>
        {
            NativeForm::Executable
        }
        ObjectKind::Dynamic => NativeForm::Library,
        _ => NativeForm::Other,
    }
}

/// Bytes behind the last thing that the headers describe.
fn overlay(file: &object::File<'_>, image: &[u8], report: &NativeReport) -> u64 {
    let ends = report.sections.iter().map(|s| s.stored.0.saturating_add(s.stored.1));
    let segments =
        file.segments().take(MAX_SECTIONS).map(|s| s.file_range()).map(|(at, size)| at.saturating_add(size));
    let tables = [elf_table_end(image), pe_certificate_end(file)].into_iter().flatten();
    let end = ends.chain(segments).chain(tables).max().unwrap_or(image.len() as u64);
    if report.sections.len() == MAX_SECTIONS { 0 } else { (image.len() as u64).saturating_sub(end) }
}

/// The end of the section header table, which usually is the last thing in an ELF file.
fn elf_table_end(image: &[u8]) -> Option<u64> {
    if !image.starts_with(b"\x7fELF") {
        return None;
    }
    let is_64 = *image.get(4)? == 2;
    let is_big = *image.get(5)? == 2;
    let number = |at: usize, size: usize| -> Option<u64> {
        let bytes = image.get(at..at + size)?;
        let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        Some(if is_big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    };
    let (offset, entry, count) = if is_64 {
        (number(0x28, 8)?, number(0x3a, 2)?, number(0x3c, 2)?)
    } else {
        (number(0x20, 4)?, number(0x2e, 2)?, number(0x30, 2)?)
    };
    offset.checked_add(entry * count)
}

/// The end of the signature, which lies behind the sections of a PE file.
fn pe_certificate_end(file: &object::File<'_>) -> Option<u64> {
    use object::LittleEndian as LE;
    let directory = match file {
        object::File::Pe32(file) => file.data_directory(pe::IMAGE_DIRECTORY_ENTRY_SECURITY),
        object::File::Pe64(file) => file.data_directory(pe::IMAGE_DIRECTORY_ENTRY_SECURITY),
        _ => None,
    }?;
    let end = u64::from(directory.virtual_address.get(LE)) + u64::from(directory.size.get(LE));
    (end > 0).then_some(end)
}
