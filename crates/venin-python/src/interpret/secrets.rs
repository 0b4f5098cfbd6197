//! Secrets by name: of what a caller passes, the name is all that tells a secret from anything else.
//!
//! Such a value is a text of which nothing is known but that name: `⟨argument[private_key]⟩`.  Nothing is judged here.

use std::borrow::Cow;
use std::rc::Rc;

use venin_model::{Action, EventId, Family, OriginKind};

use super::Interpreter;
use super::function::Arguments;
use crate::value::{Kind, NameId, OriginSet, Part, PartialText, Sym, Value};

/// What authorizes a request of the caller, by the name of an item.
const LOGINS: [&str; 2] = ["auth", "authorization"];

/// What takes an address to pieces.
const ADDRESSES: [&str; 8] = [
    "urllib.parse.urlsplit()",
    "urllib.parse.urlparse()",
    "sqlalchemy.make_url()",
    "sqlalchemy.engine.make_url()",
    "sqlalchemy.engine.url.make_url()",
    "yarl.URL()",
    "httpx.URL()",
    "furl.furl()",
];

/// What holds a form that a visitor of a site sent.
const FORMS: [&str; 4] =
    ["flask.request.form", "flask.request.values", "quart.request.form", "bottle.request.forms"];

/// What keeps the caller of a browser or client logged in, by the name of an attribute, method or item.
fn session_name(name: &str) -> Option<&'static str> {
    match name {
        "cookies" | "COOKIES" | "get_cookies" => Some("cookies"),
        "storage_state" => Some("storage_state"),
        _ => None,
    }
}

/// What a visitor of a site typed into a form, passwords included, by the name of an attribute of the request (Django's).
fn form_name(name: &str) -> Option<&'static str> {
    (name == "POST").then_some("form")
}

/// Whether a value is nothing but what logs the caller in.
pub(super) fn is_login(value: &Value) -> bool {
    let Kind::Partial(text) = &value.kind else { return false };
    let [Part::Hole(hole)] = text.parts.as_slice() else { return false };
    let name = hole.strip_prefix("argument[").and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| LOGINS.contains(&name) || session_name(name).is_some())
}

