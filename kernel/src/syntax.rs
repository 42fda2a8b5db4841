//! A cell's text as syntax: its commands, its statements, whether it is whole.

use crate::Completeness;
use ra_ap_syntax::ast::{self, HasName};
use ra_ap_syntax::{AstNode, Edition, Parse, SourceFile, SyntaxKind, SyntaxNode, T, TextRange};
use std::ops::Range;

/// What stands around a cell's statements so that they parse as a function's body.
const BEFORE: &str = "fn __cell() {\n";
const AFTER: &str = "\n}";

/// A cell's text: lines of commands, then Rust.
pub(crate) struct CellSyntax<'a> {
    /// Lines that begin with `:` or `!`, with comments and blank lines between them.
    pub commands: Vec<&'a str>,
    /// The byte where Rust begins.
    pub code_start: usize,
    /// The Rust text.
    pub code: &'a str,
    parse: Parse<SourceFile>,
}

/// A statement of a cell.
pub(crate) struct Statement {
    /// Its bytes in the cell.
    pub range: Range<usize>,
    /// Its node.
    pub node: SyntaxNode,
    /// Whether it is the last expression, whose value is the cell's.
    pub is_value: bool,
}

/// A syntax error, by bytes of the cell.
pub(crate) struct SyntaxError {
    pub message: String,
    pub range: Range<usize>,
}

impl<'a> CellSyntax<'a> {
    pub fn parse(cell: &'a str) -> Self {
        let code_start = commands_end(cell);
        let commands = cell[..code_start]
            .lines()
            .filter(|line| is_command(line))
            .collect();
        let code = &cell[code_start..];
        let parse = SourceFile::parse(&format!("{BEFORE}{code}{AFTER}"), Edition::Edition2024);
        Self {
            commands,
            code_start,
            code,
            parse,
        }
    }

    /// The cell's statements, in order.
    pub fn statements(&self) -> Vec<Statement> {
        let Some(body) = self
            .parse
            .tree()
            .syntax()
            .descendants()
            .find_map(ast::StmtList::cast)
        else {
            return Vec::new();
        };
        let value = body.tail_expr().map(|tail| tail.syntax().clone());
        body.syntax()
            .children()
            .filter(|node| {
                ast::Stmt::can_cast(node.kind())
                    || Some(node) == value.as_ref()
                    || ast::Attr::can_cast(node.kind())
            })
            .map(|node| Statement {
                range: self.in_cell(node.text_range()),
                is_value: Some(&node) == value.as_ref(),
                node,
            })
            .collect()
    }

    /// The bytes of the cell that a range of the parsed text covers.
    pub fn in_cell(&self, range: TextRange) -> Range<usize> {
        let place = |offset: usize| {
            offset.saturating_sub(BEFORE.len()).min(self.code.len()) + self.code_start
        };
        place(range.start().into())..place(range.end().into())
    }

    /// What the parser minds.
    pub fn errors(&self) -> Vec<SyntaxError> {
        self.parse
            .errors()
            .iter()
            .map(|error| SyntaxError {
                message: error.to_string(),
                range: self.in_cell(error.range()),
            })
            .collect()
    }

    /// Whether the text closes what it opens and nothing else; the wrapping would hide it.
    pub fn balance(&self) -> Balance {
        Balance::of(self.code)
    }
}

/// Where Rust begins: after the last of the command lines at the top.
fn commands_end(cell: &str) -> usize {
    let mut end = 0;
    let mut offset = 0;
    for line in cell.split_inclusive('\n') {
        offset += line.len();
        if is_command(line) {
            end = offset;
        } else if !line.trim().is_empty() && !line.starts_with("//") {
            break;
        }
    }
    end
}

fn is_command(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with(':') || line.starts_with('!')
}

/// How many brackets a text leaves open.
pub(crate) enum Balance {
    /// None.
    Even,
    /// So many, or a string or a comment.
    Open(usize),
    /// It closes one that it did not open.
    Closed,
}

