//! What evcxr sees of a cell, and what the compiler sees of what evcxr makes of it.
//!
//! evcxr wants to know the type of every variable before it compiles, and asks rust-analyzer, which takes seconds to
//! load and sometimes does not know. The compiler knows for sure, but only afterwards. So evcxr is given a stand-in for
//! each type (`__mlc_T7`); in the text that evcxr generates for the defining cell the stand-in becomes "infer it", the
//! compiler's dump then says what it is, and in the text of later cells the stand-in becomes that type. One compiler
//! call a cell is enough.

use crate::syntax::{CellSyntax, bound_names};
use ra_ap_syntax::ast;
use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, TextSize};
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Types by the number of their stand-in.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeTable {
    types: HashMap<usize, String>,
    next: usize,
}

impl TypeTable {
    fn reserve(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    pub fn learn(&mut self, slot: usize, name: String) {
        self.types.insert(slot, name);
    }

    pub fn get(&self, slot: usize) -> Option<&str> {
        self.types.get(&slot).map(String::as_str)
    }

    /// Puts types in the place of their stand-ins.
    pub fn fill_in(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        STAND_IN
            .replace_all(text, |found: &Captures| {
                match found[1].parse().ok().and_then(|slot| self.get(slot)) {
                    Some(name) => write(name),
                    None => "_".to_owned(),
                }
            })
            .into_owned()
    }
}

macro_rules! pattern {
    ($name:ident, $pattern:literal) => {
        static $name: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($pattern).expect("the pattern is constant and correct"));
    };
}

pattern!(STAND_IN, r"__mlc_(?:re_)?T(\d+)");
pattern!(REBINDING, r" let (?:mut )?[\w#]+: __mlc_re_T\d+ = [\w#]+;");
pattern!(ANNOTATION, r": __mlc_T(\d+)([ =;])");
pattern!(
    PACKING,
    r"put_variable::<__mlc_(?:re_)?T(\d+)>\(stringify!\(([\w#]+)\), [\w#]+\);"
);
pattern!(
    ERROR_TYPE,
    r#"struct EvcxrUserCodeError \{\}\s*impl<T: [\w:]+> From<T> for EvcxrUserCodeError \{\s*fn from\(error: T\) -> Self \{\s*eprintln!\("(\{[^"]*\})", error\);\s*println!\("\{\}", evcxr_internal_runtime::USER_ERROR_OCCURRED\);\s*EvcxrUserCodeError \{\}\s*\}\s*\}"#
);
pattern!(
    STORE_MODULE,
    r"(?s)\nmod evcxr_internal_runtime \{\n.*?\n\}\n\}\n"
);

pattern!(
    FALLBACK,
    r#"(?s)evcxr_send_text_plain\(&format!\("\{:\?\}",&\(\n(.*?\n)\)\)\);"#
);

/// Where the code around a cell finds what every cell needs.
const USE_ERRORS: &str = "use ::mlcourse_cell::errors::";
const USE_STORE: &str = "use ::mlcourse_cell::store as evcxr_internal_runtime;";

const HIDE: &str = "__mlc_let!{[__mlc_o]";
const UNHIDE: &str = "[__mlc_c]}";

/// The text of a cell for evcxr: expressions hidden, variables without a written type with a stand-in, the value shown
/// by reference.
///
/// Expressions are hidden in a macro call that nobody expands, so that evcxr's rust-analyzer has nothing to infer.
pub(super) fn for_evcxr(cell: &str, syntax: &CellSyntax, types: &mut TypeTable) -> String {
    let mut out = String::from(&cell[..syntax.code_start]);
    let mut done = syntax.code_start;
    for statement in syntax.statements() {
        let text = &cell[statement.range.clone()];
        out.push_str(&cell[done..statement.range.start]);
        done = statement.range.end;
        if statement.is_value && ast::Expr::can_cast(statement.node.kind()) {
            out.push_str(&format!("&({HIDE}{text}\n{UNHIDE})"));
        } else if let Some(binding) = ast::LetStmt::cast(statement.node.clone()) {
            out.push_str(&let_for_evcxr(text, &binding, types));
        } else if can_be_hidden(&statement.node) {
            out.push_str(&format!("{HIDE}{text}{UNHIDE} ;"));
        } else {
            out.push_str(text);
        }
    }
    out.push_str(&cell[done..]);
    out
}

/// Whether a statement is an expression; a macro call may be an item, which evcxr must see.
fn can_be_hidden(node: &SyntaxNode) -> bool {
    let expression = match ast::ExprStmt::cast(node.clone()) {
        Some(statement) => statement.expr(),
        None => ast::Expr::cast(node.clone()),
    };
    expression.is_some_and(|expression| !matches!(expression, ast::Expr::MacroExpr(_)))
}

