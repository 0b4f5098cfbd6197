//! What a seeded generator draws: `random.seed(7)` decides every `random.randint` after it.
//!
//! Numbers, choices and orders are those of CPython 3 (`Lib/random.py`, a Mersenne Twister seeded by an array).  Without a
//! seed that is known nothing is drawn, and the calls stay what they are: something from outside.

use num_bigint::{BigInt, BigUint};
use num_traits::{Signed, ToPrimitive, Zero};
use rand_mt::Mt;
use sha2::{Digest, Sha512};

use super::Interpreter;
use super::function::Arguments;
use crate::fold;
use crate::value::{Kind, Object, OriginSet, Value};

/// Most bits of one draw.
const MAX_BITS: u64 = 1 << 17;
/// Most elements that one call draws or orders.
const MAX_DRAWN: usize = 1 << 16;
/// Most numbers that are thrown away because they are too large; half of them are at most.
const MAX_REFUSED: usize = 256;

/// The generators with a known seed.
#[derive(Debug, Default)]
pub(super) struct Generators {
    /// That of the module.
    module: Option<Mt>,
    /// That of the last `random.Random(seed)`.
    instance: Option<Mt>,
}

/// How the results of generators of their own are named.
const INSTANCE: &str = "random.Random().";

impl Generators {
    fn of(&mut self, name: &str) -> &mut Option<Mt> {
        if name.starts_with(INSTANCE) { &mut self.instance } else { &mut self.module }
    }
}

/// `random.seed(known)`.
pub(super) fn seed(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.counts.impure += 1;
    *me.random.of(name) = me.argument(arguments, 0, "a").and_then(|seed| generator(&seed));
    Some(Value::none())
}

/// `random.Random(known)`.
pub(super) fn own_generator(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    me.counts.impure += 1;
    me.random.instance = me.argument(arguments, 0, "x").and_then(|seed| generator(&seed));
    None
}

/// A call that draws.
pub(super) fn draw(me: &mut Interpreter<'_>, name: &str, arguments: &Arguments) -> Option<Value> {
    me.counts.impure += 1;
    let mut numbers = me.random.of(name).take()?;
    let drawn = match name.rsplit('.').next()? {
        "random" => Some(Value::new(Kind::Float(fraction(&mut numbers)))),
        "uniform" => uniform(me, &mut numbers, arguments),
        "randint" => between(me, &mut numbers, arguments),
        "randrange" => stepped(me, &mut numbers, arguments),
        "getrandbits" => {
            let bits = me.argument(arguments, 0, "k").and_then(|k| whole(&k));
            bits.and_then(|k| draw_bits(&mut numbers, k.to_u64()?)).map(|drawn| Value::big(drawn.into()))
        }
        "randbytes" => bytes(me, &mut numbers, arguments),
        "choice" => choice(me, &mut numbers, arguments),
        "choices" => choices(me, &mut numbers, arguments),
        "sample" => sample(me, &mut numbers, arguments),
        "shuffle" => shuffle(me, &mut numbers, arguments),
        _ => None,
    };
    // A draw that is not followed leaves nobody knows what behind, so the generator is known only after one that is.
    let drawn = drawn?;
    *me.random.of(name) = Some(numbers);
    Some(drawn)
}

/// The generator that a seed gives; `None` where the seed is not known, or comes from the clock.
fn generator(seed: &Value) -> Option<Mt> {
    let number = match &seed.kind {
        Kind::Str(text) => hashed(text.as_str().as_bytes()),
        Kind::Bytes(bytes) => hashed(bytes),
        _ => whole(seed)?.abs().to_biguint()?,
    };
    if number.bits() > MAX_BITS {
        return None;
    }
    let digits = number.to_u32_digits();
    Some(if digits.is_empty() { Mt::new_with_key([0]) } else { Mt::new_with_key(digits) })
}

/// What a text seeds with: itself and its SHA-512.
fn hashed(text: &[u8]) -> BigUint {
    let mut all = text.to_vec();
    all.extend_from_slice(&Sha512::digest(text));
    BigUint::from_bytes_be(&all)
}

fn whole(value: &Value) -> Option<BigInt> {
    match &value.kind {
        Kind::Int(number) => Some(BigInt::from(*number)),
        Kind::Bool(flag) => Some(BigInt::from(i64::from(*flag))),
        Kind::Big(number) => Some((**number).clone()),
        _ => None,
    }
}

fn draw_bits(numbers: &mut Mt, bits: u64) -> Option<BigUint> {
    if bits > MAX_BITS {
        return None;
    }
    let mut words = Vec::new();
    let mut left = u32::try_from(bits).ok()?;
    while left > 0 {
        words.push(numbers.next_u32() >> (32 - left.min(32)));
        left = left.saturating_sub(32);
    }
    Some(BigUint::new(words))
}

/// A number from 0 up to, and without, a limit.
fn draw_below(numbers: &mut Mt, limit: &BigUint) -> Option<BigUint> {
    if limit.is_zero() {
        return None;
    }
    (0..MAX_REFUSED).find_map(|_| draw_bits(numbers, limit.bits()).filter(|drawn| drawn < limit))
}

fn draw_index(numbers: &mut Mt, length: usize) -> Option<usize> {
    draw_below(numbers, &BigUint::from(length))?.to_usize()
}

