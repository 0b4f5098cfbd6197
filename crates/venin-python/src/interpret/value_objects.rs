//! Objects of the standard library that only hold bytes under another form: UUIDs, addresses, arrays.
//!
//! A text that is cut into UUIDs is as good an encoding as any other, so their bytes count as decoded.  Where what they are
//! made of is not known, the call stays what it is: a name outside the artifact.

use core::net::IpAddr;

use super::Interpreter;
use super::function::Arguments;
use crate::fold;
use crate::value::{Kind, Value};

/// Bytes of a UUID.
const UUID_BYTES: usize = 16;

/// `uuid.UUID(text)`, and what it is made of otherwise.
pub(super) fn uuid(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    const FORMS: [&str; 4] = ["hex", "bytes", "bytes_le", "int"];
    let (form, given) = FORMS
        .into_iter()
        .enumerate()
        .find_map(|(at, form)| Some((form, me.argument(arguments, at, form).filter(is_given)?)))?;
    let bytes: [u8; UUID_BYTES] = match form {
        "hex" => u128::from_str_radix(&digits_of(given.as_str()?), 16).ok()?.to_be_bytes(),
        "int" => number_of(&given)?.to_be_bytes(),
        _ => {
            let Kind::Bytes(bytes) = &given.kind else { return None };
            let bytes = <[u8; UUID_BYTES]>::try_from(&**bytes).ok()?;
            if form == "bytes" { bytes } else { other_order(bytes) }
        }
    };
    let whole = decoded(me, &bytes, &given)?;
    let little = decoded(me, &other_order(bytes), &given)?;
    let origins = whole.origins;
    let hex = Value::str(format!("{:032x}", u128::from_be_bytes(bytes))).with_origins(given.origins);
    let number = Value::big(u128::from_be_bytes(bytes).into()).with_origins(given.origins);
    let fields = [("bytes", whole), ("bytes_le", little), ("hex", hex), ("int", number)];
    let fields = fields.map(|(name, value)| (me.symbols.intern(name), value)).to_vec();
    Some(me.object_with("UUID", fields).with_origins(origins))
}

/// `ipaddress.ip_address(text)`, of which nothing but its bytes is asked.
pub(super) fn address(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let given = me.argument(arguments, 0, "address")?;
    let packed = match given.as_str()?.parse().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let packed = decoded(me, &packed, &given)?;
    let name = me.symbols.intern("packed");
    let origins = given.origins;
    Some(me.object_with("IPAddress", vec![(name, packed)]).with_origins(origins))
}

/// `array.array("B", numbers)`: nothing but bytes that can be changed.
pub(super) fn array(me: &mut Interpreter<'_>, _: &str, arguments: &Arguments) -> Option<Value> {
    let [code, elements] = arguments.positional.as_slice() else { return None };
    if code.as_str()? != "B" {
        return None;
    }
    let elements = elements.clone();
    me.with_fold(|cx| fold::fold_call(cx, "bytearray", &[elements], &[]))
}

fn is_given(value: &Value) -> bool {
    !matches!(value.kind, Kind::None)
}

/// The digits of a UUID as it may be written: `{urn:uuid:…-…}`.
fn digits_of(text: &str) -> String {
    text.replace("urn:", "").replace("uuid:", "").trim_matches(['{', '}']).replace('-', "")
}

fn number_of(value: &Value) -> Option<u128> {
    match &value.kind {
        Kind::Int(number) => u128::try_from(*number).ok(),
        Kind::Big(number) => u128::try_from(&**number).ok(),
        _ => None,
    }
}

/// The first three fields the other way round, which is how some systems keep them (RFC 9562, section 4).
fn other_order(mut bytes: [u8; UUID_BYTES]) -> [u8; UUID_BYTES] {
    for field in [0..4, 4..6, 6..8] {
        if let Some(field) = bytes.get_mut(field) {
            field.reverse();
        }
    }
    bytes
}

/// Bytes that were another form of something.
fn decoded(me: &mut Interpreter<'_>, bytes: &[u8], of: &Value) -> Option<Value> {
    let origins = of.origins;
    me.with_fold(|cx| {
        let origins = cx.decoded(origins);
        Some(cx.make_bytes(bytes.to_vec())?.with_origins(origins))
    })
}
