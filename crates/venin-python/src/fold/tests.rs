//! Claims about folding that a table of expressions cannot make: partial texts, origins, budgets, ciphers.

use std::rc::Rc;

use proptest::prelude::*;
use venin_model::{EventId, OriginKind};

use super::*;
use crate::source::ir::{BinaryOp, CompareOp};
use crate::value::{Heap, Kind, Names, Object, OriginSet, OriginTable, Part, PartialText, Symbols, Value};

/// The owned parts of a context.
#[derive(Default)]
struct World {
    heap: Heap,
    origins: OriginTable,
    symbols: Symbols,
    names: Names,
}

impl World {
    fn cx(&mut self) -> FoldContext<'_> {
        FoldContext {
            heap: &mut self.heap,
            origins: &mut self.origins,
            symbols: &mut self.symbols,
            names: &self.names,
        }
    }

    fn external(&mut self, name: &str) -> Value {
        Value::new(Kind::External { name: self.names.intern(name), made_by: None })
    }

    fn call(&mut self, name: &str, args: &[Value]) -> Option<Value> {
        fold_call(&mut self.cx(), name, args, &[])
    }

    fn method(&mut self, receiver: &Value, name: &str, args: &[Value]) -> Option<Value> {
        fold_method(&mut self.cx(), receiver, name, args, &[])
    }

    fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        fold_binary(&mut self.cx(), op, left, right)
    }

    fn is_decoded(&self, value: &Value) -> bool {
        self.origins.kinds(value.origins).contains(OriginKind::Decoded)
    }
}

fn literal(text: &str) -> Value {
    Value::str(text).with_origins(OriginSet::LITERAL)
}

fn hole(name: &str) -> Value {
    Value::new(Kind::Partial(Rc::new(PartialText {
        parts: vec![Part::Hole(Rc::from(name))],
        is_bytes: false,
    })))
}