fn let_for_evcxr(text: &str, binding: &ast::LetStmt, types: &mut TypeTable) -> String {
    let Some(pattern) = binding.pat() else {
        return text.to_owned();
    };
    let names = bound_names(&pattern);
    let start = binding.syntax().text_range().start();
    let place = |offset: TextSize| usize::from(offset - start);
    let plain = matches!(&pattern, ast::Pat::IdentPat(ident) if ident.pat().is_none() && ident.ref_token().is_none());
    let written = binding.ty();
    if plain && binding.let_else().is_none() && written.as_ref().is_none_or(is_whole_type) {
        let mut out = text.to_owned();
        if let Some(value) = binding.initializer() {
            let range = value.syntax().text_range();
            out.insert_str(place(range.end()), UNHIDE);
            out.insert_str(place(range.start()), HIDE);
        }
        if written.is_none() {
            // A space after, whatever follows: the compiler's text is the reader's again once this is removed.
            let annotation = format!(": __mlc_T{} ", types.reserve());
            out.insert_str(place(pattern.syntax().text_range().end()), &annotation);
        }
        return out;
    }
    if names.is_empty() {
        return format!("{HIDE}{text}{UNHIDE} ;");
    }
    let mut out = format!("{HIDE}{text}{UNHIDE}");
    for (name, mutable) in names {
        let mutable = if mutable { "mut " } else { "" };
        out.push_str(&format!(
            " let {mutable}{name}: __mlc_re_T{} = {name};",
            types.reserve()
        ));
    }
    out
}

/// Whether a written type leaves nothing to infer.
fn is_whole_type(written: &ast::Type) -> bool {
    !written
        .syntax()
        .descendants()
        .any(|node| node.kind() == SyntaxKind::INFER_TYPE)
}

/// The text for the compiler: the reader's own again, with calls to the runtime where evcxr prints its marks. Line
/// breaks stay where they are, since evcxr goes by lines.
pub(super) fn for_compiler(generated: &str, types: &TypeTable, own_format: bool) -> String {
    let text = generated.replace(HIDE, "").replace(UNHIDE, "");
    let text = if own_format {
        // `:fmt` and `:types` are evcxr's second choice, when this does not compile.
        text.replace(").evcxr_display();", ").evcxr_display_by_format();")
    } else if !text.contains("use mlcourse::prelude::*;") {
        // evcxr's own first evaluation, before there is a prelude.
        text
    } else {
        // evcxr also takes its second choice for errors that have nothing to do with the display.
        FALLBACK
            .replace_all(&text, "(\n$1).evcxr_display();")
            .into_owned()
    };
    let text = REBINDING.replace_all(&text, "");
    let text = ANNOTATION.replace_all(&text, |found: &Captures| {
        // The space that `for_evcxr` put in goes with it.
        if found[2] == *" " {
            String::new()
        } else {
            found[2].to_owned()
        }
    });
    let text = PACKING.replace_all(&text, |found: &Captures| {
        let known = found[1].parse().ok().and_then(|slot| types.get(slot));
        match known {
            Some(name) => format!("put_variable::<{name}>(stringify!({0}), {0});", &found[2]),
            None => format!(
                "put_variable::<_>(stringify!({0}), ::mlcourse_cell::typed::<{1}, _>({0}));",
                &found[2], &found[1]
            ),
        }
    });
    // Compiled once, with the library, rather than in every cell.
    let text = ERROR_TYPE.replace_all(&text, |found: &Captures| {
        let format = match &found[1] {
            "{}" => "display",
            "{:?}" => "debug",
            _ => "pretty",
        };
        let lines = "\n".repeat(found[0].matches('\n').count());
        format!("{USE_ERRORS}{format}::EvcxrUserCodeError;{lines}")
    });
    let text = STORE_MODULE.replace(&text, |found: &Captures| {
        let lines = "\n".repeat(found[0].matches('\n').count() - 1);
        format!("\n{USE_STORE}{lines}")
    });
    let text = text
        // With the lines around them: a reader may print the same words.
        .replace(
            "  Err(_) => {\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n}}",
            "  Err(_) => {\n    ::mlcourse_cell::cell_panicked();\n}}",
        )
        .replace(
            "}).is_err() {\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n}",
            "}).is_err() {\n    ::mlcourse_cell::cell_panicked();\n}",
        )
        .replace("evcxr_send_text_plain(&", "::mlcourse_cell::send_text(&");
    types.fill_in(&text, str::to_owned)
}

