//! Methods of objects that a call outside the artifact made: ciphers and digests whose key and data are known.
//!
//! `AES.new(key, mode, iv).decrypt(data)` needs the arguments of `AES.new`.  The interpreter keeps for each
//! such call a [`Maker`], found by the event that the call is.

use std::borrow::Cow;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use venin_model::EventId;

use super::args::{Args, ascii_or_bytes, bytes_like, given, int_or};
use super::cipher_blocks::{Aes, apply_chacha20, apply_rc4, apply_xor};
use super::digests::Algorithm;
use super::{Flow, FoldContext, Keywords, Row, binascii, radix};
use crate::value::{Kind, Sym, Value};

/// A call outside the artifact that made a value.
#[derive(Debug, Clone)]
pub struct Maker {
    /// Canonical qualified name of what was called, without parentheses at its end.
    pub name: Rc<str>,
    /// Positional arguments.
    pub args: Rc<[Value]>,
    /// Keyword arguments.
    pub keywords: Rc<[(Sym, Value)]>,
    /// The event that made the receiver, if the callee was a method of something made.
    pub receiver: Option<EventId>,
}

/// The calls of one analysis that made values, by their events.
pub type Makers = FxHashMap<EventId, Maker>;

/// Functions of this family that are called directly.
pub(super) const TABLE: &[Row] = &[("Crypto.Util.Padding.unpad", Flow::Decode, unpad)];

/// What a method of a made object sees.
struct Made<'a> {
    makers: &'a Makers,
    maker: &'a Maker,
    args: Args<'a>,
}

impl<'a> Made<'a> {
    fn maker_args(&self) -> Args<'a> {
        Args { values: &self.maker.args, keywords: &self.maker.keywords }
    }
}

type MadeFn = fn(&mut FoldContext<'_>, &Made<'_>) -> Option<Vec<u8>>;

/// Method of a made object, by the canonical name without the package's own prefix.
const METHODS: &[(&str, MadeFn)] = &[
    ("cryptography.fernet.Fernet().decrypt", fernet),
    ("Crypto.Cipher.AES.new().decrypt", aes_new),
    ("Crypto.Cipher.AES.new().decrypt_and_verify", aes_new),
    ("Crypto.Cipher.ARC4.new().decrypt", arc4),
    ("Crypto.Cipher.ARC4.new().encrypt", arc4),
    ("Crypto.Cipher.XOR.new().decrypt", xor_new),
    ("Crypto.Cipher.XOR.new().encrypt", xor_new),
    ("Crypto.Cipher.ChaCha20.new().decrypt", chacha20),
    ("Crypto.Cipher.ChaCha20.new().encrypt", chacha20),
    ("cryptography.hazmat.primitives.ciphers.Cipher().decryptor().update", hazmat_update),
    ("cryptography.hazmat.primitives.ciphers.aead.AESGCM().decrypt", aead_aes),
    ("cryptography.hazmat.primitives.ciphers.aead.ChaCha20Poly1305().decrypt", aead_chacha),
    ("pyaes.AESModeOfOperationCTR().decrypt", pyaes_ctr),
    ("pyaes.AESModeOfOperationECB().decrypt", pyaes_ecb),
    ("pyaes.AESModeOfOperationCBC().decrypt", pyaes_cbc),
    ("pyaes.AESModeOfOperationGCM().decrypt", pyaes_gcm),
];

/// Whether a method of a value that a call outside the artifact made may be folded, by its canonical name.
#[must_use]
pub fn is_method_of_made(name: &str) -> bool {
    let name = under_one_name(name);
    name.starts_with("hashlib.") || name.starts_with("hmac.") || METHODS.iter().any(|(n, _)| *n == name)
}

/// The two packages that bring the same ciphers, under the name of one of them.
fn under_one_name(name: &str) -> Cow<'_, str> {
    match name.strip_prefix("Cryptodome.") {
        Some(rest) => Cow::Owned(format!("Crypto.{rest}")),
        None => Cow::Borrowed(name),
    }
}