fn rendered(value: Option<Value>) -> String {
    match value.map(|v| v.kind) {
        Some(Kind::Partial(text)) => text.render(),
        Some(Kind::Str(text)) => text.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn rounding_to_the_least_integer_of_places_is_given_up() {
    let mut world = World::default();
    let args = [Value::int(12), Value::int(i64::MIN)];
    assert!(fold_call(&mut world.cx(), "round", &args, &[]).is_none());
}

#[test]
fn every_call_is_folded_in_one_place() {
    let mut seen = rustc_hash::FxHashSet::default();
    for (name, _, _) in TABLES.iter().flat_map(|table| table.iter()) {
        assert!(seen.insert(*name), "`{name}` stands in two tables");
    }
}

#[test]
fn concatenation_with_something_unknown_keeps_what_is_known() {
    let mut world = World::default();
    let home = world.external("os.environ[]");
    let path = world.binary(BinaryOp::Add, &home, &literal("/.cache/x"));
    assert_eq!(rendered(path.clone()), "⟨os.environ[]⟩/.cache/x");
    let longer = world.binary(BinaryOp::Add, &literal("cd "), &path.expect("a partial text"));
    assert_eq!(rendered(longer), "cd ⟨os.environ[]⟩/.cache/x");
}

#[test]
fn a_number_and_a_text_do_not_concatenate_and_two_unknowns_are_no_text() {
    let mut world = World::default();
    assert!(world.binary(BinaryOp::Add, &literal("a"), &Value::int(1)).is_none());
    assert!(world.binary(BinaryOp::Add, &Value::unknown(), &Value::unknown()).is_none());
    assert!(world.binary(BinaryOp::Add, &hole("x"), &Value::int(1)).is_none());
}

#[test]
fn bytes_with_a_hole_stay_bytes() {
    let mut world = World::default();
    let joined = world.binary(BinaryOp::Add, &Value::bytes(b"\xffA".to_vec()), &hole("socket"));
    let Some(Kind::Partial(text)) = joined.map(|v| v.kind) else { panic!("not a partial text") };
    assert!(text.is_bytes);
    assert_eq!(text.render(), "ÿA⟨socket⟩");
}

#[test]
fn formatting_joins_and_percent_name_their_holes() {
    let mut world = World::default();
    let user = world.external("getpass.getuser()");
    assert_eq!(
        rendered(world.method(&literal("u={}&n={:03}"), "format", &[user.clone(), Value::int(7)])),
        "u=⟨getpass.getuser()⟩&n=007"
    );
    let pair = world.heap.tuple(vec![user.clone(), Value::int(5)]);
    assert_eq!(rendered(world.binary(BinaryOp::Mod, &literal("%s-%d"), &pair)), "⟨getpass.getuser()⟩-5");
    let list = world.heap.list(vec![literal("a"), user.clone()]);
    assert_eq!(rendered(world.method(&literal(","), "join", &[list])), "a,⟨getpass.getuser()⟩");
    let piece = fold_format(&mut world.cx(), &user, None, "").expect("a hole");
    let text = join_text(&mut world.cx(), &[literal("<"), piece, literal(">"), Value::unknown()]);
    assert_eq!(rendered(Some(text)), "<⟨getpass.getuser()⟩>⟨?⟩");
}

#[test]
fn methods_of_a_partial_text_change_its_known_parts() {
    let mut world = World::default();
    let text = world.binary(BinaryOp::Add, &literal("  HTTP://"), &hole("host")).expect("a text");
    let text = world.binary(BinaryOp::Add, &text, &literal("/A.EXE\n")).expect("a text");
    assert_eq!(rendered(world.method(&text, "lower", &[])), "  http://⟨host⟩/a.exe\n");
    let stripped = world.method(&text, "strip", &[]).expect("a text");
    assert_eq!(rendered(Some(stripped.clone())), "HTTP://⟨host⟩/A.EXE");
    assert_eq!(
        rendered(world.method(&stripped, "replace", &[literal("HTTP"), literal("http")])),
        "http://⟨host⟩/A.EXE"
    );
    let starts = world.method(&stripped, "startswith", &[literal("HTTP:")]);
    assert!(matches!(starts.map(|v| v.kind), Some(Kind::Bool(true))));
    assert!(world.method(&stripped, "startswith", &[literal("HTTP://x")]).is_none());
    let encoded = world.method(&stripped, "encode", &[]).expect("bytes");
    assert!(matches!(&encoded.kind, Kind::Partial(t) if t.is_bytes));
}

#[test]
fn a_partial_text_is_cut_where_it_is_known() {
    let mut world = World::default();
    let url = world.binary(BinaryOp::Add, &hole("host"), &literal("/a/run.exe")).expect("a text");
    let pair = world.method(&url, "rsplit", &[literal("/"), Value::int(1)]).expect("a pair");
    let items = iterate(&mut world.cx(), &pair, 2).expect("two");
    assert_eq!(rendered(items.first().cloned()), "⟨host⟩/a");
    assert_eq!(rendered(items.last().cloned()), "run.exe");
    assert!(world.method(&url, "split", &[literal("/")]).is_none());
}

#[test]
fn paths_keep_holes_for_what_depends_on_the_host() {
    let mut world = World::default();
    let home = world.call("os.path.expanduser", &[literal("~/.config")]).expect("a path");
    assert_eq!(rendered(Some(home.clone())), "⟨home⟩/.config");
    assert!(world.origins.kinds(home.origins).contains(OriginKind::Host));
    let file = world.call("os.path.join", &[home, literal("auto"), literal("run.py")]).expect("a path");
    assert_eq!(rendered(Some(file.clone())), "⟨home⟩/.config/auto/run.py");
    assert_eq!(rendered(world.call("os.path.basename", std::slice::from_ref(&file))), "run.py");
    assert_eq!(rendered(world.call("os.path.dirname", std::slice::from_ref(&file))), "⟨home⟩/.config/auto");
    let vars = world.call("os.path.expandvars", &[literal("%APPDATA%\\x\\$USER.txt")]);
    assert_eq!(rendered(vars), "⟨os.environ[APPDATA]⟩\\x\\⟨os.environ[USER]⟩.txt");
}

#[test]
fn decoding_marks_its_result_and_plain_charsets_do_not() {
    let mut world = World::default();
    let encoded = literal("cHJpbnQ=");
    let bytes = world.call("base64.b64decode", &[encoded]).expect("bytes");
    assert!(world.is_decoded(&bytes));
    assert!(world.origins.kinds(bytes.origins).contains(OriginKind::Literal));
    let plain = world.method(&Value::bytes(b"abc".to_vec()).with_origins(OriginSet::LITERAL), "decode", &[]);
    assert!(plain.is_some_and(|v| !world.is_decoded(&v)));
    let rotated = world.call("codecs.decode", &[literal("cevag"), literal("rot13")]);
    assert!(rotated.is_some_and(|v| world.is_decoded(&v)));
    let letter = world.call("chr", &[Value::int(97).with_origins(OriginSet::LITERAL)]);
    assert!(letter.is_some_and(|v| world.is_decoded(&v)));
    let mixed = world.binary(BinaryOp::BitXor, &Value::int(5), &Value::int(3));
    assert!(mixed.is_some_and(|v| world.is_decoded(&v)));
}

#[test]
fn an_element_carries_its_own_origins_and_not_its_neighbours() {
    let mut world = World::default();
    let network = world.origins.with_kind(OriginSet::EMPTY, OriginKind::Network);
    let list = world.heap.list(vec![literal("a"), Value::str("b").with_origins(network)]);
    let first = fold_subscript(&mut world.cx(), &list, &Value::int(0)).expect("an element");
    assert!(!world.origins.kinds(first.origins).contains(OriginKind::Network));
    let joined = world.method(&literal(""), "join", &[list]).expect("a text");
    assert!(world.origins.kinds(joined.origins).contains(OriginKind::Network));
}

#[test]
fn methods_change_containers_in_the_heap() {
    let mut world = World::default();
    let list = world.heap.list(vec![Value::int(3), Value::int(1)]);
    world.method(&list, "append", &[Value::int(2)]).expect("append");
    world.method(&list, "sort", &[]).expect("sort");
    world.method(&list, "reverse", &[]).expect("reverse");
    assert_eq!(render_repr(&mut world.cx(), &list).as_deref(), Some("[3, 2, 1]"));
    let same =
        fold_in_place(&mut world.cx(), BinaryOp::Add, &list, &Value::bytes(b"\0".to_vec())).expect("extend");
    assert!(matches!((&same.kind, &list.kind), (Kind::List(a), Kind::List(b)) if a == b));
    assert_eq!(render_repr(&mut world.cx(), &list).as_deref(), Some("[3, 2, 1, 0]"));
    let array = Value::new(Kind::ByteArray(world.heap.insert(Object::Bytes(b"abc".to_vec()))));
    fold_store(&mut world.cx(), &array, &Value::int(-1), &Value::int(90)).expect("store");
    fold_delete(&mut world.cx(), &array, &Value::int(0)).expect("delete");
    assert_eq!(render_repr(&mut world.cx(), &array).as_deref(), Some("bytearray(b'bZ')"));
}

#[test]
fn an_endless_iterator_is_not_iterated_but_zips() {
    let mut world = World::default();
    let cycle = world.call("itertools.cycle", &[literal("ab")]).expect("an iterator");
    assert!(iterate(&mut world.cx(), &cycle, 1000).is_none());
    let pairs = world.call("zip", &[literal("xyz"), cycle]).expect("pairs");
    let items = iterate(&mut world.cx(), &pairs, 10).expect("three pairs");
    assert_eq!(items.len(), 3);
}

#[test]
fn huge_results_are_refused_at_once_and_leave_the_budget_whole() {
    let mut world = World::default();
    let big = world.call("pow", &[Value::int(10), Value::int(100_000_000)]);
    assert!(big.is_none());
    assert!(world.binary(BinaryOp::Mult, &literal("A"), &Value::int(1_000_000_000)).is_none());
    assert!(world.binary(BinaryOp::Pow, &Value::int(10), &Value::int(100_000_000)).is_none());
    assert!(world.binary(BinaryOp::LShift, &Value::int(1), &Value::int(i64::MAX)).is_none());
    assert!(world.method(&literal("a"), "ljust", &[Value::int(i64::MAX)]).is_none());
    assert!(world.method(&literal("a"), "zfill", &[Value::int(1 << 40)]).is_none());
    assert!(world.method(&literal("\t"), "expandtabs", &[Value::int(1 << 40)]).is_none());
    assert!(world.call("bytes", &[Value::int(1 << 40)]).is_none());
    assert!(world.call("list", &[Value::new(Kind::Range(0, i64::MAX, 1))]).is_none());
    assert!(fold_format(&mut world.cx(), &Value::int(1), None, "9999999999d").is_none());
    assert!(world.binary(BinaryOp::Mod, &literal("%9999999999d"), &Value::int(1)).is_none());
    assert!(world.call("itertools.repeat", &[Value::int(1), Value::int(1 << 40)]).is_none());
    assert!(world.call("chr", &[Value::int(97)]).is_some());
    assert!(!world.heap.is_exhausted());
}

#[test]
fn a_decompression_bomb_stops_at_the_budget() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 64 << 20]).expect("compressed");
    let bomb = Value::bytes(encoder.finish().expect("compressed"));
    let mut world = World::default();
    assert!(world.call("zlib.decompress", std::slice::from_ref(&bomb)).is_none());
    for _ in 0..10 {
        assert!(world.call("zlib.decompress", std::slice::from_ref(&bomb)).is_none());
    }
    assert!(world.heap.is_exhausted());
}