impl Balance {
    fn of(code: &str) -> Self {
        let parse = SourceFile::parse(code, Edition::Edition2024);
        let unterminated = parse
            .errors()
            .iter()
            .any(|error| error.to_string().contains("Missing trailing"));
        let mut open = Vec::new();
        for token in parse
            .syntax_node()
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
        {
            let opener = match token.kind() {
                kind @ (T!['('] | T!['['] | T!['{']) => {
                    open.push(kind);
                    continue;
                }
                T![')'] => T!['('],
                T![']'] => T!['['],
                T!['}'] => T!['{'],
                SyntaxKind::COMMENT if is_open_comment(token.text()) => {
                    return Self::Open(open.len());
                }
                _ => continue,
            };
            if open.pop() != Some(opener) {
                return Self::Closed;
            }
        }
        if unterminated || !open.is_empty() {
            Self::Open(open.len())
        } else {
            Self::Even
        }
    }
}

fn is_open_comment(text: &str) -> bool {
    text.starts_with("/*") && text.matches("/*").count() > text.matches("*/").count()
}

impl Completeness {
    /// Judges a cell's text by its syntax alone, in microseconds.
    ///
    /// ```
    /// use mlcourse_kernel::Completeness;
    /// assert_eq!(Completeness::of("let x = 1;"), Completeness::Complete);
    /// assert_eq!(Completeness::of("let x ="), Completeness::Incomplete(String::new()));
    /// assert_eq!(Completeness::of("fn f() {"), Completeness::Incomplete("    ".into()));
    /// assert_eq!(Completeness::of("fn fn"), Completeness::Invalid);
    /// ```
    pub fn of(code: &str) -> Self {
        let cell = CellSyntax::parse(code);
        match cell.balance() {
            Balance::Closed => return Self::Invalid,
            Balance::Open(depth) => return Self::Incomplete("    ".repeat(depth)),
            Balance::Even => {}
        }
        let end = cell.code_start + cell.code.trim_end().len();
        let errors = cell.errors();
        if errors.is_empty() {
            Self::Complete
        } else if errors.iter().all(|error| error.range.start >= end)
            && !ends_with_bad_keyword(cell.code)
        {
            Self::Incomplete(String::new())
        } else {
            Self::Invalid
        }
    }
}

/// `fn fn`: the parser minds the end only, but nothing can follow.
fn ends_with_bad_keyword(code: &str) -> bool {
    let mut words = code.split_whitespace().rev();
    matches!((words.next(), words.next()), (Some(last), Some(before))
        if last == before && matches!(last, "fn" | "let" | "struct" | "enum" | "impl" | "use" | "mod" | "trait"))
}

/// The names that a pattern binds, each with whether it is `mut`.
pub(crate) fn bound_names(pattern: &ast::Pat) -> Vec<(String, bool)> {
    pattern
        .syntax()
        .descendants()
        .filter_map(ast::IdentPat::cast)
        .filter_map(|binding| {
            let name = binding.name()?.text().to_string();
            // An upper-case name in a pattern is a constant or a variant.
            let is_variable = !name.starts_with(|first: char| first.is_uppercase());
            is_variable.then(|| (name, binding.mut_token().is_some()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_before_the_code() {
        let cell = CellSyntax::parse("// first\n:dep serde\n\n:opt 2\nlet x = 1;\nx");
        assert_eq!(cell.commands, [":dep serde", ":opt 2"]);
        assert_eq!(cell.code, "let x = 1;\nx");
        let statements = cell.statements();
        assert_eq!(statements.len(), 2);
        assert!(statements[1].is_value);
        assert_eq!(statements[1].range, 39..40);
    }

    #[test]
    fn an_unfinished_expression_waits_for_more() {
        for code in [
            "1 +",
            "x.",
            "let y = foo(",
            "let s = \"abc",
            "/* note",
            "if a {",
            "let a = std::",
            "match x {",
        ] {
            assert!(
                matches!(Completeness::of(code), Completeness::Incomplete(_)),
                "{code}"
            );
        }
    }

    #[test]
    fn a_text_that_nothing_can_mend_is_invalid() {
        for code in ["fn fn", "let x = );", "}", "let let", "1 + ] 2"] {
            assert_eq!(Completeness::of(code), Completeness::Invalid, "{code}");
        }
    }

    #[test]
    fn whole_cells_are_complete() {
        for code in [
            "",
            "1",
            ":vars",
            "let x = 1;",
            "fn f() {}",
            "println!(\"{}\", 1)",
            "for i in 0..3 { }",
            "// hi",
        ] {
            assert_eq!(Completeness::of(code), Completeness::Complete, "{code}");
        }
    }
}
