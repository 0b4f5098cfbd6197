//! The imports of a lowered source, for import closures.

use super::ir::{Block, Code, ImportFrom, Stmt, Try};
use crate::value::Symbols;

/// An import as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRef {
    /// Dotted module without leading dots; empty for `from . import x`.
    pub module: String,
    /// Number of leading dots.
    pub level: u32,
    /// Names of a `from` import; empty for a plain one.
    pub names: Vec<String>,
    /// Whether it runs when the module is imported: it is in no function.
    pub is_top_level: bool,
}

/// All import statements, those of the module body before those of functions.
///
/// Imports by `__import__` and `importlib` are calls, not statements, and are not in the list.
#[must_use]
pub fn list_imports(code: &Code, _symbols: &Symbols) -> Vec<ImportRef> {
    let mut refs = imports_of(code, &code.body);
    for import in &mut refs {
        import.is_top_level = true;
    }
    refs.extend(code.functions.iter().flat_map(|function| imports_of(code, &function.body)));
    refs
}

/// The imports of a body, without those of the functions defined in it.
fn imports_of(code: &Code, body: &Block) -> Vec<ImportRef> {
    let mut refs = Vec::new();
    let mut open: Vec<&Block> = vec![body];
    while let Some(block) = open.pop() {
        for id in block {
            let Some((stmt, _)) = code.stmts.get(id.0 as usize) else { continue };
            push_blocks(code, stmt, &mut open);
            match stmt {
                Stmt::Import(names) => refs.extend(names.iter().map(|alias| ImportRef {
                    module: alias.name.to_string(),
                    level: 0,
                    names: Vec::new(),
                    is_top_level: false,
                })),
                Stmt::ImportFrom(import) => {
                    let ImportFrom { module, level, names } = &**import;
                    let names = names.iter().map(|alias| alias.name.to_string()).collect();
                    let module = module.to_string();
                    refs.push(ImportRef { module, level: *level, names, is_top_level: false });
                }
                _ => {}
            }
        }
    }
    refs
}

/// The blocks of a statement that run with it; function bodies are not among them.
fn push_blocks<'c>(code: &'c Code, stmt: &'c Stmt, open: &mut Vec<&'c Block>) {
    match stmt {
        Stmt::If(branches) => open.extend(branches.iter().map(|(_, block)| block)),
        Stmt::While(repeated) => open.extend([&repeated.body, &repeated.orelse]),
        Stmt::For(repeated) => open.extend([&repeated.body, &repeated.orelse]),
        Stmt::Try(protected) => {
            let Try { body, handlers, orelse, finally } = &**protected;
            open.extend([body, orelse, finally]);
            open.extend(handlers.iter().map(|handler| &handler.body));
        }
        Stmt::With(managed) => open.push(&managed.body),
        Stmt::Match { cases, .. } => open.extend(cases.iter().map(|case| &case.body)),
        Stmt::Class(class) => open.extend(code.classes.get(class.0 as usize).map(|class| &class.body)),
        _ => {}
    }
}
