//! From an audit of a tree to the plan of what to change in it.

use std::collections::{BTreeMap, BTreeSet};

use venin_intel::claim::{Digest, Moment};

use super::commands::own_tool_commands;
use super::cuts::Span;
use super::page::{Cut, StaleKey, cut_page, cut_project_list};
use super::plan::{Action, Left, PLAN_VERSION, Plan, Step};
use crate::known::MatchedBy;
use crate::local::{Kind, Layout, LocalAudit, LocalFinding, PageForm, StaleFile, Tree, join};
use crate::verdict::Verdict;

venin_model::spelled_enum! {
    /// What counts as proof that a file is a known one.
    pub enum Trust {
        /// Only a known digest.
        Digest = "digest",
        /// Also that the file belongs to a file name, release or project that is known as a whole.
        Release = "release",
    }
}

/// How a plan is made.
#[derive(Debug, Clone, Copy)]
pub struct PlanOptions {
    /// What counts as proof.
    pub trust: Trust,
    /// When it is made.
    pub now: Moment,
}

/// The names of the lists of all projects below the simple folder.
const PROJECT_LISTS: &[(&str, PageForm)] = &[
    ("index.html", PageForm::SimpleHtml),
    ("index.v1_html", PageForm::SimpleHtml),
    ("index.v1_json", PageForm::SimpleJson),
    ("index.json", PageForm::SimpleJson),
];

/// One page and what is stale on it.
struct StalePage {
    project: String,
    form: PageForm,
    stale: BTreeSet<StaleKey>,
    subjects: BTreeSet<String>,
    /// Links that lead to it.
    links: BTreeSet<String>,
}

/// Makes the plan.  Reads the pages again, and changes nothing.
#[must_use]
pub fn make_plan(tree: &Tree, audit: &LocalAudit, options: &PlanOptions) -> Plan {
    let mut maker = Maker { tree, audit, trust: options.trust, steps: Vec::new(), left: Vec::new() };
    let gone = maker.plan_pages();
    maker.plan_project_lists(&gone);
    maker.plan_files();
    let Maker { steps, mut left, .. } = maker;
    left.sort();
    left.dedup();
    let web = audit.web.as_str();
    let mut kept_folders = vec![web.to_owned(), "+files".to_owned()];
    kept_folders.extend(["simple", "packages", "json", "pypi"].map(|folder| join(web, folder)));
    Plan {
        version: PLAN_VERSION,
        layout: audit.layout.as_str().to_owned(),
        made: options.now.to_string(),
        steps,
        left,
        kept_folders,
        commands: own_tool_commands(audit, &gone),
    }
}

struct Maker<'a> {
    tree: &'a Tree,
    audit: &'a LocalAudit,
    trust: Trust,
    steps: Vec<Step>,
    left: Vec<Left>,
}

