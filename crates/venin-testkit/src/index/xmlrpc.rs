//! The XML-RPC methods for mirrors: the changelog, its last serial, and the projects with theirs.

use super::simple::escape;
use super::state::{JournalRow, State};

/// Most rows of the changelog in one answer.
const MOST_ROWS: usize = 50_000;

impl State {
    /// The answer to a call, a fault for what Warehouse no longer serves or never knew.
    pub(super) fn answer_call(&self, call: &str) -> String {
        let method = between(call, "<methodName>", "</methodName>").unwrap_or_default();
        match method.trim() {
            "changelog_last_serial" => respond(&int(self.last_serial())),
            "changelog_since_serial" => match first_integer(call) {
                Some(serial) => respond(&self.changelog_since(serial)),
                None => fault(-32602, "client error; serial: Input should be a valid integer"),
            },
            "list_packages_with_serial" => respond(&self.serials()),
            "changelog" | "list_packages" | "package_releases" | "release_urls" | "release_data"
            | "search" => {
                fault(-32500, &format!("RuntimeError: the XMLRPC {method} method is no longer supported"))
            }
            _ => fault(-32601, "server error; requested method not found"),
        }
    }

    fn changelog_since(&self, serial: u64) -> String {
        let newer = self.journal.iter().filter(|row| row.serial > serial).take(MOST_ROWS);
        array(newer.map(row_value))
    }

    /// Projects in quarantine too.
    fn serials(&self) -> String {
        let members: String = self
            .projects
            .values()
            .map(|project| {
                let (name, serial) = (escape(&project.name), int(project.last_serial));
                format!("<member><name>{name}</name><value>{serial}</value></member>\n")
            })
            .collect();
        format!("<struct>\n{members}</struct>")
    }
}

fn row_value(row: &JournalRow) -> String {
    let version = row.version.as_deref().map_or_else(|| "<nil/>".to_owned(), string);
    let seconds = u64::try_from(row.time.as_second()).unwrap_or(0);
    array([string(&row.name), version, int(seconds), string(&row.action), int(row.serial)].into_iter())
}

fn string(text: &str) -> String {
    format!("<string>{}</string>", escape(text))
}

fn int(number: u64) -> String {
    format!("<int>{number}</int>")
}

fn array(values: impl Iterator<Item = String>) -> String {
    let data: String = values.map(|value| format!("<value>{value}</value>\n")).collect();
    format!("<array><data>\n{data}</data></array>")
}

fn respond(value: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>{value}</value>\n</param>\n</params>\n\
         </methodResponse>\n"
    )
}

fn fault(code: i32, text: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n\
         <value><int>{code}</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value>{}</value>\n\
         </member>\n</struct></value>\n</fault>\n</methodResponse>\n",
        string(text)
    )
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// The first parameter, if it is an integer.
fn first_integer(call: &str) -> Option<u64> {
    let value = between(call, "<param>", "</param>")?;
    let digits = between(value, "<int>", "</int>").or_else(|| between(value, "<i4>", "</i4>"))?;
    digits.trim().parse().ok()
}
