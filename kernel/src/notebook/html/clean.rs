//! Markup of others (HTML outputs, HTML in prose), made harmless.

use ammonia::Builder;
use std::borrow::Cow;
use std::sync::LazyLock;

/// HTML without scripts, frames, forms, style sheets, unclosed tags and pictures from elsewhere. Tables, links, pictures
/// in the page itself and drawings stay, with their colours and sizes.
pub(super) fn clean(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);
    CLEANER.clean(html).to_string()
}

fn cleaner() -> Builder<'static> {
    let mut cleaner = Builder::default();
    cleaner
        .add_tags([
            "caption",
            "details",
            "figcaption",
            "figure",
            "mark",
            "meter",
            "progress",
            "section",
            "summary",
        ])
        .add_tags(SVG_TAGS)
        .add_generic_attributes(["class", "id", "style", "role", "aria-label"])
        .add_generic_attributes(SVG_ATTRIBUTES)
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("meter", ["value", "min", "max"])
        .add_tag_attributes("progress", ["value", "max"])
        .add_url_schemes(["data"])
        .filter_style_properties(STYLE_PROPERTIES.iter().copied().collect())
        .attribute_filter(filter_attribute);
    cleaner
}

/// Pictures are in the page or nowhere; nothing else may be a `data:` address.
fn filter_attribute<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let scheme = value.trim_start().get(..5).unwrap_or_default();
    let is_data = scheme.eq_ignore_ascii_case("data:");
    let is_fine = match (element, attribute) {
        ("img", "src") => is_data && value.trim_start()[5..].starts_with("image/"),
        // A reference to another file inside a drawing, `fill="url(http://…)"`.
        (_, "fill" | "stroke" | "style") => !value.contains("url("),
        _ => !is_data,
    };
    is_fine.then_some(Cow::Borrowed(value))
}

const SVG_TAGS: &[&str] = &[
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
    "tspan", "title", "desc",
];

const SVG_ATTRIBUTES: &[&str] = &[
    "viewBox",
    "preserveAspectRatio",
    "width",
    "height",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "dx",
    "dy",
    "points",
    "transform",
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "opacity",
    "font-size",
    "font-family",
    "font-weight",
    "text-anchor",
    "dominant-baseline",
];

/// Properties that change how a thing looks but cannot move it out of its place.
const STYLE_PROPERTIES: &[&str] = &[
    "color",
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-top",
    "display",
    "fill",
    "flex",
    "flex-wrap",
    "font-family",
    "font-size",
    "font-style",
    "font-variant-numeric",
    "font-weight",
    "gap",
    "grid-template-columns",
    "height",
    "line-height",
    "margin",
    "max-height",
    "max-width",
    "min-width",
    "opacity",
    "overflow",
    "overflow-x",
    "padding",
    "padding-left",
    "padding-right",
    "stroke",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
    "width",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_or_reach_out_is_removed() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<img src='http://tracker/x.png'>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a href='data:text/html,<script>1</script>'>x</a>",
            "<iframe src='http://x'></iframe>",
            "<svg><script>alert(1)</script><use href='http://x#a'/></svg>",
            "<svg><rect fill='url(http://x)'/></svg>",
            "<div style='position:fixed;background:url(http://x)'>x</div>",
            "<meta http-equiv=refresh content='0;url=http://x'><base href='http://x'>",
            "<form action='http://x'><input></form><style>*{display:none}</style>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        ] {
            let cleaned = clean(hostile);
            for bad in [
                "alert",
                "http:",
                "javascript",
                "data:text",
                "<iframe",
                "fixed",
                "<form",
                "<style",
                "onerror",
            ] {
                assert!(!cleaned.contains(bad), "{hostile} became {cleaned}");
            }
        }
    }

    #[test]
    fn an_open_tag_does_not_swallow_the_rest_of_the_page() {
        assert_eq!(clean("<div><b>x"), "<div><b>x</b></div>");
        assert_eq!(clean("</div></main>x"), "x");
    }

    #[test]
    fn tables_drawings_and_pictures_in_the_page_stay() {
        for kept in [
            "<table><caption>t</caption><tbody><tr><td style=\"text-align:right\" colspan=\"2\">1</td></tr></tbody></table>",
            "<svg viewBox=\"0 0 4 4\" width=\"4\"><circle cx=\"2\" cy=\"2\" r=\"1\" fill=\"red\"></circle></svg>",
            "<img src=\"data:image/png;base64,QUJD\" alt=\"x\">",
            "<details open=\"\"><summary>s</summary>x</details>",
        ] {
            assert_eq!(clean(kept), kept);
        }
    }
}