#[test]
fn building_a_text_piece_by_piece_is_affordable() {
    let mut world = World::default();
    let mut text = Value::str("");
    for n in 0..60_000 {
        let c = world.call("chr", &[Value::int(97 + n % 26)]).expect("a character");
        text = world.binary(BinaryOp::Add, &text, &c).expect("within the budget");
    }
    assert_eq!(text.as_str().map(str::len), Some(60_000));
}

#[test]
fn keeping_every_prefix_of_a_text_is_not_affordable() {
    let mut world = World::default();
    let mut kept = vec![Value::str("x".repeat(1 << 20))];
    while let Some(last) = kept.last().cloned() {
        match world.binary(BinaryOp::Add, &last, &literal("y")) {
            Some(next) => kept.push(next),
            None => break,
        }
    }
    assert!(kept.len() < 200, "{} MiB were made", kept.len());
}

#[test]
fn a_list_that_contains_itself_prints_nothing_and_does_not_overflow() {
    let mut world = World::default();
    let list = world.heap.list(Vec::new());
    world.method(&list, "append", std::slice::from_ref(&list)).expect("append");
    assert!(render_repr(&mut world.cx(), &list).is_none());
    let other = world.heap.list(Vec::new());
    world.method(&other, "append", std::slice::from_ref(&other)).expect("append");
    assert!(fold_compare(&mut world.cx(), CompareOp::Eq, &list, &other).is_none());
    assert!(world.call("json.dumps", &[list]).is_none());
}

