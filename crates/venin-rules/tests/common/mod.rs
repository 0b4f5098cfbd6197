//! Hand-made events, as the analyser would give them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::{Arc, OnceLock};

use venin_model::{
    Argument, CallClass, Condition, Event, EventId, Fact, Finding, KnownText, OriginKind, OriginKinds,
    Origins, Role, RootId, Site, Trigger,
};
use venin_rules::{Observations, RuleFile, RuleSet, match_rules};

/// A list of events in the making.
#[derive(Default)]
pub(crate) struct Events(pub(crate) Vec<Event>);

/// Origins: kinds and events.
pub(crate) fn from(kinds: &[OriginKind], events: &[u32]) -> Origins {
    let kinds = kinds.iter().fold(OriginKinds::NONE, |set, k| set.union(OriginKinds::of(*k)));
    Origins { kinds, events: events.iter().map(|e| EventId(*e)).collect() }
}

impl Events {
    /// Adds an event in root 0, triggered by import, at a line of its own; returns it for changes.
    pub(crate) fn add(&mut self, class: &str, name: &str) -> &mut Event {
        let id = u32::try_from(self.0.len()).unwrap();
        let mut site = Site::whole(Arc::from("pkg/__init__.py"));
        site.line = id + 1;
        site.layer_line = id + 1;
        self.0.push(Event {
            id: EventId(id),
            root: RootId(0),
            trigger: Trigger::Import,
            name: Arc::from(name),
            class: CallClass::parse(class).unwrap(),
            arguments: Vec::new(),
            input: Origins::default(),
            site,
            decoding: Vec::new(),
            conditions: Vec::new(),
            is_unused: false,
            function: None,
        });
        self.0.last_mut().unwrap()
    }
}

/// Changes to an event, chained.
pub(crate) trait Change {
    /// An argument whose text is known.
    fn text(&mut self, role: Role, text: &str) -> &mut Self;
    /// An argument of which only the origin is known.
    fn carries(&mut self, role: Role, origins: Origins) -> &mut Self;
    /// The same, passed by keyword with a known text.
    fn keyword(&mut self, role: Role, keyword: &str, text: &str) -> &mut Self;
    /// Another root, run by this trigger.
    fn root(&mut self, root: u32, trigger: Trigger) -> &mut Self;
    /// A condition on the way.
    fn when(&mut self, subject: &str, value: &str) -> &mut Self;
    /// Another line.
    fn line(&mut self, line: u32) -> &mut Self;
}

impl Change for Event {
    fn text(&mut self, role: Role, text: &str) -> &mut Self {
        let value = KnownText {
            text: Arc::from(text),
            is_complete: !text.contains('⟨'),
            size: text.chars().count() as u64,
        };
        self.arguments.push(Argument {
            role,
            keyword: None,
            value: Some(value),
            origins: Origins::default(),
        });
        self
    }

    fn carries(&mut self, role: Role, origins: Origins) -> &mut Self {
        self.arguments.push(Argument { role, keyword: None, value: None, origins });
        self
    }

    fn keyword(&mut self, role: Role, keyword: &str, text: &str) -> &mut Self {
        self.text(role, text);
        self.arguments.last_mut().unwrap().keyword = Some(Arc::from(keyword));
        self
    }

    fn root(&mut self, root: u32, trigger: Trigger) -> &mut Self {
        self.root = RootId(root);
        self.trigger = trigger;
        self
    }

    fn when(&mut self, subject: &str, value: &str) -> &mut Self {
        self.conditions.push(Condition { subject: Arc::from(subject), value: Some(Arc::from(value)) });
        self
    }

    fn line(&mut self, line: u32) -> &mut Self {
        self.site.line = line;
        self.site.layer_line = line;
        self
    }
}

/// A page with one pattern, and more front matter if any.
pub(crate) fn page(pattern: &str, front: &str) -> String {
    format!(
        "+++\nid = \"x\"\ntitle = \"A rule\"\nbehavior = \"code execution\"\nseverity = \"high\"\nconfidence = \"high\"\n\
         weight = 3.0\nsince = \"0.1\"\n{front}\n+++\n```pattern\n{pattern}\n```\n"
    )
}

/// The built-in lists and kinds without any rule, read once.
pub(crate) fn words() -> &'static RuleSet {
    static WORDS: OnceLock<RuleSet> = OnceLock::new();
    WORDS.get_or_init(|| {
        let files: Vec<_> =
            RuleSet::builtin_files().iter().copied().filter(|f| !f.path.ends_with(".md")).collect();
        RuleSet::empty().with_pages(&files).unwrap()
    })
}

/// A set with one rule, beside the built-in lists and kinds.
pub(crate) fn rules(pattern: &str, front: &str) -> RuleSet {
    let text = page(pattern, front);
    match words().with_pages(&[RuleFile { path: "own/x.md", text: &text }]) {
        Ok(set) => set,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// The findings of a pattern.
pub(crate) fn find(pattern: &str, events: &Events, facts: &[Fact]) -> Vec<Finding> {
    match_rules(&rules(pattern, ""), &Observations { events: &events.0, facts })
}

/// Whether a pattern is found.
pub(crate) fn is_found(pattern: &str, events: &Events) -> bool {
    !find(pattern, events, &[]).is_empty()
}

/// The lines of the evidence of the first finding.
pub(crate) fn evidence_lines(findings: &[Finding]) -> Vec<u32> {
    findings[0].evidence.iter().filter_map(|e| e.site.as_ref()).map(|s| s.line).collect()
}
