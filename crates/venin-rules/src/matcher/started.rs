//! Whether a command line starts a file that it names, or gives it to a program that reads it.
//!
//! `unzip got.zip` and `psql -f got.sql` name a file as `sh got.sh` does, and run nothing of it.  The answer is `false`
//! only where the line leaves no doubt: a program that is not known, a list with a program of unknown nature in it, and
//! anything that a shell puts together itself count as starting what they name.  Texts come lowered and with `/`.

use super::same_path::last_part;

/// Programs that start another one, which is what counts.
const WRAPPERS: &str = "sudo doas nohup setsid env nice ionice time timeout command stdbuf unbuffer caffeinate arch proxychains \
    torsocks xvfb-run";

/// Programs that run, load, install or schedule a file that they are given, or may.
const LAUNCHERS: &str = "cmd powershell pwsh start open xdg-open gio gnome-open kde-open explorer invoke-item start-process call \
    exec eval source . su runas runuser gsudo psexec systemd-run screen tmux script watch xargs parallel \
    find forfiles awk gawk gdb lldb strace ltrace wine wine64 mono dotnet box64 chroot unshare firejail \
    flatpak snap busybox toybox wscript cscript mshta rundll32 regsvr32 regasm regsvcs installutil msbuild \
    msiexec msdt pcalua cmstp control conhost hh odbcconf presentationhost xwizard scriptrunner autoit3 \
    autohotkey bitsadmin certutil wmic reg regedit sc schtasks at batch crontab systemctl service launchctl \
    new-service update-rc.d osascript installer insmod modprobe kextload pip pip2 pip3 pipx uv uvx poetry \
    conda mamba easy_install npm npx pnpm yarn gem cargo go apt apt-get dpkg rpm yum dnf zypper pacman apk \
    brew choco winget make gmake nmake cmake ninja scons gcc g++ cc c++ clang clang++ cl tcc rustc javac csc \
    pyinstaller nuitka nuitka3 cxfreeze py2exe iexpress shc nc ncat socat expect ld ld.so";

/// Programs that run the first file they are given, and hand it the others.
const INTERPRETERS: &str = "python pythonw py pypy perl ruby node nodejs deno bun php lua java javaw rscript tclsh sh bash zsh dash \
    ksh fish csh tcsh";

/// Folders of the programs of a system.
const SYSTEM_FOLDERS: &[&str] =
    &["/usr/", "/bin/", "/sbin/", "/opt/", "c:/windows/", "c:/program files", "⟨os.environ[programfiles"];

/// Ends of names of files that are looked at when they are opened.
const DOCUMENTS: &str = "pdf html htm txt md csv png jpg jpeg gif svg webp mp4 mp3 docx xlsx pptx json";

/// Whether a command line may start the file of one of these names.
pub(super) fn may_start(command: &str, files: &[&str]) -> bool {
    if command.contains(['`', '<']) || command.contains("$(") {
        return true;
    }
    if is_document(command) && files.contains(&command) {
        return false;
    }
    let parts = split_commands(command);
    let is_list = parts.len() > 1;
    parts.iter().any(|part| {
        let part = unwrap(part);
        is_program_of(part, files) || !gives_as_data(part, files, is_list)
    })
}

/// The commands of a line, without their operators and comments.
fn split_commands(line: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quote, mut before) = (Vec::new(), 0, None, ' ');
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if matches!(c, ';' | '|' | '\n') || (c == '&' && before != '>') => {
                parts.push(line.get(from..at).unwrap_or_default());
                from = at + c.len_utf8();
            }
            None if c == '#' && before.is_whitespace() => {
                parts.push(line.get(from..at).unwrap_or_default());
                from = line.len();
                break;
            }
            None => {}
        }
        before = c;
    }
    parts.push(line.get(from..).unwrap_or_default());
    parts
        .into_iter()
        .map(|part| part.trim_matches([' ', '\t', '(', ')', '{', '}', '@']))
        .filter(|p| !p.is_empty())
        .collect()
}

/// The command behind assignments and programs that only start it.
fn unwrap(mut part: &str) -> &str {
    let mut is_wrapped = false;
    loop {
        let (word, rest) = first_word(part);
        let name = program_name(word);
        let is_setting =
            is_wrapped && (word.starts_with('-') || word.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| is_variable(name));
        if rest.is_empty() || !(is_setting || is_assignment || is_among(WRAPPERS, name)) {
            return part;
        }
        is_wrapped = true;
        part = rest;
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The first word, which may be quoted, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text.get(1..).and_then(|t| t.find(quote)).map(|at| at + 2),
        // Lists of arguments are joined without quotes.
        _ if text.starts_with("c:/program files") => text.find(".exe").map(|at| at + 4),
        _ => text.find(char::is_whitespace),
    };
    let end = end.unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word.trim_matches(['"', '\'']), rest.trim_start())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (word, next) = first_word(rest);
        rest = next;
        (!word.is_empty()).then_some(word)
    })
}