/// Folds a call of a method of a value that a call outside the artifact made.  `name` is the canonical name of
/// the method (`Crypto.Cipher.AES.new().decrypt`), `made_by` the event that made its receiver.
pub fn fold_made(
    cx: &mut FoldContext<'_>,
    makers: &Makers,
    name: &str,
    made_by: EventId,
    args: &[Value],
    keywords: Keywords<'_>,
) -> Option<Value> {
    let name = under_one_name(name);
    let made = Made { makers, maker: makers.get(&made_by)?, args: Args { values: args, keywords } };
    let mut origins = cx.origins_of(args);
    let maker_origins = maker_origins(cx, &made, 0);
    origins = cx.origins.union(origins, maker_origins);
    if let Some(value) = fold_digest(cx, &name, &made) {
        return Some(value.with_origins(origins));
    }
    let (_, run) = METHODS.iter().find(|(n, _)| *n == name)?;
    let bytes = run(cx, &made)?;
    let value = cx.make_bytes(bytes)?;
    let origins = cx.decoded(origins);
    Some(value.with_origins(origins))
}

fn maker_origins(cx: &mut FoldContext<'_>, made: &Made<'_>, depth: u8) -> crate::value::OriginSet {
    let mut origins = cx.origins_of(&made.maker.args);
    for (_, value) in made.maker.keywords.iter() {
        origins = cx.origins.union(origins, value.origins);
    }
    let outer = made.maker.receiver.and_then(|r| made.makers.get(&r)).filter(|_| depth < 4);
    if let Some(maker) = outer {
        let outer = maker_origins(cx, &Made { makers: made.makers, maker, args: made.args }, depth + 1);
        origins = cx.origins.union(origins, outer);
    }
    origins
}

/// `hashlib.sha256(data).hexdigest()` and its like.
fn fold_digest(cx: &mut FoldContext<'_>, name: &str, made: &Made<'_>) -> Option<Value> {
    let (maker, method) = name.rsplit_once("().")?;
    made.args.values.is_empty().then_some(())?;
    let args = made.maker_args();
    let (algorithm, data) = match maker.strip_prefix("hashlib.") {
        Some("new") => {
            let [name, data] = args.bind(cx, ["name", "data"])?;
            (Algorithm::find(name?.as_str()?)?, data?)
        }
        Some(name) => (Algorithm::find(name)?, args.values.first()?),
        None if maker == "hmac.new" => return hmac_new(cx, args, method),
        None => return None,
    };
    let data = bytes_like(cx, data)?.into_owned();
    cx.work(data.len() * 8)?;
    digest_value(cx, algorithm.digest(&data), method)
}

fn hmac_new(cx: &mut FoldContext<'_>, args: Args<'_>, method: &str) -> Option<Value> {
    let [key, data, name] = args.bind(cx, ["key", "msg", "digestmod"])?;
    let algorithm = match &name?.kind {
        Kind::Str(text) => Algorithm::find(text.as_str())?,
        Kind::External { name, .. } => Algorithm::find(cx.names.text(*name).strip_prefix("hashlib.")?)?,
        _ => return None,
    };
    let (key, data) = (bytes_like(cx, key?)?.into_owned(), bytes_like(cx, data?)?.into_owned());
    cx.work(data.len() * 8)?;
    digest_value(cx, algorithm.hmac(&key, &data), method)
}

fn digest_value(cx: &mut FoldContext<'_>, digest: Vec<u8>, method: &str) -> Option<Value> {
    match method {
        "digest" => cx.make_bytes(digest),
        "hexdigest" => cx.make_str(binascii::to_hex(&digest)),
        _ => None,
    }
}

/// The bytes of an argument, which must be there.
fn data(cx: &FoldContext<'_>, value: Option<&Value>) -> Option<Vec<u8>> {
    bytes_like(cx, value?).map(Cow::into_owned)
}

/// What is decrypted: the first argument of the method.
fn ciphertext(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let bytes = data(cx, made.args.values.first())?;
    cx.work(bytes.len() * 64)?;
    Some(bytes)
}

fn fernet(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key, _] = made.maker_args().bind(cx, ["key", "backend"])?;
    let key = urlsafe(&ascii_or_bytes(cx, key?)?)?;
    let token = ascii_or_bytes(cx, made.args.values.first()?)?.into_owned();
    cx.work(token.len() * 64)?;
    decrypt_fernet(&key, &urlsafe(&token)?)
}

