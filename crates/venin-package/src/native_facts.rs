//! Facts about native members.

use venin_model::{Fact, Site};

use crate::native::{NativeForm, NativeReport};
use crate::native_strings::strings_fact;
use crate::path::stem;

/// Random bytes have 8 bits a byte, compiled code about 6.
const PACKED_ENTROPY: f64 = 7.3;
/// Smaller sections are dense by chance.
const PACKED_SIZE: u64 = 4_096;
/// Padding and time stamps leave this much behind a file.
const OVERLAY_SIZE: u64 = 4_096;

/// Imported functions by what they allow.  A trailing `*` stands for any ending.
const CAPABILITIES: &[(&str, &str)] = &[
    ("capture", "BitBlt CreateCompatibleBitmap CGDisplayCreateImage CGWindowListCreateImage"),
    ("clipboard", "OpenClipboard GetClipboardData SetClipboardData"),
    ("credential", "CryptUnprotectData CredEnumerate* CredRead* SecKeychain* SecItemCopyMatching"),
    (
        "debugger",
        "IsDebuggerPresent CheckRemoteDebuggerPresent NtQueryInformationProcess \
         NtSetInformationThread",
    ),
    (
        "inject",
        "WriteProcessMemory CreateRemoteThread* VirtualAllocEx QueueUserAPC NtUnmapViewOfSection \
         NtCreateThreadEx RtlCreateUserThread SetThreadContext ptrace process_vm_writev memfd_create \
         task_for_pid mach_vm_write",
    ),
    (
        "input",
        "SetWindowsHookEx* GetAsyncKeyState GetKeyboardState RegisterRawInputDevices \
         CGEventTapCreate",
    ),
    ("interpreter", "PyRun_* Py_CompileString* PyEval_EvalCode PyMarshal_ReadObjectFromString"),
    (
        "network",
        "connect socket getaddrinfo gethostbyname WSAStartup WSASocket* WSAConnect InternetOpen* \
         InternetConnect* HttpSendRequest* HttpOpenRequest* WinHttp* URLDownloadToFile* curl_easy_* \
         SSL_connect",
    ),
    (
        "process",
        "execve execv execvp execl execlp system popen posix_spawn* CreateProcess* WinExec \
         ShellExecute*",
    ),
    ("registry", "RegSetValue* RegCreateKey* RegDeleteKey*"),
];

/// Every fact about one native member.  `bytes` is the whole member.
pub(crate) fn native_facts(path: &str, bytes: &[u8], report: &NativeReport) -> Vec<Fact> {
    let mut facts = Vec::new();
    if report.form == NativeForm::Executable {
        facts.push(Fact::new("native.executable", format!("a program for {}", platform(report))));
    }
    facts.extend(import_fact(report));
    facts.extend(packed_fact(report));
    facts.extend(frozen_fact(bytes));
    facts.extend(strings_fact(bytes));
    if report.overlay >= OVERLAY_SIZE {
        let message = format!("{} bytes lie behind what the headers describe", report.overlay);
        facts.push(Fact::new("native.overlay", message).with("size", report.overlay.to_string()));
    }
    if let Some(section) = report.sections.iter().find(|s| s.is_executable && s.is_writable) {
        let fact = Fact::new("native.writable-code", "a section is mapped both writable and executable");
        facts.push(fact.with("section", section.name.as_str()));
    }
    facts.extend(initializer_fact(path, report));
    if report.is_partial {
        facts.push(Fact::new("native.malformed", "the headers are broken or hold more than was read"));
    }
    let site = Site::whole(path.into());
    let label = |fact: Fact| {
        let fact = fact.with("format", report.format.as_str()).with("form", report.form.as_str());
        fact.at(site.clone())
    };
    facts.into_iter().map(label).collect()
}

fn platform(report: &NativeReport) -> String {
    format!("{} {}", report.format, report.architecture)
}

fn import_fact(report: &NativeReport) -> Option<Fact> {
    const MAX_SHOWN: usize = 40;
    let mut capabilities = Vec::new();
    let mut names = Vec::new();
    for (capability, functions) in CAPABILITIES {
        let found = report
            .imports
            .iter()
            .map(|n| plain(n))
            .filter(|name| functions.split_ascii_whitespace().any(|f| fits(f, name)));
        let before = names.len();
        names.extend(found);
        if names.len() > before {
            capabilities.push(*capability);
        }
    }
    if capabilities.is_empty() {
        return None;
    }
    names.truncate(MAX_SHOWN);
    let message = format!("imports functions for {}", capabilities.join(", "));
    Some(
        Fact::new("native.imports", message)
            .with("capabilities", capabilities.join(" "))
            .with("names", names.join(" "))
            .with("count", report.imports.len().to_string()),
    )
}

/// Without the underscore of Mach-O and the version of ELF.
fn plain(name: &str) -> &str {
    let name = name.split('@').next().unwrap_or(name);
    name.strip_prefix('_').unwrap_or(name)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(front) => name.starts_with(front),
        None => pattern == name,
    }
}

