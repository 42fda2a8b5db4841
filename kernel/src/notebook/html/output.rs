//! One output as HTML: the richest format that is safe.

use super::markdown::{self, Pictures};
use super::{ansi, clean::clean, escape, prompt};
use crate::notebook::format::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use math_core::MathDisplay;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Writes an output under its cell.
pub(super) fn write(output: &Output, page: &mut String) {
    let (class, prompt, html) = match output {
        Output::Stream { name, text } => {
            let class = if name == "stderr" { "stderr" } else { "stdout" };
            (
                class,
                String::new(),
                format!("<pre>{}</pre>", ansi::to_html(text.trim_end_matches('\n'))),
            )
        }
        Output::Display { data, .. } => ("display", String::new(), richest(data)),
        Output::Result { count, data, .. } => ("result", prompt("Out", *count), richest(data)),
        Output::Error {
            name,
            message,
            traceback,
        } => {
            let lines = if traceback.is_empty() {
                format!("{name}: {message}")
            } else {
                traceback.join("\n")
            };
            (
                "error",
                String::new(),
                format!("<pre>{}</pre>", ansi::to_html(lines.trim_end_matches('\n'))),
            )
        }
    };
    if !html.is_empty() {
        _ = writeln!(
            page,
            "<div class=\"out {class}\">{prompt}<div class=\"content\">{html}</div></div>"
        );
    }
}

fn richest(data: &Map<String, Value>) -> String {
    let text = |mime: &str| data.get(mime).and_then(Value::as_str);
    let plain = text("text/plain");
    if let Some(html) = text("text/html") {
        return clean(html);
    }
    if let Some(svg) = text("image/svg+xml") {
        // As a picture, a drawing runs no script and loads nothing.
        return image("image/svg+xml", &STANDARD.encode(svg), plain);
    }
    for mime in ["image/png", "image/jpeg", "image/webp", "image/gif"] {
        let bytes = text(mime).map(|data| data.split_whitespace().collect::<String>());
        if let Some(base64) = bytes.filter(|base64| STANDARD.decode(base64).is_ok()) {
            return image(mime, &base64, plain);
        }
    }
    if let Some(prose) = text("text/markdown") {
        return markdown::to_html(prose, Pictures::default());
    }
    if let Some(latex) = text("text/latex") {
        return markdown::formula(latex.trim().trim_matches('$'), MathDisplay::Block);
    }
    if let Some(plain) = plain {
        return format!("<pre>{}</pre>", ansi::to_html(plain));
    }
    let json = data
        .get("application/json")
        .and_then(|value| serde_json::to_string_pretty(value).ok());
    json.map_or_else(String::new, |json| format!("<pre>{}</pre>", escape(&json)))
}

fn image(mime: &str, base64: &str, alternative: Option<&str>) -> String {
    let alternative = escape(&ansi::without_colours(alternative.unwrap_or_default()));
    format!("<img src=\"data:{mime};base64,{base64}\" alt=\"{alternative}\">")
}
