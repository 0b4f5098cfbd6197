//! Matches of regular expressions whose text is known, and functions that replace them.
//!
//! Of a text that is not known, a match carries the origins.

use venin_model::OriginKind;

use super::Interpreter;
use super::function::Arguments;
use super::rounds::IMPURE_ROUNDS;
use crate::fold::{self, Anchor, Found};
use crate::value::{Kind, Object, OriginSet, Partial, Sym, Value};

/// The callees of what stands for a match and for an expression.
const MATCH: &str = "re.Match";
const PATTERN: &str = "re.Pattern";
/// Longest text that is put together of replacements, in bytes.
const MOST_REPLACED: usize = 4 << 20;
/// Methods of an expression that are functions of the module, too.
const FUNCTIONS: [&str; 8] = ["findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"];

/// `re.compile(pattern, flags)` of a known expression.
pub(super) fn compile(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    me.argument(arguments, 0, "pattern")?.as_str()?;
    let pattern = me.argument(arguments, 0, "pattern")?;
    let flags = me.argument(arguments, 1, "flags").map(|flags| (me.symbols.intern("flags"), flags));
    let origins = pattern.origins;
    let callee = me.external(PATTERN);
    let compiled = Partial { callee, positional: vec![pattern], keywords: flags.into_iter().collect() };
    Some(Value::new(Kind::Builtin(me.heap.insert(Object::Partial(Box::new(compiled))))).with_origins(origins))
}

/// `re.match(pattern, text)`, `re.search`, `re.fullmatch`.
pub(super) fn first_match(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let anchor = match name {
        "re.match" => Anchor::Start,
        "re.fullmatch" => Anchor::Whole,
        _ => Anchor::None,
    };
    let text = me.argument(arguments, 1, "string")?;
    let found = me.matches_of(arguments, 1, anchor)?;
    Some(match found.into_iter().next() {
        Some(found) => me.match_object(&found, &text),
        None => Value::none(),
    })
}

/// `re.finditer(pattern, text)`.
pub(super) fn each_match(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let text = me.argument(arguments, 1, "string")?;
    let found = me.matches_of(arguments, 1, Anchor::None)?;
    let matches: Vec<Value> = found.iter().map(|found| me.match_object(found, &text)).collect();
    Some(me.heap.list(matches).with_origins(text.origins))
}

/// `re.sub(pattern, function, text)`: the function is called for every match, and what it gives stands in its place.
pub(super) fn replace(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    let function = me.argument(arguments, 1, "repl")?;
    let is_text = matches!(function.kind, Kind::Str(_) | Kind::Bytes(_) | Kind::Partial(_) | Kind::Unknown);
    if is_text {
        return None;
    }
    let text = me.argument(arguments, 2, "string")?;
    let Some(found) = me.matches_of(arguments, 2, Anchor::None) else {
        let any = me.match_in_unknown(arguments, &text);
        let hides_secrets = any.origins != text.origins;
        let given = me.call_value(&function, vec![any], Vec::new());
        // What takes the place of a secret is there to hide it.
        let put_in = if hides_secrets { OriginSet::EMPTY } else { given.origins };
        let origins = me.origins.union(put_in, text.origins);
        return Some(Value::unknown().with_origins(origins));
    };
    let replaced = me.replace_each(&function, &text, found);
    Some(if name == "re.subn" {
        let origins = replaced.origins;
        me.heap.tuple(vec![replaced, Value::unknown()]).with_origins(origins)
    } else {
        replaced
    })
}

/// Beginnings of the tokens of well-known services, and words beside a secret, as expressions that look for them spell them.
const SECRET_FORMS: [&str; 14] = [
    "AKIA",
    "gh[",
    "ghp_",
    "github_pat_",
    "glpat-",
    "xox",
    "sk-",
    "sk_live",
    "AIza",
    "PRIVATE KEY",
    "password",
    "passwd",
    "secret",
    "token",
];

