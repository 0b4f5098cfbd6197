//! Programs that fetch, send, connect or resolve.

use venin_model::{Action, CallClass, Family, Role};

use super::command::{Command, Dialect};
use super::operation::Step;
use crate::path::lists;

/// The steps of a network program; `None` for any other.
pub(crate) fn classify(command: &Command) -> Option<Vec<Step>> {
    Some(match command.program.as_str() {
        "curl" | "wget" | "iwr" | "irm" | "invoke-webrequest" | "invoke-restmethod"
            if is_web_request(command) =>
        {
            web_request(command)
        }
        "curl" => curl(command),
        "wget" => wget(command),
        "aria2c" | "axel" | "http" | "https" | "httpie" | "lynx" | "links" | "fetch" => fetch_any(command),
        "git" => return git(command),
        "certutil" => return certutil(command),
        "bitsadmin" => bitsadmin(command),
        "start-bitstransfer" => bits_transfer(command),
        "nc" | "ncat" | "netcat" | "telnet" => netcat(command),
        "socat" => socat(command),
        "openssl" if command.has_word(&["s_client"]) => {
            let target = command.option(&["-connect"]).unwrap_or("");
            vec![connect(target)]
        }
        "scp" | "sftp" | "rsync" | "ftp" | "tftp" => return copy_remote(command),
        "ssh" | "plink" => ssh(command),
        "nslookup" | "dig" | "host" | "resolve-dnsname" | "drill" => vec![resolve(command)],
        "ping" | "ping6" | "test-connection" => vec![ping(command)],
        "new-object" => return socket_object(command.operands().next()?, command),
        _ => return None,
    })
}

/// Methods of web clients and sockets; others give nothing.
pub(crate) fn method(command: &Command, receiver: &str) -> Vec<Step> {
    let argument = |at: usize| command.arguments().get(at).map_or("", String::as_str);
    let fetch = || Step::new(Family::Cn, Action::Fetch).with(Role::Url, argument(0));
    let send =
        || Step::new(Family::Cn, Action::Send).with(Role::Url, argument(0)).with(Role::Data, argument(1));
    match command.program.as_str() {
        "downloadstring"
        | "downloaddata"
        | "openread"
        | "getstringasync"
        | "getbytearrayasync"
        | "downloadstringasync"
        | "downloadstringtaskasync" => vec![fetch()],
        "downloadfile" | "downloadfileasync" | "downloadfiletaskasync" => {
            vec![fetch(), Step::write(argument(1))]
        }
        "uploadstring" | "uploaddata" | "uploadvalues" | "postasync" | "sendasync" => vec![send()],
        "uploadfile" => {
            vec![Step::new(Family::Cn, Action::Send).with(Role::Url, argument(0)).reading(argument(1))]
        }
        "open" if receiver.contains("http") && command.url.is_some() => {
            vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, command.url.as_deref().unwrap_or(""))]
        }
        "new" if is_socket(receiver) => vec![
            Step::new(Family::Cr, Action::Connect)
                .with(Role::Host, argument(0))
                .with(Role::Port, argument(1)),
        ],
        "connect" if is_socket(receiver) || receiver.starts_with('$') => vec![
            Step::new(Family::Cr, Action::Connect)
                .with(Role::Host, argument(0))
                .with(Role::Port, argument(1)),
        ],
        "gethostaddresses" | "gethostentry" => {
            vec![Step::new(Family::Cn, Action::Resolve).with(Role::Host, argument(0))]
        }
        _ => Vec::new(),
    }
}

fn is_socket(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("tcpclient") || name.contains("udpclient") || name.contains("net.sockets.socket")
}

/// `New-Object System.Net.Sockets.TcpClient(HOST, PORT)`.
fn socket_object(class: &str, command: &Command) -> Option<Vec<Step>> {
    if !is_socket(class) {
        return Some(Vec::new());
    }
    let rest = command.operands().skip(1).collect::<Vec<_>>().join(",");
    let mut parts = rest.split(',').map(str::trim).filter(|p| !p.is_empty());
    let (host, port) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    Some(vec![Step::new(Family::Cr, Action::Connect).with(Role::Host, host).with(Role::Port, port)])
}

/// `curl` and `wget` are PowerShell's web request when that is the shell, or when its options are used.
fn is_web_request(command: &Command) -> bool {
    let is_own = !matches!(command.program.as_str(), "curl" | "wget");
    is_own
        || (command.dialect == Dialect::PowerShell
            && command.option(&["-o", "--output", "-d", "--data"]).is_none())
        || command.has_word(&["-outfile", "-uri", "-usebasicparsing"])
}

