//! Folding against CPython: `fold_cases.txt` holds expressions of our own and what CPython 3.11 prints for them.
//!
//! A line is `expression`, a tab, and the `repr` of its value, or `!` if CPython raises.

use std::collections::HashMap;

use ruff_python_ast::{self as ast, Expr, InterpolatedStringElement};
use venin_python::fold::{self, FoldContext};
use venin_python::source::ir::{BinaryOp, CompareOp, UnaryOp};
use venin_python::value::{Heap, Kind, Names, Object, OriginTable, Sym, Symbols, Value};

/// A small evaluator of expressions over the fold API.
struct Evaluator {
    heap: Heap,
    origins: OriginTable,
    symbols: Symbols,
    names: Names,
    variables: HashMap<String, Value>,
}

impl Evaluator {
    fn new() -> Self {
        Self {
            heap: Heap::default(),
            origins: OriginTable::default(),
            symbols: Symbols::default(),
            names: Names::default(),
            variables: HashMap::new(),
        }
    }

    fn with<T>(&mut self, run: impl FnOnce(&mut FoldContext<'_>) -> T) -> T {
        let mut cx = FoldContext {
            heap: &mut self.heap,
            origins: &mut self.origins,
            symbols: &mut self.symbols,
            names: &self.names,
        };
        run(&mut cx)
    }

    fn external(&mut self, text: &str) -> Value {
        Value::new(Kind::External { name: self.names.intern(text), made_by: None })
    }

    /// The dotted name an expression is, if it starts at no variable.
    fn dotted(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Name(name) if !self.variables.contains_key(name.id.as_str()) => Some(name.id.to_string()),
            Expr::Attribute(attribute) => {
                Some(format!("{}.{}", self.dotted(&attribute.value)?, attribute.attr))
            }
            _ => None,
        }
    }

    fn items(&mut self, items: &[Expr]) -> Option<Vec<Value>> {
        let mut out = Vec::new();
        for item in items {
            if let Expr::Starred(starred) = item {
                let value = self.eval(&starred.value)?;
                out.extend(self.with(|cx| fold::iterate(cx, &value, 10_000))?);
            } else {
                out.push(self.eval(item)?);
            }
        }
        Some(out)
    }

