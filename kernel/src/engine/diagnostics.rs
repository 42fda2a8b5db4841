//! The compiler's messages, in terms of the reader's cells.

use super::source_map::{Place, SourceMap};
use crate::syntax::{CellSyntax, SyntaxError};
use crate::{CellError, Lang};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Patch, Renderer, Snippet};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

/// What the messages are about.
pub(super) struct Context<'a> {
    pub map: SourceMap<'a>,
    pub lang: Lang,
    /// Variables that an earlier cell used up, and that cell.
    pub moved: &'a HashMap<String, u32>,
}

/// One readable error from a failed compilation.
pub(super) fn explain(messages: &[Value], context: &Context) -> Option<CellError> {
    let errors: Vec<Report> = messages
        .iter()
        .filter(|message| message["level"] == "error")
        .map(|message| Report::read(message, context))
        .collect();
    let shown: Vec<&Report> = match errors
        .iter()
        .filter(|report| report.is_placed())
        .collect::<Vec<_>>()
    {
        placed if placed.is_empty() => errors
            .iter()
            .filter(|report| !report.is_summary())
            .collect(),
        placed => placed,
    };
    let first = shown.first()?;
    let mut text = String::new();
    for (index, report) in shown.iter().enumerate() {
        if shown[..index]
            .iter()
            .any(|before| before.title == report.title && before.line() == report.line())
        {
            continue;
        }
        text.push_str(&report.render());
        text.push_str("\n\n");
    }
    Some(CellError {
        name: first.code.clone().unwrap_or_else(|| "error".into()),
        message: first.title.clone(),
        traceback: text.trim_end().lines().map(str::to_owned).collect(),
        line: first.line(),
    })
}

/// A message of the compiler with its places in cells.
struct Report {
    title: String,
    code: Option<String>,
    spans: Vec<Span>,
    children: Vec<Child>,
}

struct Span {
    place: Place,
    label: Option<String>,
    primary: bool,
}

/// A note or a help.
struct Child {
    help: bool,
    text: String,
    spans: Vec<Span>,
    patches: Vec<(Place, String)>,
}

impl Report {
    fn read(message: &Value, context: &Context) -> Self {
        let mut report = Self {
            title: hide_generated(text(&message["message"])),
            code: message["code"]["code"].as_str().map(str::to_owned),
            spans: read_spans(message, context),
            children: list(&message["children"])
                .iter()
                .filter_map(|child| read_child(child, context))
                .collect(),
        };
        report.explain_display(message, context);
        report.explain_packing(message, context);
        report.explain_moved(context);
        report
    }

    fn is_placed(&self) -> bool {
        !self.spans.is_empty()
    }

    /// "aborting due to 2 previous errors".
    fn is_summary(&self) -> bool {
        self.title.starts_with("aborting due to")
    }

    fn line(&self) -> Option<u32> {
        self.spans
            .iter()
            .find(|span| span.primary)
            .or(self.spans.first())
            .map(|span| span.place.line())
    }

    /// A variable that an earlier cell used up: the compiler says it does not know the name.
    fn explain_moved(&mut self, context: &Context) {
        let Some((name, cell)) = self
            .spans
            .iter()
            .filter(|span| span.primary)
            .find_map(|span| {
                let name = &span.place.cell.text[span.place.range.clone()];
                context.moved.get_key_value(name)
            })
        else {
            return;
        };
        self.title = context.lang.pick(
            format!("the variable `{name}` was moved in cell [{cell}]"),
            format!("la variable `{name}` a été déplacée dans la cellule [{cell}]"),
        );
        self.code = Some("E0382".into());
        for span in self.spans.iter_mut().filter(|span| span.primary) {
            span.label = Some(
                context
                    .lang
                    .pick("used after it was moved", "utilisée après son déplacement")
                    .into(),
            );
        }
        self.children = vec![Child {
            help: true,
            text: context.lang.pick(
                format!(
                    "cell [{cell}] took the value over, so it is gone. Run the cell that makes `{name}` again, or give \
                     cell [{cell}] a copy: `{name}.clone()`, or a reference: `&{name}`."
                ),
                format!(
                    "la cellule [{cell}] a pris la valeur, qui n'est donc plus là. Exécutez de nouveau la cellule qui \
                     crée `{name}`, ou donnez à la cellule [{cell}] une copie : `{name}.clone()`, ou une référence : \
                     `&{name}`."
                ),
            ),
            spans: Vec::new(),
            patches: Vec::new(),
        }];
    }

    /// The call that shows the cell's value is the engine's: point at the value.
    fn explain_display(&mut self, message: &Value, context: &Context) {
        let shows = |span: &Value| {
            text(&list(&span["text"]).first().unwrap_or(&Value::Null)["text"])
                .contains("evcxr_display")
        };
        if !list(&message["spans"]).iter().any(shows) {
            return;
        }
        self.children.retain(|child| {
            !["redundant requirement", "for `&", "Show`", "::Display`"]
                .iter()
                .any(|own| child.text.contains(own))
        });
        self.spans.retain(|span| span.primary);
        if !self.spans.is_empty() {
            return;
        }
        let Some(place) = context.map.last_statement() else {
            return;
        };
        let label = context.lang.pick(
            "this value cannot be shown",
            "cette valeur ne peut pas être affichée",
        );
        self.spans.push(Span {
            place,
            label: Some(label.into()),
            primary: true,
        });
    }

