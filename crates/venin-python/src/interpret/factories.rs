//! Configurations that name what makes their objects: it is called with what stands beside its name.

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, ObjId, Sym, Value};

/// Most containers inside each other, and most objects that one configuration makes.
const MAX_DEPTH: u8 = 6;
const MOST_MADE: usize = 32;
/// The keys under which what makes an object is named.
const NAMES: [&str; 3] = ["()", "class", "_target_"];
/// Keys beside it that are none of its arguments.
const OWN_KEYS: [&str; 6] = [".", "_args_", "_convert_", "_partial_", "_recursive_", "level"];

/// `logging.config.dictConfig(configuration)`, `hydra.utils.instantiate(configuration)`.
pub(super) fn configure(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let by_keyword = |name: &str| me.argument(arguments, usize::MAX, name);
    let configuration = ["config", "log_config", "logconfig_dict"].iter().find_map(|name| by_keyword(name));
    let configuration = configuration.or_else(|| arguments.positional.first().cloned())?;
    let mut left = MOST_MADE;
    me.make_configured(&configuration, 0, &mut left);
    None
}

impl Interpreter<'_> {
    /// Makes what a configuration and what is in it name.
    fn make_configured(&mut self, value: &Value, depth: u8, left: &mut usize) {
        let held: Vec<Value> = match value.kind {
            Kind::Dict(id) => {
                self.make_named(id, left);
                self.heap.dict_entries(id).map(|(_, v)| v.clone()).collect()
            }
            Kind::List(id) | Kind::Tuple(id) => self.heap.elements(id).to_vec(),
            _ => return,
        };
        for inner in held {
            if depth < MAX_DEPTH && *left > 0 {
                self.make_configured(&inner, depth + 1, left);
            }
        }
    }

    fn make_named(&mut self, entries: ObjId, left: &mut usize) {
        let entries: Vec<(Value, Value)> = self.heap.dict_entries(entries).cloned().collect();
        let by_name = |wanted: &str| entries.iter().find(|(key, _)| key.as_str() == Some(wanted));
        let Some((key, named)) = NAMES.iter().find_map(|name| by_name(name)) else { return };
        let Some(callee) = self.named_callable(named) else { return };
        *left = left.saturating_sub(1);
        let given = entries.iter().filter(|(other, _)| other.as_str() != key.as_str());
        let keywords: Vec<(Sym, Value)> = given
            .filter_map(|(name, value)| {
                let name = name.as_str().filter(|name| !OWN_KEYS.contains(name))?;
                Some((self.symbols.intern(name), value.clone()))
            })
            .collect();
        let positional = match by_name("_args_") {
            Some((_, passed)) => self.iterate(passed, MOST_MADE).unwrap_or_default(),
            None => Vec::new(),
        };
        self.call_value(&callee, positional, keywords);
    }

    /// What a dotted name means, or the function itself that stands in its place.
    fn named_callable(&mut self, named: &Value) -> Option<Value> {
        match named.as_str() {
            Some(dotted) => {
                let (module, leaf) = dotted.rsplit_once('.')?;
                let (module, leaf) = (self.import_by_name(module), self.symbols.intern(leaf));
                Some(self.get_attribute(&module, leaf))
            }
            None => {
                let is_known = matches!(named.kind, Kind::External { .. } | Kind::Builtin(_));
                (is_known || self.is_callable(named)).then(|| named.clone())
            }
        }
    }
}
