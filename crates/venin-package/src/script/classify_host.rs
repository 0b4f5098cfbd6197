//! Programs that tell about the host, its user and its processes, and programs that wait.

use venin_model::{Action, Family, Role};

use super::command::{Command, Dialect};
use super::operation::Step;
use crate::path::lists;

/// Programs by what they tell.
const PROGRAMS: &[(Action, &str)] = &[
    (Action::User, "whoami id logname users who w last lastlog groups quser query"),
    (
        Action::Host,
        "hostname ifconfig ip ipconfig arp getmac netstat ss route nltest hostnamectl \
         get-netipaddress get-netadapter get-nettcpconnection networksetup iwconfig scutil",
    ),
    (
        Action::Platform,
        "uname ver systeminfo lsb_release sw_vers get-computerinfo dmidecode lscpu lshw lspci \
         system_profiler wmic get-wmiobject gwmi get-ciminstance df free uptime arch ioreg nproc \
         lsblk mount diskutil get-hotfix",
    ),
    (Action::Process, "ps tasklist get-process gps pgrep pidof top lsof get-service"),
    (Action::Env, "env printenv set"),
    (Action::Clipboard, "get-clipboard pbpaste xclip xsel wl-paste"),
    (Action::Capture, "screencapture scrot gnome-screenshot spectacle imagesnap fswebcam"),
    (Action::Credential, "security cmdkey vaultcmd secret-tool klist get-credential mimikatz"),
];

/// The steps of a program that tells or waits; `None` for any other.
pub(crate) fn classify(command: &Command) -> Option<Vec<Step>> {
    let program = command.program.as_str();
    if let Some(step) = wait(command) {
        return Some(vec![step]);
    }
    if program == "net" || program == "net1" {
        return net(command).map(|step| vec![step]);
    }
    let (action, _) = PROGRAMS.iter().find(|(_, programs)| lists(programs, program))?;
    let step = Step::new(Family::Ch, *action);
    let step = match action {
        Action::Env => step.with(Role::Key, command.operands().next().unwrap_or("")),
        _ => step.with(Role::Command, command.words.join(" ")),
    };
    Some(vec![step])
}

fn wait(command: &Command) -> Option<Step> {
    let seconds = match command.program.as_str() {
        "sleep" | "usleep" => command.operands().next(),
        "timeout" if command.dialect != Dialect::Sh => {
            command.option(&["/t"]).or_else(|| command.operands().next())
        }
        "timeout" => command.operands().next(),
        "start-sleep" => {
            command.option(&["-seconds", "-s", "-milliseconds", "-m"]).or_else(|| command.operands().next())
        }
        "choice" => command.option(&["/t"]),
        _ => return None,
    };
    Some(Step::new(Family::Cx, Action::Sleep).with(Role::Seconds, seconds.unwrap_or("")))
}

/// `net user`, `net view`, ...; `net start` and the like are ordinary programs.
fn net(command: &Command) -> Option<Step> {
    let action = match command.operands().next()?.to_ascii_lowercase().as_str() {
        "user" | "users" | "localgroup" | "group" | "accounts" if !command.has_word(&["/add"]) => {
            Action::User
        }
        "view" | "config" | "share" | "session" | "statistics" => Action::Host,
        _ => return None,
    };
    Some(Step::new(Family::Ch, action).with(Role::Command, command.words.join(" ")))
}
