//! Members that run at every interpreter start: `.pth` files, `sitecustomize` and `usercustomize`.

use venin_model::{Fact, Site, Trigger};

use crate::declared::Texts;
use crate::importable::Surroundings;
use crate::layout::File;
use crate::package::PackageKind;
use crate::path::{folder, has_extension, is_nested, is_side_folder, stem};
use crate::pth::code_line_count;
use crate::trigger::Root;

/// Most `.pth` files looked at.
const MAX_FILES: usize = 256;

/// Roots and facts of start-up members.
pub(crate) fn startup_members(surroundings: &Surroundings<'_>, texts: &Texts<'_>) -> (Vec<Root>, Vec<Fact>) {
    let mut roots = Vec::new();
    let mut facts = Vec::new();
    let candidates = surroundings.layout.files.iter().filter(|f| !is_nested(f.rel));
    let (paths, modules): (Vec<&File<'_>>, Vec<&File<'_>>) = candidates
        .filter(|f| has_extension(f.rel, "pth") || is_customization(f.rel))
        .partition(|f| has_extension(f.rel, "pth"));
    for file in paths.into_iter().take(MAX_FILES) {
        read_pth_member(surroundings, texts, file, &mut roots, &mut facts);
    }
    for file in modules.into_iter().take(MAX_FILES).filter(|f| is_at_top(surroundings, f.rel)) {
        let why = format!("{} runs at every interpreter start", stem(file.rel));
        let fact = Fact::new("layout.startup-module", why.clone()).with("module", stem(file.rel));
        facts.push(fact.at(Site::whole(file.entry.path.clone())));
        roots.push(Root {
            trigger: Trigger::Startup,
            member: file.entry.path.clone(),
            object: None,
            why: why.into(),
            unless_literal: None,
        });
    }
    (roots, facts)
}

fn read_pth_member(
    surroundings: &Surroundings<'_>,
    texts: &Texts<'_>,
    file: &File<'_>,
    roots: &mut Vec<Root>,
    facts: &mut Vec<Fact>,
) {
    let is_processed = is_processed(surroundings, file.rel);
    let code_lines = texts.text(file.rel).map(|text| code_line_count(&text));
    let count = code_lines.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let place = match (is_processed, is_at_top(surroundings, file.rel) || surroundings.is_strict()) {
        (true, true) => "site",
        (true, false) => "tree",
        (false, _) => "other",
    };
    let fact = Fact::new("layout.pth", format!("a path file with {count} lines of code"));
    facts.push(fact.with("code-lines", count).with("place", place).at(Site::whole(file.entry.path.clone())));
    if is_processed && code_lines != Some(0) {
        let why = "path file with code".into();
        roots.push(Root {
            trigger: Trigger::Startup,
            member: file.entry.path.clone(),
            object: None,
            why,
            unless_literal: None,
        });
    }
}

fn is_customization(rel: &str) -> bool {
    matches!(stem(rel), "sitecustomize" | "usercustomize")
        && (has_extension(rel, "py") || has_extension(rel, "pyc"))
}

/// Whether the member lies at the top of a source root, where the interpreter finds it.
fn is_at_top(surroundings: &Surroundings<'_>, rel: &str) -> bool {
    surroundings.split_root(rel).is_some_and(|(_, below)| !below.contains('/'))
}

/// Whether the `site` module would find the path file once the release is installed.
///
/// An sdist's own code decides where its files go, so there every path file counts that is no test data.
fn is_processed(surroundings: &Surroundings<'_>, rel: &str) -> bool {
    if surroundings.layout.kind == PackageKind::File || is_at_top(surroundings, rel) {
        return true;
    }
    let held = folder(rel);
    if surroundings.is_strict() {
        // On Windows the prefix itself, where `.data/data` goes, is a site folder.
        let in_data = held.contains(".data/data/");
        return in_data
            && (held.ends_with(".data/data/")
                || held.ends_with("site-packages/")
                || held.ends_with("dist-packages/"));
    }
    !held.split('/').filter(|part| !part.is_empty()).any(is_side_folder)
}
