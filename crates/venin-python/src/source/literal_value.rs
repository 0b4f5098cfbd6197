//! Whether a module binds a name to a plain literal, as build tools find out without running it.
//!
//! Looks at the statements of the module body alone, as they do, and never at what they would come to.

use super::ir::{BinaryOp, Code, Expr, ExprId, Stmt, UnaryOp};
use super::{Parsed, parse_source};
use crate::value::Symbols;

/// Most parts of a literal that are looked at; a longer one is taken for none.
const MAX_PARTS: usize = 10_000;

/// Whether the first assignment to `name` in the module body gives it a literal.
///
/// This is how setuptools reads `attr: module.NAME` before it imports the module: the source is parsed, the first
/// assignment whose target is the bare name is found, and its value is read by `ast.literal_eval`. A source that cannot
/// be read in full, and a name that is spelled with other characters than it reads as, are no literal.
///
/// Needs a large stack, as every reader of source does.
#[must_use]
pub fn binds_literal(source: &[u8], name: &str) -> bool {
    let mut symbols = Symbols::default();
    let Parsed { code, problems, traits } = parse_source(source, &mut symbols);
    if !problems.is_empty() || traits.is_python2 || traits.non_ascii_identifiers > 0 {
        return false;
    }
    let value = code.body.iter().find_map(|id| match code.stmts.get(id.0 as usize) {
        Some((Stmt::Assign { targets, value }, _)) => {
            let is_target =
                |id: &ExprId| matches!(code.expr(*id), Expr::Name(own) if symbols.as_str(*own) == name);
            targets.iter().any(is_target).then_some(*value)
        }
        _ => None,
    });
    value.is_some_and(|value| is_literal(&code, value))
}

/// Whether a text is one literal and nothing else, so that evaluating it runs nothing.
///
/// Needs a large stack, as every reader of source does.
#[must_use]
pub fn is_literal_text(source: &[u8]) -> bool {
    let mut symbols = Symbols::default();
    let Parsed { code, problems, .. } = parse_source(source, &mut symbols);
    let [id] = &*code.body else { return false };
    match code.stmts.get(id.0 as usize) {
        Some((Stmt::Expr(value), _)) => problems.is_empty() && is_literal(&code, *value),
        _ => false,
    }
}

/// What `ast.literal_eval` takes.
fn is_literal(code: &Code, value: ExprId) -> bool {
    let mut open = vec![value];
    let mut seen = 0;
    while let Some(id) = open.pop() {
        seen += 1;
        if seen > MAX_PARTS {
            return false;
        }
        match code.expr(id) {
            Expr::None | Expr::Ellipsis | Expr::Bool(_) | Expr::Bytes(_) => {}
            Expr::Str(_) if !is_interpolated(code, id) => {}
            number if is_number(number) => {}
            Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) => open.extend(items.iter().copied()),
            Expr::Dict(pairs) => {
                for (key, value) in pairs {
                    let Some(key) = key else { return false };
                    open.extend([*key, *value]);
                }
            }
            Expr::Unary { op: UnaryOp::Plus | UnaryOp::Minus, operand } if is_number(code.expr(*operand)) => {
            }
            Expr::Binary { op: BinaryOp::Add | BinaryOp::Sub, left, right }
                if is_number(code.expr(*left)) && matches!(code.expr(*right), Expr::Complex) => {}
            _ => return false,
        }
    }
    true
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Int(_) | Expr::BigInt(_) | Expr::Float(_) | Expr::Complex)
}

/// Whether a text may be written as an f-string without fields, which is no literal: its prefix stands before a quote.
fn is_interpolated(code: &Code, id: ExprId) -> bool {
    let span = code.span(id);
    let Some(written) = code.text.get(span.start as usize..span.end as usize) else { return true };
    let mut last = '\0';
    written.chars().any(|c| {
        let is_prefix = matches!(c, '"' | '\'') && matches!(last, 'f' | 'F' | 't' | 'T');
        let is_raw_prefix = matches!(last, 'r' | 'R') && matches!(c, 'f' | 'F' | 't' | 'T');
        let is_prefixed_raw = matches!(c, 'r' | 'R') && matches!(last, 'f' | 'F' | 't' | 'T');
        last = c;
        is_prefix || is_raw_prefix || is_prefixed_raw
    })
}

#[cfg(test)]
mod tests {
    use super::binds_literal;

    fn binds(source: &str) -> bool {
        binds_literal(source.as_bytes(), "version")
    }

    #[test]
    fn a_literal_is_one_however_it_is_assigned() {
        for source in [
            "version = '1.0'",
            "import os\nversion: str = \"1.0\"\nos.system('echo hello')",
            "__version__ = version = '1.0'",
            "version = (1, -2, 'a' 'b', None, {'k': [1.5, b'x']})",
            "version = '1.0'\nversion = compute()",
            "if True:\n    version = compute()\nversion = '1.0'",
        ] {
            assert!(binds(source), "{source}");
        }
    }

    #[test]
    fn what_has_to_be_computed_is_no_literal() {
        for source in [
            "",
            "version = compute()",
            "version = '1.' + '0'",
            "version = f'1.0'",
            "version = '1' rf'.0'",
            "version = {**a}",
            "version = -x",
            "version, other = '1', '2'",
            "version += '1'",
            "from .other import version",
            "version = compute()\nversion = '1.0'",
            "try:\n    version = '1.0'\nfinally:\n    pass",
            "version: str",
            "version = '1.0'\nprint 'text'",
            "version = '1.0'\n)",
            "vers\u{ff49}on = compute()\nversion = '1.0'",
        ] {
            assert!(!binds(source), "{source}");
        }
    }
}
