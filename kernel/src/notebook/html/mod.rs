//! A notebook as one page that needs nothing else: no script, no network, light and dark.
//!
//! What a notebook shows was made by somebody's code, so every piece is escaped or cleaned before it enters the page,
//! and the page's own policy forbids scripts and connections besides.

mod ansi;
mod clean;
mod highlight;
mod markdown;
mod output;

use super::format::{Cell, Kind, Notebook};
use crate::Lang;
use markdown::Pictures;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

pub use ansi::without_colours;

/// How to make a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageOptions<'a> {
    /// The page's language, unless the notebook's metadata name one (`lang`).
    pub lang: Lang,
    /// The title of a notebook without a heading.
    pub name: &'a str,
    /// The notebook's folder: pictures below it are put into the page.
    pub folder: Option<&'a Path>,
}

const STYLE: &str = include_str!("style.css");

/// Pictures in the page and its own style, and nothing else: no script, no frame, no form, no connection.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The notebook as a page.
pub fn page(notebook: &Notebook, options: &PageOptions<'_>) -> String {
    let mut body = String::new();
    for cell in &notebook.cells {
        write_cell(cell, options, &mut body);
    }
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"mlcourse {version}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        lang = escape(&language(notebook, options.lang)),
        version = env!("CARGO_PKG_VERSION"),
        title = escape(&title(notebook).unwrap_or_else(|| options.name.to_owned())),
    )
}

fn language(notebook: &Notebook, default: Lang) -> String {
    let named = notebook.metadata.get("lang").and_then(Value::as_str);
    named.unwrap_or(default.pick("en", "fr")).to_owned()
}

fn title(notebook: &Notebook) -> Option<String> {
    let prose = notebook
        .cells
        .iter()
        .filter(|cell| cell.kind == Kind::Markdown);
    prose
        .map(|cell| cell.source.as_str())
        .find_map(markdown::first_heading)
}

fn write_cell(cell: &Cell, options: &PageOptions<'_>, page: &mut String) {
    match &cell.kind {
        Kind::Markdown => {
            let pictures = Pictures {
                attachments: cell.attachments.as_ref(),
                folder: options.folder,
            };
            let html = markdown::to_html(&cell.source, pictures);
            _ = writeln!(page, "<section class=\"prose\">\n{html}</section>");
        }
        // Text for another tool (LaTeX, a slide maker) is not for this page's reader.
        Kind::Raw => {}
        Kind::Code(code) => {
            page.push_str("<section class=\"code\">\n");
            if !cell.source.trim().is_empty() {
                let source = highlight::rust(cell.source.trim_end());
                let prompt = prompt("In", code.count);
                _ = writeln!(
                    page,
                    "<div class=\"in\">{prompt}<pre><code>{source}</code></pre></div>"
                );
            }
            code.outputs
                .iter()
                .for_each(|output| output::write(output, page));
            page.push_str("</section>\n");
        }
    }
}

fn prompt(word: &str, count: Option<u32>) -> String {
    let count = count.map_or_else(|| " ".to_owned(), |count| count.to_string());
    format!("<span class=\"prompt\">{word}&nbsp;[{count}]</span>")
}

/// Text that stays text inside an element or a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A parser of HTML would replace it anyway.
            '\0' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