fn urlsafe(text: &[u8]) -> Option<Vec<u8>> {
    let standard: Vec<u8> = text
        .iter()
        .map(|b| match b {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    radix::lenient_base64(&standard)
}

/// Decrypts a Fernet token: version, time, vector, AES-128-CBC, HMAC-SHA256.
fn decrypt_fernet(key: &[u8], token: &[u8]) -> Option<Vec<u8>> {
    let (signing, encryption) = key.split_at_checked(16).filter(|_| key.len() == 32)?;
    let (signed, tag) = token.split_at_checked(token.len().checked_sub(32)?)?;
    (signed.first() == Some(&0x80) && Algorithm::Sha256.hmac(signing, signed) == tag).then_some(())?;
    let padded = Aes::new(encryption)?.decrypt_cbc(signed.get(9..25)?, signed.get(25..)?)?;
    unpadded(&padded, 16)
}

/// Removes PKCS #7 padding.
fn unpadded(data: &[u8], block: usize) -> Option<Vec<u8>> {
    let padding = usize::from(*data.last()?);
    (1..=block).contains(&padding).then_some(())?;
    let (body, tail) = data.split_at_checked(data.len().checked_sub(padding)?)?;
    tail.iter().all(|b| usize::from(*b) == padding).then(|| body.to_vec())
}

fn unpad(cx: &mut FoldContext<'_>, args: Args<'_>) -> Option<Value> {
    let [padded, block, style] = args.bind(cx, ["padded_data", "block_size", "style"])?;
    style.is_none_or(|s| s.as_str() == Some("pkcs7")).then_some(())?;
    let padded = data(cx, padded)?;
    let out = unpadded(&padded, usize::try_from(block?.as_int()?).ok()?)?;
    cx.make_bytes(out)
}

/// PyCryptodome's `AES.new(key, mode, iv | nonce …)`.
fn aes_new(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let names = ["key", "mode", "iv", "nonce", "segment_size", "mac_len", "initial_value", "IV"];
    let [key, mode, iv, nonce, segment, _, initial, iv_2] = made.maker_args().bind(cx, names)?;
    let aes = Aes::new(&data(cx, key)?)?;
    let bytes = ciphertext(cx, made)?;
    // The third argument by position is the vector or the nonce, as the mode asks.
    let vector = iv.or(iv_2).or(nonce);
    let vector = given(vector).map(|v| data(cx, Some(v))).map_or(Some(Vec::new()), |v| v)?;
    match mode.map_or(Some(1), Value::as_int)? {
        1 => aes.decrypt_ecb(&bytes),
        2 => aes.decrypt_cbc(&vector, &bytes),
        3 => aes.decrypt_cfb(&vector, &bytes, usize::try_from(int_or(segment, 8)?).ok()? / 8),
        5 => aes.apply_ofb(&vector, &bytes),
        6 => {
            let initial = match given(initial) {
                Some(value) => super::args::big_of(value)?.try_into().ok()?,
                None => 0u128,
            };
            (vector.len() < 16).then_some(())?;
            let mut start = vector.clone();
            start.resize(16, 0);
            let start = u128::from_be_bytes(start.try_into().ok()?).checked_add(initial)?;
            Some(aes.apply_ctr(start.to_be_bytes(), &bytes, 16 - vector.len()))
        }
        9 => Some(aes.apply_eax(&vector, &bytes)),
        11 => aes.apply_gcm(&vector, &bytes),
        _ => None,
    }
}

fn arc4(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key, drop] = made.maker_args().bind(cx, ["key", "drop"])?;
    let drop = usize::try_from(int_or(drop, 0)?).ok()?;
    let bytes = ciphertext(cx, made)?;
    apply_rc4(&data(cx, key)?, &bytes, drop)
}

fn xor_new(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key] = made.maker_args().bind(cx, ["key"])?;
    let bytes = ciphertext(cx, made)?;
    Some(apply_xor(&data(cx, key)?, &bytes))
}

fn chacha20(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key, nonce] = made.maker_args().bind(cx, ["key", "nonce"])?;
    let bytes = ciphertext(cx, made)?;
    apply_chacha20(&data(cx, key)?, &data(cx, nonce)?, 0, &bytes)
}

/// The maker of a value that is the result of a call outside the artifact.
fn maker_of<'m>(made: &Made<'m>, value: &Value) -> Option<&'m Maker> {
    match value.kind {
        Kind::External { made_by: Some(event), .. } => made.makers.get(&event),
        _ => None,
    }
}