/// A float of 53 bits from 0 up to 1.
fn fraction(numbers: &mut Mt) -> f64 {
    let (high, low) = (numbers.next_u32() >> 5, numbers.next_u32() >> 6);
    (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
}

fn uniform(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let float = |value: Value| match value.kind {
        Kind::Float(number) => Some(number),
        _ => whole(&value)?.to_f64(),
    };
    let (low, high) = (float(me.argument(arguments, 0, "a")?)?, float(me.argument(arguments, 1, "b")?)?);
    Some(Value::new(Kind::Float(low + (high - low) * fraction(numbers))))
}

fn between(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let (low, high) = (whole(&me.argument(arguments, 0, "a")?)?, whole(&me.argument(arguments, 1, "b")?)?);
    let width = (high - &low + 1_u32).to_biguint()?;
    Some(Value::big(low + BigInt::from(draw_below(numbers, &width)?)).with_origins(OriginSet::LITERAL))
}

fn stepped(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let first = whole(&me.argument(arguments, 0, "start")?)?;
    let (start, stop) = match me.argument(arguments, 1, "stop") {
        Some(stop) => (first, whole(&stop)?),
        None => (BigInt::from(0), first),
    };
    let step = me.argument(arguments, 2, "step").map_or(Some(BigInt::from(1)), |step| whole(&step))?;
    if step.is_zero() {
        return None;
    }
    let round = BigInt::from(if step.is_positive() { -1 } else { 1 });
    let steps = ((stop - &start + &step + round) / &step).to_biguint()?;
    let drawn = BigInt::from(draw_below(numbers, &steps)?);
    Some(Value::big(start + step * drawn).with_origins(OriginSet::LITERAL))
}

fn bytes(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let length = whole(&me.argument(arguments, 0, "n")?)?.to_u64()?;
    let mut bytes = draw_bits(numbers, length.checked_mul(8)?)?.to_bytes_le();
    bytes.resize(usize::try_from(length).ok()?, 0);
    Some(Value::bytes(bytes).with_origins(OriginSet::LITERAL))
}

fn choice(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let items = me.argument(arguments, 0, "seq")?;
    let length = me.drawn_length(&items)?;
    let index = draw_index(numbers, length)?;
    me.item_at(&items, index)
}

fn choices(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let items = me.argument(arguments, 0, "population")?;
    let length = me.drawn_length(&items)?;
    let has_weights = ["weights", "cum_weights"].iter().any(|name| me.argument(arguments, 1, name).is_some());
    let count = me.argument(arguments, 3, "k").map_or(Some(BigInt::from(1)), |k| whole(&k))?.to_usize()?;
    if has_weights || length == 0 || count > MAX_DRAWN {
        return None;
    }
    let mut drawn = Vec::with_capacity(count);
    for _ in 0..count {
        let index = (fraction(numbers) * length as f64).floor() as usize;
        drawn.push(me.item_at(&items, index)?);
    }
    me.drawn_list(drawn)
}

fn sample(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let items = me.argument(arguments, 0, "population")?;
    let (length, count) = (me.drawn_length(&items)?, whole(&me.argument(arguments, 1, "k")?)?.to_usize()?);
    if count > length {
        return None;
    }
    let places = if is_pooled(length, count) {
        let mut pool: Vec<usize> = (0..length).collect();
        let mut places = Vec::with_capacity(count);
        for taken in 0..count {
            let at = draw_index(numbers, length - taken)?;
            places.push(*pool.get(at)?);
            let last = *pool.get(length - taken - 1)?;
            *pool.get_mut(at)? = last;
        }
        places
    } else {
        let mut places = Vec::with_capacity(count);
        let mut seen = rustc_hash::FxHashSet::default();
        while places.len() < count {
            let at = draw_index(numbers, length)?;
            if seen.insert(at) {
                places.push(at);
            }
        }
        places
    };
    let drawn = places.into_iter().map(|at| me.item_at(&items, at)).collect::<Option<Vec<Value>>>()?;
    me.drawn_list(drawn)
}

/// Whether a sample is drawn from a list of what is left, which takes less room than a set of what is gone.
fn is_pooled(length: usize, count: usize) -> bool {
    let mut room = 21_usize;
    if count > 5 {
        room += 4_usize.saturating_pow(((3 * count) as f64).log(4.0).ceil() as u32);
    }
    length <= room
}

fn shuffle(me: &mut Interpreter<'_>, numbers: &mut Mt, arguments: &Arguments) -> Option<Value> {
    let items = me.argument(arguments, 0, "x")?;
    let Kind::List(id) = items.kind else { return None };
    let length = me.drawn_length(&items)?;
    let mut ordered = me.heap.elements(id).to_vec();
    for last in (1..length).rev() {
        ordered.swap(last, draw_index(numbers, last + 1)?);
    }
    if let Some(Object::List(held)) = me.heap.get_mut(id) {
        *held = ordered;
    }
    Some(Value::none())
}

impl Interpreter<'_> {
    /// The length of what is drawn from.
    fn drawn_length(&mut self, items: &Value) -> Option<usize> {
        let length = self.with_fold(|cx| fold::fold_call(cx, "len", std::slice::from_ref(items), &[]))?;
        let Kind::Int(length) = length.kind else { return None };
        usize::try_from(length).ok().filter(|length| *length <= MAX_DRAWN && self.heap.work(*length))
    }

    fn item_at(&mut self, items: &Value, index: usize) -> Option<Value> {
        let index = Value::int(i64::try_from(index).ok()?);
        self.with_fold(|cx| fold::fold_subscript(cx, items, &index))
    }

    fn drawn_list(&mut self, drawn: Vec<Value>) -> Option<Value> {
        let is_afforded = self.heap.spend(drawn.len().saturating_mul(32));
        is_afforded.then(|| {
            let origins = self.origins_of(&drawn);
            self.heap.list(drawn).with_origins(origins)
        })
    }
}
