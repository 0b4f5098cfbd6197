//! Settings in files of well-known formats: what a loader gives for a file that is known, and what a parser holds that has
//! read one.
//!
//! What a parser holds is kept under the event of the call that made it.

use venin_model::EventId;

use super::Interpreter;
use super::function::Arguments;
use crate::fold::{self, Interpolation};
use crate::value::{Kind, Value};

/// The parser objects of `configparser`.
const PARSERS: [&str; 3] =
    ["configparser.ConfigParser()", "configparser.RawConfigParser()", "configparser.SafeConfigParser()"];

/// Most sections or options that a parser is given at once.
const MOST_ENTRIES: usize = 1_000;

impl Interpreter<'_> {
    /// What a call gives that reads settings out of a known file or of a parser that has read one.
    pub(super) fn settings_of(
        &mut self,
        name: &str,
        made_by: Option<EventId>,
        arguments: &Arguments,
    ) -> Option<Value> {
        match name {
            "json.load" => self.load_with("json.loads", arguments),
            "simplejson.load" => self.load_with("simplejson.loads", arguments),
            "tomllib.load" | "tomli.load" | "toml.load" => self.load_with("tomllib.loads", arguments),
            "yaml.safe_load" | "yaml.full_load" | "yaml.load" => self.load_with("yaml.load", arguments),
            "csv.reader" | "csv.DictReader" => {
                let lines = self.lines_of_open(arguments.positional.first()?)?;
                let mut arguments = arguments.clone();
                let list = self.heap.list(lines);
                *arguments.positional.first_mut()? = list;
                self.with_fold(|cx| fold::fold_call(cx, name, &arguments.positional, &arguments.keywords))
            }
            "dotenv.dotenv_values" => {
                let path = self.argument(arguments, 0, "dotenv_path")?;
                let content = self.known_file(&path)?;
                let text = content.as_str()?;
                let settings = self.with_fold(|cx| fold::parse_env(cx, text))?;
                Some(self.stamped(settings, &content))
            }
            _ => {
                let (parser, method) = name.rsplit_once('.').filter(|(made, _)| PARSERS.contains(made))?;
                self.ask_parser(parser, method, made_by?, arguments)
            }
        }
    }

    /// What loading from a known open file, or from the path of a known file, gives.
    fn load_with(&mut self, loads: &str, arguments: &Arguments) -> Option<Value> {
        let file = arguments.positional.first()?;
        let content = match self.content_of_open(file) {
            Some(content) => content,
            None if loads == "tomllib.loads" => self.known_file(&file.clone())?,
            None => return None,
        };
        // A hook makes something else of what is loaded; of the rest, the spelling is the only part that it touches.
        if loads != "yaml.load" && !arguments.keywords.is_empty() {
            return None;
        }
        let origins = self.origins.union(content.origins, file.origins);
        let content = content.with_origins(origins);
        self.with_fold(|cx| fold::fold_call(cx, loads, std::slice::from_ref(&content), &[]))
    }

    /// A method of a `configparser` object.
    fn ask_parser(
        &mut self,
        parser: &str,
        method: &str,
        made_by: EventId,
        arguments: &Arguments,
    ) -> Option<Value> {
        match method {
            "read" | "read_string" | "read_file" | "readfp" => {
                self.fill_parser(parser, method, made_by, arguments);
                None
            }
            "read_dict" => {
                let Kind::Dict(sections) = arguments.positional.first()?.kind else { return None };
                let sections: Vec<(Value, Value)> = self.heap.dict_entries(sections).cloned().collect();
                for (name, options) in sections.into_iter().take(MOST_ENTRIES) {
                    self.put_section(parser, made_by, name, &options);
                }
                Some(Value::none())
            }
            "add_section" => {
                let name = arguments.positional.first()?.clone();
                self.put_section(parser, made_by, name, &Value::none());
                Some(Value::none())
            }
            "set" => {
                let [name, option, value, ..] = arguments.positional.as_slice() else { return None };
                let option = (option.clone(), value.clone());
                let section = self.section_of(made_by, name)?;
                self.put_options(parser, &section, vec![option]);
                Some(Value::none())
            }
            "sections" => {
                let Kind::Dict(id) = self.made.contents.get(&made_by)?.kind else { return None };
                let names = self.heap.dict_entries(id).map(|(name, _)| name.clone()).collect();
                Some(self.heap.list(names))
            }
            "items" => {
                let section = self.section_of(made_by, arguments.positional.first()?)?;
                self.with_fold(|cx| fold::fold_method(cx, &section, "items", &[], &[]))
            }
            "options" => {
                let section = self.section_of(made_by, arguments.positional.first()?)?;
                self.with_fold(|cx| fold::fold_method(cx, &section, "keys", &[], &[]))
            }
            "get" => {
                let section = self.argument(arguments, 0, "section")?;
                let option = self.argument(arguments, 1, "option")?;
                let section = self.section_of(made_by, &section)?;
                let option = Value::str(option.as_str()?.to_lowercase());
                self.with_fold(|cx| fold::fold_subscript(cx, &section, &option))
            }
            _ => None,
        }
    }

    /// Reads the first known file, or text, that a parser is given.
    fn fill_parser(&mut self, parser: &str, method: &str, made_by: EventId, arguments: &Arguments) {
        let Some(given) = arguments.positional.first().cloned() else { return };
        let content = match method {
            "read" => match given.kind {
                Kind::List(id) | Kind::Tuple(id) => {
                    let paths: Vec<Value> = self.heap.elements(id).iter().take(8).cloned().collect();
                    paths.iter().find_map(|path| self.known_file(path))
                }
                _ => self.known_file(&given),
            },
            "read_string" => Some(given),
            _ => self.content_of_open(&given),
        };
        let Some(content) = content else { return };
        let Some(text) = content.as_str() else { return };
        let is_raw = parser.contains(".Raw");
        let interpolation = if is_raw { Interpolation::None } else { Interpolation::Basic };
        if let Some(settings) = self.with_fold(|cx| fold::parse_ini(cx, text, interpolation)) {
            let settings = self.stamped(settings, &content);
            self.made.contents.insert(made_by, settings);
        }
    }

    /// `parser[section]` of a parser that has read a known text.
    pub(super) fn item_of_parser(&mut self, container: &Value, index: &Value) -> Option<Value> {
        let Kind::External { name, made_by: Some(event) } = container.kind else { return None };
        if !self.made.contents.contains_key(&event) || !PARSERS.contains(&&*self.names.text(name)) {
            return None;
        }
        let section = self.section_of(event, index)?;
        let origins = self.origins.union(section.origins, container.origins);
        Some(section.with_origins(origins))
    }

    /// `parser[section] = options`; false if the container is no parser.
    pub(super) fn set_item_of_parser(&mut self, container: &Value, index: &Value, options: &Value) -> bool {
        let Kind::External { name, made_by: Some(event) } = container.kind else { return false };
        let parser = self.names.text(name);
        let is_parser = PARSERS.contains(&&*parser);
        if is_parser {
            self.put_section(&parser, event, index.clone(), options);
        }
        is_parser
    }

    /// Adds a section with some options to what a parser holds.
    fn put_section(&mut self, parser: &str, made_by: EventId, name: Value, options: &Value) {
        self.counts.changes += 1;
        let held = match self.made.contents.get(&made_by).map(|held| held.kind.clone()) {
            Some(Kind::Dict(held)) => held,
            _ => {
                let held = self.heap.dict(Vec::new());
                let Kind::Dict(id) = held.kind else { return };
                self.made.contents.insert(made_by, held);
                id
            }
        };
        let section = match self.section_of(made_by, &name) {
            Some(section) => section,
            None => {
                let section = self.heap.dict(Vec::new());
                self.heap.dict_set(held, name, section.clone());
                section
            }
        };
        if let Kind::Dict(options) = options.kind {
            let options: Vec<(Value, Value)> = self.heap.dict_entries(options).cloned().collect();
            self.put_options(parser, &section, options);
        }
    }

    /// Puts options into a section: texts under names in small letters.
    fn put_options(&mut self, parser: &str, section: &Value, options: Vec<(Value, Value)>) {
        let Kind::Dict(section) = section.kind else { return };
        let is_raw = parser.contains(".Raw");
        for (option, value) in options.into_iter().take(MOST_ENTRIES) {
            let value = match &value.kind {
                Kind::Str(text) if !is_raw && text.as_str().contains('%') => {
                    let text = text.as_str();
                    let is_open = text.contains("%(") || !self.heap.spend(text.len());
                    let known = if is_open { Value::unknown() } else { Value::str(text.replace("%%", "%")) };
                    known.with_origins(value.origins)
                }
                Kind::Int(number) => Value::str(number.to_string()).with_origins(value.origins),
                _ => value,
            };
            if let Some(option) = option.as_str() {
                let option = Value::str(option.to_lowercase());
                self.heap.dict_set(section, option, value);
            }
        }
    }

    fn section_of(&mut self, made_by: EventId, name: &Value) -> Option<Value> {
        let settings = self.made.contents.get(&made_by)?.clone();
        self.with_fold(|cx| fold::fold_subscript(cx, &settings, name))
    }

    /// What was parsed of a text, with the origins of the text.
    fn stamped(&mut self, parsed: Value, text: &Value) -> Value {
        self.with_fold(|cx| cx.stamp(parsed, text.origins))
    }
}