impl Interpreter<'_> {
    /// What a caller outside the artifact would pass for a parameter of a function.
    pub(super) fn passed_argument(&mut self, name: Sym, function: &str) -> Value {
        let origins = self.origins.with_kind(OriginSet::EMPTY, OriginKind::Argument);
        match self.secret_named(name, function) {
            Some(secret) => secret.with_origins(self.origins.with_kind(origins, OriginKind::Secret)),
            None => Value::unknown().with_origins(origins),
        }
    }

    /// The text that a parameter stands for whose name tells a secret.
    fn secret_named(&self, name: Sym, function: &str) -> Option<Value> {
        let name = self.symbols.text(name);
        if is_secret_in(&name, function) {
            return Some(named_text("secret_key"));
        }
        let is_secret = is_secret_name(&name) || name.eq_ignore_ascii_case("token") && is_of_client(function);
        is_secret.then(|| named_text(&name))
    }

    /// Whether a parameter that a caller may leave out is a secret that one who passes anything passes.
    pub(super) fn is_secret_left_out(&self, name: Sym, function: &str, default: &Value) -> bool {
        let is_empty = matches!(default.kind, Kind::None) || default.as_str() == Some("");
        is_empty && self.secret_named(name, function).is_some()
    }

    /// A secret in something that a caller passed: its attribute or item of a telling name.  `None` where the container is
    /// known, comes from elsewhere, or the name tells nothing.
    pub(super) fn secret_within(&mut self, container: &Value, name: &str) -> Option<Value> {
        let told =
            if is_secret_name(name) { name } else { session_name(name).or_else(|| form_name(name))? };
        self.is_passed(container).then(|| self.secret_of(container, told))
    }

    /// The password in an address that a caller passed: `urlsplit(dsn).password`.
    pub(super) fn password_of_address(&mut self, address: &Value, made_by: &str, name: Sym) -> Option<Value> {
        let is_asked = self.symbols.as_str(name) == "password" && ADDRESSES.contains(&made_by);
        let is_passed = is_asked && self.origins.kinds(address.origins).contains(OriginKind::Argument);
        is_passed.then(|| self.secret_of(address, "password"))
    }

    /// The same for an item, by which what authorizes a request is named, too: `options["auth"]`.
    pub(super) fn secret_item(&mut self, container: &Value, name: &str) -> Option<Value> {
        let login = LOGINS.iter().copied().find(|login| name.eq_ignore_ascii_case(login));
        match login.filter(|_| self.is_passed(container)) {
            Some(login) => Some(self.secret_of(container, login)),
            None => self.secret_within(container, name),
        }
    }

    /// Whether somebody outside the artifact filled a container: the caller, or a visitor who sent a form.
    fn is_passed(&self, container: &Value) -> bool {
        match container.kind {
            Kind::Unknown | Kind::Dict(_) => {
                self.origins.kinds(container.origins).contains(OriginKind::Argument)
            }
            Kind::External { name, .. } => FORMS.contains(&&*self.names.text(name)),
            _ => false,
        }
    }

    fn secret_of(&mut self, container: &Value, name: &str) -> Value {
        let origins = self.origins.with_kind(container.origins, OriginKind::Secret);
        named_text(name).with_origins(origins)
    }

    /// The arguments of a call outside the artifact, with what logs the caller in no secret where it does just that:
    /// `auth=options["auth"]` and `cookies=driver.get_cookies()` are what every client hands on.
    pub(super) fn without_own_login<'a>(&mut self, arguments: &'a Arguments) -> Cow<'a, Arguments> {
        let is_handed = |me: &Self, name: Sym, value: &Value| {
            is_login(value) && matches!(me.symbols.as_str(name), "auth" | "cookies" | "storage_state")
        };
        if !arguments.keywords.iter().any(|(name, value)| is_handed(self, *name, value)) {
            return Cow::Borrowed(arguments);
        }
        let mut own = arguments.clone();
        for (name, value) in &mut own.keywords {
            if is_handed(self, *name, value) {
                value.origins = self.origins.without_kind(value.origins, OriginKind::Secret);
            }
        }
        Cow::Owned(own)
    }

    /// The origins of what a call or attribute of a name outside the artifact gives: an address, a signature or a digest
    /// does not tell the secret that it was made with, nor the file or store that the secret was read from.
    pub(super) fn origins_beyond(&mut self, name: NameId, origins: OriginSet) -> OriginSet {
        let kinds = self.origins.kinds(origins);
        let may_hold_key = [OriginKind::Secret, OriginKind::File, OriginKind::Host]
            .into_iter()
            .any(|kind| kinds.contains(kind));
        if !may_hold_key {
            return origins;
        }
        let name = self.names.text(name);
        if !tells_no_secret(&name) {
            return origins;
        }
        let is_key = is_of_key(&name);
        let events = &self.log.events;
        let told = self.origins.without_events(origins, |id| {
            let class = events.get(id.0 as usize).map(|event| event.class);
            class.is_some_and(|class| match class.family {
                Family::Ch => class.action == Action::Credential,
                Family::Cf => is_key && matches!(class.action, Action::Read | Action::Open),
                _ => false,
            })
        });
        let mut gone = vec![OriginKind::Secret];
        if kinds.contains(OriginKind::Secret) {
            gone.push(OriginKind::Argument);
        }
        if is_key {
            gone.push(OriginKind::File);
        }
        let of_host = |id: &EventId| events.get(id.0 as usize).is_some_and(|e| e.class.family == Family::Ch);
        if told != origins && !self.origins.export(told).events.iter().any(of_host) {
            gone.push(OriginKind::Host);
        }
        gone.into_iter().fold(told, |set, kind| self.origins.without_kind(set, kind))
    }
}

/// Whether a qualified name leads through an object made of a key: `nacl.signing.SigningKey().sign`.
fn is_of_key(name: &str) -> bool {
    const WORDS: [&str; 5] = ["key", "signer", "account", "wallet", "signature"];
    let Some((made, step)) = name.rsplit_once("().") else { return false };
    let made = made.to_ascii_lowercase();
    step.trim_end_matches("()") == "sign" || WORDS.iter().any(|word| made.contains(word))
}

/// Whether something of this qualified name is made with a secret and does not tell it.
fn tells_no_secret(name: &str) -> bool {
    const MAKERS: [&str; 6] = ["jwt.", "jose.", "itsdangerous.", "hashlib.", "hmac.", "bcrypt."];
    const STEPS: [&str; 14] = [
        "sign",
        "address",
        "public",
        "pub_key",
        "pubkey",
        "verify",
        "hash",
        "digest",
        "hexdigest",
        "signature",
        "check",
        "validate",
        "exists",
        "is_",
    ];
    let last = name.trim_end_matches("()").rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let last = last.trim_start_matches(['_', '[', ']']);
    // A `SigningKey` is the key itself.
    let is_key = last.starts_with("sign") && last.ends_with("key");
    let is_step = !is_key && STEPS.iter().any(|step| last.starts_with(step));
    is_step || MAKERS.iter().any(|maker| name.starts_with(maker))
}

