//! Small artifacts in memory, for tests.
#![expect(clippy::expect_used, reason = "a test without a thread to run on has failed")]

use std::sync::Arc;

use venin_model::{Event, Trigger};
use venin_python::{Analysis, Limits, Project, ProjectRoot, SourceFile, SourceKind, analyze};

/// Runs something on a thread with the stack that the analyser asks for.
pub(crate) fn with_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run).expect("a thread starts");
    thread.join().expect("the analysis does not panic")
}

/// Analyses files; those whose trigger is not `run` are roots.  What is no Python is a script or data, by its extension.
pub(crate) fn analysis_of(files: &[(&str, &str, Trigger)]) -> Analysis {
    let files: Vec<(&str, &[u8], Trigger)> =
        files.iter().map(|(path, text, trigger)| (*path, text.as_bytes(), *trigger)).collect();
    analysis_of_bytes(&files)
}

/// The same of files that are no text.
pub(crate) fn analysis_of_bytes(files: &[(&str, &[u8], Trigger)]) -> Analysis {
    let files: Vec<(String, Vec<u8>, Trigger)> =
        files.iter().map(|(p, bytes, trigger)| ((*p).to_owned(), bytes.to_vec(), *trigger)).collect();
    with_stack(move || {
        let mut project = Project::default();
        for (path, bytes, trigger) in &files {
            let file = project.files.len();
            let is_compiled = path.ends_with(".pyc");
            if !path.ends_with(".py") && !is_compiled {
                let is_script = path.ends_with(".sh") || path.ends_with(".js");
                let members = if is_script { &mut project.scripts } else { &mut project.data };
                members.push((Arc::from(path.as_str()), bytes));
                continue;
            }
            let dotted = path.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
            project.modules.insert(dotted, file);
            project.files.push(SourceFile {
                text: None,
                path: Arc::from(path.as_str()),
                bytes,
                kind: if is_compiled { SourceKind::Bytecode } else { SourceKind::Python },
            });
            if *trigger != Trigger::Run {
                project.roots.push(ProjectRoot { trigger: *trigger, file, object: None });
            }
        }
        analyze(&project, Limits::default())
    })
}

/// The events of one module that is imported.
pub(crate) fn events_of(source: &str) -> Vec<Event> {
    analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]).events
}

/// The names of the calls in order, without the decoding ones and mere look-ups.
pub(crate) fn calls(source: &str) -> Vec<String> {
    let names = events_of(source).into_iter().map(|e| e.name.to_string());
    names.filter(|n| !n.starts_with("importlib") && n != "getattr" && n != "__import__").collect()
}

/// The first event of a name.
pub(crate) fn event(source: &str, name: &str) -> Event {
    let events = events_of(source);
    let names: Vec<String> = events.iter().map(|e| e.name.to_string()).collect();
    events.into_iter().find(|e| &*e.name == name).unwrap_or_else(|| panic!("no `{name}` among {names:?}"))
}
