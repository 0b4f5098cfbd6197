//! Floats as Python prints and reads them.

/// The shortest digits that read back as the same float, and the decimal exponent of the first.
fn shortest(value: f64) -> Option<(String, i32)> {
    let value = value.abs();
    let (digits, exponent) = split_scientific(&format!("{value:e}"))?;
    // Of two equally short and equally near texts CPython takes the even one, as exact rounding does.
    let exact = format!("{value:.*e}", digits.len() - 1);
    if exact.parse() == Ok(value) { split_scientific(&exact) } else { Some((digits, exponent)) }
}

fn split_scientific(text: &str) -> Option<(String, i32)> {
    let (mantissa, exponent) = text.split_once('e')?;
    Some((mantissa.replace('.', ""), exponent.parse().ok()?))
}

/// `repr(value)`.
pub(super) fn repr(value: f64) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    let Some((digits, exponent)) = shortest(value) else { return String::new() };
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if (-4..16).contains(&exponent) {
        let plain = positional(&digits, exponent);
        let point = if plain.contains('.') { "" } else { ".0" };
        format!("{sign}{plain}{point}")
    } else {
        format!("{sign}{}", scientific(&digits, exponent))
    }
}

/// `nan`, `inf` or `-inf`.
pub(super) const fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("nan")
    } else if value.is_infinite() {
        Some(if value.is_sign_negative() { "-inf" } else { "inf" })
    } else {
        None
    }
}

/// Digits written out with a decimal point where one is needed.
fn positional(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        return format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        format!("{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        format!("{}.{}", digits.get(..whole).unwrap_or(""), digits.get(whole..).unwrap_or(""))
    }
}

/// Digits as `d.ddde+XX`.
fn scientific(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs())
}

/// `%.{precision}f` of an absolute value.
pub(super) fn fixed(value: f64, precision: usize) -> String {
    format!("{:.precision$}", value.abs())
}

/// `%.{precision}e` of an absolute value.
pub(super) fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{:.precision$e}", value.abs());
    match text.split_once('e').and_then(|(m, e)| Some((m, e.parse::<i32>().ok()?))) {
        Some((mantissa, exponent)) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        None => text,
    }
}

/// What to do with the zeros that end a `%g`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeros {
    Drop,
    Keep,
}

/// `%.{precision}g` of an absolute value; scientific from the exponent `threshold` on.
pub(super) fn general(value: f64, precision: usize, zeros: Zeros, threshold: Option<i32>) -> String {
    let precision = precision.max(1);
    let text = format!("{:.*e}", precision - 1, value.abs());
    let Some((digits, exponent)) = split_scientific(&text) else { return text };
    let kept = match zeros {
        Zeros::Keep => digits.as_str(),
        Zeros::Drop => {
            let trimmed = digits.trim_end_matches('0');
            if trimmed.is_empty() { "0" } else { trimmed }
        }
    };
    if exponent < -4 || exponent >= threshold.unwrap_or(precision as i32) {
        return scientific(kept, exponent);
    }
    let plain = positional(kept, exponent);
    if zeros == Zeros::Keep && !plain.contains('.') { format!("{plain}.") } else { plain }
}

/// The shortest digits in the style of `%g`, as `format(value, "")` with a width asks for.
pub(super) fn shortest_general(value: f64) -> String {
    repr(value.abs())
}

/// `float(text)`.
pub(super) fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::unicode::is_space);
    let bare = text.trim_start_matches(['+', '-']);
    if text.len() - bare.len() > 1 {
        return None;
    }
    let negative = text.starts_with('-');
    let magnitude = match bare.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => parse_digits(bare)?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn parse_digits(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    // Underscores stand between digits only.
    for (at, byte) in bytes.iter().enumerate() {
        let digit_at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
        if *byte == b'_' && !(digit_at(at.checked_sub(1)) && digit_at(at.checked_add(1))) {
            return None;
        }
    }
    let plain = text.replace('_', "");
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-');
    if !plain.bytes().all(allowed) || !plain.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    plain.parse().ok()
}