impl Interpreter<'_> {
    /// What an expression finds in a text that is not known.  Of what a caller passes, an expression for secrets finds these.
    fn match_in_unknown(&mut self, arguments: &Arguments, text: &Value) -> Value {
        let any = Value::unknown().with_origins(text.origins);
        let Some(pattern) = self.argument(arguments, 0, "pattern") else { return any };
        let pattern = self.expression_of(&pattern).unwrap_or(pattern);
        let finds_secrets = |pattern: &str| SECRET_FORMS.iter().any(|form| pattern.contains(form));
        let is_passed = self.origins.kinds(text.origins).contains(OriginKind::Argument);
        if !is_passed || !pattern.as_str().is_some_and(finds_secrets) {
            return any;
        }
        let origins = self.origins.with_kind(text.origins, OriginKind::Secret);
        any.with_origins(origins)
    }

    /// The matches of a known expression in a known text.
    fn matches_of(&mut self, arguments: &Arguments, position: usize, anchor: Anchor) -> Option<Vec<Found>> {
        let pattern = self.argument(arguments, 0, "pattern")?;
        let pattern = self.expression_of(&pattern).unwrap_or(pattern);
        let text = self.argument(arguments, position, "string")?;
        let flags = self.argument(arguments, usize::MAX, "flags");
        let flags =
            flags.or_else(|| arguments.positional.get(position + 1).filter(|_| position == 1).cloned());
        self.with_fold(|cx| fold::find_matches(cx, &pattern, &text, flags.as_ref(), anchor))
    }

    fn replace_each(&mut self, function: &Value, text: &Value, found: Vec<Found>) -> Value {
        let Some(subject) = text.as_str().map(str::to_owned) else { return Value::unknown() };
        let (mut out, mut at) = (String::with_capacity(subject.len()), 0);
        let mut origins = text.origins;
        let mut is_known = true;
        let before = self.counts.impure;
        for (n, one) in found.into_iter().enumerate() {
            if !self.step() || self.counts.impure != before && n >= IMPURE_ROUNDS && !is_known {
                is_known = false;
                break;
            }
            let found = self.match_object(&one, text);
            let given = self.call_value(function, vec![found], Vec::new());
            origins = self.origins.union(origins, given.origins);
            match given.as_str() {
                Some(given) if out.len() + given.len() <= MOST_REPLACED => {
                    out.push_str(subject.get(at..one.start).unwrap_or_default());
                    out.push_str(given);
                    at = one.end;
                }
                _ => is_known = false,
            }
        }
        out.push_str(subject.get(at..).unwrap_or_default());
        if !is_known || !self.heap.spend(out.len()) {
            return Value::unknown().with_origins(origins);
        }
        Value::str(out).with_origins(origins)
    }

    /// A match: its groups in order, those with a name once more under it.
    fn match_object(&mut self, found: &Found, text: &Value) -> Value {
        let group = |group: &Option<String>| match group {
            Some(text) => Value::str(text.as_str()),
            None => Value::none(),
        };
        let positional: Vec<Value> =
            found.groups.iter().map(|g| group(g).with_origins(text.origins)).collect();
        let named = found.names.iter().filter_map(|(at, name)| Some((name, positional.get(*at)?.clone())));
        let keywords = named.map(|(name, value)| (self.symbols.intern(name), value)).collect();
        let callee = self.external(MATCH);
        let held = Partial { callee, positional, keywords };
        let object = self.heap.insert(Object::Partial(Box::new(held)));
        Value::new(Kind::Builtin(object)).with_origins(text.origins)
    }

    /// Whether a value is a match in a known text.
    pub(super) fn is_match(&self, value: &Value) -> bool {
        self.held_as(value, MATCH).is_some()
    }

    /// What stands for a match or an expression, if a value does.
    pub(super) fn held_as(&self, value: &Value, what: &str) -> Option<&Partial> {
        let Kind::Builtin(id) = value.kind else { return None };
        let Some(Object::Partial(held)) = self.heap.get(id) else { return None };
        match held.callee.kind {
            Kind::External { name, .. } if &*self.names.text(name) == what => Some(held),
            _ => None,
        }
    }

    /// The text of a compiled expression.
    fn expression_of(&self, value: &Value) -> Option<Value> {
        self.held_as(value, PATTERN)?.positional.first().cloned()
    }

    /// A method of a match or of a compiled expression.
    pub(super) fn call_of_match(
        &mut self,
        receiver: &Value,
        method: Sym,
        arguments: &Arguments,
    ) -> Option<Value> {
        let method = self.symbols.text(method);
        if let Some(expression) = self.held_as(receiver, PATTERN) {
            let mut all = Arguments {
                positional: expression.positional.clone(),
                keywords: expression.keywords.clone(),
            };
            if !FUNCTIONS.contains(&&*method) {
                return None;
            }
            all.positional.extend(arguments.positional.iter().cloned());
            all.keywords.extend(arguments.keywords.iter().cloned());
            let function = self.external(&format!("re.{method}"));
            return Some(self.call(&function, all));
        }
        let found = self.held_as(receiver, MATCH)?;
        let (groups, names) = (found.positional.clone(), found.keywords.clone());
        match &*method {
            "group" | "__getitem__" => match arguments.positional.as_slice() {
                [] => groups.first().cloned(),
                [key] => self.group_of_match(receiver, key),
                keys => {
                    let picked = keys.iter().filter_map(|key| self.group_of_match(receiver, key)).collect();
                    Some(self.heap.tuple(picked).with_origins(receiver.origins))
                }
            },
            "groups" => {
                let groups = groups.into_iter().skip(1).collect();
                Some(self.heap.tuple(groups).with_origins(receiver.origins))
            }
            "groupdict" => {
                let entries = names.into_iter().map(|(n, v)| (Value::str(self.symbols.text(n)), v)).collect();
                Some(self.heap.dict(entries).with_origins(receiver.origins))
            }
            _ => None,
        }
    }

    /// A group of a match, by its number or name.
    pub(super) fn group_of_match(&mut self, value: &Value, key: &Value) -> Option<Value> {
        let found = self.held_as(value, MATCH)?;
        match key.as_str() {
            Some(name) => {
                let named = found.keywords.iter().find(|(n, _)| self.symbols.as_str(*n) == name);
                named.map(|(_, value)| value.clone())
            }
            None => found.positional.get(usize::try_from(key.as_int()?).ok()?).cloned(),
        }
    }
}
