//! Numbers.

use num_bigint::BigInt;
use ruff_python_ast as ast;

use crate::source::ir::Expr;

/// Most decimal digits that are converted, which takes time of their square.  CPython takes 4,300.
const MAX_DECIMAL_DIGITS: usize = 50_000;

pub(super) fn number(value: &ast::Number) -> Expr {
    match value {
        ast::Number::Int(int) => integer(int),
        ast::Number::Float(float) => Expr::Float(*float),
        ast::Number::Complex { .. } => Expr::Complex,
    }
}

fn integer(int: &ast::Int) -> Expr {
    if let Some(small) = int.as_i64() {
        return Expr::Int(small);
    }
    let text: String = int.to_string().chars().filter(|c| *c != '_').collect();
    let radix = |prefix: [&str; 2]| prefix.iter().find_map(|p| text.strip_prefix(p));
    let big = if let Some(digits) = radix(["0x", "0X"]) {
        BigInt::parse_bytes(digits.as_bytes(), 16)
    } else if let Some(digits) = radix(["0o", "0O"]) {
        BigInt::parse_bytes(digits.as_bytes(), 8)
    } else if let Some(digits) = radix(["0b", "0B"]) {
        BigInt::parse_bytes(digits.as_bytes(), 2)
    } else if text.len() <= MAX_DECIMAL_DIGITS {
        BigInt::parse_bytes(text.as_bytes(), 10)
    } else {
        None
    };
    big.map_or(Expr::Invalid, |big| Expr::BigInt(Box::new(big)))
}