    /// The line that keeps a variable for later cells is the engine's: say what it means.
    fn explain_packing(&mut self, message: &Value, context: &Context) {
        let Some(name) = list(&message["spans"]).iter().find_map(packed_variable) else {
            return;
        };
        if !matches!(
            self.code.as_deref(),
            Some("E0597" | "E0521" | "E0310" | "E0716" | "E0373" | "E0505")
        ) {
            return;
        }
        self.title = context.lang.pick(
            format!("the variable `{name}` borrows from a value of this notebook, so it cannot be kept for later cells"),
            format!("la variable `{name}` emprunte une valeur du notebook : elle ne peut pas être gardée pour les cellules suivantes"),
        );
        self.children.push(Child {
            help: true,
            text: context.lang.pick(
                "keep an owned value instead (`.clone()`, `.to_owned()`, `.to_vec()`, `.collect::<Vec<_>>()`), or put \
                 the code that needs the reference in braces `{ … }`"
                    .to_owned(),
                "gardez plutôt une valeur possédée (`.clone()`, `.to_owned()`, `.to_vec()`, `.collect::<Vec<_>>()`), \
                 ou entourez d'accolades `{ … }` le code qui a besoin de la référence"
                    .to_owned(),
            ),
            spans: Vec::new(),
            patches: Vec::new(),
        });
    }

    fn render(&self) -> String {
        let mut title = Level::ERROR.primary_title(self.title.as_str());
        if let Some(code) = &self.code {
            title = title.id(code.as_str());
        }
        let mut group = Group::with_title(title).elements(snippets(&self.spans));
        let mut patches = Vec::new();
        for child in &self.children {
            let level = if child.help { Level::HELP } else { Level::NOTE };
            if child.patches.is_empty() {
                group = group
                    .element(level.message(child.text.as_str()))
                    .elements(snippets(&child.spans));
            } else {
                patches.push(
                    Group::with_title(level.secondary_title(child.text.as_str()))
                        .elements(patched(&child.patches)),
                );
            }
        }
        let mut groups = vec![group];
        groups.extend(patches);
        Renderer::styled()
            .decor_style(DecorStyle::Ascii)
            .term_width(110)
            .render(&groups)
    }
}

/// The generated line `evcxr_variable_store.put_variable::<…>(stringify!(x), x);` names a variable.
fn packed_variable(span: &Value) -> Option<String> {
    let line = list(&span["text"]).first()?["text"].as_str()?;
    let (_, rest) = line.split_once("put_variable::<")?;
    let (_, rest) = rest.split_once("(stringify!(")?;
    Some(rest.split_once(')')?.0.to_owned())
}

fn read_child(child: &Value, context: &Context) -> Option<Child> {
    let message = text(&child["message"]);
    let help = child["level"] == "help";
    // What the engine put around the cell is none of the reader's business.
    if mentions_generated(message) {
        return None;
    }
    let spans = read_spans(child, context);
    let all = list(&child["spans"]);
    let patches: Vec<(Place, String)> = all
        .iter()
        .filter_map(|span| {
            let replacement = span["suggested_replacement"].as_str()?;
            Some((context.map.place(bytes(span))?, replacement.to_owned()))
        })
        .collect();
    let suggested = all
        .iter()
        .any(|span| span["suggested_replacement"].is_string());
    if suggested
        && (patches.len() < all.len() || patches.iter().any(|(_, text)| mentions_generated(text)))
    {
        // A suggestion that would change generated code.
        return None;
    }
    Some(Child {
        help,
        text: message.to_owned(),
        spans: if suggested { Vec::new() } else { spans },
        patches,
    })
}

fn mentions_generated(message: &str) -> bool {
    [
        "evcxr",
        "EvcxrUserCodeError",
        "catch_unwind",
        "__mlc",
        "mlcourse_cell::",
        "AssertUnwindSafe",
        "run_user_code",
    ]
    .iter()
    .any(|name| message.contains(name))
}

fn hide_generated(message: &str) -> String {
    if message.contains("evcxr_display") {
        // "the method `evcxr_display` exists for reference `&T`, but its trait bounds were not satisfied"
        return message
            .replace(
                "the method `evcxr_display` exists for reference `&",
                "there is no way to show a value of type `",
            )
            .replace(
                ", but its trait bounds were not satisfied",
                "; derive `Debug` for it",
            );
    }
    message.to_owned()
}

fn read_spans(message: &Value, context: &Context) -> Vec<Span> {
    list(&message["spans"])
        .iter()
        .filter_map(|span| {
            let outer = outermost(span);
            let place = context
                .map
                .place(bytes(outer))
                .or_else(|| context.map.place_of_import(bytes(outer)))?;
            let label = span["label"]
                .as_str()
                .filter(|label| !mentions_generated(label));
            Some(Span {
                place,
                label: label.map(str::to_owned),
                primary: span["is_primary"] == true,
            })
        })
        .collect()
}

