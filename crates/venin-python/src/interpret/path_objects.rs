//! Objects and texts that are paths: what they are made of, their parts, and the artifact's own files below them.

use std::rc::Rc;

use venin_model::OriginKind;

use super::Interpreter;
use super::files::parse_holes;
use super::function::Arguments;
use crate::catalogue;
use crate::source::ir::{Code, Span};
use crate::value::{Kind, OriginSet, Value};

/// Most files of a folder that are listed by name.
const MOST_LISTED: usize = 32;

/// `Path(a, b, c)`: one path.
pub(super) fn path_of_parts(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    if arguments.positional.len() < 2 {
        return None;
    }
    let joined = fold_join(me, arguments)?;
    let entry = catalogue::find_call(name)?;
    let event = me.record_here(name, entry, std::slice::from_ref(&joined), &[], None);
    let object = me.names.intern("pathlib.Path()");
    let origins = joined.origins;
    Some(me.event_result(Kind::External { name: object, made_by: Some(event) }, event, entry, origins))
}

fn fold_join(me: &mut Interpreter<'_>, arguments: &Arguments) -> Option<Value> {
    let join = me.external("os.path.join");
    let parts = arguments.positional.iter().map(|part| me.text_of_path(part).unwrap_or_else(|| part.clone()));
    let parts = parts.collect();
    let joined = me.call_value(&join, parts, Vec::new());
    matches!(joined.kind, Kind::Str(_) | Kind::Partial(_)).then_some(joined)
}

/// `os.path.abspath(path)` and the like: another spelling of the same path, so the text stays.
pub(super) fn same_path(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let path = arguments.positional.first()?;
    if let Some(text) = me.text_of_path(path) {
        return Some(text);
    }
    let is_known = matches!(path.kind, Kind::Str(_) | Kind::Partial(_) | Kind::External { .. });
    let is_here = path.as_str().is_some_and(|t| matches!(t, "" | "." | ".."));
    (is_known && !is_here).then(|| path.clone())
}

