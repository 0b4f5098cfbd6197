//! Strings, bytes, interpolated strings and shell commands.

use std::rc::Rc;

use ruff_python_ast as ast;

use super::Lowering;
use super::expr::{Children, Work};
use crate::source::ir::{Expr, Piece};

/// A string; literals written side by side are one.
pub(super) fn string(value: &ast::StringLiteralValue) -> Expr {
    match value.as_slice() {
        [single] => Expr::Str(Rc::from(single.as_str())),
        parts => Expr::Str(parts.iter().map(ast::StringLiteral::as_str).collect::<String>().into()),
    }
}

/// Bytes; literals written side by side are one.
pub(super) fn bytes(value: &ast::BytesLiteralValue) -> Expr {
    match value.as_slice() {
        [single] => Expr::Bytes(Rc::from(single.as_slice())),
        parts => Expr::Bytes(parts.iter().flat_map(ast::BytesLiteral::as_slice).copied().collect()),
    }
}

/// The method of `IPython` and its arguments that an escaped command stands for.
pub(super) fn shell(kind: ast::IpyEscapeKind, command: &str) -> (&'static str, Vec<&str>) {
    use ast::IpyEscapeKind as Kind;
    match kind {
        Kind::Shell | Kind::ShCap => ("system", vec![command.trim()]),
        Kind::Magic | Kind::Magic2 => magic(command),
        Kind::Help | Kind::Help2 => ("show_usage", vec![command.trim()]),
        Kind::Quote | Kind::Quote2 | Kind::Paren => ("run_line_magic", vec![kind.as_str(), command.trim()]),
    }
}

/// A line magic without its `%`; those that start a program are shell commands.
fn magic(command: &str) -> (&'static str, Vec<&str>) {
    let command = command.trim();
    let (name, rest) = command.split_once([' ', '\t']).unwrap_or((command, ""));
    match name {
        "pip" | "pip3" | "conda" | "mamba" | "micromamba" | "uv" => ("system", vec![command]),
        "sx" | "sc" | "system" => ("system", vec![rest.trim()]),
        _ => ("run_line_magic", vec![name, rest.trim()]),
    }
}

/// A part of an interpolated string.
pub(super) enum StringPart<'a> {
    Literal(&'a str),
    Field(&'a ast::InterpolatedElement),
}

fn part(element: &ast::InterpolatedStringElement) -> StringPart<'_> {
    match element {
        ast::InterpolatedStringElement::Literal(literal) => StringPart::Literal(&literal.value),
        ast::InterpolatedStringElement::Interpolation(field) => StringPart::Field(field),
    }
}

/// All parts of a string some of whose parts are f-strings, in order.
pub(super) fn f_string_pieces(value: &ast::FStringValue) -> impl Iterator<Item = StringPart<'_>> {
    value.iter().flat_map(|string| {
        let (literal, elements) = match string {
            ast::FStringPart::Literal(literal) => (Some(literal.as_str()), &[][..]),
            ast::FStringPart::FString(string) => (None, &*string.elements),
        };
        literal.map(StringPart::Literal).into_iter().chain(elements.iter().map(part))
    })
}

/// A t-string is lowered like an f-string: what is put into it matters, not the class of the result.
pub(super) fn template(value: &ast::TStringValue, children: &mut Children<'_>) -> Expr {
    joined(value.elements().map(part), children)
}

/// An interpolated string; one without fields is a plain string.
pub(super) fn joined<'a>(parts: impl Iterator<Item = StringPart<'a>>, children: &mut Children<'_>) -> Expr {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for part in parts {
        let field = match part {
            StringPart::Literal(literal) => {
                text.push_str(literal);
                continue;
            }
            StringPart::Field(field) => field,
        };
        let mut conversion = field.conversion.to_char();
        if let Some(debug) = &field.debug_text {
            text.push_str(debug.as_str());
            if field.format_spec.is_none() {
                conversion = conversion.or(Some('r'));
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Literal(Rc::from(std::mem::take(&mut text))));
        }
        let value = children.next();
        pieces.push(Piece::Value { value, conversion, spec: children.optional(field.format_spec.as_ref()) });
    }
    if pieces.is_empty() {
        return Expr::Str(text.into());
    }
    if !text.is_empty() {
        pieces.push(Piece::Literal(text.into()));
    }
    Expr::Joined(pieces.into())
}

impl<'a> Lowering<'a, '_, '_> {
    /// Schedules the values of replacement fields, each before its format specification.
    pub(super) fn push_fields(&mut self, elements: impl Iterator<Item = &'a ast::InterpolatedStringElement>) {
        for element in elements {
            if let StringPart::Field(field) = part(element) {
                self.push(&field.expression);
                if let Some(spec) = &field.format_spec {
                    self.work.push(Work::VisitSpec(spec));
                }
            }
        }
    }

    /// Schedules the fields of a format specification and then itself.
    pub(super) fn visit_spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec) {
        self.work.push(Work::BuildSpec(spec, self.done.len()));
        let mark = self.work.len();
        self.push_fields(spec.elements.iter());
        if let Some(fields) = self.work.get_mut(mark..) {
            fields.reverse();
        }
    }

    /// Builds a format specification whose fields are done.
    pub(super) fn build_spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec, base: usize) {
        let ids = self.done.split_off(base.min(self.done.len()));
        let expr = joined(spec.elements.iter().map(part), &mut Children::new(&ids));
        let id = self.push_expr(expr, spec.range);
        self.done.push(id);
    }
}
