//! The JSON of a project and of a release: 404 for what is removed and for what is in quarantine alike.

use pep440_rs::Version;
use serde_json::{Map, Value, json};

use super::state::{File, Project, Release, State};
use super::upload::python_version;

impl State {
    /// `/pypi/NAME/json`, with every open release; nothing if there is none.
    pub(super) fn render_project_document(&self, project: &Project) -> Option<String> {
        let releases = project.open_releases();
        let latest = releases.iter().max_by_key(|release| {
            let version = release.version.parse::<Version>().ok();
            let is_final = version.as_ref().is_some_and(|version| !version.any_prerelease());
            (release.yanked.is_none(), is_final, version)
        })?;
        let mut document = self.document(project, latest);
        let all: Map<String, Value> =
            releases.iter().map(|release| (release.version.clone(), self.files_of(release))).collect();
        document.as_object_mut()?.insert("releases".to_owned(), Value::Object(all));
        Some(format!("{document}\n"))
    }

    /// `/pypi/NAME/VERSION/json`; nothing for a release in quarantine.
    pub(super) fn render_release_document(&self, project: &Project, version: &str) -> Option<String> {
        let releases = project.open_releases();
        let release = releases.iter().find(|release| release.version == version)?;
        Some(format!("{}\n", self.document(project, release)))
    }

    fn document(&self, project: &Project, release: &Release) -> Value {
        let page = format!("{}/project/{}/", self.base, project.name);
        json!({
            "info": {
                "author": null, "author_email": null, "bugtrack_url": null, "classifiers": [],
                "description": release.summary, "description_content_type": null, "docs_url": null,
                "download_url": null, "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
                "dynamic": null, "home_page": null, "keywords": null, "license": null,
                "license_expression": null, "license_files": null, "maintainer": null,
                "maintainer_email": null, "name": project.name, "package_url": page, "platform": null,
                "project_url": page, "project_urls": null, "provides_extra": null,
                "release_url": format!("{page}{}/", release.version),
                "requires_dist": (!release.requires_dist.is_empty()).then_some(&release.requires_dist),
                "requires_python": release.requires_python, "summary": release.summary,
                "version": release.version, "yanked": release.yanked.is_some(),
                "yanked_reason": release.yanked.as_deref().filter(|reason| !reason.is_empty()),
            },
            "last_serial": project.last_serial,
            "ownership": {"organization": null, "roles": [{"role": "Owner", "user": "somebody"}]},
            "urls": self.files_of(release),
            "vulnerabilities": [],
        })
    }

    fn files_of(&self, release: &Release) -> Value {
        release.files.iter().map(|file| self.file_document(release, file)).collect()
    }

    fn file_document(&self, release: &Release, file: &File) -> Value {
        let packagetype = match file.name.rsplit('.').next() {
            Some("whl") => "bdist_wheel",
            Some("egg") => "bdist_egg",
            _ => "sdist",
        };
        let metadata = file.metadata_sha256.as_ref().map_or(json!(false), |sha256| json!({"sha256": sha256}));
        json!({
            "comment_text": null,
            "core-metadata": metadata,
            "digests": {"blake2b_256": file.blake2b, "md5": file.md5, "sha256": file.sha256},
            "downloads": -1,
            "filename": file.name,
            "has_sig": false,
            "md5_digest": file.md5,
            "packagetype": packagetype,
            "python_version": python_version(&file.name),
            "requires_python": release.requires_python,
            "size": file.size,
            "upload_time": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "upload_time_iso_8601": file.uploaded.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            "url": self.file_url(file),
            "yanked": release.yanked.is_some(),
            "yanked_reason": release.yanked.as_deref().filter(|reason| !reason.is_empty()),
        })
    }
}