#[test]
fn deep_nesting_in_data_is_refused() {
    let mut world = World::default();
    let deep = literal(&"[".repeat(100_000));
    assert!(world.call("json.loads", std::slice::from_ref(&deep)).is_none());
    assert!(world.call("ast.literal_eval", &[deep]).is_none());
    assert!(world.call("ast.literal_eval", &[literal(&"-".repeat(100_000))]).is_none());
}

#[test]
fn what_the_host_decides_is_not_a_constant() {
    assert!(fold_attribute("os.sep").is_none());
    assert!(fold_attribute("sys.platform").is_none());
    assert_eq!(
        fold_attribute("string.digits").and_then(|v| v.as_str().map(str::to_owned)).as_deref(),
        Some("0123456789")
    );
}

/// Runs a method of an object that one call made.
fn made(
    world: &mut World,
    maker: &str,
    maker_args: Vec<Value>,
    method: &str,
    args: &[Value],
) -> Option<Value> {
    let mut makers = Makers::default();
    let maker_of = |name: &str, args: Vec<Value>| Maker {
        name: Rc::from(name),
        args: args.into(),
        keywords: Rc::from([]),
        receiver: None,
    };
    makers.insert(EventId(1), maker_of(maker, maker_args));
    fold_made(&mut world.cx(), &makers, method, EventId(1), args, &[])
}

