//! Addresses that are told in two parts: a client is made with the site, and each request names the path.
//!
//! `httpx.Client(base_url="https://a.example").get("/x")` asks `https://a.example/x`.  Nothing is resolved or asked here.

use std::sync::Arc;

use venin_model::{Argument, KnownText, Role};

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, Part, Value};

/// `urlopen("conf/local.ini")`: without a scheme there is nothing to ask, and the call raises.  A host whose scheme was forgotten
/// stays what it is: this release fails there, and the next one is mended.
pub(super) fn refuse_path(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let address = me.argument(arguments, 0, "url")?;
    let is_path = beginning_of(&address).is_some_and(|text| {
        let first = text.split('/').next().unwrap_or(text);
        text.contains('/') && !text.contains(':') && !first.contains('.')
    });
    me.counts.impure += u64::from(is_path);
    is_path.then(Value::unknown)
}

/// What is known of a text from its first character on.
fn beginning_of(text: &Value) -> Option<&str> {
    match &text.kind {
        Kind::Partial(text) => match text.parts.first()? {
            Part::Known(known) => Some(known),
            Part::Hole(_) => None,
        },
        _ => text.as_str(),
    }
}

impl Interpreter<'_> {
    /// Puts the address that a client was made with before the path of a request.
    pub(super) fn complete_address(&self, receiver: &Value, arguments: &mut [Argument]) {
        let Kind::External { made_by: Some(maker), .. } = receiver.kind else { return };
        let base = self.log.events.get(maker.0 as usize).and_then(|made| made.argument(Role::Url));
        let own = arguments.iter_mut().find(|argument| argument.role == Role::Url);
        let (Some(base), Some(own)) = (base, own) else { return };
        let Some(whole) = own.value.as_ref().and_then(|path| joined(base.value.as_ref()?, path)) else {
            return;
        };
        own.value = Some(whole);
        own.origins.kinds = own.origins.kinds.union(base.origins.kinds);
        own.origins.events.extend(&base.origins.events);
        own.origins.events.sort_unstable();
        own.origins.events.dedup();
    }
}

/// Site and path as one address; `None` where the path is a whole address itself, or all would be too long.
fn joined(base: &KnownText, path: &KnownText) -> Option<KnownText> {
    if path.text.contains("://") || !is_site(&base.text) {
        return None;
    }
    let text = format!("{}/{}", base.text.trim_end_matches('/'), path.text.trim_start_matches('/'));
    (text.chars().count() <= KnownText::MAX).then(|| KnownText {
        size: text.chars().count() as u64,
        text: Arc::from(text),
        is_complete: base.is_complete && path.is_complete,
    })
}

/// Whether a text begins like an address, or is told by something else from its first character on.
fn is_site(base: &str) -> bool {
    base.contains("://") || base.starts_with('⟨')
}
