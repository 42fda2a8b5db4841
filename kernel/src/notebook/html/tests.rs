use super::super::{Code, Output};
use super::*;
use serde_json::json;

fn cell(kind: Kind, source: &str) -> Cell {
    Cell {
        id: "a".into(),
        kind,
        source: source.into(),
        metadata: Default::default(),
        attachments: None,
    }
}

fn page_of(cells: Vec<Cell>) -> String {
    let notebook = Notebook {
        cells,
        ..Default::default()
    };
    page(
        &notebook,
        &PageOptions {
            name: "<file>",
            ..Default::default()
        },
    )
}

fn shown(data: Value) -> String {
    let Value::Object(data) = data else {
        panic!("an object")
    };
    let output = Output::Display {
        data,
        metadata: Default::default(),
        id: None,
    };
    let code = Code {
        count: Some(1),
        outputs: vec![output],
    };
    page_of(vec![cell(Kind::Code(code), "x")])
}

#[test]
fn everything_in_text_is_escaped() {
    assert_eq!(
        escape("<a href='x'>\"&\0"),
        "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}"
    );
}

#[test]
fn the_title_is_the_first_heading_or_the_files_name() {
    let page = page_of(vec![
        cell(Kind::Markdown, "intro"),
        cell(Kind::Markdown, "# K-means & co"),
    ]);
    assert!(page.contains("<title>K-means &amp; co</title>"));
    assert!(page_of(vec![]).contains("<title>&lt;file&gt;</title>"));
}

#[test]
fn the_page_has_its_language_and_forbids_scripts() {
    let page = page(
        &Notebook::default(),
        &PageOptions {
            lang: Lang::Fr,
            ..Default::default()
        },
    );
    assert!(page.contains("<html lang=\"fr\">") && page.contains("default-src 'none'"));
    let mut english = Notebook::default();
    english
        .metadata
        .insert("lang".into(), json!("en\" onload=\"x"));
    assert!(super::page(&english, &PageOptions::default()).contains("lang=\"en&quot; onload"));
}

#[test]
fn the_richest_safe_format_is_shown() {
    let html = shown(
        json!({"text/html": "<table><tr><td>1</table><script>x</script>", "text/plain": "1"}),
    );
    assert!(html.contains("<td>1</td>") && !html.contains("<script"));
    let svg = shown(json!({"image/svg+xml": "<svg onload='x'/>", "text/plain": "a \"plot\""}));
    assert!(
        svg.contains("<img src=\"data:image/svg+xml;base64,")
            && svg.contains("alt=\"a &quot;plot&quot;\"")
    );
    let png = shown(json!({"image/png": "QUJD\n"}));
    assert!(png.contains("data:image/png;base64,QUJD\""));
    let forged = shown(json!({"image/png": "\"><script>", "text/plain": "p"}));
    assert!(forged.contains("<pre>p</pre>") && !forged.contains("<script"));
    assert!(shown(json!({"application/json": {"a": "<"}})).contains("&quot;&lt;&quot;"));
    assert!(!shown(json!({"application/vnd.unknown": "x"})).contains("class=\"out"));
}

#[test]
fn code_and_errors_show_with_their_numbers_and_colours() {
    let error = Output::Error {
        name: "E".into(),
        message: "m".into(),
        traceback: vec!["\u{1b}[31mbad\u{1b}[0m <".into()],
    };
    let code = Code {
        count: Some(7),
        outputs: vec![error],
    };
    let page = page_of(vec![cell(Kind::Code(code), "let x = 1;\n")]);
    assert!(page.contains("In&nbsp;[7]") && page.contains("<span class=\"k\">let</span>"));
    assert!(
        page.contains("class=\"out error\"")
            && page.contains("<span class=\"fg1\">bad</span> &lt;")
    );
}