fn from_hex(text: &str) -> Value {
    Value::bytes(binascii::from_hex(text.as_bytes()).expect("hexadecimal"))
}

fn key() -> Value {
    Value::bytes((0..32).collect::<Vec<u8>>())
}

#[test]
fn aes_modes_decrypt_with_a_key_in_the_source() {
    let key = || from_hex("000102030405060708090a0b0c0d0e0f");
    let iv = || from_hex("101112131415161718191a1b1c1d1e1f");
    // mode, ciphertext of `openssl enc -aes-128-…`
    let cases = [
        (2, "5dc62409d87560ba1d400775eecea810430d5f57220e58ff8df34783f11d403f"),
        (3, "7706433f302d093afd1cb4241fad6a38491f9a11"),
        (5, "778c861a95f57706f52e997efcf0b2e5eca1ed66"),
    ];
    for (mode, sealed) in cases {
        let mut world = World::default();
        let args = vec![key(), Value::int(mode), iv()];
        let out = made(
            &mut world,
            "Crypto.Cipher.AES.new",
            args,
            "Crypto.Cipher.AES.new().decrypt",
            &[from_hex(sealed)],
        );
        let out = out.expect("decrypted");
        assert!(out.as_bytes().is_some_and(|b| b.starts_with(b"print the word venin")), "mode {mode}");
        assert!(world.is_decoded(&out));
    }
    let ctr = cipher_blocks::Aes::new(key().as_bytes().expect("bytes")).expect("a cipher");
    let start = 0x1011_1213_1415_1617_1819_1a1b_1c1d_1e1f_u128.to_be_bytes();
    let sealed = from_hex("778c861a95f57706f52e997efcf0b2e5f7acac6a");
    assert_eq!(ctr.apply_ctr(start, sealed.as_bytes().expect("bytes"), 16), b"print the word venin");
}

#[test]
fn authenticated_modes_decrypt() {
    let mut world = World::default();
    let short = from_hex("d7297e07c17cc3970e0c1d359b2ff7f89a108752ff7fbd0505424e91feb1ab9d734302c3");
    let method = "cryptography.hazmat.primitives.ciphers.aead.AESGCM().decrypt";
    let maker = "cryptography.hazmat.primitives.ciphers.aead.AESGCM";
    let nonce = |n: usize| Value::bytes(vec![b'n'; n]);
    let out = made(&mut world, maker, vec![key()], method, &[nonce(12), short, Value::none()]);
    assert_eq!(out.expect("decrypted").as_bytes(), Some(b"print the word venin".as_slice()));
    let odd = from_hex("fbedaf6e6e92c4c504c891bda036c151a7a1c3ae578245289cb604187f202577873d3845");
    let out = made(&mut world, maker, vec![key()], method, &[nonce(8), odd, Value::none()]);
    assert_eq!(out.expect("decrypted").as_bytes(), Some(b"print the word venin".as_slice()));
    let sealed = from_hex("b2163b373bd4d479f95694298e00c513c70099c1a306a3139f2160ec9a8cd5051e8fbcdc");
    let method = "cryptography.hazmat.primitives.ciphers.aead.ChaCha20Poly1305().decrypt";
    let out = made(&mut world, "x", vec![key()], method, &[nonce(12), sealed, Value::none()]);
    assert_eq!(out.expect("decrypted").as_bytes(), Some(b"print the word venin".as_slice()));
    // The first vector of the paper that defines EAX.
    let eax =
        cipher_blocks::Aes::new(from_hex("91945d3f4dcbee0bf45ef52255f095a4").as_bytes().expect("bytes"));
    let nonce = from_hex("becaf043b0a23d843194ba972c66debd");
    assert_eq!(
        eax.expect("a cipher").apply_eax(nonce.as_bytes().expect("bytes"), &[0x19, 0xDD]),
        [0xF7, 0xFB]
    );
}