/// `Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)`.
fn hazmat_update(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    // `decryptor()` may be an event of its own, or pass through to the call of `Cipher`.
    let cipher = match made.maker.receiver {
        Some(receiver) if made.maker.name.ends_with(".decryptor") => made.makers.get(&receiver)?,
        _ => made.maker,
    };
    let args = Args { values: &cipher.args, keywords: &cipher.keywords };
    let [algorithm, mode, _] = args.bind(cx, ["algorithm", "mode", "backend"])?;
    let algorithm = maker_of(made, algorithm?)?;
    let key = data(cx, algorithm.args.first())?;
    let bytes = ciphertext(cx, made)?;
    let mode = given(mode).map(|m| maker_of(made, m)).map_or(Some(None), |m| m.map(Some))?;
    let vector =
        mode.and_then(|m| m.args.first()).map(|v| data(cx, Some(v))).map_or(Some(Vec::new()), |v| v)?;
    let mode_name = mode.map_or("", |m| m.name.rsplit('.').next().unwrap_or(""));
    match algorithm.name.rsplit('.').next()? {
        "AES" | "AES128" | "AES256" => {
            let aes = Aes::new(&key)?;
            match mode_name {
                "ECB" => aes.decrypt_ecb(&bytes),
                "CBC" => aes.decrypt_cbc(&vector, &bytes),
                "CFB" => aes.decrypt_cfb(&vector, &bytes, 16),
                "CFB8" => aes.decrypt_cfb(&vector, &bytes, 1),
                "OFB" => aes.apply_ofb(&vector, &bytes),
                "CTR" => Some(aes.apply_ctr(vector.try_into().ok()?, &bytes, 16)),
                "GCM" => aes.apply_gcm(&vector, &bytes),
                _ => None,
            }
        }
        "ARC4" => apply_rc4(&key, &bytes, 0),
        "ChaCha20" => {
            // The nonce of this library begins with the counter.
            let nonce = data(cx, algorithm.args.get(1))?;
            let (counter, nonce) = nonce.split_at_checked(8)?;
            apply_chacha20(&key, nonce, u64::from_le_bytes(counter.try_into().ok()?), &bytes)
        }
        _ => None,
    }
}

/// The parts of an authenticated decryption: key, nonce, and ciphertext without its tag.
fn aead(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let [key] = made.maker_args().bind(cx, ["key"])?;
    let [nonce, sealed, _] = made.args.bind(cx, ["nonce", "data", "associated_data"])?;
    let mut sealed = data(cx, sealed)?;
    cx.work(sealed.len() * 64)?;
    sealed.truncate(sealed.len().checked_sub(16)?);
    Some((data(cx, key)?, data(cx, nonce)?, sealed))
}

fn aead_aes(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let (key, nonce, sealed) = aead(cx, made)?;
    Aes::new(&key)?.apply_gcm(&nonce, &sealed)
}

fn aead_chacha(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let (key, nonce, sealed) = aead(cx, made)?;
    (nonce.len() == 12).then_some(())?;
    apply_chacha20(&key, &nonce, 1, &sealed)
}

fn pyaes_ctr(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key] = made.maker_args().exactly()?;
    let bytes = ciphertext(cx, made)?;
    // Without a counter of its own this library begins with one.
    Some(Aes::new(&data(cx, Some(key))?)?.apply_ctr(1u128.to_be_bytes(), &bytes, 16))
}

fn pyaes_ecb(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key] = made.maker_args().bind(cx, ["key"])?;
    let bytes = ciphertext(cx, made)?;
    Aes::new(&data(cx, key)?)?.decrypt_ecb(&bytes)
}

fn pyaes_cbc(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key, iv] = made.maker_args().bind(cx, ["key", "iv"])?;
    let bytes = ciphertext(cx, made)?;
    let iv = given(iv).map(|v| data(cx, Some(v))).map_or(Some(vec![0; 16]), |v| v)?;
    Aes::new(&data(cx, key)?)?.decrypt_cbc(&iv, &bytes)
}

fn pyaes_gcm(cx: &mut FoldContext<'_>, made: &Made<'_>) -> Option<Vec<u8>> {
    let [key, iv] = made.maker_args().bind(cx, ["key", "iv"])?;
    let bytes = ciphertext(cx, made)?;
    Aes::new(&data(cx, key)?)?.apply_gcm(&data(cx, iv)?, &bytes)
}
