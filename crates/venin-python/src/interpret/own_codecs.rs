//! Codecs that the artifact registers: a text that is decoded by their name goes through their functions.
//!
//! Only codecs of the artifact are looked up here; those of the language fold elsewhere.

use std::sync::Arc;

use venin_model::{Gap, GapKind, OriginKind};

use super::Interpreter;
use super::function::Arguments;
use crate::project::SourceKind;
use crate::source::foreign_encoding;
use crate::value::{Kind, Object, OriginSet, Value};

/// Most search functions that are kept.
const MOST_SEARCHES: usize = 8;

/// `codecs.register(search)`: remembers the search function; what else the call means is the catalogue's.
pub(super) fn register(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    if let Some(Value { kind: Kind::Function(id), .. }) = arguments.positional.first()
        && me.notes.codec_searches.len() < MOST_SEARCHES
        && !me.notes.codec_searches.contains(id)
    {
        me.notes.codec_searches.push(*id);
    }
    None
}

/// `codecs.CodecInfo(encode, decode, streamreader, streamwriter)`: it is a tuple of these.
pub(super) fn codec_info(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    const PARTS: [&str; 4] = ["encode", "decode", "streamreader", "streamwriter"];
    let parts = PARTS
        .iter()
        .enumerate()
        .map(|(at, part)| me.argument(arguments, at, part).unwrap_or_else(Value::none))
        .collect();
    Some(me.heap.tuple(parts))
}

/// `codecs.decode(data, name)` and `codecs.encode`, if the codec is the artifact's own.
pub(super) fn recode(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let data = me.argument(arguments, 0, "obj")?;
    let codec = me.argument(arguments, 1, "encoding")?;
    let method = name.rsplit('.').next()?;
    me.by_own_codec(&data, method, &[codec])
}

impl Interpreter<'_> {
    /// What a source file reads as by a codec that the artifact registered before, if the file's cookie names one.
    pub(super) fn source_by_own_codec(&mut self, file: usize) -> Option<Value> {
        let source = self.project.files.get(file).filter(|source| source.kind == SourceKind::Python)?;
        if self.notes.codec_searches.is_empty() {
            return None;
        }
        let name = foreign_encoding(source.bytes)?;
        let member = Arc::clone(&source.path);
        let origins = self.origins.with_kind(OriginSet::EMPTY, OriginKind::File);
        let data = Value::bytes(source.bytes).with_origins(origins);
        let text = self.by_own_codec(&data, "decode", &[Value::str(name)])?;
        text.as_str()?;
        // The cookie is understood after all.
        let is_told = |gap: &Gap| gap.kind == GapKind::Encoding && gap.member.as_ref() == Some(&member);
        self.report.gaps.retain(|gap| !is_told(gap));
        Some(text)
    }

    /// What `data.decode(name)` or `text.encode(name)` gives by a codec that the artifact registered.
    pub(super) fn by_own_codec(&mut self, data: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
        let part = match method {
            "encode" => 0,
            "decode" => 1,
            _ => return None,
        };
        let name = arguments.first()?.clone();
        if self.notes.codec_searches.is_empty() || name.as_str().is_none_or(crate::fold::is_plain_charset) {
            return None;
        }
        let searches = self.notes.codec_searches.clone();
        for search in searches {
            let passed = Arguments { positional: vec![name.clone()], keywords: Vec::new() };
            let found = self.call_function(search, None, passed);
            for one in self.alternatives(&found) {
                let Kind::Tuple(id) = one.kind else { continue };
                let Some(convert) = self.heap.elements(id).get(part).cloned() else { continue };
                let result = self.call_value(&convert, vec![data.clone(), Value::str("strict")], Vec::new());
                return Some(self.converted(&result, data));
            }
        }
        None
    }

    /// The first of the pair that a codec's function gives: the second is how much it took.
    fn converted(&mut self, result: &Value, data: &Value) -> Value {
        let origins = self.origins.union(result.origins, data.origins);
        let first = match result.kind {
            Kind::Tuple(id) => match self.heap.get(id) {
                Some(Object::List(items)) => items.first().cloned(),
                _ => None,
            },
            _ => None,
        };
        let value = first.unwrap_or_else(Value::unknown);
        let origins = self.origins.union(value.origins, origins);
        let origins = self.origins.with_kind(origins, OriginKind::Decoded);
        value.with_origins(origins)
    }
}