#[test]
fn fernet_rc4_and_digests_fold() {
    let mut world = World::default();
    let fernet_key = world.call("base64.urlsafe_b64encode", &[key()]).expect("a key");
    let token = Value::bytes(FERNET_TOKEN.as_bytes().to_vec());
    let method = "cryptography.fernet.Fernet().decrypt";
    let out = made(&mut world, "cryptography.fernet.Fernet", vec![fernet_key.clone()], method, &[token]);
    assert_eq!(out.expect("decrypted").as_bytes(), Some(b"print(\"venin\")".as_slice()));
    let damaged = Value::bytes(FERNET_TOKEN.replace("AAEC", "AAED").into_bytes());
    assert!(made(&mut world, "cryptography.fernet.Fernet", vec![fernet_key], method, &[damaged]).is_none());
    let rc4 = made(
        &mut world,
        "Crypto.Cipher.ARC4.new",
        vec![Value::bytes(b"Key".to_vec())],
        "Cryptodome.Cipher.ARC4.new().decrypt",
        &[from_hex("bbf316e8d940af0ad3")],
    );
    assert_eq!(rc4.expect("decrypted").as_bytes(), Some(b"Plaintext".as_slice()));
    let digest =
        made(&mut world, "hashlib.md5", vec![Value::bytes(b"abc".to_vec())], "hashlib.md5().hexdigest", &[]);
    assert_eq!(rendered(digest), "900150983cd24fb0d6963f7d28e17f72");
}

/// A token of `print("venin")` under the key of the bytes 0 to 31, made by the `cryptography` package.
const FERNET_TOKEN: &str =
    "gAAAAAAAAAABAAECAwQFBgcICQoLDA0ODyh1qZKWwyEkY4Rb4xyINMq5hGw8mV2z3K5Q53K2ubd9gyVFiX4S5T_NZ9upYEjXIw==";

#[test]
fn a_cipher_in_pieces_is_put_together_from_its_makers() {
    let mut world = World::default();
    let external = |world: &mut World, name: &str, event: u32| {
        Value::new(Kind::External { name: world.names.intern(name), made_by: Some(EventId(event)) })
    };
    let package = "cryptography.hazmat.primitives.ciphers";
    let algorithm = external(&mut world, &format!("{package}.algorithms.AES()"), 1);
    let mode = external(&mut world, &format!("{package}.modes.CBC()"), 2);
    let maker = |name: String, args: Vec<Value>, receiver| Maker {
        name: name.into(),
        args: args.into(),
        keywords: Rc::from([]),
        receiver,
    };
    let mut makers = Makers::default();
    let key = from_hex("000102030405060708090a0b0c0d0e0f");
    makers.insert(EventId(1), maker(format!("{package}.algorithms.AES"), vec![key], None));
    let iv = from_hex("101112131415161718191a1b1c1d1e1f");
    makers.insert(EventId(2), maker(format!("{package}.modes.CBC"), vec![iv], None));
    makers.insert(EventId(3), maker(format!("{package}.Cipher"), vec![algorithm, mode], None));
    makers.insert(EventId(4), maker(format!("{package}.Cipher().decryptor"), Vec::new(), Some(EventId(3))));
    let sealed = from_hex("5dc62409d87560ba1d400775eecea810430d5f57220e58ff8df34783f11d403f");
    let name = format!("{package}.Cipher().decryptor().update");
    for event in [3, 4] {
        let out =
            fold_made(&mut world.cx(), &makers, &name, EventId(event), std::slice::from_ref(&sealed), &[]);
        assert!(out.is_some_and(|v| v.as_bytes().is_some_and(|b| b.starts_with(b"print the word venin"))));
    }
}

/// Any value, nested at most twice, built in a heap.
#[derive(Debug, Clone)]
enum Seed {
    Scalar(u8, i64, String, Vec<u8>),
    Container(u8, Vec<Seed>),
}