fn web_request(command: &Command) -> Vec<Step> {
    let url = command
        .option(&["-uri"])
        .or(command.url.as_deref())
        .or_else(|| command.operands().next())
        .unwrap_or("");
    let body = command.option(&["-body"]);
    let is_sending = body.is_some()
        || command.option(&["-infile"]).is_some()
        || command
            .option(&["-method"])
            .is_some_and(|m| m.eq_ignore_ascii_case("post") || m.eq_ignore_ascii_case("put"));
    let action = if is_sending { Action::Send } else { Action::Fetch };
    let mut first = Step::new(Family::Cn, action).with(Role::Url, url).with(Role::Data, body.unwrap_or(""));
    if let Some(file) = command.option(&["-infile"]) {
        first = first.reading(file);
    }
    let mut steps = vec![first];
    steps.extend(command.option(&["-outfile", "-out", "-o"]).map(Step::write));
    steps
}

/// Short options, which may be joined (`-sSLo FILE`), and long ones, each with its value if it takes one.
fn options(
    command: &Command,
    with_value: &str,
    long_with_value: &str,
) -> (Vec<(String, String)>, Vec<String>) {
    let mut found = Vec::new();
    let mut operands = Vec::new();
    let mut words = command.arguments().iter();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--").filter(|l| !l.is_empty()) {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
            let takes = lists(long_with_value, name);
            let value = value.or_else(|| takes.then(|| words.next().cloned()).flatten());
            found.push((name.to_owned(), value.unwrap_or_default()));
        } else if let Some(cluster) = word.strip_prefix('-').filter(|c| !c.is_empty()) {
            let Some(at) = cluster.find(|c: char| with_value.contains(c)) else {
                found.extend(cluster.chars().take(20).map(|c| (c.to_string(), String::new())));
                continue;
            };
            let (flags, rest) = cluster.split_at_checked(at).unwrap_or(("", cluster));
            found.extend(flags.chars().take(20).map(|c| (c.to_string(), String::new())));
            let name: String = rest.chars().take(1).collect();
            let value: String = rest.chars().skip(1).collect();
            let value = if value.is_empty() { words.next().cloned().unwrap_or_default() } else { value };
            found.push((name, value));
        } else {
            operands.push(word.clone());
        }
    }
    (found, operands)
}

fn curl(command: &Command) -> Vec<Step> {
    const LONG: &str = "output data data-raw data-binary data-urlencode form form-string upload-file request header \
        user-agent user proxy url json connect-timeout max-time retry cookie referer output-dir";
    let (options, operands) = options(command, "odFTXHAeubmxDKwrCcQtyYzE", LONG);
    let url = options.iter().find(|(n, _)| n == "url").map(|(_, v)| v.as_str());
    let url = url.or(command.url.as_deref()).or_else(|| operands.first().map(String::as_str)).unwrap_or("");
    let is_posting = options.iter().any(|(n, v)| {
        matches!(n.as_str(), "X" | "request")
            && matches!(v.to_ascii_uppercase().as_str(), "POST" | "PUT" | "PATCH")
    });
    let mut step = Step::new(Family::Cn, Action::Fetch).with(Role::Url, url);
    for (name, value) in &options {
        if matches!(name.as_str(), "T" | "upload-file") && value != "-" {
            step = step.reading(value);
        } else if is_curl_body(name) {
            step = with_body(step, value);
        } else if !(is_posting && matches!(name.as_str(), "X" | "request")) {
            continue;
        }
        step.class = CallClass::new(Family::Cn, Action::Send);
    }
    let mut steps = vec![step];
    for (name, value) in &options {
        match name.as_str() {
            "o" | "output" if value != "-" => steps.push(Step::write(value)),
            "O" | "remote-name" => steps.push(Step::write(url_file_name(url))),
            _ => {}
        }
    }
    steps
}

fn is_curl_body(name: &str) -> bool {
    matches!(name, "d" | "F" | "T" | "json" | "form-string" | "upload-file")
        || name.starts_with("data")
        || name == "form"
}

/// `@FILE` and `name=@FILE` send a file's content.
fn with_body(step: Step, body: &str) -> Step {
    let file = body
        .split_once('@')
        .filter(|(front, _)| front.is_empty() || front.ends_with('='))
        .map(|(_, file)| file);
    match file {
        Some("-") => step.with(Role::Data, "standard input"),
        Some(file) => step.reading(file.split(';').next().unwrap_or(file)),
        None => step.with(Role::Data, body),
    }
}