/// Sections named by packers, or dense code with hardly any import.
fn packed_fact(report: &NativeReport) -> Option<Fact> {
    const NAMES: &str = "UPX .aspack .adata .vmp .themida .winlice .enigma .petite MPRESS .nsp .packed pebundle .mew .taz \
        .rlpack";
    let named =
        report.sections.iter().find(|s| NAMES.split_ascii_whitespace().any(|n| s.name.starts_with(n)));
    if let Some(section) = named {
        let fact = Fact::new("native.packed", "a section has the name that a packer gives");
        return Some(fact.with("reason", "section name").with("section", section.name.as_str()));
    }
    let dense = report
        .sections
        .iter()
        .find(|s| s.is_executable && s.entropy > PACKED_ENTROPY && s.size > PACKED_SIZE)?;
    let fact = Fact::new("native.packed", "code is as dense as compressed data");
    Some(
        fact.with("reason", "entropy")
            .with("section", dense.name.as_str())
            .with("entropy", format!("{:.2}", dense.entropy)),
    )
}

/// Python programs frozen into one executable end in a cookie or hold a marker.
fn frozen_fact(bytes: &[u8]) -> Option<Fact> {
    const TAIL: usize = 64 << 10;
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..)?;
    let markers: [(&str, &[u8]); 3] = [
        ("pyinstaller", b"MEI\x0c\x0b\x0a\x0b\x0e"),
        ("py2exe", b"PYTHONSCRIPT"),
        ("cx_freeze", b"cx_Freeze"),
    ];
    let in_tail = markers.iter().find(|(_, marker)| memchr::memmem::find(tail, marker).is_some());
    // Nuitka leaves the names of its settings in the data of what it compiles.
    let nuitka = || {
        let marks: [&[u8]; 2] = [b"NUITKA_ONEFILE", b"NUITKA_PACKAGE"];
        marks.iter().any(|m| memchr::memmem::find(bytes, m).is_some()).then_some("nuitka")
    };
    let tool = in_tail.map(|(tool, _)| *tool).or_else(nuitka)?;
    Some(Fact::new("native.frozen-python", "a Python program is frozen into the file").with("tool", tool))
}

/// A file with the suffix of an extension module that no `import` can initialize.
fn initializer_fact(path: &str, report: &NativeReport) -> Option<Fact> {
    let is_named_as_extension =
        path.contains(".cpython-") || path.contains(".abi3.") || path.ends_with(".pyd");
    let is_library =
        matches!(report.form, NativeForm::Library | NativeForm::Executable) && !report.is_partial;
    let fact =
        || Fact::new("native.no-initializer", "named as an extension module, but exports no initializer");
    (is_named_as_extension && is_library)
        .then(|| fact().with("module", stem(path).split('.').next().unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NativeFormat, Section, read_native};

    fn report(imports: &[&str], section: &str, entropy: f64) -> NativeReport {
        NativeReport {
            format: NativeFormat::Pe,
            form: NativeForm::Library,
            architecture: "x86_64".to_owned(),
            imports: imports.iter().map(|i| (*i).to_owned()).collect(),
            libraries: Vec::new(),
            exports: Vec::new(),
            sections: vec![Section {
                name: section.to_owned(),
                size: 10_000,
                stored: (0, 0),
                entropy,
                is_executable: true,
                is_writable: false,
            }],
            overlay: 10_000,
            is_partial: false,
            facts: Vec::new(),
        }
    }

    #[test]
    fn imports_are_grouped_by_what_they_allow() {
        let facts =
            native_facts("a.pyd", b"", &report(&["_connect", "CreateProcessW", "memcpy"], ".text", 6.0));
        let imports = facts.iter().find(|f| &*f.kind == "native.imports").unwrap();
        assert_eq!(imports.detail("capabilities"), Some("network process"));
        assert_eq!(imports.detail("names"), Some("connect CreateProcessW"));
        let kinds: Vec<&str> = facts.iter().map(|f| &*f.kind).collect();
        assert_eq!(kinds, ["native.imports", "native.overlay", "native.no-initializer"]);
    }

    #[test]
    fn packers_are_known_by_section_names_and_by_density() {
        let reason = |section, entropy| {
            packed_fact(&report(&[], section, entropy)).and_then(|f| f.detail("reason").map(str::to_owned))
        };
        assert_eq!(reason("UPX0", 1.0).as_deref(), Some("section name"));
        assert_eq!(reason(".text", 7.9).as_deref(), Some("entropy"));
        assert_eq!(reason(".text", 6.3), None);
    }

    #[test]
    fn broken_headers_give_a_partial_report_and_other_bytes_none() {
        let report = read_native("x", b"\x7fELF\x02\x01garbage").unwrap();
        assert!(report.is_partial);
        assert!(report.facts.iter().any(|f| &*f.kind == "native.malformed"));
        assert!(read_native("x", b"MZ no pe header").is_none());
        assert!(read_native("x", b"\xca\xfe\xba\xbe\x00\x00\x00\x41class").is_none());
        assert!(read_native("x", b"").is_none());
    }
}