/// Whether something of this name holds a secret text.
pub(super) fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 25] = [
        "privatekey",
        "privkey",
        "pvtkey",
        "secretkey",
        "walletkey",
        "mnemonic",
        "seedphrase",
        "secretphrase",
        "recoveryphrase",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "apisecret",
        "accesskey",
        "clientsecret",
        "consumersecret",
        "accesstoken",
        "authtoken",
        "apitoken",
        "bottoken",
        "refreshtoken",
        "bearertoken",
        "cardnumber",
        "frozencredentials",
    ];
    // Of most names the letters tell at once.
    if !(3..=40).contains(&name.len()) || !has_letters_of_secret(name) {
        return false;
    }
    let joined = name.replace(['_', '-'], "").to_ascii_lowercase();
    matches!(&*joined, "seed" | "secret" | "cvv" | "cvc" | "passw" | "userpw")
        || WORDS.iter().any(|word| joined.contains(word))
}

/// Whether a name holds the beginning of one of the words; `_` may stand in them, so no more than two letters are compared.
fn has_letters_of_secret(name: &str) -> bool {
    const BEGINNINGS: [&[u8; 2]; 10] = [b"fr", b"ke", b"pa", b"mn", b"se", b"to", b"ph", b"cv", b"ca", b"pr"];
    name.as_bytes()
        .windows(2)
        .any(|pair| BEGINNINGS.iter().any(|two| pair.eq_ignore_ascii_case(two.as_slice())))
}

/// Whether a function is one of something that logs in somewhere: elsewhere a `token` is a word of a text.
fn is_of_client(function: &str) -> bool {
    const WORDS: [&str; 9] =
        ["client", "login", "auth", "bot", "session", "api", "connect", "account", "wallet"];
    let function = function.to_ascii_lowercase();
    WORDS.iter().any(|word| function.contains(word))
}

/// Whether a parameter is a secret by what its function does: the `phrase` of `from_mnemonic`, the `secret` of a key pair, the
/// `key` that an account is made of.
fn is_secret_in(parameter: &str, function: &str) -> bool {
    const OF_PHRASES: [&str; 8] =
        ["mnemonic", "keypair", "key_pair", "wallet", "from_seed", "to_seed", "to_entropy", "private_key"];
    const OWNERS: [&str; 5] = ["account", "wallet", "signer", "keypair", "keystore"];
    let function = function.to_ascii_lowercase();
    match parameter {
        "phrase" | "seed" | "secret" | "words" => OF_PHRASES.iter().any(|word| function.contains(word)),
        "key" | "raw_key" | "key_hex" => {
            let (owner, method) = function.rsplit_once('.').unwrap_or(("", &function));
            let makes = matches!(method, "__init__" | "from_key" | "import_key" | "load_key" | "from_hex");
            makes && OWNERS.iter().any(|word| owner.ends_with(word))
        }
        // What is assigned to an attribute goes through its descriptor.
        "value" | "val" | "v" => {
            let owner = function.strip_suffix(".__set__");
            owner.is_some_and(|class| is_secret_name(class.rsplit('.').next().unwrap_or(class)))
        }
        _ => false,
    }
}

/// A text of which only the name is known: `⟨argument[private_key]⟩`.
fn named_text(name: &str) -> Value {
    let hole = Part::Hole(Rc::from(format!("argument[{name}]")));
    Value::new(Kind::Partial(Rc::new(PartialText { parts: vec![hole], is_bytes: false })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_name() {
        for name in [
            "password",
            "user_passwd",
            "apiKey",
            "API_SECRET",
            "private-key",
            "access_token",
            "cvv",
            "secret",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["token", "key", "name", "secretary", "passed", "keyword", "tokens", "md", "card"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_signature_and_an_address_tell_no_secret() {
        for name in [
            "eth_account.Account.from_key().address",
            "x.Key().sign_message",
            "jwt.encode",
            "a.b().public_key()",
            "Crypto.Signature.PKCS1_v1_5.new().sign",
        ] {
            assert!(tells_no_secret(name), "{name}");
        }
        for name in [
            "urllib.parse.urlencode",
            "x.Key().export",
            "nacl.signing.SigningKey",
            "json.dumps",
            "base64.b64encode()",
        ] {
            assert!(!tells_no_secret(name), "{name}");
        }
    }

    #[test]
    fn a_token_is_a_secret_of_what_logs_in_and_a_word_elsewhere() {
        assert!(is_of_client("ApiClient.__init__") && is_of_client("connect"));
        assert!(!is_of_client("Lexer.push") && !is_of_client("parse_line"));
    }

    #[test]
    fn a_key_is_a_secret_where_an_account_is_made_of_it() {
        assert!(is_secret_in("key", "Account.__init__") && is_secret_in("key", "LocalSigner.from_key"));
        assert!(is_secret_in("phrase", "to_seed") && is_secret_in("words", "Wallet.restore"));
        assert!(!is_secret_in("key", "Account.get") && !is_secret_in("key", "Cache.__init__"));
        assert!(!is_secret_in("phrase", "search"));
        assert!(is_secret_in("value", "Password.__set__") && !is_secret_in("value", "Color.__set__"));
    }
}
