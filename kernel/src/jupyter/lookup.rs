//! Completion, inspection and completeness: questions about text, answered while cells run.

use super::backend::Backend;
use super::log;
use super::output::data_of;
use super::text::{byte_offset, point_offset};
use crate::{Completeness, Completions, MimeBundle};
use serde::Deserialize;
use serde_json::{Value, json};

/// A place in a cell's text; `complete_request` and `inspect_request` are both this.
#[derive(Deserialize)]
pub(super) struct Place {
    code: String,
    /// In code points.
    cursor_pos: Option<usize>,
}

impl Place {
    fn cursor(&self) -> usize {
        self.cursor_pos
            .map_or(self.code.len(), |points| byte_offset(&self.code, points))
    }
}

#[derive(Deserialize)]
pub(super) struct Text {
    code: String,
}

/// The content of a `complete_reply`. An engine that fails has no candidates: an error here would pop up at each key.
pub(super) fn complete(place: &Place, backend: &dyn Backend) -> Value {
    let cursor = place.cursor();
    let found = backend
        .complete(&place.code, cursor)
        .unwrap_or_else(|error| {
            log(format_args!("completion failed: {error}"));
            Completions {
                items: Vec::new(),
                start: cursor,
                end: cursor,
            }
        });
    let (start, end) = (
        point_offset(&place.code, found.start),
        point_offset(&place.code, found.end),
    );
    let types: Vec<Value> = found
        .items
        .iter()
        .map(
            |item| json!({ "text": item.text, "type": item.kind, "signature": item.label, "start": start, "end": end }),
        )
        .collect();
    let matches: Vec<&str> = found.items.iter().map(|item| item.text.as_str()).collect();
    json!({
        "status": "ok", "matches": matches, "cursor_start": start, "cursor_end": end,
        "metadata": { "_jupyter_types_experimental": types },
    })
}

/// The content of an `inspect_reply`.
pub(super) fn inspect(place: &Place, backend: &dyn Backend) -> Value {
    let found = backend
        .inspect(&place.code, place.cursor())
        .unwrap_or_else(|error| {
            log(format_args!("inspection failed: {error}"));
            None
        });
    let data = found.as_ref().map(|found| {
        MimeBundle::text(found.plain.as_str()).with("text/markdown", found.markdown.as_str())
    });
    json!({
        "status": "ok", "found": data.is_some(), "data": data_of(&data.unwrap_or_default()), "metadata": {},
    })
}

/// The content of an `is_complete_reply`.
pub(super) fn is_complete(text: &Text, backend: &dyn Backend) -> Value {
    match backend.completeness(&text.code) {
        Completeness::Complete => json!({ "status": "complete" }),
        Completeness::Incomplete(indent) => json!({ "status": "incomplete", "indent": indent }),
        Completeness::Invalid => json!({ "status": "invalid" }),
    }
}