    fn eval(&mut self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::NoneLiteral(_) => Some(Value::none()),
            Expr::EllipsisLiteral(_) => Some(Value::new(Kind::Ellipsis)),
            Expr::BooleanLiteral(literal) => Some(Value::bool(literal.value)),
            Expr::NumberLiteral(literal) => match &literal.value {
                ast::Number::Int(int) => match int.as_i64() {
                    Some(small) => Some(Value::int(small)),
                    None => {
                        let text = Value::str(int.to_string());
                        let base = Value::int(0);
                        self.with(|cx| fold::fold_call(cx, "int", &[text, base], &[]))
                    }
                },
                ast::Number::Float(float) => Some(Value::new(Kind::Float(*float))),
                ast::Number::Complex { .. } => None,
            },
            Expr::StringLiteral(literal) => Some(Value::str(literal.value.to_str())),
            Expr::BytesLiteral(literal) => Some(Value::bytes(literal.value.bytes().collect::<Vec<u8>>())),
            Expr::Name(name) => match self.variables.get(name.id.as_str()) {
                Some(value) => Some(value.clone()),
                None => Some(self.external(name.id.as_str())),
            },
            Expr::Attribute(attribute) => match self.dotted(expr) {
                Some(name) => Some(fold::fold_attribute(&name).unwrap_or_else(|| self.external(&name))),
                None => {
                    let value = self.eval(&attribute.value)?;
                    let method = self.symbols.intern(&attribute.attr);
                    Some(Value::new(Kind::Builtin(self.heap.insert(Object::Builtin(value, method)))))
                }
            },
            Expr::List(list) => {
                let items = self.items(&list.elts)?;
                Some(self.heap.list(items))
            }
            Expr::Tuple(tuple) => {
                let items = self.items(&tuple.elts)?;
                Some(self.heap.tuple(items))
            }
            Expr::Set(set) => {
                let items = self.items(&set.elts)?;
                Some(self.heap.set(items))
            }
            Expr::Dict(dict) => {
                let mut entries = Vec::new();
                for item in &dict.items {
                    entries.push((self.eval(item.key.as_ref()?)?, self.eval(&item.value)?));
                }
                Some(self.heap.dict(entries))
            }
            _ => self.eval_operation(expr),
        }
    }

    fn eval_operation(&mut self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::BinOp(binary) => {
                let (left, right) = (self.eval(&binary.left)?, self.eval(&binary.right)?);
                self.with(|cx| fold::fold_binary(cx, binary_op(binary.op), &left, &right))
            }
            Expr::UnaryOp(unary) => {
                let operand = self.eval(&unary.operand)?;
                let op = match unary.op {
                    ast::UnaryOp::Invert => UnaryOp::Invert,
                    ast::UnaryOp::Not => UnaryOp::Not,
                    ast::UnaryOp::UAdd => UnaryOp::Plus,
                    ast::UnaryOp::USub => UnaryOp::Minus,
                };
                self.with(|cx| fold::fold_unary(cx, op, &operand))
            }
            Expr::Compare(compare) => {
                let mut left = self.eval(&compare.left)?;
                for (op, right) in compare.ops.iter().zip(&compare.comparators) {
                    let right = self.eval(right)?;
                    if !self.with(|cx| fold::fold_compare(cx, compare_op(*op), &left, &right))? {
                        return Some(Value::bool(false));
                    }
                    left = right;
                }
                Some(Value::bool(true))
            }
            Expr::If(branch) => {
                let test = self.eval(&branch.test)?;
                let truth = self.with(|cx| fold::fold_truth(cx, &test))?;
                self.eval(if truth { &branch.body } else { &branch.orelse })
            }
            Expr::Subscript(subscript) => {
                let (container, index) = (self.eval(&subscript.value)?, self.eval(&subscript.slice)?);
                self.with(|cx| fold::fold_subscript(cx, &container, &index))
            }
            Expr::Slice(slice) => {
                let mut parts = Vec::new();
                for part in [&slice.lower, &slice.upper, &slice.step] {
                    parts.push(match part {
                        Some(part) => self.eval(part)?,
                        None => Value::none(),
                    });
                }
                Some(Value::new(Kind::Slice(self.heap.insert(Object::List(parts)))))
            }
            Expr::Call(call) => self.eval_call(call),
            Expr::FString(text) => {
                let mut pieces = Vec::new();
                for part in &text.value {
                    match part {
                        ast::FStringPart::Literal(literal) => pieces.push(Value::str(&*literal.value)),
                        ast::FStringPart::FString(inner) => {
                            for element in &inner.elements {
                                pieces.push(self.eval_piece(element)?);
                            }
                        }
                    }
                }
                Some(self.with(|cx| fold::join_text(cx, &pieces)))
            }
            Expr::ListComp(comp) => {
                let items = self.comprehension(&comp.elt, &comp.generators)?;
                Some(self.heap.list(items))
            }
            Expr::Generator(comp) => {
                let items = self.comprehension(&comp.elt, &comp.generators)?;
                Some(Value::new(Kind::Iter(self.heap.insert(Object::Iter(items, 0)))))
            }
            _ => None,
        }
    }

    fn eval_piece(&mut self, element: &InterpolatedStringElement) -> Option<Value> {
        match element {
            InterpolatedStringElement::Literal(literal) => Some(Value::str(&*literal.value)),
            InterpolatedStringElement::Interpolation(field) => {
                let value = self.eval(&field.expression)?;
                let spec = match &field.format_spec {
                    Some(spec) => {
                        let mut pieces = Vec::new();
                        for element in &spec.elements {
                            pieces.push(self.eval_piece(element)?);
                        }
                        self.with(|cx| fold::join_text(cx, &pieces)).as_str()?.to_owned()
                    }
                    None => String::new(),
                };
                let conversion = match field.conversion {
                    ast::ConversionFlag::None => None,
                    ast::ConversionFlag::Str => Some('s'),
                    ast::ConversionFlag::Ascii => Some('a'),
                    ast::ConversionFlag::Repr => Some('r'),
                };
                self.with(|cx| fold::fold_format(cx, &value, conversion, &spec))
            }
        }
    }

    fn eval_call(&mut self, call: &ast::ExprCall) -> Option<Value> {
        let args = self.items(&call.arguments.args)?;
        let mut keywords: Vec<(Sym, Value)> = Vec::new();
        for keyword in &call.arguments.keywords {
            let name = self.symbols.intern(keyword.arg.as_ref()?.as_str());
            keywords.push((name, self.eval(&keyword.value)?));
        }
        if let Some(name) = self.dotted(&call.func).filter(|n| fold::is_foldable(n)) {
            return self.with(|cx| fold::fold_call(cx, &name, &args, &keywords));
        }
        let Expr::Attribute(attribute) = &*call.func else { return None };
        let receiver = self.eval(&attribute.value)?;
        let method = attribute.attr.as_str();
        self.with(|cx| fold::fold_method(cx, &receiver, method, &args, &keywords))
    }

    fn comprehension(&mut self, element: &Expr, clauses: &[ast::Comprehension]) -> Option<Vec<Value>> {
        let Some((clause, rest)) = clauses.split_first() else { return Some(vec![self.eval(element)?]) };
        let iter = self.eval(&clause.iter)?;
        let mut out = Vec::new();
        for item in self.with(|cx| fold::iterate(cx, &iter, 10_000))? {
            self.bind(&clause.target, item)?;
            let mut keep = true;
            for test in &clause.ifs {
                let test = self.eval(test)?;
                keep &= self.with(|cx| fold::fold_truth(cx, &test))?;
            }
            if keep {
                out.extend(self.comprehension(element, rest)?);
            }
        }
        Some(out)
    }

    fn bind(&mut self, target: &Expr, value: Value) -> Option<()> {
        match target {
            Expr::Name(name) => {
                self.variables.insert(name.id.to_string(), value);
                Some(())
            }
            Expr::Tuple(tuple) => {
                let values = self.with(|cx| fold::iterate(cx, &value, 16))?;
                for (target, value) in tuple.elts.iter().zip(values) {
                    self.bind(target, value)?;
                }
                Some(())
            }
            _ => None,
        }
    }
}

