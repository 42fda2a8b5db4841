//! Prose as HTML: CommonMark with tables, footnotes and LaTeX formulas.

use super::{clean::clean, escape, highlight};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::LazyLock;

/// Where the pictures of a text are.
#[derive(Clone, Copy, Default)]
pub(super) struct Pictures<'a> {
    /// Those in the cell.
    pub attachments: Option<&'a Map<String, Value>>,
    /// The notebook's folder.
    pub folder: Option<&'a Path>,
}

/// The text as HTML that is safe to put in a page.
pub(super) fn to_html(text: &str, pictures: Pictures<'_>) -> String {
    let text = text.replace([OPEN, CLOSE], "");
    let mut trusted = Trusted::default();
    let events = rewrite(parse(&text).collect(), pictures, &mut trusted);
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    trusted.put_back(&clean(&html))
}

/// The text of the first heading.
pub(super) fn first_heading(text: &str) -> Option<String> {
    let events: Vec<_> = parse(text).collect();
    let start = events
        .iter()
        .position(|event| matches!(event, Event::Start(Tag::Heading { .. })))?;
    Some(plain_text(&events[start..])).filter(|title| !title.is_empty())
}

fn parse(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    Parser::new_ext(text, options)
}

/// Formulas and coloured code are our own markup: the cleaner sees a mark in their place.
#[derive(Default)]
struct Trusted(Vec<String>);

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

impl Trusted {
    fn mark(&mut self, html: String) -> CowStr<'static> {
        self.0.push(html);
        format!("{OPEN}{}{CLOSE}", self.0.len() - 1).into()
    }

    fn put_back(&self, html: &str) -> String {
        let mut parts = html.split(OPEN);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, after) = part.split_once(CLOSE).unwrap_or(("", part));
            let html = number
                .parse()
                .ok()
                .and_then(|number: usize| self.0.get(number));
            whole.push_str(html.map_or("", String::as_str));
            whole.push_str(after);
        }
        whole
    }
}

fn rewrite<'a>(
    events: Vec<Event<'a>>,
    pictures: Pictures<'_>,
    trusted: &mut Trusted,
) -> Vec<Event<'a>> {
    let mut rewritten = Vec::with_capacity(events.len());
    let mut at = 0;
    while at < events.len() {
        let event = match &events[at] {
            Event::InlineMath(latex) => {
                Event::Text(trusted.mark(formula(latex, MathDisplay::Inline)))
            }
            Event::DisplayMath(latex) => {
                Event::Text(trusted.mark(formula(latex, MathDisplay::Block)))
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let (code, length) = code_block(&events[at + 1..]);
                at += length;
                Event::Html(trusted.mark(code_html(&code, kind)))
            }
            // Jupyter's anchors, so that links inside a notebook still lead somewhere.
            Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
                level: *level,
                id: Some(plain_text(&events[at..]).replace(' ', "-").into()),
                classes: Vec::new(),
                attrs: Vec::new(),
            }),
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }) => Event::Start(Tag::Image {
                link_type: *link_type,
                dest_url: picture(dest_url, pictures).map_or_else(|| dest_url.clone(), Into::into),
                title: title.clone(),
                id: id.clone(),
            }),
            other => other.clone(),
        };
        rewritten.push(event);
        at += 1;
    }
    rewritten
}

/// The text of the heading that begins the events.
fn plain_text(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let text = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => Some(text.as_ref()),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    });
    text.collect::<String>().trim().to_owned()
}

