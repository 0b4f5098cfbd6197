//! Which calls of JavaScript and VBScript reach the host, in the study's classes.

use venin_model::{Action, Family, Role};

use super::fold::Value;
use super::{Language, Step};

/// The step of a call; `None` for calls that stay inside the page or the program.
pub(super) fn classify(name: &str, arguments: &[Value], language: Language, is_host: bool) -> Option<Step> {
    let lower = name.to_ascii_lowercase();
    let call = Call { name: &lower, arguments, language };
    call.execution().or_else(|| if is_host { call.on_host() } else { None })
}

struct Call<'c> {
    name: &'c str,
    arguments: &'c [Value],
    language: Language,
}

impl Call<'_> {
    fn step(&self, family: Family, action: Action) -> Step {
        Step {
            name: format!("{}:{}", self.language.prefix(), self.name.trim_end_matches("()")),
            class: (family, action),
            arguments: Vec::new(),
            offset: 0,
            end: 0,
            code: None,
        }
    }

    fn text(&self, at: usize) -> Option<String> {
        self.arguments.get(at).and_then(Value::text).map(|text| text.to_string())
    }

    fn with(&self, mut step: Step, role: Role, at: usize) -> Step {
        if let Some(text) = self.text(at).filter(|t| !t.is_empty()) {
            step.arguments.push((role, text));
        }
        step
    }

    /// `eval`, `new Function`, `Execute`: an event when the text was decoded.
    fn execution(&self) -> Option<Step> {
        let is_execution = matches!(
            self.name,
            "eval"
                | "function"
                | "execute"
                | "executeglobal"
                | "vm.runinthiscontext"
                | "vm.runinnewcontext"
                | "settimeout"
        );
        let code = self.arguments.iter().rev().find(|a| a.is_decoded()).filter(|_| is_execution)?.text()?;
        let mut step = self.step(Family::Cc, Action::Exec);
        step.arguments.push((Role::Code, code.to_string()));
        step.code = Some(code);
        Some(step)
    }

    fn on_host(&self) -> Option<Step> {
        let (object, method) = self.name.rsplit_once('.').unwrap_or(("", self.name));
        let object = object.trim_end_matches("()");
        match (object, method) {
            ("child_process", _) => self.process(method),
            (
                "http"
                | "https"
                | "axios"
                | "got"
                | "request"
                | "superagent"
                | "needle"
                | "follow-redirects.https",
                _,
            )
            | ("", "fetch" | "axios" | "got" | "node-fetch") => self.request(method),
            ("fs" | "fs.promises" | "fs/promises" | "fs-extra", _) => self.file(method),
            ("net" | "tls" | "net.socket", "connect" | "createconnection") => {
                let step = self.step(Family::Cr, Action::Connect);
                Some(self.with(self.with(step, Role::Port, 0), Role::Host, 1))
            }
            ("os", "hostname" | "networkinterfaces") => Some(self.step(Family::Ch, Action::Host)),
            ("os", "userinfo" | "homedir") => Some(self.step(Family::Ch, Action::User)),
            ("os", "platform" | "release" | "arch") => Some(self.step(Family::Ch, Action::Platform)),
            _ => self.on_windows(object, method),
        }
    }

    fn process(&self, method: &str) -> Option<Step> {
        match method {
            "exec" | "execsync" => Some(self.with(self.step(Family::Cs, Action::Shell), Role::Command, 0)),
            "spawn" | "spawnsync" | "execfile" | "execfilesync" | "fork" => {
                let mut step = self.step(Family::Cs, Action::Spawn);
                let mut words = vec![self.arguments.first().map_or_else(|| "⟨?⟩".to_owned(), Value::shown)];
                if let Some(Value::List(more, _)) = self.arguments.get(1) {
                    words.extend(more.iter().take(64).map(|w| quoted(&w.shown())));
                }
                step.arguments.push((Role::Command, words.join(" ")));
                if let Some(Value::Object(options)) = self.arguments.last() {
                    let hides = options
                        .iter()
                        .filter(|(k, _)| matches!(k.as_str(), "windowsHide" | "detached" | "stdio"));
                    step.arguments.extend(hides.map(|(k, v)| (Role::Option, format!("{k}={v}"))));
                }
                Some(step)
            }
            _ => None,
        }
    }

    fn request(&self, method: &str) -> Option<Step> {
        let options = self.arguments.iter().find_map(|a| match a {
            Value::Object(entries) => Some(&**entries),
            _ => None,
        });
        let entry =
            |key: &str| options.and_then(|o| o.iter().find(|(k, _)| k == key)).map(|(_, v)| v.clone());
        let sends = matches!(method, "post" | "put" | "patch")
            || entry("method").is_some_and(|m| matches!(m.to_ascii_uppercase().as_str(), "POST" | "PUT"));
        let is_request =
            sends || matches!(method, "get" | "request" | "fetch" | "axios" | "got" | "node-fetch" | "head");
        if !is_request {
            return None;
        }
        let action = if sends { Action::Send } else { Action::Fetch };
        let mut step = self.with(self.step(Family::Cn, action), Role::Url, 0);
        let host = entry("hostname").or_else(|| entry("host"));
        if let Some(host) = host.filter(|_| step.arguments.is_empty()) {
            let path = entry("path").unwrap_or_default();
            let path = if path.is_empty() || path.starts_with('/') { path } else { format!("/{path}") };
            step.arguments.push((Role::Url, format!("https://{host}{path}")));
        }
        step.arguments.extend(entry("url").map(|url| (Role::Url, url)));
        Some(if sends { self.with(step, Role::Data, 1) } else { step })
    }

    fn file(&self, method: &str) -> Option<Step> {
        let step = |action| self.with(self.step(Family::Cf, action), Role::Path, 0);
        match method {
            "writefile" | "writefilesync" | "appendfile" | "appendfilesync" | "outputfile" => {
                Some(self.with(step(Action::Write), Role::Data, 1))
            }
            "createwritestream" => Some(step(Action::Write)),
            "readfile" | "readfilesync" | "createreadstream" => Some(step(Action::Read)),
            "unlink" | "unlinksync" | "rm" | "rmsync" | "rmdir" | "rmdirsync" => Some(step(Action::Delete)),
            _ => None,
        }
    }

    /// Objects of the Windows script host.
    fn on_windows(&self, object: &str, method: &str) -> Option<Step> {
        let object = object.trim_end_matches(".1").trim_end_matches(".6.0");
        match (object, method) {
            ("wscript.shell", "run" | "exec") => {
                let step = self.with(self.step(Family::Cs, Action::Shell), Role::Command, 0);
                let is_hidden = method == "run" && self.arguments.get(1) == Some(&Value::Number(0.0));
                Some(if is_hidden { hidden(step) } else { step })
            }
            ("shell.application", "shellexecute" | "open") => {
                let mut step = self.step(Family::Cs, Action::Spawn);
                let words: Vec<String> = (0..2).filter_map(|at| self.text(at)).collect();
                step.arguments.push((Role::Command, words.join(" ")));
                let is_hidden = self.arguments.get(4) == Some(&Value::Number(0.0));
                Some(if is_hidden { hidden(step) } else { step })
            }
            ("wscript.shell", "regwrite") => {
                let step = self.with(self.step(Family::Cf, Action::RegistryWrite), Role::Path, 0);
                Some(self.with(step, Role::Data, 1))
            }
            ("wscript", "sleep") => Some(self.with(self.step(Family::Cx, Action::Sleep), Role::Seconds, 0)),
            ("adodb.stream", "savetofile") => {
                Some(self.with(self.step(Family::Cf, Action::Write), Role::Path, 0))
            }
            ("scripting.filesystemobject", "createtextfile" | "opentextfile") => {
                Some(self.with(self.step(Family::Cf, Action::Write), Role::Path, 0))
            }
            ("scripting.filesystemobject", "deletefile" | "deletefolder") => {
                Some(self.with(self.step(Family::Cf, Action::Delete), Role::Path, 0))
            }
            _ if method == "open" && (object.contains("xmlhttp") || object.contains("winhttprequest")) => {
                let sends = self.text(0).is_some_and(|m| m.eq_ignore_ascii_case("post"));
                let action = if sends { Action::Send } else { Action::Fetch };
                Some(self.with(self.step(Family::Cn, action), Role::Url, 1))
            }
            _ => None,
        }
    }
}

fn hidden(mut step: Step) -> Step {
    step.arguments.push((Role::Option, "windowstyle=hidden".to_owned()));
    step
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) && !word.contains('"') {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}