fn binary_op(op: ast::Operator) -> BinaryOp {
    match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Sub,
        ast::Operator::Mult => BinaryOp::Mult,
        ast::Operator::MatMult => BinaryOp::MatMult,
        ast::Operator::Div => BinaryOp::Div,
        ast::Operator::Mod => BinaryOp::Mod,
        ast::Operator::Pow => BinaryOp::Pow,
        ast::Operator::LShift => BinaryOp::LShift,
        ast::Operator::RShift => BinaryOp::RShift,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn compare_op(op: ast::CmpOp) -> CompareOp {
    match op {
        ast::CmpOp::Eq => CompareOp::Eq,
        ast::CmpOp::NotEq => CompareOp::NotEq,
        ast::CmpOp::Lt => CompareOp::Lt,
        ast::CmpOp::LtE => CompareOp::LtE,
        ast::CmpOp::Gt => CompareOp::Gt,
        ast::CmpOp::GtE => CompareOp::GtE,
        ast::CmpOp::Is => CompareOp::Is,
        ast::CmpOp::IsNot => CompareOp::IsNot,
        ast::CmpOp::In => CompareOp::In,
        ast::CmpOp::NotIn => CompareOp::NotIn,
    }
}

/// What folding an expression prints, `?` if it does not fold.
fn fold_text(source: &str) -> String {
    let Ok(parsed) = ruff_python_parser::parse_expression(source) else { return "syntax".to_owned() };
    let mut evaluator = Evaluator::new();
    let Some(value) = evaluator.eval(parsed.expr()) else { return "?".to_owned() };
    evaluator.with(|cx| fold::render_repr(cx, &value)).unwrap_or_else(|| "?".to_owned())
}

/// Compares the cases of a table; what CPython refuses must not fold.
fn differences(table: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let Some((source, expected)) = line.split_once('\t') else {
            wrong.push(format!("no tab in {line}"));
            continue;
        };
        let found = fold_text(source);
        let expected = if expected == "!" { "?" } else { expected };
        if found != expected {
            wrong.push(format!("{source}\n    expected {expected}\n    found    {found}"));
        }
    }
    wrong
}

#[test]
fn expressions_fold_to_what_cpython_prints() {
    let table = include_str!("fold_cases.txt");
    let wrong = differences(table);
    assert!(table.lines().count() >= 400, "the table is not complete");
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[ignore = "reads a table of another run: set VENIN_FOLD_CASES to its path"]
fn expressions_of_another_table_fold_to_what_cpython_prints() {
    let path = std::env::var("VENIN_FOLD_CASES").expect("the path of a table");
    let wrong = differences(&std::fs::read_to_string(path).expect("a readable table"));
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}
