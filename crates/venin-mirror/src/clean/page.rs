//! Pages without some of their entries, checked by reading the result again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::Value as Json;
use venin_intel::claim::Digest;
use venin_package::{normalize_name, parse_file_name};

use super::cuts::{Fate, Span, cuts_of_items, joined, without};
use super::html::read_anchors;
use super::json;
use crate::known::is_same_version;
use crate::local::{Listed, PageForm, parse_listing};

/// An entry: the file's name and the digest announced with it.
pub(super) type StaleKey = (String, Option<Digest>);

/// Spans to cut, and the page without them.
pub(super) type CutPage = (Vec<Span>, Vec<u8>);

/// What to cut out of a page.
pub(super) enum Cut {
    /// Nothing of the page would be left.
    Everything,
    /// These spans; the page as it is afterwards.
    Some {
        /// What goes.
        cuts: Vec<Span>,
        /// What stays.
        after: Vec<u8>,
    },
}

/// Finds the spans of stale entries on a project's page, and checks that the rest says the same as before.
pub(super) fn cut_page(
    form: PageForm,
    web_path: &str,
    name: &str,
    bytes: &[u8],
    stale: &BTreeSet<StaleKey>,
) -> Result<Cut, String> {
    let is_stale = |listed: &Listed| stale.contains(&(listed.file_name.clone(), listed.sha256));
    let before = parse_listing(form, web_path, name, bytes)?;
    if !before.listed.iter().any(&is_stale) {
        return Err("the page has changed since the audit".to_owned());
    }
    let kept: Vec<Listed> = before.listed.into_iter().filter(|listed| !is_stale(listed)).collect();
    if kept.is_empty() {
        return Ok(Cut::Everything);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "the page is no UTF-8".to_owned())?;
    let one = |text: &str| -> Option<bool> {
        let listing = parse_listing(form, web_path, name, text.as_bytes()).ok()?;
        listing.listed.first().map(&is_stale)
    };
    let cuts = match form {
        PageForm::SimpleHtml => cuts_of_html(text, &|tag| one(&format!("<{tag}>")) == Some(true)),
        PageForm::SimpleJson => {
            cuts_of_simple(text, &|file| one(&format!("{{\"files\":[{file}]}}")) == Some(true))
        }
        PageForm::ProjectJson => {
            cuts_of_project(text, &|file| one(&format!("{{\"urls\":[{file}]}}")) == Some(true))
        }
        PageForm::Database => Vec::new(),
    };
    let after = without(bytes, &cuts).ok_or("the spans to cut lie outside of the page")?;
    let read_again = parse_listing(form, web_path, name, &after)?;
    if read_again.listed != kept || read_again.status != before.status {
        return Err("the entries cannot be cut out without touching others".to_owned());
    }
    Ok(Cut::Some { cuts, after })
}

fn cuts_of_html(text: &str, is_stale: &dyn Fn(&str) -> bool) -> Vec<Span> {
    joined(read_anchors(text).into_iter().filter(|a| is_stale(a.tag)).map(|a| a.span).collect())
}

/// The elements of an array, each with what happens to it.
fn items(text: &str, array: Span, is_stale: &dyn Fn(&str) -> bool) -> Vec<(Span, Fate)> {
    let fate = |span: Span| match text.get(span.0..span.1).is_some_and(is_stale) {
        true => Fate::Cut,
        false => Fate::Kept,
    };
    json::elements(text, array).into_iter().map(|span| (span, fate(span))).collect()
}

/// `files`, and those `versions` (PEP 700) that have no file left.
fn cuts_of_simple(text: &str, is_stale: &dyn Fn(&str) -> bool) -> Vec<Span> {
    let root = json::root(text);
    let Some(files) = json::member(text, root, "files") else { return Vec::new() };
    let files = items(text, files, is_stale);
    let mut cuts = cuts_of_items(&files);
    if let Some(versions) = json::member(text, root, "versions") {
        let of_files = |fate: Fate| -> Vec<String> {
            files
                .iter()
                .filter(|(_, f)| *f == fate)
                .filter_map(|(span, _)| version_of_file(text, *span))
                .collect()
        };
        let (cut, kept) = (of_files(Fate::Cut), of_files(Fate::Kept));
        let is_gone = |version: &str| {
            let version: String = serde_json::from_str(version).unwrap_or_default();
            let has = |versions: &[String]| versions.iter().any(|other| is_same_version(other, &version));
            has(&cut) && !has(&kept)
        };
        cuts.extend(cuts_of_items(&items(text, versions, &is_gone)));
    }
    joined(cuts)
}

