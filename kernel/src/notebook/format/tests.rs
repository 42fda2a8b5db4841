use super::*;
use crate::Lang;

fn notebook(metadata: &str, cells: &str) -> Result<Notebook, Invalid> {
    Notebook::parse(&format!(
        r#"{{"nbformat": 4, "nbformat_minor": 4, "metadata": {metadata}, "cells": [{cells}]}}"#
    ))
}

#[test]
fn text_that_is_not_json_is_named_with_its_line() {
    let error = Notebook::parse("{\n oops").unwrap_err();
    assert!(error.text(Lang::En).contains("line 2"), "{error}");
    assert!(error.text(Lang::Fr).contains("carnet"));
}

#[test]
fn the_old_format_is_refused_with_the_command_that_converts_it() {
    let error = Notebook::parse(r#"{"nbformat": 3, "worksheets": []}"#).unwrap_err();
    assert!(matches!(error, Invalid::Version { found: 3 }));
    assert!(error.to_string().contains("nbconvert"));
}

#[test]
fn json_that_is_no_notebook_is_refused() {
    for text in [
        "[]",
        "{}",
        r#"{"nbformat": 4}"#,
        r#"{"nbformat": 4, "cells": 3}"#,
    ] {
        assert!(
            matches!(Notebook::parse(text), Err(Invalid::NotANotebook { .. })),
            "{text}"
        );
    }
    for cell in [
        r#"{"cell_type": "poem", "source": ""}"#,
        r#"{"cell_type": "code"}"#,
        "7",
    ] {
        let error = notebook("{}", cell).unwrap_err();
        assert!(error.to_string().contains("cell 1"), "{error}");
    }
}

#[test]
fn another_language_is_refused_and_no_language_is_taken_for_rust() {
    let python = notebook(
        r#"{"kernelspec": {"name": "python3", "language": "python"}}"#,
        "",
    )
    .unwrap();
    assert!(
        python
            .require_rust()
            .unwrap_err()
            .to_string()
            .contains("python")
    );
    let only_a_name = notebook(r#"{"kernelspec": {"name": "ir"}}"#, "").unwrap();
    assert!(only_a_name.require_rust().is_err());
    for metadata in [
        "{}",
        r#"{"kernelspec": {"name": "mlcourse"}}"#,
        r#"{"language_info": {"name": "Rust"}}"#,
    ] {
        assert!(
            notebook(metadata, "").unwrap().require_rust().is_ok(),
            "{metadata}"
        );
    }
}

#[test]
fn cells_without_a_name_or_with_another_ones_get_one_of_their_own() {
    let markdown =
        |id: &str| format!(r#"{{"cell_type": "markdown", "metadata": {{}}, "source": ""{id}}}"#);
    let cells = [
        markdown(""),
        markdown(r#", "id": "a""#),
        markdown(r#", "id": "a""#),
        markdown(r#", "id": "cell-1""#),
    ];
    let notebook = notebook("{}", &cells.join(",")).unwrap();
    let names: Vec<_> = notebook.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(names, ["cell-1x", "a", "cell-3", "cell-1"]);
}

#[test]
fn what_is_not_understood_is_kept() {
    let cell = r#"{"cell_type": "code", "id": "a", "metadata": {"mine": {"b": [1, 2.5]}}, "execution_count": 3,
        "source": ["let x = 1;\n", "x"], "outputs": [
        {"output_type": "display_data", "metadata": {"image/png": {"width": 2}},
         "data": {"application/vnd.x+json": {"z": ["a\n", "b"]}, "text/html": ["<b>\n", "</b>"]}},
        {"output_type": "stream", "name": "stdout", "text": "a\nb"},
        {"output_type": "execute_result", "execution_count": 3, "data": {"text/plain": "1"}, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]}]}"#;
    let read = notebook(r#"{"authors": [{"name": "Zoé"}]}"#, cell).unwrap();
    let again = Notebook::parse(&read.to_json()).unwrap();
    assert_eq!(again, read);
    let Kind::Code(code) = &read.cells[0].kind else {
        panic!("code")
    };
    let Output::Display { data, .. } = &code.outputs[0] else {
        panic!("a display")
    };
    assert_eq!(
        data["application/vnd.x+json"]["z"],
        json!(["a\n", "b"]),
        "JSON is not text to join"
    );
    assert_eq!(data["text/html"], json!("<b>\n</b>"));
}

#[test]
fn the_text_is_laid_out_as_jupyter_lays_it_out() {
    let read = notebook(
        "{}",
        r#"{"cell_type": "raw", "metadata": {}, "source": "é\nb"}"#,
    )
    .unwrap();
    let expected = "{\n \"cells\": [\n  {\n   \"cell_type\": \"raw\",\n   \"id\": \"cell-1\",\n   \"metadata\": {},\n   \
                    \"source\": [\n    \"é\\n\",\n    \"b\"\n   ]\n  }\n ],\n \"metadata\": {},\n \"nbformat\": 4,\n \
                    \"nbformat_minor\": 5\n}\n";
    assert_eq!(read.to_json(), expected);
}