impl Interpreter<'_> {
    /// An attribute of a path object that is a part of the path: `parent`, `name`, `stem`, `suffix`.
    pub(super) fn part_of_path(
        &mut self,
        code: &Rc<Code>,
        span: Span,
        path: &Value,
        attribute: &str,
    ) -> Option<Value> {
        match attribute {
            "parent" => return self.parent_of_path(code, span, path),
            "name" | "stem" | "suffix" => {}
            _ => return None,
        }
        let text = self.path_text(path)?;
        let name = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if name.is_empty() || name.contains(['⟨', '⟩', '*', '\\']) {
            return None;
        }
        // A leading dot begins no suffix, and a trailing one is none.
        let dot = name.rfind('.').filter(|at| *at > 0 && *at + 1 < name.len()).unwrap_or(name.len());
        let part = match attribute {
            "stem" => name.get(..dot)?,
            "suffix" => name.get(dot..)?,
            _ => name,
        };
        Some(Value::str(part).with_origins(path.origins))
    }

    /// `path.glob(pattern)`: the artifact's own files, and one path object for any other, whose path is the pattern below the
    /// folder.
    pub(super) fn list_path(&mut self, method: &str, folder: &str, arguments: &Arguments) -> Option<Value> {
        let name = format!("pathlib.Path().{method}");
        let entry = catalogue::find_call(&name)?;
        let pattern = arguments.positional.first().and_then(Value::as_str).unwrap_or("*");
        // `Path("")` is the folder in force, not the root.
        let below = if folder.is_empty() { "." } else { folder.trim_end_matches('/') };
        let path = parse_holes(&format!("{below}/{pattern}"));
        let event = self.record_here(&name, entry, std::slice::from_ref(&path), &[], None);
        let listed = self.names.intern(&format!("{name}()"));
        let origins = self.origins.with_kind(OriginSet::EMPTY, OriginKind::File);
        let listed = Kind::External { name: listed, made_by: Some(event) };
        let any = self.event_result(listed, event, entry, origins);
        let own = self.own_files(folder, pattern, method == "rglob");
        if own.is_empty() {
            return Some(any);
        }
        let site = self.place.site.clone()?;
        let mut paths: Vec<Value> =
            own.iter().map(|path| self.new_path(&site.code, site.span, path, OriginSet::EMPTY)).collect();
        paths.push(self.element_of(&any));
        Some(self.heap.list(paths).with_origins(any.origins))
    }

    /// What `os.listdir(folder)` and `glob.glob(pattern)` find among the artifact's own files, and an element for any other.
    pub(super) fn own_listing(&mut self, name: &str, arguments: &Arguments) -> Option<Value> {
        let asked = arguments.positional.first()?;
        let text = self.text_of_path(asked).unwrap_or_else(|| asked.clone());
        let text = text.as_str()?;
        let found = match name {
            "os.listdir" => {
                let below = self.own_files(text, "*", false);
                let front = text.trim_end_matches('/').len() + 1;
                below.iter().filter_map(|path| path.get(front..)).map(str::to_owned).collect()
            }
            _ => {
                let (folder, pattern) = text.rsplit_once('/')?;
                self.own_files(folder, pattern, false)
            }
        };
        if found.is_empty() {
            return None;
        }
        let any = self.external(&format!("{name}()"));
        let any = self.element_of(&any);
        let mut items: Vec<Value> = found.into_iter().map(|path: String| Value::str(path.as_str())).collect();
        items.push(any);
        Some(self.heap.list(items))
    }

    /// A listing as `sorted` gives it: the own files stand in order already, and where the others belong is not known.  What
    /// comes from outside as a whole gives the same elements in any order.
    pub(super) fn listing_in_order(&mut self, value: &Value) -> Option<Value> {
        if let Kind::External { .. } = value.kind {
            return Some(value.clone());
        }
        let Kind::List(id) = value.kind else { return None };
        let Kind::External { name, .. } = self.heap.elements(id).last()?.kind else { return None };
        let name = self.names.text(name);
        if !matches!(&*name, "pathlib.Path()" | "os.listdir()[]" | "glob.glob()[]" | "glob.iglob()[]") {
            return None;
        }
        let items = self.heap.elements(id).to_vec();
        Some(self.heap.list(items).with_origins(value.origins))
    }

    /// The members below a folder of the artifact whose names match a pattern, in order; none where there are too many to go
    /// through one by one.
    fn own_files(&mut self, folder: &str, pattern: &str, is_deep: bool) -> Vec<String> {
        let project = self.project;
        let n_members = project.files.len() + project.scripts.len() + project.data.len();
        let folder = folder.trim_end_matches('/');
        if folder.is_empty() || folder.contains(['⟨', '*']) || !self.heap.work(n_members * 64) {
            return Vec::new();
        }
        let members = project.files.iter().map(|file| &file.path);
        let members = members.chain(project.scripts.iter().chain(&project.data).map(|(path, _)| path));
        let is_wanted = |path: &str| {
            let below = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            below.is_some_and(|rest| {
                let name = rest.rsplit('/').next().unwrap_or(rest);
                (is_deep || name.len() == rest.len()) && is_match(pattern, name)
            })
        };
        let mut found: Vec<String> =
            members.filter(|path| is_wanted(path)).take(MOST_LISTED + 1).map(ToString::to_string).collect();
        if found.len() > MOST_LISTED {
            return Vec::new();
        }
        found.sort();
        found
    }
}

/// Whether a file name matches a pattern of `*` and `?`; a pattern with more in it matches nothing.
fn is_match(pattern: &str, name: &str) -> bool {
    if pattern.contains(['[', '/']) || pattern.len() > 80 {
        return false;
    }
    let mut pieces = pattern.split('*');
    let fits = |piece: &str, text: &str| {
        let mut text = text.chars();
        piece.chars().all(|c| text.next().is_some_and(|t| c == '?' || c == t)).then_some(text.as_str().len())
    };
    let Some(mut rest) = pieces.next().and_then(|first| {
        let left = fits(first, name)?;
        name.get(name.len() - left..)
    }) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let starts = rest.char_indices().map(|(at, _)| at).chain(std::iter::once(rest.len()));
        let found = starts.filter_map(|at| rest.get(at..)).find_map(|tail| {
            let left = fits(piece, tail)?;
            tail.get(tail.len() - left..)
        });
        match found {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
    let at = rest.chars().count().checked_sub(last.chars().count());
    let at = at.and_then(|at| rest.char_indices().map(|(i, _)| i).chain([rest.len()]).nth(at));
    at.and_then(|at| rest.get(at..)).is_some_and(|tail| fits(last, tail) == Some(0))
}

#[cfg(test)]
mod tests {
    use super::is_match;

    #[test]
    fn a_pattern_matches_whole_names() {
        for (pattern, name) in [
            ("*", "a"),
            ("*.txt", "b.txt"),
            ("a*", "abc"),
            ("a*c*e", "abcde"),
            ("?.py", "é.py"),
            ("a.py", "a.py"),
            ("*b*", "abc"),
        ] {
            assert!(is_match(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.txt", "b.txt2"), ("a", "ab"), ("a*a", "a"), ("[ab]", "a"), ("?", ""), ("*é", "e")]
        {
            assert!(!is_match(pattern, name), "{pattern} {name}");
        }
    }
}