/// The place in the cell where a macro is called, for a place inside the macro.
fn outermost(span: &Value) -> &Value {
    let mut span = span;
    while !text(&span["file_name"]).starts_with("cell-") && span["expansion"]["span"].is_object() {
        span = &span["expansion"]["span"];
    }
    span
}

fn bytes(span: &Value) -> Range<usize> {
    if !text(&span["file_name"]).starts_with("cell-") {
        return usize::MAX..usize::MAX;
    }
    let number = |name: &str| span[name].as_u64().unwrap_or_default() as usize;
    number("byte_start")..number("byte_end")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn text_of(message: &Value) -> &str {
    text(&message["message"])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The spans, a snippet a cell.
fn snippets(spans: &[Span]) -> Vec<Element<'_>> {
    by_cell(spans, |span| &span.place)
        .into_iter()
        .map(|spans| {
            let cell = &spans[0].place.cell;
            Snippet::source(cell.text.as_str())
                .path(format!("[{}]", cell.count))
                .annotations(spans.iter().map(|span| {
                    let kind = if span.primary {
                        AnnotationKind::Primary
                    } else {
                        AnnotationKind::Context
                    };
                    kind.span(span.place.range.clone())
                        .label(span.label.as_deref())
                }))
                .into()
        })
        .collect()
}

/// The suggestions, a snippet a cell.
fn patched(patches: &[(Place, String)]) -> Vec<Element<'_>> {
    by_cell(patches, |(place, _)| place)
        .into_iter()
        .map(|patches| {
            let cell = &patches[0].0.cell;
            Snippet::source(cell.text.as_str())
                .path(format!("[{}]", cell.count))
                .patches(
                    patches
                        .iter()
                        .map(|(place, text)| Patch::new(place.range.clone(), text.as_str())),
                )
                .into()
        })
        .collect()
}

fn by_cell<T>(all: &[T], place: impl Fn(&T) -> &Place) -> Vec<Vec<&T>> {
    let mut groups: Vec<Vec<&T>> = Vec::new();
    for item in all {
        match groups
            .iter_mut()
            .find(|group| std::sync::Arc::ptr_eq(&place(group[0]).cell, &place(item).cell))
        {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

/// What is wrong with a text that does not parse: as the compiler says it, else as the parser does.
pub(super) fn explain_syntax(
    cell: &crate::Cell,
    syntax: &CellSyntax,
    errors: &[SyntaxError],
    rustc: &std::path::Path,
) -> Option<CellError> {
    if let Some(verdict) = ask_compiler(cell, syntax, rustc) {
        return verdict;
    }
    let error = errors.first()?;
    let end = error
        .range
        .end
        .max(error.range.start + 1)
        .min(cell.code.len());
    let start = error.range.start.min(end);
    let title = Level::ERROR.primary_title(error.message.as_str());
    let snippet = Snippet::source(cell.code.as_str())
        .path(format!("[{}]", cell.count))
        .annotation(AnnotationKind::Primary.span(start..end));
    let rendered = Renderer::styled().render(&[title.element(snippet)]);
    Some(CellError {
        name: "syntax".into(),
        message: error.message.clone(),
        traceback: rendered.lines().map(str::to_owned).collect(),
        line: Some(1 + cell.code[..start].matches('\n').count() as u32),
    })
}

/// The compiler's opinion of the text alone; the outer `None` when it could not be asked, the inner when it minds
/// nothing.
fn ask_compiler(
    cell: &crate::Cell,
    syntax: &CellSyntax,
    rustc: &std::path::Path,
) -> Option<Option<CellError>> {
    use std::io::Write as _;
    let mut child = std::process::Command::new(rustc)
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--error-format=json",
            "--emit=metadata=/dev/null",
            "-Awarnings",
        ])
        .arg("-")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    let before = "fn cell() {\n";
    let text = format!("{before}{}\n}}\n", syntax.code);
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let mut notebook = super::source_map::Notebook::default();
    let whole = syntax.code_start..cell.code.len();
    notebook.add(cell.count, &cell.code, std::iter::once(whole));
    let messages: Vec<Value> = String::from_utf8_lossy(&output.stderr)
        .lines()
        // Its spans name standard input; the map knows cells by their builds.
        .map(|line| line.replace("\"file_name\":\"<anon>\"", "\"file_name\":\"cell-0\""))
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        // A text that does not parse is judged by that alone: names are unknown here.
        .filter(|message| {
            message["code"].is_null() && !text_of(message).starts_with("cannot find ")
        })
        .collect();
    let context = Context {
        map: notebook.map(&text),
        lang: Lang::En,
        moved: &HashMap::new(),
    };
    Some(explain(&messages, &context).map(|error| CellError {
        name: "syntax".into(),
        ..error
    }))
}