fn seeds() -> impl Strategy<Value = Seed> {
    let number = prop_oneof![any::<i64>(), -10i64..300, Just(i64::MIN), Just(i64::MAX)];
    let text = prop_oneof!["\\PC{0,12}", "[a-zA-Z0-9+/=%{}:.\\-]{0,24}", "[\\[\\]{}\",:0-9 ]{0,16}"];
    let bytes = proptest::collection::vec(any::<u8>(), 0..16);
    let scalar = (any::<u8>(), number, text, bytes).prop_map(|(k, i, s, b)| Seed::Scalar(k, i, s, b));
    scalar.prop_recursive(2, 12, 4, |inner| {
        (any::<u8>(), proptest::collection::vec(inner, 0..4)).prop_map(|(k, items)| Seed::Container(k, items))
    })
}

fn build(world: &mut World, seed: &Seed) -> Value {
    match seed {
        Seed::Scalar(kind, int, text, bytes) => match kind % 14 {
            0 => Value::none(),
            1 => Value::bool(int % 2 == 0),
            2 | 3 => Value::int(*int),
            4 => Value::big(num_bigint::BigInt::from(*int) << 70),
            5 => Value::new(Kind::Float(f64::from_bits(*int as u64))),
            6 | 7 => literal(text),
            8 | 9 => Value::bytes(bytes.clone()),
            10 => Value::new(Kind::ByteArray(world.heap.insert(Object::Bytes(bytes.clone())))),
            11 => Value::new(Kind::Range(0, int % 500, (int % 7).max(1))),
            12 => Value::unknown(),
            _ => {
                let parts = vec![Part::Known(Rc::from(text.as_str())), Part::Hole(Rc::from("x"))];
                Value::new(Kind::Partial(Rc::new(PartialText { parts, is_bytes: int % 2 == 0 })))
            }
        },
        Seed::Container(kind, items) => {
            let items: Vec<Value> = items.iter().map(|s| build(world, s)).collect();
            match kind % 6 {
                0 => world.heap.list(items),
                1 => world.heap.tuple(items),
                2 => Value::new(Kind::Set(world.heap.insert(Object::List(items)))),
                3 => Value::new(Kind::Iter(world.heap.insert(Object::Iter(items, 0)))),
                4 => Value::new(Kind::Slice(world.heap.insert(Object::List(items)))),
                _ => {
                    let pairs = items.chunks(2).filter_map(|c| Some((c.first()?.clone(), c.last()?.clone())));
                    let pairs = pairs.collect();
                    world.heap.dict(pairs)
                }
            }
        }
    }
}

/// A text folded and printed; `-` where it is not known.
fn read_by(name: &str, text: &str) -> String {
    let mut world = World::default();
    let value = world.call(name, &[literal(text)]);
    value.and_then(|v| render_repr(&mut world.cx(), &v)).unwrap_or_else(|| "-".to_owned())
}

#[test]
fn the_plain_part_of_yaml_is_read() {
    for (text, read) in [
        ("a: 1\nb: x y # z\n", "{'a': 1, 'b': 'x y'}"),
        (
            "---\n# c\na:\n  b: 'it''s'\n  c: \"x\\ty\"\nd: ~\n",
            "{'a': {'b': \"it's\", 'c': 'x\\ty'}, 'd': None}",
        ),
        ("- a\n- b: 1\n  c: true\n-\n  - 1.5\n", "['a', {'b': 1, 'c': True}, [1.5]]"),
        ("a:\n- x\n- y\nb: []\n", "{'a': ['x', 'y'], 'b': []}"),
        ("a: [x, y z, 3]\nb: {\"c\": 1}\n", "{'a': ['x', 'y z', 3], 'b': {'c': 1}}"),
        ("a: |\n  x: 1\n    y\n\n  z\nb: 2\n", "{'a': 'x: 1\\n  y\\n\\nz\\n', 'b': 2}"),
        ("a: |-\n  x\nb: >\n  y\n  z\n", "{'a': 'x', 'b': 'y z\\n'}"),
        ("\"k k\": https://a.example/b#c\n", "{'k k': 'https://a.example/b#c'}"),
        ("a: 192.0.2.1\nb: 1y\n", "{'a': '192.0.2.1', 'b': '1y'}"),
    ] {
        assert_eq!(read_by("yaml.safe_load", text), read, "{text}");
    }
}

