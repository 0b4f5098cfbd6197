//! Constants of well-known modules.

use super::reflect;
use crate::value::{Kind, OriginSet, Value};

/// Text constants.
const TEXTS: &[(&str, &str)] = &[
    ("string.ascii_lowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("string.ascii_uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.ascii_letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.lowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("string.uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.digits", "0123456789"),
    ("string.hexdigits", "0123456789abcdefABCDEF"),
    ("string.octdigits", "01234567"),
    ("string.punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ("string.whitespace", " \t\n\r\x0b\x0c"),
    (
        "string.printable",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\
         !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c",
    ),
    ("os.curdir", "."),
    ("os.pardir", ".."),
    ("os.extsep", "."),
    ("os.path.curdir", "."),
    ("os.path.pardir", ".."),
    ("os.path.extsep", "."),
    ("posixpath.sep", "/"),
    ("ntpath.sep", "\\"),
];

/// Integer constants: those that are the same on every platform.
const INTEGERS: &[(&str, i64)] = &[
    ("sys.maxunicode", 0x0010_FFFF),
    ("zlib.MAX_WBITS", 15),
    ("lzma.FORMAT_AUTO", 0),
    ("lzma.FORMAT_XZ", 1),
    ("lzma.FORMAT_ALONE", 2),
    ("lzma.FORMAT_RAW", 3),
    ("re.I", 2),
    ("re.IGNORECASE", 2),
    ("re.L", 4),
    ("re.LOCALE", 4),
    ("re.M", 8),
    ("re.MULTILINE", 8),
    ("re.S", 16),
    ("re.DOTALL", 16),
    ("re.U", 32),
    ("re.UNICODE", 32),
    ("re.X", 64),
    ("re.VERBOSE", 64),
    ("re.A", 256),
    ("re.ASCII", 256),
    ("Crypto.Cipher.AES.MODE_ECB", 1),
    ("Crypto.Cipher.AES.MODE_CBC", 2),
    ("Crypto.Cipher.AES.MODE_CFB", 3),
    ("Crypto.Cipher.AES.MODE_OFB", 5),
    ("Crypto.Cipher.AES.MODE_CTR", 6),
    ("Crypto.Cipher.AES.MODE_EAX", 9),
    ("Crypto.Cipher.AES.MODE_GCM", 11),
    ("Crypto.Cipher.AES.block_size", 16),
];

/// The value of a module's constant by its canonical qualified name, if it is the same everywhere.
#[must_use]
pub fn fold_attribute(name: &str) -> Option<Value> {
    let text = TEXTS.iter().find(|(n, _)| *n == name).map(|(_, text)| Value::str(*text));
    let crypto = name.strip_prefix("Cryptodome.").map(|rest| format!("Crypto.{rest}"));
    let name = crypto.as_deref().unwrap_or(name);
    let integer = || INTEGERS.iter().find(|(n, _)| *n == name).map(|(_, i)| Value::int(*i));
    let value = text.or_else(integer).or_else(|| float(name)).or_else(|| reflect::attribute(name))?;
    Some(value.with_origins(OriginSet::LITERAL))
}

fn float(name: &str) -> Option<Value> {
    Some(Value::new(Kind::Float(match name {
        "math.pi" => std::f64::consts::PI,
        "math.e" => std::f64::consts::E,
        "math.tau" => std::f64::consts::TAU,
        "math.inf" => f64::INFINITY,
        "math.nan" => f64::NAN,
        _ => return None,
    })))
}
