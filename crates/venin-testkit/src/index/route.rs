//! Which answer belongs to which path.

use sha2::{Digest, Sha256};

use super::state::{Project, State, normalize};
use super::upload::hexadecimal;
use crate::file_answer::answer_bytes;
use crate::http::{Received, Reply};
use crate::negotiate::{page_type, unless_known};

const JSON: &str = "application/json";
const XML: &str = "text/xml; charset=UTF-8";
const INTEGRITY: &str = "application/vnd.pypi.integrity.v1+json";

/// The answer that the index gives when nothing breaks it.
pub(super) fn answer(state: &State, request: &Received) -> Reply {
    let path = request.path().to_owned();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if request.method == "POST" {
        return match parts.as_slice() {
            ["pypi"] | ["pypi", ""] => {
                Reply::new(200, XML, state.answer_call(&String::from_utf8_lossy(&request.body)))
            }
            _ => Reply::new(405, "text/plain", ""),
        };
    }
    match parts.as_slice() {
        ["simple"] => Reply::redirect(301, "/simple/"),
        ["simple", ""] => state.answer_list(request),
        ["simple", name] => Reply::redirect(301, &format!("/simple/{}/", normalize(name))),
        ["simple", name, ""] => state.answer_project(request, name),
        ["packages", ..] => state.answer_file(request),
        ["pypi", name, "json"] => state.answer_document(request, name, None),
        ["pypi", name, version, "json"] => state.answer_document(request, name, Some(version)),
        ["rss", "updates.xml"] => tagged(request, Reply::new(200, XML, state.render_updates())),
        ["rss", "packages.xml"] => tagged(request, Reply::new(200, XML, state.render_newest())),
        ["rss", "project", name, "releases.xml"] => match state.projects.get(*name) {
            Some(project) => tagged(request, Reply::new(200, XML, state.render_releases(project))),
            None => Reply::not_found(),
        },
        ["integrity", name, version, file, "provenance"] => state.answer_provenance(name, version, file),
        ["project", name, ..] if state.open_project(name).is_some() => {
            Reply::new(200, "text/html; charset=UTF-8", "<!DOCTYPE html><title>Project</title>\n")
        }
        _ => Reply::not_found(),
    }
}

impl State {
    /// What was once uploaded to this path.
    fn answer_file(&self, request: &Received) -> Reply {
        let path = request.path().replace("%2B", "+").replace("%2b", "+").replace("%21", "!");
        let Some(stored) = self.stored.get(&path) else { return Reply::not_found() };
        answer_bytes("application/octet-stream", &stored.bytes, stored.since, request)
            .with("cache-control", "max-age=365000000, immutable, public")
    }

    fn answer_list(&self, request: &Received) -> Reply {
        let media_type = page_type(request);
        let reply = Reply::new(200, &with_charset(media_type), self.render_list(media_type));
        page(request, reply, self.last_serial())
    }

    fn answer_project(&self, request: &Received, name: &str) -> Reply {
        let Some(project) = self.projects.get(&normalize(name)) else { return Reply::not_found() };
        if normalize(name) != name {
            return Reply::redirect(301, &format!("/simple/{}/", normalize(name)));
        }
        let media_type = page_type(request);
        let reply = Reply::new(200, &with_charset(media_type), self.render_project(project, media_type));
        page(request, reply, project.last_serial)
    }

    fn answer_document(&self, request: &Received, name: &str, version: Option<&str>) -> Reply {
        let not_found = || Reply::new(404, JSON, "{\"message\": \"Not Found\"}");
        let Some(project) = self.open_project(&normalize(name)) else { return not_found() };
        if normalize(name) != name {
            let rest = request.path().split(&format!("/{name}/")).nth(1).unwrap_or_default();
            return Reply::redirect(301, &format!("/pypi/{}/{rest}", normalize(name)));
        }
        let document = match version {
            Some(version) => self.render_release_document(project, version),
            None => self.render_project_document(project),
        };
        let Some(document) = document else { return not_found() };
        page(request, Reply::new(200, JSON, document), project.last_serial)
    }

    fn answer_provenance(&self, name: &str, version: &str, file_name: &str) -> Reply {
        let find = |project: &Project| {
            let releases = project.open_releases();
            let release = releases.iter().find(|release| release.version == version)?;
            release.files.iter().find(|file| file.name == file_name)?.provenance.clone()
        };
        match self.projects.get(&normalize(name)).and_then(find) {
            Some(provenance) => Reply::new(200, INTEGRITY, provenance.to_string()),
            None => {
                Reply::new(404, JSON, format!("{{\"message\": \"No provenance available for {file_name}\"}}"))
            }
        }
    }
}

fn with_charset(media_type: &str) -> String {
    match media_type {
        "text/html" => "text/html; charset=UTF-8".to_owned(),
        _ => media_type.to_owned(),
    }
}

/// A page with the serial it stands for.
fn page(request: &Received, reply: Reply, serial: u64) -> Reply {
    let reply = reply
        .with("x-pypi-last-serial", serial.to_string())
        .with("cache-control", "max-age=600, public")
        .with("vary", "Accept");
    tagged(request, reply)
}

/// An answer with a tag of its bytes, or 304.
fn tagged(request: &Received, reply: Reply) -> Reply {
    let digest = hexadecimal(&Sha256::digest(&reply.body));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
    unless_known(request, reply, &tag)
}