/// `python3.11.exe` of `/usr/bin/python3.11.exe`.
fn program_name(word: &str) -> &str {
    let name = last_part(word);
    [".exe", ".com", ".cmd", ".bat"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Whether the program that the command starts is one of the files.
fn is_program_of(part: &str, files: &[&str]) -> bool {
    let (word, _) = first_word(part);
    let bare = part.trim_start_matches(['"', '\'']).trim_start_matches("./");
    files.iter().any(|file| bare.starts_with(file) || program_name(word) == program_name(file))
}

/// Whether the program is known by its name for one that only reads, moves or writes what it is given.
fn gives_as_data(part: &str, files: &[&str], is_list: bool) -> bool {
    let (word, rest) = first_word(part);
    let name = program_name(word);
    if word == "⟨sys.executable⟩" || is_interpreter(name) {
        return !is_list && is_operand_of_script(rest, files);
    }
    let is_opener = matches!(name, "open" | "xdg-open" | "start" | "explorer" | "gio");
    if is_opener || name.contains(['⟨', '%', '$']) {
        // A viewer or an editor that the user chose shows a document as any other program does.
        return !files.is_empty() && files.iter().all(|file| is_document(file));
    }
    let is_elsewhere = word.contains('/') && !SYSTEM_FOLDERS.iter().any(|folder| word.starts_with(folder));
    !name.is_empty() && !is_elsewhere && !is_among(LAUNCHERS, name)
}

fn is_among(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|known| known == name)
}

fn is_interpreter(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    is_among(INTERPRETERS, stem)
}

/// Whether a file is looked at when it is opened.
fn is_document(file: &str) -> bool {
    last_part(file).rsplit_once('.').is_some_and(|(_, end)| is_among(DOCUMENTS, end))
}

/// Whether an interpreter gets a script or module that the line names, and the file behind it.
fn is_operand_of_script(operands: &str, files: &[&str]) -> bool {
    let mut words = words(operands);
    let script = loop {
        match words.next() {
            Some("-m") => return words.next().is_some_and(|module| !is_among(LAUNCHERS, module)),
            Some("-jar") => break words.next(),
            // Unbuffered, optimized, without bytecode: of Python, in small letters as all of the line.
            Some("-u" | "-o" | "-oo" | "-b") => {}
            Some(option) if option.starts_with('-') => return false,
            script => break script,
        }
    };
    script.map(last_part).is_some_and(|script| {
        !script.contains(['⟨', '%', '$']) && files.iter().all(|file| last_part(file) != script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(command: &str, file: &str) -> bool {
        may_start(command, &[file])
    }

    #[test]
    fn a_program_that_is_known_by_its_name_reads_the_file_that_it_is_given() {
        for command in [
            "unzip -q /tmp/got -d out",
            "unzip /tmp/got && rm /tmp/got  # unpacked",
            "mkdir -p out; tar -xzf /tmp/got -c out 2>&1",
            "sudo -n /usr/bin/psql -f /tmp/got",
            "lang=c timeout 30 samtools index /tmp/got",
            "c:/program files/7-zip/7z.exe x /tmp/got",
            "python convert.py /tmp/got",
            "⟨sys.executable⟩ -u ⟨home⟩/convert.py /tmp/got",
            "python3 -m json.tool /tmp/got",
            "java -jar tool.jar /tmp/got",
            "docker load -i /tmp/got",
        ] {
            assert!(!starts(command, "/tmp/got"), "{command}");
        }
    }

    #[test]
    fn a_file_that_is_the_program_is_started() {
        assert!(starts("/tmp/got --quiet", "/tmp/got"));
        assert!(starts("chmod +x /tmp/got && /tmp/got", "/tmp/got"));
        assert!(starts("nohup /tmp/got", "/tmp/got"));
        assert!(starts("./got.exe /s", "c:/temp/got.exe"));
        assert!(starts("cd c:/temp & got", "c:/temp/got.exe"));
    }

    #[test]
    fn a_file_that_an_interpreter_or_a_launcher_gets_is_started() {
        for command in [
            "sh /tmp/got",
            "python3.11 /tmp/got --all",
            "python -c \"exec(open('/tmp/got').read())\"",
            "start /wait /tmp/got",
            "cmd /c /tmp/got",
            "rundll32 /tmp/got,run",
            "pip install /tmp/got",
            "python -m pip install /tmp/got",
            "schtasks /create /tr /tmp/got",
            "open /tmp/got",
        ] {
            assert!(starts(command, "/tmp/got"), "{command}");
        }
        assert!(!starts("open /tmp/got.pdf", "/tmp/got.pdf"));
        assert!(!starts("⟨os.environ[editor]⟩ /tmp/got.md", "/tmp/got.md"));
    }

    #[test]
    fn a_list_in_which_something_else_runs_may_start_what_was_unpacked() {
        assert!(starts("tar xf /tmp/got && ./out/tool", "/tmp/got"));
        assert!(starts("unzip /tmp/got; python setup.py install", "/tmp/got"));
        assert!(starts("cat /tmp/got | sh", "/tmp/got"));
    }

    #[test]
    fn a_program_that_nobody_knows_may_start_what_it_is_given() {
        assert!(starts("⟨argument⟩ /tmp/got", "/tmp/got"));
        assert!(starts("⟨home⟩/loader /tmp/got", "/tmp/got"));
        assert!(starts("bin/loader /tmp/got", "/tmp/got"));
        assert!(starts("echo $(sh /tmp/got)", "/tmp/got"));
    }
}