/// The name under which a URL is saved.
fn url_file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    match path.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name,
        _ => "index.html",
    }
}

fn wget(command: &Command) -> Vec<Step> {
    const LONG: &str = "output-document post-data post-file body-data body-file method header user-agent \
        directory-prefix timeout tries";
    let (options, operands) = options(command, "OPUtTwQoaeiB", LONG);
    let url = command.url.as_deref().or_else(|| operands.first().map(String::as_str)).unwrap_or("");
    let value =
        |names: &[&str]| options.iter().find(|(n, _)| names.contains(&n.as_str())).map(|(_, v)| v.as_str());
    let data = value(&["post-data", "body-data"]);
    let file = value(&["post-file", "body-file"]);
    if data.is_some() || file.is_some() {
        let step =
            Step::new(Family::Cn, Action::Send).with(Role::Url, url).with(Role::Data, data.unwrap_or(""));
        return vec![match file {
            Some(file) => step.reading(file),
            None => step,
        }];
    }
    let mut steps = vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url)];
    match value(&["O", "output-document"]) {
        Some("-" | "/dev/stdout") => {}
        Some(file) => steps.push(Step::write(file)),
        None => steps.push(Step::write(url_file_name(url))),
    }
    steps
}

fn fetch_any(command: &Command) -> Vec<Step> {
    let url = command.url.as_deref().or_else(|| command.operands().last()).unwrap_or("");
    let mut steps = vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url)];
    steps.extend(command.option(&["-o", "-O", "--out", "--output"]).map(Step::write));
    steps
}

fn git(command: &Command) -> Option<Vec<Step>> {
    let mut operands = command.operands();
    if operands.next() != Some("clone") {
        return None;
    }
    let url = command.url.as_deref().or_else(|| operands.next()).unwrap_or("");
    let named = command.operands().skip_while(|word| *word != url).nth(1);
    let folder = named.unwrap_or_else(|| url_file_name(url).trim_end_matches(".git"));
    Some(vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url), Step::write(folder)])
}

fn certutil(command: &Command) -> Option<Vec<Step>> {
    let has = |name: &str| {
        command.arguments().iter().any(|w| w.trim_start_matches(['-', '/']).eq_ignore_ascii_case(name))
    };
    let files: Vec<&str> = command.operands().filter(|w| !w.contains("://")).collect();
    if let Some(url) = &command.url {
        let mut steps = vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url.as_str())];
        steps.push(Step::write(files.last().copied().unwrap_or(url_file_name(url))));
        return Some(steps);
    }
    let action = match (has("decode") || has("decodehex"), has("encode") || has("encodehex")) {
        (true, _) => Action::Decode,
        (_, true) => Action::Encode,
        _ => return None,
    };
    let source = files.first().copied().unwrap_or("");
    Some(vec![
        Step::new(Family::Ce, action).reading(source),
        Step::write(files.get(1).copied().unwrap_or("")),
    ])
}

fn bitsadmin(command: &Command) -> Vec<Step> {
    let url = command.url.as_deref().unwrap_or("");
    let behind = command.arguments().iter().skip_while(|w| !w.contains("://")).nth(1);
    let mut steps = vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url)];
    steps.extend(behind.map(|path| Step::write(path)));
    steps
}

fn bits_transfer(command: &Command) -> Vec<Step> {
    let url = command.option(&["-source"]).or(command.url.as_deref()).unwrap_or("");
    let target =
        command.option(&["-destination"]).or_else(|| command.operands().find(|w| !w.contains("://")));
    let mut steps = vec![Step::new(Family::Cn, Action::Fetch).with(Role::Url, url)];
    steps.extend(target.map(Step::write));
    steps
}

/// `host:port`.
fn connect(target: &str) -> Step {
    let (host, port) = target.rsplit_once(':').unwrap_or((target, ""));
    Step::new(Family::Cr, Action::Connect).with(Role::Host, host).with(Role::Port, port)
}