fn version_of_file(text: &str, span: Span) -> Option<String> {
    let file: Value = serde_json::from_str(text.get(span.0..span.1)?).ok()?;
    let name = file.get("filename").and_then(Json::as_str)?;
    parse_file_name(name).map(|parsed| parsed.version)
}

/// `urls`, and the arrays of `releases`; a release without a file left goes as a whole.
fn cuts_of_project(text: &str, is_stale: &dyn Fn(&str) -> bool) -> Vec<Span> {
    let root = json::root(text);
    let mut cuts = Vec::new();
    if let Some(urls) = json::member(text, root, "urls") {
        cuts.extend(cuts_of_items(&items(text, urls, is_stale)));
    }
    let Some(releases) = json::member(text, root, "releases") else { return joined(cuts) };
    let mut fates = Vec::new();
    for release in json::members(text, releases) {
        let files = items(text, release.value, is_stale);
        let is_gone = !files.is_empty() && files.iter().all(|(_, fate)| *fate == Fate::Cut);
        fates.push((release.span, if is_gone { Fate::Cut } else { Fate::Kept }));
        if !is_gone {
            cuts.extend(cuts_of_items(&files));
        }
    }
    cuts.extend(cuts_of_items(&fates));
    joined(cuts)
}

/// Finds the spans of some projects on the list of all of them; `None` when it lists none of these.
pub(super) fn cut_project_list(
    form: PageForm,
    bytes: &[u8],
    gone: &BTreeSet<String>,
) -> Result<Option<CutPage>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the page is no UTF-8".to_owned())?;
    let cuts = if form == PageForm::SimpleHtml {
        cuts_of_html(text, &|tag| project_of_tag(tag).is_some_and(|name| gone.contains(&name)))
    } else {
        serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(text)
            .map_err(|error| format!("no JSON: {error}"))?;
        let Some(projects) = json::member(text, json::root(text), "projects") else { return Ok(None) };
        cuts_of_items(&items(text, projects, &|item| {
            let name = serde_json::from_str::<Value>(item).ok();
            let name = name.as_ref().and_then(|item| item.get("name")).and_then(Json::as_str);
            name.is_some_and(|name| gone.contains(&normalize_name(name)))
        }))
    };
    if cuts.is_empty() {
        return Ok(None);
    }
    let after = without(bytes, &cuts).ok_or("the spans to cut lie outside of the page")?;
    Ok(Some((cuts, after)))
}

