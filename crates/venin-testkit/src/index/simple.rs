//! The simple list and the project pages, as JSON and as HTML.

use serde_json::{Value, json};

use super::state::{File, Project, Release, State, Status, normalize};
use crate::negotiate::JSON;

/// The version of the API that the pages speak.
const API_VERSION: &str = "1.4";

impl State {
    /// The list of the projects that are not in quarantine.
    pub(super) fn render_list(&self, media_type: &str) -> String {
        let listed = self.projects.values().filter(|project| project.status != Status::Quarantined);
        if media_type == JSON {
            let projects: Vec<Value> = listed
                .map(|project| json!({"name": project.name, "_last-serial": project.last_serial}))
                .collect();
            let meta = json!({"api-version": API_VERSION, "_last-serial": self.last_serial()});
            return format!("{}\n", json!({"meta": meta, "projects": projects}));
        }
        let mut page = head("Simple index", None);
        for project in listed {
            let (path, name) = (normalize(&project.name), escape(&project.name));
            page.push_str(&format!("    <a href=\"/simple/{path}/\">{name}</a>\n"));
        }
        page + "  </body>\n</html>\n"
    }

    /// The page of a project.
    pub(super) fn render_project(&self, project: &Project, media_type: &str) -> String {
        let mut files: Vec<(&Release, &File)> = Vec::new();
        for release in project.open_releases() {
            let mut of_release: Vec<&File> = release.files.iter().collect();
            of_release.sort_by_key(|file| &file.name);
            files.extend(of_release.into_iter().map(|file| (release, file)));
        }
        if media_type == JSON {
            return self.render_project_json(project, &files);
        }
        let name = normalize(&project.name);
        let title = format!("Links for {name}");
        let mut page = head(&title, Some(project.status));
        page.push_str(&format!("    <h1>{title}</h1>\n"));
        for (release, file) in files {
            page.push_str(&self.render_link(&name, release, file));
        }
        page.push_str("  </body>\n</html>\n");
        page + &format!("<!--SERIAL {}-->\n", project.last_serial)
    }

    fn render_project_json(&self, project: &Project, files: &[(&Release, &File)]) -> String {
        let name = normalize(&project.name);
        let mut versions: Vec<&str> = files.iter().map(|(release, _)| release.version.as_str()).collect();
        versions.dedup();
        let entries: Vec<Value> =
            files.iter().map(|(release, file)| self.file_entry(&name, release, file)).collect();
        let page = json!({
            "meta": {"api-version": API_VERSION, "_last-serial": project.last_serial},
            "name": name,
            "project-status": {"status": project.status.as_str()},
            "versions": versions,
            "files": entries,
        });
        format!("{page}\n")
    }

    fn file_entry(&self, name: &str, release: &Release, file: &File) -> Value {
        let yanked = match release.yanked.as_deref() {
            None => json!(false),
            Some("") => json!(true),
            Some(reason) => json!(reason),
        };
        let metadata = file.metadata_sha256.as_ref().map_or(json!(false), |sha256| json!({"sha256": sha256}));
        json!({
            "filename": file.name,
            "url": self.file_url(file),
            "hashes": {"sha256": file.sha256},
            "requires-python": release.requires_python,
            "size": file.size,
            "upload-time": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            "yanked": yanked,
            "data-dist-info-metadata": metadata,
            "core-metadata": metadata,
            "provenance": file.provenance.as_ref().map(|_| self.provenance_url(name, release, file)),
        })
    }

    fn render_link(&self, name: &str, release: &Release, file: &File) -> String {
        let mut attributes = String::new();
        if let Some(requirement) = &release.requires_python {
            attributes.push_str(&format!(" data-requires-python=\"{}\"", escape(requirement)));
        }
        if let Some(reason) = &release.yanked {
            attributes.push_str(&format!(" data-yanked=\"{}\"", escape(reason)));
        }
        if let Some(sha256) = &file.metadata_sha256 {
            attributes.push_str(&format!(
                " data-dist-info-metadata=\"sha256={sha256}\" data-core-metadata=\"sha256={sha256}\""
            ));
        }
        if file.provenance.is_some() {
            attributes
                .push_str(&format!(" data-provenance=\"{}\"", self.provenance_url(name, release, file)));
        }
        let (url, label) = (escape(&self.file_url(file)), escape(&file.name));
        format!("    <a href=\"{url}#sha256={}\"{attributes}>{label}</a><br />\n", file.sha256)
    }

    pub(super) fn file_url(&self, file: &File) -> String {
        format!("{}{}", self.file_base, file.path)
    }

    fn provenance_url(&self, name: &str, release: &Release, file: &File) -> String {
        format!("{}/integrity/{name}/{}/{}/provenance", self.base, release.version, file.name)
    }
}

fn head(title: &str, status: Option<Status>) -> String {
    let status = status.map_or_else(String::new, |status| {
        format!("    <meta name=\"pypi:project-status\" content=\"{}\">\n", status.as_str())
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    \
         <meta name=\"pypi:repository-version\" content=\"{API_VERSION}\">\n{status}    \
         <title>{title}</title>\n  </head>\n  <body>\n"
    )
}

/// Text for HTML and XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
