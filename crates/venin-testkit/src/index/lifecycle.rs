//! What befalls projects after the upload, with the changelog rows that Warehouse writes for it.

use super::Index;
use super::state::{Status, normalize};
use super::upload::Uploaded;

impl Index {
    /// Removes a project; its files stay on the file host.
    pub fn remove_project(&self, name: &str) {
        let mut state = self.state();
        let name = state.project(name).name.clone();
        state.record(&name, None, "remove project");
        state.projects.remove(&normalize(&name));
    }

    /// Removes a release; its files stay on the file host.
    pub fn remove_release(&self, name: &str, version: &str) {
        let mut state = self.state();
        state.release(name, version);
        state.record(name, Some(version), "remove release");
        state.project(name).releases.retain(|release| release.version != version);
    }

    /// Removes a file's index entry; the release stays, even without files.
    pub fn remove_file(&self, name: &str, file_name: &str) {
        let mut state = self.state();
        let releases = &mut state.project(name).releases;
        let holder = releases.iter_mut().find(|r| r.files.iter().any(|file| file.name == file_name));
        assert!(holder.is_some(), "the index has no file `{file_name}` of `{name}`");
        let release = holder.unwrap();
        release.files.retain(|file| file.name != file_name);
        let version = release.version.clone();
        state.record(name, Some(&version), &format!("remove file {file_name}"));
    }

    /// Quarantines a project: out of the list, its page without files, its files still on the file host.
    pub fn quarantine_project(&self, name: &str) {
        self.set_status(name, Status::Quarantined, Some("project quarantined"));
    }

    /// Ends the quarantine of a project.
    pub fn clear_project_quarantine(&self, name: &str) {
        self.set_status(name, Status::Active, Some("project quarantine cleared"));
    }

    /// Archives a project; Warehouse writes no row for it.
    pub fn archive_project(&self, name: &str) {
        self.set_status(name, Status::Archived, None);
    }

    fn set_status(&self, name: &str, status: Status, action: Option<&str>) {
        let mut state = self.state();
        state.project(name).status = status;
        if let Some(action) = action {
            state.record(name, None, action);
        }
    }

    /// Quarantines a release: its files leave the pages, the project stays.
    pub fn quarantine_release(&self, name: &str, version: &str) {
        let mut state = self.state();
        state.release(name, version).status = Status::Quarantined;
        state.record(name, Some(version), "release quarantined");
    }

    /// Ends the quarantine of a release.
    pub fn clear_release_quarantine(&self, name: &str, version: &str) {
        let mut state = self.state();
        state.release(name, version).status = Status::Active;
        state.record(name, Some(version), "release quarantine cleared");
    }

    /// Yanks a release (PEP 592); the reason may be empty.
    pub fn yank_release(&self, name: &str, version: &str, reason: &str) {
        let mut state = self.state();
        state.release(name, version).yanked = Some(reason.to_owned());
        state.record(name, Some(version), "yank release");
    }

    /// Takes a yank back.
    pub fn unyank_release(&self, name: &str, version: &str) {
        let mut state = self.state();
        state.release(name, version).yanked = None;
        state.record(name, Some(version), "unyank release");
    }

    /// Deletes the bytes from the file host, which no removal does.
    pub fn purge_file(&self, file: &Uploaded) {
        let mut state = self.state();
        state.stored.remove(&file.path);
        state.stored.remove(&format!("{}.metadata", file.path));
    }

    /// Puts other bytes where a file is stored; the pages still announce the old digest.
    pub fn replace_stored_file(&self, file: &Uploaded, bytes: impl Into<Vec<u8>>) {
        let mut state = self.state();
        let since = state.now;
        state.stored.insert(file.path.clone(), super::state::Stored { bytes: bytes.into(), since });
    }
}
