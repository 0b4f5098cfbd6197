//! Numbers as readers see them: per cent, thousands apart, no more digits than say something.

use crate::table::{Cell, Unit};

/// What stands where nobody knows.
pub(crate) const NOT_KNOWN: &str = "not known";

/// From here on digits are no longer counted.
const HUGE: f64 = 1e15;

/// A cell with its column's unit, without the unit's word; text is given as it is.
pub(crate) fn shown_cell(cell: &Cell, unit: Unit) -> String {
    match cell {
        Cell::Missing => NOT_KNOWN.to_owned(),
        Cell::Count(count) if unit != Unit::Share => thousands(&count.to_string()),
        Cell::Count(count) => shown_share(*count as f64),
        Cell::Real(value) => shown_number(*value, unit),
        Cell::Text(text) => text.clone(),
    }
}

/// A number with a column's unit, without the unit's word.
pub(crate) fn shown_number(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return NOT_KNOWN.to_owned();
    }
    match unit {
        _ if value.abs() >= HUGE => format!("{value:.2e}"),
        Unit::Share => shown_share(value),
        Unit::Count | Unit::Lines | Unit::Bytes if value.fract() == 0.0 => fixed(value, 0),
        _ => fixed(value, decimals(value)),
    }
}

/// The word of a unit that the numbers do not carry themselves.
pub(crate) const fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => "days",
        Unit::Lines => "lines",
        Unit::Bytes => "bytes",
        Unit::Text | Unit::Count | Unit::Share | Unit::Real | Unit::Date => "",
    }
}

/// The word of a unit after a shown number: one day, two days; empty where nothing is known.
pub(crate) fn unit_word_after(shown: &str, unit: Unit) -> &'static str {
    match (shown, unit_word(unit)) {
        (NOT_KNOWN, _) => "",
        ("1", word) => word.trim_end_matches('s'),
        (_, word) => word,
    }
}

/// A count with its digits in groups of three.
pub(crate) fn shown_count(count: u64) -> String {
    thousands(&count.to_string())
}

/// A number with so many decimals, without zeros at its end.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if text == "-0" { "0" } else { text };
    match text.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", thousands(whole)),
        None => thousands(text),
    }
}

fn shown_share(share: f64) -> String {
    let per_cent = share * 100.0;
    if per_cent != 0.0 && per_cent.abs() < 0.05 {
        return if per_cent > 0.0 { "< 0.1 %".to_owned() } else { "> −0.1 %".to_owned() };
    }
    format!("{} %", thousands(&format!("{per_cent:.1}")))
}

/// Three digits that say something.
fn decimals(value: f64) -> usize {
    match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size => (2 - size.log10().floor() as i64).clamp(3, 8) as usize,
    }
}

/// Commas between groups of three digits of the whole part.
fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_and_three_digits_that_count() {
        assert_eq!(shown_cell(&Cell::Count(1_234_567), Unit::Count), "1,234,567");
        assert_eq!(shown_number(1234.567, Unit::Real), "1,235");
        assert_eq!(shown_number(12.34, Unit::Days), "12.3");
        assert_eq!(shown_number(3.0, Unit::Days), "3");
        assert_eq!(shown_number(-1234.5, Unit::Real), "-1,234");
        assert_eq!(shown_number(0.001_234_5, Unit::Real), "0.00123");
        assert_eq!(shown_number(100.0, Unit::Count), "100");
        assert_eq!(shown_number(-0.000_000_000_1, Unit::Real), "0");
    }

    #[test]
    fn shares_are_per_cent_and_a_little_is_not_nothing() {
        assert_eq!(shown_number(0.1234, Unit::Share), "12.3 %");
        assert_eq!(shown_number(0.000_01, Unit::Share), "< 0.1 %");
        assert_eq!(shown_number(0.0, Unit::Share), "0.0 %");
        assert_eq!(shown_cell(&Cell::Count(1), Unit::Share), "100.0 %");
    }

    #[test]
    fn what_is_huge_is_short_and_finite() {
        assert_eq!(shown_number(f64::MAX, Unit::Share), "1.80e308");
    }

    #[test]
    fn one_day_is_no_days() {
        let after = |shown| unit_word_after(shown, Unit::Days);
        assert_eq!((after("1"), after("2"), after(NOT_KNOWN)), ("day", "days", ""));
        assert_eq!(unit_word_after("1", Unit::Count), "");
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert_eq!(shown_cell(&Cell::Missing, Unit::Share), NOT_KNOWN);
        assert_eq!(shown_number(f64::NAN, Unit::Real), NOT_KNOWN);
    }
}