/// The normalized name of the project that an anchor leads to.
fn project_of_tag(tag: &str) -> Option<String> {
    let (_, value) = tag.split_once("href")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value.get(1..)?.split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    let name = value.split(['#', '?']).next()?.trim_end_matches('/').rsplit('/').next()?;
    (!name.is_empty()).then(|| normalize_name(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(form: PageForm, text: &str, stale: &[&str]) -> Option<String> {
        let stale = stale.iter().map(|name| ((*name).to_owned(), None)).collect();
        match cut_page(form, "simple/x/index.html", "x", text.as_bytes(), &stale).unwrap() {
            Cut::Everything => None,
            Cut::Some { after, .. } => Some(String::from_utf8(after).unwrap()),
        }
    }

    #[test]
    fn an_html_page_loses_the_entry_and_no_other_byte() {
        let page = "<body>\n    <a href=\"../x-1.zip\">x-1.zip</a><br/>\n    <a href=\"../x-2.zip\">x-2.zip</a><br/>\n  \
                    </body>\n</html>\n<!--SERIAL 7-->";
        let after = cut(PageForm::SimpleHtml, page, &["x-1.zip"]).unwrap();
        assert_eq!(
            after,
            "<body>\n    <a href=\"../x-2.zip\">x-2.zip</a><br/>\n  </body>\n</html>\n<!--SERIAL 7-->"
        );
        assert_eq!(cut(PageForm::SimpleHtml, page, &["x-1.zip", "x-2.zip"]), None);
    }

    #[test]
    fn a_json_page_loses_the_entry_and_the_version_without_files() {
        let page = r#"{"files": [{"filename": "x-1.zip", "url": "../x-1.zip", "hashes": {}}, {"filename": "x-2.0.zip", "url": "../x-2.0.zip", "hashes": {}}], "meta": {"_last-serial": "7"}, "name": "x", "versions": ["1", "2"]}"#;
        let after = cut(PageForm::SimpleJson, page, &["x-2.0.zip"]).unwrap();
        assert_eq!(
            after,
            r#"{"files": [{"filename": "x-1.zip", "url": "../x-1.zip", "hashes": {}}], "meta": {"_last-serial": "7"}, "name": "x", "versions": ["1"]}"#
        );
    }

    #[test]
    fn project_json_loses_files_and_the_release_without_files() {
        let file =
            |name: &str| format!(r#"{{"filename":"{name}","url":"https://f.example/packages/{name}"}}"#);
        let (one, two, wheel) = (file("x-1.zip"), file("x-2.zip"), file("x-2-py3-none-any.whl"));
        let page = format!(
            r#"{{"info":{{"a":1}},"releases":{{"1":[{one}],"1b":[],"2":[{two},{wheel}]}},"urls":[{two},{wheel}]}}"#
        );
        assert_eq!(
            cut(PageForm::ProjectJson, &page, &["x-1.zip", "x-2.zip"]).unwrap(),
            format!(r#"{{"info":{{"a":1}},"releases":{{"1b":[],"2":[{wheel}]}},"urls":[{wheel}]}}"#)
        );
    }

    #[test]
    fn a_list_of_projects_loses_a_project_by_its_normalized_name() {
        let gone = BTreeSet::from(["a-b".to_owned()]);
        let html = "<body>\n    <a href=\"a/\">a</a><br/>\n    <a href=\"a-b/\">a-b</a><br/>\n  </body>";
        let (_, after) = cut_project_list(PageForm::SimpleHtml, html.as_bytes(), &gone).unwrap().unwrap();
        assert_eq!(after, b"<body>\n    <a href=\"a/\">a</a><br/>\n  </body>");
        let json = r#"{"meta": {}, "projects": [{"name": "A_B"}, {"name": "a"}]}"#;
        let (_, after) = cut_project_list(PageForm::SimpleJson, json.as_bytes(), &gone).unwrap().unwrap();
        assert_eq!(after, br#"{"meta": {}, "projects": [{"name": "a"}]}"#);
    }

    const PAGES: [(PageForm, &str); 3] = [
        (PageForm::SimpleHtml, "<a href='x-1.zip'>x</a><br/>\n<a href=\"x-2.zip#sha256=1\">y</a>\n"),
        (
            PageForm::SimpleJson,
            r#"{"files": [{"filename": "x-1.zip", "url": "x-1.zip"}, {"filename": "x-2.zip", "url": "x-2.zip"}]}"#,
        ),
        (
            PageForm::ProjectJson,
            r#"{"releases": {"1": [{"filename": "x-1.zip"}], "2": [{"filename": "x-2.zip"}]}, "urls": []}"#,
        ),
    ];

    proptest! {
        #[test]
        fn a_page_bent_in_any_way_is_cut_rightly_or_not_at_all(
            which in 0_usize..3,
            at in 0_usize..200,
            with in "[\\[\\]{}\"',<>/a\\\\ é-]{0,4}",
            length in 0_usize..6,
        ) {
            let (form, page) = PAGES[which];
            let at = at.min(page.len());
            let end = (at + length).min(page.len());
            let bent = [&page.as_bytes()[..at], with.as_bytes(), &page.as_bytes()[end..]].concat();
            let stale = BTreeSet::from([("x-1.zip".to_owned(), None)]);
            if let Ok(Cut::Some { after, .. }) = cut_page(form, "simple/x/index.html", "x", &bent, &stale) {
                let listing = parse_listing(form, "simple/x/index.html", "x", &after).unwrap();
                prop_assert!(!listing.listed.is_empty());
                prop_assert!(listing.listed.iter().all(|l| l.file_name != "x-1.zip" || l.sha256.is_some()));
            }
        }
    }
}
