//! Rust code as HTML, coloured by the compiler's own lexer.

use super::escape;
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

/// Code as escaped HTML with spans of short classes: keyword `k`, type `t`, string `s`, number `n`, comment `c`, macro
/// `m`, function `f`, lifetime `l`, and the session's own commands (`:dep`) `d`.
pub(super) fn rust(code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    let mut block = String::new();
    for line in code.split_inclusive('\n') {
        // A command is a line of its own, and its rest is not Rust. Inside a path or a struct, a line never begins so
        // in column 0.
        if line.starts_with(':') && !line.starts_with("::") {
            tokens(&std::mem::take(&mut block), &mut html);
            span("d", line.trim_end_matches('\n'), &mut html);
            html.push_str(if line.ends_with('\n') { "\n" } else { "" });
        } else {
            block.push_str(line);
        }
    }
    tokens(&block, &mut html);
    html
}

fn tokens(code: &str, html: &mut String) {
    let mut rest = code;
    let mut lexed = tokenize(code, FrontmatterAllowed::No).peekable();
    while let Some(token) = lexed.next() {
        let (text, after) = rest.split_at(token.len as usize);
        rest = after;
        match class(token.kind, text, lexed.peek().map(|next| next.kind), rest) {
            Some(class) => span(class, text, html),
            None => html.push_str(&escape(text)),
        }
    }
}

fn span(class: &str, text: &str, html: &mut String) {
    html.push_str("<span class=\"");
    html.push_str(class);
    html.push_str("\">");
    html.push_str(&escape(text));
    html.push_str("</span>");
}

fn class(kind: TokenKind, text: &str, next: Option<TokenKind>, rest: &str) -> Option<&'static str> {
    Some(match kind {
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => "c",
        TokenKind::Literal {
            kind: LiteralKind::Int { .. } | LiteralKind::Float { .. },
            ..
        } => "n",
        TokenKind::Literal { .. } => "s",
        TokenKind::Lifetime { .. } | TokenKind::RawLifetime => "l",
        TokenKind::Ident if KEYWORDS.contains(&text) => "k",
        TokenKind::Ident | TokenKind::RawIdent => match next {
            // `!=` is two tokens to this lexer.
            Some(TokenKind::Bang) if !rest.starts_with("!=") => "m",
            _ if PRIMITIVES.contains(&text) || text.starts_with(char::is_uppercase) => "t",
            Some(TokenKind::OpenParen) => "f",
            _ => return None,
        },
        _ => return None,
    })
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn code_is_coloured_and_escaped() {
        assert_eq!(
            rust("let x: Vec<f64> = f(1.5); // a & b"),
            "<span class=\"k\">let</span> x: <span class=\"t\">Vec</span>&lt;<span class=\"t\">f64</span>&gt; = \
             <span class=\"f\">f</span>(<span class=\"n\">1.5</span>); <span class=\"c\">// a &amp; b</span>"
        );
    }

    #[test]
    fn a_string_with_markup_cannot_leave_its_span() {
        assert_eq!(
            rust(r##"r#"</span><script>"#"##),
            "<span class=\"s\">r#&quot;&lt;/span&gt;&lt;script&gt;&quot;#</span>"
        );
    }

    #[test]
    fn macros_and_inequalities_are_told_apart() {
        assert_eq!(rust("vec![a!=b]"), "<span class=\"m\">vec</span>![a!=b]");
    }

    #[test]
    fn commands_are_no_rust() {
        let html = rust(":dep serde = \"1\"\nlet y");
        assert_eq!(
            html,
            "<span class=\"d\">:dep serde = &quot;1&quot;</span>\n<span class=\"k\">let</span> y"
        );
    }

    #[test]
    fn unfinished_code_is_kept_whole() {
        for code in ["\"abc", "/* x", "'", "r#\"", "é«»"] {
            let plain = rust(code)
                .replace("</span>", "")
                .replace("<span class=\"c\">", "");
            let plain = plain
                .replace("<span class=\"s\">", "")
                .replace("<span class=\"l\">", "");
            assert_eq!(plain, escape(code), "{code}");
        }
    }
}