/// The code of a block, and how many events it takes with its end.
fn code_block(events: &[Event<'_>]) -> (String, usize) {
    let length = events
        .iter()
        .position(|event| matches!(event, Event::End(TagEnd::CodeBlock)));
    let length = length.unwrap_or(events.len());
    let text = events[..length].iter().filter_map(|event| match event {
        Event::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    (text.collect(), (length + 1).min(events.len()))
}

fn code_html(code: &str, kind: &CodeBlockKind<'_>) -> String {
    let language = match kind {
        CodeBlockKind::Fenced(info) => info.split([',', ' ']).next().unwrap_or_default(),
        CodeBlockKind::Indented => "",
    };
    let html = if matches!(language, "rust" | "rs") {
        highlight::rust(code)
    } else {
        escape(code)
    };
    format!("<pre><code>{html}</code></pre>\n")
}

/// LaTeX as MathML, or as its own text when it is not understood.
pub(super) fn formula(latex: &str, display: MathDisplay) -> String {
    static CONVERTER: LazyLock<Option<LatexToMathML>> = LazyLock::new(|| {
        LatexToMathML::new(MathCoreConfig {
            annotation: false,
            allow_unreliable_rendering: true,
            ..Default::default()
        })
        .ok()
    });
    let converted = CONVERTER
        .as_ref()
        .and_then(|it| it.convert_with_local_state(latex.trim(), display).ok());
    converted.map_or_else(
        || format!("<code class=\"latex\">{}</code>", escape(latex.trim())),
        |result| result.mathml,
    )
}

/// A picture as an address that holds it whole.
fn picture(address: &str, pictures: Pictures<'_>) -> Option<String> {
    if let Some(name) = address.strip_prefix("attachment:") {
        let formats = pictures.attachments?.get(name)?.as_object()?;
        let (mime, data) = formats
            .iter()
            .find(|(mime, _)| mime.starts_with("image/"))?;
        let data: String = data.as_str()?.split_whitespace().collect();
        return Some(format!("data:{mime};base64,{data}"));
    }
    local_picture(address, pictures.folder?)
}

/// Reads a picture below the notebook's folder, and nothing else: the page may be read by others than its maker.
fn local_picture(address: &str, folder: &Path) -> Option<String> {
    const LARGEST: u64 = 20 << 20;
    let mime = match Path::new(address)
        .extension()?
        .to_str()?
        .to_ascii_lowercase()
        .as_str()
    {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let folder = folder.canonicalize().ok()?;
    let path = folder
        .join(address.replace("%20", " "))
        .canonicalize()
        .ok()?;
    let is_fine = path.starts_with(&folder) && path.metadata().ok()?.len() <= LARGEST;
    let bytes = std::fs::read(is_fine.then_some(path)?).ok()?;
    Some(format!("data:{mime};base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        to_html(text, Pictures::default())
    }

    #[test]
    fn formulas_become_mathml_and_what_is_not_understood_stays_readable() {
        assert!(
            html("so $a < b$.").contains("<math"),
            "{}",
            html("so $a < b$.")
        );
        assert!(html("$$\\frac{1}{n}\\sum_i x_i$$").contains("<mfrac>"));
        assert!(
            html("$\\unknowncommand{<b>}$")
                .contains("<code class=\"latex\">\\unknowncommand{&lt;b&gt;}</code>")
        );
    }

    #[test]
    fn the_courses_formulas_are_all_understood() {
        for latex in [
            r"J(\theta) = \frac{1}{2m} \sum_{i=1}^{m} \left(h_\theta(x^{(i)}) - y^{(i)}\right)^2",
            r"\hat{\beta} = (X^\top X)^{-1} X^\top y",
            r"\mathrm{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j} e^{z_j}}",
            r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}",
            r"f(x) = \begin{cases} x & \text{si } x > 0 \\ 0 & \text{sinon} \end{cases}",
            r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
            r"\arg\min_{w} \mathbb{E}_{x \sim p}\left[\|x - \mu\|_2^2\right] \in \mathbb{R}^{n \times d}",
            r"P(A \mid B) = \dfrac{P(B \mid A)\,P(A)}{P(B)}",
            r"\operatorname{Attention}(Q,K,V) = \operatorname{softmax}\!\left(\frac{QK^{T}}{\sqrt{d_k}}\right)V",
            r"\nabla_\theta \mathcal{L}, \quad \partial f/\partial x, \ \lambda \|w\|_1 \odot \sigma'(z) \boldsymbol{x}",
        ] {
            assert!(
                formula(latex, MathDisplay::Block).starts_with("<math"),
                "{latex}"
            );
        }
    }

    #[test]
    fn html_in_prose_is_cleaned_as_a_whole() {
        assert_eq!(
            html("<b>x <i>y</b></i>\n\n<script>1</script>"),
            "<p><b>x <i>y</i></b></p>\n"
        );
    }

    #[test]
    fn a_text_cannot_forge_the_mark_of_trusted_markup() {
        assert_eq!(html("$x$ \u{e000}0\u{e001}").matches("<math").count(), 1);
    }

    #[test]
    fn tables_and_footnotes_are_understood() {
        assert!(html("|a|b|\n|-|-:|\n|1|2|").contains("<td style=\"text-align:right\">2</td>"));
        assert!(html("x[^1]\n\n[^1]: note").contains("note"));
    }

    #[test]
    fn the_first_heading_is_the_title() {
        assert_eq!(
            first_heading("text\n\n## A `b` *c*\n\n# D"),
            Some("A b c".into())
        );
        assert_eq!(first_heading("text"), None);
        assert!(html("# Two words").contains("id=\"Two-words\""));
    }

    #[test]
    fn pictures_come_from_the_cell_or_from_below_the_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("secret.png"), "abc").unwrap();
        std::fs::write(folder.path().join("in/a.png"), "abc").unwrap();
        let attachments = serde_json::from_str(r#"{"b.png": {"image/png": "QQ==\n"}}"#).unwrap();
        let inside = folder.path().join("in");
        let pictures = Pictures {
            attachments: Some(&attachments),
            folder: Some(&inside),
        };
        let show = |address: &str| to_html(&format!("![t]({address})"), pictures);
        assert!(show("a.png").contains("data:image/png;base64,YWJj"));
        assert!(show("attachment:b.png").contains("data:image/png;base64,QQ=="));
        for refused in [
            "../secret.png",
            "/etc/passwd",
            "http://x/y.png",
            "attachment:c.png",
        ] {
            assert!(!show(refused).contains("src"), "{refused}");
        }
    }
}