fn netcat(command: &Command) -> Vec<Step> {
    let (options, operands) = options(command, "ecpswiIoqxX", "exec sh-exec");
    let value =
        |names: &[&str]| options.iter().find(|(n, _)| names.contains(&n.as_str())).map(|(_, v)| v.as_str());
    let is_listening = options.iter().any(|(n, _)| n == "l" || n == "listen");
    let operand = |at: usize| operands.get(at).map_or("", String::as_str);
    let first = if is_listening {
        let port = value(&["p"]).unwrap_or(operand(0));
        Step::new(Family::Cr, Action::Listen).with(Role::Port, port)
    } else {
        Step::new(Family::Cr, Action::Connect).with(Role::Host, operand(0)).with(Role::Port, operand(1))
    };
    let Some(program) = value(&["e", "c", "exec", "sh-exec"]) else { return vec![first] };
    let shell = Step::new(Family::Cs, Action::Spawn).with(Role::Command, program);
    vec![first.with(Role::Command, program), Step { follows: true, ..shell }]
}

fn socat(command: &Command) -> Vec<Step> {
    let mut steps = Vec::new();
    for word in command.operands() {
        let (kind, rest) = word.split_once(':').unwrap_or((word, ""));
        let rest = rest.split(',').next().unwrap_or(rest);
        match kind.to_ascii_lowercase().as_str() {
            "tcp" | "tcp4" | "tcp6" | "tcp-connect" | "udp" | "openssl" | "ssl" => steps.push(connect(rest)),
            "tcp-listen" | "tcp4-listen" | "openssl-listen" => {
                steps.push(Step::new(Family::Cr, Action::Listen).with(Role::Port, rest));
            }
            "exec" | "system" => {
                steps.push(Step {
                    follows: true,
                    ..Step::new(Family::Cs, Action::Spawn).with(Role::Command, rest)
                });
            }
            _ => {}
        }
    }
    steps
}

/// Copies between hosts: the operand with a colon is the far one.
fn copy_remote(command: &Command) -> Option<Vec<Step>> {
    let operands: Vec<&str> = command.operands().collect();
    let is_far =
        |w: &str| w.split_once(':').is_some_and(|(host, _)| host.len() > 1 && !host.contains(['/', '\\']));
    let far = operands.iter().find(|w| is_far(w)).copied()?;
    let host = far.split(':').next().unwrap_or(far).rsplit('@').next().unwrap_or("");
    let is_sending = operands.last().is_some_and(|w| is_far(w));
    let action = if is_sending { Action::Send } else { Action::Fetch };
    let step = Step::new(Family::Cn, action).with(Role::Host, host);
    Some(vec![operands.iter().filter(|w| !is_far(w)).take(8).fold(step, |step, path| step.reading(path))])
}

fn ssh(command: &Command) -> Vec<Step> {
    let (_, operands) = options(command, "bcDEeFIiJLlmOopQRSWwB", "");
    let target = operands.first().map_or("", String::as_str);
    let host = target.rsplit('@').next().unwrap_or(target);
    vec![
        Step::new(Family::Cr, Action::Connect)
            .with(Role::Host, host)
            .with(Role::Command, command.words.join(" ")),
    ]
}

/// A name that holds another command's output carries it to whoever serves the name.
fn resolve(command: &Command) -> Step {
    let name = command.operands().find(|w| !w.starts_with('@') && w.contains(['.', '$', '⟨'])).unwrap_or("");
    let action = if command.substitutes.is_empty() { Action::Resolve } else { Action::Send };
    Step::new(Family::Cn, action).with(Role::Host, name)
}

/// Pinging oneself is a way to wait.
fn ping(command: &Command) -> Step {
    let target = command.operands().find(|w| !w.chars().all(|c| c.is_ascii_digit())).unwrap_or("");
    if !command.substitutes.is_empty() {
        return Step::new(Family::Cn, Action::Send).with(Role::Host, target);
    }
    if matches!(target, "localhost" | "::1") || target.starts_with("127.") {
        let count = command.option(&["-n", "-c"]).unwrap_or("");
        return Step::new(Family::Cx, Action::Sleep).with(Role::Seconds, count);
    }
    Step::new(Family::Cn, Action::Resolve).with(Role::Host, target)
}

#[cfg(test)]
mod tests {
    use crate::script::{Dialect, parse_command_line, read_operations};

    #[test]
    fn the_host_of_a_remote_shell_is_not_the_value_of_an_option() {
        let text = "ssh -o StrictHostKeyChecking=no -R 9:localhost:8 u@h.example";
        let operations = read_operations(&parse_command_line(text, Dialect::Sh));
        let host = operations.first().and_then(|operation| operation.argument(super::Role::Host));
        assert_eq!(host, Some("h.example"));
    }
}