impl Maker<'_> {
    fn is_proof(&self, by: MatchedBy) -> bool {
        match by {
            MatchedBy::Sha256 | MatchedBy::Blake2 => true,
            MatchedBy::FileName | MatchedBy::Release | MatchedBy::Range | MatchedBy::Project => {
                self.trust == Trust::Release
            }
            MatchedBy::OtherBytes => false,
        }
    }

    fn leave(&mut self, path: &str, reason: &str) {
        self.left.push(Left { path: path.to_owned(), reason: reason.to_owned() });
    }

    /// Plans every page with stale entries; gives the projects that have no simple page left.
    fn plan_pages(&mut self) -> BTreeSet<String> {
        let mut deleted = BTreeSet::new();
        for (path, page) in self.stale_pages() {
            let is_deleted = match self.plan_page(&path, &page) {
                Ok(is_deleted) => is_deleted,
                Err(reason) => {
                    self.leave(&path, &reason);
                    continue;
                }
            };
            if is_deleted {
                deleted.insert(path);
            }
        }
        self.projects_without_pages(&deleted)
    }

    fn stale_pages(&mut self) -> BTreeMap<String, StalePage> {
        let mut pages: BTreeMap<String, StalePage> = BTreeMap::new();
        let audit = self.audit;
        for (finding, entry) in audit.findings.iter().flat_map(|f| f.entries.iter().map(move |e| (f, e))) {
            if entry.form == PageForm::Database {
                self.leave(
                    &entry.page,
                    "an entry in the database of devpi: remove it with devpi's own commands",
                );
                continue;
            }
            // An entry without a digest is proven by the file that it leads to.
            let leads_to_proof = finding
                .files
                .iter()
                .any(|file| self.is_proof(file.by) && entry.target.as_ref() == Some(&file.path));
            if !self.is_proof(entry.by) && !leads_to_proof {
                let reason = "lists a file that is not proven to be the known one: look at it yourself";
                self.leave(&entry.page, reason);
                continue;
            }
            let path = entry.link.as_ref().unwrap_or(&entry.page);
            let page = pages.entry(path.clone()).or_insert_with(|| StalePage {
                project: finding.subject.name().to_owned(),
                form: entry.form,
                stale: BTreeSet::new(),
                subjects: BTreeSet::new(),
                links: BTreeSet::new(),
            });
            page.stale.insert((entry.file_name.clone(), entry.sha256));
            page.subjects.insert(finding.subject.to_purl());
            if entry.link.is_some() {
                page.links.insert(entry.page.clone());
            }
        }
        pages
    }

    /// Adds the steps for a page; says whether it goes away.
    fn plan_page(&mut self, path: &str, page: &StalePage) -> Result<bool, String> {
        let bytes = self.tree.read_page(path)?;
        let web_path = path.strip_prefix(&self.audit.web).unwrap_or(path).trim_start_matches('/');
        let before = Digest::of(&bytes).to_string();
        let entries: Vec<String> =
            page.stale.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let cut = cut_page(page.form, web_path, &page.project, &bytes, &page.stale)?;
        let subjects: Vec<String> = page.subjects.iter().cloned().collect();
        let (action, reason, is_deleted) = match cut {
            Cut::Everything => {
                let reason = format!("lists nothing but known malicious files: {}", entries.join(", "));
                (Action::DeletePage { sha256: before }, reason, true)
            }
            Cut::Some { cuts, after } => {
                let after = Digest::of(&after).to_string();
                let reason = format!("lists known malicious files: {}", entries.join(", "));
                (Action::RewritePage { before, after, cuts: numbers(&cuts), entries }, reason, false)
            }
        };
        let proof = "every entry cut was matched by digest, file name, release or project".to_owned();
        if is_deleted {
            for link in &page.links {
                self.plan_link(link, &subjects);
            }
        }
        self.steps.push(Step { path: path.to_owned(), action, reason, proof, subjects });
        Ok(is_deleted)
    }

    /// A link to something that goes away goes with it.
    fn plan_link(&mut self, path: &str, subjects: &[String]) {
        let target = self.tree.absolute(path).and_then(|absolute| std::fs::read_link(absolute).ok());
        match target.as_deref().and_then(|target| target.to_str()) {
            Some(target) => self.steps.push(Step {
                path: path.to_owned(),
                action: Action::DeleteLink { target: target.to_owned() },
                reason: "leads to what goes away".to_owned(),
                proof: "the text of the link".to_owned(),
                subjects: subjects.to_vec(),
            }),
            None => self.leave(path, "reached through a link to a folder"),
        }
    }

    fn projects_without_pages(&self, deleted: &BTreeSet<String>) -> BTreeSet<String> {
        let mut gone: BTreeSet<String> =
            self.audit.findings.iter().map(|finding| finding.subject.name().to_owned()).collect();
        let simple = join(&self.audit.web, "simple");
        let mut has_page = BTreeSet::new();
        for (name, page) in self.audit.pages.iter().filter(|(_, page)| page.starts_with(&simple)) {
            has_page.insert(name.clone());
            let real = match self.tree.kind(page) {
                Kind::File { link: Some(link), .. } => link,
                _ => page.clone(),
            };
            if !deleted.contains(&real) {
                gone.remove(name);
            }
        }
        gone.retain(|name| has_page.contains(name));
        gone
    }

    /// The lists of all projects lose those that have no page left.
    fn plan_project_lists(&mut self, gone: &BTreeSet<String>) {
        if gone.is_empty() {
            return;
        }
        for (file, form) in PROJECT_LISTS {
            let path = join(&join(&self.audit.web, "simple"), file);
            if !matches!(self.tree.kind(&path), Kind::File { link: None, .. }) {
                continue;
            }
            match self.tree.read_page(&path).and_then(|bytes| {
                let cut = cut_project_list(*form, &bytes, gone)?;
                Ok((Digest::of(&bytes), cut))
            }) {
                Ok((_, None)) => {}
                Ok((before, Some((cuts, after)))) => self.steps.push(Step {
                    path,
                    action: Action::RewritePage {
                        before: before.to_string(),
                        after: Digest::of(&after).to_string(),
                        cuts: numbers(&cuts),
                        entries: gone.iter().cloned().collect(),
                    },
                    reason: "lists projects that have no page left".to_owned(),
                    proof: "the pages of these projects go away in this plan".to_owned(),
                    subjects: Vec::new(),
                }),
                Err(reason) => self.leave(&path, &reason),
            }
        }
    }

    fn plan_files(&mut self) {
        let audit = self.audit;
        if audit.layout == Layout::Devpi && audit.stale().any(|finding| !finding.files.is_empty()) {
            let reason = "a devpi index that mirrors fetches a deleted file again when it is asked for it, and the \
                          official file host keeps removed files: also remove the release with devpi's commands";
            self.leave("+files", reason);
        }
        let mut planned = BTreeSet::new();
        for finding in &audit.findings {
            if finding.verdict == Verdict::Unknown && finding.files.is_empty() {
                self.leave("", &format!("{} could not be judged", finding.subject));
            }
            for file in &finding.files {
                if file.in_database {
                    let reason =
                        "it lies in the database of devpi: remove the release with devpi's own commands";
                    self.leave(&file.path, reason);
                } else if !self.is_proof(file.by) {
                    self.leave(
                        &file.path,
                        "its bytes are not proven to be the known ones: look at it yourself",
                    );
                } else if planned.insert(file.path.clone()) {
                    self.plan_file(finding, file, &mut planned);
                }
            }
        }
    }

    fn plan_file(&mut self, finding: &LocalFinding, file: &StaleFile, planned: &mut BTreeSet<String>) {
        let subjects = vec![finding.subject.to_purl()];
        let path = match &file.link {
            None => &file.path,
            Some(target) => {
                self.plan_link(&file.path, &subjects);
                if !planned.insert(target.clone()) {
                    return;
                }
                target
            }
        };
        self.steps.push(Step {
            path: path.clone(),
            action: Action::DeleteFile { sha256: file.sha256.to_string(), size: file.size },
            reason: format!("known malicious file ({})", finding.class),
            proof: proof_text(file.by).to_owned(),
            subjects: subjects.clone(),
        });
        for companion in &file.companions {
            match self.tree.hash(companion) {
                Ok(hashed) if planned.insert(companion.clone()) => self.steps.push(Step {
                    path: companion.clone(),
                    action: Action::DeleteFile { sha256: hashed.sha256.to_string(), size: hashed.size },
                    reason: "belongs to a known malicious file".to_owned(),
                    proof: format!("lies beside {path} under its name"),
                    subjects: subjects.clone(),
                }),
                Ok(_) => {}
                Err(reason) => self.leave(companion, &reason),
            }
        }
    }
}

fn proof_text(by: MatchedBy) -> &'static str {
    match by {
        MatchedBy::Sha256 => "its SHA-256 is the known one",
        MatchedBy::Blake2 => "its BLAKE2b-256 is the known one",
        MatchedBy::FileName => "its name is the known one; no digest is known",
        MatchedBy::Release => "it belongs to a release that is known as a whole",
        MatchedBy::Range => "its version lies in a range that is known as a whole",
        MatchedBy::Project => "it belongs to a project that is known as a whole",
        MatchedBy::OtherBytes => "none",
    }
}

fn numbers(cuts: &[Span]) -> Vec<[u64; 2]> {
    cuts.iter().map(|(start, end)| [*start as u64, *end as u64]).collect()
}