#[test]
fn what_of_yaml_is_not_plain_leaves_the_whole_unknown() {
    for text in [
        "a: &x 1\nb: *x\n",
        "a: !!python/object/apply:os.system [echo]\n",
        "<<: {a: 1}\n",
        "a: x\n  y\n",
        "a: 1\n---\nb: 2\n",
        "a: b: c\n",
        "a\n  b: c\n",
        "a: 'x\n",
        "a: 1\n   b: 2\n",
        "",
    ] {
        assert_eq!(read_by("yaml.safe_load", text), "-", "{text}");
    }
    let deep: String = (0..5_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert_eq!(read_by("yaml.safe_load", &deep), "-");
    assert_eq!(read_by("yaml.safe_load", &"- ".repeat(100_000)), "-");
    assert_eq!(read_by("tomllib.loads", &format!("a = {}", "[".repeat(100_000))), "-");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_settings_panics(
        text in prop_oneof!["(?s).{0,80}", "[-a:= \"'\\[\\]{}|>#;%$,.\n\r\t0é]{0,60}", "([ ]{0,3}(- |a: |[|]|>|'|\"|[#]|\n)){0,20}"],
    ) {
        let mut world = World::default();
        let value = literal(&text);
        for name in ["yaml.safe_load", "tomllib.loads", "json.loads"] {
            let _ = world.call(name, std::slice::from_ref(&value));
        }
        let lines: Vec<Value> = text.split_inclusive('\n').map(literal).collect();
        let lines = world.heap.list(lines);
        for name in ["csv.reader", "csv.DictReader"] {
            let _ = world.call(name, std::slice::from_ref(&lines));
        }
        for interpolation in [Interpolation::Basic, Interpolation::None] {
            let _ = parse_ini(&mut world.cx(), &text, interpolation);
        }
        let _ = parse_env(&mut world.cx(), &text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_operation_on_any_values_panics(seeds in proptest::collection::vec(seeds(), 1..4), pick in any::<u32>()) {
        let mut world = World::default();
        let values: Vec<Value> = seeds.iter().map(|s| build(&mut world, s)).collect();
        let (first, last) = (values[0].clone(), values[values.len() - 1].clone());
        let names: Vec<&str> = INDEX.keys().copied().collect();
        for step in 0..24 {
            let name = names[(pick as usize + step * 37) % names.len()];
            let _ = world.call(name, &values);
            if let Some((_, method)) = name.rsplit_once('.') {
                let _ = world.method(&first, method, &values[1..]);
            }
        }
        use BinaryOp as B;
        for op in [B::Add, B::Sub, B::Mult, B::Div, B::FloorDiv, B::Mod, B::Pow, B::LShift, B::RShift, B::BitXor, B::BitAnd] {
            let _ = world.binary(op, &first, &last);
            let _ = fold_in_place(&mut world.cx(), op, &first, &last);
        }
        for op in [CompareOp::Eq, CompareOp::Lt, CompareOp::GtE, CompareOp::Is, CompareOp::In] {
            let _ = fold_compare(&mut world.cx(), op, &first, &last);
        }
        let _ = fold_subscript(&mut world.cx(), &first, &last);
        let _ = fold_store(&mut world.cx(), &first, &last, &Value::int(1));
        let _ = fold_delete(&mut world.cx(), &first, &last);
        let _ = fold_truth(&mut world.cx(), &first);
        let _ = render_repr(&mut world.cx(), &first);
        let spec = last.as_str().unwrap_or("").to_owned();
        let _ = fold_format(&mut world.cx(), &first, Some('r'), &spec);
        let _ = fold_format(&mut world.cx(), &first, None, &spec);
        let _ = iterate(&mut world.cx(), &first, 1000);
    }
}