/// The items at the head of a text for the compiler.
pub(super) fn items(text: &str) -> &str {
    let end = [USE_ERRORS, USE_STORE, "#[unsafe(no_mangle)]"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min();
    // The first line is evcxr's inner attribute.
    let start = text.find('\n').map_or(0, |end| end + 1);
    text.get(start..end.unwrap_or(text.len()))
        .unwrap_or_default()
}

/// Types by stand-in, as the compiler's dump of a cell says them.
pub(super) fn types_in_dump(dump: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut locals: HashMap<&str, &str> = HashMap::new();
    for line in dump.lines() {
        if line.starts_with("fn ") {
            locals.clear();
        }
        let line = line.trim();
        if let Some(declared) = line.strip_prefix("let ") {
            if let Some((name, rest)) = declared.trim_start_matches("mut ").split_once(": ") {
                locals.insert(name, rest.trim_end_matches(';'));
            }
        } else if let Some((local, call)) = line.split_once(" = ")
            && let Some(slot) = slot_of_call(call)
            && let Some(name) = locals.get(local)
        {
            found.push((slot, (*name).to_owned()));
        }
    }
    found
}

/// `mlcourse::rt::typed::<7, T>(…` names slot 7.
fn slot_of_call(call: &str) -> Option<usize> {
    let (path, rest) = call.split_once("typed::<")?;
    if !path
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_' || c == ':')
    {
        return None;
    }
    rest.split_once(',')?
        .0
        .trim_end_matches("_usize")
        .parse()
        .ok()
}

/// Why a variable of this type cannot be named in later cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unnameable {
    /// A closure's type has no name.
    Closure,
    /// Nor has a function's own.
    Function,
    /// `impl Trait`, or a future.
    Opaque,
}

impl Unnameable {
    pub fn of(name: &str) -> Option<Self> {
        if name.contains("{closure@") {
            Some(Self::Closure)
        } else if name.contains("fn(") && name.contains(" {") {
            Some(Self::Function)
        } else if name.contains("impl ") || name.contains("{async") || name.contains('{') {
            Some(Self::Opaque)
        } else {
            None
        }
    }
}

/// A type for the reader: paths down to their last word, arrays by their usual names.
pub(super) fn short_type(name: &str) -> String {
    pattern!(PATH, r"(?:[a-zA-Z_]\w*::)+([a-zA-Z_])");
    pattern!(
        ARRAY,
        r"ArrayBase<OwnedRepr<(\w+)>, Dim<\[usize; (\d)\]>(?:, \w+)?>"
    );
    let short = PATH.replace_all(name, "$1");
    ARRAY.replace_all(&short, "Array$2<$1>").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(cell: &str) -> String {
        let mut types = TypeTable::default();
        let seen = for_evcxr(cell, &CellSyntax::parse(cell), &mut types);
        for_compiler(&seen, &types, false)
    }

    #[test]
    fn the_compiler_sees_the_lets_that_the_reader_wrote() {
        for cell in [
            "let x = 1;",
            "let mut x = vec![1.0];",
            "let x;",
            "let x: Vec<f64> = Vec::new();",
            "let v: Vec<_> = (0..3).collect();",
            "let (a, mut b) = (1, \"é\");",
            "let Some(x) = Some(3) else { panic!() };",
            "let x=1; let y =x;\nlet z\n= 2;",
        ] {
            assert_eq!(
                there_and_back(cell).replace(' ', ""),
                cell.replace(' ', ""),
                "{cell}"
            );
            assert_eq!(there_and_back(cell).lines().count(), cell.lines().count());
        }
    }

    #[test]
    fn a_value_is_shown_by_reference() {
        assert_eq!(
            there_and_back("let x = 1;\nx + 1 // sum"),
            "let x = 1;\n&(x + 1\n) // sum"
        );
    }

    #[test]
    fn the_dump_names_types_by_slot() {
        let dump = "fn run(_1: *mut u8) -> () {\n    let mut _3: std::vec::Vec<f64>;\n    let _4: Point;\n        \
                    _3 = mlcourse::rt::typed::<7, Vec<f64>>(move _2) -> [return: bb1];\n        \
                    _4 = typed::<12_usize, Point>(move _5) -> [return: bb1];\n}";
        assert_eq!(
            types_in_dump(dump),
            [
                (7, "std::vec::Vec<f64>".to_owned()),
                (12, "Point".to_owned())
            ]
        );
    }

    #[test]
    fn a_closure_cannot_be_named() {
        assert_eq!(
            Unnameable::of("std::iter::Map<I, {closure@src/lib.rs:3:4: 3:9}>"),
            Some(Unnameable::Closure)
        );
        assert_eq!(
            Unnameable::of("fn(i32) -> i32 {double}"),
            Some(Unnameable::Function)
        );
        assert_eq!(
            Unnameable::of("std::boxed::Box<dyn std::ops::Fn(i32) -> i32>"),
            None
        );
    }

    #[test]
    fn a_shown_type_is_short() {
        assert_eq!(
            short_type("std::option::Option<std::vec::Vec<f64>>"),
            "Option<Vec<f64>>"
        );
        let array = "ndarray::ArrayBase<ndarray::OwnedRepr<f64>, ndarray::Dim<[usize; 2]>, f64>";
        assert_eq!(short_type(array), "Array2<f64>");
    }
}
